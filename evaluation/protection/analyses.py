"""The gate for analyses: shown whole or not at all.

An analysis has figures that are tied together in ways no linked system of
tables models (odds ratios, means, tests). Where the policy protects anything,
an analysis with a small count, or on a small base, is withheld altogether.
Rates of those asked are the exception: a row rests on one count, which a table has too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evaluation.tables.analyses.spec import AnalysisCell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evaluation.codebook.schema import Protection
    from evaluation.inference.results import TestOutcome
    from evaluation.tables.analyses.spec import Analysis, AnalysisSpec


@dataclass(frozen=True, slots=True)
class ProtectedAnalysis:
    """An analysis after the gate; ``rows`` and ``sentences`` are empty where it is withheld."""

    spec: AnalysisSpec
    title: str
    stub: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, tuple[AnalysisCell, ...]], ...]
    sentences: tuple[str, ...]
    is_shown: bool
    tests: tuple[TestOutcome, ...] = ()
    told_by: frozenset[int] = frozenset()
    """Occasions whose answers, where published too, tell by subtraction what few answered."""
    plain: ProtectedAnalysis | None = None
    """The same without what rests on how single persons changed their answers."""


def protect_analysis(
    analysis: Analysis, policy: Protection, *, unprotected: bool = False
) -> ProtectedAnalysis:
    """Let an analysis through, or withhold it.

    Parameters
    ----------
    analysis
        As computed.
    policy
        From ``study.yaml``. With method ``none`` everything passes.
    unprotected
        For the evaluator's own eyes.
    """
    passes = unprotected or policy.method == "none"
    shown = passes or (
        not has_small(analysis.counts, policy) and analysis.base_n >= policy.minimum_base
    )
    plain = None if analysis.plain is None else protect_analysis(analysis.plain, policy)
    if not shown and plain is not None:
        return plain
    told_by = frozenset(
        occasion
        for occasion, counts in analysis.rests
        if not passes and (has_small(counts, policy) or _is_one_answer(counts, policy))
    )
    return ProtectedAnalysis(
        analysis.spec,
        analysis.title,
        analysis.stub,
        analysis.head if shown else (),
        analysis.rows if shown else (),
        analysis.sentences if shown else (),
        shown,
        analysis.tests if shown else (),
        told_by,
        plain,
    )


def shown_by_row(
    analysis: Analysis, counts: Mapping[str, int], policy: Protection
) -> ProtectedAnalysis:
    """Let those rows of a rate through whose counts a table of the release shows.

    How many were asked goes with the row: it is the most that can have answered, which with
    the total would leave little of a hidden count.

    Parameters
    ----------
    analysis
        Rows of three figures: asked, answered, rate.
    counts
        Row head -> how many answered, where the table shows it.
    policy
        From ``study.yaml``.
    """
    hidden = AnalysisCell(None, is_withheld=True)
    rows = tuple(
        (label, cells if counts.get(label) == cells[1].value else (hidden,) * len(cells))
        for label, cells in analysis.rows
    )
    kept = [cells for _, cells in rows if hidden not in cells]
    found = ProtectedAnalysis(
        analysis.spec,
        analysis.title,
        analysis.stub,
        analysis.head,
        rows,
        # a sentence that names groups by their rates says something of those hidden
        analysis.sentences if len(kept) == len(rows) else (),
        is_shown=True,
    )
    return found if kept and analysis.base_n >= policy.minimum_base else withheld(found)


def has_small(counts: Iterable[int], policy: Protection) -> bool:
    """Tell whether some count is of too few persons to be shown."""
    threshold = policy.minimum_count + policy.insider
    return any(0 < n < threshold for n in counts)


def _is_one_answer(counts: Sequence[int], policy: Protection) -> bool:
    """Tell whether all of a group gave one answer."""
    return policy.dominance and sum(n > 0 for n in counts) == 1


def withheld(analysis: ProtectedAnalysis) -> ProtectedAnalysis:
    """Return an analysis without its figures: a table beside it hides what it is about."""
    return replace(analysis, head=(), rows=(), sentences=(), is_shown=False, tests=(), plain=None)
