"""``evaluation protection-log``: what is hidden and why, for the evaluator alone."""

from __future__ import annotations

from pathlib import Path

import click

from evaluation.cli._session import Session, session_options


@click.command("protection-log")
@click.argument("study", type=click.Path(path_type=Path))
@click.option(
    "--with",
    "folder",
    type=click.Path(path_type=Path),
    default=None,
    help="Output folder whose unit reports and comparisons are protected together with the report.",
)
@session_options
@click.pass_obj
def command(session: Session, study: Path, folder: Path | None) -> None:
    """List every hidden cell with its true reason (CSV). Not for publication."""
    from evaluation.pipeline.decisions import decisions_csv, decisions_summary
    from evaluation.pipeline.joint import build_joint
    from evaluation.pipeline.pieces import read_pieces

    loaded = session.load(study, None)
    outputs = folder or Path("outputs") / study.resolve().name
    built = build_joint(loaded, read_pieces(loaded, outputs), progress=session.progress)
    session.done()
    session.show_problems(built.problems, loaded.folder.texts)
    if built.value is None:
        session.stop()
    release = built.value.main.release
    click.echo(decisions_csv(release, loaded.folder.texts), nl=False)
    session.say(decisions_summary(release, loaded.folder.texts))
