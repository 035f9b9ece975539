"""Printed tables made by our own rounding, and printed tables with one digit altered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.published.schema import PrintedRow, PrintedTable
from evaluation.rounding import percent, percents_sum100

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

LETTERS = "ABCDEFGHIJKLMNOP"


def comma(value: object) -> str:
    return str(value).replace(".", ",")


def single(counts: Sequence[int], *, decimals: int, rounding: str, total: bool) -> PrintedTable:
    """One answer each: counts and percents of their sum, perhaps with a total row."""
    base = sum(counts)
    if rounding == "sum100":
        shares = percents_sum100(counts, decimals)
    else:
        shares = [percent(n, base, decimals) for n in counts]
    rows = [
        PrintedRow(label=LETTERS[i], n=str(n), percent=f"{comma(p)}%")
        for i, (n, p) in enumerate(zip(counts, shares or [], strict=True))
    ]
    if total:
        rows.append(PrintedRow(label="Totalt", n=str(base), percent="100%", is_sum=True))
    return PrintedTable(id="t", kind="single", rounding=rounding, rows=tuple(rows))


def multiple(
    counts: Sequence[int], base: int, *, decimals: int, base_printed: bool
) -> PrintedTable:
    """Several answers each: percents of a base that is printed or not."""
    rows = [
        PrintedRow(label=LETTERS[i], n=str(n), percent=comma(percent(n, base, decimals)))
        for i, n in enumerate(counts)
    ]
    return PrintedTable(
        id="t", kind="multiple", base=base if base_printed else None, rows=tuple(rows)
    )


def crosstab(groups: Sequence[Sequence[int]], *, decimals: int) -> PrintedTable:
    """Counts and column percents of some groups and all, with a row of totals."""
    named = {f"Grupp {i + 1}": list(g) for i, g in enumerate(groups)}
    named["Totalt"] = [sum(values) for values in zip(*groups, strict=True)]
    rows = []
    for i in range(len(groups[0])):
        cells = {
            name: {"n": str(g[i]), "percent": comma(percent(g[i], sum(g), decimals))}
            for name, g in named.items()
        }
        rows.append(PrintedRow(label=LETTERS[i], cells=cells))
    totals = {name: {"n": str(sum(g)), "percent": "100"} for name, g in named.items()}
    rows.append(PrintedRow(label="Totalt", cells=totals, is_sum=True))
    return PrintedTable(id="t", kind="single", columns=tuple(named), rows=tuple(rows))


def battery(items: Sequence[Sequence[int]], *, decimals: int, rounding: str) -> PrintedTable:
    """Items on one scale: percents only, each row with its own printed base."""
    rows = []
    for i, counts in enumerate(items):
        base = sum(counts)
        if rounding == "sum100":
            shares = percents_sum100(counts, decimals) or []
        else:
            shares = [percent(n, base, decimals) for n in counts]
        cells = {"total": {LETTERS[k]: comma(p) for k, p in enumerate(shares)}}
        rows.append(PrintedRow(label=f"Påstående {i + 1}", base=str(base), cells=cells))
    return PrintedTable(
        id="t", kind="grid", unit="procent", percents="row", rounding=rounding, rows=tuple(rows)
    )


def money(rows: Sequence[Sequence[int]]) -> PrintedTable:
    """Amounts with a total column and a sum row."""
    years = [str(2019 + i) for i in range(len(rows[0]))]
    made = []
    sums = [list(column) for column in zip(*rows, strict=True)]
    for i, row in enumerate([*rows, [sum(s) for s in sums]]):
        last = i == len(rows)
        cells = {**dict(zip(years, map(spaced, row), strict=True)), "Totalt": spaced(sum(row))}
        label = "Summa" if last else f"Post {i + 1}"
        made.append(PrintedRow(label=label, cells=cells, is_sum=last))
    return PrintedTable(id="t", kind="data", unit="kr", rows=tuple(made))


def spaced(value: int) -> str:
    return f"{value:,}".replace(",", " ")


@dataclass(frozen=True)
class Altered:
    """A table with one digit that is another than it was."""

    table: PrintedTable
    before: str
    after: str


def alter(table: PrintedTable, random: random.Random) -> Altered:
    """Change one digit of one printed figure."""
    places = _places(table)
    index, path, text = random.choice(places)
    digits = [i for i, ch in enumerate(text) if ch.isdigit()]
    at = random.choice(digits)
    new = random.choice([d for d in "0123456789" if d != text[at]])
    after = text[:at] + new + text[at + 1 :]
    row = _with(table.rows[index], path, after)
    rows = (*table.rows[:index], row, *table.rows[index + 1 :])
    return Altered(table.model_copy(update={"rows": rows}), text, after)


def _places(table: PrintedTable) -> list[tuple[int, tuple[str, ...], str]]:
    places: list[tuple[int, tuple[str, ...], str]] = []
    for index, row in enumerate(table.rows):
        fields = (("n", row.n), ("percent", row.percent))
        places += [(index, (field,), text) for field, text in fields if text]
        for column, content in row.cells.items():
            if isinstance(content, dict):
                places += [(index, (column, step), t) for step, t in content.items() if t]
            elif content:
                places.append((index, (column, ""), content))
    return places


def _with(row: PrintedRow, path: tuple[str, ...], text: str) -> PrintedRow:
    if len(path) == 1:
        return row.model_copy(update={path[0]: text})
    column, step = path
    content = row.cells[column]
    new = {**content, step: text} if isinstance(content, dict) else text
    return row.model_copy(update={"cells": {**row.cells, column: new}})
