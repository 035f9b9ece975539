"""Whole tables as published, before they are read cell by cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evaluation.protection.audit_cells import MISSING, NET, TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Head = tuple[str, str, str]
"""Variable, code and label of a row or column."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table.

    Attributes
    ----------
    where, weight
        Filter, and variable that it is weighted by.
    rows, columns
        What each is about.
    counts, bases
        Rows × columns; None where not shown.
    """

    table: str
    survey: str
    where: str
    weight: str
    rows: Sequence[Head]
    columns: Sequence[Head]
    counts: Sequence[Sequence[int | None]]
    bases: Sequence[Sequence[int | None]]

    @property
    def size(self) -> int:
        """Number of cells."""
        return len(self.rows) * len(self.columns)


@dataclass(slots=True)
class Beside:
    """What all tables of a release tell beside the cells that are read.

    Attributes
    ----------
    codes
        (survey, variable) -> codes met as rows or columns.
    labels
        (survey, variable, label) -> code, for filters that name options by label.
    most
        Greatest count shown.
    """

    codes: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    labels: dict[tuple[str, str, str], str] = field(default_factory=dict)
    most: int = 0


def gather(sheets: Iterable[Sheet]) -> Beside:
    """Return what all tables of a release tell together."""
    found = Beside()
    codes: dict[tuple[str, str], dict[str, None]] = {}
    for sheet in sheets:
        for name, code, label in (*sheet.rows, *sheet.columns):
            known = codes.setdefault((sheet.survey, name), {})
            if name and code != TOTAL and code not in MISSING and not code.startswith(NET):
                known[code] = None
            found.labels[sheet.survey, name, label.casefold()] = code
        found.most = max(
            found.most, max((n or 0 for line in sheet.counts for n in line), default=0)
        )
    found.codes = {name: list(known) for name, known in codes.items()}
    return found
