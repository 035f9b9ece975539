"""``evaluation verify``: computed figures against those printed earlier."""

from __future__ import annotations

from pathlib import Path

import click

from evaluation.cli._session import Session, session_options


@click.command("verify")
@click.argument("study", type=click.Path(path_type=Path))
@session_options
@click.pass_obj
def command(session: Session, study: Path) -> None:
    """Recompute every figure of published.yaml and say what differs, and why."""
    from evaluation.pipeline.check import intake_text
    from evaluation.pipeline.verify import read_published, verification_text, verify

    loaded = session.load(study)
    published = read_published(loaded)
    if published.value is None:
        session.show_problems(published.problems, loaded.folder.texts)
        session.stop()
    session.progress("verify")
    result = verify(loaded, published.value)
    session.done()
    session.show_problems(result.problems, loaded.folder.texts)
    click.echo(verification_text(result, loaded.folder.texts), nl=False)
    if result.has_other_bases:
        # Which rows count is the first thing to look at.
        click.echo("\n" + intake_text(loaded))
    if not result.is_explained:
        session.stop()
