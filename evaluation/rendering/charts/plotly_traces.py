"""Traces of the plotly figures, one function per way of drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.rendering.charts.colour import (
    GRAPHIC_CONTRAST,
    is_crowded,
    label_ink,
    outline,
    readable,
    series_colours,
    tint,
)
from evaluation.rendering.charts.funnel import funnel_names, is_outside, limit_line
from evaluation.rendering.charts.layout import LABEL, SMALL, VALUE, Pen
from evaluation.rendering.charts.marks import series_shape
from evaluation.rendering.charts.plotly_parts import (
    JsonDict,
    escape,
    hover_texts,
    number,
    occasions,
    point_shift,
)
from evaluation.rendering.charts.stacked import segment_spans
from evaluation.rendering.charts.tiles import fill_tiles
from evaluation.report.model import ChartKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.rendering.charts.stacked import Span
    from evaluation.rendering.theme import Theme
    from evaluation.report.model import ChartBlock, ChartPoint

_SYMBOLS = ("circle", "square", "diamond", "triangle-up")
_SIDES = ("middle right", "middle left", "top center", "bottom center")
_HOVER = "%{customdata}<extra></extra>"


def lying_bars(chart: ChartBlock, theme: Theme) -> list[JsonDict]:
    """One trace of horizontal bars per series; category i stands at y = i."""
    drawn = []
    for index, series in enumerate(chart.series):
        fill = series_colours(chart, theme)[index]
        drawn.append(
            _bar(chart, index, theme)
            | {
                "orientation": "h",
                "x": [number(point.value) for point in series.points],
                "y": list(range(len(chart.categories))),
                "marker": {"color": fill, "line": _edge(fill, theme)},
            }
        )
    return drawn


def upright_bars(chart: ChartBlock, theme: Theme) -> list[JsonDict]:
    """One trace of vertical bars per series; category i stands at x = i."""
    drawn = []
    for index, series in enumerate(chart.series):
        fill = series_colours(chart, theme)[index]
        drawn.append(
            _bar(chart, index, theme)
            | {
                "x": list(range(len(chart.categories))),
                "y": [number(point.value) for point in series.points],
                "marker": {"color": fill, "line": _edge(fill, theme)},
            }
        )
    return drawn


def segments(chart: ChartBlock, theme: Theme) -> list[JsonDict]:
    """One trace of bar segments per series, laid where the static picture lays them."""
    spans = segment_spans(chart)
    drawn = []
    for index, series in enumerate(chart.series):
        fill = series_colours(chart, theme)[index]
        own = [row[index] for row in spans]
        drawn.append(
            _bar(chart, index, theme)
            | {
                "orientation": "h",
                "x": _lengths(chart, series.points, own),
                "base": [None if span is None else round(span.start, 6) for span in own],
                "y": list(range(len(chart.categories))),
                "marker": {"color": fill, "line": {"color": theme.background, "width": 1}},
                "textposition": "inside",
                "constraintext": "inside",
                "insidetextanchor": "middle",
                "textangle": 0,
                "textfont": {"color": label_ink(fill, theme), "size": VALUE},
            }
        )
    return drawn


def _lengths(
    chart: ChartBlock, points: Sequence[ChartPoint], spans: Sequence[Span | None]
) -> list[float | None]:
    """Return the values, or their share of a bar that is drawn to the whole."""
    if not chart.is_to_whole:
        return [number(point.value) for point in points]
    return [None if span is None else round(span.end - span.start, 6) for span in spans]


def dots(chart: ChartBlock, theme: Theme) -> list[JsonDict]:
    """One trace of points with intervals per series, a little apart in each category."""
    count = len(chart.series)
    drawn = []
    for index, series in enumerate(chart.series):
        colour = series_colours(chart, theme)[index]
        shift = point_shift(index, count)
        symbol = "square" if chart.kind is ChartKind.FOREST else _SYMBOLS[series_shape(index)]
        drawn.append(
            _points(chart, index, theme, symbol)
            | {
                "x": [number(point.value) for point in series.points],
                "y": [round(category + shift, 4) for category in range(len(chart.categories))],
                "error_x": _intervals(series.points, colour),
                "mode": "markers",
            }
        )
    return drawn


def lines(chart: ChartBlock, theme: Theme) -> list[JsonDict]:
    """One line per series with gaps where values are withheld; `end_labels` names them."""
    xs = occasions(chart)
    is_lone = len(chart.series) == 1
    drawn = []
    for index, series in enumerate(chart.series):
        stroke = readable(series_colours(chart, theme)[index], theme.background, GRAPHIC_CONTRAST)
        drawn.append(
            _points(chart, index, theme, _SYMBOLS[series_shape(index)], stroke)
            | {
                "x": xs,
                "y": [number(point.value) for point in series.points],
                "mode": "lines+markers+text" if is_lone else "lines+markers",
                "text": [escape(point.text) if is_lone else "" for point in series.points],
                "textposition": _end_positions(chart),
                "textfont": {"color": readable(stroke, theme.background), "size": VALUE},
                "connectgaps": False,
                "cliponaxis": False,
                "line": {"color": stroke, "width": 2.5},
            }
        )
    return drawn


def funnel(chart: ChartBlock, theme: Theme) -> list[JsonDict]:
    """Draw the limits as dashed lines, the units as points by size."""
    drawn: list[JsonDict] = []
    for series in chart.series:
        for side in ("low", "high"):
            line = limit_line(series, side)
            drawn.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": [x for x, _ in line],
                    "y": [y for _, y in line],
                    "line": {"color": theme.rule, "width": 1.5, "dash": "dash"},
                    "hoverinfo": "skip",
                    "showlegend": False,
                    "meta": {"role": "limit"},
                }
            )
    named = {place.category: place.side for place in funnel_names(chart, Pen(theme))}
    for index, series in enumerate(chart.series):
        fill = readable(series_colours(chart, theme)[index], theme.background, GRAPHIC_CONTRAST)
        trace = _points(chart, index, theme, "circle", fill)
        outside = [is_outside(point) for point in series.points]
        trace["marker"] |= {
            "color": [theme.accent if out else fill for out in outside],
            "symbol": ["diamond" if out else _SYMBOLS[index * 3 % 4] for out in outside],
        }
        drawn.append(
            trace
            | {
                "x": [number(point.x) for point in series.points],
                "y": [number(point.value) for point in series.points],
                "mode": "markers+text",
                "text": [
                    escape(name) if i in named else "" for i, name in enumerate(chart.categories)
                ],
                "textposition": [_SIDES[named.get(i, 0)] for i, _ in enumerate(chart.categories)],
                "textfont": {"color": theme.ink, "size": SMALL},
            }
        )
    return drawn


def tiles(chart: ChartBlock, theme: Theme) -> list[JsonDict]:
    """One square per area with its code and value, in the order of the chart."""
    filled = sorted(
        (f for f in fill_tiles(chart, theme) if f.category >= 0), key=lambda f: f.category
    )
    colours = [
        theme.background if f.point is None or f.point.value is None else tint(f.share, theme)
        for f in filled
    ]
    return [
        {
            "type": "scatter",
            "mode": "markers+text",
            "name": chart.series[0].name,
            "x": [f.tile.column for f in filled],
            "y": [f.tile.row for f in filled],
            "text": [
                f"<b>{f.tile.code}</b><br>{escape(f.point.text if f.point else '')}" for f in filled
            ],
            "textfont": {"size": LABEL, "color": [label_ink(c, theme) for c in colours]},
            "marker": {
                "symbol": "square",
                "size": 54,
                "color": colours,
                "line": {"color": theme.rule, "width": 1},
            },
            "customdata": hover_texts(chart, 0),
            "hovertemplate": _HOVER,
        }
    ]


def _bar(chart: ChartBlock, index: int, theme: Theme) -> JsonDict:
    series, crowded = chart.series[index], is_crowded(chart, theme)
    trace: JsonDict = {
        "type": "bar",
        "name": escape(series.name),
        "text": [
            f"{escape(point.text)}\u2002{escape(series.name)}" if crowded else escape(point.text)
            for point in series.points
        ],
        "textposition": "outside",
        "constraintext": "none",
        "cliponaxis": False,
        "textfont": {"color": theme.ink, "size": VALUE},
        "customdata": hover_texts(chart, index),
        "hovertemplate": _HOVER,
    }
    if any(point.low is not None for point in series.points):
        side = "error_y" if chart.kind is ChartKind.COLUMNS else "error_x"
        trace[side] = _intervals(series.points, theme.ink)
    return trace


def _points(chart: ChartBlock, index: int, theme: Theme, symbol: str, colour: str = "") -> JsonDict:
    fill = colour or series_colours(chart, theme)[index]
    return {
        "type": "scatter",
        "name": escape(chart.series[index].name),
        "marker": {
            "symbol": symbol,
            "size": 11,
            "color": fill,
            "line": {"color": theme.background, "width": 1},
        },
        "customdata": hover_texts(chart, index),
        "hovertemplate": _HOVER,
    }


def _intervals(points: Sequence[ChartPoint], colour: str) -> JsonDict:
    """Return how far each interval reaches above and below its value."""
    pairs = [
        (0.0, 0.0)
        if point.value is None or point.low is None or point.high is None
        else (float(point.high - point.value), float(point.value - point.low))
        for point in points
    ]
    return {
        "type": "data",
        "symmetric": False,
        "array": [above for above, _ in pairs],
        "arrayminus": [below for _, below in pairs],
        "color": colour,
        "thickness": 2,
        "width": 4,
        "visible": any(above or below for above, below in pairs),
    }


def _end_positions(chart: ChartBlock) -> str | list[str]:
    """Return where a line's texts stand: above a lone line, else beside its ends."""
    if len(chart.series) == 1 and chart.kind is ChartKind.LINE:
        return "top center"
    return ["middle left", *["middle right"] * (len(chart.categories) - 1)]


def _edge(fill: str, theme: Theme) -> JsonDict:
    stroke = outline(fill, theme.background)
    return {"color": stroke or fill, "width": 0.75 if stroke else 0}
