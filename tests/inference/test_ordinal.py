"""Rank tests and the linear trend against R."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evaluation.inference.ordinal import kruskal_wallis, mann_whitney, table_of_values, trend
from tests.inference.reference import TABLES, agrees, codes, has, numbers, reference, shared_cases

tables = st.tuples(st.integers(1, 5), st.integers(1, 4)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(0, 12))
)


@pytest.mark.parametrize("name", TABLES)
def test_agrees_with_r(name):
    table = TABLES[name]
    linear = trend(table)  # (n - 1) * cor(x, y)^2
    assert agrees(
        [linear.statistic, linear.p], [reference(name, "trend"), reference(name, "trend_p")]
    )
    ranks = kruskal_wallis(table)  # kruskal.test(x, y)
    assert agrees(
        [ranks.statistic, ranks.p], [reference(name, "kruskal"), reference(name, "kruskal_p")]
    )
    if has(name, "w"):
        # wilcox.test(…, exact = FALSE, correct = FALSE | TRUE)
        two = mann_whitney(table)
        assert agrees([two.statistic, two.p], [reference(name, "w"), reference(name, "w_p")])
        assert agrees(mann_whitney(table, correction=True).p, reference(name, "w_p_corrected"))


def groups_of(column):
    group, weight = codes("birthwt", column), numbers("birthwt", "bwt")
    return [weight[group == g] for g in range(group.max() + 1)]


@pytest.mark.parametrize("case", shared_cases("kruskal"))
def test_kruskal_agrees_with_the_shared_reference(case):
    outcome = kruskal_wallis(table_of_values(groups_of("race")))
    assert agrees([outcome.statistic, outcome.p], [case["statistic"], case["p"]])
    assert outcome.df == 2


@pytest.mark.parametrize("case", shared_cases("wilcoxon"))
def test_wilcoxon_agrees_with_the_shared_reference(case):
    outcome = mann_whitney(table_of_values(groups_of("smoke")))
    assert agrees([outcome.statistic, outcome.p], [case["w"], case["p"]])


def test_scores_may_be_given():
    even = trend([[5, 2, 1], [1, 2, 6]])
    same = trend([[5, 2, 1], [1, 2, 6]], column_scores=[10, 20, 30], row_scores=[0, 7])
    other = trend([[5, 2, 1], [1, 2, 6]], column_scores=[1, 2, 9])
    assert same.statistic == pytest.approx(even.statistic)
    assert other.statistic != pytest.approx(even.statistic)
    assert even.effect > 0
    with pytest.raises(ValueError, match="score"):
        trend([[5, 2], [1, 2]], row_scores=[1, 2, 3])


@pytest.mark.parametrize("test", [trend, mann_whitney, kruskal_wallis])
@pytest.mark.parametrize(
    ("table", "reason"),
    [([[0, 0], [0, 0]], "no-answers"), ([[4, 3], [0, 0]], "too-few-categories"),
     ([[4, 0], [3, 0]], "too-few-categories")],
)  # fmt: skip
def test_degenerate_tables_say_why(test, table, reason):
    outcome = test(table)
    assert (outcome.p, outcome.statistic) == (None, None)
    assert outcome.warnings == (reason,)


def test_mann_whitney_needs_two_groups():
    assert mann_whitney([[1, 2, 3], [3, 2, 1]]).warnings == ("needs-two-groups",)
    assert mann_whitney([[9, 0, 8], [7, 0, 12]]).p is not None  # an empty group is none


def test_small_groups_are_flagged_below_ten():
    assert kruskal_wallis([[5, 9], [5, 2]]).warnings == ()
    assert kruskal_wallis([[5, 9], [4, 2]]).warnings == ("small-groups",)


@given(tables)
def test_properties(table):
    two = table[:, :2]
    one, turned = mann_whitney(two), mann_whitney(two[::-1])
    swapped = mann_whitney(two[:, ::-1])
    if one.p is not None and one.statistic is not None:
        n1, n2 = two.sum(axis=0)
        assert turned.p == pytest.approx(one.p)
        assert swapped.p == pytest.approx(one.p)
        assert swapped.statistic == pytest.approx(n1 * n2 - one.statistic)
        # two groups: H is the square of the uncorrected z
        assert kruskal_wallis(two).p == pytest.approx(one.p, rel=1e-9)
    whole, mixed = kruskal_wallis(table), kruskal_wallis(table[:, ::-1])
    assert (whole.p is None) == (mixed.p is None)
    if whole.p is not None:
        assert mixed.statistic == pytest.approx(whole.statistic, abs=1e-9)
    linear, transposed = trend(table), trend(table.T)
    assert (linear.p is None) == (transposed.p is None)
    if linear.p is not None:
        assert transposed.statistic == pytest.approx(linear.statistic, abs=1e-9)
        assert -1 <= linear.effect <= 1
