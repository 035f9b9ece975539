"""Horizontal bars, for one series or several side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.rendering.charts import marks
from evaluation.rendering.charts.colour import is_crowded, readable, series_colours
from evaluation.rendering.charts.layout import (
    VALUE,
    Drawing,
    Pen,
    Rows,
    bar_attributes,
    foot_note,
    horizontal_axis,
    lay_rows,
    legend,
    point_data,
    reference_height,
    reference_line,
    row_labels,
    zero_line,
)
from evaluation.rendering.charts.scale import Axis, value_axis

if TYPE_CHECKING:
    from evaluation.report.model import ChartBlock, ChartPoint

_VALUE_GAP = 6.0


def draw_bars(chart: ChartBlock, pen: Pen) -> Drawing:
    """Draw bars with their values at the end.

    Several series are named directly in the first category where every name
    has room, in a legend above where one has not; where there are more series
    than colours, every bar is named and all have one colour.
    """
    count = max(len(chart.series), 1)
    thickness, inner = (22.0, 0.0) if count == 1 else (16.0, 2.0)
    band = count * thickness + (count - 1) * inner
    crowded = is_crowded(chart, pen.theme)
    texts = [
        f"{point.text}\u2002{series.name}" if crowded else point.text
        for series in chart.series
        for point in series.points
    ]
    right = max((pen.text_width(text, VALUE) for text in texts), default=0.0) + _VALUE_GAP + 2
    axis = value_axis(chart, wanted=3 if pen.is_narrow else 5)
    gap = 10.0 if count == 1 else 14.0

    layout = lay_rows(chart, pen, top=4, band=band, gap=gap, right=right)
    names = () if crowded else _direct_names(chart, axis, layout, pen)
    unkeyed = bool(names) or count == 1 or crowded
    head, head_height = ("", 0.0) if unkeyed else legend(chart, pen)
    top = head_height + reference_height(chart) + 4
    layout = lay_rows(chart, pen, top=top, band=band, gap=gap, right=right)

    frame, bottom = horizontal_axis(axis, layout, chart.axis_title, pen)
    drawn = [head, frame]
    for index in range(count if chart.series else 0):
        offset = index * (thickness + inner)
        drawn.append(_series(chart, index, axis, layout, pen, (offset, thickness), names))
    drawn.append(zero_line(axis, layout, pen))
    drawn.extend(reference_line(chart, axis, layout, pen, head_height))
    drawn.append(row_labels(layout, pen))
    note, bottom = foot_note(chart.interval_text, bottom, pen)
    drawn.append(note)
    return Drawing(pen.width, bottom, tuple(drawn))


def _series(
    chart: ChartBlock,
    index: int,
    axis: Axis,
    layout: Rows,
    pen: Pen,
    place: tuple[float, float],
    names: tuple[str, ...],
) -> str:
    """Draw one series' bars and values; ``place`` is (offset in the band, thickness)."""
    offset, thickness = place
    fill = series_colours(chart, pen.theme)[index]
    label = chart.series[index].name if is_crowded(chart, pen.theme) else ""
    start = axis.place(max(axis.low, 0.0), layout.left, layout.right)
    drawn = []
    for category, (row, point) in enumerate(
        zip(layout.rows, chart.series[index].points, strict=True)
    ):
        y = row.y + offset
        baseline = marks.middle_baseline(y + thickness / 2, VALUE)
        tip = start
        if point.value is not None:
            tip = axis.place(point.value, layout.left, layout.right)
            drawn.append(
                marks.rect(
                    min(start, tip),
                    y,
                    abs(tip - start),
                    thickness,
                    fill,
                    **bar_attributes(fill, pen),
                    **point_data(index, category, point),
                )
            )
        drawn.append(_interval(point, axis, layout, y + thickness / 2, pen))
        if point.high is not None:
            tip = max(tip, axis.place(point.high, layout.left, layout.right))
        drawn.append(_value(point, (start, tip), baseline, layout, pen, label))
        if names and category == 0:
            x = max(tip, start) + _VALUE_GAP + pen.text_width(point.text, VALUE) + 8
            ink = readable(fill, pen.theme.background)
            drawn.append(
                marks.text(x, baseline, names[index], fill=ink, font_size=VALUE, font_weight="600")
            )
    return marks.group(drawn)


def _interval(point: ChartPoint, axis: Axis, layout: Rows, middle: float, pen: Pen) -> str:
    """Draw a bar's interval as a thin line that shows on the bar as well as beside it."""
    if point.low is None or point.high is None:
        return ""
    low = axis.place(point.low, layout.left, layout.right)
    high = axis.place(point.high, layout.left, layout.right)
    return marks.line(low, middle, high, middle, pen.theme.background, stroke_width=4) + marks.line(
        low, middle, high, middle, pen.theme.ink, stroke_width=1.5
    )


def _value(
    point: ChartPoint,
    ends: tuple[float, float],
    baseline: float,
    layout: Rows,
    pen: Pen,
    name: str,
) -> str:
    """Write a bar's value at its end: left of a negative bar where there is room."""
    start, tip = ends
    text = f"{point.text}\u2002{name}" if name else point.text
    fill = pen.theme.muted if point.value is None else pen.theme.ink
    if tip < start and tip - _VALUE_GAP - pen.text_width(text, VALUE) >= layout.left:
        return marks.text(
            tip - _VALUE_GAP, baseline, text, font_size=VALUE, fill=fill, text_anchor="end"
        )
    return marks.text(max(tip, start) + _VALUE_GAP, baseline, text, font_size=VALUE, fill=fill)


def _direct_names(chart: ChartBlock, axis: Axis, layout: Rows, pen: Pen) -> tuple[str, ...]:
    """Return the series' names if all fit beside the first category's bars."""
    if len(chart.series) < 2 or not chart.categories:
        return ()
    for series in chart.series:
        point = series.points[0]
        if point.value is None:
            return ()
        tip = max(float(point.high or point.value), 0.0)
        end = axis.place(tip, layout.left, layout.right) + _VALUE_GAP
        end += pen.text_width(point.text, VALUE) + 8
        if end + pen.text_width(series.name, VALUE, semibold=True) > pen.width:
            return ()
    return tuple(series.name for series in chart.series)
