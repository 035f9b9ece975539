"""Counts and amounts that do not add up: to totals, to bases, across columns."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from evaluation.published.audit.model import Certainty, Finding
from evaluation.published.audit.reading import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.published.audit.reading import Figure
    from evaluation.published.schema import PrintedTable
    from evaluation.published.words import Words

MIN_ROWS_OF_PATTERN = 5
"""So many rows must show that a column is the sum of others before a row is held to it."""

Line = tuple[str, str]
"""(column, step) of a line of figures down the table."""


def check_sums(table: PrintedTable, found: Sequence[Figure], words: Words) -> list[Finding]:
    """Check totals down and across a table of counts or amounts.

    Parameters
    ----------
    table
        As printed.
    found
        Its figures, from `figures`.
    words
        What a total is called.
    """
    added = [f for f in found if f.measure in ("n", "amount")]
    if not added or _is_withheld(added):
        return []
    slack = _slack(table, added, words)
    lines: dict[Line, list[Figure]] = {}
    for figure in added:
        lines.setdefault((figure.column, figure.step), []).append(figure)
    findings = []
    for line in lines.values():
        findings += _down(table, line, words, slack)
    return [*findings, *_across(table, added, words, slack)]


def _is_withheld(added: Sequence[Figure]) -> bool:
    """Some figure is there and not told: nothing can be summed."""
    return any(f.text.strip() in UNKNOWN for f in added)


def _slack(table: PrintedTable, added: Sequence[Figure], words: Words) -> Decimal:
    """Half a unit for each figure where figures are rounded: decimals, thousands, millions."""
    decimals = max((f.decimals for f in added), default=0)
    unit = f"{table.unit or ''} {table.caption or ''} {table.head or ''}".casefold()
    tokens = set(unit.replace("(", " ").replace(")", " ").replace(",", " ").split())
    is_rounded = decimals > 0 or bool(tokens & set(words.rounded))
    return Decimal(1).scaleb(-decimals) / 2 if is_rounded else Decimal(0)


# --- down ----------------------------------------------------------------------


def _down(
    table: PrintedTable, line: Sequence[Figure], words: Words, slack: Decimal
) -> list[Finding]:
    """Check the totals of one column."""
    parts = [f for f in line if not f.is_sum]
    findings = []
    for total in (f for f in line if f.is_sum and f.value is not None):
        if _is_base_of_multiple(table, total, words):
            findings += _below_base(table, parts, total.count, total)
            continue
        candidates = _parts_of(line, total)
        sums = [(sum((_value(f) for f in own), Decimal(0)), len(own)) for own in candidates if own]
        if not sums or any(abs(s - (total.value or 0)) <= slack * (n + 1) for s, n in sums):
            continue
        findings.append(_sum_row(table, total, sums[0][0]))
    if not any(f.is_sum for f in line):
        findings += _against_base(table, parts)
    return findings


def _is_base_of_multiple(table: PrintedTable, total: Figure, words: Words) -> bool:
    return table.kind in ("multiple", "battery") or words.is_base(total.row)


def _value(figure: Figure) -> Decimal:
    return figure.value or Decimal(0)


def _parts_of(line: Sequence[Figure], total: Figure) -> list[list[Figure]]:
    """Rows that a total may be the sum of, likeliest first.

    The rows since the total before; those of its group; all before; all of the
    column; the totals before it; those that follow, where totals stand on top.
    """
    at = next(i for i, f in enumerate(line) if f is total)
    before = list(line[:at])
    since: list[Figure] = []
    for figure in reversed(before):
        if figure.is_sum:
            break
        since.insert(0, figure)
    after: list[Figure] = []
    for figure in line[at + 1 :]:
        if figure.is_sum:
            break
        after.append(figure)
    group = [f for f in line if f.group == total.group and not f.is_sum] if total.group else []
    return [
        since or after,
        group,
        [f for f in before if not f.is_sum],
        [f for f in line if not f.is_sum],
        [f for f in before if f.is_sum],
        [f for f in line[at + 1 :] if f.is_sum],
        after,
    ]


def _sum_row(table: PrintedTable, total: Figure, computed: Decimal) -> Finding:
    # Fewer than the total can be some who are not shown; more cannot.
    is_short = table.kind != "data" and computed < _value(total)
    return Finding(
        "sum_row",
        Certainty.LIKELY if is_short and table.kind != "single" else Certainty.CERTAIN,
        table.id,
        total.row,
        total.place,
        total.text,
        {"printed": total.text, "total": f"number:{computed}"},
        (("total", {"total": f"number:{computed}"}),),
    )


def _against_base(table: PrintedTable, parts: Sequence[Figure]) -> list[Finding]:
    """Hold the counts of a question against a printed base."""
    if table.base is None or table.kind not in ("single", "multiple") or parts[0].column:
        return []
    found = _below_base(table, parts, table.base, None)
    total = sum((_value(f) for f in parts), Decimal(0))
    if found or table.kind != "single" or total == table.base:
        return found
    return [
        Finding(
            "sum_base",
            Certainty.CERTAIN if total > table.base else Certainty.LIKELY,
            table.id,
            column=parts[0].place,
            printed=str(table.base),
            values={"total": f"number:{total}", "base": table.base},
            fits=(("total", {"total": f"number:{total}"}),),
        )
    ]


def _below_base(
    table: PrintedTable, parts: Sequence[Figure], base: int | None, total: Figure | None
) -> list[Finding]:
    """No count can be larger than the base."""
    return [
        Finding(
            "above_base",
            Certainty.CERTAIN,
            table.id,
            figure.row,
            figure.place,
            figure.text,
            {"base": base, "total_row": total.row if total else ""},
        )
        for figure in parts
        if base is not None and figure.count is not None and figure.count > base
    ]


# --- across --------------------------------------------------------------------


def _across(
    table: PrintedTable, added: Sequence[Figure], words: Words, slack: Decimal
) -> list[Finding]:
    """Check columns that are totals of the others, by name or by what most rows show."""
    rows: dict[tuple[int, str], list[Figure]] = {}
    for figure in added:
        rows.setdefault((figure.index, figure.step), []).append(figure)
    columns = list(dict.fromkeys(f.column for f in added))
    if len(columns) < 3:
        return []
    totals = [c for c in columns if words.is_total(c)]
    if len(totals) == 1:
        return _named_total(table, list(rows.values()), totals[0], slack)
    if totals or table.kind == "single":
        return []
    return _unnamed_total(table, list(rows.values()), columns, slack)


def _split(row: Sequence[Figure], column: str) -> tuple[Figure | None, Decimal, int]:
    total = next((f for f in row if f.column == column), None)
    others = [f for f in row if f.column != column]
    return total, sum((_value(f) for f in others), Decimal(0)), len(others)


def _named_total(
    table: PrintedTable, rows: Sequence[Sequence[Figure]], column: str, slack: Decimal
) -> list[Finding]:
    findings = []
    for row in rows:
        total, parts, n = _split(row, column)
        if total is None or total.value is None or n < 2:
            continue
        if abs(parts - total.value) <= slack * (n + 1):
            continue
        findings.append(_off_across(table, total, parts))
    if len(findings) == len(rows) > 1 and _may_overlap(findings):
        # Every row is off the same way: the columns are no parts of that total.
        return []
    return findings


def _may_overlap(findings: Sequence[Finding]) -> bool:
    """Parts exceed the total in every row: columns that overlap, or years."""
    return all(f.certainty is Certainty.CERTAIN for f in findings)


def _off_across(table: PrintedTable, total: Figure, parts: Decimal) -> Finding:
    is_missing = table.kind != "data" and parts < _value(total)
    return Finding(
        "sum_column_short" if is_missing else "sum_column",
        Certainty.LIKELY if is_missing else Certainty.CERTAIN,
        table.id,
        total.row,
        total.place,
        total.text,
        {
            "printed": total.text,
            "total": f"number:{parts}",
            "missing": f"number:{_value(total) - parts}",
        },
        (("total", {"total": f"number:{parts}"}),),
    )


def _unnamed_total(
    table: PrintedTable, rows: Sequence[Sequence[Figure]], columns: Sequence[str], slack: Decimal
) -> list[Finding]:
    """Find a column that is the sum of the others in nearly every row, and the rows where not."""
    for column in columns:
        right: list[Figure] = []
        wrong: list[tuple[Figure, Decimal]] = []
        for row in rows:
            total, parts, n = _split(row, column)
            if total is None or total.value is None or n != len(columns) - 1:
                continue
            if abs(parts - total.value) <= slack * (n + 1):
                right += [total] if total.value else []
            else:
                wrong.append((total, parts))
        if len(right) >= MIN_ROWS_OF_PATTERN and 5 * len(wrong) <= len(right):
            return [
                Finding(
                    "sum_pattern",
                    Certainty.LIKELY,
                    table.id,
                    total.row,
                    total.place,
                    total.text,
                    {"printed": total.text, "total": f"number:{parts}", "rows": len(right)},
                    (("total", {"total": f"number:{parts}"}),),
                )
                for total, parts in wrong
            ]
    return []
