"""Which answers of the release at hand an earlier one was about, for the audit.

A stranger sees the same figures printed again: last year's survey is one wave
of this year's, or a survey that has been given another name, perhaps with an
answer or two corrected. Its cells are then read as cells about that wave or
survey. Where some figures differ, each of the others is taken to have moved by
no more than these.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evaluation.protection.audit_cells import plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from evaluation.protection.audit_cells import Key, Published, Reading

    Shown = Mapping[Key, int]

BEFORE = "before correction"
"""Marks a count of an earlier release some answers of which have been changed since."""
ENOUGH = 3
"""So many counts of somebody must be equal before two surveys of different names are one."""
CHANCE = 0.5
"""Share of equal counts that other persons' answers do not reach."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Cells of an earlier release where they belong in the one at hand.

    Attributes
    ----------
    cells
        Some of them marked `BEFORE`.
    nearly
        Marked count, the same count now, and by how much they may differ.
    """

    cells: list[Published]
    nearly: list[tuple[Key, Key, int]]


@dataclass(frozen=True, slots=True)
class _Place:
    survey: str
    wave: str = ""

    def key(self, key: Key) -> Key:
        around = {self.wave} if self.wave else set[str]()
        return self.survey, plain({*key[1], *around})

    def cell(self, cell: Published) -> Published:
        return replace(cell, key=self.key(cell.key), context=self.key(cell.context))


def moved(
    cells: Sequence[Published], now: Reading, waves: Mapping[str, Sequence[str]]
) -> Iterator[Moved]:
    """Yield the cells of one survey of an earlier release, cut up by waves, each where it belongs.

    Parameters
    ----------
    cells
        Of one survey.
    now
        The release at hand alone.
    waves
        Survey -> variables that tell waves or occasions.
    """
    own = cells[0].key[0]
    shown = _shown(now.cells)
    names = {f"{name}=" for name in waves.get(own, ())}
    parts: dict[str, list[Published]] = {}
    for cell in cells:
        told = sorted(t for t in cell.key[1] if any(map(t.startswith, names)) and t[-1] != "*")
        parts.setdefault(told[0] if told else "", []).append(cell)
    rest = parts.pop("", [])
    for part in parts.values():
        found = _agreement(part, _Place(own), shown)
        if not found.differing or found.is_corrected:
            yield _corrected(part, _Place(own), shown) if found.differing else Moved(part, [])
        else:
            rest += part
    if rest:
        yield _placed(rest, _places(own, now, waves), shown)


def _placed(cells: list[Published], places: Sequence[_Place], shown: Shown) -> Moved:
    found = {place: _agreement(cells, place, shown) for place in places}
    own = next((a for p, a in found.items() if p == _Place(cells[0].key[0])), None)
    if own and own.n_both and not own.differing:
        return Moved(cells, [])
    for place, agreement in found.items():
        if not agreement.differing and agreement.n_equal >= ENOUGH:
            return Moved([place.cell(cell) for cell in cells], [])
    if own and own.n_both and not own.has_shrunk:
        return Moved(cells, [])
    for place, agreement in found.items():
        if agreement.is_corrected:
            return _corrected(cells, place, shown)
    return Moved(cells, [])


def _places(own: str, now: Reading, waves: Mapping[str, Sequence[str]]) -> list[_Place]:
    surveys = dict.fromkeys(cell.key[0] for cell in now.cells)
    return [
        place
        for survey in sorted(surveys, key=lambda other: other != own)
        for place in (
            _Place(survey),
            *(
                _Place(survey, f"{wave}={code}")
                for wave in waves.get(survey, ())
                for code in now.codes.get((survey, wave), ())
            ),
        )
    ]


@dataclass(frozen=True, slots=True)
class _Agreement:
    """``n_both`` of the counts are shown in both, ``n_equal`` are of somebody and the same."""

    n_both: int
    n_equal: int
    n_some: int
    differing: Collection[Key]
    has_shrunk: bool
    has_grown: bool

    @property
    def is_corrected(self) -> bool:
        """An answer that was changed is one fewer here and one more there."""
        is_moved = self.has_shrunk and self.has_grown
        return is_moved and self.n_equal >= max(ENOUGH, CHANCE * self.n_some)


def _agreement(cells: Iterable[Published], place: _Place, shown: Shown) -> _Agreement:
    before = {place.key(cell.key): cell.n for cell in cells if cell.n is not None}
    both = {key: (n, shown[key]) for key, n in before.items() if key in shown}
    return _Agreement(
        len(both),
        sum(one == two > 0 for one, two in both.values()),
        sum(max(pair) > 0 for pair in both.values()),
        [key for key, (one, two) in both.items() if one != two],
        any(one > two for one, two in both.values()),
        any(one < two for one, two in both.values()),
    )


def _corrected(cells: Iterable[Published], place: _Place, shown: Shown) -> Moved:
    """Keep what is the same; mark the rest as it was, near what it is now."""
    placed = [place.cell(cell) for cell in cells]
    before = _shown(placed)
    most = max(abs(n - shown[key]) for key, n in before.items() if key in shown)
    made = Moved([], [])
    for cell in placed:
        if cell.n is not None and shown.get(cell.key) == cell.n:
            made.cells.append(cell)
            continue
        old = (cell.key[0], cell.key[1] | {BEFORE})
        made.cells.append(replace(cell, key=old))
        if cell.key not in shown or cell.n is None:
            made.nearly.append((old, cell.key, most))
    return made


def _shown(cells: Iterable[Published]) -> dict[Key, int]:
    return {cell.key: cell.n for cell in cells if cell.n is not None}
