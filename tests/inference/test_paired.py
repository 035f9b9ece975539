"""McNemar and Bowker against R."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.inference.paired import bowker, mcnemar
from tests.inference.reference import TABLES, agrees, reference, shared_cases


@pytest.mark.parametrize("case", shared_cases("mcnemar"))
def test_agrees_with_the_shared_reference(case):
    # binom.test(b, b + c); mcnemar.test(m, correct = FALSE)
    assert agrees(mcnemar(case["table"]).p, case["exact_p"])
    rough = mcnemar(case["table"], exact=False)
    assert agrees([rough.statistic, rough.p], [case["chi2"], case["chi2_p"]])


def test_agrees_with_r():
    corrected = mcnemar([[30, 12], [4, 44]], exact=False, correction=True)
    assert agrees(corrected.statistic, reference("mcnemar", "chi2_corrected"))
    assert agrees(corrected.p, reference("mcnemar", "chi2_corrected_p"))
    assert agrees(mcnemar([[3, 17], [5, 4]]).p, reference("mcnemar", "exact_17_5"))
    symmetry = bowker(TABLES["large_3x3"])
    assert agrees(symmetry.statistic, reference("bowker", "statistic"))
    assert agrees(symmetry.p, reference("bowker", "p"))


@pytest.mark.parametrize("exact", [True, False])
def test_nothing_to_test_is_said(exact):
    unchanged = mcnemar([[5, 0], [0, 9]], exact=exact)
    assert (unchanged.p, unchanged.warnings, unchanged.base_n) == (None, ("no-changes",), 14)
    assert mcnemar([[0, 0], [0, 0]], exact=exact).warnings == ("no-answers",)
    assert bowker([[5, 0], [0, 9]]).warnings == ("no-changes",)
    assert bowker([[0, 0], [0, 0]]).warnings == ("no-answers",)


def test_empty_pairs_of_answers_are_no_degrees_of_freedom():
    outcome = bowker([[4, 3, 0], [1, 5, 2], [0, 6, 7]])
    assert outcome.df == 2
    assert outcome.statistic == pytest.approx(4 / 4 + 16 / 8)


@given(*[st.integers(0, 40)] * 4)
def test_only_changes_count_and_both_ways_alike(a, b, c, d):
    one = mcnemar([[a, b], [c, d]])
    assert one.p == mcnemar([[a, c], [b, d]]).p == mcnemar([[d, b], [c, a]]).p
    if a + d and b + c:
        assert one.p == mcnemar([[0, b], [c, 0]]).p
        rough = mcnemar([[a, b], [c, d]], exact=False)
        assert rough.p == pytest.approx(bowker([[a, b], [c, d]]).p)


def test_shapes_and_weights_are_checked():
    with pytest.raises(ValueError, match="2 x 2"):
        mcnemar([[1, 2, 3], [4, 5, 6]])
    with pytest.raises(ValueError, match="whole"):
        mcnemar([[1, 2.5], [1, 1]])
    with pytest.raises(ValueError, match="square"):
        bowker([[1, 2, 3], [4, 5, 6]])
