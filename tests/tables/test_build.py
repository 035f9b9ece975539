"""Tables against counts made by eye, and invariants over generated answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.counting.count import count
from evaluation.model import TOTAL, RowKind
from evaluation.tables.build import build_table
from evaluation.tables.numeric import MAX_DISTINCT, categorise, class_edges
from evaluation.tables.plan import (
    UnknownVariableError,
    combined_filter,
    requests_for,
    with_countable,
)
from evaluation.tables.spec import Percents, TableSpec
from tests.tables.handmade import DATA, LABELS


def build(spec, data=DATA, masks=None, labels=LABELS):
    requests = requests_for(spec, data, None)
    prepared = replace(data, variables=with_countable(data, requests))
    counts = dict(zip(requests, count(prepared, requests, masks or {}), strict=True))
    return build_table(spec, data=data, survey_filter=None, counts=counts, labels=labels)


def column(table, code, variable=""):
    at = next(i for i, c in enumerate(table.columns) if (c.variable, c.code) == (variable, code))
    return {row.code: cells[at] for row, cells in zip(table.rows, table.cells, strict=True)}


def test_one_way_counts_base_and_kinds_of_missing():
    cells = column(build(TableSpec("s", "answer")), TOTAL)
    assert {code: cell.n for code, cell in cells.items()} == {
        "1": 5,
        "2": 3,
        "3": 1,
        "net:1+2": 8,
        "total": 9,
        "item_nonresponse": 1,
        "not_asked": 1,
        "invalid": 1,
    }
    assert cells["1"].percent == pytest.approx(100 * 5 / 9)
    assert cells["1"].base_n == 9
    assert cells["item_nonresponse"].percent is None
    assert cells["total"].percent == 100


def test_multiple_answers_have_those_who_answered_as_base():
    table = build(TableSpec("s", "tools"))
    cells = column(table, TOTAL)
    assert (cells["a"].n, cells["b"].n, cells["total"].n) == (6, 5, 8)
    assert cells["a"].percent == pytest.approx(75)
    assert table.is_multiple


def test_crosstab_margin_is_those_with_both_answers():
    table = build(TableSpec("s", "answer", by=("gender",)))
    women, men = column(table, "w", "gender"), column(table, "m", "gender")
    margin = column(table, TOTAL, "gender")
    assert [women[c].n for c in ("1", "2", "3", TOTAL)] == [3, 2, 0, 5]
    assert [men[c].n for c in ("1", "2", "3", TOTAL)] == [1, 1, 1, 3]
    assert [margin[c].n for c in ("1", "2", "3", TOTAL)] == [4, 3, 1, 8]
    assert table.column_missing == {"gender": 1}
    assert women["item_nonresponse"].n == 1
    assert men["not_asked"].n == 1


def test_row_and_total_percents_have_their_own_bases():
    by_row = build(TableSpec("s", "answer", by=("gender",), percents=Percents.ROW))
    assert column(by_row, "w", "gender")["1"].percent == pytest.approx(75)
    assert column(by_row, TOTAL, "gender")["1"].percent == pytest.approx(100)
    of_all = build(TableSpec("s", "answer", by=("gender",), percents=Percents.TOTAL))
    assert column(of_all, "w", "gender")["1"].percent == pytest.approx(100 * 3 / 8)


def test_by_multiple_answers_columns_overlap_and_the_margin_counts_persons():
    table = build(TableSpec("s", "answer", by=("tools",)))
    both = [column(table, c, "tools")["1"].n for c in ("a", "b", TOTAL)]
    assert both == [4, 4, 5]


def test_several_column_variables_stand_side_by_side_each_with_its_margin():
    table = build(TableSpec("s", "answer", by=("gender", "tools")))
    names = [(c.variable, c.code) for c in table.columns]
    assert names == [
        ("gender", "w"),
        ("gender", "m"),
        ("gender", TOTAL),
        ("tools", "a"),
        ("tools", "b"),
        ("tools", TOTAL),
    ]


def test_weights_change_percents_but_not_n():
    table = build(TableSpec("s", "answer", weight="weight"))
    cells = column(table, TOTAL)
    assert cells["1"].n == 5
    assert cells["1"].wn == pytest.approx(5.5)
    assert cells["1"].percent == pytest.approx(100 * 5.5 / 9.0)
    assert table.effective_base[0] == pytest.approx(9.0**2 / (4 + 7 * 1 - 1 + 0.25 * 2), rel=0.2)


def test_grid_repeats_the_steps_for_every_item():
    table = build(TableSpec("s", "battery"))
    assert table.is_grid
    assert {row.variable for row in table.rows} == {"item1", "item2"}
    totals = [
        c[0].n for r, c in zip(table.rows, table.cells, strict=True) if r.kind is RowKind.TOTAL
    ]
    assert totals == [9, 9]


def test_numbers_become_distinct_values_and_texts_become_presence():
    weights = column(build(TableSpec("s", "weight")), TOTAL)
    assert {c: weights[c].n for c in ("0.5", "1", "2")} == {"0.5": 2, "1": 9, "2": 1}
    comments = column(build(TableSpec("s", "comment")), TOTAL)
    assert comments["answered"].n == 8


def test_many_values_are_grouped_into_classes_that_cover_all():
    many = replace(
        DATA.variables["weight"],
        values=np.linspace(0, 99.5, 200),
        state=np.zeros(200, dtype=np.int8),
    )
    grouped = categorise(many)
    assert len(grouped.categories) < MAX_DISTINCT
    assert np.bincount(grouped.codes).sum() == 200
    assert (grouped.codes >= 0).all()


@given(st.floats(-1e6, 1e6), st.floats(0.001, 1e6))
def test_class_edges_cover_the_range(low, width):
    edges = class_edges(low, low + width)
    assert edges[0] <= low
    assert edges[-1] > low + width


def test_unknown_questions_are_named():
    with pytest.raises(UnknownVariableError, match=r"s\.nothing"):
        requests_for(TableSpec("s", "nothing"), DATA, None)
    with pytest.raises(UnknownVariableError, match=r"s\.nobody"):
        requests_for(TableSpec("s", "answer", by=("nobody",)), DATA, None)


def test_filters_join_with_parentheses():
    assert combined_filter("a == 1 or b == 2", "c == 3") == "(a == 1 or b == 2) and (c == 3)"
    assert combined_filter(None, "c == 3") == "c == 3"
    assert combined_filter("", "") == ""


codes = st.lists(st.tuples(st.integers(-3, 2), st.integers(-3, 1)), min_size=1, max_size=40)


@given(codes)
def test_rows_sum_to_their_base_and_columns_to_their_margin(pairs):
    data = _data(pairs)
    table = build(TableSpec("s", "answer", by=("gender",)), data)
    kinds = [row.kind for row in table.rows]
    for at in range(len(table.columns)):
        options = [c[at].n for k, c in zip(kinds, table.cells, strict=True) if k is RowKind.OPTION]
        assert sum(options) == table.cells[kinds.index(RowKind.TOTAL)][at].n
    for row in table.cells:
        assert sum(cell.n for cell in row[:-1]) == row[-1].n


@given(codes, st.randoms())
def test_the_order_of_respondents_changes_nothing(pairs, random):
    shuffled = list(pairs)
    random.shuffle(shuffled)
    spec = TableSpec("s", "answer", by=("gender",))
    assert build(spec, _data(pairs)).cells == build(spec, _data(shuffled)).cells


def _data(pairs):
    rows = np.array([p[0] for p in pairs], dtype=np.int16)
    columns = np.array([p[1] for p in pairs], dtype=np.int16)
    variables = {
        "answer": replace(DATA.variables["answer"], codes=rows),
        "gender": replace(DATA.variables["gender"], codes=columns),
    }
    return replace(DATA, n=len(pairs), variables=variables, grids={})
