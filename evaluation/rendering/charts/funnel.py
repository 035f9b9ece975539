"""Funnel plot: units by size, with the limits within which chance explains a difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.rendering.charts import marks
from evaluation.rendering.charts.colour import readable, series_colours
from evaluation.rendering.charts.layout import (
    LABEL,
    SMALL,
    Drawing,
    Pen,
    foot_note,
    legend,
    point_data,
)
from evaluation.rendering.charts.plot import Plot, lay_plot, upright_frame
from evaluation.rendering.charts.scale import Axis, round_axis, value_axis

if TYPE_CHECKING:
    from evaluation.report.model import ChartBlock, ChartPoint, ChartSeries

_HEIGHT = 320.0
_RIGHT = 20.0


def draw_funnel(chart: ChartBlock, pen: Pen) -> Drawing:
    """Draw every unit at its size (``x``) and value, with limits and the mean.

    Units outside their limits are named, and all units where there are few.
    """
    axis, sizes = value_axis(chart), size_axis(chart)
    many = len(chart.series) > 1
    head, head_height = legend(chart, pen, shapes=True) if many else ("", 0.0)
    plot = lay_plot(axis, pen, top=head_height + 28, height=_HEIGHT, right=_RIGHT)
    drawn = [head, upright_frame(chart, axis, plot, pen), _size_ticks(chart, sizes, plot, pen)]
    for series in chart.series:
        for side in ("low", "high"):
            line = [
                (sizes.place(x, plot.left, plot.right), axis.place(y, plot.bottom, plot.top))
                for x, y in limit_line(series, side)
            ]
            if len(line) > 1:
                drawn.append(
                    marks.polyline(line, pen.theme.rule, stroke_width=1.5, stroke_dasharray="5 4")
                )
    drawn.append(_mean(chart, axis, plot, pen))
    drawn.extend(
        _units(chart, index, (sizes, axis), plot, pen) for index in range(len(chart.series))
    )
    drawn.append(_names(chart, name_places(chart, (sizes, axis), plot, pen), pen))
    bottom = plot.bottom + LABEL + (SMALL * 1.5 if chart.x_title else 0.0) + 8
    note, bottom = foot_note(chart.interval_text, bottom, pen)
    drawn.append(note)
    return Drawing(pen.width, bottom, tuple(drawn))


def size_axis(chart: ChartBlock) -> Axis:
    """Return the axis of the units' sizes, from nought."""
    known = [float(p.x) for series in chart.series for p in series.points if p.x is not None]
    return round_axis(0.0, max(known, default=1.0), whole=True)


def limit_line(series: ChartSeries, side: str) -> tuple[tuple[float, float], ...]:
    """Return the lower or upper limits in order of size, as (x, y)."""
    pairs = {
        (float(point.x), float(limit))
        for point in series.points
        if point.x is not None and (limit := getattr(point, side)) is not None
    }
    return tuple(sorted(pairs))


def is_outside(point: ChartPoint) -> bool:
    """Tell whether a unit's value lies outside its limits."""
    if point.value is None or point.low is None or point.high is None:
        return False
    return not point.low <= point.value <= point.high


def _size_ticks(chart: ChartBlock, sizes: Axis, plot: Plot, pen: Pen) -> str:
    drawn = []
    baseline = plot.bottom + SMALL + 6
    for tick in sizes.ticks:
        x = sizes.place(tick, plot.left, plot.right)
        drawn.append(marks.line(x, plot.bottom, x, plot.bottom + 4, pen.theme.rule))
        shown = sizes.tick_text(tick, pen.numbers)
        drawn.append(marks.text(x, baseline, shown, text_anchor="middle"))
    if chart.x_title:
        middle = (plot.left + plot.right) / 2
        drawn.append(
            marks.text(middle, baseline + SMALL * 1.4, chart.x_title, text_anchor="middle")
        )
    return marks.group(drawn, fill=pen.theme.muted, font_size=SMALL)


def _mean(chart: ChartBlock, axis: Axis, plot: Plot, pen: Pen) -> str:
    if chart.reference is None:
        return ""
    y = axis.place(chart.reference, plot.bottom, plot.top)
    return marks.line(plot.left, y, plot.right, y, pen.theme.ink) + marks.text(
        plot.right, y - 5, chart.reference_text,
        text_anchor="end", fill=pen.theme.muted, font_size=SMALL,
        **marks.halo(pen.theme.background),
    )  # fmt: skip


def _units(chart: ChartBlock, index: int, axes: tuple[Axis, Axis], plot: Plot, pen: Pen) -> str:
    fill = readable(series_colours(chart, pen.theme)[index], pen.theme.background, 3.0)
    drawn = []
    for category, point in enumerate(chart.series[index].points):
        place = _place(point, axes, plot)
        if place is None:
            continue
        x, y = place
        # What lies outside is told apart by its shape too, not by colour alone.
        shape, colour = (2, pen.theme.accent) if is_outside(point) else (index * 3, fill)
        drawn.append(
            marks.group(
                [marks.marker(shape, x, y, 5.5, colour, pen.theme.background)],
                data_x=x,
                data_y=y,
                **point_data(index, category, point),
            )
        )
    return marks.group(drawn)


def _place(point: ChartPoint, axes: tuple[Axis, Axis], plot: Plot) -> tuple[float, float] | None:
    if point.value is None or point.x is None:
        return None
    sizes, axis = axes
    return (
        sizes.place(point.x, plot.left, plot.right),
        axis.place(point.value, plot.bottom, plot.top),
    )


@dataclass(frozen=True, slots=True)
class NamePlace:
    """Where a unit's name stands: which of its sides, and the text's left end."""

    category: int
    side: int
    left: float
    baseline: float
    outside: bool


def name_places(
    chart: ChartBlock, axes: tuple[Axis, Axis], plot: Plot, pen: Pen
) -> tuple[NamePlace, ...]:
    """Place names of units outside the limits, then of others, where they cover nothing."""
    places = [
        (not is_outside(point), category, place)
        for series in chart.series
        for category, point in enumerate(series.points)
        if (place := _place(point, axes, plot)) is not None
    ]
    taken = [(x - 7, y - 7, x + 7, y + 7) for _, _, (x, y) in places]
    if chart.reference is not None:
        y = axes[1].place(chart.reference, plot.bottom, plot.top)
        width = pen.text_width(chart.reference_text, SMALL)
        taken += [
            (plot.left, y - 1, plot.right, y + 1),
            (plot.right - width, y - SMALL - 5, plot.right, y),
        ]
    named = []
    for inside, category, (x, y) in sorted(places):
        width = pen.text_width(chart.categories[category], SMALL, semibold=not inside)
        for side, (left, baseline) in enumerate(_spots(x, y, width)):
            box = (left, baseline - SMALL * 0.75, left + width, baseline + 3)
            within = plot.left <= left and left + width <= pen.width
            if within and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                named.append(NamePlace(category, side, left, baseline, not inside))
                break
    return tuple(named)


def funnel_names(chart: ChartBlock, pen: Pen) -> tuple[NamePlace, ...]:
    """Return the names that a picture of that width shows, for the interactive drawing."""
    axis, sizes = value_axis(chart), size_axis(chart)
    plot = lay_plot(axis, pen, top=28, height=_HEIGHT, right=_RIGHT)
    return name_places(chart, (sizes, axis), plot, pen)


def _names(chart: ChartBlock, places: tuple[NamePlace, ...], pen: Pen) -> str:
    drawn = [
        marks.text(
            place.left,
            place.baseline,
            chart.categories[place.category],
            fill=pen.theme.ink if place.outside else pen.theme.muted,
            font_weight="600" if place.outside else None,
        )
        for place in places
    ]
    return marks.group(drawn, font_size=SMALL, **marks.halo(pen.theme.background))


def _spots(x: float, y: float, width: float) -> tuple[tuple[float, float], ...]:
    """Return where a name may stand: right, left, above, below of its point."""
    middle = marks.middle_baseline(y, SMALL)
    return (
        (x + 9, middle),
        (x - 9 - width, middle),
        (x - width / 2, y - 10),
        (x - width / 2, y + 10 + SMALL * 0.75),
    )


def _overlap(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
