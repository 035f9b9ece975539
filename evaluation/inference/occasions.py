"""The same person asked again: how often, and what changed between occasions.

In: one row per form: the person (any integer, negative where unknown), the
number of the occasion (1, 2, 3 …; 0 or less where unknown) and the coded
answer (a category, negative where missing).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluation.inference.intervals import interval
from evaluation.inference.paired import bowker, mcnemar
from evaluation.inference.results import Estimate, TestOutcome

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class OccasionCounts:
    """How many persons were asked how many times.

    Attributes
    ----------
    times
        1-D: ``times[k]`` persons have k + 1 forms.
    n_persons, n_forms
        Persons with at least one form, and all their forms.
    n_unknown
        Forms without a person; they are in no other count.
    n_repeated
        Forms beyond the first with the same person and the same occasion.
    """

    times: Ints
    n_persons: int
    n_forms: int
    n_unknown: int
    n_repeated: int


def occasions_per_person(person: ArrayLike, occasion: ArrayLike | None = None) -> OccasionCounts:
    """Count the occasions of every person; two forms of one occasion count once."""
    who = np.asarray(person, dtype=np.int64)
    known = who >= 0
    forms = who[known]
    if occasion is None:
        distinct = forms
    else:
        pairs = np.column_stack([forms, np.asarray(occasion, dtype=np.int64)[known]])
        distinct = np.unique(pairs, axis=0)[:, 0]
    per_person = np.unique(distinct, return_counts=True)[1]
    times = np.bincount(per_person - 1) if len(per_person) else np.zeros(0, dtype=np.int64)
    return OccasionCounts(
        times.astype(np.int64), len(per_person), len(forms),
        int((~known).sum()), len(forms) - len(distinct),
    )  # fmt: skip


def occasions_by_group(
    person: ArrayLike, group: ArrayLike, n_groups: int, occasion: ArrayLike | None = None
) -> Ints:
    """Count persons by group and number of occasions; groups × occasions (one, two, …).

    A person belongs to the group of the first of their forms in file order;
    forms without person or group (negative) are left out.
    """
    who, where = np.asarray(person, np.int64), np.asarray(group, np.int64)
    when = np.zeros_like(who) if occasion is None else np.asarray(occasion, np.int64)
    usable = (who >= 0) & (where >= 0)
    who, where, when = who[usable], where[usable], when[usable]
    persons, first, index = np.unique(who, return_index=True, return_inverse=True)
    forms = index if occasion is None else np.unique(np.column_stack([index, when]), axis=0)[:, 0]
    n_times = np.bincount(forms, minlength=len(persons))
    most = int(n_times.max(initial=0))
    table = np.zeros((n_groups, most), dtype=np.int64)
    np.add.at(table, (where[first], n_times - 1), 1)
    return table


def paired_answers(
    person: ArrayLike, occasion: ArrayLike, codes: ArrayLike, first: int, second: int
) -> tuple[Ints, Ints]:
    """Return the answers of those who answered at both occasions; two 1-D arrays of one length.

    Where a person has two forms of one occasion the last in file order counts.
    """
    who, when = np.asarray(person, np.int64), np.asarray(occasion, np.int64)
    answer = np.asarray(codes, np.int64)
    usable = (who >= 0) & (answer >= 0)
    one = _last_answers(who, answer, usable & (when == first))
    two = _last_answers(who, answer, usable & (when == second))
    both = sorted(one.keys() & two.keys())
    return (
        np.array([one[p] for p in both], dtype=np.int64),
        np.array([two[p] for p in both], dtype=np.int64),
    )


def _last_answers(who: Ints, answer: Ints, chosen: NDArray[np.bool_]) -> dict[int, int]:
    return dict(zip(who[chosen].tolist(), answer[chosen].tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Transitions:
    """Answers at one occasion against answers at another, by the same persons.

    Attributes
    ----------
    table
        2-D int64, first answer × second answer.
    n_changed, n_pairs
        Persons who changed their answer, of those who answered twice.
    test
        McNemar's exact test for two answers, Bowker's for more.
    """

    table: Ints
    n_changed: int
    n_pairs: int
    test: TestOutcome


def transitions(
    person: ArrayLike,
    occasion: ArrayLike,
    codes: ArrayLike,
    n_categories: int,
    *,
    first: int = 1,
    second: int = 2,
) -> Transitions:
    """Tabulate and test the changes between two occasions."""
    before, after = paired_answers(person, occasion, codes, first, second)
    table = np.zeros((n_categories, n_categories), dtype=np.int64)
    np.add.at(table, (before, after), 1)
    test = mcnemar(table) if n_categories == 2 else bowker(table)
    return Transitions(table, int((before != after).sum()), len(before), test)


@dataclass(frozen=True, slots=True)
class FirstAndEver:
    """Yes at the first occasion against yes at any, on one base.

    Attributes
    ----------
    n_persons
        Persons who answered at their first occasion.
    n_first, n_ever
        Of them: yes then, and yes at that or any later occasion.
    n_asked_again
        Of them: those with a later answer, the only ones who can have changed.
    n_gained
        ``n_ever - n_first``: what asking again found.
    first, ever
        Shares with Wilson intervals.
    """

    n_persons: int
    n_first: int
    n_ever: int
    n_asked_again: int
    n_gained: int
    first: Estimate
    ever: Estimate


def first_and_ever(
    person: ArrayLike, occasion: ArrayLike, codes: ArrayLike, *, yes: int, level: float = 0.95
) -> FirstAndEver:
    """Compare what the first forms say with what all forms say.

    ``codes`` are coded answers with the category ``yes``; a person's first
    occasion is the one numbered 1.
    """
    who, when = np.asarray(person, np.int64), np.asarray(occasion, np.int64)
    answer = np.asarray(codes, np.int64)
    usable = (who >= 0) & (answer >= 0) & (when > 0)
    start = _last_answers(who, answer, usable & (when == 1))
    later = usable & (when > 1)
    asked_again = start.keys() & set(who[later].tolist())
    said_later = set(who[later & (answer == yes)].tolist())
    at_first = {p for p, a in start.items() if a == yes}
    ever = at_first | (said_later & start.keys())
    n = len(start)
    return FirstAndEver(
        n, len(at_first), len(ever), len(asked_again), len(ever) - len(at_first),
        _wilson(len(at_first), n, level), _wilson(len(ever), n, level),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShareAsked:
    """The share of participants who were asked at all.

    Attributes
    ----------
    n_asked, n_participants
        Persons asked, and the declared denominator.
    share
        0 to 1, None without a denominator. There is no interval: everybody
        is counted, nobody is sampled.
    warnings
        ``more-asked-than-participants``: the declared denominator is wrong.
    """

    n_asked: int
    n_participants: int
    share: float | None
    warnings: tuple[str, ...] = ()


def share_asked(n_asked: int, n_participants: int) -> ShareAsked:
    """Return the share asked of a declared number of participants."""
    if n_participants <= 0:
        return ShareAsked(n_asked, n_participants, None, ("no-participants",))
    if n_asked > n_participants:
        return ShareAsked(n_asked, n_participants, None, ("more-asked-than-participants",))
    return ShareAsked(n_asked, n_participants, n_asked / n_participants)


def _wilson(x: int, n: int, level: float) -> Estimate:
    if n == 0:
        return Estimate(None, warnings=("no-answers",))
    low, high = interval(x, n, level=level)
    return Estimate(x / n, None, float(low), float(high), n)
