"""Analyses of a loaded study, made and passed through the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Categorical
from evaluation.expressions import names as names_in
from evaluation.expressions import parse
from evaluation.pipeline.filters import filter_text, respondents
from evaluation.pipeline.sampling import design_for, level_design_for
from evaluation.protection.analyses import protect_analysis, withheld
from evaluation.tables.analyses.common import SurveyPart, View
from evaluation.tables.analyses.make import ACROSS_OCCASIONS, ACROSS_WAVES, analyse
from evaluation.tables.analyses.spec import AnalysisError
from evaluation.tables.request import local
from evaluation.tables.told import errors_tell

if TYPE_CHECKING:
    from evaluation.codebook.schema import Protection
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
    policy = study.folder.study.protection
    view = analysis_view(study, spec)
    made = protect_analysis(analyse(view), policy, unprotected=unprotected)
    is_open = unprotected or policy.method == "none"
    return made if is_open or not _errors_tell(view, policy) else withheld(made)


def _errors_tell(view: View, policy: Protection) -> bool:
    """Tell whether errors by clusters or strata tell how few in one of them gave an answer."""
    limit = policy.minimum_count + policy.insider
    variables = [view.data.variables.get(name) for name in view.items()]
    answers = [view.codes(one.id) for one in variables if isinstance(one, Categorical)]
    groups = [view.inside]
    if isinstance(view.data.variables.get(view.spec.by), Categorical):
        groups += [view.codes(view.spec.by) == k for k in set(view.codes(view.spec.by)) - {-1}]
    return any(
        errors_tell(np.where(group, codes, -1), view.design, limit)
        for codes in answers
        for group in groups
    )


def analysis_view(study: LoadedStudy, spec: AnalysisSpec) -> View:
    """Return what an analysis may look at.

    Raises
    ------
    AnalysisError, ExpressionError
        As in `make_analysis`.
    """
    earlier = [one for one in spec.option("since").split("|") if one]
    surveys = {name: _part(study, spec, name) for name in (spec.survey, *earlier)}
    own = surveys[spec.survey]
    declared = study.folder.study.surveys[spec.survey]
    return View(
        spec,
        own.data,
        own.inside,
        study.folder.texts,
        _names(study, spec.survey),
        declared.occasion or "",
        _asked(spec, study.folder.texts.get("table.total")),
        declared.design.population or 0,
        surveys,
    )


def _part(study: LoadedStudy, spec: AnalysisSpec, survey: str) -> SurveyPart:
    """Return one survey with the respondents that the analysis is about."""
    if survey not in study.coded:
        raise AnalysisError("unknown-survey", survey, ", ".join(study.coded))
    data = study.coded[survey]
    declared = study.folder.study.surveys[survey]
    weight = spec.option("weight") or declared.design.weight or ""
    if not weight and declared.weights and "weight" in data.variables:
        weight = "weight"
    design = design_for(weight, data, declared.design)
    return SurveyPart(
        local(declared.title, study.folder.texts.language, survey),
        data,
        study.folder.codebooks[survey],
        respondents(study, survey, _rule(study, spec, survey)),
        design,
        level_design_for(design, data, declared.design),
        bool(weight),
    )


def _rule(study: LoadedStudy, spec: AnalysisSpec, survey: str) -> str:
    """Return the filter: the survey's own applies unless it would leave one occasion or wave."""
    if spec.kind in ACROSS_OCCASIONS:
        return spec.where
    own = study.folder.study.surveys[survey].filter
    if spec.kind in ACROSS_WAVES and own and spec.by and spec.by in names_in(parse(own)):
        return spec.where
    return filter_text(study, survey, spec.where)


def _names(study: LoadedStudy, survey: str) -> dict[str, str]:
    """Return question or item -> short name."""
    language = study.folder.texts.language
    names = {}
    for question in study.folder.codebooks[survey].questions:
        names[question.id] = local(question.short, language, local(question.text, language))
        for item in question.items:
            names[item.id] = local(item.short, language, local(item.text, language))
    return names


def _asked(spec: AnalysisSpec, total: str) -> dict[str, int]:
    """Return group -> number stated; a single number is that of all."""
    listed = spec.option("asked")
    pairs = (part.rpartition("=") for part in listed.split("|") if part)
    found = {group: _whole(n) for group, _, n in pairs}
    if not found and spec.option("asked_n"):
        return {total: _whole(spec.option("asked_n"))}
    return found


def _whole(text: str) -> int:
    try:
        return int(float(text.replace("\u00a0", "").replace(" ", "")))
    except ValueError:
        raise AnalysisError("analysis-number", text, "146") from None
