"""A report for every unit, in one run with one protection; an index page over them."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from evaluation.pipeline.build import study_facts
from evaluation.pipeline.documents import study_units
from evaluation.pipeline.formats import PAGE_FORMATS
from evaluation.pipeline.gate import unprotected_units
from evaluation.pipeline.joint import build_joint
from evaluation.pipeline.manifest import study_manifest
from evaluation.pipeline.piece_data import table_files
from evaluation.pipeline.pieces import FILE, pieces_json, read_pieces
from evaluation.pipeline.refresh import bring_in_line
from evaluation.pipeline.release_folder import MANIFEST, UNITS
from evaluation.pipeline.report import publication_time
from evaluation.pipeline.unchanged import package_versions, product_hash
from evaluation.pipeline.unit_state import UnitState, digest
from evaluation.pipeline.write import write_files
from evaluation.problems import Checked, Problem, Severity, stops
from evaluation.rendering.palette import check_theme
from evaluation.rendering.theme import load_theme
from evaluation.report.assemble import report_meta
from evaluation.report.model import Heading, Link, ListBlock, Paragraph, Report, Text
from evaluation.report.unit_functions import group_beside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from evaluation.pipeline.documents import Unit
    from evaluation.pipeline.joint import Joint
    from evaluation.pipeline.load import LoadedStudy
    from evaluation.pipeline.pieces import Pieces
    from evaluation.rendering.theme import Theme
    from evaluation.report.facts import StudyFacts
    from evaluation.report.model import Block, Inline

INDEX = "index.html"
PARALLEL_FROM = 8
"""Fewer reports than this are rendered in one process: starting another costs as much."""


def write_unit_reports(
    study: LoadedStudy,
    outputs: Path,
    *,
    formats: Sequence[str] = ("html",),
    only: str = "",
    progress: Callable[[str], None] = lambda _: None,
) -> Checked[list[Path] | None]:
    """Write one report per unit and an index page.

    All units' tables are counted and protected together with the main report
    and whatever else the folder holds, whether or not only one unit's report
    is written; a report that lies there already is brought in line. A run that
    was interrupted goes on where it stopped: a unit's report that is whole and
    says what it would say now is left as it is.

    Parameters
    ----------
    study
        Loaded and sound.
    outputs
        Folder of the study's outputs; gets ``units/index.html``,
        ``units/<unit>/report.html`` and the release as data, ``units/tables.csv``
        with ``units/manifest.json``.
    formats
        Any of `PIECE_FORMATS`; ``units/tables.csv`` comes with all of them.
    only
        Name or code of a single unit, "" for all.
    progress
        Told which unit is being written.
    """
    if open_units := unprotected_units(study):
        return Checked(None, open_units)
    units = study_units(study)
    wanted = [u for u in units if not only or only in (u.label, u.folder, *u.codes)]
    if not wanted:
        known = ", ".join(unit.label for unit in units[:20])
        problem = Problem("unknown-unit", Severity.STOP, value=only, expected=known)
        return Checked(None, (problem,))
    theme = load_theme(study.folder.study.report.theme, (study.folder.path / "themes",))
    folder = outputs / UNITS
    is_protected = study.folder.study.protection.method != "none"
    pieces = read_pieces(study, outputs).with_units()
    key = _key(study, formats, pieces)
    state = UnitState.read(folder)
    laid_out = wanted if set(formats) & set(PAGE_FORMATS) else []
    if state.is_complete(key, folder, [unit.folder for unit in laid_out]):
        return Checked([], check_theme(theme))
    built = build_joint(study, pieces, progress=progress)
    problems = (*built.problems, *check_theme(theme))
    if built.value is None or stops(problems):
        return Checked(None, problems)
    if is_protected:
        write_files(outputs, {FILE: pieces_json(pieces)})
    written = _write_units(study, folder, built.value, wanted, formats, theme, progress)
    if is_protected:
        problems += bring_in_line(
            study, outputs, built.value, pieces, theme, progress, written=UNITS
        )
    state = UnitState.read(folder)
    state.finish(folder, key)
    return Checked(written, problems)


def refresh_units(
    study: LoadedStudy,
    outputs: Path,
    joint: Joint,
    theme: Theme,
    progress: Callable[[str], None],
) -> None:
    """Write those units' reports anew that lie in the outputs and would say something else."""
    folder = outputs / UNITS
    state = UnitState.read(folder)
    there = [unit for unit in study_units(study) if unit.folder in state.done]
    if there or state.data:
        _write_units(study, folder, joint, there, state.formats(), theme, progress)


def _write_units(
    study: LoadedStudy,
    folder: Path,
    joint: Joint,
    wanted: Sequence[Unit],
    formats: Sequence[str],
    theme: Theme,
    progress: Callable[[str], None],
) -> list[Path]:
    """Write what is missing or would say something else, the index page, and the data.

    The data comes right after reports of another content are gone, so that at no
    time figures of two releases lie in the folder; the manifest, which names all
    reports, comes again when they are there.
    """
    units = study_units(study)
    pages = tuple(form for form in PAGE_FORMATS if form in formats)
    product = f"{product_hash()} {package_versions()}"
    digests = {u.folder: digest(joint.units[u.label], pages, product) for u in units}
    data = table_files(study, joint.main.release, formats)
    state = UnitState.read(folder)
    state.drop_stale(folder, digests)
    state.put_data(folder, data | _manifest(study, joint, data, state, formats))
    written: list[Path] = []
    index: dict[str, bytes] = {}
    if pages:
        todo = [u for u in wanted if not state.has(folder, u.folder, digests[u.folder])]
        render = partial(_render, theme=theme, formats=pages)
        for number, (unit, files) in enumerate(_rendered(todo, joint.units, render), 1):
            progress(f"{unit.label} ({number}/{len(todo)})")
            written += write_files(folder / unit.folder, files)
            state.add(folder, unit.folder, digests[unit.folder], files)
        index = {INDEX: _index(study, units, folder, tuple(data), theme)}
        written += write_files(folder, index)
    else:
        (folder / INDEX).unlink(missing_ok=True)
    manifest = _manifest(study, joint, data | index, state, formats)
    return state.put_data(folder, data | manifest) + written


def _manifest(
    study: LoadedStudy,
    joint: Joint,
    files: Mapping[str, bytes],
    state: UnitState,
    formats: Sequence[str],
) -> dict[str, bytes]:
    """Return the manifest of the units' reports that are there."""
    outputs: dict[str, bytes | str] = {**state.marks(), **files}
    settings = {"each_unit": True, "formats": sorted({*formats, "csv"})}
    return {MANIFEST: study_manifest(study, joint.main.release, outputs, settings)}


def _rendered(
    units: Sequence[Unit],
    reports: Mapping[str, Report],
    render: Callable[[Report], dict[str, bytes]],
) -> Iterator[tuple[Unit, dict[str, bytes]]]:
    """Render reports, on all cores where there are many; results in order."""
    if len(units) < PARALLEL_FROM:
        for unit in units:
            yield unit, render(reports[unit.label])
        return
    with ProcessPoolExecutor(initializer=_end_with, initargs=(os.getpid(),)) as pool:
        results = pool.map(render, [reports[unit.label] for unit in units], chunksize=4)
        yield from zip(units, results, strict=True)


def _end_with(parent: int) -> None:
    """Let a process that renders end when the one that it works for is gone, killed say."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    if os.getppid() == parent:  # elsewhere a server stands between, and ends them
        threading.Thread(target=watch, daemon=True).start()


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


def _index(
    study: LoadedStudy, units: Sequence[Unit], folder: Path, data: Sequence[str], theme: Theme
) -> bytes:
    """A page with a link to every unit's report that is there, and to the figures as data."""
    from evaluation.rendering.html import render_html

    facts = study_facts(study)
    texts = facts.texts
    found = [(unit, _formats_there(folder / unit.folder)) for unit in units]
    there = [(unit, formats) for unit, formats in found if formats]
    heading = texts.get("units.index")
    meta = report_meta(facts, study.folder.name)
    report = Report(
        meta=replace(meta, title=f"{meta.title} – {heading}"),
        blocks=(
            Heading(1, heading, "index"),
            Paragraph((Text(texts.get("units.index_lead", n=texts.numbers.number(len(there)))),)),
            *_link_lists(facts, there),
            Paragraph((Text(texts.get("units.index_data")), *_data_links(data))),
        ),
        words={key: str(text) for key, text in texts.mapping("words").items()},
    )
    return render_html(report, theme)


def _link_lists(facts: StudyFacts, there: Sequence[tuple[Unit, Sequence[str]]]) -> Iterator[Block]:
    """Yield a list of links, or one under the name of each group of units where all have one."""
    places = [group_beside(facts, unit.columns) for unit, _ in there]
    groups = sorted({place for place in places if place is not None})
    if None in places or len(groups) < 2:
        yield ListBlock(tuple(map(_linked, there)))
        return
    for number, group in enumerate(groups, start=1):
        yield Heading(2, group[1], f"index-{number}")
        inside = (one for one, place in zip(there, places, strict=True) if place == group)
        yield ListBlock(tuple(map(_linked, inside)))


def _linked(one: tuple[Unit, Sequence[str]]) -> tuple[Block, ...]:
    return (Paragraph(tuple(_links(*one))),)


def _formats_there(folder: Path) -> list[str]:
    return [form for form in PAGE_FORMATS if (folder / f"report.{form}").is_file()]


def _links(unit: Unit, formats: Sequence[str]) -> Iterator[Inline]:
    """Yield a link to a unit's report, and one to each further format, named by it."""
    first, *others = formats
    yield Link(f"{unit.folder}/report.{first}", (Text(unit.label),))
    for form in others:
        yield Text(", ")
        yield Link(f"{unit.folder}/report.{form}", (Text(f"{unit.label} ({form.upper()})"),))


def _data_links(names: Sequence[str]) -> Iterator[Inline]:
    for number, name in enumerate(names):
        yield Text(", " if number else " ")
        yield Link(name, (Text(name),))


def _key(study: LoadedStudy, formats: Sequence[str], pieces: Pieces) -> str:
    inputs = sorted(study.inputs.items())
    content = [product_hash(), package_versions(), inputs, sorted(formats), str(pieces)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
