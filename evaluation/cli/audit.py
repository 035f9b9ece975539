"""``evaluation audit``: what cannot be right in printed tables."""

from __future__ import annotations

from pathlib import Path

import click

from evaluation.cli._session import Session, session_options

FORMATS = ("text", "csv", "json")
CERTAINTIES = ("certain", "likely", "note")
LANGUAGES = ("sv", "en")


@click.command("audit")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--least",
    type=click.Choice(CERTAINTIES),
    default="note",
    show_default=True,
    help="How sure a finding must be to be listed.",
)
@click.option(
    "--max-base",
    type=click.IntRange(1, 1_000_000),
    default=10_000,
    show_default=True,
    help="Largest base that is tried where none is printed.",
)
@click.option("--language", type=click.Choice(LANGUAGES), default="sv", show_default=True)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@session_options
@click.pass_obj
def command(
    session: Session, /, file: Path, *, least: str, max_base: int, language: str, form: str
) -> None:
    """List what cannot be right in printed tables, with no answers at hand.

    FILE is a published.yaml (such as `evaluation lift` drafts), or a CSV with
    the columns label, n, percent, base (and table, where there are several).
    Exit status 1 where anything is found.
    """
    from evaluation.loading.texts import load_texts
    from evaluation.pipeline.audit import audit_csv, audit_file, audit_json, audit_text
    from evaluation.published.audit.model import Certainty

    texts = load_texts(language)
    checked = audit_file(file, texts, limit=max_base)
    session.show_problems(checked.problems, texts)
    if checked.value is None:
        session.stop()
    findings = checked.value.at_least(Certainty(least))
    if form == "csv":
        click.echo(audit_csv(findings, texts), nl=False)
    elif form == "json":
        click.echo(audit_json(checked.value, findings, texts), nl=False)
    else:
        click.echo(audit_text(checked.value, findings, texts), nl=False)
    if findings:
        session.stop()
