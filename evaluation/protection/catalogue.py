"""All cells of a release as distinct counts: which event each one shows, and on which base."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evaluation.model import TOTAL, RowKind
from evaluation.protection.earlier import earlier_domains
from evaluation.protection.events import MISSING_KINDS, YES, Domain, Event, Space, parent_variable
from evaluation.protection.filters import FilterReader
from evaluation.protection.groupings import add_sources, any_of, cuts_in, groupings
from evaluation.tables.spec import Percents

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from evaluation.protection.events import Literal
    from evaluation.protection.links import Links
    from evaluation.protection.near import Near
    from evaluation.tables.table import Table

IMPOSSIBLE = -1
"""In place of an event: the conditions exclude each other, nobody can be counted."""
Grid = tuple[tuple[int, ...], ...]


@dataclass(slots=True)
class Catalogue:
    """Distinct counts of a release.

    Attributes
    ----------
    spaces
        Survey -> its variables.
    readers
        Survey -> reader of its filters.
    events
        Event per distinct count.
    counts
        True count per distinct count.
    index
        Event -> position in ``events``.
    cells
        Per table, rows × columns: position of the cell's count, or `IMPOSSIBLE`.
    background
        (survey, variable) of what stands in columns and filters.
    bases
        Likewise for the base of the cell's percent; `IMPOSSIBLE` where it has none.
    near
        What of a large release is looked at, None for all of it. Elsewhere cells are
        `IMPOSSIBLE`: nothing is hidden there.
    """

    spaces: dict[str, Space] = field(default_factory=dict)
    readers: dict[str, FilterReader] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    index: dict[Event, int] = field(default_factory=dict)
    cells: list[Grid] = field(default_factory=list)
    bases: list[Grid] = field(default_factory=list)
    background: set[tuple[str, str]] = field(default_factory=set)
    near: Near | None = None
    _zeros: dict[tuple[str, Literal], set[int]] = field(default_factory=dict)

    def zeros_within(self, survey: str, group: Iterable[Literal]) -> set[int]:
        """Return the zeros among counts of a group of a survey's persons and of parts of it."""
        if not self._zeros:
            for at, event in enumerate(self.events):
                for literal in event.literals if self.counts[at] == 0 else ():
                    self._zeros.setdefault((event.survey, literal), set()).add(at)
        found = [self._zeros.get((survey, literal), set()) for literal in group]
        return set.intersection(*found) if found else set()

    def position(self, event: Event, n: int, table: int) -> int:
        """Return the position of a count, adding it where it is new.

        Two tables that disagree on what should be one number are not linked:
        the second one is kept as a count of its own.
        """
        at = self.index.get(event)
        if at is not None and self.counts[at] != n:
            event = event.with_((f"~table {table}", YES))
            at = self.index.get(event)
        if at is None:
            at = self.index[event] = len(self.events)
            self.events.append(event)
            self.counts.append(n)
        return at


def make_catalogue(
    tables: Sequence[Table],
    links: Links,
    previous: Sequence[Sequence[Mapping[str, object]]] = (),
) -> Catalogue:
    """Find the distinct counts of a release.

    Parameters
    ----------
    tables
        Everything that is published together.
    links
        What a reader knows of the variables beside the tables.
    previous
        Rows of earlier releases, whose variables and filters are to be known too.
    """
    return fill(read_variables(tables, links, previous), tables)


def read_variables(
    tables: Sequence[Table],
    links: Links,
    previous: Sequence[Sequence[Mapping[str, object]]] = (),
) -> Catalogue:
    """Return a catalogue that knows the variables of a release, but no counts yet."""
    catalogue = Catalogue()
    for survey in dict.fromkeys(table.spec.survey for table in tables):
        own = [table for table in tables if table.spec.survey == survey]
        domains = _domains(own, links)
        filters = [table.spec.where for table in own]
        for rows in previous:
            earlier_domains(rows, survey, domains)
            filters += [str(row["where"] or "") for row in rows if row["survey"] == survey]
        asked = [links.asked_if.get(f"{survey}.{name}", "") for name in domains]
        add_sources(domains, survey, links)
        reader = FilterReader(
            [*filters, *asked],
            domains,
            cuts_in(domains, survey, links),
            grids=links.grids(survey),
            multiple=links.multiple_in(survey),
        )
        space = Space(survey, reader.domains)
        space.groupings.update(groupings(space, reader, links))
        space.any_of.update(any_of(space, links))
        catalogue.readers[survey], catalogue.spaces[survey] = reader, space
    return catalogue


def fill(catalogue: Catalogue, tables: Sequence[Table], near: Near | None = None) -> Catalogue:
    """Add the counts of a release to a catalogue, or only those that are near."""
    catalogue.near = near
    for number, table in enumerate(tables):
        _add_table(catalogue, table, number)
    return catalogue


# --- variables --------------------------------------------------------------------


def _domains(tables: Iterable[Table], links: Links) -> dict[str, Domain]:
    domains: dict[str, Domain] = {}
    overlapping: set[str] = set()
    for table in tables:
        for row in table.rows:
            domain = domains.setdefault(row.variable, Domain())
            domain.is_multiple |= table.is_multiple
            if row.kind is RowKind.OPTION:
                domain.options[row.code] = row.label
        for column in table.columns:
            if column.variable:
                domain = domains.setdefault(column.variable, Domain())
                if column.code != TOTAL:
                    domain.options[column.code] = column.label
        overlapping |= _overlapping_columns(table)
    survey = next(iter(tables)).spec.survey
    for name, domain in domains.items():
        domain.is_multiple |= name in overlapping or f"{survey}.{name}" in links.multiple
    return domains


def _overlapping_columns(table: Table) -> set[str]:
    """Column variables whose categories add up to more than their margin."""
    found = set()
    for variable in table.spec.by:
        own = [j for j, column in enumerate(table.columns) if column.variable == variable]
        margins = [j for j in own if table.columns[j].code == TOTAL]
        for row in table.cells:
            if margins and sum(row[j].n for j in own) > 2 * row[margins[0]].n:
                found.add(variable)
    return found


# --- cells ------------------------------------------------------------------------


def _add_table(catalogue: Catalogue, table: Table, number: int) -> None:
    near: Collection[int] = range(len(table.columns))
    if catalogue.near is not None:
        near = catalogue.near.columns.get(number, frozenset())
    if not near:
        nothing = ((IMPOSSIBLE,) * len(table.columns),) * len(table.rows)
        catalogue.cells.append(nothing)
        catalogue.bases.append(nothing)
        return
    survey = table.spec.survey
    space = catalogue.spaces[survey]
    where = catalogue.readers[survey].literals(table.spec.where)
    columns = [space.column(column, table.spec.margin) for column in table.columns]
    outer = [*where, *(column for column in columns if column)]
    catalogue.background.update((survey, parent_variable(variable)) for variable, _ in outer)
    grid = []
    for row, cells in zip(table.rows, table.cells, strict=True):
        own = [*where, space.row(row)]
        grid.append(
            tuple(
                _locate(catalogue, space, own, column, (cell.n, number))
                if j in near
                else IMPOSSIBLE
                for j, (column, cell) in enumerate(zip(columns, cells, strict=True))
            )
        )
    catalogue.cells.append(tuple(grid))
    catalogue.bases.append(_bases(table, catalogue.cells[-1]))


def _locate(
    catalogue: Catalogue,
    space: Space,
    literals: list[Literal],
    column: Literal | None,
    shown: tuple[int, int],
) -> int:
    event = space.event([*literals, column] if column else literals)
    return IMPOSSIBLE if event is None else catalogue.position(event, *shown)


def _bases(table: Table, grid: Grid) -> Grid:
    """Return where each cell's base stands, as positions of distinct counts."""
    totals = {row.variable: i for i, row in enumerate(table.rows) if row.code == TOTAL}
    margins = {c.variable: j for j, c in enumerate(table.columns) if c.code == TOTAL}
    bases = []
    for i, row in enumerate(table.rows):
        line = []
        for j, column in enumerate(table.columns):
            total, margin = totals.get(row.variable, i), margins.get(column.variable, j)
            place = {
                Percents.COLUMN: (total, j),
                Percents.ROW: (i, margin),
                Percents.TOTAL: (total, margin),
            }[table.spec.percents]
            has_percent = row.code not in MISSING_KINDS
            line.append(grid[place[0]][place[1]] if has_percent else IMPOSSIBLE)
        bases.append(tuple(line))
    return tuple(bases)
