"""A safe set for large releases, grown from one hidden count to the next.

For each hidden count the cheapest way is sought in which it could be larger,
and one in which it could be smaller, while every sum stays: a linear program
over the counts around it, in which changing a shown count costs what hiding it
costs (after Castro, INFORMS Journal on Computing 19, 2007, who does so by
shortest paths in single tables). What changes is hidden; the two solutions
prove the count safe, and every other count in which they lie far enough apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.protection.changes import Changes
from evaluation.protection.programs import TOLERANCE
from evaluation.protection.system import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from evaluation.protection.attack import Attacker

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

SIZES = ((120, 4), (1200, 5), (4000, 12))
"""Counts around one that a program holds, and most of one equation among them;
the next where one has no solution."""
FOR_PROOF = SIZES[:2]
"""The same where nothing more may be hidden."""
HIDDEN_COST, VIRTUAL_COST = 1e-3, 1e-4
"""Cost of changing what is hidden already, relative to hiding a count of cost 1."""
SLACK = 5
"""Room to change, in persons, above which more room makes no count a better partner."""


class Grower:
    """Hides what proves each hidden count safe, and shows again what proves nothing.

    Parameters
    ----------
    attacker
        Keeps the proofs and counts the work.
    cost
        1-D: what is lost by hiding each count.
    needed
        Count -> width that its interval must have.
    """

    def __init__(self, attacker: Attacker, cost: Floats, needed: Callable[[int], int]) -> None:
        system, knowledge = attacker.system, attacker.knowledge
        self.attacker, self.cost, self.needed = attacker, cost, needed
        self.virtual = system.role == Role.VIRTUAL
        self.hideable = knowledge.hideable
        self.truth = np.maximum(system.truth, 0)
        self.lower = np.where(self.virtual, 0, knowledge.lower)
        self.changes = Changes(
            system, attacker.matrix, attacker.transposed, attacker.neighbours, self.lower
        )
        self.room = np.clip(self.truth - self.lower, 0, SLACK)
        self.helped: dict[int, int] = {}

    # --- growing --------------------------------------------------------------------

    def grow(self, hidden: Bools, targets: Iterable[int]) -> Bools:
        """Return a larger set in which the targets, and what is hidden for them, are safe.

        Counts that nothing around them can make safe are left as they are.
        Sums come before their parts: what makes a sum uncertain serves all of them.
        """
        hidden = hidden.copy()
        events = self.attacker.system.events
        todo = sorted(targets, key=lambda k: (len(events[k].literals), k))
        for target in todo:
            new = self._secure(target, hidden)
            for k in new:
                self.helped.setdefault(k, target)
            todo += new
        return hidden

    def _secure(self, target: int, hidden: Bools) -> list[int]:
        """Hide what makes one count safe; return what was hidden."""
        width = self.needed(target)
        if width <= 0 or self.attacker.is_proven(target, hidden, width):
            return []
        allowed = self.virtual | self.hideable
        for size, most in SIZES:
            columns = self._around(target, size, most, allowed, hidden)
            ways = self._ways(target, columns, hidden, width)
            if ways is not None:
                return self._hide(columns, ways, hidden)
        return []

    def _around(self, target: int, size: int, most: int, allowed: Bools, hidden: Bools) -> Ints:
        price = np.where(hidden | self.virtual, 0.0, self.cost)
        return self.changes.around(target, size, most, allowed, 10 * price - self.room)

    def _ways(self, target: int, columns: Ints, hidden: Bools, width: int) -> Ints | None:
        """Return how each count changes, in ways that leave the target so wide; ways × counts."""
        down = min(int(self.truth[target] - self.lower[target]), width)
        program = self.changes.program(columns)
        for far in dict.fromkeys((down, 0)):
            found = [np.zeros(len(columns), dtype=np.int64)]
            is_hidden = hidden[columns]
            for by in (-far, width - far):
                if by == 0:
                    continue
                self.attacker.n_programs += 1 + len(columns) // 300
                change = program.move(target, by, self._prices(columns, is_hidden))
                if change is None:
                    break
                found.append(change)
                is_hidden = is_hidden | (change != 0)
            else:
                return np.array(found)
        return None

    def _prices(self, columns: Ints, is_hidden: Bools) -> Floats:
        price = np.where(is_hidden, HIDDEN_COST, self.cost[columns])
        price[self.virtual[columns]] = VIRTUAL_COST
        return price

    def _hide(self, columns: Ints, ways: Ints, hidden: Bools) -> list[int]:
        """Hide what changes, and remember what that proves; return what was shown before."""
        is_touched = (ways != 0).any(axis=0) & ~self.virtual[columns]
        support = columns[is_touched]
        new: list[int] = support[~hidden[support]].tolist()
        hidden[support] = True
        self._note(columns, ways, support)
        return new

    def _note(self, columns: Ints, ways: Ints, support: Ints) -> None:
        apart = ways.max(axis=0) - ways.min(axis=0)
        for i in np.flatnonzero(apart).tolist():
            if apart[i] >= self.needed(int(columns[i])):
                self.attacker.prove(int(columns[i]), float(apart[i]), support)

    # --- pruning --------------------------------------------------------------------

    def prune(self, hidden: Bools, keep: Bools, is_spent: Callable[[], bool]) -> Bools:
        """Show again, dearest first, what is not needed, or what something cheaper replaces."""
        hidden = hidden.copy()
        reasons = _Reasons(self.attacker, self.needed)
        reasons.renew(self._needing(hidden), hidden)
        extra = np.flatnonzero(hidden & ~keep).tolist()
        for k in sorted(extra, key=lambda k: (-self.cost[k], len(reasons.users(k)), k)):
            if is_spent():
                break
            trial = hidden.copy()
            trial[k] = False
            if self._stand_without(k, reasons.users(k), trial, keep):
                is_new = trial & ~hidden
                hidden = trial
                reasons.drop(k)
                reasons.renew({*reasons.users(k), *np.flatnonzero(is_new).tolist()}, hidden)
        return hidden

    def _needing(self, hidden: Bools) -> list[int]:
        """Return the counts that must be proven safe."""
        return [k for k in np.flatnonzero(hidden | self.virtual).tolist() if self.needed(k) > 0]

    def _stand_without(self, k: int, users: set[int], trial: Bools, keep: Bools) -> bool:
        """Prove those safe that rested on a count, hiding less for it than the count costs."""
        allowed = self.virtual | trial
        left = float(self.cost[k])
        if left > self.cost.min() and not keep[k]:
            allowed = self.virtual | self.hideable
            allowed[k] = False
        for target in sorted(users - {k}):
            width = self.needed(target)
            if self.attacker.is_proven(target, trial, width):
                continue
            for size, most in FOR_PROOF:
                columns = self._around(target, size, most, allowed, trial)
                ways = self._ways(target, columns, trial, width)
                if ways is None:
                    continue
                new = self._hide(columns, ways, trial)
                left -= float(self.cost[new].sum())
                break
            else:
                return False
            if left <= TOLERANCE:
                return False
            if not all(self.attacker.is_proven(n, trial, self.needed(n)) for n in new):
                return False
        return True


class _Reasons:
    """By which proof each count is safe, and which counts rest on each hidden one."""

    def __init__(self, attacker: Attacker, needed: Callable[[int], int]) -> None:
        self.attacker, self.needed = attacker, needed
        self._support: dict[int, list[int]] = {}
        self._users: dict[int, set[int]] = {}

    def users(self, k: int) -> set[int]:
        """Return the counts whose proof needs ``k`` to be hidden."""
        return set(self._users.get(k, ()))

    def drop(self, target: int) -> None:
        """Forget a count that is shown again."""
        for k in self._support.pop(target, ()):
            self._users[k].discard(target)

    def renew(self, targets: Iterable[int], hidden: Bools) -> None:
        """Choose for each count the proof that needs fewest others."""
        for target in targets:
            self.drop(target)
            found = self.attacker.proofs_of(target, hidden, self.needed(target))
            if found:
                support = min(found, key=len).tolist()
                self._support[target] = support
                for k in support:
                    self._users.setdefault(k, set()).add(target)
