"""The frame of charts with an upright value axis: columns, lines, slopes, funnels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.rendering.charts import marks
from evaluation.rendering.charts.layout import LABEL, SMALL, Pen, dodge

if TYPE_CHECKING:
    from evaluation.rendering.charts.scale import Axis
    from evaluation.report.model import ChartBlock

_NAME_SHARE = 0.3
_LEAD = 18.0
"""Width of the lines that lead from the ends of lines to labels moved apart."""
_MOVED = 6.0


@dataclass(frozen=True, slots=True)
class Plot:
    """The inner rectangle."""

    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class EndLabel:
    """A text beside the end of a line, with its colour and the height it belongs to."""

    text: str
    y: float
    fill: str


def lay_plot(axis: Axis, pen: Pen, *, top: float, height: float, right: float = 0.0) -> Plot:
    """Make room for the tick texts at the left and for labels at the right."""
    ticks = (pen.text_width(axis.tick_text(tick, pen.numbers), SMALL) for tick in axis.ticks)
    return Plot(max(ticks) + 8, pen.width - right, top, top + height)


def upright_frame(chart: ChartBlock, axis: Axis, plot: Plot, pen: Pen) -> str:
    """Draw grid lines and tick texts, the axis title above them at the left."""
    drawn = []
    for tick in axis.ticks:
        y = axis.place(tick, plot.bottom, plot.top)
        drawn.append(marks.line(plot.left, y, plot.right, y, pen.grid))
        drawn.append(
            marks.text(
                plot.left - 8,
                marks.middle_baseline(y, SMALL),
                axis.tick_text(tick, pen.numbers),
                text_anchor="end",
                fill=pen.theme.muted,
            )
        )
    if chart.axis_title:
        drawn.append(marks.text(0, plot.top - 14, chart.axis_title, fill=pen.theme.muted))
    return marks.group(drawn, font_size=SMALL)


def end_label_room(texts: tuple[str, ...], pen: Pen) -> float:
    """Return the width to keep free for labels beside the ends of lines."""
    limit = pen.width * _NAME_SHARE
    wrapped = [pen.wrap(text, limit, LABEL, semibold=True) for text in texts]
    return max((pen.widest(text, LABEL, semibold=True) for text in wrapped), default=0.0) + 10


def end_labels_height(texts: tuple[str, ...], room: float, pen: Pen) -> float:
    """Return the least height of a plot beside which all labels have room."""
    return sum(_label_heights(texts, room, pen)) - 20


def end_label_middles(
    labels: tuple[EndLabel, ...], room: float, plot: Plot, pen: Pen
) -> tuple[float, ...]:
    """Return the heights at which labels stand, moved apart where they would touch."""
    heights = _label_heights(tuple(label.text for label in labels), room, pen)
    return dodge(tuple(label.y for label in labels), heights, plot.top - 10, plot.bottom + 10)


def lead_room(labels: tuple[EndLabel, ...], room: float, plot: Plot, pen: Pen) -> float:
    """Return the width of leading lines, 0 where every label stands at its line's end."""
    middles = end_label_middles(labels, room, plot, pen)
    moved = (abs(label.y - y) > _MOVED for label, y in zip(labels, middles, strict=True))
    return _LEAD if any(moved) else 0.0


def end_labels(
    labels: tuple[EndLabel, ...],
    x: float,
    room: float,
    plot: Plot,
    pen: Pen,
    *,
    anchor: str = "",
    lead: float = 0.0,
    inset: float = 0.0,
) -> str:
    """Draw labels beside the ends of lines, moved apart where they would touch.

    ``lead`` is the width of the lines that tie a moved label to its line,
    ``inset`` how far before ``x`` the lines end.
    """
    way = -lead if anchor == "end" else lead
    drawn, ties = [], []
    middles = end_label_middles(labels, room, plot, pen)
    for label, y in zip(labels, middles, strict=True):
        text = pen.wrap(label.text, room, LABEL, semibold=True)
        first = marks.middle_baseline(y, LABEL, len(text))
        drawn.append(marks.lines(x + way, first, text, LABEL, fill=label.fill))
        if lead and label.text:
            ties.append(
                marks.line(x - inset, label.y, x + way * 0.85, y, label.fill, stroke_width=0.8)
            )
    written = marks.group(drawn, font_weight="600", text_anchor=anchor or None)
    return marks.group(ties) + written if ties else written


def _label_heights(texts: tuple[str, ...], room: float, pen: Pen) -> tuple[float, ...]:
    return tuple(
        marks.block_height(len(pen.wrap(text, room, LABEL, semibold=True)), LABEL) + 1
        for text in texts
    )
