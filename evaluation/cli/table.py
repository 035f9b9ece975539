"""``evaluation table``: one table on standard output."""

from __future__ import annotations

from pathlib import Path

import click

from evaluation.cli._session import Session, engine_options, on_engine, session_options

FORMATS = ("text", "csv", "json", "html")


@click.command("table")
@click.argument("study", type=click.Path(path_type=Path))
@click.argument("question")
@click.option("--by", multiple=True, help="Column variable; several stand side by side.")
@click.option("--where", default="", help="Filter, such as: kon == 'Kvinna' and alder in (2, 3).")
@click.option("--weight", default=None, help="Weight variable; '' for none.")
@click.option("--percents", default="column", help="Percents of: column, row or total.")
@click.option("--rounding", default=None, help="plain, or sum100 (adds to exactly 100).")
@click.option("--decimals", default=None, type=click.IntRange(0, 2))
@click.option("--ci", default=None, help="Interval: wilson, clopper-pearson, jeffreys, …")
@click.option("--test", "tests", multiple=True, help="Test: pearson, fisher, lr, trend, …")
@click.option(
    "--compare-columns",
    "compare",
    metavar="none|bonferroni|holm|bh",
    default="",
    help="Letters for columns that differ, adjusted for multiplicity.",
)
@click.option("--raw", is_flag=True, help="Unprotected; not for publication.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text")
@engine_options
@session_options
@click.pass_obj
def command(
    session: Session,
    /,
    study: Path,
    question: str,
    *,
    raw: bool,
    form: str,
    engine: str,
    engine_settings: tuple[str, ...],
    **request: object,
) -> None:
    """Print one table: QUESTION is survey.question."""
    from evaluation.pipeline.single import single_table

    loaded = on_engine(session.load(study), engine, engine_settings)
    result = single_table(loaded, question, form=form, raw=raw, request=request)
    if result.value is None:
        session.show_problems(result.problems, loaded.folder.texts)
        session.stop()
    if raw:
        click.echo(loaded.folder.texts.get("table.note_raw"), err=True)
    click.echo(result.value, nl=False)
