"""``evaluation preview``: the report on localhost, built anew when a file changes."""

from __future__ import annotations

from pathlib import Path

import click

from evaluation.cli._session import Session, session_options


@click.command("preview")
@click.argument("study", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--port", default=8000, show_default=True, help="Port on localhost; 0 for any.")
@session_options
@click.pass_obj
def command(session: Session, study: Path, port: int) -> None:
    """Serve the report while you write; problems show in the page. Ctrl-C ends it."""
    from evaluation.pipeline.preview import serve

    serve(study, port, session.say)
