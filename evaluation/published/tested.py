"""Printed tests and expected counts against computed ones, and whom they rest on.

A caption may state one base while the test used another: those who lack the column variable
stand in the column for all but in no test. The base of a test is never typed in here; it is
counted, and said where it is not the one that is printed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from evaluation.model import TOTAL, RowKind
from evaluation.published.compare import Difference
from evaluation.published.strings import in_style_of, read_number
from evaluation.rounding import round_half_up

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evaluation.inference.results import TestOutcome
    from evaluation.protection.release import ProtectedTable
    from evaluation.published.compare import TableComparison
    from evaluation.published.schema import PrintedTable

ALPHA = 0.05
VERDICTS = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that explains printed figures, found by rule; no difference.

    Attributes
    ----------
    code
        Its wording stands in the texts under ``verify.remark_<code>``.
    place
        Table or rate.
    values
        For the wording, as text.
    """

    code: str
    place: str
    values: Mapping[str, str] = field(default_factory=dict)


def with_tests(
    comparison: TableComparison, printed: PrintedTable, table: ProtectedTable | None
) -> tuple[TableComparison, tuple[Remark, ...]]:
    """Add what is printed of tests to a comparison; remark on bases that are not as printed.

    Parameters
    ----------
    comparison
        The table's cells.
    printed
        ``tests`` may state ``method`` and any of ``base``, ``statistic``,
        ``p`` and ``significant`` (yes or no, at 5 percent).
    table
        The computed table with these tests.
    """
    if table is None:
        return comparison, ()
    differences: list[Difference] = []
    cells = 0
    for stated in printed.tests:
        made = next((t for t in table.tests if t.method == stated.get("method")), None)
        for key, text in stated.items():
            if key != "method":
                cells += 1
                differences += _compare_test(printed.id, stated["method"], key, text, made)
    result = replace(
        comparison,
        cells=comparison.cells + cells,
        differences=(*comparison.differences, *differences),
    )
    return result, _remarks(result, printed, table)


def _compare_test(
    place: str, method: str, key: str, text: str, made: TestOutcome | None
) -> list[Difference]:
    if made is None or made.p is None:
        return [Difference(place, method, key, text, "")]
    if key == "significant":
        agrees = VERDICTS.get(text) == (made.p < ALPHA)
        computed = "yes" if made.p < ALPHA else "no"
        return [] if agrees else [Difference(place, method, key, text, computed)]
    value = {"base": made.base_n, "statistic": made.statistic, "p": made.p, "df": made.df}.get(key)
    number = read_number(text)
    if value is None or number is None:
        return [Difference(place, method, key, text, "")]
    shown = in_style_of(text, round_half_up(Decimal(repr(value)), number.decimals))
    return [] if shown == text else [Difference(place, method, key, text, shown)]


def _remarks(
    result: TableComparison, printed: PrintedTable, table: ProtectedTable
) -> tuple[Remark, ...]:
    """Say which base tests and expected counts rest on, where another one is printed."""
    known = known_base(table)
    if known is None or printed.base is None or printed.base == known:
        return ()
    has_expected = any(
        isinstance(content, dict) and "expected" in content
        for row in printed.rows
        for content in row.cells.values()
    )
    values = {
        "base": str(known),
        "printed": str(printed.base),
        "rest": str(printed.base - known),
        "variable": table.column_labels.get(table.spec.by[0], table.spec.by[0]),
    }
    if has_expected and not any("expected" in d.column for d in result.differences):
        return (Remark("expected_base", printed.id, values),)
    return (Remark("test_base", printed.id, values),) if printed.tests else ()


def known_base(table: ProtectedTable) -> int | None:
    """Return how many the columns of a crosstab hold together, its margin left out.

    None for one-way tables, several column variables and withheld counts.
    """
    if len(table.spec.by) != 1:
        return None
    rows = zip(table.rows, table.cells, strict=True)
    total = next((line for row, line in rows if row.kind is RowKind.TOTAL), ())
    pairs = zip(table.columns, total, strict=False)
    counts = [cell.n for column, cell in pairs if column.code != TOTAL]
    return None if not counts or any(n is None for n in counts) else sum(n or 0 for n in counts)
