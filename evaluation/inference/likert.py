"""Summaries of scales: nets, balance, mean, median, an index over items, Cronbach's alpha.

Counts may be weighted for the shares, the mean and the medians; standard
errors are for unweighted counts (weighted ones: `evaluation.inference.estimation`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluation.inference.distributions import f_quantile, t_quantile
from evaluation.inference.results import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ScaleSummary:
    """One question on an ordered scale.

    Attributes
    ----------
    top, bottom
        Share (0 to 1) that chose the highest and the lowest steps; None without a base.
    balance
        ``top - bottom``, -1 to 1, with interval.
    mean
        Mean score with interval (t).
    standard_deviation
        Of the scores, divisor n - 1; None for fewer than two answers.
    median
        Middle score; halfway between two where the middle falls between them.
    grouped_median
        Interpolated within the step, as if answers lay evenly in it.
    """

    top: float | None
    bottom: float | None
    balance: Estimate
    mean: Estimate
    standard_deviation: float | None
    median: float | None
    grouped_median: float | None


def scale_summary(
    counts: ArrayLike,
    scores: ArrayLike | None = None,
    *,
    top: int = 2,
    bottom: int = 2,
    level: float = 0.95,
) -> ScaleSummary:
    """Summarise the counts of one scale, lowest step first.

    Parameters
    ----------
    counts
        1-D, one per step.
    scores
        1-D, ascending; default 1, 2, 3 …
    top, bottom
        How many steps make the nets; together at most all steps.
    level
        Confidence.

    Raises
    ------
    ValueError
        If the two nets overlap.
    """
    n, s = _scale(counts, scores)
    if top < 0 or bottom < 0 or top + bottom > len(n):
        msg = f"top and bottom must not overlap: {top} + {bottom} of {len(n)} steps"
        raise ValueError(msg)
    base = n.sum()
    high = n[len(n) - top :].sum()
    low = n[:bottom].sum()
    signs = np.zeros(len(n))
    signs[:bottom] = -1.0
    signs[len(n) - top :] = 1.0
    deviation = _variance(n, s)
    return ScaleSummary(
        top=float(high / base) if base else None,
        bottom=float(low / base) if base else None,
        balance=mean_of_counts(n, signs, level=level, bounds=(-1.0, 1.0)),
        mean=mean_of_counts(n, s, level=level),
        standard_deviation=None if deviation is None else float(np.sqrt(deviation)),
        median=median(n, s),
        grouped_median=grouped_median(n, s),
    )


def mean_of_counts(
    counts: ArrayLike,
    scores: ArrayLike | None = None,
    *,
    level: float = 0.95,
    bounds: tuple[float, float] | None = None,
) -> Estimate:
    """Return the mean score with its t interval; R: ``t.test(rep(scores, counts))``.

    The limits are cut at the ends of the scale (``bounds``; default the
    lowest and highest score).
    """
    n, s = _scale(counts, scores, ascending=False)
    base = float(n.sum())
    if base == 0:
        return Estimate(None, warnings=("no-answers",))
    value = float(n @ s / base)
    variance = _variance(n, s)
    if variance is None:
        return Estimate(value, base_n=round(base), warnings=("no-standard-error",))
    se = float(np.sqrt(variance / base))
    half = float(t_quantile(0.5 + level / 2, base - 1)) * se
    least, most = bounds or (float(s.min()), float(s.max()))
    low, high = max(value - half, least), min(value + half, most)
    return Estimate(value, se, low, high, round(base), base - 1)


def median(counts: ArrayLike, scores: ArrayLike | None = None) -> float | None:
    """Return the median score, None without a base; R: ``median(rep(scores, counts))``."""
    n, s = _scale(counts, scores)
    if n.sum() == 0:
        return None
    below = np.cumsum(n)
    half = below[-1] / 2
    # weighted counts meet the half only up to the last bits of a sum
    slack = 1e-9 * below[-1]
    lower = s[np.searchsorted(below, half - slack, side="left")]
    upper = s[np.searchsorted(below, half + slack, side="right")]
    return float((lower + upper) / 2)


def grouped_median(counts: ArrayLike, scores: ArrayLike | None = None) -> float | None:
    """Return the median interpolated within its step, None without a base.

    Each step reaches halfway to the next (half a step beyond the ends):
    ``L + (n / 2 - below) / in_step * width``. Python:
    ``statistics.median_grouped``; R: ``psych::interp.median``.
    """
    n, s = _scale(counts, scores)
    if n.sum() == 0:
        return None
    if len(s) == 1:
        return float(s[0])
    middles = (s[1:] + s[:-1]) / 2
    edges = np.concatenate([[2 * s[0] - middles[0]], middles, [2 * s[-1] - middles[-1]]])
    half = n.sum() / 2
    below = np.concatenate([[0.0], np.cumsum(n)])
    i = int(np.searchsorted(below[1:], half + 1e-9 * n.sum(), side="right"))
    i = min(i, len(n) - 1)
    part = (half - below[i]) / n[i]
    return float(edges[i] + part * (edges[i + 1] - edges[i]))


def index_scores(
    values: ArrayLike,
    *,
    low: float,
    high: float,
    reverse: Sequence[int] = (),
    minimum_share: float = 0.5,
) -> Floats:
    """Return each respondent's index 0 to 100 over several items.

    Parameters
    ----------
    values
        n × k scores, NaN where missing.
    low, high
        Ends of the scale; ``low`` becomes 0 and ``high`` 100.
    reverse
        Items (positions) whose scale runs the other way.
    minimum_share
        Least share of the items that must be answered.

    Returns
    -------
    1-D: mean of the items answered, rescaled; NaN (missing) where too few were.
    The mean of these is the index of a group: ``estimation.means``.
    """
    x = (np.asarray(values, dtype=np.float64) - low) / (high - low) * 100
    if len(reverse):
        x[:, list(reverse)] = 100 - x[:, list(reverse)]
    answered = ~np.isnan(x)
    n_answered = answered.sum(axis=1)
    enough = (n_answered > 0) & (n_answered >= minimum_share * x.shape[1])
    sums = np.where(answered, x, 0.0).sum(axis=1)
    return np.where(enough, sums / np.maximum(n_answered, 1), np.nan)


@dataclass(frozen=True, slots=True)
class Reliability:
    """Cronbach's alpha of a set of items.

    Attributes
    ----------
    alpha, low, high
        None where undefined, see ``warnings``. Alpha is negative where items
        run against each other: look for one that should be reversed.
    alpha_without
        Alpha of the other items, for each item.
    item_rest
        Correlation of each item with the sum of the others, None without spread.
    n_items, n_used, n_dropped
        Items; respondents who answered all of them, and the others.
    """

    alpha: float | None
    low: float | None
    high: float | None
    alpha_without: tuple[float | None, ...]
    item_rest: tuple[float | None, ...]
    n_items: int
    n_used: int
    n_dropped: int
    warnings: tuple[str, ...] = ()


def cronbach_alpha(values: ArrayLike, *, level: float = 0.95) -> Reliability:
    """Return Cronbach's alpha of n × k item scores, NaN where missing (listwise).

    ``k / (k - 1) (1 - Σ var(item) / var(sum))`` with Feldt's (1965) interval.
    R: ``psych::alpha(na.omit(x))`` (raw_alpha); SPSS: RELIABILITY.
    """
    x = np.asarray(values, dtype=np.float64)
    complete = ~np.isnan(x).any(axis=1)
    used, k = x[complete], x.shape[1]
    n = len(used)
    alpha = _alpha(used)
    without = tuple(_alpha(np.delete(used, j, axis=1)) for j in range(k))
    rest = tuple(_correlation(used[:, j], np.delete(used, j, axis=1).sum(axis=1)) for j in range(k))
    low = high = None
    keys: tuple[str, ...] = ()
    if k < 2:
        keys = ("too-few-items",)
    elif n < 2:
        keys = ("no-answers",) if n == 0 else ("too-few-answers",)
    elif alpha is None:
        keys = ("no-variation",)
    else:
        tail = (1 - level) / 2
        df1, df2 = n - 1.0, (n - 1.0) * (k - 1.0)
        low = 1 - (1 - alpha) * f_quantile(1 - tail, df1, df2)
        high = 1 - (1 - alpha) * f_quantile(tail, df1, df2)
    return Reliability(alpha, low, high, without, rest, k, n, len(x) - n, keys)


# --- parts ---------------------------------------------------------------------------------


def _scale(
    counts: ArrayLike, scores: ArrayLike | None, *, ascending: bool = True
) -> tuple[Floats, Floats]:
    n = np.asarray(counts, dtype=np.float64)
    s = np.arange(len(n)) + 1.0 if scores is None else np.asarray(scores, dtype=np.float64)
    if n.ndim != 1 or s.shape != n.shape or (n < 0).any() or not np.isfinite(n).all():
        msg = "counts must be one finite number, 0 or more, per step"
        raise ValueError(msg)
    if ascending and (np.diff(s) <= 0).any():
        msg = "scores must be ascending"
        raise ValueError(msg)
    return n, np.asarray(s, dtype=np.float64)


def _variance(n: Floats, s: Floats) -> float | None:
    base = n.sum()
    if base <= 1:
        return None
    return float(n @ (s - n @ s / base) ** 2 / (base - 1))


def _alpha(x: Floats) -> float | None:
    n, k = x.shape
    if n < 2 or k < 2:
        return None
    total = float(x.sum(axis=1).var(ddof=1))
    if total <= 1e-12 * max(1.0, float((x**2).mean())):
        return None
    return float(k / (k - 1) * (1 - x.var(axis=0, ddof=1).sum() / total))


def _correlation(a: Floats, b: Floats) -> float | None:
    if len(a) < 2:
        return None
    left, right = a - a.mean(), b - b.mean()
    size = float(np.sqrt((left @ left) * (right @ right)))
    return float(left @ right / size) if size > 1e-12 else None
