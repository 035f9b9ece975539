"""Three crosstabs that close a ring: what they say together beyond their sums.

Answers by unit, answers by gender and units by gender must fit one table of
all three. Where every pair of three variables is published, the audit lays
that table under them and attacks again. With earlier releases at hand the
table has a layer for those added since each of them.
"""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING, Any

from evaluation.protection.audit_cells import ANY, NET, Key
from evaluation.protection.audit_earlier import SINCE, fits_layer, is_about_years, layers
from evaluation.protection.audit_equations import Equation, Equations
from evaluation.protection.audit_lacking import LACKING
from evaluation.protection.audit_whole import part_tables, whole_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evaluation.protection.audit_cells import Reading

LARGEST = 1500
"""Cells of a joint table above which it is left alone, or is one of the new release alone."""
NO = "~no"


def joint_tables(
    reading: Reading, found: Equations, structure: Mapping[str, Any]
) -> Iterator[Equations]:
    """Yield, for every ring of crosstabs with hidden cells, the equations of its joint table."""
    multiple = frozenset(structure.get("multiple", ()))
    domains = _domains(reading, multiple)
    conditions = _conditions(reading, found, multiple, domains)
    pairs: dict[str, set[frozenset[str]]] = {}
    for key in {cell.key for cell in reading.cells} | set(reading.given):
        if len(conditions.get(key, ())) == 2:
            pairs.setdefault(key[0], set()).add(frozenset(conditions[key]))
    hidden = {
        (cell.key[0], frozenset(conditions[cell.key]))
        for cell in reading.cells
        if cell.n is None and not cell.is_missing and cell.key in conditions
    }
    for survey in sorted({cell.key[0] for cell in reading.cells}):
        whole = whole_table(reading, found, structure, survey)
        if whole is not None:
            yield whole
            continue
        yield from part_tables(reading, found, structure, survey)
        for ring in _rings(pairs.get(survey, set())):
            axes = [domains[survey, name] for name in ring]
            size = len(axes[0]) * len(axes[1]) * len(axes[2])
            if size <= LARGEST and any(s == survey and h <= set(ring) for s, h in hidden):
                years = layers(reading, survey)
                if size * len(years) > LARGEST:
                    years = years[:1]
                yield _joint((survey, ring, years), axes, conditions, found)


def _conditions(
    reading: Reading,
    found: Equations,
    multiple: frozenset[str],
    domains: Mapping[tuple[str, str], list[str]],
) -> dict[Key, dict[str, str]]:
    """Return of each count that only states answers what it states."""
    keys = [
        *(cell.key for cell in reading.cells if not cell.is_missing),
        *reading.given,
        *(key for key in found.differences if any(map(_is_since, key[1]))),
    ]
    named = {key: _named(key, multiple) for key in dict.fromkeys(keys)}
    return {
        key: stated
        for key, stated in named.items()
        if all((key[0], name) in domains for name in stated)
    }


def _is_since(stated: str) -> bool:
    return stated.startswith(SINCE)


def _named(key: Key, multiple: frozenset[str]) -> dict[str, str]:
    """Variable -> code of what a count states about answers."""
    return {
        _variable(text, key[0], multiple): text.partition("=")[2]
        for text in key[1]
        if not is_about_years(text)
    }


def _variable(text: str, survey: str, multiple: frozenset[str]) -> str:
    """Return the variable of a condition; each option of a multiple answer is one."""
    name, _, code = text.partition("=")
    return text if f"{survey}.{name}" in multiple and code != ANY else name


def _domains(reading: Reading, multiple: frozenset[str]) -> dict[tuple[str, str], list[str]]:
    domains: dict[tuple[str, str], list[str]] = {}
    for (survey, name), codes in reading.codes.items():
        if not name:
            continue
        if f"{survey}.{name}" in multiple:
            for code in codes:
                domains[survey, f"{name}={code}"] = [code, NO, LACKING]
        else:
            domains[survey, name] = [*codes, LACKING]
    return domains


def _rings(linked: set[frozenset[str]]) -> list[tuple[str, str, str]]:
    """Return all threes of variables of which every two stand in a crosstab."""
    around: dict[str, set[str]] = {}
    for pair in linked:
        one, other = sorted(pair)
        around.setdefault(one, set()).add(other)
        around.setdefault(other, set()).add(one)
    rings = []
    for one in sorted(around):
        later = sorted(name for name in around[one] if name > one)
        rings += [(one, a, b) for a, b in combinations(later, 2) if b in around[a]]
    return rings


def _joint(
    about: tuple[str, tuple[str, str, str], Sequence[frozenset[str]]],
    axes: list[list[str]],
    conditions: Mapping[Key, Mapping[str, str]],
    found: Equations,
) -> Equations:
    """Write every published count within the ring as a sum of joint cells, layer by layer."""
    survey, ring, years = about
    kinds = {
        (codes, layer): (
            survey,
            frozenset({"joint", *map("=".join, zip(ring, codes, strict=True)), *layer}),
        )
        for layer in years
        for codes in product(*axes)
    }
    inside = {
        key: named
        for key, named in conditions.items()
        if _fits(key, named, survey, ring)
        and (len(years) > 1 or not any(map(is_about_years, key[1])))
    }
    told = {(survey, layer): dict[str, str]() for layer in years if (survey, layer) in found.values}
    equations: list[Equation] = []
    for key, named in {**inside, **told}.items():
        stated = [text for text in key[1] if is_about_years(text)]
        of = {layer for layer in years if all(fits_layer(text, layer) for text in stated)}
        members = [
            kind
            for (codes, layer), kind in kinds.items()
            if layer in of
            and all(
                name not in named or _holds(named[name], code)
                for name, code in zip(ring, codes, strict=True)
            )
        ]
        equations.append({key: 1.0, **dict.fromkeys(members, -1.0)})
    return Equations(
        values=found.values,
        hidden={key: cell for key, cell in found.hidden.items() if key in inside},
        low=found.low,
        high=found.high,
        equations=equations,
        differences={
            key: cell
            for key, cell in found.differences.items()
            if key in inside and any(map(_is_since, key[1]))
        },
    )


def _fits(key: Key, named: Mapping[str, str], survey: str, ring: tuple[str, ...]) -> bool:
    return key[0] == survey and set(named) <= set(ring)


def _holds(stated: str, code: str) -> bool:
    if stated.startswith(NET):
        return code in stated.removeprefix(NET).split("+")
    return code != LACKING if stated == ANY else code == stated
