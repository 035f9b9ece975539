"""Small builders for WordprocessingML.

Everything is built as elements, never as text, so that no word of a report can
be read as markup.
"""

from __future__ import annotations

from copy import copy
from functools import lru_cache
from typing import Any

XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
TWIPS_PER_MM = 1440 / 25.4
EMU_PER_MM = 36_000

PARAGRAPH_ORDER = (
    "pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl", "numPr",
    "suppressLineNumbers", "pBdr", "shd", "tabs", "suppressAutoHyphens", "spacing", "ind",
    "contextualSpacing", "mirrorIndents", "jc", "textAlignment", "outlineLvl", "rPr", "sectPr",
)  # fmt: skip
"""Children of ``w:pPr`` in the order of the schema; Word refuses a file that breaks it."""

Element = Any
"""An lxml element; python-docx and lxml come without type information."""


def el(tag: str, *children: Element | None, **attributes: object) -> Element:
    """Return the element ``w:tag`` with attributes of the same namespace; None is left out."""
    element = _maker()(_qualified(tag), nsmap=_namespace())
    for name, value in attributes.items():
        if value is not None:
            element.set(_qualified(name), str(value))
    for child in children:
        if child is not None:
            element.append(child)
    return element


def get(element: Element, name: str) -> str:
    """Return an attribute of the ``w`` namespace, "" where it is not set."""
    return str(element.get(_qualified(name)) or "")


def put(element: Element, name: str, value: object) -> None:
    """Set an attribute of the ``w`` namespace."""
    element.set(_qualified(name), str(value))


def insert_ordered(parent: Element, child: Element, order: tuple[str, ...]) -> None:
    """Insert an element where the schema wants it; ``order`` names the kinds of children."""
    tags = [_qualified(name) for name in order]
    later = set(tags[tags.index(child.tag) + 1 :])
    place = next((i for i, held in enumerate(parent) if held.tag in later), len(parent))
    parent.insert(place, child)


def twips(millimetres: float) -> int:
    """Return a length in twentieths of a point."""
    return round(millimetres * TWIPS_PER_MM)


def emu(millimetres: float) -> int:
    """Return a length in English metric units."""
    return round(millimetres * EMU_PER_MM)


def text_run(text: str, *properties: Element | None) -> Element:
    """Return a run with a text and run properties (in schema order)."""
    holder = el("t")
    holder.text = text
    holder.set(XML_SPACE, "preserve")
    return el("r", _run_properties(properties), holder)


def run(content: Element, *properties: Element | None) -> Element:
    """Return a run around one element."""
    return el("r", _run_properties(properties), content)


def tab() -> Element:
    """Return a run with a tabulator."""
    return el("r", el("tab"))


def field(instruction: str, shown: list[Element], *properties: Element) -> list[Element]:
    """Return the runs of a complex field with its result as already shown.

    Run properties are those of the whole field: a reader that computes the
    result anew takes them from there.
    """
    code = el("instrText")
    code.text = f" {instruction} "
    code.set(XML_SPACE, "preserve")
    before = (el("fldChar", fldCharType="begin"), code, el("fldChar", fldCharType="separate"))
    return [
        *(run(part, *map(copy, properties)) for part in before),
        *shown,
        run(el("fldChar", fldCharType="end"), *map(copy, properties)),
    ]


def bookmark(number: int, name: str, content: list[Element]) -> list[Element]:
    """Return the content between the marks of a bookmark."""
    return [
        el("bookmarkStart", id=number, name=name),
        *content,
        el("bookmarkEnd", id=number),
    ]


def paragraph(style: str, content: list[Element], *properties: Element | None) -> Element:
    """Return a paragraph in a style (its id), with further paragraph properties in schema order."""
    held = [el("pStyle", val=style)] if style else []
    return el("p", el("pPr", *held, *properties), *content)


def hairline(colour: str) -> str:
    """Return the colour of the thinnest lines: that of rules, mixed with white."""
    digits = colour.lstrip("#")
    parts = (int(digits[i : i + 2], 16) for i in (0, 2, 4))
    return "".join(f"{round(part + (255 - part) * 0.62):02X}" for part in parts)


def _run_properties(properties: tuple[Element | None, ...]) -> Element | None:
    return el("rPr", *properties) if properties else None


@lru_cache(maxsize=1)
def _maker() -> Any:
    """Return what makes elements of python-docx's own classes: its OxmlElement, without parsing.

    A report has some 25 000 elements; taking ``w:p`` apart for each costs more than making it.
    """
    from docx.oxml.parser import oxml_parser

    return oxml_parser.makeelement


@lru_cache(maxsize=1)
def _namespace() -> dict[str, str]:
    from docx.oxml.ns import nsmap

    return {"w": str(nsmap["w"])}


@lru_cache(maxsize=256)
def _qualified(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(f"w:{name}"))
