"""A task cut down to what is near: where few of many tables have anything to hide.

In a release of a thousand large tables a handful of counts is small. Then only
counts that stand in no other tables than theirs may be hidden for them; all
else is shown, and what follows from it is known. The equations about them are
kept, and those about what is unknown in these; what is farther off is left to
the audit, which always looks at the whole. Where no safe set is found near by,
the whole is searched.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.protection.cuts import Knowledge
from evaluation.protection.evident import evident
from evaluation.protection.system import Role, System

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from evaluation.protection.search import Outcome, Task

    Bools = NDArray[np.bool_]

WORTH_NARROWING = 20_000
"""Counts from which on the search is cut down."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A task about some of the counts.

    Attributes
    ----------
    task
        What is to be made safe.
    columns
        1-D int: where its counts stand in the whole.
    """

    task: Task
    columns: NDArray[np.int64]

    def widened(self, found: Outcome, whole: Task) -> Outcome:
        """Return what was found as an answer to the whole task.

        Its bound is 0: hiding elsewhere might cost less.
        """
        hidden = whole.forced.copy()
        hidden[self.columns] = found.hidden
        places = self.columns.tolist()
        helped = {places[k]: places[v] for k, v in found.helped.items()}
        return replace(found, hidden=hidden, helped=helped, bound=0.0, is_optimal=False)


def narrowed(
    task: Task, tables_of: Sequence[Collection[int]], *, is_near: bool = False
) -> Narrowed | None:
    """Cut a task down to the tables that have something to hide, where these are few.

    Parameters
    ----------
    task
        See `Task`.
    tables_of
        Per published count the tables in which it stands.
    is_near
        The system holds only what is near such tables already; see `near_tables`.

    Returns
    -------
    Narrowed or None
        None where that would not be much smaller.
    """
    if len(task.system.events) < WORTH_NARROWING and not is_near:
        return None
    from scipy.sparse import csr_matrix

    system = task.system
    shape = (system.n_rows, len(system.events))
    matrix = csr_matrix((system.value, (system.row, system.column)), shape=shape)
    may_hide = _near(task, tables_of, matrix)
    virtual = system.role == Role.VIRTUAL
    is_told = evident(matrix, may_hide | virtual, virtual)
    is_told[list(task.required)] = False  # what is to be protected is not given up
    asked = may_hide | task.forced
    asked[list(task.required)] = True
    rows = _rows_about(matrix, asked, virtual & ~is_told)
    columns = np.union1d(matrix[rows].indices, np.flatnonzero(asked)).astype(np.int64)
    if 2 * len(columns) > len(system.events) and not is_near:
        return None
    whole = replace(
        task,
        system=replace(system, role=np.where(is_told, Role.FIXED, system.role).astype(np.int8)),
        knowledge=Knowledge(task.knowledge.lower, may_hide),
    )
    return Narrowed(cut_down(whole, matrix[rows], columns), columns)


def _near(task: Task, tables_of: Sequence[Collection[int]], matrix: Any) -> Bools:
    """Return what may be hidden: counts of tables with something to protect, and of no others."""
    asked = {*task.required, *np.flatnonzero(task.forced).tolist(), *(task.start or ())}
    transposed = matrix.T.tocsr()
    near: set[int] = set()
    for k in asked:
        rows = transposed.indices[transposed.indptr[k] : transposed.indptr[k + 1]]
        # what is never printed itself stands in the tables of what it is a part of
        around = [k] if k < len(tables_of) and tables_of[k] else matrix[rows].indices.tolist()
        for other in around:
            if other < len(tables_of):
                near.update(tables_of[other])
    may_hide = task.knowledge.hideable.copy()
    for k in np.flatnonzero(may_hide).tolist():
        may_hide[k] = k in asked or near.issuperset(tables_of[k])
    return may_hide


def _rows_about(matrix: Any, asked: Bools, untold: Bools) -> NDArray[np.int64]:
    """Return the equations about some counts, and those about what these leave unknown."""
    pattern = (matrix != 0).astype(float)
    first = np.flatnonzero(pattern @ asked.astype(float))
    between = np.zeros(len(asked), dtype=bool)
    between[matrix[first].indices] = True
    between &= untold
    return np.union1d(first, np.flatnonzero(pattern @ between.astype(float)))


def cut_down(task: Task, matrix: Any, columns: NDArray[np.int64]) -> Task:
    """Return the task about the counts of some columns, tied by the equations of ``matrix``.

    Parameters
    ----------
    task
        About the whole.
    matrix
        Equations that are kept, by all counts, sparse.
    columns
        1-D: counts that are kept, ascending; those of the equations among them.
    """
    system, knowledge = task.system, task.knowledge
    place = {k: i for i, k in enumerate(columns.tolist())}
    entries = matrix[:, columns].tocsr().tocoo()
    part = System(
        events=[system.events[k] for k in columns.tolist()],
        truth=system.truth[columns],
        role=system.role[columns],
        upper=system.upper[columns],
        row=entries.row.astype(np.int64),
        column=entries.col.astype(np.int64),
        value=entries.data,
        n_rows=matrix.shape[0],
        is_part=system.is_part[columns],
        group=system.group[columns],
    )
    start = task.start
    return replace(
        task,
        system=part,
        knowledge=Knowledge(knowledge.lower[columns], knowledge.hideable[columns]),
        forced=task.forced[columns],
        required={place[k]: width for k, width in task.required.items()},
        wider={place[k]: by for k, by in task.wider.items() if k in place},
        cost=task.cost[columns],
        start=None if start is None else frozenset(place[k] for k in start),
        proofs=None,  # their positions are those of another system
    )
