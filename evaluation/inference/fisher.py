"""Fisher's exact test for a table of any size; exact where feasible, else simulated.

The p-value is the probability, with both margins fixed, of all tables that
are no more probable than the one observed (Freeman and Halton 1951), as R's
``fisher.test``. Tables beyond 2 × 2 are summed with a network algorithm
(Mehta and Patel 1983): column by column, with bounds that settle whole
bundles of tables at once; see `evaluation.inference.network`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from evaluation.inference.crosstabs import base_of, drop_empty
from evaluation.inference.network import exact_p, log_factorials
from evaluation.inference.results import TestOutcome, not_made

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

SEED: Final = 2022
REPLICATES: Final = 100_000
WORK_LIMIT: Final = 40_000_000
"""Elementary steps of the exact method before simulation takes over; a few seconds."""

_RELATIVE_TOLERANCE: Final = 1e-7
"""Tables this much more probable than the observed count as equally probable, as in R."""


def fisher(
    table: ArrayLike,
    *,
    replicates: int = REPLICATES,
    seed: int = SEED,
    work_limit: int = WORK_LIMIT,
) -> TestOutcome:
    """Test independence with Fisher's exact test, two-sided.

    Parameters
    ----------
    table
        2-D whole counts.
    replicates, seed
        Random tables drawn where the exact sum is too large, and the seed of
        NumPy's PCG64; the same input gives the same p.
    work_limit
        Budget of the exact method. It counts steps, not seconds, so that
        whether a table is simulated does not depend on the machine.

    Returns
    -------
    TestOutcome
        ``statistic`` and ``df`` are None: the test has none. A simulated p is
        ``(1 + hits) / (1 + replicates)`` with its standard error in ``p_se``
        and the warning ``simulated``.

    Raises
    ------
    ValueError
        If a count is not whole: the test is not defined for weighted counts.
    """
    kept, reasons = drop_empty(table)
    base_n = base_of(kept)
    if reasons:
        return not_made("fisher", base_n, *reasons)
    counts = np.rint(kept).astype(np.int64)
    if not np.allclose(kept, counts, rtol=0, atol=1e-9):
        msg = "Fisher's exact test needs whole counts"
        raise ValueError(msg)
    if counts.shape == (2, 2):
        return TestOutcome("fisher", None, None, _fourfold(counts), base_n)
    p = exact_p(counts, work_limit=work_limit, tolerance=_RELATIVE_TOLERANCE)
    if p is not None:
        return TestOutcome("fisher", None, None, p, base_n)
    p, error = simulated_p(counts, replicates=replicates, seed=seed)
    return TestOutcome("fisher", None, None, p, base_n, ("simulated",), p_se=error)


def _fourfold(counts: Ints) -> float:
    """Sum the hypergeometric probabilities that do not exceed the observed one."""
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    low = max(0, int(columns[0] - rows[1]))
    high = min(int(rows[0]), int(columns[0]))
    a = np.arange(low, high + 1)
    lf = log_factorials(int(counts.sum()))
    log_p = -(lf[a] + lf[rows[0] - a] + lf[columns[0] - a] + lf[rows[1] - columns[0] + a])
    p = np.exp(log_p - log_p.max())
    p /= p.sum()
    observed = p[counts[0, 0] - low]
    return float(min(1.0, p[p <= observed * (1 + _RELATIVE_TOLERANCE)].sum()))


def simulated_p(counts: Ints, *, replicates: int, seed: int) -> tuple[float, float]:
    """Return the p-value from random tables with the observed margins, and its standard error."""
    lf = log_factorials(int(counts.sum()))
    observed = -lf[counts].sum()
    drawn = -_random_path_lengths(counts, lf, replicates, seed)
    hits = int((drawn <= observed + _RELATIVE_TOLERANCE).sum())
    p = (1 + hits) / (1 + replicates)
    return p, float(np.sqrt(p * (1 - p) / replicates))


def _random_path_lengths(counts: Ints, lf: Floats, replicates: int, seed: int) -> Floats:
    """Draw tables cell by cell from hypergeometric distributions; return Σ ln x! of each."""
    generator = np.random.Generator(np.random.PCG64(seed))
    n_rows, n_columns = counts.shape
    left = np.repeat(counts.sum(axis=1)[:, np.newaxis], replicates, axis=1)
    length = np.zeros(replicates)
    for j in range(n_columns - 1):
        need = np.full(replicates, counts[:, j].sum())
        rest = left.sum(axis=0)
        for i in range(n_rows - 1):
            rest = rest - left[i]
            cell = generator.hypergeometric(left[i], rest, need)
            length += lf[cell]
            left[i] -= cell
            need = need - cell
        length += lf[need]
        left[n_rows - 1] -= need
    return np.asarray(length + lf[left].sum(axis=0))
