"""Suppression and audit in turn, until nothing can be derived: what is hidden next, and why.

First what came too near is given wider intervals, and what it was derived from
is hidden; then the cells around it. What still cannot be kept apart is not
published: a column of a group, then a whole table, the one that loses least
first. Only where nothing is left to withhold is a release refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from evaluation.model import TOTAL
from evaluation.protection.audit import AuditPolicy, audit_together
from evaluation.protection.audit_causes import causes
from evaluation.protection.audit_changed import CHANGING, FEW_ADDED, LARGEST
from evaluation.protection.audit_changed_causes import changed_causes
from evaluation.protection.audit_screen import screened
from evaluation.protection.audit_sheets import gather
from evaluation.protection.audit_weighted import Seen
from evaluation.protection.audit_weighted_question import COUNT, SHARE
from evaluation.protection.events import MISSING_KINDS
from evaluation.protection.methods import suppress as method
from evaluation.protection.methods.suppress import Further
from evaluation.protection.placed import placed
from evaluation.protection.plain_rows import plain_rows, sheet_of
from evaluation.protection.weighted import weights_tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from evaluation.codebook.schema import Protection
    from evaluation.protection.audit import Audited
    from evaluation.protection.decision_log import Place
    from evaluation.protection.methods.interface import Surroundings
    from evaluation.protection.perturbed import Changed
    from evaluation.protection.release import Leak, ProtectedTable, Release
    from evaluation.tables.table import Table

WIDER, AROUND, COLUMNS, DROP = "wider", "around", "columns", "drop"
ROUNDS = {WIDER: 6, AROUND: 3, COLUMNS: 3}
"""How often each remedy is tried before the next; tables are withheld until none is left."""


def suppress_until_safe(
    tables: Sequence[Table], policy: Protection, surroundings: Surroundings
) -> Release:
    """Suppress, attack with other code, and hide more until the attack fails.

    The whole is looked at only where looking near what must be hidden does not do.
    """
    previous = placed(surroundings.previous, tables, surroundings.links)
    known = replace(surroundings, previous=previous)  # the audit reads them itself
    near = method.suppress_near(tables, policy, known)
    if near is not None:
        found = audit_gate(near, surroundings)
        if not found.leaks:
            return replace(near, known=tuple(found.known))

    def choose(further: Further) -> Callable[[Further], Release]:
        return partial(method.issue, method.choose(tables, policy, known, further))

    return _Rounds(tables, choose, surroundings).run()


def hide_until_safe(changed: Changed, surroundings: Surroundings) -> Release:
    """Publish changed counts, attack, and hide some of them until the attack fails.

    No count is changed anew: another draw would be another reading of it.
    """
    rounds = _ChangedRounds(changed.tables, lambda _: changed.release, surroundings)
    rounds.limits = {**ROUNDS, WIDER: 20}
    return rounds.run()


@dataclass
class _Rounds:
    tables: Sequence[Table]
    choose: Callable[[Further], Callable[[Further], Release]]
    surroundings: Surroundings
    further: Further = field(default_factory=Further)
    tried: dict[str, int] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=lambda: ROUNDS)

    def run(self) -> Release:
        bound = 0
        before: set[Leak] = set()
        remedy = WIDER
        while True:
            release, found = self.without_telling_weights(self.choose(self.further))
            bound = bound or release.bound
            release = replace(release, bound=bound, known=tuple(found.known))
            if not found.leaks:
                return release
            self.further = replace(self.further, start=release.hidden)
            is_stuck = before == set(found.leaks)
            before = set(found.leaks)
            remedy = self.next_remedy(remedy, is_stuck=is_stuck)
            while not self.mend(remedy, release, found):
                if remedy == DROP:
                    return replace(release, leaks=tuple(found.leaks))
                remedy = self.next_remedy(remedy, is_stuck=True)

    def without_telling_weights(
        self, issue: Callable[[Further], Release]
    ) -> tuple[Release, Audited]:
        """Publish what is not hidden, without weighted figures that tell too much."""
        seen = Seen()
        while True:
            release = issue(self.further)
            found = audit_gate(release, self.surroundings, seen)
            if not found.figures:
                return release, found
            before = self.further
            self.further = before.unweighing(
                (place, kind)
                for kind in (COUNT, SHARE)
                for place in _places_of(
                    release,
                    self.tables,
                    {(f.table, f.row, f.column) for f in found.figures if f.kind == kind},
                )
            )
            if self.further == before:
                return release, found

    def next_remedy(self, remedy: str, *, is_stuck: bool) -> str:
        """Go on with a remedy while it helps and has not been tried too often."""
        order = (WIDER, AROUND, COLUMNS, DROP)
        self.tried[remedy] = self.tried.get(remedy, 0) + 1
        is_first = self.tried[remedy] == 1
        if remedy != DROP and (
            (is_stuck and not is_first) or self.tried[remedy] > self.limits[remedy]
        ):
            remedy = order[order.index(remedy) + 1]
        return remedy

    def mend(self, remedy: str, release: Release, found: Audited) -> bool:
        """Ask for more; False where that remedy has nothing to offer."""
        asked = self.further
        if remedy == WIDER:
            self.further = self.widened(release, found)
        elif remedy == AROUND:
            self.further = asked.hiding(_around(release, found.leaks, self.tables))
        elif remedy == COLUMNS:
            self.further = asked.hiding(self.column(release, found))
        else:
            self.further = asked.withholding(self.table(release, found))
        return self.further != asked

    def widened(self, release: Release, found: Audited) -> Further:
        """Ask for wider intervals, and hide what a count was derived from."""
        wider = dict(self.further.wider)
        own = [leak for leak in found.leaks if leak not in found.by_size]
        for place, more in _lacking(release, own, self.tables).items():
            wider[place] = wider.get(place, 0) + more
        policy = AuditPolicy.from_settings(release.settings)
        others = [
            leak
            for leak in found.leaks
            if (leak.source or leak.code != "narrow" or leak in found.by_size)
            and leak.code != "unclear"
        ]
        explained = causes(others, found.reading, policy)
        named = {place for places in explained.values() for place in places}
        places = set(_places_of(release, self.tables, named))
        return replace(self.further, wider=wider).hiding(places)

    def column(self, release: Release, found: Audited) -> set[Place]:
        """Hide, zeros included, the column that leaks name and that loses least.

        First in the tables that leaks name, then in all about the same question.
        """
        groups: dict[tuple[str, str], set[tuple[str, str]]] = {}
        for leak in found.leaks:
            variable, _, code = leak.column.partition(":")
            if code and code != TOTAL:
                about = (leak.table, leak.row.partition(":")[0])
                groups.setdefault((variable, code), set()).add(about)
        for is_everywhere in (False, True):
            losses = []
            for group, named in sorted(groups.items()):
                places = set(self._column_places(group, named, is_everywhere=is_everywhere))
                if places - self.further.besides:
                    losses.append((_shown_at(release, places), group, places))
            if losses:
                return min(losses, key=lambda one: one[:2])[2]
        return set()

    def _column_places(
        self, group: tuple[str, str], named: set[tuple[str, str]], *, is_everywhere: bool
    ) -> Iterator[Place]:
        ids, variables = {table for table, _ in named}, {variable for _, variable in named}
        for number, table in enumerate(self.tables):
            rows = [
                i
                for i, row in enumerate(table.rows)
                if row.code not in MISSING_KINDS
                and (table.id in ids or (is_everywhere and row.variable in variables))
            ]
            for j, column in enumerate(table.columns):
                if (column.variable, column.code) == group:
                    yield from ((number, i, j) for i in rows)

    def table(self, release: Release, found: Audited) -> int | None:
        """Choose the table to withhold: one that leaks name, and that loses least."""
        policy = AuditPolicy.from_settings(release.settings)
        named = {leak.table for leak in found.leaks if not leak.source}
        if not named:
            explained = causes(found.leaks, found.reading, policy)
            named = {place[0] for places in explained.values() for place in places}
        candidates = self._left(named) or self._left(self._akin(found.leaks))
        losses = [
            (_shown_at(release, self._all(number)), self.tables[number].id, number)
            for number in candidates
        ]
        return min(losses)[2] if losses else None

    def _left(self, named: set[str]) -> list[int]:
        return [
            number
            for number, table in enumerate(self.tables)
            if table.id in named and number not in self.further.withheld
        ]

    def _akin(self, leaks: Sequence[Leak]) -> set[str]:
        """Return the tables that share a variable with leaks."""
        names = {place.partition(":")[0] for leak in leaks for place in (leak.row, leak.column)} - {
            ""
        }
        return {
            table.id
            for table in self.tables
            if names & {*(r.variable for r in table.rows), *(c.variable for c in table.columns)}
        }

    def _all(self, number: int) -> set[Place]:
        table = self.tables[number]
        return {(number, i, j) for i in range(len(table.rows)) for j in range(len(table.columns))}


class _ChangedRounds(_Rounds):
    """Rounds over changed counts: what a count was derived from is hidden, never its own change."""

    def widened(self, release: Release, found: Audited) -> Further:
        """Hide what counts were derived from; withhold what only few new answers have changed."""
        few = {leak.table for leak in found.leaks if leak.code == FEW_ADDED}
        if few:
            return replace(self.further, withheld=self.further.withheld | set(self._left(few)))
        policy = AuditPolicy.from_settings(release.settings)
        if release.n_cells > LARGEST:  # programs over so much take too long: the whole column
            columns = {(leak.table, leak.column) for leak in found.leaks}
            listed = _cells(release, self.tables)
            return self.further.hiding(at for at, (t, _, c), n in listed if n and (t, c) in columns)
        named = changed_causes(found.leaks, found.reading, policy)
        return self.further.hiding(_places_of(release, self.tables, named))


def audit_gate(release: Release, surroundings: Surroundings, seen: Seen | None = None) -> Audited:
    """Attack a release as it is going to be published, together with earlier ones."""
    policy = AuditPolicy.from_settings(release.settings)
    published = [table for table in release.tables if not table.is_withheld]
    weights = [weighing.classes for weighing in surroundings.weighings]
    tell = weights_tell(published, surroundings.weighings)
    if surroundings.previous or tell or policy.method in CHANGING:
        rows = [row for table in published for row in plain_rows(table)]
        return audit_together(rows, policy, surroundings.previous, weights=weights, seen=seen)
    sheets = [sheet_of(table) for table in published]
    beside = gather(sheets)
    rows = [row for k in screened(sheets, beside, policy) for row in plain_rows(published[k])]
    return audit_together(rows, policy, (), beside, weights=weights)


# --- places -------------------------------------------------------------------------


def _cells(
    release: Release, tables: Sequence[Table]
) -> Iterator[tuple[Place, tuple[str, str, str], int | None]]:
    """Yield every cell that is printed: where it is, its names, its count."""
    for number, (table, gate) in enumerate(zip(tables, release.tables, strict=True)):
        names = [f"{column.variable}:{column.code}".lstrip(":") for column in table.columns]
        for i, line in zip(_kept(table, gate), gate.cells, strict=True):
            row = f"{table.rows[i].variable}:{table.rows[i].code}"
            for j, cell in enumerate(line):
                yield (number, i, j), (table.id, row, names[j]), cell.n


def _kept(table: Table, gate: ProtectedTable) -> list[int]:
    return [i for i, row in enumerate(table.rows) if row not in gate.dropped_rows]


def _places_of(
    release: Release, tables: Sequence[Table], named: set[tuple[str, str, str]]
) -> Iterator[Place]:
    return (place for place, names, _ in _cells(release, tables) if names in named)


def _shown_at(release: Release, places: set[Place]) -> int:
    """Count the places in which something is shown."""
    return sum(
        release.tables[number].cells[i][j].n is not None
        for number, gate in enumerate(release.tables)
        for i, line in enumerate(gate.cells)
        for j in range(len(line))
        if (number, i, j) in places
    )


def _lacking(
    release: Release, leaks: Sequence[Leak], tables: Sequence[Table]
) -> Mapping[Place, int]:
    """Return the cells whose intervals are too narrow, and by how much."""
    narrow = {(leak.table, leak.row, leak.column): leak for leak in leaks if not leak.source}
    return {
        place: max(1, narrow[names].required - (narrow[names].high - narrow[names].low))
        for place, names, _ in _cells(release, tables)
        if names in narrow
    }


def _around(release: Release, leaks: Sequence[Leak], tables: Sequence[Table]) -> set[Place]:
    """Return shown cells in the rows and columns of leaks."""
    rows = {(leak.table, leak.row) for leak in leaks if not leak.source}
    columns = {(leak.table, leak.column) for leak in leaks if not leak.source}
    return {
        place
        for place, (table, row, column), n in _cells(release, tables)
        if n and ((table, row) in rows or (table, column) in columns)
    }
