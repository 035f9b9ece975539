"""Numbering in Word: of headings, where Word counts as the report does, and of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.rendering.word.xml import Element, el, get, twips

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evaluation.report.model import Heading

LEVELS = 4
BULLETS = "•–•–"
_LIST_INDENT = 5.0
"""Width of a list's mark and how far each level stands in, in mm."""
_HEADING_INDENTS = (9.0, 11.5, 13.5, 16.0)


def counted_suffix(headings: Iterable[Heading]) -> str | None:
    """Return what ends the numbers ("." or "") if Word's own counting gives just these numbers.

    None where it does not (a number left out, letters, another start): then the
    numbers are set as text. Headings without a number take no part.
    """
    numbered = [heading for heading in headings if heading.number]
    for suffix in (".", ""):
        if numbered and _counted(numbered, suffix) == [heading.number for heading in numbered]:
            return suffix
    return None


def _counted(headings: list[Heading], suffix: str) -> list[str]:
    counters = [0] * (LEVELS + 1)
    numbers = []
    for heading in headings:
        counters[heading.level] += 1
        counters[heading.level + 1 :] = [0] * (LEVELS - heading.level)
        numbers.append(".".join(map(str, counters[1 : heading.level + 1])) + suffix)
    return numbers


class Numbering:
    """The numbering part of a document: adds definitions, hands out their ids."""

    def __init__(self, root: Element) -> None:
        self._root = root
        self._abstracts = self._highest("abstractNum", "abstractNumId")
        self._numbers = self._highest("num", "numId")
        self._list_abstracts: dict[bool, int] = {}

    def headings(self, suffix: str, styles: Mapping[int, str]) -> int:
        """Define the numbering of headings and return its id.

        Parameters
        ----------
        suffix
            What ends a number.
        styles
            Style ids by level, of styles that shall carry the numbering.
        """
        levels = [
            el(
                "lvl",
                el("start", val=1),
                el("numFmt", val="decimal"),
                el("pStyle", val=styles[level]) if level in styles else None,
                el("suff", val="tab"),
                el("lvlText", val=".".join(f"%{k}" for k in range(1, level + 1)) + suffix),
                el("lvlJc", val="left"),
                _indent(_HEADING_INDENTS[level - 1], _HEADING_INDENTS[level - 1]),
                ilvl=level - 1,
            )
            for level in range(1, LEVELS + 1)
        ]
        return self._number(self._abstract(levels))

    def new_list(self, *, ordered: bool) -> int:
        """Return the id of a list's numbering; every ordered list starts at 1."""
        if ordered not in self._list_abstracts:
            levels = [_list_level(level, ordered=ordered) for level in range(LEVELS)]
            self._list_abstracts[ordered] = self._abstract(levels)
        restarts = [
            el("lvlOverride", el("startOverride", val=1), ilvl=level)
            for level in range(LEVELS)
            if ordered
        ]
        return self._number(self._list_abstracts[ordered], *restarts)

    def _abstract(self, levels: list[Element]) -> int:
        self._abstracts += 1
        element = el(
            "abstractNum",
            el("multiLevelType", val="multilevel"),
            *levels,
            abstractNumId=self._abstracts,
        )
        # Definitions stand before all uses.
        self._root.insert(len(self._root.findall(element.tag)), element)
        return self._abstracts

    def _number(self, abstract: int, *overrides: Element) -> int:
        self._numbers += 1
        self._root.append(
            el("num", el("abstractNumId", val=abstract), *overrides, numId=self._numbers)
        )
        return self._numbers

    def _highest(self, tag: str, attribute: str) -> int:
        found = self._root.findall(el(tag).tag)
        return max((int(get(element, attribute)) for element in found), default=0)


def number_properties(number: int, level: int) -> Element:
    """Return ``w:numPr``; number 0 takes a paragraph out of its style's numbering."""
    return el("numPr", el("ilvl", val=level), el("numId", val=number))


def list_indent(level: int) -> float:
    """Return how far a list's text stands in at a level from 0, in mm."""
    return 2.0 + _LIST_INDENT * (level + 1)


def _list_level(level: int, *, ordered: bool) -> Element:
    return el(
        "lvl",
        el("start", val=1),
        el("numFmt", val="decimal" if ordered else "bullet"),
        el("lvlText", val=f"%{level + 1}." if ordered else BULLETS[level]),
        el("lvlJc", val="left"),
        _indent(list_indent(level), _LIST_INDENT),
        ilvl=level,
    )


def _indent(left: float, hanging: float) -> Element:
    stop = el("tabs", el("tab", val="num", pos=twips(left)))
    return el("pPr", stop, el("ind", left=twips(left), hanging=twips(hanging)))
