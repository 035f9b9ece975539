"""Running text as runs: emphasis, links, cross-references that Word can update, note marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evaluation.rendering.clean import clean, safe_address
from evaluation.rendering.word.notes import note_bookmark
from evaluation.rendering.word.xml import Element, bookmark, el, field, text_run
from evaluation.report.model import (
    ChartBlock,
    CrossReference,
    Emphasis,
    LineBreak,
    Link,
    NoteReference,
    Strong,
    TableBlock,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evaluation.rendering.word.context import Context
    from evaluation.report.model import Inline

_HYPERLINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"

Format = tuple[str, ...]
"""Run properties that hold: ``b`` and ``i``."""


def inline_runs(
    items: Iterable[Inline], context: Context, *, owner: Any = None, marked: Format = ()
) -> list[Element]:
    """Return the runs of a text.

    Parameters
    ----------
    items
        The text.
    context
        The document.
    owner
        The part that holds the text, where it is not the main part (a
        footnote's links belong to the footnotes).
    marked
        Formats of the text around.
    """
    runs: list[Element] = []
    for item in items:
        runs += _runs(item, context, owner, marked)
    return runs


def note_runs(number: int, context: Context) -> list[Element]:
    """Return the mark of a footnote, nothing for number 0 or a note that does not exist."""
    notes = context.report.footnotes
    if not 0 < number <= len(notes):
        return []
    if context.footnotes.is_known(number):
        return context.footnotes.repeated(number)
    content = inline_runs(notes[number - 1].children, context, owner=context.footnotes.part)
    mark = context.footnotes.mark(number, content)
    return bookmark(context.next_bookmark(), note_bookmark(number), mark)


def _runs(item: Inline, context: Context, owner: Any, marked: Format) -> list[Element]:
    match item:
        case Text():
            return [text_run(clean(item.text), *_properties(marked))]
        case Strong():
            return inline_runs(item.children, context, owner=owner, marked=("b", *marked))
        case Emphasis():
            return inline_runs(item.children, context, owner=owner, marked=(*marked, "i"))
        case Link():
            return _link(item, context, owner, marked)
        case CrossReference():
            return _reference(item, context, marked)
        case NoteReference():
            return note_runs(item.number, context)
        case LineBreak():
            return [el("r", el("br"))]


def _properties(marked: Format, style: str = "") -> list[Element]:
    named = [el("rStyle", val=style)] if style else []
    return named + [el(name) for name in sorted(set(marked))]


def _link(item: Link, context: Context, owner: Any, marked: Format) -> list[Element]:
    href = safe_address(item.href)
    if not href:
        return inline_runs(item.children, context, owner=owner, marked=marked)
    from docx.oxml.ns import qn

    inner = inline_runs(item.children, context, owner=owner, marked=marked)
    for held in inner:
        _restyle(held, context.styles["Hyperlink"])
    link = el("hyperlink", *inner, history=1)
    part = context.part if owner is None else owner
    link.set(qn("r:id"), part.relate_to(href, _HYPERLINK, is_external=True))
    return [link]


def _restyle(held: Element, style: str) -> None:
    properties = held.find(el("rPr").tag)
    if properties is None:
        properties = el("rPr")
        held.insert(0, properties)
    properties.insert(0, el("rStyle", val=style))


def _reference(item: CrossReference, context: Context, marked: Format) -> list[Element]:
    """Return a field that repeats the number of "tabell 12", or a link to anything else."""
    target = context.targets.get(item.target)
    text, properties = clean(item.text), _properties(marked)
    if target is None:
        return [text_run(text, *properties)]
    name = context.anchor(item.target)
    label = clean(target.label) if isinstance(target, TableBlock | ChartBlock) else ""
    number = label.rpartition(" ")[2]
    if number and text.endswith(number):
        before = text[: -len(number)]
        repeated = field(f"REF {name} \\h", [text_run(number, *properties)], *_properties(marked))
        return [*([text_run(before, *_properties(marked))] if before else []), *repeated]
    return [el("hyperlink", text_run(text, *properties), anchor=name, history=1)]
