"""Which variables group which, so that a county is the set of its units in every event.

Two variables that group the same answers are tied by these also where the
answers themselves stand in no table: these are added then, as codes that
nobody prints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.protection.derived import OTHERS
from evaluation.protection.events import Domain
from evaluation.protection.filters import as_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evaluation.protection.events import Codes, Space
    from evaluation.protection.filters import FilterReader
    from evaluation.protection.links import Links

    Grouping = tuple[str, dict[str, Codes]]

NOT_ASKED = "not_asked"


def add_sources(domains: dict[str, Domain], survey: str, links: Links) -> None:
    """Add what stands in no table but what two or more variables of the tables group.

    Parameters
    ----------
    domains
        Variables of the tables; added to.
    survey, links
        Where the derived variables come from.
    """
    users: dict[str, set[str]] = {}
    for name in domains:
        at = f"{survey}.{name}"
        while at in links.recodes:
            at = links.recodes[at][0]
            users.setdefault(at, set()).add(name)
    for source, names in users.items():
        own = source.partition(".")[2]
        if own not in domains and len(names) > 1 and source not in links.multiple:
            groups = [groups for at, groups in links.recodes.values() if at == source]
            codes = (code for each in groups for members in each.values() for code in members)
            domains[own] = Domain({code: code for code in codes})


def cuts_in(
    domains: Mapping[str, Domain], survey: str, links: Links
) -> list[tuple[str, tuple[float, ...]]]:
    """Return the number and the bounds of each variable of the tables that cuts one.

    A number that is printed value by value is cut at each of them.
    """
    found = []
    for name in domains:
        number, bounds = links.cuts.get(f"{survey}.{name}", ("", {}))
        if number:
            found.append((number.partition(".")[2], tuple(low for low, _ in bounds.values())))
    for number in {number for number, _ in found} & set(domains):
        values = map(as_number, domains[number].options)
        found.append((number, tuple(value for value in values if value is not None)))
    return found


def groupings(space: Space, reader: FilterReader, links: Links) -> dict[str, Grouping]:
    """Return variable -> the variable that it groups, code -> codes of that.

    Declared recodes first, then cuts of numbers, then the hierarchy of units.
    """
    found: dict[str, Grouping] = {}
    for name in list(space.domains):
        grouping = (
            _recode(name, space, links)
            or _cut(name, space, reader, links)
            or _values(name, space, reader)
            or _finest(name, space, links.hierarchy)
        )
        if grouping:
            found[name] = grouping
    return found


def any_of(space: Space, links: Links) -> dict[str, Grouping]:
    """Return derived multiple-answer question -> its source, code -> codes of that."""
    found: dict[str, Grouping] = {}
    for name, domain in space.domains.items():
        source, groups = links.recodes.get(f"{space.survey}.{name}", ("", {}))
        if source and domain.is_multiple:
            own = source.partition(".")[2]
            listed = space.domains[own].options if own in space.domains else _named(groups)
            found[name] = own, _members(groups, frozenset(listed))
    return found


def _named(groups: Mapping[str, Iterable[str]]) -> Codes:
    return frozenset(code for codes in groups.values() for code in codes) - {OTHERS}


def _members(groups: Mapping[str, Iterable[str]], listed: Codes) -> dict[str, Codes]:
    """Return code -> those codes of the source that the tables list."""
    named = _named(groups)
    return {
        code: (frozenset(codes) & listed) | (listed - named if OTHERS in codes else frozenset())
        for code, codes in groups.items()
    }


def _recode(name: str, space: Space, links: Links) -> Grouping | None:
    declared = links.recodes.get(f"{space.survey}.{name}")
    if declared is None:
        return None
    source = declared[0].partition(".")[2]
    if source not in space.domains or space.domains[source].is_multiple:
        return None
    listed = frozenset(space.domains[source].options)
    return _whole(name, source, _members(declared[1], listed), space)


def _cut(name: str, space: Space, reader: FilterReader, links: Links) -> Grouping | None:
    number, bounds = links.cuts.get(f"{space.survey}.{name}", ("", {}))
    if not number:
        return None
    source, pieces = reader.pieces(number.partition(".")[2])
    members = {
        code: frozenset(
            piece
            for piece, value in pieces.items()
            if low <= value and (high is None or value < high)
        )
        for code, (low, high) in bounds.items()
    }
    if not pieces:
        return None
    for code in space.domains[name].options:
        if not members.get(code):  # printed value by value, and none of these is in the group
            members[code] = frozenset({f"~none {name} {code}"})
            space.domains[source].options[f"~none {name} {code}"] = ""
    return _whole(name, source, members, space)


def _values(name: str, space: Space, reader: FilterReader) -> Grouping | None:
    """Tie a number that is printed value by value to what cuts it."""
    if not reader.limits.get(name) or space.domains[name].is_multiple:
        return None
    source, pieces = reader.pieces(name)
    at = {value: piece for piece, value in pieces.items()}
    numbers = {code: as_number(code) for code in space.domains[name].options}
    members = {code: frozenset({at[v]}) for code, v in numbers.items() if v in at}
    return _whole(name, source, members, space) if pieces else None


def _whole(name: str, source: str, members: dict[str, Codes], space: Space) -> Grouping | None:
    """Return a grouping with which every code of the tables has something that it groups."""
    if not all(members.get(code) for code in space.domains[name].options):
        return None
    left = frozenset(space.domains[source].options).difference(*members.values())
    # Answers that no group takes count as not asked.
    return source, {**members, NOT_ASKED: left | {NOT_ASKED}}


def _finest(
    name: str, space: Space, hierarchy: Mapping[str, str]
) -> tuple[str, dict[str, Codes]] | None:
    """Return the variable with most codes whose codes belong to those of ``name``."""
    domains = space.domains
    own = domains[name].options
    best: tuple[str, dict[str, Codes]] | None = None
    for other, domain in domains.items():
        if other == name or len(domain.options) < len(own) or domain.is_multiple:
            continue
        members: dict[str, set[str]] = {code: set() for code in own}
        for code in domain.options:
            place = f"{space.survey}.{other}={code}"
            above = _ancestor(place, f"{space.survey}.{name}", hierarchy)
            if above is not None and above in members:
                members[above].add(code)
        n_grouped = sum(map(len, members.values()))
        is_finer = best is None or len(domain.options) > len(domains[best[0]].options)
        if 2 * n_grouped >= len(domain.options) and is_finer:
            best = (other, {code: frozenset(codes) for code, codes in members.items()})
    return best


def _ancestor(at: str | None, wanted: str, hierarchy: Mapping[str, str]) -> str | None:
    """Walk up the hierarchy from ``survey.variable=code`` to a code of the wanted variable."""
    for _ in range(len(hierarchy)):
        at = hierarchy.get(at) if at is not None else None
        if at is None:
            return None
        if at.startswith(f"{wanted}="):
            return at.partition("=")[2]
    return None
