"""Which equations hold, and which of them can matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

UNKNOWN = -1
"""True count of an event that the tables do not determine."""
Terms = dict[int, int]


def consistent(equations: list[Terms], truth: NDArray[np.int64]) -> list[Terms]:
    """Drop equations that the true counts contradict; fill in counts that follow.

    A contradicted equation is one that a reader might believe but that does
    not hold (a county that is not the sum of its listed units); ``truth`` is
    changed in place.
    """
    open_ = dict(enumerate(equations))
    holding = []
    is_changed = True
    while is_changed:
        is_changed = False
        for number, terms in list(open_.items()):
            unknown = [k for k in terms if truth[k] == UNKNOWN]
            if len(unknown) > 1:
                continue
            del open_[number]
            known = sum(v * int(truth[k]) for k, v in terms.items() if truth[k] != UNKNOWN)
            if not unknown:
                if known == 0:
                    holding.append(number)
                continue
            value = -known // terms[unknown[0]]
            if value >= 0:
                truth[unknown[0]] = value
                holding.append(number)
                is_changed = True
    return [equations[number] for number in sorted([*holding, *open_])]


def useful(equations: list[Terms], is_virtual: NDArray[np.bool_]) -> list[Terms]:
    """Drop equations that only name a sum which nothing else is about."""
    kept = equations
    while True:
        uses: dict[int, int] = {}
        for terms in kept:
            for k in terms:
                uses[k] = uses.get(k, 0) + 1
        useful = [
            terms
            for terms in kept
            if not any(v > 0 and is_virtual[k] and uses[k] == 1 for k, v in terms.items())
        ]
        if len(useful) == len(kept):
            return kept
        kept = useful
