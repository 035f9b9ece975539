"""The whole report in every format: built in memory, then written in one go."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING, Any

from evaluation.pipeline.formats import DEFAULT_FORMATS
from evaluation.pipeline.joint import build_joint
from evaluation.pipeline.leftovers import write_release
from evaluation.pipeline.manifest import study_manifest
from evaluation.pipeline.pieces import Pieces, read_pieces
from evaluation.pipeline.refresh import bring_in_line
from evaluation.pipeline.unchanged import settings_for
from evaluation.problems import Checked, Problem, Severity, stops
from evaluation.rendering.palette import check_theme
from evaluation.rendering.theme import load_theme

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from evaluation.pipeline.build import Built
    from evaluation.pipeline.load import LoadedStudy
    from evaluation.rendering.theme import Theme
    from evaluation.report.model import Report


def write_report(
    study: LoadedStudy,
    folder: Path,
    *,
    formats: Sequence[str] = DEFAULT_FORMATS,
    unprotected: bool = False,
    language: str | None = None,
    reference_doc: bytes | None = None,
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
        As asked for when the study was loaded; for the manifest.
    reference_doc
        Content of the agency's own Word template.
    progress
        Told what is being done.

    Returns
    -------
    Checked of list of Path
        None, and nothing written, where a problem stops.
    """
    pieces = Pieces() if unprotected else read_pieces(study, folder)
    joint = build_joint(study, pieces, unprotected=unprotected, progress=progress)
    if joint.value is None:
        return Checked(None, joint.problems)
    built = joint.value.main
    themes = (study.folder.path / "themes",)
    theme = load_theme(study.folder.study.report.theme, themes)
    found = [*joint.problems, *check_theme(theme, study.folder.texts.get("words.decimal_sign"))]
    if reference_doc is not None and not is_word_file(reference_doc):
        found.append(Problem("not-a-word-file", Severity.STOP, value="--reference-doc"))
    if stops(found):
        return Checked(None, tuple(found))
    problems = (*study.problems, *found)
    files = render_files(study, built, theme, formats, progress, reference_doc)
    settings = settings_for(
        formats, unprotected=unprotected, language=language, reference=reference_doc
    )
    files |= _account(study, built, files, problems, settings)
    progress("files")
    written, left = write_release(folder, files)
    found += left
    if pieces != Pieces():
        found += bring_in_line(
            study, folder, joint.value, pieces, theme, progress, written="report"
        )
    return Checked(written, tuple(found))


def report_files(
    study: LoadedStudy,
    built: Built,
    theme: Theme,
    formats: Sequence[str],
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, bytes]:
    """Return a report's files with problems and manifest, as they would be asked for plainly."""
    files = render_files(study, built, theme, formats, progress)
    settings = settings_for(formats, unprotected=False, language=None, reference=None)
    return files | _account(study, built, files, study.problems, settings)


def is_word_file(content: bytes) -> bool:
    """Tell whether a file is a Word document or template that can be opened."""
    from evaluation.rendering.word.package import NotAWordFileError, open_package

    try:
        open_package(content)
    except NotAWordFileError:
        return False
    return True


def render_files(
    study: LoadedStudy,
    built: Built,
    theme: Theme,
    formats: Sequence[str],
    progress: Callable[[str], None] = lambda _: None,
    reference_doc: bytes | None = None,
) -> dict[str, bytes]:
    """Render a report in each format asked for; a library is imported only when needed.

    The PDF is set on a second core meanwhile: Typst does not hold Python up.
    """
    from concurrent.futures import ThreadPoolExecutor

    timestamp = publication_time(built.report.meta.date)
    made: dict[str, dict[str, bytes]] = {}
    with ThreadPoolExecutor(1) as second:
        setting = second.submit(_pdf, built.report, theme, timestamp) if "pdf" in formats else None
        for form in sorted(formats, key=lambda form: _LAST.get(form, 0)):
            progress(form)
            if form == "docx":
                made[form] = _docx(built.report, theme, timestamp, reference_doc, setting)
            elif form == "pdf" and setting is not None:
                made[form] = {"report.pdf": setting.result()}
            else:
                made[form] = _render(study, built, theme, form)
    return {name: content for form in formats for name, content in made[form].items()}


_LAST = {"docx": 1, "pdf": 2}
"""What needs the PDF waits for it after all others."""


def _pdf(report: Report, theme: Theme, timestamp: int) -> bytes:
    from evaluation.rendering.pdf import render_pdf

    return render_pdf(report, theme, timestamp=timestamp)


def _docx(
    report: Report,
    theme: Theme,
    timestamp: int,
    reference_doc: bytes | None,
    setting: Future[bytes] | None,
) -> dict[str, bytes]:
    """Render the Word document; its contents show the pages of the PDF, if that is made too."""
    from evaluation.rendering.docx import render_docx
    from evaluation.rendering.pdf import pages_of

    pages = None if setting is None else lambda: pages_of(setting.result(), report)
    document = render_docx(
        report, theme, timestamp=timestamp, reference_doc=reference_doc, pages=pages
    )
    return {"report.docx": document}


def _render(study: LoadedStudy, built: Built, theme: Theme, form: str) -> dict[str, bytes]:
    """Render one of the formats that need no other."""
    report, release, texts = built.report, built.release, study.folder.texts
    if form == "html":
        from evaluation.rendering.html import render_html

        return {"report.html": render_html(report, theme)}
    if form == "xlsx":
        from evaluation.rendering.xlsx import render_xlsx

        return {"tables.xlsx": render_xlsx(report, release.tables, texts, theme)}
    if form == "csv":
        from evaluation.rendering.tidy import tables_csv

        return {"tables.csv": tables_csv(release.tables, texts)}
    if form == "json":
        from evaluation.rendering.jsonstat import tables_json

        return {"tables.json": tables_json(release.tables, texts, report.meta.title)}
    if form == "px":
        from evaluation.rendering.px import px_files

        return px_files(release.tables, texts, report.meta)
    if form == "ddi":
        from evaluation.rendering.ddi import ddi_xml

        return {"codebook.xml": ddi_xml(study.folder.codebooks, release, report.meta)}
    from evaluation.rendering.csvw import csvw_json

    return {"tables.csv-metadata.json": csvw_json(texts, report.meta)}


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
    settings: Mapping[str, Any],
) -> dict[str, bytes]:
    """Return ``problems.csv`` and ``manifest.json``."""
    from evaluation.rendering.problems import problems_csv

    listed = problems_csv(problems, study.folder.texts)
    outputs = {**files, "problems.csv": listed}
    manifest = study_manifest(study, built.release, outputs, settings, problems)
    return {"problems.csv": listed, "manifest.json": manifest}
