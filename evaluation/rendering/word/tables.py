"""Tables in Word: head rows that repeat and are marked as such, rows that are never split."""

from __future__ import annotations

import math
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evaluation.rendering.clean import clean
from evaluation.rendering.table_grid import (
    PADDING,
    PlacedHead,
    is_text_column,
    place_heads,
    plan_columns,
)
from evaluation.rendering.word.text import note_runs
from evaluation.rendering.word.xml import Element, el, hairline, paragraph, text_run, twips
from evaluation.report.model import BodyKind, HeadCell

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from evaluation.rendering.table_grid import ColumnPlan
    from evaluation.rendering.word.context import Context
    from evaluation.report.model import BodyRow, TableBlock

KEPT_ROWS, KEPT_LINES = 28, 42
"""A table of up to so many rows and lines is kept on one page, which holds it."""
_TWIPS_A_LETTER = 95
"""About what a letter of a table takes, to tell short cells from those of many lines."""
_USUAL_SIZE = 9.6
_STRONG_RULE, _THIN_RULE, _HAIRLINE = 8, 5, 4
"""Widths of rules, in eighths of a point."""
_BOLD_KINDS = {BodyKind.TOTAL, BodyKind.NET, BodyKind.GROUP}


Edges = tuple[tuple[str, int], ...]
"""Sides of a cell that have a rule, and its width."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """What the cells of one table share; widths in twips."""

    context: Context
    plan: ColumnPlan
    widths: tuple[int, ...]
    rule: str
    hairline: str
    is_text: tuple[bool, ...]

    def copied(self, *what: Hashable, make: Callable[[], Element]) -> Element:
        """Return a copy of an element that many cells have alike: copying is many times faster."""
        made = self.context.made
        if what not in made:
            made[what] = make()
        return copy(made[what])

    def width(self, column: int, span: int) -> int:
        return sum(self.widths[column : column + span])

    def line(self, width: int) -> dict[str, object]:
        colour = self.hairline if width == _HAIRLINE else self.rule
        return {"val": "single", "sz": width, "space": 0, "color": colour}


@dataclass(frozen=True, slots=True)
class _Style:
    """How a cell of the body looks."""

    kind: BodyKind
    keep: bool
    """Whether it stays on the page of the next row."""
    align: str
    edges: Edges


def word_table(table: TableBlock, context: Context, *, plan: ColumnPlan | None = None) -> Element:
    """Return the ``w:tbl`` of a table, without caption and notes.

    Parameters
    ----------
    table
        The table.
    context
        The document.
    plan
        Widths and type size; found by `plan_columns` if not given.
    """
    plan = plan or plan_columns(table, font=context.font)
    room = context.turned_width if plan.landscape else context.width
    scale = room / sum(plan.widths)
    rule = context.theme.rule.lstrip("#")
    frame = _Frame(
        context,
        plan,
        tuple(twips(width * scale) for width in plan.widths),
        rule,
        hairline(rule),
        tuple(is_text_column(table, column) for column in range(len(plan.widths) - 1)),
    )
    return el(
        "tbl",
        _properties(table, sum(frame.widths)),
        el("tblGrid", *(el("gridCol", w=width) for width in frame.widths)),
        *_head_rows(table, frame),
        *_body_rows(table, frame),
    )


def _properties(table: TableBlock, width: int) -> Element:
    none = {"w": 0, "type": "dxa"}
    title = table.caption or table.stub
    described = " ".join(clean(sentence) for sentence in table.notes)
    look = {"firstRow": int(bool(table.head or table.stub)), "lastRow": 0, "firstColumn": 1}
    return el(
        "tblPr",
        el("tblW", w=width, type="dxa"),
        el("tblInd", **none),
        el("tblLayout", type="fixed"),
        el("tblCellMar", el("left", **none), el("right", **none)),
        el("tblLook", val="00A0", **look, lastColumn=0, noHBand=1, noVBand=1),
        el("tblCaption", val=clean(f"{table.label}. {title}" if table.label else title)),
        el("tblDescription", val=described) if described else None,
    )


def _head_rows(table: TableBlock, frame: _Frame) -> list[Element]:
    depth = len(table.head) or int(bool(table.stub))
    stub = PlacedHead(0, 0, HeadCell(table.stub, rows=depth, is_number=False))
    held = {
        (placed.row + down, placed.column): (placed, down)
        for placed in (stub, *place_heads(table))
        for down in range(placed.cell.rows)
    }
    rows = []
    for y in range(depth):
        cells, x = [], 0
        while x < len(frame.widths):
            placed, down = held.get((y, x), (PlacedHead(y, x, HeadCell("")), 0))
            cells.append(_head_cell(placed, down, depth, frame))
            x += placed.cell.span
        rows.append(el("tr", el("trPr", el("cantSplit"), el("tblHeader")), *cells))
    return rows


def _head_cell(placed: PlacedHead, down: int, depth: int, frame: _Frame) -> Element:
    cell, y = placed.cell, placed.row + down
    edges: Edges = ()
    if y == 0:
        edges += (("top", _STRONG_RULE),)
    if y == depth - 1:
        edges += (("bottom", _THIN_RULE),)
    merge = None if cell.rows == 1 else "continue" if down else "restart"
    text = [] if down else [text_run(clean(cell.text), *_size(frame.plan))]
    spans = cell.span > 1
    # The line under a spanning head belongs to its paragraph and so stops short of the next.
    under = el("pBdr", el("bottom", **{**frame.line(_THIN_RULE), "space": 2}))
    align = "center" if spans else "right" if cell.is_number else "left"
    content = paragraph(
        frame.context.styles["Table Head"],
        text,
        *([under] if spans and y < depth - 1 else []),
        el("jc", val=align),
    )
    return _cell(content, placed.column, cell.span, frame, edges, merge=merge, align="bottom")


def _body_rows(table: TableBlock, frame: _Frame) -> list[Element]:
    lines = sum(_lines(row, frame) for row in table.rows)
    keep_whole = len(table.rows) <= KEPT_ROWS and lines <= KEPT_LINES
    rows = []
    for y, row in enumerate(table.rows):
        following = table.rows[y + 1] if y + 1 < len(table.rows) else None
        is_near_end = y >= len(table.rows) - 3
        keep = keep_whole or y < 2 or is_near_end or row.kind is BodyKind.GROUP
        # The last row holds on to the notes below.
        keep = keep and (following is not None or bool(table.notes or table.tests))
        edges: Edges = (("bottom", _rule_below(row, following)),)
        if y == 0 and not (table.head or table.stub):
            edges = (("top", _STRONG_RULE), *edges)
        unsplit = frame.copied("row", make=lambda: el("trPr", el("cantSplit")))
        rows.append(el("tr", unsplit, *_row_cells(row, keep, edges, frame)))
    return rows


def _lines(row: BodyRow, frame: _Frame) -> int:
    """Return about how many lines a row takes."""
    texts = [row.label, *(cell.text for cell in row.cells)]
    return max(
        math.ceil(len(text) * _TWIPS_A_LETTER / width)
        for text, width in zip(texts, frame.widths, strict=False)
    )


def _rule_below(row: BodyRow, following: BodyRow | None) -> int:
    if following is None:
        return _STRONG_RULE
    is_total = BodyKind.TOTAL in {row.kind, following.kind}
    return _THIN_RULE if is_total else _HAIRLINE


def _row_cells(row: BodyRow, keep: bool, edges: Edges, frame: _Frame) -> list[Element]:
    columns = len(frame.widths)
    is_group = row.kind is BodyKind.GROUP
    style = _Style(row.kind, keep, "left", edges)
    cells = [_body_cell(row.label, row.note, (0, columns if is_group else 1), style, frame)]
    if is_group:
        return cells
    right = replace(style, align="right")
    for x, cell in enumerate(row.cells, start=1):
        aligned = style if frame.is_text[x - 1] else right
        cells.append(_body_cell(cell.text, cell.note, (x, 1), aligned, frame))
    return cells + [
        _body_cell("", 0, (x, 1), right, frame) for x in range(1 + len(row.cells), columns)
    ]


def _body_cell(
    text: str, note: int, place: tuple[int, int], style: _Style, frame: _Frame
) -> Element:
    """Return a cell; most differ from others of the document by their text alone."""
    if note:
        return _cell(_content(text, note, style, frame), *place, frame, style.edges)
    content = frame.copied(
        style.kind, style.keep, style.align, frame.plan.size, bool(text),
        make=lambda: _content(text, 0, style, frame),
    )  # fmt: skip
    if text:
        content[-1][-1].text = clean(text)
    return _cell(content, *place, frame, style.edges)


def _content(text: str, note: int, style: _Style, frame: _Frame) -> Element:
    muted = frame.context.theme.muted.lstrip("#")
    formats = [
        el("b") if style.kind in _BOLD_KINDS else None,
        el("color", val=muted) if style.kind is BodyKind.MISSING else None,
        *_size(frame.plan),
    ]
    before = el("spacing", before=120) if style.kind is BodyKind.GROUP else None
    runs = [text_run(clean(text), *formats)] if text else []
    return paragraph(
        frame.context.styles["Table Text"],
        [*runs, *note_runs(note, frame.context)],
        el("keepNext") if style.keep else None,
        before,
        el("jc", val=style.align),
    )


def _cell(
    content: Element,
    column: int,
    span: int,
    frame: _Frame,
    edges: Edges,
    *,
    merge: str | None = None,
    align: str = "top",
) -> Element:
    """Return a cell; the outer edges of the table stand flush with the text."""
    last = column + span >= len(frame.widths)
    left = 0 if column == 0 else twips(PADDING)
    right = 0 if last else twips(PADDING)
    width = frame.width(column, span)

    def make() -> Element:
        return el(
            "tcPr",
            el("tcW", w=width, type="dxa"),
            el("gridSpan", val=span) if span > 1 else None,
            el("vMerge", val=merge) if merge else None,
            _borders(edges, frame),
            el("tcMar", el("left", w=left, type="dxa"), el("right", w=right, type="dxa")),
            el("vAlign", val=align),
        )

    return el("tc", frame.copied(width, span, merge, edges, left, right, align, make=make), content)


def _borders(edges: Edges, frame: _Frame) -> Element | None:
    lines = (el(side, **frame.line(width)) for side, width in edges)
    return el("tcBorders", *lines) if edges else None


def _size(plan: ColumnPlan) -> list[Element]:
    """Return the type size, where it is not that of the style."""
    if plan.size == _USUAL_SIZE:
        return []
    # Word counts in half points; rounded up, a text would be wider than its column was planned.
    half_points = int(plan.size * 2)
    return [el("sz", val=half_points), el("szCs", val=half_points)]
