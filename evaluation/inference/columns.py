"""Column comparisons as letters, in the manner of SPSS Custom Tables.

Every two columns of a row are compared with a z test of their proportions
(pooled variance); the column with the larger proportion gets the letter of
the smaller one's. The p-values are adjusted for the pairs compared in the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from evaluation.inference.distributions import normal_two_sided
from evaluation.inference.multiple import ALPHA, adjust_array

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

SMALLEST_BASE: Final = 2.0
"""SPSS: a category whose case weights sum to less than two is not compared."""


@dataclass(frozen=True, slots=True)
class ColumnComparison:
    """Which columns differ in each row.

    Attributes
    ----------
    letters
        Rows × columns: letters of the columns that this one exceeds, "" for none.
    names
        The letter of each column.
    p
        3-D, rows × columns × columns: adjusted p-values, symmetric; 1 where
        the pair was not compared.
    compared
        2-D bool, rows × columns: whether the cell took part.
    n_comparisons
        Pairs compared in each row.
    adjustment, alpha
        What was used.
    """

    letters: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]
    p: Floats
    compared: NDArray[np.bool_]
    n_comparisons: tuple[int, ...]
    adjustment: str
    alpha: float


def column_letters(n: int) -> tuple[str, ...]:
    """Return A to Z, then AA, AB … as a spreadsheet names its columns."""
    names = []
    for position in range(n):
        name, number = "", position + 1
        while number:
            number, rest = divmod(number - 1, 26)
            name = chr(ord("A") + rest) + name
        names.append(name)
    return tuple(names)


def compare_columns(
    counts: ArrayLike,
    bases: ArrayLike,
    *,
    adjustment: str = "bonferroni",
    alpha: float = ALPHA,
) -> ColumnComparison:
    """Compare the columns of a table pairwise, row by row.

    Parameters
    ----------
    counts
        2-D, rows × columns without margins: counts, or effective counts
        (share times effective base) of weighted data.
    bases
        Base of each column, 1-D, or of each cell, 2-D.
    adjustment
        ``none``, ``bonferroni`` (SPSS's default), ``holm`` or ``bh``, within
        the pairs of one row.
    alpha
        Letters are given where the adjusted p is below it.

    Notes
    -----
    ``z = (p1 - p2) / sqrt(p (1 - p) (1/n1 + 1/n2))`` with
    ``p = (x1 + x2) / (n1 + n2)``; unadjusted it is
    ``prop.test(x, n, correct = FALSE)`` of the pair. As in CTABLES
    /COMPARETEST TYPE=PROP, columns whose proportion is 0 or 1, or whose base
    is below 2, are not compared in that row and do not count among the pairs.
    """
    x = np.asarray(counts, dtype=np.float64)
    n = np.broadcast_to(np.asarray(bases, dtype=np.float64), x.shape)
    compared = (n >= SMALLEST_BASE) & (x > 0) & (x < n)
    share = np.where(compared, x / np.where(compared, n, 1.0), 0.0)
    first, second = np.triu_indices(x.shape[1], k=1)
    pairs = compared[:, first] & compared[:, second]
    raw = normal_two_sided(_z(x, n, share, first, second, pairs))
    adjusted = np.ones_like(raw)
    for i, row in enumerate(pairs):
        adjusted[i, row] = adjust_array(raw[i, row], adjustment)
    p = np.ones((*x.shape, x.shape[1]))
    p[:, first, second] = adjusted
    p[:, second, first] = adjusted
    exceeds = (p < alpha) & (share[:, :, np.newaxis] > share[:, np.newaxis, :])
    names = column_letters(x.shape[1])
    return ColumnComparison(
        tuple(tuple(_joined(cell, names) for cell in row) for row in exceeds),
        names, p, compared, tuple(int(k) for k in pairs.sum(axis=1)), adjustment, alpha,
    )  # fmt: skip


def _z(
    x: Floats, n: Floats, share: Floats,
    first: NDArray[np.int64], second: NDArray[np.int64], pairs: NDArray[np.bool_],
) -> Floats:  # fmt: skip
    """The z statistic of every pair, rows × pairs; 0 where not compared."""
    n1 = np.where(pairs, n[:, first], 1.0)
    n2 = np.where(pairs, n[:, second], 1.0)
    pooled = np.where(pairs, (x[:, first] + x[:, second]) / (n1 + n2), 0.5)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    return np.where(pairs, (share[:, first] - share[:, second]) / error, 0.0)


def _joined(exceeds: NDArray[np.bool_], names: tuple[str, ...]) -> str:
    """Letters in order; with two-letter names a space keeps them apart."""
    found = [names[i] for i in np.flatnonzero(exceeds)]
    return (" " if any(len(name) > 1 for name in found) else "").join(found)
