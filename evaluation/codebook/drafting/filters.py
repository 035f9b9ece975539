"""Filters that show in the data: questions that nobody answered who gave certain answers before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LEAST_CLOSED = 5
"""Rows that the filter must turn away; fewer can be chance."""
LEAST_ROWS = 3
"""Rows with an answer before it is judged to open or close a question."""
LEAST_OPEN = 0.5
"""Share that must have answered among those whom the filter lets through."""
MAX_BACK = 80
"""Questions back that a filter is looked for: filters stand near what they filter."""
LEAST_EXPLAINED = 0.5
"""Share of those who left the question blank that the filter must account for."""
SAMPLE = 5_000
"""Rows on which filters are looked for; a filter found must then hold on all rows."""


@dataclass(frozen=True, slots=True)
class Parent:
    """A question that others may depend on.

    Attributes
    ----------
    id
        Identifier.
    codes
        Codes of its options.
    place
        1-D int32 per row: position in ``codes``, negative where missing; for a
        multiple answer None.
    chosen
        2-D bool options × rows for a multiple answer, else None.
    order
        Place of the question in the form.
    blank_is_answer
        An empty cell says something too (no repeat, in REDCap).
    """

    id: str
    codes: tuple[str, ...]
    order: int
    place: NDArray[np.int32] | None = None
    chosen: NDArray[np.bool_] | None = None
    blank_is_answer: bool = False

    def first(self, n: int) -> Parent:
        """Return the question with its first n rows only."""
        place = None if self.place is None else self.place[:n]
        chosen = None if self.chosen is None else self.chosen[:, :n]
        return replace(self, place=place, chosen=chosen)


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter with the number of rows that it turns away."""

    expression: str
    parent: str
    n_closed: int


def find_filter(
    answered: NDArray[np.bool_], order: int, parents: Sequence[Parent]
) -> Filter | None:
    """Find the filter of a question, or None.

    Parameters
    ----------
    answered
        1-D bool per row: whether the question was answered.
    order
        Its place in the form; only earlier questions can filter it.

    A filter is believed where nobody whom it turns away has answered (no
    exception), at least half of the others have, and it turns away at least
    five. Of several, the one that turns away most is taken, the nearest
    question on a tie.
    """
    if not answered.any() or (~answered).sum() < LEAST_ROWS:
        return None
    found = [
        candidate
        for parent in parents
        if order - MAX_BACK <= parent.order < order
        and (candidate := _candidate(answered, parent)) is not None
    ]
    if not found:
        return None
    order_of = {parent.id: parent.order for parent in parents}
    return max(found, key=lambda f: (f.n_closed, order_of[f.parent]))


def _candidate(answered: NDArray[np.bool_], parent: Parent) -> Filter | None:
    """Judge one earlier question."""
    if parent.place is not None:
        return _from_single(answered, parent, parent.place)
    if parent.chosen is not None:
        return _from_multiple(answered, parent, parent.chosen)
    return None


def _from_single(
    answered: NDArray[np.bool_], parent: Parent, place: NDArray[np.int32]
) -> Filter | None:
    """Split the options into those that open the question and those that close it."""
    k = len(parent.codes)
    slots = np.where(place >= 0, place, k)
    n = np.bincount(slots, minlength=k + 1)
    n_answered = np.bincount(slots, weights=answered, minlength=k + 1)
    last = k + 1 if parent.blank_is_answer else k
    closed = [i for i in range(last) if n[i] and n_answered[i] == 0]
    opened = [i for i in range(last) if n_answered[i] > 0]
    is_clear = any(n[i] >= LEAST_ROWS for i in closed)
    if not is_clear or not opened or (n_answered[k] and not parent.blank_is_answer):
        return None
    n_closed, n_open = int(n[closed].sum()), int(n[opened].sum())
    least = LEAST_ROWS if parent.blank_is_answer else LEAST_CLOSED
    n_blank = float(n[:last].sum() - n_answered[:last].sum())
    if (
        n_closed < max(least, LEAST_EXPLAINED * n_blank)
        or n_answered[opened].sum() < LEAST_OPEN * n_open
    ):
        return None
    if any(n_answered[i] < LEAST_OPEN * n[i] for i in opened if n[i] >= LEAST_ROWS):
        return None
    if not parent.blank_is_answer and _by_chance(answered, n_closed, k) > CHANCE:
        return None
    return Filter(_expression(parent, closed, opened), parent.id, n_closed)


CHANCE = 0.01
"""Most likely that a filter is none."""


def _by_chance(answered: NDArray[np.bool_], n_closed: int, n_options: int) -> float:
    """Bound the chance that nobody among ``n_closed`` answered although all were asked.

    The share that left the question blank, once per row turned away, times
    the ways to choose options to blame.
    """
    blank = 1 - float(answered.mean())
    return float(blank**n_closed * 2 ** min(n_options, 20))


def _expression(parent: Parent, closed: Sequence[int], opened: Sequence[int]) -> str:
    """Write a filter, in the shorter of the two ways."""
    k = len(parent.codes)
    open_codes = [parent.codes[i] for i in opened if i < k]
    closed_codes = [parent.codes[i] for i in closed if i < k]
    if k in opened:
        blank = f"missing({parent.id})"
        return f"{blank} or {_only(parent.id, open_codes)}" if open_codes else blank
    n_unseen = k - len(open_codes) - len(closed_codes)
    if closed_codes and k not in closed and len(closed_codes) <= len(open_codes) + n_unseen:
        return _unless(parent.id, closed_codes)
    return _only(parent.id, open_codes)


def _from_multiple(
    answered: NDArray[np.bool_], parent: Parent, chosen: NDArray[np.bool_]
) -> Filter | None:
    """Find the one option that must have been chosen."""
    best: Filter | None = None
    has_answer = chosen.any(axis=0)
    for code, column in zip(parent.codes, chosen, strict=True):
        n_open, n_closed = int(column.sum()), int((has_answer & ~column).sum())
        if not n_open or n_closed < LEAST_CLOSED or answered[~column].any():
            continue
        if _by_chance(answered, n_closed, len(parent.codes)) > CHANCE:
            continue
        is_open = answered[column].sum() >= LEAST_OPEN * n_open and n_open >= LEAST_ROWS
        if is_open and (best is None or n_closed < best.n_closed):
            best = Filter(f"{_quoted(code)} in {parent.id}", parent.id, n_closed)
    return best


def _unless(name: str, codes: Sequence[str]) -> str:
    if len(codes) == 1:
        return f"{name} != {_quoted(codes[0])}"
    return f"{name} not in ({', '.join(map(_quoted, codes))})"


def _only(name: str, codes: Sequence[str]) -> str:
    if len(codes) == 1:
        return f"{name} == {_quoted(codes[0])}"
    return f"{name} in ({', '.join(map(_quoted, codes))})"


def _quoted(text: str) -> str:
    mark = "'" if '"' in text else '"'
    return f"{mark}{text}{mark}"
