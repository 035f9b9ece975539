"""Running text as plain data for the print template: words, links, references, footnotes.

See ``evaluation.rendering.print_model``, which lays out the blocks around it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from evaluation.rendering.clean import clean, safe_address
from evaluation.report.model import (
    CrossReference,
    Emphasis,
    LineBreak,
    Link,
    NoteReference,
    Strong,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evaluation.report.model import Footnote, Inline

JsonDict = dict[str, Any]


@dataclass(slots=True)
class Scope:
    """What is known while the blocks are walked in reading order."""

    anchors: frozenset[str]
    footnotes: Mapping[int, Footnote]
    pictures: Mapping[str, str]
    font: str
    may_turn: bool = False
    seen_anchors: set[str] = field(default_factory=set)
    seen_notes: set[int] = field(default_factory=set)

    def anchor(self, name: str) -> str:
        """Return the anchor the first time it comes, "" for a repetition."""
        if name in self.seen_anchors:
            return ""
        self.seen_anchors.add(name)
        return name


def note(number: int, scope: Scope) -> list[JsonDict]:
    """Return the mark of a footnote, nothing for number 0."""
    return inlines((NoteReference(number),), scope) if number else []


def inlines(items: Iterable[Inline], scope: Scope) -> list[JsonDict]:
    """Return the pieces of a text; marks of unknown footnotes are left out."""
    return [piece for item in items if (piece := _inline(item, scope)) is not None]


def _inline(item: Inline, scope: Scope) -> JsonDict | None:
    match item:
        case Text():
            return _text(item.text)
        case Strong():
            return {"kind": "strong", "children": inlines(item.children, scope)}
        case Emphasis():
            return {"kind": "emphasis", "children": inlines(item.children, scope)}
        case Link():
            children = inlines(item.children, scope)
            href = safe_address(item.href)
            # A span of another kind keeps the words where the address is refused.
            return {"kind": "link" if href else "span", "href": href, "children": children}
        case CrossReference():
            if item.target not in scope.anchors:
                return _text(item.text)
            return {"kind": "reference", "target": item.target, "text": clean(item.text)}
        case NoteReference():
            return _note_mark(item, scope)
        case LineBreak():
            return {"kind": "break"}


def _text(text: str) -> JsonDict:
    return {"kind": "text", "text": clean(text)}


def _note_mark(item: NoteReference, scope: Scope) -> JsonDict | None:
    note = scope.footnotes.get(item.number)
    if note is None:
        return None
    first = item.number not in scope.seen_notes
    scope.seen_notes.add(item.number)
    return {
        "kind": "note",
        "number": item.number,
        "first": first,
        "label": f"footnote-{item.number}",
        "children": inlines(note.children, scope) if first else [],
    }


def length(children: Iterable[JsonDict]) -> int:
    """Return the letters of a text, without those of its notes."""
    return sum(
        len(child.get("text", ""))
        + (length(child.get("children", ())) if child["kind"] != "note" else 0)
        for child in children
    )
