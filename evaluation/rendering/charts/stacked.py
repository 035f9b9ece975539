"""Bars stacked to the whole, from the left edge or around the middle of the scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.rendering.charts import marks
from evaluation.rendering.charts.colour import label_ink, readable, series_colours
from evaluation.rendering.charts.layout import (
    SMALL,
    VALUE,
    Drawing,
    Pen,
    Row,
    Rows,
    horizontal_axis,
    lay_rows,
    legend,
    point_data,
    row_labels,
    zero_line,
)
from evaluation.rendering.charts.scale import Axis, round_axis, value_axis
from evaluation.report.model import ChartKind

if TYPE_CHECKING:
    from evaluation.report.model import ChartBlock

BAND = 28.0
GAP = 10.0
_INSET = 5.0
_MISSING_GAP = 0.08
"""Space before the panel of "do not know", as a part of the scale's extent."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a segment begins and ends, in the unit of the axis."""

    start: float
    end: float

    @property
    def middle(self) -> float:
        """Its centre."""
        return (self.start + self.end) / 2


SpanRows = tuple[tuple[Span | None, ...], ...]
"""Per category, one span per series; None where the value is withheld."""


def segment_spans(chart: ChartBlock) -> SpanRows:
    """Return where every segment lies: per category, per series.

    Stacked bars begin at nought. Diverging bars are centred on the middle of
    the neutral series (``chart.neutral``) or, without one, on the border
    between the two halves of the scale; "missing" series stand apart at the
    right, on a common line.
    """
    rows = tuple(_end_to_end(chart, category) for category in range(len(chart.categories)))
    if chart.kind is not ChartKind.DIVERGING:
        return rows
    apart = [i for i, series in enumerate(chart.series) if series.role == "missing"]
    scale = [i for i in range(len(chart.series)) if i not in apart]
    centred = tuple(
        _centre(_end_to_end(chart, c, scale), scale, chart.neutral)
        for c in range(len(chart.categories))
    )
    if not apart:
        return centred
    known = [span for row in centred for span in row if span]
    low = min((span.start for span in known), default=0.0)
    high = max((span.end for span in known), default=1.0)
    panel = high + (high - low) * _MISSING_GAP
    return tuple(
        tuple(m if i in apart else s for i, (s, m) in enumerate(zip(row, other, strict=True)))
        for row, other in (
            (row, _end_to_end(chart, c, apart, panel)) for c, row in enumerate(centred)
        )
    )


def segment_axis(chart: ChartBlock, spans: SpanRows, *, wanted: int = 5) -> Axis:
    """Return the axis for stacked or diverging bars; ticks only beneath the scale."""
    if chart.kind is not ChartKind.DIVERGING:
        if chart.unit == "percent":
            ticks = tuple(range(0, 101, 20 if wanted >= 5 else 50))
            return Axis(0.0, 100.0, tuple(float(tick) for tick in ticks))
        return value_axis(chart, wanted=wanted)
    main = [
        span
        for row in spans
        for series, span in zip(chart.series, row, strict=True)
        if span and series.role != "missing"
    ]
    everything = [span for row in spans for span in row if span]
    low = min((span.start for span in main), default=0.0)
    high = max((span.end for span in main), default=1.0)
    axis = round_axis(low, high, wanted=wanted + 1)
    inner = tuple(tick for tick in axis.ticks if low <= tick <= high)
    return Axis(low, max(span.end for span in everything) if everything else high, inner)


def draw_stacked(chart: ChartBlock, pen: Pen) -> Drawing:
    """Draw stacked or diverging bars, the series named over the first bar if they fit."""
    spans = segment_spans(chart)
    axis = segment_axis(chart, spans, wanted=3 if pen.is_narrow else 5)
    # Room for the last tick's text, and for a last value that its segment cannot hold.
    ends = [point.text for point in chart.series[-1].points] if chart.series else []
    right = max([14.0, *(pen.text_width(text, VALUE) + 8 for text in ends)])
    layout = lay_rows(chart, pen, top=0, band=BAND, gap=GAP, right=right)
    heads = _direct_heads(chart, spans, axis, layout, pen)
    if heads:
        head_height = marks.block_height(max(len(head) for head in heads), SMALL) + 8
        head = ""
    else:
        head, head_height = legend(chart, pen)
    layout = lay_rows(chart, pen, top=head_height, band=BAND, gap=GAP, right=right)

    is_diverging = chart.kind is ChartKind.DIVERGING
    frame, bottom = horizontal_axis(axis, layout, chart.axis_title, pen, absolute=is_diverging)
    drawn = [head, frame, zero_line(axis, layout, pen), row_labels(layout, pen)]
    for category, row in enumerate(layout.rows):
        drawn.append(_bar(chart, spans[category], category, row, (axis, layout), pen))
        drawn.append(_whole_outline(spans[category], row, (axis, layout), pen))
        drawn.append(_outer_texts(chart, spans, category, row, (axis, layout), pen))
    if heads:
        drawn.append(_heads(chart, heads, spans[0], (axis, layout), pen))
    return Drawing(pen.width, bottom, tuple(drawn))


def _end_to_end(
    chart: ChartBlock, category: int, only: list[int] | None = None, start: float = 0.0
) -> tuple[Span | None, ...]:
    """Lay one category's segments end to end, leaving out what is withheld."""
    spans: list[Span | None] = []
    unit = _unit(chart, category)
    for index, series in enumerate(chart.series):
        value = series.points[category].value
        if value is None or (only is not None and index not in only):
            spans.append(None)
            continue
        spans.append(Span(start, start + float(value) * unit))
        start += float(value) * unit
    return tuple(spans)


def _unit(chart: ChartBlock, category: int) -> float:
    """Return the length of one percent: other than 1 where the bar is drawn to 100."""
    values = [series.points[category].value for series in chart.series]
    known = [float(value) for value in values if value is not None]
    whole = sum(known)
    return 100.0 / whole if chart.is_to_whole and whole and len(known) == len(values) else 1.0


def _centre(
    row: tuple[Span | None, ...], scale: list[int], neutral: int
) -> tuple[Span | None, ...]:
    """Shift one category's segments so that the middle of the scale lies at nought."""
    before = scale[: scale.index(neutral)] if neutral in scale else scale[: len(scale) // 2]
    left = sum(span.end - span.start for i in before if (span := row[i]))
    middle = row[neutral] if neutral in scale else None
    shift = left + ((middle.end - middle.start) / 2 if middle else 0.0)
    return tuple(Span(span.start - shift, span.end - shift) if span else None for span in row)


def _bar(
    chart: ChartBlock,
    spans: tuple[Span | None, ...],
    category: int,
    row: Row,
    plot: tuple[Axis, Rows],
    pen: Pen,
) -> str:
    """Draw one category's segments with the values that fit into them."""
    axis, layout = plot
    colours = series_colours(chart, pen.theme)
    baseline = marks.middle_baseline(row.middle, VALUE)
    drawn = []
    for index, (series, span) in enumerate(zip(chart.series, spans, strict=True)):
        if span is None:
            continue
        point, fill = series.points[category], colours[index]
        start = axis.place(span.start, layout.left, layout.right)
        end = axis.place(span.end, layout.left, layout.right)
        # Edges of the ground's colour part the segments in grey print as well.
        drawn.append(
            marks.rect(
                start, row.y, end - start, row.height, fill,
                stroke=pen.theme.background, stroke_width=1.0,
                **point_data(index, category, point),
            )
        )  # fmt: skip
        if _fits(point.text, end - start, pen):
            drawn.append(
                marks.text(
                    (start + end) / 2, baseline, point.text,
                    text_anchor="middle", fill=label_ink(fill, pen.theme),
                )
            )  # fmt: skip
    return marks.group(drawn, font_size=VALUE)


def _fits(text: str, width: float, pen: Pen) -> bool:
    return width >= pen.text_width(text, VALUE) + _INSET


def _outer_texts(
    chart: ChartBlock, spans: SpanRows, category: int, row: Row, plot: tuple[Axis, Rows], pen: Pen
) -> str:
    """Write right of the bar: a last value too wide for its segment, and what is withheld."""
    axis, layout = plot
    baseline = marks.middle_baseline(row.middle, VALUE)
    edges = {False: max(axis.low, 0.0), True: _panel_start(chart, spans)}
    texts: dict[bool, list[str]] = {False: [], True: []}
    crowded = {False: 0, True: 0}
    for index, series in enumerate(chart.series):
        is_apart = chart.kind is ChartKind.DIVERGING and series.role == "missing"
        point, span = series.points[category], spans[category][index]
        if span is None:
            texts[is_apart] += [point.text] if point.text not in texts[is_apart] else []
            continue
        edges[is_apart] = span.end
        is_last = all(
            spans[category][later] is None or is_apart != (chart.series[later].role == "missing")
            for later in range(index + 1, len(chart.series))
        )
        width = (span.end - span.start) * axis.scale(layout.left, layout.right)
        if not width or _fits(point.text, width, pen):
            continue
        # Only a value that is the one left out can be told to be the last segment's.
        crowded[is_apart] += 1
        if is_last and crowded[is_apart] == 1:
            texts[is_apart].insert(0, point.text)
    return "".join(
        marks.text(
            axis.place(edges[side], layout.left, layout.right) + 5,
            baseline,
            "\u2002".join(texts[side]),
            fill=pen.theme.ink,
            font_size=VALUE,
        )
        for side in (False, True)
        if any(texts[side])
    )


def withheld_places(chart: ChartBlock, spans: SpanRows) -> tuple[tuple[int, float, str], ...]:
    """Return the signs of withheld segments: category, place on the axis, text."""
    found = []
    for category, row in enumerate(spans):
        for is_apart in (False, True):
            own = [
                (series.points[category], span)
                for series, span in zip(chart.series, row, strict=True)
                if is_apart == (chart.kind is ChartKind.DIVERGING and series.role == "missing")
            ]
            signs = dict.fromkeys(p.text for p, span in own if span is None and p.text)
            ends = [span.end for _, span in own if span]
            start = _panel_start(chart, spans) if is_apart else 0.0
            if signs:
                found.append((category, max(ends, default=start), "\u2002".join(signs)))
    return tuple(found)


def _panel_start(chart: ChartBlock, spans: SpanRows) -> float:
    """Return where the panel of missing kinds begins, or the end of the longest bar."""
    known = [
        (series.role != "missing", span.start if series.role == "missing" else span.end)
        for row in spans
        for series, span in zip(chart.series, row, strict=True)
        if span
    ]
    apart = [place for is_scale, place in known if not is_scale]
    return min(apart) if apart else max((place for _, place in known), default=0.0)


def _whole_outline(
    spans: tuple[Span | None, ...], row: Row, plot: tuple[Axis, Rows], pen: Pen
) -> str:
    """Draw a hairline around each run of segments, so that pale ones end visibly."""
    axis, layout = plot
    runs: list[list[float]] = []
    for span in spans:
        if span is None:
            continue
        if runs and abs(runs[-1][1] - span.start) < 1e-6:
            runs[-1][1] = span.end
        elif span.end > span.start:
            runs.append([span.start, span.end])
    return "".join(
        marks.rect(
            axis.place(start, layout.left, layout.right),
            row.y,
            axis.place(end, layout.left, layout.right)
            - axis.place(start, layout.left, layout.right),
            row.height,
            "none",
            stroke=pen.theme.rule,
            stroke_width=0.75,
        )
        for start, end in runs
    )


def _direct_heads(
    chart: ChartBlock, spans: SpanRows, axis: Axis, layout: Rows, pen: Pen
) -> tuple[tuple[str, ...], ...]:
    """Return the wrapped series names if each fits over its segment of the first bar."""
    if pen.is_narrow or not spans:
        return ()
    heads = []
    for series, span in zip(chart.series, spans[0], strict=True):
        if span is None:
            return ()
        width = axis.place(span.end, layout.left, layout.right) - axis.place(
            span.start, layout.left, layout.right
        )
        # A word that would be broken is too wide to stand here.
        longest = max(series.name.split(), key=len, default="")
        if pen.text_width(longest, SMALL, semibold=True) > width - 6:
            return ()
        heads.append(pen.wrap(series.name, width - 6, SMALL, semibold=True))
    return tuple(heads) if max(len(head) for head in heads) <= 3 else ()


def _heads(
    chart: ChartBlock,
    heads: tuple[tuple[str, ...], ...],
    spans: tuple[Span | None, ...],
    plot: tuple[Axis, Rows],
    pen: Pen,
) -> str:
    axis, layout = plot
    deepest = max(len(head) for head in heads)
    drawn = []
    for head, span, colour in zip(heads, spans, series_colours(chart, pen.theme), strict=True):
        if span is None:
            continue
        x = axis.place(span.middle, layout.left, layout.right)
        y = SMALL + marks.block_height(deepest - len(head), SMALL)
        ink = readable(colour, pen.theme.background)
        drawn.append(marks.lines(x, y, head, SMALL, fill=ink))
    return marks.group(drawn, text_anchor="middle", font_weight="600")
