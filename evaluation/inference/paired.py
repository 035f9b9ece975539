"""Tests of two answers by the same respondents: McNemar and Bowker."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING

import numpy as np

from evaluation.inference.crosstabs import base_of
from evaluation.inference.distributions import chi2_sf
from evaluation.inference.results import TestOutcome, as_table, not_made

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def mcnemar(table: ArrayLike, *, exact: bool = True, correction: bool = False) -> TestOutcome:
    """Test whether as many changed one way as the other.

    Parameters
    ----------
    table
        2 × 2 counts of pairs, first answer × second answer, the same two
        answers in the same order; only the two cells off the diagonal count.
    exact
        The binomial test, ``binom.test(b, b + c)``; else chi-square,
        ``mcnemar.test(m, correct = FALSE)``.
    correction
        Continuity correction of the chi-square, R's default.

    Returns
    -------
    TestOutcome
        ``base_n`` is all pairs. ``statistic`` of the exact test is b, the
        pairs that changed from the first answer to the second. Where nobody
        changed there is nothing to test: p is None, warning ``no-changes``.

    Raises
    ------
    ValueError
        If the table is not 2 × 2, or an exact test gets a count not whole.
    """
    counts = as_table(table)
    if counts.shape != (2, 2):
        msg = f"McNemar's test needs a 2 x 2 table, got {counts.shape}"
        raise ValueError(msg)
    method = "mcnemar" if exact else "mcnemar-chi2"
    forth, back = float(counts[0, 1]), float(counts[1, 0])
    base_n = base_of(counts)
    if base_n == 0:
        return not_made(method, 0, "no-answers")
    if forth + back == 0:
        return not_made(method, base_n, "no-changes")
    if exact:
        return TestOutcome(method, forth, None, _binomial_p(forth, back), base_n)
    difference = abs(forth - back)
    if correction:
        difference = max(difference - 1.0, 0.0)
    statistic = difference**2 / (forth + back)
    return TestOutcome(method, statistic, 1.0, float(chi2_sf(statistic, 1.0)), base_n)


def _binomial_p(forth: float, back: float) -> float:
    """Two-sided p of a fair coin, summed in whole numbers."""
    fewer, n = round(min(forth, back)), round(forth + back)
    if abs(forth - round(forth)) + abs(back - round(back)) > 1e-9:
        msg = "the exact test needs whole counts"
        raise ValueError(msg)
    tail = sum(comb(n, k) for k in range(fewer + 1))
    return float(min(1.0, 2 * tail / 2**n))


def bowker(table: ArrayLike) -> TestOutcome:
    """Test whether a square table of changes is symmetric (McNemar–Bowker).

    ``Σ (n_ij - n_ji)² / (n_ij + n_ji)`` over the pairs of answers between
    which anybody changed, whose number is the degrees of freedom. R:
    ``mcnemar.test`` of a larger table, which counts empty pairs too and then
    gives NaN; SPSS: McNemar–Bowker, as here.

    Raises
    ------
    ValueError
        If the table is not square.
    """
    counts = as_table(table)
    if counts.shape[0] != counts.shape[1]:
        msg = f"Bowker's test needs a square table, got {counts.shape}"
        raise ValueError(msg)
    upper = np.triu_indices(len(counts), k=1)
    forth, back = counts[upper], counts.T[upper]
    changed = forth + back > 0
    base_n = base_of(counts)
    if not changed.any():
        return not_made("bowker", base_n, "no-changes" if base_n else "no-answers")
    terms = (forth[changed] - back[changed]) ** 2 / (forth[changed] + back[changed])
    statistic, df = float(terms.sum()), float(changed.sum())
    return TestOutcome("bowker", statistic, df, float(chi2_sf(statistic, df)), base_n)
