"""Shares of a whole crosstab from a sampling design, with standard errors, in one pass.

The same numbers as `estimation.means` of each option within each column, but
from sums over the cells alone, so that a weighted table costs about what
counting it costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from evaluation.inference.design import stratum_factors
from evaluation.inference.estimation import means
from evaluation.inference.intervals import design_interval

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from evaluation.inference.design import Design

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


_NO_VARIANCE: Final = 1e-14
"""What rounding leaves of a variance of 0 in a difference of sums of squares."""


@dataclass(frozen=True, slots=True)
class TableShares:
    """Column shares of a crosstab with R options and C columns.

    Attributes
    ----------
    share
        R × C, 0 to 1; 0 where the column has no base.
    se
        R × C standard errors, or None where the design gives none.
    df
        1-D of length C: degrees of freedom in each column.
    n
        1-D int64 of length C: unweighted base.
    base_wn
        1-D of length C: weighted base.
    effective_n
        1-D of length C: Kish's effective base, ``(Σ w)² / Σ w²``.
    warnings
        Keys.
    """

    share: Floats
    se: Floats | None
    df: Floats
    n: Ints
    base_wn: Floats
    effective_n: Floats
    warnings: tuple[str, ...] = ()

    def limits(self, method: str = "logit", *, level: float = 0.95) -> tuple[Floats, Floats] | None:
        """Return R × C limits (0 to 1), None without standard errors; (0, 1) without a base."""
        if self.se is None:
            return None
        return design_interval(
            self.share, self.se, df=self.df, n=self.n, method=method, level=level
        )


def table_shares(
    design: Design,
    rows: ArrayLike,
    n_rows: int,
    columns: ArrayLike | None = None,
    n_columns: int = 1,
) -> TableShares:
    """Estimate the share of each option within each column.

    Parameters
    ----------
    design
        The design.
    rows, columns
        Category of every respondent, negative where missing; without
        ``columns`` all who answered are one column.
    n_rows, n_columns
        Number of categories.

    Notes
    -----
    R: ``svyby(~row, ~column, design, svymean, na.rm = TRUE)``.
    """
    r = np.asarray(rows, dtype=np.int64)
    base = _base(design, r >= 0, columns, n_columns)
    option = np.maximum(r, 0)

    def summed(group: Ints, n_groups: int, weights: Floats) -> Floats:
        cell = (group * n_rows + option) * n_columns + base.column
        flat = np.bincount(cell, weights=weights, minlength=n_groups * n_rows * n_columns)
        return np.asarray(flat.reshape(n_groups, n_rows, n_columns), dtype=np.float64)

    def picked() -> NDArray[np.bool_]:
        return np.asarray((option[:, np.newaxis] == np.arange(n_rows)) & (r >= 0)[:, np.newaxis])

    return _shares(design, base, summed, picked)


def multiple_shares(
    design: Design,
    chosen: ArrayLike,
    answered: ArrayLike,
    columns: ArrayLike | None = None,
    n_columns: int = 1,
) -> TableShares:
    """Estimate shares of a multiple-answer question within each column.

    ``chosen`` is n × R (true where the option was chosen), ``answered`` n
    booleans (who is in the base); otherwise as `table_shares`.
    """
    picked = np.asarray(chosen, dtype=np.bool_)
    base = _base(design, np.asarray(answered, dtype=np.bool_), columns, n_columns)

    def summed(group: Ints, n_groups: int, weights: Floats) -> Floats:
        cell = group * n_columns + base.column
        out = np.zeros((n_groups, picked.shape[1], n_columns))
        for i, chose in enumerate(picked.T):
            flat = np.bincount(cell, weights=weights * chose, minlength=n_groups * n_columns)
            out[:, i] = flat.reshape(n_groups, n_columns)
        return out

    return _shares(design, base, summed, lambda: picked)


# --- parts -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Base:
    """Who is in the base of which column; ``w`` is 0 outside, ``column`` then 0."""

    inside: NDArray[np.bool_]
    column: Ints
    n_columns: int
    w: Floats

    def summed(self, group: Ints, n_groups: int, weights: Floats) -> Floats:
        """Sum weights by group and column; groups × columns."""
        cell = group * self.n_columns + self.column
        flat = np.bincount(cell, weights=weights, minlength=n_groups * self.n_columns)
        return np.asarray(flat.reshape(n_groups, self.n_columns), dtype=np.float64)


def _base(
    design: Design, answered: NDArray[np.bool_], columns: ArrayLike | None, n_columns: int
) -> _Base:
    column = np.zeros(design.n, np.int64) if columns is None else np.asarray(columns, np.int64)
    inside = answered & (column >= 0)
    return _Base(
        inside, np.where(inside, column, 0), n_columns, np.where(inside, design.weights, 0.0)
    )


def _shares(
    design: Design,
    base: _Base,
    summed: Callable[[Ints, int, Floats], Floats],
    picked: Callable[[], NDArray[np.bool_]],
) -> TableShares:
    together = np.zeros(design.n, dtype=np.int64)
    base_n = base.summed(together, 1, base.inside.astype(np.float64))[0]
    base_wn = base.summed(together, 1, base.w)[0]
    base_w2 = base.summed(together, 1, base.w**2)[0]
    has_base = base_wn > 0
    divisor = np.where(has_base, base_wn, 1.0)
    share = np.clip(summed(together, 1, base.w)[0] / divisor, 0.0, 1.0)
    factors = stratum_factors(design)
    if factors is None:
        variance = None
    elif design.adjustments:
        variance = _variance_by_column(design, picked(), base)
    elif design.is_clustered:
        variance = _variance_clustered(design, base, summed, share, factors) / divisor**2
    else:
        variance = _variance_unclustered(design, base, summed, share, factors) / divisor**2
    keys = [key for key in design.warnings if key != "weights-all-zero"]
    keys += ["no-standard-error"] * (variance is None) + ["no-answers"] * (not has_base.all())
    return TableShares(
        share,
        None if variance is None else np.sqrt(np.where(variance > _NO_VARIANCE, variance, 0.0)),
        _degrees(design, base),
        base_n.astype(np.int64),
        base_wn,
        np.where(has_base, base_wn**2 / np.where(has_base, base_w2, 1.0), 0.0),
        tuple(keys),
    )


def _degrees(design: Design, base: _Base) -> Floats:
    """Degrees of freedom in each column: PSU less strata among those with weight in it."""
    layout = design.layout
    n_strata = len(layout.n_psu)
    counted = (base.w > 0).astype(np.float64)
    if design.is_clustered:
        held = (base.summed(layout.psu, len(layout.psu_start), counted) > 0).astype(np.float64)
        per_stratum = np.add.reduceat(held, layout.stratum_start, axis=0)
    else:
        per_stratum = base.summed(layout.stratum, n_strata, counted)
    return np.asarray(np.maximum(per_stratum - 1, 0.0).sum(axis=0))


def _variance_unclustered(
    design: Design,
    base: _Base,
    summed: Callable[[Ints, int, Floats], Floats],
    share: Floats,
    factors: tuple[Floats, Floats],
) -> Floats:
    """Closed form where every respondent is a PSU: only sums of w and w² per cell are needed.

    With ``z = w (y - p)``: ``Σ z² = Σ w² y (1 - 2 p) + p² Σ w²`` and
    ``Σ z = Σ w y - p Σ w``, within each stratum.
    """
    factor, centre = factors
    layout = design.layout
    n_strata = len(layout.n_psu)
    in_strata = layout.stratum, n_strata
    w2 = base.w**2
    base1 = base.summed(*in_strata, base.w)[:, np.newaxis]
    base2 = base.summed(*in_strata, w2)[:, np.newaxis]
    squares = summed(*in_strata, w2) * (1 - 2 * share) + share**2 * base2
    sums = summed(*in_strata, base.w) - share * base1
    parts = squares - (centre / layout.n_psu)[:, np.newaxis, np.newaxis] * sums**2
    return np.asarray(np.tensordot(factor, parts, axes=1))


def _variance_clustered(
    design: Design,
    base: _Base,
    summed: Callable[[Ints, int, Floats], Floats],
    share: Floats,
    factors: tuple[Floats, Floats],
) -> Floats:
    """From sums of w per PSU and cell."""
    factor, centre = factors
    layout = design.layout
    in_psu = layout.psu, len(layout.psu_start)
    z = summed(*in_psu, base.w) - share * base.summed(*in_psu, base.w)[:, np.newaxis]
    squares = np.add.reduceat(z**2, layout.stratum_start, axis=0)
    sums = np.add.reduceat(z, layout.stratum_start, axis=0)
    parts = squares - (centre / layout.n_psu)[:, np.newaxis, np.newaxis] * sums**2
    return np.asarray(np.tensordot(factor, parts, axes=1))


def _variance_by_column(design: Design, picked: NDArray[np.bool_], base: _Base) -> Floats | None:
    """One column at a time, for weights whose adjustment enters the variance."""
    variance = np.zeros((picked.shape[1], base.n_columns))
    for j in range(base.n_columns):
        estimate = means(design, picked, base.inside & (base.column == j))
        if estimate.value is None:
            continue
        if estimate.covariance is None:
            return None
        variance[:, j] = np.diag(estimate.covariance)
    return variance
