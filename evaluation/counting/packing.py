"""Variables packed into batches that are counted together, and the tables found again.

Both the packed kernel and the SQL compiler count a *row batch* against a
*column batch* in one go. The result is a block with a row per *position* of
each row variable (category, kind of missing, answered) and a column per
position of each column variable, in which every table is a part.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.counting.chunks import Pair

    Pass = tuple[int, int]
    """Numbers of a row and a column batch that are counted against each other."""


class Item(Protocol):
    """What is packed: a variable, or some options of one."""

    @property
    def size(self) -> int:
        """Number of different values."""

    @property
    def positions(self) -> NDArray[np.intp]:
        """Positions of the variable that it tells of, ascending: its rows in a block.

        The only item of a variable tells of all of them.
        """


ItemT = TypeVar("ItemT", bound=Item)
NumberT = TypeVar("NumberT", np.int64, np.float64)


class Place(NamedTuple):
    """Where an item was put: number of the batch, its rows in the block, its positions."""

    batch: int
    stack: slice
    positions: NDArray[np.intp]


@dataclass(slots=True)
class Batch(Generic[ItemT]):
    """Items counted together.

    Attributes
    ----------
    size
        Number of combinations of their values.
    height
        Number of their positions, the rows (columns) of a block.
    items
        In order.
    """

    size: int = 1
    height: int = 0
    items: list[ItemT] = field(default_factory=list)

    def add(self, item: ItemT) -> slice:
        """Append an item; return its rows in the block."""
        stack = slice(self.height, self.height + len(item.positions))
        self.size *= item.size
        self.height = stack.stop
        self.items.append(item)
        return stack


@dataclass(slots=True)
class Shelf(Generic[ItemT]):
    """Batches of at most ``limit`` combinations, filled first fit in order of arrival.

    An item that is larger than the limit has a batch of its own.
    """

    limit: int
    batches: list[Batch[ItemT]] = field(default_factory=list)
    places: dict[str, list[Place]] = field(default_factory=dict)

    def put(self, name: str, items: Iterable[ItemT]) -> None:
        """Place the items of one variable."""
        self.places[name] = [self._put(item) for item in items]

    def _put(self, item: ItemT) -> Place:
        for number, batch in enumerate(self.batches):
            if batch.size * item.size <= self.limit:
                return Place(number, batch.add(item), item.positions)
        self.batches.append(Batch())
        return Place(len(self.batches) - 1, self.batches[-1].add(item), item.positions)


class Packing(Generic[ItemT]):
    """Pairs of variables on two shelves.

    Attributes
    ----------
    stacks
        Pass that holds a pair wanted, in order of first need -> rows and columns
        of the block that it is in.
    """

    def __init__(self, rows: Shelf[ItemT], columns: Shelf[ItemT], pairs: Sequence[Pair]) -> None:
        self._rows, self._columns = rows, columns
        self.stacks: dict[Pass, list[tuple[slice, slice]]] = {}
        for row, column in pairs:
            for a, b in product(rows.places[row], columns.places[column]):
                self.stacks.setdefault((a.batch, b.batch), []).append((a.stack, b.stack))

    @property
    def passes(self) -> list[Pass]:
        """Which row batch has to meet which column batch."""
        return list(self.stacks)

    def table(self, pair: Pair, blocks: Mapping[Pass, NDArray[NumberT]]) -> NDArray[NumberT]:
        """Put the table of a pair together from the blocks that hold parts of it.

        Parameters
        ----------
        pair
            Row and column variable.
        blocks
            Per pass: 2-D, positions × positions.

        Returns
        -------
        2-D, positions of the row variable × of the column variable; a part of
        a block where that holds the whole table, so not to be written to.
        """
        rows, columns = self._rows.places[pair[0]], self._columns.places[pair[1]]
        first = blocks[rows[0].batch, columns[0].batch]
        if len(rows) == 1 and len(columns) == 1:
            return first[rows[0].stack, columns[0].stack]
        table = np.zeros((_extent(rows), _extent(columns)), first.dtype)
        for a, b in product(rows, columns):
            table[a.positions[:, None], b.positions] = blocks[a.batch, b.batch][a.stack, b.stack]
        return table


def _extent(places: Iterable[Place]) -> int:
    """Return the number of positions of a variable."""
    return 1 + max(int(place.positions[-1]) for place in places)
