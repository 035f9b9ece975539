"""An opened export: its sheets or variables, before any tool has looked at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evaluation.loading.heads import find_head

if TYPE_CHECKING:
    from pathlib import Path

    from evaluation.codebook.schema import ReadOptions
    from evaluation.loading.grid import Grid
    from evaluation.loading.heads import Head
    from evaluation.loading.sidecars import Form
    from evaluation.loading.sniff import FileKind
    from evaluation.model import RawColumn


@dataclass(frozen=True, slots=True)
class Book:
    """An export as opened.

    Attributes
    ----------
    path
        Where it lies (sidecars lie beside it).
    file
        Name to use in problems.
    kind
        Container.
    sha256
        Hash of the file's bytes, hexadecimal.
    encoding, separator
        Of a text file, else "".
    grids
        Sheets with content, in file order; empty for statistics files.
    variables
        Columns of a statistics file (SPSS, Stata, SAS), with their labels.
    form
        The questionnaire as a sidecar describes it, where one was found.
    """

    path: Path
    file: str
    kind: FileKind
    sha256: str = ""
    encoding: str = ""
    separator: str = ""
    grids: tuple[Grid, ...] = ()
    variables: tuple[RawColumn, ...] = ()
    form: Form | None = None
    heads: dict[tuple[str, int | None, int | None], Head] = field(
        default_factory=dict, compare=False, repr=False
    )
    """Heads already found: each tool asks for one, most of them for the same."""

    def head(self, options: ReadOptions, sheet: str | None = None) -> Head:
        """Return the head of the first sheet, or of a named one."""
        return self.head_of(self.grid(sheet), options.header_rows, options.skip_rows)

    def head_of(self, grid: Grid, header_rows: int | None, skip_rows: int | None) -> Head:
        """Return the head of a sheet of this book."""
        key = (grid.name, header_rows, skip_rows)
        if key not in self.heads:
            self.heads[key] = find_head(grid, header_rows=header_rows, skip_rows=skip_rows)
        return self.heads[key]

    def grid(self, sheet: str | None = None) -> Grid:
        """Return the first sheet, or the named one (the first where there is no such)."""
        named = (grid for grid in self.grids if grid.name == sheet)
        return next(named, self.grids[0])

    def has_sheets(self, *names: str) -> bool:
        """Tell whether the workbook has sheets of all these names (case does not count)."""
        present = {grid.name.casefold() for grid in self.grids}
        return all(name.casefold() in present for name in names)


@dataclass(frozen=True, slots=True)
class Recognition:
    """How sure a tool is that an export is its own, and what it went by.

    Attributes
    ----------
    confidence
        0 (not mine) to 1; the general reader says 0.1.
    evidence
        Heads, marks or sheet names that it went by, as they stand in the file.
    """

    confidence: float
    evidence: tuple[str, ...] = field(default=())
