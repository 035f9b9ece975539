"""Tables with more columns than a page holds, below each other."""

from __future__ import annotations

from io import BytesIO

from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.rendering.docx import render_docx
from evaluation.rendering.print_model import print_model
from evaluation.rendering.table_grid import LANDSCAPE_WIDTH, TEXT_WIDTH, column_count, place_heads
from evaluation.rendering.table_parts import readable_parts
from evaluation.rendering.theme import load_theme
from evaluation.report.model import (
    BodyCell,
    BodyKind,
    BodyRow,
    HeadCell,
    Report,
    ReportMeta,
    TableBlock,
)

META = ReportMeta(title="Titel", publisher="Myndigheten", language="sv", year=2022)
MEASURES = ("Mycket missnöjd", "Ganska nöjd", "Nöjd", "Bas (n)")


def grid_by(units: int, measures: tuple[str, ...] = MEASURES) -> TableBlock:
    """A grid of questions by units; every cell says its column."""
    head = (
        tuple(HeadCell(f"Enhet {u}", span=len(measures)) for u in range(units)),
        tuple(HeadCell(m) for _ in range(units) for m in measures),
    )
    cells = tuple(BodyCell(f"{c},0") for c in range(units * len(measures)))
    rows = (
        BodyRow("Hjälpen", (), kind=BodyKind.GROUP),
        BodyRow("Bemötandet", cells),
        BodyRow("Väntetiden", cells),
    )
    return TableBlock("t", "Nöjd", "Fråga", head, rows, label="Tabell 1", notes=("Bas: 9.",))


def words_of(table: TableBlock) -> list[str]:
    return [cell.text for cell in table.rows[-1].cells]


def test_table_that_fits_is_one_part() -> None:
    table = grid_by(1)
    ((part, plan),) = readable_parts(table)
    assert part == table
    assert not plan.landscape


def test_groups_stay_together_with_the_caption_first_and_the_notes_last() -> None:
    table = grid_by(10)
    parts = readable_parts(table)
    assert len(parts) > 1
    assert [bool(part.caption) for part, _ in parts] == [True] + [False] * (len(parts) - 1)
    assert [bool(part.notes) for part, _ in parts] == [False] * (len(parts) - 1) + [True]
    for part, plan in parts:
        assert {cell.span for cell in part.head[0]} == {len(MEASURES)}
        assert part.rows[0].label == "Hjälpen"
        assert not plan.is_squeezed
        assert plan.landscape
    sizes = {plan.size for _, plan in parts}
    assert len(sizes) == 1


def test_group_that_is_too_wide_alone_is_cut_and_its_head_repeated() -> None:
    table = grid_by(2, tuple(f"Alternativ {i}" for i in range(26)))
    parts = readable_parts(table)
    assert {cell.text for part, _ in parts for cell in part.head[0]} == {"Enhet 0", "Enhet 1"}
    assert sum(len(part.head[0]) for part, _ in parts) > 2
    assert [w for part, _ in parts for w in words_of(part)] == words_of(table)


def test_single_column_that_fits_nowhere_is_squeezed_as_it_is() -> None:
    cells = (BodyCell("1 234 567 " * 40), BodyCell("1"))
    table = TableBlock("t", "", "Svar", (), (BodyRow("Ja", cells),))
    ((part, plan),) = readable_parts(table)
    assert part == table
    assert plan.is_squeezed


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 14), st.integers(1, 9), st.booleans())
def test_every_column_stands_in_one_part_that_fits(
    units: int, measures: int, may_turn: bool
) -> None:
    table = grid_by(units, tuple(f"Mått {i}" for i in range(measures)))
    parts = readable_parts(table, may_turn=may_turn)
    assert [w for part, _ in parts for w in words_of(part)] == words_of(table)
    for part, plan in parts:
        assert not plan.is_squeezed
        assert abs(sum(plan.widths) - (LANDSCAPE_WIDTH if plan.landscape else TEXT_WIDTH)) < 1e-6
        assert len(plan.widths) == column_count(part) + 1
        low = [p for p in place_heads(part) if p.row == 1]
        assert [p.column for p in low] == list(range(1, column_count(part) + 1))


def test_pdf_and_word_have_the_parts_below_each_other() -> None:
    theme = load_theme("neutral")
    report = Report(META, (grid_by(10),))
    (turned,) = [b for b in print_model(report, theme, {})["blocks"] if b["kind"] == "landscape"]
    (parts,) = [b for b in turned["blocks"] if b["kind"] == "parts"]
    expected = len(readable_parts(grid_by(10)))
    assert len(parts["blocks"]) == expected
    assert [bool(b["anchor"]) for b in parts["blocks"]] == [True] + [False] * (expected - 1)
    written = Document(BytesIO(render_docx(report, theme)))
    assert len(written.tables) == expected
