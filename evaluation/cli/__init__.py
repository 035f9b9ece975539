"""The command line: one module per command, imported only when it is run."""

from __future__ import annotations

import gc
import importlib
import pkgutil
from pathlib import Path
from typing import Any

import click

OBJECTS_BETWEEN_COLLECTIONS = 300_000
"""A command makes many objects, keeps most of them and ends: Python's 700 would
search them for cycles some 200 times, a twentieth of the bundled report's time."""


class LazyGroup(click.Group):
    """Finds commands as modules of this package; the name is the module's with dashes."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run as the program of a process."""
        gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 100)
        return super().main(*args, **kwargs)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all commands, in the order that an evaluator meets them."""
        del ctx
        found = {
            module.name.replace("_", "-")
            for module in pkgutil.iter_modules([str(Path(__file__).parent)])
            if not module.name.startswith("_")
        }
        first = [name for name in ORDER if name in found]
        return [*first, *sorted(found - set(first))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command's module and return its ``command``."""
        if cmd_name not in self.list_commands(ctx):
            return None
        name = cmd_name.replace("-", "_")
        command = importlib.import_module(f"evaluation.cli.{name}").command
        return command if isinstance(command, click.Command) else None


ORDER = ("init", "check", "codebook", "table", "report", "verify")


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="svensk-utvardering", prog_name="evaluation")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but problems that stop.")
@click.option("-v", "--verbose", is_flag=True, help="Show every problem, notes too.")
@click.pass_context
def main(ctx: click.Context, *, quiet: bool, verbose: bool) -> None:
    """From survey answers to a published evaluation report."""
    from evaluation.cli._methods import keep_methods

    keep_methods()
    from evaluation.cli._session import Session

    ctx.obj = Session(quiet=quiet, verbose=verbose)
