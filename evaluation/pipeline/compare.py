"""Units compared: one report with charts and tables over all of them."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from evaluation.model import RowKind
from evaluation.pipeline.build import study_facts
from evaluation.pipeline.comparisons import (
    background_codes,
    background_spec,
    subjects,
    within_group,
)
from evaluation.pipeline.formats import PAGE_FORMATS
from evaluation.pipeline.gate import unprotected_units
from evaluation.pipeline.joint import build_joint
from evaluation.pipeline.manifest import study_manifest
from evaluation.pipeline.piece_data import table_files
from evaluation.pipeline.pieces import FILE, Compared, pieces_json, read_pieces, whole_name
from evaluation.pipeline.refresh import bring_in_line
from evaluation.pipeline.release_folder import CSV, JSON, MANIFEST
from evaluation.pipeline.report import publication_time
from evaluation.pipeline.write import write_files
from evaluation.problems import Checked, stops
from evaluation.rendering.charts.tiles import unknown_areas
from evaluation.rendering.palette import check_theme
from evaluation.rendering.theme import load_theme
from evaluation.report.assemble import report_meta
from evaluation.report.markdown import slug
from evaluation.report.model import Contents, Heading, Paragraph, Picked, Report, Text
from evaluation.report.region_blocks import (
    comparison_table,
    dot_chart,
    funnel_chart,
    overview_table,
    tile_chart,
    unit_picker,
    withheld_units,
)
from evaluation.report.regions import adjust, compare_units, shrink, standardise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from evaluation.pipeline.comparisons import Subject
    from evaluation.pipeline.joint import Joint
    from evaluation.pipeline.load import LoadedStudy
    from evaluation.protection.release import ProtectedTable
    from evaluation.rendering.theme import Theme
    from evaluation.report.model import Block, ChartBlock, TableBlock
    from evaluation.report.regions import Comparison
    from evaluation.texts import Texts


def compare(  # noqa: PLR0913
    study: LoadedStudy,
    by: str,
    folder: Path,
    *,
    formats: Sequence[str] = ("html",),
    background: str = "",
    shrunk: bool = False,
    questions: Sequence[str] = (),
    options: Sequence[str] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> Checked[list[Path] | None]:
    """Compare units on an answer to every question, or on those asked for.

    Parameters
    ----------
    by
        ``survey.variable`` that holds the unit; the survey may be left out where there is one.
    folder
        Gets ``compare-<survey>-<unit>.html`` and the other formats asked for, and
        the release as data, ``tables.csv`` with ``manifest.json``, in a folder
        ``compare-<survey>-<unit>``.
    formats
        Any of `PIECE_FORMATS`; ``tables.csv`` comes with all of them.
    background
        Variable to standardise on, "" for none.
    shrunk
        Add figures drawn towards the whole.
    questions, options
        What to compare, by names; see `choices`.
    """
    if open_units := unprotected_units(study):
        return Checked(None, open_units)
    name = whole_name(by, study)
    asked = Compared(name, background, shrunk, tuple(formats), tuple(questions), tuple(options))
    pieces = read_pieces(study, folder).with_comparison(asked)
    joint = build_joint(study, pieces, progress=progress)
    if joint.value is None:
        return Checked(None, joint.problems)
    theme = load_theme(study.folder.study.report.theme, (study.folder.path / "themes",))
    progress("files")
    problems = (*joint.problems, *check_theme(theme))
    if stops(problems):
        return Checked(None, problems)
    if study.folder.study.protection.method != "none":
        write_files(folder, {FILE: pieces_json(pieces)})
        problems += bring_in_line(
            study, folder, joint.value, pieces, theme, progress, written=asked
        )
    return Checked(write_comparison(study, folder, joint.value, asked, theme), problems)


def write_comparison(
    study: LoadedStudy, folder: Path, joint: Joint, asked: Compared, theme: Theme
) -> list[Path]:
    """Write the page of one comparison out of a release that holds its tables."""
    tables = {t.spec: t for t in joint.main.release.tables}
    codes = background_codes(study, asked)
    shares = _shares(tables[background_spec(study, asked)]) if codes else {}
    comparisons = []
    for subject in subjects(study, asked):
        found = _compared(tables[subject.spec], subject)
        if found is None:
            continue
        if codes:
            inner = [tables[within_group(subject.spec, asked, code)] for code in codes]
            parts = [
                (shares.get(code), _compared(table, subject))
                for code, table in zip(codes, inner, strict=True)
            ]
            found = standardise(found, parts)
        comparisons.append(shrink(found) if asked.shrunk else found)
    report = _report(study, asked, adjust(comparisons), theme)
    pages = _rendered(report, theme, asked)
    files = pages | _data(study, joint, asked, pages)
    for name in _all_names(asked):
        if name not in files:  # of an earlier release, maybe
            (folder / name).unlink(missing_ok=True)
    return write_files(folder, files)


def _data(
    study: LoadedStudy, joint: Joint, asked: Compared, pages: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Return the release that a comparison is a part of as data, in a folder beside its page."""
    release = joint.main.release
    files = table_files(study, release, asked.formats)
    outputs = {**files, **{f"../{name}": content for name, content in pages.items()}}
    settings = {"comparison": asdict(asked)}
    files[MANIFEST] = study_manifest(study, release, outputs, settings)
    return {f"{asked.stem}/{name}": content for name, content in files.items()}


def _all_names(asked: Compared) -> list[str]:
    """Return every file that a comparison can consist of."""
    pages = [f"{asked.stem}.{form}" for form in PAGE_FORMATS]
    return pages + [f"{asked.stem}/{name}" for name in (CSV, JSON, MANIFEST)]


def _compared(table: ProtectedTable, subject: Subject) -> Comparison | None:
    answer = subject.answer
    return compare_units(
        table, subject.variable, answer.code, subject.name, answer.label, answer.parts
    )


def _shares(table: ProtectedTable) -> dict[str, float]:
    """Return each background group's share of the whole; a withheld one is not there."""
    counts = {
        row.code: line[-1].n
        for row, line in zip(table.rows, table.cells, strict=True)
        if row.kind is RowKind.OPTION
    }
    if any(n is None for n in counts.values()):
        return {}
    whole = sum(n for n in counts.values() if n is not None)
    return {code: (n or 0) / whole for code, n in counts.items()} if whole else {}


def _reading(study: LoadedStudy, asked: Compared) -> str:
    """Say how the page is read, and which answers it is about."""
    texts = study.folder.texts
    declared = study.folder.study.surveys[asked.by.partition(".")[0]].compare
    is_chosen = asked.questions or asked.options or declared
    which = texts.get("compare.chosen" if is_chosen else "compare.first")
    return f"{texts.get('compare.reading')} {which}"


def _report(
    study: LoadedStudy, asked: Compared, comparisons: Sequence[Comparison], theme: Theme
) -> Report:
    """Lay the comparisons out; tables and figures are numbered as everywhere."""
    facts = study_facts(study)
    texts = facts.texts
    blocks: list[Block] = [
        Contents(texts.get("words.contents"), 2),
        Heading(1, texts.get("compare.title"), "compare", "1."),
        Paragraph((Text(texts.get("compare.lead")),), lead=True),
        Paragraph((Text(_reading(study, asked)),)),
    ]
    blocks.append(_numbered(overview_table(comparisons, texts), 1, texts))
    charts: list[ChartBlock] = []
    picked: list[Picked] = []
    for number, found in enumerate(comparisons, 1):
        anchor = f"{slug(found.name)[:40]}-{number}"
        blocks.append(Heading(2, f"{found.name}: {found.option}", anchor, f"1.{number}."))
        for chart in _charts(found, study, theme):
            name = f"figur-{len(charts) + 1}"
            data = replace(chart.data_table, id=f"{name}-data")
            label = texts.get("chart.label", number=len(charts) + 1)
            charts.append(
                replace(chart, id=name, number=len(charts) + 1, label=label, data_table=data)
            )
            blocks.append(charts[-1])
        table = _numbered(comparison_table(found, texts), number + 1, texts)
        blocks.append(table)
        name = f"{found.name}: {found.option}"
        picked.append(Picked(table.id, name, anchor, tuple(withheld_units(found))))
    units = dict.fromkeys(unit.label for found in comparisons for unit in found.units)
    picker = unit_picker(list(units), picked, charts, texts)
    words = {key: str(text) for key, text in texts.mapping("words").items()}
    meta = report_meta(facts, study.folder.name)
    meta = replace(meta, title=f"{meta.title} – {texts.get('compare.title')}")
    return Report(meta, tuple(blocks), words=words, picker=picker)


def _numbered(table: TableBlock, number: int, texts: Texts) -> TableBlock:
    label = texts.get("table.label", number=number)
    return replace(table, id=f"tabell-{number}", number=number, label=label)


def _charts(found: Comparison, study: LoadedStudy, theme: Theme) -> Iterator[ChartBlock]:
    texts = study.folder.texts
    dots = dot_chart(found, texts)
    if dots is not None:
        yield dots
    funnel = funnel_chart(found, texts)
    if funnel is not None:
        yield funnel
    tiles = tile_chart(found, texts)
    if not unknown_areas(tiles, theme):
        yield tiles


def _rendered(report: Report, theme: Theme, asked: Compared) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    timestamp = publication_time(report.meta.date)
    if "html" in asked.formats:
        from evaluation.rendering.html import render_html

        files[f"{asked.stem}.html"] = render_html(report, theme)
    if "pdf" in asked.formats:
        from evaluation.rendering.pdf import render_pdf

        files[f"{asked.stem}.pdf"] = render_pdf(report, theme, timestamp=timestamp)
    if "docx" in asked.formats:
        from evaluation.rendering.docx import render_docx

        files[f"{asked.stem}.docx"] = render_docx(report, theme, timestamp=timestamp)
    return files
