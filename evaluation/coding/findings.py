"""What coding finds in rows, held back until it is known which rows count.

A finding keeps its rows; problems are made of it for the rows that are kept
after intake, so that rubbish in a test answer stops nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from evaluation.problems import Problem, Severity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evaluation.coding.columns import Stacked
    from evaluation.model import RawColumn


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of fault in one column.

    Attributes
    ----------
    code, severity, value, expected
        As in `Problem`.
    column
        Where it stands.
    rows
        1-D, positions of the rows concerned, ascending.
    """

    code: str
    severity: Severity
    column: RawColumn | None
    rows: NDArray[np.intp]
    value: str = ""
    expected: str = ""


@dataclass(slots=True)
class Findings:
    """Collects findings while a survey is coded."""

    found: list[Finding] = field(default_factory=list)

    def add(
        self,
        code: str,
        severity: Severity,
        column: RawColumn | None,
        where: NDArray[np.bool_],
        value: str = "",
        expected: str = "",
    ) -> None:
        """Add a finding for the rows where ``where`` (1-D bool) holds."""
        rows = np.flatnonzero(where)
        if len(rows):
            self.found.append(Finding(code, severity, column, rows, value, expected))

    def add_values(
        self,
        code: str,
        severity: Severity,
        column: RawColumn,
        values: dict[int, tuple[str, str]],
    ) -> None:
        """Add one finding for each distinct value: position in ``values`` -> (value, expected)."""
        for position, (value, expected) in values.items():
            self.add(code, severity, column, column.index == position, value, expected)

    def problems(self, stacked: Stacked, kept: NDArray[np.bool_]) -> list[Problem]:
        """Return a problem for every finding that concerns a kept row.

        ``row`` is the first such row, ``count`` their number, ``rows`` all of
        them. Rows of different files make a problem each, so that each can be found.
        """
        made: list[Problem] = []
        for finding in self.found:
            rows = finding.rows[kept[finding.rows]]
            files = stacked.file_of[rows]
            made += [
                _problem(finding, stacked, file, rows[files == file])
                for file in dict.fromkeys(files.tolist())
            ]
        return made


def _problem(finding: Finding, stacked: Stacked, file: int, rows: NDArray[np.intp]) -> Problem:
    source = stacked.sources[file]
    return Problem.of_rows(
        finding.code,
        finding.severity,
        stacked.file_row[rows].tolist(),
        file=source.file,
        sheet=source.sheet,
        column=stacked.place(finding.column, file),
        value=finding.value,
        expected=finding.expected,
    )
