"""Fisher's exact test against R and against plain enumeration."""

from __future__ import annotations

from itertools import product
from math import factorial, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evaluation.inference.fisher import fisher, simulated_p
from evaluation.inference.network import exact_p
from tests.inference.reference import TABLES, agrees, reference, shared_cases

small = st.tuples(st.integers(2, 3), st.integers(2, 4)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(0, 3))
)


@pytest.mark.parametrize("name", [name for name in TABLES if name != "large_3x3"])
def test_agrees_with_fisher_test(name):
    outcome = fisher(TABLES[name])  # fisher.test(m)
    assert outcome.warnings == ()
    assert agrees(outcome.p, reference(name, "fisher"))
    assert (outcome.statistic, outcome.df) == (None, None)


@pytest.mark.parametrize("case", shared_cases("crosstab"))
def test_agrees_with_the_shared_reference(case):
    outcome = fisher(case["rows"])
    if case["fisher"]["p"] is None:  # R itself gives up
        assert outcome.warnings == ("simulated",)
        assert outcome.p < 1e-4
    else:
        assert agrees(outcome.p, case["fisher"]["p"])


def enumerated(table):
    """Sum over all tables with the margins, by brute force."""
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    top = prod(factorial(int(k)) for k in (*rows, *columns))

    def weight(cells):
        return top / prod(factorial(int(k)) for k in cells.ravel())

    observed, total, extreme = weight(table), 0.0, 0.0
    free = table[:-1, :-1]
    limits = [range(min(r, c) + 1) for r in rows[:-1] for c in columns[:-1]]
    for inner in product(*limits):
        cells = np.zeros_like(table)
        cells[:-1, :-1] = np.reshape(inner, free.shape)
        cells[:-1, -1] = rows[:-1] - cells[:-1].sum(axis=1)
        cells[-1] = columns - cells[:-1].sum(axis=0)
        if (cells < 0).any():
            continue
        total += weight(cells)
        if weight(cells) <= observed * (1 + 1e-7):
            extreme += weight(cells)
    return extreme / total


@given(small)
@settings(max_examples=60, deadline=None)
def test_agrees_with_enumeration(table):
    kept = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(kept.shape, default=0) < 2:
        assert fisher(table).p is None
        return
    assert fisher(table).p == pytest.approx(enumerated(kept), rel=1e-9)


@given(arrays(np.int64, (3, 4), elements=st.integers(0, 6)))
@settings(max_examples=30, deadline=None)
def test_order_does_not_matter(table):
    p = fisher(table).p
    for other in (table.T, table[::-1], table[:, ::-1]):
        assert (p is None and fisher(other).p is None) or fisher(other).p == pytest.approx(p)


@pytest.mark.parametrize(
    ("table", "reason"),
    [([[0, 0], [0, 0]], "no-answers"), ([[3, 4], [0, 0]], "too-few-categories")],
)
def test_degenerate_tables_say_why(table, reason):
    assert fisher(table).warnings == (reason,)
    assert fisher(table).p is None


def test_what_is_too_large_is_simulated_and_says_so():
    table = np.array(TABLES["square_4x4"])
    exact = fisher(table)
    drawn = fisher(table, work_limit=10)
    assert drawn.warnings == ("simulated",)
    assert abs(drawn.p - exact.p) < 4 * drawn.p_se + 1e-5
    assert drawn == fisher(table, work_limit=10)  # the seed makes it the same every time
    assert exact_p(table, work_limit=10, tolerance=1e-7) is None


def test_simulation_agrees_with_the_exact_p():
    table = np.array([[3, 1, 4], [0, 2, 6], [5, 4, 0]])
    exact = fisher(table).p
    p, error = simulated_p(table, replicates=20_000, seed=1)
    assert abs(p - exact) < 4 * error
    assert error == pytest.approx(np.sqrt(p * (1 - p) / 20_000))


def test_a_five_point_scale_by_three_groups_of_ninety_is_exact():
    # the size of the staff survey: 90 answers
    table = [[4, 2, 1], [6, 3, 5], [9, 8, 4], [12, 11, 7], [3, 6, 9]]
    assert fisher(table).warnings == ()


def test_weighted_counts_are_refused():
    with pytest.raises(ValueError, match="whole"):
        fisher([[1.5, 2], [3, 4]])
