"""What an engine must know of the data: which columns hold a variable, and how."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from evaluation.coding.data import Categorical, FreeText, MultiResponse, Numeric

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.coding.data import CodedData, Variable
    from evaluation.model import Category


@dataclass(frozen=True, slots=True)
class SingleColumn:
    """A single answer (or a grid item) in one column.

    Attributes
    ----------
    categories
        In the order of the codes 0, 1, 2 …
    column
        Name of the column.
    values
        Value in the column -> code or kind of missing, for a column that
        holds answers as exported. Empty: the column holds the codes.
        What is neither is invalid; NULL is item non-response.
    ordered, off_scale
        The categories form a scale, and positions that are no step of it; as
        in `Categorical`.
    """

    categories: tuple[Category, ...]
    column: str
    values: Mapping[str | int, int] = field(default_factory=dict)
    ordered: bool = False
    off_scale: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class OptionColumns:
    """A multiple answer with a column per option, 1 where chosen.

    Attributes
    ----------
    columns
        Names, one per category.
    state
        Name of the column that is 0 where the question was answered, else a
        kind of missing.
    """

    categories: tuple[Category, ...]
    columns: tuple[str, ...]
    state: str


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """A number, or a date as days since 1970-01-01; NULL or NaN where missing."""

    column: str
    is_date: bool = False


@dataclass(frozen=True, slots=True)
class StateColumn:
    """A text answer of which only the state is kept: 0 where answered."""

    state: str


EngineVariable = SingleColumn | OptionColumns | NumberColumn | StateColumn


@dataclass(frozen=True, slots=True)
class Source:
    """Coded answers that an engine can reach.

    Attributes
    ----------
    relation
        What stands after FROM: a table or view, or ``read_parquet('…')``.
    variables
        Identifier -> columns.
    grids
        Grid -> its items, for filters.
    """

    relation: str
    variables: Mapping[str, EngineVariable]
    grids: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dialect:
    """Where the SQL of engines differs.

    Attributes
    ----------
    quote
        The sign around names.
    backslash
        Whether a backslash in a text has to be doubled.
    spread
        What makes a row of each of several values; ``{}`` stands for them.
    """

    quote: str
    backslash: bool
    spread: str

    def name(self, name: str) -> str:
        """Return the name of a column in quotes."""
        return self.quote + name.replace(self.quote, self.quote * 2) + self.quote

    def literal(self, value: str | int) -> str:
        """Return a text or a whole number."""
        if isinstance(value, int):
            return str(value)
        if self.backslash:
            value = value.replace("\\", "\\\\")
        return "'" + value.replace("'", "\\'" if self.backslash else "''") + "'"


DUCKDB = Dialect('"', backslash=False, spread="unnest([{}])")
SPARK = Dialect("`", backslash=True, spread="explode(array({}))")


class Engine(Protocol):
    """Runs queries on an open connection."""

    @property
    def dialect(self) -> Dialect:
        """How it wants its SQL."""

    @property
    def at_once(self) -> int:
        """How many queries it should be given at a time."""

    def rows(self, query: str) -> Sequence[Sequence[object]]:
        """Run a query and return its rows: counts, nothing else is ever asked for."""


def coded_columns(variable: Variable) -> EngineVariable:
    """Return the columns that a coded variable is written to, see `column_names`."""
    match variable:
        case Categorical(categories=categories, ordered=ordered, off_scale=off_scale):
            return SingleColumn(categories, variable.id, ordered=ordered, off_scale=off_scale)
        case MultiResponse(categories=categories):
            names = tuple(f"{variable.id}.{i}" for i in range(len(categories)))
            return OptionColumns(categories, names, f"{variable.id}.state")
        case Numeric(is_date=is_date):
            return NumberColumn(variable.id, is_date)
        case FreeText():
            return StateColumn(f"{variable.id}.state")


def coded_source(data: CodedData, relation: str) -> Source:
    """Describe a relation that holds coded answers under their usual column names."""
    variables = {name: coded_columns(variable) for name, variable in data.variables.items()}
    return Source(relation, variables, data.grids)
