"""From a table of study data to a chart: yearly series, ranked sums, a map, a crosstab."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from evaluation.report.cells import cell_decimals, cell_number, is_marked
from evaluation.report.charts import alt_text
from evaluation.report.model import (
    BodyCell,
    BodyRow,
    ChartBlock,
    ChartKind,
    ChartPoint,
    ChartSeries,
    HeadCell,
    TableBlock,
)
from evaluation.rounding import round_half_up
from evaluation.tables.request import RequestError, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.report.facts import DataTableContent
    from evaluation.texts import Texts

UNITS = ("number", "percent", "count")
SINGLE_SERIES = (ChartKind.BARS, ChartKind.TILES)
MAX_DECIMALS = 3


@dataclass(frozen=True, slots=True)
class DataChartOptions:
    """What a chapter may say about a chart of study data.

    Attributes
    ----------
    id, caption, note
        As in `ChartBlock`.
    kind
        A `ChartKind`; "" for bars, or grouped bars where there are several values.
    category
        Column of the categories; "" for the row heads.
    values
        Columns drawn, one series each; empty for every column of numbers.
    unit
        ``number``, ``percent`` or ``count``.
    per
        Values are divided by this (1 000 000 for millions).
    decimals
        Decimals printed; None for as many as the values have (0 to 3).
    axis
        Title of the value axis; "" for the name of the only series.
    sort
        Greatest value of the first series first.
    limit
        Draw so many categories, after sorting, with those equal to the last; 0 for all.
    scale
        The series are ordered steps (good to bad): colours follow the order.
    """

    id: str = ""
    caption: str = ""
    kind: str = ""
    note: str = ""
    category: str = ""
    values: tuple[str, ...] = ()
    unit: str = "number"
    per: int = 1
    decimals: int | None = None
    axis: str = ""
    sort: bool = False
    limit: int = 0
    scale: bool = False


def data_chart_block(
    content: DataTableContent, texts: Texts, options: DataChartOptions
) -> ChartBlock:
    """Draw up a chart of a table of study data.

    Headings and sum rows of the table are left out. A blank, or one of the
    catalogue's symbols, is a gap in a line and has no bar; its symbol stands
    in its place.

    Raises
    ------
    RequestError
        If a column or a kind is unknown, or a column holds no numbers.
    """
    kind = _kind(options)
    category = _place(content, options.category) if options.category else 0
    names = options.values or _number_columns(content, category, texts)
    kind = kind or (ChartKind.GROUPED if len(names) > 1 else ChartKind.BARS)
    if not names or (kind in SINGLE_SERIES and len(names) > 1):
        raise RequestError("data-chart-values", ", ".join(names), nearest("", content.header))
    places = [_number_place(content, name, texts) for name in names]
    rows = [row for row in content.rows if not is_marked(row[0])]
    if options.sort:
        rows.sort(key=lambda row: -(cell_number(row[places[0]]) or Decimal("-Infinity")))
    rows = rows[: _limit([cell_number(row[places[0]]) for row in rows], options)]
    decimals = _decimals([row[p] for row in rows for p in places], options)
    categories = tuple(row[category] for row in rows)
    positions = _positions(categories) if kind is ChartKind.LINE else (None,) * len(rows)
    is_stacked = kind in (ChartKind.STACKED, ChartKind.DIVERGING)
    series = tuple(
        ChartSeries(
            "" if len(names) == 1 else name,
            tuple(
                _point(row[place], x, decimals, options.per, texts, is_stacked=is_stacked)
                for row, x in zip(rows, positions, strict=True)
            ),
            "scale" if options.scale or is_stacked else "categorical",
        )
        for name, place in zip(names, places, strict=True)
    )
    caption = options.caption or content.title
    axis = options.axis or (names[0] if len(names) == 1 else "")
    return ChartBlock(
        id=options.id,
        kind=kind,
        caption=caption,
        categories=categories,
        series=series,
        unit=options.unit,
        axis_title=axis,
        alt=alt_text(kind, categories, series, options.unit, texts),
        data_table=_data_table(
            caption,
            content.header[category],
            categories,
            series,
            axis,
            options.unit,
            decimals,
            texts.get("symbols.nothing"),
        ),
        notes=tuple(part for part in (content.note, options.note, content.source) if part),
        decimals=decimals,
        x_title=content.header[category] if kind is ChartKind.LINE else "",
    )


def _kind(options: DataChartOptions) -> ChartKind | None:
    """Return the kind asked for, None where it is left to the values."""
    if options.unit not in UNITS:
        raise RequestError("data-chart-unit", options.unit, ", ".join(UNITS))
    if options.per < 1:
        raise RequestError("data-chart-per", str(options.per), "1, 1000, 1000000")
    try:
        return ChartKind(options.kind) if options.kind else None
    except ValueError:
        kinds = [kind.value for kind in ChartKind]
        raise RequestError("data-chart-kind", options.kind, ", ".join(kinds)) from None


def _place(content: DataTableContent, column: str) -> int:
    if column not in content.header:
        raise RequestError("unknown-data-column", column, nearest(column, content.header))
    return content.header.index(column)


def _number_columns(content: DataTableContent, category: int, texts: Texts) -> tuple[str, ...]:
    """Return the columns that hold numbers, symbols and blanks only, the category's left out."""
    return tuple(
        name
        for place, name in enumerate(content.header)
        if place not in (0, category)
        and any(cell_number(row[place]) is not None for row in content.rows)
        and _first_text(content, place, texts) is None
    )


def _first_text(content: DataTableContent, place: int, texts: Texts) -> str | None:
    """Return the head of the first row whose cell is neither number, symbol nor blank."""
    symbols = texts.mapping("symbols").values()
    for row in content.rows:
        cell = row[place]
        if cell and cell not in symbols and cell_number(cell) is None:
            return row[0]
    return None


def _number_place(content: DataTableContent, column: str, texts: Texts) -> int:
    place = _place(content, column)
    row = _first_text(content, place, texts)
    if row is not None:
        raise RequestError("data-chart-not-number", column, row)
    return place


def _limit(values: Sequence[Decimal | None], options: DataChartOptions) -> int:
    """Return how many categories to draw: of sorted ones also those equal to the last."""
    limit = min(options.limit or len(values), len(values))
    while options.sort and 0 < limit < len(values) and values[limit] == values[limit - 1]:
        limit += 1
    return limit


def _decimals(cells: Sequence[str], options: DataChartOptions) -> int:
    if options.decimals is not None:
        return options.decimals
    numbers = [n for cell in cells if (n := cell_number(cell)) is not None]
    return min(max((cell_decimals(n) for n in numbers), default=0), MAX_DECIMALS)


def _positions(categories: Sequence[str]) -> tuple[Decimal | None, ...]:
    """Return the categories as numbers (years) where all are, so that gaps between them show."""
    numbers = [cell_number(category) for category in categories]
    is_line = all(number is not None for number in numbers)
    return tuple(numbers) if is_line else (None,) * len(categories)


def _point(
    cell: str, x: Decimal | None, decimals: int, per: int, texts: Texts, *, is_stacked: bool
) -> ChartPoint:
    number = cell_number(cell)
    if is_stacked and not cell:
        # A part that is not there needs no mark in the bar.
        return ChartPoint(None, "", x=x, status="none")
    if number is None:
        return ChartPoint(None, cell or texts.get("symbols.nothing"), x=x, status="none")
    value = round_half_up(number / per, decimals)
    return ChartPoint(value, texts.numbers.number(value, decimals), x=x)


def _data_table(
    caption: str,
    stub: str,
    categories: Sequence[str],
    series: Sequence[ChartSeries],
    axis: str,
    unit: str,
    decimals: int,
    blank: str,
) -> TableBlock:
    rows = tuple(
        BodyRow(
            category,
            tuple(
                BodyCell(
                    s.points[i].text or blank, s.points[i].value, decimals, unit, s.points[i].status
                )
                for s in series
            ),
        )
        for i, category in enumerate(categories)
    )
    heads = tuple(HeadCell(s.name or axis) for s in series)
    return TableBlock(id="", caption=caption, stub=stub, head=(heads,), rows=rows)
