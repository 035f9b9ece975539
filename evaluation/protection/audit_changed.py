"""The audit of changed counts: what a reader who knows how far each can have been changed derives.

Rounding moves a count by less than its base, cell-key noise by no more than the
threshold, and zeros stay. Every printed number so stands for a few possible
ones; what is possible together must add up. The same equations as for hidden
counts, and a table of all questions where that is small enough, tell which
values are left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evaluation.protection.audit_cells import MARK, MISSING, MUTE, Reading
from evaluation.protection.audit_earlier import APART, PART, SAME, read_together
from evaluation.protection.audit_equations import write_equations
from evaluation.protection.audit_filters import about
from evaluation.protection.audit_intervals import Intervals
from evaluation.protection.audit_joint import joint_tables
from evaluation.protection.audit_plain import (
    DIFFERENCE,
    GROUP,
    NARROW,
    UNCLEAR,
    answer_of,
    around,
    is_group,
    leak_at,
    place_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from evaluation.protection.audit import AuditPolicy
    from evaluation.protection.audit_cells import Key, Published
    from evaluation.protection.audit_equations import Equations
    from evaluation.protection.audit_plain import Place
    from evaluation.protection.release import Leak

FEW_ADDED = "few_added"
"""A kind of leak, beside those of ``audit_plain``."""
ROUND, CELL_KEY = "round", "cell_key"
CHANGING = (ROUND, CELL_KEY)
"""Methods that publish changed counts."""
LARGEST = 6000
"""Changed counts above which questions are attacked one at a time."""
WHOLE = 3000
"""Unknowns above which counts are not asked for in whole numbers."""
Ends = tuple[int, int]
"""Least and greatest true count."""


def behind(n: int, policy: AuditPolicy) -> Ends:
    """Return the true counts that a printed one can stand for, by the method's rules."""
    if policy.method == ROUND:
        far = policy.rounding_base - 1
        return max(0, n - far), n + far
    return (max(1, n - policy.threshold) if n else 0), n + policy.threshold


def is_changed(cell: Published, policy: AuditPolicy) -> bool:
    """Tell whether a cell's count is one of those that the method changes.

    Answers that could harm somebody, and how many lack an answer, but not how
    many lack what only tells who somebody is.
    """
    names = {name for text in cell.key[1] for name in about(text)}
    lacks = any(text.partition("=")[2] in MISSING for text in cell.key[1])
    if lacks and policy.sensitive != "none":
        known = policy.structure.get("known", ())
        return not all(f"{cell.key[0]}.{name}" in known for name in names)
    return not lacks and policy.minds(cell)


def read_changed(
    rows: Sequence[Mapping[str, object]],
    earlier: Sequence[Sequence[Mapping[str, object]]],
    policy: AuditPolicy,
) -> Reading:
    """Read a release of changed counts with earlier ones.

    The same persons are changed alike, so that an earlier release of most of them
    prints most of its numbers again.
    """
    far = policy.rounding_base - 1 if policy.method == ROUND else policy.threshold

    def relate(before: Mapping[object, int], now: Mapping[object, int]) -> str:
        both = [(n, now[key]) for key, n in before.items() if key in now]
        alike = [n == m for n, m in both if n and m]
        if any(n - m > 2 * far for n, m in both) or 2 * sum(alike) < len(alike) or not alike:
            return APART
        return SAME if all(n == m for n, m in both) else PART

    everyone = frozenset(policy.structure.get("everyone", ()))
    reading = read_together(rows, earlier, everyone, relate=relate)
    surveys = {cell.key[0] for cell in reading.cells}
    told = policy.structure.get("people", {})
    reading.people = {survey: n for survey, n in told.items() if survey in surveys}
    return reading


@dataclass(frozen=True, slots=True)
class Loosened:
    """A release as its reader has to take it.

    Attributes
    ----------
    reading
        Without the counts that were changed.
    ends
        Count -> what it can be, by the number printed for it.
    grown
        Counts of those added since an earlier release, of whom there is one at least.
    """

    reading: Reading
    ends: dict[Key, Ends]
    grown: frozenset[Key] = frozenset()

    def low(self, key: Key) -> int:
        """Return the least that a count can be by its print alone."""
        return self.ends[key][0] if key in self.ends else 0


def loosened(reading: Reading, policy: AuditPolicy, *, is_doubtful: bool = False) -> Loosened:
    """Take every changed count for what it can stand for.

    That a kind of missing is printed as nobody at all is taken at its word: the
    reader is given that much more than the rules say, unless doubtful.
    """
    nobody = frozenset() if is_doubtful else _nobody(reading)
    ends: dict[Key, Ends] = {}
    cells = []
    for cell in reading.cells:
        if cell.n is None or not is_changed(cell, policy):
            cells.append(cell)
            continue
        if (cell.key[0], cell.row_var, cell.row_code) in nobody:
            cells.append(replace(cell, n=0, percent=None, base_n=None))
            continue
        low, high = behind(cell.n, policy)
        before = ends.get(cell.key, (low, high))
        ends[cell.key] = max(low, before[0]), min(high, before[1])
        cells.append(replace(cell, n=None, percent=None, base_n=None, status=MUTE))
    return Loosened(replace(reading, cells=cells), ends, _grown(reading, policy))


def _grown(reading: Reading, policy: AuditPolicy) -> frozenset[Key]:
    """Return what grew: noise is the same for the same persons, so that another print is others.

    A print that is no more than its base may be cut off there, and rounding may
    have moved a count so that sums are kept: neither says anything.
    """
    if policy.method != CELL_KEY:
        return frozenset()
    prints = {
        cell.key: cell.n for cell in reading.cells if cell.n is not None and cell.n != cell.base_n
    }
    grown = set()
    for (survey, stated), n in prints.items():
        for text in (text for text in stated if text.startswith(MARK)):
            rest = stated - {text}
            now = prints.get((survey, rest))
            if now is not None and now != n:
                grown.add((survey, rest | {f"not {text}"}))
    return frozenset(grown)


def _nobody(reading: Reading) -> frozenset[tuple[str, str, str]]:
    """Return the kinds of missing that the table of all respondents says nobody has."""
    return frozenset(
        (cell.key[0], cell.row_var, cell.row_code)
        for cell in reading.cells
        if cell.is_missing and cell.n == 0 and not cell.context[1]
    )


def systems(known: Loosened, policy: AuditPolicy) -> Iterator[Equations]:
    """Yield what must add up: the printed sums, then tables of several questions at once.

    Very many counts are taken one question at a time, each with what is told of who people are.
    """
    for reading in _parts(known, policy):
        equations = write_equations(reading, policy.structure)
        for key, (low, high) in known.ends.items():
            equations.low[key] = max(equations.low.get(key, 0.0), float(low))
            equations.high[key] = min(equations.high.get(key, float(high)), float(high))
        equations.low.update(dict.fromkeys(known.grown, 1.0))
        equations.values.update(reading.told)
        yield equations
        yield from joint_tables(reading, equations, policy.structure)


def _parts(known: Loosened, policy: AuditPolicy) -> Iterator[Reading]:
    if len(known.ends) <= LARGEST:
        yield known.reading
        return
    told = frozenset(policy.structure.get("known", ()))
    about: dict[tuple[str, str], list[Published]] = {}
    common = []
    for cell in known.reading.cells:
        if f"{cell.key[0]}.{cell.question}" in told:
            common.append(cell)
        else:
            about.setdefault((cell.key[0], cell.question), []).append(cell)
    for cells in about.values():
        yield replace(known.reading, cells=common + cells)


# --- what follows -------------------------------------------------------------------


def changed_leaks(
    reading: Reading, policy: AuditPolicy, only: frozenset[Place] | None = None
) -> list[Leak]:
    """Find the counts that come too near behind their changes; of some places only where given.

    A count has come too near where everything that it can be lies from 1 to
    below the threshold: some are there, surely, and few. Or where it may be
    small, and what it can be is narrower than the policy asks for: by
    `interval_width`, or from nobody to the greatest small number. A print that
    by itself leaves less (rounding to a small base) is as wide as it can be.
    """
    leaks: list[Leak] = []
    for is_doubtful in (False, True):
        known = loosened(reading, policy, is_doubtful=is_doubtful)
        leaks = _few_added(reading, policy)
        for equations in systems(known, policy):
            leaks += _derived(equations, known, policy, only)
        if not any(leak.code == UNCLEAR for leak in leaks):
            break
    return leaks


def _few_added(reading: Reading, policy: AuditPolicy) -> list[Leak]:
    """Find tables of a survey that has so few answers more than an earlier release.

    Every print that is another than last time is about these few.
    """
    few = {
        survey
        for (survey, _), n in reading.told.items()
        if 0 < reading.people.get(survey, 0) - n < policy.threshold
    }
    first: dict[str, Published] = {}
    for cell in reading.cells[: reading.n_own]:
        if cell.key[0] in few and cell.n is not None:
            first.setdefault(cell.table, cell)
    return [leak_at(FEW_ADDED, cell, (1, policy.threshold - 1), policy) for cell in first.values()]


def _derived(
    equations: Equations, known: Loosened, policy: AuditPolicy, only: frozenset[Place] | None
) -> list[Leak]:
    def is_asked(cell: Published) -> bool:
        return only is None or place_of(cell) in only

    most = 10 * max([known.reading.most, 1, *(high for _, high in known.ends.values())])
    solver = Intervals(equations, {}, most)
    solver.most, solver.whole_up_to = max(solver.most, float(most)), WHOLE
    asked = {
        key: cell
        for key, cell in equations.hidden.items()
        if is_asked(cell) and not cell.is_missing and policy.minds(cell)
    }
    asked = {key: c for key, c in asked.items() if known.low(key) < policy.threshold}
    solver.expect(asked, policy.interval_width)
    leaks = []
    for key, cell in asked.items():
        width = max(asked_width(known.ends.get(key), policy), policy.threshold - 1)
        found = solver.interval(key, width, policy.threshold)
        if found is None:
            continue
        if found[0] > found[1]:
            leaks.append(leak_at(UNCLEAR, cell, found, policy))
        elif is_too_near(found, known.ends.get(key), policy):
            leaks.append(leak_at(NARROW, cell, found, policy))
    leaks += _groups(equations, solver, policy, is_asked)
    for key, cell in equations.differences.items():
        if is_asked(cell) and policy.minds(cell):
            found = solver.interval(key, policy.threshold, policy.threshold)
            if found is not None and 1 <= found[0] <= found[1] < policy.threshold:
                leaks.append(leak_at(DIFFERENCE, cell, found, policy))
    return leaks


def is_too_near(found: Ends, alone: Ends | None, policy: AuditPolicy) -> bool:
    """Tell whether what a count can be is too little; ``alone`` is what its print leaves of it."""
    low, high = found
    if high == 0 or low >= policy.threshold:
        return False
    if low >= 1 and high < policy.threshold:
        return True
    asked = asked_width(alone, policy)
    return high - low < (asked if low else min(asked, policy.threshold - 1))


def asked_width(alone: Ends | None, policy: AuditPolicy) -> int:
    """Return how wide what a count can be must at least be, by what its print leaves of it.

    With a printed 0 as wide as from nobody to the greatest small number.
    """
    if alone is None:
        return policy.interval_width
    asked = policy.interval_width if alone[0] else min(policy.interval_width, policy.threshold - 1)
    return min(asked, alone[1] - alone[0])


def _groups(
    equations: Equations,
    solver: Intervals,
    policy: AuditPolicy,
    is_asked: Callable[[Published], bool],
) -> list[Leak]:
    """Find groups that must all have given one answer, unless everybody did."""
    if not policy.dominance:
        return []
    common = {
        answer_of(cell)
        for key, cell in equations.rests.items()
        if not around(cell) and _is_nobody(solver, key, policy)
    }
    leaks = []
    for key, cell in equations.rests.items():
        is_secret = is_group(cell) and policy.minds_answer(cell) and answer_of(cell) not in common
        if is_secret and is_asked(cell) and _is_nobody(solver, key, policy):
            chose = solver.interval(cell.key, 1, policy.threshold)
            if chose is None or chose[0] > 0:
                leaks.append(leak_at(GROUP, cell, (0, policy.insider), policy))
    return leaks


def _is_nobody(solver: Intervals, key: Key, policy: AuditPolicy) -> bool:
    found = solver.interval(key, policy.insider + 1, policy.threshold)
    return found is not None and found[0] <= found[1] <= policy.insider
