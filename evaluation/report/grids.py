"""Tables with a row for each item of a grid, or for each of several questions on one scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from evaluation.model import TOTAL, RowKind
from evaluation.report.model import BodyCell, BodyKind, BodyRow, HeadCell
from evaluation.report.table_cells import column_label, count_text, percent_text, shown_columns
from evaluation.tables.request import RequestError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.protection.release import ProtectedCell, ProtectedTable
    from evaluation.tables.spec import Column
    from evaluation.texts import Texts

BASES = ("", "first", "last", "label", "none")
"""Where a row's own base stands; the default is last, and only where the rows' bases differ."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GridOptions:
    """How a grid is set.

    Attributes
    ----------
    measure
        ``percent`` or ``n``: what the cells show.
    bases
        One of `BASES`: a column of bases first or last, the base in each row's
        label ("Kartläggning (n = 71)"), or none.
    base_head
        Head of the column of bases; "" for the catalogue's.
    steps
        Codes or labels of the options shown, in order; empty for all.
    groups
        Item -> heading that it stands under.
    """

    measure: str = "percent"
    bases: str = ""
    base_head: str = ""
    steps: tuple[str, ...] = ()
    groups: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    """A row: a grid item, or a question; cells are found by step label."""

    label: str
    group: str
    table: ProtectedTable
    place: Mapping[str, int]
    """Step label -> row of the table; `TOTAL` for the base."""

    def cell(self, step: str, column: int) -> ProtectedCell | None:
        """Return a step's cell, None where the question has no such option."""
        row = self.place.get(step)
        return None if row is None else self.table.cells[row][column]

    def base(self, column: int) -> ProtectedCell:
        """Return the cell that holds the row's base."""
        return self.table.cells[self.place[TOTAL]][column]


def grid_parts(
    tables: Sequence[ProtectedTable], names: Sequence[str], texts: Texts, options: GridOptions
) -> tuple[tuple[tuple[HeadCell, ...], ...], tuple[BodyRow, ...]]:
    """Lay out head and rows.

    Parameters
    ----------
    tables
        One grid, or one table for each question; all with the same columns.
    names
        Label of each question's row; for a grid the items' own labels are used.
    texts, options
        Words, and how it is to be set.

    Returns
    -------
    tuple
        Rows of heads, and rows of the body.

    Raises
    ------
    RequestError
        If a step is unknown.
    """
    lines = _lines(tables, names, options.groups or {})
    steps = _steps(tables, options.steps)
    spec, all_columns = tables[0].spec, tables[0].columns
    columns = shown_columns(all_columns)
    # The whole goes first, but not where it is a column like others, beside a unit.
    is_crosstab = spec.by and not tables[0].is_side_by_side
    order = (columns[-1], *columns[:-1]) if is_crosstab else columns
    common = {i: common_base(lines, i) for i in order}
    bases = options.bases or ("last" if None in common.values() else "none")

    def write(cell: ProtectedCell | None) -> BodyCell:
        if cell is None:
            return BodyCell(texts.get("symbols.impossible"), None, 0, "text", "none")
        if options.measure == "n":
            return count_text(cell, texts)
        return percent_text(cell, spec.decimals, texts)

    names_of_columns = _with_base(steps, options.base_head or texts.get("table.base"), bases)
    head = [tuple(HeadCell(name) for name in names_of_columns) * len(order)]
    if spec.by:
        shown = {i: common[i] if bases == "none" else None for i in order}
        labels = [_grid_head(all_columns[i], shown[i], texts) for i in order]
        top = (HeadCell(label, span=len(names_of_columns), is_number=False) for label in labels)
        head.insert(0, tuple(top))
    rows: list[BodyRow] = []
    group = ""
    for line in lines:
        if line.group and line.group != group:
            rows.append(BodyRow(line.group, (), BodyKind.GROUP))
        group = line.group
        cells: list[BodyCell] = []
        for i in order:
            own = [write(line.cell(step, i)) for step in steps]
            cells += _with_base(own, count_text(line.base(i), texts), bases)
        label = line.label if bases != "label" else _with_n(line, columns[-1], texts)
        rows.append(BodyRow(label, tuple(cells)))
    return tuple(head), tuple(rows)


def grid_common_base(tables: Sequence[ProtectedTable], column: int) -> int | None:
    """Return the base that all rows share in a column, None where they differ."""
    return common_base(_lines(tables, [""] * len(tables), {}), column)


def common_base(lines: Sequence[_Line], column: int) -> int | None:
    """Return the base that all lines share in a column, None where they differ."""
    bases = {line.base(column).n for line in lines}
    return bases.pop() if len(bases) == 1 else None


def _lines(
    tables: Sequence[ProtectedTable], names: Sequence[str], groups: Mapping[str, str]
) -> list[_Line]:
    lines = []
    for table, name in zip(tables, names, strict=True):
        places: dict[str, dict[str, int]] = {}
        for r, row in enumerate(table.rows):
            if row.kind in (RowKind.OPTION, RowKind.NET):
                places.setdefault(row.variable, {}).setdefault(row.label, r)
            elif row.kind is RowKind.TOTAL:
                places.setdefault(row.variable, {})[TOTAL] = r
        lines += [
            _Line(
                table.item_labels.get(variable, variable) if table.is_grid else name,
                groups.get(variable, ""),
                table,
                place,
            )
            for variable, place in places.items()
        ]
    return lines


def _steps(tables: Sequence[ProtectedTable], wanted: Sequence[str]) -> list[str]:
    """Return labels of the steps, nets included, in order: all, or those wanted."""
    labels: dict[str, str] = {}
    by_code: dict[str, str] = {}
    for table in tables:
        for row in table.rows:
            if row.kind in (RowKind.OPTION, RowKind.NET):
                labels.setdefault(row.label, row.label)
                by_code.setdefault(row.code, row.label)
    known = by_code | labels
    for step in wanted:
        if step not in known:
            raise RequestError("unknown-option-code", step, nearest(step, known))
    return [known[step] for step in wanted] if wanted else list(labels)


def _with_base(cells: list[T], base: T, bases: str) -> list[T]:
    """Put the base where it is to stand beside the steps."""
    if bases == "first":
        return [base, *cells]
    return [*cells, base] if bases == "last" else cells


def _with_n(line: _Line, column: int, texts: Texts) -> str:
    n = count_text(line.base(column), texts).text
    return texts.get("table.label_with_base", label=line.label, n=n)


def _grid_head(column: Column, base: int | None, texts: Texts) -> str:
    label = column_label(column, texts)
    if base is None:
        return label
    return texts.get("table.label_with_base", label=label, n=texts.numbers.number(base))
