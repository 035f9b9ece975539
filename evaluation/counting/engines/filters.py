"""Filter expressions as SQL conditions, meaning what they mean in memory.

What a comparison means for an option is not decided here again: the
expression is evaluated by ``evaluation.coding.evaluate`` on one invented
respondent per option, and those for whom it holds name the codes to accept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.names import amount
from evaluation.coding.data import Categorical, MultiResponse
from evaluation.coding.evaluate import EvaluationError, mask
from evaluation.counting.engines.source import (
    NumberColumn,
    OptionColumns,
    SingleColumn,
    StateColumn,
)
from evaluation.counting.engines.sql import code_column, literal
from evaluation.expressions import (
    And,
    AnswerState,
    Column,
    Comparator,
    Comparison,
    Membership,
    Name,
    Not,
    Or,
    State,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from evaluation.coding.data import Variable
    from evaluation.counting.engines.source import Dialect, EngineVariable, Source
    from evaluation.expressions import Expression, Reference

_SIGNS = {Comparator.EQUAL: "=", Comparator.UNEQUAL: "<>"}


def condition(expression: Expression, source: Source, dialect: Dialect) -> str:
    """Return a condition that is true or false, never NULL, for every respondent.

    Raises
    ------
    EvaluationError
        If the expression uses a name or a kind of comparison that the data do
        not have, or a raw column.
    """
    match expression:
        case And(parts):
            return "(" + " AND ".join(condition(p, source, dialect) for p in parts) + ")"
        case Or(parts):
            return "(" + " OR ".join(condition(p, source, dialect) for p in parts) + ")"
        case Not(part):
            return f"(NOT {condition(part, source, dialect)})"
        case State(state, reference):
            answered = _answered(_name(reference), source, dialect)
            return answered if state is AnswerState.ANSWERED else f"(NOT {answered})"
        case Membership(reference, values):
            return _member(expression, _name(reference), values, source, dialect)
        case Comparison(left, comparator, right):
            if isinstance(left, Value):
                left, comparator, right = right, comparator.mirrored, left
            if isinstance(right, Value):
                return _compare(Comparison(left, comparator, right), _name(left), source, dialect)
            return _compare_pair(expression, _name(left), _name(right), source, dialect)


def _name(reference: Reference | Value) -> str:
    if isinstance(reference, Name):
        return reference.id
    shown = reference.header if isinstance(reference, Column) else reference.text
    raise EvaluationError(f"not a question: {shown}")


def _variable(name: str, source: Source) -> EngineVariable:
    try:
        return source.variables[name]
    except KeyError:
        raise EvaluationError(f"unknown name: {name}") from None


def _answered(name: str, source: Source, dialect: Dialect) -> str:
    if name in source.grids:
        items = [_answered(item, source, dialect) for item in source.grids[name]]
        return "(" + " OR ".join(["1 = 0", *items]) + ")"
    variable = _variable(name, source)
    match variable:
        case NumberColumn(column=column):
            number = dialect.name(column)
            return f"({number} IS NOT NULL AND NOT isnan({number}))"
        case StateColumn(state=state) | OptionColumns(state=state):
            return f"({dialect.name(state)} >= 0)"
        case SingleColumn():
            return f"({code_column(variable, dialect)} >= 0)"


def _member(
    expression: Membership, name: str, values: Sequence[Value], source: Source, dialect: Dialect
) -> str:
    variable = _variable(name, source)
    match variable:
        case SingleColumn():
            return _among(code_column(variable, dialect), _holds(expression, name, variable))
        case OptionColumns():
            *per_option, for_none = _holds(expression, name, variable)
            # "not in" holds where no option is chosen at all; "in" does not.
            meant = [i for i, holds in enumerate(per_option) if holds != for_none]
            some = [f"{dialect.name(variable.columns[i])} = 1" for i in meant]
            chosen = "(" + " OR ".join(["1 = 0", *some]) + ")"
            answered = _answered(name, source, dialect)
            return f"({answered} AND {'NOT ' if for_none else ''}{chosen})"
        case NumberColumn(column=column, is_date=is_date):
            amounts = [a for v in values if (a := amount(v, is_date=is_date)) is not None]
            equal = [f"{dialect.name(column)} = {literal(a)}" for a in amounts]
            some_equal = "(" + " OR ".join(["1 = 0", *equal]) + ")"
            answered = _answered(name, source, dialect)
            return f"({answered} AND {'NOT ' if expression.negated else ''}{some_equal})"
        case _:
            raise EvaluationError(f"a text has no values: {name}")


def _compare(expression: Comparison, name: str, source: Source, dialect: Dialect) -> str:
    variable = _variable(name, source)
    match variable:
        case SingleColumn():
            return _among(code_column(variable, dialect), _holds(expression, name, variable))
        case NumberColumn(column=column, is_date=is_date):
            assert isinstance(expression.right, Value)  # noqa: S101 (so it was called)
            limit = amount(expression.right, is_date=is_date)
            if limit is None:
                raise EvaluationError(f"not a number or date: {expression.right.text}")
            sign = _SIGNS.get(expression.comparator, expression.comparator.value)
            compared = f"{dialect.name(column)} {sign} {literal(limit)}"
            return f"({_answered(name, source, dialect)} AND {compared})"
        case _:
            raise EvaluationError(f"cannot be compared: {name}")


def _compare_pair(
    expression: Comparison, left: str, right: str, source: Source, dialect: Dialect
) -> str:
    a, b = _variable(left, source), _variable(right, source)
    if isinstance(a, NumberColumn) and isinstance(b, NumberColumn):
        sign = _SIGNS.get(expression.comparator, expression.comparator.value)
        answered = [_answered(name, source, dialect) for name in (left, right)]
        compared = f"{dialect.name(a.column)} {sign} {dialect.name(b.column)}"
        return f"({' AND '.join(answered)} AND {compared})"
    if not (isinstance(a, SingleColumn) and isinstance(b, SingleColumn)):
        raise EvaluationError(f"different kinds: {left}, {right}")
    n, m = len(a.categories), len(b.categories)
    codes = {right: np.tile(np.arange(m), n), left: np.repeat(np.arange(n), m)}
    every = {name: _single(name, v, codes[name]) for name, v in ((left, a), (right, b))}
    holds = mask(expression, every, n * m).reshape(n, m)
    first, second = (code_column(v, dialect) for v in (a, b))
    cases = [f"({first} = {i} AND {_among(second, row)})" for i, row in enumerate(holds)]
    return "(" + " OR ".join(["1 = 0", *cases]) + ")"


def _holds(
    expression: Comparison | Membership, name: str, variable: SingleColumn | OptionColumns
) -> list[bool]:
    """Tell for each option whether the expression holds for one who chose it alone.

    For a multiple answer one more is told: who answered and chose none.
    """
    n = len(variable.categories)
    invented: Variable
    if isinstance(variable, SingleColumn):
        invented = _single(name, variable, np.arange(n))
    else:
        n += 1
        selected = np.eye(n, n - 1, dtype=np.int8)
        invented = MultiResponse(name, name, variable.categories, selected, np.zeros(n, np.int8))
    return [bool(holds) for holds in mask(expression, {name: invented}, n)]


def _single(name: str, variable: SingleColumn, codes: NDArray[np.intp]) -> Categorical:
    kinds = variable.ordered, variable.off_scale
    return Categorical(name, name, variable.categories, codes.astype(np.int16), *kinds)


def _among(column: str, holds: Iterable[bool]) -> str:
    codes = [str(code) for code, accepted in enumerate(holds) if accepted]
    return f"({column} IN ({', '.join(codes)}))" if codes else "(1 = 0)"
