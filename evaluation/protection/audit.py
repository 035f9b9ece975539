"""The audit: what a stranger can derive from everything published, and whether it is too much.

Independent of the methods that make releases: tables are read back as
published, equations are written down anew, and a solver finds the least and
the greatest value of every hidden count.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.protection.audit_cells import ANY, MARK, MASKED, MUTE, NET, TOTAL
from evaluation.protection.audit_earlier import read_together, told_before
from evaluation.protection.audit_equations import MORE, Equations, write_equations
from evaluation.protection.audit_joint import joint_tables
from evaluation.protection.release import Leak

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.protection.audit_cells import Key, Published, Reading

EPSILON = 1e-6
WORTH_SWEEPING = 50
"""Counts of one part to be looked at, from which on they are first pushed together."""
MOST_SWEEPS, MOST_IDLE, IDLE = 60, 4, 0.02
"""Programs that push many counts at most; how many in a row may bring less than this share."""
NOT_HIDDEN, LEFT_STANDING, GROUP, NARROW, DIFFERENCE, UNCLEAR = (
    "small_shown",
    "number_left",
    "group_shown",
    "narrow",
    "difference",
    "unclear",
)
"""Kinds of leaks, as keys of the texts catalogue."""
Place = tuple[str, str, str, str]
"""Release ("" for the one at hand), table, row, column."""


@dataclass(frozen=True, slots=True)
class AuditPolicy:
    """The part of a policy that an audit holds a release against; defaults as in ``study.yaml``.

    Attributes
    ----------
    minimum_count, interval_width, dominance, sensitive, identifying, insider, zeros
        See ``evaluation.codebook.schema.Protection``.
    structure
        What a table does not say of itself, from the manifest.
    """

    minimum_count: int = 5
    interval_width: int = 5
    dominance: bool = True
    sensitive: Sequence[str] | str = "all"
    identifying: Sequence[str] = ()
    insider: bool = False
    zeros: Mapping[str, str] | str = "shown"
    structure: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> AuditPolicy:
        """Take from a manifest's settings what the audit needs."""
        names = [name for name in cls.__slots__ if name in settings]
        return cls(**{name: settings[name] for name in names})

    @property
    def threshold(self) -> int:
        """Smallest count that may be shown."""
        return self.minimum_count + self.insider

    def minds(self, cell: Published) -> bool:
        """Tell whether a small count of this cell's conditions could harm somebody."""
        survey = cell.key[0]
        names = {text.split("=")[0].strip("!?") for text in cell.key[1]}
        if cell.row_var in names:
            names |= {cell.question}
        full = {f"{survey}.{name}" for name in names if name}
        if any(map(self.is_sensitive, full)):
            return True
        if self.sensitive == "none":
            return False
        if len(full & set(self.identifying)) > 1:
            return True
        return self.sensitive == "all" and not any(map(self.is_answer, full))

    def is_answer(self, name: str) -> bool:
        """Tell whether a variable is an answer, not something by which a person is known."""
        return name not in self.identifying and name not in self.structure.get("known", ())

    def is_sensitive(self, name: str) -> bool:
        """Tell whether an answer could do harm: as its codebook says, else as the policy says."""
        stated = self.structure.get("sensitive", {})
        if name in stated:
            return bool(stated[name])
        if isinstance(self.sensitive, str):
            return self.sensitive == "all" and self.is_answer(name)
        return name in self.sensitive

    def minds_answer(self, cell: Published) -> bool:
        """Tell whether a group must not be known to have given one answer in the rows."""
        names = {f"{cell.key[0]}.{name}" for name in (cell.row_var, cell.question)}
        stated = self.structure.get("sensitive", {})
        own = [name for name in names if name in stated]
        if own:
            return any(stated[name] for name in own)
        return all(map(self.is_answer, names)) and any(map(self.is_sensitive, names))

    def prints_zeros(self, cell: Published) -> bool:
        """Tell whether a hidden count of this cell must be at least 1."""
        if isinstance(self.zeros, str):
            return self.zeros == "shown"
        names = {cell.question} | {text.split("=")[0] for text in cell.key[1]}
        return not any(self.zeros.get(f"{cell.key[0]}.{name}") == "hidden" for name in names)


def audit_release(
    rows: Iterable[Mapping[str, object]],
    policy: AuditPolicy,
    *,
    others: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
) -> list[Leak]:
    """Attack a release as published.

    Parameters
    ----------
    rows
        Rows of ``tables.csv``.
    policy
        What must hold.
    others
        Further releases that a reader holds: name -> rows.

    Returns
    -------
    list of Leak
        Empty where the release is safe.
    """
    return audit_together(rows, policy, list((others or {}).values())).leaks


@dataclass(frozen=True, slots=True)
class Audited:
    """What an attack found.

    Attributes
    ----------
    leaks
        What the release at hand gives away.
    known
        What earlier releases had given away: nothing can mend it.
    reading
        Everything that was attacked.
    """

    leaks: list[Leak]
    known: list[Leak]
    reading: Reading


def audit_together(
    rows: Iterable[Mapping[str, object]],
    policy: AuditPolicy,
    earlier: Sequence[Sequence[Mapping[str, object]]],
) -> Audited:
    """Attack a release as published, with earlier ones at hand; see `audit_release`."""
    everyone = frozenset(policy.structure.get("everyone", ()))
    reading = read_together(list(rows), earlier, everyone)
    leaks = _attack(reading, policy)
    places = frozenset((leak.source, leak.table, leak.row, leak.column) for leak in leaks)
    known = told_before(
        leaks,
        reading,
        lambda masked: _attack(masked, policy, places),
        min(policy.interval_width, policy.threshold - 2),
    )
    return Audited([leak for leak in leaks if leak not in known], known, reading)


def _attack(
    reading: Reading, policy: AuditPolicy, only: frozenset[Place] | None = None
) -> list[Leak]:
    """Find what follows from a reading; of some places only where these are given."""
    leaks = _plain_leaks(reading, policy)
    equations = write_equations(reading, policy.structure)
    leaks += _derive(equations, reading, policy, only)
    for joint in joint_tables(reading, equations, policy.structure):
        leaks += _derive(joint, reading, policy, only)
    return sorted(
        dict.fromkeys(leaks), key=lambda leak: (leak.table, leak.row, leak.column, leak.code)
    )


# --- what is plain to see -----------------------------------------------------------


def _plain_leaks(reading: Reading, policy: AuditPolicy) -> list[Leak]:
    """Small counts shown, numbers left beside hidden counts, groups that all gave one answer."""
    leaks = []
    options = _option_counts(reading)
    common = _common(reading, policy)
    for cell in reading.cells:
        if not policy.minds(cell):
            continue
        if cell.n is None:
            if cell.base_n is not None or cell.percent is not None:
                leaks.append(_leak(LEFT_STANDING, cell, (0, 0), policy))
            continue
        if 0 < cell.n < policy.threshold:
            leaks.append(_leak(NOT_HIDDEN, cell, (cell.n, cell.n), policy))
        is_group = (
            policy.dominance
            and policy.minds_answer(cell)
            and cell.is_option
            and options[cell.table, cell.row_var] > 1
            and cell.base_n is not None
            and cell.n >= max(1, cell.base_n - policy.insider)
            and _is_group(cell)
            and _answer(cell) not in common
            and policy.structure.get("percents", {}).get(cell.table, "column") == "column"
        )
        if is_group:
            leaks.append(_leak(GROUP, cell, (cell.n, cell.n), policy))
    return leaks


def _around(cell: Published) -> list[str]:
    """Return all conditions of a column or filter, earlier releases aside."""
    return [text for text in cell.context[1] if not text.startswith(MARK)]


def _answer(cell: Published) -> tuple[str, ...]:
    """Return what a row says, and of which release."""
    marks = sorted(text for text in cell.context[1] if text.startswith(MARK))
    return (cell.key[0], cell.row_var, cell.row_code, *marks)


def _place(cell: Published) -> Place:
    column = f"{cell.col_var}:{cell.col_code}".lstrip(":")
    return cell.source, cell.table, f"{cell.row_var}:{cell.row_code}", column


def _common(reading: Reading, policy: AuditPolicy) -> set[tuple[str, ...]]:
    """Return answers that everybody gave, as their own table shows: no secret of any group."""
    return {
        _answer(cell)
        for cell in reading.cells
        if not _around(cell) and cell.base_n and (cell.n or 0) >= cell.base_n - policy.insider
    }


def _is_group(cell: Published) -> bool:
    """Tell whether a column or filter singles out the persons of a cell's base."""
    around = [text for text in _around(cell) if not text.endswith(f"={ANY}")]
    return bool(around) and not any(text.startswith(f"{cell.row_var}=") for text in around)


def _option_counts(reading: Reading) -> dict[tuple[str, str], int]:
    options: dict[tuple[str, str], set[str]] = {}
    for cell in reading.cells:
        found = options.setdefault((cell.table, cell.row_var), set())
        if cell.is_option:
            found.add(cell.row_code)
    return {place: len(found) for place, found in options.items()}


def _leak(code: str, cell: Published, found: tuple[int, int], policy: AuditPolicy) -> Leak:
    source, table, row, column = _place(cell)
    return Leak(
        code=code,
        table=table,
        row=row,
        column=column,
        low=found[0],
        high=found[1],
        required=policy.interval_width,
        source=source,
    )


# --- what follows -------------------------------------------------------------------


def _derive(
    equations: Equations,
    reading: Reading,
    policy: AuditPolicy,
    only: frozenset[Place] | None = None,
) -> list[Leak]:
    """Attack with as much knowledge of zeros as the numbers allow."""
    leaks: list[Leak] = []
    if only is not None:
        equations = replace(
            equations,
            hidden={k: c for k, c in equations.hidden.items() if _place(c) in only},
            differences={k: c for k, c in equations.differences.items() if _place(c) in only},
            rests={k: c for k, c in equations.rests.items() if _place(c) in only},
        )
    for doubt in (0, 1, 2):
        lower = _lower_bounds(equations, reading, policy, doubt)
        leaks = _derive_with(equations, reading, lower, policy)
        if not any(leak.code == UNCLEAR for leak in leaks):
            break
    return leaks


def _derive_with(
    equations: Equations, reading: Reading, lower: Mapping[Key, float], policy: AuditPolicy
) -> list[Leak]:
    """Find the interval of every hidden count and of every difference."""
    solver = _Intervals(equations, lower, policy.threshold + 2 * policy.interval_width)
    solver.most = max(solver.most, float(reading.most))
    solver.expect(equations.hidden, policy.interval_width)
    solver.expect(equations.rests, policy.insider + 1)
    solver.expect(equations.differences, policy.threshold)
    leaks = []
    for key, cell in equations.hidden.items():
        if cell.is_missing or not policy.minds(cell):
            continue
        # from somebody to everybody is all that can be hidden of a count in a tiny survey
        low = max(solver.lower.get(key, 0.0), 1.0)
        width = min(policy.interval_width, solver.most - low)
        found = solver.interval(key, width, policy.threshold)
        if found is None:
            continue
        if found == (0, 0) and policy.prints_zeros(cell):
            continue  # nobody: no secret where zeros are printed; groups are looked at apart
        code = UNCLEAR if found[0] > found[1] else NARROW
        leaks.append(_leak(code, cell, found, policy))
    leaks += _groups(equations, solver, policy, _common(reading, policy))
    for key, cell in equations.differences.items():
        if policy.minds(cell):
            found = solver.interval(key, policy.threshold, policy.threshold)
            if found is not None and 1 <= found[0] <= found[1] < policy.threshold:
                leaks.append(_leak(DIFFERENCE, cell, found, policy))
    return leaks


def _groups(
    equations: Equations,
    solver: _Intervals,
    policy: AuditPolicy,
    common: set[tuple[str, ...]],
) -> list[Leak]:
    """Find groups that must all have given one answer: nobody can be left for another."""
    leaks = []
    for key, cell in equations.rests.items():
        if not _around(cell) and cell.is_option:
            found = solver.interval(key, policy.insider + 1, policy.threshold)
            if found is not None and found[1] <= policy.insider:
                common.add(_answer(cell))
    for key, cell in equations.rests.items():
        if _answer(cell) in common:
            continue  # everybody gave this answer: that is the result, not a secret of the group
        if policy.dominance and policy.minds_answer(cell) and _is_group(cell):
            found = solver.interval(key, policy.insider + 1, policy.threshold)
            if found is None or found[1] > policy.insider:
                continue
            if solver.interval(cell.key, 1, policy.threshold) != (0, 0):  # else nobody answered
                leaks.append(_leak(GROUP, cell, found, policy))
    return leaks


def _lower_bounds(
    equations: Equations, reading: Reading, policy: AuditPolicy, doubt: int
) -> dict[Key, float]:
    """A hidden count is at least 1 where zeros are printed.

    Where every shown option of a column is zero, or a sum of options is hidden
    too, a hidden one may be zero: the rule against groups that all gave one
    answer hides zeros there. A reader whose assumptions contradict the numbers
    doubts them: first that hidden answers are none of them zero, then all.
    """
    if doubt > 1:
        return {}
    said = {c.key for c in reading.cells if c.n is None and c.status != MUTE}
    has_shown: set[tuple[tuple[str, str], str, Key]] = set()
    nets: dict[tuple[tuple[str, str], str, Key], list[list[str]]] = {}
    for cell in reading.cells:
        place = ((cell.source, cell.table), cell.row_var, cell.context)
        if cell.is_option and (cell.n or cell.status == MASKED):
            has_shown.add(place)
        if cell.row_code.startswith(NET) and cell.n is None and cell.status != MASKED:
            nets.setdefault(place, []).append(cell.row_code.removeprefix(NET).split("+"))
    lower = {}
    for key, cell in equations.hidden.items():
        place = ((cell.source, cell.table), cell.row_var, cell.context)
        is_open = (
            policy.dominance
            and cell.is_option
            and (place not in has_shown or any(cell.row_code not in n for n in nets.get(place, ())))
        )
        if not cell.is_missing and policy.prints_zeros(cell) and key in said:
            is_doubtful = doubt and policy.dominance and cell.row_code != TOTAL
            lower[key] = 0.0 if is_open or is_doubtful else 1.0
    return lower


class _Intervals:
    """Least and greatest values of unknown counts, part by part."""

    def __init__(self, equations: Equations, lower: Mapping[Key, float], untold: int) -> None:
        self.values: dict[Key, float] = dict(equations.values)
        self.lower = lower
        self.low, self.high = equations.low, equations.high
        self.equations = equations.equations
        self._of: dict[Key, list[int]] = {}
        for number, equation in enumerate(self.equations):
            for key in equation:
                self._of.setdefault(key, []).append(number)
        self._solve_singles()
        universe = [n for key, n in self.values.items() if not key[1]]
        # where no table tells how many answered, a reader has no upper bound
        self.most = float(max([*universe, *equations.values.values(), 1 if universe else untold]))
        self._programs: dict[Key, _Program] = {}
        self._expected: dict[Key, int] = {}

    def expect(self, keys: Iterable[Key], width: int) -> None:
        """Say beforehand what is going to be asked, so that it can be answered together."""
        for key in keys:
            self._expected[key] = max(width, self._expected.get(key, 0))

    def interval(self, key: Key, width: float, enough: int) -> tuple[int, int] | None:
        """Return the interval of a count if it is narrower than asked for, else None.

        A count known to be at least ``enough`` is no secret, however narrow.
        """
        if key in self.values:
            value = round(self.values[key])
            return (value, value) if value < enough and width > 0 else None
        program = self._program(key)
        return None if program is None else program.interval(key, width, enough)

    def _solve_singles(self) -> None:
        """Work out counts that one equation tells by itself, again and again."""
        todo = list(range(len(self.equations)))
        while todo:
            equation = self.equations[todo.pop()]
            unknown = [key for key in equation if key not in self.values]
            if len(unknown) == 1:
                key = unknown[0]
                rest = sum(c * self.values[k] for k, c in equation.items() if k != key)
                self.values[key] = -rest / equation[key]
                todo += self._of[key]

    def _program(self, key: Key) -> _Program | None:
        if key not in self._programs:
            members, numbers = self._part(key)
            program = _Program(self, members, numbers)
            program.sweep({k: self._expected[k] for k in members if k in self._expected})
            self._programs |= dict.fromkeys(members, program)
        return self._programs[key]

    def _part(self, start: Key) -> tuple[list[Key], list[int]]:
        """Return everything unknown that hangs together with a count, and the equations."""
        members, numbers = {start: None}, dict.fromkeys(self._of.get(start, ()))
        todo = list(numbers)
        while todo:
            for key in self.equations[todo.pop()]:
                if key not in self.values and key not in members:
                    members[key] = None
                    new = [number for number in self._of[key] if number not in numbers]
                    numbers |= dict.fromkeys(new)
                    todo += new
        return list(members), list(numbers)


class _Program:
    """One part as a linear program, warm from objective to objective."""

    def __init__(self, whole: _Intervals, members: list[Key], numbers: list[int]) -> None:
        import highspy

        self.place = {key: i for i, key in enumerate(members)}
        self.counts = np.array([not _is_slack(key) for key in members])
        n = len(members)
        low = [max(whole.lower.get(k, 0.0), whole.low.get(k, 0.0)) for k in members]
        high = [whole.high.get(k, _most(k, whole.most)) for k in members]
        starts, index, value, rhs = [0], [], [], []
        for number in numbers:
            known = 0.0
            for key, coefficient in whole.equations[number].items():
                if key in whole.values:
                    known += coefficient * whole.values[key]
                else:
                    index.append(self.place[key])
                    value.append(coefficient)
            starts.append(len(index))
            rhs.append(-known)
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = n, len(numbers)
        lp.col_cost_ = np.zeros(n)
        lp.col_lower_, lp.col_upper_ = np.array(low), np.array(high, dtype=float)
        lp.row_lower_ = lp.row_upper_ = np.array(rhs)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array(starts, dtype=np.int32)
        lp.a_matrix_.index_ = np.array(index, dtype=np.int32)
        lp.a_matrix_.value_ = np.array(value)
        solver.passModel(lp)
        solver.setOptionValue("simplex_strategy", 4)
        self.solver, self.n = solver, n
        self.seen_low = np.full(n, np.inf)
        self.seen_high = np.full(n, -np.inf)

    def sweep(self, wanted: Mapping[Key, int]) -> None:
        """Look for values far apart for many counts at once.

        Each program pushes all counts that have not been seen so wide, at random up or
        down; its solution in whole numbers is one that a reader must hold possible.
        Only what is left is worth programs of its own.
        """
        if len(wanted) < WORTH_SWEEPING:
            return
        places = np.array([self.place[key] for key in wanted], dtype=np.int32)
        width = np.array(list(wanted.values()), dtype=float)
        random = np.random.default_rng(0)
        open_ = np.ones(len(places), dtype=bool)
        idle = 0
        for _ in range(MOST_SWEEPS):
            pushed = places[open_]
            self.solver.changeColsCost(len(pushed), pushed, random.choice([-1.0, 1.0], len(pushed)))
            is_solved = self._solve() is not None
            self.solver.changeColsCost(len(pushed), pushed, np.zeros(len(pushed)))
            before = int(open_.sum())
            open_ = self.seen_high[places] - self.seen_low[places] < width
            idle = 0 if before - open_.sum() > before * IDLE else idle + 1
            if not is_solved or not open_.any() or idle > MOST_IDLE:
                return

    def interval(self, key: Key, width: float, enough: int) -> tuple[int, int] | None:
        """See `_Intervals.interval`."""
        at = self.place[key]
        if self.seen_high[at] - self.seen_low[at] >= width:
            return None
        low = self._extreme(at, 1.0)
        if low is None:
            return 1, 0
        if low >= enough - EPSILON or self.seen_high[at] - self.seen_low[at] >= width:
            return None
        high = self._extreme(at, -1.0)
        if high is None or high - low < width - EPSILON:
            ends = (int(np.ceil(low - EPSILON)), int(np.floor((high or 0.0) + EPSILON)))
            return (ends[0], max(ends))
        if self.seen_high[at] - self.seen_low[at] < width:
            self._in_whole_numbers(at)
        if self.seen_high[at] - self.seen_low[at] < width:
            return int(self.seen_low[at]), int(self.seen_high[at])
        return None

    def _extreme(self, at: int, sign: float) -> float | None:
        self.solver.changeColCost(at, sign)
        values = self._solve()
        self.solver.changeColCost(at, 0.0)
        return None if values is None else float(values[at])

    def _solve(self) -> NDArray[np.float64] | None:
        import highspy

        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        values = np.array(self.solver.getSolution().col_value)
        self._note(values)
        return values

    def _in_whole_numbers(self, at: int) -> None:
        import highspy

        places = np.flatnonzero(self.counts).astype(np.int32)
        for kind, signs in (
            (highspy.HighsVarType.kInteger, (1.0, -1.0)),
            (highspy.HighsVarType.kContinuous, ()),
        ):
            self.solver.changeColsIntegrality(len(places), places, np.full(len(places), kind))
            for sign in signs:
                self._extreme(at, sign)

    def _note(self, values: NDArray[np.float64]) -> None:
        whole = np.round(values)
        if np.abs(values - whole)[self.counts].max() < EPSILON:
            np.minimum(self.seen_low, whole, out=self.seen_low)
            np.maximum(self.seen_high, whole, out=self.seen_high)


def _most(key: Key, most: float) -> float:
    """Return the most that a count can be; several answers can be more than persons."""
    return np.inf if any(text.startswith(MORE) for text in key[1]) else most


def _is_slack(key: Key) -> bool:
    """Tell whether a variable is no count but what rounding leaves open."""
    return "percent slack" in key[1]
