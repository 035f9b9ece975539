"""Earlier releases as knowledge of the reader: what was shown once cannot be taken back.

An earlier release is about the same answers (every count that both show is
equal: then it is simply known), about some of them (no count has shrunk:
then what has been added since is a group of its own, that subtraction would
reveal), or about others (then nothing follows).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from evaluation.model import TOTAL, RowKind
from evaluation.protection.events import MISSING_KINDS, NET_PREFIX, YES, Domain, Event
from evaluation.tables.spec import Column, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evaluation.protection.catalogue import Catalogue
    from evaluation.protection.events import Literal

EARLIER = "~earlier"
"""Variable that tells the answers of an earlier release from those added since."""


@dataclass(frozen=True, slots=True)
class Past:
    """What a reader knows from earlier releases.

    Attributes
    ----------
    counts
        Event -> count, for what was shown.
    added
        Marks of a release -> how many have answered since.
    """

    counts: Mapping[Event, int] = field(default_factory=dict)
    added: Mapping[frozenset[Literal], int] = field(default_factory=dict)


def earlier_counts(
    previous: Sequence[Sequence[Mapping[str, object]]], catalogue: Catalogue
) -> Past:
    """Return counts that a reader knows from earlier releases.

    Each release of fewer answers is marked as a part of the later ones that hold
    it, so that a chain of years is a chain in the system too.

    Parameters
    ----------
    previous
        Per release the rows of its ``tables.csv``.
    catalogue
        The release at hand.
    """
    known: dict[Event, int] = {}
    added: dict[frozenset[Literal], int] = {}
    for survey in catalogue.spaces:
        now = dict(zip(catalogue.events, catalogue.counts, strict=True))
        parts: list[dict[Event, int]] = []
        for rows in previous:
            own = [row for row in rows if row["survey"] == survey]
            counts = _counts(own, survey, catalogue)
            found = relation(counts, now)
            if found is Relation.SAME:
                known |= counts
            elif found is Relation.PART:
                parts.append(counts)
        everybody = Event(survey, frozenset())
        here = _everybody(now, survey, catalogue)
        for number, counts in enumerate(parts):
            marks = [_mark(number)]
            for other, more in enumerate(parts):
                found = relation(counts, more) if other != number else Relation.APART
                if found is Relation.PART:
                    marks.append(_mark(other))
                elif found is Relation.SAME:
                    marks[0] = _mark(min(number, other))
            there = _everybody(counts, survey, catalogue)
            if there is not None:
                counts[everybody] = there
            known |= {_marked(event, marks): n for event, n in counts.items()}
            if here is not None and there is not None:
                added[frozenset(marks)] = here - there
    return Past(known, added)


class Relation(Enum):
    """How the answers behind one release belong to those behind a later one."""

    SAME = auto()
    PART = auto()
    APART = auto()


def relation(before: Mapping[Event, int], now: Mapping[Event, int]) -> Relation:
    """Tell how answers belong to later ones, by the counts that both have."""
    both = [(n, now[event]) for event, n in before.items() if event in now]
    if not both or any(n > m for n, m in both):
        return Relation.APART
    return Relation.SAME if all(n == m for n, m in both) else Relation.PART


def _everybody(counts: Mapping[Event, int], survey: str, catalogue: Catalogue) -> int | None:
    """Return how many took part: those who answered some question, and those who did not."""
    space = catalogue.spaces[survey]
    for name, domain in space.domains.items():
        kinds = [frozenset({kind}) for kind in MISSING_KINDS]
        events = [Event(survey, frozenset({(name, codes)})) for codes in (domain.answered, *kinds)]
        if all(event in counts for event in events):
            return sum(counts[event] for event in events)
    return None


def _mark(number: int) -> Literal:
    return f"{EARLIER} {number}", YES


def _marked(event: Event, marks: Iterable[Literal]) -> Event:
    return Event(event.survey, event.literals | frozenset(marks))


def earlier_domains(
    rows: Iterable[Mapping[str, object]], survey: str, domains: dict[str, Domain]
) -> None:
    """Add the variables and codes of an earlier release to those of this one."""
    for row in rows:
        if row["survey"] != survey:
            continue
        for name, code in (
            (str(row["row_var"]), str(row["row_code"])),
            (str(row["col_var"]), str(row["col_code"])),
        ):
            is_option = code != TOTAL and code not in MISSING_KINDS
            if name and is_option and not code.startswith(NET_PREFIX):
                domains.setdefault(name, Domain()).options.setdefault(code, code)


def located(
    rows: Iterable[Mapping[str, object]], survey: str, catalogue: Catalogue
) -> Iterator[tuple[Mapping[str, object], Event | None]]:
    """Yield rows of an earlier release with their events; None where a variable is unknown."""
    space, reader = catalogue.spaces[survey], catalogue.readers[survey]
    for row in rows:
        names = [str(row["row_var"]), str(row["col_var"])]
        if any(name and name not in space.domains for name in names):
            yield row, None
            continue
        place = Row(names[0], str(row["row_code"]), "", RowKind.OPTION)
        column = space.column(Column(names[1], str(row["col_code"]), ""))
        literals = [*reader.literals(str(row["where"] or "")), space.row(place)]
        yield row, space.event([*literals, column] if column else literals)


def _counts(
    rows: Iterable[Mapping[str, object]], survey: str, catalogue: Catalogue
) -> dict[Event, int]:
    return {
        event: int(str(row["n"]))
        for row, event in located(rows, survey, catalogue)
        if event is not None and row["n"] not in (None, "")
    }
