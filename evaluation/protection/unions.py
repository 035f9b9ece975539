"""Conditions on several variables as sums: "a or b" is "a" and, beside it, "b and not a".

A filter that joins variables by ``or`` counts persons who are counted elsewhere
too. Cut into parts that exclude each other, each of which sets one condition
per variable, it is a sum of counts like those of rows and columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.expressions import And, AnswerState, Membership, Name, Not, Or, State

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from evaluation.expressions import Expression
    from evaluation.protection.events import Codes, Literal

    Part = tuple[Literal, ...]
    Read = Callable[[Expression], Sequence[Literal] | None]
    Full = Callable[[str], Codes]

MOST_PARTS = 24
"""More parts than this are not written down."""


def disjoint(expression: Expression, read: Read, full: Full) -> list[Part] | None:
    """Cut a condition into parts that exclude each other; None where it cannot be read.

    Parameters
    ----------
    expression
        The condition.
    read
        Returns the literals that a condition on one variable sets together.
    full
        Returns all codes of a variable.
    """
    return _Cutter(read, full).parts(expression, is_true=True)


class _Cutter:
    def __init__(self, read: Read, full: Full) -> None:
        self.read, self.full = read, full

    def parts(self, expression: Expression, *, is_true: bool) -> list[Part] | None:
        """Return the parts in which an expression is true, or those in which it is not."""
        if isinstance(expression, Not):
            return self.parts(expression.part, is_true=not is_true)
        literals = self.read(expression)
        if literals is not None:
            return [tuple(literals)] if is_true else self._outside(literals)
        if not isinstance(expression, And | Or):
            return None
        joins_all = isinstance(expression, And) == is_true
        found: list[Part] = [()] if joins_all else []
        beside: list[Part] = [()]
        for part in expression.parts:
            own = self.parts(part, is_true=is_true)
            others = self.parts(part, is_true=not is_true)
            if own is None or others is None:
                return None
            if joins_all:
                found = [(*one, *other) for one in found for other in own]
            else:
                found += [(*one, *other) for one in beside for other in own]
                beside = [(*one, *other) for one in beside for other in others]
            if max(len(found), len(beside)) > MOST_PARTS:
                return None
        return found

    def _outside(self, literals: Sequence[Literal]) -> list[Part]:
        """Return where one of several fails: the first, or the second while the first holds."""
        return [
            (*literals[:number], (name, self.full(name) - codes))
            for number, (name, codes) in enumerate(literals)
        ]


def spelled_out(
    expression: Expression, grids: Mapping[str, Sequence[str]], multiple: Collection[str]
) -> Expression:
    """Say what an expression means by several items or options.

    To have answered a grid is to have answered some item of it; to have chosen one of
    several options is to have chosen the first, or the second, and so on.
    """
    match expression:
        case And(parts):
            return And(tuple(spelled_out(part, grids, multiple) for part in parts))
        case Or(parts):
            return Or(tuple(spelled_out(part, grids, multiple) for part in parts))
        case Not(part):
            return Not(spelled_out(part, grids, multiple))
        case State(state, Name(grid)) if grids.get(grid):
            items = tuple(State(state, Name(item)) for item in grids[grid])
            return Or(items) if state is AnswerState.ANSWERED else And(items)
        case Membership(Name(name), values, negated) if name in multiple and len(values) > 1:
            each = tuple(Membership(expression.reference, (value,), negated) for value in values)
            return And(each) if negated else Or(each)
        case _:
            return expression
