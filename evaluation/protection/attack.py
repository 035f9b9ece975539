"""What a reader can derive from a release, and which shown counts allow it.

The reader knows every shown count, all equations, and that a hidden count is
at least its lower bound (1 where zeros are printed). For each hidden count
that needs protection the least and the greatest possible value are sought;
where they lie too close, the dual solution says which shown counts did it: a
cut for the master problem (Fischetti and Salazar, Management Science 47, 2001).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from evaluation.protection.ball import Neighbours
from evaluation.protection.cuts import Cut
from evaluation.protection.programs import TOLERANCE, Block, Extremes, Nearby
from evaluation.protection.system import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from evaluation.protection.cuts import Demand, Knowledge, Proofs
    from evaluation.protection.system import System

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

LOCAL = 300
"""Unknown counts in a part above which it is searched around each count first."""
BALLS = (80, 320)
"""Unknown counts around one that are looked at together, and then, where these do not tell."""
WIDEN_MOST = 600
"""Variables of a part above which whole numbers are not sought by branching."""
PER_EQUATION = 8
"""Counts of one long equation that are looked at together around another one."""
MAX_PROOFS = 12
"""Proofs remembered per count."""


@dataclass(slots=True)
class _Part:
    """Unknown counts that hang together, with the equations about them."""

    unknown: Ints
    rows: Ints
    columns: Ints


class Attacker:
    """A reader with a solver.

    Parameters
    ----------
    system
        Counts and equations.
    knowledge
        Bounds and what could be hidden at all.
    proofs
        What an earlier attack on the same system found; grows.

    Attributes
    ----------
    n_programs
        Linear programs solved so far, large ones counted several times: the measure of work.
    limit
        Work after which no large program is solved: what could not be proven
        safe around itself by then gets everything around it hidden.
    """

    def __init__(
        self,
        system: System,
        knowledge: Knowledge,
        proofs: Proofs | None = None,
        limit: int = 2**62,
    ) -> None:
        from scipy.sparse import csr_matrix

        shape = (system.n_rows, len(system.events))
        self.system = system
        self.knowledge = knowledge
        self.matrix = csr_matrix((system.value, (system.row, system.column)), shape=shape)
        self.transposed = self.matrix.T.tocsr()
        self.pattern = abs(self.matrix)
        self.virtual = system.role == Role.VIRTUAL
        self.n_programs = 0
        self.limit = limit
        self._defined_by = np.empty(0, dtype=np.int64)
        self._proofs: Proofs = {} if proofs is None else proofs

    @cached_property
    def neighbours(self) -> Neighbours:
        """Needed in large parts only."""
        return Neighbours(self.matrix, self.transposed)

    def cuts(self, hidden: Bools, demand: Demand) -> Iterator[Cut]:
        """Yield a cut for every count whose interval is too narrow."""
        open_ = {
            k
            for k, width in demand.required.items()
            if width > 0 and (hidden[k] or self.virtual[k]) and not self.is_proven(k, hidden, width)
        }
        if not open_:
            return
        for part in self._parts(hidden):
            targets = [int(k) for k in part.unknown if int(k) in open_]
            open_.difference_update(targets)
            if targets:
                yield from self._attack(part, targets, hidden, demand)
        for target in sorted(open_):
            if self._defined_by[target] >= 0:
                yield self._cut_of_determined(target, hidden, demand)

    def is_safe(self, hidden: Bools, demand: Demand) -> bool:
        """Tell whether no attack succeeds; stops at the first that does."""
        return next(self.cuts(hidden, demand), None) is None

    # --- proofs -------------------------------------------------------------------

    def is_proven(self, target: int, hidden: Bools, width: int) -> bool:
        """Tell whether two solutions met before, far enough apart, are still possible.

        A solution is possible as long as every count in which it differs from
        the truth is hidden.
        """
        return any(
            apart >= width and hidden[support].all()
            for apart, support in reversed(self._proofs.get(target, ()))
        )

    def proofs_of(self, target: int, hidden: Bools, width: int) -> list[Ints]:
        """Return what must be hidden in each way in which a count is known to be safe."""
        return [
            support
            for apart, support in self._proofs.get(target, ())
            if apart >= width and hidden[support].all()
        ]

    def prove(self, target: int, width: float, support: Ints) -> None:
        """Remember that a count is safe whenever these counts are hidden."""
        proofs = self._proofs.setdefault(target, [])
        proofs.append((width, support))
        del proofs[:-MAX_PROOFS]

    # --- parts --------------------------------------------------------------------

    def _parts(self, hidden: Bools) -> Iterator[_Part]:
        """Split the unknown counts into parts that share no equation."""
        from scipy.sparse.csgraph import connected_components

        unknown = self._propagate(hidden)
        open_columns = np.flatnonzero(unknown)
        if not len(open_columns):
            return
        links = self.pattern[:, open_columns]
        links = links[np.flatnonzero(np.diff(links.indptr))]
        n_parts, label = connected_components(links.T @ links, directed=False)
        order = np.argsort(label, kind="stable")
        bounds = np.searchsorted(label[order], np.arange(n_parts + 1))
        for start, stop in pairwise(bounds.tolist()):
            yield self._part(open_columns[order[start:stop]])

    def _propagate(self, hidden: Bools) -> Bools:
        """Work out virtual counts that follow from shown ones; note the equation that tells."""
        unknown = hidden | self.virtual
        self._defined_by = np.full(len(unknown), -1, dtype=np.int64)
        while True:
            single = np.flatnonzero(self.pattern @ unknown.astype(float) == 1)
            before = int(unknown.sum())
            for row in single.tolist():
                inside = self._entries(row)
                column = inside[unknown[inside]]
                if len(column) == 1 and self.virtual[column[0]]:
                    unknown[column[0]] = False
                    self._defined_by[column[0]] = row
            if int(unknown.sum()) == before:
                return np.asarray(unknown, dtype=bool)

    def _part(self, own: Ints) -> _Part:
        rows = self._with_definitions(np.unique(self.transposed[own].indices))
        used = [self._entries(row) for row in rows.tolist()]
        return _Part(own, rows, np.unique(np.concatenate([own, *used])))

    def _with_definitions(self, rows: Ints) -> Ints:
        """Add the equations that tell the virtual counts that the rows use."""
        kept = set(rows.tolist())
        todo = list(kept)
        while todo:
            inside = self._entries(todo.pop())
            for row in self._defined_by[inside]:
                if row >= 0 and int(row) not in kept:
                    kept.add(int(row))
                    todo.append(int(row))
        return np.array(sorted(kept), dtype=np.int64)

    def _entries(self, row: int) -> Ints:
        start, stop = self.matrix.indptr[row], self.matrix.indptr[row + 1]
        return self.matrix.indices[start:stop]  # type: ignore[no-any-return]

    def _block(self, part: _Part, hidden: Bools) -> Block:
        system, columns = self.system, part.columns
        is_variable = np.isin(columns, part.unknown) | (self._defined_by[columns] >= 0)
        variables = columns[is_variable]
        whole = self.matrix[part.rows][:, columns]
        shown = system.truth[columns[~is_variable]].astype(float)
        is_published = hidden[variables]
        return Block(
            columns=columns,
            variables=variables,
            whole=whole,
            inner=whole[:, is_variable].tocsc(),
            rhs=-(whole[:, ~is_variable] @ shown),
            truth=system.truth[variables].astype(float),
            lower=np.where(is_published, self.knowledge.lower[variables], 0).astype(float),
            upper=system.upper[variables].astype(float),
            is_published=is_published,
        )

    # --- attacks ------------------------------------------------------------------

    def _attack(
        self, part: _Part, targets: list[int], hidden: Bools, demand: Demand
    ) -> Iterator[Cut]:
        """Attack the counts of a part; in a large one look around each count first.

        With everything farther off held at its true count, a ball gives
        proofs that hold, and cuts that hold too (weak duality asks for no
        optimum); what it leaves open is attacked in a larger ball, then with
        the whole part.
        """
        if len(part.unknown) > LOCAL:
            targets = self._sweep(part, targets, hidden, demand)
            for size in BALLS:
                left: list[int] = []
                if size == BALLS[0] or self.n_programs <= self.limit:
                    yield from self._attack_balls(part, targets, hidden, demand, (size, left))
                    targets = left
            if self.n_programs > self.limit:
                yield from filter(None, (self._coarse_cut(k, hidden, demand) for k in targets))
                return
        for target, cut in self._attack_block(part, targets, hidden, demand):
            yield self._neighbour_cut(part, target, hidden, demand) if cut.is_met(hidden) else cut

    def _sweep(self, part: _Part, targets: list[int], hidden: Bools, demand: Demand) -> list[int]:
        """Return the counts that a few programs over the whole part do not prove safe."""
        extremes = Extremes(self._block(part, hidden))
        widths = np.array([demand.required[k] for k in targets], dtype=float)
        self.n_programs += self._work(extremes.block) * extremes.sweep(targets, widths)
        left = []
        for target, width in zip(targets, widths.tolist(), strict=True):
            if extremes.seen_width(target) >= width:
                self.prove(target, extremes.seen_width(target), extremes.support(target))
            else:
                left.append(target)
        return left

    def _attack_balls(
        self,
        part: _Part,
        targets: list[int],
        hidden: Bools,
        demand: Demand,
        wanted: tuple[int, list[int]],
    ) -> Iterator[Cut]:
        """Attack each count with those around it; collect in ``left`` what that does not decide."""
        size, left = wanted
        unknown = np.zeros(len(hidden), dtype=bool)
        unknown[part.unknown] = True
        waiting = dict.fromkeys(targets)
        rank = -np.clip(self.system.truth - self.knowledge.lower, 0, 5).astype(float)
        while waiting:
            ball = self.neighbours.nearest(next(iter(waiting)), size, PER_EQUATION, unknown, rank)
            core = [k for k in ball[: max(1, size // 2)] if k in waiting]
            for k in core:
                del waiting[k]
            inside = np.zeros(len(hidden), dtype=bool)
            inside[ball] = True
            local = self._part(np.array(sorted(ball), dtype=np.int64))
            is_told = self.system.truth[local.columns] >= 0
            if not (is_told | inside[local.columns]).all():
                left += core
                continue
            is_all = not (unknown & ~inside)[local.columns].any()
            for target, cut in self._attack_block(local, core, inside & hidden, demand):
                if cut.is_met(hidden) or (cut.is_guess and not is_all):
                    left.append(target)
                else:
                    yield cut

    def _attack_block(
        self, part: _Part, targets: list[int], hidden: Bools, demand: Demand
    ) -> Iterator[tuple[int, Cut]]:
        """Yield the counts that could not be proven safe, with a cut."""
        if not targets:
            return
        block = self._block(part, hidden)
        nearby, extremes = Nearby(block), Extremes(block)
        is_large = len(part.unknown) > LOCAL
        for target in targets:
            width = demand.required[target]
            if self.is_proven(target, hidden, width):
                continue  # by the solutions for another
            if not is_large and self._is_near(nearby, target, demand):
                continue
            cut = self._find_cut(part, extremes, target, hidden, demand)
            if cut:
                yield target, cut
            elif is_large:
                self._is_near(nearby, target, demand)

    def _is_near(self, nearby: Nearby, target: int, demand: Demand) -> bool:
        """Try to prove a count safe by small changes: as far down as it goes, the rest up.

        The same two solutions prove every other count safe in which they lie
        far enough apart.
        """
        width = demand.required[target]
        truth = int(self.system.truth[target])
        lower = 0 if self.virtual[target] else int(self.knowledge.lower[target])
        down = min(truth - lower, width)
        block = nearby.block
        for far in dict.fromkeys((down, 0)):
            found: list[Ints] = [np.zeros(len(block.variables), dtype=np.int64)]
            for by in (-far, width - far):
                if by:
                    self.n_programs += self._work(block)
                    change = nearby.move(target, by)
                    if change is None:
                        break
                    found.append(change)
            else:
                apart = np.max(found, axis=0) - np.min(found, axis=0)
                support = block.variables[(np.abs(found).max(axis=0) > 0) & block.is_published]
                for at in np.flatnonzero(apart).tolist():
                    k = int(block.variables[at])
                    if k == target or apart[at] >= demand.required.get(k, np.inf):
                        self.prove(k, float(apart[at]), support)
                return True
        return False

    @staticmethod
    def _work(block: Block) -> int:
        return 1 + len(block.variables) // LOCAL

    def _find_cut(
        self, part: _Part, extremes: Extremes, target: int, hidden: Bools, demand: Demand
    ) -> Cut | None:
        width = demand.required[target]
        if extremes.seen_width(target) < width:
            self.n_programs += 2 * self._work(extremes.block)
            least, r_least = extremes.extreme(target, 1.0)
            greatest, r_greatest = extremes.extreme(target, -1.0)
            if demand.enough and least >= demand.enough - TOLERANCE:
                return None
            if greatest - least < width - TOLERANCE:
                return self._dual_cut(part, target, (r_least, r_greatest), demand)
        if extremes.seen_width(target) < width and len(extremes.block.variables) <= WIDEN_MOST:
            self.n_programs += 2 * self._work(extremes.block)
            extremes.widen(target)
        if extremes.seen_width(target) < width:
            return self._neighbour_cut(part, target, hidden, demand)
        self.prove(target, extremes.seen_width(target), extremes.support(target))
        return None

    def _cut_of_determined(self, target: int, hidden: Bools, demand: Demand) -> Cut:
        """Cut for a virtual count that follows exactly from shown ones."""
        rows = self._with_definitions(self._defined_by[[target]])
        columns = np.unique(np.concatenate([self._entries(row) for row in rows.tolist()]))
        part = _Part(np.array([target]), rows, columns)
        extremes = Extremes(self._block(part, hidden))
        self.n_programs += 2
        reduced = (extremes.extreme(target, 1.0)[1], extremes.extreme(target, -1.0)[1])
        cut = self._dual_cut(part, target, reduced, demand)
        return self._neighbour_cut(part, target, hidden, demand) if cut.is_met(hidden) else cut

    def _dual_cut(
        self, part: _Part, target: int, reduced: tuple[Floats, Floats], demand: Demand
    ) -> Cut:
        """Bound the width by what is hidden: weak duality at the reader's optimum."""
        system, columns = self.system, part.columns
        truth = system.truth[columns].astype(float)
        upper = system.upper[columns].astype(float)
        lower = self.knowledge.lower[columns].astype(float)
        can_hide = self.knowledge.hideable[columns]
        is_virtual = self.virtual[columns]
        constant = 0.0
        coefficient = np.zeros(len(columns))
        for r in reduced:
            plus, minus = np.maximum(r, 0.0), np.maximum(-r, 0.0)
            constant -= float((r * truth)[~is_virtual].sum())
            constant += float((minus * upper)[is_virtual].sum())
            coefficient += np.where(can_hide, plus * (truth - lower) + minus * (upper - truth), 0)
        is_given = demand.forced[columns] | (columns == target)
        rhs = demand.required[target] - constant - float(coefficient[is_given].sum())
        open_ = (coefficient > TOLERANCE) & ~is_given
        capped = np.minimum(coefficient[open_], rhs)
        places = tuple(columns[open_].tolist())
        is_conditional = not demand.forced[target] and not self.virtual[target]
        return Cut(target, places, tuple(capped.tolist()), rhs, bool(is_conditional))

    def _neighbour_cut(self, part: _Part, target: int, hidden: Bools, demand: Demand) -> Cut:
        """Something that shares an equation with the part must be hidden besides."""
        near = part.columns[self.knowledge.hideable[part.columns] & ~hidden[part.columns]]
        ones = (1.0,) * len(near)
        is_conditional = not demand.forced[target] and not self.virtual[target]
        places = tuple(near.tolist())
        return Cut(target, places, ones, 1.0, bool(is_conditional), is_guess=True)

    def _coarse_cut(self, target: int, hidden: Bools, demand: Demand) -> Cut | None:
        """All of the shortest sum that a count is in must be hidden, or of the same question."""
        start, stop = self.transposed.indptr[target : target + 2]
        sums = sorted(map(self._entries, self.transposed.indices[start:stop].tolist()), key=len)
        group = np.flatnonzero(self.system.group == self.system.group[target])
        for columns in (*sums, group):
            open_ = columns[self.knowledge.hideable[columns] & ~hidden[columns]]
            if len(open_):
                is_conditional = not demand.forced[target] and not self.virtual[target]
                ones, places = (1.0,) * len(open_), tuple(open_.tolist())
                rhs = float(len(open_))
                return Cut(target, places, ones, rhs, bool(is_conditional), is_coarse=True)
        return None
