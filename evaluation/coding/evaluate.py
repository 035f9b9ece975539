"""Who a filter is about: expressions evaluated on coded answers, vectorised.

Codes are compared, never texts per respondent: a condition is decided once
per option (or per distinct raw value) and looked up for everybody. Meaning:

* a comparison with a missing answer (not answered, not asked, invalid) is
  false, ``!=`` and ``not in`` included; ``not`` is plain negation, so
  ``not x == 1`` is true for those who did not answer x;
* a value means the option with that code, else the one with that label;
* ``<`` and its kin compare codes where these are numbers, else places on an
  ordered scale; options off the scale ("Vet inte") are never more or less;
* ``"a" in q`` and ``q in ("a", "b")`` hold for a multiple-answer question
  where one or more of the options were chosen;
* ``answered(grid)`` holds where some item of the grid was answered;
* a raw column has no missing answers: a blank cell is the text ``""``, and
  ``answered(col:X)`` means that it is not blank.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.codebook.names import (
    Known,
    KnownOption,
    amount,
    check_expression,
    code_number,
    find_option,
    threshold,
    vocabulary,
)
from evaluation.codebook.schema import Codebook, QuestionType
from evaluation.codebook.spelling import fold
from evaluation.coding.data import Categorical, FreeText, MultiResponse, Numeric
from evaluation.coding.numbers import parse_number
from evaluation.expressions import (
    And,
    AnswerState,
    Column,
    Comparator,
    Comparison,
    Expression,
    Membership,
    Name,
    Not,
    Or,
    State,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.coding.data import Variable
    from evaluation.expressions import Reference
    from evaluation.model import Category, RawColumn
    from evaluation.problems import Problem

    Bools = NDArray[np.bool_]

N_MISSING = 3
"""Missing kinds -1, -2, -3 index the last three entries of a look-up table."""

_COMPARE: dict[Comparator, Callable[[Any, Any], Any]] = {
    Comparator.EQUAL: operator.eq,
    Comparator.UNEQUAL: operator.ne,
    Comparator.LESS: operator.lt,
    Comparator.LESS_EQUAL: operator.le,
    Comparator.GREATER: operator.gt,
    Comparator.GREATER_EQUAL: operator.ge,
}


class EvaluationError(ValueError):
    """An expression that does not fit the data: it was not checked before."""


def check_names(
    expression: Expression,
    known: Codebook | Mapping[str, Variable],
    *,
    grids: Mapping[str, Sequence[str]] | None = None,
    allow_columns: bool = False,
) -> tuple[Problem, ...]:
    """Return what an expression says that the codebook or the data do not know.

    Unknown names and option values come with the nearest known one. All
    problems are of severity ``stop`` and have no place yet.
    """
    if isinstance(known, Codebook):
        return check_expression(expression, vocabulary(known), allow_columns=allow_columns)
    words = {name: _known(variable) for name, variable in known.items()}
    words.update({grid: Known(QuestionType.GRID) for grid in grids or {}})
    return check_expression(expression, words, allow_columns=allow_columns)


def mask(
    expression: Expression,
    variables: Mapping[str, Variable],
    n: int,
    raw_columns: Mapping[str, RawColumn] | None = None,
    *,
    grids: Mapping[str, Sequence[str]] | None = None,
) -> Bools:
    """Return for whom an expression holds: 1-D bool of length n.

    Parameters
    ----------
    expression
        Checked with `check_names`.
    variables
        Identifier -> variable with one entry per respondent.
    n
        Number of respondents.
    raw_columns
        Head -> raw column with one entry per respondent (intake rules only).
    grids
        Grid -> its items, for ``answered(grid)``.

    Raises
    ------
    EvaluationError
        If the expression uses a name, column or kind of comparison that the
        data do not have.
    """
    return _Evaluator(variables, n, raw_columns or {}, grids or {}).holds(expression)


def _known(variable: Variable) -> Known:
    match variable:
        case Categorical(categories=categories, ordered=ordered):
            return Known(QuestionType.SINGLE, known_options(categories), ordered)
        case MultiResponse(categories=categories):
            return Known(QuestionType.MULTIPLE, known_options(categories))
        case Numeric(is_date=is_date):
            return Known(QuestionType.DATE if is_date else QuestionType.NUMBER)
        case _:
            return Known(QuestionType.TEXT)


def known_options(categories: Sequence[Category]) -> tuple[KnownOption, ...]:
    """Return categories as the options that an expression may name."""
    return tuple(KnownOption(c.code, (c.code, c.label)) for c in categories)


class _Evaluator:
    """One expression over one set of respondents."""

    def __init__(
        self,
        variables: Mapping[str, Variable],
        n: int,
        raw_columns: Mapping[str, RawColumn],
        grids: Mapping[str, Sequence[str]],
    ) -> None:
        self.variables = variables
        self.n = n
        self.raw_columns = raw_columns
        self.grids = grids

    def holds(self, expression: Expression) -> Bools:
        match expression:
            case And(parts):
                return _bools(np.logical_and.reduce([self.holds(p) for p in parts]))
            case Or(parts):
                return _bools(np.logical_or.reduce([self.holds(p) for p in parts]))
            case Not(part):
                return ~self.holds(part)
            case State(state, reference):
                answered = self.answered(reference)
                return answered if state is AnswerState.ANSWERED else ~answered
            case Membership(reference, values, negated):
                return self.member(reference, values, negated=negated)
            case Comparison(left, comparator, right):
                return self.compare(left, comparator, right)

    def variable(self, name: Name) -> Variable:
        try:
            return self.variables[name.id]
        except KeyError:
            raise EvaluationError(f"unknown name: {name.id}") from None

    def raw(self, column: Column) -> RawColumn:
        found = self.raw_columns.get(column.header)
        if found is None:
            found = next(
                (c for h, c in self.raw_columns.items() if fold(h) == fold(column.header)), None
            )
        if found is None:
            raise EvaluationError(f"unknown column: {column.header}")
        return found

    def answered(self, reference: Reference) -> Bools:
        if isinstance(reference, Column):
            return _of_raw(self.raw(reference), lambda text: text != "")
        if reference.id in self.grids:
            items = [self.answered(Name(item)) for item in self.grids[reference.id]]
            return _bools(np.logical_or.reduce([np.zeros(self.n, dtype=bool), *items]))
        return answered(self.variable(reference))

    def member(self, reference: Reference, values: Sequence[Value], *, negated: bool) -> Bools:
        if isinstance(reference, Column):
            column = self.raw(reference)
            return _of_raw(column, lambda text: negated != any(_same(text, v) for v in values))
        variable = self.variable(reference)
        match variable:
            case Categorical(categories=categories, codes=codes):
                chosen = _positions(values, categories)
                return _look_up(codes, [(p in chosen) != negated for p in range(len(categories))])
            case MultiResponse(categories=categories, selected=selected, state=state):
                some = selected[:, sorted(_positions(values, categories))].any(axis=1)
                return _bools((state == 0) & (some != negated))
            case Numeric(values=numbers, state=state, is_date=is_date):
                amounts = [a for v in values if (a := amount(v, is_date=is_date)) is not None]
                return _bools((state == 0) & (np.isin(numbers, amounts) != negated))
            case _:
                raise EvaluationError(f"a text has no values: {variable.id}")

    def compare(
        self, left: Reference | Value, comparator: Comparator, right: Reference | Value
    ) -> Bools:
        if isinstance(left, Value):
            if isinstance(right, Value):
                raise EvaluationError("a comparison of two values")
            left, comparator, right = right, comparator.mirrored, left
        if isinstance(right, Value):
            if isinstance(left, Column):
                return _compare_raw(self.raw(left), comparator, right)
            return _compare_value(self.variable(left), comparator, right)
        if isinstance(left, Name) and isinstance(right, Name):
            return _compare_pair(self.variable(left), comparator, self.variable(right))
        raise EvaluationError("a raw column can be compared with a value only")


def answered(variable: Variable) -> Bools:
    """Return who answered: 1-D bool."""
    state = variable.codes if isinstance(variable, Categorical) else variable.state
    return state >= 0


def _bools(array: Any) -> Bools:
    return np.asarray(array, dtype=bool)


# --- one variable against a value -----------------------------------------------


def _look_up(codes: NDArray[np.int16], per_category: Sequence[bool]) -> Bools:
    """Spread a decision per category over respondents; missing is false."""
    table = np.zeros(len(per_category) + N_MISSING, dtype=bool)
    table[: len(per_category)] = per_category
    return table[codes]


def _positions(values: Sequence[Value], categories: Sequence[Category]) -> set[int]:
    options = known_options(categories)
    return {p for v in values if (p := find_option(v, options)) is not None}


def _compare_value(variable: Variable, comparator: Comparator, value: Value) -> Bools:
    match variable:
        case Categorical():
            return _look_up(variable.codes, _per_category(variable, comparator, value))
        case Numeric(values=numbers, state=state, is_date=is_date):
            limit = amount(value, is_date=is_date)
            if limit is None:
                raise EvaluationError(f"not a number or date: {value.text}")
            return _bools((state == 0) & _COMPARE[comparator](numbers, limit))
        case MultiResponse():
            raise EvaluationError(f"several answers are asked with in: {variable.id}")
        case FreeText():
            raise EvaluationError(f"a text cannot be compared: {variable.id}")


def _per_category(variable: Categorical, comparator: Comparator, value: Value) -> list[bool]:
    options = known_options(variable.categories)
    place = find_option(value, options)
    if comparator in {Comparator.EQUAL, Comparator.UNEQUAL}:
        wanted = comparator is Comparator.EQUAL
        return [(position == place) == wanted for position in range(len(options))]
    limit = threshold(value, options)
    numbers = [code_number(option.code) for option in options]
    if limit is None:
        if place is None:
            raise EvaluationError(f"not an option: {value.text}")
        limit, numbers = place, list(range(len(options)))
    compare = _COMPARE[comparator]
    return [
        number is not None and position not in variable.off_scale and compare(number, limit)
        for position, number in enumerate(numbers)
    ]


def _compare_pair(left: Variable, comparator: Comparator, right: Variable) -> Bools:
    """Compare two questions: numbers by size, options by code."""
    a, b = _numbers(left, comparator), _numbers(right, comparator)
    both = ~(np.isnan(a) | np.isnan(b))
    if isinstance(left, Categorical) and isinstance(right, Categorical):
        if comparator in {Comparator.EQUAL, Comparator.UNEQUAL}:
            codes = {c.code: i for i, c in enumerate((*left.categories, *right.categories))}
            a, b = _as_common(left, codes), _as_common(right, codes)
            both = answered(left) & answered(right)
    elif isinstance(left, Categorical) or isinstance(right, Categorical):
        raise EvaluationError(f"different kinds: {left.id}, {right.id}")
    return _bools(both & _COMPARE[comparator](a, b))


def _as_common(variable: Categorical, codes: Mapping[str, int]) -> NDArray[np.float64]:
    table = [float(codes[c.code]) for c in variable.categories] + [np.nan] * N_MISSING
    return np.array(table)[variable.codes]


def _numbers(variable: Variable, comparator: Comparator) -> NDArray[np.float64]:
    """Return numbers to compare by size: values, or numeric codes; NaN where none."""
    match variable:
        case Numeric(values=values, state=state):
            return np.where(state == 0, values, np.nan)
        case Categorical(categories=categories, codes=codes):
            numbers = [code_number(c.code) for c in categories]
            table = [np.nan if x is None else x for x in numbers] + [np.nan] * N_MISSING
            return np.array(table)[codes]
        case _:
            raise EvaluationError(f"{comparator} needs a number: {variable.id}")


# --- raw columns ------------------------------------------------------------------


def _of_raw(column: RawColumn, decide: Callable[[str], bool]) -> Bools:
    """Decide once per distinct text; index -1 (not in this file) counts as blank."""
    table = [decide(text.strip()) for text in column.values]
    return np.array([*table, decide("")], dtype=bool)[column.index]


def _same(text: str, value: Value) -> bool:
    if value.number is not None:
        number = parse_number(text)
        return number is not None and number == value.number
    return fold(text) == fold(value.text)


def _compare_raw(column: RawColumn, comparator: Comparator, value: Value) -> Bools:
    if comparator in {Comparator.EQUAL, Comparator.UNEQUAL}:
        wanted = comparator is Comparator.EQUAL
        return _of_raw(column, lambda text: _same(text, value) == wanted)
    compare = _COMPARE[comparator]
    limit = value.number if value.number is not None else parse_number(value.text)
    if limit is None:
        # Dates and times in ISO form sort as texts.
        return _of_raw(column, lambda text: text != "" and _text_order(text, value, comparator))

    def decide(text: str) -> bool:
        number = parse_number(text)
        return number is not None and compare(number, limit)

    return _of_raw(column, decide)


def _text_order(text: str, value: Value, comparator: Comparator) -> bool:
    sign = (text > value.text) - (text < value.text)
    return bool(_COMPARE[comparator](sign, 0))
