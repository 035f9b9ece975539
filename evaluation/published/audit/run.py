"""One audit of all tables and phrases of a report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from evaluation.published.audit.between import check_between
from evaluation.published.audit.expected import check_expected
from evaluation.published.audit.model import DEFAULT_LIMIT, Audit, Certainty, Finding
from evaluation.published.audit.percents import check_percents
from evaluation.published.audit.reading import UNKNOWN, figures, series_of
from evaluation.published.audit.sums import check_sums
from evaluation.published.audit.wording import check_phrases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.published.audit.reading import Figure
    from evaluation.published.schema import PrintedTable, Published
    from evaluation.published.words import Words
    from evaluation.texts import Phrase


def audit(
    published: Published,
    words: Words,
    catalogue: Sequence[Phrase] = (),
    *,
    limit: int = DEFAULT_LIMIT,
) -> Audit:
    """List what cannot be right in printed tables, with no answers at hand.

    Parameters
    ----------
    published
        Tables and phrases as printed.
    words
        What totals, bases, counts and percents are called.
    catalogue
        Phrases with the ranges of percents that they fit.
    limit
        Largest base to try where none is printed.
    """
    findings: list[Finding] = []
    readings = []
    found = {table.id: figures(table, words) for table in published.tables}
    for table in published.tables:
        own = found[table.id]
        more, read = check_percents(table, series_of(table, own), limit)
        more += check_sums(table, own, words)
        more += check_expected(table, own, words)
        more += _unreadable(table, own)
        findings += [replace(f, page=table.page or "", line=table.line) for f in more]
        readings += read
    tables = {table.id: table for table in published.tables}
    between = check_between(published.tables, found, words)
    phrases, checked = check_phrases(published.phrases, tables, catalogue)
    findings += [_placed(f, tables.get(f.table)) for f in (*between, *phrases)]
    order = {table.id: i for i, table in enumerate(published.tables)}
    findings.sort(key=lambda f: order.get(f.table, len(order)))
    return Audit(
        report=published.report,
        findings=tuple(findings),
        readings=tuple(readings),
        tables=len(published.tables),
        figures=sum(f.value is not None for own in found.values() for f in own),
        phrases=checked,
    )


def _placed(finding: Finding, table: PrintedTable | None) -> Finding:
    if table is None:
        return finding
    return replace(finding, page=table.page or "", line=table.line)


def _unreadable(table: PrintedTable, own: Sequence[Figure]) -> list[Finding]:
    """Cells that are neither a number nor a sign for none."""
    return [
        Finding("unreadable", Certainty.NOTE, table.id, f.row, f.place, f.text)
        for f in own
        if f.value is None and not f.is_empty and f.text.strip() not in UNKNOWN
    ]
