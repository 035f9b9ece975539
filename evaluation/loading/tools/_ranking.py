"""Rankings in one cell (``b;a;c;``, best first) as one column of ranks per item."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from evaluation.codebook.spelling import fold
from evaluation.loading.grid import ColumnEncoder
from evaluation.model import ColumnHints, RawColumn

if TYPE_CHECKING:
    from evaluation.model import RawResponses

LEAST_ITEMS = 3
LEAST_ORDERS = 2


def expand_rankings(responses: RawResponses) -> RawResponses:
    """Put a column of ranks per item in place of every column that holds rankings.

    A column holds rankings where each cell has the same three or more items,
    in at least two orders: several answers would not all be chosen by all.
    """
    columns: list[RawColumn] = []
    for column in responses.columns:
        items = ranked_items(column)
        columns += _ranks(column, items) if items else [column]
    return replace(responses, columns=tuple(columns))


def ranked_items(column: RawColumn) -> tuple[str, ...]:
    """Return the items that every cell ranks, or nothing where the cells are no rankings."""
    separator = column.hints.separator
    cells = [_items(value, separator) for value in column.values if value.strip()]
    if not separator or len(cells) < LEAST_ORDERS or len(cells[0]) < LEAST_ITEMS:
        return ()
    first = {fold(item) for item in cells[0]}
    is_same = all({fold(i) for i in cell} == first and len(cell) == len(first) for cell in cells)
    return tuple(sorted(cells[0], key=fold)) if is_same else ()


def _items(value: str, separator: str) -> list[str]:
    return [item.strip() for item in value.split(separator) if item.strip()] if separator else []


def _ranks(column: RawColumn, items: tuple[str, ...]) -> list[RawColumn]:
    """Return one column per item with its rank, 1 for the best."""
    made = []
    for item in items:
        ranks = []
        for value in column.values:
            cell = [fold(text) for text in _items(value, column.hints.separator)]
            ranks.append(str(cell.index(fold(item)) + 1) if cell else "")
        encoder = ColumnEncoder()
        encoder.add([ranks[i] for i in column.index.tolist()])
        encoded = encoder.finish()
        hints = ColumnHints(
            text=column.hints.text, kind="grid", group=column.hints.text, option=item
        )
        name = f"{column.header} [{item}]"
        made.append(RawColumn(name, column.position, encoded.values, encoded.index, hints))
    return made
