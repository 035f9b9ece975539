"""How many are in each group by which a weight goes, as counts that a reader knows.

They enter the linear system like counts of an earlier release: known, and not
to be hidden from this reader, who would see no less without the table.
"""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from evaluation.protection.catalogue import Catalogue
    from evaluation.protection.events import Codes, Event, Space
    from evaluation.protection.weight_classes import WeightClasses
    from evaluation.protection.weighted import Weighing

MOST = 5000
"""Combinations of codes of some variables above which they are left alone."""
Side = list[tuple["Codes", "NDArray[np.bool_]"]]
"""Codes of a variable, and the classes that have them."""


def known_sizes(weighings: Iterable[Weighing], catalogue: Catalogue) -> dict[Event, int]:
    """Return the counts of all respondents that whoever knows the weights knows.

    Parameters
    ----------
    weighings
        What is known of weights.
    catalogue
        Counts of the release; groups that no table or filter of it names are left out.
    """
    found: dict[Event, int] = {}
    for classes, *_ in weighings:
        space = catalogue.spaces.get(classes.survey)
        if space is None or not classes.is_decided or not classes.is_counted:
            continue
        sides = _sides(classes, space)
        for names in _spoken_of(list(sides), space, catalogue):
            for event, n in _sizes(classes, [(name, sides[name]) for name in names], space):
                at = catalogue.index.get(event)
                if at is None or catalogue.counts[at] == n:
                    found[event] = n
    return found


def _sides(classes: WeightClasses, space: Space) -> dict[str, Side]:
    """Return, for each variable that the tables know, codes and who has them."""
    sides: dict[str, Side] = {}
    for place, name in enumerate(classes.variables):
        own = [codes[place] for codes in classes.codes]
        domain = space.domains.get(name)
        if domain is None or domain.is_multiple or not set(own) <= domain.full:
            continue
        listed = [frozenset({code}) for code in sorted({*own, *domain.options})]
        sides[name] = [
            (codes, np.array([code in codes for code in own], dtype=bool))
            for codes in (*listed, domain.answered)
        ]
    return sides


def _spoken_of(
    names: Sequence[str], space: Space, catalogue: Catalogue
) -> Iterator[tuple[str, ...]]:
    """Yield the variables that some count of the release is about together.

    Sums tie a count to those with a condition less: of others they say nothing.
    """
    together = {
        frozenset(variable for variable, _ in event.literals)
        for event in catalogue.events
        if event.survey == space.survey
    }
    for size in range(1, len(names) + 1):
        for chosen in combinations(names, size):
            roots = {space.root(name) for name in chosen}
            if any(roots <= others for others in together):
                yield chosen


def _sizes(
    classes: WeightClasses, sides: Sequence[tuple[str, Side]], space: Space
) -> Iterator[tuple[Event, int]]:
    if np.prod([float(len(side)) for _, side in sides]) > MOST:
        return
    for chosen in product(*(side for _, side in sides)):
        inside = np.logical_and.reduce([having for _, having in chosen])
        literals = [(name, codes) for (name, _), (codes, _) in zip(sides, chosen, strict=True)]
        event = space.event(literals)
        if event is not None and event.literals:
            yield event, int(classes.size[inside].sum())
