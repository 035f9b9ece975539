"""Computed figures against printed ones, string by string."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from evaluation.model import TOTAL, RowKind
from evaluation.published.rules import Explanation, RoundingRule, explain, rules_that_give
from evaluation.published.strings import in_style_of, read_number
from evaluation.rounding import round_half_up

if TYPE_CHECKING:
    from evaluation.protection.release import ProtectedCell, ProtectedTable
    from evaluation.published.schema import PrintedRow, PrintedTable

NOTHING: Mapping[str, ProtectedTable] = {}
PERCENT_UNITS = ("procent", "percent", "%")
EVERYONE = (RowKind.TOTAL, RowKind.ITEM_NONRESPONSE, RowKind.NOT_ASKED, RowKind.INVALID)
OTHER_RULES = (RoundingRule.HALF_EVEN, RoundingRule.CUT)
"""Rules that the print may have followed throughout a table instead of ours."""

DataRows = Mapping[tuple[str, str], Mapping[str, str]]
"""A table of study data: (group, row head) -> column -> cell text."""


class Reason(StrEnum):
    """Why no answers could give what is printed, found by rule."""

    IMPOSSIBLE = "impossible"
    """No whole count gives the percent under any rule."""
    ADJUSTED = "adjusted"
    """No count gives it rounded by itself; the printed row has been made to add up to 100."""
    NOT_PLAIN = "not_plain"
    """No count gives it rounded as the rest of the table is."""
    WHOLE_BASE = "whole_base"
    """The expected count rests on the column for all, with those that no test can hold."""
    UNMARKED = "unmarked"
    """Fewer answers are printed than the base: it counts some who marked nothing."""
    OTHER_BASE = "other_base"
    """The answers give another base than the printed one, and so other percents. This
    says why a figure differs and not that the print is wrong."""


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
    reason
        Why it cannot be reproduced, None where some answers could.
    """

    table: str
    row: str
    column: str
    printed: str
    computed: str
    explanation: Explanation | None = None
    reason: Reason | None = None


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
            return tuple(d for d in self.differences if d.explanation is None and not d.reason)
        return tuple(d for d in self.differences if d.reason in (None, Reason.OTHER_BASE))

    @property
    def equal(self) -> int:
        """Number of cells that agree."""
        return self.cells - len(self.differences)


def compare_table(
    printed: PrintedTable,
    table: ProtectedTable | None,
    others: Mapping[str, ProtectedTable] = NOTHING,
) -> TableComparison:
    """Hold a printed table against the recomputed one.

    Parameters
    ----------
    printed
        From ``published.yaml``.
    table
        The same table out of the answers, nothing withheld; None for a table
        of several questions.
    others
        Tables of the questions that rows name.
    """
    cells = 0
    differences: list[Difference] = []
    fitting = set(OTHER_RULES)
    other_bases: set[str] = set()
    for row in printed.rows:
        own = others.get(row.question, table) if row.question else table
        is_adjusted = _is_adjusted(printed, own, row)
        for column, measure, text in _printed_cells(row):
            cells += 1
            place = _step_head(printed, row, measure) or _place(column, measure)
            cell = _find(own, printed, row, column, measure)
            if measure == "expected":
                differences += _compare_expected(printed, own, row, column, text)
                continue
            found = _compare(printed, row.label, place, text, cell, measure)
            differences += [replace(d, reason=_reason(d, printed, is_adjusted)) for d in found]
            fitting &= _fitting(text, cell, printed)
        if row.base is not None:
            cells += 1
            total = _find(own, printed, row, "", TOTAL)
            differences += (found := _compare(printed, row.label, "n", row.base, total, "n"))
            other_bases |= {row.label for _ in found}
    for measure, text in printed.sum.items():
        cells += 1
        differences += _compare(printed, TOTAL, measure, text, _total(table), measure)
    if printed.base is not None:
        cells += 1
        differences += (found := _compare_base(printed, table))
        other_bases |= {row.label for row in printed.rows for d in found if d.reason is None}
    if other_bases:
        fitting.clear()
        differences = [_beside_base(d) if d.row in other_bases else d for d in differences]
    other = next((rule for rule in OTHER_RULES if rule in fitting), None) if differences else None
    return TableComparison(printed.id, cells, tuple(differences), other)


def _beside_base(difference: Difference) -> Difference:
    """Let a percent differ for its base: what counts of the new base could give says nothing."""
    if difference.explanation is None:
        return difference
    return replace(difference, explanation=None, reason=Reason.OTHER_BASE)


def _reason(difference: Difference, printed: PrintedTable, is_adjusted: bool) -> Reason | None:
    """Say why no answers give a printed percent, None where some do."""
    explanation = difference.explanation
    if explanation is None:
        return None
    is_plain = printed.rounding == "plain" and not explanation.plain_counts
    if is_plain and is_adjusted and _is_next_to(difference):
        return Reason.ADJUSTED
    if not explanation.counts:
        return Reason.IMPOSSIBLE
    is_near = RoundingRule.SUM100 in explanation.rules
    return Reason.NOT_PLAIN if is_plain and is_near else None


def _is_next_to(difference: Difference) -> bool:
    """Tell whether print and answers differ by one unit of the last decimal."""
    printed, computed = read_number(difference.printed), read_number(difference.computed)
    if printed is None or computed is None:
        return False
    return abs(printed.value - computed.value) == Decimal(1).scaleb(-printed.decimals)


def _is_adjusted(printed: PrintedTable, table: ProtectedTable | None, row: PrintedRow) -> bool:
    """Tell whether a row of percents adds up to 100 in print and does not when rounded plainly."""
    if printed.kind != "grid" or not _is_percents(printed) or table is None:
        return False
    pairs = [
        (read_number(text), _find(table, printed, row, column, step))
        for column, step, text in _printed_cells(row)
    ]
    if any(number is None or cell is None for number, cell in pairs):
        return False
    in_print = sum(number.value for number, _ in pairs if number)
    computed = sum(cell.shown_percent or 0 for _, cell in pairs if cell)
    return in_print == 100 != computed


def _is_percents(printed: PrintedTable) -> bool:
    return printed.unit in PERCENT_UNITS


def _fitting(text: str, cell: ProtectedCell | None, printed: PrintedTable) -> set[RoundingRule]:
    """Return the other rounding rules that a printed percent agrees with; all for a count."""
    number = read_number(text)
    is_percent = number is not None and (number.is_percent or _is_percents(printed))
    if number is None or not is_percent or cell is None:
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
        return printed == computed or (_holds_nothing(printed) and _holds_nothing(computed))
    return wanted.value == got.value


def _holds_nothing(cell: str) -> bool:
    """Tell whether a cell is blank or holds only a sign, as prints write a missing figure."""
    return not any(character.isalnum() for character in cell)


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
    table: ProtectedTable | None, printed: PrintedTable, row: PrintedRow, column: str, measure: str
) -> ProtectedCell | None:
    """Return the computed cell that a printed one stands for.

    In a grid the row is an item, in a battery a question, and ``measure`` a
    step or option; else the row is an option and ``measure`` is n or percent.
    """
    position = None if table is None else _column(table, column)
    if table is None or position is None:
        return None
    is_row_of_options = row.question or (printed.kind == "grid" and row.item)
    code = measure if is_row_of_options or measure == TOTAL else row.code
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


def _total(table: ProtectedTable | None) -> ProtectedCell | None:
    return None if table is None else next(iter(_of_kind(table, RowKind.TOTAL)), None)


def _of_kind(table: ProtectedTable, kind: RowKind) -> list[ProtectedCell]:
    """Return the cells of a kind in the last column, one for each item."""
    rows = zip(table.rows, table.cells, strict=True)
    return [line[-1] for row, line in rows if row.kind is kind]


def _step_head(printed: PrintedTable, row: PrintedRow, step: str) -> str:
    """Return the printed head over a step, "" where heads and steps are not as many."""
    cells = row.cells.get(TOTAL)
    if printed.kind not in ("grid", "battery") or not isinstance(cells, dict):
        return ""
    if len(cells) != len(printed.columns):
        return ""
    return printed.columns[list(cells).index(step)]


def _place(column: str, measure: str) -> str:
    return f"{column}: {measure}" if column else measure


def _compare(
    printed: PrintedTable,
    row: str,
    place: str,
    text: str,
    cell: ProtectedCell | None,
    measure: str,
) -> list[Difference]:
    number = read_number(text)
    if cell is None or number is None:
        return [Difference(printed.id, row, place, text, "")]
    is_percent = number.is_percent or measure == "percent" or _is_percents(printed)
    is_count = measure == "n" or not is_percent
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
    return [Difference(printed.id, row, place, text, computed, explanation)]


def _compare_expected(
    printed: PrintedTable, table: ProtectedTable | None, row: PrintedRow, column: str, text: str
) -> list[Difference]:
    """Expected counts; those that rest on the column for all are told from wrong ones."""
    cell, margin = (_find(table, printed, row, place, "expected") for place in (column, TOTAL))
    number, place = read_number(text), _place(column, "expected")
    if cell is None or cell.expected is None or number is None:
        return [Difference(printed.id, row.label, place, text, "")]
    computed = in_style_of(text, round_half_up(Decimal(repr(cell.expected)), number.decimals))
    if computed == text:
        return []
    sums = (margin and margin.n, cell.base_n, margin and margin.base_n)
    row_n, column_n, whole = (Decimal(n or 0) for n in sums)
    is_whole = whole and round_half_up(row_n * column_n / whole, number.decimals) == number.value
    reason = Reason.WHOLE_BASE if is_whole and printed.percents == "column" else None
    return [Difference(printed.id, row.label, place, text, computed, reason=reason)]


def _compare_base(printed: PrintedTable, table: ProtectedTable | None) -> list[Difference]:
    """The base: of a grid, the largest among its items (each item has its own)."""
    if table is None:
        return [Difference(printed.id, TOTAL, "base", str(printed.base), "")]
    totals = [cell.n or 0 for cell in _of_kind(table, RowKind.TOTAL)]
    if printed.base_of == "respondents":
        cells = [next(iter(_of_kind(table, kind)), None) for kind in EVERYONE]
        computed = sum(cell.n or 0 for cell in cells if cell)
    else:
        computed = max(totals, default=0)
    if computed == printed.base:
        return []
    reason = Reason.UNMARKED if _has_unmarked(printed, table, computed) else None
    difference = Difference(printed.id, TOTAL, "base", str(printed.base), str(computed))
    return [replace(difference, reason=reason)]


def _has_unmarked(printed: PrintedTable, table: ProtectedTable, answered: int) -> bool:
    """Tell whether a printed base must count some who marked no option.

    Several answers may be marked, and yet fewer are printed than the base.
    The base then is that of those asked, if these are as many.
    """
    counts = [read_number(row.n) for row in printed.rows if row.n is not None]
    marked = sum(number.value for number in counts if number)
    silent = sum(cell.n or 0 for cell in _of_kind(table, RowKind.ITEM_NONRESPONSE))
    is_short = printed.kind == "multiple" and marked < (printed.base or 0)
    return is_short and answered + silent == printed.base
