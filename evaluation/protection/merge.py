"""Merging before hiding: a coarser column variable where the finer one leaves holes.

A table by county that shows everything often says more than a table by
association with two fifths of its cells hidden. Where the policy declares a
coarser variable, it is tried first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from evaluation.model import RowKind
from evaluation.protection.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from evaluation.codebook.schema import Protection
    from evaluation.protection.links import Links
    from evaluation.tables.spec import TableSpec
    from evaluation.tables.table import Table


def merged(
    tables: Sequence[Table],
    policy: Protection,
    links: Links,
    rebuild: Callable[[TableSpec], Table],
    fine: Collection[TableSpec] = (),
) -> list[Table]:
    """Return the tables with column variables merged where that saves cells.

    A table is rebuilt with the coarser variable while it has small counts and
    a coarser variable is declared; of all steps the one with the smallest
    share of small cells is kept, the finest where several have it.

    Parameters
    ----------
    tables, policy, links
        See `protect`.
    rebuild
        Makes the table of another specification.
    fine
        Specifications of tables that stay as they are: an analysis, a unit's
        report or a comparison speaks of their groups.
    """
    rules = Rules(policy, links)
    return [t if t.spec in fine else _coarsened(t, rules, rebuild) for t in tables]


def _coarsened(table: Table, rules: Rules, rebuild: Callable[[TableSpec], Table]) -> Table:
    best, least = table, small_share(table, rules)
    current, tried = table, {table.spec.by}
    while least > 0:
        by = _coarser(current.spec, rules.policy.merge)
        if by in tried:
            break
        tried.add(by)
        current = replace(rebuild(replace(current.spec, by=by)), id=table.id)
        share = small_share(current, rules)
        if share < least:
            best, least = current, share
    return best


def _coarser(spec: TableSpec, steps: Mapping[str, str]) -> tuple[str, ...]:
    """Return the column variables, each one step coarser where the policy has a step."""
    found = []
    for name in spec.by:
        survey, _, coarser = steps.get(f"{spec.survey}.{name}", "").partition(".")
        found.append(coarser if survey == spec.survey else name)
    return tuple(dict.fromkeys(found))


def small_share(table: Table, rules: Rules) -> float:
    """Return the share of a table's options that are small counts, 0 to 1."""
    rows = [
        line
        for row, line in zip(table.rows, table.cells, strict=True)
        if row.kind in (RowKind.OPTION, RowKind.TOTAL)
    ]
    cells = [cell for line in rows for cell in line]
    return sum(rules.is_small(cell.n) for cell in cells) / len(cells) if cells else 0.0
