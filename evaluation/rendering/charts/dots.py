"""Points with intervals: dot plots and forest plots.

More units than a page has lines for are drawn close together and without their
names, as a caterpillar plot; the table lists them in the same order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.rendering.charts import marks
from evaluation.rendering.charts.colour import readable, series_colours
from evaluation.rendering.charts.layout import (
    SMALL,
    VALUE,
    Drawing,
    Pen,
    Row,
    Rows,
    foot_note,
    horizontal_axis,
    lay_rows,
    legend,
    point_data,
    reference_height,
    reference_line,
    row_labels,
)
from evaluation.rendering.charts.scale import Axis, value_axis
from evaluation.report.model import MOST_NAMED_DOTS, ChartKind

if TYPE_CHECKING:
    from evaluation.report.model import ChartBlock

_COLUMN_GAP = 16.0
_PITCH = 16.0
"""Height that a series takes within a category's band."""
_PAGE = 880.0
"""Height of a drawing that a printed page holds at full width."""
_LEAST_PITCH = 2.0


def draw_dots(chart: ChartBlock, pen: Pen) -> Drawing:
    """Draw points with their intervals, the values in a column at the right.

    A forest plot is the same with square points and a reference line.
    """
    if is_crowded(chart):
        return _draw_crowd(chart, pen)
    axis = value_axis(chart, wanted=3 if pen.is_narrow else 5)
    band, gap = _spacing(chart)
    texts = [point.text for series in chart.series for point in series.points]
    right = max((pen.text_width(text, VALUE) for text in texts), default=0.0) + _COLUMN_GAP
    is_named = len(chart.series) > 1
    head, head_height = legend(chart, pen, shapes=True) if is_named else ("", 0.0)
    top = head_height + reference_height(chart) + 4
    layout = lay_rows(chart, pen, top=top, band=band, gap=gap, right=right)

    frame, bottom = horizontal_axis(axis, layout, chart.axis_title, pen)
    drawn = [head, frame, *reference_line(chart, axis, layout, pen, head_height)]
    drawn.append(row_labels(layout, pen))
    for category, row in enumerate(layout.rows):
        drawn.extend(
            _point(chart, (index, category), row, (axis, layout), pen)
            for index in range(len(chart.series))
        )
        drawn.append(_texts(chart, category, row, pen))
    note, bottom = foot_note(chart.interval_text, bottom, pen)
    drawn.append(note)
    return Drawing(pen.width, bottom, tuple(drawn))


def _spacing(chart: ChartBlock) -> tuple[float, float]:
    """Return the height of a category's band and the gap to the next, so that a page holds them.

    A higher picture would be made narrower in print, and what is written in it with it.
    """
    band = max(_PITCH * len(chart.series), 22.0)
    if len(chart.series) > 1:
        return band, 10.0
    pitch = min(band + 8, max(_PITCH, _PAGE / max(1, len(chart.categories))))
    return min(band, pitch), pitch - min(band, pitch)


def is_crowded(chart: ChartBlock) -> bool:
    """Tell whether one series has more points than a page has room for names."""
    return len(chart.series) == 1 and len(chart.categories) > MOST_NAMED_DOTS


def _draw_crowd(chart: ChartBlock, pen: Pen) -> Drawing:
    """Draw thin intervals and small points close together, from top to bottom as given."""
    axis = value_axis(chart, wanted=3 if pen.is_narrow else 5)
    top = reference_height(chart) + 4
    pitch = max(_LEAST_PITCH, _PAGE / len(chart.categories))
    rows = tuple(Row((), 0.0, top + place * pitch, pitch) for place in range(len(chart.categories)))
    half = pen.text_width(axis.tick_text(axis.ticks[0], pen.numbers), SMALL) / 2
    layout = Rows(half, pen.width - half, top, top + pitch * len(rows), rows)
    frame, bottom = horizontal_axis(axis, layout, chart.axis_title, pen)
    fill = series_colours(chart, pen.theme)[0]
    drawn = [frame, *reference_line(chart, axis, layout, pen, 0.0)]
    for category, (point, row) in enumerate(zip(chart.series[0].points, rows, strict=True)):
        if point.value is None:
            continue
        if point.low is not None and point.high is not None:
            low, high = (axis.place(v, half, layout.right) for v in (point.low, point.high))
            drawn.append(
                marks.line(low, row.middle, high, row.middle, fill, stroke_width=0.6, data_i="0")
            )
        x = axis.place(point.value, half, layout.right)
        dot = marks.marker(0, x, row.middle, min(4.0, max(1.6, pitch * 0.5)), fill, fill)
        drawn.append(marks.group([dot], data_x=x, **point_data(0, category, point)))
    note, bottom = foot_note(chart.interval_text, bottom, pen)
    return Drawing(pen.width, bottom, (*drawn, note))


def series_middle(row: Row, index: int, count: int) -> float:
    """Return the height at which a series' point stands within a category's band."""
    return row.middle + (index - (count - 1) / 2) * min(_PITCH, row.height / count)


def _point(
    chart: ChartBlock, place: tuple[int, int], row: Row, plot: tuple[Axis, Rows], pen: Pen
) -> str:
    """Draw one interval with its point; ``place`` is (series, category)."""
    index, category = place
    axis, layout = plot
    point = chart.series[index].points[category]
    if point.value is None:
        return ""
    fill = series_colours(chart, pen.theme)[index]
    y = series_middle(row, index, len(chart.series))
    drawn = []
    if point.low is not None and point.high is not None:
        low = axis.place(point.low, layout.left, layout.right)
        high = axis.place(point.high, layout.left, layout.right)
        drawn.append(marks.line(low, y, high, y, fill, stroke_width=2, data_i=str(index)))
        drawn.extend(
            marks.line(end, y - 4, end, y + 4, fill, stroke_width=2) for end in (low, high)
        )
    shape = 1 if chart.kind is ChartKind.FOREST else marks.series_shape(index)
    x = axis.place(point.value, layout.left, layout.right)
    drawn.append(
        marks.group(
            [marks.marker(shape, x, y, 5.5, fill, pen.theme.background)],
            data_x=x,
            **point_data(index, category, point),
        )
    )
    return marks.group(drawn)


def _texts(chart: ChartBlock, category: int, row: Row, pen: Pen) -> str:
    """Draw a category's values, each at the height of its point."""
    colours = series_colours(chart, pen.theme)
    drawn = []
    for index, series in enumerate(chart.series):
        point = series.points[category]
        middle = series_middle(row, index, len(chart.series))
        own = pen.theme.ink if len(colours) == 1 else readable(colours[index], pen.theme.background)
        fill = pen.theme.muted if point.value is None else own
        baseline = marks.middle_baseline(middle, VALUE)
        drawn.append(marks.text(pen.width, baseline, point.text, fill=fill))
    return marks.group(drawn, text_anchor="end", font_size=VALUE)
