"""Development over time: lines for series, slopes between two occasions or more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

from evaluation.rendering.charts import marks
from evaluation.rendering.charts.colour import mix, readable, series_colours
from evaluation.rendering.charts.layout import (
    LABEL,
    SMALL,
    VALUE,
    Drawing,
    Pen,
    foot_note,
    legend,
    point_data,
)
from evaluation.rendering.charts.plot import (
    EndLabel,
    Plot,
    end_label_middles,
    end_label_room,
    end_labels,
    end_labels_height,
    lay_plot,
    lead_room,
    upright_frame,
)
from evaluation.rendering.charts.scale import Axis, value_axis
from evaluation.report.model import ChartKind

if TYPE_CHECKING:
    from evaluation.report.model import ChartBlock, ChartPoint

_HEIGHT = 270.0
_INSET = 16.0
"""From the plot's edge to the first and the last occasion."""


def draw_line(chart: ChartBlock, pen: Pen) -> Drawing:
    """Draw one line per series; a withheld value leaves a gap with its sign on the axis.

    Lines are named at their last point; in a narrow picture in a legend above.
    """
    axis = value_axis(chart)
    names = _end_texts(chart, named=not pen.is_narrow)
    room = end_label_room(names, pen)
    head, head_height = ("", 0.0)
    if pen.is_narrow and len(chart.series) > 1:
        head, head_height = legend(chart, pen, shapes=True)
    height = max(_HEIGHT, end_labels_height(names, room - 4, pen))
    plot = lay_plot(axis, pen, top=head_height + 28, height=height, right=room)
    ends = _ends(chart, names, axis, plot, pen)
    lead = lead_room(ends, room - 4, plot, pen)
    plot = replace(plot, right=plot.right - lead)
    xs = occasion_positions(chart, plot)
    drawn = [head, upright_frame(chart, axis, plot, pen), _occasions(chart, xs, plot, pen)]
    drawn.extend(_reference(chart, axis, plot, pen))
    order = _drawing_order(chart)
    drawn.extend(_band(chart, index, xs, axis, plot, pen) for index in order)
    drawn.extend(_line(chart, index, xs, axis, plot, pen) for index in order)
    drawn.append(end_labels(ends, plot.right + 2, room - 4, plot, pen, lead=lead, inset=_INSET - 4))
    bottom = plot.bottom + 10 + _occasion_height(chart, xs, pen)
    if chart.x_title:
        bottom += SMALL * 1.4
        drawn.append(
            marks.text(
                (plot.left + plot.right) / 2, bottom - 4, chart.x_title,
                text_anchor="middle", fill=pen.theme.muted, font_size=SMALL,
            )
        )  # fmt: skip
    note, bottom = foot_note(chart.interval_text, bottom, pen)
    drawn.append(note)
    return Drawing(pen.width, bottom, tuple(drawn))


def draw_slope(chart: ChartBlock, pen: Pen) -> Drawing:
    """Draw the change of each series between occasions, with values at both ends."""
    axis = value_axis(chart)
    firsts = tuple(series.points[0].text for series in chart.series)
    names = _end_texts(chart, named=not pen.is_narrow)
    head, head_height = ("", 0.0)
    if pen.is_narrow and len(chart.series) > 1:
        head, head_height = legend(chart, pen, shapes=True)
    left = end_label_room(firsts, pen)
    room = end_label_room(names, pen)
    height = max(_HEIGHT, end_labels_height(names, room - 8, pen))
    plot = Plot(left, pen.width - room, head_height + 34, head_height + 34 + height)
    ends = _ends(chart, names, axis, plot, pen)
    starts = tuple(
        EndLabel(first, _first_y(chart, index, axis, plot), _ink(chart, index, pen))
        for index, first in enumerate(firsts)
    )
    leads = lead_room(starts, left, plot, pen), lead_room(ends, room - 8, plot, pen)
    plot = replace(plot, left=left + leads[0], right=plot.right - leads[1])
    xs = occasion_positions(chart, plot, inset=0.0)
    drawn = [head]
    for x, category in zip(xs, chart.categories, strict=True):
        drawn.append(marks.line(x, plot.top - 8, x, plot.bottom + 8, pen.theme.rule))
        drawn.append(_slope_head(category, x, plot, pen))
    drawn.extend(_line(chart, index, xs, axis, plot, pen) for index in _drawing_order(chart))
    drawn.append(end_labels(starts, plot.left - 10, left, plot, pen, anchor="end", lead=leads[0]))
    drawn.append(end_labels(ends, plot.right + 10, room - 8, plot, pen, lead=leads[1]))
    bottom = plot.bottom + 22
    if chart.axis_title:
        bottom += SMALL
        drawn.append(
            marks.text(0, bottom - 5, chart.axis_title, fill=pen.theme.muted, font_size=SMALL)
        )
    return Drawing(pen.width, bottom, tuple(drawn))


def occasion_positions(
    chart: ChartBlock, plot: Plot, *, inset: float = _INSET
) -> tuple[float, ...]:
    """Return the x of each category: by the points' ``x`` if all have one, else evenly."""
    count = len(chart.categories)
    given = [point.x for point in chart.series[0].points] if chart.series else []
    known = [float(x) for x in given if x is not None]
    places = known if len(known) == count else [float(i) for i in range(count)]
    low, high = (min(places), max(places)) if places else (0.0, 1.0)
    start, end = plot.left + inset, plot.right - inset
    if high == low:
        return tuple((start + end) / 2 for _ in places)
    return tuple(start + (end - start) * (place - low) / (high - low) for place in places)


def _end_texts(chart: ChartBlock, *, named: bool) -> tuple[str, ...]:
    """Return what the last occasion says of each series, followed by its name where asked for.

    A value of an earlier occasion would be taken for the last one's.
    """
    return tuple(
        "\u2002".join(
            part for part in (series.points[-1].text, series.name if named else "") if part
        )
        for series in chart.series
    )


@dataclass(frozen=True, slots=True)
class EndPlace:
    """A label at one end of a line: where the line is, and where the label stands."""

    series: int
    is_start: bool
    text: str
    value: float
    at: float
    """Both in units of the axis."""


def end_places(chart: ChartBlock, pen: Pen) -> tuple[EndPlace, ...]:
    """Return the labels of a picture of that width, for the interactive drawing."""
    axis = value_axis(chart)
    names = _end_texts(chart, named=True)
    firsts = tuple(series.points[0].text for series in chart.series)
    room = end_label_room(names, pen)
    plot = Plot(0.0, pen.width, 0.0, max(_HEIGHT, end_labels_height(names, room - 8, pen)))
    starts = tuple(
        EndLabel(text, _first_y(chart, index, axis, plot), "") for index, text in enumerate(firsts)
    )
    sides: tuple[tuple[bool, tuple[EndLabel, ...]], ...] = (
        (False, _ends(chart, names, axis, plot, pen)),
    )
    if chart.kind.value == "slope":
        sides = ((True, starts), *sides)
    scale = (axis.high - axis.low) / (plot.bottom - plot.top)
    return tuple(
        EndPlace(
            index,
            is_start,
            label.text,
            axis.low + (plot.bottom - label.y) * scale,
            axis.low + (plot.bottom - middle) * scale,
        )
        for is_start, labels in sides
        for index, (label, middle) in enumerate(
            zip(labels, end_label_middles(labels, room - 8, plot, pen), strict=True)
        )
        if label.text
    )


def _ends(
    chart: ChartBlock, names: tuple[str, ...], axis: Axis, plot: Plot, pen: Pen
) -> tuple[EndLabel, ...]:
    return tuple(
        EndLabel(text, _last_y(chart, index, axis, plot), _ink(chart, index, pen))
        for index, text in enumerate(names)
    )


def _last(points: tuple[ChartPoint, ...]) -> ChartPoint:
    return next((point for point in reversed(points) if point.value is not None), points[-1])


def _last_y(chart: ChartBlock, index: int, axis: Axis, plot: Plot) -> float:
    return _y(_last(chart.series[index].points), axis, plot)


def _first_y(chart: ChartBlock, index: int, axis: Axis, plot: Plot) -> float:
    return _y(chart.series[index].points[0], axis, plot)


def _y(point: ChartPoint, axis: Axis, plot: Plot) -> float:
    if point.value is None:
        return plot.bottom
    return axis.place(point.value, plot.bottom, plot.top)


def _ink(chart: ChartBlock, index: int, pen: Pen) -> str:
    return readable(series_colours(chart, pen.theme)[index], pen.theme.background)


def _drawing_order(chart: ChartBlock) -> tuple[int, ...]:
    """Draw what is highlighted last, that is on top."""
    return tuple(
        sorted(range(len(chart.series)), key=lambda i: chart.series[i].role == "highlight")
    )


def _line(
    chart: ChartBlock, index: int, xs: tuple[float, ...], axis: Axis, plot: Plot, pen: Pen
) -> str:
    """Draw the unbroken runs of a line and its points."""
    series = chart.series[index]
    colour = series_colours(chart, pen.theme)[index]
    stroke = readable(colour, pen.theme.background, 3.0)
    run: list[tuple[float, float]] = []
    runs, dots = [run], []
    for category, (x, point) in enumerate(zip(xs, series.points, strict=True)):
        if point.value is None:
            run = []
            runs.append(run)
            dots.append(
                marks.text(
                    x, plot.bottom - 5, point.text,
                    text_anchor="middle", fill=pen.theme.muted, font_size=VALUE,
                )
            )  # fmt: skip
            continue
        y = axis.place(point.value, plot.bottom, plot.top)
        run.append((x, y))
        dots.append(
            marks.group(
                [marks.marker(marks.series_shape(index), x, y, 4.5, stroke, pen.theme.background)],
                data_y=y,
                fill=stroke,
                **point_data(index, category, point),
            )
        )
        is_lone = len(chart.series) == 1 and category < len(xs) - 1
        if is_lone and chart.kind is ChartKind.LINE:
            dots.append(
                marks.text(
                    x, y - 10, point.text,
                    text_anchor="middle", fill=pen.theme.ink, font_size=VALUE,
                    **marks.halo(pen.theme.background),
                )
            )  # fmt: skip
    strokes = [marks.polyline(r, stroke, stroke_width=2.5) for r in runs if len(r) > 1]
    return marks.group(strokes + dots)


def _band(
    chart: ChartBlock, index: int, xs: tuple[float, ...], axis: Axis, plot: Plot, pen: Pen
) -> str:
    """Draw the surface between the intervals' ends, pale."""
    colour = series_colours(chart, pen.theme)[index]
    upper, lower = [], []
    for x, point in zip(xs, chart.series[index].points, strict=True):
        if point.low is not None and point.high is not None:
            upper.append((x, axis.place(point.high, plot.bottom, plot.top)))
            lower.append((x, axis.place(point.low, plot.bottom, plot.top)))
    if len(upper) < 2:
        return ""
    return marks.polygon(
        [*upper, *reversed(lower)], mix(pen.theme.background, colour, 0.18), opacity=0.85
    )


def _reference(chart: ChartBlock, axis: Axis, plot: Plot, pen: Pen) -> tuple[str, ...]:
    if chart.reference is None:
        return ()
    y = axis.place(chart.reference, plot.bottom, plot.top)
    return (
        marks.line(plot.left, y, plot.right, y, pen.theme.ink, stroke_dasharray="4 3"),
        marks.text(
            plot.left + 4, y - 5, chart.reference_text, fill=pen.theme.muted, font_size=SMALL
        ),
    )


def _occasions(chart: ChartBlock, xs: tuple[float, ...], plot: Plot, pen: Pen) -> str:
    drawn = []
    for x, label in zip(xs, _occasion_labels(chart, xs, pen), strict=True):
        drawn.append(marks.line(x, plot.bottom, x, plot.bottom + 4, pen.theme.rule))
        drawn.append(marks.lines(x, plot.bottom + LABEL + 6, label, LABEL, text_anchor="middle"))
    return marks.group(drawn, fill=pen.theme.ink)


def _occasion_labels(
    chart: ChartBlock, xs: tuple[float, ...], pen: Pen
) -> tuple[tuple[str, ...], ...]:
    """Break the occasions' names; where even single words would touch, leave some out.

    The last one always stands, and every second, third … before it.
    """
    spaces = [after - before for before, after in pairwise(xs)]
    space = min(spaces, default=pen.width / 2)
    room = max(space - 8, 32.0)
    wrapped = tuple(pen.wrap(category, room) for category in chart.categories)
    widest = max((pen.widest(label, LABEL) for label in wrapped), default=0.0)
    every = max(ceil((widest + 4) / space), 1) if space > 0 else 1
    last = len(wrapped) - 1
    return tuple(
        label if (last - place) % every == 0 else () for place, label in enumerate(wrapped)
    )


def _occasion_height(chart: ChartBlock, xs: tuple[float, ...], pen: Pen) -> float:
    deepest = max((len(label) for label in _occasion_labels(chart, xs, pen)), default=0)
    return marks.block_height(deepest, LABEL)


def _slope_head(category: str, x: float, plot: Plot, pen: Pen) -> str:
    half = pen.text_width(category, LABEL, semibold=True) / 2
    x = min(max(x, half), pen.width - half)
    return marks.text(
        x, plot.top - 18, category,
        font_size=LABEL, font_weight="600", text_anchor="middle", fill=pen.theme.ink,
    )  # fmt: skip
