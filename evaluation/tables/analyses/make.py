"""Analyses by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.tables.analyses.change import change, mean_change, series
from evaluation.tables.analyses.model import model
from evaluation.tables.analyses.repeated import answer_changes, ever_yes, occasions
from evaluation.tables.analyses.response import (
    asked_at_all,
    breaking_off,
    population,
    rates,
    response,
)
from evaluation.tables.analyses.scales import index, scales

if TYPE_CHECKING:
    from collections.abc import Callable

    from evaluation.tables.analyses.common import View
    from evaluation.tables.analyses.spec import Analysis

KINDS: dict[str, Callable[[View], Analysis]] = {
    "occasions": occasions,
    "transitions": answer_changes,
    "ever": ever_yes,
    "asked": asked_at_all,
    "change": change,
    "mean_change": mean_change,
    "series": series,
    "scales": scales,
    "index": index,
    "response": response,
    "rates": rates,
    "population": population,
    "break_off": breaking_off,
    "model": model,
}
ACROSS_OCCASIONS = ("occasions", "transitions", "ever", "asked")
"""Analyses that the survey's own filter (first occasion) would make senseless."""
ACROSS_WAVES = ("change", "mean_change", "series")
"""Analyses for which the survey's own filter holds unless it speaks of the waves."""


def analyse(view: View) -> Analysis:
    """Make the analysis that the view's specification asks for.

    Raises
    ------
    AnalysisError
        If it cannot be made as asked.
    """
    return KINDS[view.spec.kind](view)
