"""Footnotes as Word keeps them: a part of their own, marks in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evaluation.rendering.word.xml import Element, el, field, paragraph, run, text_run

if TYPE_CHECKING:
    from collections.abc import Mapping

RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"


class Footnotes:
    """The footnotes part of a document; a template's own notes are left out."""

    def __init__(self, main: Any, styles: Mapping[str, str]) -> None:
        from docx.opc.packuri import PackURI
        from docx.opc.part import XmlPart

        for identifier, relation in list(main.rels.items()):
            if relation.reltype == RELATIONSHIP:
                del main.rels[identifier]
        self._styles = styles
        self._root = el(
            "footnotes",
            _separator(-1, "separator"),
            _separator(0, "continuationSeparator"),
        )
        self.part = XmlPart(PackURI("/word/footnotes.xml"), CONTENT_TYPE, self._root, main.package)
        main.relate_to(self.part, RELATIONSHIP)
        self._seen: set[int] = set()

    def is_known(self, number: int) -> bool:
        """Whether a mark of that note has been set."""
        return number in self._seen

    def mark(self, number: int, content: list[Element]) -> list[Element]:
        """Add a note with its text and return its mark.

        Word counts notes in the order of their marks; a note whose number in
        the report is another carries it as a mark of its own.
        """
        self._seen.add(number)
        identifier = len(self._seen)
        is_counted = identifier == number
        style = el("rStyle", val=self._styles["footnote reference"])
        sign = run(el("footnoteRef"), style) if is_counted else text_run(str(number), style)
        body = paragraph(self._styles["footnote text"], [sign, text_run(" "), *content])
        self._root.append(el("footnote", body, id=identifier))
        custom = None if is_counted else 1
        reference = run(
            el("footnoteReference", id=identifier, customMarkFollows=custom), self._style()
        )
        if not is_counted:
            reference.append(_text(str(number)))
        return [reference]

    def repeated(self, number: int) -> list[Element]:
        """Return a mark that leads to a note marked before."""
        shown = text_run(str(number), self._style())
        return field(f"NOTEREF {note_bookmark(number)} \\f \\h", [shown])

    def _style(self) -> Element:
        return el("rStyle", val=self._styles["footnote reference"])


def note_bookmark(number: int) -> str:
    """Return the name of the bookmark around a note's first mark."""
    return f"_Note{number:09d}"


def _text(text: str) -> Element:
    element = el("t")
    element.text = text
    return element


def _separator(identifier: int, kind: str) -> Element:
    spacing = el("spacing", after=0, line=240, lineRule="auto")
    body = el("p", el("pPr", spacing), el("r", el(kind)))
    return el("footnote", body, type=kind, id=identifier)
