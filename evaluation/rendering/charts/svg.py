"""Static charts: SVG with real text, a title and a description.

One drawing per `ChartKind`; the same picture stands in HTML and PDF.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from evaluation.rendering.charts import marks
from evaluation.rendering.charts.bars import draw_bars
from evaluation.rendering.charts.columns import draw_columns, has_room
from evaluation.rendering.charts.dots import draw_dots
from evaluation.rendering.charts.funnel import draw_funnel
from evaluation.rendering.charts.layout import LABEL, Drawing, Pen
from evaluation.rendering.charts.lines import draw_line, draw_slope
from evaluation.rendering.charts.stacked import draw_stacked
from evaluation.rendering.charts.tiles import draw_tiles, unknown_areas
from evaluation.rendering.clean import clean
from evaluation.rendering.markup import escape, quoteattr
from evaluation.report.model import ChartKind
from evaluation.texts import NumberFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from evaluation.rendering.theme import Theme
    from evaluation.report.model import ChartBlock

SWEDISH_NUMBERS = NumberFormat()

_DRAWINGS: Mapping[ChartKind, Callable[[ChartBlock, Pen], Drawing]] = {
    ChartKind.BARS: draw_bars,
    ChartKind.GROUPED: draw_bars,
    ChartKind.COLUMNS: draw_columns,
    ChartKind.STACKED: draw_stacked,
    ChartKind.DIVERGING: draw_stacked,
    ChartKind.DOTS: draw_dots,
    ChartKind.FOREST: draw_dots,
    ChartKind.SLOPE: draw_slope,
    ChartKind.LINE: draw_line,
    ChartKind.FUNNEL: draw_funnel,
    ChartKind.TILES: draw_tiles,
}


def number_format(words: Mapping[str, str]) -> NumberFormat:
    """Return how the report's language writes numbers, from its words."""
    return NumberFormat(
        decimal=words.get("decimal_sign", SWEDISH_NUMBERS.decimal),
        thousands=words.get("thousands_sign", SWEDISH_NUMBERS.thousands),
        minus=words.get("minus_sign", SWEDISH_NUMBERS.minus),
        percent=words.get("percent_sign", SWEDISH_NUMBERS.percent),
    )


def draw_chart(
    chart: ChartBlock, theme: Theme, *, width: int = 680, numbers: NumberFormat = SWEDISH_NUMBERS
) -> Drawing:
    """Lay a chart out and draw its elements; see `chart_svg` for the parameters."""
    return _drawn(_Same(chart), _Same(theme), width, numbers)


class _Same:
    """Stands for one object: only itself is equal to it, however much it holds."""

    __slots__ = ("held",)

    def __init__(self, held: Any) -> None:
        self.held = held

    def __hash__(self) -> int:
        return id(self.held)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.held is self.held


@lru_cache(maxsize=64)
def _drawn(chart: _Same, theme: _Same, width: int, numbers: NumberFormat) -> Drawing:
    """Draw a chart once for print, Word and the height of its interactive figure."""
    drawn = replace(chart.held, kind=drawn_kind(chart.held, theme.held))
    return _DRAWINGS[drawn.kind](drawn, Pen(theme.held, float(width), numbers))


def drawn_kind(chart: ChartBlock, theme: Theme) -> ChartKind:
    """Return the kind that a chart's data allow: bars or points for what has no place.

    A tile map needs areas that the theme's grid knows, a funnel the sizes of
    its units, a slope two occasions; a chart without any figure is a list.
    """
    kind = chart.kind
    if not chart.categories or not chart.series:
        return ChartKind.BARS
    if kind is ChartKind.TILES and (unknown_areas(chart, theme) or len(chart.series) > 1):
        return ChartKind.GROUPED
    if kind is ChartKind.SLOPE and len(chart.categories) < 2:
        return ChartKind.DOTS
    has_sizes = all(p.x is not None for s in chart.series for p in s.points if p.value is not None)
    if kind is ChartKind.FUNNEL and not has_sizes:
        return ChartKind.DOTS
    if kind is ChartKind.COLUMNS and not has_room(chart, Pen(theme)):
        return ChartKind.GROUPED
    return kind


def chart_svg(
    chart: ChartBlock,
    theme: Theme,
    *,
    width: int = 680,
    ids: str = "",
    numbers: NumberFormat = SWEDISH_NUMBERS,
) -> str:
    """Draw a chart as SVG.

    Parameters
    ----------
    chart
        Values are the printed ones; their texts are drawn as they stand.
    theme
        Colours and font.
    width
        In user units; below 480 the labels stand above the bars.
    ids
        Put before the ids of title and description, so that two drawings of
        one chart can stand in one page.
    numbers
        How the axis writes its numbers.

    Returns
    -------
    One ``svg`` element with ``role="img"``, named by label and caption and
    described by ``chart.alt``. Same chart, same text.
    """
    drawing = draw_chart(chart, theme, width=width, numbers=numbers)
    name = f"{ids}{chart.id}"
    caption = f"{chart.label}. {chart.caption}" if chart.label else chart.caption
    w, h = marks.number(drawing.width), marks.number(drawing.height)
    font = quoteattr(f"'{theme.font}', sans-serif")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}"'
        f' role="img" aria-labelledby={quoteattr(f"{name}-title {name}-desc")}'
        f' font-family={font} font-size="{marks.number(LABEL)}">'
        f"<title id={quoteattr(f'{name}-title')}>{escape(clean(caption))}</title>"
        f"<desc id={quoteattr(f'{name}-desc')}>{escape(clean(chart.alt))}</desc>"
        + "".join(drawing.elements)
        + "</svg>"
    )
