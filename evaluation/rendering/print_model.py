"""The report as plain data for the print template: dicts, lists, strings, numbers.

The template sees nothing but JSON, so that no text of a report can ever be
read as markup. Renderers decide nothing here about numbers; only what paper
needs is added: column widths, page geometry, which mark of a footnote is the
first, and links that lead nowhere taken out.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evaluation.rendering.clean import clean
from evaluation.rendering.print_text import JsonDict, Scope, inlines, length, note
from evaluation.rendering.table_grid import (
    PADDING,
    TEXT_WIDTH,
    column_count,
    is_text_column,
    place_heads,
    turned_parts,
)
from evaluation.rendering.table_parts import readable_parts
from evaluation.report.model import (
    Box,
    ChartBlock,
    Contents,
    EntryKind,
    EntryList,
    Heading,
    ListBlock,
    PageBreak,
    Paragraph,
    QuoteBlock,
    TableBlock,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evaluation.rendering.table_grid import ColumnPlan
    from evaluation.rendering.theme import Theme
    from evaluation.report.model import Block, Report, ReportMeta

REGIONS = {"sv": "SE", "en": "GB", "nb": "NO", "nn": "NO", "da": "DK", "fi": "FI"}
"""Region of each language, for hyphenation and the file's language tag."""

SHORT = 280
"""Letters of a paragraph of at most three lines."""


def print_model(report: Report, theme: Theme, pictures: Mapping[str, str]) -> JsonDict:
    """Turn a report into the data that ``print/report.typ`` reads.

    Parameters
    ----------
    report
        The report.
    theme
        Colours and font.
    pictures
        File name of each chart's picture, by the chart's id; ``logo`` for the
        theme's logo where it has one.
    """
    scope = Scope(
        anchors=frozenset(anchors(report.blocks)),
        footnotes={note.number: note for note in report.footnotes},
        pictures=pictures,
        font=theme.font,
    )
    return {
        "meta": _meta(report.meta, report.words, theme, pictures.get("logo")),
        "theme": _theme(theme),
        "blocks": _parts(report.blocks, scope),
    }


def anchors(blocks: Iterable[Block]) -> Iterable[str]:
    """Yield the id of every block that a reference may lead to, in reading order."""
    for block in blocks:
        match block:
            case Heading() | TableBlock() | ChartBlock():
                yield block.id
            case EntryList():
                yield from block.anchors
            case Box():
                yield block.id
                yield from anchors(block.blocks)
            case ListBlock():
                for item in block.items:
                    yield from anchors(item)
            case _:
                pass


def charts(blocks: Iterable[Block]) -> Iterable[ChartBlock]:
    """Yield every chart, those in boxes and lists too, in reading order."""
    for block in blocks:
        match block:
            case ChartBlock():
                yield block
            case Box():
                yield from charts(block.blocks)
            case ListBlock():
                for item in block.items:
                    yield from charts(item)
            case _:
                pass


def running_title(meta: ReportMeta) -> str:
    """Return the running head's second line: the title in capitals, where they fit a line."""
    title = clean(meta.title)
    return title.upper() if len(title) <= 84 else title


def language_tag(meta: ReportMeta) -> str:
    """Return language and region, such as ``sv-SE``."""
    region = REGIONS.get(meta.language)
    return f"{meta.language}-{region}" if region else meta.language


def _meta(meta: ReportMeta, words: Mapping[str, str], theme: Theme, logo: str | None) -> JsonDict:
    return {
        "title": clean(meta.title) or clean(meta.publisher) or "–",
        "subtitle": clean(meta.subtitle),
        "publisher": clean(meta.publisher),
        "author": [clean(meta.author or meta.publisher)],
        "series": clean(meta.series),
        "date": clean(meta.date),
        "description": clean(meta.description or meta.subtitle or meta.series),
        "keywords": [clean(word) for word in (meta.series, meta.publisher) if word],
        "notice": clean(meta.notice),
        "running_head": clean(meta.running_head or meta.publisher),
        "running_title": running_title(meta),
        "page_of": words.get("page_of", "{page} ({pages})"),
        "language": meta.language,
        "region": REGIONS.get(meta.language),
        "logo": logo,
        "logo_alt": clean(theme.logo_alt or meta.publisher),
    }


def _theme(theme: Theme) -> JsonDict:
    colours = ("primary", "accent", "ink", "muted", "rule", "surface", "link")
    return {"font": theme.font, **{name: getattr(theme, name) for name in colours}}


def _blocks(blocks: Iterable[Block], scope: Scope) -> list[JsonDict]:
    return [_block(block, scope) for block in blocks]


def _parts(blocks: Iterable[Block], scope: Scope) -> list[JsonDict]:
    """Turn the report's blocks into data; wide tables get a page turned sideways."""
    parts: list[JsonDict] = []
    for is_turned, held in turned_parts(blocks, font=scope.font):
        scope.may_turn = is_turned
        items = _blocks(held, scope)
        parts += [{"kind": "landscape", "blocks": items}] if is_turned else items
    return parts


def _block(block: Block, scope: Scope) -> JsonDict:
    match block:
        case Heading():
            return _heading(block, scope)
        case Paragraph():
            return _paragraph(block, scope)
        case ListBlock():
            return _list(block, scope)
        case EntryList():
            return _entries(block, scope)
        case QuoteBlock():
            return {
                "kind": "quote",
                "paragraphs": [_paragraph(p, scope) for p in block.paragraphs],
                "attribution": inlines(block.attribution, scope),
            }
        case Box():
            return {
                "kind": "box",
                "title": clean(block.title),
                "anchor": scope.anchor(block.id),
                "blocks": _blocks(block.blocks, scope),
            }
        case TableBlock():
            return _tables(block, scope)
        case ChartBlock():
            return _chart(block, scope)
        case Contents():
            return {"kind": "contents", "title": clean(block.title), "depth": block.depth}
        case PageBreak():
            return {"kind": "page_break"}


def _heading(block: Heading, scope: Scope) -> JsonDict:
    return {
        "kind": "heading",
        "level": block.level,
        "number": clean(block.number),
        "text": clean(block.shown_text),
        "in_contents": block.in_contents,
        "anchor": scope.anchor(block.id),
    }


def _paragraph(block: Paragraph, scope: Scope) -> JsonDict:
    children = inlines(block.children, scope)
    return {
        "kind": "paragraph",
        "lead": block.lead,
        "is_head": block.is_head,
        # The room that a note takes would part a line or two from the rest.
        "is_whole": '"kind": "note"' in json.dumps(children) and length(children) <= SHORT,
        "children": children,
    }


def _list(block: ListBlock, scope: Scope) -> JsonDict:
    return {
        "kind": "list",
        "ordered": block.ordered,
        "tight": all(len(item) == 1 for item in block.items),
        "items": [_blocks(item, scope) for item in block.items],
    }


def _entries(block: EntryList, scope: Scope) -> JsonDict:
    is_listing = block.kind is EntryKind.LISTING
    return {
        "kind": "entries",
        "form": str(block.kind),
        "entries": [
            {
                "anchor": "" if is_listing else scope.anchor(entry.id),
                "target": entry.id if is_listing and entry.id in scope.anchors else "",
                "label": clean(entry.label),
                "children": inlines(entry.children, scope),
            }
            for entry in block.entries
        ],
    }


def _tables(block: TableBlock, scope: Scope) -> JsonDict:
    """Turn a table into data; one that no page holds is several below each other."""
    parts = readable_parts(block, font=scope.font, may_turn=scope.may_turn)
    tables = [_table(part, plan, scope) for part, plan in parts]
    return tables[0] if len(tables) == 1 else {"kind": "parts", "blocks": tables}


def _table(block: TableBlock, plan: ColumnPlan, scope: Scope) -> JsonDict:
    is_text = [is_text_column(block, column) for column in range(column_count(block))]
    return {
        "kind": "table",
        "anchor": scope.anchor(block.id),
        "label": clean(block.label),
        "caption": clean(block.caption),
        "caption_note": note(block.caption_note, scope),
        "widths": plan.widths,
        "size": plan.size,
        "padding": PADDING,
        "hyphenate": plan.is_squeezed,
        "head": _head(block),
        "rows": [
            {
                "kind": str(row.kind),
                "label": clean(row.label),
                "note": note(row.note, scope),
                "cells": [
                    {
                        "text": clean(cell.text),
                        "is_text": is_text[column],
                        "note": note(cell.note, scope),
                    }
                    for column, cell in enumerate(row.cells)
                ],
            }
            for row in block.rows
        ],
        "notes": [clean(sentence) for sentence in (*block.notes, *block.tests)],
    }


def _head(block: TableBlock) -> list[list[JsonDict]]:
    rows: list[list[JsonDict]] = [[] for _ in block.head]
    if not rows and not block.stub:
        return []
    # The stub's head reaches down over all rows; a table without other heads keeps its own.
    rows = rows or [[]]
    rows[0].append(_head_cell(0, 0, block.stub, 1, len(rows), False))
    for placed in place_heads(block):
        cell = placed.cell
        rows[placed.row].append(
            {
                **_head_cell(
                    placed.row, placed.column, cell.text, cell.span, cell.rows, cell.is_number
                ),
                "has_below": placed.row + cell.rows < len(block.head),
            }
        )
    if not block.head and column_count(block):
        rows[0].append(_head_cell(0, 1, "", column_count(block), 1, False))
    return rows


def _head_cell(row: int, column: int, text: str, span: int, rows: int, is_number: bool) -> JsonDict:
    return {
        "row": row,
        "column": column,
        "text": clean(text),
        "span": span,
        "rows": rows,
        "is_number": is_number,
        "has_below": False,
    }


def _chart(block: ChartBlock, scope: Scope) -> JsonDict:
    return {
        "kind": "chart",
        "anchor": scope.anchor(block.id),
        "label": clean(block.label),
        "caption": clean(block.caption),
        "caption_note": [],
        "image": scope.pictures[block.id],
        "alt": clean(block.alt) or clean(block.caption),
        "width": TEXT_WIDTH,
        "notes": [clean(sentence) for sentence in block.notes],
    }
