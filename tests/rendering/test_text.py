"""Tables as plain text keep their heads whole."""

from __future__ import annotations

from evaluation.rendering.text import table_text
from evaluation.report.model import BodyCell, BodyRow, HeadCell, TableBlock


def test_a_spanning_head_longer_than_its_columns_is_not_cut():
    block = TableBlock(
        id="",
        caption="C",
        stub="Svar",
        head=(
            (HeadCell("Vill inte ange alls", span=2), HeadCell("Totalt", span=2)),
            (HeadCell("n"), HeadCell("%"), HeadCell("n"), HeadCell("%")),
        ),
        rows=(BodyRow("Ja", tuple(BodyCell(t) for t in ("1", "2", "3", "4"))),),
    )
    lines = table_text(block).splitlines()
    assert "Vill inte ange alls" in lines[2]
    assert lines[2].index("Totalt") + len("Totalt") == len(lines[3])
