"""Chi-square tests against R, and what must hold for all tables."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evaluation.inference.crosstabs import (
    adjusted_residuals,
    cramers_v,
    expected,
    likelihood_ratio,
    likelihood_ratio_many,
    pearson,
    pearson_many,
)
from tests.inference.reference import TABLES, agrees, has, reference, shared_cases

shapes = st.tuples(st.integers(1, 5), st.integers(1, 5))
tables = shapes.flatmap(lambda shape: arrays(np.int64, shape, elements=st.integers(0, 30)))


@pytest.mark.parametrize("name", TABLES)
def test_agrees_with_r(name):
    table = TABLES[name]
    outcome = pearson(table)  # chisq.test(m, correct = FALSE)
    assert agrees(outcome.statistic, reference(name, "pearson"))
    assert outcome.df == reference(name, "df")[0]
    assert agrees(outcome.p, reference(name, "p"))
    assert agrees(expected(table), reference(name, "expected"))
    assert agrees(adjusted_residuals(table), reference(name, "residuals"))
    assert agrees(outcome.effect, reference(name, "v"))
    # limits by pchisq(…, ncp = λ) and uniroot, whose tolerance is coarser
    limits = [outcome.effect_low, outcome.effect_high]
    wanted = [*reference(name, "v_low"), *reference(name, "v_high")]
    np.testing.assert_allclose(limits, wanted, rtol=1e-5, atol=1e-6)
    if has(name, "lr"):
        ratio = likelihood_ratio(table)  # MASS::loglm
        assert agrees([ratio.statistic, ratio.p], [reference(name, "lr"), reference(name, "lr_p")])
    if has(name, "yates"):
        corrected = pearson(table, correction=True)
        assert agrees(corrected.statistic, reference(name, "yates"))
        assert agrees(corrected.p, reference(name, "yates_p"))
        assert corrected.effect == outcome.effect


@pytest.mark.parametrize("case", shared_cases("crosstab"))
def test_agrees_with_the_shared_reference(case):
    outcome, ratio = pearson(case["rows"]), likelihood_ratio(case["rows"])
    assert agrees([outcome.statistic, outcome.df, outcome.p],
                  [case["pearson"][key] for key in ("statistic", "df", "p")])  # fmt: skip
    assert agrees([ratio.statistic, ratio.p],
                  [case["likelihood_ratio"][key] for key in ("statistic", "p")])  # fmt: skip
    assert agrees(expected(case["rows"]), case["expected"])
    assert agrees(adjusted_residuals(case["rows"]), case["adjusted_residuals"])
    assert agrees(cramers_v(case["rows"])[0], case["cramers_v"])


def test_zeros_are_not_shifted():
    # statsmodels' Table(t) adds 0.5 to zero cells and gives 3.71 here
    outcome = pearson([[10, 0], [6, 4]])
    assert outcome.statistic == pytest.approx(5.0, abs=1e-12)
    assert outcome.p == pytest.approx(0.0253473186775, rel=1e-9)
    assert outcome.base_n == 20
    assert outcome.warnings == ("expected-below-5",)


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ([[0, 0], [0, 0]], "no-answers"),
        (np.zeros((0, 0)), "no-answers"),
        ([[3, 4]], "too-few-categories"),
        ([[3], [4]], "too-few-categories"),
        ([[3, 0], [4, 0]], "too-few-categories"),
        ([[3, 4], [0, 0]], "too-few-categories"),
    ],
)
@pytest.mark.parametrize("test", [pearson, likelihood_ratio])
def test_degenerate_tables_say_why(test, table, reason):
    outcome = test(table)
    assert (outcome.statistic, outcome.df, outcome.p) == (None, None, None)
    assert outcome.warnings == (reason,)
    assert np.isfinite(adjusted_residuals(table)).all()


def test_empty_rows_and_columns_do_not_count():
    full = pearson([[3, 0, 9], [0, 0, 0], [8, 0, 2]])
    assert full == pearson([[3, 9], [8, 2]])
    assert full.df == 1


def test_small_expected_counts_are_flagged_below_five_only():
    # expected exactly 5 in every cell, then just below in one
    assert pearson([[5, 5], [5, 5]]).warnings == ()
    assert pearson([[5, 5], [5, 4]]).warnings == ("expected-below-5",)


@given(tables, st.integers(2, 7))
def test_properties_of_pearson_and_the_likelihood_ratio(table, times):
    for test in (pearson, likelihood_ratio):
        outcome = test(table)
        # symmetric in rows and columns, blind to their order
        turned = test(table.T)
        mixed = test(table[::-1, ::-1])
        for other in (turned, mixed):
            assert (other.p is None) == (outcome.p is None)
        if outcome.p is None or outcome.statistic is None:
            continue
        assert 0 <= outcome.p <= 1
        assert turned.statistic == pytest.approx(outcome.statistic, abs=1e-8)
        assert mixed.statistic == pytest.approx(outcome.statistic, abs=1e-8)
        # everybody counted several times: the statistic grows so, V stays
        more = test(table * times)
        assert more.statistic == pytest.approx(outcome.statistic * times, abs=1e-7)
        assert more.effect == pytest.approx(outcome.effect, abs=1e-9)
        assert 0 <= outcome.effect_low <= outcome.effect + 1e-12
        assert outcome.effect - 1e-12 <= outcome.effect_high <= 1


@given(st.lists(tables, min_size=1, max_size=6))
def test_many_at_once_are_the_same_as_one_by_one(several):
    for many, one in ((pearson_many, pearson), (likelihood_ratio_many, likelihood_ratio)):
        for together, alone in zip(many(several), map(one, several), strict=True):
            assert together.warnings == alone.warnings
            if alone.p is None:
                assert together == alone
                continue
            assert together.statistic == pytest.approx(alone.statistic, rel=1e-12, abs=1e-12)
            assert together.p == pytest.approx(alone.p, rel=1e-9)


@given(tables)
def test_residuals_of_a_fourfold_table_are_the_root_of_pearson(table):
    residuals = adjusted_residuals(table)
    assert np.isfinite(residuals).all()
    if table.shape == (2, 2) and pearson(table).statistic is not None:
        assert residuals[0, 0] ** 2 == pytest.approx(pearson(table).statistic, abs=1e-8)


def test_a_thousand_tables_take_milliseconds():
    generator = np.random.default_rng(1)
    many = generator.poisson(6.0, size=(1000, 5, 4))
    pearson_many(many[:1])
    start = perf_counter()
    outcomes = pearson_many(many)
    assert perf_counter() - start < 1.0  # about 30 ms; wide for a loaded machine
    assert len(outcomes) == 1000


@pytest.mark.parametrize("table", [[1, 2], [[1, -1], [2, 3]], [[1, float("nan")], [2, 3]]])
def test_what_is_no_table_is_refused(table):
    with pytest.raises(ValueError, match=r"table|counts"):
        pearson(table)
