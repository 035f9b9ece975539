"""``evaluation table``: one table on standard output."""

from __future__ import annotations

from pathlib import Path

import click

from evaluation.cli._session import Session, engine_options, on_engine, session_options

FORMATS = ("text", "csv", "json", "html")


@click.command("table")
@click.argument("study", type=click.Path(path_type=Path))
@click.argument("questions", nargs=-1, required=True, metavar="QUESTION")
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
@click.option(
    "--analysis",
    default="",
    metavar="NAME",
    help="Instead of a table: change, series, transitions, ever, occasions, asked, scales, "
    "index, response, rates, population, break_off, model, mean_change.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Setting of an analysis, such as option=Ja or asked=North=40|South=20.",
)
@click.option("--raw", is_flag=True, help="Unprotected; not for publication.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text")
@engine_options
@session_options
@click.pass_obj
def command(  # noqa: PLR0913
    session: Session,
    /,
    study: Path,
    questions: tuple[str, ...],
    *,
    analysis: str,
    settings: tuple[str, ...],
    raw: bool,
    form: str,
    engine: str,
    engine_settings: tuple[str, ...],
    **request: object,
) -> None:
    """Print one table: QUESTION is survey.question.

    With --analysis several questions can be named, or the survey alone.
    """
    from evaluation.pipeline.single import single_analysis, single_table

    if not analysis and (len(questions) > 1 or settings):
        raise click.UsageError("several questions and --set need --analysis")
    loaded = on_engine(session.load(study), engine, engine_settings)
    if analysis:
        said = _settings(settings, request)
        result = single_analysis(loaded, analysis, questions, form=form, raw=raw, settings=said)
    else:
        result = single_table(loaded, questions[0], form=form, raw=raw, request=request)
    if result.value is None:
        session.show_problems(result.problems, loaded.folder.texts)
        session.stop()
    if raw:
        click.echo(loaded.folder.texts.get("table.note_raw"), err=True)
    click.echo(result.value, nl=False)


def _settings(pairs: tuple[str, ...], request: dict[str, object]) -> dict[str, object]:
    """Return what an analysis is told: the pairs of --set, and --by, --where, --weight."""
    said: dict[str, object] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.BadParameter(f"{pair}; write NAME=VALUE", param_hint="--set")
        said[name] = value
    by = request["by"]
    assert isinstance(by, tuple)  # noqa: S101
    if len(by) > 1:
        raise click.UsageError("an analysis takes one --by")
    taken = {"by": "".join(by), "where": request["where"], "weight": request["weight"]}
    unused = [
        flag
        for flag, key in (("--ci", "ci"), ("--test", "tests"), ("--compare-columns", "compare"))
        if request[key]
    ]
    if unused:
        raise click.UsageError(f"{', '.join(unused)}: an analysis has its own methods")
    return {**said, **{key: value for key, value in taken.items() if value}}
