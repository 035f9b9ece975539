"""Who has which weight, as plain data: what a reader is taken to know of a weight."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray


ANY_SIZE = 10**9
"""In place of the size of a class of which nobody has said how many are in it."""


@dataclass(frozen=True, slots=True)
class WeightClasses:
    """Classes of respondents of whom a reader knows the weight.

    Attributes
    ----------
    survey, weight
        Identifiers.
    variables
        Known variables by which the weight goes: the fewest that decide it.
    codes
        Per class one code for each of the variables; a kind of missing where it lacks.
    low, high
        1-D float64, per class: least and greatest weight.
    size
        1-D int64, per class: respondents.
    is_decided
        The variables decide the weight. Where none do, respondents of one weight
        are a class, and ``variables`` says what else is known of them.
    within
        (variable, code) -> 1-D bool per class: has somebody with that code.
    """

    survey: str
    weight: str
    variables: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    size: NDArray[np.int64]
    is_decided: bool = True
    within: Mapping[tuple[str, str], NDArray[np.bool_]] = field(default_factory=dict)

    @property
    def is_counted(self) -> bool:
        """Whether it is known how many are in each class."""
        return bool(len(self.size)) and int(self.size.max()) < ANY_SIZE

    @property
    def n(self) -> int:
        """Number of classes."""
        return len(self.low)
