"""The styles of a Word report.

The theme lists them in ``word/styles.yaml``. An agency's template keeps every
style that it has; only those missing are added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.kept import packaged
from evaluation.rendering.theme import read_yaml
from evaluation.rendering.word.xml import PARAGRAPH_ORDER, Element, el, get, insert_ordered, twips

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evaluation.rendering.theme import Theme

HEADING_LEVELS = 4


@dataclass(frozen=True, slots=True)
class StyleSpec:
    """A paragraph or character style.

    Lengths ``before``, ``after`` and ``size`` are points; ``left``,
    ``hanging``, ``right`` and ``span`` (the paragraph's width) millimetres;
    ``line`` is a multiple of the font's own line; ``colour``, ``shade`` and
    ``edge`` name a colour of the theme; ``right_tab`` is a stop at the right
    edge of the text, ``dotted`` its leader.
    """

    name: str
    kind: str = "paragraph"
    based_on: str = "Normal"
    follows: str = ""
    size: float = 0.0
    bold: bool | None = None
    italic: bool = False
    colour: str = ""
    before: float | None = None
    after: float | None = None
    line: float = 0.0
    keep_next: bool = False
    page_break_before: bool = False
    contextual: bool = False
    left: float = 0.0
    hanging: float = 0.0
    right: float = 0.0
    outline: int | None = None
    hyphens: bool = True
    shade: str = ""
    edge: str = ""
    edge_side: str = "left"
    superscript: bool = False
    underline: bool = False
    right_tab: bool = False
    span: float = 0.0
    dotted: bool = False


def style_specs(theme: Theme) -> tuple[StyleSpec, ...]:
    """Return the styles that the theme's ``word/styles.yaml`` lists, in order."""
    listed = packaged(theme.file("word/styles.yaml"), read_yaml)
    return tuple(StyleSpec(**entry) for entry in listed)


def complete_styles(styles: Element, theme: Theme, width: float) -> dict[str, str]:
    """Add the report's styles that a document lacks, and return the id of each by name.

    Parameters
    ----------
    styles
        The root of the styles part; changed in place.
    theme
        Lists the styles and gives those that are added their colours.
    width
        Of the text, in mm.
    """
    held = {
        get(name, "val").lower(): get(style, "styleId")
        for style in styles.findall(el("style").tag)
        if (name := style.find(el("name").tag)) is not None
    }
    specs = style_specs(theme)
    lacking = [spec for spec in specs if spec.name.lower() not in held]
    taken = set(held.values())
    for spec in lacking:
        held[spec.name.lower()] = _identifier(spec.name, taken)
        taken.add(held[spec.name.lower()])
    for spec in lacking:
        styles.append(_style(spec, held, theme, width))
    return {spec.name: held[spec.name.lower()] for spec in specs}


def number_headings(styles: Element, identifiers: Mapping[str, str], number: int) -> None:
    """Give the heading styles their numbering, so that a heading added in Word is counted too."""
    for level in range(1, HEADING_LEVELS + 1):
        wanted = identifiers[f"heading {level}"]
        style = next(s for s in styles.findall(el("style").tag) if get(s, "styleId") == wanted)
        numbered = el("numPr", el("ilvl", val=level - 1), el("numId", val=number))
        insert_ordered(style.find(el("pPr").tag), numbered, PARAGRAPH_ORDER)


def defaults(theme: Theme, language: str) -> Element:
    """Return ``w:docDefaults``: font, size and language of everything."""
    fonts = el("rFonts", ascii=theme.font, hAnsi=theme.font, eastAsia=theme.font, cs=theme.font)
    lang = el("lang", val=language, eastAsia=language, bidi="ar-SA")
    return el(
        "docDefaults",
        el("rPrDefault", el("rPr", fonts, el("sz", val=22), el("szCs", val=22), lang)),
        el("pPrDefault"),
    )


def _identifier(name: str, taken: set[str]) -> str:
    base = "".join(word[:1].upper() + word[1:] for word in name.split())
    identifier, number = base, 1
    while identifier in taken:
        number += 1
        identifier = f"{base}{number}"
    return identifier


def _style(spec: StyleSpec, identifiers: Mapping[str, str], theme: Theme, width: float) -> Element:
    is_default = 1 if spec.name == "Normal" else None
    style = el("style", type=spec.kind, default=is_default, styleId=identifiers[spec.name.lower()])
    style.append(el("name", val=spec.name))
    if spec.based_on:
        style.append(el("basedOn", val=identifiers[spec.based_on.lower()]))
    if spec.follows:
        style.append(el("next", val=identifiers[spec.follows.lower()]))
    style.append(el("uiPriority", val=99 if spec.kind == "character" else 9))
    style.append(el("qFormat"))
    if spec.kind == "paragraph":
        style.append(el("pPr", *_paragraph_properties(spec, theme, width)))
    style.append(el("rPr", *_run_properties(spec, theme)))
    return style


def _paragraph_properties(spec: StyleSpec, theme: Theme, width: float) -> list[Element | None]:
    """Return paragraph properties in the order that the schema wants."""
    spacing = el(
        "spacing",
        before=None if spec.before is None else round(spec.before * 20),
        after=None if spec.after is None else round(spec.after * 20),
        line=round(spec.line * 240) if spec.line else None,
        lineRule="auto" if spec.line else None,
    )
    indent = None
    right = width - spec.span if spec.span else spec.right
    if spec.left or spec.hanging or right:
        left, hanging = twips(spec.left), twips(spec.hanging)
        indent = el("ind", left=left, right=twips(right), hanging=hanging)
    return [
        el("keepNext") if spec.keep_next else None,
        el("keepLines") if spec.keep_next else None,
        el("pageBreakBefore") if spec.page_break_before else None,
        el("pBdr", _edge(spec, theme)) if spec.edge else None,
        _shade(spec, theme),
        el("tabs", _right_tab(spec, width)) if spec.right_tab else None,
        None if spec.hyphens else el("suppressAutoHyphens"),
        spacing,
        indent,
        el("contextualSpacing") if spec.contextual else None,
        None if spec.outline is None else el("outlineLvl", val=spec.outline),
    ]


def _edge(spec: StyleSpec, theme: Theme) -> Element:
    colour = _hex(getattr(theme, spec.edge))
    space = 6 if spec.edge_side == "top" else 10
    return el(spec.edge_side, val="single", sz=14, space=space, color=colour)


def _shade(spec: StyleSpec, theme: Theme) -> Element | None:
    if not spec.shade:
        return None
    return el("shd", val="clear", color="auto", fill=_hex(getattr(theme, spec.shade)))


def _right_tab(spec: StyleSpec, width: float) -> Element:
    leader = "dot" if spec.dotted else "none"
    return el("tab", val="right", leader=leader, pos=twips(width))


def _run_properties(spec: StyleSpec, theme: Theme) -> list[Element | None]:
    size = round(spec.size * 2)
    return [
        None if spec.bold is None else el("b", val=int(spec.bold)),
        el("i") if spec.italic else None,
        el("color", val=_hex(getattr(theme, spec.colour))) if spec.colour else None,
        el("sz", val=size) if size else None,
        el("szCs", val=size) if size else None,
        el("u", val="single") if spec.underline else None,
        el("vertAlign", val="superscript") if spec.superscript else None,
    ]


def _hex(colour: str) -> str:
    return colour.lstrip("#").upper()
