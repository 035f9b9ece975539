"""What the HTML templates are given: the report cut into chapters, tables into parts.

Templates choose and place; whatever has to be worked out is worked out here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evaluation.rendering.table_grid import column_count, is_text_column, place_heads
from evaluation.report.model import (
    BodyKind,
    Box,
    ChartBlock,
    Contents,
    EntryList,
    Heading,
    ListBlock,
    TableBlock,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evaluation.report.model import Block, BodyCell, BodyRow, Footnote

_FOOT_KINDS = (BodyKind.TOTAL, BodyKind.MISSING)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading of the first level with all that stands beneath it, or what stands before."""

    id: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents with the lines beneath it."""

    id: str
    number: str
    text: str
    children: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class HeadView:
    """A head cell: its text, extent, alignment and what it is the head of."""

    text: str
    span: int
    rows: int
    scope: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class CellView:
    """A body cell as it is set."""

    text: str
    is_number: bool
    is_withheld: bool
    note: int


@dataclass(frozen=True, slots=True)
class RowView:
    """A body row as it is set."""

    label: str
    kind: str
    note: int
    cells: tuple[CellView, ...]


@dataclass(frozen=True, slots=True)
class BodyView:
    """Rows under one heading within the table, ``title`` None where there is none."""

    title: BodyRow | None
    rows: tuple[RowView, ...]


@dataclass(frozen=True, slots=True)
class TableView:
    """A table cut into head, bodies and foot.

    Attributes
    ----------
    groups
        Widths in columns of the column groups under the first row of heads,
        empty where no head spans several columns.
    """

    block: TableBlock
    columns: int
    groups: tuple[int, ...]
    head: tuple[tuple[HeadView, ...], ...]
    bodies: tuple[BodyView, ...]
    foot: tuple[RowView, ...]


@dataclass(slots=True)
class NoteMarks:
    """Keeps count of footnote marks while a page is written from top to bottom.

    A note's text stands at the end of the chapter that first refers to it;
    every mark has an id, so that the text can lead back to each.
    """

    footnotes: Mapping[int, Footnote]
    _seen: dict[int, int] = field(default_factory=dict)
    _pending: list[int] = field(default_factory=list)

    def mark(self, number: int) -> str:
        """Return the id of the next mark of that note."""
        count = self._seen.get(number, 0) + 1
        if count == 1 and number in self.footnotes:
            self._pending.append(number)
        self._seen[number] = count
        return mark_id(number, count)

    def take(self) -> tuple[Footnote, ...]:
        """Return the notes first referred to since the last call, in order."""
        taken = tuple(self.footnotes[number] for number in sorted(self._pending))
        self._pending.clear()
        return taken

    def marks(self, number: int) -> tuple[str, ...]:
        """Return the ids of all marks of a note so far."""
        return tuple(mark_id(number, count + 1) for count in range(self._seen.get(number, 0)))


def mark_id(number: int, count: int) -> str:
    """Return the id of a note's first, second … mark."""
    return f"note-mark-{number}" if count == 1 else f"note-mark-{number}-{count}"


def chapters(blocks: Iterable[Block]) -> tuple[Chapter, ...]:
    """Cut the report at its headings of the first level."""
    cut: list[Chapter] = []
    current: list[Block] = []
    name = ""
    for block in blocks:
        if isinstance(block, Heading) and block.level == 1:
            if current:
                cut.append(Chapter(name, tuple(current)))
            name, current = block.id, []
        current.append(block)
    if current:
        cut.append(Chapter(name, tuple(current)))
    return tuple(cut)


def contents(blocks: Iterable[Block], depth: int) -> tuple[Entry, ...]:
    """Return the headings that the contents list, nested by level."""
    listed = [
        block
        for block in walk(blocks)
        if isinstance(block, Heading) and block.in_contents and block.level <= depth
    ]
    return _nest(listed)


def contents_depth(blocks: Iterable[Block]) -> int:
    """Return the depth of the report's contents, 2 where it has none."""
    return next((block.depth for block in blocks if isinstance(block, Contents)), 2)


def walk(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield every block, those in boxes and lists too, in reading order."""
    for block in blocks:
        yield block
        if isinstance(block, Box):
            yield from walk(block.blocks)
        elif isinstance(block, ListBlock):
            for item in block.items:
                yield from walk(item)


def anchors(blocks: Iterable[Block]) -> frozenset[str]:
    """Return the ids that a reference can lead to."""
    kinds = (Heading, Box, TableBlock, ChartBlock)
    listed = list(walk(blocks))
    entries = (name for block in listed if isinstance(block, EntryList) for name in block.anchors)
    return frozenset((*(b.id for b in listed if isinstance(b, kinds)), *entries))


def table_view(block: TableBlock, withheld: frozenset[str]) -> TableView:
    """Cut a table into the parts of an HTML table.

    Parameters
    ----------
    block
        The table.
    withheld
        Signs that stand for a withheld figure and are spoken in words.
    """
    rows = list(block.rows)
    columns = column_count(block)
    prose = [is_text_column(block, i) for i in range(columns)]
    foot: list[RowView] = []
    while rows and rows[-1].kind in _FOOT_KINDS:
        foot.insert(0, _row(rows.pop(), withheld, prose))
    bodies: list[BodyView] = []
    title: BodyRow | None = None
    gathered: list[RowView] = []
    for row in rows:
        if row.kind is BodyKind.GROUP:
            if title or gathered:
                bodies.append(BodyView(title, tuple(gathered)))
            title, gathered = row, []
        else:
            gathered.append(_row(row, withheld, prose))
    if title or gathered:
        bodies.append(BodyView(title, tuple(gathered)))
    return TableView(block, columns, _groups(block), _head(block), tuple(bodies), tuple(foot))


def _nest(headings: list[Heading]) -> tuple[Entry, ...]:
    entries = []
    while headings:
        first, *rest = headings
        below = []
        while rest and rest[0].level > first.level:
            below.append(rest.pop(0))
        entries.append(Entry(first.id, first.number, first.text, _nest(below)))
        headings = rest
    return tuple(entries)


def _head(block: TableBlock) -> tuple[tuple[HeadView, ...], ...]:
    count = len(block.head)
    rows: list[list[HeadView]] = [[] for _ in block.head]
    for placed in place_heads(block):
        cell = placed.cell
        reaches_body = placed.row + cell.rows >= count
        rows[placed.row].append(
            HeadView(
                cell.text,
                cell.span,
                cell.rows,
                "col" if cell.span == 1 and reaches_body else "colgroup",
                cell.is_number,
            )
        )
    return tuple(tuple(row) for row in rows)


def _groups(block: TableBlock) -> tuple[int, ...]:
    spans = tuple(cell.span for cell in block.head[0]) if block.head else ()
    return spans if any(span > 1 for span in spans) else ()


def _row(row: BodyRow, withheld: frozenset[str], prose: Sequence[bool]) -> RowView:
    return RowView(
        row.label,
        row.kind.value,
        row.note,
        tuple(
            _cell(cell, withheld, is_prose)
            for cell, is_prose in zip(row.cells, prose, strict=False)
        ),
    )


def _cell(cell: BodyCell, withheld: frozenset[str], is_prose: bool) -> CellView:
    is_withheld = cell.status != "shown" and cell.text in withheld
    return CellView(cell.text, not is_prose, is_withheld, cell.note)
