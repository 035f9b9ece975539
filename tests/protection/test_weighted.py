"""Weights that a reader knows: weighted sums are equations too.

The weight goes by unit, as after weighting to the units' known sizes. The
attacker knows each unit's weight and uses the weighted counts and percents of
``tables.csv``.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pytest

from evaluation.protection import emit
from tests.protection.drawn import Respondent, World, run, write_study
from tests.protection.reader import Attack, Found, read_rows
from tests.protection.test_attack import KINDS, LIMIT, QUICK, WIDTH, small_shown, true_counts

if TYPE_CHECKING:
    from pathlib import Path

WEIGHTS = {"u1": 1.0, "u2": 3.25, "u3": 7.5, "u4": 18.5}
CROSSED = ('{{ table("s.q", by="unit") }}',)


def people() -> list[Respondent]:
    """Few of two units answered 1 and 2, so that cells of theirs hide each other."""
    counts = {"u1": (3, 9, 14), "u2": (11, 3, 9), "u3": (14, 12, 21), "u4": (17, 16, 11)}
    return [
        {"unit": unit, "gender": "w", "q": q, "f": "f1" if q == "1" else "", "m": "m1"}
        for unit, found in counts.items()
        for q, n in zip("123", found, strict=True)
        for _ in range(n)
    ]


def weighted_release(folder: Path) -> list[dict[str, str]]:
    study = write_study(folder / "study", people(), World(tables=CROSSED, policy=QUICK))
    with (study / "data" / "s.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (study / "data" / "s.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], "w"], lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "w": WEIGHTS[row["unit"]]} for row in rows)
    said = (study / "study.yaml").read_text(encoding="utf-8")
    said = said.replace("unit: unit,", "unit: unit, design: {weight: w},")
    (study / "study.yaml").write_text(said, encoding="utf-8")
    with (study / "s.yaml").open("a", encoding="utf-8") as file:
        file.write("  - {id: w, text: Vikt, type: number, role: weight}\n")
    run("report", study, "--to", "csv", "--out", folder / "out", "--quiet")
    return read_rows(folder / "out")


def narrow(rows: list[dict[str, str]]) -> list[Found]:
    attack = Attack(KINDS, rows, n=len(people()))
    weights = np.array([WEIGHTS[str(kind["unit"])] for kind in KINDS.kinds])
    attack.read_weighted(rows, weights)
    assert attack.is_possible()
    found = attack.attack(true_counts(people()), enough=WIDTH)
    assert any(0 < one.truth < LIMIT for one in found)
    return [one for one in found if 0 < one.truth < LIMIT and one.width < WIDTH]


def test_weighted_sums_do_not_tell_hidden_counts_apart(tmp_path):
    rows = weighted_release(tmp_path)
    assert not small_shown(rows)
    assert any(row["weight"] and row["wn"] for row in rows)
    assert not narrow(rows)


def test_they_would_have(tmp_path, monkeypatch):
    monkeypatch.setattr(emit, "sums_over_hidden", lambda *_: frozenset())
    assert narrow(weighted_release(tmp_path))


@pytest.mark.parametrize("weights", [{"u1": 2.0, "u2": 2.0, "u3": 2.0, "u4": 2.0}])
def test_one_weight_for_all_withholds_no_sum(tmp_path, monkeypatch, weights):
    monkeypatch.setitem(globals(), "WEIGHTS", weights)
    rows = weighted_release(tmp_path)
    assert not [row for row in rows if row["weight"] and row["n"] and not row["wn"]]
