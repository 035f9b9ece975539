"""The most that a count can be, given what is out already.

Where an earlier release says that a group is five, at least one of whom
answered, no release can leave the number who answered wider than 1 to 5: to
ask for more would be to ask for what cannot be had.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.protection.events import Event
from evaluation.protection.system import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from evaluation.protection.earlier import Past
    from evaluation.protection.events import Literal
    from evaluation.protection.system import System


def attainable_upper(system: System, past: Past, least: int) -> NDArray[np.int64]:
    """Return upper bounds that take account of earlier releases.

    Parameters
    ----------
    system
        Counts and equations.
    past
        What is out already.
    least
        Bounds above this leave enough room, and are not looked for.

    Returns
    -------
    1-D int64
        Never above ``system.upper``.
    """
    upper = system.upper.copy()
    small = [(event, n) for event, n in past.counts.items() if 0 < n <= least]
    if not small and not any(n <= least for n in past.added.values()):
        return upper
    groups = _by_literal(small)
    for k, event in enumerate(system.events):
        if system.role[k] == Role.FIXED:
            continue
        upper[k] = min(upper[k], _within(event, groups))
        for marks, more in past.added.items():
            if more <= least and not marks & event.literals:
                then = Event(event.survey, event.literals | marks)
                upper[k] = min(upper[k], _within(then, groups) + more)
    return np.maximum(upper, system.truth)


def _by_literal(small: Iterable[tuple[Event, int]]) -> dict[str, list[tuple[Event, int]]]:
    """Group events by one of their variables, so that few have to be compared."""
    groups: dict[str, list[tuple[Event, int]]] = {}
    for event, n in small:
        name = min((variable for variable, _ in event.literals), default="")
        groups.setdefault(name, []).append((event, n))
    return groups


def _within(event: Event, groups: dict[str, list[tuple[Event, int]]]) -> int:
    """Return the least known count of a group that all of an event belong to."""
    own = dict(event.literals)
    found = [
        n
        for name in ("", *own)
        for wider, n in groups.get(name, ())
        if wider.survey == event.survey and all(_holds(own, literal) for literal in wider.literals)
    ]
    return min(found, default=2**40)


def _holds(own: dict[str, frozenset[str]], literal: Literal) -> bool:
    name, codes = literal
    return name in own and own[name] <= codes
