"""Printed tables against computed ones: grids, several questions, and what cannot be right."""

from __future__ import annotations

import pytest

from evaluation.published.compare import Reason, compare_data, compare_table
from evaluation.published.schema import PrintedTable
from tests.report.handmade import protected

STEPS = {"1": "Helt", "2": "Delvis", "3": "Inte alls"}
FOUR = {**STEPS, "4": "Vet inte"}


def printed(kind, rows, **more):
    table = {"id": "t", "kind": kind, "decimals": 0, "rows": rows, **more}
    return PrintedTable.model_validate(table)


def grid_row(item, base, *steps):
    cells = dict(zip(STEPS, steps, strict=True))
    return {"label": item, "item": item, "base": base, "cells": {"total": cells}}


def grid(**items):
    counts = {item: (ns, sum(ns)) for item, ns in items.items()}
    most = max(len(ns) for ns in items.values())
    return protected("g", counts, is_grid=True, options=FOUR if most > len(STEPS) else STEPS)


def differences(result):
    return [(d.row, d.column, d.printed, d.computed, d.reason) for d in result.differences]


def test_a_grid_of_percents_without_signs_and_the_base_of_each_row():
    table = grid(a=(10, 20, 10), b=(1, 1, 0))
    rows = [grid_row("a", 40, 25, 50, 25), grid_row("b", 3, 50, 50, 0)]
    result = compare_table(printed("grid", rows, unit="procent"), table)
    assert result.cells == 8
    assert differences(result) == [("b", "n", "3", "2", None)]
    assert result.unexplained == result.differences


def test_counts_of_a_grid_with_its_total():
    table = grid(a=(10, 20, 10))
    row = grid_row("a", None, 10, 20, 9)
    row["cells"]["total"]["total"] = 40
    result = compare_table(printed("grid", [row]), table)
    assert differences(result) == [("a", "total: 3", "9", "10", None)]


def test_a_row_adjusted_to_100_is_told_from_a_row_that_is_wrong():
    # 33 of 71 is 46,48, 34 is 47,89: none prints as 47; the row adds up to 100 in print.
    table = grid(a=(11, 33, 27))
    adjusted = printed("grid", [grid_row("a", 71, 15, 47, 38)], unit="procent")
    assert [d.reason for d in compare_table(adjusted, table).differences] == [Reason.ADJUSTED]
    assert compare_table(adjusted, table).unexplained == ()
    other = printed("grid", [grid_row("a", 71, 15, 47, 39)], unit="procent")
    reasons = [d.reason for d in compare_table(other, table).differences]
    assert reasons == [Reason.NOT_PLAIN, None]


def test_an_adjusted_percent_may_lie_a_whole_unit_off():
    # 19 of 38 is 50 exactly; the rounded row adds up to 101 and the printed one to 100.
    table = grid(a=(9, 19, 10))
    row = grid_row("a", 38, 24, 50, 26)
    assert compare_table(printed("grid", [row], unit="procent"), table).differences == ()
    table = grid(a=(9, 19, 9, 1))
    row = grid_row("a", 38, 24, 49, 24)
    row["cells"]["total"]["4"] = 3
    result = compare_table(printed("grid", [row], unit="procent"), table)
    assert [d.reason for d in result.differences] == [Reason.ADJUSTED]


def test_differences_are_named_by_the_heads_in_print():
    table = grid(a=(10, 20, 10))
    heads = ["Fullt", "I del", "Ej"]
    result = compare_table(printed("grid", [grid_row("a", 40, 10, 19, 10)], columns=heads), table)
    assert [d.column for d in result.differences] == ["I del"]


def test_a_percent_that_some_count_gives_is_not_explained():
    table = grid(a=(11, 33, 27))
    result = compare_table(printed("grid", [grid_row("a", 71, 15, 48, 38)], unit="procent"), table)
    assert len(result.unexplained) == 1


def battery_row(question, base, *cells):
    return {
        "label": question,
        "question": f"s.{question}",
        "base": base,
        "cells": {"total": dict(zip(STEPS, cells, strict=False))},
    }


def test_rows_of_several_questions():
    tables = {
        f"s.{q}": protected(q, {q: (ns, 71)}, is_grid=False, is_multiple=True, options=STEPS)
        for q, ns in {"p": (11, 13, 16), "q": (42, 0, 71)}.items()
    }
    rows = [battery_row("p", 71, 16, 18, 23), battery_row("q", 71, 59, 0, 100)]
    result = compare_table(printed("battery", rows, unit="procent"), None, tables)
    assert result.cells == 8
    # 11 of 71 is 15,49 and 12 is 16,90: cut off, 12 gives 16.
    assert differences(result) == [("p", "total: 1", "16", "15", Reason.NOT_PLAIN)]
    assert result.differences[0].explanation.cut_counts == (12,)


@pytest.mark.parametrize(("silent", "reason"), [(1, Reason.UNMARKED), (0, None)])
def test_a_base_larger_than_its_answers_counts_someone_who_marked_nothing(silent, reason):
    counts = {"p": ((2, 8, 18), 28)}
    table = protected("p", counts, is_grid=False, is_multiple=True, options=STEPS, silent=silent)
    rows = [
        {"label": label, "code": code, "n": n}
        for (code, label), n in zip(STEPS.items(), (2, 8, 18), strict=True)
    ]
    result = compare_table(printed("multiple", rows, base=29), table)
    assert differences(result) == [("total", "base", "29", "28", reason)]


def test_a_base_of_all_respondents():
    table = protected("p", {"p": ((2, 8, 18), 28)}, is_grid=False, options=STEPS, silent=4)
    assert compare_table(printed("single", [], base=32, base_of="respondents"), table).equal == 1


def test_a_figure_that_lacks_is_the_same_however_the_print_writes_it():
    rows = [{"label": "2013", "cells": {"Homes": "-", "Cases": "25"}}]
    table = PrintedTable.model_validate({"id": "t", "data": "d", "kind": "data", "rows": rows})
    assert compare_data(table, {("", "2013"): {"Homes": "..", "Cases": "25"}}).differences == ()
    (found,) = compare_data(table, {("", "2013"): {"Homes": "0", "Cases": "25"}}).differences
    assert (found.column, found.printed, found.computed) == ("Homes", "-", "0")


def frequency(*rows, **more):
    lines = [{"code": code, "label": code, "n": n, "percent": p} for code, n, p in rows]
    return printed("single", lines, question="s.q", **more)


def test_percents_on_another_base_than_the_printed_one_are_no_misprints():
    # 10 of 90 is 11 %, 11 of 93 is 12 %; no count of 93 prints as 44 %, but that says nothing.
    table = protected("q", {"q": ((11, 41, 41), 93)}, is_grid=False, options=STEPS)
    rows = [("1", "10", "11%"), ("2", "40", "44%"), ("3", "40", "44%")]
    result = compare_table(frequency(*rows, base=90), table)
    reasons = {(d.row, d.column): d.reason for d in result.differences}
    assert reasons["1", "percent"] is Reason.OTHER_BASE
    assert reasons["total", "base"] is None
    assert result.other_rule is None
    assert result.unexplained == result.differences


def test_a_row_of_a_grid_on_its_own_base_leaves_the_other_rows_as_they_are():
    table = grid(a=(11, 33, 27), b=(11, 33, 27))
    rows = [grid_row("a", 70, 15, 47, 38), grid_row("b", 71, 15, 47, 38)]
    result = compare_table(printed("grid", rows, unit="procent"), table)
    assert {(d.row, d.column): d.reason for d in result.differences} == {
        ("a", "n"): None,
        ("a", "total: 2"): Reason.OTHER_BASE,
        ("b", "total: 2"): Reason.ADJUSTED,
    }
