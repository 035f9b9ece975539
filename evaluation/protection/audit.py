"""The audit: what a stranger can derive from everything published, and whether it is too much.

Independent of the methods that make releases: tables are read back as
published, equations are written down anew, and a solver finds the least and
the greatest value of every hidden count.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from evaluation.protection.audit_cells import MASKED, MUTE, NET, TOTAL
from evaluation.protection.audit_changed import CHANGING, changed_leaks, read_changed
from evaluation.protection.audit_earlier import read_together, told_before, told_by_earlier
from evaluation.protection.audit_equations import Equations, write_equations
from evaluation.protection.audit_filters import about, name_filtered
from evaluation.protection.audit_intervals import Intervals
from evaluation.protection.audit_joint import joint_tables
from evaluation.protection.audit_plain import (
    DIFFERENCE,
    GROUP,
    NARROW,
    UNCLEAR,
    Place,
    answer_of,
    around,
    common_answers,
    is_group,
    leak_at,
    place_of,
    plain_leaks,
)
from evaluation.protection.audit_sizes import informed, with_sizes
from evaluation.protection.audit_weighted import Seen, attack_weighted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evaluation.protection.audit_cells import Key, Published, Reading
    from evaluation.protection.audit_sheets import Beside
    from evaluation.protection.audit_weighted_program import Figure
    from evaluation.protection.release import Leak
    from evaluation.protection.weight_classes import WeightClasses


@dataclass(frozen=True, slots=True)
class AuditPolicy:
    """The part of a policy that an audit holds a release against; defaults as in ``study.yaml``.

    Attributes
    ----------
    minimum_count, interval_width, dominance, sensitive, identifying, insider, zeros, method,
    rounding_base
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
    method: str = "suppress"
    rounding_base: int = 5
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
        names = {name for text in cell.key[1] for name in about(text)}
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
        names = {cell.question, *(name for text in cell.key[1] for name in about(text))}
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
    figures
        Weighted figures without which less would follow.
    by_size
        Leaks that follow for who knows how many are in groups by which weights go.
    """

    leaks: list[Leak]
    known: list[Leak]
    reading: Reading
    figures: frozenset[Figure] = frozenset()
    by_size: frozenset[Leak] = frozenset()


def audit_together(
    rows: Iterable[Mapping[str, object]],
    policy: AuditPolicy,
    earlier: Sequence[Sequence[Mapping[str, object]]],
    beside: Beside | None = None,
    *,
    weights: Sequence[WeightClasses] = (),
    seen: Seen | None = None,
) -> Audited:
    """Attack a release as published, with earlier ones at hand; see `audit_release`.

    Parameters
    ----------
    rows, policy
        See `audit_release`.
    earlier
        Rows of earlier releases.
    beside
        What tables tell whose rows were left out because nothing in them can matter;
        see ``audit_screen``.
    weights
        Those that the reader knows; others are read from weighted tables.
    seen
        What audits of the same release before have found of weighted figures. What
        counts tell is then looked at once weighted figures tell nothing.
    """
    if policy.method in CHANGING:
        return _changed_together(list(rows), policy, earlier)
    everyone = frozenset(policy.structure.get("everyone", ()))
    waves = policy.structure.get("waves", {})
    reading = read_together(list(rows), earlier, everyone, beside, waves=waves)
    told = attack_weighted(
        reading,
        policy,
        lambda equations, doubt: _lower_bounds(equations, reading, policy, doubt),
        weights,
        seen,
    )
    if told.figures and seen:
        return Audited(told.leaks, [], reading, told.figures)
    left, known = _found_in(reading, policy)
    knowing = with_sizes(reading, weights)
    by_size: frozenset[Leak] = frozenset()
    if knowing is not None:
        reading = knowing
        both = informed(left, _found_in(reading, policy)[0])
        left, by_size = both, frozenset(both) - frozenset(left)
    return Audited([*told.leaks, *left], known, reading, told.figures, by_size)


def _found_in(reading: Reading, policy: AuditPolicy) -> tuple[list[Leak], list[Leak]]:
    """Return what a release at hand gives away, and what the reader knew without it."""
    leaks = _attack(reading, policy)
    if reading.nearly and any(leak.code == UNCLEAR for leak in leaks):
        reading.nearly.clear()  # more has been changed than the figures that are shown tell
        leaks = _attack(reading, policy)
    places = frozenset((leak.source, leak.table, leak.row, leak.column) for leak in leaks)
    known = told_before(
        leaks,
        reading,
        lambda masked: _attack(masked, policy, places),
        min(policy.interval_width, policy.threshold - 2),
    )
    return [leak for leak in leaks if leak not in known], known


def _changed_together(
    rows: Sequence[Mapping[str, object]],
    policy: AuditPolicy,
    earlier: Sequence[Sequence[Mapping[str, object]]],
) -> Audited:
    """Attack changed counts, with those earlier releases that can be of the same persons."""
    reading = read_changed(rows, earlier, policy)
    leaks = _attack(reading, policy)
    if earlier and any(leak.code == UNCLEAR for leak in leaks):
        reading = read_changed(rows, (), policy)
        leaks = _attack(reading, policy)
    places = frozenset((leak.source, leak.table, leak.row, leak.column) for leak in leaks)
    known = told_by_earlier(leaks, reading, lambda masked: _attack(masked, policy, places))
    return Audited([leak for leak in leaks if leak not in known], known, reading)


def _attack(
    reading: Reading, policy: AuditPolicy, only: frozenset[Place] | None = None
) -> list[Leak]:
    """Find what follows from a reading; of some places only where these are given."""
    if policy.method in CHANGING:
        return _in_order(changed_leaks(reading, policy, only))
    leaks = plain_leaks(reading, policy)
    name_filtered(reading, policy.structure)
    equations = write_equations(reading, policy.structure)
    leaks += _derive(equations, reading, policy, only)
    for joint in joint_tables(reading, equations, policy.structure):
        leaks += _derive(joint, reading, policy, only)
    return _in_order(leaks)


def _in_order(leaks: Iterable[Leak]) -> list[Leak]:
    return sorted(
        dict.fromkeys(leaks), key=lambda leak: (leak.table, leak.row, leak.column, leak.code)
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
            hidden={k: c for k, c in equations.hidden.items() if place_of(c) in only},
            differences={k: c for k, c in equations.differences.items() if place_of(c) in only},
            rests={k: c for k, c in equations.rests.items() if place_of(c) in only},
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
    solver = Intervals(equations, lower, policy.threshold + 2 * policy.interval_width)
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
        leaks.append(leak_at(code, cell, found, policy))
        if code == UNCLEAR and lower:
            return leaks  # assumptions that contradict the numbers; the next are fewer
    leaks += _groups(equations, solver, policy, common_answers(reading, policy))
    for key, cell in equations.differences.items():
        if policy.minds(cell):
            found = solver.interval(key, policy.threshold, policy.threshold)
            if found is not None and 1 <= found[0] <= found[1] < policy.threshold:
                leaks.append(leak_at(DIFFERENCE, cell, found, policy))
    return leaks


def _groups(
    equations: Equations,
    solver: Intervals,
    policy: AuditPolicy,
    common: set[tuple[str, ...]],
) -> list[Leak]:
    """Find groups that must all have given one answer: nobody can be left for another."""
    leaks = []
    for key, cell in equations.rests.items():
        if not around(cell) and cell.is_option:
            found = solver.interval(key, policy.insider + 1, policy.threshold)
            if found is not None and found[1] <= policy.insider:
                common.add(answer_of(cell))
    for key, cell in equations.rests.items():
        if answer_of(cell) in common:
            continue  # everybody gave this answer: that is the result, not a secret of the group
        if policy.dominance and policy.minds_answer(cell) and is_group(cell):
            found = solver.interval(key, policy.insider + 1, policy.threshold)
            if found is None or found[1] > policy.insider:
                continue
            if solver.interval(cell.key, 1, policy.threshold) != (0, 0):  # else nobody answered
                leaks.append(leak_at(GROUP, cell, found, policy))
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
