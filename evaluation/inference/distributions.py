"""Quantiles and tail probabilities, array in, array out, with degenerate ends stated.

The normal quantile comes from the standard library, so that the default
interval needs no scientific library; the others import ``scipy.special``
(never ``scipy.stats``, whose import takes longer than a report's counting).
All agree with R's ``q…`` and ``p…`` functions to at least ten digits.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_STANDARD = NormalDist()


def normal_quantile(probability: float) -> float:
    """``qnorm(probability)``."""
    return _STANDARD.inv_cdf(probability)


def normal_two_sided(z: ArrayLike) -> Floats:
    """``2 * pnorm(-abs(z))``, elementwise."""
    from scipy.special import ndtr

    return np.asarray(2.0 * ndtr(-np.abs(np.asarray(z, dtype=np.float64))))


def t_quantile(probability: float, df: ArrayLike) -> Floats:
    """``qt(probability, df)``; infinite (with its sign) where ``df`` is not positive."""
    from scipy.special import stdtrit

    degrees = np.asarray(df, dtype=np.float64)
    usable = degrees > 0
    safe = np.where(usable, degrees, 1.0)
    value = np.where(
        np.isinf(safe), normal_quantile(probability), stdtrit(np.minimum(safe, 1e12), probability)
    )
    return np.where(usable, value, np.copysign(np.inf, probability - 0.5))


def t_two_sided(t: ArrayLike, df: ArrayLike) -> Floats:
    """``2 * pt(-abs(t), df)``, elementwise; the normal tail where ``df`` is infinite."""
    from scipy.special import stdtr

    size = -np.abs(np.asarray(t, dtype=np.float64))
    degrees = np.asarray(df, dtype=np.float64)
    student = stdtr(np.minimum(degrees, 1e12), size)
    return np.where(np.isinf(degrees), normal_two_sided(size), 2.0 * student)


def chi2_sf(x: ArrayLike, df: ArrayLike) -> Floats:
    """``pchisq(x, df, lower.tail = FALSE)``, elementwise."""
    from scipy.special import chdtrc

    return np.asarray(chdtrc(df, x), dtype=np.float64)


def f_sf(x: float, df1: float, df2: float) -> float:
    """``pf(x, df1, df2, lower.tail = FALSE)``."""
    from scipy.special import fdtrc

    return float(fdtrc(df1, df2, x))


def f_quantile(probability: float, df1: float, df2: float) -> float:
    """``qf(probability, df1, df2)``."""
    from scipy.special import fdtri

    return float(fdtri(df1, df2, probability))


def beta_quantile(probability: float, a: ArrayLike, b: ArrayLike) -> Floats:
    """``qbeta(probability, a, b)``; 0 where ``a`` is 0, and 1 where ``b`` is 0."""
    from scipy.special import betaincinv

    left, right = np.broadcast_arrays(
        np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    )
    inside = (left > 0) & (right > 0)
    value = betaincinv(np.where(inside, left, 1.0), np.where(inside, right, 1.0), probability)
    return np.where(inside, value, np.where(left > 0, 1.0, 0.0))


def noncentrality_limits(x: ArrayLike, df: ArrayLike, level: float) -> tuple[Floats, Floats]:
    """Confidence limits of the noncentrality of a chi-square statistic.

    Those values of lambda for which ``pchisq(x, df, ncp = lambda)`` is
    ``1 - a/2`` (low) and ``a/2`` (high) with ``a = 1 - level``; 0 where even
    lambda = 0 gives less.

    Returns
    -------
    tuple of arrays
        Low and high, one of each per statistic.
    """
    from scipy.special import chdtr, chndtrinc

    value, degrees = np.broadcast_arrays(
        np.asarray(x, dtype=np.float64), np.asarray(df, dtype=np.float64)
    )
    central = chdtr(degrees, value)
    tail = (1.0 - level) / 2.0

    def limit(probability: float) -> Floats:
        has_root = central > probability
        safe = np.where(has_root, value, 10.0 * degrees + 50.0)
        return np.where(has_root, chndtrinc(safe, degrees, probability), 0.0)

    return limit(1.0 - tail), limit(tail)
