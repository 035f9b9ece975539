"""Which weighted figures are withheld: those that tell how few of a class are in a count.

Weights that bring groups to known sizes (units, ages) are no secret: whoever
knows how many a group is and how many of it answered knows its weight. A
weighted count beside its count is then one equation more about who was
counted; so is a weighted percent, its base being known. The unweighted count
stays; its weighted count is withheld first, then its percent.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evaluation.protection.catalogue import IMPOSSIBLE
from evaluation.protection.events import MISSING_KINDS, parent_variable
from evaluation.protection.further import Left
from evaluation.protection.mixes import Group, groups_of, hidden_range, otherwise, tells_few
from evaluation.protection.weights_in_tables import weights_in_tables
from evaluation.rounding import round_half_up

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.protection.catalogue import Catalogue
    from evaluation.protection.events import Event, Literal
    from evaluation.protection.release import ProtectedTable
    from evaluation.protection.rules import Rules
    from evaluation.protection.weight_classes import WeightClasses
    from evaluation.tables.table import Cell, Table

Parts = list[tuple["NDArray[np.bool_]", int]]
MOST_PROGRAMS = 3000
"""Integer programs for one weight, after which figures that are not likely to be safe go."""


class Weighing(NamedTuple):
    """A weight as a reader knows it, and what the answers say of each cell.

    Attributes
    ----------
    classes
        Who has which weight.
    groups
        Groups of classes.
    counts
        Table -> rows × columns × groups: how many of each group are in each cell.
    """

    classes: WeightClasses
    groups: tuple[Group, ...]
    counts: Mapping[int, NDArray[np.int64]]


class Sums(NamedTuple):
    """Counts of which a weighted figure is withheld though the count is shown.

    Attributes
    ----------
    counts
        Those without weighted count.
    shares
        Those without weighted percent.
    left
        Count in which there are few of some group -> how many ways its figures leave
        to compose it otherwise, see ``further``.
    """

    counts: frozenset[int] = frozenset()
    shares: frozenset[int] = frozenset()
    left: Mapping[int, Left] = MappingProxyType({})


NOTHING = Sums()


@dataclass(slots=True)
class _Figure:
    """What is printed of one count: ends of the sum of weights."""

    n: int
    count: tuple[float, float]
    share: tuple[float, float] = (-np.inf, np.inf)

    @property
    def together(self) -> tuple[float, float]:
        return max(self.count[0], self.share[0]), min(self.count[1], self.share[1])

    def without(self, is_uncounted: bool, is_unshared: bool) -> tuple[int, float, float]:
        """Return persons, and the ends of what is left where a figure is withheld."""
        never = (-np.inf, np.inf)
        count, share = never if is_uncounted else self.count, never if is_unshared else self.share
        return self.n, max(count[0], share[0]), min(count[1], share[1])


@dataclass(slots=True)
class _Known:
    """One weight and the counts of which it gives figures."""

    weighing: Weighing
    figures: dict[int, _Figure] = field(default_factory=dict)
    few: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Group -> counts in which there are few of it."""


def weights_tell(tables: Iterable[Table | ProtectedTable], weighings: Sequence[Weighing]) -> bool:
    """Tell whether weighted figures can say who was counted.

    They cannot where a weight goes by nothing that anybody knows of a respondent.
    """
    silent = {
        (classes.survey, classes.weight)
        for classes, groups, _ in weighings
        if not classes.variables and not groups
    }
    return any(t.spec.weight and (t.spec.survey, t.spec.weight) not in silent for t in tables)


def withheld_sums(
    tables: Sequence[Table],
    catalogue: Catalogue,
    hidden: Collection[int],
    rules: Rules,
    weighings: Sequence[Weighing] = (),
) -> Sums:
    """Find the weighted figures that tell too much.

    Parameters
    ----------
    tables
        The release.
    catalogue
        Its distinct counts.
    hidden
        Positions of hidden counts.
    rules
        What is small, and of what.
    weighings
        What a reader knows of weights; where it is not given it is read from tables
        with the weight's groups in their columns.
    """
    if not weights_tell(tables, weighings):
        return NOTHING
    listed = list(weighings) or [
        Weighing(classes, groups_of(classes), {})
        for classes in weights_in_tables(tables, catalogue)
    ]
    counts: set[int] = set()
    shares: set[int] = set()
    left: dict[int, Left] = {}
    for weighing in listed:
        judge = _Judge(_known(tables, catalogue, hidden, rules, weighing), catalogue, hidden, rules)
        told = judge.told("together")
        by_share = judge.told("share", told)
        by_count = judge.told("count", told)
        counts |= told - (by_share - by_count)
        shares |= by_share
        left |= judge.left(counts, shares)
    return Sums(frozenset(counts), frozenset(shares), left)


# --- what is printed ------------------------------------------------------------------


def _known(
    tables: Sequence[Table],
    catalogue: Catalogue,
    hidden: Collection[int],
    rules: Rules,
    weighing: Weighing,
) -> _Known:
    known = _Known(weighing)
    about = (weighing.classes.survey, weighing.classes.weight)
    for number, table in enumerate(tables):
        if (table.spec.survey, table.spec.weight) != about:
            continue
        for i, row in enumerate(table.rows):
            for j, at in enumerate(catalogue.cells[number][i]):
                cell = table.cells[i][j]
                if at == IMPOSSIBLE or at in hidden or not cell.n:
                    continue
                has_share = (
                    row.code not in MISSING_KINDS
                    and catalogue.bases[number][i][j] not in {*hidden, at}
                    and cell.base_n >= rules.policy.minimum_base
                )
                _add(known.figures, at, cell, table.spec.decimals if has_share else None)
                if number in weighing.counts:
                    few = weighing.counts[number][i, j]
                    for g in np.flatnonzero((few > 0) & (few < rules.threshold)).tolist():
                        known.few[g].add(at)
    if not weighing.counts:  # nobody has counted: any group may be few
        known.few = {g: set(known.figures) for g in range(len(weighing.groups))}
    return known


def _add(figures: dict[int, _Figure], at: int, cell: Cell, decimals: int | None) -> None:
    whole = float(round_half_up(cell.wn, 0))
    figure = figures.setdefault(at, _Figure(cell.n, (whole - 0.5, whole + 0.5)))
    if decimals is None or cell.percent is None:
        return
    percent, half = float(round_half_up(cell.percent, decimals)), 0.5 * 10.0**-decimals
    low, high = ((percent + side) / 100 * cell.base_wn for side in (-half, half))
    figure.share = max(figure.share[0], low), min(figure.share[1], high)


# --- what follows ----------------------------------------------------------------------


class _Judge:
    """Attacks one weighted figure after the other."""

    def __init__(
        self, known: _Known, catalogue: Catalogue, hidden: Collection[int], rules: Rules
    ) -> None:
        self.known, self.catalogue, self.hidden, self.rules = known, catalogue, hidden, rules
        self.classes, self.groups, _ = known.weighing
        self.space = catalogue.spaces[self.classes.survey]
        self.budget = [MOST_PROGRAMS]
        self._among: dict[int, NDArray[np.bool_]] = {}
        self.single = {
            name: {
                code: np.array([codes[place] == code for codes in self.classes.codes], dtype=bool)
                for code in dict.fromkeys(codes[place] for codes in self.classes.codes)
            }
            for place, name in enumerate(self.classes.variables)
            if name in self.space.domains
        }
        self.parts = {at: parts for at in known.figures if (parts := list(self._parts(at)))}

    def told(self, figure: str, among: Collection[int] | None = None) -> set[int]:
        """Return the counts of which some figure tells too much, perhaps of some of them only."""
        limits = {
            at: (one.n, *getattr(one, figure))
            for at, one in self.known.figures.items()
            if among is None or at in among
        }
        return self._few(limits) | {
            at
            for at in limits
            if any(self._narrows(at, limits[at], *parts) for parts in self.parts.get(at, ()))
        }

    def left(self, counts: Collection[int], shares: Collection[int]) -> dict[int, Left]:
        """Return, for counts with few of some group, what the figures that stay leave open."""
        found: dict[int, Left] = {}
        for number, few in self.known.few.items():
            group = self.groups[number]
            for at in sorted(few & set(self.known.figures)):
                part = group.inside & self.among(at)
                if part.any() and not (part == self.among(at)).all() and self._minds(at, group):
                    ends = self.known.figures[at].without(at in counts, at in shares)
                    ways = otherwise(
                        self.classes, group.inside, self.among(at), ends, self.rules.threshold
                    )
                    found[at] = min(Left(*ways), found.get(at, Left(*ways)))
        return found

    def among(self, at: int) -> NDArray[np.bool_]:
        """Return the classes that can be in a count."""
        if at not in self._among:
            found = np.ones(self.classes.n, dtype=bool)
            for variable, codes in self.catalogue.events[at].literals:
                inside = [self.classes.within.get((variable, code)) for code in sorted(codes)]
                known = [one for one in inside if one is not None]
                if known:
                    found &= np.logical_or.reduce(known)
            self._among[at] = found
        return self._among[at]

    def _few(self, limits: Mapping[int, tuple[int, float, float]]) -> set[int]:
        told: set[int] = set()
        for number, counts in self.known.few.items():
            group = self.groups[number]
            batches: dict[bytes, list[int]] = defaultdict(list)
            for at in sorted(counts & set(limits)):
                among = self.among(at)
                part = group.inside & among
                is_proper = part.any() and not (part == among).all()
                if is_proper and at not in told and self._minds(at, group):
                    batches[among.tobytes()].append(at)
            for batch in batches.values():
                among = self.among(batch[0])
                answers = tells_few(
                    self.classes,
                    group.inside,
                    among,
                    [limits[at] for at in batch],
                    self.rules.threshold,
                    is_sure=bool(self.known.weighing.counts),
                    budget=self.budget,
                )
                told.update(at for at, is_told in zip(batch, answers, strict=True) if is_told)
        return told

    def _minds(self, at: int, group: Group) -> bool:
        event = self.catalogue.events[at]
        own = [(name, frozenset({code})) for name, code in zip(*group[:2], strict=True)]
        known = [(name, codes) for name, codes in own if not codes <= MISSING_KINDS]
        return self.rules.protects(event._replace(literals=event.literals | frozenset(known)))

    # --- hidden counts that add up to a shown one -------------------------------------

    def _parts(self, at: int) -> Iterator[tuple[Parts, Parts]]:
        """Yield each way in which a count is a sum over groups of which some is hidden."""
        event = self.catalogue.events[at]
        for one in dict.fromkeys((event, self._with_filters(at))):
            for name in self.single:
                known: Parts = []
                hidden: Parts = []
                for code, inside in self.single[name].items():
                    part = self.space.event([*one.literals, (name, frozenset({code}))])
                    place = None if part is None else self.catalogue.index.get(part)
                    if place is None or place == at or not (inside & self.among(at)).any():
                        continue
                    listed = hidden if place in self.hidden else known
                    listed.append((inside & self.among(at), self.catalogue.counts[place]))
                hidden = [part for part in hidden if part[1]]
                if hidden:
                    yield known, hidden

    def _with_filters(self, at: int) -> Event:
        """Put in place of a question that not all were asked who was asked it, if all answered."""
        event = self.catalogue.events[at]
        found: set[Literal] = set()
        for variable, codes in event.literals:
            name = f"{event.survey}.{parent_variable(variable)}"
            asked = self.rules.links.asked_if.get(name)
            if asked:
                found.update(self.catalogue.readers[event.survey].literals(asked))
            else:
                found.add((variable, codes))
        wider = self.space.event(found) or event
        place = self.catalogue.index.get(wider)
        is_same = place is not None and self.catalogue.counts[place] == self.catalogue.counts[at]
        return wider if is_same else event

    def _narrows(
        self, at: int, limits: tuple[int, float, float], known: Parts, hidden: Parts
    ) -> bool:
        """Tell whether a sum over groups narrows some hidden part of it."""
        for inside, _ in hidden:
            low, high, n = hidden_range(self.classes, inside, known, self.among(at), limits)
            natural = n - len(hidden)  # from one to all but one of each other part
            if high - max(low, 1) < min(self.rules.policy.interval_width, natural):
                return True
        return False
