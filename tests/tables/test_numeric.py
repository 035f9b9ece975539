"""Numbers and dates as categories: what a class is called is what it holds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.coding.data import Numeric
from evaluation.tables.numeric import categorise, class_edges

DASH = "\u2013"


def numeric(values, *, is_date=False):
    found = np.asarray(values, dtype=np.float64)
    return Numeric("q", "q", found, np.zeros(len(found), dtype=np.int8), is_date=is_date)


def counts(values, **kind):
    made = categorise(numeric(values, **kind))
    n = np.bincount(made.codes, minlength=len(made.categories))
    return {c.label: int(k) for c, k in zip(made.categories, n, strict=True)}


def days(*texts):
    return [int(np.datetime64(text, "D").astype("int64")) for text in texts]


def test_classes_of_whole_numbers_do_not_share_an_edge():
    found = counts(range(18, 66))
    assert list(found)[:2] == [f"10{DASH}19", f"20{DASH}29"]
    assert found[f"20{DASH}29"] == 10


def test_classes_of_numbers_with_one_decimal_end_with_the_last_decimal():
    found = counts([20 + i / 10 for i in range(400)])
    assert found[f"20{DASH}24.9"] == 50


def test_classes_of_endless_decimals_say_less_than():
    found = counts([i / 7 for i in range(400)])
    assert all(f"{DASH}<" in label for label in found)


def test_one_slip_of_the_pen_does_not_decide_the_width():
    found = counts([*range(1500, 1600), 9_999_999])
    assert len(found) > 5
    assert list(found.values())[-1] == 1


def test_negative_classes_have_a_true_minus_and_air_around_the_dash():
    found = counts([-600, *range(-40, 40)])
    assert f"\u221240 {DASH} \u221231" in found
    assert not any("-" in label for label in found)


@given(st.lists(st.integers(-10_000, 10_000), min_size=31, max_size=200, unique=True))
def test_each_whole_number_lies_in_the_class_that_names_it(values):
    made = categorise(numeric(values))
    for value, code in zip(values, made.codes, strict=True):
        parts = made.categories[code].label.replace("\u2212", "-").split(DASH)
        assert int(parts[0]) <= value <= int(parts[-1])


@given(st.lists(st.floats(-1e5, 1e5), min_size=5, max_size=100, unique=True))
def test_edges_rise_and_cover_everything(values):
    low, high = min(values), max(values)
    if high - low < 1e-3:
        return
    edges = class_edges(low, high, np.array(values))
    assert (np.diff(edges) > 0).all()
    assert edges[0] <= low
    assert high < edges[-1]


def test_few_dates_stay_days():
    found = counts(days("2024-01-01", "2024-01-01", "2024-02-03"), is_date=True)
    assert found == {"2024-01-01": 2, "2024-02-03": 1}


def test_many_dates_become_months_without_gaps():
    first = days("2024-01-05")[0]
    found = counts([first + 2 * i for i in range(20)] + days("2024-05-01"), is_date=True)
    assert list(found) == ["2024-01", "2024-02", "2024-03", "2024-04", "2024-05"]
    assert found["2024-03"] == 0
    assert sum(found.values()) == 21


@pytest.mark.parametrize(("years", "first"), [(20, "1990"), (80, f"1990{DASH}1999")])
def test_dates_over_many_years_become_years_or_decades(years, first):
    found = counts([days("1990-06-01")[0] + 366 * i for i in range(years)], is_date=True)
    assert next(iter(found)) == first
    assert sum(found.values()) == years
