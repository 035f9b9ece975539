"""The tree of an expression, and why a text is not one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class ExpressionError(ValueError):
    """A text that is not an expression.

    Attributes
    ----------
    code
        Problem code, such as ``expression-unclosed-text``; its wording lives in
        the texts catalogue.
    position
        0-based position of the character where reading stopped.
    found
        What stands there, "" at the end of the text.
    expected
        Signs or words of the language that would have been right, or "".
    """

    def __init__(self, code: str, position: int, found: str, expected: str = "") -> None:
        super().__init__(f"{code} at {position + 1}: found {found!r}, expected {expected or '?'}")
        self.code = code
        self.position = position
        self.found = found
        self.expected = expected


class Comparator(StrEnum):
    """How two operands are compared."""

    EQUAL = "=="
    UNEQUAL = "!="
    LESS = "<"
    LESS_EQUAL = "<="
    GREATER = ">"
    GREATER_EQUAL = ">="

    @property
    def mirrored(self) -> Comparator:
        """The comparator with its sides exchanged: ``1 < x`` is ``x > 1``."""
        return _MIRRORED.get(self, self)


_MIRRORED = {
    Comparator.LESS: Comparator.GREATER,
    Comparator.LESS_EQUAL: Comparator.GREATER_EQUAL,
    Comparator.GREATER: Comparator.LESS,
    Comparator.GREATER_EQUAL: Comparator.LESS_EQUAL,
}


class AnswerState(StrEnum):
    """What ``answered(x)`` and ``missing(x)`` ask for."""

    ANSWERED = "answered"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Name:
    """A question or a grid item, by identifier."""

    id: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """A raw column of the export, by head; allowed in intake rules only."""

    header: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class Value:
    """A code, a label, a number or a date to compare with.

    Attributes
    ----------
    text
        As written, without quotation marks.
    number
        The number, where it was written without quotation marks; else None.
    """

    text: str
    number: float | None = None
    position: int = 0


Reference = Name | Column
Operand = Name | Column | Value


@dataclass(frozen=True, slots=True)
class Comparison:
    """``left comparator right``; at least one side is a reference."""

    left: Operand
    comparator: Comparator
    right: Operand


@dataclass(frozen=True, slots=True)
class Membership:
    """``reference in (value, …)`` or ``value in reference`` (multiple answers)."""

    reference: Reference
    values: tuple[Value, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """``answered(reference)`` or ``missing(reference)``."""

    state: AnswerState
    reference: Reference


@dataclass(frozen=True, slots=True)
class Not:
    """Plain negation."""

    part: Expression


@dataclass(frozen=True, slots=True)
class And:
    """True where all parts are."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True where some part is."""

    parts: tuple[Expression, ...]


Expression = Comparison | Membership | State | Not | And | Or


def names(expression: Expression) -> frozenset[str]:
    """Return the identifiers of questions and items that an expression uses."""
    return frozenset(r.id for r in references(expression) if isinstance(r, Name))


def columns(expression: Expression) -> frozenset[str]:
    """Return the heads of raw columns that an expression uses."""
    return frozenset(r.header for r in references(expression) if isinstance(r, Column))


def references(expression: Expression) -> Iterator[Reference]:
    """Yield every question and raw column of an expression, in order."""
    for leaf in leaves(expression):
        if isinstance(leaf, Comparison):
            yield from (x for x in (leaf.left, leaf.right) if not isinstance(x, Value))
        else:
            yield leaf.reference


def leaves(expression: Expression) -> Iterator[Comparison | Membership | State]:
    """Yield the comparisons of an expression, in order."""
    match expression:
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case _:
            yield expression
