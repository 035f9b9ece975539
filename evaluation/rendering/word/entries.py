"""Definitions, references, and lists of tables or figures, as Word has them.

A list of tables is a field that Word can make anew from the captions, already
filled; entries that can be referred to carry bookmarks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.rendering.clean import clean
from evaluation.rendering.word.numbering import number_properties
from evaluation.rendering.word.text import inline_runs
from evaluation.rendering.word.xml import Element, bookmark, el, field, paragraph, tab, text_run
from evaluation.report.model import ChartBlock, CrossReference, EntryKind, EntryList, TableBlock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.rendering.word.context import Context
    from evaluation.report.model import ListEntry


def entry_elements(block: EntryList, context: Context) -> list[Element]:
    """Return the paragraphs of a list of entries."""
    if block.kind is EntryKind.LISTING:
        return _listing(block.entries, context)
    number = None
    if block.kind is EntryKind.NUMBERED_REFERENCES:
        number = number_properties(context.numbering.new_list(ordered=True), 0)
    is_glossary = block.kind is EntryKind.DEFINITIONS
    style = context.styles["Definition" if is_glossary else "Bibliography"]
    made = []
    for i, entry in enumerate(block.entries):
        runs = inline_runs(entry.children, context)
        if is_glossary:
            runs = [text_run(clean(entry.label), el("b")), text_run("\u2002"), *runs]
        if context.is_first(entry.id):
            runs = bookmark(context.next_bookmark(), context.anchor(entry.id), runs)
        held = number if i == 0 or number is None else _copy(number)
        made.append(paragraph(style, runs, held))
    return made


def _listing(entries: Sequence[ListEntry], context: Context) -> list[Element]:
    known = [entry for entry in entries if entry.id in context.targets]
    if not known:
        return []
    lines = [_line(entry, context) for entry in known]
    target = context.targets[known[0].id]
    label = clean(target.label) if isinstance(target, TableBlock | ChartBlock) else ""
    kind = label.rpartition(" ")[0]
    if kind:
        opened, code, separate, end = field(f'TOC \\h \\z \\c "{kind}"', [])
        for part in (separate, code, opened):
            lines[0].insert(1, part)  # after the paragraph's properties
        lines[-1].append(end)
    return lines


def _line(entry: ListEntry, context: Context) -> Element:
    name = context.anchor(entry.id)
    shown = "".join(c.text for c in entry.children if isinstance(c, CrossReference))
    page = str(context.pages.get(entry.id, ""))
    link = el(
        "hyperlink",
        text_run(clean(shown)),
        tab(),
        *field(f"PAGEREF {name} \\h", [text_run(page)]),
        anchor=name,
        history=1,
    )
    return paragraph(context.styles["table of figures"], [link])


def _copy(element: Element) -> Element:
    from copy import deepcopy

    return deepcopy(element)
