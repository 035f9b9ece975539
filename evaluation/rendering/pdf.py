"""The report as an accessible PDF: PDF/UA-1 and PDF/A-2a in one file.

The report becomes JSON and pictures in a temporary folder, Typst sets them by
the theme's ``print/report.typ``, and a last pass tags the heads of table rows.
Fonts come from the theme alone; nothing is read from the network or the clock.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluation.rendering.clean import REPLACEMENT
from evaluation.rendering.pdf_tags import block_pages, mark_row_heads
from evaluation.rendering.print_model import charts, print_model
from evaluation.report.model import Box, ListBlock, TableBlock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from typst import PDFStandard

    from evaluation.rendering.theme import Theme
    from evaluation.report.model import Block, Report, ReportMeta

STANDARDS: list[PDFStandard] = ["a-2a", "ua-1"]
TEMPLATES = ("report", "look", "text", "tables", "blocks", "cover")
"""Files under ``print/``; a theme overrides any of them."""

_MISSING_GLYPH = re.compile(r'the text `"(.+?)"` could not be displayed|codepoint `"(.+?)"`')
_ESCAPED = re.compile(r"\\u\{([0-9a-fA-F]+)\}")


def render_pdf(report: Report, theme: Theme, *, timestamp: int | None = None) -> bytes:
    """Set a report as a tagged PDF.

    Parameters
    ----------
    report
        The report.
    theme
        Its look; ``theme.font_files`` must hold the regular, italic and bold faces.
    timestamp
        Seconds since 1970 for the file's creation date; by default noon UTC of
        the report's date, or of the first day of its year.

    Returns
    -------
    bytes
        A file that claims PDF/UA-1 and PDF/A-2a. The same report, theme and
        timestamp give the same bytes.

    Raises
    ------
    typst.TypstError
        If a template is wrong, or the report lacks what PDF/UA demands (a
        level of headings is skipped).
    FileNotFoundError
        If the theme lacks a template or font.
    """
    created = report_timestamp(report.meta) if timestamp is None else timestamp
    return mark_row_heads(_pdf(report, theme, created))


def heading_pages(report: Report, theme: Theme) -> dict[str, int]:
    """Return the page of each heading, table and figure by its id, the cover being page 1."""
    return pages_of(_pdf(report, theme, report_timestamp(report.meta)), report)


def pages_of(pdf: bytes, report: Report) -> dict[str, int]:
    """Return the page of each heading, table and figure of a report in its PDF."""
    tables = [block.id for block in _tables(report.blocks)]
    return block_pages(pdf, tables, [chart.id for chart in charts(report.blocks)])


def _tables(blocks: Iterable[Block]) -> Iterator[TableBlock]:
    for block in blocks:
        match block:
            case TableBlock():
                yield block
            case Box():
                yield from _tables(block.blocks)
            case ListBlock():
                for item in block.items:
                    yield from _tables(item)
            case _:
                pass


def report_timestamp(meta: ReportMeta) -> int:
    """Return noon UTC of the report's date (or of 1 January of its year), in seconds since 1970."""
    try:
        day = datetime.fromisoformat(meta.date)
    except ValueError:
        day = datetime(meta.year or 1980, 1, 1)  # noqa: DTZ001 -- the zone is set below
    return int(day.replace(hour=12, minute=0, second=0, tzinfo=UTC).timestamp())


def font_folders(theme: Theme) -> list[str]:
    """Return the folders that hold the theme's font files."""
    return sorted({str(theme.file(name).parent) for name in theme.font_files})


def _pdf(report: Report, theme: Theme, created: int) -> bytes:
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        root = Path(folder)
        _write_templates(root, theme)
        model = print_model(report, theme, _write_pictures(root, report, theme))
        return _typeset(root, model, theme, created)


def _typeset(root: Path, model: Mapping[str, Any], theme: Theme, created: int) -> bytes:
    """Compile; characters that no font of the theme holds are replaced and set again."""
    import typst

    (root / "report.json").write_text(json.dumps(model, ensure_ascii=False), encoding="utf-8")
    # Each round reports all characters of the layout reached so far.
    for attempt in range(4):
        try:
            return typst.compile(
                str(root / "report.typ"),
                root=str(root),
                format="pdf",
                font_paths=typst.Fonts(include_system_fonts=False, font_paths=font_folders(theme)),
                pdf_standards=STANDARDS,
                timestamp=created,
            )
        except typst.TypstError as error:
            missing = _missing_characters(error.diagnostic)
            if not missing or attempt == 3:
                raise
            _replace(root, missing)
    raise AssertionError("the loop returns or raises")


def _missing_characters(diagnostic: str) -> set[str]:
    found = (match.group(1) or match.group(2) for match in _MISSING_GLYPH.finditer(diagnostic))
    texts = (_ESCAPED.sub(lambda code: chr(int(code.group(1), 16)), text) for text in found)
    return {character for text in texts for character in text} - {REPLACEMENT}


def _replace(root: Path, characters: set[str]) -> None:
    """Replace characters in the report's texts and in its charts."""
    table = {ord(character): REPLACEMENT for character in characters}
    for file in (root / "report.json", *sorted(root.glob("chart-*.svg"))):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.translate(table), encoding="utf-8", newline="\n")


def _write_templates(root: Path, theme: Theme) -> None:
    for name in TEMPLATES:
        shutil.copyfile(theme.file(f"print/{name}.typ"), root / f"{name}.typ")


def _write_pictures(root: Path, report: Report, theme: Theme) -> dict[str, str]:
    from evaluation.rendering.charts.svg import chart_svg, number_format

    names = {}
    numbers = number_format(report.words)
    for number, chart in enumerate(charts(report.blocks), start=1):
        name = f"chart-{number}.svg"
        svg = chart_svg(chart, theme, ids=f"p{number}-", numbers=numbers)
        (root / name).write_text(svg, encoding="utf-8", newline="\n")
        names[chart.id] = name
    if theme.logo:
        names["logo"] = f"logo{Path(theme.logo).suffix}"
        shutil.copyfile(theme.file(theme.logo), root / names["logo"])
    return names
