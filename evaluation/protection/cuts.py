"""What an attack is asked and what it answers: demands on intervals, and cuts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.protection.programs import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

Proofs = dict[int, list[tuple[float, Any]]]
"""Count -> (width, counts that must be hidden for it)."""


@dataclass(frozen=True, slots=True)
class Cut:
    """``sum coef * hidden >= rhs``: what must be hidden besides, so that ``target`` is safe.

    Attributes
    ----------
    target
        Count whose interval was too narrow.
    is_conditional
        The target need not be hidden; the cut holds only where it is.
    columns, coefficients
        Counts that could be hidden, and how much each may widen the interval.
    rhs
        What is lacking.
    """

    target: int
    columns: tuple[int, ...]
    coefficients: tuple[float, ...]
    rhs: float
    is_conditional: bool = False
    is_guess: bool = False
    """No bound tells how much is needed: something close by must be hidden."""
    is_coarse: bool = False
    """More than is needed: asked for where the work had run out."""

    def is_met(self, hidden: Bools) -> bool:
        """Tell whether so much is hidden; a bound that asks for nothing says nothing."""
        if self.rhs <= TOLERANCE:
            return True
        if self.is_conditional and not hidden[self.target]:
            return True
        met = float(np.dot(hidden[list(self.columns)], self.coefficients))
        return met >= self.rhs - TOLERANCE


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked of the intervals.

    Attributes
    ----------
    required
        Count -> least width of its interval (greatest less least value); counts
        that are not hidden are passed over unless they are virtual.
    forced
        1-D bool: hidden in any case; part of the right-hand side of cuts.
    enough
        A count that is hidden only to protect others is safe, too, where a
        reader knows it to be so great; 0 where ``required`` holds none of these.
    """

    required: Mapping[int, int]
    forced: Bools
    enough: int = 0


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the reader takes for granted of each count.

    Attributes
    ----------
    lower
        1-D int64: least value of the count where it is hidden.
    hideable
        1-D bool: may be hidden (published, and not a zero that is printed).
    """

    lower: Ints
    hideable: Bools
