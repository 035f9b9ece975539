"""Earlier releases in the audit: what they tell together with a new one, and what they told before.

What was out cannot be taken back. An interval that is no narrower than with a
new release that says nothing is not this release's doing; it is reported as
known already.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from evaluation.protection.audit_cells import (
    MARK,
    MASKED,
    MISSING,
    MUTE,
    PEOPLE,
    Reading,
    read_cells,
)
from evaluation.protection.audit_same import Moved, moved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from evaluation.protection.audit_cells import Published
    from evaluation.protection.audit_sheets import Beside
    from evaluation.protection.release import Leak

    Rows = Sequence[Mapping[str, object]]

NARROW = "narrow"
SINCE = f"not {MARK}"
"""Begins a condition: not yet in an earlier release."""
SAME, PART, APART = "same", "part", "apart"
"""How the answers behind an earlier release belong to those behind a later one."""


def read_together(
    rows: Rows,
    earlier: Sequence[Rows],
    everyone: frozenset[str],
    beside: Beside | None = None,
    relate: Callable[[Mapping[object, int], Mapping[object, int]], str] | None = None,
    waves: Mapping[str, Sequence[str]] | None = None,
) -> Reading:
    """Read a release with earlier ones: about the same answers, a part of them, or others.

    Which it is, is told survey by survey, from their counts (``relate``), and where
    nothing else is said wave by wave, see `moved`. A part is
    marked in the conditions of its cells, and so is a part of that part: a chain of
    years is nested as the answers are.
    """
    reading = read_cells(rows, everyone, beside=beside)
    reading.n_own = len(reading.cells)
    now = _shown(reading.cells)
    own = Reading(reading.cells[:], {name: codes[:] for name, codes in reading.codes.items()})
    found: list[list[Published]] = []
    read_from: list[tuple[Reading, object]] = []
    for number, one in enumerate(earlier, 1):
        for survey in dict.fromkeys(row["survey"] for row in one):
            listed = [row for row in one if row["survey"] == survey]
            read = read_cells(listed, everyone, source=str(number))
            for part in [Moved(read.cells, [])] if relate else moved(read.cells, own, waves or {}):
                found.append(part.cells)
                read_from.append((read, listed[0].get(PEOPLE)))
                reading.nearly += part.nearly
    relate = relate or _relation
    relations = [relate(_shown(cells), now) for cells in found]
    parts = [number for number, relation in enumerate(relations) if relation == PART]
    for number, (cells, relation) in enumerate(zip(found, relations, strict=True)):
        if relation != APART:
            marks = _marks(number, parts, found, relate) if relation == PART else ()
            read, told = read_from[number]
            if marks and isinstance(told, int):
                reading.told[cells[0].key[0], frozenset(marks)] = told
            reading.cells += [_marked(cell, marks) for cell in cells]
            _add_codes(reading, read, cells[0].key[0])
    return reading


def _add_codes(reading: Reading, read: Reading, home: str) -> None:
    """Add what a survey of an earlier release tells of the codes of variables."""
    for (_, name), codes in read.codes.items():
        known = reading.codes.setdefault((home, name), [])
        known += [code for code in codes if code not in known]


def _marked(cell: Published, marks: Sequence[str]) -> Published:
    """Return a cell of an earlier release with the releases whose answers it is about."""
    added = frozenset(marks)
    key, context = ((k[0], k[1] | added) for k in (cell.key, cell.context))
    return replace(cell, key=key, context=context) if marks else cell


def _marks(
    number: int,
    parts: Sequence[int],
    found: Sequence[Sequence[Published]],
    relate: Callable[[Mapping[object, int], Mapping[object, int]], str],
) -> tuple[str, ...]:
    """Return the mark of a release, and of all earlier ones that hold its answers too."""
    own = _shown(found[number])
    first = number
    marks = []
    for other in parts:
        relation = relate(own, _shown(found[other])) if other != number else APART
        if relation == SAME:
            first = min(first, other)
        elif relation == PART:
            marks.append(other)
    return tuple(f"{MARK}{mark + 2}" for mark in (first, *marks))


def layers(reading: Reading, survey: str) -> list[frozenset[str]]:
    """Return every set of earlier releases that a respondent can have been in, none included.

    In a chain of years: in the first already, added by the second, added since.
    Releases of which neither holds the other may share any of their respondents.
    """
    found = {frozenset[str]()}
    for marks in dict.fromkeys(
        frozenset(text for text in cell.key[1] if text.startswith(MARK))
        for cell in reading.cells[reading.n_own :]
        if cell.key[0] == survey
    ):
        found |= {marks | other for other in found}
    return sorted(found, key=lambda marks: (len(marks), sorted(marks)))


def is_about_years(stated: str) -> bool:
    """Tell whether a condition is about earlier releases, not about an answer."""
    return stated.startswith((MARK, SINCE))


def fits_layer(stated: str, layer: frozenset[str]) -> bool:
    """Tell whether a condition about earlier releases is true of a layer."""
    return stated in layer if stated.startswith(MARK) else stated[len("not ") :] not in layer


def _shown(cells: Iterable[Published]) -> dict[object, int]:
    return {cell.key: cell.n for cell in cells if cell.n is not None}


def _relation(before: Mapping[object, int], now: Mapping[object, int]) -> str:
    both = [(n, now[key]) for key, n in before.items() if key in now]
    if not both or any(n > m for n, m in both):
        return APART
    return SAME if all(n == m for n, m in both) else PART


# --- what was known before ----------------------------------------------------------


def told_before(
    leaks: Sequence[Leak],
    reading: Reading,
    attack: Callable[[Reading], Sequence[Leak]],
    floor: int,
) -> list[Leak]:
    """Return the leaks that hiding more in the new release cannot mend.

    Two releases that tell as little as can be are attacked in its place: one
    that is not there at all, and one with the same tables in which every count
    is hidden but the zeros that the policy prints. What is as narrow with the
    first was out before. What is as narrow with the second, and still leaves
    every small count possible, is all that any such tables can do.

    Parameters
    ----------
    leaks
        Found with the release as it is.
    reading
        All releases.
    attack
        Finds leaks in a reading.
    floor
        Width that must be left where the new release is concerned.
    """
    if (len(reading.cells) == reading.n_own and not reading.given) or not leaks:
        return []
    mute = _by_place(attack(_masked(reading, MUTE)))
    silent = _by_place(attack(_masked(reading, MASKED, _people(reading))))
    return [
        leak
        for leak in leaks
        if _is_no_wider(mute, leak)
        or (leak.code == NARROW and leak.high - leak.low >= floor and _is_no_wider(silent, leak))
    ]


def told_by_earlier(
    leaks: Sequence[Leak], reading: Reading, attack: Callable[[Reading], Sequence[Leak]]
) -> list[Leak]:
    """Return the leaks that are as narrow with no new release at all."""
    if len(reading.cells) == reading.n_own or not leaks:
        return []
    mute = _by_place(attack(_masked(reading, MUTE)))
    return [leak for leak in leaks if _is_no_wider(mute, leak)]


def _by_place(leaks: Iterable[Leak]) -> dict[tuple[str, ...], Leak]:
    return {_place(leak): leak for leak in leaks}


def _place(leak: Leak) -> tuple[str, ...]:
    return leak.code, leak.source, leak.table, leak.row, leak.column


def _is_no_wider(found: Mapping[tuple[str, ...], Leak], leak: Leak) -> bool:
    other = found.get(_place(leak))
    return other is not None and other.high - other.low <= leak.high - leak.low


def _masked(reading: Reading, status: str, people: Mapping[str, int] | None = None) -> Reading:
    """Return a reading in which the new release tells nothing, or its zeros alone."""
    is_mute = status == MUTE
    masked = [
        replace(
            cell,
            n=None if cell.n or is_mute else cell.n,
            percent=None,
            base_n=None,
            wn=None,
            base_wn=None,
            status=status if cell.n or is_mute else cell.status,
        )
        for cell in reading.cells[: reading.n_own]
    ]
    most = max((cell.n for cell in reading.cells if cell.n is not None), default=0)
    cells = [*masked, *reading.cells[reading.n_own :]]
    made = Reading(cells, reading.codes, reading.n_own, dict(people or {}), most)
    return replace(made, nearly=reading.nearly, given=reading.given)


def _people(reading: Reading) -> dict[str, int]:
    """Survey -> how many took part, where some table of one question tells."""
    found: dict[str, dict[tuple[str, str], dict[str, int]]] = {}
    for cell in reading.cells[: reading.n_own]:
        if not cell.context[1] and cell.n is not None and (cell.is_missing or cell.is_total):
            tables = found.setdefault(cell.key[0], {})
            tables.setdefault((cell.table, cell.row_var), {})[cell.row_code] = cell.n
    return {
        survey: max(
            sum(codes.values()) for codes in tables.values() if len(codes) == 1 + len(MISSING)
        )
        for survey, tables in found.items()
        if any(len(codes) == 1 + len(MISSING) for codes in tables.values())
    }
