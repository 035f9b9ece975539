"""One output folder is one release: what it holds is protected together.

Beside the report a folder can hold the units' reports and comparisons of
units. Each is asked for by a command of its own; the folder remembers which it
has, so that each command protects what it writes together with all the rest.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from evaluation.pipeline.load import LoadedStudy

FILE = "release.json"


@dataclass(frozen=True, slots=True, order=True)
class Compared:
    """A comparison: the unit variable (``survey.variable``) and the background, "" for none."""

    by: str
    background: str = ""


@dataclass(frozen=True, slots=True)
class Pieces:
    """What is published beside the report itself."""

    units: bool = False
    comparisons: tuple[Compared, ...] = ()

    def with_units(self) -> Pieces:
        """Return the pieces with the units' reports among them."""
        return replace(self, units=True)

    def with_comparison(self, compared: Compared) -> Pieces:
        """Return the pieces with a comparison among them."""
        return replace(self, comparisons=tuple(sorted({*self.comparisons, compared})))


def read_pieces(study: LoadedStudy, folder: Path) -> Pieces:
    """Return what a folder is known to hold; nothing where figures are not protected."""
    if study.folder.study.protection.method == "none":
        return Pieces()
    try:
        said = json.loads((folder / FILE).read_text(encoding="utf-8"))
        comparisons = tuple(Compared(**one) for one in said["comparisons"])
        return Pieces(bool(said["units"]), comparisons)
    except (OSError, ValueError, KeyError, TypeError):
        return Pieces()


def pieces_json(pieces: Pieces) -> bytes:
    """Return the file that remembers what a folder holds."""
    content = {
        "units": pieces.units,
        "comparisons": [{"by": c.by, "background": c.background} for c in pieces.comparisons],
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
