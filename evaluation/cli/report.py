"""``evaluation report``: the whole report, in every format asked for."""

from __future__ import annotations

from pathlib import Path

import click

from evaluation.cli._session import Session, session_options


@click.command("report")
@click.argument("study", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "formats",
    default="",
    help="Comma-separated: html,pdf,docx,xlsx,csv,json; px, ddi and csvw on request.",
)
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Output folder.")
@click.option("--lang", default=None, help="Language of the report, where the texts have it.")
@click.option(
    "--reference-doc",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    help="The agency's own Word template (.docx or .dotx).",
)
@click.option("--raw", is_flag=True, help="Unprotected; not for publication.")
@session_options
@click.pass_obj
def command(
    session: Session,
    study: Path,
    formats: str,
    out: Path | None,
    lang: str | None,
    reference_doc: Path | None,
    *,
    raw: bool,
) -> None:
    """Build the report of a study into outputs/<study>/."""
    from evaluation.pipeline.report import DEFAULT_FORMATS, FORMATS, write_report

    loaded = session.load(study)
    wanted = tuple(part.strip() for part in formats.split(",") if part.strip())
    unknown = [part for part in wanted if part not in FORMATS]
    if unknown:
        raise click.BadParameter(
            f"{', '.join(unknown)}; choose from {', '.join(FORMATS)}", param_hint="--to"
        )
    result = write_report(
        loaded,
        out or Path("outputs") / study.resolve().name,
        formats=wanted or DEFAULT_FORMATS,
        unprotected=raw,
        language=lang,
        reference_doc=reference_doc.read_bytes() if reference_doc else None,
        progress=session.progress,
    )
    session.done()
    session.show_problems(result.problems, loaded.folder.texts)
    if result.value is None:
        session.stop()
    for file in result.value:
        session.say(str(file))
