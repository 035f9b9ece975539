"""Pages of a Word document: size, margins, running head, sheets turned sideways."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from evaluation.rendering.clean import clean
from evaluation.rendering.print_model import running_title
from evaluation.rendering.table_grid import TEXT_WIDTH
from evaluation.rendering.word.xml import (
    TWIPS_PER_MM,
    Element,
    el,
    field,
    get,
    hairline,
    insert_ordered,
    paragraph,
    put,
    tab,
    text_run,
    twips,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evaluation.rendering.theme import Theme
    from evaluation.report.model import Report

_A4 = (210.0, 297.0)
_MARGINS = {
    "top": 33,
    "bottom": 25,
    "left": 28,
    "right": 28,
    "header": 15,
    "footer": 12,
    "gutter": 0,
}
"""In mm; the text is as wide as in the PDF."""
_ORDER = (
    "headerReference", "footerReference", "footnotePr", "endnotePr", "type", "pgSz", "pgMar",
    "paperSrc", "pgBorders", "lnNumType", "pgNumType", "cols", "formProt", "vAlign",
    "noEndnote", "titlePg", "textDirection", "bidi", "rtlGutter", "docGrid",
)  # fmt: skip


class PageSetup:
    """Sections of a document, its own or as an agency's template has them."""

    def __init__(self, document: Any, report: Report, theme: Theme) -> None:
        self._main = document.part
        self._report = report
        self._theme = theme
        held = document.element.body.sectPr
        self._base = el("sectPr") if held is None else deepcopy(held)
        for unwanted in ("type", "pgNumType", "titlePg"):
            for element in self._base.findall(el(unwanted).tag):
                self._base.remove(element)
        if self._base.find(el("pgSz").tag) is None:
            size = el("pgSz", w=twips(_A4[0]), h=twips(_A4[1]))
            margins = el("pgMar", **{side: twips(mm) for side, mm in _MARGINS.items()})
            for element in (size, margins):
                insert_ordered(self._base, element, _ORDER)
        self._keeps_own_head = self._has("headerReference") or self._has("footerReference")
        self._heads: dict[bool, str] = {}

    def width(self, *, is_turned: bool = False) -> float:
        """Return the width of the text on an upright page or one turned sideways, in mm."""
        size, margins = self._base.find(el("pgSz").tag), self._base.find(el("pgMar").tag)
        sides = sum(int(get(margins, side)) for side in ("left", "right"))
        return (int(get(size, "h" if is_turned else "w")) - sides) / TWIPS_PER_MM

    def section(self, styles: Mapping[str, str], *, is_turned: bool, is_first: bool) -> Element:
        """Return the properties of a section, to stand at its end."""
        section = deepcopy(self._base)
        if is_turned:
            size = section.find(el("pgSz").tag)
            width, height = get(size, "w"), get(size, "h")
            for name, value in (("w", height), ("h", width), ("orient", "landscape")):
                put(size, name, value)
        if not self._keeps_own_head:
            section.insert(0, self._head_reference(styles, is_turned=is_turned))
        if is_first:
            # The cover has no running head.
            insert_ordered(section, el("titlePg"), _ORDER)
        return section

    def _has(self, name: str) -> bool:
        return self._base.find(el(name).tag) is not None

    def _head_reference(self, styles: Mapping[str, str], *, is_turned: bool) -> Element:
        from docx.oxml.ns import qn

        if is_turned not in self._heads:
            part, identifier = self._main.add_header_part()
            for held in list(part.element):
                part.element.remove(held)
            stop = self.width(is_turned=True) if is_turned else None
            for line in running_head(self._report, self._theme, styles["header"], stop):
                part.element.append(line)
            self._heads[is_turned] = identifier
        reference = el("headerReference", type="default")
        reference.set(qn("r:id"), self._heads[is_turned])
        return reference


def running_head(report: Report, theme: Theme, style: str, stop: float | None) -> list[Element]:
    """Return the two lines of the running head: who and page, then the title.

    The page number stands at the style's stop, or at ``stop`` mm where the page is turned.
    """
    meta = report.meta
    stops = None
    if stop is not None:
        stops = el("tabs", el("tab", val="right", pos=twips(stop)))
        stops.insert(0, el("tab", val="clear", pos=twips(TEXT_WIDTH)))
    pattern = report.words.get("page_of", "{page} ({pages})")
    runs: list[Element] = [text_run(clean(meta.running_head or meta.publisher)), tab()]
    for piece in re.split(r"(\{pages?\})", pattern):
        if piece == "{page}":
            runs += field("PAGE", [text_run("2")])
        elif piece == "{pages}":
            runs += field("NUMPAGES", [text_run("2")])
        elif piece:
            runs.append(text_run(piece))
    rule = el("bottom", val="single", sz=4, space=5, color=hairline(theme.rule))
    second = text_run(
        running_title(meta), el("spacing", val=6), el("sz", val=15), el("szCs", val=15)
    )
    return [
        paragraph(style, runs, stops),
        paragraph(style, [second], el("pBdr", rule)),
    ]


def close_section(body: Element, section: Element) -> None:
    """End a section after the elements so far: its properties stand in the last paragraph."""
    last = body[-1] if len(body) else None
    if last is None or last.tag != el("p").tag:
        last = el("p", el("pPr"))
        body.append(last)
    properties = last.find(el("pPr").tag)
    if properties is None:
        properties = el("pPr")
        last.insert(0, properties)
    properties.append(section)
