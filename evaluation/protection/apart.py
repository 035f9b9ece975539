"""A search taken apart: what only counts that nobody can tell tie together is sought one by one.

Crosstabs of one question share no count but those that no table gives, such as
how many of those who gave an answer lack the column variable. Without the
equations about these a reader can derive less, so that what is found for each
part alone costs no more than what the whole needs; the whole is attacked then,
and gets what the parts did not see.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.protection.consistent import UNKNOWN
from evaluation.protection.cuts import Cut
from evaluation.protection.narrow import cut_down
from evaluation.protection.programs import TOLERANCE
from evaluation.protection.search import search
from evaluation.protection.system import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from evaluation.protection.search import Outcome, Task

    Bools = NDArray[np.bool_]

FEW = 5
"""Counts to protect in a part up to which it pays to say beforehand that none may stand alone."""


def search_apart(task: Task) -> Outcome:
    """Find what to hide part by part, then add what the parts together need.

    Parameters
    ----------
    task
        See `Task`.

    Returns
    -------
    Outcome
        Safe in the whole; its bound is the sum over the parts, and holds where nothing is limited.
    """
    if task.start is not None:
        return search(task)
    chosen: set[int] = set()
    helped: dict[int, int] = {}
    cost, bound, left, n_programs = 0.0, 0.0, task.budget, 0
    for part, columns in _parts(task):
        known = _lonely(part) if len(part.required) <= FEW else []
        found = search(replace(part, budget=max(0, left)), known)
        left -= found.n_programs
        n_programs += found.n_programs
        cost += found.cost
        bound += found.bound
        chosen.update(columns[found.hidden].tolist())
        places = columns.tolist()
        helped |= {places[k]: places[v] for k, v in found.helped.items()}
    whole = search(replace(task, start=frozenset(chosen)))
    if whole.cost > cost + TOLERANCE:  # the parts say more together: is there a better answer?
        n_programs += whole.n_programs
        whole = min(whole, search(task), key=lambda found: found.cost)
    return replace(
        whole,
        helped=helped | whole.helped,
        bound=bound,
        n_programs=n_programs + whole.n_programs,
    )


def _parts(task: Task) -> Iterator[tuple[Task, NDArray[np.int64]]]:
    """Yield the parts that have something to protect, each with where its counts stand."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    system = task.system
    size = len(system.events)
    matrix = csr_matrix((system.value, (system.row, system.column)), shape=(system.n_rows, size))
    pattern: Any = abs(matrix)
    is_untold = (system.truth == UNKNOWN) & (system.role == Role.VIRTUAL)
    rows = np.flatnonzero(pattern @ is_untold.astype(float) == 0)
    may_be_unknown = (system.role == Role.VIRTUAL) | task.knowledge.hideable | task.forced
    own = np.flatnonzero(may_be_unknown & ~is_untold)
    links = pattern[rows][:, own]
    label = np.full(size, -1, dtype=np.int64)
    label[own] = connected_components(links.T @ links, directed=False)[1]
    for part in np.unique(label[list(task.required)]).tolist():
        inside = label == part
        if part < 0:
            continue
        about = rows[np.flatnonzero(pattern[rows] @ inside.astype(float))]
        columns = np.union1d(matrix[about].indices, np.flatnonzero(inside)).astype(np.int64)
        required = {k: width for k, width in task.required.items() if inside[k]}
        yield cut_down(replace(task, required=required), matrix[about], columns), columns


def _lonely(task: Task) -> list[Cut]:
    """Return what holds of every good answer: no equation has a hidden count alone.

    It would follow from the shown ones, and to hide it would keep nothing from anybody.
    """
    system = task.system
    virtual = system.role == Role.VIRTUAL
    starts = np.searchsorted(system.row, np.arange(system.n_rows + 1))
    cuts = []
    for start, stop in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        members = system.column[start:stop]
        if virtual[members].any():
            continue
        open_ = members[task.knowledge.hideable[members]].tolist()
        for k in open_:
            others = tuple(other for other in open_ if other != k)
            is_given = not others or bool(task.forced[list(others)].any())
            if is_given or (task.forced[k] and not task.required.get(k)):
                continue
            cuts.append(Cut(k, others, (1.0,) * len(others), 1.0, not task.forced[k]))
    return cuts
