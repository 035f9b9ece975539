"""Composite keys: several variables in one number, and what the number tells.

A composite key is a number in mixed radix with a *digit* per variable. One
joint histogram of a row composite and a column composite holds all tables
between their variables; each is had by summing the others out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from evaluation.counting.chunks import Chunk, Countable, Pair, Sums
from evaluation.counting.digits import Digit, answered_digit, digits_of, everyone
from evaluation.counting.packing import Packing, Shelf
from evaluation.counting.weights import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.counting.packing import Batch, Pass
    from evaluation.counting.weights import Scaled

    Key = NDArray[np.uint16]

NumberT = TypeVar("NumberT", np.int64, np.float64)

ROW_VALUES = 350
"""Most values of a row composite: three questions of seven, or eight options of one."""
COLUMN_VALUES = 100
"""Most values of a column composite. The joint histogram, at most 350 × 100
cells of 16 bytes, stays within a processor's second-level cache."""
ROW_OPTIONS, COLUMN_OPTIONS = 8, 4
"""Options of a multiple answer that make one digit."""
WIDEST = 1000
"""A variable with more positions is not packed."""


@dataclass(frozen=True, slots=True)
class Composite:
    """Digits packed into one key.

    Attributes
    ----------
    size
        The key is 0 to ``size - 1``.
    digits
        Highest first.
    members
        2-D float64, positions of all digits × size: 1 where a respondent with
        this key takes the position.
    """

    size: int
    digits: tuple[Digit, ...]
    members: NDArray[np.float64]

    def key(self, chunk: Chunk) -> Key:
        """Return the key of every respondent."""
        key = np.zeros(chunk.n, np.uint16)
        shift = 0
        for digit in self.digits:
            key *= np.uint16(digit.size)
            key += digit.read(chunk)
            shift = shift * digit.size + digit.shift
        key -= np.uint16(shift % (1 << 16))
        return key


def composite(batch: Batch[Digit]) -> Composite:
    """Make the composite of a batch of digits."""
    members = np.ones((0, 1))
    for digit in batch.items:
        above = np.repeat(members, digit.size, axis=1)
        members = np.concatenate([above, np.tile(digit.members, members.shape[1])])
    return Composite(batch.size, tuple(batch.items), members)


class Plan:
    """Composites for some tables, the passes that they need, and how to read the result.

    Parameters
    ----------
    variables, lowest
        The variables of the pairs, and the lowest kind of missing in each.
    pairs
        Row and column variables.
    weighted
        Whether squared weights are wanted too. They are summed over those who
        answered the row question, by flags of which eight fit in a key.

    Attributes
    ----------
    rows, flags, columns
        Composites.
    passes, flag_passes
        Which row (flag) composite meets which column composite.
    """

    def __init__(
        self,
        variables: Mapping[str, Countable],
        lowest: Mapping[str, int],
        pairs: Sequence[Pair],
        *,
        weighted: bool,
    ) -> None:
        self._pairs, self._weighted = pairs, weighted
        row, flag = Shelf[Digit](ROW_VALUES), Shelf[Digit](ROW_VALUES)
        column = Shelf[Digit](COLUMN_VALUES)
        for name in dict.fromkeys(pair[0] for pair in pairs):
            row.put(name, digits_of(variables[name], lowest[name], ROW_OPTIONS))
            flag.put(name, [answered_digit(variables[name], lowest[name])])
        column.put("", [everyone()])
        for name in dict.fromkeys(pair[1] for pair in pairs if pair[1]):
            column.put(name, digits_of(variables[name], lowest[name], COLUMN_OPTIONS))
        self._tables = Packing(row, column, pairs)
        self._squares = Packing(flag, column, pairs if weighted else ())
        self.passes, self.flag_passes = self._tables.passes, self._squares.passes
        self.rows = [composite(batch) for batch in row.batches]
        self.flags = [composite(batch) for batch in flag.batches if weighted]
        self.columns = [composite(batch) for batch in column.batches]

    @property
    def n_digits(self) -> int:
        """Number of digits to read per respondent."""
        every = (*self.rows, *self.flags, *self.columns)
        return sum(len(composite.digits) for composite in every)

    def tables(
        self,
        found: Sequence[NDArray[np.int64]],
        flags: Sequence[NDArray[np.int64]],
        weights: Scaled | None,
    ) -> list[Sums]:
        """Put the tables together, one per pair.

        Parameters
        ----------
        found, flags
            One per pass and flag pass: 3-D int64, what is summed (number;
            coarse and fine) × positions of the row composite × of the column
            composite.
        weights
            Gives the exponents of the sums.
        """
        n = self._cut(self._tables, {key: one[0] for key, one in self._keyed(found)})
        if weights is None:
            return [Sums(table, None, None) for table in n]
        wn = {key: value_of(one[1:], weights.exponent) for key, one in self._keyed(found)}
        squares = zip(self.flag_passes, flags, strict=True)
        w2 = {key: value_of(one[1:], weights.square_exponent) for key, one in squares}
        parts = zip(n, self._cut(self._tables, wn), self._cut(self._squares, w2), strict=True)
        return [Sums(a, b, c[0]) for a, b, c in parts]

    def _keyed(
        self, found: Sequence[NDArray[np.int64]]
    ) -> Iterator[tuple[Pass, NDArray[np.int64]]]:
        return zip(self.passes, found, strict=True)

    def _cut(
        self, packing: Packing[Digit], blocks: Mapping[Pass, NDArray[NumberT]]
    ) -> list[NDArray[NumberT]]:
        """Cut all tables from blocks, without the column of all who answered."""
        return [packing.table(pair, blocks)[:, : -1 if pair[1] else None] for pair in self._pairs]
