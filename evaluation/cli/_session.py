"""What all commands share: how much to say, progress, and how problems end a run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from evaluation.pipeline.large import Room
    from evaluation.pipeline.load import LoadedStudy
    from evaluation.problems import Checked, Problem
    from evaluation.texts import Texts

Callback = TypeVar("Callback", bound=Callable[..., Any])

STOPPED = 1
"""Exit status where a problem stops."""


@dataclass(frozen=True, slots=True)
class Session:
    """How a run talks: progress on a terminal only, everything on standard error."""

    quiet: bool = False
    verbose: bool = False

    def progress(self, what: str) -> None:
        """Show what is being done, overwriting the line; nothing in a pipe."""
        if not self.quiet and sys.stderr.isatty():
            click.echo(f"\r\033[K… {what}", nl=False, err=True)

    def done(self) -> None:
        """Clear the progress line."""
        if not self.quiet and sys.stderr.isatty():
            click.echo("\r\033[K", nl=False, err=True)

    def say(self, text: str) -> None:
        """Say something that is no result."""
        if not self.quiet:
            click.echo(text, err=True)

    def show_problems(self, problems: Iterable[Problem], texts: Texts) -> None:
        """Show a summary of problems: per kind, with the first rows of each."""
        from evaluation.problems import Severity
        from evaluation.rendering.problems import problems_text

        wanted = {Severity.STOP} if self.quiet else {Severity.STOP, Severity.WARN}
        if self.verbose:
            wanted.add(Severity.NOTE)
        chosen = [p for p in problems if p.severity in wanted]
        if chosen:
            limit = 10_000 if self.verbose else 5
            click.echo(problems_text(chosen, texts, limit=limit).rstrip(), err=True)

    def stop(self) -> NoReturn:
        """End the run with the status of a problem that stops."""
        raise SystemExit(STOPPED)

    def say_files(self, made: Checked[list[Path] | None], texts: Texts) -> None:
        """Show the problems of what was made and name its files; nothing made ends the run."""
        self.done()
        self.show_problems(made.problems, texts)
        if made.value is None:
            self.stop()
        for file in made.value:
            self.say(str(file))

    def load(
        self, path: Path, language: str | None = None, room: Room | None = None
    ) -> LoadedStudy:
        """Read a study; problems that stop are shown and end the run."""
        study, problems = self.read(path, language, room)
        self.show_problems(problems, study.folder.texts if study else default_texts())
        if study is None or not study.is_sound:
            self.stop()
        return study

    def read(
        self, path: Path, language: str | None = None, room: Room | None = None
    ) -> tuple[LoadedStudy | None, tuple[Problem, ...]]:
        """Read a study with all its problems."""
        from evaluation.pipeline.load import load_study

        found = load_study(path, self.progress, language, room)
        self.done()
        return found


def session_options(function: Callback) -> Callback:
    """Let ``--quiet`` and ``--verbose`` stand after the command too."""
    quiet = click.option(
        "-q", "--quiet", is_flag=True, expose_value=False, callback=_set, help="Say less."
    )
    verbose = click.option(
        "-v", "--verbose", is_flag=True, expose_value=False, callback=_set, help="Say more."
    )
    return quiet(verbose(function))


def _set(ctx: click.Context, option: click.Parameter, value: bool) -> None:
    if value and option.name:
        ctx.obj = replace(ctx.obj or Session(), **{option.name: True})


def engine_options(function: Callback) -> Callback:
    """Let the user choose what counts, and pass settings on to it."""
    engine = click.option(
        "--engine",
        type=click.Choice(["memory", "duckdb", "spark"]),
        default="memory",
        show_default=True,
        help="What counts.",
    )
    settings = click.option(
        "--engine-setting",
        "engine_settings",
        multiple=True,
        metavar="NAME=VALUE",
        help="Passed on to the engine, such as memory_limit=4GB.",
    )
    return engine(settings(function))


def on_engine(study: LoadedStudy, engine: str, settings: tuple[str, ...]) -> LoadedStudy:
    """Return the study with the engine that counts it."""
    wrong = [s for s in settings if "=" not in s]
    if wrong:
        raise click.BadParameter(f"{wrong[0]}: NAME=VALUE", param_hint="--engine-setting")
    pairs = dict(s.split("=", 1) for s in settings)
    return replace(study, engine=engine, engine_settings=pairs)


def chosen_formats(asked: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the formats of a comma-separated list; one that is not made ends the run."""
    wanted = tuple(part.strip() for part in asked.split(",") if part.strip())
    unknown = [part for part in wanted if part not in known]
    if unknown:
        raise click.BadParameter(
            f"{', '.join(unknown)}; choose from {', '.join(known)}", param_hint="--to"
        )
    return wanted


def default_texts() -> Texts:
    """Return the Swedish catalogue, for when a study cannot say its language."""
    from evaluation.loading.texts import load_texts

    return load_texts("sv")
