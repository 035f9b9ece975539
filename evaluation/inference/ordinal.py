"""Tests for ordered answers: linear trend, Mann–Whitney, Kruskal–Wallis.

In: a table of counts with the ordered answers in the rows and the groups in
the columns (that is all these tests need: every respondent with the same
answer is a tie), or one array of values per group.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from evaluation.inference.crosstabs import base_of
from evaluation.inference.distributions import chi2_sf, normal_two_sided
from evaluation.inference.results import TestOutcome, as_table, not_made

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

SMALL_GROUP: Final = 10
"""Groups below this make the normal approximation of rank tests rough; flagged."""


def trend(
    table: ArrayLike,
    *,
    row_scores: ArrayLike | None = None,
    column_scores: ArrayLike | None = None,
) -> TestOutcome:
    """Test linear-by-linear association, ``M² = (n - 1) r²`` on 1 degree of freedom.

    Parameters
    ----------
    table
        2-D counts, both rows and columns ordered.
    row_scores, column_scores
        One number per row and column; default 1, 2, 3 …

    Notes
    -----
    Agresti (2013), section 3.4. SPSS: "Linear-by-Linear Association"; R:
    ``coin::lbl_test``. ``prop.trend.test`` gives ``n r²`` instead. ``effect``
    is the correlation r.
    """
    counts = as_table(table)
    n = counts.sum()
    if n == 0:
        return not_made("trend", 0, "no-answers")
    x = _centred(row_scores, counts.sum(axis=1))
    y = _centred(column_scores, counts.sum(axis=0))
    variance = float(counts.sum(axis=1) @ x**2) * float(counts.sum(axis=0) @ y**2)
    base_n = base_of(counts)
    if variance <= 0 or n <= 1:
        return not_made("trend", base_n, "too-few-categories")
    r = float(np.clip(x @ counts @ y / np.sqrt(variance), -1.0, 1.0))
    statistic = float((n - 1) * r**2)
    return TestOutcome("trend", statistic, 1.0, float(chi2_sf(statistic, 1.0)), base_n, effect=r)


def _centred(scores: ArrayLike | None, weights: Floats) -> Floats:
    """Scores less their weighted mean, 1-D; exactly 0 where only one score is in use."""
    given = np.arange(len(weights)) + 1.0 if scores is None else np.asarray(scores, np.float64)
    if given.shape != weights.shape or not np.isfinite(given).all():
        msg = "one finite score is needed for every category"
        raise ValueError(msg)
    used = given[weights > 0]
    if (used == used[0]).all():
        return np.zeros_like(given)
    return np.asarray(given - (weights @ given) / weights.sum())


def mann_whitney(table: ArrayLike, *, correction: bool = False) -> TestOutcome:
    """Test whether one of two groups tends to answer higher (Wilcoxon rank sum).

    Parameters
    ----------
    table
        2-D counts, ordered answers × two groups. Empty groups are left out.
    correction
        Continuity correction of one half.

    Returns
    -------
    TestOutcome
        ``statistic`` is R's W (the U of the first group); p from the normal
        distribution with the variance corrected for ties; ``effect`` is the
        share of pairs, one of each group, in which the first is higher, ties
        counting half.

    Notes
    -----
    R: ``wilcox.test(x, y, exact = FALSE, correct = FALSE)``; SPSS: NPAR TESTS
    /M-W (its U is the smaller of W and ``n1 n2 - W``; same Z and p).
    """
    method = "mann-whitney"
    counts, groups, reason = _groups(table)
    base_n = base_of(counts)
    if reason:
        return not_made(method, base_n, reason)
    if len(groups) != 2:
        return not_made(method, base_n, "needs-two-groups")
    n1, n2 = groups
    n = n1 + n2
    w = float(_midranks(counts) @ counts[:, 0] - n1 * (n1 + 1) / 2)
    variance = n1 * n2 / 12 * ((n + 1) - _ties(counts) / (n * (n - 1)))
    shift = w - n1 * n2 / 2
    if correction:
        shift -= np.sign(shift) * 0.5
    p = float(normal_two_sided(shift / np.sqrt(variance)))
    return TestOutcome(method, w, None, p, base_n, _small(groups), effect=float(w / (n1 * n2)))


def kruskal_wallis(table: ArrayLike) -> TestOutcome:
    """Test whether groups answer alike on an ordered scale, H corrected for ties.

    In: 2-D counts, ordered answers × groups; empty groups are left out.
    R: ``kruskal.test(answer ~ group)``; SPSS: NPAR TESTS /K-W. ``effect`` is
    epsilon squared, ``H / (n - 1)`` (Tomczak and Tomczak 2014).
    """
    method = "kruskal"
    counts, groups, reason = _groups(table)
    base_n = base_of(counts)
    if reason:
        return not_made(method, base_n, reason)
    n = groups.sum()
    mean_ranks = _midranks(counts) @ counts / groups
    h = 12 / (n * (n + 1)) * (groups * (mean_ranks - (n + 1) / 2) ** 2).sum()
    h = float(h / (1 - _ties(counts) / (n**3 - n)))
    df = float(len(groups) - 1)
    p = float(chi2_sf(h, df))
    return TestOutcome(method, h, df, p, base_n, _small(groups), effect=float(h / (n - 1)))


def table_of_values(groups: Sequence[ArrayLike]) -> Floats:
    """Turn one array of values per group into distinct values × groups, ascending.

    NaN are left out. The result is what `mann_whitney` and `kruskal_wallis` take.
    """
    arrays = [np.asarray(group, dtype=np.float64).ravel() for group in groups]
    arrays = [values[~np.isnan(values)] for values in arrays]
    pooled = np.concatenate(arrays) if arrays else np.zeros(0)
    distinct, index = np.unique(pooled, return_inverse=True)
    which = np.repeat(np.arange(len(arrays)), [len(values) for values in arrays])
    counts = np.zeros((len(distinct), len(arrays)))
    np.add.at(counts, (index, which), 1.0)
    return counts


def _groups(table: ArrayLike) -> tuple[Floats, Floats, str]:
    """Counts with empty groups gone, group sizes, and why no test can be made ("" if it can)."""
    counts = as_table(table)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    if counts.size == 0:
        return counts, np.zeros(0), "no-answers"
    sizes = counts.sum(axis=0)
    if min(counts.shape) < 2:
        return counts, sizes, "too-few-categories"
    return counts, sizes, ""


def _midranks(counts: Floats) -> Floats:
    """Mean rank of the respondents in each row, 1-D."""
    totals = counts.sum(axis=1)
    return np.asarray(np.cumsum(totals) - (totals - 1) / 2)


def _ties(counts: Floats) -> float:
    totals = counts.sum(axis=1)
    return float((totals**3 - totals).sum())


def _small(groups: Floats) -> tuple[str, ...]:
    return ("small-groups",) if groups.min() < SMALL_GROUP else ()
