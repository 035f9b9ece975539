"""Rao–Scott chi-square for weighted, stratified and clustered crosstabs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from evaluation.inference.crosstabs import pearson
from evaluation.inference.distributions import chi2_sf, f_sf
from evaluation.inference.estimation import means
from evaluation.inference.results import TestOutcome, not_made

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from evaluation.inference.design import Design

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


_NO_EFFECT: Final = 1e-10
"""Design effects that add up to less than this are what rounding leaves of 0."""


def rao_scott(
    design: Design, rows: ArrayLike, columns: ArrayLike, *, statistic: str = "F"
) -> TestOutcome:
    """Test independence of two categorical variables with the Rao–Scott correction.

    Parameters
    ----------
    design
        The design.
    rows, columns
        One category per respondent, 0, 1, 2 …; negative where missing.
        Respondents who lack either are outside the domain.
    statistic
        ``F``: the second-order correction, an F statistic with ``df`` and
        ``df2`` (R's default). ``Chisq``: the first-order correction; the
        statistic reported is Pearson's of the weighted table scaled to the
        number of respondents, and p that of it over the mean design effect.

    Returns
    -------
    TestOutcome
        ``effect`` is Cramér's V of the weighted table (without interval).

    Raises
    ------
    ValueError
        If the statistic is neither ``F`` nor ``Chisq``.

    Notes
    -----
    R: ``svychisq(~row + column, design, statistic = "F" | "Chisq")``; SPSS:
    CSTABULATE (adjusted F). Rao and Scott (1984); Thomas and Rao (1987).
    """
    if statistic not in {"F", "Chisq"}:
        msg = f"statistic must be F or Chisq, got {statistic!r}"
        raise ValueError(msg)
    method = "rao-scott" if statistic == "F" else "rao-scott-chisq"
    r, c = np.asarray(rows, dtype=np.int64), np.asarray(columns, dtype=np.int64)
    domain = (r >= 0) & (c >= 0) & (design.weights > 0)
    base_n = int(domain.sum())
    if base_n == 0:
        return not_made(method, 0, "no-answers")
    row, n_rows = _renumbered(r, domain)
    column, n_columns = _renumbered(c, domain)
    if min(n_rows, n_columns) < 2:
        return not_made(method, base_n, "too-few-categories")
    cells = np.zeros((design.n, n_rows * n_columns))
    cells[np.flatnonzero(domain), (row * n_columns + column)[domain]] = 1.0
    shares = means(design, cells, domain)
    if shares.value is None or shares.covariance is None or shares.df <= 0:
        return not_made(method, base_n, *dict.fromkeys((*shares.warnings, "no-standard-error")))
    plain = pearson((shares.value * base_n).reshape(n_rows, n_columns))
    delta = _design_effects(shares.value, shares.covariance, n_rows, n_columns, base_n)
    return _outcome(method, plain, delta, shares.df, base_n, shares.warnings)


def _renumbered(codes: Ints, domain: NDArray[np.bool_]) -> tuple[Ints, int]:
    """Number the categories that occur in the domain 0, 1, 2 …; the others do not matter."""
    used = np.unique(codes[domain])
    return np.searchsorted(used, codes), len(used)


def _design_effects(
    share: Floats, spread: Floats, n_rows: int, n_columns: int, base_n: int
) -> Floats:
    """Return the matrix Δ of generalised design effects of the interaction contrasts."""
    row_contrast = _contrasts(n_rows)
    column_contrast = _contrasts(n_columns)
    contrast = np.kron(row_contrast, column_contrast)
    inverse = np.where(share > 0, 1 / np.where(share > 0, share, 1.0), 0.0)
    scaled = contrast * inverse[:, np.newaxis]
    denominator = contrast.T @ scaled / base_n
    return np.asarray(np.linalg.lstsq(denominator, scaled.T @ spread @ scaled, rcond=None)[0])


def _contrasts(n: int) -> Floats:
    """Return n × (n - 1) orthonormal contrasts; the choice of basis does not change Δ's traces."""
    basis, _ = np.linalg.qr(np.column_stack([np.ones(n), np.eye(n)[:, 1:]]))
    return np.asarray(basis[:, 1:])


def _outcome(
    method: str,
    plain: TestOutcome,
    delta: Floats,
    design_df: float,
    base_n: int,
    keys: tuple[str, ...],
) -> TestOutcome:
    trace = float(np.trace(delta))
    square = float(np.trace(delta @ delta))
    if plain.statistic is None or trace <= _NO_EFFECT or square <= 0:
        return not_made(method, base_n, *keys, "no-standard-error")
    keys = (*keys, *(key for key in plain.warnings if key not in keys))
    if method == "rao-scott":
        df = trace**2 / square
        value, df2 = plain.statistic / trace, df * design_df
        p = f_sf(value, df, df2)
        return TestOutcome(method, value, df, p, base_n, keys, df2=df2, effect=plain.effect)
    df = float(len(delta))
    p = float(chi2_sf(plain.statistic / (trace / df), df))
    return TestOutcome(method, plain.statistic, df, p, base_n, keys, effect=plain.effect)
