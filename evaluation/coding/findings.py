"""What coding finds in rows, held back until it is known which rows count.

A finding keeps its rows; problems are made of it for the rows that are kept
after intake, so that rubbish in a test answer stops nobody. Where a survey is
coded in parts, each part asks the same questions in the same order, so that
the findings of all parts are put together by the order of asking.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.problems import MAX_ROWS_KEPT, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from evaluation.coding.columns import Stacked
    from evaluation.model import RawColumn

    Bools = NDArray[np.bool_]
    Entry = tuple[str, Bools, str, str]
    """Key, where it holds (per row of the part), value and expected."""

BITS_PER_POSITION = 32
"""A row by its position takes as much room as this many rows by a bit each."""


@dataclass(slots=True)
class Finding:
    """One kind of fault in one column.

    Attributes
    ----------
    code, severity, value, expected
        As in `Problem`.
    column
        Where it stands.
    parts
        Per part of the survey that has such rows: its first row, its number of
        rows, and which of them, as positions (int32) or as bits (uint8).
    n
        Rows concerned.
    """

    code: str
    severity: Severity
    column: RawColumn | None
    value: str = ""
    expected: str = ""
    parts: list[tuple[int, int, NDArray[Any]]] = field(default_factory=list)
    n: int = 0

    def add(self, start: int, where: Bools) -> None:
        """Add the rows of a part."""
        n = int(np.count_nonzero(where))
        self.n += n
        if n * BITS_PER_POSITION < len(where):
            self.parts.append((start, len(where), np.flatnonzero(where).astype(np.int32)))
        elif n:
            self.parts.append((start, len(where), np.packbits(where)))

    def rows(self) -> Iterator[NDArray[np.int64]]:
        """Yield the positions of the rows, part by part, ascending."""
        for start, size, packed in self.parts:
            if packed.dtype == np.uint8:
                yield np.flatnonzero(np.unpackbits(packed, count=size)) + start
            else:
                yield packed.astype(np.int64) + start


@dataclass(slots=True)
class Findings:
    """Collects findings while a survey is coded.

    Attributes
    ----------
    found
        (number of the question asked, key) -> finding.
    rivals
        Numbers of questions whose two findings exclude each other.
    """

    found: dict[tuple[int, str], Finding] = field(default_factory=dict)
    rivals: set[int] = field(default_factory=set)
    _start: int = 0
    _asked: int = 0

    def begin(self, start: int) -> None:
        """Begin a part of the survey, of which the first row is the ``start``-th of all."""
        self._start, self._asked = start, 0

    def add(
        self,
        code: str,
        severity: Severity,
        column: RawColumn | None,
        where: Bools,
        value: str = "",
        expected: str = "",
    ) -> None:
        """Add a finding for the rows where ``where`` (1-D bool) holds.

        Every part of a survey must ask, also where nothing is found: whether
        this is called may depend on the codebook, never on the rows.
        """
        self.add_each(code, severity, column, [("", where, value, expected)])

    def add_values(
        self,
        code: str,
        severity: Severity,
        column: RawColumn,
        values: Mapping[int, tuple[str, str]],
    ) -> None:
        """Add one finding for each distinct value: position in ``values`` -> (value, expected)."""
        self.add_each(
            code,
            severity,
            column,
            (
                (column.values[position], column.index == position, value, expected)
                for position, (value, expected) in values.items()
            ),
        )

    def add_rarer(
        self, code: str, severity: Severity, column: RawColumn, one: Bools, other: Bools
    ) -> None:
        """Add a finding where rows of both kinds are met: for the rarer of them."""
        self.rivals.add(self._asked)
        self.add_each(code, severity, column, [("one", one, "", ""), ("other", other, "", "")])

    def add_each(
        self, code: str, severity: Severity, column: RawColumn | None, entries: Iterable[Entry]
    ) -> None:
        """Add several findings of one kind, told apart by a key."""
        asked = self._asked
        self._asked += 1
        for key, where, value, expected in entries:
            if not where.any():
                continue
            finding = self.found.get((asked, key))
            if finding is None:
                finding = Finding(code, severity, column, value, expected)
                self.found[asked, key] = finding
            finding.add(self._start, where)

    def problems(self, stacked: Stacked, kept: Bools) -> list[Problem]:
        """Return a problem for every finding that concerns a kept row.

        ``row`` is the first such row, ``count`` their number, ``rows`` the
        first of them. Rows of different files make a problem each, so that
        each can be found.
        """
        made: list[Problem] = []
        for (asked, _), finding in sorted(self.found.items(), key=lambda item: item[0][0]):
            if asked not in self.rivals or self._is_rarer(asked, finding):
                made += _problems(finding, stacked, kept)
        return made

    def _is_rarer(self, asked: int, finding: Finding) -> bool:
        one, other = self.found.get((asked, "one")), self.found.get((asked, "other"))
        if one is None or other is None:
            return False
        return finding is (one if one.n < other.n else other)


def _problems(finding: Finding, stacked: Stacked, kept: Bools) -> Iterator[Problem]:
    """Yield a problem per file, the file of the first row first."""
    first: dict[int, list[int]] = {}
    counts: dict[int, int] = {}
    for rows in finding.rows():
        rows = rows[kept[rows]]  # noqa: PLW2901
        files = stacked.file_of[rows]
        for file in dict.fromkeys(files.tolist()):
            here = rows[files == file]
            counts[file] = counts.get(file, 0) + len(here)
            said = first.setdefault(file, [])
            said += stacked.file_row[here[: MAX_ROWS_KEPT - len(said)]].tolist()
    for file, said in first.items():
        source = stacked.sources[file]
        yield Problem.of_rows(
            finding.code,
            finding.severity,
            said,
            count=counts[file],
            file=source.file,
            sheet=source.sheet,
            column=stacked.place(finding.column, file),
            value=finding.value,
            expected=finding.expected,
        )
