"""``evaluation report``: the whole report, in every format asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from evaluation.cli._session import (
    Session,
    chosen_formats,
    engine_options,
    on_engine,
    session_options,
)

if TYPE_CHECKING:
    from evaluation.pipeline.load import LoadedStudy


@click.command("report")
@click.argument("study", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "formats",
    default="",
    help="Comma-separated: html,pdf,docx,xlsx,csv,json; px, ddi and csvw on request. "
    "Units' reports: html,pdf,docx,csv,json.",
)
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Output folder.")
@click.option("--lang", default=None, help="Language of the report, where the texts have it.")
@click.option(
    "--reference-doc",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    help="The agency's own Word template (.docx or .dotx).",
)
@click.option("--unit", default="", help="Only this unit's own report.")
@click.option("--each-unit", is_flag=True, help="A report for every unit, and an index page.")
@click.option("--force", is_flag=True, help="Build even if nothing has changed.")
@click.option("--raw", is_flag=True, help="Unprotected; not for publication.")
@engine_options
@session_options
@click.pass_obj
def command(  # noqa: PLR0913
    session: Session,
    study: Path,
    formats: str,
    out: Path | None,
    lang: str | None,
    reference_doc: Path | None,
    unit: str,
    *,
    engine: str,
    engine_settings: tuple[str, ...],
    each_unit: bool,
    force: bool,
    raw: bool,
) -> None:
    """Build the report of a study into outputs/<study>/."""
    from evaluation.pipeline.formats import DEFAULT_FORMATS, FORMATS, PIECE_FORMATS

    wanted = chosen_formats(formats, PIECE_FORMATS if unit or each_unit else FORMATS)
    if raw and (unit or each_unit):
        raise click.BadParameter("not with --unit or --each-unit", param_hint="--raw")
    if reference_doc and (unit or each_unit):
        raise click.BadParameter("not with --unit or --each-unit", param_hint="--reference-doc")
    folder = out or Path("outputs") / study.resolve().name
    word = reference_doc.read_bytes() if reference_doc else None
    if not (force or unit or each_unit):
        from evaluation.pipeline.unchanged import is_current, settings_for

        asked = settings_for(
            wanted or DEFAULT_FORMATS, unprotected=raw, language=lang, reference=word
        )
        if is_current(study, folder, asked):
            session.say(f"{folder}: unchanged")
            return
    loaded = on_engine(session.load(study, lang), engine, engine_settings)
    if unit or each_unit:
        _units(session, loaded, folder, wanted, unit)
        return
    from evaluation.pipeline.report import write_report

    result = write_report(
        loaded,
        folder,
        formats=wanted or DEFAULT_FORMATS,
        unprotected=raw,
        language=lang,
        reference_doc=word,
        progress=session.progress,
    )
    session.say_files(result, loaded.folder.texts)


def _units(
    session: Session, study: LoadedStudy, folder: Path, formats: tuple[str, ...], only: str
) -> None:
    """Write unit reports and say what was written."""
    from evaluation.pipeline.units import write_unit_reports

    result = write_unit_reports(
        study, folder, formats=formats or ("html",), only=only, progress=session.progress
    )
    session.done()
    session.show_problems(result.problems, study.folder.texts)
    if result.value is None:
        session.stop()
    names = ("index.html", "tables.csv", "tables.json")
    for file in (folder / "units" / name for name in names):
        if file.is_file():
            session.say(str(file) if result.value else f"{file}: unchanged")
