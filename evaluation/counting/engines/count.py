"""Count with an engine: the counterpart of `evaluation.counting.count.count`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

import numpy as np

from evaluation.counting.chunks import Sums
from evaluation.counting.count import finish
from evaluation.counting.engines.filters import condition
from evaluation.counting.engines.source import NumberColumn
from evaluation.counting.engines.sql import (
    SUMS,
    ScaledWeight,
    Selection,
    SqlPlan,
    largest_weight,
)
from evaluation.counting.weights import exponent_of, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.counting.engines.source import Engine, Source
    from evaluation.counting.engines.sql import Query
    from evaluation.counting.spec import CountRequest, Counts
    from evaluation.expressions import Expression


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
        n_sums = len(SUMS) if weight else 1
        plan = SqlPlan(source.variables, pairs, selection, engine.dialect)
        answers = _ask(engine, [query.text for query in plan.queries.values()])
        found = {
            key: _block(query, rows, n_sums)
            for (key, query), rows in zip(plan.queries.items(), answers, strict=True)
        }
        blocks = [{key: block[i] for key, block in found.items()} for i in range(n_sums)]
        for i in mine:
            pair = requests[i].rows, requests[i].columns
            layers = [plan.packing.table(pair, layer) for layer in blocks]
            results[i] = finish(requests[i], _sums(layers, selection.weight, one_way=not pair[1]))
    return [results[i] for i in range(len(requests))]


def _ask(engine: Engine, queries: Sequence[str]) -> list[Sequence[Sequence[object]]]:
    if engine.at_once == 1:
        return [engine.rows(query) for query in queries]
    with ThreadPoolExecutor(engine.at_once) as pool:
        return list(pool.map(engine.rows, queries))


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


def _block(query: Query, rows: Sequence[Sequence[object]], n_sums: int) -> NDArray[np.int64]:
    """Return the answer to a query as sums × positions × positions."""
    found = np.array(rows, dtype=np.int64).reshape(-1, 2 + n_sums).T
    block = np.zeros((n_sums, query.height, query.width), np.int64)
    block[:, found[0], found[1]] = found[2:]
    return block


def _sums(
    layers: Sequence[NDArray[np.int64]], weight: ScaledWeight | None, *, one_way: bool
) -> Sums:
    """Drop the column of all who answered the column question, which is no column."""
    n, *parts = (layer if one_way else layer[:, :-1] for layer in layers)
    if weight is None:
        return Sums(n, None, None)
    wn = value_of(np.stack(parts[:2]), weight.exponent)
    w2 = value_of(np.stack(parts[2:])[:, -1], weight.square_exponent)
    return Sums(n, wn, w2)
