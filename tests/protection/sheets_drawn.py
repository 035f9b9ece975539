"""Published tables drawn from invented answers, counted here and not by the program.

Crosstabs both ways round, one-way tables, filters, margins of everybody and of
those whose column variable is known, multiple answers, a follow-up question,
kinds of missing that are printed or not. Small counts are withheld, and others in
one table that stand in another one, so that much of what is withheld follows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.protection.audit_sheets import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SINGLES = {"q1": 3, "q2": 4, "q3": 2, "q4": 3, "g": 2, "h": 5, "k": 3}
MULTIPLE = {"m": 3}
FOLLOW = "f"
"""Only those who answered 1 to q3 were asked."""
MISSING = ("item_nonresponse", "not_asked", "invalid")
STRUCTURE = {
    "multiple": ["s.m"],
    "asked_if": {"s.f": "q3 == 1"},
    "percents": {},
    "known": ["s.g", "s.h", "s.k"],
}
Person = dict[str, str]
Drawn = tuple[list[Sheet], dict[str, Any]]


def draw_people(rng: np.random.Generator) -> list[Person]:
    """Return respondents; some codes are rare, some answers missing."""
    n = int(rng.choice([150, 400, 1500, 1500]))
    evenness = float(rng.choice([1.2, 5.0, 30.0]))
    missing = float(rng.choice([0.0, 0.01, 0.1]))
    shares = {
        name: rng.dirichlet([evenness] * size) for name, size in (SINGLES | {FOLLOW: 2}).items()
    }
    people = []
    for _ in range(n):
        person = {
            name: str(rng.choice(size, p=shares[name]) + 1)
            if rng.random() > missing
            else "item_nonresponse"
            for name, size in SINGLES.items()
        }
        person["m"] = "".join(str(i + 1) for i in range(MULTIPLE["m"]) if rng.random() < 0.6)
        person["m"] = person["m"] or "item_nonresponse"
        person[FOLLOW] = str(rng.choice(2, p=shares[FOLLOW]) + 1)
        if person["q3"] != "1":
            person[FOLLOW] = "not_asked"
        people.append(person)
    return people


def draw_release(seed: int, n_tables: int = 24) -> Drawn:
    """Return the tables of a release, and the structure that its manifest tells."""
    rng = np.random.default_rng(seed)
    people = draw_people(rng)
    has_missing = bool(rng.random() < 0.7)
    names = [*SINGLES, *MULTIPLE, FOLLOW]
    backgrounds = ["g", "h", "k"]
    sheets, everyone = [], []
    apart = set(rng.choice(n_tables, int(rng.choice([0, 1, 2]))).tolist())
    for number in range(n_tables):
        row = str(rng.choice(names))
        others = [name for name in (backgrounds if rng.random() < 0.7 else names) if name != row]
        column = str(rng.choice(others)) if rng.random() < 0.85 else ""
        where = ("", lambda _: True)
        if rng.random() < 0.15:
            where = _filter(rng, [name for name in SINGLES if name not in (row, column)])
        if rng.random() < 0.3:
            everyone.append(f"t{number}")
        inside = [person for person in people if where[1](person)]
        about = (f"t{number}", row, column, where[0], f"t{number}" in everyone)
        extra = int(rng.choice([1, 3, 6])) if number in apart else 0
        sheets.append(_hide(rng, _sheet(about, inside, has_missing=has_missing), extra))
    return sheets, {**STRUCTURE, "everyone": everyone}


def _filter(rng: np.random.Generator, names: Sequence[str]) -> tuple[str, Callable[[Person], bool]]:
    name, sign = str(rng.choice(names)), str(rng.choice(["==", "==", "!="]))
    if sign == "==":
        return f'{name} == "1"', lambda person: person[name] == "1"
    return f'{name} != "1"', lambda person: person[name] != "1" and person[name] not in MISSING


def _sheet(
    about: tuple[str, str, str, str, bool], people: Sequence[Person], *, has_missing: bool
) -> Sheet:
    table, row, column, where, is_everyone = about
    rows = [*_codes(row), "total", *(MISSING if has_missing else ())]
    columns = [*(_codes(column) if column else ()), "total"]

    def count(code: str, other: str) -> int:
        return sum(
            _holds(person[row], code)
            and (not column or (other == "total" and is_everyone) or _holds(person[column], other))
            for person in people
        )

    counts = {code: [count(code, other) for other in columns] for code in rows}
    kept = [c for c in rows if c not in MISSING or not any(0 < n < 5 for n in counts[c])]
    shown = [[None if 0 < n < 5 else n for n in counts[code]] for code in kept]
    total = shown[kept.index("total")]
    bases = [
        [None if n is None or code in MISSING else b for n, b in zip(line, total, strict=True)]
        for code, line in zip(kept, shown, strict=True)
    ]
    return Sheet(
        table=table,
        survey="s",
        where=where,
        weight="",
        rows=[(row, code, code) for code in kept],
        columns=[(column, code, code) for code in columns],
        counts=shown,
        bases=bases,
    )


def _hide(rng: np.random.Generator, sheet: Sheet, n_cells: int) -> Sheet:
    """Hide some cells in one table alone."""
    counts = [list(line) for line in sheet.counts]
    bases = [list(line) for line in sheet.bases]
    total = [code for _, code, _ in sheet.rows].index("total")
    for _ in range(n_cells):
        i, j = int(rng.integers(len(sheet.rows))), int(rng.integers(len(sheet.columns)))
        counts[i][j] = bases[i][j] = None
        if i == total:
            for line in bases:
                line[j] = None
    return replace(sheet, counts=counts, bases=bases)


def _codes(name: str) -> list[str]:
    size = (SINGLES | MULTIPLE | {FOLLOW: 2})[name]
    return [str(i + 1) for i in range(size)]


def _holds(answer: str, code: str) -> bool:
    if code == "total":
        return answer not in MISSING
    return answer == code if code in MISSING or answer in MISSING else code in answer


def rows_of(sheet: Sheet) -> list[dict[str, object]]:
    """Return the rows of ``tables.csv``."""
    return [
        {
            "table": sheet.table,
            "survey": sheet.survey,
            "question": row[0],
            "row_var": row[0],
            "row_code": row[1],
            "row_label": row[2],
            "col_var": column[0],
            "col_code": column[1],
            "col_label": column[2],
            "where": sheet.where,
            "weight": sheet.weight,
            "n": n,
            "percent": None,
            "base_n": base,
            "status": "secondary" if n is None else "shown",
        }
        for row, counts, bases in zip(sheet.rows, sheet.counts, sheet.bases, strict=True)
        for column, n, base in zip(sheet.columns, counts, bases, strict=True)
    ]
