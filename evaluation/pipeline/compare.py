"""Units compared: one report with charts and tables over all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evaluation.codebook.schema import QuestionType, Role
from evaluation.coding.data import Categorical
from evaluation.pipeline.build import release_tables, study_facts
from evaluation.pipeline.report import publication_time
from evaluation.pipeline.write import write_files
from evaluation.problems import Checked, Problem, Severity
from evaluation.rendering.charts.tiles import unknown_areas
from evaluation.rendering.theme import load_theme
from evaluation.report.assemble import report_meta
from evaluation.report.markdown import slug
from evaluation.report.model import Contents, Heading, Paragraph, Report, Text
from evaluation.report.region_blocks import (
    comparison_table,
    dot_chart,
    funnel_chart,
    tile_chart,
)
from evaluation.report.regions import adjust, compare_units, shrink, standardise
from evaluation.tables.request import RequestError, local, make_spec, split_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from evaluation.pipeline.load import LoadedStudy
    from evaluation.protection.release import ProtectedTable
    from evaluation.rendering.theme import Theme
    from evaluation.report.model import Block, ChartBlock
    from evaluation.report.regions import Comparison
    from evaluation.tables.spec import TableSpec

NOT_COMPARED = (Role.IDENTITY, Role.ADMIN, Role.WEIGHT, Role.UNIT, Role.OCCASION, Role.WAVE)


@dataclass(frozen=True, slots=True)
class Subject:
    """One answer to be compared: where it stands and what it is called."""

    spec: TableSpec
    variable: str
    option: str
    name: str
    option_label: str


def compare(
    study: LoadedStudy,
    by: str,
    folder: Path,
    *,
    formats: Sequence[str] = ("html",),
    background: str = "",
    shrunk: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Checked[list[Path] | None]:
    """Compare units on the first option of every question.

    Parameters
    ----------
    by
        ``survey.variable`` that holds the unit.
    folder
        Gets ``compare.html`` and the other formats asked for.
    background
        Variable to standardise on, "" for none.
    shrunk
        Add figures drawn towards the whole.
    """
    try:
        survey, unit = split_name(by, study.folder.codebooks)
        subjects = list(_subjects(study, survey, unit))
        groups = _groups(study, survey, background)
    except RequestError as error:
        problem = Problem(error.code, Severity.STOP, value=error.value, expected=error.expected)
        return Checked(None, (problem,))
    progress("tables")
    crude = dict.fromkeys(s.spec for s in subjects)
    within = {
        (s.spec, code): replace(s.spec, where=f"{background} == '{code}'")
        for s in subjects
        for _, code in groups
    }
    specs = [*crude, *dict.fromkeys(within.values())]
    tables = {t.spec: t for t in release_tables(study, specs).tables}
    comparisons = []
    for subject in subjects:
        found = _compared(tables[subject.spec], subject)
        if found is None:
            continue
        if groups:
            parts = [
                (share, _compared(tables[within[subject.spec, code]], subject))
                for share, code in groups
            ]
            found = standardise(found, parts)
        comparisons.append(shrink(found) if shrunk else found)
    report = _report(study, adjust(comparisons))
    theme = load_theme(study.folder.study.report.theme, (study.folder.path / "themes",))
    progress("files")
    return Checked(write_files(folder, _rendered(report, theme, formats)))


def _compared(table: ProtectedTable, subject: Subject) -> Comparison | None:
    return compare_units(
        table, subject.variable, subject.option, subject.name, subject.option_label
    )


def _subjects(study: LoadedStudy, survey: str, unit: str) -> Iterator[Subject]:
    """Yield the first option of every closed question, and every option of multiple answers."""
    language = study.folder.texts.language
    for question in study.folder.codebooks[survey].questions:
        skip = (
            question.hidden
            or question.role in NOT_COMPARED
            or unit
            in (
                question.id,
                question.recode,
            )
        )
        if skip or not question.options or question.role is Role.BACKGROUND:
            continue
        spec = make_spec(
            f"{survey}.{question.id}",
            study=study.folder.study,
            codebooks=study.folder.codebooks,
            by=unit,
            ci="wilson",
        )
        title = local(question.short, language, local(question.text, language))
        first = question.options[0]
        label = local(first.label, language)
        if question.items:
            for item in question.items:
                name = local(item.short, language, local(item.text, language))
                yield Subject(spec, item.id, first.code, name, label)
        elif question.type is QuestionType.MULTIPLE:
            for option in question.options:
                yield Subject(spec, question.id, option.code, title, local(option.label, language))
        else:
            yield Subject(spec, question.id, first.code, title, label)


def _groups(study: LoadedStudy, survey: str, background: str) -> list[tuple[float, str]]:
    """Return each background group's share of the whole, and its code."""
    if not background:
        return []
    _, name = split_name(f"{survey}.{background}", study.folder.codebooks)
    variable = study.coded[survey].variables.get(name)
    if not isinstance(variable, Categorical):
        raise RequestError("analysis-single", background, "")
    facts = make_spec(
        f"{survey}.{name}", study=study.folder.study, codebooks=study.folder.codebooks
    )
    table = release_tables(study, [facts], unprotected=True).tables[0]
    shares = {row.code: line[-1].percent for row, line in zip(table.rows, table.cells, strict=True)}
    return [((shares.get(c.code) or 0.0) / 100, c.code) for c in variable.categories]


def _report(study: LoadedStudy, comparisons: Sequence[Comparison]) -> Report:
    """Lay the comparisons out; tables and figures are numbered as everywhere."""
    facts = study_facts(study)
    texts = facts.texts
    theme = load_theme(study.folder.study.report.theme, (study.folder.path / "themes",))
    blocks: list[Block] = [
        Contents(texts.get("words.contents"), 2),
        Heading(1, texts.get("compare.title"), "compare", "1."),
        Paragraph((Text(texts.get("compare.lead")),), lead=True),
        Paragraph((Text(texts.get("compare.reading")),)),
    ]
    n_figures = 0
    for number, found in enumerate(comparisons, 1):
        anchor = f"{slug(found.name)[:40]}-{number}"
        blocks.append(Heading(2, f"{found.name}: {found.option}", anchor, f"1.{number}."))
        for chart in _charts(found, study, theme):
            n_figures += 1
            label = texts.get("chart.label", number=n_figures)
            data = replace(chart.data_table, id=f"figur-{n_figures}-data")
            blocks.append(
                replace(
                    chart,
                    id=f"figur-{n_figures}",
                    number=n_figures,
                    label=label,
                    data_table=data,
                )
            )
        table = comparison_table(found, texts)
        label = texts.get("table.label", number=number)
        blocks.append(replace(table, id=f"tabell-{number}", number=number, label=label))
    words = {key: str(text) for key, text in texts.mapping("words").items()}
    return Report(report_meta(facts, study.folder.name), tuple(blocks), words=words)


def _charts(found: Comparison, study: LoadedStudy, theme: Theme) -> Iterator[ChartBlock]:
    texts = study.folder.texts
    yield dot_chart(found, texts)
    funnel = funnel_chart(found, texts)
    if funnel is not None:
        yield funnel
    tiles = tile_chart(found, texts)
    if not unknown_areas(tiles, theme):
        yield tiles


def _rendered(report: Report, theme: Theme, formats: Sequence[str]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    timestamp = publication_time(report.meta.date)
    if "html" in formats:
        from evaluation.rendering.html import render_html

        files["compare.html"] = render_html(report, theme)
    if "pdf" in formats:
        from evaluation.rendering.pdf import render_pdf

        files["compare.pdf"] = render_pdf(report, theme, timestamp=timestamp)
    if "docx" in formats:
        from evaluation.rendering.docx import render_docx

        files["compare.docx"] = render_docx(report, theme, timestamp=timestamp)
    return files
