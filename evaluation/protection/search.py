"""Which counts to hide: the cheapest set under which a reader learns too little.

Round after round the reader attacks; each interval that is too narrow yields
a cut, the master problem answers with the cheapest set that meets all cuts,
and so on until no attack succeeds: that set is optimal, proven by the cuts.
Beside it a greedy completion keeps a safe set at hand, for the case that the
work runs out. All limits count work (programs solved, nodes), never time, so
that the same input gives the same release on any machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluation.protection.attack import Attacker
from evaluation.protection.cover import Master
from evaluation.protection.cuts import Cut, Demand, Knowledge, Proofs
from evaluation.protection.evident import evident
from evaluation.protection.grow import Grower
from evaluation.protection.programs import TOLERANCE
from evaluation.protection.system import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from evaluation.protection.system import System

    Bools = NDArray[np.bool_]

PROGRAMS_PER_SECOND = 500
"""How many attacks, or nodes of the master problem, one second of ``time_limit`` buys."""
MASTER_NODES = 500
"""Nodes of the search in one part of the master problem."""
MAX_ROUNDS = 200
WORTH_PRUNING = 1.15
"""A completion dearer than this, relative to what it completes, is far from the end."""
LARGE = 5000
"""Counts to be protected above which a set is grown and pruned: more hidden in less time."""
PRUNING_PER_COUNT = 4
"""Programs per count, beyond the budget, after which a grown set is pruned no further."""
PER_COUNT = 40
"""Programs per count, beyond the budget, after which what is not proven safe is hidden coarsely."""
FOR_PRUNING = 1.25
"""Share of the budget at which also the last pruning stops."""
ENOUGH = 0.01
"""Share above the bound at which the search stops."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be made safe.

    Attributes
    ----------
    system
        Counts and equations.
    knowledge
        What the reader takes for granted.
    forced
        1-D bool: hidden for their own sake.
    required
        Count -> least width of the interval.
    width, enough
        What the interval of any other hidden count must be: so wide, or known
        to be so great.
    wider
        Count -> width that is asked for beyond ``width`` or ``required``.
    cost
        1-D float: what is lost by hiding each count.
    budget
        Programs that may be solved.
    """

    system: System
    knowledge: Knowledge
    forced: Bools
    required: Mapping[int, int]
    width: int
    enough: int
    wider: Mapping[int, int]
    cost: NDArray[np.float64]
    budget: int
    start: frozenset[int] | None = None
    """A set that was found before and that more is to be added to; then nothing is optimised."""
    proofs: Proofs | None = None
    """Why counts are safe, from earlier searches in the same system; grows."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A safe set.

    Attributes
    ----------
    hidden
        1-D bool per count.
    cost, bound
        What it costs, and what any safe set costs at least.
    is_optimal
        Proven.
    helped
        Hidden count -> count that it protects.
    limited
        Counts that cannot be given the width that the policy asks for,
        because too little is unknown even if everything is hidden.
    n_programs
        Attacks made.
    """

    hidden: Bools
    cost: float
    bound: float
    is_optimal: bool
    helped: dict[int, int]
    limited: dict[int, int]
    n_programs: int


def search(task: Task, known: Iterable[Cut] = ()) -> Outcome:
    """Find what to hide beside the forced counts.

    Parameters
    ----------
    task
        What is to be made safe.
    known
        What is known beforehand to hold of every good answer.
    """
    wanted = _Search(task)
    wanted.master.add(known)
    return wanted.run()


class _Search:
    def __init__(self, task: Task) -> None:
        self.task = task
        limit = task.budget + PER_COUNT * len(task.system.events)
        self.attacker = Attacker(task.system, task.knowledge, task.proofs, limit)
        self.master = Master(task.cost, MASTER_NODES)
        self.required = {k: n + task.wider.get(k, 0) for k, n in task.required.items()}
        self.demand = Demand(self.required, task.forced)
        self.exempt: set[int] = set()
        self.limited: dict[int, int] = {}
        self.helped: dict[int, int] = {}

    def run(self) -> Outcome:
        if self.task.start is not None:
            hidden = self.complete(self.with_chosen(self.task.start))
            return self.outcome(hidden, 0.0)
        if len(self.required) > LARGE:
            return self.outcome(self.grown(), 0.0)
        best = self.complete(self.task.forced)
        bound = 0.0
        for _ in range(MAX_ROUNDS):
            if self.is_spent() or self.price(best) <= (1 + ENOUGH) * bound + TOLERANCE:
                break
            cover = self.master.solve()
            bound = max(bound, cover.bound)
            hidden = self.with_chosen(cover.chosen)
            trial = self.complete(hidden)
            if self.price(trial) <= WORTH_PRUNING * self.price(hidden):
                trial = self.prune(trial, keep=hidden)
            best = self.better(best, trial)
        if not bound:  # spent at once: no second completion, but say how far it may be
            bound = self.master.solve().bound
        if self.price(best) > (1 + ENOUGH) * bound + TOLERANCE:
            best = self.prune(best, keep=self.task.forced)
        return self.outcome(best, bound)

    def grown(self) -> Bools:
        """Grow a safe set, prune it, and leave nothing to its own proofs alone."""
        task = self.task
        grower = Grower(self.attacker, task.cost, self.needed)
        targets = [k for k in self.required if task.forced[k] or grower.virtual[k]]
        hidden = self.complete(grower.grow(task.forced, targets))
        self.helped = grower.helped | self.helped
        limit = task.budget + PRUNING_PER_COUNT * len(task.system.events)
        hidden = grower.prune(hidden, task.forced, lambda: self.attacker.n_programs > limit)
        return self.complete(hidden)

    def needed(self, k: int) -> int:
        """Return the width that a count must have, should it be hidden."""
        system, knowledge = self.task.system, self.task.knowledge
        if k in self.required or system.role[k] == Role.VIRTUAL:
            return self.required.get(k, 0)
        if k in self.exempt:
            return 0
        highest = int(system.upper[k] - knowledge.lower[k])
        return min(self.task.width, highest) + self.task.wider.get(k, 0)

    def is_spent(self, share: float = 1.0) -> bool:
        return self.attacker.n_programs + self.master.n_nodes > share * self.task.budget

    def outcome(self, best: Bools, bound: float) -> Outcome:
        best = self.without_evident(best)
        return Outcome(
            hidden=best,
            cost=self.price(best),
            bound=bound,
            is_optimal=self.price(best) <= bound + TOLERANCE,
            helped=self.helped,
            limited=self.limited,
            n_programs=self.attacker.n_programs,
        )

    def without_evident(self, hidden: Bools) -> Bools:
        """Show what follows from shown counts by one sum: to hide it keeps nothing from anybody."""
        forced, attacker = self.task.forced, self.attacker
        may_follow = attacker.virtual | (hidden & ~forced)
        return hidden & ~evident(attacker.matrix, hidden | attacker.virtual, may_follow)

    def better(self, one: Bools, other: Bools) -> Bools:
        return other if self.price(other) < self.price(one) - TOLERANCE else one

    def price(self, hidden: Bools) -> float:
        return float(self.task.cost[hidden & ~self.task.forced].sum())

    def with_chosen(self, chosen: frozenset[int]) -> Bools:
        hidden = self.task.forced.copy()
        hidden[list(chosen)] = True
        return hidden

    # --- completion -----------------------------------------------------------------

    def complete(self, hidden: Bools) -> Bools:
        """Hide more, greedily, until no attack succeeds; collect the cuts met on the way."""
        hidden = hidden.copy()
        while True:
            cuts = self.cuts(hidden)
            if not cuts:
                return hidden
            self.master.add(cut for cut in cuts if not cut.is_coarse)
            for cut in cuts:
                self.satisfy(cut, hidden)

    def cuts(self, hidden: Bools) -> list[Cut]:
        """Attack the counts that need protection; when these are safe, the other hidden ones."""
        while True:
            found = list(self.attacker.cuts(hidden, self.demand))
            found = found or list(self.attacker.cuts(hidden, self.demand_of_others(hidden)))
            possible = [cut for cut in found if self.is_possible(cut)]
            if possible or not found:
                return possible

    def is_possible(self, cut: Cut) -> bool:
        """Tell whether a cut can be met at all; where not, ask less for its target."""
        lacking = cut.rhs - sum(cut.coefficients)
        if lacking <= TOLERANCE:
            return True
        asked = self.demand.required.get(cut.target, self.task.width)
        if cut.is_conditional:
            self.exempt.add(cut.target)
        else:
            self.limited[cut.target] = asked
            self.required[cut.target] = max(0, int(np.floor(asked - lacking + TOLERANCE)))
        return False

    def demand_of_others(self, hidden: Bools) -> Demand:
        """Ask for the intervals of counts that are hidden for the sake of others."""
        required = {
            k: self.needed(k)
            for k in np.flatnonzero(hidden).tolist()
            if k not in self.required and k not in self.exempt
        }
        return Demand(required, self.task.forced, self.task.enough)

    def is_safe(self, hidden: Bools) -> bool:
        return self.attacker.is_safe(hidden, self.demand) and self.attacker.is_safe(
            hidden, self.demand_of_others(hidden)
        )

    def satisfy(self, cut: Cut, hidden: Bools) -> None:
        """Hide the counts that give most for their cost until the cut holds."""
        if cut.is_met(hidden):
            return
        lacking = cut.rhs - sum(
            c for k, c in zip(cut.columns, cut.coefficients, strict=True) if hidden[k]
        )
        open_ = [
            (self.task.cost[k] / min(c, max(lacking, TOLERANCE)), k, c)
            for k, c in zip(cut.columns, cut.coefficients, strict=True)
            if not hidden[k]
        ]
        for _, k, c in sorted(open_):
            if lacking <= TOLERANCE:
                break
            hidden[k] = True
            self.helped.setdefault(k, cut.target)
            lacking -= c

    def prune(self, hidden: Bools, *, keep: Bools) -> Bools:
        """Show again, dearest first, what the greedy completion hid in vain."""
        hidden = hidden.copy()
        extra = np.flatnonzero(hidden & ~keep)
        for k in sorted(extra.tolist(), key=lambda k: (-self.task.cost[k], k)):
            if self.is_spent(FOR_PRUNING):
                break
            hidden[k] = False
            hidden[k] = not self.is_safe(hidden)
        return hidden
