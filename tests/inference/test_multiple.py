"""Adjusted p-values and compared columns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.inference.columns import column_letters, compare_columns
from evaluation.inference.crosstabs import pearson
from evaluation.inference.multiple import ADJUSTMENTS, p_adjust, tally
from evaluation.inference.results import TestOutcome, not_made
from tests.inference.reference import agrees, reference, shared_cases

P = [0.012, 0.0004, 0.31, 0.049, 0.049, 0.8, 1, 0.02]
R_NAMES = {"bonferroni": "bonferroni", "holm": "holm", "bh": "BH"}


@pytest.mark.parametrize("method", R_NAMES)
def test_agrees_with_p_adjust(method):
    assert agrees(p_adjust(P, method), reference("p_adjust", R_NAMES[method]))


@pytest.mark.parametrize("case", shared_cases("p_adjust"))
def test_agrees_with_the_shared_reference(case):
    for method, name in R_NAMES.items():
        assert agrees(p_adjust(case["p"], method), case[name])


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=12))
def test_adjusted_p_are_larger_ordered_and_keep_gaps(p):
    given_p = [value for value in p if value is not None]
    strict = None
    for method in ("bh", "holm", "bonferroni"):
        adjusted = p_adjust(p, method)
        assert [value is None for value in adjusted] == [value is None for value in p]
        found = [value for value in adjusted if value is not None]
        assert all(a >= b - 1e-15 for a, b in zip(found, given_p, strict=True))
        order = np.argsort(given_p, kind="stable")
        assert (np.diff(np.array(found)[order]) >= 0).all()
        if strict is not None:  # each method is stricter than the one before
            assert all(a >= b - 1e-15 for a, b in zip(found, strict, strict=True))
        strict = found
    assert p_adjust(p, "none") == tuple(p)


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="holm"):
        p_adjust([0.5], "fdr")
    with pytest.raises(ValueError, match="between"):
        p_adjust([1.5], "bh")


def test_tally_counts_tests_and_chance():
    outcomes = [TestOutcome("pearson", 1.0, 1.0, p, 50) for p in (0.001, 0.03, 0.04, 0.2, 0.05)]
    found = tally([*outcomes, not_made("pearson", 0, "no-answers")])
    assert (found.n_tests, found.n_significant, found.n_after_adjustment) == (5, 3, 1)
    assert found.n_by_chance == pytest.approx(0.25)
    assert tally([]).n_tests == 0


# --- columns ---------------------------------------------------------------------------------


def test_pairs_agree_with_prop_test():
    found = compare_columns([[30, 12, 25]], [50, 40, 60], adjustment="none")
    p = [found.p[0, 0, 1], found.p[0, 0, 2], found.p[0, 1, 2]]
    assert agrees(p, reference("columns", "p"))
    assert found.letters == (("B", "", ""),)
    adjusted = compare_columns([[30, 12, 25]], [50, 40, 60])
    assert agrees(adjusted.p[0, 0, 1], 3 * p[0])
    assert adjusted.n_comparisons == (3,)


def test_a_pair_is_pearson_of_its_fourfold_table():
    found = compare_columns([[30, 12]], [50, 40], adjustment="none")
    assert found.p[0, 0, 1] == pytest.approx(pearson([[30, 12], [20, 28]]).p, rel=1e-12)


def test_shares_of_0_and_1_and_tiny_bases_are_left_out():
    found = compare_columns([[0, 30, 12, 1], [50, 10, 28, 0]], [50, 40, 40, 1])
    assert found.compared.tolist() == [[False, True, True, False], [False, True, True, False]]
    # one pair is left in each row, so that Bonferroni multiplies by one
    assert found.n_comparisons == (1, 1)
    assert found.letters == (("", "C", "", ""), ("", "", "B", ""))


def test_letters_go_on_like_columns_of_a_spreadsheet():
    assert column_letters(28)[24:] == ("Y", "Z", "AA", "AB")
    many = compare_columns([[90, *[10] * 27]], [100] * 28)
    assert many.letters[0][0] == " ".join(column_letters(28)[1:])


def test_bases_may_differ_between_rows():
    found = compare_columns([[30, 12], [3, 1]], [[50, 40], [5, 4]], adjustment="none")
    alone = compare_columns([[3, 1]], [5, 4], adjustment="none")
    assert found.p[1] == pytest.approx(alone.p[0])


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=6),
    st.sampled_from(ADJUSTMENTS),
)
def test_letters_follow_the_larger_share_and_never_point_both_ways(pairs, adjustment):
    x = np.array([[min(pair) for pair in pairs]])
    n = np.array([max(pair) for pair in pairs])
    found = compare_columns(x, n, adjustment=adjustment)
    assert np.isfinite(found.p).all()
    assert (found.p == found.p.transpose(0, 2, 1)).all()
    for i, letters in enumerate(found.letters[0]):
        for letter in letters:
            j = found.names.index(letter)
            assert x[0, i] / n[i] > x[0, j] / n[j]
            assert found.names[i] not in found.letters[0][j]


def test_no_columns_at_all():
    assert compare_columns(np.zeros((2, 0)), []).letters == ((), ())
    assert compare_columns([[3]], [9]).letters == (("",),)
