"""Captions that Word counts, tables and charts with their notes."""

from __future__ import annotations

from copy import copy
from io import BytesIO
from typing import TYPE_CHECKING

from evaluation.rendering.clean import clean
from evaluation.rendering.table_parts import readable_parts
from evaluation.rendering.word.tables import word_table
from evaluation.rendering.word.text import note_runs
from evaluation.rendering.word.xml import (
    Element,
    bookmark,
    el,
    emu,
    field,
    paragraph,
    run,
    text_run,
)
from evaluation.report.model import TableBlock

if TYPE_CHECKING:
    from evaluation.rendering.table_grid import ColumnPlan
    from evaluation.rendering.word.context import Context
    from evaluation.report.model import ChartBlock

PICTURE_HEIGHT = 205.0
"""A picture is never taller, in mm, so that its caption and notes fit on the page."""


def table_elements(table: TableBlock, context: Context, *, may_turn: bool = False) -> list[Element]:
    """Return caption, table and notes; a table that no page holds is several below each other."""
    parts = readable_parts(table, font=context.font, may_turn=may_turn)
    return [element for part, plan in parts for element in _table_part(part, plan, context)]


def _table_part(table: TableBlock, plan: ColumnPlan, context: Context) -> list[Element]:
    notes = _notes((*table.notes, *table.tests), context)
    # Word wants a paragraph between two tables; without notes an empty one keeps the distance.
    return [
        *_caption(table, context),
        word_table(table, context, plan=plan),
        *(notes or [paragraph(context.styles["Table Note"], [], _distance())]),
    ]


def chart_elements(chart: ChartBlock, context: Context) -> list[Element]:
    """Return caption, picture with its text alternative, and notes."""
    drawing = picture(
        context.pictures[chart.id],
        context,
        width=context.width,
        alt=clean(chart.alt) or clean(chart.caption),
        name=chart.label or chart.caption,
    )
    notes = _notes(chart.notes, context)
    keep = [] if notes else [el("keepNext", val=0)]
    body = paragraph(context.styles["Figure"], [run(drawing)], *keep)
    return [*_caption(chart, context), body, *notes]


def picture(data: bytes, context: Context, *, width: float, alt: str, name: str) -> Element:
    """Return a drawing in the line, scaled to a width (and to `PICTURE_HEIGHT`), in mm."""
    inline = context.part.new_pic_inline(BytesIO(data), width=emu(width))
    excess = int(inline.extent.cy) / emu(PICTURE_HEIGHT)
    if excess > 1:
        inline = context.part.new_pic_inline(BytesIO(data), width=emu(width / excess))
    for side in ("distT", "distB", "distL", "distR"):
        inline.set(side, "0")
    properties = inline.docPr
    properties.set("id", str(context.next_drawing()))
    properties.set("name", clean(name))
    properties.set("descr", alt)
    return el("drawing", inline)


def _caption(block: TableBlock | ChartBlock, context: Context) -> list[Element]:
    note = block.caption_note if isinstance(block, TableBlock) else 0
    label = _label(block, context)
    if not (block.label or block.caption):
        return label
    joint = ". " if block.label and block.caption else ""
    text = text_run(joint + clean(block.caption))
    runs = [*label, text, *note_runs(note, context)]
    # Said here too: an agency's caption may stand below, and be free to leave what follows.
    return [paragraph(context.styles["caption"], runs, el("keepNext"))]


def _label(block: TableBlock | ChartBlock, context: Context) -> list[Element]:
    """Return "Tabell 12": the number in a bookmark, as a field where it is the next in order.

    References repeat the number alone, so that their word keeps its case.
    """
    word, blank, number = clean(block.label).rpartition(" ")
    # An agency's template has colours of its own.
    colour = [el("color", val=context.theme.primary.lstrip("#"))] if context.font else []
    shown = [text_run(number, *map(copy, colour))] if number else []
    expected = context.sequences.get(word, 0) + 1
    if word.isalpha() and number == str(expected):
        context.sequences[word] = expected
        shown = field(f"SEQ {word} \\* ARABIC", shown, *colour)
    if context.is_first(block.id):
        shown = bookmark(context.next_bookmark(), context.anchor(block.id), shown)
    return [*([text_run(word + blank, *colour)] if word else []), *shown]


def _distance() -> Element:
    return el("spacing", before=0, after=0, line=220, lineRule="exact")


def _notes(sentences: tuple[str, ...], context: Context) -> list[Element]:
    style = context.styles["Table Note"]
    last = len(sentences) - 1
    return [
        paragraph(style, [text_run(clean(s))], el("keepNext") if i < last else None)
        for i, s in enumerate(sentences)
    ]
