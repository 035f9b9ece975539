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


def end_labels(
    labels: tuple[EndLabel, ...], x: float, room: float, plot: Plot, pen: Pen, *, anchor: str = ""
) -> str:
    """Draw labels beside the ends of lines, moved apart where they would touch."""
    wrapped = [pen.wrap(label.text, room, LABEL, semibold=True) for label in labels]
    heights = tuple(marks.block_height(len(text), LABEL) + 1 for text in wrapped)
    middles = dodge(tuple(label.y for label in labels), heights, plot.top - 10, plot.bottom + 10)
    return marks.group(
        (
            marks.lines(x, marks.middle_baseline(y, LABEL, len(text)), text, LABEL, fill=label.fill)
            for label, text, y in zip(labels, wrapped, middles, strict=True)
        ),
        font_weight="600",
        text_anchor=anchor or None,
    )
