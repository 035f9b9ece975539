"""Analyses beside the tables: what they give away is counted, and protected with everything else.

A mean with its deviation and base, a share before and after, or a rate of a
group left out say as much as a table. The tables that an analysis rests on are
therefore published with it, through the same gate; where the gate hides
anything of them, the analysis is withheld, or of rates of those asked the rows
that it hides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.coding.data import Categorical, MultiResponse
from evaluation.expressions import names as expression_names
from evaluation.expressions import parse
from evaluation.model import TOTAL, RowKind
from evaluation.pipeline.analyses import analysis_view
from evaluation.pipeline.filters import filter_problems
from evaluation.pipeline.panels import panel_gate
from evaluation.protection.analyses import shown_by_row, withheld
from evaluation.tables.analyses.make import analyse
from evaluation.tables.analyses.waves import waves_of
from evaluation.tables.request import make_spec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from evaluation.pipeline.load import LoadedStudy
    from evaluation.protection.analyses import ProtectedAnalysis
    from evaluation.protection.release import Release
    from evaluation.tables.analyses import AnalysisSpec
    from evaluation.tables.spec import TableSpec

CHANGING = ("round", "cell_key")
"""Methods that publish changed counts: a figure of the true ones would undo the change."""
TWO = 2
"""Predictors of a model whose odds ratios are as good as a table of them."""
OF_INTAKE = ("rates", "break_off")
"""Analyses that tell how many answered, and nothing of what."""


def beside_tables(
    study: LoadedStudy,
    analyses: Mapping[AnalysisSpec, ProtectedAnalysis],
    release: Release | None,
) -> dict[AnalysisSpec, ProtectedAnalysis]:
    """Withhold the analyses that are about something that the release hides or changes."""
    if release is None:
        return dict(analyses)
    found = {
        spec: analysis if _may_show(study, spec, release) else withheld(analysis)
        for spec, analysis in analyses.items()
    }
    if release.method != "suppress":
        return found
    for spec in [spec for spec, shown in found.items() if _is_rate(spec) and not shown.is_shown]:
        made = analyse(analysis_view(study, spec))
        counts = _shown_counts(study, spec, release)
        found[spec] = shown_by_row(made, counts, study.folder.study.protection)
    return panel_gate(study, found, release)


def _is_rate(spec: AnalysisSpec) -> bool:
    """Tell whether an analysis is how many answered of those asked, by a variable with a table."""
    return spec.kind == "response" and bool(spec.by) and not spec.option("period")


def _shown_counts(study: LoadedStudy, spec: AnalysisSpec, release: Release) -> dict[str, int]:
    """Return group -> how many answered, where the table of the groups shows it."""
    tables = set(_tables(study, spec))
    return {
        row.label: line[-1].n
        for table in release.tables
        if table.spec in tables
        for row, line in zip(table.rows, table.cells, strict=True)
        if row.kind is RowKind.OPTION or row.code == TOTAL
        if line[-1].n is not None
    }


def _may_show(study: LoadedStudy, spec: AnalysisSpec, release: Release) -> bool:
    if release.method in CHANGING and spec.kind not in OF_INTAKE:
        return False
    return release.may_show(_variables(study, spec))


def _variables(study: LoadedStudy, spec: AnalysisSpec) -> set[str]:
    """Return all that an analysis is about, as ``survey.variable``."""
    names = {*spec.questions, spec.by, *(value for _, value in spec.options)}
    if spec.where:
        names |= expression_names(parse(spec.where))
    earlier = [one for one in spec.option("since").split("|") if one in study.coded]
    found = set()
    for survey in (spec.survey, *earlier):
        own = {*names, study.folder.study.surveys[survey].occasion or ""}
        for question in study.folder.codebooks[survey].questions:
            if question.id in own:
                own |= {item.id for item in question.items}
        found |= {f"{survey}.{name}" for name in own if name}
    return found | {f"{survey}.{name}" for survey, name in _earlier(study, spec)}


def tables_of(study: LoadedStudy, analyses: Iterable[AnalysisSpec]) -> list[TableSpec]:
    """Return the tables that analyses rest on.

    None where the policy lets everything pass, and none for what cannot be
    counted (numbers, dates): there the groups alone are counted.
    """
    if study.folder.study.protection.method != "suppress":
        return []
    found: dict[TableSpec, None] = {}
    for spec in analyses:
        if spec.by or spec.where or spec.kind == "model":
            found |= dict.fromkeys(_tables(study, spec))
    return list(found)


def _tables(study: LoadedStudy, spec: AnalysisSpec) -> Iterator[TableSpec]:
    if filter_problems(study, spec.survey, spec.where):
        return
    is_model = spec.kind == "model"
    predictors = spec.questions[1:] if is_model else ()
    outcomes = spec.questions[:1] if is_model else spec.questions
    groups = [name for name in (spec.by, *predictors) if _is_counted(study, spec.survey, name)]
    asked = [name for name in outcomes if _is_counted(study, spec.survey, name)]
    pairs = [(spec.survey, name, by) for name in asked for by in groups or [""]]
    if len(asked) < max(1, len(outcomes)):
        pairs += [(spec.survey, by, "") for by in groups]
    if is_model and len(groups) == TWO:
        pairs.append((spec.survey, groups[0], groups[1]))
    pairs += [(survey, name, "") for survey, name in _earlier(study, spec)]
    for survey, name, by in pairs:
        if name != by:
            yield make_spec(
                f"{survey}.{name}",
                study=study.folder.study,
                codebooks=study.folder.codebooks,
                by=by or (),
                where=spec.where,
            )


def _earlier(study: LoadedStudy, spec: AnalysisSpec) -> Iterator[tuple[str, str]]:
    """Yield what was asked in surveys that are earlier waves, survey and question."""
    if not spec.option("since"):
        return
    view = analysis_view(study, spec)
    surveys = spec.option("since").split("|")
    for item in view.items():
        for survey, wave in zip(surveys, waves_of(view, item)[:-1], strict=True):
            if _is_counted(study, survey, wave.name):
                yield survey, wave.name


def _is_counted(study: LoadedStudy, survey: str, name: str) -> bool:
    data = study.coded.get(survey)
    if data is None or not name:
        return False
    names = data.grids.get(name, (name,))
    return all(isinstance(data.variables.get(n), Categorical | MultiResponse) for n in names)
