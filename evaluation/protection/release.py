"""Protected tables: the only form in which figures reach a page or a file.

`ProtectedTable` has no constructor that takes a `Table`; ``protect`` makes it,
for all tables of a release together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evaluation.model import CellStatus

if TYPE_CHECKING:
    from decimal import Decimal

    from evaluation.tables.spec import Column, Row, Statistic, TableSpec, TestResult


@dataclass(frozen=True, slots=True)
class ProtectedCell:
    """One cell as it may be read by anyone.

    Attributes
    ----------
    status
        Where not ``shown``, every other field is None (a low base keeps ``n``
        and ``base_n`` where the policy shows counts but no percent).
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
    tests: tuple[TestResult, ...] = ()
    effective_base: tuple[float, ...] = ()
    item_labels: dict[str, str] = field(default_factory=dict)
    column_labels: dict[str, str] = field(default_factory=dict)
    ci_method: str = ""
    column_missing: dict[str, int] = field(default_factory=dict)
    n_hidden: int = 0
    is_raw: bool = False
    """Made by ``--raw``: not for publication, and every output says so."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of the suppression log: what was hidden and why, without the number."""

    table: str
    row: str
    column: str
    status: CellStatus
    reason: str


@dataclass(frozen=True, slots=True)
class Release:
    """Everything that is published together.

    Attributes
    ----------
    tables
        In the order given.
    log
        Decisions, in table order.
    method
        Key of the protection method.
    settings
        The policy as plain data, for the manifest.
    n_cells, n_hidden
        Distinct cells, and how many of them are hidden.
    """

    tables: tuple[ProtectedTable, ...]
    log: tuple[Decision, ...] = ()
    method: str = "none"
    settings: dict[str, object] = field(default_factory=dict)
    n_cells: int = 0
    n_hidden: int = 0
