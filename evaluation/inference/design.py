"""Sampling designs and the variance of estimates from them (Taylor linearisation).

One stage: strata, in each of them clusters (primary sampling units, PSU)
drawn at random, with a finite population correction where the number of
clusters in the population is known. Respondents without a cluster are their
own PSU. The variance is R's ``survey::svyrecvar`` with one stage.

Every array has one entry per respondent. A domain (those who answered, the
women, …) is never cut out of the design: respondents outside it count with
weight 0, as ``subset()`` of a design does in R.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]


class LonelyPsu(StrEnum):
    """What a stratum with a single PSU adds to the variance (its own cannot be estimated).

    R's ``options(survey.lonely.psu = …)`` in parentheses.
    """

    CENTERED = "centered"
    """Squared distance from the overall mean instead of the stratum's: cautious ("adjust")."""
    CERTAINTY = "certainty"
    """Nothing, as if it had been drawn with certainty ("certainty", "remove")."""
    AVERAGE = "average"
    """The mean of the other strata ("average")."""
    FAIL = "fail"
    """No standard error is given ("fail", R's default)."""


class Adjustment(Protocol):
    """A step of weighting whose effect on the variance is known."""

    def residuals(self, z: Floats) -> Floats:
        """Take out of weighted scores, n × k, what the population totals explain."""
        ...


@dataclass(frozen=True, slots=True)
class Design:
    """How respondents were drawn and weighted.

    Attributes
    ----------
    weights
        1-D float64, 0 or more: how many persons each respondent stands for
        (any scale does for means and shares).
    strata, clusters
        1-D integers or texts, or None. A cluster is within its stratum: the
        same name in two strata is two clusters (R: ``nest = TRUE``).
    fpc
        1-D, constant in a stratum, or None: number of PSU in the population
        of the stratum, or the fraction sampled (all at most 1).
    lonely
        See `LonelyPsu`.
    adjustments
        Post-stratification, raking or calibration that made the weights, in
        order; set by `evaluation.inference.weighting`.

    Raises
    ------
    ValueError
        If arrays differ in length, or a weight or fpc is negative or NaN.
    """

    weights: Floats
    strata: NDArray[np.generic] | None = None
    clusters: NDArray[np.generic] | None = None
    fpc: Floats | None = None
    lonely: LonelyPsu = LonelyPsu.CENTERED
    adjustments: tuple[Adjustment, ...] = ()
    layout: Layout = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        weights = np.asarray(self.weights, dtype=np.float64)
        if weights.ndim != 1 or not np.isfinite(weights).all() or (weights < 0).any():
            msg = "weights must be one finite number, 0 or more, per respondent"
            raise ValueError(msg)
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "layout", _layout(self))

    @property
    def n(self) -> int:
        """Number of respondents."""
        return len(self.weights)

    @property
    def is_clustered(self) -> bool:
        """Whether any PSU may hold more than one respondent."""
        return self.clusters is not None

    @property
    def warnings(self) -> tuple[str, ...]:
        """Keys of what is remarkable about the design as a whole."""
        layout = self.layout
        flags = {
            "weights-all-zero": self.n > 0 and not self.weights.any(),
            "single-psu-stratum": bool(layout.is_lonely.any()),
            "fpc-varies-in-stratum": layout.fpc_varies,
            "fpc-smaller-than-sample": layout.fpc_too_small,
        }
        return tuple(key for key, flag in flags.items() if flag)

    def with_weights(self, weights: Floats, *adjustments: Adjustment) -> Design:
        """Return the design with new weights and the steps that made them added."""
        return replace(self, weights=weights, adjustments=(*self.adjustments, *adjustments))


def simple_design(n: int, population: float | None = None) -> Design:
    """Return the design of a simple random sample; ``svydesign(id = ~1, fpc = ~N)``."""
    if population is None or n == 0:
        return Design(np.ones(n))
    whole = max(float(population), float(n))
    return Design(np.full(n, whole / n), fpc=np.full(n, whole))


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the PSU and strata of a design lie, worked out once.

    Attributes
    ----------
    order
        Respondents sorted by stratum and PSU.
    psu_start, stratum_start
        Where each PSU begins in ``order``, and each stratum among the PSU.
    stratum_of_psu
        1-D: stratum of each PSU.
    psu, stratum
        1-D, one per respondent: position of its PSU and of its stratum.
    n_psu
        PSU in each stratum.
    unsampled
        1 less the sampling fraction, of each stratum; 1 without fpc.
    """

    order: Ints
    psu_start: Ints
    stratum_start: Ints
    stratum_of_psu: Ints
    psu: Ints
    stratum: Ints
    n_psu: Ints
    unsampled: Floats
    fpc_varies: bool
    fpc_too_small: bool

    @property
    def is_lonely(self) -> Bools:
        """Strata with one PSU, not drawn with certainty."""
        return np.asarray((self.n_psu == 1) & (self.unsampled > 1e-7))


def _codes(labels: NDArray[np.generic] | None, n: int, *, alone: bool) -> Ints:
    """Number labels 0, 1, 2 …; without labels each respondent is alone, or all are together."""
    if labels is None:
        return np.arange(n) if alone else np.zeros(n, dtype=np.int64)
    given = np.asarray(labels)
    if given.shape != (n,):
        msg = f"strata and clusters need one entry per respondent, {n}, got {given.shape}"
        raise ValueError(msg)
    return np.asarray(np.unique(given, return_inverse=True)[1], dtype=np.int64)


def _layout(design: Design) -> Layout:
    n = len(design.weights)
    stratum = _codes(design.strata, n, alone=False)
    if design.strata is None and design.clusters is None:  # nothing to sort, by the million
        everybody, start = np.arange(n), np.zeros(min(n, 1), dtype=np.int64)
        n_psu = np.bincount(stratum)
        unsampled, varies, too_small = _unsampled(design.fpc, stratum, n_psu)
        return Layout(
            everybody, everybody, start, stratum, everybody, stratum, n_psu,
            unsampled, varies, too_small,
        )  # fmt: skip
    cluster = _codes(design.clusters, n, alone=True)
    order = np.lexsort((cluster, stratum))
    s, c = stratum[order], cluster[order]
    is_new = np.ones(n, dtype=np.bool_)
    is_new[1:] = (s[1:] != s[:-1]) | (c[1:] != c[:-1])
    psu_start = np.flatnonzero(is_new)
    stratum_of_psu = s[psu_start]
    n_psu = np.bincount(stratum_of_psu)
    stratum_start = np.concatenate([[0], np.cumsum(n_psu)[:-1]]) if n else np.zeros(0, np.int64)
    unsampled, varies, too_small = _unsampled(design.fpc, stratum, n_psu)
    psu = np.empty(n, dtype=np.int64)
    psu[order] = np.cumsum(is_new) - 1
    return Layout(
        order, psu_start, stratum_start, stratum_of_psu, psu, stratum, n_psu,
        unsampled, varies, too_small,
    )  # fmt: skip


def _unsampled(fpc: Floats | None, stratum: Ints, n_psu: Ints) -> tuple[Floats, bool, bool]:
    """Share of each stratum's PSU that was not drawn, and what is wrong with the fpc."""
    if fpc is None or len(n_psu) == 0:
        return np.ones(len(n_psu)), False, False
    given = np.asarray(fpc, dtype=np.float64)
    if given.shape != stratum.shape or np.isnan(given).any() or (given <= 0).any():
        msg = "fpc must be one positive number per respondent"
        raise ValueError(msg)
    first = np.unique(stratum, return_index=True)[1]
    size = given[first]
    varies = bool((given != size[stratum]).any())
    fraction = n_psu / size if (given > 1).any() else size
    return np.clip(1 - fraction, 0.0, 1.0), varies, bool((fraction > 1 + 1e-9).any())


# --- sums, degrees of freedom, variance -----------------------------------------------------


def psu_sums(design: Design, z: Floats) -> Floats:
    """Sum n × k scores within PSU; PSU × k, in the layout's order."""
    layout = design.layout
    ordered = z[layout.order]
    return np.add.reduceat(ordered, layout.psu_start, axis=0) if design.is_clustered else ordered


def degrees_of_freedom(design: Design, domain: Bools | None = None) -> float:
    """Return PSU less strata, among those with a respondent of positive weight in the domain.

    R: ``degf(subset(design, domain))``; never below 0.
    """
    counted = design.weights > 0 if domain is None else domain & (design.weights > 0)
    layout = design.layout
    if not counted.any():
        return 0.0
    held = np.add.reduceat(counted[layout.order].astype(np.int64), layout.psu_start) > 0
    n_strata = len(np.unique(layout.stratum_of_psu[held]))
    return float(max(0, int(held.sum()) - n_strata))


def covariance(design: Design, z: ArrayLike) -> Floats | None:
    """Return the k × k covariance matrix of the column sums of z.

    Parameters
    ----------
    design
        The design.
    z
        n × k linearised scores, already multiplied by the weights and 0
        outside the domain (for a total: ``w y``; for a mean:
        ``w (y - mean) / Σ w``).

    Returns
    -------
    2-D array, or None where a stratum has a single PSU and the design says
    `LonelyPsu.FAIL`, or where no stratum allows an estimate.

    Notes
    -----
    ``Σ_h (1 - f_h) n_h / (n_h - 1) Σ_i (z_hi - mean_h)(z_hi - mean_h)'``.
    """
    scaled = _scaled_deviations(design, np.asarray(z, dtype=np.float64))
    return None if scaled is None else scaled.T @ scaled


def variances(design: Design, z: ArrayLike) -> Floats | None:
    """Return only the diagonal of `covariance`, 1-D of length k."""
    scaled = _scaled_deviations(design, np.asarray(z, dtype=np.float64))
    return None if scaled is None else (scaled**2).sum(axis=0)


def stratum_factors(design: Design) -> tuple[Floats, Floats] | None:
    """Return, per stratum, the factor of the squares and the part of the mean to take away.

    The variance is ``Σ_h a_h (Σ_i z_i² - b_h (Σ_i z_i)² / n_h)``; None where
    it cannot be estimated. This is where single PSU are dealt with.
    """
    layout = design.layout
    n = layout.n_psu.astype(np.float64)
    lonely = layout.is_lonely
    if design.lonely is LonelyPsu.FAIL and lonely.any():
        return None
    factor = layout.unsampled * np.where(n > 1, n / np.maximum(n - 1, 1), 1.0)
    centre = np.ones(len(n))
    if design.lonely is LonelyPsu.CENTERED:
        centre[lonely] = 0.0
    if design.lonely is LonelyPsu.AVERAGE and lonely.any():
        if lonely.all():
            return None
        factor = factor * len(n) / (~lonely).sum()
    return factor, centre


def _scaled_deviations(design: Design, z: Floats) -> Floats | None:
    """PSU sums less their stratum means, times the root of the stratum's factor; PSU × k."""
    factors = stratum_factors(design)
    if factors is None:
        return None
    for adjustment in design.adjustments:
        z = adjustment.residuals(z)
    layout = design.layout
    totals = psu_sums(design, z)
    if len(totals) == 0:
        return totals
    factor, centre = factors
    sums = np.add.reduceat(totals, layout.stratum_start, axis=0)
    means = sums * (centre / layout.n_psu)[:, np.newaxis]
    deviations = totals - means[layout.stratum_of_psu]
    return np.asarray(deviations * np.sqrt(factor)[layout.stratum_of_psu, np.newaxis])
