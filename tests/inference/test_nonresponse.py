"""Response rates, item non-response, break-off and the population."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.inference.nonresponse import (
    Dispositions,
    break_off,
    compare_with_population,
    item_nonresponse,
    response_rates,
)
from tests.inference.reference import agrees, reference

MISSING, NOT_ASKED, INVALID = -1, -2, -3


def test_response_rates_by_hand():
    counts = Dispositions(complete=60, partial=10, refusal=20, non_contact=5, other=5,
                          unknown=40, not_eligible=25)  # fmt: skip
    found = response_rates(counts)
    assert found.eligibility == pytest.approx(0.8)  # 100 of 125 known cases
    assert found.rr1 == pytest.approx(60 / 140)
    assert found.rr2 == pytest.approx(70 / 140)
    assert found.rr3 == pytest.approx(60 / 132)
    assert found.rr4 == pytest.approx(70 / 132)
    assert found.rr5 == pytest.approx(0.6)
    assert found.rr6 == pytest.approx(0.7)
    assert found.cooperation == pytest.approx(70 / 95)
    assert found.refusal == pytest.approx(20 / 140)
    assert found.contact == pytest.approx(95 / 140)


def test_ninety_of_146():
    found = response_rates(Dispositions(complete=90, non_contact=56))
    assert found.rr1 == found.rr6 == pytest.approx(90 / 146)


@given(st.lists(st.integers(0, 50), min_size=7, max_size=7))
def test_rates_are_ordered(counts):
    found = response_rates(Dispositions(*counts))
    for few, many in (
        ("rr1", "rr2"),
        ("rr3", "rr4"),
        ("rr5", "rr6"),
        ("rr1", "rr3"),
        ("rr4", "rr6"),
    ):
        low, high = getattr(found, few), getattr(found, many)
        if low is not None and high is not None:
            assert 0 <= low <= high + 1e-12 <= 1 + 2e-12


def test_nobody_asked():
    found = response_rates(Dispositions(0))
    assert (found.rr1, found.rr6, found.cooperation) == (None, None, None)
    with pytest.raises(ValueError, match="eligibility"):
        response_rates(Dispositions(1), eligibility=2)


def test_item_nonresponse_keeps_the_kinds_apart():
    found = item_nonresponse([0, 2, MISSING, MISSING, INVALID, NOT_ASKED, NOT_ASKED, 1])
    assert (found.n_asked, found.n_answered, found.n_missing) == (6, 3, 2)
    assert (found.n_invalid, found.n_not_asked, found.rate) == (1, 2, 0.5)
    assert item_nonresponse([NOT_ASKED]).rate is None
    assert item_nonresponse([]).n_asked == 0


def test_break_off_finds_the_first_of_the_unanswered_rest():
    forms = np.array([
        [0, 1, 0, 1],                       # answered all
        [0, MISSING, MISSING, MISSING],     # left at the second question
        [0, MISSING, 1, 0],                 # skipped one
        [0, 1, 1, MISSING],                 # skipped the last
        [0, 1, MISSING, MISSING],           # left at the third
        [0, 1, NOT_ASKED, NOT_ASKED],       # was not asked the rest
        [MISSING, MISSING, MISSING, MISSING],  # never started
    ])  # fmt: skip
    found = break_off(list(forms.T))
    assert found.n_started == 6
    assert found.n_left.tolist() == [0, 1, 1, 0]
    assert found.remaining.tolist() == pytest.approx([1, 5 / 6, 4 / 6, 4 / 6])
    strict = break_off(list(forms.T), trailing_run=1)
    assert strict.n_left.tolist() == [0, 1, 1, 1]


def test_break_off_of_nothing():
    assert break_off([]).n_started == 0
    assert break_off([[MISSING, MISSING]]).remaining.tolist() == [0]
    assert break_off([[], []]).remaining.tolist() == [0, 0]


def test_goodness_of_fit_agrees_with_r():
    # chisq.test(c(79, 11), p = c(.6, .4))
    found = compare_with_population([79, 11], [600, 400])
    assert agrees(found.test.statistic, reference("goodness", "statistic"))
    assert agrees(found.test.p, reference("goodness", "p"))
    assert found.difference.tolist() == pytest.approx([79 / 90 - 0.6, 11 / 90 - 0.4])
    assert found.dissimilarity == pytest.approx(79 / 90 - 0.6)


@pytest.mark.parametrize(
    ("counts", "totals", "reason"),
    [
        ([0, 0], [3, 4], "no-answers"),
        ([5, 1], [9, 0], "respondents-without-total"),
        ([5, 0], [9, 0], "too-few-categories"),
        ([5], [9], "too-few-categories"),
    ],
)
def test_comparisons_that_cannot_be_made_say_why(counts, totals, reason):
    found = compare_with_population(counts, totals)
    assert (found.test.p, found.test.warnings) == (None, (reason,))
    assert np.isfinite(found.respondents).all()


def test_an_empty_category_of_both_does_not_count():
    assert compare_with_population([5, 0, 7], [10, 0, 10]).test.df == 1
    assert compare_with_population([1, 7], [10, 10]).test.warnings == ("expected-below-5",)
    with pytest.raises(ValueError, match="total"):
        compare_with_population([1, 2], [0, 0])
