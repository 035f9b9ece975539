"""Cells of two figures, one in parentheses: "12 (34 %)"."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from evaluation.published.strings import read_number
from evaluation.published.words import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from evaluation.published.lift.cells import PlacedRow
    from evaluation.published.words import Words

_PAIR = re.compile(r"^(?P<outer>[^()\[\]]+?)\s*[(\[](?P<inner>[^()\[\]]+)[)\]]$")
_NAMED = re.compile(r"(?P<outer>[^\s(]+)\s*\((?P<inner>[^)]+)\)")


def split_pairs(
    columns: list[str], rows: list[PlacedRow], caption: str, words: Words
) -> tuple[list[str], list[PlacedRow]]:
    """Part a count from its percent where most cells hold both.

    Which is which is read from a head or caption ("Antal (%)"), else from
    signs and decimals, else the one that adds to about 100 is the percent.

    Returns
    -------
    Columns with the measure as step after a line break (only the measure where
    there is one column), and rows with twice as many cells. Unchanged where
    most cells hold one figure.
    """
    cells = [cell for row in rows for cell in row.cells if cell]
    paired = [m for m in map(_PAIR.match, cells) if m]
    if not cells or 5 * len(paired) < 4 * len(cells):
        return columns, rows
    order = _order(columns, rows, caption, words)
    single = len(columns) == 1
    made = [step if single else f"{column}\n{step}" for column in columns for step in order]
    return made, [_split(row) for row in rows]


def _split(row: PlacedRow) -> PlacedRow:
    cells: list[str | None] = []
    for cell in row.cells:
        found = _PAIR.match(cell) if cell else None
        cells += [found["outer"], found["inner"].strip()] if found else [cell, None]
    return replace(row, cells=tuple(cells))


def _order(
    columns: Sequence[str], rows: Sequence[PlacedRow], caption: str, words: Words
) -> tuple[str, str]:
    """Return which of n and percent stands first."""
    for text in (*columns, caption):
        for named in _NAMED.finditer(text):
            outer, inner = plain(named["outer"]), plain(named["inner"])
            if words.is_percent(outer) and words.is_count(inner):
                return "percent", "n"
            if words.is_count(outer) and words.is_percent(inner):
                return "n", "percent"
    pairs = [m for row in rows for cell in row.cells if cell and (m := _PAIR.match(cell))]
    for first, second, order in (
        ("inner", "outer", ("n", "percent")),
        ("outer", "inner", ("percent", "n")),
    ):
        if any(_is_percent(m[first]) for m in pairs) and not any(
            _is_percent(m[second]) for m in pairs
        ):
            return order
    outer_sum = sum((_value(row.cells[0], "outer") for row in rows[:-1]), start=_value(None, ""))
    return ("percent", "n") if abs(outer_sum - 100) <= len(rows) else ("n", "percent")


def _is_percent(text: str) -> bool:
    number = read_number(text.strip())
    return number is not None and (number.is_percent or number.decimals > 0)


def _value(cell: str | None, part: str) -> Decimal:
    from decimal import Decimal as Number

    found = _PAIR.match(cell) if cell else None
    number = read_number(found[part].strip()) if found else None
    return number.value if number else Number(0)
