"""The gate for analyses: shown whole or not at all.

An analysis has figures that are tied together in ways no linked system of
tables models (odds ratios, means, tests). Where the policy protects anything,
an analysis with a small count, or on a small base, is withheld altogether.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evaluation.codebook.schema import Protection
    from evaluation.inference.results import TestOutcome
    from evaluation.tables.analyses.spec import Analysis, AnalysisCell, AnalysisSpec


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
    threshold = policy.minimum_count + policy.insider
    small = any(0 < n < threshold for n in analysis.counts)
    shown = passes or (not small and analysis.base_n >= policy.minimum_base)
    return ProtectedAnalysis(
        analysis.spec,
        analysis.title,
        analysis.stub,
        analysis.head if shown else (),
        analysis.rows if shown else (),
        analysis.sentences if shown else (),
        shown,
        analysis.tests if shown else (),
    )


def withheld(analysis: ProtectedAnalysis) -> ProtectedAnalysis:
    """Return an analysis without its figures: a table beside it hides what it is about."""
    return replace(analysis, head=(), rows=(), sentences=(), is_shown=False, tests=())
