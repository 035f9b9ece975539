"""Interactive charts: the same numbers, order, colours and labels as plotly figures.

Figures are plain dictionaries, so that a page is made without importing plotly;
tests have plotly validate them. Only scatter and bar traces occur: the basic
bundle draws them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from evaluation.rendering.charts import plotly_traces as traces
from evaluation.rendering.charts.layout import LABEL, SMALL
from evaluation.rendering.charts.plotly_axes import axes, shapes
from evaluation.rendering.charts.plotly_labels import label_room, labels, needs_legend
from evaluation.rendering.charts.plotly_parts import BAR_GAP, LYING, JsonDict, label_lines
from evaluation.rendering.charts.svg import SWEDISH_NUMBERS, draw_chart, drawn_kind
from evaluation.report.model import ChartKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from evaluation.rendering.theme import Theme
    from evaluation.report.model import ChartBlock
    from evaluation.texts import NumberFormat

CONFIG: Mapping[str, Any] = {
    # No tool bar, and above all no "Share chart": version 4 shows it by default
    # and uploads the chart's data to a cloud service.
    "displayModeBar": False,
    "showSendToCloud": False,
    "modeBarButtonsToRemove": ["sendChartToCloud"],
    "plotlyServerURL": "",
    "displaylogo": False,
    "showTips": False,
    "responsive": True,
    "scrollZoom": False,
}

_GROUPED_BAR = {ChartKind.GROUPED: 24.0, ChartKind.DOTS: 20.0}
"""Height that plotly needs for each series of a category."""

_TRACES: Mapping[ChartKind, Callable[[ChartBlock, Theme], list[JsonDict]]] = {
    ChartKind.BARS: traces.lying_bars,
    ChartKind.GROUPED: traces.lying_bars,
    ChartKind.COLUMNS: traces.upright_bars,
    ChartKind.STACKED: traces.segments,
    ChartKind.DIVERGING: traces.segments,
    ChartKind.DOTS: traces.dots,
    ChartKind.FOREST: traces.dots,
    ChartKind.SLOPE: traces.lines,
    ChartKind.LINE: traces.lines,
    ChartKind.FUNNEL: traces.funnel,
    ChartKind.TILES: traces.tiles,
}


def chart_plotly(
    chart: ChartBlock, theme: Theme, *, numbers: NumberFormat = SWEDISH_NUMBERS
) -> JsonDict:
    """Return a chart as a plotly figure.

    Parameters
    ----------
    chart, theme
        As for ``chart_svg``; the figure is as high as the static picture.
    numbers
        How axes and hover texts write numbers.

    Returns
    -------
    dict
        ``data``, ``layout`` and ``config`` of JSON values, for ``Plotly.newPlot``.
    """
    chart = replace(chart, kind=drawn_kind(chart, theme))
    layout = _layout(chart, theme, numbers)
    if chart.kind in (ChartKind.STACKED, ChartKind.DIVERGING):
        layout["uniformtext"] = {"mode": "hide", "minsize": SMALL - 1}
    layout |= axes(chart, theme, numbers) | shapes(chart, theme) | labels(chart, theme)
    return {"data": _TRACES[chart.kind](chart, theme), "layout": layout, "config": dict(CONFIG)}


def _layout(chart: ChartBlock, theme: Theme, numbers: NumberFormat) -> JsonDict:
    has_reference = chart.kind in LYING and chart.reference is not None
    hover = {
        "bgcolor": theme.background,
        "bordercolor": theme.rule,
        "font": {"color": theme.ink, "family": _family(theme), "size": LABEL},
        "align": "left",
        "namelength": -1,
    }
    return {
        "height": _height(chart, theme, numbers),
        "margin": {
            "l": 8,
            "r": round(label_room(chart, theme)),
            "t": 28 if has_reference else 8,
            "b": 8,
            "pad": 4,
        },
        "autosize": True,
        "separators": numbers.decimal + numbers.thousands,
        "font": {"family": _family(theme), "size": LABEL, "color": theme.ink},
        "paper_bgcolor": theme.background,
        "plot_bgcolor": theme.background,
        "showlegend": needs_legend(chart, theme),
        "legend": {
            "orientation": "h",
            "traceorder": "normal",
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "itemclick": "toggle",
            "itemdoubleclick": "toggleothers",
        },
        "hoverlabel": hover,
        "hovermode": "closest",
        "dragmode": False,
        "bargap": BAR_GAP,
        "bargroupgap": 0.06,
    }


def _height(chart: ChartBlock, theme: Theme, numbers: NumberFormat) -> int:
    """Return the height: the static picture's, or more where plotly's even rows need it."""
    height = draw_chart(chart, theme, numbers=numbers).height
    if chart.kind in LYING:
        deepest = max((len(label_lines(label)) for label in chart.categories), default=1)
        row = max(deepest * LABEL * 1.35 + 8, len(chart.series) * _GROUPED_BAR.get(chart.kind, 0))
        height = max(height, row * len(chart.categories) + 60)
    legend = 26 if len(chart.series) > 1 else 0
    return max(round(height) + legend, 180)


def _family(theme: Theme) -> str:
    return f"'{theme.font}', sans-serif"
