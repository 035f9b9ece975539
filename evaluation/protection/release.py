"""Protected tables: the only form in which figures reach a page or a file.

`ProtectedTable` has no constructor that takes a `Table`; ``protect`` makes it,
for all tables of a release together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evaluation.model import CellStatus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from evaluation.inference.results import TestOutcome
    from evaluation.tables.spec import Column, Row, Statistic, TableSpec


@dataclass(frozen=True, slots=True)
class ProtectedCell:
    """One cell as it may be read by anyone.

    Attributes
    ----------
    status
        Where not ``shown``, every other field is None, except that ``low_base``
        (the percent is withheld: its base is small, or hidden) keeps ``n``, and
        ``base_n`` where that is shown. A hidden count is always ``secondary``:
        ``primary`` would say that it is below the threshold. Which cells are
        small themselves stands in `Release.internal_log`.
    percent
        Unrounded, 0 to 100.
    shown_percent
        Rounded by the table's rule and decimals: what print shows.
    expected
        Count expected if all columns were alike. It gives the margins away, so it is
        None unless the cell and all the margins that it is computed from are shown.
    """

    status: CellStatus
    n: int | None = None
    wn: float | None = None
    base_n: int | None = None
    base_wn: float | None = None
    percent: float | None = None
    shown_percent: Decimal | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    letters: str = ""
    expected: float | None = None

    @property
    def is_shown(self) -> bool:
        """Whether the cell's numbers may be read."""
        return self.status is CellStatus.SHOWN


@dataclass(frozen=True, slots=True)
class ProtectedTable:
    """A table after the gate; same rows and columns as the `Table` it came from."""

    id: str
    spec: TableSpec
    title: str
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    cells: tuple[tuple[ProtectedCell, ...], ...]
    is_multiple: bool = False
    is_grid: bool = False
    statistics: tuple[Statistic, ...] = ()
    tests: tuple[TestOutcome, ...] = ()
    effective_base: tuple[float | None, ...] = ()
    item_labels: dict[str, str] = field(default_factory=dict)
    column_labels: dict[str, str] = field(default_factory=dict)
    ci_method: str = ""
    population: int = 0
    """Persons asked, where the intervals are corrected for their number."""
    column_missing: dict[str, int] = field(default_factory=dict)
    n_hidden: int = 0
    """Cells whose count is withheld."""
    dropped_rows: tuple[Row, ...] = ()
    """Kinds of missing that are left out, because some count of theirs is small."""
    is_side_by_side: bool = False
    """Columns are groups beside each other, each with a base that is said under the table."""
    is_changed: bool = False
    """Counts are rounded or noisy: what adds up to a total adds up only nearly."""
    is_withheld: bool = False
    """Not published at all: not even which of its counts are zero."""
    is_told: bool = False
    """Intervals and tests by clusters or strata are withheld, at least of some columns."""
    is_raw: bool = False
    """Made by ``--raw``: not for publication, and every output says so."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of the suppression log: what was hidden and why, without the number.

    Attributes
    ----------
    table, row, column
        Place; row and column as ``variable:code``.
    status
        See `CellStatus`.
    reason
        Key under ``protection.reasons`` of the texts catalogue.
    helps
        For a cell hidden to protect another one: the place of the other.
    """

    table: str
    row: str
    column: str
    status: CellStatus
    reason: str
    helps: str = ""


@dataclass(frozen=True, slots=True)
class Leak:
    """A hidden count that a reader of everything shown can narrow down too far.

    Attributes
    ----------
    code
        Key under ``protection.leaks`` of the texts catalogue.
    source
        Folder or release, "" for the one at hand.
    table, row, column
        Place of the cell, or of one cell like it.
    low, high
        Least and greatest possible count.
    required
        Width that the interval should have had.
    """

    code: str
    table: str
    row: str
    column: str
    low: int
    high: int
    required: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """Everything that is published together.

    Attributes
    ----------
    tables
        In the order given.
    log
        Decisions as anyone may read them: every hidden cell alike, because to
        say which cells are small is to say that they are below the threshold.
    method
        Key of the protection method.
    settings
        The policy as plain data, for the manifest, with the ``structure`` that
        the audit needs (which questions take several answers, and so on).
    n_cells, n_hidden
        Distinct counts, and how many of them are hidden.
    internal_log
        Decisions with their true reasons: for the evaluator, never published.
    cost, bound
        Cells and percents withheld beyond those that are small themselves, and
        how many any safe release must withhold at least.
    leaks
        What the audit found; a release with leaks must not be published.
    known
        What earlier releases had given away already, and nothing can mend.
    hidden
        Positions of the hidden counts in the catalogue, to go on from.
    hidden_variables
        Sets of variables (``survey.variable``) some count of which is hidden:
        an analysis of such variables may give it away.
    """

    tables: tuple[ProtectedTable, ...]
    log: tuple[Decision, ...] = ()
    method: str = "none"
    settings: dict[str, object] = field(default_factory=dict)
    n_cells: int = 0
    n_hidden: int = 0
    internal_log: tuple[Decision, ...] = ()
    cost: int = 0
    bound: int = 0
    leaks: tuple[Leak, ...] = ()
    known: tuple[Leak, ...] = ()
    hidden: frozenset[int] = frozenset()
    hidden_variables: frozenset[frozenset[str]] = frozenset()

    def may_show(self, variables: Iterable[str]) -> bool:
        """Tell whether an analysis of variables touches no hidden count."""
        asked = frozenset(variables)
        return not any(hidden <= asked for hidden in self.hidden_variables)
