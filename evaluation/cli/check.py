"""``evaluation check``: read everything, write nothing but the problem report."""

from __future__ import annotations

from pathlib import Path

import click

from evaluation.cli._session import Session, default_texts, session_options


@click.command("check")
@click.argument("study", type=click.Path(path_type=Path))
@click.option(
    "--problems",
    "report",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the problems to this file: .csv or .html.",
)
@session_options
@click.pass_obj
def command(session: Session, study: Path, report: Path | None) -> None:
    """Say everything that is wrong with a study, in one go."""
    from evaluation.pipeline.check import check_study, intake_of, intake_text
    from evaluation.problems import stops

    loaded, problems = session.read(study)
    texts = loaded.folder.texts if loaded else default_texts()
    if loaded:
        problems = (*problems, *check_study(loaded, session.progress))
        session.done()
        click.echo(intake_text(loaded))
    session.show_problems(problems, texts)
    if report is not None:
        from evaluation.pipeline.write import write_files
        from evaluation.rendering.problems import problems_csv, problems_html

        is_html = report.suffix.casefold() in (".html", ".htm")
        title = study.resolve().name
        if is_html:
            content = problems_html(problems, texts, title, intake_of(loaded) if loaded else None)
        else:
            content = problems_csv(problems, texts)
        write_files(report.parent, {report.name: content})
        session.say(str(report))
    if stops(problems):
        session.stop()
    if not problems:
        session.say(texts.get("check.no_problems"))
