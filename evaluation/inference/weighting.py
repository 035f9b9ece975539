"""Weights that make respondents agree with known totals of the population.

Post-stratification, raking, linear calibration and trimming. Each function
takes a `Design` (with ``simple_design(n)`` where everybody counts alike) and
gives a `Weighted`: the new design, whose standard errors take the adjustment
into account, or no design and the reasons. Nothing is merged or dropped
silently.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from evaluation.inference.adjustments import Calibrated, PostStratified, Raked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from evaluation.inference.design import Design

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

TOLERANCE: Final = 1e-10
"""Raking stops when no margin is further than this from its total, relative to the sum."""

MAX_ROUNDS: Final = 1000

_CREEPING: Final = 200


@dataclass(frozen=True, slots=True)
class Margin:
    """Known totals of one variable (or of a combination of variables).

    Attributes
    ----------
    name
        What it is called in issues.
    codes
        1-D, one per respondent: position in ``totals``, negative where unknown.
    totals
        1-D: number of persons in each category of the population. Shares do
        as well, the weights then add up to 1 (or 100).
    """

    name: str
    codes: Ints
    totals: Floats


@dataclass(frozen=True, slots=True)
class WeightingIssue:
    """Why weighting failed, or what is remarkable about it.

    Attributes
    ----------
    code
        ``margin-without-respondents`` (merge the category with another),
        ``respondents-without-total``, ``margin-unknown`` (respondents without
        a category), ``margins-disagree`` (totals that differ in sum; scaled
        to the first's), ``not-converged``, ``collinear-totals``,
        ``negative-weights``, ``no-respondents``, ``weights-all-zero``,
        ``bounds-too-narrow``.
    margin, category
        Which margin, and the position of its category (-1 for none).
    count
        Respondents concerned.
    value
        The total, or the largest deviation left.
    stops
        Whether there are no weights because of it.
    """

    code: str
    margin: str = ""
    category: int = -1
    count: int = 0
    value: float = 0.0
    stops: bool = True


@dataclass(frozen=True, slots=True)
class Weighted:
    """Outcome of weighting.

    Attributes
    ----------
    design
        The design with the new weights, None where there are none.
    rounds
        Rounds that raking took (1 for the direct methods, 0 without weights).
    is_converged
        Whether every total is met within the tolerance.
    largest_gap
        Largest deviation of a weighted count from its total, as a share of
        the sum of the totals (of the total itself, for calibration).
    issues
        See `WeightingIssue`.
    """

    design: Design | None
    rounds: int
    is_converged: bool
    largest_gap: float
    issues: tuple[WeightingIssue, ...] = ()

    @property
    def weights(self) -> Floats | None:
        """The new weights, 1-D, None where there are none."""
        return None if self.design is None else self.design.weights

    @property
    def deff(self) -> float:
        """Kish's design effect of the new weights, 1 where there are none."""
        return 1.0 if self.weights is None else kish_deff(self.weights)

    @property
    def effective_n(self) -> float:
        """Kish's effective base of the new weights, 0 where there are none."""
        return 0.0 if self.weights is None else effective_base(self.weights)


# --- Kish ----------------------------------------------------------------------------------


def effective_base(weights: ArrayLike) -> float:
    """Return Kish's effective base ``(Σ w)² / Σ w²``; 0 where all weights are 0."""
    w = np.asarray(weights, dtype=np.float64)
    return float(effective_bases(w.sum(), (w**2).sum()))


def effective_bases(sum_w: ArrayLike, sum_w2: ArrayLike) -> Floats:
    """Return Kish's effective bases from sums of weights and of their squares, elementwise."""
    total, squares = np.asarray(sum_w, dtype=np.float64), np.asarray(sum_w2, dtype=np.float64)
    some = squares > 0
    return np.where(some, total**2 / np.where(some, squares, 1.0), 0.0)


def kish_deff(weights: ArrayLike) -> float:
    """Return Kish's design effect of unequal weights, ``n Σ w² / (Σ w)²`` over w > 0; at least 1.

    1 where all weights are 0: there is nothing that they could spoil.
    """
    w = np.asarray(weights, dtype=np.float64)
    base = effective_base(w)
    return float((w > 0).sum() / base) if base else 1.0


# --- the methods ---------------------------------------------------------------------------


def poststratify(design: Design, margin: Margin) -> Weighted:
    """Make the weights of every category add up to its total.

    R: ``postStratify(design, ~group, population)``. For several variables at
    once let the margin's categories be their combinations.
    """
    issues = _issues(design, (margin,))
    if any(issue.stops for issue in issues):
        return Weighted(None, 0, False, 0.0, tuple(issues))
    totals = np.asarray(margin.totals, dtype=np.float64)
    new = _step(design.weights, margin.codes, totals)
    step = PostStratified(margin.codes, design.weights, new)
    gap = _gap(new, margin.codes, totals, totals.sum())
    return Weighted(design.with_weights(new, step), 1, True, gap, tuple(issues))


def rake(
    design: Design,
    margins: Sequence[Margin],
    *,
    tolerance: float = TOLERANCE,
    max_rounds: int = MAX_ROUNDS,
) -> Weighted:
    """Make the weights agree with several margins by iterative proportional fitting.

    R: ``rake(design, list(~a, ~b), list(pop_a, pop_b), control = list(maxit =
    1000, epsilon = 1e-10))``; R's own default stops when a cell moves by less
    than one person, which agrees to three or four digits. Where raking does
    not converge (margins that contradict each other within the sample) the
    last weights are given with the issue ``not-converged``.
    """
    issues = _issues(design, margins)
    if not margins or any(issue.stops for issue in issues):
        return Weighted(None, 0, False, 0.0, tuple(issues))
    grand = float(np.sum(margins[0].totals))
    totals = [np.asarray(m.totals, np.float64) * (grand / np.sum(m.totals)) for m in margins]
    weights = design.weights
    after: list[Floats] = []
    gap, rounds = np.inf, 0
    while rounds < max_rounds and gap > tolerance:
        rounds += 1
        after = []
        for margin, total in zip(margins, totals, strict=True):
            weights = _step(weights, margin.codes, total)
            after.append(weights)
        gap = max(
            _gap(weights, m.codes, total, grand) for m, total in zip(margins, totals, strict=True)
        )
    converged = gap <= tolerance
    if not converged:
        issues.append(WeightingIssue("not-converged", value=gap, stops=False))
    step = Raked(tuple(m.codes for m in margins), tuple(after))
    return Weighted(design.with_weights(weights, step), rounds, converged, gap, tuple(issues))


def calibrate(design: Design, auxiliaries: ArrayLike, totals: ArrayLike) -> Weighted:
    """Make weighted totals of numbers (or 0/1 columns) agree, moving weights as little as may be.

    Parameters
    ----------
    design
        The design.
    auxiliaries
        n × k, without NaN; a column of ones makes the weights add up.
    totals
        k totals in the population.

    Raises
    ------
    ValueError
        If the auxiliaries are not finite, or not one row a respondent and one column a total.

    Notes
    -----
    Deville and Särndal (1992), chi-square distance: ``w (1 + x' λ)``. R:
    ``calibrate(design, ~x, population)`` (GREG). Weights may become negative;
    that is said in ``issues`` and no design is given then.
    """
    x = np.asarray(auxiliaries, dtype=np.float64)
    x = x[:, np.newaxis] if x.ndim == 1 else x
    target = np.asarray(totals, dtype=np.float64)
    if x.shape != (design.n, len(target)) or not np.isfinite(x).all():
        msg = f"auxiliaries must be finite, {design.n} x {len(target)}, got {x.shape}"
        raise ValueError(msg)
    issues = _design_issues(design)
    if issues:
        return Weighted(None, 0, False, 0.0, tuple(issues))
    w = design.weights
    gram = x.T @ (x * w[:, np.newaxis])
    if np.linalg.matrix_rank(_unit_scaled(gram)) < len(target):
        return Weighted(None, 0, False, 0.0, (WeightingIssue("collinear-totals"),))
    g = 1 + x @ np.linalg.solve(gram, target - w @ x)
    new = w * g
    gap = float(np.max(np.abs(new @ x - target) / (1 + np.abs(target)), initial=0.0))
    if (new < 0).any():
        issue = WeightingIssue(
            "negative-weights", count=int((new < 0).sum()), value=float(new.min())
        )
        return Weighted(None, 0, False, gap, (issue,))
    root = np.sqrt(w)
    basis, _ = np.linalg.qr(x * root[:, np.newaxis])
    return Weighted(design.with_weights(new, Calibrated(basis, g * root)), 1, True, gap)


def calibrate_margins(design: Design, margins: Sequence[Margin]) -> Weighted:
    """Do `calibrate` with the categories of margins as 0/1 columns.

    R: ``calibrate(design, ~a + b, c("(Intercept)" = N, a2 = …, b2 = …))``.
    Totals that differ in sum are scaled to the first margin's.
    """
    issues = _issues(design, margins)
    if not margins or any(issue.stops for issue in issues):
        return Weighted(None, 0, False, 0.0, tuple(issues))
    grand = float(np.sum(margins[0].totals))
    columns, targets = [], []
    for i, margin in enumerate(margins):
        totals = np.asarray(margin.totals, np.float64) * (grand / np.sum(margin.totals))
        # the first category of later margins follows from the first margin's sum
        for category in range(min(i, 1), len(totals)):
            if totals[category] > 0:
                columns.append((margin.codes == category).astype(np.float64))
                targets.append(totals[category])
    outcome = calibrate(design, np.column_stack(columns), targets)
    return replace(outcome, issues=(*issues, *outcome.issues))


def trim(
    weights: ArrayLike,
    *,
    lower: float = 0.0,
    upper: float = np.inf,
    strict: bool = True,
) -> tuple[Floats, tuple[WeightingIssue, ...]]:
    """Cut weights to bounds and give what was cut, in equal parts, to the others.

    Parameters
    ----------
    weights
        1-D, 0 or more.
    lower, upper
        Bounds, in the units of the weights.
    strict
        Repeat until all lie within the bounds (what is given may push others
        over); else once.

    Returns
    -------
    The weights, with the same sum, and issues: ``bounds-too-narrow`` where no
    such weights exist; the weights are then unchanged.

    Notes
    -----
    R: ``trimWeights(design, upper, lower, strict)``. The standard errors of
    the design do not know of trimming, in R neither.
    """
    w = np.asarray(weights, dtype=np.float64)
    n, total = len(w), float(w.sum())
    slack = 1e-12 * max(total, 1.0)
    if n and not n * lower - slack <= total <= n * upper + slack:
        return w.copy(), (WeightingIssue("bounds-too-narrow", value=total / n),)
    result = w.copy()
    for round_ in range(MAX_ROUNDS if strict else 1):
        cut = np.clip(result, lower, upper)
        outside = np.abs(result - cut) > slack
        if not outside.any():
            break
        # R's steps nearly always settle in a few rounds; where they creep, what
        # has been cut is held and no longer receives
        rest = ~outside if round_ < _CREEPING else (cut > lower) & (cut < upper)
        if not rest.any():
            return w.copy(), (WeightingIssue("bounds-too-narrow", value=total / n),)
        cut[rest] += (result - cut).sum() / rest.sum()
        result = cut
    return result, ()


# --- parts ---------------------------------------------------------------------------------


def _step(weights: Floats, codes: Ints, totals: Floats) -> Floats:
    sums = np.bincount(codes, weights=weights, minlength=len(totals))
    factor = np.where(sums > 0, totals / np.where(sums > 0, sums, 1.0), 1.0)
    return np.asarray(weights * factor[codes])


def _gap(weights: Floats, codes: Ints, totals: Floats, grand: float) -> float:
    sums = np.bincount(codes, weights=weights, minlength=len(totals))
    return float(np.abs(sums - totals).max() / grand)


def _unit_scaled(gram: Floats) -> Floats:
    """A Gram matrix with ones on its diagonal, so that units do not decide its rank."""
    size = np.sqrt(np.diag(gram))
    size = np.where(size > 0, size, 1.0)
    return np.asarray(gram / np.outer(size, size))


def _design_issues(design: Design) -> list[WeightingIssue]:
    if design.n == 0:
        return [WeightingIssue("no-respondents")]
    if not design.weights.any():
        return [WeightingIssue("weights-all-zero", count=design.n)]
    return []


def _issues(design: Design, margins: Sequence[Margin]) -> list[WeightingIssue]:
    issues = _design_issues(design)
    if issues:
        return issues
    for margin in margins:
        issues += _margin_issues(design, margin)
    sums = [float(np.sum(m.totals)) for m in margins]
    for margin, total in zip(margins[1:], sums[1:], strict=True):
        if abs(total - sums[0]) > 1e-9 * abs(sums[0]):
            issues.append(WeightingIssue("margins-disagree", margin.name, value=total, stops=False))
    return issues


def _margin_issues(design: Design, margin: Margin) -> list[WeightingIssue]:
    """Every category of a margin that cannot be weighted."""
    totals = np.asarray(margin.totals, dtype=np.float64)
    codes = np.asarray(margin.codes)
    if codes.shape != (design.n,) or (codes >= len(totals)).any():
        msg = f"margin {margin.name!r}: one category per respondent, each with a total, is needed"
        raise ValueError(msg)
    if not np.isfinite(totals).all() or (totals < 0).any():
        msg = f"margin {margin.name!r}: totals must be finite and not negative"
        raise ValueError(msg)
    unknown = int((codes < 0).sum())
    issues = []
    if unknown:
        issues.append(WeightingIssue("margin-unknown", margin.name, count=unknown))
    known = codes >= 0
    counts = np.bincount(codes[known], minlength=len(totals))
    weighted = np.bincount(codes[known], weights=design.weights[known], minlength=len(totals))
    for category, total in enumerate(totals):
        place = (margin.name, category, int(counts[category]), float(total))
        if total > 0 and weighted[category] <= 0:
            issues.append(WeightingIssue("margin-without-respondents", *place))
        elif total == 0 and weighted[category] > 0:
            issues.append(WeightingIssue("respondents-without-total", *place))
    return issues
