"""The policy applied: which counts must be hidden for their own sake, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evaluation.model import TOTAL, RowKind
from evaluation.protection.catalogue import IMPOSSIBLE
from evaluation.protection.events import MISSING_KINDS, Event, is_missing, parent_variable
from evaluation.protection.filters import ABOUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.codebook.schema import Protection
    from evaluation.protection.catalogue import Catalogue
    from evaluation.protection.links import Links
    from evaluation.tables.table import Table

SMALL, ZERO, GROUP = "small", "zero", "group"
"""Reasons, as keys of the texts catalogue."""


@dataclass(slots=True)
class Verdicts:
    """What the policy says of each distinct count.

    Attributes
    ----------
    reasons
        Count -> why it must be hidden.
    groups
        Count of an answer that all of a group gave -> count of the group.
    open_zeros
        Zeros that may be hidden although zeros are printed elsewhere, because
        they would say that everybody gave the one other answer.
    dropped
        (table, row) of kinds of missing that are left out: some count is small.
    """

    reasons: dict[int, str] = field(default_factory=dict)
    groups: dict[int, int] = field(default_factory=dict)
    open_zeros: set[int] = field(default_factory=set)
    dropped: set[tuple[int, int]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Rules:
    """A policy with what it needs to know of the variables."""

    policy: Protection
    links: Links

    @property
    def threshold(self) -> int:
        """Smallest count shown; an insider takes one off each count that he is in."""
        return self.policy.minimum_count + self.policy.insider

    def is_small(self, n: int) -> bool:
        """Tell whether a count of persons is too small to be shown."""
        return 0 < n < self.threshold

    def protects(self, event: Event) -> bool:
        """Tell whether a small count of this event could harm somebody.

        Kinds of missing are no answers. Where the policy names the sensitive
        questions, a count must be about one of them, or combine two variables
        that identify. What the codebook says of a question goes before the policy.
        """
        if is_missing(event):
            return False
        names = [self._names(event.survey, variable) for variable, _ in event.literals]
        if any(self._is_sensitive(found) for found in names):
            return True
        if self.policy.sensitive == "none":
            return False
        if sum(self._identifies(found) for found in names) >= 2:
            return True
        is_about_answers = any(self._is_answer(found) for found in names)
        return self.policy.sensitive == "all" and not is_about_answers

    def _is_answer(self, names: set[str]) -> bool:
        return not names & self.links.known and not self._identifies(names)

    def _identifies(self, names: set[str]) -> bool:
        return bool(self._with_kin(names) & set(self.policy.identifying))

    def _is_sensitive(self, names: set[str]) -> bool:
        """Tell whether answers to a question could do harm: as its codebook says, else the policy.

        Under ``all`` these are all questions but those that only tell who somebody is.
        """
        related = self._with_kin(names)
        stated = [self.links.sensitive[name] for name in related if name in self.links.sensitive]
        if stated:
            return any(stated)
        if isinstance(self.policy.sensitive, str):
            return self.policy.sensitive == "all" and self._is_answer(names)
        return bool(related & set(self.policy.sensitive))

    def hides_zeros(self, event: Event) -> bool:
        """Tell whether zeros of this event are withheld like small counts."""
        zeros = self.policy.zeros
        if isinstance(zeros, str):
            return zeros == "hidden"
        names = [self._names(event.survey, variable) for variable, _ in event.literals]
        related = frozenset().union(*map(self._with_kin, names))
        return any(zeros.get(name) == "hidden" for name in related)

    def is_sensitive_row(self, survey: str, variable: str) -> bool:
        """Tell whether an answer to the question in the rows is sensitive."""
        return self._is_sensitive(self._names(survey, variable))

    def _names(self, survey: str, variable: str) -> set[str]:
        """Return the names under which the policy may speak of a variable."""
        found: set[str] = set()
        for bare in parent_variable(variable).strip("~").partition("~")[0].split(ABOUT):
            name = f"{survey}.{bare}"
            found |= {name, bare, self.links.questions.get(name, name)}
        return found

    def _with_kin(self, names: set[str]) -> set[str]:
        """Add what is derived of a variable, and what it is derived from: the same answers."""
        return names.union(*(self.links.kin.get(name, ()) for name in names))


def judge(tables: Sequence[Table], catalogue: Catalogue, rules: Rules) -> Verdicts:
    """Apply the policy to every cell of a release."""
    verdicts = Verdicts()
    for number, table in enumerate(tables):
        _drop_small_missing(table, number, catalogue, rules, verdicts)
        for j in range(len(table.columns)):
            for i, row in enumerate(table.rows):
                at = catalogue.cells[number][i][j]
                if at == IMPOSSIBLE or row.code in MISSING_KINDS:
                    continue
                event, n = catalogue.events[at], catalogue.counts[at]
                if rules.protects(event) and rules.is_small(n):
                    verdicts.reasons[at] = SMALL
        _judge_groups(table, number, catalogue, rules, verdicts)
    return verdicts


def _drop_small_missing(
    table: Table, number: int, catalogue: Catalogue, rules: Rules, verdicts: Verdicts
) -> None:
    if rules.policy.sensitive == "none":
        return
    for i, row in enumerate(table.rows):
        counts = (catalogue.counts[at] for at in catalogue.cells[number][i] if at != IMPOSSIBLE)
        if row.code in MISSING_KINDS and any(map(rules.is_small, counts)):
            verdicts.dropped.add((number, i))


def _judge_groups(
    table: Table, number: int, catalogue: Catalogue, rules: Rules, verdicts: Verdicts
) -> None:
    """Find groups that all gave one answer, and zeros that are to be hidden."""
    totals = {row.variable: i for i, row in enumerate(table.rows) if row.code == TOTAL}
    for variable, total in totals.items():
        options = [
            i
            for i, row in enumerate(table.rows)
            if row.variable == variable and row.kind is RowKind.OPTION
        ]
        nets = [
            i
            for i, row in enumerate(table.rows)
            if row.variable == variable and row.kind is RowKind.NET
        ]
        for j in range(len(table.columns)):
            grid = catalogue.cells[number]
            base = grid[total][j]
            if base == IMPOSSIBLE or catalogue.counts[base] == 0 or len(options) < 2:
                continue
            cells = [grid[i][j] for i in [*options, *nets] if grid[i][j] not in (IMPOSSIBLE, base)]
            _judge_zeros(cells, catalogue, rules, verdicts)
            is_sensitive = rules.is_sensitive_row(table.spec.survey, variable)
            if rules.policy.dominance and is_sensitive and _is_group(base, variable, catalogue):
                _judge_dominance(cells, base, variable, catalogue, rules, verdicts)


def _is_group(base: int, variable: str, catalogue: Catalogue) -> bool:
    """Tell whether a base is a group, singled out by a column or filter, and not everybody."""
    event = catalogue.events[base]
    space = catalogue.spaces[event.survey]
    domains, root = space.domains, space.root(variable)
    return any(
        name != root and (name not in domains or codes != domains[name].answered)
        for name, codes in event.literals
    )


def _judge_zeros(cells: list[int], catalogue: Catalogue, rules: Rules, verdicts: Verdicts) -> None:
    for at in cells:
        event = catalogue.events[at]
        if catalogue.counts[at] == 0 and rules.protects(event) and rules.hides_zeros(event):
            verdicts.reasons[at] = ZERO


def _judge_dominance(
    cells: list[int],
    base: int,
    variable: str,
    catalogue: Catalogue,
    rules: Rules,
    verdicts: Verdicts,
) -> None:
    """All of a group, but perhaps the insider, gave one answer."""
    counts = catalogue.counts
    tolerated = int(rules.policy.insider)
    root = catalogue.spaces[catalogue.events[base].survey].root(variable)
    for at in cells:
        if _is_common(at, variable, catalogue, tolerated):
            continue
        if counts[at] >= max(1, counts[base] - tolerated) and rules.protects(catalogue.events[at]):
            verdicts.reasons.setdefault(at, GROUP)
            verdicts.groups[at] = base
            verdicts.open_zeros.update(k for k in cells if counts[k] == 0)
            group = catalogue.events[base]
            verdicts.open_zeros |= catalogue.zeros_within(
                group.survey, (literal for literal in group.literals if literal[0] != root)
            )


def _is_common(at: int, variable: str, catalogue: Catalogue, tolerated: int) -> bool:
    """Tell whether not only a group but everybody gave an answer, as its own table says."""
    event = catalogue.events[at]
    space = catalogue.spaces[event.survey]
    root = space.root(variable)
    own = {name: codes for name, codes in event.literals if parent_variable(name) == root}
    whole = catalogue.index.get(Event(event.survey, frozenset(own.items())))
    answered = frozenset({(variable, space.domains[variable].answered)})
    base = catalogue.index.get(space.event(answered) or event)
    if whole is None or base is None:
        return False
    return catalogue.counts[whole] >= max(1, catalogue.counts[base] - tolerated)
