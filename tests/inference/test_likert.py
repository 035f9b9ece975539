"""Summaries of scales against R and Python's statistics module."""

from __future__ import annotations

import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.inference.likert import (
    cronbach_alpha,
    grouped_median,
    index_scores,
    mean_of_counts,
    median,
    scale_summary,
)
from tests.inference.reference import agrees, numbers, reference

COUNTS = [4, 9, 20, 31, 26]
some_counts = st.lists(st.integers(0, 20), min_size=2, max_size=7)


def test_agrees_with_r():
    found = scale_summary(COUNTS)
    assert agrees(found.mean.value, reference("scale", "mean"))
    assert agrees([found.mean.low, found.mean.high], reference("scale", "ci"))  # t.test
    assert agrees(found.standard_deviation, reference("scale", "sd"))
    assert agrees(found.median, reference("scale", "median"))
    assert agrees(found.balance.value, reference("scale", "balance"))
    assert agrees([found.balance.low, found.balance.high], reference("scale", "balance_ci"))
    assert found.top == pytest.approx(57 / 90)
    assert found.bottom == pytest.approx(13 / 90)


@given(some_counts)
def test_medians_are_those_of_the_statistics_module(counts):
    answers = [step + 1 for step, n in enumerate(counts) for _ in range(n)]
    if not answers:
        assert median(counts) is None
        assert grouped_median(counts) is None
        return
    assert median(counts) == pytest.approx(statistics.median(answers))
    assert grouped_median(counts) == pytest.approx(statistics.median_grouped(answers))


@given(some_counts, st.integers(2, 5))
def test_scaling_the_counts_changes_no_share_mean_or_median(counts, factor):
    one = scale_summary(counts, top=1, bottom=1)
    more = scale_summary([factor * n for n in counts], top=1, bottom=1)
    for name in ("top", "bottom", "median", "grouped_median"):
        assert getattr(more, name) == pytest.approx(getattr(one, name))
    assert more.mean.value == pytest.approx(one.mean.value)
    if one.balance.value is not None:
        assert one.balance.value == pytest.approx(one.top - one.bottom)
        turned = scale_summary(counts[::-1], top=1, bottom=1)
        assert turned.balance.value == pytest.approx(-one.balance.value)
        assert turned.mean.value == pytest.approx(len(counts) + 1 - one.mean.value)


def test_no_answers_and_one_answer():
    nothing = scale_summary([0, 0, 0, 0])
    assert nothing.mean.value is None
    assert nothing.mean.warnings == ("no-answers",)
    assert (nothing.top, nothing.bottom, nothing.standard_deviation) == (None, None, None)
    single = scale_summary([0, 1, 0, 0])
    assert single.mean.value == 2
    assert (single.mean.low, single.mean.warnings) == (None, ("no-standard-error",))
    alike = mean_of_counts([0, 5, 0])
    assert (alike.value, alike.low, alike.high) == (2, 2, 2)


def test_limits_stay_on_the_scale():
    found = mean_of_counts([0, 0, 0, 1, 3], [1, 2, 3, 4, 5])
    assert found.high == 5
    assert scale_summary([3, 0, 0, 0], top=2, bottom=2).balance.low == -1


def test_scores_of_a_scale_are_ascending_and_nets_do_not_overlap():
    with pytest.raises(ValueError, match="ascending"):
        median([1, 2], [5, 3])
    with pytest.raises(ValueError, match="overlap"):
        scale_summary([1, 2, 3], top=2, bottom=2)
    with pytest.raises(ValueError, match="counts"):
        scale_summary([1, -2, 3, 4])
    assert grouped_median([7], [3]) == 3


def test_index_runs_from_0_to_100_and_needs_half_of_the_items():
    nan = np.nan
    values = [[1, 5, 1, 5], [5, 1, 5, 1], [3, 3, nan, nan], [3, nan, nan, nan], [nan] * 4]
    found = index_scores(values, low=1, high=5, reverse=[1, 3])
    assert found[:3].tolist() == [0, 100, 50]
    assert np.isnan(found[3:]).all()
    assert index_scores(values, low=1, high=5, minimum_share=0.25)[3] == 50


def items():
    columns = numbers("birthwt", "age"), numbers("birthwt", "lwt") / 5
    return np.column_stack(
        [*columns, numbers("birthwt", "bwt") / 100, numbers("birthwt", "ftv") * 4]
    )


def test_alpha_agrees_with_r():
    found = cronbach_alpha(items())
    assert agrees(found.alpha, reference("alpha", "alpha"))
    assert agrees([found.low, found.high], reference("alpha", "ci"))
    assert agrees(found.alpha_without, reference("alpha", "without"))
    assert agrees(found.item_rest, reference("alpha", "item_rest"))
    assert (found.n_items, found.n_used, found.n_dropped) == (4, 189, 0)


def test_alpha_leaves_out_incomplete_respondents_and_ignores_order_and_scale():
    values = items()
    gaps = np.vstack([values, [[1, np.nan, 2, 3]]])
    assert cronbach_alpha(gaps).alpha == pytest.approx(cronbach_alpha(values).alpha)
    assert cronbach_alpha(gaps).n_dropped == 1
    assert cronbach_alpha(7 * values[::-1]).alpha == pytest.approx(cronbach_alpha(values).alpha)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.zeros((0, 3)), "no-answers"),
        ([[1.0, 2, 3]], "too-few-answers"),
        ([[1.0], [2]], "too-few-items"),
        ([[3.0, 3], [3, 3]], "no-variation"),
        ([[1.0, 3], [3, 1]], "no-variation"),
    ],
)
def test_alpha_that_cannot_be_computed_says_why(values, reason):
    found = cronbach_alpha(values)
    assert (found.alpha, found.low, found.high) == (None, None, None)
    assert found.warnings == (reason,)
