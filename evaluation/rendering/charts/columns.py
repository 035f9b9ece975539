"""Vertical bars; drawn as horizontal ones where the labels have no room beneath."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.rendering.charts import marks
from evaluation.rendering.charts.bars import draw_bars
from evaluation.rendering.charts.colour import series_colours
from evaluation.rendering.charts.layout import (
    LABEL,
    SMALL,
    VALUE,
    Drawing,
    Pen,
    bar_attributes,
    legend,
    point_data,
)
from evaluation.rendering.charts.plot import Plot, lay_plot, upright_frame
from evaluation.rendering.charts.scale import Axis, value_axis

if TYPE_CHECKING:
    from evaluation.report.model import ChartBlock

_HEIGHT = 250.0
_LEAST_BAND = 46.0
_WIDEST_BAR = 72.0


@dataclass(frozen=True, slots=True)
class _Bands:
    """The evenly wide bands of the categories."""

    left: float
    width: float

    def middle(self, category: int) -> float:
        return self.left + (category + 0.5) * self.width


def draw_columns(chart: ChartBlock, pen: Pen) -> Drawing:
    """Draw upright bars with their values on top, or lying ones where there are too many."""
    axis = value_axis(chart)
    head, plot = _place(chart, axis, pen)
    if not has_room(chart, pen):
        return draw_bars(chart, pen)
    bands = _Bands(plot.left, (plot.right - plot.left) / len(chart.categories))

    drawn = [head, upright_frame(chart, axis, plot, pen)]
    drawn.extend(
        _series(chart, index, axis, plot, bands, pen) for index in range(len(chart.series))
    )
    labels = [pen.wrap(label, bands.width - 8) for label in chart.categories]
    for category, label in enumerate(labels):
        x = bands.middle(category)
        drawn.append(
            marks.lines(
                x, plot.bottom + LABEL + 5, label, LABEL, text_anchor="middle", fill=pen.theme.ink
            )
        )
    zero = axis.place(max(axis.low, 0.0), plot.bottom, plot.top)
    drawn.append(marks.line(plot.left, zero, plot.right, zero, pen.theme.rule))
    deepest = max((len(label) for label in labels), default=0)
    return Drawing(pen.width, plot.bottom + 10 + marks.block_height(deepest, LABEL), tuple(drawn))


def has_room(chart: ChartBlock, pen: Pen) -> bool:
    """Tell whether every word and value fits into its band unbroken."""
    _, plot = _place(chart, value_axis(chart), pen)
    width = (plot.right - plot.left) / max(len(chart.categories), 1)
    if not chart.categories or width < _LEAST_BAND:
        return False
    words = [word for label in chart.categories for word in label.split()]
    if any(pen.text_width(word, LABEL) > width - 8 for word in words):
        return False
    bar = _bar_width(_Bands(0.0, width), len(chart.series))
    texts = [point.text for series in chart.series for point in series.points]
    return all(pen.text_width(text, SMALL) <= bar + 2 or len(chart.series) == 1 for text in texts)


def _place(chart: ChartBlock, axis: Axis, pen: Pen) -> tuple[str, Plot]:
    """Lay the legend and the plot out."""
    head, head_height = legend(chart, pen) if len(chart.series) > 1 else ("", 0.0)
    title = LABEL + 6 if chart.axis_title else 0.0
    return head, lay_plot(axis, pen, top=head_height + title + 12, height=_HEIGHT)


def _bar_width(bands: _Bands, count: int) -> float:
    return min(bands.width * 0.72 / max(count, 1), _WIDEST_BAR)


def _series(chart: ChartBlock, index: int, axis: Axis, plot: Plot, bands: _Bands, pen: Pen) -> str:
    fill = series_colours(chart, pen.theme)[index]
    width = _bar_width(bands, len(chart.series))
    size = VALUE if len(chart.series) == 1 else SMALL
    zero = axis.place(max(axis.low, 0.0), plot.bottom, plot.top)
    drawn = []
    for category, point in enumerate(chart.series[index].points):
        x = bands.middle(category) + (index - len(chart.series) / 2) * width
        tip = zero
        if point.value is not None:
            tip = axis.place(point.value, plot.bottom, plot.top)
            drawn.append(
                marks.rect(
                    x + 0.5,
                    min(tip, zero),
                    width - 1,
                    abs(zero - tip),
                    fill,
                    **bar_attributes(fill, pen),
                    **point_data(index, category, point),
                )
            )
        drawn.append(
            marks.text(
                x + width / 2,
                min(tip, zero) - 5,
                point.text,
                font_size=size,
                text_anchor="middle",
                **marks.halo(pen.theme.background),
                fill=pen.theme.muted if point.value is None else pen.theme.ink,
            )
        )
    return marks.group(drawn)
