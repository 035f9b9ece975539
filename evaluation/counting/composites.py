"""Composite keys: several variables in one number, and which of them have to meet.

A composite key is a number in mixed radix with a *digit* per variable. One
joint histogram of a row composite and a column composite holds all tables
between their variables; each is had by summing the others out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evaluation.counting.chunks import N_EXTRA, Chunk, Countable, Pair, Sums
from evaluation.counting.digits import Digit, answered_digit, digits_of, everyone
from evaluation.counting.spec import N_MISSING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Key = NDArray[np.uint16]
    Pass = tuple[int, int]
    """A row and a column composite that meet in one joint histogram."""

ROW_VALUES = 350
"""Most values of a row composite: three questions of seven, or eight options of one."""
COLUMN_VALUES = 64
"""Most values of a column composite. The joint histogram, at most 350 × 64
cells of 16 bytes, stays within a processor's second-level cache."""
ROW_OPTIONS, COLUMN_OPTIONS = 8, 4
"""Options of a multiple answer that make one digit."""
WIDEST = 1000
"""A variable with more positions is not packed."""


class Place(NamedTuple):
    """Where a digit is found: composite, rows in its stack, positions of the variable."""

    composite: int
    stack: slice
    positions: NDArray[np.intp]


@dataclass(slots=True)
class Composite:
    """Digits packed into one key.

    Attributes
    ----------
    size
        The key is 0 to ``size - 1``.
    digits
        Highest first.
    members
        2-D float64, stacked positions of all digits × size: 1 where a
        respondent with this key takes the position.
    """

    size: int = 1
    digits: list[Digit] = field(default_factory=list)
    members: NDArray[np.float64] = field(default_factory=lambda: np.ones((0, 1)))

    def add(self, digit: Digit) -> slice:
        """Append a digit as the lowest; return its rows in the stack of positions."""
        above = np.repeat(self.members, digit.size, axis=1)
        self.members = np.concatenate([above, np.tile(digit.members, self.size)])
        self.size *= digit.size
        self.digits.append(digit)
        return slice(len(above), len(self.members))

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


@dataclass(slots=True)
class Shelf:
    """Composites of at most ``capacity`` values, filled first fit in order of arrival."""

    capacity: int
    composites: list[Composite] = field(default_factory=list)

    def put(self, digit: Digit) -> Place:
        """Place a digit where there is room; one that is too large stands alone."""
        for number, composite in enumerate(self.composites):
            if composite.size * digit.size <= self.capacity:
                return Place(number, composite.add(digit), digit.positions)
        self.composites.append(Composite())
        return Place(len(self.composites) - 1, self.composites[-1].add(digit), digit.positions)


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
        self._sizes = {name: len(v.categories) for name, v in variables.items()}
        row, flag, column = Shelf(ROW_VALUES), Shelf(ROW_VALUES), Shelf(COLUMN_VALUES)
        self._row_places, self._flag_places, self._column_places = {}, {}, {}
        for name in dict.fromkeys(pair[0] for pair in pairs):
            digits = digits_of(variables[name], lowest[name], ROW_OPTIONS)
            self._row_places[name] = [row.put(digit) for digit in digits]
            if weighted:
                self._flag_places[name] = [flag.put(answered_digit(variables[name], lowest[name]))]
        for name in dict.fromkeys(pair[1] for pair in pairs):
            digits = [everyone()]
            if name:
                digits = digits_of(variables[name], lowest[name], COLUMN_OPTIONS)
            self._column_places[name] = [column.put(digit) for digit in digits]
        self.rows, self.flags, self.columns = row.composites, flag.composites, column.composites
        self.passes = self._needed(self._row_places)
        self.flag_passes = self._needed(self._flag_places)

    def _needed(self, places: Mapping[str, list[Place]]) -> list[Pass]:
        found = {
            (a.composite, b.composite): None
            for row, column in self._pairs
            for a in places.get(row, ())
            for b in self._column_places[column]
        }
        return list(found)

    @property
    def n_variables(self) -> int:
        """Number of digits to read per respondent."""
        shelves = (self.rows, self.flags, self.columns)
        return sum(len(composite.digits) for shelf in shelves for composite in shelf)

    def tables(
        self, found: Sequence[NDArray[np.int64]], flags: Sequence[NDArray[np.int64]]
    ) -> list[Sums]:
        """Put the tables together, one per pair.

        Parameters
        ----------
        found, flags
            One per pass and flag pass: 3-D int64, what is summed × stacked
            positions of the row composite × of the column composite.
        """
        blocks = dict(zip(self.passes, found, strict=True))
        squares = dict(zip(self.flag_passes, flags, strict=True))
        sums = []
        for row, column in self._pairs:
            table = self._gather(self._row_places[row], column, blocks, self._sizes[row] + N_EXTRA)
            base = None
            if self._weighted:
                base = self._gather(self._flag_places[row], column, squares, 1)[1:, 0]
            sums.append(Sums(table, base))
        return sums

    def _gather(
        self,
        rows: Sequence[Place],
        column: str,
        found: Mapping[Pass, NDArray[np.int64]],
        height: int,
    ) -> NDArray[np.int64]:
        """Collect one table from the blocks that hold parts of it."""
        width = self._sizes[column] + N_EXTRA if column else 1
        table = np.zeros((3 if self._weighted else 1, height, width), np.int64)
        for a in rows:
            for b in self._column_places[column]:
                block = found[a.composite, b.composite][:, a.stack, b.stack]
                table[:, a.positions[:, None], b.positions] = block
        return table[:, :, : width - N_EXTRA + N_MISSING] if column else table
