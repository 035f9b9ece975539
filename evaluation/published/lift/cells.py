"""The figures of a row in the columns of its table."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from evaluation.published.lift.aligned import cells_in
from evaluation.published.lift.tables import Doubt
from evaluation.published.strings import read_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from evaluation.published.lift.aligned import Column
    from evaluation.published.lift.rows import Row
    from evaluation.published.lift.tables import FoundRow

Cells = tuple[str | None, ...]
"""Printed text of each column, None where nothing is printed."""


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row with a cell for each column.

    Attributes
    ----------
    label, group
        As printed, lines joined.
    cells
        One for each column.
    doubts
        What is unsure.
    first, last
        Lines.
    """

    label: str
    group: str
    cells: Cells
    doubts: tuple[Doubt, ...]
    first: int
    last: int


def place_rows(
    rows: Sequence[FoundRow],
    width: int,
    total_at: int | None,
    at: Sequence[Column] | None = None,
) -> list[PlacedRow]:
    """Put each row's figures into its columns.

    Parameters
    ----------
    rows
        As found.
    width
        Number of columns.
    total_at
        Position of the column that is the sum of the others, None where there
        is none; empty cells are placed so that it holds.
    at
        Where the columns stand, where the text keeps them apart.
    """
    if at is not None:
        return [_place_under(found, at) for found in rows]
    return [_place(found, width, total_at) for found in rows]


def _place_under(found: FoundRow, at: Sequence[Column]) -> PlacedRow:
    inside, cells = cells_in(found.row, at)
    own = found.row.label
    # A number that belongs to the label stands at the end of its own line of it.
    label = found.label.replace(own, f"{own} {inside}", 1) if inside and own else found.label
    raw = found.row.raw.strip()
    doubts = () if label else (Doubt("label_missing", (("text", raw),)),)
    return PlacedRow(label, found.group, tuple(cells), doubts, found.row.first, found.row.last)


def _place(found: FoundRow, width: int, total_at: int | None) -> PlacedRow:
    row, label = found.row, found.label
    doubts: list[Doubt] = []
    readings = [r for r in row.readings if len(r) == width]
    if readings:
        cells: Cells = _best_reading(readings, total_at)
        if len(readings) > 1 and not _holds(cells, total_at):
            doubts.append(Doubt("split", (("row", label), ("text", row.raw.strip()))))
    elif any(len(r) > width for r in row.readings):
        longer = min((r for r in row.readings if len(r) > width), key=len)
        label = " ".join([label, *longer[: len(longer) - width]]).strip()
        cells = longer[len(longer) - width :]
        doubts.append(Doubt("extra_numbers", (("row", label),)))
    else:
        cells, doubt = _with_blanks(row, width, total_at, label)
        doubts.append(doubt)
    if not label:
        doubts.append(Doubt("label_missing", (("text", row.raw.strip()),)))
    return PlacedRow(label, found.group, cells, tuple(doubts), row.first, row.last)


def _best_reading(readings: Sequence[tuple[str, ...]], total_at: int | None) -> tuple[str, ...]:
    """Of several ways to group thousands, the one whose total holds, else the most even one."""
    right = [r for r in readings if _holds(r, total_at)]
    return min(right or readings, key=lambda r: _spread([len(c) for c in r]))


def _spread(lengths: Sequence[int]) -> int:
    return max(lengths) - min(lengths)


def _value(cell: str | None) -> Decimal | None:
    number = read_number(cell) if cell else None
    return number.value if number else None


def _holds(cells: Cells, total_at: int | None) -> bool:
    """Tell whether the total column is the sum of the others."""
    if total_at is None:
        return False
    total = _value(cells[total_at])
    parts = [_value(c) for i, c in enumerate(cells) if i != total_at]
    return total is not None and sum(p for p in parts if p is not None) == total


def _with_blanks(row: Row, width: int, total_at: int | None, label: str) -> tuple[Cells, Doubt]:
    """Place fewer figures than columns: where blanks are wide, and where the total holds."""
    cells = max(row.readings, key=len)
    places = [
        tuple(dict(zip(chosen, cells, strict=True)).get(i) for i in range(width))
        for chosen in combinations(range(width), len(cells))
    ]
    hinted = _by_gaps(row, cells, width)
    right = [p for p in places if _holds(p, total_at)]
    values = (("row", label),)
    if hinted is not None and (hinted in right or not right):
        return hinted, Doubt("blank_by_sums" if hinted in right else "blank_cells", values)
    if len(right) == 1:
        return right[0], Doubt("blank_by_sums", values)
    return (right or places)[0], Doubt("blank_cells", values)


def _by_gaps(row: Row, cells: Sequence[str], width: int) -> Cells | None:
    """Read one empty cell out of every blank too many; None where they do not come out even."""
    trail = row.items[-1].trail
    if trail is None or len(row.items) > 1:
        return None
    at = 0
    placed: list[str | None] = []
    for cell in cells:
        piece = trail.pieces[at]
        text = row.items[0].line.text
        extra = piece.gap - 1 if at or trail.label else len(text) - len(text.lstrip())
        placed += [None] * max(0, extra)
        placed.append(cell)
        at += len(cell.split()) - cell.count(" %")
    placed += [None] * (width - len(placed))
    return tuple(placed) if len(placed) == width else None
