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
        Chunk -> 1-D uint16, one per respondent: the number plus ``shift``.
    shift
        Lowest value read, as a rule a kind of missing; taken off once per
        composite key, modulo 2**16.
    """

    size: int
    positions: NDArray[np.intp]
    members: NDArray[np.float64]
    read: Callable[[Chunk], NDArray[np.uint16]]
    shift: int = 0


def digits_of(variable: Countable, lowest: int, options: int) -> list[Digit]:
    """Return the digits that tell all positions of a variable.

    Parameters
    ----------
    variable
        Gives identifier and categories.
    lowest
        Lowest kind of missing that occurs, 0 where none does: those that
        never occur need no number.
    options
        Options of a multiple answer per digit, one bit each: 4 or 8.
    """
    n_categories = len(variable.categories)
    if isinstance(variable, Categorical):
        return [_single(variable.id, n_categories, lowest)]
    starts = range(options, n_categories, options)
    first = _options(variable.id, 0, min(options, n_categories))
    rest = [_options(variable.id, a, min(a + options, n_categories)) for a in starts]
    return [_with_missing(first, variable.id, n_categories, lowest), *rest]


def answered_digit(variable: Countable, lowest: int) -> Digit:
    """Return the digit that tells only whether the question was answered: 0, or 1 if not."""
    if lowest == 0:
        return everyone()
    name = variable.id

    def read(chunk: Chunk) -> NDArray[np.uint16]:
        return state_of(chunk.variables[name]).view(np.uint16) >> np.uint16(15)  # the sign

    return Digit(2, np.zeros(1, np.intp), np.array([[1.0, 0.0]]), read)


def everyone() -> Digit:
    """Return the digit that is 0 for all, the column of a one-way table."""
    return Digit(
        1, np.zeros(1, np.intp), np.ones((1, 1)), lambda chunk: np.zeros(chunk.n, np.uint16)
    )


def state_of(variable: Countable) -> NDArray[np.int16]:
    """Return the codes of a single answer or the state of a multiple one: missing below 0."""
    state = variable.codes if isinstance(variable, Categorical) else variable.state
    return state.astype(np.int16, copy=False)


def _single(name: str, n_categories: int, lowest: int) -> Digit:
    """Take the code less the lowest code: kinds of missing first, then categories."""
    codes = np.arange(lowest, max(n_categories, lowest + 1))
    members = np.zeros((n_categories + N_EXTRA, len(codes)))
    members[np.where(codes >= 0, codes, n_categories - 1 - codes), codes - lowest] = 1
    members[-1] = codes >= 0

    def read(chunk: Chunk) -> NDArray[np.uint16]:
        return state_of(chunk.variables[name]).view(np.uint16)

    return Digit(len(codes), np.arange(n_categories + N_EXTRA), members, read, lowest)


def _options(name: str, start: int, stop: int) -> Digit:
    """Take the options chosen, ``start`` to ``stop - 1``, as bits."""
    masks = np.arange(1 << (stop - start))
    members = ((masks >> np.arange(stop - start)[:, None]) & 1).astype(np.float64)

    def read(chunk: Chunk) -> NDArray[np.uint16]:
        found = chunk.variables[name]
        assert isinstance(found, MultiResponse)  # noqa: S101 (same variable, fewer respondents)
        return chosen_bits(found.selected, start, stop).astype(np.uint16)

    return Digit(len(masks), np.arange(start, stop), members, read)


def _with_missing(options: Digit, name: str, n_categories: int, lowest: int) -> Digit:
    """Let the numbers after the bits tell the kind of missing; then no option is chosen."""
    size = options.size - lowest
    kinds = np.arange(-lowest)
    missing = np.zeros((N_EXTRA, size))
    missing[kinds, options.size + kinds] = 1
    missing[-1, : options.size] = 1
    members = np.zeros((len(options.members), size))
    members[:, : options.size] = options.members
    highest = np.int16(options.size - 1)

    def read(chunk: Chunk) -> NDArray[np.uint16]:
        bits, state = options.read(chunk), state_of(chunk.variables[name])
        bits += (((state >> np.int16(15)) & highest) - state).view(np.uint16)
        return bits

    return Digit(
        size,
        np.concatenate([options.positions, n_categories + np.arange(N_EXTRA)]),
        np.concatenate([members, missing]),
        read if lowest else options.read,
    )


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
