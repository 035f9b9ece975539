"""``evaluation lift``: draft published.yaml from an existing report."""

from __future__ import annotations

from pathlib import Path

import click

from evaluation.cli._session import Session, session_options

LANGUAGES = ("sv", "en")


@click.command("lift")
@click.argument("report", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=None,
    help="File to write; standard output where none is given.",
)
@click.option("--force", is_flag=True, help="Write over a file that exists.")
@click.option("--language", type=click.Choice(LANGUAGES), default="sv", show_default=True)
@session_options
@click.pass_obj
def command(
    session: Session, /, report: Path, *, out: Path | None, force: bool, language: str
) -> None:
    """Find the tables of a report and draft a published.yaml from them.

    REPORT is a PDF or a text file. Each table has its page and line, and what
    the draft is unsure of stands in comments. `evaluation audit` reads it.
    """
    from evaluation.loading.texts import load_texts
    from evaluation.pipeline.lift import lift_file, lift_summary
    from evaluation.pipeline.write import write_files
    from evaluation.problems import Problem, Severity

    texts = load_texts(language)
    if out is not None and out.exists() and not force:
        session.show_problems([Problem("lift-exists", Severity.STOP, file=out.name)], texts)
        session.stop()
    session.progress("lift")
    checked = lift_file(report, texts)
    session.done()
    session.show_problems(checked.problems, texts)
    if checked.value is None:
        session.stop()
    if out is None:
        click.echo(checked.value.yaml, nl=False)
    else:
        write_files(out.parent, {out.name: checked.value.yaml.encode("utf-8")})
    session.say(lift_summary(checked.value.lifted, texts))
