"""Figures that print only bounds: "knappt 2 %", "mindre än 1 %", "drygt 40 procent"."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from evaluation.published.strings import read_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Bounds = Mapping[str, Sequence[str]]
    """``under``, ``just_under``, ``just_over`` and ``over`` -> the words for it, lower case."""


def fits_bound(printed: str, value: Decimal, words: Bounds) -> bool:
    """Tell whether a figure is what a qualified one says.

    ``under`` and ``over`` are any smaller or larger figure but 0; ``just_under`` and
    ``just_over`` are less than one unit of the printed figure's last decimal away, and not
    the figure itself.

    Parameters
    ----------
    printed
        "knappt 2%"; False where it begins with no known word or holds no number.
    value
        As exact as it is to be judged, with more decimals than print has.
    words
        From the texts catalogue, ``verify.bounds``.
    """
    folded = printed.strip().lower()
    for kind, starts in words.items():
        for start in starts:
            number = read_number(folded.removeprefix(start).strip())
            if folded.startswith(start) and number is not None:
                return _within(kind, value - number.value, value, number.decimals)
    return False


def _within(kind: str, beyond: Decimal, value: Decimal, decimals: int) -> bool:
    unit = Decimal(1).scaleb(-decimals)
    if kind == "under":
        return beyond < 0 < value
    if kind == "over":
        return beyond > 0
    if kind == "just_under":
        return -unit < beyond < 0
    return 0 < beyond < unit
