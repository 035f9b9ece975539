"""The gate: all tables of a release go in together, protected tables come out.

Everything that is published at once must pass here at once, because linked
tables give each other away.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from evaluation.protection.links import Links
from evaluation.protection.methods.interface import Surroundings
from evaluation.protection.methods.none import pass_all

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from evaluation.codebook.schema import Protection
    from evaluation.protection.cuts import Proofs
    from evaluation.protection.methods.interface import Method
    from evaluation.protection.methods.suppress import Place
    from evaluation.protection.release import Leak, Release
    from evaluation.tables.spec import TableSpec
    from evaluation.tables.table import Table

WIDENINGS, AROUND, TABLES, LINKED = 4, 7, 9, 11
"""Rounds of audit and further suppression. In the first ones the intervals that were
too narrow are widened, in the next ones the cells around them go, then their whole
tables, in the last ones all tables that share a variable with these; then a release
is given up."""


def protect(
    tables: Sequence[Table],
    policy: Protection,
    *,
    links: Links | None = None,
    previous: Sequence[Sequence[Mapping[str, object]]] = (),
    rebuild: Callable[[TableSpec], Table] | None = None,
    record_keys: Callable[[Sequence[Table]], Sequence[Table]] | None = None,
    fine: Collection[TableSpec] = (),
) -> Release:
    """Protect the tables of one release together.

    Parameters
    ----------
    tables
        Everything that is going to be published at once.
    policy
        From ``study.yaml``.
    links
        What a reader knows of the variables: hierarchy of units, recodes, who
        was asked what; see `links_from_codebooks`.
    previous
        Earlier releases that a reader may hold beside this one, each as the
        rows of its ``tables.csv``.
    rebuild
        Makes the table of another specification; needed where the policy
        declares coarser variables to ``merge`` into.
    record_keys
        Makes tables with sums of respondents' keys as weighted counts, for
        noise that is the same for the same persons.
    fine
        Specifications of tables that are not merged; see `merged`.

    Returns
    -------
    Release
        Tables in the order given. Where ``leaks`` is not empty the release
        must not be published.
    """
    if policy.method == "none":
        return pass_all(tables, policy, Surroundings())
    surroundings = Surroundings(links or Links(), previous)
    listed = list(tables)
    if rebuild and policy.merge:
        from evaluation.protection.merge import merged

        listed = merged(tables, policy, surroundings.links, rebuild, fine)
    if policy.method == "suppress":
        return _suppress_and_audit(listed, policy, surroundings)
    if record_keys:
        surroundings = replace(surroundings, keyed=record_keys(listed))
    return _method(policy.method)(listed, policy, surroundings)


def raw(tables: Sequence[Table]) -> Release:
    """Let everything through for the evaluator's own eyes, marked as raw."""
    return pass_all(tables, None, Surroundings())


def _method(key: str) -> Method:
    """Return a method by its key in the policy; imported when asked for."""
    if key == "round":
        from evaluation.protection.methods.rounding import round_counts

        return round_counts
    from evaluation.protection.methods.cell_key import cell_key

    return cell_key


def _suppress_and_audit(
    tables: Sequence[Table],
    policy: Protection,
    surroundings: Surroundings,
) -> Release:
    """Suppress, attack with other code, and hide more until the attack fails."""
    from evaluation.protection.methods.suppress import suppress

    wider: dict[Place, int] = {}
    besides: set[Place] = set()
    start: frozenset[int] | None = None
    proofs: Proofs = {}
    bound = 0
    before: set[Leak] = set()
    attempt = 0
    while True:
        release = suppress(
            tables, policy, surroundings, besides=besides, wider=wider, start=start, proofs=proofs
        )
        bound = bound or release.bound
        start = release.hidden
        leaks = audit(release, surroundings.previous)
        if not leaks or attempt >= LINKED:
            return replace(release, bound=bound, leaks=tuple(leaks))
        if before == set(leaks):  # this way leads no further: take the next
            attempt = next(s for s in (WIDENINGS, AROUND, TABLES, LINKED) if s > attempt)
        before = set(leaks)
        if attempt < WIDENINGS:
            for place, more in _lacking(release, leaks, tables).items():
                wider[place] = wider.get(place, 0) + more
        else:
            besides |= (
                _around(release, leaks, tables, whole_table=attempt >= AROUND)
                if attempt < TABLES
                else _linked(leaks, tables)
            )
        attempt += 1


def audit(release: Release, previous: Sequence[Sequence[Mapping[str, object]]] = ()) -> list[Leak]:
    """Attack a release as it is going to be published, together with earlier ones."""
    from evaluation.protection.audit import AuditPolicy, audit_release

    rows = _rows(release)
    others = {str(number): list(earlier) for number, earlier in enumerate(previous)}
    return audit_release(rows, AuditPolicy.from_settings(release.settings), others=others)


def _rows(release: Release) -> list[dict[str, object]]:
    from evaluation.protection.plain_rows import plain_rows

    return [row for table in release.tables for row in plain_rows(table)]


def _lacking(release: Release, leaks: Sequence[Leak], tables: Sequence[Table]) -> dict[Place, int]:
    """Return the cells whose intervals are too narrow, and by how much."""
    narrow = {(leak.table, leak.row, leak.column): leak for leak in leaks if not leak.source}
    found = {}
    for number, table in enumerate(tables):
        for i, row in enumerate(table.rows):
            for j, column in enumerate(table.columns):
                name = f"{column.variable}:{column.code}".lstrip(":")
                leak = narrow.get((table.id, f"{row.variable}:{row.code}", name))
                if leak and row not in release.tables[number].dropped_rows:
                    found[number, i, j] = max(1, leak.required - (leak.high - leak.low))
    return found


def _around(
    release: Release, leaks: Sequence[Leak], tables: Sequence[Table], *, whole_table: bool
) -> set[Place]:
    """Return shown cells in the rows and columns of leaks, or in their whole tables."""
    places: set[Place] = set()
    for number, (table, gate) in enumerate(zip(tables, release.tables, strict=True)):
        own = [leak for leak in leaks if leak.table == table.id and not leak.source]
        rows = {leak.row for leak in own}
        columns = {leak.column for leak in own}
        kept = [i for i, row in enumerate(table.rows) if row not in gate.dropped_rows]
        for i, line in zip(kept, gate.cells, strict=True):
            row = f"{table.rows[i].variable}:{table.rows[i].code}"
            for j, cell in enumerate(line):
                column = f"{table.columns[j].variable}:{table.columns[j].code}".lstrip(":")
                is_near = bool(cell.n) and (row in rows or column in columns)
                if own and (is_near or whole_table):
                    places.add((number, i, j))
    return places


def _linked(leaks: Sequence[Leak], tables: Sequence[Table]) -> set[Place]:
    """Return all cells of the tables that share a variable with those of leaks."""
    named = {leak.table for leak in leaks}
    used = {
        (table.spec.survey, name)
        for table in tables
        if table.id in named
        for name in (table.spec.question, *table.spec.by)
    }
    return {
        (number, i, j)
        for number, table in enumerate(tables)
        if used & {(table.spec.survey, name) for name in (table.spec.question, *table.spec.by)}
        for i in range(len(table.rows))
        for j in range(len(table.columns))
    }
