"""Which counts and bases can give printed percents, by integers alone.

The same rules as `evaluation.published.rules`, written so that thousands of
bases can be tried: a percent is given in units of its last decimal (``units``
of ``1 / scale`` percent), so that no fraction is needed.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from evaluation.published.audit.model import SHOWN, FittingBases
from evaluation.published.rules import RoundingRule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.published.audit.reading import Share

PLAIN_RULES = (RoundingRule.HALF_UP, RoundingRule.HALF_EVEN, RoundingRule.CUT)
MAX_COMBINATIONS = 20_000


def counts(units: int, scale: int, base: int, rule: RoundingRule) -> range:
    """Return the whole counts that print as ``units / scale`` percent of a base.

    By ``SUM100`` a percent may be moved by less than one unit.
    """
    step = 200 * scale
    if rule is RoundingRule.CUT:
        low, high = 2 * units * base, 2 * (units + 1) * base - 1
    elif rule is RoundingRule.SUM100:
        low, high = 2 * (units - 1) * base + 1, 2 * (units + 1) * base - 1
    else:
        low, high = (2 * units - 1) * base, (2 * units + 1) * base - 1
        if rule is RoundingRule.HALF_EVEN:
            low, high = (low, high + 1) if units % 2 == 0 else (low + 1, high)
    first = max(0, -(-low // step))
    last = high // step
    if units <= 100 * scale:
        last = min(last, base)
    return range(first, last + 1)


def gives(share: Share, base: int, rule: RoundingRule) -> bool:
    """Tell whether a share can be printed so, with its own count where it has one."""
    possible = counts(share.units, share.scale, base, rule)
    return share.n in possible if share.n is not None else bool(possible)


def all_given(
    shares: Sequence[Share], base: int, rule: RoundingRule, *, is_exclusive: bool
) -> bool:
    """Tell whether one rule gives every share of a base.

    Where everyone has one answer the counts must add up to the base besides.
    """
    ranges = []
    for share in shares:
        possible = counts(share.units, share.scale, base, rule)
        if share.n is not None:
            possible = range(share.n, share.n + 1) if share.n in possible else range(0)
        if not possible:
            return False
        ranges.append(possible)
    if not is_exclusive:
        return True
    return sum(r[0] for r in ranges) <= base <= sum(r[-1] for r in ranges)


def is_apportioned(shares: Sequence[Share], base: int) -> bool:
    """Tell whether largest remainder to exactly 100 can have given the shares.

    Ties may go either way. Where counts are not printed every split of the
    base that comes near is tried; where these are too many, True.
    """
    ranges = []
    for share in shares:
        near = counts(share.units, share.scale, base, RoundingRule.SUM100)
        if share.n is not None:
            near = range(share.n, share.n + 1) if share.n in near else range(0)
        ranges.append(near)
    combinations = 1
    for near in ranges:
        combinations *= len(near)
    if combinations > MAX_COMBINATIONS:
        return True
    return any(
        sum(split) == base and _is_hamilton(shares, split, base) for split in product(*ranges)
    )


def _is_hamilton(shares: Sequence[Share], split: Sequence[int], base: int) -> bool:
    """No percent rounded down has a larger remainder than one rounded up."""
    up, down = [], []
    for share, n in zip(shares, split, strict=True):
        floor, remainder = divmod(100 * share.scale * n, base)
        if share.units == floor:
            down.append(remainder)
        elif share.units == floor + 1 and remainder:
            up.append(remainder)
        else:
            return False
    return not up or not down or min(up) >= max(down)


def fitting_bases(
    shares: Sequence[Share], limit: int, *, is_exclusive: bool, may_sum100: bool
) -> FittingBases:
    """Return the bases up to a limit with which one rule gives every share."""
    rules = (*PLAIN_RULES, RoundingRule.SUM100) if may_sum100 else PLAIN_RULES
    found = [
        base
        for base in _candidates(shares, limit)
        if any(all_given(shares, base, rule, is_exclusive=is_exclusive) for rule in rules)
    ]
    return FittingBases(tuple(found[:SHOWN]), len(found), limit)


def best_base(shares: Sequence[Share], limit: int) -> tuple[int, int]:
    """Return (base, how many shares it gives) for the base that gives most of them.

    Only shares with a count are looked at, rounded half up or by largest
    remainder; the smallest of equal bases is taken. (0, 0) where none gives any.
    """
    known = [s for s in shares if s.n and s.units]
    best = (0, 0)
    for base in sorted({b for share in known for b in _candidates([share], limit)}):
        given = sum(gives(s, base, RoundingRule.HALF_UP) for s in known)
        if given > best[1]:
            best = (base, given)
    return best


def _candidates(shares: Sequence[Share], limit: int) -> range:
    """Bases that the printed counts leave open."""
    low, high = 1, limit
    for share in shares:
        if share.n is None:
            continue
        if share.n == 0:
            if share.units > 0:
                return range(0)
            continue
        low = max(low, -(-100 * share.scale * share.n // (share.units + 1)))
        if share.units > 1:
            high = min(high, 100 * share.scale * share.n // (share.units - 1))
    return range(low, high + 1)
