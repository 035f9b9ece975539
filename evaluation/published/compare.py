"""Computed figures against printed ones, string by string."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from evaluation.model import TOTAL, RowKind
from evaluation.published.rules import Explanation, RoundingRule, explain, rules_that_give
from evaluation.published.strings import in_style_of, read_number

if TYPE_CHECKING:
    from evaluation.protection.release import ProtectedCell, ProtectedTable
    from evaluation.published.schema import PrintedRow, PrintedTable

OTHER_RULES = (RoundingRule.HALF_EVEN, RoundingRule.CUT)
"""Rules that the print may have followed throughout a table instead of ours."""

DataRows = Mapping[tuple[str, str], Mapping[str, str]]
"""A table of study data: (group, row head) -> column -> cell text."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One printed cell that the answers do not give.

    Attributes
    ----------
    table, row, column
        Place in print.
    printed, computed
        Both as printed; ``computed`` is "" where there is no such cell.
    explanation
        How the printed percent could have come about, None for counts.
    """

    table: str
    row: str
    column: str
    printed: str
    computed: str
    explanation: Explanation | None = None

    @property
    def is_impossible(self) -> bool:
        """Whether no whole count gives the printed percent, by any rule, with this base."""
        return self.explanation is not None and not self.explanation.counts


@dataclass(frozen=True, slots=True)
class TableComparison:
    """Outcome for one printed table."""

    id: str
    cells: int
    differences: tuple[Difference, ...]
    other_rule: RoundingRule | None = None
    """Another rounding rule under which every printed percent of the table is right."""

    @property
    def unexplained(self) -> tuple[Difference, ...]:
        """Differences that no rule accounts for."""
        if self.other_rule:
            return tuple(d for d in self.differences if d.explanation is None)
        return tuple(d for d in self.differences if not d.is_impossible)

    @property
    def equal(self) -> int:
        """Number of cells that agree."""
        return self.cells - len(self.differences)


def compare_table(printed: PrintedTable, table: ProtectedTable) -> TableComparison:
    """Hold a printed table against the recomputed one.

    Parameters
    ----------
    printed
        From ``published.yaml``.
    table
        The same table out of the answers, nothing withheld.
    """
    cells = 0
    differences: list[Difference] = []
    fitting = set(OTHER_RULES)
    for row in printed.rows:
        for column, measure, text in _printed_cells(row):
            cells += 1
            cell = _find(table, printed, row, column, measure)
            found = _compare(printed.id, row.label, _place(column, measure), text, cell, measure)
            differences += found
            fitting &= _fitting(text, cell)
    for measure, text in printed.sum.items():
        cells += 1
        cell = _total(table)
        differences += _compare(printed.id, TOTAL, measure, text, cell, measure)
    if printed.base is not None:
        cells += 1
        differences += _compare_base(printed, table)
    other = next((rule for rule in OTHER_RULES if rule in fitting), None) if differences else None
    return TableComparison(printed.id, cells, tuple(differences), other)


def _fitting(text: str, cell: ProtectedCell | None) -> set[RoundingRule]:
    """Return the other rounding rules that a printed percent agrees with; all for a count."""
    number = read_number(text)
    if number is None or not number.is_percent or cell is None:
        return set(OTHER_RULES)
    return set(rules_that_give(number.value, number.decimals, cell.n or 0, cell.base_n or 0)) & set(
        OTHER_RULES
    )


def compare_data(printed: PrintedTable, data: DataRows) -> TableComparison:
    """Hold a printed table against a table of study data."""
    cells = 0
    differences = []
    for row in printed.rows:
        line = data.get((row.group or "", row.label), {})
        for column, text in row.cells.items():
            cells += 1
            wanted = "" if text is None else str(text)
            got = line.get(column, "")
            if _same_number(wanted, got):
                continue
            differences.append(Difference(printed.id, row.label, column, wanted, got))
    return TableComparison(printed.id, cells, tuple(differences))


def _same_number(printed: str, computed: str) -> bool:
    wanted, got = read_number(printed), read_number(computed)
    if wanted is None or got is None:
        return printed == computed
    return wanted.value == got.value


def _printed_cells(row: PrintedRow) -> list[tuple[str, str, str]]:
    """Return (column, measure or step, text) of every printed cell of a row."""
    cells = [
        ("", measure, text)
        for measure, text in (("n", row.n), ("percent", row.percent))
        if text is not None
    ]
    for column, content in row.cells.items():
        if isinstance(content, dict):
            cells += [(column, step, text) for step, text in content.items() if text is not None]
        elif content is not None:
            measure = "percent" if "%" in content else "n"
            cells.append((column, measure, content))
    return cells


def _find(
    table: ProtectedTable, printed: PrintedTable, row: PrintedRow, column: str, measure: str
) -> ProtectedCell | None:
    """Return the computed cell that a printed one stands for.

    In a grid the row is an item and ``measure`` a step of the scale; else the
    row is an option and ``measure`` is n or percent.
    """
    position = _column(table, column)
    if position is None:
        return None
    code = measure if printed.kind == "grid" and row.item else row.code
    if row.is_sum:
        code = TOTAL
    for place, line in zip(table.rows, table.cells, strict=True):
        if row.item and place.variable != row.item:
            continue
        by_code = code is not None and place.code == code
        by_label = code is None and place.kind is RowKind.OPTION and place.label == row.label
        if by_code or by_label:
            return line[position]
    return None


def _column(table: ProtectedTable, code: str) -> int | None:
    last = len(table.columns) - 1
    if code in ("", TOTAL):
        return last
    return next((i for i, c in enumerate(table.columns) if code in (c.code, c.label)), None)


def _total(table: ProtectedTable) -> ProtectedCell | None:
    return next(
        (
            line[-1]
            for row, line in zip(table.rows, table.cells, strict=True)
            if row.kind is RowKind.TOTAL
        ),
        None,
    )


def _place(column: str, measure: str) -> str:
    return f"{column}: {measure}" if column else measure


def _compare(
    table: str, row: str, place: str, text: str, cell: ProtectedCell | None, measure: str
) -> list[Difference]:
    number = read_number(text)
    if cell is None or number is None:
        return [Difference(table, row, place, text, "")]
    is_count = measure == "n" or (not number.is_percent and measure != "percent")
    value: Decimal | None
    if is_count:
        value = None if cell.n is None else Decimal(cell.n)
        explanation = None
    else:
        value = cell.shown_percent
        n, base = cell.n or 0, cell.base_n or 0
        explanation = explain(number.value, number.decimals, n, base)
    computed = "" if value is None else in_style_of(text, value)
    if computed == text:
        return []
    return [Difference(table, row, place, text, computed, explanation)]


def _compare_base(printed: PrintedTable, table: ProtectedTable) -> list[Difference]:
    """The base: of a grid, the largest among its items (each item has its own)."""
    totals = [
        line[-1].n
        for row, line in zip(table.rows, table.cells, strict=True)
        if row.kind is RowKind.TOTAL
    ]
    computed = max((n for n in totals if n is not None), default=0)
    if computed == printed.base:
        return []
    return [Difference(printed.id, TOTAL, "base", str(printed.base), str(computed))]
