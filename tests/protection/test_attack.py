"""Whole studies published and attacked from their files by a program of its own.

Nothing that is withheld and small may be known to within less than the
interval that the policy asks for, whatever a reader adds and subtracts.
"""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation.protection import rounds as gate
from evaluation.protection.audit import Audited
from evaluation.protection.audit_cells import Reading
from tests.protection.drawn import (
    ANSWERS,
    CHOICES,
    FOLLOW,
    UNITS,
    Respondent,
    World,
    draw,
    release,
    run,
)
from tests.protection.reader import (
    MISSING,
    Attack,
    Found,
    Kinds,
    Questionnaire,
    read_rows,
    strongest,
)

KINDS = Kinds(
    Questionnaire(
        single={"unit": tuple(UNITS), "gender": ("w", "m"), "q": ANSWERS, "f": FOLLOW},
        multiple={"m": CHOICES},
        exclusive=("none",),
        groups={
            "assoc": ("unit", {u: a for u, (a, _) in UNITS.items()}),
            "county": ("unit", {u: c for u, (_, c) in UNITS.items()}),
        },
        asked={"f": ("q", "1")},
        may_lack=("gender", "q", "f", "m"),
    )
)
WIDTH, LIMIT = 5, 5
QUICK: dict[str, Any] = {"time_limit": 2}


def true_counts(people: list[Respondent]) -> np.ndarray:
    counts = np.zeros(KINDS.n, dtype=np.int64)
    for person in people:
        counts[KINDS.of(person)] += 1
    return counts


def narrow(rows: list[dict[str, str]], people: list[Respondent], width: int = WIDTH) -> list[Found]:
    """Small counts that are withheld and yet known too closely."""
    attack = strongest(KINDS, rows, n=len(people))
    found = attack.attack(true_counts(people), enough=width)
    return [one for one in found if 0 < one.truth < LIMIT and one.width < width]


def small_shown(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [r for r in rows if r["row_code"] not in MISSING and r["n"] and 0 < int(r["n"]) < LIMIT]


@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(
    seed=st.integers(0, 10_000),
    n=st.sampled_from([12, 20, 40, 80]),
    missing=st.sampled_from([0.0, 0.08]),
)
def test_nothing_small_can_be_derived(seed, n, missing):
    people = draw(seed, n, missing=missing)
    with tempfile.TemporaryDirectory() as folder:
        rows = read_rows(release(Path(folder), people, World(policy=QUICK)))
    assert not small_shown(rows)
    assert not narrow(rows, people)


def test_the_attack_finds_what_hiding_small_counts_alone_gives_away(tmp_path, monkeypatch):
    from evaluation.protection.methods import suppress as method

    real = method.search

    def forced_only(task):
        from dataclasses import replace

        return replace(real(task), hidden=task.forced)

    monkeypatch.setattr(method, "search", forced_only)
    monkeypatch.setattr(gate, "audit_gate", lambda *_: Audited([], [], Reading()))
    people = draw(3, 60)
    rows = read_rows(release(tmp_path, people, World(policy=QUICK)))
    assert not small_shown(rows)
    assert any(one.low == one.high for one in narrow(rows, people))


def test_a_second_release_with_one_respondent_more_gives_nobody_away(tmp_path):
    people = draw(8, 50)
    first = read_rows(release(tmp_path / "a", people[:-1], World(policy=QUICK)))
    policy = {**QUICK, "previous": ["../../a/out"]}
    second = read_rows(release(tmp_path / "b", people, World(policy=policy)))
    assert not narrow(second, people)
    before = {place(r): r["n"] for r in first}
    last = KINDS.kinds[KINDS.of(people[-1])]
    told = [
        r
        for r in second
        if r["n"]
        and before.get(place(r))
        and int(r["n"]) - int(before[place(r)]) == 1
        and r["row_var"] == "q"
        and r["row_code"] == last["q"]
        and r["col_var"] == "unit"
        and r["col_code"] == last["unit"]
    ]
    assert not told  # who came last, from where, and what she answered


def place(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row[k] for k in ("table", "row_var", "row_code", "col_var", "col_code", "where"))


def test_units_reports_and_the_main_report_are_attacked_together(tmp_path):
    people = draw(4, 120)
    world = World(tables=('{{ table("s.q", by="gender") }}',), policy=QUICK)
    out = release(tmp_path, people, world)
    run("report", tmp_path / "study", "--each-unit", "--out", out, "--quiet")
    rows = read_rows(out)
    assert {r["table"] for r in rows} >= {"s.q*unit", "s.m*unit", "s.q*gender"}
    assert not small_shown(rows)
    assert not narrow(rows, people)


def test_the_audit_refuses_a_cell_put_back_and_a_changed_total(tmp_path):
    people = draw(3, 60)
    world = World(policy=QUICK)
    out = release(tmp_path / "a", people, world)
    assert run("audit-release", out)
    raw = release(tmp_path / "b", people, world, "--raw")
    truth = {place(r): r for r in read_rows(raw)}
    rows = read_rows(out)
    hidden = next(
        i
        for i, r in enumerate(rows)
        if not r["n"] and r["row_var"] == "q" and 0 < int(truth[place(r)]["n"]) < LIMIT
    )
    put_back = [dict(r) for r in rows]
    put_back[hidden] = truth[place(rows[hidden])]
    assert refused(out, put_back)
    total = next(
        i
        for i, r in enumerate(rows)
        if r["n"]
        and r["row_code"] == "total"
        and r["table"] == "s.q*gender"
        and r["col_code"] == "total"
    )
    changed = [dict(r) for r in rows]
    changed[total]["n"] = str(int(changed[total]["n"]) + 3)
    assert refused(out, changed)
    assert not refused(out, rows)


def refused(out: Path, rows: list[dict[str, str]]) -> bool:
    from click.testing import CliRunner

    from evaluation.cli import main

    stream = io.StringIO()
    writer = csv.DictWriter(stream, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (out / "tables.csv").write_text(stream.getvalue(), encoding="utf-8")
    return CliRunner().invoke(main, ["audit-release", str(out)]).exit_code == 1


@pytest.mark.parametrize("method", ["round", "cell_key"])
def test_changed_counts_are_never_small_and_alike_in_every_table(tmp_path, method):
    people = draw(2, 60)
    rows = read_rows(release(tmp_path, people, World(policy={"method": method})))
    assert not [r for r in small_shown(rows) if int(r["n"]) not in (0,)]
    by_event: dict[bytes, set[str]] = {}
    attack = Attack(KINDS, [])
    for row in rows:
        if row["row_code"] not in MISSING:
            by_event.setdefault(attack.vector(row).tobytes(), set()).add(row["n"])
    assert all(len(found) == 1 for found in by_event.values())
