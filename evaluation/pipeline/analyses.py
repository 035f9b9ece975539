"""Analyses of a loaded study, made and passed through the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.pipeline.filters import filter_text, respondents
from evaluation.protection.analyses import protect_analysis
from evaluation.tables.analyses.common import View
from evaluation.tables.analyses.make import ACROSS_OCCASIONS, analyse
from evaluation.tables.request import local

if TYPE_CHECKING:
    from evaluation.pipeline.load import LoadedStudy
    from evaluation.protection.analyses import ProtectedAnalysis
    from evaluation.tables.analyses import AnalysisSpec


def make_analysis(
    study: LoadedStudy, spec: AnalysisSpec, *, unprotected: bool = False
) -> ProtectedAnalysis:
    """Make one analysis.

    Raises
    ------
    AnalysisError
        If it cannot be made as asked.
    ExpressionError
        If its filter cannot be read.
    """
    rule = filter_text(study, spec.survey, spec.where)
    if spec.kind in ACROSS_OCCASIONS:
        rule = spec.where
    language = study.folder.texts.language
    names = {}
    for question in study.folder.codebooks[spec.survey].questions:
        names[question.id] = local(question.short, language, local(question.text, language))
        for item in question.items:
            names[item.id] = local(item.short, language, local(item.text, language))
    view = View(
        spec,
        study.coded[spec.survey],
        respondents(study, spec.survey, rule),
        study.folder.texts,
        names,
        study.folder.study.surveys[spec.survey].occasion or "",
        _asked(spec),
    )
    policy = study.folder.study.protection
    return protect_analysis(analyse(view), policy, unprotected=unprotected)


def _asked(spec: AnalysisSpec) -> dict[str, int]:
    listed = spec.option("asked")
    pairs = (part.rpartition("=") for part in listed.split("|") if part)
    return {group: int(float(n)) for group, _, n in pairs}
