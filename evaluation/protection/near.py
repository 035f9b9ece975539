"""Which tables of a large release have anything to do with what has to be hidden.

In a thousand crosstabs a handful of counts is small. A table that shows
everything, and shares no two variables with one that does not, says of that
one no more than its margins do: of such tables the method looks at the margins
of those about the same question, and at one that tells how many there are in
each column. What it leaves out it takes to say nothing; the audit, which knows
nothing of this choice, has the last word.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from evaluation.model import TOTAL, RowKind
from evaluation.protection.events import MISSING_KINDS, Event, parent_variable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.protection.catalogue import Catalogue
    from evaluation.protection.events import Literal
    from evaluation.protection.rules import Rules
    from evaluation.tables.table import Table

    Ints = NDArray[np.int64]

WORTH_CHOOSING = 20_000
"""Cells of a release from which on tables are left out of the system."""
LARGEST_SHARE = 0.5
"""Share of the cells above which nothing is left out: it would not be worth it."""


@dataclass(frozen=True, slots=True)
class Near:
    """What of a release is looked at.

    Attributes
    ----------
    columns
        Table -> its columns that are looked at.
    n_beyond
        Distinct counts that stand only in what is left out.
    totals
        Counts of all who answered that what is left out shows.
    """

    columns: Mapping[int, frozenset[int]]
    n_beyond: int = 0
    totals: frozenset[Event] = field(default_factory=frozenset)


def near_tables(
    tables: Sequence[Table],
    catalogue: Catalogue,
    rules: Rules,
) -> Near | None:
    """Choose what of a release has to do with what must be hidden.

    Parameters
    ----------
    tables
        The release.
    catalogue
        Its variables and the readers of its filters.
    rules
        The policy.

    Returns
    -------
    Near or None
        None where all of it has, or where it is small. Not to be asked where
        weighted figures tell something: their sums tie counts over tables.
    """
    n_cells = sum(len(table.rows) * len(table.columns) for table in tables)
    if n_cells < WORTH_CHOOSING:
        return None
    chosen = _Choice(tables, catalogue, rules).columns()
    n_near = sum(len(tables[number].rows) * len(own) for number, own in chosen.items())
    if n_near > LARGEST_SHARE * n_cells:
        return None
    return Near(chosen, *_Beyond(tables, catalogue, chosen).count())


def may_hide(table: Table, rules: Rules) -> bool:
    """Tell whether the policy may have something to hide in a table; rather too often."""
    least = 0 if rules.policy.zeros != "shown" else 1
    threshold = rules.threshold
    if any(least <= cell.n < threshold for line in table.cells for cell in line):
        return True
    if not rules.policy.dominance:
        return False
    insider = int(rules.policy.insider)
    totals = {
        row.variable: line
        for row, line in zip(table.rows, table.cells, strict=True)
        if row.code == TOTAL
    }
    return any(
        0 < total.n <= cell.n + insider
        for row, line in zip(table.rows, table.cells, strict=True)
        if row.kind in (RowKind.OPTION, RowKind.NET) and row.variable in totals
        for cell, total in zip(line, totals[row.variable], strict=True)
    )


class _Choice:
    """Variables of tables, and which tables share them."""

    def __init__(self, tables: Sequence[Table], catalogue: Catalogue, rules: Rules) -> None:
        self.tables, self.rules = tables, rules
        self.spaces = catalogue.spaces
        readers = catalogue.readers
        self.filters = [
            self.roots(t.spec.survey, readers[t.spec.survey].literals(t.spec.where)) for t in tables
        ]
        self.asked = {
            survey: {
                self.root(survey, name): self.roots(survey, readers[survey].literals(text))
                for name in space.domains
                if (text := rules.links.asked_if.get(f"{survey}.{name}"))
            }
            for survey, space in self.spaces.items()
        }
        self.variables = list(map(self._variables, range(len(tables))))

    def root(self, survey: str, variable: str) -> str:
        """Return the finest variable that a variable groups, printed or not."""
        name = parent_variable(variable)
        groupings, links, met = self.spaces[survey].groupings, self.rules.links, {""}
        while name not in met:
            met.add(name)
            place = f"{survey}.{name}"
            if name in groupings:
                name = groupings[name][0]
            elif place in links.recodes:
                name = links.recodes[place][0].partition(".")[2]
            elif place in links.cuts:
                name = f"~{links.cuts[place][0]}"
        return name

    def roots(self, survey: str, literals: Iterable[Literal]) -> frozenset[str]:
        return frozenset(self.root(survey, variable) for variable, _ in literals)

    def columns(self) -> dict[int, frozenset[int]]:
        """Return the columns of each table that are near."""
        dirty = {n for n, table in enumerate(self.tables) if may_hide(table, self.rules)}
        chosen: dict[int, set[int]] = {n: set(range(len(self.tables[n].columns))) for n in dirty}
        about = {(self.tables[n].spec.survey, self.variables[n]) for n in dirty}
        for survey, own in about:
            related = own | self.related(survey, own)
            for number, table in enumerate(self.tables):
                is_akin = table.spec.survey == survey and related & self.variables[number]
                if is_akin and number not in dirty:
                    chosen.setdefault(number, set()).update(self.shared(number, related))
        for number in self.supply(dirty):
            chosen[number] = set(range(len(self.tables[number].columns)))
        return {n: frozenset(found) for n, found in chosen.items() if found}

    def _variables(self, number: int) -> frozenset[str]:
        """Return all variables that a table is about."""
        table = self.tables[number]
        names = {row.variable for row in table.rows} | {c.variable for c in table.columns} - {""}
        return frozenset(self.root(table.spec.survey, n) for n in names) | self.filters[number]

    def related(self, survey: str, own: frozenset[str]) -> frozenset[str]:
        """Return what decides who was asked about some variables, and what these decide."""
        found: set[str] = set()
        for name, filters in self.asked[survey].items():
            if name in own:
                found |= filters
            if filters & own:
                found.add(name)
        return frozenset(found)

    def shared(self, number: int, about: frozenset[str]) -> set[int]:
        """Return the columns of a table that have to do with some variables.

        All that share two of them, or hold nothing else, and the margins of
        those that share the question in the rows.
        """
        table, found = self.tables[number], set()
        survey = table.spec.survey
        rows = {self.root(survey, row.variable) for row in table.rows}
        for j, column in enumerate(table.columns):
            around = self.filters[number]
            if column.variable:
                around |= {self.root(survey, column.variable)}
            for row in rows:
                own = around | {row}
                is_margin = column.code == TOTAL and row in about
                if is_margin or len(own & about) > 1 or own <= about:
                    found.add(j)
        return found

    def supply(self, dirty: Collection[int]) -> set[int]:
        """Return a table for each column variable and filter that tells how many there are."""
        wanted = {
            (
                self.tables[n].spec.survey,
                self.tables[n].spec.where,
                name,
                self.tables[n].spec.margin,
            )
            for n in dirty
            for name in ("", *self.tables[n].spec.by)
        }
        found: dict[object, int] = {}
        for number, table in enumerate(self.tables):
            spec = table.spec
            places = {(spec.survey, spec.where, name, spec.margin) for name in spec.by or ("",)}
            if number not in dirty and (places & wanted) - found.keys() and _tells_all(table):
                found |= dict.fromkeys((places & wanted) - found.keys(), number)
        return set(found.values())


def _tells_all(table: Table) -> bool:
    """Tell whether all kinds of missing answers stand beside those who answered."""
    codes = {row.code for row in table.rows if row.variable == table.rows[0].variable}
    return {*MISSING_KINDS, TOTAL} <= codes


class _Beyond:
    """Counts, without equations, what is left out."""

    def __init__(
        self, tables: Sequence[Table], catalogue: Catalogue, near: Mapping[int, frozenset[int]]
    ) -> None:
        self.tables, self.near = tables, near
        self.spaces, self.readers = catalogue.spaces, catalogue.readers
        self.numbers: dict[tuple[str, Literal], int] = {}
        self.alone: dict[tuple[str, Literal], Event | None] = {}
        self.totals: set[Event] = set()
        self.pairs: tuple[list[Ints], list[Ints]] = ([], [])
        self.others: tuple[set[Event], set[Event]] = (set(), set())

    def count(self) -> tuple[int, frozenset[Event]]:
        """Return how many distinct counts stand only in what is left out, and its totals."""
        for number in range(len(self.tables)):
            self._add(number)
        inside, outside = (np.concatenate([np.empty(0, int), *found]) for found in self.pairs)
        n_pairs = len(np.setdiff1d(outside, inside))
        return n_pairs + len(self.others[1] - self.others[0]), frozenset(self.totals)

    def _add(self, number: int) -> None:
        table, chosen = self.tables[number], self.near.get(number, frozenset())
        survey = table.spec.survey
        space = self.spaces[survey]
        where = self.readers[survey].literals(table.spec.where)
        rows = [space.row(row) for row in table.rows]
        for j, column in enumerate(table.columns):
            literal = space.column(column, table.spec.margin)
            around = space.event([*where, literal] if literal else where)
            if around is None:
                continue
            side = int(j not in chosen)
            simple = []
            for row, own in zip(table.rows, rows, strict=True):
                alone = self._event(survey, own)
                if alone is None:
                    continue
                if row.code == TOTAL and side and not literal:
                    event = space.event([*where, own])
                    self.totals |= {event} if event else set()
                if _is_simple(alone, around):
                    simple += [self._number(alone)]
                elif (event := space.event([*around.literals, own])) is not None:
                    self._keep(event, side)
            if simple:
                self.pairs[side].append(_pairs(np.array(simple), self._number(around)))

    def _event(self, survey: str, own: Literal) -> Event | None:
        if (survey, own) not in self.alone:
            self.alone[survey, own] = self.spaces[survey].event([own])
        return self.alone[survey, own]

    def _number(self, event: Event) -> int:
        """Number the conditions met; 0 is none, apart for each survey."""
        (literal,) = event.literals or (("", frozenset[str]()),)
        return self.numbers.setdefault((event.survey, literal), len(self.numbers))

    def _keep(self, event: Event, side: int) -> None:
        if len(event.literals) > 2:
            self.others[side].add(event)
            return
        numbers = [self._number(Event(event.survey, frozenset({one}))) for one in event.literals]
        numbers += [self._number(Event(event.survey, frozenset()))] * (2 - len(numbers))
        self.pairs[side].append(_pairs(np.array(numbers[:1]), numbers[1]))


def _is_simple(alone: Event, around: Event) -> bool:
    """Tell whether two events are about different variables, one or none in each."""
    if len(alone.literals) > 1 or len(around.literals) > 1:
        return False
    names = [
        parent_variable(variable) for event in (alone, around) for variable, _ in event.literals
    ]
    return len(set(names)) == len(names)


def _pairs(numbers: Ints, other: int) -> Ints:
    """Return one number for each pair, whichever of the two comes first."""
    pairs: Ints = np.minimum(numbers, other) * 2**32 + np.maximum(numbers, other)
    return pairs
