"""Counts against loops written out in Python, against pandas, and against themselves."""

from __future__ import annotations

import importlib.util
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.counting.count import count
from evaluation.counting.spec import CountRequest
from evaluation.counting.weights import exponent_of, fixed_point, value_of
from tests.counting.check import assert_equal, naive
from tests.counting.make import (
    multiple,
    number,
    random_survey,
    single,
    survey,
    surveys,
    take,
    variable_names,
)

HAS_NUMBA = importlib.util.find_spec("numba") is not None
FAST = [
    "packed",
    pytest.param("compiled", marks=pytest.mark.skipif(not HAS_NUMBA, reason="numba is absent")),
]
KERNELS = ["plain", *FAST]


def every_request(data, masks=("",), weights=("", "w", "ones")):
    names = variable_names(data)
    return [
        CountRequest(row, column, mask, weight)
        for row, column, mask, weight in itertools.product(names, ["", *names], masks, weights)
    ]


@pytest.fixture(params=KERNELS)
def kernel(request):
    return request.param


@pytest.mark.parametrize("kernel", KERNELS)
@given(surveys())
@settings(max_examples=30, deadline=None)
def test_counts_are_those_of_loops(kernel, data):
    mask = np.random.default_rng(data.n).random(data.n) < 0.6
    requests = every_request(data, ("", "some"))
    requests = requests[:: 1 + len(requests) // 24]  # loops are slow
    for counts in count(data, requests, {"some": mask}, kernel=kernel):
        wanted = naive(data, counts.request, mask if counts.request.mask else None)
        found = (counts.n, counts.wn, counts.base_n, counts.base_wn, counts.base_w2)
        for a, b in zip(found, wanted, strict=True):
            assert a.shape == b.shape
            np.testing.assert_allclose(a, b, rtol=1e-13, atol=0)


def test_a_table_read_by_eye(kernel):
    data = survey(
        6,
        single("sex", [0, 1, 0, 1, 1, -1], 2),
        multiple("aid", [[1, 1], [0, 1], [0, 0], [0, 0], [1, 0], [1, 0]], [0, 0, -1, -2, 0, 0]),
        number("w", [1.0, 2.0, 4.0, 8.0, np.nan, 0.5], [0, 0, 0, 0, -1, 0]),
    )
    (crossed,) = count(data, [CountRequest("aid", "sex", weight="w")], kernel=kernel)
    assert crossed.n.tolist() == [
        [1, 1, 1, 0, 0],  # first option: one of each, one whose sex is missing
        [1, 1, 0, 0, 0],
        [1, 0, 0, 0, 0],  # item non-response
        [0, 1, 0, 0, 0],  # not asked
        [0, 0, 0, 0, 0],  # invalid
    ]
    assert crossed.wn[0].tolist() == [1.0, 0.0, 0.5, 0.0, 0.0]  # a missing weight weighs 0
    assert crossed.base_n.tolist() == [1, 2, 1, 0, 0]  # but the respondent is in the base
    assert crossed.base_wn.tolist() == [1.0, 2.0, 0.5, 0.0, 0.0]
    assert crossed.base_w2.tolist() == [1.0, 4.0, 0.25, 0.0, 0.0]
    (one_way,) = count(data, [CountRequest("aid")], kernel=kernel)
    assert one_way.n.tolist() == [[3], [2], [1], [1], [0]]
    assert one_way.base_n.tolist() == [4]


def test_against_pandas_crosstab(kernel):
    pandas = pytest.importorskip("pandas")
    data = random_survey(5, 3000)
    frame = pandas.DataFrame(
        {name: data.variables[name].codes for name in ("s1", "s2")}
        | {"w": np.nan_to_num(data.variables["w"].values)}
    )
    (found,) = count(data, [CountRequest("s1", "s2", weight="w")], kernel=kernel)
    rows, columns = [*range(5), -1, -2, -3], [*range(7), -1, -2, -3]
    n = pandas.crosstab(frame.s1, frame.s2).loc[rows, columns].to_numpy()
    wn = pandas.crosstab(frame.s1, frame.s2, frame.w, aggfunc="sum").loc[rows, columns].to_numpy()
    np.testing.assert_array_equal(found.n, n)
    np.testing.assert_allclose(found.wn, wn, rtol=1e-12)


@pytest.mark.parametrize("kernel", KERNELS)
@given(surveys(), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_the_order_of_respondents_changes_nothing(kernel, data, random):
    order = list(range(data.n))
    random.shuffle(order)
    requests = every_request(data)
    shuffled = take(data, np.array(order, np.intp))
    found = count(shuffled, requests, kernel=kernel)
    assert_equal(found, count(data, requests, kernel=kernel), rtol=0)


@pytest.mark.parametrize("kernel", KERNELS)
@given(surveys())
@settings(max_examples=20, deadline=None)
def test_everyone_twice_doubles_every_count(kernel, data):
    requests = every_request(data)
    twice = take(data, np.repeat(np.arange(data.n), 2))
    once = count(data, requests, kernel=kernel)
    for a, b in zip(count(twice, requests, kernel=kernel), once, strict=True):
        np.testing.assert_array_equal(a.n, 2 * b.n)
        np.testing.assert_array_equal(a.base_n, 2 * b.base_n)
        np.testing.assert_allclose(a.wn, 2 * b.wn, rtol=1e-13)
        np.testing.assert_allclose(a.base_w2, 2 * b.base_w2, rtol=1e-13)


@pytest.mark.parametrize("kernel", KERNELS)
@given(surveys())
@settings(max_examples=20, deadline=None)
def test_weights_of_one_are_no_weights(kernel, data):
    names = variable_names(data)
    pairs = [(r, c) for r in names for c in ["", *names]]
    with_ones = count(data, [CountRequest(r, c, weight="ones") for r, c in pairs], kernel=kernel)
    without = count(data, [CountRequest(r, c) for r, c in pairs], kernel=kernel)
    for a, b in zip(with_ones, without, strict=True):
        for name in ("n", "wn", "base_n", "base_wn", "base_w2"):
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


@pytest.mark.parametrize("kernel", KERNELS)
@given(surveys())
@settings(max_examples=20, deadline=None)
def test_a_single_answer_adds_up(kernel, data):
    """Rows sum to the base, columns to the margin, and a table's transpose is the other table."""
    singles = [name for name in data.variables if name[0] == "s"]
    names = variable_names(data)
    for row, column in itertools.product(singles, singles):
        a, b, margin = count(
            data,
            [
                CountRequest(row, column, weight="w"),
                CountRequest(column, row, weight="w"),
                CountRequest(row, weight="w"),
            ],
            kernel=kernel,
        )
        np.testing.assert_array_equal(a.n[:-3].sum(axis=0), a.base_n)
        np.testing.assert_allclose(a.wn[:-3].sum(axis=0), a.base_wn, rtol=1e-13)
        np.testing.assert_array_equal(a.n, b.n.T)
        np.testing.assert_array_equal(a.wn, b.wn.T)
        np.testing.assert_array_equal(a.n.sum(axis=1), margin.n[:, 0])
        assert a.n.sum() == data.n
    for row, column in itertools.product(names, singles):
        a, margin = count(data, [CountRequest(row, column), CountRequest(row)], kernel=kernel)
        np.testing.assert_array_equal(a.n.sum(axis=1), margin.n[:, 0])
        np.testing.assert_array_equal(a.base_n.sum(), margin.base_n[0])


@pytest.mark.parametrize("kernel", KERNELS)
@given(surveys())
@settings(max_examples=20, deadline=None)
def test_merging_categories_adds_their_counts(kernel, data):
    fine = data.variables["s0"]
    size = len(fine.categories)
    merged = single("merged", np.where(fine.codes >= 0, fine.codes // 2, fine.codes), size)
    wider = survey(data.n, *data.variables.values(), merged)
    for row in variable_names(data):
        a, b = count(wider, [CountRequest(row, "s0"), CountRequest(row, "merged")], kernel=kernel)
        for category in range((size + 1) // 2):
            both = a.n[:, :-3][:, 2 * category : 2 * category + 2].sum(axis=1)
            np.testing.assert_array_equal(b.n[:, category], both)
            base = a.base_n[:-3][2 * category : 2 * category + 2].sum()
            assert b.base_n[category] == base


def test_equal_requests_and_their_order(kernel):
    data = random_survey(1, 50)
    requests = [CountRequest("s1"), CountRequest("m0", "s0", weight="w"), CountRequest("s1")]
    found = count(data, requests, kernel=kernel)
    assert [c.request for c in found] == requests
    alone = [count(data, [request], kernel=kernel)[0] for request in requests]
    assert_equal(found, alone, rtol=0)
    assert count(data, [], kernel=kernel) == []


def test_input_is_not_modified(kernel):
    data = random_survey(2, 200)
    for variable in data.variables.values():
        for name in ("codes", "selected", "state", "values"):
            if hasattr(variable, name):
                getattr(variable, name).flags.writeable = False
    mask = np.arange(200) % 3 == 0
    mask.flags.writeable = False
    count(data, every_request(data, ("", "m")), {"m": mask}, kernel=kernel)


def test_nobody(kernel):
    data = random_survey(3, 100)
    mask = np.zeros(100, bool)
    for counts in count(data, every_request(data, ("none",)), {"none": mask}, kernel=kernel):
        assert not counts.n.any()
        assert not counts.base_wn.any()


def test_programming_errors(kernel):
    data = random_survey(4, 20)
    cases = [
        (CountRequest("nothing"), {}, KeyError),
        (CountRequest("s0", "nothing"), {}, KeyError),
        (CountRequest("w"), {}, TypeError),
        (CountRequest("s0", weight="s1"), {}, TypeError),
        (CountRequest("s0", mask="m"), {}, KeyError),
        (CountRequest("s0", mask="m"), {"m": np.ones(3, bool)}, ValueError),
        (CountRequest("s0", mask="m"), {"m": np.ones(20)}, ValueError),
    ]
    for request, masks, error in cases:
        with pytest.raises(error):
            count(data, [request], masks, kernel=kernel)
    wrong = survey(2, single("s", [0, 5], 3))
    with pytest.raises(ValueError, match="codes outside"):
        count(wrong, [CountRequest("s")], kernel=kernel)
    with pytest.raises(ValueError, match="kernel must be"):
        count(data, [], kernel="quick")


@given(st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), max_size=200))
def test_fixed_point_is_finer_than_a_float(values):
    weights = np.array(values)
    top = max(np.abs(weights).max(initial=0), 1e-250)  # far smaller ones count as 0
    fixed = fixed_point(weights, exponent_of(top))
    np.testing.assert_allclose(
        value_of(fixed.parts, fixed.exponent), weights, rtol=2**-52, atol=top * 2.0**-59
    )
    total = value_of(fixed.parts.sum(axis=1), fixed.exponent)
    np.testing.assert_allclose(total, math.fsum(values), rtol=2**-51, atol=top * 2.0**-52)


def test_a_sum_of_many_equal_weights_does_not_drift(kernel):
    """Adding 0.1 a million times in sequence is off by 1.3e-11."""
    n = 1_000_000
    data = survey(n, single("s", np.zeros(n), 1), number("w", np.full(n, 0.1)))
    (found,) = count(data, [CountRequest("s", weight="w")], kernel=kernel)
    assert found.wn[0, 0] == float(n * 0.1)
