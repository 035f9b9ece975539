"""Scales under weights, strata and clusters: means with limits, spread, median, Cronbach's alpha.

The unweighted figures are those of `evaluation.inference.likert`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluation.inference.estimation import means
from evaluation.inference.likert import median

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from evaluation.inference.design import Design

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MeanByDesign:
    """A mean with its limits and the spread of what it is a mean of.

    Attributes
    ----------
    value, low, high
        Mean and limits (t with the design's degrees of freedom, cut at
        ``bounds``); None where they cannot be estimated.
    standard_deviation
        Root of ``svyvar``.
    n
        Respondents, unweighted.
    """

    value: float | None
    low: float | None
    high: float | None
    standard_deviation: float | None
    n: int


def mean_by_design(
    design: Design,
    values: ArrayLike,
    domain: ArrayLike | None = None,
    *,
    bounds: tuple[float, float] = (-np.inf, np.inf),
    level: float = 0.95,
) -> MeanByDesign:
    """Estimate one mean; NaN is no answer.

    R: ``m <- svymean(~y, subset(design, domain & !is.na(y)))``,
    ``confint(m, df = degf(…))`` and ``sqrt(svyvar(~y, …))``.
    """
    y = np.asarray(values, dtype=np.float64)
    inside = ~np.isnan(y)
    if domain is not None:
        inside &= np.asarray(domain, dtype=np.bool_)
    found = means(design, y, inside)
    if found.value is None:
        return MeanByDesign(None, None, None, None, int(inside.sum()))
    value = float(found.value[0])
    limits = found.limits(level=level)
    low = high = None
    if limits is not None:
        low, high = max(float(limits[0][0]), bounds[0]), min(float(limits[1][0]), bounds[1])
    variance = weighted_variance(y[inside], design.weights[inside])
    spread = None if variance is None else float(np.sqrt(variance))
    return MeanByDesign(value, low, high, spread, int(inside.sum()))


def weighted_variance(values: ArrayLike, weights: ArrayLike) -> float | None:
    """Return ``Σ w (y - ȳ)² / Σ w · n/(n - 1)``, n those with a weight; R: ``svyvar``."""
    y, w = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    n, total = int((w > 0).sum()), float(w.sum())
    if n < 2 or total <= 0:
        return None
    return float(w @ (y - w @ y / total) ** 2 / total * n / (n - 1))


def weighted_median(values: ArrayLike, weights: ArrayLike) -> float | None:
    """Return the weighted median, halfway where the half falls between two values.

    R: ``svyquantile(~y, design, 0.5, qrule = "hf2")``.
    """
    y, w = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    used = ~np.isnan(y) & (w > 0)
    if not used.any():
        return None
    steps, place = np.unique(y[used], return_inverse=True)
    return median(np.bincount(place, weights=w[used]), steps)


def weighted_alpha(values: ArrayLike, weights: ArrayLike) -> float | None:
    """Return Cronbach's alpha of n × k item scores from weighted variances, listwise.

    R: ``svycralpha(~a + b + c, design)``. None for fewer than two items or
    respondents, or without variation.
    """
    x, w = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    used = ~np.isnan(x).any(axis=1) & (w > 0)
    x, w = x[used], w[used]
    k = x.shape[1]
    whole = weighted_variance(x.sum(axis=1), w)
    if k < 2 or whole is None or whole <= 1e-12 * max(1.0, float((x**2).mean())):
        return None
    parts = sum(weighted_variance(item, w) or 0.0 for item in x.T)
    return float(k / (k - 1) * (1 - parts / whole))
