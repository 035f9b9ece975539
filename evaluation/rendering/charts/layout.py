"""What the drawings share: the pen, the rows beside their labels, axes and legends.

All measures are SVG user units (CSS pixels at full width). A drawing narrower
than `NARROW` sets the labels above the bars instead of beside them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evaluation.rendering.charts import marks
from evaluation.rendering.charts.colour import mix, outline, series_colours
from evaluation.rendering.charts.fonts import (
    MEASURED_FONT,
    UNKNOWN_FONT_FACTOR,
    text_width,
    widest,
    wrap,
)
from evaluation.texts import NumberFormat

if TYPE_CHECKING:
    from evaluation.rendering.charts.scale import Axis
    from evaluation.rendering.theme import Theme
    from evaluation.report.model import ChartBlock, ChartPoint

NARROW = 480
LABEL = 13.0
"""Font size of category and series labels."""
VALUE = 12.5
"""Font size of values."""
SMALL = 12.0
"""Font size of axes and notes."""
LABEL_SHARE = 0.4
"""Part of the width that labels beside the bars may take."""
LABEL_GAP = 12.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawn chart: its size and its SVG elements, in order."""

    width: float
    height: float
    elements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pen:
    """What every drawing needs to know besides the chart."""

    theme: Theme
    width: float = 680.0
    numbers: NumberFormat = field(default_factory=NumberFormat)

    @property
    def is_narrow(self) -> bool:
        """Whether labels stand above the bars."""
        return self.width < NARROW

    @property
    def grid(self) -> str:
        """Colour of grid lines: there, and no more."""
        return mix(self.theme.background, self.theme.rule, 0.32)

    @property
    def font_factor(self) -> float:
        """How much wider than the measured font the theme's may run."""
        return 1.0 if self.theme.font == MEASURED_FONT else UNKNOWN_FONT_FACTOR

    def text_width(self, text: str, size: float, *, semibold: bool = False) -> float:
        """Return the width of one line."""
        return text_width(text, size, semibold=semibold) * self.font_factor

    def wrap(
        self, text: str, width: float, size: float = LABEL, *, semibold: bool = False
    ) -> tuple[str, ...]:
        """Break a text into lines of at most that width."""
        return wrap(text, width / self.font_factor, size, semibold=semibold)

    def widest(self, lines: tuple[str, ...], size: float, *, semibold: bool = False) -> float:
        """Return the width of the widest line."""
        return widest(lines, size, semibold=semibold) * self.font_factor


@dataclass(frozen=True, slots=True)
class Row:
    """One category: its wrapped label and the band for its marks."""

    label: tuple[str, ...]
    label_y: float
    """Base line of the label's first line."""
    y: float
    """Top of the band."""
    height: float

    @property
    def middle(self) -> float:
        """The band's centre line."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Rows:
    """Categories from top to bottom and the plot beside or beneath their labels."""

    left: float
    right: float
    top: float
    bottom: float
    rows: tuple[Row, ...]


def lay_rows(
    chart: ChartBlock, pen: Pen, *, top: float, band: float, gap: float, right: float = 0.0
) -> Rows:
    """Lay the categories out.

    Parameters
    ----------
    top
        Where the first row begins (room for a legend above).
    band
        Height of a category's marks.
    gap
        Space between the bands.
    right
        Room to keep free at the right edge.
    """
    if pen.is_narrow:
        labels = [pen.wrap(category, pen.width) for category in chart.categories]
        left = 0.0
    else:
        limit = pen.width * LABEL_SHARE
        labels = [pen.wrap(category, limit) for category in chart.categories]
        left = max((pen.widest(label, LABEL) for label in labels), default=0.0) + LABEL_GAP
    rows, y = [], top
    for label in labels:
        text_height = marks.block_height(len(label), LABEL)
        if pen.is_narrow:
            rows.append(Row(label, y + LABEL, y + text_height + 3, band))
            y += text_height + 3 + band + gap
        else:
            height = max(band, text_height)
            middle = y + height / 2
            baseline = marks.middle_baseline(middle, LABEL, len(label))
            rows.append(Row(label, baseline, middle - band / 2, band))
            y += height + gap
    return Rows(left, pen.width - right, top, y - gap, tuple(rows))


def row_labels(layout: Rows, pen: Pen) -> str:
    """Draw the categories' labels, flush left; above the bars, grid lines give way."""
    return marks.group(
        (marks.lines(0, row.label_y, row.label, LABEL) for row in layout.rows),
        fill=pen.theme.ink,
        **(marks.halo(pen.theme.background) if pen.is_narrow else {}),
    )


def foot_note(text: str, bottom: float, pen: Pen) -> tuple[str, float]:
    """Write a sentence beneath the chart; return it with the new lower edge."""
    if not text:
        return "", bottom
    wrapped = pen.wrap(text, pen.width, SMALL)
    drawn = marks.lines(0, bottom + SMALL, wrapped, SMALL, fill=pen.theme.muted)
    return drawn, bottom + marks.block_height(len(wrapped), SMALL) + 3


def horizontal_axis(
    axis: Axis, layout: Rows, title: str, pen: Pen, *, absolute: bool = False
) -> tuple[str, float]:
    """Draw grid lines, tick texts and title of a value axis beneath the rows.

    Returns
    -------
    The elements and the y where they end. ``absolute`` writes values left of
    nought without their sign (diverging bars).
    """
    top, bottom = layout.top - 4, layout.bottom + 6
    drawn = []
    baseline = bottom + SMALL + 4
    for tick in axis.ticks:
        x = axis.place(tick, layout.left, layout.right)
        drawn.append(marks.line(x, top, x, bottom, pen.grid))
    for tick in _spaced(axis, layout, pen):
        x = axis.place(tick, layout.left, layout.right)
        shown = axis.tick_text(abs(tick) if absolute else tick, pen.numbers)
        half = pen.text_width(shown, SMALL) / 2
        # The outermost texts stay within the picture.
        x = min(max(x, half), pen.width - half)
        drawn.append(marks.text(x, baseline, shown, text_anchor="middle", fill=pen.theme.muted))
    if title:
        baseline += SMALL * 1.4
        middle = (layout.left + layout.right) / 2
        drawn.append(
            marks.text(middle, baseline, title, text_anchor="middle", fill=pen.theme.muted)
        )
    return marks.group(drawn, font_size=SMALL), baseline + 5


def zero_line(axis: Axis, layout: Rows, pen: Pen) -> str:
    """Draw the line that bars start from."""
    x = axis.place(max(axis.low, 0.0), layout.left, layout.right)
    return marks.line(x, layout.top - 4, x, layout.bottom + 6, pen.theme.rule)


def reference_line(
    chart: ChartBlock, axis: Axis, layout: Rows, pen: Pen, top: float
) -> tuple[str, ...]:
    """Draw the reference value as a dashed upright line with its text at the top."""
    if chart.reference is None:
        return ()
    x = axis.place(chart.reference, layout.left, layout.right)
    drawn = [
        marks.line(x, top + 2, x, layout.bottom + 6, pen.theme.ink, stroke_dasharray="4 3"),
    ]
    if chart.reference_text:
        width = pen.text_width(chart.reference_text, SMALL)
        fits = x + 5 + width <= pen.width
        drawn.append(
            marks.text(
                x + 5 if fits else x - 5,
                top + SMALL - 1,
                chart.reference_text,
                text_anchor=None if fits else "end",
                font_size=SMALL,
                fill=pen.theme.muted,
            )
        )
    return tuple(drawn)


def reference_height(chart: ChartBlock) -> float:
    """Return the room that the reference line's text takes above the rows."""
    return SMALL + 6 if chart.reference is not None and chart.reference_text else 0.0


def legend(
    chart: ChartBlock, pen: Pen, *, shapes: bool = False, left: float = 0.0
) -> tuple[str, float]:
    """Draw the series' names with their colours in drawing order; return it with its height.

    ``shapes`` shows the marker of each series instead of a square of its colour.
    """
    colours = series_colours(chart, pen.theme)
    x, y, pitch = left, 0.0, 20.0
    drawn = []
    for index, series in enumerate(chart.series):
        text = pen.wrap(series.name, pen.width - left - 18)
        width = 18 + pen.widest(text, LABEL)
        if x > left and x + width > pen.width:
            x, y = left, y + pitch
        if shapes:
            shape = marks.series_shape(index)
            mark = marks.marker(shape, x + 6, y + 8, 5.5, colours[index], pen.theme.background)
            drawn.append(mark)
        else:
            drawn.append(_swatch(x, y + 2, colours[index], pen))
        drawn.append(marks.lines(x + 18, y + 12.5, text, LABEL))
        x += width + 18
        y += (len(text) - 1) * LABEL * marks.LINE_HEIGHT
    return marks.group(drawn, fill=pen.theme.ink), y + pitch + 8


def bar_attributes(fill: str, pen: Pen) -> dict[str, str | float | None]:
    """Return the outline that makes a pale bar visible, nothing for a dark one."""
    stroke = outline(fill, pen.theme.background)
    return {"stroke": stroke, "stroke_width": 0.75} if stroke else {}


def point_data(series: int, category: int, point: ChartPoint) -> dict[str, str | float | None]:
    """Return the attributes by which a mark is told: series, category, printed value."""
    return {
        "data_s": str(series),
        "data_c": str(category),
        "data_v": "" if point.value is None else str(point.value),
    }


def dodge(
    wanted: tuple[float, ...], heights: tuple[float, ...], low: float, high: float
) -> tuple[float, ...]:
    """Move labels apart so that none covers another.

    Parameters
    ----------
    wanted
        Where the middle of each label would best be.
    heights
        Their heights.
    low, high
        Where the first may begin and the last may end.

    Returns
    -------
    Middles in the order of ``wanted``, at least half the two heights apart
    wherever the room suffices.
    """
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    placed: dict[int, float] = {}
    edge = low
    for i in order:
        placed[i] = max(wanted[i], edge + heights[i] / 2)
        edge = placed[i] + heights[i] / 2
    edge = high
    for i in reversed(order):
        placed[i] = min(placed[i], edge - heights[i] / 2)
        edge = placed[i] - heights[i] / 2
    return tuple(placed[i] for i in range(len(wanted)))


def _spaced(axis: Axis, layout: Rows, pen: Pen) -> tuple[float, ...]:
    """Drop every other tick text until none touches the next."""
    ticks = axis.ticks
    while len(ticks) > 2:
        room = abs(
            axis.place(ticks[1], layout.left, layout.right)
            - axis.place(ticks[0], layout.left, layout.right)
        )
        need = max(pen.text_width(axis.tick_text(tick, pen.numbers), SMALL) for tick in ticks)
        if room >= need + 8:
            break
        ticks = ticks[::2]
    return ticks


def _swatch(x: float, y: float, fill: str, pen: Pen) -> str:
    return marks.rect(x, y, 12, 12, fill, **bar_attributes(fill, pen))
