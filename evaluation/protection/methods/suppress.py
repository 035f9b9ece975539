"""Cell suppression: small counts are hidden, and as few others as make them safe."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.protection.apart import search_apart
from evaluation.protection.catalogue import (
    IMPOSSIBLE,
    Catalogue,
    fill,
    make_catalogue,
    read_variables,
)
from evaluation.protection.decision_log import AUDIT, PROTECTS, Place, decision_log, for_anyone
from evaluation.protection.earlier import earlier_counts
from evaluation.protection.emit import Decided, emit_tables
from evaluation.protection.events import parent_variable
from evaluation.protection.narrow import narrowed
from evaluation.protection.near import near_tables
from evaluation.protection.release import Release
from evaluation.protection.rules import Rules, Verdicts, judge
from evaluation.protection.search import Outcome, Task, search
from evaluation.protection.settings import release_settings
from evaluation.protection.sizes import known_sizes
from evaluation.protection.tasks import Judged, places_of
from evaluation.protection.weighted import Sums, Weighing, weights_tell, withheld_sums

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from evaluation.codebook.schema import Protection
    from evaluation.protection.cuts import Proofs
    from evaluation.protection.events import Literal
    from evaluation.protection.links import Links
    from evaluation.protection.methods.interface import Surroundings
    from evaluation.tables.table import Table

KINDS = ("count", "share")
"""Weighted figures of a cell."""


@dataclass(frozen=True, slots=True)
class Further:
    """What is asked of a suppression beyond the policy, after an audit.

    Attributes
    ----------
    besides
        Cells that are to be hidden in any case.
    withheld
        Tables that are not to be published at all.
    unweighted
        Cells, and which weighted figure of theirs is not to be published: its
        ``count`` or its ``share``.
    wider
        Cell -> how much wider than the policy says its interval must be,
        because the audit knows more ways to narrow it.
    start
        What an earlier try hid (`Release.hidden`): it is added to, not sought anew.
    proofs, proofs_by_size
        Why counts are safe, from earlier tries, and why from who knows sizes; grow.
    """

    besides: frozenset[Place] = frozenset()
    withheld: frozenset[int] = frozenset()
    unweighted: frozenset[tuple[Place, str]] = frozenset()
    wider: Mapping[Place, int] = field(default_factory=dict)
    start: frozenset[int] | None = None
    proofs: Proofs = field(default_factory=dict, compare=False)
    proofs_by_size: Proofs = field(default_factory=dict, compare=False)

    def hiding(self, places: Iterable[Place]) -> Further:
        """Ask for more cells to be hidden."""
        return replace(self, besides=self.besides | frozenset(places))

    def unweighing(self, figures: Iterable[tuple[Place, str]]) -> Further:
        """Ask for more cells to be without a weighted figure."""
        return replace(self, unweighted=self.unweighted | frozenset(figures))

    def withholding(self, table: int | None) -> Further:
        """Ask for a table not to be published."""
        return self if table is None else replace(self, withheld=self.withheld | {table})


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be hidden, before anything is published.

    Attributes
    ----------
    tables, rules, catalogue, verdicts, outcome
        The release, the policy, its distinct counts, what the policy says of them,
        and what the search hid.
    shown_at
        Where each distinct count stands.
    withheld
        Tables that are not published.
    sums
        Weighted figures that are withheld.
    """

    tables: Sequence[Table]
    rules: Rules
    catalogue: Catalogue
    verdicts: Verdicts
    outcome: Outcome
    shown_at: list[list[Place]]
    withheld: frozenset[int]
    sums: Sums
    weighings: Sequence[Weighing] = ()

    @property
    def hidden(self) -> frozenset[int]:
        """What is not printed; what is out already is known, yet not printed again."""
        return _hidden(self.verdicts, self.outcome, self.shown_at)


def suppress(
    tables: Sequence[Table],
    policy: Protection,
    surroundings: Surroundings,
    further: Further | None = None,
) -> Release:
    """Protect a release by hiding cells.

    Parameters
    ----------
    tables, policy, surroundings
        The release, the rules, and what a reader holds beside it.
    further
        What an audit of an earlier try asks for.

    Returns
    -------
    Release
        Not yet audited.
    """
    further = further or Further()
    return issue(choose(tables, policy, surroundings, further), further)


def choose(
    tables: Sequence[Table], policy: Protection, surroundings: Surroundings, further: Further
) -> Chosen:
    """Choose what to hide; see `suppress`."""
    rules = Rules(policy, surroundings.links)
    catalogue = make_catalogue(tables, surroundings.links, surroundings.previous)
    return _decide(tables, catalogue, rules, surroundings, further)


def suppress_near(
    tables: Sequence[Table], policy: Protection, surroundings: Surroundings
) -> Release | None:
    """Protect a release of which little has to be hidden by looking at little of it.

    Returns
    -------
    Release or None
        Not yet audited. None where that is not possible; see `near_tables`.
    """
    if surroundings.previous or weights_tell(tables, surroundings.weighings):
        return None  # weighted figures everywhere are looked at
    rules = Rules(policy, surroundings.links)
    catalogue = read_variables(tables, surroundings.links)
    near = near_tables(tables, catalogue, rules)
    if near is None:
        return None
    fill(catalogue, tables, near)
    chosen = _decide(tables, catalogue, rules, surroundings, Further())
    return None if chosen.outcome.limited else issue(chosen, Further())


def _decide(
    tables: Sequence[Table],
    catalogue: Catalogue,
    rules: Rules,
    surroundings: Surroundings,
    further: Further,
) -> Chosen:
    """Hide what the policy says, and what that needs, of the counts of a catalogue."""
    verdicts = judge(tables, catalogue, rules)
    _withhold(tables, further.withheld, verdicts)
    for table, i, j in sorted(further.besides):
        at = catalogue.cells[table][i][j]
        if at != IMPOSSIBLE and (table, i) not in verdicts.dropped:
            verdicts.reasons.setdefault(at, AUDIT)
            if catalogue.counts[at] == 0:
                verdicts.open_zeros.add(at)
    shown_at = places_of(tables, catalogue, verdicts)
    more = {catalogue.cells[t][i][j]: by for (t, i, j), by in further.wider.items()}
    judged = Judged(tables, catalogue, rules, verdicts, shown_at, more)
    past = earlier_counts(surroundings.previous, catalogue)
    task = replace(judged.task(past), start=further.start, proofs=further.proofs)
    tables_of = [{place[0] for place in places} for places in shown_at]
    outcome = _sought(task, tables_of, is_near=catalogue.near is not None)
    sizes = known_sizes(surroundings.weighings, catalogue)
    if sizes and outcome.hidden.any():
        knowing = replace(past, counts={**sizes, **past.counts})
        other = replace(judged.task(knowing), proofs=further.proofs_by_size)
        outcome = _added(outcome, task, other, tables_of)
    hidden = _hidden(verdicts, outcome, shown_at)
    sums = withheld_sums(tables, catalogue, hidden, rules, surroundings.weighings)
    return Chosen(
        tables,
        rules,
        catalogue,
        verdicts,
        outcome,
        shown_at,
        further.withheld,
        sums,
        surroundings.weighings,
    )


def issue(chosen: Chosen, further: Further) -> Release:
    """Publish what is not hidden, without the weighted figures that are asked for besides."""
    cells = chosen.catalogue.cells
    asked = {
        kind: {cells[t][i][j] for (t, i, j), of in further.unweighted if of == kind}
        for kind in KINDS
    }
    sums = chosen.sums._replace(
        counts=chosen.sums.counts | asked["count"], shares=chosen.sums.shares | asked["share"]
    )
    dropped = frozenset(chosen.verdicts.dropped)
    return _release(chosen, Decided(chosen.hidden, dropped, chosen.withheld, sums))


def _added(
    found: Outcome, task: Task, other: Task, tables_of: Sequence[Collection[int]]
) -> Outcome:
    """Hide besides what it takes against a reader who knows more.

    What this one knows is still hidden: others do not know it.
    """
    n = len(tables_of)
    may_hide = found.hidden[:n] & other.knowledge.hideable[:n]
    start = frozenset(np.flatnonzero(may_hide).tolist())
    more = _sought(replace(other, start=start), tables_of)
    hidden = found.hidden.copy()
    hidden[:n] |= more.hidden[:n]
    return replace(
        found,
        hidden=hidden,
        cost=float(task.cost[hidden & ~task.forced].sum()),
        helped=more.helped | found.helped,
        n_programs=found.n_programs + more.n_programs,
    )


def _withhold(tables: Sequence[Table], withheld: Collection[int], verdicts: Verdicts) -> None:
    """Leave tables out; what the policy says of their counts holds where these stand elsewhere."""
    for number in withheld:
        verdicts.dropped.update((number, i) for i in range(len(tables[number].rows)))


def _sought(task: Task, tables_of: Sequence[Collection[int]], *, is_near: bool = False) -> Outcome:
    """Search near what has to be hidden, and everywhere where that is not enough."""
    near = narrowed(task, tables_of, is_near=is_near)
    if near is not None:
        found = search_apart(near.task)
        if is_near or not found.limited:
            return near.widened(found, task)
    return search(task)


# --- the release ------------------------------------------------------------------


def _hidden(verdicts: Verdicts, outcome: Outcome, shown_at: list[list[Place]]) -> frozenset[int]:
    """Return what is not printed; what is out already is known, yet not printed again."""
    decided_on = {*np.flatnonzero(outcome.hidden).tolist(), *verdicts.reasons}
    return frozenset(k for k in decided_on if k >= len(shown_at) or shown_at[k])


def _release(chosen: Chosen, decided: Decided) -> Release:
    tables, rules, catalogue = chosen.tables, chosen.rules, chosen.catalogue
    verdicts, outcome, shown_at = chosen.verdicts, chosen.outcome, chosen.shown_at
    hidden, withheld = decided.hidden, decided.withheld
    protected = emit_tables(tables, catalogue, decided, rules)
    reasons = {k: verdicts.reasons.get(k, PROTECTS) for k in hidden}
    helps = {
        k: shown_at[v][0] for k, v in outcome.helped.items() if v < len(shown_at) and shown_at[v]
    }
    internal = decision_log(tables, protected, catalogue, reasons, helps)
    return Release(
        tables=protected,
        log=tuple(map(for_anyone, internal)),
        method="suppress",
        settings=release_settings(rules, catalogue, tables, chosen.weighings),
        n_cells=sum(map(bool, shown_at)) + (catalogue.near.n_beyond if catalogue.near else 0),
        n_hidden=len(hidden),
        internal_log=internal,
        cost=round(outcome.cost),
        bound=round(outcome.bound),
        hidden=frozenset(np.flatnonzero(outcome.hidden).tolist()),
        hidden_variables=_hidden_variables(
            catalogue,
            hidden
            | decided.sums.counts
            | decided.sums.shares
            | {at for number in withheld for line in catalogue.cells[number] for at in line},
            rules.links,
        ),
    )


def _hidden_variables(
    catalogue: Catalogue, hidden: frozenset[int], links: Links
) -> frozenset[frozenset[str]]:
    """Return what the hidden counts are about."""
    events = [catalogue.events[k] for k in hidden if 0 <= k < len(catalogue.events)]
    return frozenset(
        frozenset(
            f"{event.survey}.{parent_variable(variable)}"
            for variable, codes in event.literals
            if not _is_margin(event.survey, (variable, codes), catalogue, links)
        )
        for event in events
    )


def _is_margin(survey: str, literal: Literal, catalogue: Catalogue, links: Links) -> bool:
    """Tell whether a condition leaves out only those who lack a variable that tells who one is.

    The margin of a table by units is nearly everybody: an analysis without units tells it.
    """
    variable, codes = literal
    domain = catalogue.spaces[survey].domains.get(variable)
    is_known = f"{survey}.{parent_variable(variable)}" in links.known
    return is_known and domain is not None and codes >= domain.answered
