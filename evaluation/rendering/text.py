"""Text without its form: a table for the terminal, a footnote for a cell."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from evaluation.report.model import (
    BodyKind,
    CrossReference,
    Emphasis,
    LineBreak,
    Link,
    Strong,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evaluation.report.model import HeadCell, Inline, TableBlock

LABEL_WIDTH = 48
TEXT_WIDTH = 88
GAP = "  "


def table_text(block: TableBlock) -> str:
    """Return a table with aligned columns, wrapped row heads and its notes."""
    heads = [_spread(row) for row in block.head]
    n_columns = max([len(h) for h in heads] + [len(r.cells) for r in block.rows])
    bottom = heads[-1] if heads else []
    widths = [
        max(
            len(bottom[i]) if i < len(bottom) else 0,
            *(len(row.cells[i].text) for row in block.rows if len(row.cells) > i),
            1,
        )
        for i in range(n_columns)
    ]
    for spanning in block.head[:-1]:
        _widen(widths, spanning)
    labels = [block.stub, *(row.label for row in block.rows)]
    label_width = min(LABEL_WIDTH, max(len(label) for label in labels))
    rule = "-" * (label_width + sum(width + len(GAP) for width in widths))
    lines = [*textwrap.wrap(block.caption, TEXT_WIDTH), ""]
    lines += [_spanned(row, widths, label_width) for row in block.head[:-1]]
    lines += _line(block.stub, bottom, widths, label_width)
    lines.append(rule)
    for row in block.rows:
        if row.kind is BodyKind.TOTAL:
            lines.append(rule)
        lines += _line(row.label, [cell.text for cell in row.cells], widths, label_width)
    lines.append(rule)
    for note in block.notes + block.tests:
        lines += textwrap.wrap(note, TEXT_WIDTH)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _widen(widths: list[int], row: tuple[HeadCell, ...]) -> None:
    """Make the columns under a spanning head wide enough for it: a cut head says another thing."""
    at = 0
    for cell in row:
        width = sum(widths[at : at + cell.span]) + len(GAP) * (cell.span - 1)
        widths[at + cell.span - 1] += max(0, len(cell.text) - width)
        at += cell.span


def _spread(row: tuple[HeadCell, ...]) -> list[str]:
    """One text per column; a spanning head stands over its last column."""
    texts: list[str] = []
    for cell in row:
        texts += [""] * (cell.span - 1) + [cell.text]
    return texts


def _spanned(row: tuple[HeadCell, ...], widths: list[int], label_width: int) -> str:
    line = " " * label_width
    at = 0
    for cell in row:
        width = sum(widths[at : at + cell.span]) + len(GAP) * (cell.span - 1)
        line += GAP + cell.text[:width].rjust(width)
        at += cell.span
    return line


def _line(label: str, cells: list[str], widths: list[int], label_width: int) -> list[str]:
    wrapped = textwrap.wrap(label, label_width) or [""]
    figures = "".join(GAP + text.rjust(width) for text, width in zip(cells, widths, strict=False))
    first, *rest = [part.ljust(label_width) for part in wrapped]
    return [first + figures, *rest]


def plain_text(parts: Iterable[Inline]) -> str:
    """Return running text without emphasis, links and the marks of footnotes."""
    written = []
    for part in parts:
        if isinstance(part, LineBreak):
            written.append(" ")
        elif isinstance(part, Text | CrossReference):
            written.append(part.text)
        elif isinstance(part, Strong | Emphasis | Link):
            written.append(plain_text(part.children))
    return "".join(written)
