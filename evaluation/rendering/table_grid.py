"""Where a table's head cells stand, and how wide its columns are on paper.

PDF and Word share the plan, so that a table looks the same in both. Texts are
measured by the advance widths of the product's font; renderers still wrap and
hyphenate what does not fit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.rendering.charts.fonts import MEASURED_FONT, UNKNOWN_FONT_FACTOR, text_width
from evaluation.report.model import Heading, TableBlock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evaluation.report.model import Block, HeadCell

TEXT_WIDTH = 154.0
"""Width of the text on an upright A4 page, in mm (margins of 28 mm)."""
LANDSCAPE_WIDTH = 241.0
"""The same on a page turned sideways."""
PADDING = 1.5
"""Blank at each inner side of a cell, in mm."""
SIZES = (9.6, 8.8, 8.0)
"""Type sizes tried in turn, in points."""
SQUEEZED_SIZE = 7.2
"""Type size of a table that fits nowhere."""

_MM_PER_POINT = 25.4 / 72
_SLACK = 1.02
_WIDE_HEAD = 38.0
"""A head's longest word widens its column to this, in mm, where there is room."""
_BOLD = frozenset({"total", "net"})
_PIECE = 15
"""Letters of a long word kept together; longer ones may be hyphenated."""


@dataclass(frozen=True, slots=True)
class PlacedHead:
    """A head cell at its place: ``row`` and ``column`` count from 0, the stub included."""

    row: int
    column: int
    cell: HeadCell


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """How a table is set.

    Attributes
    ----------
    widths
        Of the stub and each column, in mm; they add up to the text's width.
    size
        Type size in points.
    landscape
        Whether it needs a page turned sideways.
    is_squeezed
        Whether words must be broken to fit.
    """

    widths: tuple[float, ...]
    size: float
    landscape: bool = False
    is_squeezed: bool = False


def column_count(table: TableBlock) -> int:
    """Return the number of columns right of the stub."""
    heads = [sum(cell.span for cell in row) for row in table.head[:1]]
    return max([len(row.cells) for row in table.rows] + heads, default=0)


def is_text_column(table: TableBlock, column: int) -> bool:
    """Whether a column right of the stub holds words: then it is set from the left.

    A dash or a symbol among numbers is no word, whatever unit it has.
    """
    cells = [row.cells[column] for row in table.rows if column < len(row.cells)]
    return any(cell.unit == "text" and cell.text for cell in cells) and not any(
        cell.unit != "text" and cell.text for cell in cells
    )


def place_heads(table: TableBlock) -> tuple[PlacedHead, ...]:
    """Place the head cells right of the stub in the grid, tall cells reaching down.

    The stub's own head, ``table.stub``, is not among them: it stands at row 0,
    column 0 and is as tall as the head.
    """
    taken: set[tuple[int, int]] = set()
    placed = []
    for y, row in enumerate(table.head):
        x = 1
        for cell in row:
            while (y, x) in taken:
                x += 1
            placed.append(PlacedHead(y, x, cell))
            taken |= {(y + dy, x + dx) for dy in range(cell.rows) for dx in range(cell.span)}
            x += cell.span
    return tuple(placed)


def plan_columns(
    table: TableBlock, *, font: str = MEASURED_FONT, may_turn: bool = True
) -> ColumnPlan:
    """Find widths and a type size at which every word of the table fits.

    Tried in this order: the usual size on an upright page, smaller sizes, the
    same sizes on a page turned sideways. What fits nowhere is squeezed, and
    its words are broken. Fonts other than the product's own are taken to run
    wider.

    Parameters
    ----------
    table
        The table.
    font
        Family that it is set in.
    may_turn
        Whether the page may be turned; not within a box or a list.
    """
    pages = ((TEXT_WIDTH, False), (LANDSCAPE_WIDTH, True)) if may_turn else ((TEXT_WIDTH, False),)
    for width, landscape in pages:
        for size in SIZES:
            if widths := fitting_widths(table, width, size, font=font):
                return ColumnPlan(widths, size, landscape)
    width, landscape = pages[-1]
    needs = _needs(table, width, _em(SQUEEZED_SIZE, font))
    total = sum(least for least, _, _ in needs)
    widths = tuple(least * width / total for least, _, _ in needs)
    return ColumnPlan(widths, SQUEEZED_SIZE, landscape, is_squeezed=True)


def fitting_widths(
    table: TableBlock, width: float, size: float, *, font: str = MEASURED_FONT
) -> tuple[float, ...] | None:
    """Return the widths at which every word of the table fits, or None if none do.

    Parameters
    ----------
    table
        The table.
    width
        Room on the page, in mm.
    size
        Type size, in points.
    font
        Family that it is set in.
    """
    needs = _needs(table, width, _em(size, font))
    return _share(needs, width) if sum(least for least, _, _ in needs) <= width else None


def _em(size: float, font: str) -> float:
    """Return a type size in mm, with the slack that the font needs."""
    return size * _SLACK * _MM_PER_POINT * (1.0 if font == MEASURED_FONT else UNKNOWN_FONT_FACTOR)


def turned_parts(
    blocks: Iterable[Block], *, font: str = MEASURED_FONT
) -> Iterator[tuple[bool, list[Block]]]:
    """Split a report's blocks where the page is turned.

    Yields ``(is turned, blocks)``. A table too wide for an upright page is a
    part of its own together with the headings just above it, so that no
    heading is left behind.
    """
    upright: list[Block] = []
    for block in blocks:
        if not (isinstance(block, TableBlock) and plan_columns(block, font=font).landscape):
            upright.append(block)
            continue
        start = len(upright)
        while start and isinstance(upright[start - 1], Heading):
            start -= 1
        if upright[:start]:
            yield False, upright[:start]
        yield True, [*upright[start:], block]
        upright = []
    if upright:
        yield False, upright


_Need = tuple[float, float, float]
"""Least width, wished width, and share of what is left over, in mm. Below, ``em`` is the
type size in mm."""


def _needs(table: TableBlock, width: float, em: float) -> list[_Need]:
    columns = [_column_need(table, c, em) for c in range(column_count(table))]
    numbers = [wish for _, wish, share in columns if not share]
    widest = min(max(numbers, default=0.0), 27.0)
    even = [(a, b if share else max(b, widest), share) for a, b, share in columns]
    return [_stub_need(table, width, em), *_spread_spans(table, even, em)]


def _stub_need(table: TableBlock, width: float, em: float) -> _Need:
    rows = [row for row in table.rows if row.kind != "group"]
    natural = max(
        (text_width(row.label, em, semibold=row.kind in _BOLD) for row in rows),
        default=0.0,
    )
    # The question at the head of the labels may take two lines.
    head = min(0.55 * text_width(table.stub, em, semibold=True), 0.4 * width)
    pieces = [_longest_piece(row.label, em) for row in rows]
    least = max([*pieces, _longest_piece(table.stub, em, semibold=True)]) + PADDING
    wish = min(max(natural, head) + PADDING + 0.5, 0.55 * width)
    return max(least, min(natural, 0.24 * width)), wish, max(natural, wish, 1.0)


def _column_need(table: TableBlock, column: int, em: float) -> _Need:
    cells = [
        (row.cells[column], row.kind in _BOLD) for row in table.rows if column < len(row.cells)
    ]
    heads = [p.cell for p in place_heads(table) if p.column == column + 1 and p.cell.span == 1]
    gap = 2 * PADDING
    natural_head = max([text_width(h.text, em, semibold=True) for h in heads], default=0.0) + gap
    least = max([_longest_piece(h.text, em, semibold=True) for h in heads], default=0.0)
    natural = max([text_width(c.text, em, semibold=bold) for c, bold in cells], default=0.0)
    if is_text_column(table, column):
        least = max([least] + [_longest_piece(c.text, em, semibold=bold) for c, bold in cells])
        wish = max(natural + gap, min(natural_head, 30.0))
        return least + gap, wish, natural + gap
    least = max(least, natural) + gap
    # A long word at the head is broken only where there is no room for it.
    words = [text_width(w, em, semibold=True) for h in heads for w in h.text.split()]
    whole = min(max(words, default=0.0) + gap, _WIDE_HEAD)
    return least, max(least, min(natural_head, 24.0), whole, 15.0), 0.0


def _spread_spans(table: TableBlock, needs: list[_Need], em: float) -> list[_Need]:
    """Widen columns under a spanning head whose longest word is wider than they are."""
    widened = list(needs)
    for placed in place_heads(table):
        first, span = placed.column - 1, placed.cell.span
        under = widened[first : first + span]
        lacking = (
            _longest_piece(placed.cell.text, em, semibold=True)
            + 2 * PADDING
            - sum(n[0] for n in under)
        )
        if span > 1 and lacking > 0:
            extra = lacking / span
            widened[first : first + span] = [
                (least + extra, max(wish, least + extra), share) for least, wish, share in under
            ]
    return widened


def _longest_piece(text: str, em: float, *, semibold: bool = False) -> float:
    words = re.split(r"[ \-–/]", text)
    return max((text_width(word[:_PIECE], em, semibold=semibold) for word in words), default=0.0)


def _share(needs: list[_Need], width: float) -> tuple[float, ...]:
    """Give every column its wish, else take from the numbers first and from the texts last."""
    wishes = [max(least, wish) for least, wish, _ in needs]
    spare = width - sum(wishes)
    if spare >= 0:
        # What is left over goes to the texts, no more to long ones than they can use.
        shares = [min(share, 70.0) for _, _, share in needs]
        return tuple(
            wish + spare * share / sum(shares) for wish, share in zip(wishes, shares, strict=True)
        )
    slack = [0.0 if n[2] else wish - n[0] for wish, n in zip(wishes, needs, strict=True)]
    given = min(1.0, -spare / sum(slack)) if sum(slack) > 0 else 0.0
    wishes = [wish - given * own for wish, own in zip(wishes, slack, strict=True)]
    return tuple(_even_texts(needs, wishes, width))


def _even_texts(needs: list[_Need], wishes: list[float], width: float) -> list[float]:
    """Divide what room there is among texts by the root of their longest cell.

    By the length itself, one long cell would squeeze the short texts of every row.
    """
    widths = [n[0] if n[2] else wish for n, wish in zip(needs, wishes, strict=True)]
    for _ in needs:
        room = width - sum(widths)
        lengths = [
            n[2] ** 0.5 if n[2] and have < wish - 1e-9 else 0.0
            for n, wish, have in zip(needs, wishes, widths, strict=True)
        ]
        if room < 1e-9 or not sum(lengths):
            break
        parts = [room * length / sum(lengths) for length in lengths]
        widths = [
            min(have + part, max(wish, have)) if part else have
            for have, part, wish in zip(widths, parts, wishes, strict=True)
        ]
    return widths
