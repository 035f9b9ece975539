"""What weighting to known totals does to the variance: residuals from the totals used.

Each step takes weighted scores (n × k, ``w (y - mean) / Σ w``) and takes out
of them what the known totals explain, as R's ``survey::svyrecvar`` does with
``design$postStrata``. Weights that are 0 keep a score of 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

RAKING_ROUNDS: Final = 10
"""Rounds of alternating projections, the number that R takes."""


@dataclass(frozen=True, slots=True)
class PostStratified:
    """Post-stratification: scores less their mean in the post-stratum.

    Attributes
    ----------
    group
        1-D: post-stratum of each respondent, 0, 1, 2 …
    old, new
        Weights before and after.
    """

    group: Ints
    old: Floats
    new: Floats

    def residuals(self, z: Floats) -> Floats:
        """Return ``z - new · (Σ old z / new) / Σ old`` within post-strata."""
        per_weight = _per_weight(z, self.new)
        sums = _group_sums(per_weight * self.old[:, np.newaxis], self.group)
        base = np.bincount(self.group, weights=self.old)
        means = sums / np.where(base > 0, base, 1.0)[:, np.newaxis]
        return np.asarray(z - means[self.group] * self.new[:, np.newaxis])


@dataclass(frozen=True, slots=True)
class Raked:
    """Raking: the post-stratification step for every margin in turn, ten rounds.

    Attributes
    ----------
    groups
        One 1-D array of categories per margin.
    weights
        The weights after each margin's step in the last round.
    """

    groups: tuple[Ints, ...]
    weights: tuple[Floats, ...]

    def residuals(self, z: Floats) -> Floats:
        """Return the scores after alternating projections on the margins."""
        sizes = [np.bincount(group).astype(np.float64) for group in self.groups]
        for _ in range(RAKING_ROUNDS):
            for group, weights, size in zip(self.groups, self.weights, sizes, strict=True):
                sums = _group_sums(_per_weight(z, weights), group)
                means = sums / np.maximum(size, 1.0)[:, np.newaxis]
                z = z - means[group] * weights[:, np.newaxis]
        return z


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Linear calibration (GREG): residuals of a weighted regression on the auxiliaries.

    Attributes
    ----------
    basis
        n × k orthonormal basis of the auxiliaries times the root of the old weights.
    scale
        1-D: ``g`` times the root of the old weights.
    """

    basis: Floats
    scale: Floats

    def residuals(self, z: Floats) -> Floats:
        """Return the residuals on the scale of the scores."""
        scaled = _per_weight(z, self.scale)
        rest = scaled - self.basis @ (self.basis.T @ scaled)
        return np.asarray(rest * self.scale[:, np.newaxis])


def _per_weight(z: Floats, weights: Floats) -> Floats:
    used = weights != 0
    return np.asarray(
        np.where(used[:, np.newaxis], z / np.where(used, weights, 1.0)[:, np.newaxis], 0.0)
    )


def _group_sums(values: Floats, group: Ints) -> Floats:
    return np.stack([np.bincount(group, weights=column) for column in values.T], axis=1)
