"""What a YAML file says about a survey tool: how to know its exports, and how to read them.

Every tool has one in ``templates/tools``; a tool that needs no Python has only
that. A study may have further ones in its folder ``tools``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import yaml
from pydantic import Field, ValidationError

from evaluation.codebook.schema import Strict
from evaluation.loading.templates import load_yaml
from evaluation.model import IntakeStatus  # noqa: TC001  # pydantic needs it at run time
from evaluation.problems import Checked, Problem, Severity, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

RoleName = Literal["identity", "start", "end", "status", "respondent", "meta", "other_text", "skip"]
Style = Literal["none", "auto", "brackets", "dash", "colon", "slash", "parens", "option_first"]


class Recognise(Strict):
    """By what an export of the tool is known."""

    heads: tuple[str, ...] = ()
    """Heads that must all be there; ``|`` stands between spellings of one."""
    any_heads: tuple[str, ...] = ()
    """Heads of which at least ``minimum`` must be there."""
    minimum: int = Field(default=0, ge=0)
    sheets: tuple[str, ...] = ()
    """Sheets that must all be there."""
    confidence: float = Field(default=0.8, gt=0, le=1)
    """How sure one may be then; the general reader says 0.1."""


class LabelSheet(Strict):
    """A sheet of the workbook that says what the codes mean."""

    sheet: str
    question: str
    """Head of the column with the question's code or head; a blank cell repeats the one above."""
    code: str
    label: str
    text: str | None = None
    """Head of the column with the question's wording."""


class SheetLayout(Strict):
    """Where the answers stand and how heads are built."""

    sheet: tuple[str, ...] = ()
    """Name of the sheet with the answers; the first that exists, else the first sheet."""
    header_rows: int | None = Field(default=None, ge=1, le=5)
    skip_rows: int | None = Field(default=None, ge=0)
    options: Style = "auto"
    """How a head names question and option or item: ``brackets`` "Question [option]",
    ``dash`` "Question - option", ``colon`` "Question: option", ``slash``
    "question/option", ``parens`` "Question (option)", ``option_first``
    "Option:Question", ``none``, or ``auto``: whichever fits.
    An option in a second head row is found by itself."""
    separator: str | None = None
    """Several answers in one cell: what stands between them."""
    labels: LabelSheet | None = None


class ToolDescription(Strict):
    """A survey tool."""

    title: str = ""
    seen: str = ""
    """What the description was checked against: a real file, documentation, memory."""
    recognise: Recognise = Recognise()
    heads: dict[RoleName, tuple[str, ...]] = Field(default_factory=dict)
    """Role -> spellings of heads that have it."""
    status: dict[str, dict[IntakeStatus, tuple[str, ...]]] = Field(default_factory=dict)
    """Head -> what its cell values say about the submission."""
    missing: dict[str, Literal["item_nonresponse", "not_asked"]] = Field(default_factory=dict)
    """Cell values that mean missing, everywhere in the file."""
    selected: tuple[str, ...] = ()
    """Option columns: cell values that mean "chosen"."""
    marks: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Further words that the tool's own module looks for."""
    layout: SheetLayout = SheetLayout()


def read_descriptions(folders: Iterable[Path]) -> Checked[dict[str, ToolDescription]]:
    """Read ``<tool>.yaml`` in each folder; a later folder's file replaces an earlier one's.

    A file that cannot be read is a problem and its tool is left out.
    """
    found: dict[str, ToolDescription] = {}
    problems: list[Problem] = []
    for folder in folders:
        for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
            stat = path.stat()
            checked = _read_description(path, stat.st_mtime_ns, stat.st_size)
            problems.extend(checked.problems)
            if checked.value is not None:
                found[path.stem] = checked.value
    return Checked(found, tuple(problems))


@lru_cache(maxsize=128)
def _read_description(path: Path, changed: int, size: int) -> Checked[ToolDescription | None]:
    """Read one description; every fault of it is a problem of its own.

    Each export asks for all of them: a file is read again only where it was changed.
    """
    del changed, size
    try:
        content = load_yaml(path)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return Checked(None, (Problem("tool-unreadable", Severity.STOP, path.name),))
    try:
        return Checked(ToolDescription.model_validate(content or {}))
    except ValidationError as error:
        return Checked(None, tuple(_problem(path.name, fault) for fault in error.errors()))


def _problem(file: str, fault: object) -> Problem:
    """Turn one fault that pydantic found into a problem with the nearest known key."""
    location = [str(part) for part in fault["loc"]]  # type: ignore[index]
    where = ".".join(location)
    known = [*ToolDescription.model_fields, *Recognise.model_fields, *SheetLayout.model_fields]
    expected = nearest(location[-1], known) if location else ""
    return Problem("tool-key", Severity.STOP, file, value=where, expected=expected)
