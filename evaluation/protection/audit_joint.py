"""Three crosstabs that close a ring: what they say together beyond their sums.

Answers by unit, answers by gender and units by gender must fit one table of
all three. Where every pair of three variables is published, the audit lays
that table under them and attacks again.
"""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING, Any

from evaluation.protection.audit_cells import ANY, NET, Key
from evaluation.protection.audit_equations import Equation, Equations
from evaluation.protection.audit_whole import whole_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from evaluation.protection.audit_cells import Reading

LARGEST = 1500
"""Cells of a joint table above which it is left alone."""
LACKING = "~lacks"
NO = "~no"


def joint_tables(
    reading: Reading, found: Equations, structure: Mapping[str, Any]
) -> Iterator[Equations]:
    """Yield, for every ring of crosstabs with hidden cells, the equations of its joint table."""
    multiple = frozenset(structure.get("multiple", ()))
    domains = _domains(reading, multiple)
    pairs: dict[str, set[frozenset[str]]] = {}
    hidden: set[tuple[str, frozenset[str]]] = set()
    conditions: dict[Key, dict[str, str]] = {}
    for cell in reading.cells:
        survey, stated = cell.key
        named = {_variable(text, survey, multiple): text.partition("=")[2] for text in stated}
        if cell.is_missing or any((survey, name) not in domains for name in named):
            continue
        conditions[cell.key] = named
        if len(named) == 2:
            pairs.setdefault(survey, set()).add(frozenset(named))
        if cell.n is None:
            hidden.add((survey, frozenset(named)))
    for survey, linked in sorted(pairs.items()):
        whole = whole_table(reading, found, structure, survey)
        if whole is not None:
            yield whole
            continue
        for ring in _rings(linked):
            axes = [domains[survey, name] for name in ring]
            size = len(axes[0]) * len(axes[1]) * len(axes[2])
            if size <= LARGEST and any(s == survey and h <= set(ring) for s, h in hidden):
                yield _joint(survey, ring, axes, conditions, found)


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
    survey: str,
    ring: tuple[str, str, str],
    axes: list[list[str]],
    conditions: Mapping[Key, Mapping[str, str]],
    found: Equations,
) -> Equations:
    """Write every published count within the ring as a sum of joint cells."""
    kinds = {
        codes: (survey, frozenset({"joint", *map("=".join, zip(ring, codes, strict=True))}))
        for codes in product(*axes)
    }
    inside = {key: named for key, named in conditions.items() if _fits(key, named, survey, ring)}
    equations: list[Equation] = []
    for key, named in inside.items():
        members = [
            kind
            for codes, kind in kinds.items()
            if all(
                name not in named or _holds(named[name], code)
                for name, code in zip(ring, codes, strict=True)
            )
        ]
        equations.append({key: 1.0, **dict.fromkeys(members, -1.0)})
    everybody: Key = (survey, frozenset())
    if everybody in found.values:
        equations.append({everybody: 1.0, **dict.fromkeys(kinds.values(), -1.0)})
    return Equations(
        values=found.values,
        hidden={key: cell for key, cell in found.hidden.items() if key in inside},
        low=found.low,
        high=found.high,
        equations=equations,
    )


def _fits(key: Key, named: Mapping[str, str], survey: str, ring: tuple[str, ...]) -> bool:
    return key[0] == survey and set(named) <= set(ring)


def _holds(stated: str, code: str) -> bool:
    if stated.startswith(NET):
        return code in stated.removeprefix(NET).split("+")
    return code != LACKING if stated == ANY else code == stated
