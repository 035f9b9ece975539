"""Units compared fairly: intervals, differences from the whole, ranks with their uncertainty.

Everything here starts from protected tables of a question by unit; a withheld
figure stays withheld, and nothing is computed from it.

Sources: funnel limits, Spiegelhalter (2005), Statistics in Medicine 24:1185;
direct standardisation, Breslow & Day (1987); shrinkage, the beta-binomial
empirical Bayes estimate with moments as in Kleinman (1973), JASA 68:46.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.inference.crosstabs import pearson_many
from evaluation.inference.multiple import p_adjust
from evaluation.model import TOTAL, RowKind
from evaluation.rounding import round_half_up

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from evaluation.protection.release import ProtectedTable

Z = 1.959963984540054
"""97.5th percentile of the normal distribution: limits at the 95 percent level."""


@dataclass(frozen=True, slots=True)
class UnitFigure:
    """One unit's share of one answer.

    Attributes
    ----------
    label, code
        The unit.
    n, base
        Those who gave the answer, of those who answered; None where withheld.
    percent, low, high
        0 to 100 with its interval; None where withheld.
    difference
        Percentage points from the whole.
    p, adjusted_p
        Against all other units together; adjusted over the whole comparison.
    best_rank, worst_rank
        Places that the interval leaves open, 1 for the highest share.
    standardised
        Percent if the unit had the whole's composition; None where not asked
        for, or where a group is withheld or empty.
    shrunk
        Percent drawn towards the whole, the more so the smaller the unit.
    """

    label: str
    code: str
    n: int | None
    base: int | None
    percent: float | None
    low: float | None = None
    high: float | None = None
    difference: float | None = None
    p: float | None = None
    adjusted_p: float | None = None
    best_rank: int | None = None
    worst_rank: int | None = None
    standardised: float | None = None
    shrunk: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All units on one answer to one question.

    Attributes
    ----------
    name
        Short name of the question.
    option
        The answer compared.
    whole
        The margin: everyone with a unit.
    units
        In the order of the codebook.
    """

    name: str
    option: str
    whole: UnitFigure
    units: tuple[UnitFigure, ...]


def compare_units(
    table: ProtectedTable, variable: str, option: str, name: str, option_label: str
) -> Comparison | None:
    """Read a question by unit; None where the table has no such row.

    Parameters
    ----------
    table
        Question by unit, with intervals.
    variable
        Question or grid item in the rows.
    option
        Code of the answer.
    name, option_label
        Words.
    """
    line = next(
        (
            cells
            for row, cells in zip(table.rows, table.cells, strict=True)
            if row.variable == variable and row.code == option and row.kind is RowKind.OPTION
        ),
        None,
    )
    if line is None:
        return None
    figures = [
        UnitFigure(c.label, c.code, cell.n, cell.base_n, cell.percent, cell.ci_low, cell.ci_high)
        for c, cell in zip(table.columns, line, strict=True)
    ]
    whole = next(f for f in figures if f.code == TOTAL)
    units = [f for f in figures if f.code != TOTAL and (f.base is None or f.base > 0)]
    return Comparison(name, option_label, whole, tuple(_ranked(_against(units, whole))))


def _against(units: Sequence[UnitFigure], whole: UnitFigure) -> list[UnitFigure]:
    """Add each unit's difference from the whole and the test against all others."""
    if whole.n is None or whole.base is None or whole.percent is None:
        return list(units)
    shown = [u for u in units if u.n is not None and u.base and whole.base > u.base]
    tables = [
        [[u.n, u.base - u.n], [whole.n - u.n, (whole.base - u.base) - (whole.n - u.n)]]
        for u in shown
        if u.n is not None and u.base is not None
    ]
    p = {u.code: o.p for u, o in zip(shown, pearson_many(tables), strict=True)} if tables else {}
    return [
        replace(u, difference=u.percent - whole.percent, p=p.get(u.code))
        if u.percent is not None
        else u
        for u in units
    ]


def _ranked(units: Sequence[UnitFigure]) -> list[UnitFigure]:
    """Add the places that the intervals leave open to each unit."""
    shown = [u for u in units if u.low is not None and u.high is not None]
    ranked = []
    for u in units:
        if u.low is None or u.high is None:
            ranked.append(u)
            continue
        above = sum(1 for o in shown if o.low is not None and o.low > u.high)
        below = sum(1 for o in shown if o.high is not None and o.high < u.low)
        ranked.append(replace(u, best_rank=above + 1, worst_rank=len(shown) - below))
    return ranked


def adjust(comparisons: Sequence[Comparison], method: str = "bh") -> list[Comparison]:
    """Adjust the p-values of all units on all questions together."""
    raw = [u.p for c in comparisons for u in c.units]
    adjusted = iter(p_adjust(raw, method))
    return [
        replace(c, units=tuple(replace(u, adjusted_p=next(adjusted)) for u in c.units))
        for c in comparisons
    ]


def standardise(
    comparison: Comparison, groups: Sequence[tuple[float | None, Comparison | None]]
) -> Comparison:
    """Add directly standardised percents.

    Parameters
    ----------
    comparison
        The crude figures.
    groups
        For each background group its share of the whole (adds to 1; None where
        withheld) and the comparison within it.
    """
    units = [replace(unit, standardised=_weighted(unit, groups)) for unit in comparison.units]
    return replace(comparison, units=tuple(units))


def _weighted(
    unit: UnitFigure, groups: Sequence[tuple[float | None, Comparison | None]]
) -> float | None:
    """Return the sum of share x percent over the groups, None where one is not known."""
    total = 0.0
    for share, inner in groups:
        if share == 0:
            continue
        found = next((u for u in inner.units if u.code == unit.code), None) if inner else None
        if share is None or found is None or found.percent is None or not found.base:
            return None
        total += share * found.percent
    return total


def shrink(comparison: Comparison) -> Comparison:
    """Add percents drawn towards the whole (beta-binomial, moments)."""
    shown = [u for u in comparison.units if u.n is not None and u.base]
    whole = comparison.whole
    if len(shown) < 3 or whole.n is None or not whole.base:
        return comparison
    n = np.array([u.base for u in shown], dtype=float)
    x = np.array([u.n for u in shown], dtype=float)
    mean = whole.n / whole.base
    between = float((n * (x / n - mean) ** 2).sum() / n.sum())
    within = mean * (1 - mean) * len(shown) / n.sum()
    variance = max(between - within, 0.0)
    weight = mean * (1 - mean) / variance - 1 if variance > 0 else math.inf
    units = []
    for u in comparison.units:
        if u.n is None or not u.base:
            units.append(u)
            continue
        share = mean if math.isinf(weight) else (u.n + weight * mean) / (u.base + weight)
        units.append(replace(u, shrunk=100 * share))
    return replace(comparison, units=tuple(units))


def funnel_limits(whole: float, base: int) -> tuple[Decimal, Decimal]:
    """Return the 95 percent control limits around the whole for a unit of this base, percent."""
    share = whole / 100
    half = 100 * Z * math.sqrt(share * (1 - share) / base)
    low, high = max(0.0, whole - half), min(100.0, whole + half)
    return round_half_up(low, 1), round_half_up(high, 1)
