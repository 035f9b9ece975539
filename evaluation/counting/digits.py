"""Variables as digits of a composite key: a small number per respondent and what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Categorical, MultiResponse
from evaluation.counting.chunks import N_EXTRA, Chunk, Countable

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Digit:
    """A variable, or some options of one, as a small number per respondent.

    Attributes
    ----------
    size
        The number is 0 to ``size - 1``.
    positions
        1-D intp: the positions of the variable (categories, kinds of missing,
        all who answered) that the number tells of.
    members
        2-D float64, positions × size: 1 where a respondent with this number
        takes the position, else 0.
    read
        Chunk -> 1-D integers, one per respondent.
    """

    size: int
    positions: NDArray[np.intp]
    members: NDArray[np.float64]
    read: Callable[[Chunk], NDArray[np.integer]]


def digits_of(variable: Countable, options: int) -> list[Digit]:
    """Return the digits that tell all positions of a variable.

    Parameters
    ----------
    variable
        With all respondents, so that kinds of missing that never occur need
        no number.
    options
        Options of a multiple answer per digit, one bit each: 4 or 8.
    """
    if isinstance(variable, Categorical):
        return [_single(variable)]
    starts = range(0, max(len(variable.categories), 1), options)
    return [_options(variable, start, options) for start in starts]


def answered_digit(variable: Countable) -> Digit:
    """Return the digit that tells only whether the question was answered."""
    if _lowest(variable) == 0:
        return everyone()
    name = variable.id

    def read(chunk: Chunk) -> NDArray[np.integer]:
        return (_state(chunk.variables[name]) >= 0).view(np.uint8)

    return Digit(2, np.zeros(1, np.intp), np.array([[0.0, 1.0]]), read)


def everyone() -> Digit:
    """Return the digit that is 0 for all, the column of a one-way table."""
    return Digit(
        1, np.zeros(1, np.intp), np.ones((1, 1)), lambda chunk: np.zeros(chunk.n, np.uint8)
    )


def _state(variable: Countable) -> NDArray[np.integer]:
    return variable.codes if isinstance(variable, Categorical) else variable.state


def _lowest(variable: Countable) -> int:
    """Return the lowest kind of missing that occurs, 0 where none does."""
    return int(_state(variable).min(initial=0))


def _single(variable: Categorical) -> Digit:
    """Take the code less the lowest code: kinds of missing first, then categories."""
    lowest, n_categories, name = _lowest(variable), len(variable.categories), variable.id
    codes = np.arange(lowest, max(n_categories, lowest + 1))
    members = np.zeros((n_categories + N_EXTRA, len(codes)))
    members[np.where(codes >= 0, codes, n_categories - 1 - codes), codes - lowest] = 1
    members[-1] = codes >= 0

    def read(chunk: Chunk) -> NDArray[np.integer]:
        found = chunk.variables[name]
        assert isinstance(found, Categorical)  # noqa: S101 (same variable, fewer respondents)
        return found.codes - np.int16(lowest)

    return Digit(len(codes), np.arange(n_categories + N_EXTRA), members, read)


def _options(variable: MultiResponse, start: int, options: int) -> Digit:
    """Take options chosen as bits; the first digit also tells the kind of missing."""
    n_categories, name = len(variable.categories), variable.id
    stop = min(start + options, n_categories)
    masks = np.arange(1 << (stop - start))
    lowest = _lowest(variable) if start == 0 else 0
    tells = np.arange(start, stop)
    members = np.zeros((stop - start, len(masks) - lowest))
    members[:, : len(masks)] = (masks >> np.arange(stop - start)[:, None]) & 1
    if start == 0:
        tells = np.concatenate([tells, n_categories + np.arange(N_EXTRA)])
        missing = np.zeros((N_EXTRA, members.shape[1]))
        missing[np.arange(-lowest), len(masks) + np.arange(-lowest)] = 1
        missing[-1, : len(masks)] = 1
        members = np.concatenate([members, missing])

    def read(chunk: Chunk) -> NDArray[np.integer]:
        found = chunk.variables[name]
        assert isinstance(found, MultiResponse)  # noqa: S101 (same variable, fewer respondents)
        number = chosen_bits(found.selected, start, stop).astype(np.int16)
        if lowest:
            state = found.state.astype(np.int16)
            number += (state < 0) * np.int16(len(masks) - 1) - state
        return number

    return Digit(members.shape[1], tells, members, read)


def chosen_bits(selected: NDArray[np.int8], start: int, stop: int) -> NDArray[np.uint8]:
    """Return the options ``start`` to ``stop - 1``, within one group of 8, as bits of a byte."""
    n, n_categories = selected.shape
    first = start - start % 8
    if n_categories == 0 or n_categories % 8:
        # Filled up to 8: packing along short rows takes 80 times as long as on one line.
        whole = np.zeros((n, 8), np.int8)
        whole[:, : stop - first] = selected[:, first:stop]
        byte = np.packbits(whole.reshape(-1), bitorder="little")
    else:
        line = np.packbits(selected.reshape(-1), bitorder="little")
        byte = line.reshape(n, n_categories // 8)[:, first // 8]
    bits: NDArray[np.uint8] = (byte >> np.uint8(start - first)) & np.uint8(
        (1 << (stop - start)) - 1
    )
    return bits
