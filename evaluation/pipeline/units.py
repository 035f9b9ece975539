"""A report for every unit, in one run with one protection; an index page over them."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Categorical
from evaluation.pipeline.build import Document, build_documents, study_facts
from evaluation.pipeline.filters import filter_text, respondents
from evaluation.pipeline.report import publication_time
from evaluation.pipeline.unchanged import package_versions
from evaluation.pipeline.write import write_files
from evaluation.problems import Checked, Problem, Severity, stops
from evaluation.rendering.palette import check_theme
from evaluation.rendering.theme import load_theme
from evaluation.report.assemble import report_meta
from evaluation.report.facts import ChapterText
from evaluation.report.markdown import slug
from evaluation.report.model import Heading, Link, ListBlock, Paragraph, Report, Text
from evaluation.report.unit_functions import unit_chapter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from evaluation.pipeline.load import LoadedStudy
    from evaluation.rendering.theme import Theme

UNIT_CHAPTERS = "units"
"""Folder under ``chapters/`` with the chapters of a unit's report; without it one is made."""

UNIT_FORMATS = ("html", "pdf", "docx")
STATE = "state.json"
PARALLEL_FROM = 8
"""Fewer reports than this are rendered in one process: starting another costs as much."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that gets a report.

    Attributes
    ----------
    label
        Its name.
    columns
        Survey -> (unit variable, code).
    """

    label: str
    columns: dict[str, tuple[str, str]]

    @property
    def folder(self) -> str:
        """Name of its folder among the outputs."""
        return slug(self.label)


def study_units(study: LoadedStudy) -> list[Unit]:
    """Return the units with at least one respondent, in codebook order.

    The unit variable of each survey is declared as ``surveys.<survey>.unit``;
    the same label in two surveys is the same unit.
    """
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for survey, config in study.folder.study.surveys.items():
        data = study.coded.get(survey)
        if data is None or not config.unit:
            continue
        variable = data.variables.get(config.unit)
        if not isinstance(variable, Categorical):
            continue
        inside = respondents(study, survey, filter_text(study, survey))
        present = set(np.unique(variable.codes[inside]).tolist())
        for position, category in enumerate(variable.categories):
            if position in present:
                found.setdefault(category.label, {})[survey] = (config.unit, category.code)
    return [Unit(label, columns) for label, columns in found.items()]


def write_unit_reports(
    study: LoadedStudy,
    folder: Path,
    *,
    formats: Sequence[str] = ("html",),
    only: str = "",
    progress: Callable[[str], None] = lambda _: None,
) -> Checked[list[Path] | None]:
    """Write one report per unit and an index page.

    All units' tables are counted and protected together with the main
    report's, whether or not only one unit's report is written. A run that was
    interrupted goes on where it stopped: what is already there for the same
    input is left as it is.

    Parameters
    ----------
    study
        Loaded and sound.
    folder
        Gets ``index.html`` and one folder per unit.
    formats
        Any of `UNIT_FORMATS`.
    only
        Name or code of a single unit, "" for all.
    progress
        Told which unit is being written.
    """
    units = study_units(study)
    wanted = [u for u in units if not only or only in (u.label, u.folder, *_codes(u))]
    if not wanted:
        known = ", ".join(unit.label for unit in units[:20])
        problem = Problem("unknown-unit", Severity.STOP, value=only, expected=known)
        return Checked(None, (problem,))
    theme = load_theme(study.folder.study.report.theme, (study.folder.path / "themes",))
    built = build_documents(study, _documents(study, units), progress=progress)
    problems = (*built.problems, *check_theme(theme))
    if built.value is None or stops(problems):
        return Checked(None, problems)
    reports = dict(zip([unit.label for unit in units], built.value[0][1:], strict=True))
    fingerprint = _fingerprint(study, formats)
    done = _state(folder, fingerprint)
    todo = [u for u in wanted if not _is_there(folder, u, formats, done)]
    written: list[Path] = []
    render = partial(_render, theme=theme, formats=tuple(formats))
    for number, (unit, files) in enumerate(_rendered(todo, reports, render), 1):
        progress(f"{unit.label} ({number}/{len(todo)})")
        written += write_files(folder / unit.folder, files)
        done[unit.folder] = fingerprint
        write_files(folder, {STATE: json.dumps(done, indent=1).encode()})
    index = _index(study, units, folder, theme)
    written += write_files(folder, {"index.html": index})
    return Checked(written, problems)


def _codes(unit: Unit) -> list[str]:
    return [code for _, code in unit.columns.values()]


def _documents(study: LoadedStudy, units: Sequence[Unit]) -> list[Document]:
    """The main report first: what it shows is protected together with the units' reports."""
    facts = study_facts(study)
    own = tuple(
        ChapterText(f"units-{path.name}", f"chapters/{UNIT_CHAPTERS}/{path.name}", text)
        for path in sorted((study.folder.path / "chapters" / UNIT_CHAPTERS).glob("*.md"))
        if (text := path.read_text(encoding="utf-8"))
    )
    documents = [Document(study.folder.name, facts, study.folder.chapters)]
    for unit in units:
        known = replace(facts, unit=unit.label, unit_columns=unit.columns)
        made = (ChapterText("unit.md", "unit.md", unit_chapter(known)),)
        documents.append(Document(study.folder.name, known, own or made))
    return documents


def _rendered(
    units: Sequence[Unit],
    reports: dict[str, Report],
    render: Callable[[Report], dict[str, bytes]],
) -> Iterator[tuple[Unit, dict[str, bytes]]]:
    """Render reports, on all cores where there are many; results in order."""
    if len(units) < PARALLEL_FROM:
        for unit in units:
            yield unit, render(reports[unit.label])
        return
    with ProcessPoolExecutor() as pool:
        results = pool.map(render, [reports[unit.label] for unit in units], chunksize=4)
        yield from zip(units, results, strict=True)


def _render(report: Report, theme: Theme, formats: tuple[str, ...]) -> dict[str, bytes]:
    """Render one unit's report; runs in a process of its own."""
    timestamp = publication_time(report.meta.date)
    files: dict[str, bytes] = {}
    if "html" in formats:
        from evaluation.rendering.html import render_html

        files["report.html"] = render_html(report, theme)
    if "pdf" in formats:
        from evaluation.rendering.pdf import render_pdf

        files["report.pdf"] = render_pdf(report, theme, timestamp=timestamp)
    if "docx" in formats:
        from evaluation.rendering.docx import render_docx

        files["report.docx"] = render_docx(report, theme, timestamp=timestamp)
    return files


def _index(study: LoadedStudy, units: Sequence[Unit], folder: Path, theme: Theme) -> bytes:
    """A page with a link to every unit's report that is there."""
    from evaluation.rendering.html import render_html

    facts = study_facts(study)
    texts = facts.texts
    there = [unit for unit in units if (folder / unit.folder / "report.html").is_file()]
    links = tuple(
        (Paragraph((Link(f"{unit.folder}/report.html", (Text(unit.label),)),)),) for unit in there
    )
    heading = texts.get("units.index")
    report = Report(
        meta=report_meta(facts, study.folder.name),
        blocks=(
            Heading(1, heading, "index"),
            Paragraph((Text(texts.get("units.index_lead", n=texts.numbers.number(len(there)))),)),
            ListBlock(links),
        ),
        words={key: str(text) for key, text in texts.mapping("words").items()},
    )
    return render_html(report, theme)


def _fingerprint(study: LoadedStudy, formats: Sequence[str]) -> str:
    content = json.dumps([package_versions(), sorted(study.inputs.items()), sorted(formats)])
    return hashlib.sha256(content.encode()).hexdigest()


def _state(folder: Path, fingerprint: str) -> dict[str, str]:
    """Return what an interrupted run of the same input has finished."""
    try:
        state = json.loads((folder / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: mark for name, mark in state.items() if mark == fingerprint}


def _is_there(folder: Path, unit: Unit, formats: Sequence[str], done: dict[str, str]) -> bool:
    files = [folder / unit.folder / f"report.{form}" for form in formats]
    return unit.folder in done and all(file.is_file() for file in files)
