"""Data tables made from other data tables: filtered, added up and counted by declaration.

What comes in: the declarations of ``study.yaml`` and the tables that were read
from files. What goes out: every declared table, sums as exact decimals. A data
table is published as it stands; answers of persons belong in a survey.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from evaluation.problems import nearest
from evaluation.report.cells import (
    REST_MARK,
    TOTAL_MARK,
    cell_number,
    is_marked,
    is_symbol,
)
from evaluation.report.data_changes import changes_across, with_row_changes
from evaluation.report.facts import DataTableContent
from evaluation.rounding import round_half_up
from evaluation.tables.request import local
from evaluation.texts import alphabetical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from evaluation.codebook.schema import DataTable

T = TypeVar("T")

SHARE_DECIMALS = 1
MEAN_DECIMALS = 1
Line = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DataFinding:
    """What is wrong with a declared table.

    Attributes
    ----------
    table, key
        Place in ``study.yaml``: ``data_tables.<table>.<key>``.
    code, value, expected
        As in `Problem`.
    """

    table: str
    key: str
    code: str
    value: str
    expected: str = ""


class _DeclarationError(ValueError):
    """A declaration that cannot be carried out; ``finding`` lacks the table's name."""

    def __init__(self, key: str, code: str, value: str, expected: str = "") -> None:
        super().__init__(code)
        self.finding = (key, code, value, expected)


def derive_all(
    declared: Mapping[str, DataTable], read: Mapping[str, DataTableContent], language: str
) -> tuple[dict[str, DataTableContent], tuple[DataFinding, ...]]:
    """Make every table that is declared ``from`` another.

    Parameters
    ----------
    declared
        All data tables of the study, in its order.
    read
        Those that could be read from files.
    language
        Of heads and labels.

    Returns
    -------
    tuple
        All tables in the study's order, without title and notes where they
        were made here; and what was wrong with the rest.
    """
    made = dict(read)
    findings: list[DataFinding] = []
    faulty: set[str] = set()
    for name, said in declared.items():
        if (said.file is None) == (said.from_ is None):
            findings.append(DataFinding(name, "", "data-table-no-source", name))
            faulty.add(name)
    waiting = {n: t for n, t in declared.items() if t.from_ is not None and n not in faulty}
    while waiting:
        ready = [n for n, said in waiting.items() if _needed(said) <= made.keys()]
        if not ready:
            break
        for name in ready:
            said = waiting.pop(name)
            try:
                made[name] = _derive(said, made, language)
            except _DeclarationError as error:
                key, code, value, expected = error.finding
                findings.append(DataFinding(name, key, code, value, expected))
    findings += _unmade(waiting, declared)
    return {name: made[name] for name in declared if name in made}, tuple(findings)


def _needed(said: DataTable) -> set[str]:
    return {name for name in (said.from_, said.labels) if name is not None}


def _unmade(
    waiting: Mapping[str, DataTable], declared: Mapping[str, DataTable]
) -> Iterator[DataFinding]:
    """Say why tables could not be made; those that only wait for a faulty one are not blamed."""
    for name, said in waiting.items():
        for key, wanted in (("from", said.from_), ("labels", said.labels)):
            if wanted is not None and wanted not in declared:
                near = nearest(wanted, declared) or ", ".join(declared)
                yield DataFinding(name, key, "unknown-data-table", wanted, near)
        if name in _ancestors(name, declared):
            yield DataFinding(name, "from", "data-table-circular", name)


def _ancestors(name: str, declared: Mapping[str, DataTable]) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        said = declared.get(waiting.pop())
        new = (_needed(said) if said else set()) - found
        found |= new
        waiting += new
    return found


# --- one table ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Source:
    """A table as rows of data, its columns by name."""

    header: Line
    rows: tuple[Line, ...]

    def place(self, key: str, column: str) -> int:
        """Return the position of a column, or refuse the key that names it."""
        if column not in self.header:
            near = nearest(column, self.header) or ", ".join(self.header)
            raise _DeclarationError(key, "unknown-data-column", column, near)
        return self.header.index(column)


@dataclass(frozen=True, slots=True)
class _Measure:
    """A figure of a set of rows: the sum or mean of a column, or the number of rows."""

    head: str
    column: int | None = None
    values: Mapping[Line, Decimal | None] = field(default_factory=dict)
    is_mean: bool = False

    def of(self, rows: Iterable[Line]) -> Decimal | None:
        """Return the figure; None where there is nothing to report, or a part of a sum lacks."""
        chosen = list(rows)
        if self.column is None:
            return Decimal(len(chosen)) if chosen else None
        numbers = [n for row in chosen if (n := self.values[row]) is not None]
        if not numbers or (self._symbols(chosen) and not self.is_mean):
            return None
        total = sum(numbers, Decimal(0))
        return round_half_up(total / len(numbers), MEAN_DECIMALS) if self.is_mean else total

    def written(self, rows: Iterable[Line]) -> str:
        """Write the figure; without one, the symbol that stands in its stead in the source."""
        chosen = list(rows)
        value = self.of(chosen)
        return next(iter(self._symbols(chosen)), "") if value is None else f"{value:f}"

    def _symbols(self, rows: Sequence[Line]) -> list[str]:
        place = self.column
        return [] if place is None else [row[place] for row in rows if is_symbol(row[place])]


def _derive(
    said: DataTable, tables: Mapping[str, DataTableContent], language: str
) -> DataTableContent:
    content = tables[said.from_ or ""]
    rows = tuple(row for row in content.rows if not is_marked(row[0]))
    source = _Source(content.header, rows)
    source = _Source(source.header, _filtered(source, said.where))
    if said.group is None:
        header, lines = _list(said, source, language)
    else:
        labels = tables[said.labels] if said.labels else None
        header, lines = _grouped(said, source, labels, language)
    return DataTableContent("", header, tuple(lines), source=content.source)


def _filtered(source: _Source, where: Mapping[str, str | tuple[str, ...]]) -> tuple[Line, ...]:
    wanted = [
        (source.place("where", column), (value,) if isinstance(value, str) else value)
        for column, value in where.items()
    ]
    return tuple(
        row for row in source.rows if all(row[place] in values for place, values in wanted)
    )


def _sums(said: DataTable, source: _Source, language: str) -> list[_Measure]:
    measures = []
    for key, wanted in (("sum", said.sum), ("mean", said.mean)):
        for column in (wanted,) if isinstance(wanted, str) else wanted:
            place = source.place(key, column)
            values: dict[Line, Decimal | None] = {}
            for row in source.rows:
                values[row] = cell_number(row[place])
                if row[place] and values[row] is None and not is_symbol(row[place]):
                    raise _DeclarationError(key, "data-table-not-number", column, row[0])
            measures.append(_Measure(_head(said, column, language), place, values, key == "mean"))
    return measures


def _head(said: DataTable, column: str, language: str) -> str:
    return local(said.heads.get(column), language, column)


# --- rows kept as they are ----------------------------------------------------------------


def _list(said: DataTable, source: _Source, language: str) -> tuple[Line, list[Line]]:
    """Choose columns and rows, sort them, and add a sum row."""
    for key in ("columns", "count", "share", "labels"):
        if getattr(said, key) is not None:
            raise _DeclarationError(key, "data-table-needs-group", key)
    places = [source.place("select", c) for c in said.select] or list(range(len(source.header)))
    measures = _sums(said, source, language)
    rows = list(source.rows)
    if said.sort == "label":
        rows.sort(key=lambda row: alphabetical(row[places[0]]))
    elif said.sort != "none":
        _require_measure(measures)
        rows.sort(key=lambda row: _rank(measures[0].of([row]), said.sort))
    kept, left = _cut(rows, said, lambda row: measures[0].of([row]))
    lines = [tuple(row[p] for p in places) for row in kept]
    by_place = {m.column: m for m in measures}
    for label, of in _sum_rows(said, left, rows, len(rows), language):
        sums = tuple(by_place[p].written(of) if p in by_place else "" for p in places[1:])
        lines.append((label, *sums))
    header = tuple(_head(said, source.header[p], language) for p in places)
    if said.change is None:
        return header, lines
    _require_measure(measures)
    measured = [i for i, p in enumerate(places) if p in by_place]
    return with_row_changes(header, lines, measured, local(said.change, language))


def _require_measure(measures: Sequence[_Measure]) -> None:
    if not measures:
        raise _DeclarationError("sum", "data-table-no-measure", "sum", "sum, count")


def _rank(value: Decimal | None, sort: str) -> Decimal:
    """Return a sorting key; rows without a figure come last."""
    if value is None:
        return Decimal("Infinity")
    return -value if sort == "largest" else value


def _cut(
    rows: Sequence[T], said: DataTable, value: Callable[[T], Decimal | None]
) -> tuple[Sequence[T], Sequence[T]]:
    """Split rows into those kept and those that the limit leaves out.

    Of sorted rows, those that are equal to the last one kept are kept too:
    nothing but chance would part them.
    """
    limit = len(rows) if said.limit is None else min(said.limit, len(rows))
    if said.sort in ("largest", "smallest"):
        while 0 < limit < len(rows) and value(rows[limit]) == value(rows[limit - 1]):
            limit += 1
    return rows[:limit], rows[limit:]


def _sum_rows(
    said: DataTable, left: Sequence[Line], rows: Sequence[Line], n_rows: int, language: str
) -> Iterator[tuple[str, Sequence[Line]]]:
    """Yield label and rows of the rest and of the total, where they are wanted.

    The sum of a single row is that row, and is left out.
    """
    if said.rest is not None and left:
        yield REST_MARK + local(said.rest, language), left
    if said.total is not None and n_rows > 1:
        yield TOTAL_MARK + local(said.total, language), rows


# --- one row per group ----------------------------------------------------------------------


def _grouped(
    said: DataTable, source: _Source, labels: DataTableContent | None, language: str
) -> tuple[Line, list[Line]]:
    """Add up or count per group, in one column or in columns beside each other."""
    measures = _sums(said, source, language)
    if said.count is not None:
        measures.append(_Measure(local(said.count, language)))
    _require_measure(measures)
    groups = _groups(said, source, labels)
    if said.sort == "label":
        groups.sort(key=lambda group: alphabetical(group[0]))
    elif said.sort != "none":
        groups.sort(key=lambda group: _rank(measures[0].of(group[1]), said.sort))
    kept, left = _cut(groups, said, lambda group: measures[0].of(group[1]))
    left_rows = [row for _, rows in left for row in rows]
    all_rows = [row for _, rows in groups for row in rows]
    columns = _columns(said, source, language)
    whole = measures[0].of(all_rows)
    lines = []
    for label, rows in [*kept, *_sum_rows(said, left_rows, all_rows, len(groups), language)]:
        cells = [m.written(_within(rows, column)) for column in columns for m in measures]
        if said.change is not None and said.columns is not None:
            cells += changes_across(cells, len(measures), said.total is not None)
        if said.share is not None:
            cells.append(_share(measures[0].of(rows), whole))
        lines.append((label, *cells))
    header = [_head(said, said.group or "", language)]
    header += [_column_head(column, m, measures) for column in columns for m in measures]
    if said.change is not None and said.columns is not None:
        across = _ValueColumn(local(said.change, language))
        header += [_column_head(across, m, measures) for m in measures]
    header += [local(said.share, language)] if said.share is not None else []
    if said.change is not None and said.columns is None:
        measured = range(1, len(measures) + 1)
        return with_row_changes(tuple(header), lines, measured, local(said.change, language))
    return tuple(header), lines


@dataclass(frozen=True, slots=True)
class _ValueColumn:
    """A column of a crosstab: the rows with one value, or all of them (``place`` None)."""

    head: str
    place: int | None = None
    value: str = ""


def _columns(said: DataTable, source: _Source, language: str) -> list[_ValueColumn]:
    if said.columns is None:
        return [_ValueColumn("")]
    place = source.place("columns", said.columns)
    found = dict.fromkeys([*said.column_order, *(row[place] for row in source.rows)])
    columns = [_ValueColumn(_head(said, value, language), place, value) for value in found]
    if said.total is not None:
        columns.append(_ValueColumn(local(said.total, language)))
    return columns


def _within(rows: Iterable[Line], column: _ValueColumn) -> list[Line]:
    if column.place is None:
        return list(rows)
    return [row for row in rows if row[column.place] == column.value]


def _column_head(column: _ValueColumn, measure: _Measure, measures: Sequence[_Measure]) -> str:
    if not column.head:
        return measure.head
    return column.head if len(measures) == 1 else f"{column.head}: {measure.head}"


def _groups(
    said: DataTable, source: _Source, labels: DataTableContent | None
) -> list[tuple[str, list[Line]]]:
    """Return label and rows of every group, in the order of the labels, else of the data."""
    place = source.place("group", said.group or "")
    names = {} if labels is None else {row[0]: row[1] for row in labels.rows if len(row) > 1}
    rows: dict[str, list[Line]] = {code: [] for code in names}
    for row in source.rows:
        rows.setdefault(row[place], []).append(row)
    return [(names.get(code, code), found) for code, found in rows.items()]


def _share(value: Decimal | None, whole: Decimal | None) -> str:
    if value is None or not whole:
        return ""
    return f"{round_half_up(100 * value / whole, SHARE_DECIMALS):f}"
