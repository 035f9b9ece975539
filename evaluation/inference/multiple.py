"""Many tests at once: adjusted p-values, and how many are significant by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from evaluation.inference.results import TestOutcome

    Floats = NDArray[np.float64]

ADJUSTMENTS: Final = ("none", "bonferroni", "holm", "bh")

ALPHA: Final = 0.05
"""Level of significance unless another is given."""


def p_adjust(p: Sequence[float | None], method: str) -> tuple[float | None, ...]:
    """Adjust p-values for their number; R's ``p.adjust`` with the same names (``BH`` is ``bh``).

    Parameters
    ----------
    p
        P-values; None (a test that could not be made) stays None and is not counted.
    method
        ``none``, ``bonferroni``, ``holm`` (both hold the risk of any false
        finding), or ``bh`` (Benjamini and Hochberg 1995: holds the expected
        share of false findings among the findings, FDR).

    Raises
    ------
    ValueError
        If the method is unknown or a p-value lies outside 0 to 1.
    """
    given = [value for value in p if value is not None]
    adjusted = iter(adjust_array(np.array(given, dtype=np.float64), method).tolist())
    return tuple(None if value is None else next(adjusted) for value in p)


def adjust_array(p: Floats, method: str) -> Floats:
    """Do `p_adjust` on a 1-D array without gaps.

    Raises
    ------
    ValueError
        If the method is unknown, or a value lies outside 0 to 1.
    """
    if method not in ADJUSTMENTS:
        msg = f"unknown adjustment {method!r}; known: {', '.join(ADJUSTMENTS)}"
        raise ValueError(msg)
    if not ((p >= 0) & (p <= 1)).all():
        msg = "p-values must lie between 0 and 1"
        raise ValueError(msg)
    n = len(p)
    if method == "none" or n == 0:
        return p.copy()
    if method == "bonferroni":
        return np.minimum(p * n, 1.0)
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(n)
    if method == "holm":
        steps = p[order] * (n - np.arange(n))
        adjusted[order] = np.maximum.accumulate(steps)
    else:
        steps = p[order] * n / (np.arange(n) + 1)
        adjusted[order] = np.minimum.accumulate(steps[::-1])[::-1]
    return np.minimum(adjusted, 1.0)


@dataclass(frozen=True, slots=True)
class Tally:
    """The tests of a whole report.

    Attributes
    ----------
    n_tests
        Tests that gave a p-value.
    n_significant
        Those with p below ``alpha``.
    n_by_chance
        How many would be expected below ``alpha`` if there were no
        difference anywhere: ``alpha * n_tests``.
    n_after_adjustment
        Those with an adjusted p below ``alpha``.
    adjustment, alpha
        What was used.
    """

    n_tests: int
    n_significant: int
    n_by_chance: float
    n_after_adjustment: int
    adjustment: str
    alpha: float


def tally(
    outcomes: Sequence[TestOutcome], *, alpha: float = ALPHA, adjustment: str = "bh"
) -> Tally:
    """Count the tests of a report and how many are significant, by chance and after adjustment."""
    p = np.array([o.p for o in outcomes if o.p is not None], dtype=np.float64)
    return Tally(
        n_tests=len(p),
        n_significant=int((p < alpha).sum()),
        n_by_chance=alpha * len(p),
        n_after_adjustment=int((adjust_array(p, adjustment) < alpha).sum()),
        adjustment=adjustment,
        alpha=alpha,
    )
