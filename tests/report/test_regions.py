"""Units compared, against figures worked out by hand and scipy."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from evaluation.loading.texts import load_texts
from evaluation.model import CellStatus, RowKind
from evaluation.protection.release import ProtectedCell, ProtectedTable
from evaluation.report.region_blocks import (
    comparison_table,
    dot_chart,
    funnel_chart,
    overview_table,
)
from evaluation.report.regions import (
    adjust,
    compare_units,
    funnel_limits,
    prior_weight,
    shrink,
    standardise,
)
from evaluation.tables.spec import Column, Row, TableSpec

R_STANDARDISED = {"a": 0.40, "b": 0.47}
UNITS = {"a": (30, 100), "b": (10, 50), "c": (40, 50), "d": (1, 4)}


def table(units=UNITS, hidden=()):
    total = [sum(v[i] for v in units.values()) for i in (0, 1)]
    columns = [Column("u", code, code.upper()) for code in units] + [Column("u", "total", "")]

    def cell(n, base, code=""):
        if code in hidden:
            return ProtectedCell(CellStatus.PRIMARY)
        p = 100 * n / base
        low, high = max(0.0, p - 10), min(100.0, p + 10)
        return ProtectedCell(CellStatus.SHOWN, n, n, base, base, p, Decimal(0), low, high)

    cells = [*(cell(*v, code) for code, v in units.items()), cell(*total)]
    row = Row("q", "1", "Yes", RowKind.OPTION)
    spec = TableSpec("s", "q", by=("u",))
    return ProtectedTable("t", spec, "Q", (row,), tuple(columns), (tuple(cells),))


def found(**said):
    return compare_units(table(**said), "q", "1", "Question", "Yes")


def test_difference_and_test_are_against_the_whole_and_the_others():
    stats = pytest.importorskip("scipy.stats")
    units = {u.code: u for u in found().units}
    assert units["c"].difference == pytest.approx(80 - 100 * 81 / 204)
    others = [[40, 10], [41, 113]]
    expected = stats.chi2_contingency(others, correction=False).pvalue
    assert units["c"].p == pytest.approx(expected)


def test_ranks_are_the_places_that_simultaneous_intervals_leave_open():
    units = {u.code: u for u in found().units}
    # d, 1 of 4, may be anywhere; c, 40 of 50, is above a and b for sure.
    assert (units["c"].best_rank, units["c"].worst_rank) == (1, 2)
    assert (units["a"].best_rank, units["a"].worst_rank) == (2, 4)
    assert (units["d"].best_rank, units["d"].worst_rank) == (1, 4)


def test_the_whole_ranking_holds_with_95_percent():
    """Drawn by scipy from shares that are known: all true places within their bounds at once."""
    stats = pytest.importorskip("scipy.stats")
    shares = np.array([0.2, 0.3, 0.35, 0.5, 0.55, 0.7])
    base = np.array([40, 200, 80, 120, 60, 300])
    true = {code: 6 - place for place, code in enumerate("abcdef")}
    drawn = stats.binom.rvs(base, shares, size=(400, 6), random_state=11)
    held = 0
    for n in drawn:
        units = dict(zip("abcdef", zip(n.tolist(), base.tolist(), strict=True), strict=True))
        held += all(u.best_rank <= true[u.code] <= u.worst_rank for u in found(units=units).units)
    assert held / 400 >= 0.95


def test_a_withheld_unit_stays_withheld_everywhere():
    d = next(u for u in found(hidden=("d",)).units if u.code == "d")
    values = (d.n, d.percent, d.low, d.difference, d.p, d.best_rank, d.shrunk, d.standardised)
    assert values == (None,) * 8


def test_p_values_are_adjusted_over_everything_compared():
    twice = adjust([found(), found()])
    raw = [u.p for c in twice for u in c.units]
    adjusted = [u.adjusted_p for c in twice for u in c.units]
    assert all(a >= p for a, p in zip(adjusted, raw, strict=True))


def test_standardised_percent_weights_the_groups_by_the_whole():
    women = found(units={"a": (10, 20), "b": (5, 10)})
    men = found(units={"a": (20, 80), "b": (5, 40)})
    crude = found(units={"a": (30, 100), "b": (10, 50)})
    units = {u.code: u for u in standardise(crude, [(0.5, women), (0.5, men)]).units}
    assert units["a"].standardised == pytest.approx(0.5 * 50 + 0.5 * 25)
    missing = standardise(crude, [(0.5, women), (0.5, None)])
    assert all(u.standardised is None for u in missing.units)


def test_small_units_are_drawn_further_towards_the_whole():
    units = {u.code: u for u in shrink(found()).units}
    whole = 100 * 81 / 204
    for u in units.values():
        assert min(u.percent, whole) <= u.shrunk <= max(u.percent, whole)
    small = abs(units["d"].shrunk - units["d"].percent)
    large = abs(units["a"].shrunk - units["a"].percent)
    assert small > large


def test_equal_units_are_all_drawn_to_the_whole():
    equal = found(units={"a": (5, 10), "b": (5, 10), "c": (5, 10)})
    assert [u.shrunk for u in shrink(equal).units] == [50, 50, 50]


def test_funnel_narrows_with_the_base():
    assert funnel_limits(50, 100) == (Decimal("40.2"), Decimal("59.8"))
    assert funnel_limits(50, 4)[0] < funnel_limits(50, 400)[0]
    assert funnel_limits(0, 10) == (Decimal("0.0"), Decimal("0.0"))


def test_no_such_answer_is_no_comparison():
    assert compare_units(table(), "q", "9", "Q", "x") is None
    assert replace(found(), option="x").option == "x"


@pytest.mark.parametrize(("a", "b"), [(3.0, 7.0), (12.0, 8.0)])
def test_the_weight_of_the_whole_is_found_again_in_drawn_units(a, b):
    """Counts drawn by scipy from a beta-binomial with a + b known."""
    stats = pytest.importorskip("scipy.stats")
    base = np.resize([20, 35, 60, 150], 4000)
    n = stats.betabinom.rvs(base, a, b, random_state=5)
    assert prior_weight(n / base, base.astype(float)) == pytest.approx(a + b, rel=0.08)


def test_the_weight_of_the_whole_by_hand():
    """Three units of ten: spread 0.06, by chance 0.25 x 2/30, at most 0.25 x (2/3 - 2/30)."""
    share, base = np.array([0.2, 0.5, 0.8]), np.array([10.0, 10.0, 10.0])
    assert prior_weight(share, base) == pytest.approx(0.15 / (0.06 - 0.25 / 15) - 1)


def test_standardised_percents_are_those_of_svystandardize():
    """R 4.2.2, survey: svystandardize(by = ~sex, over = ~unit, population = c(m = 40, w = 60))."""
    women = found(units={"a": (10, 20), "b": (7, 10)})
    men = found(units={"a": (20, 80), "b": (5, 40)})
    crude = found(units={"a": (30, 100), "b": (12, 50)})
    units = {u.code: u for u in standardise(crude, [(0.6, women), (0.4, men)]).units}
    assert units["a"].standardised == pytest.approx(100 * R_STANDARDISED["a"])
    assert units["b"].standardised == pytest.approx(100 * R_STANDARDISED["b"])


def test_withheld_units_are_a_sentence_and_no_rows_dots_or_ranks():
    """Named in the codebook's order: a sentence, as long as names are few enough for a chart."""
    texts = load_texts("sv")
    units = {f"u{i:02d}": (5 + i % 7, 20 + i) for i in range(50)}
    hidden = ("u31", "u04", "u17")
    some = found(units=units, hidden=hidden)
    dots, funnel, table_ = (
        dot_chart(some, texts),
        funnel_chart(some, texts),
        comparison_table(some, texts),
    )
    sentence = "3 av 50 enheter visas inte: U04, U17, U31."
    assert len(dots.categories) == 47
    assert set(dots.categories).isdisjoint({"U04", "U17", "U31"})
    assert sentence in " ".join(dots.notes)
    assert sentence in " ".join(table_.notes)
    assert "47 enheter som visas" in " ".join(table_.notes)
    assert len(table_.rows) == 47 + 1
    assert [note.split(",")[0] for note in funnel.notes] == ["3 av 50 enheter visas inte"]
    assert ".." not in dots.alt
    many = found(units=units, hidden=tuple(list(units)[:45]))
    assert "U00" not in " ".join(dot_chart(many, texts).notes)
    assert "U44. " in " ".join(comparison_table(many, texts).notes)
    none = found(units=units, hidden=())
    assert dot_chart(none, texts).notes == funnel_chart(none, texts).notes == ()
    assert not any("visas inte" in note for note in comparison_table(none, texts).notes)


def test_where_every_unit_is_withheld_there_is_no_chart():
    texts = load_texts("sv")
    none = found(hidden=tuple(UNITS))
    assert dot_chart(none, texts) is None
    assert funnel_chart(none, texts) is None
    assert [row.label for row in comparison_table(none, texts).rows] == ["Samtliga"]


def test_the_overview_names_those_whose_printed_p_is_below_five_percent():
    texts = load_texts("sv")
    one = adjust([found()])[0]
    p = {u.label: u.adjusted_p for u in one.units}
    above = [u.label for u in one.units if p[u.label] < 0.05 and u.difference > 0]
    below = [u.label for u in one.units if p[u.label] < 0.05 and u.difference < 0]
    assert above == ["C"]
    assert set(below) == {"A", "B"}
    row = overview_table([one], texts).rows[0]
    assert row.label == "Question: Yes"
    # Highest first, as in the question's table.
    assert [cell.text for cell in row.cells] == ["C", "A, B"]
    edge = replace(one, units=tuple(replace(u, adjusted_p=0.0496) for u in one.units))
    assert [cell.text for cell in overview_table([edge], texts).rows[0].cells] == ["Ingen"] * 2
    hidden = found(hidden=tuple(UNITS))
    assert [cell.text for cell in overview_table([hidden], texts).rows[0].cells] == ["Ingen"] * 2


def changed(units, base_shown=()):
    """Return a table as `cell_key` leaves it: no intervals, and no percent on a small base."""
    whole = table(units)
    cells = tuple(
        replace(cell, ci_low=None, ci_high=None, percent=cell.percent if kept else None)
        for cell, kept in zip(
            whole.cells[0], [*(c in base_shown for c in units), True], strict=True
        )
    )
    return replace(whole, cells=(cells,), is_changed=True)


def test_changed_counts_are_compared_by_what_is_shown_of_them():
    texts = load_texts("sv")
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    units = {"a": (30, 100), "b": (10, 50), "c": (40, 50), "d": (1, 4)}
    some = compare_units(changed(units, "abc"), "q", "1", "Question", "Yes")
    a = some.units[0]
    low, high = proportion.proportion_confint(30, 100, method="wilson")
    assert (a.low, a.high) == (pytest.approx(100 * low), pytest.approx(100 * high))
    assert [u.worst_rank for u in some.units] == [3, 3, 1, None]
    d = some.units[3]
    assert (d.percent, d.low, d.best_rank, d.p) == (None,) * 4
    notes = " ".join(comparison_table(some, texts).notes)
    assert "räknade på de ändrade antalen" in notes
    assert "3 enheter som visas" in notes
    assert "ändrade" not in " ".join(comparison_table(found(), texts).notes)


def test_changed_counts_that_do_not_fit_each_other_are_not_tested():
    """More answers than answerers, or than there are in all: no p-value, and no error."""
    units = {"a": (12, 10), "b": (10, 50), "c": (40, 50)}
    some = compare_units(changed(units, "abc"), "q", "1", "Question", "Yes")
    by = {u.code: u for u in some.units}
    assert by["a"].p is None
    assert by["a"].high == pytest.approx(100)
    assert by["b"].p is not None
    off = table({"a": (5, 100), "b": (1, 100)})
    total = replace(off.cells[0][-1], n=3)
    wrong = replace(off, cells=((*off.cells[0][:-1], total),), is_changed=True)
    units = compare_units(wrong, "q", "1", "Question", "Yes").units
    assert [u.p is None for u in units] == [True, False]


def test_a_chart_of_more_units_than_a_page_holds_says_that_it_names_none():
    texts = load_texts("sv")
    few = {f"u{i:03d}": (5 + i % 7, 20 + i) for i in range(50)}
    assert dot_chart(found(units=few), texts).notes == ()
    (note,) = dot_chart(found(units=few | {"more": (5, 20)}), texts).notes
    assert "samma ordning som i tabellen" in note
