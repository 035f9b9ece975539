"""Everything published as one linear system: counts that sum to other counts.

For every event and every variable in it, the events that differ in that
variable only form a *family*: women who answered yes, men who answered yes,
all who answered yes. The codes of a family are cut into atoms, and each count
is the sum of its atoms. Crosstabs, margins, kinds of missing, filters,
hierarchies and complements are all families; nothing else is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from evaluation.protection.any_of import any_of_equations, chosen_options
from evaluation.protection.consistent import UNKNOWN, Terms, consistent, useful
from evaluation.protection.events import (
    ANSWERED,
    CHOICE,
    YES,
    Codes,
    Event,
    is_option,
    parent_variable,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from numpy.typing import NDArray

    from evaluation.protection.catalogue import Catalogue
    from evaluation.protection.events import Literal
    from evaluation.protection.unions import Part

REST_OF_GROUP = "~rest of group"
"""Marks the count of those in a group who did not give the answer that the others gave."""
MORE = "~more than one "
"""Begins the name of what the options of a multiple answer add up to beyond those who answered."""
Family = dict[Codes, int]


class Role(IntEnum):
    """What a reader can know of a count."""

    PUBLISHED = 0
    """Shown unless it is hidden."""
    FIXED = 1
    """Known to everybody: the number of respondents, what is out already."""
    VIRTUAL = 2
    """Never shown: follows from others, or not."""


@dataclass(slots=True)
class System:
    """Counts and the equations between them.

    Attributes
    ----------
    events
        Event per variable; the first ones are the catalogue's, in its order.
    truth
        1-D int64: true count, `UNKNOWN` where the tables do not determine it.
    role
        1-D int8, see `Role`.
    upper
        1-D int64: the most that a reader who sees nothing can assume.
    row, column, value
        1-D: entries of the matrix A in ``A x = 0``.
    n_rows
        Number of equations.
    is_part
        1-D bool: virtual counts that are what remains between published ones
        (the unit that a filter left out, those who did not choose an option).
    group
        1-D int: counts about the same question, apart from what columns and
        filters are about, have the same number.
    """

    events: list[Event]
    truth: NDArray[np.int64]
    role: NDArray[np.int8]
    upper: NDArray[np.int64]
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    value: NDArray[np.float64]
    n_rows: int
    is_part: NDArray[np.bool_]
    group: NDArray[np.int64]


def build_system(
    catalogue: Catalogue,
    published: NDArray[np.bool_],
    *,
    earlier: Mapping[Event, int],
    asked_if: Mapping[str, str],
    exclusive: Mapping[str, tuple[str, ...]] | None = None,
    choose_none: Collection[str] = (),
    groups: Mapping[int, int] | None = None,
) -> System:
    """Link all counts of a release.

    Parameters
    ----------
    catalogue
        Distinct counts.
    published
        1-D bool per distinct count: stands in some row that is printed.
    earlier
        Counts that a reader knows from earlier releases.
    asked_if
        ``survey.variable`` -> filter: who was asked.
    exclusive
        ``survey.question`` -> options that exclude all others.
    choose_none
        ``survey.question`` of those that who chose nothing can have answered.
    groups
        Count -> count that contains it: what remains becomes a count of its own.
    """
    builder = _Builder(catalogue, earlier)
    builder.collect(asked_if)
    equations = [
        *builder.equalities,
        *builder.family_equations(),
        *builder.choices(exclusive or {}, choose_none),
        *builder.groups_of_choices(exclusive or {}, choose_none),
        *builder.rests(groups or {}),
    ]
    size = len(builder.events)
    truth = np.full(size, UNKNOWN, dtype=np.int64)
    truth[: len(catalogue.counts)] = catalogue.counts
    for event, n in earlier.items():
        truth[builder.index[event]] = n
    equations = consistent(equations, truth)
    role = np.full(size, Role.VIRTUAL, dtype=np.int8)
    role[: len(published)][published] = Role.PUBLISHED
    for event in earlier:
        role[builder.index[event]] = Role.FIXED
    _fix_universes(builder, truth, role)
    equations = useful(equations, role == Role.VIRTUAL)
    upper = _upper_bounds(builder, truth)
    lengths = [len(terms) for terms in equations]
    return System(
        events=builder.events,
        truth=truth,
        role=role,
        upper=upper,
        row=np.repeat(np.arange(len(equations)), lengths),
        column=np.array([k for terms in equations for k in terms], dtype=np.int64),
        value=np.array([v for terms in equations for v in terms.values()], dtype=np.float64),
        n_rows=len(equations),
        is_part=np.isin(np.arange(size), sorted(builder.parts)),
        group=_groups(builder.events, catalogue.background),
    )


class _Builder:
    """Grows events and families until nothing new appears."""

    def __init__(self, catalogue: Catalogue, fixed: Iterable[Event]) -> None:
        self.spaces = catalogue.spaces
        self.readers = catalogue.readers
        self.events = list(catalogue.events)
        self.index = dict(catalogue.index)
        self.families: dict[tuple[Event, str], Family] = {}
        self.equalities: list[Terms] = []
        self.visited: set[int] = set()
        self.parts: set[int] = set()
        self.extra: dict[int, int] = {}
        for event in fixed:
            self.position(event)

    def position(self, event: Event) -> int:
        at = self.index.get(event)
        if at is None:
            at = self.index[event] = len(self.events)
            self.events.append(event)
        return at

    def collect(self, asked_if: Mapping[str, str]) -> None:
        """Visit every event and what it is part of."""
        self._grow()
        contexts: dict[tuple[Event, str], None] = {}
        for event in list(self.events):
            self._link_union(event)
            for literal in sorted(event.literals):
                contexts[event.without(literal), parent_variable(literal[0])] = None
        for context, variable in contexts:
            self._link_filter(context, variable, asked_if)
        self._grow()

    def _grow(self) -> None:
        todo = [at for at in range(len(self.events)) if at not in self.visited]
        while todo:
            at = todo.pop()
            if at not in self.visited:
                self.visited.add(at)
                todo += self._visit(at)

    def _visit(self, at: int) -> list[int]:
        event = self.events[at]
        space = self.spaces[event.survey]
        wider = []
        for literal in sorted(event.literals):
            variable, codes = literal
            context = event.without(literal)
            family = self.families.setdefault((context, variable), {})
            family[codes] = at
            family[space.full(variable)] = self.position(context)
            wider.append(family[space.full(variable)])
            if is_option(variable):
                asked: Literal = (parent_variable(variable), frozenset({ANSWERED}))
                family[CHOICE] = self.position(context.with_(asked))
                wider.append(family[CHOICE])
        return wider

    def _link_union(self, event: Event) -> None:
        """Who fulfils a condition on several variables is in one of the parts of it."""
        unions = self.readers[event.survey].unions
        for variable, codes in sorted(event.literals):
            if variable in unions and codes == YES:
                context = event.without((variable, codes))
                self._add_sum(event, context, unions[variable])

    def _link_filter(self, context: Event, variable: str, asked_if: Mapping[str, str]) -> None:
        """Those who were asked are those for whom the filter holds."""
        text = asked_if.get(f"{context.survey}.{variable}")
        parts = self.readers[context.survey].parts(text) if text else None
        if not parts or not any((context, name) in self.families for p in parts for name, _ in p):
            return
        space = self.spaces[context.survey]
        asked = space.full(variable) - {"not_asked"}
        event = space.event([*context.literals, (variable, asked)])
        if event is not None:
            self._add_sum(event, context, parts)

    def _add_sum(self, event: Event, context: Event, parts: Iterable[Part]) -> None:
        """Add "event = sum of parts of its context that exclude each other"."""
        space = self.spaces[context.survey]
        terms = {self.position(event): 1}
        for part in parts:
            inside = space.event([*context.literals, *part])
            if inside is not None:
                at = self.position(inside)
                terms[at] = terms.get(at, 0) - 1
        self.equalities.append({at: value for at, value in terms.items() if value})

    def family_equations(self) -> list[Terms]:
        """Return "count = sum of its atoms" for every count of every family."""
        equations = []
        for (context, variable), family in list(self.families.items()):
            full = self.spaces[context.survey].full(variable)
            members = sorted(family.items(), key=lambda item: item[1])
            atoms = self._atoms(context, variable, members, full)
            for codes, at in members:
                inside = [part for part_codes, part in atoms if part_codes <= codes]
                if inside != [at]:
                    equations.append({at: 1, **dict.fromkeys(inside, -1)})
        return equations

    def choices(
        self, exclusive: Mapping[str, tuple[str, ...]], choose_none: Collection[str]
    ) -> list[Terms]:
        """Return what ties the options of a multiple answer.

        Whoever answered chose something, unless the questionnaire says otherwise, so
        that the options add up to no less than those who answered; and nobody chose an
        exclusive option and another.
        """
        equations: list[Terms] = []
        for (context, question), options in chosen_options(self.events).items():
            answered = self.position(context.with_((question, frozenset({ANSWERED}))))
            known = exclusive.get(f"{context.survey}.{question}", ())
            alone = [options[code] for code in known if code in options]
            is_all = set(self.spaces[context.survey].domains[question].options) <= set(options)
            if is_all and f"{context.survey}.{question}" not in choose_none:
                more = self.position(context.with_((f"{MORE}{question}", YES)))
                self.extra[more] = len(options)
                equations.append({**dict.fromkeys(options.values(), 1), answered: -1, more: -1})
            for option, at in options.items():
                if alone and option not in known:
                    rest = self.position(context.with_((f"~neither {question} {option}", YES)))
                    equations.append({answered: 1, at: -1, **dict.fromkeys(alone, -1), rest: -1})
        return equations

    def groups_of_choices(
        self, exclusive: Mapping[str, tuple[str, ...]], choose_none: Collection[str]
    ) -> list[Terms]:
        """Return what ties groups of options to the options; see `any_of_equations`."""
        if not any(space.any_of for space in self.spaces.values()):
            return []
        equations = []
        chosen = chosen_options(self.events)
        told = (exclusive, choose_none)
        for terms, most in any_of_equations(chosen, self.spaces, told, self.position):
            equations.append(terms)
            self.extra[next(reversed(terms))] = most
        return equations

    def rests(self, groups: Mapping[int, int]) -> list[Terms]:
        """Return "whole = part + rest" for groups that (nearly) all gave one answer."""
        equations = []
        for part, whole in groups.items():
            rest = self.position(self.events[part].with_((REST_OF_GROUP, YES)))
            self.parts.add(rest)
            equations.append({whole: 1, part: -1, rest: -1})
        return equations

    def _atoms(
        self, context: Event, variable: str, members: list[tuple[Codes, int]], full: Codes
    ) -> list[tuple[Codes, int]]:
        """Cut the codes of a family so that every member is a union of parts."""
        by_signature: dict[tuple[int, ...], set[str]] = {}
        signatures: dict[str, list[int]] = {code: [] for code in sorted(full)}
        for codes, at in members:
            for code in sorted(codes):
                signatures.setdefault(code, []).append(at)
        for code, signature in signatures.items():
            by_signature.setdefault(tuple(signature), set()).add(code)
        known = dict(members)
        space = self.spaces[context.survey]
        atoms = []
        for codes in map(frozenset, by_signature.values()):
            if codes not in known:
                event = space.event([*context.literals, (variable, codes)])
                if event is None:
                    continue
                known[codes] = self.position(event)
                self.parts.add(known[codes])
            atoms.append((codes, known[codes]))
        return atoms


# --- what holds, and what matters ---------------------------------------------------


def _fix_universes(builder: _Builder, truth: NDArray[np.int64], role: NDArray[np.int8]) -> None:
    """The number of respondents of a survey is public: it stands in the intake table."""
    for survey in builder.spaces:
        at = builder.index.get(Event(survey, frozenset()))
        if at is not None and truth[at] != UNKNOWN:
            role[at] = Role.FIXED


def _groups(events: list[Event], background: set[tuple[str, str]]) -> NDArray[np.int64]:
    """Number the questions that counts are about, column variables and filters aside."""
    numbers: dict[tuple[str, str], int] = {}
    groups = []
    for event in events:
        names = sorted(parent_variable(variable) for variable, _ in event.literals)
        own = [name for name in names if (event.survey, name) not in background]
        key = (event.survey, own[0] if own else "")
        groups.append(numbers.setdefault(key, len(numbers)))
    return np.array(groups, dtype=np.int64)


def _upper_bounds(builder: _Builder, truth: NDArray[np.int64]) -> NDArray[np.int64]:
    """Nobody assumes a count above the number of respondents of its survey."""
    largest: dict[str, int] = {}
    for at, event in enumerate(builder.events):
        largest[event.survey] = max(largest.get(event.survey, 1), int(truth[at]))
    return np.array(
        [largest[e.survey] * builder.extra.get(at, 1) for at, e in enumerate(builder.events)],
        dtype=np.int64,
    )
