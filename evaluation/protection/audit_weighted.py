"""Weighted figures attacked: how those counted are composed, from all tables of a question.

A stranger who knows the weight of each class writes every count of a question
as a sum over classes. What adds up does so class by class, and every weighted
count and percent is an interval for a sum of weights. Linear programs then
tell how many of a class there can be in a count, and how large a hidden count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.protection.audit_equations import write_equations
from evaluation.protection.audit_weighted_index import Index
from evaluation.protection.audit_weighted_program import Figure
from evaluation.protection.audit_weighted_question import (
    COUNT,
    SHARE,
    Question,
    following,
)
from evaluation.protection.audit_weights import weights_read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from evaluation.protection.audit import AuditPolicy
    from evaluation.protection.audit_cells import Key, Published, Reading
    from evaluation.protection.audit_equations import Equations
    from evaluation.protection.release import Leak
    from evaluation.protection.weight_classes import WeightClasses

LARGEST = 40_000
"""Unknowns of one question above which it is left alone."""
FAR = 20
"""Counts times classes, in multiples of that, above which unknowns are not even listed."""
TOGETHER = 60_000
"""Unknowns of all questions from which on no further one is attacked."""


@dataclass(frozen=True, slots=True)
class Told:
    """What weighted figures give away.

    Attributes
    ----------
    leaks
        Hidden counts that are known too closely, and counts in which there must
        be a few of some class.
    figures
        Weighted figures without which that would not follow: as few as may be.
    """

    leaks: list[Leak]
    figures: frozenset[Figure]


def attack_weighted(
    reading: Reading,
    policy: AuditPolicy,
    assumed: Callable[[Equations, int], Mapping[Key, float]],
    known: Sequence[WeightClasses] = (),
    seen: Seen | None = None,
) -> Told:
    """Attack the weighted figures of a release.

    Parameters
    ----------
    reading
        All cells; those of earlier releases are not used.
    policy
        What must hold.
    assumed
        Least values of hidden counts, the fewer assumed the greater the doubt (0 to 2).
    known
        Weights that the stranger knows; others are read from the tables.
    seen
        What was found before about questions of which the same was published; grows.
    """
    if not any(cell.weight for cell in reading.cells[: reading.n_own]):
        return Told([], frozenset())
    equations = write_equations(reading, policy.structure)
    lowers = [assumed(equations, doubt) for doubt in (0, 1, 2)]
    leaks: dict[Leak, frozenset[Figure]] = {}
    for classes in known or weights_read(reading, policy.structure):
        if not classes.variables:
            continue  # the weight goes by nothing that anybody knows of a respondent
        cells = [c for c in reading.cells[: reading.n_own] if c.key[0] == classes.survey]
        index = Index.of(cells, equations)
        left = TOGETHER
        for name in _questions(cells, classes, policy):
            if left <= 0 or len({c.key for c in index.cells[name]}) * classes.n > FAR * LARGEST:
                continue
            question = Question(name, index, equations, classes, policy, lowers)
            if question.size <= LARGEST:
                leaks |= seen.leaks(question) if seen else question.leaks()
                left -= question.size
    most = 2 ** (seen.turn // 2) if seen else 1
    if seen:
        seen.turn += 1
    return Told(list(leaks), _cover(list(leaks.values()), cells_of(reading), most))


def _questions(
    cells: Sequence[Published], classes: WeightClasses, policy: AuditPolicy
) -> list[str]:
    """Return the questions with weighted figures, those that hide something or show least first.

    Questions that only those are asked who gave some answer come with that one.
    """
    names = dict.fromkeys(c.row_var for c in cells if c.weight == classes.weight)
    after = {f for n in names for f in following(n, classes.survey, policy.structure)}
    least: dict[str, int] = {}
    for cell in cells:
        if not cell.is_missing and cell.n != 0:
            least[cell.row_var] = min(cell.n or 0, least.get(cell.row_var, cell.n or 0))
    return sorted((n for n in names if n not in after), key=lambda name: least.get(name, 0))


class Seen:
    """What was found of each question, from audit to audit of one release.

    The longer it takes, the more figures at a time are asked to go.
    """

    def __init__(self) -> None:
        self.turn = 0
        self._found: dict[object, dict[Leak, frozenset[Figure]]] = {}

    def leaks(self, question: Question) -> dict[Leak, frozenset[Figure]]:
        """Return what is found of a question, looked for only where it is not the same."""
        shown = tuple(
            (c.table, c.key, c.weight, c.n, c.wn, c.percent, c.base_n) for c in question.cells
        )
        about = (question.name, question.classes.weight, shown)
        if about not in self._found:
            self._found[about] = question.leaks()
        return self._found[about]


def cells_of(reading: Reading) -> dict[Figure, int]:
    """Return how many persons each weighted figure is about."""
    return {
        Figure(*cell.place, kind): cell.n or 0
        for cell in reading.cells[: reading.n_own]
        if cell.weight
        for kind in (COUNT, SHARE)
    }


def _cover(
    wanted: list[frozenset[Figure]], persons: Mapping[Figure, int], most: int
) -> frozenset[Figure]:
    """Choose figures so that every leak loses some: those that many rest on, of few persons."""
    chosen: set[Figure] = set()
    while True:
        left = [one - chosen for one in wanted if len(one & chosen) < min(most, len(one))]
        uses: dict[Figure, int] = {}
        for figure in (figure for one in left for figure in one):
            uses[figure] = uses.get(figure, 0) + 1
        if not uses:
            return frozenset(chosen)
        chosen.add(min(uses, key=lambda f: (-uses[f], f.kind != COUNT, persons.get(f, 0), f)))
