"""Weights as whole numbers, so that a weighted count does not depend on the order of addition.

Floating-point addition rounds: a sum of weights would come out differently by
kernel, chunk and number of threads, and a sum of a million weights of 0.1 in
sequence is off by 1e-11. Whole numbers add exactly. A weight is therefore kept
as a *coarse* whole number of 25 bits and a *fine* one of 35 bits beneath it:
60 bits below the largest weight, more than the 53 of a float64. Every kernel
adds the same whole numbers and returns the same sums to the last bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from evaluation.coding.data import Numeric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evaluation.coding.data import Variable

COARSE_BITS = 25
FINE_BITS = 35

LOWEST_EXPONENT = -900
"""Numbers so small that a power of two to scale them would overflow count as zero."""

LARGEST_WEIGHT = 1e100
"""What is larger, infinity included, is no weight; its square could overflow."""

CHUNK = 1 << 18
"""Respondents at a time. The sums over a chunk fit where the kernels keep them:
coarse (25 + 18 bits) and fine (35 + 18 bits) in the 53 bits of a float64, and
number of respondents (19 bits) with coarse (44 bits with sign) in one int64."""


@dataclass(frozen=True, slots=True)
class FixedPoint:
    """Numbers as ``coarse * 2**(exponent - 25) + fine * 2**(exponent - 60)``.

    Attributes
    ----------
    exponent
        All numbers are less than ``2**exponent`` in size.
    parts
        2-D int64, 2 × respondents: coarse and fine.
    """

    exponent: int
    parts: NDArray[np.int64]


class Scaled(Protocol):
    """Something with the exponents of weights and squared weights."""

    @property
    def exponent(self) -> int:
        """See `FixedPoint`."""

    @property
    def square_exponent(self) -> int:
        """See `FixedPoint`."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of all respondents, and the scales of weights and squared weights.

    Attributes
    ----------
    values
        1-D float64, finite.
    exponent, square_exponent
        See `FixedPoint`; taken from all respondents, so that a respondent's
        weight is the same number under every mask.
    """

    values: NDArray[np.float64]
    exponent: int
    square_exponent: int

    def take(self, rows: NDArray[np.intp] | slice) -> tuple[FixedPoint, FixedPoint]:
        """Return weights and squared weights of some respondents."""
        mine = self.values[rows]
        squares = fixed_point(mine * mine, self.square_exponent)
        return fixed_point(mine, self.exponent), squares


def exponent_of(largest: float) -> int:
    """Return the exponent of numbers up to ``largest``."""
    return max(math.frexp(largest)[1], LOWEST_EXPONENT)


def fixed_point(values: NDArray[np.float64], exponent: int) -> FixedPoint:
    """Write numbers in fixed point, rounded down by less than ``2**(exponent - 60)``.

    Parameters
    ----------
    values
        1-D float64, of either sign.
    exponent
        From `exponent_of`.
    """
    scaled = values * coarse_scale(exponent)
    parts = np.empty((2, len(values)), np.int64)
    coarse = np.floor(scaled)
    parts[0] = coarse
    scaled -= coarse
    scaled *= 1 << FINE_BITS
    parts[1] = np.floor(scaled, out=scaled)
    return FixedPoint(exponent, parts)


def coarse_scale(exponent: int) -> float:
    """Return what a number is multiplied by to give its coarse part, a power of two."""
    return math.ldexp(1.0, COARSE_BITS - exponent)


def value_of(sums: NDArray[np.int64], exponent: int) -> NDArray[np.float64]:
    """Return sums of parts (first axis: coarse, fine) as floats, rounded once."""
    coarse = sums[0] * math.ldexp(1.0, exponent - COARSE_BITS)
    fine = sums[1] * math.ldexp(1.0, exponent - COARSE_BITS - FINE_BITS)
    total: NDArray[np.float64] = coarse + fine
    return total


def weights_of(variable: Variable) -> Weights:
    """Return the weight of every respondent; a missing or infinite weight is 0.

    Such a respondent still counts in ``n`` and ``base_n``: the unweighted
    table does not depend on the weight.

    Raises
    ------
    TypeError
        If the variable is not a number.
    """
    if not isinstance(variable, Numeric):
        msg = f"{variable.id} cannot be a weight ({type(variable).__name__})"
        raise TypeError(msg)
    known = (variable.state >= 0) & (np.abs(variable.values) < LARGEST_WEIGHT)  # not NaN either
    values = np.where(known, variable.values, 0.0)
    largest = float(max(values.max(initial=0.0), -values.min(initial=0.0)))
    return Weights(values, exponent_of(largest), exponent_of(largest * largest))
