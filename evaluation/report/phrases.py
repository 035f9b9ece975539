"""Words for a share, picked from a catalogue of ranges.

The catalogue (``phrases:`` of the texts files) lists each phrase with the
range of percents that it fits, half open: ``low`` belongs to it, ``high`` does
not. Where ``low`` equals ``high`` the phrase fits that percent alone ("ingen"
fits 0, "alla" 100). Ranges may overlap, since a language has several words for
one share: all of them *fit*, and the first one listed is *picked*.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from evaluation.rounding import round_half_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.texts import Phrase

PERCENT_RANGE = re.compile(r"(?P<low>\d+)\s*[-\u2013]\s*(?P<high>\d+)\s*(?:%|percent|procent)")
SHARE = "share"
"""The group of phrases for the size of a share."""


def pick_phrase(percent: Decimal, phrases: Sequence[Phrase], group: str = SHARE) -> str:
    """Return the first phrase of a group whose range holds a percent.

    Parameters
    ----------
    percent
        From 0 to 100, as exact as it is known: a share just above 0 must not
        have been rounded to 0, or it becomes "ingen".
    phrases
        The catalogue, in order of preference.
    group
        Which phrases to pick from.

    Raises
    ------
    ValueError
        If no phrase of the group fits: the catalogue has a hole or no such
        group.

    Examples
    --------
    >>> from evaluation.texts import Phrase
    >>> pick_phrase(Decimal("34.4"), [Phrase("omkring en tredjedel", 30, 37)])
    'omkring en tredjedel'
    """
    found = next((p for p in phrases if p.group == group and _holds(p, percent)), None)
    if found is None:
        msg = f"no phrase of group {group!r} fits {percent} percent"
        raise ValueError(msg)
    return found.text


def fits(text: str, percent: Decimal, phrases: Sequence[Phrase], group: str = SHARE) -> bool:
    """Tell whether a phrase is right for a percent.

    Upper and lower case are the same. A range of percents ("70–80 procent")
    fits what rounds to a whole percent within it. Another phrase that the
    catalogue does not have fits nothing.
    """
    span = PERCENT_RANGE.search(text)
    if span is not None:
        low, high = Decimal(span["low"]), Decimal(span["high"])
        return low <= round_half_up(percent, 0) <= high
    return any(
        p.group == group and p.text.casefold() == text.casefold() and _holds(p, percent)
        for p in phrases
    )


def fitting(percent: Decimal, phrases: Sequence[Phrase], group: str = SHARE) -> tuple[str, ...]:
    """Return every phrase of a group that fits a percent, in order of preference."""
    return tuple(p.text for p in phrases if p.group == group and _holds(p, percent))


def _holds(phrase: Phrase, percent: Decimal) -> bool:
    # The floats of the catalogue are read by their shortest decimal form, so that 17.6 is 17.6.
    low, high = Decimal(str(phrase.low)), Decimal(str(phrase.high))
    return percent == low if low == high else low <= percent < high
