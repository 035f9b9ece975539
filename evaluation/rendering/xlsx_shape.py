"""The shape of a sheet: heads of one row, heights of rows, how it prints, its language."""

from __future__ import annotations

import io
import zipfile
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from evaluation.rendering.markup import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evaluation.report.model import HeadCell, TableBlock
    from evaluation.texts import Texts

LINE_HEIGHT = 15.0


def flat_heads(head: Sequence[Sequence[HeadCell]]) -> list[str]:
    """Return one text per column: heads above each other joined, so that none is merged."""
    levels = []
    for row in head:
        level: list[str] = []
        for cell in row:
            level += [cell.text] * cell.span
        levels.append(level)
    width = max((len(level) for level in levels), default=0)
    return [
        ": ".join(part for level in levels if i < len(level) and (part := level[i]))
        for i in range(width)
    ]


def unlike(heads: Sequence[str], texts: Texts) -> list[str]:
    """Return heads that all say something and differ, as a table of a workbook asks.

    Upper and lower case count as like.
    """
    found: list[str] = []
    seen: set[str] = set()
    for place, text in enumerate(heads):
        plain = text or texts.get("xlsx.row_head" if place == 0 else "xlsx.column_head")
        name, number = plain, 2
        while name.casefold() in seen:
            name, number = f"{plain} ({number})", number + 1
        seen.add(name.casefold())
        found.append(name)
    return found


def is_prose(block: TableBlock, column: int) -> bool:
    """Tell whether a column holds words rather than figures and their symbols."""
    cells = [row.cells[column] for row in block.rows if column < len(row.cells)]
    return any(c.value is None and c.unit != "range" and len(c.text) > 3 for c in cells)


def set_height(sheet: Any, row: int, texts: Iterable[tuple[str, float]]) -> None:
    """Make a row as high as its wrapped texts need; not every program does so by itself."""
    lines = max((_lines(text, width) for text, width in texts), default=1)
    if lines > 1:
        sheet.set_row(row, lines * LINE_HEIGHT)


def _lines(text: str, width: float) -> int:
    """Count the lines of a text in a column, whose width is that of so many figures.

    Letters of running text are a little narrower than figures.
    """
    room = max(int(width * 1.05), 1)
    if len(text) <= room and "\t" not in text:
        return 1
    return max(len(wrap(text, room)), 1)


def printing(sheet: Any, head: int, *, wide: bool) -> None:
    """Print on A4, as wide as the paper, the head on every page."""
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(head)
    if wide:
        sheet.set_landscape()


def with_language(content: bytes, language: str) -> bytes:
    """Put the language into the properties of a workbook; the writer has no word for it."""
    out = io.BytesIO()
    tag = f"<dc:language>{escape(language)}</dc:language></cp:coreProperties>"
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(out, "w") as written:
        for entry in given.infolist():
            part = given.read(entry)
            if entry.filename == "docProps/core.xml":
                part = part.replace(b"</cp:coreProperties>", tag.encode())
            written.writestr(entry, part)
    return out.getvalue()
