"""Expected counts and margins, against figures made by hand and against scipy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats.contingency import expected_freq

from evaluation.model import TOTAL, RowKind
from evaluation.tables.spec import Margin, TableSpec
from tests.tables.handmade import ANSWER, DATA, GENDER
from tests.tables.test_build import build, column


def test_expected_counts_rest_on_the_columns_whatever_the_margin():
    for margin in Margin:
        table = build(TableSpec("s", "answer", by=("gender",), margin=margin))
        women = column(table, "w", "gender")
        assert women["1"].expected == pytest.approx(4 * 5 / 8)
        assert women["net:1+2"].expected == pytest.approx(7 * 5 / 8)
        assert women[TOTAL].expected == pytest.approx(5)
        assert women["item_nonresponse"].expected is None


def test_margin_of_everyone_counts_those_without_the_column_variable():
    table = build(TableSpec("s", "answer", by=("gender",), margin=Margin.EVERYONE))
    margin = column(table, TOTAL, "gender")
    assert [margin[c].n for c in ("1", "2", "3", TOTAL)] == [5, 3, 1, 9]
    assert margin["1"].percent == pytest.approx(100 * 5 / 9)
    assert margin["1"].expected == 5
    assert table.column_missing == {"gender": 1}


def test_one_way_and_multiple_answers_have_no_expected_counts():
    for spec in (TableSpec("s", "answer"), TableSpec("s", "tools", by=("gender",))):
        assert all(cell.expected is None for line in build(spec).cells for cell in line)
    by_tools = build(TableSpec("s", "answer", by=("tools",)))
    assert all(cell.expected is None for line in by_tools.cells for cell in line)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 1)), min_size=12, max_size=12))
def test_expected_counts_are_those_of_scipy(answers):
    rows, columns = (np.array(part, dtype=np.int16) for part in zip(*answers, strict=True))
    variables = {
        "answer": replace(ANSWER, codes=rows),
        "gender": replace(GENDER, codes=columns),
    }
    data = replace(DATA, variables=variables, grids={})
    table = build(TableSpec("s", "answer", by=("gender",)), data=data)
    options = [i for i, row in enumerate(table.rows) if row.kind is RowKind.OPTION]
    observed = np.array([[table.cells[i][j].n for j in (0, 1)] for i in options])
    if not observed.sum():
        assert table.cells[0][0].expected is None
        return
    expected = [[table.cells[i][j].expected for j in (0, 1)] for i in options]
    assert np.allclose(expected, expected_freq(observed))
