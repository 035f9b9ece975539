"""A unit's columns beside units like it and the whole."""

from __future__ import annotations

from evaluation.model import CellStatus, RowKind
from evaluation.protection.release import ProtectedCell, ProtectedTable
from evaluation.report.unit_functions import Similar, beside_whole
from evaluation.tables.spec import Column, Row, TableSpec

ROWS = (Row("q", "1", "Ja", RowKind.OPTION), Row("q", "2", "Nej", RowKind.OPTION))


def table(by, counts, rows=ROWS):
    columns = tuple(Column(by, code, code.upper()) for code in counts)
    cells = tuple(
        tuple(ProtectedCell(CellStatus.SHOWN, n=column[i]) for column in counts.values())
        for i in range(len(rows))
    )
    return ProtectedTable("t", TableSpec("s", "q", by=(by,)), "Q", rows, columns, cells)


UNITS = table("unit", {"a": (1, 2), "b": (3, 4), "total": (4, 6)})
GROUPS = table("group", {"a": (5, 6), "total": (4, 6)})


def shown(found):
    return [(c.code, c.label) for c in found.columns], [
        [cell.n for cell in line] for line in found.cells
    ]


def test_only_the_unit_and_the_whole_are_left():
    assert shown(beside_whole(UNITS, "b", "Alla")) == (
        [("b", "B"), ("whole", "Alla")],
        [[3, 4], [4, 6]],
    )


def test_units_like_it_stand_between_even_under_the_same_code():
    found = beside_whole(UNITS, "a", "Alla", similar=Similar(GROUPS, "a"))
    assert shown(found) == (
        [("a", "A"), ("like:a", "A"), ("whole", "Alla")],
        [[1, 5, 4], [2, 6, 6]],
    )
    assert {c.variable for c in found.columns} == {"unit"}


def test_a_row_that_the_group_lacks_is_withheld_not_guessed():
    short = table("group", {"a": (5,)}, rows=ROWS[:1])
    found = beside_whole(UNITS, "a", "Alla", similar=Similar(short, "a"))
    assert [line[1].status for line in found.cells] == [CellStatus.SHOWN, CellStatus.SECONDARY]
    assert found.cells[1][1].n is None


def test_an_unknown_group_is_left_out():
    assert len(beside_whole(UNITS, "a", "Alla", similar=Similar(GROUPS, "x")).columns) == 2
