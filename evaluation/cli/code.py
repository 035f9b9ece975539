"""``evaluation code``: the answers as codes in Parquet files, for large data and engines."""

from __future__ import annotations

from pathlib import Path

import click

from evaluation.cli._session import Session, session_options


@click.command("code")
@click.argument("study", type=click.Path(path_type=Path))
@click.argument("surveys", nargs=-1)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
@session_options
@click.pass_obj
def command(session: Session, study: Path, surveys: tuple[str, ...], out: Path) -> None:
    """Write surveys as OUT/<survey>.parquet: codes, no texts, no identities.

    Named as `data:` in study.yaml such a file is not read again: tables take
    the columns that they need, and an engine counts it where it lies. Large
    exports (CSV, Parquet) are coded part by part, whatever their size; OUT
    needs room for about twice the export meanwhile.
    """
    from evaluation.pipeline.large import Room
    from evaluation.pipeline.stored import write_stored

    room = Room(out)
    try:
        loaded = session.load(study, room=room)
        unknown = [survey for survey in surveys if survey not in loaded.coded]
        if unknown:
            known = ", ".join(loaded.coded)
            raise click.BadParameter(f"{unknown[0]}; choose from {known}", param_hint="SURVEYS")
        session.progress("parquet")
        written = write_stored(loaded, surveys, out, room)
    except OSError as error:  # the disk is full: nothing is left there
        raise click.ClickException(f"{out}: {error.strerror or error}") from error
    finally:
        room.clear()
    session.done()
    for file in written:
        session.say(str(file))
