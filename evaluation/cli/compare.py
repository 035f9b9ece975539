"""``evaluation compare``: units beside each other, with their uncertainty."""

from __future__ import annotations

from pathlib import Path

import click

from evaluation.cli._session import Session, chosen_formats, session_options


@click.command("compare")
@click.argument("study", type=click.Path(path_type=Path))
@click.option(
    "--by", required=True, help="Unit: survey.variable, or variable where there is one survey."
)
@click.option(
    "--question",
    "questions",
    multiple=True,
    help="Question or grid item to compare, survey.question; repeat for several.",
)
@click.option(
    "--option",
    "options",
    multiple=True,
    help="Answer or sum of answers, by code or label; repeat for several.",
)
@click.option("--standardise", "background", default="", help="Background to adjust for.")
@click.option("--shrink", is_flag=True, help="Add figures drawn towards the whole.")
@click.option("--to", "formats", default="html", help="Comma-separated: html,pdf,docx,csv,json.")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Output folder.")
@session_options
@click.pass_obj
def command(  # noqa: PLR0913
    session: Session,
    study: Path,
    by: str,
    questions: tuple[str, ...],
    options: tuple[str, ...],
    background: str,
    formats: str,
    out: Path | None,
    *,
    shrink: bool,
) -> None:
    """Compare units: intervals, funnel, ranks with uncertainty, differences, a map."""
    from evaluation.pipeline.compare import compare
    from evaluation.pipeline.formats import PIECE_FORMATS

    wanted = chosen_formats(formats, PIECE_FORMATS)
    loaded = session.load(study)
    result = compare(
        loaded,
        by,
        out or Path("outputs") / study.resolve().name,
        formats=wanted or ("html",),
        background=background,
        shrunk=shrink,
        questions=questions,
        options=options,
        progress=session.progress,
    )
    session.say_files(result, loaded.folder.texts)
