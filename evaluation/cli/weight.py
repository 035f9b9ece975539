"""``evaluation weight``: weights from known totals of the population."""

from __future__ import annotations

from pathlib import Path

import click

from evaluation.cli._session import Session, session_options


@click.command("weight")
@click.argument("study", type=click.Path(path_type=Path))
@click.argument("survey")
@click.option(
    "--to",
    "margins",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="CSV with variable, category, total.",
)
@click.option(
    "--method",
    type=click.Choice(["rake", "poststratify", "calibrate"]),
    default="rake",
    show_default=True,
)
@click.option("--limit", type=float, default=None, help="Largest weight, times the mean.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@session_options
@click.pass_obj
def command(
    session: Session,
    study: Path,
    survey: str,
    margins: Path,
    method: str,
    limit: float | None,
    out: Path,
) -> None:
    """Weight a survey to margins and write file, row, weight."""
    from evaluation.pipeline.weights import make_weights, weights_text
    from evaluation.pipeline.write import write_files

    loaded = session.load(study)
    if survey not in loaded.coded:
        known = ", ".join(loaded.coded)
        raise click.BadParameter(f"{survey}; choose from {known}", param_hint="SURVEY")
    content = margins.read_text(encoding="utf-8-sig")
    made = make_weights(
        loaded.coded[survey], content, method=method, file=margins.name, limit=limit
    )
    texts = loaded.folder.texts
    session.show_problems(made.problems, texts)
    if made.value is None:
        session.stop()
    write_files(out.parent, {out.name: made.value.content})
    click.echo(weights_text(made.value, texts))
