"""From protected tables to charts: series, labels, and a text alternative with the figures."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from evaluation.model import TOTAL, RowKind
from evaluation.report.group_bases import group_base_notes
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
from evaluation.report.table_cells import column_label, percent_text, shown_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.protection.release import ProtectedCell, ProtectedTable
    from evaluation.texts import Texts

ROUNDING = 0.5
"""Percents rounded each by itself miss 100 by so much, and no more matters."""
ALT_VALUES = 60
"""A text alternative names at most this many figures; the data table has them all."""


@dataclass(frozen=True, slots=True)
class ChartOptions:
    """What a chapter may say about a chart."""

    id: str = ""
    caption: str = ""
    kind: str = ""
    note: str = ""
    sort: bool = False
    unit: str = "percent"
    rule: str = ""
    """The filter in words, as in `TableOptions`."""


@dataclass(frozen=True, slots=True)
class _Series:
    """A series while it is being made: name, role and one cell per category."""

    name: str
    role: str
    cells: tuple[ProtectedCell | None, ...]


def chart_block(
    tables: Sequence[ProtectedTable],
    names: Sequence[str],
    not_substantive: Mapping[str, frozenset[str]],
    ordered: bool,
    texts: Texts,
    options: ChartOptions,
) -> ChartBlock:
    """Draw up a chart of one table, or of several questions on one scale.

    Parameters
    ----------
    tables
        One table, or one-way tables of questions that share their options.
    names
        Short name of each table's question.
    not_substantive
        Table id -> codes that are no position on the scale ("vet inte").
    ordered
        The options form a scale.
    texts, options
        Words, and the chapter's wishes.

    Returns
    -------
    ChartBlock
        Not yet numbered.
    """
    kind = ChartKind(options.kind) if options.kind else _default_kind(tables, ordered)
    stacked = kind in (ChartKind.STACKED, ChartKind.DIVERGING)
    if len(tables) > 1 or tables[0].is_grid:
        categories, series = _questions(tables, names, not_substantive, texts)
    elif tables[0].spec.by:
        categories, series = _crosstab(tables[0], not_substantive, stacked, texts)
    elif stacked:
        categories, series = _questions(tables, names, not_substantive, texts)
    else:
        categories, series = _one_way(tables[0], options)
    role = "scale" if ordered and stacked else "categorical"
    decimals = tables[0].spec.decimals
    points = [
        ChartSeries(
            s.name,
            tuple(_point(cell, options.unit, decimals, texts) for cell in s.cells),
            s.role or role,
        )
        for s in series
    ]
    if kind is ChartKind.DIVERGING:
        points = [
            *(s for s in points if s.role != "missing"),
            *(s for s in points if s.role == "missing"),
        ]
    caption = options.caption or tables[0].title
    to_whole = (
        kind is ChartKind.STACKED and options.unit == "percent" and _misses_whole(tables, points)
    )
    return ChartBlock(
        id=options.id,
        kind=kind,
        caption=caption,
        categories=tuple(categories),
        series=tuple(points),
        unit=options.unit,
        axis_title=texts.get(f"chart.{options.unit}_axis"),
        alt=alt_text(kind, categories, points, options.unit, texts),
        data_table=_data_table(caption, categories, points, options.unit, decimals, texts),
        notes=(
            *_notes(tables, texts, options),
            *([texts.get("chart.note_to_whole")] if to_whole else []),
        ),
        is_to_whole=to_whole,
        neutral=_middle(points) if kind is ChartKind.DIVERGING else -1,
        decimals=decimals,
    )


def _misses_whole(tables: Sequence[ProtectedTable], series: Sequence[ChartSeries]) -> bool:
    """Tell whether percents of changed counts add up to something else than 100 in some bar."""
    if not any(table.is_changed for table in tables) or any(t.is_multiple for t in tables):
        return False
    bars = zip(*([point.value for point in one.points] for one in series), strict=True)
    sums = [sum(float(value or 0) for value in bar) for bar in bars if None not in bar]
    return any(whole and abs(whole - 100) > ROUNDING for whole in sums)


def _default_kind(tables: Sequence[ProtectedTable], ordered: bool) -> ChartKind:
    if len(tables) > 1 or tables[0].is_grid:
        return ChartKind.STACKED
    if tables[0].spec.by:
        return ChartKind.STACKED if ordered else ChartKind.GROUPED
    return ChartKind.BARS


def _one_way(table: ProtectedTable, options: ChartOptions) -> tuple[list[str], list[_Series]]:
    """Bars: one category per option, one series."""
    rows = [
        (row.label, cells[-1])
        for row, cells in zip(table.rows, table.cells, strict=True)
        if row.kind is RowKind.OPTION
    ]
    if options.sort:
        rows.sort(key=lambda pair: -(pair[1].wn or 0))
    return [label for label, _ in rows], [_Series("", "", tuple(cell for _, cell in rows))]


def _crosstab(
    table: ProtectedTable,
    not_substantive: Mapping[str, frozenset[str]],
    stacked: bool,
    texts: Texts,
) -> tuple[list[str], list[_Series]]:
    """Stacked: a bar per column. Grouped: a category per option, a series per column."""
    columns = shown_columns(table.columns)
    rows = [
        (row, cells)
        for row, cells in zip(table.rows, table.cells, strict=True)
        if row.kind is RowKind.OPTION
    ]
    labels = [column_label(table.columns[i], texts) for i in columns]
    if stacked:
        aside = not_substantive.get(table.id, frozenset())
        series = [
            _Series(
                row.label,
                "missing" if row.code in aside else "",
                tuple(cells[i] for i in columns),
            )
            for row, cells in rows
        ]
        return labels, series
    series = [
        _Series(label, "", tuple(cells[i] for _, cells in rows))
        for i, label in zip(columns, labels, strict=True)
        if table.columns[i].code != TOTAL
    ]
    return [row.label for row, _ in rows], series


def _questions(
    tables: Sequence[ProtectedTable],
    names: Sequence[str],
    not_substantive: Mapping[str, frozenset[str]],
    texts: Texts,
) -> tuple[list[str], list[_Series]]:
    """A bar per question or grid item, a series per option; options matched by label.

    Columns that stand beside each other, as a unit and the whole, have a bar each.
    """
    bars: list[tuple[str, dict[str, ProtectedCell]]] = []
    roles: dict[str, str] = {}
    for table, name in zip(tables, names, strict=True):
        aside = not_substantive.get(table.id, frozenset())
        columns = shown_columns(table.columns) if table.is_side_by_side else [-1]
        found: dict[tuple[str, int], dict[str, ProtectedCell]] = {}
        variables = dict.fromkeys(r.variable for r in table.rows if r.kind is RowKind.OPTION)
        for variable in variables:
            found |= {(variable, at): {} for at in columns}
        for row, cells in zip(table.rows, table.cells, strict=True):
            if row.kind is RowKind.OPTION:
                for at in columns:
                    found[row.variable, at][row.label] = cells[at]
                roles.setdefault(row.label, "missing" if row.code in aside else "")
        for (variable, at), by_label in found.items():
            label = table.item_labels.get(variable, variable) if table.is_grid else name
            if len(columns) > 1:
                column = column_label(table.columns[at], texts)
                label = texts.get("chart.bar_of", label=label, column=column)
            bars.append((label, by_label))
    series = [
        _Series(label, role, tuple(by_label.get(label) for _, by_label in bars))
        for label, role in roles.items()
    ]
    return [label for label, _ in bars], series


def _point(cell: ProtectedCell | None, unit: str, decimals: int, texts: Texts) -> ChartPoint:
    if cell is None:
        return ChartPoint(None, "", status="none")
    if unit == "count":
        value = None if cell.n is None else Decimal(cell.n)
        text = texts.get("symbols.withheld") if value is None else texts.numbers.number(value)
        return ChartPoint(value, text, status=cell.status.value)
    printed = percent_text(cell, decimals, texts)
    low, high = (
        None if end is None or not cell.is_shown else Decimal(str(round(end, 4)))
        for end in (cell.ci_low, cell.ci_high)
    )
    return ChartPoint(printed.value, printed.text, low, high, status=cell.status.value)


def _middle(series: Sequence[ChartSeries]) -> int:
    """Index of the middle step of a scale with an odd number of steps, else -1."""
    steps = [s for s in series if s.role != "missing"]
    return len(steps) // 2 if len(steps) % 2 else -1


def _with_unit(point: ChartPoint, unit: str, texts: Texts) -> str:
    is_percent = unit == "percent" and point.value is not None
    return point.text + texts.numbers.percent if is_percent else point.text


def alt_text(
    kind: ChartKind,
    categories: Sequence[str],
    series: Sequence[ChartSeries],
    unit: str,
    texts: Texts,
) -> str:
    """State the figures in words, bar by bar."""
    parts = []
    for i, category in enumerate(categories):
        shown = [(s.name, s.points[i]) for s in series if s.points[i].status != "none"]
        if len(series) == 1:
            value = _with_unit(shown[0][1], unit, texts) if shown else ""
            parts.append(texts.get("chart.alt_value", label=category, value=value))
            continue
        values = ", ".join(
            texts.get("chart.alt_value", label=name, value=_with_unit(point, unit, texts))
            for name, point in shown
        )
        parts.append(texts.get("chart.alt_series", category=category, values=values))
    per_part = max(1, len(series))
    shown_parts = parts[: max(1, ALT_VALUES // per_part)]
    more = " …" if len(parts) > len(shown_parts) else ""
    key = kind.value if texts.has(f"chart.alt_{kind.value}") else "other"
    return texts.get(f"chart.alt_{key}", values="; ".join(shown_parts) + more)


def _data_table(
    caption: str,
    categories: Sequence[str],
    series: Sequence[ChartSeries],
    unit: str,
    decimals: int,
    texts: Texts,
) -> TableBlock:
    heads = tuple(HeadCell(s.name or texts.get(f"chart.{unit}_axis")) for s in series)
    places = decimals if unit == "percent" else 0
    rows = tuple(
        BodyRow(
            category,
            tuple(
                BodyCell(
                    s.points[i].text or texts.get("symbols.impossible"),
                    s.points[i].value,
                    places,
                    unit,
                    s.points[i].status,
                )
                for s in series
            ),
        )
        for i, category in enumerate(categories)
    )
    return TableBlock(
        id="", caption=caption, stub=texts.get("table.stub"), head=(heads,), rows=rows
    )


def _notes(
    tables: Sequence[ProtectedTable], texts: Texts, options: ChartOptions
) -> tuple[str, ...]:
    chosen = [texts.get("table.note_where", rule=options.rule)] if options.rule else []
    return (*_base_note(tables, texts), *chosen, *([options.note] if options.note else []))


def _base_note(tables: Sequence[ProtectedTable], texts: Texts) -> list[str]:
    """The base, or the range of bases, of the bars."""
    if tables[0].is_side_by_side:
        return group_base_notes(tables, texts, missing=False)
    bases = [
        cells[-1].n
        for table in tables
        for row, cells in zip(table.rows, table.cells, strict=True)
        if row.kind is RowKind.TOTAL and cells[-1].n is not None
    ]
    if not bases:
        return []
    low, high = (texts.numbers.number(end) for end in (min(bases), max(bases)))
    if low == high:
        return [texts.get("chart.base_note", n=low)]
    return [texts.get("chart.base_range_note", low=low, high=high)]
