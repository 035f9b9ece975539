"""One table of all questions at once, where it is small enough: the strongest attack there is.

Every published count of a survey is a sum of respondents of certain kinds, a
kind being one answer to each question. Where there are few kinds, the audit
asks how many of each there can be; nothing more than that can follow from
counts. Larger surveys are attacked by three questions at a time, see
``audit_joint``. With earlier releases at hand a kind also tells in which of
them a respondent was.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.protection.audit_cells import ANY, MARK, MISSING, NET, Key
from evaluation.protection.audit_earlier import SINCE, fits_layer, is_about_years, layers
from evaluation.protection.audit_equations import Equation, Equations
from evaluation.protection.audit_filters import CLAUSE, NOT_IT, Words, about, clause, left_out
from evaluation.protection.audit_lacking import LACKING, complete, kinds_lacking
from evaluation.protection.audit_recodes import UNASKED, declared, members_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from evaluation.expressions import Expression
    from evaluation.protection.audit_cells import Reading

LARGEST = 8000
"""Kinds of respondents of one release above which the whole is not laid out."""
TOGETHER = 2000
"""The same over several releases: above, each is laid out by itself, and only sums tie them."""
MOST_UNSEEN = 9
"""Codes of a variable that only filters name above which it is not laid out."""
MOST_OPTIONS = 5
"""Options of a multiple answer above which its combinations are not laid out."""
Value = str | frozenset[str]


@dataclass(slots=True)
class _Survey:
    """What a stranger knows of the questions of one survey."""

    axes: dict[str, list[Value]] = field(default_factory=dict)
    groups: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    asked: dict[str, Expression] = field(default_factory=dict)
    layers: list[frozenset[str]] = field(default_factory=list)
    asked_else: frozenset[str] = frozenset()
    words: Words = field(default_factory=Words)

    @property
    def size(self) -> int:
        """Number of kinds of respondents of one layer, impossible ones included."""
        size = 1
        for axis in self.axes.values():
            size *= len(axis)
        return size

    def kinds(self) -> list[dict[str, Value]]:
        """Return every possible respondent: an answer to each question, and since when."""
        listed = (
            dict(zip(self.axes, values, strict=True)) for values in product(*self.axes.values())
        )
        possible = [kind for kind in listed if self._is_possible(kind)]
        return [{**kind, MARK: layer} for layer in self.layers for kind in possible]

    def _is_possible(self, kind: Mapping[str, Value]) -> bool:
        """Whom the filter of a question lets to it was asked, and nobody else was."""
        for name, expression in self.asked.items():
            is_asked = self.words.holds(expression, partial(self._answer, kind))
            is_unasked = kind[name] == UNASKED
            may_be = kind[name] == LACKING or (is_unasked and name in self.asked_else)
            if is_unasked == is_asked and not may_be:
                return False
        return True

    def test(self, stated: str) -> Callable[[Value], bool]:
        """Return what tells whether an answer, or a layer, makes a condition true."""
        if is_about_years(stated):
            return lambda layer: isinstance(layer, frozenset) and fits_layer(stated, layer)
        name, _, code = stated.partition("=")
        is_negated = name.endswith("!")
        codes = self.groups.get(name.rstrip("!"), ("", {}))[1]

        def is_true(answer: Value) -> bool:
            value = _grouped(answer, codes)
            is_met = _matches(value, code)
            return not is_met and not _is_lacking(value) if is_negated else is_met

        return is_true

    def _answer(self, kind: Mapping[str, Value], name: str) -> Value | None:
        source, codes = self.groups.get(name, (name, {}))
        value = _grouped(kind[source], codes)
        return None if _is_lacking(value) else value

    def knows(self, stated: str) -> bool:
        """Tell whether a condition is about the questions laid out, or an earlier release."""
        if is_about_years(stated):
            return len(self.layers) > 1
        text = stated.removeprefix(NOT_IT)
        if text.startswith(CLAUSE):
            expression = clause(text[1:])
            if expression is None or not self.words.can_read(expression):
                return False
        elif "=" not in text:
            return False
        return self.behind(self._about(text)) <= self.axes.keys()

    def _about(self, stated: str) -> frozenset[str]:
        """Return the variables of a condition, of a grid its items."""
        grids = self.words.grids
        return frozenset(n for name in about(stated) for n in grids.get(name, (name,)))

    def behind(self, names: Iterable[str]) -> frozenset[str]:
        """Return the questions that variables are made of."""
        return frozenset(self.groups.get(name, (name,))[0] for name in names)

    def questions(self, key: Key) -> frozenset[str]:
        """Return the questions laid out that a count is about."""
        stated = [text for text in key[1] if not is_about_years(text)]
        return self.behind(name for text in stated for name in self._about(text))

    def source(self, stated: str) -> str:
        """Return the question that a plain condition is about; the mark for years."""
        if is_about_years(stated):
            return MARK
        name = stated.partition("=")[0].rstrip("!")
        return self.groups.get(name, (name,))[0]

    def fulfils(self, kind: Mapping[str, Value], text: str) -> bool:
        """Tell whether a condition in words is true of a respondent."""
        expression = clause(text)
        return expression is not None and self.words.holds(expression, partial(self._answer, kind))

    def ties(self, keys: Iterable[Key]) -> set[frozenset[str]]:
        """Return questions that a filter, or who was asked, ties as no row or column does."""
        found = {
            self.questions(key)
            for key in keys
            if any(text.startswith(CLAUSE) for text in key[1]) and all(map(self.knows, key[1]))
        }
        for name, expression in self.asked.items():
            found.add(self.behind({name, *self.words.variables(expression)}))
        return {names for names in found if len(names) > 1}


def whole_table(
    reading: Reading, found: Equations, structure: Mapping[str, Any], survey: str
) -> Equations | None:
    """Return every published count of a survey as a sum of kinds; None where there are too many."""
    known = _read_survey(reading, structure, survey)
    if known is not None and known.size > LARGEST and reading.unprinted:
        known = _read_survey(replace(reading, unprinted={}), structure, survey)
    if known is None or not known.axes or known.size > LARGEST:
        return None
    return _laid_out(known, reading, found, survey)


def part_tables(
    reading: Reading, found: Equations, structure: Mapping[str, Any], survey: str
) -> Iterator[Equations]:
    """Yield the tables of a few questions, where derived ones tie more than sums do.

    What is published of a question and of two ways to group it, by unit and in
    all, is laid out as one table of the question by unit.
    """
    known = _read_survey(reading, structure, survey)
    if known is None:
        return
    fine = {grouping.fine for grouping in declared(reading, structure, survey)}
    keys = {cell.key for cell in reading.cells if cell.key[0] == survey}
    ties = known.ties(keys)
    hidden = (key for key in found.hidden if key[0] == survey and all(map(known.knows, key[1])))
    own = {known.questions(key) for key in hidden}
    tied = {names | tie for names in own for tie in ties if names & tie}
    wanted = {names for names in own if names & fine} | tied
    parts = [part for names in wanted if (part := _part(known, names)) is not None]
    for part in sorted(parts, key=lambda part: sorted(part.axes)):
        if not any(part.axes.keys() < other.axes.keys() for other in parts):
            yield _laid_out(part, reading, found, survey)


def _part(known: _Survey, names: frozenset[str]) -> _Survey | None:
    """Return what is known of a few questions alone, None where they have too many kinds."""
    part = replace(
        known,
        axes={name: axis for name, axis in known.axes.items() if name in names},
        asked={
            name: filter_
            for name, filter_ in known.asked.items()
            if known.behind({name, *known.words.variables(filter_)}) <= names
        },
    )
    return part if part.size * len(part.layers) <= LARGEST else None


def _laid_out(known: _Survey, reading: Reading, found: Equations, survey: str) -> Equations:
    keys = {cell.key for cell in reading.cells if cell.key[0] == survey}
    keys |= {cell.context for cell in reading.cells if cell.key[0] == survey}
    keys |= {key for key in reading.given if key[0] == survey}
    since = {
        key: cell
        for key, cell in found.differences.items()
        if key[0] == survey and any(text.startswith(SINCE) for text in key[1])
    } | left_out(reading, survey)
    inside = sorted(
        (key for key in keys | set(since) if all(map(known.knows, key[1]))),
        key=lambda key: sorted(key[1]),
    )
    wanted = set(inside)
    return Equations(
        values=found.values,
        hidden={key: cell for key, cell in found.hidden.items() if key in wanted},
        low=found.low,
        high=found.high,
        equations=_sums(known, survey, inside),
        differences={key: cell for key, cell in since.items() if key in wanted},
    )


def _sums(known: _Survey, survey: str, keys: list[Key]) -> list[Equation]:
    """Write every count as a sum of kinds of respondents."""
    kinds = known.kinds()
    names: list[Key] = [(survey, frozenset({f"kind {i}"})) for i in range(len(kinds))]
    columns = {name: _numbered([kind[name] for kind in kinds]) for name in (*known.axes, MARK)}
    holding = {
        stated: _holding(known, kinds, columns, stated)
        for stated in {text for key in keys for text in key[1]}
    }
    equations: list[Equation] = []
    for key in keys:
        inside = np.ones(len(kinds), dtype=bool)
        for stated in key[1]:
            inside &= holding[stated]
        members = [names[i] for i in np.flatnonzero(inside)]
        equations.append({key: 1.0, **dict.fromkeys(members, -1.0)})
    return equations


def _numbered(values: list[Value]) -> tuple[list[Value], NDArray[np.intp]]:
    """Return the different values, and which of them each kind has."""
    places = {value: i for i, value in enumerate(dict.fromkeys(values))}
    return list(places), np.array([places[value] for value in values], dtype=np.intp)


def _holding(
    known: _Survey,
    kinds: list[dict[str, Value]],
    columns: Mapping[str, tuple[list[Value], NDArray[np.intp]]],
    stated: str,
) -> NDArray[np.bool_]:
    """Tell of which kinds a condition is true: one in words, about one question, or about years."""
    if stated.startswith(NOT_IT) and not is_about_years(stated):
        return ~_holding(known, kinds, columns, stated.removeprefix(NOT_IT))
    if stated.startswith(CLAUSE):
        return np.array([known.fulfils(kind, stated[1:]) for kind in kinds], dtype=bool)
    values, which = columns[known.source(stated)]
    return np.array(list(map(known.test(stated), values)), dtype=bool)[which]


def _grouped(value: Value, codes: Mapping[str, str]) -> Value:
    """Return the answer to a question that groups another one."""
    if isinstance(value, str) or not codes or not value:
        return codes.get(value, value) if isinstance(value, str) else value
    return frozenset(codes.get(one, one) for one in value) - {UNASKED} or UNASKED


def _matches(value: Value, code: str) -> bool:
    if code == ANY:
        return not _is_lacking(value)
    codes = code.removeprefix(NET).split("+") if code.startswith(NET) else [code]
    return bool(value & set(codes)) if isinstance(value, frozenset) else value in codes


def _is_lacking(value: Value) -> bool:
    return value == LACKING or value in MISSING


def _read_survey(reading: Reading, structure: Mapping[str, Any], survey: str) -> _Survey | None:
    multiple = frozenset(structure.get("multiple", ()))
    codes = {name: list(c) for (s, name), c in reading.codes.items() if s == survey and name}
    unseen = {name: c for (s, name), c in reading.unprinted.items() if s == survey}
    known = _Survey(groups=_groups(reading, structure, survey))
    labels = {
        (name, label): code for (s, name, label), code in reading.labels.items() if s == survey
    }
    full = complete(reading, structure, survey)
    grids = structure.get("grids", {}).get(survey, {})
    known.words = Words({**unseen, **codes}, labels, grids)
    for name, options in codes.items():
        if name in known.groups:
            continue
        users = {name, *(coarse for coarse, (fine, _) in known.groups.items() if fine == name)}
        lacking = [] if name in full else kinds_lacking(reading, survey, users)
        if f"{survey}.{name}" in multiple:
            if len(options) > MOST_OPTIONS:
                return None
            alone = structure.get("exclusive", {}).get(f"{survey}.{name}", ())
            known.axes[name] = [
                *_choices(options, alone, _least(structure, survey, name)),
                *lacking,
            ]
        else:
            known.axes[name] = [*options, *lacking]
    for grouping in declared(reading, structure, survey):
        if grouping.fine in {fine for fine, _ in known.groups.values()} - set(codes):
            values: list[Value] = [*grouping.codes]
            if f"{survey}.{grouping.coarse}" in multiple:
                if len(values) > MOST_OPTIONS:
                    return None
                alone = structure.get("exclusive", {}).get(f"{survey}.{grouping.fine}", ())
                least = _least(structure, survey, grouping.fine)
                values = _choices([*grouping.codes], alone, least)
            more = [value for value in values if value not in known.axes.get(grouping.fine, ())]
            known.axes.setdefault(grouping.fine, [*sorted(MISSING), LACKING]).extend(more)
            known.words.options = {**known.words.options, grouping.fine: grouping.codes}
    for name, options in unseen.items():
        if name in known.groups or name in known.axes or len(options) > MOST_UNSEEN:
            continue
        several = f"{survey}.{name}" in multiple
        chosen = _choices(options, [], _least(structure, survey, name)) if several else options
        known.axes[name] = [*chosen, LACKING]
    known.asked = _asked(known, structure, survey)
    known.asked_else = frozenset(
        name for name in known.asked if f"{survey}.{name}" in structure.get("asked_else", ())
    )
    over_years = layers(reading, survey)
    is_small = known.size * len(over_years) <= TOGETHER
    known.layers = over_years if is_small else over_years[:1]
    return known


def _least(structure: Mapping[str, Any], survey: str, name: str) -> int:
    return 0 if f"{survey}.{name}" in structure.get("choose_none", ()) else 1


def _choices(options: list[str], alone: list[str], least: int) -> list[Value]:
    """Return what can be chosen together, at least so many."""
    free = [option for option in options if option not in alone]
    sets = [frozenset(s) for k in range(least, len(free) + 1) for s in combinations(free, k)]
    return [*sets, *(frozenset({option}) for option in options if option in alone)]


def _groups(
    reading: Reading, structure: Mapping[str, Any], survey: str
) -> dict[str, tuple[str, dict[str, str]]]:
    """Coarse variable -> (fine variable, fine code -> coarse code), where all have a place."""
    listed = {**reading.unprinted, **reading.codes}
    names = {name: codes for (s, name), codes in listed.items() if s == survey and name}
    found = {
        grouping.coarse: (grouping.fine, grouping.of())
        for grouping in declared(reading, structure, survey)
    }
    for coarse, codes in names.items():
        if coarse in found:
            continue
        best: tuple[str, dict[str, str]] | None = None
        for fine, fine_codes in names.items():
            if fine == coarse or not codes or len(fine_codes) < len(codes):
                continue
            members = members_of(survey, (coarse, codes), (fine, fine_codes), structure)
            of = {member: code for code, inside in members.items() for member in inside}
            is_whole = set(fine_codes) <= set(of)
            if is_whole and (best is None or len(of) > len(best[1])):
                best = (fine, of)
        if best:
            found[coarse] = best
    return {coarse: _finest(fine, of, found) for coarse, (fine, of) in found.items()}


def _finest(
    fine: str, of: dict[str, str], found: Mapping[str, tuple[str, dict[str, str]]]
) -> tuple[str, dict[str, str]]:
    """Let a group of groups stand on the finest."""
    while fine in found:
        fine, below = found[fine]
        of = {code: of.get(group, group) for code, group in below.items()}
    return fine, of


def _asked(known: _Survey, structure: Mapping[str, Any], survey: str) -> dict[str, Expression]:
    """Question -> who was asked it, where that is about the questions laid out."""
    asked = {}
    for name in known.axes:
        text = structure.get("asked_if", {}).get(f"{survey}.{name}", "")
        expression = clause(text) if text else None
        if expression is not None and known.knows(CLAUSE + text):
            asked[name] = expression
    return asked
