"""Change between two waves: independent samples, a panel, or samples that overlap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from evaluation.inference.crosstabs import pearson
from evaluation.inference.distributions import (
    normal_quantile,
    normal_two_sided,
    t_quantile,
    t_two_sided,
)
from evaluation.inference.estimation import difference, means
from evaluation.inference.intervals import interval
from evaluation.inference.paired import mcnemar
from evaluation.inference.results import TestOutcome, as_table, not_made

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from evaluation.inference.design import Design

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
    y1, y2 = np.asarray(first, np.float64), np.asarray(second, np.float64)
    ids1 = np.full(len(y1), -1) if first_ids is None else np.asarray(first_ids, np.int64)
    ids2 = np.full(len(y2), -1) if second_ids is None else np.asarray(second_ids, np.int64)
    in1, in2 = ~np.isnan(y1), ~np.isnan(y2)
    y1, ids1, y2, ids2 = y1[in1], ids1[in1], y2[in2], ids2[in2]
    left, right = match_persons(ids1, ids2)
    x1, n1, x2, n2 = int(y1.sum()), len(y1), int(y2.sum()), len(y2)
    if len(left) == 0:
        return share_change(x1, n1, x2, n2, level=level)
    table = np.zeros((2, 2))
    np.add.at(table, (1 - y1[left].astype(int), 1 - y2[right].astype(int)), 1)
    if len(left) == n1 == n2:
        return paired_share_change(table, level=level)
    p1, p2, n12 = x1 / n1, x2 / n2, len(left)
    overlap = n12 * (table[0, 0] / n12 - table[0].sum() * table[:, 0].sum() / n12**2)
    variance = p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2 - 2 * overlap / (n1 * n2)
    return _normal_change("overlapping", p1, p2, variance, (n1, n2, n12), level)


def _normal_change(
    kind: str,
    p1: float,
    p2: float,
    variance: float,
    bases: tuple[int, int, int],
    level: float,
    bound: float = 1.0,
) -> Change:
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


def mean_change(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Change:
    """Compare the means of two independent samples of numbers (1-D, NaN missing).

    Welch's test; R: ``t.test(second, first)``.
    """
    y1, y2 = (_answered(values) for values in (first, second))
    n1, n2 = len(y1), len(y2)
    if min(n1, n2) < 2:
        return _no_mean_change("independent", y1, y2, 0, "welch", "too-few-answers")
    v1, v2 = y1.var(ddof=1) / n1, y2.var(ddof=1) / n2
    if v1 + v2 <= 0:
        return _no_mean_change("independent", y1, y2, 0, "welch", "no-variation")
    df = float((v1 + v2) ** 2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1)))
    m1, m2 = float(y1.mean()), float(y2.mean())
    return _t_change("independent", (m1, m2), float(v1 + v2), df, (n1, n2, 0), "welch", level)


def paired_mean_change(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Change:
    """Compare the means of pairs (two 1-D arrays of one length, NaN missing).

    Pairs with a missing value are left out. R: ``t.test(second, first, paired = TRUE)``.
    """
    both = np.column_stack([np.asarray(first, float), np.asarray(second, float)])
    both = both[~np.isnan(both).any(axis=1)]
    n, gain = len(both), both[:, 1] - both[:, 0]
    if n < 2 or gain.var() <= 0:
        reason = "too-few-answers" if n < 2 else "no-variation"
        return _no_mean_change("paired", both[:, 0], both[:, 1], n, "paired-t", reason)
    averages = float(both[:, 0].mean()), float(both[:, 1].mean())
    variance = float(gain.var(ddof=1) / n)
    return _t_change("paired", averages, variance, n - 1.0, (n, n, n), "paired-t", level)


def estimate_change(
    first: tuple[float, float, float],
    second: tuple[float, float, float],
    bases: tuple[int, int],
    *,
    level: float = 0.95,
) -> Change:
    """Compare two independent design-based estimates, each ``(value, se, df)``.

    t on Satterthwaite's degrees of freedom; for weighted waves.
    """
    (m1, s1, f1), (m2, s2, f2) = first, second
    variance = s1**2 + s2**2
    if variance <= 0 or min(f1, f2) <= 0:
        test = not_made("design-t", sum(bases), "no-standard-error")
        return Change("independent", m1, m2, m2 - m1, None, None, *bases, 0, test)
    df = variance**2 / (s1**4 / f1 + s2**4 / f2)
    return _t_change("independent", (m1, m2), variance, df, (*bases, 0), "design-t", level)


def wave_mean_change(
    first: ArrayLike,
    second: ArrayLike,
    first_ids: ArrayLike | None = None,
    second_ids: ArrayLike | None = None,
    *,
    level: float = 0.95,
) -> Change:
    """Compare a mean between waves; numbers where `wave_change` has yes and no.

    Pairs (``t.test(paired = TRUE)``) where everybody who answered is matched,
    Welch's t without matches, else all answers with the covariance of the
    pairs, ``n12 cov(y1, y2) / (n1 n2)``, and the normal distribution.
    """
    y1, y2 = np.asarray(first, np.float64), np.asarray(second, np.float64)
    ids1 = np.full(len(y1), -1) if first_ids is None else np.asarray(first_ids, np.int64)
    ids2 = np.full(len(y2), -1) if second_ids is None else np.asarray(second_ids, np.int64)
    in1, in2 = ~np.isnan(y1), ~np.isnan(y2)
    y1, ids1, y2, ids2 = y1[in1], ids1[in1], y2[in2], ids2[in2]
    left, right = match_persons(ids1, ids2)
    n1, n2, n12 = len(y1), len(y2), len(left)
    if n12 == 0:
        return mean_change(y1, y2, level=level)
    if n12 == n1 == n2:
        return paired_mean_change(y1[left], y2[right], level=level)
    if n12 < 2:
        return mean_change(y1, y2, level=level)
    shared = n12 * float(np.cov(y1[left], y2[right])[0, 1])
    variance = float(y1.var(ddof=1) / n1 + y2.var(ddof=1) / n2 - 2 * shared / (n1 * n2))
    m1, m2 = float(y1.mean()), float(y2.mean())
    return _normal_change("overlapping", m1, m2, variance, (n1, n2, n12), level, bound=np.inf)


def design_change(
    design: Design,
    values: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
) -> Change:
    """Compare a weighted share or mean in two waves of one file, clusters perhaps shared.

    Parameters
    ----------
    design
        Of both waves; persons as clusters make their two answers pairs.
    values, first, second
        1-D numbers (NaN missing), and who belongs to each wave (bool).
    level
        Confidence.

    Notes
    -----
    R: ``svycontrast(svyby(~y, ~wave, design, svymean, covmat = TRUE), c(-1, 1))``,
    with t on the degrees of freedom of those who answered.
    """
    y = np.asarray(values, dtype=np.float64)
    answered = ~np.isnan(y)
    waves = [answered & np.asarray(inside, dtype=np.bool_) for inside in (first, second)]
    n1, n2 = (int(inside.sum()) for inside in waves)
    parts = [means(design, y, inside).value for inside in waves]
    m1, m2 = (None if v is None else float(v[0]) for v in parts)
    found = difference(design, y, waves[1], waves[0])
    if found.value is None or m1 is None or m2 is None:
        test = not_made("design-t", n1 + n2, *found.warnings)
        return Change("independent", m1, m2, None, None, None, n1, n2, 0, test)
    se = 0.0 if found.se is None else float(found.se[0])
    if se <= 0 or found.df <= 0:
        test = not_made("design-t", n1 + n2, "no-standard-error")
        return Change("independent", m1, m2, m2 - m1, None, None, n1, n2, 0, test)
    return _t_change("independent", (m1, m2), se**2, found.df, (n1, n2, 0), "design-t", level)


# --- parts ---------------------------------------------------------------------------------


def _t_change(
    kind: str,
    averages: tuple[float, float],
    variance: float,
    df: float,
    bases: tuple[int, int, int],
    method: str,
    level: float,
) -> Change:
    n1, n2, n12 = bases
    gain = averages[1] - averages[0]
    se = float(np.sqrt(variance))
    half = float(t_quantile(0.5 + level / 2, df)) * se
    t = gain / se
    test = TestOutcome(method, t, df, float(t_two_sided(t, df)), n1 + n2 - n12)
    return Change(kind, *averages, gain, gain - half, gain + half, n1, n2, n12, test)


def _no_mean_change(
    kind: str, y1: Floats, y2: Floats, n12: int, method: str, reason: str
) -> Change:
    m1 = float(y1.mean()) if len(y1) else None
    m2 = float(y2.mean()) if len(y2) else None
    gain = None if m1 is None or m2 is None else m2 - m1
    n1, n2 = len(y1), len(y2)
    test = not_made(method, n1 + n2 - n12, reason)
    return Change(kind, m1, m2, gain, None, None, n1, n2, n12, test)


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


def _answered(values: ArrayLike) -> Floats:
    y = np.asarray(values, dtype=np.float64)
    return np.asarray(y[~np.isnan(y)])


def _ratio(x: int, n: int) -> float | None:
    return x / n if n else None


def _z(level: float) -> float:
    return normal_quantile(0.5 + level / 2)
