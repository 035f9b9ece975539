"""``evaluation init``: a study folder drafted from exports."""

from __future__ import annotations

from pathlib import Path

import click

from evaluation.cli._session import Session, default_texts, session_options

TOLD = frozenset({"tool-recognised", "tool-unknown"})
"""Notes that are told whether or not more is asked for."""


@click.command("init")
@click.argument("exports", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--study",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to make; must not exist or be empty.",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=None,
    help="Last year's study: lists new, gone and renamed questions and options.",
)
@click.option("--tool", default=None, help="Survey tool, where detection is wrong.")
@click.option("--sheet", default=None, help="Sheet of the workbook.")
@click.option("--encoding", default=None, help="Encoding of a text file.")
@click.option("--header-rows", type=click.IntRange(1, 5), default=None)
@click.option("--lang", default=None, help="Language of the report; default: the answers'.")
@session_options
@click.pass_obj
def command(
    session: Session,
    /,
    exports: tuple[Path, ...],
    study: Path,
    against: Path | None,
    lang: str | None,
    **read: object,
) -> None:
    """Draft a study folder: codebook, study.yaml, a chapter with every table."""
    from evaluation.codebook.schema import ReadOptions
    from evaluation.pipeline.init import init_study
    from evaluation.problems import stops
    from evaluation.rendering.problems import worded

    session.progress("init")
    options = ReadOptions.model_validate(read)
    problems = init_study(exports, study, against, options=options, language=lang)
    session.done()
    session.show_problems(problems, default_texts())
    if stops(problems):
        session.stop()
    if not session.verbose:
        for told in (p for p in problems if p.code in TOLD or p.code.startswith("against-")):
            session.say(worded(told, default_texts()).message)
    session.say(str(study / "study.yaml"))
