"""Blocks of a report as paragraphs and tables of Word, in reading order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.rendering.clean import clean
from evaluation.rendering.word.entries import entry_elements
from evaluation.rendering.word.figures import chart_elements, table_elements
from evaluation.rendering.word.numbering import list_indent, number_properties
from evaluation.rendering.word.text import inline_runs
from evaluation.rendering.word.xml import (
    PARAGRAPH_ORDER,
    Element,
    bookmark,
    el,
    field,
    insert_ordered,
    paragraph,
    tab,
    text_run,
    twips,
)
from evaluation.report.model import (
    Box,
    ChartBlock,
    Contents,
    EntryList,
    Heading,
    ListBlock,
    PageBreak,
    Paragraph,
    QuoteBlock,
    TableBlock,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evaluation.rendering.word.context import Context
    from evaluation.report.model import Block

_BOX_INDENT = 4.0
_LIST_HANGING = 5.0
_KEPT_PARAGRAPHS = 5
"""A box of up to so many paragraphs is kept on one page."""


def block_elements(
    blocks: Iterable[Block], context: Context, *, may_turn: bool = False, in_box: bool = False
) -> list[Element]:
    """Return the body elements of some blocks.

    Parameters
    ----------
    blocks
        In reading order.
    context
        The document.
    may_turn
        Whether they stand on a page turned sideways.
    in_box
        Whether they stand in a fact box.
    """
    elements: list[Element] = []
    is_broken = False
    for block in blocks:
        if isinstance(block, PageBreak):
            is_broken = True
            continue
        made = _elements(block, context, may_turn=may_turn, in_box=in_box)
        if is_broken:
            begin_page(made)
        is_broken = False
        elements += made
    return elements


def _elements(block: Block, context: Context, *, may_turn: bool, in_box: bool) -> list[Element]:
    match block:
        case Heading():
            return [_heading(block, context)]
        case Paragraph():
            return [_paragraph(block, context, in_box=in_box)]
        case ListBlock():
            return _list(block, context, 0, in_box=in_box)
        case EntryList():
            return entry_elements(block, context)
        case QuoteBlock():
            return _quote(block, context)
        case Box():
            return _box(block, context)
        case TableBlock():
            return table_elements(block, context, may_turn=may_turn)
        case ChartBlock():
            return chart_elements(block, context)
        case Contents():
            return _contents(block, context)
        case PageBreak():
            return []


def begin_page(elements: list[Element]) -> None:
    """Let the first of some elements begin a page, whatever its style says.

    A paragraph of its own for the break would leave a blank page before a chapter.
    """
    first = next((p for p in elements[0].iter(el("p").tag)), None) if elements else None
    if first is None or elements[0].tag == el("tbl").tag:
        elements.insert(0, el("p", el("r", el("br", type="page"))))
        return
    properties = first.find(el("pPr").tag)
    if properties.find(el("pageBreakBefore").tag) is None:
        insert_ordered(properties, el("pageBreakBefore"), PARAGRAPH_ORDER)


def _heading(block: Heading, context: Context) -> Element:
    name = f"heading {block.level}" if block.in_contents else f"Heading {block.level} Unlisted"
    is_counted = bool(block.number and context.heading_number)
    typed = f"{clean(block.number)} " if block.number and not is_counted else ""
    runs = [text_run(typed + clean(block.shown_text))]
    if context.is_first(block.id):
        runs = bookmark(context.next_bookmark(), context.anchor(block.id), runs)
    # Number 0 keeps an agency's template from numbering what the report does not.
    number = context.heading_number if is_counted else 0
    return paragraph(context.styles[name], runs, number_properties(number, block.level - 1))


def _paragraph(block: Paragraph, context: Context, *, in_box: bool) -> Element:
    name = "Box Text" if in_box else "Lead Paragraph" if block.lead else "Normal"
    # What heads the following paragraph or list stays with it.
    keep = el("keepNext") if block.is_head else None
    return paragraph(context.styles[name], inline_runs(block.children, context), keep)


def _list(block: ListBlock, context: Context, level: int, *, in_box: bool) -> list[Element]:
    number = context.numbering.new_list(ordered=block.ordered)
    elements: list[Element] = []
    for item in block.items:
        opens = item[0] if item and isinstance(item[0], Paragraph) else None
        first = opens or Paragraph(())
        rest = item[1:] if opens else item
        properties = [number_properties(number, min(level, 3)), _list_space(level, in_box=in_box)]
        name = "Box Text" if in_box else "List Number" if block.ordered else "List Bullet"
        runs = inline_runs(first.children, context)
        elements.append(paragraph(context.styles[name], runs, *properties))
        for part in rest:
            elements += _in_item(part, context, level, in_box=in_box)
    return elements


def _list_space(level: int, *, in_box: bool) -> Element | None:
    """Return the indent of a list in a box; elsewhere the numbering has it."""
    if not in_box:
        return None
    left = _BOX_INDENT + list_indent(level)
    return el("ind", left=twips(left), right=twips(_BOX_INDENT), hanging=twips(_LIST_HANGING))


def _in_item(block: Block, context: Context, level: int, *, in_box: bool) -> list[Element]:
    if isinstance(block, ListBlock):
        return _list(block, context, level + 1, in_box=in_box)
    if not isinstance(block, Paragraph):
        return block_elements([block], context, in_box=in_box)
    name = "Box Text" if in_box else "List Continue"
    left = list_indent(level) + (_BOX_INDENT if in_box else 0)
    runs = inline_runs(block.children, context)
    return [paragraph(context.styles[name], runs, el("ind", left=twips(left)))]


def _quote(block: QuoteBlock, context: Context) -> list[Element]:
    style = context.styles["Quote"]
    keep = el("keepNext") if block.attribution else None
    elements = [
        paragraph(style, inline_runs(part.children, context), keep) for part in block.paragraphs
    ]
    if block.attribution:
        source = inline_runs(block.attribution, context)
        elements.append(paragraph(context.styles["Quote Source"], source))
    return elements


def _box(block: Box, context: Context) -> list[Element]:
    runs = [text_run(clean(block.title))]
    if context.is_first(block.id):
        runs = bookmark(context.next_bookmark(), context.anchor(block.id), runs)
    elements = [
        paragraph(context.styles["Box Heading"], runs),
        *block_elements(block.blocks, context, in_box=True),
    ]
    _space_after(elements[-1])
    if len(elements) <= _KEPT_PARAGRAPHS:
        for element in elements[:-1]:
            _keep_with_next(element)
    return elements


def _keep_with_next(element: Element) -> None:
    properties = element.find(el("pPr").tag)
    if properties is not None and properties.find(el("keepNext").tag) is None:
        insert_ordered(properties, el("keepNext"), PARAGRAPH_ORDER)


def _space_after(element: Element) -> None:
    """Give the last paragraph of a box its distance to what follows."""
    properties = element.find(el("pPr").tag)
    if properties is None:
        return
    insert_ordered(properties, el("spacing", after=320), PARAGRAPH_ORDER)


# --- contents -----------------------------------------------------------------


def _contents(block: Contents, context: Context) -> list[Element]:
    """Return the table of contents: a field, already filled, that Word can update."""
    entries = [
        target
        for target in context.report.blocks
        if isinstance(target, Heading) and target.in_contents and target.level <= block.depth
    ]
    words = [text_run(clean(block.title))]
    title = paragraph(context.styles["TOC Heading"], words, number_properties(0, 0))
    if not entries:
        return [title]
    lines = [_entry(entry, context) for entry in entries]
    opened, code, separate, end = field(f'TOC \\o "1-{block.depth}" \\h \\z', [])
    place = 1  # after the paragraph's properties
    for part in (separate, code, opened):
        lines[0].insert(place, part)
    lines[-1].append(end)
    gallery = el("docPartGallery", val="Table of Contents")
    properties = el("sdtPr", el("docPartObj", gallery, el("docPartUnique")))
    return [el("sdt", properties, el("sdtContent", title, *lines))]


def _entry(heading: Heading, context: Context) -> Element:
    name = context.anchor(heading.id)
    page = str(context.pages.get(heading.id, ""))
    number = [text_run(clean(heading.number)), tab()] if heading.number else []
    link = el(
        "hyperlink",
        *number,
        text_run(clean(heading.shown_text)),
        tab(),
        *field(f"PAGEREF {name} \\h", [text_run(page)]),
        anchor=name,
        history=1,
    )
    return paragraph(context.styles[f"toc {heading.level}"], [link])
