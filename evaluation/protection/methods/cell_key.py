"""Cell-key perturbation: small seeded noise, the same for the same count everywhere.

After Marley and Leaver (Australian Bureau of Statistics, 2011): respondents
have keys, and the sum of the keys in a cell decides its noise. It has mean
zero at every count, is at most ``minimum_count`` in size, leaves zeros zero,
and never gives a count of 1 to ``minimum_count`` less one. Totals are changed
too, so that columns do not add up exactly.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from evaluation.protection.catalogue import make_catalogue
from evaluation.protection.perturbed import Changed, changes, draws, weight_shifts
from evaluation.protection.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from evaluation.codebook.schema import Protection
    from evaluation.protection.methods.interface import Surroundings
    from evaluation.tables.table import Table

BISECTIONS = 60


def cell_key(tables: Sequence[Table], policy: Protection, surroundings: Surroundings) -> Changed:
    """Change every count of a release by noise; see `Changed`."""
    rules = Rules(policy, surroundings.links)
    catalogue = make_catalogue(tables, surroundings.links, surroundings.previous)
    drawn = draws(catalogue, surroundings.keyed, policy.seed)
    counts = [
        _noisy(n, key, rules.threshold) if changes(event, rules) else n
        for event, n, key in zip(catalogue.events, catalogue.counts, drawn, strict=True)
    ]
    shifts = weight_shifts(catalogue, drawn, surroundings.weighings, rules)
    return Changed("cell_key", tables, catalogue, counts, rules, shifts)


def _noisy(n: int, key: float, threshold: int) -> int:
    results, probability = noise_table(n, threshold)
    return int(results[np.searchsorted(np.cumsum(probability), key, side="right")])


@cache
def noise_table(n: int, threshold: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return possible results for a count, and their probabilities (sum 1, mean ``n``).

    A normal bell of variance ``threshold / 2`` over the results that are
    allowed, tilted so that its mean is the count.

    Parameters
    ----------
    n
        True count.
    threshold
        Smallest count shown, which is also the greatest change.
    """
    results = np.array(
        [m for m in range(n - threshold, n + threshold + 1) if m == 0 or m >= threshold],
        dtype=np.int64,
    )
    if n == 0:
        return np.array([0], dtype=np.int64), np.array([1.0])
    change = (results - n).astype(float)
    bell = -(change**2) / threshold
    low, high = -10.0, 10.0
    for _ in range(BISECTIONS):
        tilt = (low + high) / 2
        weight = np.exp(bell + tilt * change - (bell + tilt * change).max())
        probability = weight / weight.sum()
        if probability @ change > 0:
            high = tilt
        else:
            low = tilt
    probability[-1] += 1.0 - probability.sum()
    return results, probability
