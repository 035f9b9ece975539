"""Filters as a stranger reads them: what each part states, and of whom it is true.

A part that says what a row or column can say is stated as these are ("q1=yes",
"region!=a", "q1=net:1+2"); any other is kept in words behind a question mark.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Any

from evaluation.expressions import (
    And,
    AnswerState,
    Comparator,
    Comparison,
    ExpressionError,
    Membership,
    Name,
    Not,
    Or,
    State,
    Value,
    leaves,
    names,
    parse,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from evaluation.expressions import Expression
    from evaluation.protection.audit_cells import Key, Published, Reading

    Answer = str | frozenset[str]
    Labels = Mapping[tuple[str, str, str], str]

CLAUSE = "?"
"""Begins a condition in words."""
NOT_IT = "not "
"""Begins the opposite of a condition."""
NET = "net:"
REST = "~rest"
"""What no filter names, of a variable that stands in no table."""
EQUAL = (Comparator.EQUAL, Comparator.UNEQUAL)


@lru_cache(maxsize=4096)
def clause(text: str) -> Expression | None:
    """Return the expression behind words, None where they are none."""
    try:
        return parse(text)
    except ExpressionError:
        return None


@lru_cache(maxsize=65536)
def about(stated: str) -> frozenset[str]:
    """Return the variables that a condition is about."""
    text = stated.removeprefix(NOT_IT)
    if text.startswith(CLAUSE):
        expression = clause(text[1:])
        return frozenset() if expression is None else names(expression)
    return frozenset({text.partition("=")[0].rstrip("!")})


def conditions(where: str, survey: str, labels: Labels) -> set[str]:
    """Return what a filter states, part by part."""
    whole = clause(where) if where.strip() else And(())
    if whole is None:
        return {f"{CLAUSE}{where}"}
    return {_stated(part, survey, labels) for part in _parts(whole)}


def _parts(whole: Expression) -> Iterator[Expression]:
    if isinstance(whole, And):
        for part in whole.parts:
            yield from _parts(part)
    else:
        yield whole


def _stated(part: Expression, survey: str, labels: Labels) -> str:
    match part:
        case Comparison(Name(name), comparator, Value() as value) if comparator in EQUAL:
            sign = "=" if comparator is Comparator.EQUAL else "!="
            return f"{name}{sign}{_code(name, value, survey, labels)}"
        case Membership(Name(name), (value,), True):
            return f"{name}!={_code(name, value, survey, labels)}"
        case Membership(Name(name), values, False):
            codes = dict.fromkeys(_code(name, value, survey, labels) for value in values)
            return f"{name}=" + ("+".join([*codes]) if len(codes) == 1 else NET + "+".join(codes))
        case _:
            return CLAUSE + written(part)


def _code(name: str, value: Value, survey: str, labels: Labels) -> str:
    return labels.get((survey, name, value.text.casefold()), value.text)


def written(expression: Expression) -> str:
    """Write an expression always in the same way."""
    match expression:
        case And(parts):
            return " and ".join(f"({written(part)})" for part in parts)
        case Or(parts):
            return " or ".join(f"({written(part)})" for part in parts)
        case Not(part):
            return f"not ({written(part)})"
        case State(state, Name(name)):
            return f"{state}({name})"
        case Membership(Name(name), values, negated):
            return f"{name} {'not ' * negated}in ({', '.join(map(_operand, values))})"
        case Comparison(left, comparator, right):
            return f"{_operand(left)} {comparator} {_operand(right)}"
        case _:
            return repr(expression)


def _operand(operand: object) -> str:
    if isinstance(operand, Name):
        return operand.id
    if not isinstance(operand, Value) or operand.number is not None:
        return operand.text if isinstance(operand, Value) else repr(operand)
    mark = "'" if '"' in operand.text else '"'
    return f"{mark}{operand.text}{mark}"


# --- of whom it is true ---------------------------------------------------------------


@dataclass(slots=True)
class Words:
    """What a stranger knows of the names in filters of one survey.

    Attributes
    ----------
    options
        Variable -> its codes, in order.
    labels
        (Variable, label) -> code.
    grids
        Grid -> its items.
    """

    options: Mapping[str, Sequence[str]] = field(default_factory=dict)
    labels: Mapping[tuple[str, str], str] = field(default_factory=dict)
    grids: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def variables(self, expression: Expression) -> frozenset[str]:
        """Return the variables that an expression is about, of a grid its items."""
        return frozenset(n for name in names(expression) for n in self.grids.get(name, (name,)))

    def can_read(self, expression: Expression) -> bool:
        """Tell whether it can be said of whom an expression is true."""
        if not all(name in self.options for name in self.variables(expression)):
            return False
        for leaf in leaves(expression):
            if not isinstance(leaf, Comparison):
                continue
            sides = (leaf.left, leaf.right)
            if {type(side) for side in sides} != {Name, Value}:
                return False
            name = next(side.id for side in sides if isinstance(side, Name))
            if leaf.comparator not in EQUAL and not all(map(_number, self.options[name])):
                return False
        return True

    def holds(self, expression: Expression, answer: Callable[[str], Answer | None]) -> bool:
        """Tell whether an expression is true of somebody; a missing answer is None."""
        match expression:
            case And(parts):
                return all(self.holds(part, answer) for part in parts)
            case Or(parts):
                return any(self.holds(part, answer) for part in parts)
            case Not(part):
                return not self.holds(part, answer)
            case State(state, Name(name)):
                known = any(answer(one) is not None for one in self.grids.get(name, (name,)))
                return known == (state is AnswerState.ANSWERED)
            case Membership(Name(name), values, negated):
                given = answer(name)
                return given is not None and self._is_one_of(name, given, values) != negated
            case Comparison(Name(name), comparator, Value() as value):
                return self._compare(name, answer(name), comparator, value)
            case Comparison(Value() as value, comparator, Name(name)):
                return self._compare(name, answer(name), comparator.mirrored, value)
        return False

    def _is_one_of(self, name: str, given: Answer, values: Iterable[Value]) -> bool:
        chosen = given if isinstance(given, frozenset) else {given}
        return any(self._is(name, code, value) for code in chosen for value in values)

    def _is(self, name: str, code: str, value: Value) -> bool:
        meant = value.text
        if meant not in self.options[name]:
            meant = self.labels.get((name, meant.casefold()), meant)
        return code == meant or (value.number is not None and _number(code) == [value.number])

    def _compare(
        self, name: str, given: Answer | None, comparator: Comparator, value: Value
    ) -> bool:
        if given is None or isinstance(given, frozenset):
            return False
        if comparator in EQUAL:
            return self._is(name, given, value) == (comparator is Comparator.EQUAL)
        own = _number(given)
        limit = _number(value.text)
        if not own or not limit:
            return False
        less, same = own < limit, own == limit
        wanted = {
            Comparator.LESS: less,
            Comparator.LESS_EQUAL: less or same,
            Comparator.GREATER: not less and not same,
            Comparator.GREATER_EQUAL: not less,
        }
        return wanted[comparator]


def _number(code: str) -> list[float]:
    """Return a code as a number, in a list; an empty one where it is none."""
    try:
        return [float(code)]
    except ValueError:
        return []


# --- variables that only filters name -------------------------------------------------


def unprinted(
    expressions: Iterable[Expression],
    printed: Iterable[str],
    survey: str,
    structure: Mapping[str, Any],
) -> dict[str, list[str]]:
    """Return variables that stand in no table but in filters, with codes that tell all apart.

    Parameters
    ----------
    expressions
        Filters, and who was asked what.
    printed
        Variables in tables.
    survey, structure
        Whose they are, and what the manifest says of them.
    """
    known = set(printed)
    said: dict[str, list[Value]] = {}
    ordered: set[str] = set()
    grids = structure.get("grids", {}).get(survey, {})
    for leaf in (leaf for one in expressions for leaf in leaves(one)):
        for name in names(leaf):
            for item in grids.get(name, (name,)):
                if item not in known:
                    said.setdefault(item, []).extend(_values(leaf))
                    if isinstance(leaf, Comparison) and leaf.comparator not in EQUAL:
                        ordered.add(item)
    ends = _ends_of_groups(survey, structure)
    return {
        name: _declared(name, survey, structure)
        or _told_apart(values, ends.get(name, []), is_ordered=name in ordered)
        for name, values in said.items()
    }


def _ends_of_groups(survey: str, structure: Mapping[str, Any]) -> dict[str, list[float]]:
    """Number -> where the groups that are made of it begin and end."""
    ends: dict[str, list[float]] = {}
    for place, bounds in structure.get("cuts", {}).values():
        of, _, number = place.partition(".")
        if of == survey:
            known = (end for pair in bounds.values() for end in pair if end is not None)
            ends.setdefault(number, []).extend(end for end in known if isfinite(end))
    return ends


def _values(leaf: Comparison | Membership | State) -> list[Value]:
    if isinstance(leaf, Membership):
        return [*leaf.values]
    if isinstance(leaf, State):
        return []
    return [side for side in (leaf.left, leaf.right) if isinstance(side, Value)]


def _told_apart(values: Iterable[Value], ends: Sequence[float], *, is_ordered: bool) -> list[str]:
    """Return each value that is named and the rest; of what is in order, a number in each piece.

    A group holds its lower end, so that this stands for all up to the next one; beyond a
    value that a filter names there is a piece of its own.
    """
    named = {n for value in values for n in _number(value.text)}
    bounds = sorted(named.union(ends))
    if not bounds or not (is_ordered or ends):
        return [*dict.fromkeys(value.text for value in values), REST]
    after = [(low + high) / 2 for low, high in pairwise([*bounds, bounds[-1] + 2]) if low in named]
    return [f"{n:.12g}" for n in sorted([bounds[0] - 1, *bounds, *after])]


def _declared(name: str, survey: str, structure: Mapping[str, Any]) -> list[str]:
    """Return the codes of a derived variable, or of a level that units belong to."""
    place = f"{survey}.{name}"
    for key in ("recodes", "cuts"):
        if place in structure.get(key, {}):
            return [*structure[key][place][1]]
    above = structure.get("hierarchy", {}).values()
    return sorted({at.partition("=")[2] for at in above if at.startswith(f"{place}=")})


def name_filtered(reading: Reading, structure: Mapping[str, Any]) -> None:
    """Note in a reading what filters say of variables that stand in no table."""
    told: dict[str, set[str]] = {}
    for cell in reading.cells:
        told.setdefault(cell.key[0], set()).add(cell.where)
    for survey, texts in told.items():
        printed = [name for of, name in reading.codes if of == survey and name]
        asked = structure.get("asked_if", {})
        texts |= {asked[f"{survey}.{name}"] for name in printed if f"{survey}.{name}" in asked}
        filters = (clause(text) for text in sorted(texts) if text.strip())
        known = [one for one in filters if one is not None]
        for name, codes in unprinted(known, printed, survey, structure).items():
            reading.unprinted[survey, name] = codes


def left_out(reading: Reading, survey: str) -> dict[Key, Published]:
    """Return what each part of a filter leaves out of a table, with a cell."""
    found: dict[Key, Published] = {}
    for cell in reading.cells[: reading.n_own]:
        if cell.key[0] == survey and not cell.is_missing:
            for text in cell.filters & cell.key[1]:
                if text.startswith(CLAUSE + "answered("):
                    continue  # who gave no answer is no secret
                rest = cell.key[1] - {text}
                found.setdefault((survey, rest | {f"{NOT_IT}{text}"}), cell)
    return found
