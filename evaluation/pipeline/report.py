"""The whole report in every format: built in memory, then written in one go."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from evaluation.pipeline.build import build_report
from evaluation.pipeline.write import write_files
from evaluation.problems import Checked, count_by_code
from evaluation.rendering.manifest import manifest_json
from evaluation.rendering.theme import load_theme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from evaluation.pipeline.build import Built
    from evaluation.pipeline.load import LoadedStudy
    from evaluation.problems import Problem
    from evaluation.rendering.theme import Theme

DEFAULT_FORMATS = ("html", "pdf", "docx", "xlsx", "csv", "json")
PACKAGES = (
    "click",
    "jinja2",
    "numpy",
    "pikepdf",
    "plotly",
    "pydantic",
    "python-docx",
    "svensk-utvardering",
    "typst",
    "xlsxwriter",
)


def write_report(
    study: LoadedStudy,
    folder: Path,
    *,
    formats: Sequence[str] = DEFAULT_FORMATS,
    unprotected: bool = False,
    language: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Checked[list[Path] | None]:
    """Build a study's report and write it.

    Parameters
    ----------
    study
        Loaded and sound.
    folder
        Where the files go; made if need be.
    formats
        Any of `DEFAULT_FORMATS`; ``problems.csv`` and ``manifest.json`` always come.
    unprotected
        Pass every figure, marked as not for publication.
    language
        Language of the report; None: the study's.
    progress
        Told what is being done.

    Returns
    -------
    Checked of list of Path
        None, and nothing written, where a problem stops.
    """
    if language and language != study.folder.texts.language:
        study = in_language(study, language)
    built = build_report(study, unprotected=unprotected, progress=progress)
    problems = (*study.problems, *built.problems)
    if built.value is None:
        return Checked(None, built.problems)
    themes = (study.folder.path / "themes",)
    theme = load_theme(study.folder.study.report.theme, themes)
    files = render_files(study, built.value, theme, formats, progress)
    files |= _account(study, built.value, files, problems, formats, unprotected=unprotected)
    progress("files")
    return Checked(write_files(folder, files), built.problems)


def in_language(study: LoadedStudy, language: str) -> LoadedStudy:
    """Return the study with the product's words in another language."""
    from evaluation.loading.texts import load_texts

    own = study.folder.study
    texts = load_texts(language, own.texts if own.language == language else {})
    return replace(study, folder=replace(study.folder, texts=texts))


def render_files(
    study: LoadedStudy,
    built: Built,
    theme: Theme,
    formats: Sequence[str],
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, bytes]:
    """Render a report in each format asked for; a library is imported only when needed."""
    report, release, texts = built.report, built.release, study.folder.texts
    timestamp = publication_time(report.meta.date)
    files: dict[str, bytes] = {}
    for form in formats:
        progress(form)
        if form == "html":
            from evaluation.rendering.html import render_html

            files["report.html"] = render_html(report, theme)
        elif form == "pdf":
            from evaluation.rendering.pdf import render_pdf

            files["report.pdf"] = render_pdf(report, theme, timestamp=timestamp)
        elif form == "docx":
            from evaluation.rendering.docx import render_docx

            files["report.docx"] = render_docx(report, theme, timestamp=timestamp)
        elif form == "xlsx":
            from evaluation.rendering.xlsx import render_xlsx

            files["tables.xlsx"] = render_xlsx(report, release.tables, texts, theme)
        elif form == "csv":
            from evaluation.rendering.tidy import tables_csv

            files["tables.csv"] = tables_csv(release.tables, texts)
        elif form == "json":
            from evaluation.rendering.jsonstat import tables_json

            files["tables.json"] = tables_json(release.tables, texts, report.meta.title)
    return files


def publication_time(date: str) -> int:
    """Return the time stamped into files: the study's date, else SOURCE_DATE_EPOCH, else 1980.

    Never the clock, so that the same input gives the same bytes.
    """
    if date:
        day = dt.date.fromisoformat(date)
        noon = dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC)
        return int(noon.timestamp())
    return int(os.environ.get("SOURCE_DATE_EPOCH", "315532800"))


def _account(
    study: LoadedStudy,
    built: Built,
    files: dict[str, bytes],
    problems: Sequence[Problem],
    formats: Sequence[str],
    *,
    unprotected: bool,
) -> dict[str, bytes]:
    """Return ``problems.csv`` and ``manifest.json``."""
    from evaluation.rendering.problems import problems_csv

    listed = problems_csv(problems, study.folder.texts)
    outputs = {**files, "problems.csv": listed}
    own = study.folder.study
    manifest = manifest_json(
        study=study.folder.name,
        inputs=study.inputs,
        outputs=outputs,
        versions=_versions(),
        settings={
            "formats": list(formats),
            "unprotected": unprotected,
            "language": study.folder.texts.language,
            "theme": own.report.theme,
        },
        intake={
            survey: {status.value: n for status, n in data.intake.counts.items()}
            for survey, data in study.coded.items()
        },
        release=built.release,
        problems=[(s.value, code, n) for (s, code), n in count_by_code(problems).items()],
    )
    return {"problems.csv": listed, "manifest.json": manifest}


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
