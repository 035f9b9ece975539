"""``evaluation codebook``: the questions of a study with their bases and missing."""

from __future__ import annotations

from pathlib import Path

import click

from evaluation.cli._session import Session, session_options


@click.command("codebook")
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@session_options
@click.pass_obj
def command(session: Session, study: Path, form: str) -> None:
    """List the questions: wording, type, options, base, answered, missing by kind."""
    from evaluation.pipeline.describe import codebook_json, codebook_text

    loaded = session.load(study)
    click.echo(codebook_json(loaded) if form == "json" else codebook_text(loaded), nl=False)
