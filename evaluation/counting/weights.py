"""Weights as whole numbers, so that a weighted count does not depend on the order of addition.

Floating-point addition rounds: a sum of weights would come out differently by
kernel, chunk and number of threads, and a sum of a million weights of 0.1 in
sequence is off by 1e-11. Whole numbers add exactly. A weight is therefore kept
as a *coarse* whole number of 25 bits and a *fine* one of 35 bits beneath it:
60 bits below the largest weight, more than the 53 of a float64. Every kernel
adds the same whole numbers and returns the same sums to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Numeric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evaluation.coding.data import Variable

COARSE_BITS = 25
FINE_BITS = 35

CHUNK = 1 << 18
"""Respondents at a time. The sums over a chunk fit where the kernels keep them:
coarse (25 + 18 bits) and fine (34 + 18 bits) in the 53 bits of a float64, and
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

    def take(self, rows: NDArray[np.intp] | slice) -> FixedPoint:
        """Return the numbers of some respondents."""
        return FixedPoint(self.exponent, self.parts[:, rows])

    def value(self, sums: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return sums of parts (first axis: coarse, fine) as floats, rounded once."""
        coarse = np.ldexp(sums[0].astype(np.float64), self.exponent - COARSE_BITS)
        fine = np.ldexp(sums[1].astype(np.float64), self.exponent - COARSE_BITS - FINE_BITS)
        total: NDArray[np.float64] = coarse + fine
        return total


def fixed_point(values: NDArray[np.float64]) -> FixedPoint:
    """Write numbers in fixed point, off by at most ``2**-61`` of the largest.

    Parameters
    ----------
    values
        1-D float64, finite, of either sign.
    """
    exponent = int(np.frexp(np.abs(values).max(initial=0.0))[1])
    coarse = np.rint(np.ldexp(values, COARSE_BITS - exponent))
    rest = values - np.ldexp(coarse, exponent - COARSE_BITS)
    fine = np.rint(np.ldexp(rest, COARSE_BITS + FINE_BITS - exponent))
    return FixedPoint(exponent, np.stack([coarse, fine]).astype(np.int64))


def weights_of(variable: Variable) -> NDArray[np.float64]:
    """Return the weight of every respondent; a missing weight is 0.

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
    known = (variable.state >= 0) & np.isfinite(variable.values)
    return np.where(known, variable.values, 0.0)
