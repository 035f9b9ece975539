"""Where the answers behind an earlier release stand in the one at hand.

They need not stand where they stood: what was last year's survey can be one
wave of a survey of two years, or a survey of another name, and some answer may
have been corrected since. A reader sees that by the same figures printed
again. The rows of the earlier release are rewritten as rows about that wave or
survey, so that equal counts become one; those that no longer agree are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.protection.catalogue import make_catalogue
from evaluation.protection.earlier import Relation, located, relation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evaluation.protection.catalogue import Catalogue
    from evaluation.protection.events import Event, Literal
    from evaluation.protection.links import Links
    from evaluation.tables.table import Table

    Row = Mapping[str, object]

FEW = 3
"""Equal counts of somebody that are no proof yet that two surveys are one."""
MOST = 0.5
"""Share of the counts that must be equal where some answers were corrected.

Of other persons hardly one count in ten is the same.
"""


@dataclass(frozen=True, slots=True)
class _Home:
    """A survey of the release at hand, or one wave of it."""

    survey: str
    wave: tuple[str, str] | None = None

    @property
    def literals(self) -> frozenset[Literal]:
        if self.wave is None:
            return frozenset()
        return frozenset({(self.wave[0], frozenset({self.wave[1]}))})

    def row(self, row: Row) -> Row:
        """Return a row of the earlier release as one about this home."""
        where = str(row["where"] or "")
        if self.wave is not None:
            clause = f'{self.wave[0]} == "{self.wave[1]}"'
            where = f"({where}) and {clause}" if where else clause
        return {**row, "survey": self.survey, "where": where}


@dataclass(frozen=True, slots=True)
class _Agreement:
    """How counts of a part of an earlier release agree with those at a home."""

    relation: Relation
    n_equal: int
    n_both: int
    differing: frozenset[Event]
    has_grown: bool

    @property
    def is_same(self) -> bool:
        return self.relation is Relation.SAME and self.n_equal >= FEW

    @property
    def is_corrected(self) -> bool:
        """Where an answer was changed, one count has shrunk and another has grown."""
        is_moved = self.relation is Relation.APART and self.has_grown
        return is_moved and self.n_equal >= max(FEW, MOST * self.n_both)


def placed(
    previous: Sequence[Sequence[Row]], tables: Sequence[Table], links: Links
) -> list[list[Row]]:
    """Return earlier releases as rows about the surveys and waves of the release at hand.

    Parameters
    ----------
    previous
        Per release the rows of its ``tables.csv``.
    tables
        The release at hand, unprotected.
    links
        Tells which variables are waves or occasions.

    Returns
    -------
    list of list
        Some releases in several parts, each about answers of its own.
    """
    if not previous:
        return []
    found: list[list[Row]] = []
    for release in previous:
        catalogue = make_catalogue(tables, links, [release])
        for survey in dict.fromkeys(str(row["survey"]) for row in release):
            own = [row for row in release if row["survey"] == survey]
            parts = _by_wave(own, survey, catalogue, links)
            found += [_at_home(part, survey, catalogue, links) for part in parts]
    return [rows for rows in found if rows]


def _by_wave(
    rows: list[Row], survey: str, catalogue: Catalogue, links: Links
) -> Iterator[list[Row]]:
    """Cut off the rows about a wave that is here as it was; what is about all waves may differ."""
    waves = links.waves.get(survey, ())
    if survey not in catalogue.spaces or not waves:
        yield rows
        return
    parts: dict[Literal | None, list[Row]] = {}
    for row, event in located(rows, survey, catalogue):
        about = sorted(event.literals) if event else ()
        wave = next((one for one in about if one[0] in waves and len(one[1]) == 1), None)
        parts.setdefault(wave, []).append(row)
    rest = parts.pop(None, [])
    for part in parts.values():
        found = _agreement(part, _Home(survey), catalogue)
        if found.relation is Relation.SAME:
            yield part
        elif found.is_corrected:
            yield list(_agreeing(part, _Home(survey), found, catalogue))
        else:
            rest += part
    yield rest


def _at_home(rows: list[Row], survey: str, catalogue: Catalogue, links: Links) -> list[Row]:
    homes = list(_homes(survey, catalogue, links))
    agreements = {home: _agreement(rows, home, catalogue) for home in homes}
    first = next((a for home, a in agreements.items() if home == _Home(survey)), None)
    if first and first.relation is Relation.SAME:
        return rows
    for home, agreement in agreements.items():
        if agreement.is_same:
            return [home.row(row) for row in rows]
    if first and first.relation is Relation.PART:
        return rows
    for home, agreement in agreements.items():
        if agreement.is_corrected:
            return [home.row(row) for row in _agreeing(rows, home, agreement, catalogue)]
    return rows


def _homes(survey: str, catalogue: Catalogue, links: Links) -> Iterator[_Home]:
    """Yield where the answers could be: first the survey of that name, then its waves."""
    for name in sorted(catalogue.spaces, key=lambda other: other != survey):
        yield _Home(name)
        for wave in links.waves.get(name, ()):
            domain = catalogue.spaces[name].domains.get(wave)
            yield from (_Home(name, (wave, code)) for code in (domain.options if domain else ()))


def _agreement(rows: Sequence[Row], home: _Home, catalogue: Catalogue) -> _Agreement:
    space = catalogue.spaces[home.survey]
    before: dict[Event, int] = {}
    for row, event in located([{**r, "survey": home.survey} for r in rows], home.survey, catalogue):
        if event is not None and row["n"] not in (None, ""):
            here = space.event([*event.literals, *home.literals])
            if here is not None:
                before[here] = int(str(row["n"]))
    now = {event: catalogue.counts[at] for event, at in catalogue.index.items() if event in before}
    some = [event for event, n in now.items() if n or before[event]]
    differing = frozenset(event for event in now if now[event] != before[event])
    has_grown = any(n > before[event] for event, n in now.items())
    n_equal = len(set(some) - differing)
    return _Agreement(relation(before, now), n_equal, len(some), differing, has_grown)


def _agreeing(
    rows: Sequence[Row], home: _Home, agreement: _Agreement, catalogue: Catalogue
) -> Iterator[Row]:
    """Yield the rows but those whose count is another one now."""
    space = catalogue.spaces[home.survey]
    moved = [{**row, "survey": home.survey} for row in rows]
    for row, (_, event) in zip(rows, located(moved, home.survey, catalogue), strict=True):
        here = event and space.event([*event.literals, *home.literals])
        if here not in agreement.differing:
            yield row
