"""What a search is asked: what must be hidden, what may be, and what a reader takes for granted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.protection.bounds import attainable_upper
from evaluation.protection.catalogue import IMPOSSIBLE
from evaluation.protection.cuts import Knowledge
from evaluation.protection.rules import GROUP
from evaluation.protection.search import PROGRAMS_PER_SECOND, Task
from evaluation.protection.system import REST_OF_GROUP, Role, System, build_system

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.protection.catalogue import Catalogue
    from evaluation.protection.decision_log import Place
    from evaluation.protection.earlier import Past
    from evaluation.protection.rules import Rules, Verdicts
    from evaluation.tables.table import Table


@dataclass(frozen=True, slots=True)
class Judged:
    """A release of which it is known what is small.

    Attributes
    ----------
    tables, catalogue, rules, verdicts
        The release, its distinct counts, the policy, and what it says of them.
    shown_at
        Where each distinct count stands in print.
    wider
        Count -> how much wider than the policy says its interval must be.
    """

    tables: Sequence[Table]
    catalogue: Catalogue
    rules: Rules
    verdicts: Verdicts
    shown_at: list[list[Place]]
    wider: Mapping[int, int] = field(default_factory=dict)

    def task(self, past: Past) -> Task:
        """State what is to be sought against a reader who knows some counts beside the tables."""
        links, policy = self.rules.links, self.rules.policy
        published = [bool(self.shown_at[k]) for k in range(len(self.catalogue.events))]
        system = build_system(
            self.catalogue,
            np.array(published, dtype=bool),
            earlier=past.counts,
            asked_if={k: v for k, v in links.asked_if.items() if k not in links.asked_else},
            exclusive=links.exclusive,
            choose_none=links.choose_none,
            groups=self.verdicts.groups,
        )
        most = policy.interval_width + self.rules.threshold
        system = replace(system, upper=attainable_upper(system, past, most))
        cost = costs(self.tables, self.catalogue, self.rules, self.shown_at)
        return replace(make_task(system, self.verdicts, self.rules, cost), wider=self.wider)


def make_task(
    system: System,
    verdicts: Verdicts,
    rules: Rules,
    cost: NDArray[np.float64],
) -> Task:
    """State what must be hidden, what may be, and what a reader takes for granted."""
    size = len(system.events)
    is_published = system.role == Role.PUBLISHED
    may_be_zero = np.array([rules.hides_zeros(event) for event in system.events], dtype=bool)
    is_open = np.zeros(size, dtype=bool)
    is_open[sorted(verdicts.open_zeros)] = True
    hideable = is_published & ((system.truth > 0) | may_be_zero | is_open)
    knows_more = np.full(size, rules.policy.insider)
    lower = ((system.truth > 0) & (~may_be_zero | knows_more)).astype(np.int64)
    forced = np.zeros(size, dtype=bool)
    forced[sorted(verdicts.reasons)] = True
    forced &= hideable
    targets = forced.copy()
    is_open_part = system.is_part & (system.role == Role.VIRTUAL) & (system.truth >= 0)
    for k in np.flatnonzero(is_open_part):
        event, n = system.events[k], int(system.truth[k])
        is_rest = any(variable == REST_OF_GROUP for variable, _ in event.literals)
        targets[k] = is_rest or (rules.is_small(n) and rules.protects(event))
    for at, reason in verdicts.reasons.items():
        # that all gave this answer is the secret here, not how many they are
        targets[at] &= reason != GROUP
    width = rules.policy.interval_width
    required = {
        int(k): min(width, int(system.upper[k] - (lower[k] if is_published[k] else 0)))
        for k in np.flatnonzero(targets)
    }
    whole_cost = np.ones(size)
    whole_cost[: len(cost)] = np.maximum(cost, 1.0)
    return Task(
        system=system,
        knowledge=Knowledge(lower, hideable),
        forced=forced,
        required=required,
        width=width,
        enough=rules.threshold,
        wider={},
        cost=whole_cost,
        budget=int(rules.policy.time_limit * PROGRAMS_PER_SECOND),
    )


def places_of(
    tables: Sequence[Table], catalogue: Catalogue, verdicts: Verdicts
) -> list[list[Place]]:
    """Return where each distinct count stands in print."""
    places: list[list[Place]] = [[] for _ in catalogue.events]
    for number, table in enumerate(tables):
        for i in range(len(table.rows)):
            if (number, i) not in verdicts.dropped:
                for j, at in enumerate(catalogue.cells[number][i]):
                    if at != IMPOSSIBLE:
                        places[at].append((number, i, j))
    return places


def costs(
    tables: Sequence[Table], catalogue: Catalogue, rules: Rules, shown_at: list[list[Place]]
) -> NDArray[np.float64]:
    """Return what is lost by hiding each count: its cells, and the percents on it as base."""
    cost = np.array([float(len(places)) for places in shown_at])
    for number in range(len(tables)):
        pairs = zip(catalogue.cells[number], catalogue.bases[number], strict=True)
        for cells, bases in pairs:
            for at, base in zip(cells, bases, strict=True):
                is_other = IMPOSSIBLE not in (at, base) and at != base
                if is_other and catalogue.counts[base] >= rules.policy.minimum_base:
                    cost[base] += 1
    return cost
