"""What traces and axes of plotly figures share: numbers, texts, positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evaluation.rendering.charts.fonts import wrap
from evaluation.rendering.charts.layout import LABEL
from evaluation.rendering.clean import clean
from evaluation.report.model import ChartKind

if TYPE_CHECKING:
    from decimal import Decimal

    from evaluation.report.model import ChartBlock

JsonDict = dict[str, Any]

BAR_GAP = 0.3
"""Part of a category's room that bars leave free."""
LYING = (
    ChartKind.BARS,
    ChartKind.GROUPED,
    ChartKind.STACKED,
    ChartKind.DIVERGING,
    ChartKind.DOTS,
    ChartKind.FOREST,
)
"""Kinds whose categories run down the page."""

LABEL_WIDTH = 270.0
"""Room for labels beside lying bars."""

_HOVER_WIDTH = 300.0


def number(value: Decimal | None) -> float | None:
    """Return a printed value for JSON, None where it is withheld."""
    return None if value is None else float(value)


def escape(text: str) -> str:
    """Keep plotly from reading a text as mark-up."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def wrapped(text: str, width: float) -> str:
    """Break a label into lines as plotly writes them."""
    return "<br>".join(escape(line) for line in wrap(text, width, LABEL))


def label_lines(text: str) -> tuple[str, ...]:
    """Break a label beside lying bars."""
    return wrap(text, LABEL_WIDTH, LABEL)


def hover_texts(chart: ChartBlock, index: int) -> list[str]:
    """Return what is said on pointing at each value: category, series and printed value."""
    series = chart.series[index]
    return [
        "<br>".join(
            part
            for part in (
                f"<b>{wrapped(category, _HOVER_WIDTH)}</b>",
                f"{escape(series.name)}: {escape(point.text)}"
                if series.name
                else escape(point.text),
            )
        )
        for category, point in zip(chart.categories, series.points, strict=True)
    ]


def point_shift(index: int, count: int) -> float:
    """Return how far a series' points stand from the middle of their category."""
    return (index - (count - 1) / 2) * 0.5 / max(count, 1)


def occasions(chart: ChartBlock) -> list[float]:
    """Return where each category of a line stands: by the points' ``x``, else evenly."""
    given = [number(point.x) for point in chart.series[0].points] if chart.series else []
    known = [x for x in given if x is not None]
    count = len(chart.categories)
    return known if len(known) == count else [float(place) for place in range(count)]
