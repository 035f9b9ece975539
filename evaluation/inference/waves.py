"""Change of a share between waves: independent samples, a panel, or samples that overlap.

Means are in ``evaluation.inference.wave_means``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from evaluation.inference.crosstabs import pearson
from evaluation.inference.distributions import (
    normal_quantile,
    normal_two_sided,
)
from evaluation.inference.intervals import interval
from evaluation.inference.paired import mcnemar
from evaluation.inference.results import TestOutcome, as_table, not_made

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

INTERVALS: Final = ("newcombe", "wald")


@dataclass(frozen=True, slots=True)
class Change:
    """From one wave to the next.

    Attributes
    ----------
    kind
        ``independent``, ``paired`` or ``overlapping``.
    first, second
        Share (0 to 1) or mean of each wave; None without a base.
    difference, low, high
        ``second - first`` with its interval; None where undefined.
    n_first, n_second, n_both
        Bases, and respondents in both.
    test
        Of no change.
    """

    kind: str
    first: float | None
    second: float | None
    difference: float | None
    low: float | None
    high: float | None
    n_first: int
    n_second: int
    n_both: int
    test: TestOutcome


def share_change(
    x1: int, n1: int, x2: int, n2: int, *, method: str = "newcombe", level: float = 0.95
) -> Change:
    """Compare a share in two independent samples, ``x1`` of ``n1`` and ``x2`` of ``n2``.

    The test is Pearson's chi-square without correction. ``newcombe`` is the
    hybrid of the two Wilson intervals (Newcombe 1998, method 10), ``wald``
    that of ``prop.test(c(x2, x1), c(n2, n1), correct = FALSE)``.

    Raises
    ------
    ValueError
        If the method is unknown.
    """
    test = pearson([[x1, x2], [n1 - x1, n2 - x2]], level=level)
    if n1 == 0 or n2 == 0:
        test = not_made("pearson", n1 + n2, "no-answers")
        return Change(
            "independent", _ratio(x1, n1), _ratio(x2, n2), None, None, None, n1, n2, 0, test
        )
    p1, p2 = x1 / n1, x2 / n2
    if method == "newcombe":
        low, high = _square_and_add(p1, p2, n1, n2, 0.0, level)
    elif method == "wald":
        half = _z(level) * float(np.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2))
        low, high = max(-1.0, p2 - p1 - half), min(1.0, p2 - p1 + half)
    else:
        msg = f"unknown method {method!r}; known: {', '.join(INTERVALS)}"
        raise ValueError(msg)
    return Change("independent", p1, p2, p2 - p1, low, high, n1, n2, 0, test)


def paired_share_change(
    table: ArrayLike, *, method: str = "newcombe", level: float = 0.95
) -> Change:
    """Compare a share in two waves answered by the same persons.

    Parameters
    ----------
    table
        2 × 2 counts of pairs, first wave × second, yes first.
    method
        ``newcombe``: the Wilson intervals joined with the correlation phi
        (Newcombe 1998, square-and-add); ``wald``:
        ``d ± z sqrt(b + c - (b - c)² / n) / n``.
    level
        Confidence.

    Raises
    ------
    ValueError
        If the method is unknown.

    Notes
    -----
    The test is McNemar's exact.
    """
    counts = as_table(table)
    test = mcnemar(counts)
    n = round(float(counts.sum()))
    if n == 0:
        return Change("paired", None, None, None, None, None, 0, 0, 0, test)
    (a, b), (c, d) = counts.tolist()
    p1, p2 = (a + b) / n, (a + c) / n
    if method == "newcombe":
        size = float(np.sqrt((a + b) * (c + d) * (a + c) * (b + d)))
        phi = (a * d - b * c) / size if size else 0.0
        low, high = _square_and_add(p1, p2, n, n, phi, level)
    elif method == "wald":
        half = _z(level) * float(np.sqrt(max(b + c - (b - c) ** 2 / n, 0.0))) / n
        low, high = max(-1.0, p2 - p1 - half), min(1.0, p2 - p1 + half)
    else:
        msg = f"unknown method {method!r}; known: {', '.join(INTERVALS)}"
        raise ValueError(msg)
    return Change("paired", p1, p2, p2 - p1, low, high, n, n, n, test)


def match_persons(first: ArrayLike, second: ArrayLike) -> tuple[Ints, Ints]:
    """Return the positions, in each wave, of the persons who are in both; two 1-D arrays.

    Persons are integers, negative where unknown. One who stands twice in a
    wave is matched by the last of their rows.
    """
    one, two = (_last_positions(np.asarray(ids, np.int64)) for ids in (first, second))
    both = sorted(one.keys() & two.keys())
    return (
        np.array([one[p] for p in both], dtype=np.int64),
        np.array([two[p] for p in both], dtype=np.int64),
    )


@dataclass(frozen=True, slots=True)
class Overlap:
    """Answers of those in both waves, and of those in one alone.

    Attributes
    ----------
    before, after
        1-D, of one length: what those in both answered in each.
    first_alone, second_alone
        1-D: what the others answered.
    """

    before: Floats
    after: Floats
    first_alone: Floats
    second_alone: Floats


def overlap(
    first: ArrayLike, second: ArrayLike, first_ids: ArrayLike, second_ids: ArrayLike
) -> Overlap:
    """Set those in both waves apart from those in one.

    Parameters
    ----------
    first, second
        1-D answers of each wave, NaN missing.
    first_ids, second_ids
        Persons, see `match_persons`.
    """
    y1, y2 = (np.asarray(values, np.float64) for values in (first, second))
    in1, in2 = ~np.isnan(y1), ~np.isnan(y2)
    y1, y2 = y1[in1], y2[in2]
    ids = np.asarray(first_ids, np.int64)[in1], np.asarray(second_ids, np.int64)[in2]
    left, right = match_persons(*ids)
    return Overlap(y1[left], y2[right], np.delete(y1, left), np.delete(y2, right))


def _last_positions(ids: Ints) -> dict[int, int]:
    known = np.flatnonzero(ids >= 0)
    return dict(zip(ids[known].tolist(), known.tolist(), strict=True))


def matched_answers(
    first: ArrayLike,
    second: ArrayLike,
    first_ids: ArrayLike | None,
    second_ids: ArrayLike | None,
) -> tuple[tuple[Floats, Ints], tuple[Floats, Ints]]:
    """Return each wave's answers without gaps, and where persons of both waves stand in them.

    In: as in `wave_change`. Out: answers and 1-D positions of each wave; the
    positions of the two waves are of the same persons in the same order.
    """
    y1, y2 = np.asarray(first, np.float64), np.asarray(second, np.float64)
    ids1 = np.full(len(y1), -1) if first_ids is None else np.asarray(first_ids, np.int64)
    ids2 = np.full(len(y2), -1) if second_ids is None else np.asarray(second_ids, np.int64)
    in1, in2 = ~np.isnan(y1), ~np.isnan(y2)
    left, right = match_persons(ids1[in1], ids2[in2])
    return (y1[in1], left), (y2[in2], right)


def wave_change(
    first: ArrayLike,
    second: ArrayLike,
    first_ids: ArrayLike | None = None,
    second_ids: ArrayLike | None = None,
    *,
    level: float = 0.95,
) -> Change:
    """Compare a share between waves, as pairs where persons match and independently where not.

    Parameters
    ----------
    first, second
        1-D answers of each wave: 1 yes, 0 no, NaN missing.
    first_ids, second_ids
        Persons, see `match_persons`; None where the waves are anonymous.
    level
        Confidence.

    Returns
    -------
    Change
        ``independent`` without matches, ``paired`` where everybody who
        answered is matched, else ``overlapping``: all answers are used, and
        the variance is that of independent samples less twice the covariance
        of the pairs, ``n12 (p11 - p1 p2) / (n1 n2)`` (Derrick et al. 2015);
        its test is the z of the difference, method ``overlap-z``.
    """
    (y1, left), (y2, right) = matched_answers(first, second, first_ids, second_ids)
    x1, n1, x2, n2 = int(y1.sum()), len(y1), int(y2.sum()), len(y2)
    if len(left) == 0:
        return share_change(x1, n1, x2, n2, level=level)
    table = np.zeros((2, 2))
    np.add.at(table, (1 - y1[left].astype(int), 1 - y2[right].astype(int)), 1)
    if len(left) == n1 == n2:
        return paired_share_change(table, level=level)
    p1, p2, n12 = x1 / n1, x2 / n2, len(left)
    shared = n12 * (table[0, 0] / n12 - table[0].sum() * table[:, 0].sum() / n12**2)
    variance = p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2 - 2 * shared / (n1 * n2)
    return normal_change("overlapping", p1, p2, variance, (n1, n2, n12), level)


def normal_change(
    kind: str,
    p1: float,
    p2: float,
    variance: float,
    bases: tuple[int, int, int],
    level: float,
    bound: float = 1.0,
) -> Change:
    """Return a change with the limits and test of the normal distribution.

    Parameters
    ----------
    kind
        Of the change.
    p1, p2, variance
        The two figures, and the variance of their difference.
    bases
        Answers of the first wave, of the second, and persons in both.
    level
        Confidence.
    bound
        The difference lies between minus and plus this.
    """
    n1, n2, n12 = bases
    base_n = n1 + n2 - n12
    if variance <= 1e-15:
        test = not_made("overlap-z", base_n, "no-variation")
        return Change(kind, p1, p2, p2 - p1, None, None, n1, n2, n12, test)
    se = float(np.sqrt(variance))
    z = (p2 - p1) / se
    half = _z(level) * se
    low, high = max(-bound, p2 - p1 - half), min(bound, p2 - p1 + half)
    test = TestOutcome("overlap-z", z, None, float(normal_two_sided(z)), base_n)
    return Change(kind, p1, p2, p2 - p1, low, high, n1, n2, n12, test)


# --- parts ---------------------------------------------------------------------------------


def _square_and_add(
    p1: float, p2: float, n1: int, n2: int, phi: float, level: float
) -> tuple[float, float]:
    """Newcombe's limits of ``p2 - p1`` from the Wilson limits of each, correlated by phi."""
    (l1, l2), (u1, u2) = interval([p1 * n1, p2 * n2], [n1, n2], level=level)
    down2, down1 = p2 - l2, u1 - p1
    up2, up1 = u2 - p2, p1 - l1
    low = p2 - p1 - np.sqrt(max(down2**2 + down1**2 - 2 * phi * down2 * down1, 0.0))
    high = p2 - p1 + np.sqrt(max(up2**2 + up1**2 - 2 * phi * up2 * up1, 0.0))
    return float(max(low, -1.0)), float(min(high, 1.0))


def _ratio(x: int, n: int) -> float | None:
    return x / n if n else None


def _z(level: float) -> float:
    return normal_quantile(0.5 + level / 2)
