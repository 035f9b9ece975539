"""Variables of which a stranger knows that nobody lacks them: then "answered" says nothing.

A crosstab's margin counts those who answered the column variable. Where the
table of that variable alone says that everybody did, the margin is the count
of all, also where a filter leaves no table to compare it with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evaluation.protection.audit_cells import ANY, MISSING, in_order
from evaluation.protection.audit_recodes import UNASKED, declared
from evaluation.protection.audit_sizes import nobody_lacks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from evaluation.protection.audit_cells import Key, Reading

LACKING = "~lacks"
"""In place of an answer: lacks one, in what way no table says."""
LACKS = "lacks "
"""Begins a condition: has no answer of the variable that it names."""


def complete(reading: Reading, structure: Mapping[str, Any], survey: str) -> frozenset[str]:
    """Return the variables that are known to be lacked by nobody.

    Parameters
    ----------
    reading
        A release: what its tables of everybody say of missing answers.
    structure
        From the manifest: a derived question is lacked by who lacks its source.
    survey
        Whose variables.
    """
    if reading.nearly:
        return frozenset()  # some lacked before their answers were corrected what they have now
    none: dict[str, set[str]] = {}
    for cell in reading.cells:
        if cell.key[0] == survey and cell.is_missing and cell.n == 0 and not cell.context[1]:
            none.setdefault(cell.row_var, set()).add(cell.row_code)
    found = {name for name, kinds in none.items() if kinds == set(MISSING)}
    found |= {
        name
        for of, name in reading.codes
        if of == survey and name and nobody_lacks(reading.given, survey, name)
    }
    groupings = declared(reading, structure, survey)
    found |= {grouping.fine for grouping in groupings if grouping.coarse in found}
    found |= {
        grouping.coarse
        for grouping in groupings
        if grouping.is_printed and grouping.fine in found and UNASKED not in grouping.of().values()
    }
    return frozenset(found)


def kinds_lacking(reading: Reading, survey: str, names: Collection[str]) -> list[str]:
    """Return how an answer can be missing: as printed, and otherwise where that is not printed."""
    seen: set[str] = set()
    absent: set[str] = set()
    for cell in reading.cells:
        if cell.key[0] == survey and cell.row_var in names and cell.is_missing:
            if cell.n != 0:
                seen.add(cell.row_code)
            elif not cell.context[1]:  # nobody at all, and not only nobody in a group
                absent.add(cell.row_code)
    return [*sorted(seen), *([] if seen | absent == set(MISSING) else [LACKING])]


def said_of_all(
    keys: Iterable[Key], names: Mapping[str, frozenset[str]]
) -> tuple[list[dict[Key, float]], dict[Key, int]]:
    """Return equations of counts that "answered" does not narrow, and counts that are 0.

    Parameters
    ----------
    keys
        All counts.
    names
        Survey -> variables that nobody lacks.
    """
    equations: list[dict[Key, float]] = []
    zeros: dict[Key, int] = {}
    for key in sorted(keys, key=in_order):
        known = names.get(key[0], frozenset())
        said = key[1] & {f"{name}={ANY}" for name in known}
        if said:
            equations.append({key: 1.0, (key[0], key[1] - said): -1.0})
        if any(text.removeprefix(LACKS) in known for text in key[1] if text.startswith(LACKS)):
            zeros[key] = 0
    return equations, zeros
