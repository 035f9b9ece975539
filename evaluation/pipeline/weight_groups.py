"""By what a weight goes: the fewest known variables that decide it, found in the answers.

Whoever knows how large a group is in the population, and how many of it
answered, knows its weight. Weighted figures then say how those counted are
composed of such groups, which the gate must know beforehand.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Categorical, Numeric
from evaluation.model import MissingKind
from evaluation.protection.weight_classes import WeightClasses

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.coding.data import CodedData
    from evaluation.tables.table import Table

SAME = 0.005
"""Weights that differ by less, relatively, are one weight."""
MOST_VARIABLES = 5
"""A weight that goes by more variables together is taken to go by none."""
SAMPLE = 3000
"""Respondents on whom a set of variables is tried before it is tried on all."""
MOST_VALUES = 150
"""A number with more different values (a serial number) is nothing by which a weight goes."""
MOST_CLASSES = 5000
"""More classes than this are drawn together, weights next to each other first."""
Column = tuple["NDArray[np.int64]", tuple[str, ...]]
"""Position per respondent, and the code of each position."""
Found = tuple[WeightClasses, "NDArray[np.int64]"]
"""Classes, and the class of every respondent."""


def weight_classes(
    coded: Mapping[str, CodedData],
    tables: Sequence[Table],
    known: Collection[str],
    inside: Mapping[str, NDArray[np.bool_]] | None = None,
) -> tuple[Found, ...]:
    """Find the classes of every weight by which some table is weighted.

    Parameters
    ----------
    coded
        Survey -> answers.
    tables
        Everything that is published together.
    known
        Variables (``survey.variable``) that tell who somebody is.
    inside
        Survey -> 1-D bool: who its tables are about, where it has a filter of its own.

    Returns
    -------
    tuple
        Classes, and 1-D int64: the class of every respondent. Of those whom no table is about
        it says nothing.
    """
    used = dict.fromkeys((t.spec.survey, t.spec.weight) for t in tables if t.spec.weight)
    found = []
    for survey, weight in used:
        by = {name for t in tables if t.spec.survey == survey for name in t.spec.by}
        data = coded[survey]
        names = [name for name in data.variables if f"{survey}.{name}" in known or name in by]
        first = [name for name in names if f"{survey}.{name}" in known]
        others = [name for name in names if name not in first]
        classes = find_classes(data, weight, first, others, (inside or {}).get(survey))
        found += [classes] if classes else []
    return tuple(found)


def find_classes(
    data: CodedData,
    weight: str,
    known: Sequence[str],
    others: Sequence[str] = (),
    inside: NDArray[np.bool_] | None = None,
) -> Found | None:
    """Find by which variables a weight goes; None where all have one weight.

    Parameters
    ----------
    data
        A survey.
    weight
        Identifier of its weight.
    known
        Variables by which it may go, those that tell who somebody is.
    others
        Variables that are tried where these do not decide it.
    inside
        1-D bool: whom tables are about; all where it is not given.
    """
    variable = data.variables.get(weight)
    of = np.arange(data.n) if inside is None else np.flatnonzero(inside)
    if not isinstance(variable, Numeric) or not len(of):
        return None
    weights = np.nan_to_num(np.maximum(variable.values[of], 0.0))
    if weights.max() - weights.min() <= SAME * weights.max():
        return None
    columns = {
        name: (column[0][of], column[1])
        for name in [*known, *others]
        if name != weight and (column := _column(data, name)) is not None
    }
    first = [name for name in known if name in columns]
    chosen = _deciding(weights, {name: columns[name][0] for name in first})
    if chosen is None and others:
        chosen = _deciding(weights, {name: column[0] for name, column in columns.items()})
    is_decided = chosen is not None
    names = chosen if chosen is not None else _nearest(weights, columns, first or list(columns))
    found, cells = _classes(data.survey, weight, weights, columns, names, is_decided=is_decided)
    everybody = np.zeros(data.n, dtype=np.int64)
    everybody[of] = cells
    return found, everybody


def _column(data: CodedData, name: str) -> Column | None:
    """Return a variable as positions, kinds of missing included; None where it has no codes."""
    variable = data.variables[name]
    kinds = tuple(kind.name.lower() for kind in sorted(MissingKind, reverse=True))
    if isinstance(variable, Categorical):
        codes = tuple(category.code for category in variable.categories)
        positions = variable.codes.astype(np.int64)
        return np.where(positions < 0, len(codes) - 1 - positions, positions), codes + kinds
    if isinstance(variable, Numeric):
        distinct, positions = np.unique(np.nan_to_num(variable.values), return_inverse=True)
        if len(distinct) > MOST_VALUES:
            return None
        return positions.astype(np.int64), tuple(f"{value:g}" for value in distinct)
    return None


# --- the fewest that decide -------------------------------------------------------------


def _deciding(
    weights: NDArray[np.float64], columns: Mapping[str, NDArray[np.int64]]
) -> tuple[str, ...] | None:
    """Return the fewest variables within whose groups the weight is the same, or None."""
    step = max(1, len(weights) // SAMPLE)
    few = {name: column[::step] for name, column in columns.items()}
    everything = tuple(columns)
    if not everything or not _are_alike(weights, [columns[name] for name in everything]):
        return None
    for size in range(1, min(MOST_VARIABLES, len(everything)) + 1):
        found = [
            (_joined([columns[name] for name in names]).max(), names)
            for names in combinations(everything, size)
            if _are_alike(weights[::step], [few[name] for name in names])
            and _decide(weights, [columns[name] for name in names])
        ]
        if found:
            return min(found, key=lambda one: one[0])[1]
    return None


def _joined(columns: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Number the combinations of values that occur."""
    cells = columns[0]
    for column in columns[1:]:
        cells = np.unique(cells * (int(column.max()) + 1) + column, return_inverse=True)[1]
    return np.unique(cells, return_inverse=True)[1].astype(np.int64)


def _are_alike(weights: NDArray[np.float64], columns: Sequence[NDArray[np.int64]]) -> bool:
    """Tell whether the weight is one in each combination of values."""
    low, high = _ends(weights, _joined(columns))
    return bool(np.all(high - low <= SAME * high))


def _decide(weights: NDArray[np.float64], columns: Sequence[NDArray[np.int64]]) -> bool:
    """Tell whether the weight is one in each combination, and these are no single persons."""
    n = int(_joined(columns).max()) + 1
    return 2 * n <= len(weights) and _are_alike(weights, columns)


def _ends(
    weights: NDArray[np.float64], cells: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    size = int(cells.max()) + 1
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(low, cells, weights)
    np.maximum.at(high, cells, weights)
    return low, high


def _nearest(
    weights: NDArray[np.float64], columns: Mapping[str, Column], names: Sequence[str]
) -> tuple[str, ...]:
    """Return the variables, one after another, that leave least of the weight unexplained."""
    chosen: tuple[str, ...] = ()
    left = float(weights.var())
    while len(chosen) < MOST_VARIABLES:
        rest = {
            name: _unexplained(weights, [columns[other][0] for other in (*chosen, name)])
            for name in names
            if name not in chosen
        }
        best = min(rest, key=lambda name: rest[name], default=None)
        if best is None or rest[best] > 0.95 * left:
            break
        chosen, left = (*chosen, best), rest[best]
    return chosen


def _unexplained(weights: NDArray[np.float64], columns: Sequence[NDArray[np.int64]]) -> float:
    """Return the variance within groups; groups of few persons explain nothing."""
    cells = _joined(columns)
    n = np.bincount(cells)
    mean = np.bincount(cells, weights) / n
    within = (weights - mean[cells]) ** 2
    return float(within.sum() / max(1, len(weights) - len(n)))


# --- classes ----------------------------------------------------------------------------


def _classes(
    survey: str,
    weight: str,
    weights: NDArray[np.float64],
    columns: Mapping[str, Column],
    names: tuple[str, ...],
    *,
    is_decided: bool,
) -> Found:
    parts = [columns[name][0] for name in names]
    if not is_decided:
        parts.append(_bands(weights))
    cells = _joined(parts)
    low, high = _ends(weights, cells)
    size = np.bincount(cells)
    first = np.unique(cells, return_index=True)[1]
    codes = tuple(tuple(columns[name][1][columns[name][0][at]] for name in names) for at in first)
    within = {}
    for name, (positions, labels) in columns.items():
        for position in np.unique(positions):
            inside = np.zeros(len(size), dtype=bool)
            inside[cells[positions == position]] = True
            within[name, labels[position]] = inside
    found = WeightClasses(survey, weight, names, codes, low, high, size, is_decided, within)
    return found, cells


def _bands(weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number the different weights; where they are very many, those next to each other alike."""
    positions = np.unique(weights, return_inverse=True)[1].astype(np.int64)
    most = int(positions.max()) + 1
    return positions if most <= MOST_CLASSES else positions * MOST_CLASSES // most
