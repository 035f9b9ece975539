"""Means, shares, totals and ratios from a sampling design, with standard errors.

Each function takes a `Design` and values with one row per respondent; rows
with NaN, and rows outside the domain, are not in the base. Where nothing can
be estimated the fields are None and ``warnings`` says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluation.inference.design import covariance, degrees_of_freedom
from evaluation.inference.distributions import t_quantile
from evaluation.inference.intervals import design_interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from evaluation.inference.design import Design

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Estimates:
    """Estimates of k figures on one base.

    Attributes
    ----------
    value
        1-D of length k, or None where the base is empty or has no weight.
    covariance
        k × k, or None where it cannot be estimated.
    deff
        1-D design effects: the variance as a multiple of that of a simple
        random sample of the same size; 1 where that is 0. None with the
        covariance.
    df
        Degrees of freedom, PSU less strata.
    n
        Unweighted respondents in the base.
    weight_sum
        Their weights.
    warnings
        Keys, see the texts catalogue.
    """

    value: Floats | None
    covariance: Floats | None
    deff: Floats | None
    df: float
    n: int
    weight_sum: float
    warnings: tuple[str, ...] = ()

    @property
    def se(self) -> Floats | None:
        """Standard errors, 1-D."""
        if self.covariance is None:
            return None
        return np.asarray(np.sqrt(np.maximum(np.diag(self.covariance), 0.0)))

    def limits(self, *, level: float = 0.95) -> tuple[Floats, Floats] | None:
        """Return ``confint(…, df = degf(design))``: value ± t · se, or None without se.

        For shares take `share_limits` instead, which stays within 0 to 1.
        """
        se = self.se
        if self.value is None or se is None or self.df <= 0:
            return None
        half = t_quantile(0.5 + level / 2, self.df) * se
        return self.value - half, self.value + half

    def share_limits(
        self, method: str = "logit", *, level: float = 0.95
    ) -> tuple[Floats, Floats] | None:
        """Return the limits of estimates that are shares, see ``intervals.design_interval``."""
        se = self.se
        if self.value is None or se is None:
            return None
        return design_interval(self.value, se, df=self.df, n=self.n, method=method, level=level)


def means(design: Design, values: ArrayLike, domain: ArrayLike | None = None) -> Estimates:
    """Estimate the means of k columns; shares are means of 0/1 columns.

    Parameters
    ----------
    design
        The design.
    values
        n or n × k numbers (or booleans).
    domain
        n booleans: who is in the base; None for all.

    Notes
    -----
    R: ``svymean(~y, subset(design, domain), na.rm = TRUE, deff = TRUE)``.
    ``deff`` compares with sampling without replacement from a population of
    the sum of the weights; where the weights add up to no more than the
    respondents (they do not say how large the population is) with
    replacement, R's ``deff = "replace"``.
    """
    y, inside = _prepared(design, values, domain)
    w = np.where(inside, design.weights, 0.0)
    total = float(w.sum())
    if total <= 0:
        return _nothing(design, inside)
    average = w @ y / total
    centred = np.where(inside[:, np.newaxis], y - average, 0.0)
    spread = covariance(design, centred * (w / total)[:, np.newaxis])
    n = int((w > 0).sum())
    srs = _srs_variance(centred, w, total, n) / n
    return _estimates(design, average, spread, srs, inside, total)


def totals(design: Design, values: ArrayLike, domain: ArrayLike | None = None) -> Estimates:
    """Estimate population totals of k columns; R: ``svytotal(…, deff = TRUE)``.

    The weights must then gross up to the population.
    """
    y, inside = _prepared(design, values, domain)
    w = np.where(inside, design.weights, 0.0)
    total = float(w.sum())
    if total <= 0:
        return _nothing(design, inside)
    spread = covariance(design, y * w[:, np.newaxis])
    n = int((w > 0).sum())
    centred = np.where(inside[:, np.newaxis], y - w @ y / total, 0.0)
    srs = _srs_variance(centred, w, total, n) * total**2 / n
    return _estimates(design, w @ y, spread, srs, inside, total)


def ratio(
    design: Design,
    numerator: ArrayLike,
    denominator: ArrayLike,
    domain: ArrayLike | None = None,
) -> Estimates:
    """Estimate the ratio of two totals; R: ``svyratio(~y, ~x, design)``.

    In: n numbers each. The value is None where the denominator's total is 0.
    ``deff`` is not given (R's is of the linearised variable).
    """
    both = np.column_stack([np.asarray(numerator, float), np.asarray(denominator, float)])
    yx, inside = _prepared(design, both, domain)
    w = np.where(inside, design.weights, 0.0)
    y_total, x_total = w @ yx
    if x_total == 0:
        return _nothing(design, inside)
    value = y_total / x_total
    score = w * (yx[:, 0] - value * yx[:, 1]) / x_total
    spread = covariance(design, score[:, np.newaxis])
    return _estimates(design, np.array([value]), spread, None, inside, float(w.sum()))


def difference(design: Design, values: ArrayLike, first: ArrayLike, second: ArrayLike) -> Estimates:
    """Estimate mean(first) - mean(second) of k columns for two domains that may share clusters.

    R: ``svycontrast(svyby(~y, ~g, design, svymean, covmat = TRUE), c(1, -1))``.
    """
    y, in_first = _prepared(design, values, first)
    _, in_second = _prepared(design, values, second)
    scores = np.zeros_like(y)
    value = np.zeros(y.shape[1])
    for sign, inside in ((1.0, in_first), (-1.0, in_second)):
        w = np.where(inside, design.weights, 0.0)
        total = float(w.sum())
        if total <= 0:
            return _nothing(design, inside)
        average = w @ y / total
        value += sign * average
        scores += sign * np.where(inside[:, np.newaxis], y - average, 0.0) * (w / total)[:, None]
    either = in_first | in_second
    weight_sum = float(design.weights[either].sum())
    return _estimates(design, value, covariance(design, scores), None, either, weight_sum)


# --- parts -------------------------------------------------------------------------------------


def _prepared(design: Design, values: ArrayLike, domain: ArrayLike | None) -> tuple[Floats, Bools]:
    """Values as n × k with 0 for NaN, and who is in the base."""
    y = np.asarray(values, dtype=np.float64)
    y = y[:, np.newaxis] if y.ndim == 1 else y
    if len(y) != design.n:
        msg = f"one row per respondent is needed, {design.n}, got {len(y)}"
        raise ValueError(msg)
    answered = ~np.isnan(y).any(axis=1)
    if domain is not None:
        answered &= np.asarray(domain, dtype=np.bool_)
    return np.nan_to_num(y, nan=0.0), np.asarray(answered)


def _srs_variance(centred: Floats, w: Floats, total: float, n: int) -> Floats:
    """Weighted variance of each column (``svyvar``), less the share of the population drawn."""
    if n < 2:
        return np.zeros(centred.shape[1])
    variance = w @ centred**2 / total * n / (n - 1)
    unsampled = (total - n) / total if total > n * (1 + 1e-9) else 1.0
    return np.asarray(variance * unsampled)


def _nothing(design: Design, inside: Bools) -> Estimates:
    n = int(inside.sum())
    reason = "weights-all-zero" if n else "no-answers"
    return Estimates(None, None, None, degrees_of_freedom(design, inside), n, 0.0, (reason,))


def _is_spurious(design: Design, value: Floats, spread: Floats) -> bool:
    """Whether errors of 0 only mean that a single PSU has no spread; not so in a census."""
    negligible = np.diag(spread) <= (1e-9 * (1 + np.abs(value))) ** 2
    return bool(negligible.all() and (design.layout.unsampled > 1e-7).any())


def _estimates(
    design: Design,
    value: Floats,
    spread: Floats | None,
    srs: Floats | None,
    inside: Bools,
    weight_sum: float,
) -> Estimates:
    df = degrees_of_freedom(design, inside)
    keys = [key for key in design.warnings if key != "weights-all-zero"]
    if spread is not None and df <= 0 and _is_spurious(design, value, spread):
        spread = None
    if spread is None:
        keys.append("no-standard-error")
    deff = None
    if spread is not None and srs is not None:
        usable = srs > 0
        deff = np.where(usable, np.diag(spread) / np.where(usable, srs, 1.0), 1.0)
    n = int(inside.sum())
    return Estimates(value, spread, deff, df, n, weight_sum, tuple(keys))
