"""``evaluation audit-release``: attack published files as a reader could."""

from __future__ import annotations

from pathlib import Path

import click

from evaluation.cli._session import Session, default_texts, session_options


@click.command("audit-release")
@click.argument(
    "folders", nargs=-1, required=True, type=click.Path(path_type=Path, file_okay=False)
)
@session_options
@click.pass_obj
def command(session: Session, folders: tuple[Path, ...]) -> None:
    """Try to derive withheld counts from the published files of one or more releases."""
    from evaluation.pipeline.audit_release import audit_folders, audit_text
    from evaluation.problems import stops

    texts = default_texts()
    session.progress("audit")
    result = audit_folders(folders)
    session.done()
    session.show_problems(result.problems, texts)
    click.echo(audit_text(result.value, texts), nl=False)
    if stops(result.problems) or any(found.leaks for found in result.value):
        session.stop()
