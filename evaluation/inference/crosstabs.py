"""Chi-square tests of crosstabs, for one table or a thousand at once.

In: tables of counts, options in the rows and groups in the columns. Rows and
columns without answers are left out before anything is computed, as SPSS does
(R's ``chisq.test`` gives NaN for them), and the outcome says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from evaluation.inference.distributions import chi2_sf, noncentrality_limits
from evaluation.inference.results import TestOutcome, as_table, not_made

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

SMALL_EXPECTED: Final = 5.0
"""Expected counts below this are flagged (Cochran 1954); R warns at the same limit."""


def expected(table: ArrayLike) -> Floats:
    """Return counts expected under independence, row total times column total over n.

    2-D like the table; all 0 where the table is empty. R: ``chisq.test(m)$expected``.
    """
    return np.asarray(_expected(as_table(table)[np.newaxis])[0])


def adjusted_residuals(table: ArrayLike) -> Floats:
    """Return (observed - expected) over its standard error, 2-D like the table.

    ``(O - E) / sqrt(E (1 - row/n) (1 - column/n))``: about standard normal
    under independence (Haberman 1973). R: ``chisq.test(m)$stdres``; SPSS:
    adjusted standardized residuals. 0 where a row or column holds nothing or
    everything, since O equals E there.
    """
    counts = as_table(table)
    total = counts.sum()
    if total == 0:
        return np.zeros_like(counts)
    fitted = expected(counts)
    rows = 1 - counts.sum(axis=1, keepdims=True) / total
    columns = 1 - counts.sum(axis=0, keepdims=True) / total
    variance = fitted * rows * columns
    usable = variance > 0
    return np.where(usable, (counts - fitted) / np.sqrt(np.where(usable, variance, 1.0)), 0.0)


def pearson(table: ArrayLike, *, correction: bool = False, level: float = 0.95) -> TestOutcome:
    """Test independence with Pearson's chi-square, without shifting zeros.

    Parameters
    ----------
    table
        2-D counts.
    correction
        Yates's continuity correction of a 2 × 2 table, as R does it (at most
        the smallest deviation); other tables are not corrected.
    level
        Confidence of the interval for Cramér's V, which stands in ``effect``
        and is never computed from the corrected statistic.

    Notes
    -----
    R: ``chisq.test(m, correct = FALSE)``; SPSS: CROSSTABS /STATISTICS=CHISQ.
    """
    return pearson_many([table], correction=correction, level=level)[0]


def likelihood_ratio(table: ArrayLike, *, level: float = 0.95) -> TestOutcome:
    """Test independence with G² = 2 Σ O ln(O / E); empty cells add nothing.

    SPSS: "Likelihood Ratio"; R: ``MASS::loglm`` or ``DescTools::GTest``.
    """
    return likelihood_ratio_many([table], level=level)[0]


def pearson_many(
    tables: Sequence[ArrayLike] | Floats, *, correction: bool = False, level: float = 0.95
) -> tuple[TestOutcome, ...]:
    """Do `pearson` for many tables in one pass; 3-D, or a sequence of 2-D of any shapes."""
    method = "pearson-corrected" if correction else "pearson"
    return _many(tables, method, level, correction=correction)


def likelihood_ratio_many(
    tables: Sequence[ArrayLike] | Floats, *, level: float = 0.95
) -> tuple[TestOutcome, ...]:
    """Do `likelihood_ratio` for many tables in one pass."""
    return _many(tables, "lr", level, correction=False)


def cramers_v(
    table: ArrayLike, *, level: float = 0.95
) -> tuple[float | None, float | None, float | None]:
    """Return Cramér's V with the limits of its interval, all None where undefined.

    ``V = sqrt(X² / (n k))`` with ``k = min(rows, columns) - 1``. The limits
    are ``sqrt(λ / (n k))`` for the confidence limits λ of the noncentrality
    of X² (Steiger and Fouladi 1997), widened where needed to hold V itself.
    """
    outcome = pearson(table, level=level)
    return outcome.effect, outcome.effect_low, outcome.effect_high


# --- the computation, on 3-D arrays: tables × rows × columns ----------------------------------


def _many(
    tables: Sequence[ArrayLike] | Floats, method: str, level: float, *, correction: bool
) -> tuple[TestOutcome, ...]:
    counts = _stack(tables)
    if len(counts) == 0:
        return ()
    fitted = _expected(counts)
    inside = _in_use(counts)
    n_rows = inside.any(axis=2).sum(axis=1)
    n_columns = inside.any(axis=1).sum(axis=1)
    df = ((n_rows - 1) * (n_columns - 1)).astype(np.float64)
    testable = (n_rows > 1) & (n_columns > 1)
    plain = _chi_square(counts, fitted, inside)
    if method == "lr":
        statistic = _g_square(counts, fitted)
    elif correction:
        is_fourfold = testable & (n_rows == 2) & (n_columns == 2)
        statistic = np.where(is_fourfold, _yates(counts, fitted, inside), plain)
    else:
        statistic = plain
    p = chi2_sf(statistic, np.maximum(df, 1.0))
    effects = _effects(plain, df, counts.sum(axis=(1, 2)), np.minimum(n_rows, n_columns), level)
    keys = _warnings(counts, fitted, inside, testable)
    bases = np.rint(counts.sum(axis=(1, 2))).astype(int)
    return tuple(
        TestOutcome(
            method, float(statistic[i]), float(df[i]), float(p[i]), int(bases[i]), keys[i],
            effect=float(effects[0][i]),
            effect_low=float(effects[1][i]),
            effect_high=float(effects[2][i]),
        )
        if testable[i]
        else not_made(method, int(bases[i]), *keys[i])
        for i in range(len(counts))
    )  # fmt: skip


def _stack(tables: Sequence[ArrayLike] | Floats) -> Floats:
    """Stack tables of any shapes; the padding is empty rows and columns, which do not count."""
    checked = [as_table(table) for table in tables]
    if not checked:
        return np.zeros((0, 0, 0))
    shape = np.max([table.shape for table in checked], axis=0)
    stacked = np.zeros((len(checked), *shape))
    for i, table in enumerate(checked):
        stacked[i, : table.shape[0], : table.shape[1]] = table
    return stacked


def _expected(counts: Floats) -> Floats:
    total = counts.sum(axis=(1, 2), keepdims=True)
    rows = counts.sum(axis=2, keepdims=True)
    columns = counts.sum(axis=1, keepdims=True)
    return np.asarray(rows * columns / np.where(total > 0, total, 1.0))


def _in_use(counts: Floats) -> NDArray[np.bool_]:
    """Cells whose row and column both hold answers."""
    rows = counts.sum(axis=2, keepdims=True) > 0
    columns = counts.sum(axis=1, keepdims=True) > 0
    return np.asarray(rows & columns)


def _chi_square(deviation_of: Floats, fitted: Floats, inside: NDArray[np.bool_]) -> Floats:
    safe = np.where(inside, fitted, 1.0)
    terms = np.where(inside, (deviation_of - fitted) ** 2 / safe, 0.0)
    return np.asarray(terms.sum(axis=(1, 2)))


def _yates(counts: Floats, fitted: Floats, inside: NDArray[np.bool_]) -> Floats:
    deviation = np.abs(counts - fitted)
    smallest = np.where(inside, deviation, np.inf).min(axis=(1, 2), keepdims=True)
    shrunk = deviation - np.minimum(0.5, np.where(np.isfinite(smallest), smallest, 0.0))
    return _chi_square(fitted + shrunk, fitted, inside)


def _g_square(counts: Floats, fitted: Floats) -> Floats:
    some = counts > 0
    ratio = np.where(some, counts / np.where(some, fitted, 1.0), 1.0)
    total = 2.0 * (counts * np.log(ratio)).sum(axis=(1, 2))
    return np.asarray(np.maximum(total, 0.0))


def _effects(
    statistic: Floats, df: Floats, n: Floats, shorter: NDArray[np.int64], level: float
) -> tuple[Floats, Floats, Floats]:
    scale = np.maximum(n * (shorter - 1), 1e-300)
    low, high = noncentrality_limits(statistic, np.maximum(df, 1.0), level)
    v = np.minimum(np.sqrt(statistic / scale), 1.0)
    v_low = np.minimum(np.sqrt(low / scale), v)
    v_high = np.clip(np.sqrt(high / scale), v, 1.0)
    return v, v_low, v_high


def _warnings(
    counts: Floats, fitted: Floats, inside: NDArray[np.bool_], testable: NDArray[np.bool_]
) -> list[tuple[str, ...]]:
    is_empty = counts.sum(axis=(1, 2)) == 0
    is_small = ((fitted < SMALL_EXPECTED) & inside).any(axis=(1, 2)) & testable
    flags = {
        "no-answers": is_empty,
        "too-few-categories": ~testable & ~is_empty,
        "expected-below-5": is_small,
    }
    return [tuple(key for key, flag in flags.items() if flag[i]) for i in range(len(counts))]


def drop_empty(table: ArrayLike) -> tuple[Floats, tuple[str, ...]]:
    """Return the rows and columns with answers, and why nothing can be tested, if so."""
    counts = as_table(table)
    kept = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    if kept.size == 0:
        return kept, ("no-answers",)
    return kept, ("too-few-categories",) if min(kept.shape) < 2 else ()


def base_of(table: Floats) -> int:
    """Return the number of respondents in a table of counts."""
    return round(float(table.sum()))
