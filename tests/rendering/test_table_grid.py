"""Places of head cells and widths of columns on paper."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.rendering.table_grid import (
    LANDSCAPE_WIDTH,
    PADDING,
    SQUEEZED_SIZE,
    TEXT_WIDTH,
    column_count,
    is_text_column,
    place_heads,
    plan_columns,
    turned_parts,
)
from evaluation.report.model import (
    BodyCell,
    BodyRow,
    HeadCell,
    Heading,
    PageBreak,
    TableBlock,
)
from tests.rendering.stress import Draw, crosstab, frequency, long_table, wide_table


def table(n_columns: int, word: str = "Procent", text: str = "27,8") -> TableBlock:
    head = tuple(HeadCell(word) for _ in range(n_columns))
    row = BodyRow("Ja", tuple(BodyCell(text) for _ in range(n_columns)))
    return TableBlock("t", "", "Svar", (head,), (row,))


def test_tall_and_spanning_heads_find_their_places() -> None:
    head = (
        (HeadCell("A", span=2), HeadCell("B", rows=2), HeadCell("C", span=2)),
        (HeadCell("a1"), HeadCell("a2"), HeadCell("c1"), HeadCell("c2")),
    )
    places = {
        p.cell.text: (p.row, p.column) for p in place_heads(TableBlock("t", "", "", head, ()))
    }
    assert places == {
        "A": (0, 1), "B": (0, 3), "C": (0, 4),
        "a1": (1, 1), "a2": (1, 2), "c1": (1, 4), "c2": (1, 5),
    }  # fmt: skip


def test_short_table_keeps_the_usual_size_and_fills_the_width() -> None:
    plan = plan_columns(frequency(Draw()))
    assert (plan.size, plan.landscape) == (9.6, False)
    assert abs(sum(plan.widths) - TEXT_WIDTH) < 1e-6
    assert plan.widths[0] > 100


def test_number_columns_of_a_crosstab_leave_room_for_the_labels() -> None:
    plan = plan_columns(crosstab(Draw()))
    assert not plan.landscape
    assert plan.widths[0] > 28


def test_wide_table_turns_the_page_unless_it_stands_in_a_box() -> None:
    wide = wide_table(Draw())
    assert plan_columns(wide).landscape
    kept = plan_columns(wide, may_turn=False)
    assert (kept.landscape, kept.is_squeezed, kept.size) == (False, True, SQUEEZED_SIZE)
    assert abs(sum(kept.widths) - TEXT_WIDTH) < 1e-6


def test_unknown_fonts_are_given_more_room() -> None:
    narrow = table(9)
    assert plan_columns(narrow).size > plan_columns(narrow, font="Arial").size


def test_text_columns_share_what_is_left() -> None:
    cells = (
        BodyCell("En lång text om åtaganden. " * 3, unit="text"),
        BodyCell("Kort", unit="text"),
    )
    head = ((HeadCell("A", is_number=False), HeadCell("B", is_number=False)),)
    plan = plan_columns(TableBlock("t", "", "Grupp", head, (BodyRow("Ett", cells),)))
    assert plan.widths[1] > plan.widths[2] > 2 * PADDING


def test_dash_among_numbers_does_not_make_a_column_of_words() -> None:
    dash, number = BodyCell("–", unit="text"), BodyCell("175 000")
    mixed = TableBlock("t", "", "", (), (BodyRow("a", (dash,)), BodyRow("b", (number,))))
    words = TableBlock("t", "", "", (), (BodyRow("a", (dash,)),))
    assert not is_text_column(mixed, 0)
    assert is_text_column(words, 0)


def test_headings_just_above_a_turned_table_go_with_it() -> None:
    one, two = Heading(1, "A", "a"), Heading(2, "B", "b")
    draw = Draw()
    usual, wide = frequency(draw), wide_table(draw)
    parts = list(turned_parts([usual, one, two, wide, PageBreak()]))
    assert parts == [(False, [usual]), (True, [one, two, wide]), (False, [PageBreak()])]


def test_report_without_wide_tables_is_one_part() -> None:
    blocks = [frequency(Draw()), long_table(Draw())]
    assert list(turned_parts(blocks)) == [(False, blocks)]
    assert list(turned_parts([])) == []


def test_table_without_rows_and_heads_still_has_a_plan() -> None:
    plan = plan_columns(TableBlock("t", "", "", (), ()))
    assert column_count(TableBlock("t", "", "", (), ())) == 0
    assert plan.widths == (TEXT_WIDTH,)


@settings(max_examples=60)
@given(
    st.integers(1, 30),
    st.text(alphabet="abcdefgå ", max_size=40),
    st.text(alphabet="0123456789,", max_size=12),
)
def test_widths_always_add_up_to_the_page(n_columns: int, word: str, text: str) -> None:
    plan = plan_columns(table(n_columns, word, text))
    room = LANDSCAPE_WIDTH if plan.landscape else TEXT_WIDTH
    assert len(plan.widths) == n_columns + 1
    assert abs(sum(plan.widths) - room) < 1e-6
    assert min(plan.widths) > 0
