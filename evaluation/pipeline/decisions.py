"""The evaluator's own account of what is hidden and why: never part of an output folder."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from evaluation.protection.audit import AuditPolicy
from evaluation.protection.audit_averaged import averaged
from evaluation.protection.audit_changed import CHANGING, read_changed
from evaluation.protection.audit_plain import place_of
from evaluation.protection.plain_rows import plain_rows
from evaluation.rendering.spreadsheet import guarded

if TYPE_CHECKING:
    from evaluation.protection.release import Release
    from evaluation.texts import Texts

COLUMNS = ("table", "row", "column", "status", "reason", "protects")


def decisions_csv(release: Release, texts: Texts) -> str:
    """Return every cell that is not shown with its true reason, in words.

    It tells which cells are small, so that it must not be published.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for d in release.internal_log:
        reason = texts.get(f"protection.reasons.{d.reason}")
        said = (d.table, d.row, d.column, d.status.value, reason, d.helps)
        writer.writerow([guarded(text) if isinstance(text, str) else text for text in said])
    return out.getvalue()


def decisions_summary(release: Release, texts: Texts) -> str:
    """Say how many counts are hidden, and how near that is to the fewest possible."""
    numbers = texts.numbers
    share = 100 * release.n_hidden / release.n_cells if release.n_cells else 0
    said = texts.get(
        "protection.summary_changed" if release.method in CHANGING else "protection.summary",
        hidden=numbers.number(release.n_hidden),
        cells=numbers.number(release.n_cells),
        share=numbers.number(round(share)),
        cost=numbers.number(release.cost),
        bound=numbers.number(release.bound),
    )
    if release.method in CHANGING:
        said += " " + _averaging(release, texts)
    if release.known:
        said += " " + texts.get("protection.known", count=numbers.number(len(release.known)))
    return said


def _averaging(release: Release, texts: Texts) -> str:
    """Say how near the mean over all cuts comes to the small count that it comes nearest."""
    rows = [row for table in release.tables for row in plain_rows(table)]
    policy = AuditPolicy.from_settings(release.settings)
    found = averaged(read_changed(rows, (), policy), policy)
    numbers = texts.numbers
    said = "" if found.is_whole else texts.get("protection.averaging_part") + " "
    if found.cell is None:
        return said + texts.get("protection.averaging_none")
    _, table, row, column = place_of(found.cell)
    return said + texts.get(
        "protection.averaging",
        place=f"{table} {row} {column}",
        looked=numbers.number(found.n_looked),
        readings=numbers.number(found.readings, 1),
        error=numbers.number(found.error, 1),
        chance=numbers.number(round(100 * found.chance)),
    )
