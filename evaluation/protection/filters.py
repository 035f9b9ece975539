"""Filters of tables as conditions on codes, so that they link with rows and columns.

A filter is cut at its ``and``s. A part about one variable becomes the set of
codes for which it holds, found by asking the evaluator itself about every
code; a part about several becomes a yes/no variable of its own, with the sum
that it stands for (see ``unions``), and so does one that cannot be read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Categorical, Numeric
from evaluation.coding.evaluate import EvaluationError, mask
from evaluation.expressions import (
    And,
    AnswerState,
    Comparator,
    Comparison,
    Expression,
    ExpressionError,
    Membership,
    Name,
    Not,
    State,
    Value,
    leaves,
    names,
    parse,
)
from evaluation.model import Category, MissingKind
from evaluation.protection.events import (
    CHOICE,
    MISSING_KINDS,
    NO,
    OPTION_MARK,
    REST,
    YES,
    Codes,
    Domain,
    Literal,
    is_option,
)
from evaluation.protection.unions import disjoint, spelled_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.protection.unions import Part

ABOUT = "+"
"""Between the names of the variables that a condition of its own is about."""
MISSING_CODES = tuple(kind.name.lower() for kind in MissingKind)
"""Codes of missing answers in the order -1, -2, -3."""


class FilterReader:
    """Turns filters of one survey into literals.

    Parameters
    ----------
    filters
        All filters of the release, so that ranges of numbers and codes that
        only filters name are cut alike in all of them.
    domains
        Variables that stand in tables.
    cuts
        Per variable that cuts a number into groups: the number and its bounds. Where a
        number is cut twice, or by filters too, all cut it alike.
    grids
        Grid -> its items.
    multiple
        Multiple-answer questions.

    Attributes
    ----------
    unions
        Yes/no variable of a condition on several variables -> parts that exclude each
        other, whose sum it is.
    """

    def __init__(
        self,
        filters: Iterable[str],
        domains: Mapping[str, Domain],
        cuts: Iterable[tuple[str, Iterable[float]]] = (),
        *,
        grids: Mapping[str, Sequence[str]] | None = None,
        multiple: frozenset[str] = frozenset(),
    ) -> None:
        self.domains = dict(domains)
        self.grids = grids or {}
        self.multiple = multiple | {name for name, one in domains.items() if one.is_multiple}
        self.unions: dict[str, list[Part]] = {}
        self.limits: dict[str, set[float]] = {}
        named: dict[str, list[str]] = {}
        for part in (p for text in filters for p in self._parts(text)):
            for variable, value in _named_values(part):
                if value is None:
                    named.setdefault(variable, [])
                elif value.number is not None:
                    self.limits.setdefault(variable, set()).add(value.number)
                else:
                    named.setdefault(variable, []).append(value.text)
        bounds: dict[str, list[Iterable[float]]] = {}
        for variable, values in cuts:
            bounds.setdefault(variable, []).append(values)
        for variable, found in bounds.items():
            if len(found) > 1 or variable in self.limits:
                self.limits.setdefault(variable, set()).update(*found)
        for variable, texts in named.items():
            if variable not in self.limits and variable not in domains:
                options = {text: text for text in sorted(set(texts))}
                self.domains[variable] = Domain({**options, REST: REST}, variable in multiple)

    def literals(self, text: str) -> list[Literal]:
        """Return the conditions that a filter sets; "" sets none."""
        return [literal for part in self._parts(text) for literal in self._part(part)]

    def parts(self, text: str) -> list[Part] | None:
        """Return parts that exclude each other and together are a filter, if it can be read."""
        return disjoint(And(tuple(self._parts(text))), self._read, self._full)

    def pieces(self, variable: str) -> tuple[str, dict[str, float]]:
        """Return the variable that a number is cut into, with a number in each piece."""
        pieces = _pieces(sorted(self.limits.get(variable, ())))
        name = f"~{variable}~range"
        if variable in self.domains:  # printed value by value: nobody gave another number
            printed = set(map(as_number, self.domains[variable].options))
            pieces = {piece: value for piece, value in pieces.items() if value in printed}
        if pieces:
            self.domains.setdefault(name, Domain({code: code for code in pieces}))
        return name, pieces

    def _parts(self, text: str) -> list[Expression]:
        """Cut a filter at its outermost ``and``s; an unreadable one is not our business."""
        try:
            whole = parse(text) if text.strip() else None
        except ExpressionError:
            return []
        parts: list[Expression] = []
        todo = [spelled_out(whole, self.grids, self.multiple)] if whole else []
        while todo:
            part = todo.pop(0)
            if isinstance(part, And):
                todo = [*part.parts, *todo]
            else:
                parts.append(part)
        return parts

    def _part(self, part: Expression) -> list[Literal]:
        found = disjoint(part, self._read, self._full)
        if found is None or len(found) > 1:
            name = _opaque(part)
            if found:
                self.unions[name] = found
            return [(name, YES)]
        return list(found[0]) if found else [(_opaque(part), frozenset())]

    def _read(self, part: Expression) -> list[Literal] | None:
        """Return the conditions that a part about one variable sets together."""
        used = names(part)
        if len(used) != 1:
            return None
        (variable,) = used
        domain = self.domains.get(variable)
        if domain is not None and domain.is_multiple:
            return _state(part, variable, domain) or _choices(part, variable, domain)
        return self._codes(part, variable, domain)

    def _full(self, variable: str) -> Codes:
        if is_option(variable):
            return CHOICE | MISSING_KINDS
        return self.domains[variable].full

    def _codes(
        self, part: Expression, variable: str, domain: Domain | None
    ) -> list[Literal] | None:
        if domain is not None and not (REST in domain.options and _asks_for_order(part)):
            codes = _holds_for(part, _as_categorical(variable, domain), list(domain.options))
            if codes is not None:
                return [(variable, codes)]
        name, pieces = self.pieces(variable)
        if not pieces:
            return None
        codes = _holds_for(part, _as_numeric(variable, list(pieces.values())), list(pieces))
        return None if codes is None else [(name, codes)]


def _named_values(part: Expression) -> Iterator[tuple[str, Value | None]]:
    """Yield each value that a filter compares a question with; None where it asks for any."""
    for leaf in leaves(part):
        if isinstance(leaf, Membership):
            if isinstance(leaf.reference, Name):
                yield from ((leaf.reference.id, value) for value in leaf.values)
        elif isinstance(leaf, State):
            if isinstance(leaf.reference, Name):
                yield leaf.reference.id, None
        else:
            sides = (leaf.left, leaf.right)
            questions = [side for side in sides if isinstance(side, Name)]
            values = [side for side in sides if isinstance(side, Value)]
            if questions and values:
                yield questions[0].id, values[0]


def _opaque(part: Expression) -> str:
    """Name a condition on several variables: these, and the condition; see `named_in`."""
    text = re.sub(r", position=\d+|position=\d+", "", repr(part))
    return f"~{ABOUT.join(sorted(names(part)))}~" + text.replace(OPTION_MARK, "")


def _asks_for_order(part: Expression) -> bool:
    """Tell whether a condition is about a place on a scale, which what no filter names has not."""
    equal = (Comparator.EQUAL, Comparator.UNEQUAL)
    return any(
        isinstance(leaf, Comparison) and leaf.comparator not in equal for leaf in leaves(part)
    )


def as_number(code: str) -> float | None:
    """Return the number that a code of a numeric question stands for."""
    try:
        return float(code)
    except ValueError:
        return None


# --- one variable ---------------------------------------------------------------


def _holds_for(part: Expression, variable: Categorical | Numeric, codes: list[str]) -> Codes | None:
    """Ask for which codes a condition holds; None where it does not fit the variable."""
    try:
        holds = mask(part, {variable.id: variable}, len(codes) + len(MISSING_CODES))
    except EvaluationError:
        return None
    return frozenset(
        code for code, is_true in zip([*codes, *MISSING_CODES], holds, strict=True) if is_true
    )


def _as_categorical(variable: str, domain: Domain) -> Categorical:
    """Return a variable with one respondent per code and one per kind of missing."""
    categories = tuple(Category(code, label) for code, label in domain.options.items())
    codes = np.array([*range(len(categories)), *MissingKind], dtype=np.int16)
    return Categorical(variable, variable, categories, codes)


def _as_numeric(variable: str, values: list[float]) -> Numeric:
    missing: NDArray[np.int8] = np.array([0] * len(values) + list(MissingKind), dtype=np.int8)
    numbers = np.array([*values, *[np.nan] * len(MISSING_CODES)])
    return Numeric(variable, variable, numbers, missing)


def _pieces(limits: list[float]) -> dict[str, float]:
    """Cut the line of numbers at the limits: piece -> a number in it."""
    if not limits:
        return {}
    pieces = {f"<{limits[0]:g}": limits[0] - 1}
    for low, high in zip(limits, [*limits[1:], None], strict=True):
        pieces[f"={low:g}"] = low
        pieces[f">{low:g}"] = low + 1 if high is None else (low + high) / 2
    return pieces


def _state(part: Expression, variable: str, domain: Domain) -> list[Literal] | None:
    """Read "answered" and "missing" of a multiple-answer question."""
    if not isinstance(part, State):
        return None
    is_answered = part.state is AnswerState.ANSWERED
    return [(variable, domain.answered if is_answered else MISSING_KINDS)]


def _choices(part: Expression, variable: str, domain: Domain) -> list[Literal] | None:
    """Read a condition on a multiple-answer question: one option chosen, or none of some."""
    inner, is_negated = (part.part, True) if isinstance(part, Not) else (part, False)
    if not isinstance(inner, Membership):
        return None
    found = [_option_of(value, domain) for value in inner.values]
    if None in found or (len(found) > 1 and not inner.negated) or (is_negated and inner.negated):
        return None
    codes = NO if inner.negated else YES
    if is_negated:
        codes = (CHOICE - codes) | MISSING_KINDS
    return [(f"{variable}{OPTION_MARK}{option}", codes) for option in found]


def _option_of(value: Value, domain: Domain) -> str | None:
    """Return the code that a value names, by code or by label."""
    if value.text in domain.options:
        return value.text
    return next((code for code, label in domain.options.items() if label == value.text), None)
