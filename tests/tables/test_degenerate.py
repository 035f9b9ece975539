"""Whatever is tabulated gives stated results: no NaN, no warning of a library, limits within bounds.

Properties of weights, order and duplication hold for whole tables.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.coding.data import Categorical, Numeric
from evaluation.inference.design import Design
from evaluation.model import Category, RowKind
from evaluation.tables.crosstab_tests import Sample
from evaluation.tables.infer import with_inference
from evaluation.tables.request import ADJUSTMENTS, INTERVALS, TESTS
from evaluation.tables.spec import TableSpec
from tests.tables.handmade import DATA
from tests.tables.test_build import build

METHODS = [m for m in INTERVALS if m != "none"]
LETTERS = "abc"


@st.composite
def answers(draw):
    """Rows, columns, weights, strata and clusters of 0 to 30 respondents, any of them degenerate."""
    n = draw(st.integers(0, 30))
    few = st.integers(-1, 2)
    rows = draw(st.lists(few, min_size=n, max_size=n))
    columns = draw(st.lists(few, min_size=n, max_size=n))
    kinds = st.sampled_from([0.0, 0.5, 1.0, 3.0])
    weights = draw(st.one_of(st.just([0.0] * n), st.lists(kinds, min_size=n, max_size=n)))
    strata = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    clusters = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    return rows, columns, weights, strata, clusters


def data_of(rows, columns, weights):
    categories = tuple(Category(letter, letter.upper()) for letter in LETTERS)
    variables = {
        name: Categorical(name, name, categories, np.array(codes, dtype=np.int16), ordered=True)
        for name, codes in (("answer", rows), ("gender", columns))
    }
    state = np.zeros(len(rows), dtype=np.int8)
    variables["w"] = Numeric("w", "w", np.array(weights, dtype=float), state)
    return replace(DATA, n=len(rows), variables=variables, grids={})


def made(data, design, **spec):
    weight = "w" if design is not None else ""
    table = build(TableSpec("s", "answer", by=("gender",), weight=weight, **spec), data)
    inside = np.ones(data.n, dtype=bool)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return with_inference(table, Sample(data.variables, inside, design))


def numbers(table):
    for line in table.cells:
        for cell in line:
            yield from (cell.percent, cell.ci_low, cell.ci_high, cell.wn, cell.base_wn)
    for test in table.tests:
        yield from (test.statistic, test.df, test.df2, test.p, test.effect, test.effect_low)
    yield from table.effective_base


def options(table):
    return [line for row, line in zip(table.rows, table.cells, strict=True) if row.kind is RowKind.OPTION]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    answers(),
    st.sampled_from(METHODS),
    st.sampled_from(TESTS),
    st.sampled_from(ADJUSTMENTS),
    st.sampled_from(["none", "weights", "clusters", "strata"]),
)
def test_no_input_gives_a_number_that_is_none(drawn, ci, test, compare, kind):
    rows, columns, weights, strata, clusters = drawn
    design = {
        "none": None,
        "weights": Design(np.array(weights)),
        "clusters": Design(np.array(weights), clusters=np.array(clusters)),
        "strata": Design(np.array(weights), strata=np.array(strata), clusters=np.array(clusters)),
    }[kind]
    table = made(data_of(rows, columns, weights), design, ci=ci, tests=(test,), compare=compare)
    assert all(value is None or math.isfinite(value) for value in numbers(table))
    for line in options(table):
        for cell in line:
            if cell.percent is not None and cell.ci_low is not None:
                assert 0 <= cell.ci_low <= cell.percent + 1e-6
                assert cell.percent - 1e-6 <= cell.ci_high <= 100
    (found,) = table.tests
    assert found.p is not None or found.warnings  # what could not be made says why


def figures(table):
    return [
        [(c.percent, c.ci_low, c.ci_high) for c in line] for line in options(table)
    ], [(t.p, t.base_n) for t in table.tests]  # fmt: skip


def equal(one, other):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        assert (a is None) == (b is None)
        assert a is None or a == pytest.approx(b, rel=1e-6, abs=1e-7)


def same(one, other):
    for first, second in zip(one[0], other[0], strict=True):
        for a, b in zip(first, second, strict=True):
            equal(a, b)
    for a, b in zip(one[1], other[1], strict=True):
        equal(a, b)


@settings(max_examples=60, deadline=None)
@given(answers(), st.sampled_from(["logit", "korn-graubard", "wilson"]), st.randoms())
def test_order_and_scale_of_weights_change_nothing(drawn, ci, random):
    rows, columns, weights, _, clusters = drawn
    order = list(range(len(rows)))
    random.shuffle(order)
    turned = [[values[i] for i in order] for values in (rows, columns, weights, clusters)]
    results = []
    for r, c, w, g in ((rows, columns, weights, clusters), turned):
        for factor in (1.0, 7.0):
            scaled = [factor * one for one in w]
            design = Design(np.array(scaled), clusters=np.array(g))
            results.append(
                figures(made(data_of(r, c, scaled), design, ci=ci, tests=("rao-scott",)))
            )
    for other in results[1:]:
        same(results[0], other)


@settings(max_examples=60, deadline=None)
@given(answers())
def test_weights_of_one_give_the_unweighted_table(drawn):
    """Percents everywhere; limits for all of a sample (of a part of it, R's n / (n - 1) is of all)."""
    rows, columns, _, _, _ = drawn
    known = [(r, c) for r, c in zip(rows, columns, strict=True) if r >= 0 and c >= 0]
    rows, columns = [r for r, _ in known], [c for _, c in known]
    ones = [1.0] * len(rows)
    data = data_of(rows, columns, ones)
    for method in METHODS:
        plain, weighted = (made(data, d, ci=method) for d in (None, Design(np.array(ones))))
        for first, second in zip(options(plain), options(weighted), strict=True):
            equal([c.percent for c in first], [c.percent for c in second])
            if weighted.ci_method and len(rows) > 1:
                a, b = first[-1], second[-1]
                equal([a.ci_low, a.ci_high], [b.ci_low, b.ci_high])


@settings(max_examples=60, deadline=None)
@given(answers(), st.sampled_from(["wilson", "clopper-pearson", "jeffreys", "agresti-coull"]))
def test_twice_the_data_gives_the_same_percents_within_narrower_limits(drawn, ci):
    rows, columns, _, _, _ = drawn
    once = made(data_of(rows, columns, [1.0] * len(rows)), None, ci=ci, tests=("pearson",))
    twice = made(
        data_of(rows * 2, columns * 2, [1.0] * 2 * len(rows)), None, ci=ci, tests=("pearson",)
    )
    for first, second in zip(options(once), options(twice), strict=True):
        for a, b in zip(first, second, strict=True):
            assert a.percent == pytest.approx(b.percent)
            if a.percent is not None:
                assert b.ci_high - b.ci_low <= a.ci_high - a.ci_low + 1e-9
    one, two = once.tests[0].statistic, twice.tests[0].statistic
    assert (one is None) == (two is None)
    if one is not None:
        assert two == pytest.approx(2 * one)
