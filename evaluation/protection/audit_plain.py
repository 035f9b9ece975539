"""What a release gives away in plain sight, and how the audit names what it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.protection.audit_cells import ANY, MARK
from evaluation.protection.release import Leak

if TYPE_CHECKING:
    from evaluation.protection.audit import AuditPolicy
    from evaluation.protection.audit_cells import Published, Reading

NOT_HIDDEN, LEFT_STANDING, GROUP, NARROW, DIFFERENCE, UNCLEAR = (
    "small_shown",
    "number_left",
    "group_shown",
    "narrow",
    "difference",
    "unclear",
)
"""Kinds of leaks, as keys of the texts catalogue."""
Place = tuple[str, str, str, str]
"""Release ("" for the one at hand), table, row, column."""


def plain_leaks(reading: Reading, policy: AuditPolicy) -> list[Leak]:
    """Small counts shown, numbers left beside hidden counts, groups that all gave one answer."""
    leaks = []
    options = _option_counts(reading)
    common = common_answers(reading, policy)
    for cell in reading.cells:
        if not policy.minds(cell):
            continue
        if cell.n is None:
            if cell.base_n is not None or cell.percent is not None:
                leaks.append(leak_at(LEFT_STANDING, cell, (0, 0), policy))
            continue
        if 0 < cell.n < policy.threshold:
            leaks.append(leak_at(NOT_HIDDEN, cell, (cell.n, cell.n), policy))
        is_one_answer = (
            policy.dominance
            and policy.minds_answer(cell)
            and cell.is_option
            and options[cell.table, cell.row_var] > 1
            and cell.base_n is not None
            and cell.n >= max(1, cell.base_n - policy.insider)
            and is_group(cell)
            and answer_of(cell) not in common
            and policy.structure.get("percents", {}).get(cell.table, "column") == "column"
        )
        if is_one_answer:
            leaks.append(leak_at(GROUP, cell, (cell.n, cell.n), policy))
    return leaks


def around(cell: Published) -> list[str]:
    """Return all conditions of a column or filter, earlier releases aside."""
    return [text for text in cell.context[1] if not text.startswith(MARK)]


def answer_of(cell: Published) -> tuple[str, ...]:
    """Return what a row says, and of which release."""
    marks = sorted(text for text in cell.context[1] if text.startswith(MARK))
    return (cell.key[0], cell.row_var, cell.row_code, *marks)


def place_of(cell: Published) -> Place:
    """Return where a cell stands."""
    return cell.source, *cell.place


def common_answers(reading: Reading, policy: AuditPolicy) -> set[tuple[str, ...]]:
    """Return answers that everybody gave, as their own table shows: no secret of any group."""
    return {
        answer_of(cell)
        for cell in reading.cells
        if not around(cell) and cell.base_n and (cell.n or 0) >= cell.base_n - policy.insider
    }


def is_group(cell: Published) -> bool:
    """Tell whether a column or filter singles out the persons of a cell's base."""
    stated = [text for text in around(cell) if not text.endswith(f"={ANY}")]
    return bool(stated) and not any(text.startswith(f"{cell.row_var}=") for text in stated)


def _option_counts(reading: Reading) -> dict[tuple[str, str], int]:
    options: dict[tuple[str, str], set[str]] = {}
    for cell in reading.cells:
        found = options.setdefault((cell.table, cell.row_var), set())
        if cell.is_option:
            found.add(cell.row_code)
    return {place: len(found) for place, found in options.items()}


def leak_at(code: str, cell: Published, found: tuple[int, int], policy: AuditPolicy) -> Leak:
    """Say what was found about a cell: from the least to the greatest that it can be."""
    source, table, row, column = place_of(cell)
    return Leak(
        code=code,
        table=table,
        row=row,
        column=column,
        low=found[0],
        high=found[1],
        required=policy.interval_width,
        source=source,
    )
