"""A loaded study becomes a report: chapters, counts, protection, until nothing is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evaluation.codebook.roles import NEVER_SHOWN
from evaluation.expressions import ExpressionError
from evaluation.pipeline.beside import beside_tables, tables_of
from evaluation.pipeline.filters import filter_problems, filter_text, respondents
from evaluation.pipeline.gate import leaks_problem, missing_releases, released
from evaluation.pipeline.tabulate import tabulate
from evaluation.problems import Checked, Problem, Severity, stops
from evaluation.report.assemble import assemble
from evaluation.report.chapters import fill_chapters
from evaluation.report.facts import IntakeCounts, StudyFacts
from evaluation.tables.request import make_spec
from evaluation.texts import Phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from evaluation.pipeline.load import LoadedStudy
    from evaluation.protection.analyses import ProtectedAnalysis
    from evaluation.protection.release import ProtectedTable, Release
    from evaluation.report.chapters import Filled
    from evaluation.report.facts import ChapterText
    from evaluation.report.model import Report
    from evaluation.tables.analyses import AnalysisSpec
    from evaluation.tables.spec import TableSpec

MAX_ROUNDS = 6
"""Chapters whose conditions keep asking for new tables are given up after so many rounds."""


@dataclass(frozen=True, slots=True)
class Built:
    """A report with the release that its figures come from."""

    report: Report
    release: Release


def build_report(
    study: LoadedStudy,
    *,
    unprotected: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Checked[Built | None]:
    """Build the report of a study.

    Parameters
    ----------
    study
        Loaded and sound.
    unprotected
        Pass every figure; every output then says that it may not be published.
    progress
        Told what is being done.

    Returns
    -------
    Checked of Built
        None where a chapter or the release has a problem that stops.
    """
    facts = study_facts(study)
    documents = build_documents(
        study,
        [Document(study.folder.name, facts, study.folder.chapters)],
        unprotected=unprotected,
        progress=progress,
    )
    if documents.value is None:
        return Checked(None, documents.problems)
    reports, release = documents.value
    report = reports[0]
    if unprotected:
        notice = study.folder.texts.get("cover.raw")
        report = replace(report, meta=replace(report.meta, notice=notice))
    return Checked(Built(report, release), documents.problems)


@dataclass(frozen=True, slots=True)
class Document:
    """One report to be built: what it is called, what it knows, its chapters."""

    name: str
    facts: StudyFacts
    chapters: Sequence[ChapterText]


def build_documents(
    study: LoadedStudy,
    documents: Sequence[Document],
    *,
    extra: Sequence[TableSpec] = (),
    unprotected: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Checked[tuple[list[Report], Release] | None]:
    """Build several reports out of one release.

    Whatever any of them asks for is counted and protected together, so that
    they cannot be played against each other.

    Parameters
    ----------
    study
        Loaded and sound.
    documents
        The reports.
    extra
        Tables that are published with them though no chapter asks for them.
    unprotected, progress
        As in `build_report`.
    """
    specs: dict[TableSpec, None] = dict.fromkeys([*_all_tables(study), *extra])
    asked: list[TableSpec] = []
    release: Release | None = None
    filled: list[tuple[Filled, ...]] = []
    problems: tuple[Problem, ...] = ()
    analyses: dict[AnalysisSpec, ProtectedAnalysis] = {}
    faulty: dict[AnalysisSpec, Problem] = {}
    for _ in range(MAX_ROUNDS):
        known = dict(zip(asked, release.tables, strict=True)) if release else {}
        progress("chapters")
        shown = beside_tables(study, analyses, release)
        filled = [fill_chapters(d.chapters, d.facts, known, shown) for d in documents]
        contexts = [chapter.context for one in filled for chapter in one]
        told = dict.fromkeys(p for context in contexts for p in context.problems)
        problems = tuple(p for p in told if not follows_from(p, study))
        missing = dict.fromkeys(s for c in contexts for s in c.missing if s not in known)
        bad = _bad_specs(study, list(missing))
        wanted = [a for c in contexts for a in c.missing_analyses if a not in faulty]
        faulty |= _analysed(study, wanted, analyses, unprotected=unprotected)
        beside = [] if unprotected else tables_of(study, analyses)
        specs |= dict.fromkeys(beside)
        problems += (*bad.values(), *faulty.values())
        specs |= dict.fromkeys(s for s in missing if s not in bad)
        if release is not None and not wanted and not [s for s in missing if s not in bad]:
            break
        progress("tables")
        asked = list(specs)
        fine = {*extra, *beside, *_by_unit(asked, documents, extra)}
        release = release_tables(study, asked, fine=fine, unprotected=unprotected)
    if release is not None:
        problems += (*leaks_problem(release), *missing_releases(study))
    if release is None or stops(problems):
        return Checked(None, problems)
    progress("report")
    assembled = [assemble(f, d.facts, d.name) for d, f in zip(documents, filled, strict=True)]
    problems += tuple(dict.fromkeys(p for one in assembled for p in one.problems))
    if stops(problems):
        return Checked(None, problems)
    return Checked(([one.value for one in assembled], release), problems)


def _by_unit(
    asked: Sequence[TableSpec], documents: Sequence[Document], extra: Sequence[TableSpec]
) -> set[TableSpec]:
    """Return the tables by a unit that a unit's report or a comparison speaks of."""
    units = {(spec.survey, name) for spec in extra for name in spec.by}
    for document in documents:
        units |= {(s, name) for s, (name, _) in document.facts.unit_columns.items()}
    return {spec for spec in asked if units & {(spec.survey, name) for name in spec.by}}


def _analysed(
    study: LoadedStudy,
    specs: Sequence[AnalysisSpec],
    analyses: dict[AnalysisSpec, ProtectedAnalysis],
    *,
    unprotected: bool,
) -> dict[AnalysisSpec, Problem]:
    """Make analyses into ``analyses``; return those that cannot be made, with the reason."""
    if not specs:
        return {}
    from evaluation.pipeline.analyses import make_analysis
    from evaluation.tables.analyses import AnalysisError

    faulty = {}
    for spec in dict.fromkeys(specs):
        try:
            analyses[spec] = make_analysis(study, spec, unprotected=unprotected)
        except AnalysisError as error:
            faulty[spec] = Problem(
                error.code, Severity.STOP, value=error.value, expected=error.expected
            )
        except ExpressionError as error:
            faulty[spec] = Problem(
                "bad-expression", Severity.STOP, value=spec.where, expected=str(error)
            )
    return faulty


def release_tables(
    study: LoadedStudy,
    specs: Sequence[TableSpec],
    *,
    fine: Collection[TableSpec] = (),
    unprotected: bool = False,
    intervals: bool = False,
) -> Release:
    """Count, build and protect tables, all together; ``intervals`` as in `tabulate`.

    Those with a specification in ``fine`` are not merged.
    """
    return released(
        study,
        tabulate(study, specs, intervals=intervals),
        lambda spec: tabulate(study, [spec])[0],
        fine=fine,
        unprotected=unprotected,
    )


def one_table(study: LoadedStudy, spec: TableSpec, *, unprotected: bool = False) -> ProtectedTable:
    """Return a single table, protected by itself, with an interval for every proportion."""
    return release_tables(study, [spec], unprotected=unprotected, intervals=True).tables[0]


def follows_from(problem: Problem, study: LoadedStudy) -> bool:
    """Tell whether a chapter lacks a question only because its codebook entry is faulty."""
    if problem.code != "unknown-question":
        return False
    survey, _, question = problem.value.rpartition(".")
    declared = study.folder.study.surveys.get(survey)
    if declared is None:
        return False
    file, place = declared.codebook or f"{survey}.yaml", f"questions.{question}"
    return any(
        p.severity is Severity.STOP
        and p.file == file
        and (p.column == place or p.column.startswith(f"{place}."))
        for p in study.problems
    )


def study_facts(study: LoadedStudy) -> StudyFacts:
    """Return what chapters may know beside the tables."""
    folder = study.folder
    intake = {}
    for survey, data in study.coded.items():
        within = int(respondents(study, survey, filter_text(study, survey)).sum())
        counts = {status.value: n for status, n in data.intake.counts.items()}
        intake[survey] = IntakeCounts(data.intake.n_rows, counts, data.n, within)
    phrases = tuple(Phrase(**entry) for entry in folder.texts.entries.get("phrases", ()))
    return StudyFacts(
        folder.study,
        folder.codebooks,
        folder.texts,
        intake,
        folder.data_tables,
        phrases,
        apparatus=folder.apparatus,
    )


def _all_tables(study: LoadedStudy) -> list[TableSpec]:
    """One table per question: what ``tables.csv`` holds beside the chapters' own."""
    specs = []
    for survey, codebook in study.folder.codebooks.items():
        if survey not in study.coded:
            continue
        for question in codebook.questions:
            if question.hidden or question.role in NEVER_SHOWN:
                continue
            specs.append(
                make_spec(
                    f"{survey}.{question.id}",
                    study=study.folder.study,
                    codebooks=study.folder.codebooks,
                )
            )
    return specs


def _bad_specs(study: LoadedStudy, specs: Sequence[TableSpec]) -> dict[TableSpec, Problem]:
    """Specifications whose filter cannot be read, or whose survey has no answers."""
    bad: dict[TableSpec, Problem] = {}
    for spec in specs:
        if spec.survey not in study.coded:
            bad[spec] = Problem("unknown-survey", Severity.STOP, value=spec.survey)
            continue
        for problem in filter_problems(study, spec.survey, spec.where):
            file, row = _asked_in(study, spec.where)
            bad.setdefault(spec, replace(problem, file=file, row=row))
    return bad


def _asked_in(study: LoadedStudy, where: str) -> tuple[str, int]:
    """Return chapter and line where a filter stands, or ("", 0)."""
    for chapter in study.folder.chapters:
        place = chapter.text.find(where)
        if place >= 0:
            return chapter.path, chapter.text.count("\n", 0, place) + 1
    return "", 0
