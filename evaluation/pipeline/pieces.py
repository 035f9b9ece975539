"""One output folder is one release: what it holds is protected together.

Beside the report a folder can hold the units' reports and comparisons of
units. Each is asked for by a command of its own; the folder remembers which it
has, so that each command protects what it writes together with all the rest.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from evaluation.pipeline.load import LoadedStudy

FILE = "release.json"


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison as asked for.

    Attributes
    ----------
    by
        Unit variable, ``survey.variable``.
    background
        Variable to standardise on, "" for none.
    shrunk
        With figures drawn towards the whole.
    formats
        Of the page.
    questions, options
        What to compare, empty for what the study says.
    """

    by: str
    background: str = ""
    shrunk: bool = False
    formats: tuple[str, ...] = ("html",)
    questions: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        """Name of its files without their endings."""
        return "compare-" + self.by.replace(".", "-")


@dataclass(frozen=True, slots=True)
class Pieces:
    """What is published beside the report itself."""

    units: bool = False
    comparisons: tuple[Compared, ...] = ()

    def with_units(self) -> Pieces:
        """Return the pieces with the units' reports among them."""
        return replace(self, units=True)

    def with_comparison(self, compared: Compared) -> Pieces:
        """Return the pieces with a comparison among them, in place of one by the same unit."""
        others = (one for one in self.comparisons if one.by != compared.by)
        listed = sorted((*others, compared), key=lambda one: one.by)
        return replace(self, comparisons=tuple(listed))


def read_pieces(study: LoadedStudy, folder: Path) -> Pieces:
    """Return what a folder is known to hold; nothing where figures are not protected."""
    if study.folder.study.protection.method == "none":
        return Pieces()
    try:
        said = json.loads((folder / FILE).read_text(encoding="utf-8"))
        pieces = Pieces(bool(said["units"]))
        for one in said["comparisons"]:
            pieces = pieces.with_comparison(_compared(one, study))
        return pieces
    except (OSError, ValueError, KeyError, TypeError):
        return Pieces()


def _compared(said: dict[str, Any], study: LoadedStudy) -> Compared:
    """Return a comparison as remembered; JSON knows no tuples."""
    found: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in said.items()}
    asked = Compared(**found)
    return replace(asked, by=whole_name(asked.by, study))


def whole_name(unit: str, study: LoadedStudy) -> str:
    """Return ``survey.variable`` of a unit; the survey may be left out where there is one.

    Files, the release and what the folder remembers know a comparison by its whole name.
    """
    surveys = list(study.folder.study.surveys)
    return f"{surveys[0]}.{unit}" if "." not in unit and len(surveys) == 1 else unit


def pieces_json(pieces: Pieces) -> bytes:
    """Return the file that remembers what a folder holds."""
    content = {
        "units": pieces.units,
        "comparisons": [asdict(compared) for compared in pieces.comparisons],
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
