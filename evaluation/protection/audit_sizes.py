"""How many there are in each group by which a weight goes: what who knows the weight knows too.

A weight brings a group to its size in the population: who knows both knows how
many of the group answered, of all respondents, whatever the tables hide. With
these numbers at hand the release is attacked a second time; without them it is
attacked as everybody else reads it, for whom they are no less hidden.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product
from typing import TYPE_CHECKING

from evaluation.protection.audit_cells import ANY
from evaluation.protection.audit_weights import is_answered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evaluation.protection.audit_cells import Key, Reading
    from evaluation.protection.release import Leak
    from evaluation.protection.weight_classes import WeightClasses

MOST = 3000
"""Numbers that are looked at; those of fewer variables together come first."""


def with_sizes(reading: Reading, weights: Iterable[WeightClasses]) -> Reading | None:
    """Return a reading that holds the sizes of groups too.

    Parameters
    ----------
    reading
        A release, with earlier ones.
    weights
        What the reader knows of weights.

    Returns
    -------
    Reading or None
        None where nobody knows a size, or no count of these surveys is hidden.
    """
    hidden = {cell.key[0] for cell in reading.cells[: reading.n_own] if cell.n is None}
    given: dict[Key, int] = {}
    codes = {name: list(listed) for name, listed in reading.codes.items()}
    for classes in weights:
        is_known = classes.variables and classes.is_decided and classes.is_counted
        if not is_known or classes.survey not in hidden:
            continue
        given |= _sizes(classes)
        for place, name in enumerate(classes.variables):
            listed = codes.setdefault((classes.survey, name), [])
            own = dict.fromkeys(one[place] for one in classes.codes if is_answered(one[place]))
            listed += [code for code in own if code not in listed]
    return replace(reading, codes=codes, given=given) if given else None


def _sizes(classes: WeightClasses) -> dict[Key, int]:
    """Return how many respondents have some codes together; those who lack one follow."""
    found: dict[Key, int] = {(classes.survey, frozenset()): int(classes.size.sum())}
    sizes = classes.size.tolist()
    for names in _some(classes.variables):
        places = [classes.variables.index(name) for name in names]
        counts: dict[tuple[str, ...], int] = dict.fromkeys(_stated(classes, places), 0)
        if len(counts) + len(found) > MOST:
            break
        for codes, n in zip(classes.codes, sizes, strict=True):
            own = [(codes[at], ANY) for at in places if is_answered(codes[at])]
            if len(own) == len(places):
                for stated in product(*own):
                    counts[stated] += n
        for stated, n in counts.items():
            conditions = map("=".join, zip(names, stated, strict=True))
            found[classes.survey, frozenset(conditions)] = n
    return found


def _some(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for size in range(1, len(names) + 1):
        yield from combinations(names, size)


def _stated(classes: WeightClasses, places: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """Yield all codes of some variables together, also those that nobody has."""
    listed = [
        [*dict.fromkeys(one[at] for one in classes.codes if is_answered(one[at])), ANY]
        for at in places
    ]
    return product(*listed)


def informed(leaks: Sequence[Leak], others: Sequence[Leak]) -> list[Leak]:
    """Return what both readers find, once for each place: the narrower interval."""
    found: dict[tuple[str, ...], Leak] = {}
    for leak in (*leaks, *others):
        place = (leak.code, leak.source, leak.table, leak.row, leak.column)
        other = found.get(place)
        if other is None or leak.high - leak.low < other.high - other.low:
            found[place] = leak
    return list(found.values())


def nobody_lacks(given: Mapping[Key, int], survey: str, name: str) -> bool:
    """Tell whether all respondents are known to have a code of a variable."""
    everybody = given.get((survey, frozenset()))
    return everybody is not None and given.get((survey, frozenset({f"{name}={ANY}"}))) == everybody
