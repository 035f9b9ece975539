"""What stands behind a printed statistic: every table that gives it, as printed.

A reader who has the counts that are shown lays out all tables that agree with
them, works the statistic out for each, and keeps those that give what is
printed. Imports nothing from ``evaluation``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Tables = NDArray[np.float64]
    Masks = Sequence[tuple[NDArray[np.bool_], int]]

Z = 1.959963984540054
T_TWO = 4.302652729911275
TOO_MANY = 400_000


def tables_with(shape: tuple[int, ...], known: Masks) -> Tables:
    """Return every table of whole numbers in which some cells together are so many.

    Parameters
    ----------
    shape
        Of the table.
    known
        Mask over the table, and what its cells add up to. All cells must be in one.
    """
    masks = np.array([mask.ravel() for mask, _ in known])
    sums = [n for _, n in known]
    size = masks.shape[1]
    last = [int(np.flatnonzero(mask).max()) for mask in masks]
    inside = [np.flatnonzero(masks[:, at]).tolist() for at in range(size)]
    found: list[list[int]] = []

    def place(at: int, cells: list[int], left: list[int]) -> None:
        if at == size:
            found.append(cells)
            if len(found) > TOO_MANY:
                msg = "too many tables"
                raise ValueError(msg)
            return
        most = min(left[k] for k in inside[at])
        exact = [left[k] for k in inside[at] if last[k] == at]
        for n in range(most + 1) if not exact else set(exact):
            if n <= most and all(n == one for one in exact):
                lower = list(left)
                for k in inside[at]:
                    lower[k] -= n
                place(at + 1, [*cells, n], lower)

    place(0, [], sums)
    return np.array(found, dtype=float).reshape(-1, *shape)


def agrees(values: NDArray[np.float64], printed: float, decimals: int) -> NDArray[np.bool_]:
    """Tell which values print as this."""
    half = 0.5 * 10.0**-decimals + 1e-7
    return np.abs(values - printed) <= half


def odds_ratios(tables: Tables) -> NDArray[np.float64]:
    """Return ratio, low and high of two predictors: table × predictor × 3.

    Tables are outcome (yes, no) × first × second predictor, all with two
    categories, the first of which is the reference.
    """
    x = np.array([[1, a, b] for a in (0, 1) for b in (0, 1)], dtype=float)
    yes, both = tables[:, 0].reshape(-1, 4), tables.sum(axis=1).reshape(-1, 4)
    beta = np.zeros((len(tables), 3))
    with np.errstate(all="ignore"):
        for _ in range(30):
            share = 1 / (1 + np.exp(-np.clip(beta @ x.T, -30, 30)))
            information = np.einsum("tk,ki,kj->tij", both * share * (1 - share), x, x)
            information += 1e-9 * np.eye(3)
            step = np.linalg.solve(information, ((yes - both * share) @ x)[..., None])[..., 0]
            beta = np.clip(beta + step, -25, 25)
        spread = np.sqrt(np.diagonal(np.linalg.inv(information), axis1=1, axis2=2))
        ends = [beta, beta - Z * spread, beta + Z * spread]
        return np.exp(np.stack(ends, axis=-1))[:, 1:]


def index_figures(tables: Tables) -> NDArray[np.float64]:
    """Return mean and deviation of an index 0 to 100 over two questions, yes or no."""
    score = np.array([[100.0, 50.0], [50.0, 0.0]])
    n = tables.sum(axis=(1, 2))
    mean = (tables * score).sum(axis=(1, 2)) / n
    square = (tables * (score - mean[:, None, None]) ** 2).sum(axis=(1, 2))
    return np.stack([mean, np.sqrt(square / (n - 1))], axis=-1)


def chi_square(tables: Tables) -> NDArray[np.float64]:
    """Return Pearson's chi-square of each table, rows × columns."""
    rows, columns = tables.sum(axis=2, keepdims=True), tables.sum(axis=1, keepdims=True)
    expected = rows * columns / tables.sum(axis=(1, 2), keepdims=True)
    with np.errstate(all="ignore"):
        parts = np.where(expected > 0, (tables - expected) ** 2 / expected, 0.0)
    return np.asarray(parts.sum(axis=(1, 2)))


def logit_limits(tables: Tables) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the limits, percent, of the share of the first row where the three columns are clusters.

    Linearised: the clusters' totals of answer less share, with t on 2 degrees of freedom.
    """
    yes, n = tables[:, 0], tables.sum(axis=1)
    share = yes.sum(axis=1) / n.sum(axis=1)
    rest = (yes - share[:, None] * n) / n.sum(axis=1, keepdims=True)
    spread = np.sqrt(3 / 2 * (rest**2).sum(axis=1))
    middle, half = np.log(share / (1 - share)), T_TWO * spread / (share * (1 - share))
    return 100 / (1 + np.exp(half - middle)), 100 / (1 + np.exp(-half - middle))


def narrowed(
    tables: Tables, keeps: NDArray[np.bool_], truth: NDArray[np.float64], limit: int, width: int
) -> Iterator[tuple[tuple[int, ...], int, int]]:
    """Yield small true counts that a statistic tells to less than ``width``: cell, low, high.

    Only where the counts alone leave more open.
    """
    assert keeps.any(), "the truth gives what is printed"
    for cell in np.ndindex(*truth.shape):
        if not 0 < truth[cell] < limit:
            continue
        every, those = tables[:, *cell], tables[keeps][:, *cell]
        low, high = int(those.min()), int(those.max())
        if high - low < min(width, every.max() - every.min()):
            yield cell, low, high
