"""Direct labels of the plotly figures: ends of lines, values beside points, withheld values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.rendering.charts.colour import (
    GRAPHIC_CONTRAST,
    is_crowded,
    readable,
    series_colours,
)
from evaluation.rendering.charts.layout import LABEL, VALUE, Pen
from evaluation.rendering.charts.lines import end_places
from evaluation.rendering.charts.plotly_parts import (
    BAR_GAP,
    LYING,
    JsonDict,
    escape,
    occasions,
    point_shift,
)
from evaluation.rendering.charts.stacked import segment_spans, withheld_places
from evaluation.report.model import ChartKind

if TYPE_CHECKING:
    from evaluation.rendering.theme import Theme
    from evaluation.report.model import ChartBlock

_LINES = (ChartKind.LINE, ChartKind.SLOPE)
_POINTS = (ChartKind.DOTS, ChartKind.FOREST)
_STACKS = (ChartKind.STACKED, ChartKind.DIVERGING)
_SIDE_BY_SIDE = (ChartKind.BARS, ChartKind.GROUPED, ChartKind.COLUMNS)
_LEAD = 22


def labels(chart: ChartBlock, theme: Theme) -> JsonDict:
    """Return the annotations of a figure."""
    if chart.kind in _LINES and len(chart.series) > 1:
        drawn = _line_ends(chart, theme)
    elif chart.kind in _POINTS:
        drawn = _point_values(chart, theme)
    elif chart.kind in _STACKS:
        drawn = [
            _text(text, theme.ink) | {"x": place, "y": category, "xanchor": "left"}
            for category, place, text in withheld_places(chart, segment_spans(chart))
        ]
    elif chart.kind in _SIDE_BY_SIDE:
        drawn = _withheld_bars(chart, theme)
    else:
        return {}
    return {"annotations": drawn}


def label_room(chart: ChartBlock, theme: Theme) -> float:
    """Return the width that labels need right of the plot."""
    pen = Pen(theme)
    if chart.kind in _LINES and len(chart.series) > 1:
        texts = [place.text for place in end_places(chart, pen) if not place.is_start]
        lines = [line for text in texts for line in _end_lines(text, pen)]
        widths = [pen.text_width(line, LABEL, semibold=True) for line in lines]
        return max(widths, default=0.0) + _LEAD + 4
    if chart.kind in _POINTS:
        texts = [point.text for series in chart.series for point in series.points]
        return max((pen.text_width(text, VALUE) for text in texts), default=0.0) + 12
    return 24.0


def needs_legend(chart: ChartBlock, theme: Theme) -> bool:
    """Tell whether series are told by a legend because they are not named directly."""
    named = chart.kind in _LINES or is_crowded(chart, theme)
    return len(chart.series) > 1 and not named


def _end_lines(text: str, pen: Pen) -> tuple[str, ...]:
    return pen.wrap(text, pen.width * 0.3, LABEL, semibold=True)


def _line_ends(chart: ChartBlock, theme: Theme) -> list[JsonDict]:
    """Name every line at its end, tied to it where the label had to be moved."""
    pen = Pen(theme)
    places = occasions(chart)
    drawn = []
    for end in end_places(chart, pen):
        colour = series_colours(chart, theme)[end.series]
        text = "<br>".join(escape(line) for line in _end_lines(end.text, pen))
        drawn.append(
            {
                **_text(f"<b>{text}</b>", readable(colour, theme.background)),
                "x": places[0] if end.is_start else places[-1],
                "y": round(end.value, 6),
                "ax": -_LEAD if end.is_start else _LEAD,
                "ayref": "y",
                "ay": round(end.at, 6),
                "xanchor": "right" if end.is_start else "left",
                "align": "right" if end.is_start else "left",
                "showarrow": True,
                "arrowhead": 0,
                "arrowwidth": 1,
                "arrowcolor": readable(colour, theme.background, GRAPHIC_CONTRAST),
                "standoff": 5,
            }
        )
    return drawn


def _point_values(chart: ChartBlock, theme: Theme) -> list[JsonDict]:
    """Write every value, and what is withheld, in a column right of the plot."""
    colours = series_colours(chart, theme)
    lone = len(colours) == 1
    drawn = []
    for index, series in enumerate(chart.series):
        ink = theme.ink if lone else readable(colours[index], theme.background)
        for category, point in enumerate(series.points):
            if point.text:
                drawn.append(
                    _text(point.text, theme.muted if point.value is None else ink)
                    | {
                        "xref": "paper",
                        "x": 1,
                        "xanchor": "left",
                        "y": round(category + point_shift(index, len(chart.series)), 4),
                    }
                )
    return drawn


def _text(text: str, colour: str) -> JsonDict:
    return {
        "text": text if text.startswith("<b>") else escape(text),
        "showarrow": False,
        "yanchor": "middle",
        "font": {"size": VALUE, "color": colour},
    }


def _withheld_bars(chart: ChartBlock, theme: Theme) -> list[JsonDict]:
    """Return the signs that stand where side-by-side bars are withheld."""
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
    return signs
