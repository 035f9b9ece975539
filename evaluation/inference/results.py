"""What the inference room gives back: outcomes of tests, and estimates with their errors.

Every field that could not be computed is None, never NaN, and a key in
``warnings`` says why; the wording of the keys lives in the texts catalogue
under ``inference.warnings``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

WITHHELD = "withheld"
"""Warning of a test that was made, and whose numbers the protection keeps back."""


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """Outcome of a test.

    Attributes
    ----------
    method
        Key, such as ``pearson``.
    statistic, df, p
        None where the test has none, or where it could not be made.
    base_n
        Respondents (or pairs) that the test used.
    warnings
        Keys, such as ``expected-below-5``.
    column_variable
        Left to the caller: which of several column variables the test is about.
    row_variable
        Left to the caller: which item of a grid.
    df2
        Second degrees of freedom of an F statistic.
    effect, effect_low, effect_high
        Cramér's V or the like, with interval.
    p_se
        Standard error of a p-value that was found by simulation.
    """

    __test__ = False  # the name is no pytest class

    method: str
    statistic: float | None
    df: float | None
    p: float | None
    base_n: int
    warnings: tuple[str, ...] = ()
    column_variable: str = ""
    df2: float | None = None
    effect: float | None = None
    effect_low: float | None = None
    effect_high: float | None = None
    p_se: float | None = None
    row_variable: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the fields that ``evaluation table --format json`` carries."""
        return {
            "method": self.method,
            "statistic": self.statistic,
            "df": self.df,
            "df2": self.df2,
            "p": self.p,
            "p_se": self.p_se,
            "base_n": self.base_n,
            "effect": self.effect,
            "effect_low": self.effect_low,
            "effect_high": self.effect_high,
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, slots=True)
class Estimate:
    """One estimated figure with its uncertainty.

    Attributes
    ----------
    value, se, low, high
        In the units of the figure (a share is 0 to 1); None where undefined.
    base_n
        Respondents that it rests on.
    df
        Degrees of freedom of the standard error; None where a normal
        distribution is used.
    warnings
        Keys, see the module.
    """

    value: float | None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    base_n: int = 0
    df: float | None = None
    warnings: tuple[str, ...] = ()


def not_made(method: str, base_n: int, *reasons: str) -> TestOutcome:
    """Return the outcome of a test that could not be made, with the reasons."""
    return TestOutcome(method, None, None, None, base_n, tuple(reasons))


def finite(value: float) -> float | None:
    """Return a plain float, or None where it is NaN or infinite."""
    number = float(value)
    return number if math.isfinite(number) else None


def as_table(table: ArrayLike) -> NDArray[np.float64]:
    """Return a table of counts as 2-D float64.

    Raises
    ------
    ValueError
        If it is not 2-D, or a count is negative, NaN or infinite.
    """
    import numpy as np

    counts = np.asarray(table, dtype=np.float64)
    if counts.ndim != 2:
        msg = f"a table must have two dimensions, got {counts.ndim}"
        raise ValueError(msg)
    if not np.isfinite(counts).all() or (counts < 0).any():
        msg = "counts must be finite and not negative"
        raise ValueError(msg)
    return counts
