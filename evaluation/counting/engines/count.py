"""Count with an engine: the counterpart of `evaluation.counting.count.count`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, cast

import numpy as np

from evaluation.counting.chunks import N_EXTRA, Sums
from evaluation.counting.count import finish
from evaluation.counting.engines.filters import condition
from evaluation.counting.engines.source import NumberColumn, OptionColumns, SingleColumn
from evaluation.counting.engines.sql import (
    SUMS,
    Part,
    ScaledWeight,
    Selection,
    compile_tables,
    largest_weight,
)
from evaluation.counting.spec import N_MISSING
from evaluation.counting.weights import exponent_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.counting.chunks import Pair
    from evaluation.counting.engines.source import Engine, EngineVariable, Source
    from evaluation.counting.engines.sql import Query
    from evaluation.counting.spec import CountRequest, Counts
    from evaluation.expressions import Expression

    Cells = dict[tuple[Part, Part | None], dict[tuple[int, int], NDArray[np.int64]]]
    """Row and column part -> their values -> sums."""


def count_with_engine(
    engine: Engine,
    source: Source,
    requests: Sequence[CountRequest],
    masks: Mapping[str, Expression] = MappingProxyType({}),
) -> list[Counts]:
    """Count all requested tables where the data are.

    Parameters
    ----------
    engine
        An open connection.
    source
        The relation, and the columns of its variables.
    requests
        The tables, as for `evaluation.counting.count.count`.
    masks
        Filter name -> expression.

    Returns
    -------
    list of Counts
        One per request, in the same order; equal to those counted in memory
        to the last bit.

    Raises
    ------
    KeyError
        If a request names a variable, weight or mask that is not there.
    TypeError
        If a variable has no categories, or a weight is not a number.
    EvaluationError
        If an expression does not fit the data.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    for i, request in enumerate(requests):
        groups.setdefault((request.weight, request.mask), []).append(i)
    weights = {key: _scaled(engine, source, key) for key in {group[0] for group in groups}}
    results: dict[int, Counts] = {}
    for (weight, mask), mine in groups.items():
        where = condition(masks[mask], source, engine.dialect) if mask else ""
        selection = Selection(source.relation, where, weights[weight])
        pairs = list(dict.fromkeys((requests[i].rows, requests[i].columns) for i in mine))
        cells: Cells = {}
        for query in compile_tables(source.variables, pairs, selection, engine.dialect):
            cells |= _read(query, engine.rows(query.text))
        for i in mine:
            pair = requests[i].rows, requests[i].columns
            found = _table(source.variables, pair, cells, weighted=bool(weight))
            results[i] = finish(requests[i], found, selection.weight)
    return [results[i] for i in range(len(requests))]


def _scaled(engine: Engine, source: Source, name: str) -> ScaledWeight | None:
    """Ask for the largest weight, which sets the scale of the whole numbers."""
    if not name:
        return None
    variable = source.variables[name]
    if not isinstance(variable, NumberColumn):
        msg = f"{name} cannot be a weight ({type(variable).__name__})"
        raise TypeError(msg)
    ((largest,),) = engine.rows(largest_weight(variable, source.relation, engine.dialect))
    top = cast("float", largest) or 0.0
    return ScaledWeight(variable, exponent_of(top), exponent_of(top * top))


def _read(query: Query, rows: Sequence[Sequence[object]]) -> Cells:
    """Sort the rows of a query by what they count."""
    cells: Cells = {group: {} for group in query.sets.values()}
    row_at = {part: 1 + i for i, part in enumerate(query.rows)}
    column_at = {part: 1 + len(query.rows) + i for i, part in enumerate(query.columns)}
    first_sum = 1 + len(query.rows) + len(query.columns)
    for row in rows:
        a, b = group = query.sets[cast("int", row[0])]
        values = row[row_at[a]], row[column_at[b]] if b is not None else 0
        sums = np.array(row[first_sum:], dtype=np.int64)
        cells[group][cast("tuple[int, int]", values)] = sums
    return cells


def _table(
    variables: Mapping[str, EngineVariable], pair: Pair, cells: Cells, *, weighted: bool
) -> Sums:
    """Put a table together from cells of its parts; the last row is all who answered."""
    row, column = variables[pair[0]], variables[pair[1]] if pair[1] else None
    rows = _positions(pair[0], row)
    columns = [(None, 0)] if column is None else _positions(pair[1], column)
    table = np.zeros((len(SUMS) if weighted else 1, len(rows) + 1, len(columns)), np.int64)
    for i, (a, u) in enumerate(rows):
        for j, (b, v) in enumerate(columns):
            found = cells[a, b].get((u, v))
            if found is not None:
                table[:, i, j] = found
    if isinstance(row, SingleColumn):
        table[:, -1] = table[:, :-N_EXTRA].sum(axis=1)
    else:
        for j, (b, v) in enumerate(columns):
            table[:, -1, j] = cells[Part(pair[0]), b].get((0, v), 0)
    return Sums(table[:3], table[3:, -1] if weighted else None)


def _positions(name: str, variable: EngineVariable) -> list[tuple[Part, int]]:
    """Return the part and the value that each position stands for."""
    missing = [(Part(name), -1 - kind) for kind in range(N_MISSING)]
    if isinstance(variable, OptionColumns):
        return [*((Part(name, i), 1) for i in range(len(variable.columns))), *missing]
    if not isinstance(variable, SingleColumn):
        msg = f"{name} has no categories to count ({type(variable).__name__})"
        raise TypeError(msg)
    return [*((Part(name), code) for code in range(len(variable.categories))), *missing]
