"""Phrases that do not fit their figure, and figures in text that are not those of the table."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from evaluation.published.audit.model import Certainty, Finding
from evaluation.published.strings import read_number
from evaluation.report.phrases import fits, fitting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.published.schema import PrintedPhrase, PrintedRow, PrintedTable
    from evaluation.texts import Phrase


def check_phrases(
    phrases: Sequence[PrintedPhrase],
    tables: Mapping[str, PrintedTable],
    catalogue: Sequence[Phrase],
) -> tuple[list[Finding], int]:
    """Check the words put to shares, and the counts stated with them.

    Parameters
    ----------
    phrases
        As printed.
    tables
        By id.
    catalogue
        The texts' phrases with the ranges that they fit.

    Returns
    -------
    Findings, and the number of phrases that could be checked.
    """
    findings: list[Finding] = []
    checked = 0
    known = {p.text.casefold() for p in catalogue}
    for phrase in phrases:
        table = tables.get(phrase.table or "")
        rows = _rows(phrase, table)
        shares = _shares(phrase, table, rows)
        number = _number(phrase, table, rows)
        is_known = (phrase.words or "").casefold() in known
        checked += (is_known and bool(shares)) or number is not None
        findings += number or []
        if is_known and shares and not any(fits(phrase.words or "", s, catalogue) for s in shares):
            findings.append(_misfit(phrase, shares[0], catalogue))
    return findings, checked


def _rows(phrase: PrintedPhrase, table: PrintedTable | None) -> list[PrintedRow]:
    if table is None:
        return []
    if phrase.options:
        return [row for row in table.rows if row.code in phrase.options]
    return [row for row in table.rows if phrase.row and row.label == phrase.row]


def _counts(value: str | tuple[str, ...] | None) -> list[int] | None:
    if value is None:
        return None
    found = [read_number(v) for v in ((value,) if isinstance(value, str) else value)]
    return [int(n.value) for n in found if n is not None]


def _shares(
    phrase: PrintedPhrase, table: PrintedTable | None, rows: Sequence[PrintedRow]
) -> list[Decimal]:
    """Return the share that a phrase is about, as exact as it is known.

    A printed percent can stand for all that is rounded to it: itself, and the
    ends of that range.
    """
    counts = _counts(phrase.n)
    if counts and table is not None and table.base and len(rows) <= 1:
        return [Decimal(100 * sum(counts)) / Decimal(table.base)]
    printed = phrase.percent if isinstance(phrase.percent, str) else None
    if printed is None and len(rows) == 1:
        printed = rows[0].percent
    number = read_number(printed) if printed else None
    if number is None:
        return []
    half = Decimal(1).scaleb(-number.decimals) / 2
    return [number.value, max(Decimal(0), number.value - half), number.value + half - half / 100]


def _number(
    phrase: PrintedPhrase, table: PrintedTable | None, rows: Sequence[PrintedRow]
) -> list[Finding] | None:
    """Check a stated count against the table's; None where there is nothing to check."""
    counts = _counts(phrase.n)
    printed = [read_number(row.n) for row in rows if row.n is not None]
    in_table = [int(n.value) for n in printed if n is not None]
    if not counts or table is None or not in_table or len(in_table) != len(rows):
        return None
    if sum(counts) == sum(in_table):
        return []
    return [
        Finding(
            "phrase_count",
            Certainty.CERTAIN,
            table.id,
            ", ".join(row.label for row in rows),
            printed=phrase.phrase,
            values={"n": sum(counts), "other": sum(in_table)},
            fits=(("total", {"total": str(sum(in_table))}),),
        )
    ]


def _misfit(phrase: PrintedPhrase, share: Decimal, catalogue: Sequence[Phrase]) -> Finding:
    better = list(dict.fromkeys(fitting(share, catalogue)))
    return Finding(
        "phrase",
        Certainty.LIKELY,
        phrase.table or "",
        phrase.row or "",
        printed=phrase.phrase,
        values={"words": phrase.words, "percent": f"percent:{round(share, 1)}"},
        fits=(("phrases", {"phrases": ", ".join(better)}),) if better else (),
    )
