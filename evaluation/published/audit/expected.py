"""Expected counts of a crosstab: which respondents they were computed on."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from evaluation.published.audit.model import Certainty, Finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.published.audit.reading import Figure
    from evaluation.published.schema import PrintedTable
    from evaluation.published.words import Words

Counts = dict[tuple[str, str], int]
"""(row, column) -> count, totals left out."""


def check_expected(table: PrintedTable, found: Sequence[Figure], words: Words) -> list[Finding]:
    """Recompute expected counts from the printed counts.

    They are row total times column total by N. Two readings are tried: with
    the printed totals, and with the sums of the printed parts (a total may
    hold some whose group is unknown). Where only the second fits, the base
    that is printed is not the one the figures were computed on.
    """
    expected = [
        f
        for f in found
        if f.measure == "expected" and not f.is_sum and not words.is_total(f.column) and f.value
    ]
    counts = {
        (f.row, f.column): f.count
        for f in found
        if f.measure == "n" and f.count is not None and not f.is_sum
    }
    parts = {key: n for key, n in counts.items() if not words.is_total(key[1])}
    if not expected or any((f.row, f.column) not in parts for f in expected):
        return []
    printed = _printed_margins(table, found, words)
    own = _margins(parts)
    right = [f for f in expected if _agrees(f, own)]
    if printed is None or printed[2] == own[2]:
        return [_off(table, f, own) for f in expected if not _agrees(f, own)]
    right_printed = [f for f in expected if _agrees(f, printed)]
    if len(right) > len(right_printed):
        rest = [_off(table, f, own) for f in expected if not _agrees(f, own)]
        return [_other_base(table, expected, printed[2], own[2]), *rest]
    return [_off(table, f, printed) for f in expected if not _agrees(f, printed)]


Margins = tuple["Mapping[str, int]", "Mapping[str, int]", int]


def _margins(parts: Counts) -> Margins:
    rows: dict[str, int] = {}
    columns: dict[str, int] = {}
    for (row, column), n in parts.items():
        rows[row] = rows.get(row, 0) + n
        columns[column] = columns.get(column, 0) + n
    return rows, columns, sum(parts.values())


def _printed_margins(table: PrintedTable, found: Sequence[Figure], words: Words) -> Margins | None:
    """Return the margins as printed, None where they are not all printed."""
    counts = [f for f in found if f.measure == "n" and f.count is not None]
    rows = {f.row: f.count or 0 for f in counts if words.is_total(f.column) and not f.is_sum}
    columns = {f.column: f.count or 0 for f in counts if f.is_sum and not words.is_total(f.column)}
    corner = next((f.count for f in counts if f.is_sum and words.is_total(f.column)), None)
    total = corner or table.base
    return (rows, columns, total) if rows and columns and total else None


def _value(figure: Figure, margins: Margins) -> Fraction | None:
    rows, columns, total = margins
    if figure.row not in rows or figure.column not in columns or not total:
        return None
    return Fraction(rows[figure.row] * columns[figure.column], total)


def _agrees(figure: Figure, margins: Margins) -> bool:
    value = _value(figure, margins)
    unit = Fraction(1, 10**figure.decimals)
    return value is not None and abs(Fraction(figure.value or 0) - value) <= unit / 2


def _off(table: PrintedTable, figure: Figure, margins: Margins) -> Finding:
    value = _value(figure, margins) or Fraction(0)
    unit = Decimal(1).scaleb(-figure.decimals)
    shown = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(unit)
    return Finding(
        "expected",
        Certainty.CERTAIN,
        table.id,
        figure.row,
        figure.place,
        figure.text,
        {"value": f"number:{shown}"},
        (("total", {"total": f"number:{shown}"}),),
    )


def _other_base(table: PrintedTable, expected: Sequence[Figure], printed: int, own: int) -> Finding:
    return Finding(
        "expected_base",
        Certainty.LIKELY,
        table.id,
        printed="; ".join(f.text for f in expected),
        values={"base": printed, "other": own},
        fits=(("base", {"base": own}),),
    )
