"""Tables as SQL that DuckDB and Spark share.

Tables are not asked for one by one. Variables are taken in batches, as the
packed kernel does: one query groups respondents by all variables of a row and a
column batch at once, and groups the result, which is small, by each pair
wanted (``GROUPING SETS``). Only the latter leaves the engine. Weights are
summed as whole numbers, see ``evaluation.counting.weights``.
"""

# ruff: noqa: S608 (every name is quoted, every value written by the compiler itself)

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from evaluation.counting.engines.source import OptionColumns, SingleColumn
from evaluation.counting.spec import N_MISSING
from evaluation.counting.weights import FINE_BITS, LARGEST_WEIGHT, coarse_scale

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evaluation.counting.chunks import Pair
    from evaluation.counting.engines.source import Dialect, EngineVariable, NumberColumn

ROW_GROUPS, COLUMN_GROUPS = 600, 70
"""Most combinations of a row and a column batch: together some 40 000 groups."""
ROW_OPTIONS, COLUMN_OPTIONS = 8, 4
"""Options of a multiple answer that are kept together in a batch."""
SUMS = ("n", "wc", "wf", "sc", "sf")
"""Respondents; coarse and fine weights; coarse and fine squared weights."""


class Part(NamedTuple):
    """One column to group by.

    ``part`` is the number of an option, or -1 for the codes of a single answer
    and the state of a multiple one.
    """

    variable: str
    part: int = -1


@dataclass(frozen=True, slots=True)
class Query:
    """A query and how to read its rows.

    Attributes
    ----------
    text
        Returns: number of the grouping set, row parts, column parts, `SUMS`
        (only ``n`` where there is no weight).
    sets
        Number of a grouping set -> its row part and column part (None for one
        way).
    rows, columns
        Row and column parts in the order returned.
    """

    text: str
    sets: Mapping[int, tuple[Part, Part | None]]
    rows: tuple[Part, ...]
    columns: tuple[Part, ...]


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


def largest_weight(variable: NumberColumn, relation: str, dialect: Dialect) -> str:
    """Return the query for the largest weight, regardless of sign."""
    return f"SELECT max(abs({_weight(variable, dialect)})) FROM {relation}"


def compile_tables(
    variables: Mapping[str, EngineVariable],
    pairs: Sequence[Pair],
    selection: Selection,
    dialect: Dialect,
) -> list[Query]:
    """Return the queries that hold the tables of all pairs of variables.

    Raises
    ------
    TypeError
        If a variable has no categories.
    """
    first, second = dict.fromkeys(a for a, _ in pairs), dict.fromkeys(b for _, b in pairs if b)
    rows = _batches(variables, first, ROW_OPTIONS, ROW_GROUPS)
    columns: list[Sequence[Part | None]] = [[None]]  # one way
    columns += _batches(variables, second, COLUMN_OPTIONS, COLUMN_GROUPS)
    wanted = set(pairs)
    queries = []
    for row_batch, column_batch in product(rows, columns):
        sets = [
            (a, b)
            for a, b in product(row_batch, column_batch)
            if (a.variable, b.variable if b else "") in wanted
        ]
        if sets:
            queries.append(_query(variables, sets, selection, dialect))
    return queries


def _batches(
    variables: Mapping[str, EngineVariable], names: Iterable[str], options: int, limit: int
) -> list[list[Part]]:
    """Put parts into batches, first fit, by number of combinations."""
    batches: list[list[Part]] = []
    sizes: list[int] = []
    for name in names:
        for size, parts in _pieces(name, variables[name], options):
            place = next((i for i, taken in enumerate(sizes) if taken * size <= limit), None)
            if place is None:
                batches.append(parts)
                sizes.append(size)
            else:
                batches[place] += parts
                sizes[place] *= size
    return batches


def _pieces(name: str, variable: EngineVariable, options: int) -> Iterator[tuple[int, list[Part]]]:
    """Yield the parts of a variable that are to stay together, and their combinations."""
    if isinstance(variable, SingleColumn):
        yield len(variable.categories) + N_MISSING, [Part(name)]
        return
    if not isinstance(variable, OptionColumns):
        msg = f"{name} has no categories to count ({type(variable).__name__})"
        raise TypeError(msg)
    parts = [Part(name, i) for i in range(len(variable.columns))]
    yield 2 ** len(parts[:options]) + N_MISSING, [Part(name), *parts[:options]]
    for start in range(options, len(parts), options):
        more = parts[start : start + options]
        yield 2 ** len(more), more


def _query(
    variables: Mapping[str, EngineVariable],
    sets: Sequence[tuple[Part, Part | None]],
    selection: Selection,
    dialect: Dialect,
) -> Query:
    """Group by all parts at once, then the result by each pair of parts."""
    rows = {part: f"r{i}" for i, part in enumerate(dict.fromkeys(a for a, _ in sets))}
    columns = {
        part: f"c{i}" for i, part in enumerate(dict.fromkeys(b for _, b in sets if b is not None))
    }
    keys = [*rows.values(), *columns.values()]
    chosen = [
        f"{part_column(variables[part.variable], part.part, dialect)} AS {key}"
        for part, key in [*rows.items(), *columns.items()]
    ]
    members = [(rows[a],) if b is None else (rows[a], columns[b]) for a, b in sets]
    groups = [f"({', '.join(one)})" for one in members]
    sums = SUMS if selection.weight else SUMS[:1]
    listed = ", ".join(keys)
    text = (
        f"WITH joint AS (SELECT {listed}, count(*) AS n{_weight_sums(selection)}"
        f" FROM ({_respondents(chosen, keys, selection, dialect)}) AS respondents"
        f" GROUP BY {listed})\n"
        f"SELECT grouping_id({listed}), {listed},"
        f" {', '.join(f'CAST(sum({one}) AS BIGINT)' for one in sums)}\n"
        f"FROM joint GROUP BY GROUPING SETS ({', '.join(groups)})"
    )
    numbers = [_grouping_id(keys, group) for group in members]
    return Query(text, dict(zip(numbers, sets, strict=True)), tuple(rows), tuple(columns))


def _grouping_id(keys: Sequence[str], group: Sequence[str]) -> int:
    """Return the number that SQL gives a grouping set: a bit for each key not in it."""
    return sum(1 << i for i, key in enumerate(reversed(keys)) if key not in group)


def _weight_sums(selection: Selection) -> str:
    if selection.weight is None:
        return ""
    sums = {
        "wc": "floor(w)",
        "wf": f"floor((w - floor(w)) * {literal(2.0**FINE_BITS)})",
        "sc": "floor(s)",
        "sf": f"floor((s - floor(s)) * {literal(2.0**FINE_BITS)})",
    }
    return "".join(f", sum(CAST({value} AS BIGINT)) AS {name}" for name, value in sums.items())


def _respondents(
    chosen: Sequence[str], keys: Sequence[str], selection: Selection, dialect: Dialect
) -> str:
    """Select the parts of everyone concerned; weights scaled to their coarse part."""
    where = f" WHERE {selection.where}" if selection.where else ""
    weight = selection.weight
    if weight is None:
        return f"SELECT {', '.join(chosen)} FROM {selection.relation}{where}"
    value = f"{_weight(weight.variable, dialect)} AS v"
    scale, square = (literal(coarse_scale(e)) for e in (weight.exponent, weight.square_exponent))
    inner = f"SELECT {', '.join([*chosen, value])} FROM {selection.relation}{where}"
    scaled = f"v * {scale} AS w, v * v * {square} AS s"
    return f"SELECT {', '.join([*keys, scaled])} FROM ({inner}) AS weighted"


def part_column(variable: EngineVariable, part: int, dialect: Dialect) -> str:
    """Return an expression for an option (0 or 1), or (part -1) for codes or state.

    Raises
    ------
    TypeError
        If the variable has no categories.
    """
    if isinstance(variable, OptionColumns):
        return dialect.name(variable.state if part < 0 else variable.columns[part])
    if not isinstance(variable, SingleColumn):
        msg = f"no categories ({type(variable).__name__})"
        raise TypeError(msg)
    column = dialect.name(variable.column)
    if not variable.values:
        return column
    cases = " ".join(
        f"WHEN {column} = {dialect.literal(value)} THEN {code}"
        for value, code in variable.values.items()
    )
    return f"CASE WHEN {column} IS NULL THEN -1 {cases} ELSE -3 END"


def _weight(variable: NumberColumn, dialect: Dialect) -> str:
    """Return an expression for a weight, 0 where it is missing."""
    column = dialect.name(variable.column)
    return f"CASE WHEN abs({column}) < {literal(LARGEST_WEIGHT)} THEN {column} ELSE 0e0 END"


def literal(value: float) -> str:
    """Return a floating-point number as SQL; without an exponent it would be a decimal."""
    return f"{value:.17e}"
