"""What was hidden and why: for the evaluator, and as anyone may read it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evaluation.model import CellStatus
from evaluation.protection.release import Decision

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.protection.catalogue import Catalogue
    from evaluation.protection.release import ProtectedTable
    from evaluation.tables.table import Table

HIDDEN, LOW_BASE, PROTECTS, AUDIT, TABLE, ERRORS = (
    "hidden", "low_base", "protects", "audit", "table", "errors",
)  # fmt: skip
"""Reasons, as keys of the texts catalogue, beside those of ``rules``."""
Place = tuple[int, int, int]
"""Table, row, column."""


@dataclass(frozen=True, slots=True)
class _Names:
    """Places in words."""

    tables: Sequence[Table]

    def row(self, place: Place) -> str:
        row = self.tables[place[0]].rows[place[1]]
        return f"{row.variable}:{row.code}"

    def column(self, place: Place) -> str:
        column = self.tables[place[0]].columns[place[2]]
        return f"{column.variable}:{column.code}".lstrip(":")

    def whole(self, place: Place) -> str:
        return f"{self.tables[place[0]].id} {self.row(place)} {self.column(place)}"


def for_anyone(decision: Decision) -> Decision:
    """Return a decision as it may be published: "primary" would say that a count is small."""
    if decision.reason in (LOW_BASE, TABLE, ERRORS):
        return replace(decision, helps="")
    return replace(decision, status=CellStatus.SECONDARY, reason=HIDDEN, helps="")


def decision_log(
    tables: Sequence[Table],
    protected: Sequence[ProtectedTable],
    catalogue: Catalogue,
    reasons: Mapping[int, str],
    helps: Mapping[int, Place],
) -> tuple[Decision, ...]:
    """Return every cell that is not shown, in table order, with its true reason."""
    names = _Names(tables)
    log = []
    for number, (table, gate) in enumerate(zip(tables, protected, strict=True)):
        if gate.is_withheld:
            log.append(Decision(table.id, "", "", CellStatus.SECONDARY, TABLE))
            continue
        for j in sorted(table.told or ()):
            column = names.column((number, 0, j))
            log.append(Decision(table.id, "", column, CellStatus.SECONDARY, ERRORS))
        kept = [i for i, row in enumerate(table.rows) if row not in gate.dropped_rows]
        for i, line in zip(kept, gate.cells, strict=True):
            for j, cell in enumerate(line):
                if cell.status is CellStatus.SHOWN:
                    continue
                place = (number, i, j)
                at = catalogue.cells[number][i][j]
                reason = LOW_BASE if cell.status is CellStatus.LOW_BASE else reasons[at]
                is_extra = reason in (PROTECTS, AUDIT)
                status = cell.status if is_extra or reason == LOW_BASE else CellStatus.PRIMARY
                helped = names.whole(helps[at]) if reason == PROTECTS and at in helps else ""
                log.append(
                    Decision(
                        table.id, names.row(place), names.column(place), status, reason, helped
                    )
                )
    return tuple(log)
