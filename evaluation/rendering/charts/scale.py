"""Value axes: round ticks, and where a value lies between two ends."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor, log10
from typing import TYPE_CHECKING

from evaluation.report.model import ChartKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evaluation.report.model import ChartBlock
    from evaluation.texts import NumberFormat

_STEPS = (1, 2, 2.5, 5, 10)
_FROM_ZERO = (ChartKind.BARS, ChartKind.GROUPED, ChartKind.COLUMNS, ChartKind.STACKED)
_RATIO_KINDS = (ChartKind.DOTS, ChartKind.FOREST)
"""Only points can lie on a logarithmic axis: bars would need a nought to start from."""
_RATIO_TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)


@dataclass(frozen=True, slots=True)
class Axis:
    """A value axis.

    Attributes
    ----------
    low, high
        Its ends.
    ticks
        Values that are marked, in order.
    logarithmic
        Whether equal ratios are equally far apart (odds ratios).
    """

    low: float
    high: float
    ticks: tuple[float, ...]
    logarithmic: bool = False

    def share(self, value: float | Decimal) -> float:
        """Return how far along the axis a value lies, 0 (low) to 1 (high)."""
        low, high, here = self.low, self.high, float(value)
        if self.logarithmic:
            low, high, here = log10(low), log10(high), log10(max(here, low))
        return (here - low) / (high - low)

    def place(self, value: float | Decimal, start: float, end: float) -> float:
        """Return the coordinate of a value between two coordinates."""
        return start + (end - start) * self.share(value)

    def scale(self, start: float, end: float) -> float:
        """Return the length of one unit between two coordinates (linear axes)."""
        return (end - start) / (self.high - self.low)

    def tick_text(self, value: float, numbers: NumberFormat) -> str:
        """Write a tick with the decimals that the axis needs, as the language does."""
        decimals = max((_decimals(tick) for tick in self.ticks), default=0)
        return numbers.number(
            Decimal(repr(value)), _decimals(value) if self.logarithmic else decimals
        )


def value_axis(chart: ChartBlock, *, wanted: int = 5) -> Axis:
    """Return the axis that a chart's values need.

    Bars and percentages start at nought; the axis of a percentage ends at 100
    at most; counts have whole ticks; a slope runs from its least to its
    greatest value, which stand written beside it. ``chart.axis_max`` wins.
    """
    values = [float(value) for value in _drawn_values(chart)]
    if chart.unit == "ratio" and chart.kind in _RATIO_KINDS:
        return _ratio_axis(values)
    low, high = min(values, default=0.0), max(values, default=1.0)
    if chart.kind is ChartKind.SLOPE:
        return Axis(low, high, ()) if high > low else Axis(low - 1, low + 1, ())
    if chart.kind in _FROM_ZERO or chart.unit in ("percent", "count"):
        low = min(low, 0.0)
        high = max(high, 0.0)
    if chart.axis_max is not None:
        high = float(chart.axis_max)
    return round_axis(
        low,
        high,
        wanted=wanted,
        whole=chart.unit == "count",
        limit=100.0 if chart.unit == "percent" else None,
    )


def round_axis(
    low: float, high: float, *, wanted: int = 5, whole: bool = False, limit: float | None = None
) -> Axis:
    """Return an axis from ``low`` to ``high`` with about ``wanted`` round intervals."""
    if high <= low:
        high = low + 1
    step = _round_step((high - low) / wanted, whole=whole)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    ticks = tuple(round(n * step, 10) for n in range(first, last + 1))
    if limit is not None and high <= limit < ticks[-1]:
        ticks = (*(tick for tick in ticks if tick < limit), limit)
    return Axis(ticks[0], ticks[-1], ticks)


def _round_step(rough: float, *, whole: bool) -> float:
    magnitude = 10.0 ** floor(log10(rough))
    step = next(factor * magnitude for factor in _STEPS if factor * magnitude >= rough * 0.999)
    return max(1.0, float(ceil(step))) if whole else step


def _ratio_axis(values: list[float]) -> Axis:
    above = [value for value in (*values, 0.5, 2.0) if value > 0]
    low = max((tick for tick in _RATIO_TICKS if tick <= min(above)), default=min(above))
    high = min((tick for tick in _RATIO_TICKS if tick >= max(above)), default=max(above))
    ticks = tuple(float(tick) for tick in _RATIO_TICKS if low <= tick <= high)
    return Axis(float(low), float(high), ticks, logarithmic=True)


def _drawn_values(chart: ChartBlock) -> Iterator[Decimal]:
    yield from _known([chart.reference])
    if chart.kind is ChartKind.STACKED:
        for index in range(len(chart.categories)):
            known = _known(series.points[index].value for series in chart.series)
            yield sum(known, Decimal(0))
        return
    for series in chart.series:
        for point in series.points:
            yield from _known([point.value, point.low, point.high])


def _known(values: Iterable[Decimal | None]) -> Iterator[Decimal]:
    return (value for value in values if value is not None)


def _decimals(value: float) -> int:
    return len(f"{value:.6f}".rstrip("0").partition(".")[2])
