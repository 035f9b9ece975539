"""What else is printed of weighted cells: limits, effective bases and tests, where these tell.

A weighted count and percent are sums of weights. Limits and an effective base
are about sums of squared weights, a test is about both: one equation more about
who was counted. Where figures leave few ways to compose a count in which there
are few of some group, that equation may leave none; it is not printed then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ENOUGH = 50
"""Ways to compose a count that must be expected to be left."""


class Left(NamedTuple):
    """What is left open of a count in which there are few of some group.

    Attributes
    ----------
    ways
        How many ways to compose it, with none of the group or with enough to be shown,
        may be expected to agree with its figures.
    spread
        How far apart their sums of squared weights can be.
    """

    ways: float
    spread: float

    def tells(self, window: float) -> bool:
        """Tell whether too few are left once the sum of squared weights is known so closely."""
        return self.ways * min(1.0, window / self.spread) < ENOUGH


def limits_tell(
    left: Mapping[int, Left],
    places: tuple[int, int],
    shares: tuple[float, float, float],
    base: float,
    half: float,
) -> bool:
    """Tell whether the limits of a percent say too much of who was counted.

    Parameters
    ----------
    left
        Counts in which there are few of some group.
    places
        Positions of the count and of its base.
    shares
        The share and its limits, as percents.
    base
        Sum of weights of the base, known.
    half
        Half a unit of the last decimal printed.

    Notes
    -----
    With p the share, S and W the sums of squared weights in the count and in the base, the
    variance is near ``(S (1 - 2p) + W p^2) / base^2``.
    """
    at, whole = places
    if at not in left and whole not in left:
        return False
    p, low, high = (value / 100 for value in shares)
    width = max((high - low) / 2, 1e-9)
    deviation = width / 1.96
    window = 2 * deviation**2 * (2 * half / 100) / width * base**2
    own = left.get(at)
    of_base = left.get(whole)
    return (own is not None and own.tells(window / max(abs(1 - 2 * p), 0.01))) or (
        of_base is not None and of_base.tells(window / max(p, 1 - p) ** 2)
    )


def base_tells(
    left: Mapping[int, Left], whole: int, base: float, effective: float, half: float
) -> bool:
    """Tell whether an effective base says too much of who is in the base."""
    own = left.get(whole)
    if own is None or effective <= 0:
        return False
    return own.tells(base**2 / effective * 2 * half / effective)


def test_tells(
    left: Mapping[int, Left], counts: Iterable[int], statistic: float, half: float
) -> bool:
    """Tell whether a test says too much: it is about all of its counts together."""
    found = [left[at].ways for at in set(counts) if at in left]
    if not found:
        return False
    needed = ENOUGH * max(abs(statistic), half) / (2 * half)
    for ways in found:
        needed /= max(ways, 1.0)
    return needed > 1.0
