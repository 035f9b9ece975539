"""What an expression may speak of, and whether it does: names, options and kinds.

The vocabulary is drawn from a codebook here; ``evaluation.coding.evaluate``
draws the same from coded data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from evaluation.codebook.schema import Question, QuestionType, Role
from evaluation.codebook.spelling import fold
from evaluation.expressions import (
    And,
    Column,
    Comparator,
    Comparison,
    Expression,
    Membership,
    Name,
    Not,
    Or,
    Reference,
    State,
    Value,
    leaves,
)
from evaluation.problems import Problem, Severity, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evaluation.codebook.schema import Codebook, LocalText

MAX_LISTED = 12
"""Options listed in ``expected`` where none is near what was written."""
_ORDER = frozenset(
    {Comparator.LESS, Comparator.LESS_EQUAL, Comparator.GREATER, Comparator.GREATER_EQUAL}
)
_CHOICES = frozenset({QuestionType.SINGLE, QuestionType.MULTIPLE})
_AMOUNTS = frozenset({QuestionType.NUMBER, QuestionType.DATE})
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class KnownOption:
    """An option's code and every spelling that means it, the code first."""

    code: str
    spellings: tuple[str, ...]
    is_missing: bool = False
    """Counted as missing instead of as an answer."""


@dataclass(frozen=True, slots=True)
class Known:
    """A name that an expression may use.

    Attributes
    ----------
    type
        A grid's items are ``single``; the grid itself is ``grid``.
    options
        In codebook order; empty for numbers, dates and texts.
    ordered
        The options form a scale.
    """

    type: QuestionType
    options: tuple[KnownOption, ...] = ()
    ordered: bool = False


def texts_of(text: LocalText) -> tuple[str, ...]:
    """Return a text in every language that it is given in."""
    return tuple(text.values()) if isinstance(text, dict) else (text,)


def vocabulary(codebook: Codebook) -> dict[str, Known]:
    """Return every question and grid item of a codebook by identifier.

    Questions that identify respondents are not among them: they never become
    variables.
    """
    known: dict[str, Known] = {}
    for question in codebook.questions:
        if question.role is Role.IDENTITY:
            continue
        known.setdefault(question.id, _known(question, question.type))
        for item in question.items:
            known.setdefault(item.id, _known(question, QuestionType.SINGLE))
    return known


def _known(question: Question, kind: QuestionType) -> Known:
    options = tuple(
        KnownOption(o.code, (o.code, *texts_of(o.label), *o.values), o.missing is not None)
        for o in question.options
    )
    return Known(kind, options, question.ordered)


def find_option(value: Value, options: Sequence[KnownOption]) -> int | None:
    """Return the position of the option that a value means, or None.

    The code is tried before labels and other spellings, and the exact form
    before the folded one (`fold`), over all options each time.
    """
    for position, option in enumerate(options):
        if value.text == option.code:
            return position
    for position, option in enumerate(options):
        if value.text in option.spellings:
            return position
    folded = fold(value.text)
    for position, option in enumerate(options):
        if folded in map(fold, option.spellings):
            return position
    return None


def days(text: str) -> float | None:
    """Return an ISO date as days since 1970-01-01, or None."""
    try:
        return float(date.fromisoformat(text).toordinal() - date(1970, 1, 1).toordinal())
    except ValueError:
        return None


def amount(value: Value, *, is_date: bool) -> float | None:
    """Return a value as the number that a number or date question holds, or None."""
    if is_date:
        return days(value.text)
    if value.number is not None:
        return value.number
    return code_number(value.text.replace(",", "."))


def code_number(code: str) -> float | None:
    """Return the number that an option code is written as, or None."""
    return float(code) if _NUMBER.fullmatch(code) else None


def threshold(value: Value, options: Sequence[KnownOption]) -> float | None:
    """Return the number that ``<`` compares codes with; None where places are compared.

    An option that is named by its label stands for its code, so that a scale
    means the same however it is written.
    """
    position = find_option(value, options)
    if position is not None:
        return code_number(options[position].code)
    if any(code_number(option.code) is not None for option in options):
        return amount(value, is_date=False)
    return None


# --- checks -------------------------------------------------------------------


def check_expression(
    expression: Expression, known: Mapping[str, Known], *, allow_columns: bool = False
) -> tuple[Problem, ...]:
    """Return what an expression says that its vocabulary does not allow.

    Every problem is of severity ``stop``; the caller adds file and row. With
    ``allow_columns`` raw columns pass (whether they exist is seen at intake).
    """
    found: list[Problem] = []
    for leaf in leaves(expression):
        found.extend(_check_leaf(leaf, known, allow_columns=allow_columns))
    return tuple(found)


def _check_leaf(
    leaf: Comparison | Membership | State, known: Mapping[str, Known], *, allow_columns: bool
) -> Iterator[Problem]:
    used = [leaf.left, leaf.right] if isinstance(leaf, Comparison) else [leaf.reference]
    wrong = [
        problem
        for reference in used
        if not isinstance(reference, Value)
        for problem in _check_reference(reference, leaf, known, allow_columns=allow_columns)
    ]
    yield from wrong
    if wrong:
        return
    if isinstance(leaf, Comparison):
        yield from _check_comparison(leaf, known)
    elif isinstance(leaf, Membership):
        yield from _check_membership(leaf, known)


def _stop(code: str, value: str, expected: str = "") -> Problem:
    return Problem(code, Severity.STOP, value=value, expected=expected)


def _check_reference(
    reference: Reference,
    leaf: Comparison | Membership | State,
    known: Mapping[str, Known],
    *,
    allow_columns: bool,
) -> Iterator[Problem]:
    if isinstance(reference, Column):
        if not allow_columns:
            yield _stop("expression-column-not-allowed", reference.header)
        return
    if reference.id in known:
        return
    if isinstance(leaf, Comparison) and reference is leaf.right and isinstance(leaf.left, Name):
        # kon == kvinna: what is missing is probably a pair of quotation marks.
        options = known[leaf.left.id].options if leaf.left.id in known else ()
        if find_option(Value(reference.id), options) is not None:
            yield _stop("expression-unquoted-value", reference.id, f'"{reference.id}"')
            return
    yield _stop("expression-unknown-name", reference.id, nearest(reference.id, known))


def _check_comparison(leaf: Comparison, known: Mapping[str, Known]) -> Iterator[Problem]:
    if isinstance(leaf.left, Column) or isinstance(leaf.right, Column):
        return
    if isinstance(leaf.left, Value):  # the parser puts the reference first
        return
    if isinstance(leaf.right, Name):
        yield from _check_pair(leaf.left, leaf.right, known)
        return
    about = known[leaf.left.id]
    if about.type in _AMOUNTS:
        yield from _check_amount(about, leaf.right)
    elif about.type is not QuestionType.SINGLE:
        yield _not_comparable(leaf.left.id, about, leaf.right)
    elif leaf.comparator in _ORDER:
        yield from _check_order(leaf.left.id, about, leaf.right)
    else:
        yield from _check_option(about, leaf.right)


def _check_pair(left: Name, right: Name, known: Mapping[str, Known]) -> Iterator[Problem]:
    for name in (left, right):
        if known[name.id].type not in {QuestionType.SINGLE, *_AMOUNTS}:
            yield _not_comparable(name.id, known[name.id], None)
    kinds = {known[left.id].type, known[right.id].type}
    if len(kinds) > 1 and kinds <= {QuestionType.SINGLE, *_AMOUNTS}:
        yield _stop("expression-different-kinds", f"{left.id}, {right.id}")


def _check_membership(leaf: Membership, known: Mapping[str, Known]) -> Iterator[Problem]:
    if isinstance(leaf.reference, Column):
        return
    about = known[leaf.reference.id]
    for value in leaf.values:
        if about.type in _AMOUNTS:
            yield from _check_amount(about, value)
        elif about.type in _CHOICES:
            yield from _check_option(about, value)
        else:
            yield _not_comparable(leaf.reference.id, about, value)
            return


def _not_comparable(name: str, about: Known, value: Value | None) -> Problem:
    """Multiple answers want ``in``; texts and grids can only be answered or not."""
    if about.type is QuestionType.MULTIPLE:
        example = f'"{value.text if value else "…"}" in {name}'
        return _stop("expression-multiple-needs-in", name, example)
    return _stop("expression-not-comparable", name, f"answered({name}), missing({name})")


def _check_amount(about: Known, value: Value) -> Iterator[Problem]:
    is_date = about.type is QuestionType.DATE
    if amount(value, is_date=is_date) is None:
        if is_date:
            yield _stop("expression-needs-date", value.text, '"2022-01-31"')
        else:
            yield _stop("expression-needs-number", value.text)


def _check_order(name: str, about: Known, value: Value) -> Iterator[Problem]:
    if threshold(value, about.options) is not None:
        return
    if not about.ordered:
        yield _stop("expression-no-order", name, "==, !=, in")
    else:
        yield from _check_option(about, value)


def _check_option(about: Known, value: Value) -> Iterator[Problem]:
    if find_option(value, about.options) is not None:
        return
    near = nearest(value.text, [s for o in about.options for s in o.spellings])
    listed = ", ".join(o.code for o in about.options[:MAX_LISTED])
    yield _stop("expression-unknown-value", value.text, near or listed)


# --- one language for values ----------------------------------------------------


def resolve(expression: Expression, known: Mapping[str, Known]) -> Expression:
    """Return the expression with labels and other spellings replaced by option codes.

    Coded data have labels in one language only; a filter may be written in
    another. Values that are no option stay as they are.
    """
    match expression:
        case And(parts):
            return And(tuple(resolve(p, known) for p in parts))
        case Or(parts):
            return Or(tuple(resolve(p, known) for p in parts))
        case Not(part):
            return Not(resolve(part, known))
        case Comparison(Name() as name, comparator, Value() as value):
            return Comparison(name, comparator, _as_code(value, name, known))
        case Membership(Name() as name, values):
            codes = tuple(_as_code(v, name, known) for v in values)
            return replace(expression, values=codes)
    return expression


def _as_code(value: Value, name: Name, known: Mapping[str, Known]) -> Value:
    options = known[name.id].options if name.id in known else ()
    position = find_option(value, options)
    if position is None:
        return value
    return Value(options[position].code, value.number, value.position)
