"""Crosstabs with their measures under each other."""

from __future__ import annotations

from dataclasses import replace

from evaluation.loading.texts import load_texts
from evaluation.model import CellStatus
from evaluation.protection.methods.none import pass_table
from evaluation.protection.release import ProtectedCell
from evaluation.report.layout import TableOptions, table_block
from evaluation.report.model import BodyKind
from evaluation.tables.spec import Margin, TableSpec
from tests.tables.test_build import build

TEXTS = load_texts("sv")
SHOW = ("n", "expected", "percent")


def crosstab(margin=Margin.KNOWN):
    return pass_table(build(TableSpec("s", "answer", by=("gender",), margin=margin, decimals=0)))


def laid(table, *, stacked=True):
    return table_block(table, TEXTS, TableOptions(show=SHOW, stacked=stacked))


def test_each_option_is_a_heading_with_a_row_per_measure():
    block = laid(crosstab())
    assert [len(row) for row in block.head] == [3]
    first = [(r.label, [c.text for c in r.cells]) for r in block.rows[:4]]
    assert first == [
        ("Yes", []),
        ("Antal", ["3", "1", "4"]),
        ("Förväntat antal", ["2,5", "1,5", "4,0"]),
        ("Procent inom Gender", ["60", "33", "50"]),
    ]
    groups = [r.label for r in block.rows if r.kind is BodyKind.GROUP]
    assert groups[0] == "Yes"
    assert groups[-1] == "Totalt"
    assert len(block.rows) == 4 * len(groups)


def test_notes_say_whom_the_margin_and_the_expected_counts_are_about():
    known, everyone = laid(crosstab()), laid(crosstab(Margin.EVERYONE))
    assert any("ingår inte" in note for note in known.notes)
    assert any("ingår bara i kolumnen för samtliga" in note for note in everyone.notes)
    assert any("Bas: 9" in note for note in everyone.notes)
    for block in (known, everyone):
        assert any("de 8 svarande som ingår i kolumnerna" in note for note in block.notes)


def test_measures_can_stand_side_by_side_too():
    block = laid(crosstab(), stacked=False)
    assert [c.text for c in block.head[-1]][:3] == ["n", "Förväntat antal", "Procent"]
    assert [c.text for c in block.rows[0].cells[:3]] == ["3", "2,5", "60"]


def test_a_hidden_cell_hides_its_expected_count():
    table = crosstab()
    hidden = ProtectedCell(CellStatus.PRIMARY)
    first = (hidden, *table.cells[0][1:])
    block = laid(replace(table, cells=(first, *table.cells[1:])))
    assert [r.cells[0].text for r in block.rows[1:4]] == ["..", "..", ".."]
