"""Which persons a published count is about, in a form that makes equal counts equal.

Every cell counts an *event*: a conjunction of literals "variable in set of
codes" within a survey. The count of women who answered yes is the event
``{gender: {f}, q1: {yes}}``, whether it stands in a crosstab, in a table
filtered to women, or in a figure in prose. Two cells with the same event are
one number, and the relations between events are what links tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from evaluation.model import TOTAL, RowKind
from evaluation.tables.spec import Margin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evaluation.tables.spec import Column, Row

Codes = frozenset[str]
Literal = tuple[str, Codes]

ANSWERED = "~answered"
"""Stands for "answered" of a multiple-answer question."""
REST = "~rest"
"""Code of a variable met in filters only: all that no filter names."""
MISSING_KINDS: Codes = frozenset(
    kind.value for kind in (RowKind.ITEM_NONRESPONSE, RowKind.NOT_ASKED, RowKind.INVALID)
)
YES: Codes = frozenset({"1"})
NO: Codes = frozenset({"0"})
CHOICE = YES | NO
OPTION_MARK = "#"
"""Between a multiple-answer question and one of its options, itself a yes/no variable."""
NET_PREFIX = "net:"


class Event(NamedTuple):
    """Who is counted.

    Attributes
    ----------
    survey
        Identifier of the survey.
    literals
        Conditions that all hold; empty for every respondent.
    """

    survey: str
    literals: frozenset[Literal]

    def without(self, literal: Literal) -> Event:
        """Return the event with one condition lifted."""
        return Event(self.survey, self.literals - {literal})

    def with_(self, literal: Literal) -> Event:
        """Return the event with one condition more (of another variable)."""
        return Event(self.survey, self.literals | {literal})


@dataclass(slots=True)
class Domain:
    """Codes that a variable can have, beside the kinds of missing.

    Attributes
    ----------
    options
        Code -> label, in the order of the scale.
    is_multiple
        Several codes can hold for one respondent.
    """

    options: dict[str, str] = field(default_factory=dict)
    is_multiple: bool = False

    @property
    def answered(self) -> Codes:
        """Codes of those who answered."""
        return frozenset({ANSWERED}) if self.is_multiple else frozenset(self.options)

    @property
    def full(self) -> Codes:
        """Codes of everybody."""
        return self.answered | MISSING_KINDS


def parent_variable(variable: str) -> str:
    """Return the multiple-answer question of an option variable, or the variable itself."""
    return variable.partition(OPTION_MARK)[0]


def is_option(variable: str) -> bool:
    """Tell whether the variable is one option of a multiple-answer question."""
    return OPTION_MARK in variable


@dataclass(frozen=True, slots=True)
class Space:
    """The variables of one survey as a release shows them.

    Attributes
    ----------
    survey
        Identifier.
    domains
        Variable -> its codes.
    groupings
        Variable that groups another -> (the other, code -> codes of the other):
        counties over associations, age groups over ages.
    any_of
        Likewise of multiple answers: who chose a group chose any of the codes.
    """

    survey: str
    domains: dict[str, Domain] = field(default_factory=dict)
    groupings: dict[str, tuple[str, dict[str, Codes]]] = field(default_factory=dict)
    any_of: dict[str, tuple[str, dict[str, Codes]]] = field(default_factory=dict)

    def full(self, variable: str) -> Codes:
        """Return all codes of a variable; one without a domain is yes or no."""
        if is_option(variable):
            return CHOICE | MISSING_KINDS
        domain = self.domains.get(variable)
        return domain.full if domain else CHOICE

    def root(self, variable: str) -> str:
        """Return the variable that events speak of in place of one that groups it."""
        while variable in self.groupings:
            variable, _ = self.groupings[variable]
        return variable

    def row(self, row: Row) -> Literal:
        """Return the condition that a table row stands for."""
        domain = self.domains[row.variable]
        if row.code == TOTAL:
            return row.variable, domain.answered
        if row.code.startswith(NET_PREFIX):
            codes = frozenset(row.code.removeprefix(NET_PREFIX).split("+"))
            known = codes & frozenset(domain.options)
            return (row.variable, known) if known else ("~" + row.code, YES)
        if row.code not in MISSING_KINDS and domain.is_multiple:
            return row.variable + OPTION_MARK + row.code, YES
        return row.variable, frozenset({row.code})

    def column(self, column: Column, margin: Margin = Margin.KNOWN) -> Literal | None:
        """Return the condition that a table column stands for, None for all respondents."""
        if not column.variable:
            return None
        domain = self.domains[column.variable]
        if column.code == TOTAL:
            return None if margin is Margin.EVERYONE else (column.variable, domain.answered)
        if domain.is_multiple:
            return column.variable + OPTION_MARK + column.code, YES
        return column.variable, frozenset({column.code})

    def event(self, literals: Iterable[Literal]) -> Event | None:
        """Return the canonical event, or None where the conditions exclude each other.

        Groups become sets of what they group, conditions on one variable are
        intersected, conditions that always hold are dropped, and "chosen or
        not chosen" of an option becomes "answered".
        """
        merged: dict[str, Codes] = {}
        for literal in literals:
            name, codes = _on_question(*self._ungrouped(literal))
            merged[name] = merged[name] & codes if name in merged else codes
        for name in [name for name in merged if is_option(name)]:
            _join_option(merged, name)
        if not all(merged.values()):
            return None
        kept = {(name, codes) for name, codes in merged.items() if codes != self.full(name)}
        return Event(self.survey, frozenset(kept))

    def _ungrouped(self, literal: Literal) -> Literal:
        variable, codes = literal
        while variable in self.groupings:
            variable, members = self.groupings[variable]
            fine = frozenset().union(*(members.get(code, frozenset({code})) for code in codes))
            if codes & MISSING_KINDS:
                grouped = frozenset().union(*members.values())
                fine |= self.full(variable) - grouped - MISSING_KINDS
            codes = fine
        return variable, codes


def _on_question(variable: str, codes: Codes) -> Literal:
    """Lift a condition on an option to its question where it does not depend on the choice."""
    if not is_option(variable) or (codes & CHOICE and not codes >= CHOICE):
        return variable, codes
    answered: Codes = frozenset({ANSWERED}) if codes >= CHOICE else frozenset()
    return parent_variable(variable), (codes - CHOICE) | answered


def _join_option(merged: dict[str, Codes], name: str) -> None:
    """Join the conditions on an option and on its question into one."""
    question = parent_variable(name)
    if question not in merged:
        return
    asked = merged[question]
    merged[name] &= asked | (CHOICE if ANSWERED in asked else frozenset())
    del merged[question]
    if not merged[name] & CHOICE:
        merged[question] = merged.pop(name)


def is_missing(event: Event) -> bool:
    """Tell whether the event counts missing answers to some question."""
    return any(codes <= MISSING_KINDS for _, codes in event.literals)
