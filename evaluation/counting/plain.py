"""One `numpy.bincount` per table: the kernel for small data, and the yardstick of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.counting.prepare import (
    Positions,
    countable,
    exact_parts,
    positions,
    row_numbers,
    weights_of,
)
from evaluation.counting.spec import Counts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.coding.data import CodedData
    from evaluation.counting.spec import CountRequest

    Parts = tuple[NDArray[np.float64], ...] | None
    """Weights as `exact_parts`; None where each respondent weighs 1."""

DENSE_ROWS = 1 << 16
"""Respondents at a time where two multiple answers meet, to bound memory."""


def count_plain(
    data: CodedData, requests: Sequence[CountRequest], masks: Mapping[str, NDArray[np.bool_]]
) -> list[Counts]:
    """Count each request on its own; variables, masks and weights are prepared once."""
    results: dict[int, Counts] = {}
    powers = {key: _powers(data, key) for key in {r.weight for r in requests if r.weight}}
    for mask in dict.fromkeys(r.mask for r in requests):
        mine = [(i, r) for i, r in enumerate(requests) if r.mask == mask]
        rows = row_numbers(mine[0][1], masks, data.n)
        group = _Group(data, rows, {key: _take(parts, rows) for key, parts in powers.items()})
        results.update((i, group.count(request)) for i, request in mine)
    return [results[i] for i in range(len(requests))]


def _powers(data: CodedData, weight: str) -> tuple[Parts, Parts]:
    """Return the weights and the squared weights of all respondents, in exact parts."""
    values = weights_of(data.variables[weight])
    return exact_parts(values), exact_parts(values * values)


def _take(powers: tuple[Parts, Parts], rows: NDArray[np.intp] | None) -> tuple[Parts, Parts]:
    if rows is None:
        return powers
    first, second = (tuple(part[rows] for part in parts or ()) for parts in powers)
    return first, second


class _Group:
    """The requests under one mask: what they share is made once, on first use."""

    def __init__(
        self,
        data: CodedData,
        rows: NDArray[np.intp] | None,
        powers: Mapping[str, tuple[Parts, Parts]],
    ) -> None:
        self._data, self._rows, self._powers = data, rows, powers
        self._n = data.n if rows is None else len(rows)
        self._cache: dict[str, Positions] = {}

    def _positions(self, identifier: str) -> Positions:
        if identifier not in self._cache:
            if identifier:
                found = positions(countable(self._data, identifier), self._rows)
            else:
                found = Positions(
                    1, np.zeros(self._n, np.intp), None, np.ones(self._n, dtype=np.bool_)
                )
            self._cache[identifier] = found
        return self._cache[identifier]

    def count(self, request: CountRequest) -> Counts:
        """Count one request."""
        row, column = self._positions(request.rows), self._positions(request.columns)
        answered = Positions(2, row.answered.astype(np.intp), None, row.answered)
        n = cross(row, column, None).astype(np.int64)
        base_n = cross(answered, column, None)[1].astype(np.int64)
        if not request.weight:
            wn, base_wn = n.astype(np.float64), base_n.astype(np.float64)
            return Counts(request, n, wn, base_n, base_wn, base_wn.copy())
        weights, squares = self._powers[request.weight]
        return Counts(
            request,
            n,
            cross(row, column, weights),
            base_n,
            cross(answered, column, weights)[1],
            cross(answered, column, squares)[1],
        )


def cross(row: Positions, column: Positions, weights: Parts) -> NDArray[np.float64]:
    """Return the table of two variables.

    Returns
    -------
    2-D float64, ``row.size`` × ``column.size``: sum of weights of the
    respondents who take both positions (their number where weights is None,
    exact up to 2**53).
    """
    if column.who is not None:
        return cross(column, row, weights).T if row.who is None else _dense(row, column, weights)
    met = column.where if row.who is None else column.where[row.who]
    key = row.where * column.size + met
    length = row.size * column.size
    total = np.zeros(length)
    for part in (None,) if weights is None else weights:
        factor = part if part is None or row.who is None else part[row.who]
        total += np.bincount(key, factor, minlength=length)
    return total.reshape(row.size, column.size)


def _dense(row: Positions, column: Positions, weights: Parts) -> NDArray[np.float64]:
    """Two multiple answers: a matrix product of indicators, some respondents at a time."""
    n = len(row.answered)
    factors = np.ones((1, n)) if weights is None else np.stack(weights)
    sums = np.zeros((len(factors), row.size, column.size))
    for start in range(0, n, DENSE_ROWS):
        left = _indicators(row, start, min(start + DENSE_ROWS, n))
        right = _indicators(column, start, min(start + DENSE_ROWS, n))
        for i, factor in enumerate(factors):  # each part alone: that is what keeps sums exact
            sums[i] += left.T @ (factor[start : start + DENSE_ROWS, None] * right)
    total: NDArray[np.float64] = sums.sum(axis=0)
    return total


def _indicators(variable: Positions, start: int, stop: int) -> NDArray[np.float64]:
    """Return 1.0 where a respondent takes a position, respondents × positions."""
    who = variable.who
    if who is None:
        msg = "only multiple answers need indicators"
        raise ValueError(msg)
    inside = (who >= start) & (who < stop)
    indicators = np.zeros((stop - start, variable.size))
    indicators[who[inside] - start, variable.where[inside]] = 1.0
    return indicators
