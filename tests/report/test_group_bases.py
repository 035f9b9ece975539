"""Each column of a unit's table has its own base, and the note says it."""

from __future__ import annotations

import pytest

from evaluation.loading.texts import load_texts
from evaluation.model import CellStatus, RowKind
from evaluation.protection.release import ProtectedCell, ProtectedTable
from evaluation.report.charts import ChartOptions, chart_block
from evaluation.report.layout import TableOptions, table_block
from evaluation.report.unit_functions import beside_whole
from evaluation.tables.spec import Column, Row, TableSpec

TEXTS = load_texts("sv")
N = "(n\u00a0=\u00a0"


def cell(n, base=None):
    if n is None:
        return ProtectedCell(CellStatus.SECONDARY)
    percent = None if base is None else 100 * n / base
    return ProtectedCell(CellStatus.SHOWN, n=n, base_n=base, percent=percent)


def unit_view(yes, no, missing, code="a"):
    """A question by unit, counts per unit and the whole; seen by one unit."""
    columns = tuple(Column("unit", c, c.upper()) for c in ("a", "b", "total"))
    base = [None if None in pair else sum(pair) for pair in zip(yes, no, strict=True)]
    rows = (
        Row("q", "1", "Ja", RowKind.OPTION),
        Row("q", "2", "Nej", RowKind.OPTION),
        Row("q", "total", "", RowKind.TOTAL),
        Row("q", "item_nonresponse", "", RowKind.ITEM_NONRESPONSE),
    )
    cells = (
        tuple(map(cell, yes, base)),
        tuple(map(cell, no, base)),
        tuple(map(cell, base, base)),
        tuple(map(cell, missing)),
    )
    table = ProtectedTable("t", TableSpec("s", "q", by=("unit",)), "Q", rows, columns, cells)
    return beside_whole(table, code, "Samtliga")


@pytest.mark.parametrize(
    ("yes", "no", "missing", "wanted"),
    [
        ((30, 40, 70), (10, 20, 30), (0, 0, 0), f"Bas: A {N}40), Samtliga {N}100)."),
        (
            (30, 40, 70),
            (10, 20, 30),
            (6, 7, 13),
            f"Bas: A {N}40), Samtliga {N}100). Internt bortfall: A {N}6), Samtliga {N}13).",
        ),
        ((None, None, 70), (None, None, 30), (0, 0, 0), f"Bas: A {N}..), Samtliga {N}100)."),
    ],
)
def test_the_note_gives_the_base_of_each_column(yes, no, missing, wanted):
    view = unit_view(yes, no, missing)
    block = table_block(view, TEXTS, TableOptions(missing=True))
    assert block.notes[0] == wanted
    assert [head.text for head in block.head[0]][-1] == "Samtliga"
    chart = chart_block([view], ["Q"], {}, False, TEXTS, ChartOptions())
    assert chart.notes[0] == wanted.partition(" Internt")[0]
