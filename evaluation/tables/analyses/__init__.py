"""Analyses that are no table of counts: occasions, change, scales, response, models.

An analysis is asked for by an `AnalysisSpec` and computed from the coded
answers of one survey. Like a table it is unprotected and must pass the gate.
"""

from evaluation.tables.analyses.spec import Analysis, AnalysisCell, AnalysisError, AnalysisSpec

__all__ = ["Analysis", "AnalysisCell", "AnalysisError", "AnalysisSpec"]
