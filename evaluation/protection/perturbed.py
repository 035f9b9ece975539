"""What methods that change numbers share: seeded draws, and tables of changed counts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from evaluation.inference.results import WITHHELD, TestOutcome
from evaluation.model import CellStatus
from evaluation.protection.catalogue import IMPOSSIBLE
from evaluation.protection.decision_log import AUDIT, decision_log, for_anyone
from evaluation.protection.display import displayed_percents
from evaluation.protection.emit import withheld_table
from evaluation.protection.events import is_missing, parent_variable
from evaluation.protection.methods.none import pass_table
from evaluation.protection.methods.suppress import Further
from evaluation.protection.release import ProtectedCell, Release
from evaluation.protection.settings import release_settings
from evaluation.tables.spec import Statistic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from evaluation.protection.catalogue import Catalogue, Grid
    from evaluation.protection.events import Event
    from evaluation.protection.release import ProtectedTable
    from evaluation.protection.rules import Rules
    from evaluation.protection.weighted import Weighing
    from evaluation.tables.table import Cell, Table


AUDIT_OF_CHANGED = "audit_changed"
"""A reason, as key of the texts catalogue."""
KEY_SIZE = 1 << 26
"""Keys of respondents are whole numbers below it, so that sums are exact."""


def draws(catalogue: Catalogue, keyed: Sequence[Table], seed: int) -> list[float]:
    """Return a number in [0, 1) per count: the same for the same persons.

    From the sums of keys where there are such; else from what the count is about.
    """
    found = [draw(event, seed) for event in catalogue.events]
    for grid, table in zip(catalogue.cells, keyed, strict=bool(keyed)):
        for places, line in zip(grid, table.cells, strict=True):
            for at, cell in zip(places, line, strict=True):
                if at != IMPOSSIBLE:
                    found[at] = _mixed(int(cell.wn) % KEY_SIZE, seed)
    return found


def _mixed(key: int, seed: int) -> float:
    """Spread a sum of keys over [0, 1): sums of few keys must not resemble the keys."""
    digest = hashlib.blake2b(f"{seed}|{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2.0**64


def draw(event: Event, seed: int) -> float:
    """Return a number in [0, 1) that depends on the event and the seed alone.

    The same count is so changed alike wherever and whenever it is published.
    """
    literals = sorted((variable, *sorted(codes)) for variable, codes in event.literals)
    text = f"{seed}|{event.survey}|{literals!r}"
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2.0**64


def changes(event: Event, rules: Rules) -> bool:
    """Tell whether a count is changed: those of answers, and of answers that are lacking.

    How many were not asked says how many answered the question before, and how
    many lack an answer says, of a group whose size is known, how many gave one.
    """
    if rules.policy.sensitive == "none" or not is_missing(event):
        return rules.protects(event)
    known = rules.links.known
    names = {parent_variable(name) for name, _ in event.literals}
    return not all(f"{event.survey}.{name}" in known for name in names)


@dataclass(frozen=True, slots=True)
class Shifts:
    """By what weighted counts are moved, so that they do not tell who was counted.

    A changed count times the true mean weight of those counted would say how they are
    composed. It is moved by as much as it would be if some of the lightest had been the
    heaviest: up to half the threshold of them, either way, and the same for the same persons.

    Attributes
    ----------
    draws
        A number in [0, 1) per distinct count.
    ends
        (survey, weight) -> least and greatest weight.
    threshold
        Smallest count that is shown.
    """

    draws: Sequence[float] = ()
    ends: Mapping[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    threshold: int = 0

    def weighed(self, about: tuple[str, str], at: int, mean: float, n: int) -> float:
        """Return the weighted count of a changed count whose true mean weight is given."""
        if about not in self.ends or at == IMPOSSIBLE:
            return float(round(mean * n))
        low, high = self.ends[about]
        moved = mean * n + (self.draws[at] - 0.5) * self.threshold * (high - low)
        return float(round(min(max(moved, low * n), high * n)))


NO_SHIFTS = Shifts()


def weight_shifts(
    catalogue: Catalogue, drawn: Sequence[float], weighings: Sequence[Weighing], rules: Rules
) -> Shifts:
    """Draw by what weighted counts are moved, apart from what their counts are changed by."""
    ends = {
        (known.survey, known.weight): (float(known.low.min()), float(known.high.max()))
        for known in (weighing.classes for weighing in weighings)
    }
    seed = rules.policy.seed
    own = [
        draw_again(one, seed) if changes(event, rules) else 0.5
        for one, event in zip(drawn, catalogue.events, strict=True)
        if ends
    ]
    return Shifts(own, ends, rules.threshold)


def draw_again(drawn: float, seed: int) -> float:
    """Return another number in [0, 1) that depends on a drawn one and the seed alone."""
    digest = hashlib.blake2b(f"{seed}|weighted|{drawn!r}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2.0**64


@dataclass(frozen=True, slots=True)
class Changed:
    """Changed counts, of which a release is made, and made again with more of them hidden.

    Attributes
    ----------
    method
        Key of the method.
    tables, catalogue
        The release and its distinct counts.
    counts
        Changed count per distinct count.
    rules
        The policy.
    shifts
        By what weighted counts are moved.
    """

    method: str
    tables: Sequence[Table]
    catalogue: Catalogue
    counts: Sequence[int]
    rules: Rules
    shifts: Shifts = NO_SHIFTS

    def release(self, further: Further | None = None) -> Release:
        """Publish changed counts in place of the true ones, but for what an audit asks to hide.

        Percents are computed from changed counts. Tests, statistics, intervals,
        expected counts and letters are withheld: computed from the true counts
        they would give these back.
        """
        asked = further or Further()
        hidden = frozenset(self.catalogue.cells[t][i][j] for t, i, j in asked.besides)
        hidden -= {IMPOSSIBLE}
        protected = tuple(
            withheld_table(table) if number in asked.withheld else _changed(self, number, hidden)
            for number, table in enumerate(self.tables)
        )
        reasons = dict.fromkeys(hidden, AUDIT)
        internal = tuple(
            replace(one, reason=AUDIT_OF_CHANGED) if one.reason == AUDIT else one
            for one in decision_log(self.tables, protected, self.catalogue, reasons, {})
        )
        settings = release_settings(self.rules, self.catalogue, self.tables)
        told = {"people": dict(sorted(self.rules.links.people.items()))}
        return Release(
            tables=protected,
            log=tuple(map(for_anyone, internal)),
            method=self.method,
            settings={**settings, "structure": {**settings["structure"], **told}},
            n_cells=len(self.catalogue.events),
            n_hidden=len(hidden),
            internal_log=internal,
            hidden=hidden,
        )


def _changed(made: Changed, number: int, hidden: frozenset[int]) -> ProtectedTable:
    table, rules = made.tables[number], made.rules
    cells, bases = made.catalogue.cells[number], made.catalogue.bases[number]
    lines = tuple(
        tuple(
            _changed_cell(
                cell,
                _count(cells[i][j], made.counts),
                None if bases[i][j] in hidden else _count(bases[i][j], made.counts),
                partial(made.shifts.weighed, (table.spec.survey, table.spec.weight)),
                (cells[i][j], bases[i][j]),
            )
            for j, cell in enumerate(line)
        )
        for i, line in enumerate(table.cells)
    )
    changed = replace(
        table,
        cells=lines,
        statistics=tuple(Statistic(s.code, s.column, None, 0) for s in table.statistics),
        tests=tuple(
            TestOutcome(
                t.method,
                None,
                None,
                None,
                0,
                (WITHHELD,),
                column_variable=t.column_variable,
                row_variable=t.row_variable,
            )
            for t in table.tests
        ),
        column_missing={},
    )
    passed = replace(
        pass_table(changed),
        effective_base=tuple(None for _ in table.effective_base),
        is_changed=True,
    )
    shown = displayed_percents(changed)
    hiding = _Hiding(cells, bases, hidden)
    return replace(
        passed,
        cells=tuple(
            tuple(
                hiding.cell(
                    i,
                    j,
                    _without_low_base(cell, rules.policy.minimum_base)
                    if shown[i][j] is not None
                    else cell,
                )
                for j, cell in enumerate(line)
            )
            for i, line in enumerate(passed.cells)
        ),
        n_hidden=sum(at in hidden for line in cells for at in line),
    )


@dataclass(frozen=True, slots=True)
class _Hiding:
    """What is hidden of a table: counts, and the percents that have them for a base."""

    cells: Grid
    bases: Grid
    hidden: frozenset[int]

    def cell(self, i: int, j: int, cell: ProtectedCell) -> ProtectedCell:
        if self.cells[i][j] in self.hidden:
            return ProtectedCell(CellStatus.SECONDARY)
        if self.bases[i][j] not in self.hidden:
            return cell
        return replace(
            cell,
            status=CellStatus.LOW_BASE,
            base_n=None,
            base_wn=None,
            percent=None,
            shown_percent=None,
        )


def _count(at: int, counts: Sequence[int]) -> int:
    return 0 if at == IMPOSSIBLE else counts[at]


def _changed_cell(
    cell: Cell,
    n: int,
    base: int | None,
    weighed: Callable[[int, float, int], float],
    places: tuple[int, int],
) -> Cell:
    """Put a changed count into a cell; weights nearly keep the mean weight of the true cell.

    A count is printed as no more than its base, unless that is hidden (None): it
    would then say what the base is.
    """
    is_bounded = base is not None
    base = n if base is None else base
    wn = weighed(places[0], cell.wn / cell.n, n) if cell.n else float(n)
    base_wn = weighed(places[1], cell.base_wn / cell.base_n, base) if cell.base_n else float(base)
    n_shown = min(n, base) if cell.percent is not None and is_bounded else n
    share = 100 * min(wn, base_wn) / base_wn if cell.percent is not None and base_wn else None
    return replace(
        cell,
        n=n_shown,
        wn=float(wn),
        base_n=base,
        base_wn=float(base_wn),
        percent=share,
        ci_low=None,
        ci_high=None,
        letters="",
        expected=None,
    )


def _without_low_base(cell: ProtectedCell, minimum_base: int) -> ProtectedCell:
    if cell.base_n is None or cell.base_n >= minimum_base:
        return cell
    return replace(cell, status=CellStatus.LOW_BASE, percent=None, shown_percent=None)
