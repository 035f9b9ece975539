"""One table or analysis for the command line, in the form asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evaluation.expressions import ExpressionError
from evaluation.pipeline.build import release_tables
from evaluation.pipeline.filters import filter_problems
from evaluation.pipeline.gate import leaks_problem
from evaluation.problems import Checked, Problem, Severity
from evaluation.report.layout import TableOptions, table_block
from evaluation.report.rules import rule_in_words
from evaluation.tables.request import RequestError, make_spec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.loading.study import StudyFolder
    from evaluation.pipeline.load import LoadedStudy
    from evaluation.protection.analyses import ProtectedAnalysis
    from evaluation.protection.release import ProtectedTable
    from evaluation.report.model import TableBlock
    from evaluation.texts import Texts


def single_table(
    study: LoadedStudy, question: str, *, form: str, raw: bool, request: Mapping[str, Any]
) -> Checked[str | None]:
    """Return one table as text, CSV, JSON or HTML.

    Parameters
    ----------
    question
        ``survey.question``.
    form
        ``text``, ``csv``, ``json`` or ``html``.
    raw
        Unprotected.
    request
        As in `make_spec`.
    """
    try:
        spec = make_spec(
            question, study=study.folder.study, codebooks=study.folder.codebooks, **request
        )
        wrong = filter_problems(study, spec.survey, spec.where)
        if wrong:
            return Checked(None, wrong)
        release = release_tables(study, [spec], unprotected=raw, intervals=True)
    except RequestError as error:
        problem = Problem(error.code, Severity.STOP, value=error.value, expected=error.expected)
        return Checked(None, (problem,))
    except ExpressionError as error:
        where = str(request.get("where", ""))
        problem = Problem("bad-expression", Severity.STOP, value=where, expected=str(error))
        return Checked(None, (problem,))
    leaks = leaks_problem(release)
    if leaks:
        return Checked(None, leaks)
    return Checked(written(release.tables[0], study.folder, form))


def single_analysis(
    study: LoadedStudy,
    kind: str,
    names: Sequence[str],
    *,
    form: str,
    raw: bool,
    settings: Mapping[str, Any],
) -> Checked[str | None]:
    """Return one analysis as text, CSV, JSON or HTML.

    Parameters
    ----------
    kind
        One of ``evaluation.tables.analyses.request.KINDS``.
    names
        ``survey.question``, or the survey alone for analyses of no question.
    form, raw
        As in `single_table`.
    settings
        ``by``, ``where`` and what the analysis takes beside.
    """
    from evaluation.pipeline.analyses import make_analysis
    from evaluation.tables.analyses import AnalysisError
    from evaluation.tables.analyses.request import analysis_from_names

    folder = study.folder
    try:
        spec = analysis_from_names(kind, names, folder.codebooks, **settings)
        wrong = filter_problems(study, spec.survey, spec.where)
        if wrong:
            return Checked(None, wrong)
        found = make_analysis(study, spec, unprotected=raw)
    except (RequestError, AnalysisError) as error:
        problem = Problem(error.code, Severity.STOP, value=error.value, expected=error.expected)
        return Checked(None, (problem,))
    except ExpressionError as error:
        where = str(settings.get("where", ""))
        return Checked(
            None, (Problem("bad-expression", Severity.STOP, value=where, expected=str(error)),)
        )
    return Checked(written_analysis(found, folder.texts, form))


def written_analysis(found: ProtectedAnalysis, texts: Texts, form: str) -> str:
    """Return a protected analysis as ``text``, ``csv``, ``json`` or ``html``."""
    from evaluation.rendering.analysis import analysis_csv, analysis_json
    from evaluation.report.analysis_blocks import analysis_block

    if form == "csv":
        return analysis_csv(found).decode("utf-8")
    if form == "json":
        return analysis_json(found).decode("utf-8")
    return _block_text(analysis_block(found, texts), texts, form)


def written(table: ProtectedTable, folder: StudyFolder, form: str) -> str:
    """Return a protected table as ``text``, ``csv``, ``json`` or ``html``."""
    texts, spec = folder.texts, table.spec
    if form == "csv":
        from evaluation.rendering.tidy import tables_csv

        return tables_csv([table], texts).decode("utf-8")
    if form == "json":
        from evaluation.rendering.jsonstat import table_json

        return table_json(table, texts).decode("utf-8")
    rule = rule_in_words(spec.where, folder.codebooks[spec.survey], texts) if spec.where else ""
    return _block_text(table_block(table, texts, TableOptions(rule=rule)), texts, form)


def _block_text(block: TableBlock, texts: Texts, form: str) -> str:
    if form == "html":
        from evaluation.rendering.html import render_table
        from evaluation.rendering.theme import load_theme

        return render_table(block, texts.mapping("words"), load_theme("neutral"))
    from evaluation.rendering.text import table_text

    return table_text(block)
