"""Intervals for proportions against R, and what must hold for all counts."""

from __future__ import annotations

import subprocess
import sys
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.inference.intervals import METHODS, design_interval, effective_size, interval
from tests.inference.reference import agrees, reference, shared_cases

SVYCIPROP = {"logit": "logit", "korn-graubard": "beta", "mean": "mean", "asin": "asin"}
counts = st.integers(0, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(("x", "n"), [(0, 7), (3, 7), (7, 7), (79, 90), (1, 1341), (13, 758)])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("method", ["wilson", "clopper-pearson"])
def test_agrees_with_prop_test_and_binom_test(x, n, level, method):
    expected = reference(f"prop_{x}_{n}", f"{method}_{level:g}")
    assert agrees(interval(x, n, method, level=level), expected)


@pytest.mark.parametrize("case", shared_cases("proportion"))
def test_agrees_with_the_shared_reference(case):
    for method in ("wilson", "clopper-pearson", "jeffreys"):
        expected = case[method.replace("-", "_")]
        assert agrees(interval(case["x"], case["n"], method), expected)


@pytest.mark.parametrize(
    ("x", "n", "population"),
    [(79, 90, 146), (3, 45, 50), (44, 45, 300), (21, 43, 90), (25, 90, None)],
)
@pytest.mark.parametrize("method", SVYCIPROP)
def test_small_populations_agree_with_svyciprop(x, n, population, method):
    # svyciprop(~y, svydesign(id = ~1, fpc = ~N), method)
    expected = reference(f"fpc_{x}_{n}_{population or 'Inf'}", SVYCIPROP[method])
    # R lets the limits of "mean" leave 0 to 1; here they stop there
    assert agrees(interval(x, n, method, population=population), np.clip(expected, 0, 1))


def test_agresti_coull_by_hand():
    # 10 of 20, z = 1.96: n~ = 23.8416, p~ = 0.5, half = 1.96 sqrt(0.25 / 23.8416)
    z2 = 1.959963984540054**2
    half = np.sqrt(z2 * 0.25 / (20 + z2))
    assert agrees(interval(10, 20, "agresti-coull"), [0.5 - half, 0.5 + half])


def test_ninety_of_146_is_narrower_than_ninety_of_many():
    few, many = interval(25, 90, population=146), interval(25, 90)
    assert few[1] - few[0] < 0.65 * (many[1] - many[0])
    assert effective_size(90, 146) == pytest.approx(90 * 145 / 56)
    # the same as Wilson's interval of 233 answers from an unlimited population
    assert agrees(few, interval(25 / 90 * 90 * 145 / 56, 90 * 145 / 56))


@pytest.mark.parametrize("method", METHODS)
def test_degenerate_bases_have_stated_limits(method):
    low, high = interval([0, 0, 1, 0, 146], [0, 1, 1, 90, 146], method, population=146)
    assert (low[0], high[0]) == (0, 1)  # nothing asked, nothing known
    assert low[1] == 0 < high[1] < 1
    assert 0 < low[2] < high[2] == 1
    assert low[3] == 0 < high[3] < 0.06
    assert (low[4], high[4]) == (1, 1)  # everybody answered: no sampling error


@given(counts, st.sampled_from(METHODS), st.one_of(st.none(), st.integers(0, 300)))
def test_limits_hold_the_share_and_mirror(pair, method, more):
    x, n = pair
    population = None if more is None else n + more
    low, high = interval(x, n, method, population=population)
    assert 0 <= low <= high <= 1
    if n:
        assert low <= x / n + 1e-12
        assert high >= x / n - 1e-12
    other_low, other_high = interval(n - x, n, method, population=population)
    assert low == pytest.approx(1 - other_high, abs=1e-9)
    assert high == pytest.approx(1 - other_low, abs=1e-9)


@given(counts, st.sampled_from(METHODS))
def test_a_higher_level_is_wider_and_a_population_narrower(pair, method):
    x, n = pair
    low, high = interval(x, n, method)
    wide_low, wide_high = interval(x, n, method, level=0.99)
    assert wide_low <= low + 1e-12
    assert wide_high >= high - 1e-12
    near_low, near_high = interval(x, n, method, population=2 * n + 1)
    assert near_low >= low - 1e-12
    assert near_high <= high + 1e-12


@given(st.lists(counts, min_size=1, max_size=20), st.sampled_from(METHODS))
def test_arrays_are_the_same_as_one_by_one(pairs, method):
    x, n = np.array(pairs).T
    low, high = interval(x, n, method)
    one_by_one = [interval(a, b, method) for a, b in pairs]
    assert np.allclose(low, [pair[0] for pair in one_by_one], atol=1e-12)
    assert np.allclose(high, [pair[1] for pair in one_by_one], atol=1e-12)


@given(counts, st.sampled_from(METHODS))
def test_weights_of_one_give_the_unweighted_interval(pair, method):
    x, n = pair
    if n < 2:
        return
    p = x / n
    se = np.sqrt(p * (1 - p) / (n - 1))
    found = design_interval(p, se, df=n - 1, n=n, method=method)
    assert np.allclose(found, interval(x, n, method), atol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_designs_without_errors_have_stated_limits(method):
    low, high = design_interval([0, 1, 0.4, 0.4, 0], [0, 0, 0, 0.1, 0], df=[9, 9, 9, 0, 0],
                                n=[10, 10, 10, 10, 0], method=method)  # fmt: skip
    assert low[0] == 0 < high[0] < 0.5
    assert 0.5 < low[1] < high[1] == 1
    assert (low[2], high[2]) == (0.4, 0.4)  # a census
    assert (low[3], high[3]) == (0, 1)  # no degrees of freedom
    assert (low[4], high[4]) == (0, 1)


@pytest.mark.parametrize(("x", "n"), [(2, 1), (-1, 3), (float("nan"), 3), (1, float("inf"))])
def test_impossible_counts_are_refused(x, n):
    with pytest.raises(ValueError, match="counts"):
        interval(x, n)


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="wilson"):
        interval(1, 2, "wald")
    with pytest.raises(ValueError, match="level"):
        interval(1, 2, level=95)


def test_the_default_interval_needs_no_scientific_library():
    code = (
        "import sys; from evaluation.inference.intervals import interval;"
        "interval([1], [3]); interval([1], [3], 'agresti-coull'); print('scipy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_thousand_crosstabs_take_milliseconds():
    x = np.arange(50_000) % 40
    start = perf_counter()
    interval(x, x + 20)
    assert perf_counter() - start < 0.5  # about 5 ms; wide for a loaded machine
