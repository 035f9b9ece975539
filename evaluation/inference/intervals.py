"""Intervals for proportions: of simple counts, of small populations, of complex designs.

In: counts ``x`` of ``n`` (scalars or arrays of one shape), or an estimated
proportion with its standard error. Out: two float64 arrays of that shape,
shares 0 to 1, never NaN. A base of 0 gives (0, 1): nothing is known.

Formulas, sources and the R call that gives the same: ``docs/method.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from evaluation.inference.distributions import (
    beta_quantile,
    normal_quantile,
    t_quantile,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Limits = tuple[Floats, Floats]

DEFAULT_METHOD: Final = "wilson"

_NO_ERROR: Final = 1e-7
"""A standard error of a share below this is what rounding leaves of 0."""

METHODS: Final = (
    "wilson",
    "clopper-pearson",
    "agresti-coull",
    "jeffreys",
    "logit",
    "korn-graubard",
    "mean",
    "asin",
)
"""All methods by name; ``mean`` and ``asin`` are those of ``svyciprop``."""


def interval(
    x: ArrayLike,
    n: ArrayLike,
    method: str = DEFAULT_METHOD,
    *,
    level: float = 0.95,
    population: ArrayLike | None = None,
) -> Limits:
    """Return the limits of the interval for ``x / n``, elementwise.

    Parameters
    ----------
    x, n
        Counts, or effective counts of weighted data; ``0 <= x <= n``. They
        are broadcast against each other.
    method
        One of `METHODS`. ``wilson``, ``clopper-pearson``, ``agresti-coull``
        and ``jeffreys`` are those of ``prop.test(correct = FALSE)``,
        ``binom.test`` and the literature; ``logit``, ``korn-graubard``,
        ``mean`` and ``asin`` are R's ``survey::svyciprop`` (``logit``,
        ``beta``, ``mean``, ``asin``) for a simple random sample.
    level
        Confidence, between 0 and 1.
    population
        Number of units that the ``n`` are a simple random sample of, without
        replacement (scalar or array); None or infinite for no correction. The
        first four methods use the effective size ``n (N - 1) / (N - n)``,
        the others R's ``fpc``. Where ``N <= n`` everybody answered, there is
        no sampling error, and both limits are ``x / n``.

    Raises
    ------
    ValueError
        If the method is unknown, the level is outside (0, 1) or a count is
        negative, NaN, or greater than its base.
    """
    count, base = _checked(x, n, level)
    size = np.inf if population is None else population
    whole = np.broadcast_to(np.asarray(size, dtype=np.float64), base.shape)
    some = base > 0
    is_census = some & (whole <= base)
    safe_base = np.where(some, base, 1.0)
    share = np.where(some, count / safe_base, 0.0)
    ordinary = some & ~is_census
    use_n = np.where(ordinary, base, 2.0)
    use_share = np.where(ordinary, share, 0.5)
    use_whole = np.where(ordinary, whole, np.inf)
    low, high = _limits(method)(use_share, use_n, use_whole, level)
    low = np.where(is_census, share, np.where(some, low, 0.0))
    high = np.where(is_census, share, np.where(some, high, 1.0))
    return low, high


def design_interval(
    share: ArrayLike,
    se: ArrayLike,
    *,
    df: ArrayLike,
    n: ArrayLike,
    method: str = "logit",
    level: float = 0.95,
) -> Limits:
    """Return the limits for proportions estimated from a complex sample, elementwise.

    Parameters
    ----------
    share, se
        Weighted proportions (0 to 1) and their design-based standard errors.
    df
        Degrees of freedom of the design: clusters less strata.
    n
        Unweighted respondents in the base.
    method
        ``logit``, ``korn-graubard``, ``mean`` and ``asin`` equal
        ``svyciprop(method = "logit" | "beta" | "mean" | "asin")``. The other
        methods are used with the effective base ``n / deff``, where
        ``deff = se² / (p (1 - p) / (n - 1))``, so that weights that are all
        one give the unweighted interval.
    level
        Confidence.

    Notes
    -----
    Where the standard error is 0 because the share is 0 or 1, the effective
    base is ``n`` itself and the limits are those of Clopper and Pearson (of
    the method named, where it is one of the first four). A standard error of
    0 with another share means that nothing was sampled: no width.
    """
    _check_level(level)
    p, error, degrees, base = np.broadcast_arrays(
        *(np.asarray(a, dtype=np.float64) for a in (share, se, df, n))
    )
    error = np.where(error > _NO_ERROR, error, 0.0)
    inside = (p > 0) & (p < 1) & (error > 0) & (base > 1) & (degrees > 0)
    safe_p = np.where(inside, p, 0.5)
    variance = np.where(inside, error, 0.1) ** 2
    safe_n = np.where(inside, base, 2.0)
    if method in _DESIGN:
        low, high = _DESIGN[method](
            safe_p, variance, np.where(inside, degrees, 1.0), safe_n - 1, level
        )
    else:
        effective = safe_p * (1 - safe_p) / variance * safe_n / (safe_n - 1)
        low, high = _limits(method)(safe_p, effective, np.full(p.shape, np.inf), level)
    edge_low, edge_high = _edges(p, error, base, method, level)
    return np.where(inside, low, edge_low), np.where(inside, high, edge_high)


def effective_size(n: ArrayLike, population: ArrayLike) -> Floats:
    """Return the size of the infinite-population sample that is as exact: n (N - 1) / (N - n).

    The variance of a proportion in a simple random sample without replacement
    is ``P (1 - P) / n * (N - n) / (N - 1)`` (Cochran 1977, theorem 3.2).
    Infinite where ``n`` reaches ``N``.
    """
    size, whole = np.broadcast_arrays(
        np.asarray(n, dtype=np.float64), np.asarray(population, dtype=np.float64)
    )
    sampled = whole > size
    finite = sampled & np.isfinite(whole)
    rest = np.where(finite, whole - size, 1.0)
    factor = np.where(finite, (np.where(finite, whole, 2.0) - 1.0) / rest, 1.0)
    return np.where(sampled, size * factor, np.inf)


# --- checks ---------------------------------------------------------------------------


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        msg = f"level must lie between 0 and 1, got {level}"
        raise ValueError(msg)


def _checked(x: ArrayLike, n: ArrayLike, level: float) -> Limits:
    _check_level(level)
    count, base = np.broadcast_arrays(
        np.asarray(x, dtype=np.float64), np.asarray(n, dtype=np.float64)
    )
    # a weighted count may exceed its base by the last bits of a sum
    slack = 1e-9 * np.abs(base)
    if (
        not (np.isfinite(count) & np.isfinite(base)).all()
        or ((count < -slack) | (count > base + slack)).any()
    ):
        msg = "counts must be finite, not negative, and not greater than their base"
        raise ValueError(msg)
    return np.clip(count, 0.0, base), base


def _limits(method: str) -> Callable[[Floats, Floats, Floats, float], Limits]:
    try:
        return _SIMPLE[method]
    except KeyError:
        msg = f"unknown interval method {method!r}; known: {', '.join(METHODS)}"
        raise ValueError(msg) from None


# --- simple random samples: (share, n, population, level) -> limits, 0 < n < population -----


def _z(level: float) -> float:
    return normal_quantile(0.5 + level / 2)


def _clip(low: Floats, high: Floats) -> Limits:
    return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)


def _wilson(share: Floats, n: Floats, population: Floats, level: float) -> Limits:
    z2 = _z(level) ** 2
    size = effective_size(n, population)
    centre = (share + z2 / (2 * size)) / (1 + z2 / size)
    half = np.sqrt(z2 * (share * (1 - share) / size + z2 / (4 * size**2))) / (1 + z2 / size)
    # exact at the ends, where the formula leaves the last bits of a difference
    low = np.where(share <= 0, 0.0, centre - half)
    return _clip(low, np.where(share >= 1, 1.0, centre + half))


def _agresti_coull(share: Floats, n: Floats, population: Floats, level: float) -> Limits:
    z2 = _z(level) ** 2
    size = effective_size(n, population)
    centre = (share * size + z2 / 2) / (size + z2)
    half = np.sqrt(z2 * centre * (1 - centre) / (size + z2))
    return _clip(centre - half, centre + half)


def _clopper_pearson(share: Floats, n: Floats, population: Floats, level: float) -> Limits:
    return _beta_limits(share, effective_size(n, population), level)


def _beta_limits(share: Floats, size: Floats, level: float) -> Limits:
    tail = (1 - level) / 2
    yes, no = share * size, (1 - share) * size
    return beta_quantile(tail, yes, no + 1), beta_quantile(1 - tail, yes + 1, no)


def _jeffreys(share: Floats, n: Floats, population: Floats, level: float) -> Limits:
    tail = (1 - level) / 2
    size = effective_size(n, population)
    yes, no = share * size, (1 - share) * size
    low = beta_quantile(tail, yes + 0.5, no + 0.5)
    high = beta_quantile(1 - tail, yes + 0.5, no + 0.5)
    return np.where(share <= 0, 0.0, low), np.where(share >= 1, 1.0, high)


def _as_design(method: str) -> Callable[[Floats, Floats, Floats, float], Limits]:
    """Make a ``svyciprop`` method into one for a simple random sample with ``fpc``."""

    def limits(share: Floats, n: Floats, population: Floats, level: float) -> Limits:
        inside = (share > 0) & (share < 1) & (n > 1)
        p = np.where(inside, share, 0.5)
        degrees = np.where(inside, n - 1, 1.0)
        variance = p * (1 - p) / degrees * (1 - n / population)
        low, high = _DESIGN[method](p, variance, degrees, degrees, level)
        exact_low, exact_high = _clopper_pearson(share, n, population, level)
        return np.where(inside, low, exact_low), np.where(inside, high, exact_high)

    return limits


# --- complex samples: (share, variance, df, n - 1, level) -> limits, 0 < share < 1 ----------


def _logit(p: Floats, variance: Floats, df: Floats, _rows: Floats, level: float) -> Limits:
    half = t_quantile(0.5 + level / 2, df) * np.sqrt(variance) / (p * (1 - p))
    centre = np.log(p) - np.log1p(-p)
    return _expit(centre - half), _expit(centre + half)


def _expit(x: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))


def _korn_graubard(p: Floats, variance: Floats, df: Floats, rows: Floats, level: float) -> Limits:
    tail = (1 - level) / 2
    ratio = t_quantile(tail, rows) / t_quantile(tail, df)
    return _beta_limits(p, p * (1 - p) / variance * ratio**2, level)


def _mean(p: Floats, variance: Floats, df: Floats, _rows: Floats, level: float) -> Limits:
    half = t_quantile(0.5 + level / 2, df) * np.sqrt(variance)
    return _clip(p - half, p + half)


def _asin(p: Floats, variance: Floats, df: Floats, _rows: Floats, level: float) -> Limits:
    half = t_quantile(0.5 + level / 2, df) * np.sqrt(variance / (4 * p * (1 - p)))
    centre = np.arcsin(np.sqrt(p))
    # R folds an angle outside the quarter turn back; here it stops at 0 and 1
    low = np.sin(np.clip(centre - half, 0.0, np.pi / 2)) ** 2
    return low, np.sin(np.clip(centre + half, 0.0, np.pi / 2)) ** 2


def _edges(p: Floats, error: Floats, base: Floats, method: str, level: float) -> Limits:
    """Limits where the share is 0 or 1, nothing was sampled, or nothing is known."""
    simple = method if method in _SIMPLE and method not in _DESIGN else "clopper-pearson"
    low, high = interval(np.clip(p, 0.0, 1.0) * base, base, simple, level=level)
    certain = (p > 0) & (p < 1) & (error == 0) & (base > 0)
    unknown = (p > 0) & (p < 1) & ~certain
    low = np.where(certain, p, np.where(unknown, 0.0, low))
    return low, np.where(certain, p, np.where(unknown, 1.0, high))


_DESIGN: Final = {
    "logit": _logit,
    "korn-graubard": _korn_graubard,
    "mean": _mean,
    "asin": _asin,
}

_SIMPLE: Final = {
    "wilson": _wilson,
    "clopper-pearson": _clopper_pearson,
    "agresti-coull": _agresti_coull,
    "jeffreys": _jeffreys,
    **{method: _as_design(method) for method in _DESIGN},
}
