"""Axes and reference lines of the plotly figures."""

from __future__ import annotations

from math import ceil, log10
from typing import TYPE_CHECKING

from evaluation.rendering.charts.colour import mix
from evaluation.rendering.charts.fonts import text_width
from evaluation.rendering.charts.funnel import size_axis
from evaluation.rendering.charts.layout import LABEL, SMALL
from evaluation.rendering.charts.plotly_parts import (
    LABEL_WIDTH,
    LYING,
    JsonDict,
    escape,
    number,
    occasions,
    wrapped,
)
from evaluation.rendering.charts.scale import Axis, value_axis
from evaluation.rendering.charts.stacked import segment_axis, segment_spans
from evaluation.report.model import ChartKind

if TYPE_CHECKING:
    from evaluation.rendering.theme import Theme
    from evaluation.report.model import ChartBlock
    from evaluation.texts import NumberFormat

_SLACK = {ChartKind.STACKED: 0.02, ChartKind.LINE: 0.04, ChartKind.SLOPE: 0.04}
"""Room beside the last tick, as a part of the axis; elsewhere a value stands there."""
_OCCASION_ROOM = 520.0
"""Width that the occasions of a line share on a page of ordinary width."""


def axes(chart: ChartBlock, theme: Theme, numbers: NumberFormat) -> JsonDict:
    """Return ``xaxis`` and ``yaxis``, with the ticks of the static picture."""
    if chart.kind is ChartKind.TILES:
        return _hidden_axes()
    if chart.kind in (ChartKind.STACKED, ChartKind.DIVERGING):
        axis = segment_axis(chart, segment_spans(chart))
    else:
        axis = value_axis(chart)
    values = _value_axis(axis, chart, theme, numbers)
    if chart.kind in LYING:
        return {
            "xaxis": values,
            "yaxis": _category_axis(chart) | {"autorange": "reversed"},
            "barmode": "overlay" if chart.kind is not ChartKind.GROUPED else "group",
        }
    if chart.kind is ChartKind.FUNNEL:
        sizes = size_axis(chart)
        size_values = _value_axis(sizes, chart, theme, numbers)
        return {"yaxis": values, "xaxis": size_values | _title(chart.x_title)}
    categories = _category_axis(chart)
    if chart.kind in (ChartKind.LINE, ChartKind.SLOPE):
        places = occasions(chart)
        slack = (max(places) - min(places)) * 0.09 or 0.5
        categories |= {
            "tickvals": places,
            "ticktext": _thinned(chart),
            # Labels at the ends of several lines stand in the margin.
            "range": [
                min(places) - slack,
                max(places) + (slack if len(chart.series) == 1 else slack * 0.15),
            ],
            **_title(chart.x_title),
        }
    return {"yaxis": values, "xaxis": categories, "barmode": "group"}


def shapes(chart: ChartBlock, theme: Theme) -> JsonDict:
    """Return the reference line with its text."""
    if chart.reference is None or chart.kind is ChartKind.TILES:
        return {}
    value = number(chart.reference)
    upright = chart.kind in LYING
    line = {"color": theme.ink, "width": 1, "dash": "dash" if upright else "solid"}
    place = {"x0": value, "x1": value, "y0": 0, "y1": 1, "yref": "paper"}
    across = {"y0": value, "y1": value, "x0": 0, "x1": 1, "xref": "paper"}
    return {
        "shapes": [
            {
                "type": "line",
                "line": line,
                **(place if upright else across),
                "label": {
                    "text": escape(chart.reference_text),
                    "textposition": "end",
                    "font": {"size": SMALL, "color": theme.muted},
                    "textangle": 0,
                    "xanchor": "center" if upright else "right",
                    "yanchor": "bottom",
                },
            }
        ]
    }


def _title(text: str) -> JsonDict:
    return {"title": {"text": escape(text), "font": {"size": SMALL}, "standoff": 8}}


def _value_axis(axis: Axis, chart: ChartBlock, theme: Theme, numbers: NumberFormat) -> JsonDict:
    is_diverging = chart.kind is ChartKind.DIVERGING
    low, high = axis.low, axis.high
    drawn: JsonDict = {
        "type": "log" if axis.logarithmic else "linear",
        "tickmode": "array",
        "tickvals": list(axis.ticks),
        "ticktext": [
            axis.tick_text(abs(tick) if is_diverging else tick, numbers) for tick in axis.ticks
        ],
        "tickfont": {"size": SMALL, "color": theme.muted},
        "gridcolor": mix(theme.background, theme.rule, 0.32),
        "zerolinecolor": theme.rule,
        "fixedrange": True,
        "automargin": True,
        **_title(chart.axis_title),
    }
    if axis.logarithmic:
        drawn["range"] = [log10(low) - 0.02, log10(high) + 0.02]
    else:
        # Room for the value beside the longest bar.
        slack = (high - low) * _SLACK.get(chart.kind, 0.08)
        drawn["range"] = [low - (slack if chart.kind is ChartKind.SLOPE else 0), high + slack]
    return drawn


def _thinned(chart: ChartBlock) -> list[str]:
    """Return the occasions' names, as many as have room; the last one always."""
    count = len(chart.categories)
    widest = max((text_width(c, LABEL) for c in chart.categories), default=0.0)
    room = _OCCASION_ROOM / max(count, 1)
    wrapping = any(" " in category for category in chart.categories)
    every = 1 if wrapping else max(ceil((min(widest, 110.0) + 4) / room), 1)
    return [
        wrapped(c, 110.0) if (count - 1 - place) % every == 0 else ""
        for place, c in enumerate(chart.categories)
    ]


def _category_axis(chart: ChartBlock) -> JsonDict:
    width = LABEL_WIDTH if chart.kind in LYING else 110.0
    return {
        "tickmode": "array",
        "tickvals": list(range(len(chart.categories))),
        "ticktext": [wrapped(c, width) for c in chart.categories],
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
    }


def _hidden_axes() -> JsonDict:
    hidden = {"visible": False, "fixedrange": True}
    return {
        "xaxis": hidden | {"scaleanchor": "y"},
        "yaxis": hidden | {"autorange": "reversed"},
    }
