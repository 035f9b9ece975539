"""The gate for analyses: every threshold at one below, at, and above."""

from __future__ import annotations

import pytest

from evaluation.codebook.schema import Protection
from evaluation.protection.analyses import protect_analysis, shown_by_row
from evaluation.tables.analyses.common import least
from evaluation.tables.analyses.spec import Analysis, AnalysisCell, AnalysisSpec


def analysis(counts, base):
    spec = AnalysisSpec("scales", "s", ("q",))
    rows = (("row", (AnalysisCell(1.0),)),)
    return Analysis(spec, "title", "stub", ("head",), rows, ("said",), counts, base)


def policy(**said):
    return Protection(**{"method": "suppress", "minimum_count": 5, "minimum_base": 20} | said)


@pytest.mark.parametrize(("base", "shown"), [(19, False), (20, True), (21, True), (0, False)])
def test_the_smallest_base_decides(base, shown):
    found = protect_analysis(analysis((10, 30), base), policy())
    assert found.is_shown is shown
    assert bool(found.rows and found.head and found.sentences) is shown


@pytest.mark.parametrize(("count", "shown"), [(4, False), (5, True), (6, True), (0, True)])
def test_the_smallest_count_decides(count, shown):
    assert protect_analysis(analysis((40, count, 40), 84), policy()).is_shown is shown


def test_one_small_count_among_many_withholds_all_of_it():
    found = protect_analysis(analysis((*[50] * 40, 1), 51), policy())
    assert not found.is_shown
    assert (found.rows, found.sentences, found.head) == ((), (), ())


@pytest.mark.parametrize(("count", "shown"), [(5, False), (6, True)])
def test_one_who_knows_their_own_answer_raises_the_limit(count, shown):
    made = policy(insider=1)
    assert protect_analysis(analysis((count, 40), 45), made).is_shown is shown


def test_without_protection_and_for_the_evaluators_eyes_all_passes():
    assert protect_analysis(analysis((1,), 1), policy(method="none")).is_shown
    assert protect_analysis(analysis((1,), 1), policy(), unprotected=True).is_shown


def test_the_base_of_an_analysis_is_the_least_that_any_row_rests_on():
    """A group without answers rests on nobody and gives nothing away."""
    assert least([400, 3, 0, 90]) == 3
    assert least([0, 0]) == 0


def rates(answered):
    """Return rates of three groups and all of them, as computed."""
    counts = {**answered, "Totalt": sum(answered.values())}
    rows = tuple(
        (label, (AnalysisCell(40.0), AnalysisCell(float(n)), AnalysisCell(n / 40, "percent", 1)))
        for label, n in counts.items()
    )
    spec = AnalysisSpec("response", "s", (), by="unit")
    head = ("asked", "answered", "rate")
    counted = tuple(answered.values())
    return Analysis(spec, "title", "unit", head, rows, ("low: Öst",), counted, counts["Totalt"])


def test_rates_are_shown_where_the_table_shows_how_many_answered():
    made = rates({"Norr": 3, "Öst": 9, "Väst": 20})
    found = shown_by_row(made, {"Väst": 20, "Totalt": 32}, policy())
    kept = {label: [cell.value for cell in cells] for label, cells in found.rows}
    assert kept["Väst"] == [40.0, 20.0, 0.5]
    assert kept["Norr"] == kept["Öst"] == [None, None, None]
    assert kept["Totalt"][1] == 32.0
    assert all(cell.is_withheld for label, cells in found.rows[:2] for cell in cells)
    assert found.sentences == ()  # it would name a group by a rate that is not shown


def test_rates_of_another_base_than_the_table_are_not_shown():
    """A merged or filtered table counts others; a group of another number is not the same."""
    made = rates({"Norr": 8, "Öst": 9, "Väst": 20})
    found = shown_by_row(made, {"Norr": 7, "Öst": 9, "Väst": 20, "Totalt": 37}, policy())
    assert [cells[1].value for _, cells in found.rows] == [None, 9.0, 20.0, 37.0]


@pytest.mark.parametrize("counts", [{}, {"Norr": 1}])
def test_rates_of_which_nothing_may_be_shown_are_withheld_whole(counts):
    found = shown_by_row(rates({"Norr": 8, "Öst": 9, "Väst": 20}), counts, policy())
    assert (found.is_shown, found.rows, found.sentences) == (False, (), ())
