"""Limits and effective bases of weighted percents: sums of squared weights are equations too.

The attacker reads ``tables.csv`` and ``tables.json``, knows every weight and who is in each
base, tries every way to compose a count, and keeps those that give the printed figures.
"""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.stats import t

from evaluation.protection import emit
from tests.protection.weighted_world import (
    AGES,
    GENDERS,
    LIMIT,
    MISSING,
    UNITS,
    Person,
    Weighted,
    base_row,
    counted,
    draw,
    poststratified,
    publish,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

CELLS = list(itertools.product(GENDERS, AGES))
MOST = 14
"""Persons in a count, up to which everything is tried."""
TABLE = '{{ table("s.q", by="unit", ci="logit") }}'


def world(n: int) -> Weighted:
    return Weighted(poststratified("gender", "age"), (TABLE,), n=n)


def compositions(n: int, most: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return every way to take n persons of some classes."""
    found = np.zeros((1, 0), dtype=np.int64)
    for size in most:
        taken = np.arange(size + 1)
        found = np.column_stack([np.repeat(found, len(taken), axis=0), np.tile(taken, len(found))])
        found = found[found.sum(axis=1) <= n]
    return found[found.sum(axis=1) == n]


def limits(
    sums: tuple[Any, Any], whole: tuple[float, float], n: int, n_base: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the limits, in percent, of a share with these sums of weights and of their squares."""
    p = np.clip(np.asarray(sums[0] / whole[0], dtype=float), 1e-9, 1 - 1e-9)
    variance = (sums[1] * (1 - p) ** 2 + (whole[1] - sums[1]) * p**2) / whole[0] ** 2
    error = np.sqrt(np.maximum(variance, 1e-15) * n / (n - 1)) / (p * (1 - p))
    middle, reach = np.log(p / (1 - p)), t.ppf(0.975, n_base - 1) * error
    low, high = (100 / (1 + np.exp(-(middle + side * reach))) for side in (-1, 1))
    return low, high


def told(rows: list[dict[str, str]], people: list[Person], weights: dict[Any, float]) -> list[str]:
    """Return groups of which a count must hold one to a few."""
    w = np.array([weights[UNITS[0], *cell] for cell in CELLS])
    found = []
    for row in rows:
        is_telling = row["row_var"] == "q" and row["n"] not in ("", "0") and row["ci_low"]
        if not is_telling or row["row_code"] in (*MISSING, "total") or int(row["n"]) > MOST:
            continue
        inside, base = (of_classes(people, one) for one in (row, base_row(row)))
        ways = compositions(int(row["n"]), base)
        n = len(people)
        sums, whole = (ways @ w, ways @ w**2), (float(base @ w), float(base @ w**2))
        ends = limits(sums, whole, n, int(base.sum()))
        shares = (sums[0] / whole[0] * 100, *ends)
        fits = np.ones(len(ways), dtype=bool)
        for name, values in zip(("percent", "ci_low", "ci_high"), shares, strict=True):
            fits &= np.abs(values - float(row[name])) <= 0.05 + 1e-3
        if row["wn"]:
            fits &= np.abs(sums[0] - float(row["wn"])) <= 0.5 + 1e-6
        assert fits[(ways == inside).all(axis=1)].all(), row
        found += [f"{row['row_code']} {row['col_code']} {g}" for g in few(ways[fits], inside)]
    return found


def of_classes(people: list[Person], row: Mapping[str, str]) -> NDArray[np.int64]:
    inside = [(p["gender"], p["age"]) for p in people if counted(p, row)]
    return np.array([inside.count(cell) for cell in CELLS])


def few(ways: NDArray[np.int64], truth: NDArray[np.int64]) -> Iterator[str]:
    for gender, age in itertools.product(("", *GENDERS), ("", *AGES)):
        group = np.array([gender in ("", c[0]) and age in ("", c[1]) for c in CELLS])
        numbers = ways[:, group].sum(axis=1)
        is_few = 1 <= truth[group].sum() < LIMIT and not group.all()
        if is_few and 1 <= numbers.min() <= numbers.max() < LIMIT:
            yield f"{gender}{age}"


def told_by_bases(folder: Path, people: list[Person], weights: dict[Any, float]) -> list[str]:
    """Return groups of which a base must hold one to a few, from effective bases."""
    w = np.array([weights[UNITS[0], *cell] for cell in CELLS])
    listed = json.loads((folder / "out" / "tables.json").read_text("utf-8"))
    found = []
    for table in listed["link"]["item"]:
        if table["extension"]["question"] != "q" or not table["extension"]["by"]:
            continue
        codes = list(table["dimension"]["column"]["category"]["index"])
        for code, printed in zip(codes, table["extension"]["effective_base"], strict=True):
            unit = code.rpartition(":")[2]
            base = [p for p in people if p["q"] and p["unit"] == unit]
            if printed is None or not 0 < len(base) <= 2 * MOST:
                continue
            row = {"row_var": "q", "row_code": "total", "col_var": "unit", "col_code": unit}
            inside = of_classes(people, {**row, "where": ""})
            ways = compositions(
                len(base),
                of_classes(people, {**row, "row_var": "unit", "row_code": unit, "where": ""}),
            )
            fits = np.abs(ways @ w - inside @ w) < 0.5  # what is printed of the base
            effective = (ways @ w) ** 2 / (ways @ w**2)
            fits &= np.abs(effective - printed) <= 0.05 + 1e-6
            found += [f"{unit} {g}" for g in few(ways[fits], inside)]
    return found


def attacked(folder: Path, seeds: Iterable[int], n: int) -> tuple[list[str], int]:
    found: list[str] = []
    shown = 0
    for seed in seeds:
        drawn = draw(seed, n, sizes=(0.8, 0.12, 0.08))
        rows = publish(folder / str(seed), drawn, world(n))
        shown += sum(bool(row["ci_low"]) for row in rows)
        found += told(rows, drawn, world(n).weigh(drawn))
        found += told_by_bases(folder / str(seed), drawn, world(n).weigh(drawn))
    return found, shown


def test_limits_do_not_say_how_few_of_a_group_are_in_a_count(tmp_path):
    found, shown = attacked(tmp_path, range(4), 300)
    assert not found
    assert shown


@pytest.mark.parametrize(("guard", "seeds"), [("limits_tell", [0]), ("base_tells", [0, 1, 2])])
def test_they_would_have(tmp_path, monkeypatch, guard, seeds):
    monkeypatch.setattr(emit, guard, lambda *_: False)
    assert attacked(tmp_path, seeds, 300)[0]


@pytest.mark.parametrize("seed", [3])
def test_large_cells_keep_their_limits(tmp_path, seed):
    rows = publish(tmp_path, draw(seed, 2500), world(2500))
    answers = [r for r in rows if r["row_var"] == "q" and r["row_code"] in "123" and r["col_var"]]
    single = [r for r in answers if r["col_code"] != "total"]
    assert len(single) > 5
    assert all(r["ci_low"] and r["ci_high"] for r in single)
