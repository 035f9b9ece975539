"""What a stranger knows of derived questions: groups of answers, cuts of numbers, "any of these".

The questionnaire says which answers a group takes. Two derived questions are
tied by these also where the answers themselves are printed nowhere: then the
sums go over counts that nobody sees.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Any

from evaluation.protection.audit_cells import ANY, NET, Key, in_order, plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from evaluation.protection.audit_cells import Reading

    Equation = dict[Key, float]
    Codes = Mapping[tuple[str, str], list[str]]
    Sets = dict[frozenset[str], Key]

OTHERS = "*"
"""Among the answers of a group: all that no other group takes."""
UNNAMED = "~unnamed"
"""Answers that no group names, of a question that is printed nowhere."""
UNASKED = "not_asked"
"""What those count as whose answer no group takes."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """A question that groups the answers of another.

    Attributes
    ----------
    coarse, fine
        The two, without their survey.
    members
        Code -> codes of the fine one.
    codes
        All codes of the fine one.
    is_printed
        The fine one stands in tables.
    """

    coarse: str
    fine: str
    members: Mapping[str, list[str]]
    codes: tuple[str, ...]
    is_printed: bool

    def of(self) -> dict[str, str]:
        """Return fine code -> coarse code, or `UNASKED`."""
        known = {code: group for group, inside in self.members.items() for code in inside}
        return {code: known.get(code, UNASKED) for code in self.codes}


def declared(reading: Reading, structure: Mapping[str, Any], survey: str) -> list[Grouping]:
    """Return what the questionnaire declares of questions of a survey in tables and filters."""
    codes: Codes = {**reading.unprinted, **reading.codes}
    names = [name for place, name in codes if place == survey and name]
    found: list[Grouping] = []
    unseen: dict[str, list[tuple[str, Mapping[str, list[str]]]]] = defaultdict(list)
    for name in names:
        source, groups = structure.get("recodes", {}).get(f"{survey}.{name}", ("", {}))
        fine = source.partition(".")[2]
        if source and (survey, fine) in codes:
            is_printed = (survey, fine) in reading.codes
            listed = tuple(codes[survey, fine])
            if not is_printed:
                known = (code for inside in groups.values() for code in inside if code != OTHERS)
                listed = tuple(dict.fromkeys([*known, *listed]))
            found.append(Grouping(name, fine, _resolved(groups, listed), listed, is_printed))
        elif source:
            unseen[fine].append((name, groups))
    for fine, users in unseen.items():
        named = (code for _, groups in users for inside in groups.values() for code in inside)
        listed = tuple(dict.fromkeys(UNNAMED if code == OTHERS else code for code in named))
        found += _together(fine, [(name, _resolved(g, listed)) for name, g in users], listed)
    return found + _cuts(reading, structure, survey)


def _resolved(groups: Mapping[str, Iterable[str]], listed: Iterable[str]) -> dict[str, list[str]]:
    known = set(listed)
    named = {code for inside in groups.values() for code in inside} - {OTHERS}
    return {
        code: [c for c in inside if c in known and c != OTHERS]
        + ([c for c in listed if c not in named] if OTHERS in inside else [])
        for code, inside in groups.items()
    }


def _together(
    fine: str, users: list[tuple[str, dict[str, list[str]]]], listed: tuple[str, ...]
) -> list[Grouping]:
    """Return groupings of what is printed nowhere: one alone ties nothing."""
    if len(users) < 2:
        return []
    return [Grouping(name, fine, members, listed, False) for name, members in users]


def _cuts(reading: Reading, structure: Mapping[str, Any], survey: str) -> list[Grouping]:
    """Cut a number at all bounds of all questions that group it, or at its printed values."""
    codes: Codes = {**reading.unprinted, **reading.codes}
    names = [name for place, name in codes if place == survey and name]
    users: dict[str, list[tuple[str, Mapping[str, list[float]]]]] = defaultdict(list)
    for name in names:
        number, bounds = structure.get("cuts", {}).get(f"{survey}.{name}", ("", {}))
        if number:
            users[number.partition(".")[2]].append((name, bounds))
    found: list[Grouping] = []
    for number, cuts in users.items():
        if number in names:
            is_printed = (survey, number) in reading.codes
            values = tuple(codes[survey, number])
            found += [Grouping(n, number, _inside(b, values), values, is_printed) for n, b in cuts]
            continue
        ends = sorted({low for _, bounds in cuts for low, _ in bounds.values()})
        pieces = {f"{low:g}-": low for low, _ in pairwise([*ends, float("inf")])}
        listed = [
            (
                name,
                {
                    code: [p for p, at in pieces.items() if low <= at and (not high or at < high)]
                    for code, (low, high) in bounds.items()
                },
            )
            for name, bounds in cuts
        ]
        found += _together(f"~{number}", listed, tuple(pieces))
    return found


def _inside(
    bounds: Mapping[str, Iterable[float | None]], values: Iterable[str]
) -> dict[str, list[str]]:
    """Return which printed values each group takes."""
    found: dict[str, list[str]] = {}
    for code, (low, high) in bounds.items():
        found[code] = [
            value
            for value in values
            if re.fullmatch(r"-?\d+(\.\d+)?", value)
            and (-inf if low is None else low) <= float(value)
            and (high is None or float(value) < high)
        ]
    return found


def members_of(
    survey: str,
    coarse: tuple[str, list[str]],
    fine: tuple[str, list[str]],
    structure: Mapping[str, Any],
) -> dict[str, list[str]]:
    """Return coarse code -> codes of the fine variable; empty where they do not belong."""
    hierarchy = structure.get("hierarchy", {})
    members: dict[str, list[str]] = {code: [] for code in coarse[1]}
    for code in fine[1]:
        above = _above(f"{survey}.{fine[0]}={code}", f"{survey}.{coarse[0]}=", hierarchy)
        if above not in members:
            return {}
        members[above].append(code)
    return members


def _above(place: str, level: str, hierarchy: Mapping[str, str]) -> str:
    """Return the code at a level of what a unit belongs to, "" where it has none there."""
    seen = set()
    while place in hierarchy and place not in seen:
        seen.add(place)
        place = hierarchy[place]
        if place.startswith(level):
            return place.removeprefix(level)
    return ""


def sums_of_groups(
    keys: Iterable[Key], groupings: Iterable[Grouping], survey: str
) -> Iterator[Equation]:
    """Yield "group = sum of its answers" for single answers."""
    known = {key for key in keys if key[0] == survey}
    by_text = _by_text(known)
    for grouping in groupings:
        for code, inside in grouping.members.items():
            stated = f"{grouping.coarse}={code}"
            for key in by_text.get(stated, ()):
                around = key[1] - {stated}
                parts = [(survey, plain(around | {f"{grouping.fine}={c}"})) for c in inside]
                if inside and (not grouping.is_printed or all(part in known for part in parts)):
                    yield {key: 1.0, **dict.fromkeys(parts, -1.0)}


def sums_of_lists(
    keys: Iterable[Key], filters: Collection[str], multiple: Collection[str]
) -> Iterator[Equation]:
    """Yield "one of these answers = their sum" for filters that list single answers."""
    known = set(keys)
    for key in sorted(known, key=in_order):
        survey, stated = key
        for text in sorted(stated.intersection(filters)):
            name, _, code = text.partition("=")
            if code.startswith(NET) and f"{survey}.{name}" not in multiple:
                codes = code.removeprefix(NET).split("+")
                parts = [(survey, plain(stated - {text} | {f"{name}={one}"})) for one in codes]
                if all(part in known for part in parts):
                    yield {key: 1.0, **dict.fromkeys(parts, -1.0)}


def any_of_groups(
    keys: Iterable[Key], groupings: Iterable[Grouping], survey: str, structure: Mapping[str, Any]
) -> Iterator[Equation]:
    """Yield what ties "any of these" to the answers, for multiple-answer questions.

    ``structure`` tells the options that exclude all others, and what choosing nothing means.
    """
    by_text = _by_text(key for key in keys if key[0] == survey)
    by_fine: dict[str, list[Grouping]] = defaultdict(list)
    for grouping in groupings:
        by_fine[grouping.fine].append(grouping)
    for fine, groups in by_fine.items():
        sets: dict[frozenset[str], Sets] = defaultdict(dict)
        for code in groups[0].codes if groups[0].is_printed else ():
            for key in by_text.get(f"{fine}={code}", ()):
                sets[key[1] - {f"{fine}={code}"}][frozenset({code})] = key
        for grouping in groups:
            for code, inside in grouping.members.items():
                stated = f"{grouping.coarse}={code}"
                for key in by_text.get(stated, ()) if inside else ():
                    other = sets[key[1] - {stated}].setdefault(frozenset(inside), key)
                    if other != key:
                        yield {key: 1.0, other: -1.0}
            if grouping.is_printed:
                yield from _answered(grouping, by_text, survey)
        for around, found in sets.items():
            yield from _inequalities(found, (survey, around), fine)
            if groups[0].is_printed:
                base = (survey, plain(around | {f"{fine}={ANY}"}))
                place = f"{survey}.{fine}"
                only = [frozenset({code}) for code in structure.get("exclusive", {}).get(place, ())]
                nothing = {UNNAMED} if place in structure.get("choose_none", ()) else set()
                yield from _beside(found, base, only, frozenset({*groups[0].codes, *nothing}))


def _by_text(keys: Iterable[Key]) -> dict[str, list[Key]]:
    found: dict[str, list[Key]] = defaultdict(list)
    for key in sorted(keys, key=in_order):
        for text in key[1]:
            found[text].append(key)
    return found


def _answered(
    grouping: Grouping, by_text: Mapping[str, list[Key]], survey: str
) -> Iterator[Equation]:
    """Who answered the derived question answered the other one too."""
    stated = f"{grouping.coarse}={ANY}"
    is_all = UNASKED not in grouping.of().values()
    for key in by_text.get(stated, ()):
        around = key[1] - {stated}
        source = (survey, plain(around | {f"{grouping.fine}={ANY}"}))
        rest = {} if is_all else {(survey, around | {f"no group of {grouping.coarse}"}): -1.0}
        yield {source: 1.0, key: -1.0, **rest}


def _inequalities(found: Sets, context: Key, fine: str) -> Iterator[Equation]:
    """A group is no less than each group within it, and no more than its answers together."""
    survey, around = context
    for whole, at in found.items():
        told = f"any {fine} {'+'.join(sorted(whole))}"
        for part, inner in found.items():
            if not part < whole:
                continue
            slack = (survey, around | {f"{told} without {'+'.join(sorted(part))}"})
            yield {at: 1.0, inner: -1.0, slack: -1.0}
            rest = [frozenset({code}) for code in whole - part]
            if all(one in found for one in rest):
                more = (survey, around | {f"{told} twice {'+'.join(sorted(part))}"})
                parts = dict.fromkeys((found[one] for one in rest), 1.0)
                yield {inner: 1.0, **parts, at: -1.0, more: -1.0}


def _beside(
    found: Sets, base: Key, only: Iterable[frozenset[str]], listed: frozenset[str]
) -> Iterator[Equation]:
    """Nobody chose an option that excludes all others and one of a group."""
    alone = [one for one in only if one in found]
    for codes, at in found.items():
        if not alone or len(codes) < 2 or any(one & codes for one in alone):
            continue
        told = f"neither any of {'+'.join(sorted(codes))}"
        is_all = listed <= codes.union(*alone)
        rest = {} if is_all else {(base[0], base[1] | {told}): -1.0}
        yield {base: 1.0, at: -1.0, **{found[one]: -1.0 for one in alone}, **rest}
