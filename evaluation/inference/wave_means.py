"""Change of a mean between waves, and of any design-based estimate.

Shares, and what a change is, are in ``evaluation.inference.waves``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.inference.distributions import t_quantile, t_two_sided
from evaluation.inference.estimation import difference, means
from evaluation.inference.results import TestOutcome, not_made
from evaluation.inference.waves import Change, matched_answers, normal_change

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from evaluation.inference.design import Design

    Floats = NDArray[np.float64]


def mean_change(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Change:
    """Compare the means of two independent samples of numbers (1-D, NaN missing).

    Welch's test; R: ``t.test(second, first)``.
    """
    y1, y2 = (_answered(values) for values in (first, second))
    n1, n2 = len(y1), len(y2)
    if min(n1, n2) < 2:
        return _no_mean_change("independent", y1, y2, 0, "welch", "too-few-answers")
    v1, v2 = y1.var(ddof=1) / n1, y2.var(ddof=1) / n2
    if v1 + v2 <= 0:
        return _no_mean_change("independent", y1, y2, 0, "welch", "no-variation")
    df = float((v1 + v2) ** 2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1)))
    m1, m2 = float(y1.mean()), float(y2.mean())
    return _t_change("independent", (m1, m2), float(v1 + v2), df, (n1, n2, 0), "welch", level)


def paired_mean_change(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Change:
    """Compare the means of pairs (two 1-D arrays of one length, NaN missing).

    Pairs with a missing value are left out. R: ``t.test(second, first, paired = TRUE)``.
    """
    both = np.column_stack([np.asarray(first, float), np.asarray(second, float)])
    both = both[~np.isnan(both).any(axis=1)]
    n, gain = len(both), both[:, 1] - both[:, 0]
    if n < 2 or gain.var() <= 0:
        reason = "too-few-answers" if n < 2 else "no-variation"
        return _no_mean_change("paired", both[:, 0], both[:, 1], n, "paired-t", reason)
    averages = float(both[:, 0].mean()), float(both[:, 1].mean())
    variance = float(gain.var(ddof=1) / n)
    return _t_change("paired", averages, variance, n - 1.0, (n, n, n), "paired-t", level)


def estimate_change(
    first: tuple[float, float, float],
    second: tuple[float, float, float],
    bases: tuple[int, int],
    *,
    level: float = 0.95,
) -> Change:
    """Compare two independent design-based estimates, each ``(value, se, df)``.

    t on Satterthwaite's degrees of freedom; for weighted waves.
    """
    (m1, s1, f1), (m2, s2, f2) = first, second
    variance = s1**2 + s2**2
    if variance <= 0 or min(f1, f2) <= 0:
        test = not_made("design-t", sum(bases), "no-standard-error")
        return Change("independent", m1, m2, m2 - m1, None, None, *bases, 0, test)
    df = variance**2 / (s1**4 / f1 + s2**4 / f2)
    return _t_change("independent", (m1, m2), variance, df, (*bases, 0), "design-t", level)


def wave_mean_change(
    first: ArrayLike,
    second: ArrayLike,
    first_ids: ArrayLike | None = None,
    second_ids: ArrayLike | None = None,
    *,
    level: float = 0.95,
) -> Change:
    """Compare a mean between waves; numbers where `wave_change` has yes and no.

    Pairs (``t.test(paired = TRUE)``) where everybody who answered is matched,
    Welch's t without matches, else all answers with the covariance of the
    pairs, ``n12 cov(y1, y2) / (n1 n2)``, and the normal distribution.
    """
    (y1, left), (y2, right) = matched_answers(first, second, first_ids, second_ids)
    n1, n2, n12 = len(y1), len(y2), len(left)
    if n12 == 0:
        return mean_change(y1, y2, level=level)
    if n12 == n1 == n2:
        return paired_mean_change(y1[left], y2[right], level=level)
    if n12 < 2:
        return mean_change(y1, y2, level=level)
    shared = n12 * float(np.cov(y1[left], y2[right])[0, 1])
    variance = float(y1.var(ddof=1) / n1 + y2.var(ddof=1) / n2 - 2 * shared / (n1 * n2))
    m1, m2 = float(y1.mean()), float(y2.mean())
    return normal_change("overlapping", m1, m2, variance, (n1, n2, n12), level, bound=np.inf)


def design_change(
    design: Design,
    values: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
) -> Change:
    """Compare a weighted share or mean in two waves of one file, clusters perhaps shared.

    Parameters
    ----------
    design
        Of both waves; persons as clusters make their two answers pairs.
    values, first, second
        1-D numbers (NaN missing), and who belongs to each wave (bool).
    level
        Confidence.

    Notes
    -----
    R: ``svycontrast(svyby(~y, ~wave, design, svymean, covmat = TRUE), c(-1, 1))``,
    with t on the degrees of freedom of those who answered.
    """
    y = np.asarray(values, dtype=np.float64)
    answered = ~np.isnan(y)
    waves = [answered & np.asarray(inside, dtype=np.bool_) for inside in (first, second)]
    n1, n2 = (int(inside.sum()) for inside in waves)
    parts = [means(design, y, inside).value for inside in waves]
    m1, m2 = (None if v is None else float(v[0]) for v in parts)
    found = difference(design, y, waves[1], waves[0])
    if found.value is None or m1 is None or m2 is None:
        test = not_made("design-t", n1 + n2, *found.warnings)
        return Change("independent", m1, m2, None, None, None, n1, n2, 0, test)
    se = 0.0 if found.se is None else float(found.se[0])
    if se <= 0 or found.df <= 0:
        test = not_made("design-t", n1 + n2, "no-standard-error")
        return Change("independent", m1, m2, m2 - m1, None, None, n1, n2, 0, test)
    return _t_change("independent", (m1, m2), se**2, found.df, (n1, n2, 0), "design-t", level)


# --- parts ---------------------------------------------------------------------------------


def _t_change(
    kind: str,
    averages: tuple[float, float],
    variance: float,
    df: float,
    bases: tuple[int, int, int],
    method: str,
    level: float,
) -> Change:
    n1, n2, n12 = bases
    gain = averages[1] - averages[0]
    se = float(np.sqrt(variance))
    half = float(t_quantile(0.5 + level / 2, df)) * se
    t = gain / se
    test = TestOutcome(method, t, df, float(t_two_sided(t, df)), n1 + n2 - n12)
    return Change(kind, *averages, gain, gain - half, gain + half, n1, n2, n12, test)


def _no_mean_change(
    kind: str, y1: Floats, y2: Floats, n12: int, method: str, reason: str
) -> Change:
    m1 = float(y1.mean()) if len(y1) else None
    m2 = float(y2.mean()) if len(y2) else None
    gain = None if m1 is None or m2 is None else m2 - m1
    n1, n2 = len(y1), len(y2)
    test = not_made(method, n1 + n2 - n12, reason)
    return Change(kind, m1, m2, gain, None, None, n1, n2, n12, test)


def _answered(values: ArrayLike) -> Floats:
    y = np.asarray(values, dtype=np.float64)
    return np.asarray(y[~np.isnan(y)])
