"""Axes, reference lines and signs of withheld values of the plotly figures."""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING

from evaluation.rendering.charts.colour import mix
from evaluation.rendering.charts.funnel import size_axis
from evaluation.rendering.charts.layout import SMALL, VALUE
from evaluation.rendering.charts.plotly_parts import (
    BAR_GAP,
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

_SIDE_BY_SIDE = (ChartKind.BARS, ChartKind.GROUPED, ChartKind.COLUMNS)


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
            "range": [min(places) - slack, max(places) + slack],
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


def withheld_signs(chart: ChartBlock, theme: Theme) -> JsonDict:
    """Return the signs that stand where side-by-side bars are withheld."""
    if chart.kind not in _SIDE_BY_SIDE:
        return {}
    count = max(len(chart.series), 1)
    signs = []
    for index, series in enumerate(chart.series):
        shift = (index - (count - 1) / 2) * (1 - BAR_GAP) / count
        for category, point in enumerate(series.points):
            if point.value is not None or not point.text:
                continue
            along, across = round(category + shift, 4), 0
            lying = chart.kind in LYING
            signs.append(
                {
                    "x": across if lying else along,
                    "y": along if lying else across,
                    "xanchor": "left" if lying else "center",
                    "yanchor": "middle" if lying else "bottom",
                    "text": escape(point.text),
                    "showarrow": False,
                    "font": {"size": VALUE, "color": theme.muted},
                }
            )
    return {"annotations": signs}


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
        slack = (high - low) * (0.02 if chart.kind is ChartKind.STACKED else 0.08)
        drawn["range"] = [low - (slack if chart.kind is ChartKind.SLOPE else 0), high + slack]
    return drawn


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
