"""The report as a Word document that an agency can go on editing.

Styles, contents, captions, cross-references and footnotes are Word's own, so
that they follow when the text is changed. Charts are pictures with text
alternatives. An agency's template gives its styles, page and letterhead.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluation.rendering.charts.png import svg_to_png, svgs_to_png
from evaluation.rendering.clean import clean
from evaluation.rendering.pdf import font_folders, heading_pages, report_timestamp
from evaluation.rendering.print_model import charts, language_tag
from evaluation.rendering.table_grid import turned_parts
from evaluation.rendering.word.blocks import begin_page, block_elements
from evaluation.rendering.word.context import Context
from evaluation.rendering.word.figures import picture
from evaluation.rendering.word.fonts import embed_fonts
from evaluation.rendering.word.notes import Footnotes
from evaluation.rendering.word.numbering import Numbering, counted_suffix
from evaluation.rendering.word.package import open_package, save_package
from evaluation.rendering.word.sections import PageSetup, close_section
from evaluation.rendering.word.settings import complete_settings
from evaluation.rendering.word.styles import (
    HEADING_LEVELS,
    complete_styles,
    defaults,
    number_headings,
)
from evaluation.rendering.word.xml import (
    Element,
    el,
    paragraph,
    put,
    run,
    text_run,
)
from evaluation.report.model import Contents, EntryList, Heading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from evaluation.rendering.theme import Theme
    from evaluation.report.model import Report, ReportMeta


def render_docx(
    report: Report,
    theme: Theme,
    *,
    reference_doc: bytes | None = None,
    timestamp: int | None = None,
    pages: Callable[[], Mapping[str, int]] | None = None,
) -> bytes:
    """Write a report as a Word document.

    Parameters
    ----------
    report
        The report.
    theme
        Its look, where no template gives another.
    reference_doc
        An agency's own document or template (``.docx`` or ``.dotx``): its
        styles, page, header and footer are kept, its text is not.
    timestamp
        Seconds since 1970 for the file's properties; see `render_pdf`.
    pages
        Gives the page of each heading by its id, for the contents as first shown; asked
        for late. By default those of the PDF. Word counts anew when the field is updated.

    Returns
    -------
    bytes
        The file; the same arguments give the same bytes.

    Raises
    ------
    NotAWordFileError
        If ``reference_doc`` is no Word file.
    """
    document = open_package(reference_doc)
    language = language_tag(report.meta)
    _prepare(document, theme, language, is_own=reference_doc is None)
    setup = PageSetup(document, report, theme)
    font = theme.font if reference_doc is None else ""
    context = _context(document, report, theme, setup, font=font, pages=pages)
    context.heading_number = _number_headings(document, context, is_own=reference_doc is None)
    _write_body(document.element.body, context, setup)
    created = report_timestamp(report.meta) if timestamp is None else timestamp
    _describe(document.core_properties, report.meta, created, language)
    return save_package(document)


def _prepare(document: Any, theme: Theme, language: str, *, is_own: bool) -> None:
    """Set language and settings; the document of our own gets fonts and defaults too."""
    styles = document.styles.element
    if is_own:
        styles.insert(0, defaults(theme, language))
        embed_fonts(document.part, theme)
    complete_settings(document.settings.element, language, embeds_fonts=is_own)
    for lang in styles.iter(el("lang").tag):
        put(lang, "val", language)


def _context(
    document: Any,
    report: Report,
    theme: Theme,
    setup: PageSetup,
    *,
    font: str,
    pages: Callable[[], Mapping[str, int]] | None,
) -> Context:
    main = document.part
    styles = complete_styles(document.styles.element, theme, setup.width())
    has_contents = any(isinstance(block, Contents | EntryList) for block in report.blocks)
    pictures = _pictures(report, theme)
    counted = pages or (lambda: heading_pages(report, theme))
    return Context(
        part=main,
        report=report,
        theme=theme,
        styles=styles,
        numbering=Numbering(main.numbering_part.element),
        footnotes=Footnotes(main, styles),
        font=font,
        width=setup.width(),
        turned_width=setup.width(is_turned=True),
        pages=counted() if has_contents else {},
        pictures=pictures,
    )


def _number_headings(document: Any, context: Context, *, is_own: bool) -> int:
    """Let Word number the headings, if it gives the report's numbers; return 0 if it does not.

    An agency's heading styles are left as they are: its headings carry the
    numbering themselves.
    """
    headings = (block for block in context.report.blocks if isinstance(block, Heading))
    suffix = counted_suffix(headings)
    if suffix is None:
        return 0
    if not is_own:
        return context.numbering.headings(suffix, {})
    levels = range(1, HEADING_LEVELS + 1)
    styles = {level: context.styles[f"heading {level}"] for level in levels}
    number = context.numbering.headings(suffix, styles)
    number_headings(document.styles.element, context.styles, number)
    return number


def _pictures(report: Report, theme: Theme) -> dict[str, bytes]:
    from evaluation.rendering.charts.svg import chart_svg, number_format

    numbers = number_format(report.words)
    found = list(charts(report.blocks))
    drawn = [
        chart_svg(chart, theme, ids=f"w{i}-", numbers=numbers) for i, chart in enumerate(found)
    ]
    pngs = svgs_to_png(drawn, map(Path, font_folders(theme)))
    return {chart.id: png for chart, png in zip(found, pngs, strict=True)}


def _write_body(body: Element, context: Context, setup: PageSetup) -> None:
    """Write cover and blocks; a new section begins wherever the page is turned."""
    final = body.sectPr
    if final is not None:
        body.remove(final)
    for element in _cover(context):
        body.append(element)
    parts = list(turned_parts(context.report.blocks, font=context.font))
    is_first = True
    for number, (is_turned, blocks) in enumerate(parts):
        elements = block_elements(blocks, context, may_turn=is_turned)
        if is_first:
            begin_page(elements)
        for element in elements:
            body.append(element)
        section = setup.section(context.styles, is_turned=is_turned, is_first=is_first)
        is_first = False
        if number + 1 < len(parts):
            close_section(body, section)
        else:
            body.append(section)
    if not parts:
        body.append(setup.section(context.styles, is_turned=False, is_first=True))


def _cover(context: Context) -> list[Element]:
    meta, styles = context.report.meta, context.styles

    def line(style: str, text: str) -> list[Element]:
        return [paragraph(styles[style], [text_run(clean(text))])] if text else []

    return [
        *_logo(context),
        *line("Cover Publisher", meta.publisher),
        paragraph(styles["Cover Rule"], []),
        *line("Title", meta.title),
        *line("Subtitle", meta.subtitle),
        *line("Cover Text", meta.series),
        *line("Cover Text", meta.date),
        *line("Notice", meta.notice),
    ]


def _logo(context: Context) -> list[Element]:
    theme = context.theme
    if not theme.logo:
        return []
    file = theme.file(theme.logo)
    data = file.read_bytes()
    if file.suffix.lower() == ".svg":
        data = svg_to_png(data.decode("utf-8"), map(Path, font_folders(theme)), width=60)
    alt = theme.logo_alt or context.report.meta.publisher
    drawing = picture(data, context, width=60, alt=clean(alt), name="logo")
    return [paragraph(context.styles["Cover Text"], [run(drawing)])]


def _describe(properties: Any, meta: ReportMeta, created: int, language: str) -> None:
    """Set the file's properties; none of them comes from the clock."""
    moment = datetime.fromtimestamp(created, tz=UTC).replace(tzinfo=None)
    properties.title = clean(meta.title)
    properties.author = clean(meta.author or meta.publisher)
    properties.last_modified_by = properties.author
    properties.subject = clean(meta.subtitle or meta.series)
    properties.keywords = clean(meta.series)
    properties.comments = clean(meta.description)
    properties.language = language
    properties.created = properties.modified = moment
    properties.revision = 1
