"""Controlled random rounding: every count becomes a multiple of the base, sums keep adding up.

Each count goes to a neighbouring multiple of ``rounding_base``, up with a
chance in proportion to its remainder (Cox, JASA 82, 1987), from a draw that
depends on the seed and the count alone. Where they can, sums are kept: an
integer program stays as near to the draws as additivity allows. Where no such
rounding is found within the limits, the part is rounded by its draws alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.protection.catalogue import Catalogue, make_catalogue
from evaluation.protection.perturbed import Changed, changes, draws, weight_shifts
from evaluation.protection.programs import quiet_solver
from evaluation.protection.rules import Rules
from evaluation.protection.system import Role, System, build_system

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from evaluation.codebook.schema import Protection
    from evaluation.protection.methods.interface import Surroundings
    from evaluation.tables.table import Table

    Ints = NDArray[np.int64]

LARGEST = 4000
"""Counts in a part above which additivity is not tried."""
NODES = 500


def round_counts(
    tables: Sequence[Table], policy: Protection, surroundings: Surroundings
) -> Changed:
    """Round every count of a release; see `Changed`."""
    rules = Rules(policy, surroundings.links)
    catalogue = make_catalogue(tables, surroundings.links, surroundings.previous)
    drawn = draws(catalogue, surroundings.keyed, policy.seed)
    counts = rounded_counts(catalogue, policy.rounding_base, drawn)
    kept = [
        r if changes(event, rules) else n
        for event, n, r in zip(catalogue.events, catalogue.counts, counts.tolist(), strict=True)
    ]
    shifts = weight_shifts(catalogue, drawn, surroundings.weighings, rules)
    return Changed("round", tables, catalogue, kept, rules, shifts)


def rounded_counts(catalogue: Catalogue, base: int, drawn: Sequence[float]) -> Ints:
    """Return a multiple of the base for every distinct count, next to it.

    Parameters
    ----------
    catalogue
        Distinct counts of a release.
    base
        Rounding base.
    drawn
        A number in [0, 1) per count.
    """
    n = np.array(catalogue.counts, dtype=np.int64)
    floor, rest = n // base, n % base
    up = np.array(drawn) < rest / base
    published = np.ones(len(n), dtype=bool)
    system = build_system(catalogue, published, earlier={}, asked_if={})
    first = _first_alike(drawn, catalogue.counts)
    own = system.column < len(n)
    system.column[own] = first[system.column[own]]
    for members, rows in _parts(system, len(n)):
        if len(members) <= LARGEST:
            found = _additive(system, members, rows, floor, rest, up)
            if found is not None:
                up[members] = found
    return (floor + (up[first] & (rest > 0))) * base


def _first_alike(drawn: Sequence[float], counts: Sequence[int]) -> Ints:
    """Return for each count the first one of the same persons: they are rounded as one."""
    first: dict[tuple[float, int], int] = {}
    pairs = zip(drawn, counts, strict=True)
    return np.array([first.setdefault(pair, at) for at, pair in enumerate(pairs)], dtype=np.int64)


def _parts(system: System, size: int) -> Iterator[tuple[Ints, Ints]]:
    """Split the sums between published counts into parts that share no count."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    shape = (system.n_rows, len(system.events))
    matrix = csr_matrix((np.abs(system.value), (system.row, system.column)), shape=shape)
    is_other = (system.role != Role.PUBLISHED) & (system.role != Role.FIXED)
    is_other[size:] = True
    inside = np.flatnonzero((matrix @ is_other.astype(float)) == 0)
    own = matrix[inside][:, :size]
    _, label = connected_components(own.T @ own, directed=False)
    first = own.indices[own.indptr[:-1]] if len(inside) else np.array([], dtype=np.int64)
    for part in np.unique(label[first]):
        yield np.flatnonzero(label == part), inside[label[first] == part]


def _additive(
    system: System,
    members: Ints,
    rows: Ints,
    floor: Ints,
    rest: Ints,
    up: NDArray[np.bool_],
) -> NDArray[np.bool_] | None:
    """Choose up or down for each count so that all sums hold; None where that fails."""
    import highspy
    from scipy.sparse import csr_matrix

    shape = (system.n_rows, len(system.events))
    matrix = csr_matrix((system.value, (system.row, system.column)), shape=shape)
    block = matrix[rows][:, members].tocsc()
    n = len(members)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = n, len(rows)
    lp.col_cost_ = np.where(up[members], -1.0, 1.0)
    lp.col_lower_ = np.zeros(n)
    lp.col_upper_ = (rest[members] > 0).astype(float)
    lp.row_lower_ = lp.row_upper_ = -(block @ floor[members]).astype(float)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * n
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = block.indptr.astype(np.int32)
    lp.a_matrix_.index_ = block.indices.astype(np.int32)
    lp.a_matrix_.value_ = block.data
    solver = quiet_solver()
    solver.setOptionValue("mip_max_nodes", NODES)
    solver.passModel(lp)
    solver.run()
    if solver.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None
    return np.array(solver.getSolution().col_value) > 0.5
