"""One file per survey tool; a new file in this folder is a new tool.

A module has ``NAME``, ``recognise(book, context) -> Recognition`` and
``interpret(book, context) -> Checked[RawResponses | None]``. A tool whose
layout can be described needs no module: a YAML file in ``templates/tools`` or
in a study's folder ``tools`` does (see ``description``).
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evaluation.loading.description import ToolDescription, read_descriptions
from evaluation.loading.engine import interpret_described, recognise_described
from evaluation.loading.templates import template_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from evaluation.codebook.schema import ReadOptions
    from evaluation.loading.book import Book, Recognition
    from evaluation.model import RawResponses
    from evaluation.problems import Checked

__all__ = ["Context", "Tool", "all_tools", "load_descriptions", "tool_names"]

NOTHING_DESCRIBED = ToolDescription()
FALLBACK = "general"
"""The tool that takes any rectangular file."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a tool may use beside the export.

    Attributes
    ----------
    name
        Name of the tool.
    options
        What the user says about the file.
    vocabulary
        Known words in lower case, to mend heads with lost letters.
    description
        Head names and layout of the tool, from its YAML file.
    cut
        What cuts the answers out in place of `build_responses`, for a file that
        is read in parts.
    """

    name: str
    options: ReadOptions
    vocabulary: tuple[str, ...] = ()
    description: ToolDescription = NOTHING_DESCRIBED
    cut: Callable[..., Checked[RawResponses | None]] | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool with its description bound."""

    name: str
    description: ToolDescription
    recognise: Callable[[Book, Context], Recognition]
    interpret: Callable[[Book, Context], Checked[RawResponses | None]]


def load_descriptions(
    folders: Iterable[Path] = (),
) -> Checked[dict[str, ToolDescription]]:
    """Read the packaged tool descriptions, then those in further folders (which win)."""
    return read_descriptions((template_folder("tools"), *folders))


def module_names() -> tuple[str, ...]:
    """Return the names of the modules in this folder, sorted."""
    found = pkgutil.iter_modules([str(Path(__file__).parent)])
    return tuple(sorted(info.name for info in found if not info.name.startswith("_")))


def tool_names(descriptions: dict[str, ToolDescription]) -> tuple[str, ...]:
    """Return every tool that can be asked for by name."""
    return tuple(sorted({*module_names(), *descriptions}))


def all_tools(
    descriptions: dict[str, ToolDescription], only: str | None = None
) -> tuple[Tool, ...]:
    """Return the tools, or the one of this name, each with its description.

    Modules come first in alphabetical order, then described tools, the general
    reader last; on equal confidence the earlier one wins.
    """
    modules = module_names()
    names = [n for n in (*modules, *sorted(descriptions.keys() - set(modules))) if n != FALLBACK]
    names.append(FALLBACK)
    wanted = [n for n in names if only is None or n == only]
    tools = []
    for name in wanted:
        description = descriptions.get(name, NOTHING_DESCRIBED)
        if name in modules:
            module = importlib.import_module(f"{__name__}.{name}")
            tools.append(Tool(name, description, module.recognise, module.interpret))
        else:
            tools.append(Tool(name, description, recognise_described, interpret_described))
    return tuple(tools)
