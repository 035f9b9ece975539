"""Tables as SQL that DuckDB and Spark share.

Tables are not asked for one by one. Variables are packed in batches, as the
packed kernel does it. One query groups respondents by all variables of a row
and a column batch at once; the result, which is small, is spread out to a row
per position and grouped again by pairs of positions. Only the latter leaves
the engine. Weights are summed as whole numbers, see
``evaluation.counting.weights``.
"""

# ruff: noqa: S608 (every name is quoted, every value written by the compiler itself)

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluation.counting.chunks import N_EXTRA
from evaluation.counting.engines.source import OptionColumns, SingleColumn
from evaluation.counting.packing import Packing, Shelf
from evaluation.counting.spec import N_MISSING
from evaluation.counting.weights import FINE_BITS, LARGEST_WEIGHT, coarse_scale

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.counting.chunks import Pair
    from evaluation.counting.engines.source import Dialect, EngineVariable, NumberColumn
    from evaluation.counting.packing import Batch

ROW_GROUPS, COLUMN_GROUPS = 600, 70
"""Most combinations in a row and a column batch: together some 40 000 groups."""
ROW_OPTIONS, COLUMN_OPTIONS = 8, 4
"""Options of a multiple answer that stay together."""
SUMS = ("n", "wc", "wf", "sc", "sf")
"""Respondents; coarse and fine weights; coarse and fine squared weights."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A variable, or some options of one, to group by.

    Attributes
    ----------
    size
        Number of combinations of values.
    positions
        1-D intp: positions of the variable that the piece tells of.
    columns
        What to group by, as expressions on the source.
    spread
        Names of the columns in the joint groups -> expressions, each the place
        in ``positions`` that a group takes, or NULL.
    """

    size: int
    positions: NDArray[np.intp]
    columns: tuple[str, ...]
    spread: Callable[[Sequence[str]], list[str]]


@dataclass(frozen=True, slots=True)
class ScaledWeight:
    """A weight column with the exponents of `evaluation.counting.weights.Weights`."""

    variable: NumberColumn
    exponent: int
    square_exponent: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Whom the tables are about, and with what weight.

    Attributes
    ----------
    relation
        What stands after FROM.
    where
        A condition, "" for all respondents.
    weight
        None where each counts as one.
    """

    relation: str
    where: str
    weight: ScaledWeight | None


@dataclass(frozen=True, slots=True)
class Query:
    """A query for a block of tables: position of rows, of columns, then `SUMS`.

    Only ``n`` is returned where there is no weight.
    """

    text: str
    height: int
    width: int


class SqlPlan:
    """The queries that hold the tables of all pairs of variables.

    Attributes
    ----------
    packing
        Puts the tables together from the blocks that the queries return.
    queries
        Per pass of the packing.

    Raises
    ------
    TypeError
        If a variable has no categories.
    """

    def __init__(
        self,
        variables: Mapping[str, EngineVariable],
        pairs: Sequence[Pair],
        selection: Selection,
        dialect: Dialect,
    ) -> None:
        row, column = Shelf[Piece](ROW_GROUPS), Shelf[Piece](COLUMN_GROUPS)
        for name in dict.fromkeys(pair[0] for pair in pairs):
            row.put(name, _pieces(name, variables[name], ROW_OPTIONS, dialect))
        column.put("", [_everyone()])
        for name in dict.fromkeys(pair[1] for pair in pairs if pair[1]):
            column.put(name, _pieces(name, variables[name], COLUMN_OPTIONS, dialect))
        self.packing = Packing(row, column, pairs)
        self.queries = {
            (i, j): _query(row.batches[i], column.batches[j], stacks, selection, dialect)
            for (i, j), stacks in self.packing.stacks.items()
        }


def largest_weight(variable: NumberColumn, relation: str, dialect: Dialect) -> str:
    """Return the query for the largest weight, regardless of sign."""
    return f"SELECT max(abs({_weight(variable, dialect)})) FROM {relation}"


# --- variables --------------------------------------------------------------------


def _pieces(name: str, variable: EngineVariable, options: int, dialect: Dialect) -> list[Piece]:
    """Return the pieces that tell all positions: categories, kinds of missing, answered."""
    if isinstance(variable, SingleColumn):
        n = len(variable.categories)
        return [
            Piece(
                n + N_MISSING,
                np.arange(n + N_EXTRA),
                (code_column(variable, dialect),),
                lambda keys: _by_code(keys[0], n),
            )
        ]
    if not isinstance(variable, OptionColumns):
        msg = f"{name} has no categories to count ({type(variable).__name__})"
        raise TypeError(msg)
    n = len(variable.columns)
    columns = [dialect.name(column) for column in variable.columns]
    first = columns[:options]
    pieces = [
        Piece(
            2 ** len(first) + N_MISSING,
            np.concatenate([np.arange(len(first)), n + np.arange(N_EXTRA)]),
            (*first, dialect.name(variable.state)),
            lambda keys: _by_option(keys[:-1]) + _by_state(keys[-1], len(first)),
        )
    ]
    for start in range(options, n, options):
        more = columns[start : start + options]
        places = np.arange(start, start + len(more))
        pieces.append(Piece(2 ** len(more), places, tuple(more), _by_option))
    return pieces


def _everyone() -> Piece:
    return Piece(1, np.zeros(1, np.intp), (), lambda _: ["0"])


def _by_code(key: str, n_categories: int) -> list[str]:
    missing, answered = n_categories - 1, n_categories + N_MISSING
    return [
        f"CASE WHEN {key} >= 0 THEN {key} ELSE {missing} - {key} END",
        f"CASE WHEN {key} >= 0 THEN {answered} END",
    ]


def _by_option(keys: Sequence[str]) -> list[str]:
    return [f"CASE WHEN {key} = 1 THEN {i} END" for i, key in enumerate(keys)]


def _by_state(key: str, n_options: int) -> list[str]:
    return [
        f"CASE WHEN {key} < 0 THEN {n_options - 1} - {key} ELSE {n_options + N_MISSING} END",
    ]


def code_column(variable: SingleColumn, dialect: Dialect) -> str:
    """Return an expression for the codes of a single answer."""
    column = dialect.name(variable.column)
    if not variable.values:
        return column
    cases = " ".join(
        f"WHEN {column} = {dialect.literal(value)} THEN {code}"
        for value, code in variable.values.items()
    )
    return f"CASE WHEN {column} IS NULL THEN -1 {cases} ELSE -3 END"


# --- queries ----------------------------------------------------------------------


def _query(
    rows: Batch[Piece],
    columns: Batch[Piece],
    wanted: Sequence[tuple[slice, slice]],
    selection: Selection,
    dialect: Dialect,
) -> Query:
    """Group by all columns of two batches at once, then by pairs of positions."""
    row_keys, row_places = _spread("r", rows, {a.start for a, _ in wanted})
    column_keys, column_places = _spread("c", columns, {b.start for _, b in wanted})
    sums = ", ".join(SUMS if selection.weight else SUMS[:1])
    keys = ", ".join([*row_keys, *column_keys])
    kept = ", ".join([*column_keys, sums])
    total = ", ".join(f"CAST(sum({one}) AS BIGINT)" for one in sums.split(", "))
    chosen = row_keys | column_keys
    text = (
        f"WITH joint AS (SELECT {keys}, count(*) AS n{_weight_sums(selection)}\n"
        f"  FROM ({_respondents(chosen, selection, dialect)}) AS respondents GROUP BY {keys}),\n"
        f"by_row AS (SELECT {dialect.spread.format(row_places)} AS p, {kept} FROM joint),\n"
        f"by_both AS (SELECT p, {dialect.spread.format(column_places)} AS q, {sums} FROM by_row\n"
        f"  WHERE p IS NOT NULL)\n"
        f"SELECT p, q, {total} FROM by_both WHERE q IS NOT NULL{_only(wanted)} GROUP BY p, q"
    )
    return Query(text, rows.height, columns.height)


def _spread(prefix: str, batch: Batch[Piece], starts: set[int]) -> tuple[dict[str, str], str]:
    """Return names and expressions of the columns to group by, and the list of places."""
    keys: dict[str, str] = {}
    places = []
    start = 0
    for piece in batch.items:
        if start in starts:
            mine = {f"{prefix}{len(keys) + i}": column for i, column in enumerate(piece.columns)}
            keys |= mine
            places += [f"{start} + {place}" for place in piece.spread(list(mine))]
        start += len(piece.positions)
    return keys, ", ".join(places)


def _only(wanted: Sequence[tuple[slice, slice]]) -> str:
    """Leave out tables that the batches hold beside those wanted."""
    first, second = {a.start for a, _ in wanted}, {b.start for _, b in wanted}
    if len(wanted) == len(first) * len(second):
        return ""
    parts = [
        f"p BETWEEN {a.start} AND {a.stop - 1} AND q BETWEEN {b.start} AND {b.stop - 1}"
        for a, b in wanted
    ]
    return f" AND ({' OR '.join(parts)})"


def _weight_sums(selection: Selection) -> str:
    if selection.weight is None:
        return ""
    fine = literal(2.0**FINE_BITS)
    values = [one for x in "ws" for one in (f"floor({x})", f"floor(({x} - floor({x})) * {fine})")]
    sums = zip(values, SUMS[1:], strict=True)
    return "".join(f", sum(CAST({value} AS BIGINT)) AS {name}" for value, name in sums)


def _respondents(chosen: Mapping[str, str], selection: Selection, dialect: Dialect) -> str:
    """Select the columns of everyone concerned; weights scaled to their coarse part."""
    columns = [f"{value} AS {key}" for key, value in chosen.items()]
    where = f" WHERE {selection.where}" if selection.where else ""
    weight = selection.weight
    if weight is None:
        return f"SELECT {', '.join(columns)} FROM {selection.relation}{where}"
    columns.append(f"{_weight(weight.variable, dialect)} AS v")
    scale, square = (literal(coarse_scale(e)) for e in (weight.exponent, weight.square_exponent))
    scaled = ", ".join([*chosen, f"v * {scale} AS w", f"v * v * {square} AS s"])
    inner = f"SELECT {', '.join(columns)} FROM {selection.relation}{where}"
    return f"SELECT {scaled} FROM ({inner}) AS weighted"


def _weight(variable: NumberColumn, dialect: Dialect) -> str:
    """Return an expression for a weight, 0 where it is missing."""
    column = dialect.name(variable.column)
    return f"CASE WHEN abs({column}) < {literal(LARGEST_WEIGHT)} THEN {column} ELSE 0e0 END"


def literal(value: float) -> str:
    """Return a floating-point number as SQL; without an exponent it would be a decimal."""
    return f"{value:.17e}"
