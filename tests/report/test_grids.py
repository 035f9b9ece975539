"""Tables with a row for each item of a grid, or for each of several questions."""

from __future__ import annotations

import pytest

from evaluation.loading.texts import load_texts
from evaluation.report.grids import GridOptions
from evaluation.report.layout import TableOptions, battery_block, table_block
from evaluation.report.model import BodyKind
from evaluation.tables.request import RequestError
from tests.report.handmade import protected

TEXTS = load_texts("sv")
GRID = protected("grid", {"a": ((3, 1), 4), "b": ((1, 1), 2), "c": ((0, 5), 5)}, is_grid=True)


def laid(table=GRID, show=(), **grid):
    options = TableOptions(show=show, grid=GridOptions(**grid))
    return table_block(table, TEXTS, options)


def texts_of(block):
    return [(row.label, [c.text for c in row.cells]) for row in block.rows]


def heads_of(block):
    return [c.text for c in block.head[-1]]


def test_bases_that_differ_stand_last_unless_told_otherwise():
    block = laid()
    assert heads_of(block) == ["Helt", "Delvis", "Bas (n)"]
    assert texts_of(block)[0] == ("A", ["75", "25", "4"])


def test_the_base_can_stand_in_each_label():
    block = laid(bases="label")
    assert heads_of(block) == ["Helt", "Delvis"]
    assert texts_of(block) == [
        ("A (n\u00a0=\u00a04)", ["75", "25"]),
        ("B (n\u00a0=\u00a02)", ["50", "50"]),
        ("C (n\u00a0=\u00a05)", ["0", "100"]),
    ]
    assert block.notes == ("Procent av dem som besvarat respektive fråga.",)


def test_counts_with_the_base_first_under_a_head_of_its_own():
    block = laid(show=("n",), bases="first", base_head="Alla", steps=("2",))
    assert heads_of(block) == ["Alla", "Delvis"]
    assert texts_of(block) == [("A", ["4", "1"]), ("B", ["2", "1"]), ("C", ["5", "5"])]
    assert block.notes == ()


def test_items_stand_under_their_headings():
    block = laid(groups={"a": "Först", "b": "Först", "c": "Sedan"})
    kinds = [(row.label, row.kind) for row in block.rows]
    assert kinds == [
        ("Först", BodyKind.GROUP),
        ("A", BodyKind.NORMAL),
        ("B", BodyKind.NORMAL),
        ("Sedan", BodyKind.GROUP),
        ("C", BodyKind.NORMAL),
    ]


def test_an_unknown_step_is_refused():
    with pytest.raises(RequestError) as refused:
        laid(steps=("3",))
    assert refused.value.code == "unknown-option-code"


def test_questions_with_the_same_options_share_a_table():
    first = protected("p", {"p": ((2, 3), 4)}, is_grid=False, is_multiple=True)
    second = protected(
        "q", {"q": ((1,), 4)}, is_grid=False, is_multiple=True, options={"1": "Delvis"}
    )
    options = TableOptions(caption="Båda", grid=GridOptions(bases="label"))
    block = battery_block([first, second], ["P", "Q"], TEXTS, options)
    assert block.caption == "Båda"
    assert texts_of(block) == [
        ("P (n\u00a0=\u00a04)", ["50", "75"]),
        ("Q (n\u00a0=\u00a04)", [".", "25"]),
    ]
    assert block.notes[0].startswith("Flera svar kunde anges. Procenten")
    assert block.notes[1] == "Bas: 4 svarande."


def test_counts_of_several_answers_speak_of_no_percents():
    table = protected("p", {"p": ((2, 3), 4)}, is_grid=False, is_multiple=True)
    block = table_block(table, TEXTS, TableOptions(show=("n",)))
    assert heads_of(block) == ["n"]
    assert block.notes[0] == "Flera svar kunde anges."
