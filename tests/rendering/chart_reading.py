"""Reads drawn charts back: what stands where, in the SVG and in the plotly figure."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from evaluation.rendering.charts.plotly_figure import chart_plotly
from evaluation.rendering.charts.svg import chart_svg
from evaluation.rendering.theme import load_theme
from evaluation.report.model import ChartBlock, ChartKind

NEUTRAL = load_theme("neutral")
SVG = "{http://www.w3.org/2000/svg}"
LYING = (ChartKind.BARS, ChartKind.GROUPED, ChartKind.STACKED, ChartKind.DIVERGING)


@dataclass(frozen=True)
class Mark:
    """A drawn value."""

    series: int
    category: int
    value: Decimal
    fill: str


def svg_root(chart: ChartBlock, **options: Any) -> ET.Element:
    """Draw a chart and parse it."""
    return ET.fromstring(chart_svg(chart, NEUTRAL, **options))  # noqa: S314


def svg_marks(root: ET.Element) -> list[tuple[Mark, ET.Element]]:
    """Return the marks that carry a value, in drawing order, with their elements."""
    found = []
    for element in root.iter():
        if "data-v" in element.attrib:
            shape = element if "fill" in element.attrib else element[0]
            if element.tag == SVG + "g":
                shape = element[0]
            mark = Mark(
                int(element.attrib["data-s"]),
                int(element.attrib["data-c"]),
                Decimal(element.attrib["data-v"]),
                shape.attrib["fill"],
            )
            found.append((mark, element))
    return found


def svg_texts(root: ET.Element) -> list[str]:
    """Return every written text."""
    return [element.text or "" for element in root.iter(SVG + "text")]


def plotly_marks(chart: ChartBlock) -> list[Mark]:
    """Return the values of the plotly figure, in the order of traces and points."""
    found = []
    traces = [t for t in chart_plotly(chart, NEUTRAL)["data"] if "meta" not in t]
    for series, trace in enumerate(traces):
        for category, value in enumerate(plotly_values(chart, trace)):
            if value is None:
                continue
            colour = trace["marker"]["color"]
            fill = colour if isinstance(colour, str) else colour[category]
            found.append(Mark(series, category, Decimal(str(value)), fill))
    return found


def plotly_values(chart: ChartBlock, trace: dict[str, Any]) -> list[float | None]:
    """Return a trace's values, on whichever axis they lie."""
    if chart.kind is ChartKind.TILES:
        return [None if p.value is None else float(p.value) for p in chart.series[0].points]
    lies = chart.kind in (*LYING, ChartKind.DOTS, ChartKind.FOREST)
    return list(trace["x" if lies else "y"])
