"""Change between waves against R and published examples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.inference.wave_means import estimate_change, mean_change, paired_mean_change
from evaluation.inference.waves import match_persons, paired_share_change, share_change, wave_change
from tests.inference.reference import agrees, codes, numbers, reference

groups = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_newcombe_of_independent_samples_is_the_published_one():
    # Newcombe (1998), Statistics in Medicine 17:873, table II, method 10: 56/70 against 48/80
    found = share_change(48, 80, 56, 70)
    assert found.difference == pytest.approx(0.2)
    assert (found.low, found.high) == (
        pytest.approx(0.0524, abs=5e-5),
        pytest.approx(0.3339, abs=5e-5),
    )
    # and 9/10 against 3/10
    found = share_change(3, 10, 9, 10)
    assert (found.low, found.high) == (
        pytest.approx(0.1705, abs=5e-5),
        pytest.approx(0.8090, abs=5e-5),
    )


def test_wald_and_p_are_those_of_prop_test():
    found = share_change(25, 70, 40, 80, method="wald")
    assert agrees([found.low, found.high], reference("two_samples", "wald"))
    assert agrees(found.test.p, reference("two_samples", "p"))


def test_paired_by_hand():
    found = paired_share_change([[20, 5], [12, 3]], method="wald")
    half = 1.959963984540054 * np.sqrt(17 - 49 / 40) / 40
    assert found.difference == pytest.approx(7 / 40)
    assert agrees([found.low, found.high], [7 / 40 - half, 7 / 40 + half])
    assert found.test.method == "mcnemar"


def test_paired_score_interval_is_narrower_where_answers_go_together():
    together = paired_share_change([[30, 5], [9, 26]])
    apart = share_change(35, 70, 39, 70)
    assert together.difference == pytest.approx(apart.difference)
    assert together.high - together.low < apart.high - apart.low


@given(groups, groups, st.sampled_from(["newcombe", "wald"]))
def test_turning_the_waves_round_turns_the_change(one, two, method):
    found = share_change(*one, *two, method=method)
    turned = share_change(*two, *one, method=method)
    assert -1 <= found.low <= found.difference + 1e-12
    assert found.difference - 1e-12 <= found.high <= 1
    assert turned.low == pytest.approx(-found.high, abs=1e-9)
    assert (found.test.p is None) == (turned.test.p is None)


@given(*[st.integers(0, 20)] * 4)
def test_pairs_turned_round(a, b, c, d):
    found = paired_share_change([[a, b], [c, d]])
    turned = paired_share_change([[a, c], [b, d]])
    if a + b + c + d == 0:
        assert found.difference is None
        return
    assert turned.difference == pytest.approx(-found.difference)
    assert turned.low == pytest.approx(-found.high, abs=1e-9)
    assert found.low <= found.difference + 1e-12


def test_means_agree_with_t_test():
    smoke, weight = codes("birthwt", "smoke"), numbers("birthwt", "bwt")
    found = mean_change(weight[smoke == 0], weight[smoke == 1])
    assert agrees(found.test.p, reference("welch", "p"))
    assert agrees([found.low, found.high], reference("welch", "ci"))
    assert agrees(found.test.df, reference("welch", "df"))
    pairs = paired_mean_change(numbers("birthwt", "lwt"), weight / 20)
    assert agrees(pairs.test.p, reference("paired_t", "p"))
    assert agrees([pairs.low, pairs.high], reference("paired_t", "ci"))


def test_persons_are_matched_by_id():
    left, right = match_persons([5, -1, 7, 9, 7], [7, 9, -1, 4])
    assert (left.tolist(), right.tolist()) == ([4, 3], [0, 1])


def test_waves_choose_how_they_are_compared():
    first, second = np.array([1, 0, 1, 1, np.nan]), np.array([0, 0, 1, 1, 1])
    anonymous = wave_change(first, second)
    assert (anonymous.kind, anonymous.n_first, anonymous.n_second) == ("independent", 4, 5)
    panel = wave_change(first[:4], second[:4], [1, 2, 3, 4], [1, 2, 3, 4])
    assert (panel.kind, panel.n_both) == ("paired", 4)
    mixed = wave_change(first, second, [1, 2, 3, 4, 5], [1, 2, 8, 9, 5])
    assert (mixed.kind, mixed.n_both) == ("overlapping", 2)
    assert mixed.test.base_n == 7


def test_overlap_lies_between_pairs_and_independence():
    generator = np.random.default_rng(3)
    first = (generator.random(400) < 0.5).astype(float)
    second = np.where(generator.random(400) < 0.8, first, 1 - first)
    ids = np.arange(400)

    def width(found):
        return found.high - found.low

    free = wave_change(first, second)
    half = wave_change(first, second, ids, np.where(ids < 200, ids, ids + 1000))
    full = wave_change(first, second, ids, ids)
    assert width(full) < width(half) < width(free)
    # all but one matched: nearly the Wald interval of pairs
    nearly = wave_change(first, second, ids, np.where(ids < 399, ids, 5000))
    table = [[(first * second).sum(), (first * (1 - second)).sum()],
             [((1 - first) * second).sum(), ((1 - first) * (1 - second)).sum()]]  # fmt: skip
    paired = paired_share_change(table, method="wald")
    assert nearly.low == pytest.approx(paired.low, abs=2e-3)


def test_degenerate_waves_say_why():
    assert share_change(0, 0, 3, 5).test.warnings == ("no-answers",)
    assert share_change(0, 0, 3, 5).second == 0.6
    same = share_change(5, 5, 4, 4)
    assert (same.difference, same.test.warnings) == (0, ("too-few-categories",))
    assert mean_change([1.0], [2, 3]).test.warnings == ("too-few-answers",)
    assert mean_change([1.0, 1], [1, 1]).test.warnings == ("no-variation",)
    assert mean_change([], []).difference is None
    assert paired_mean_change([1.0, 2], [2, 3]).test.warnings == ("no-variation",)
    assert wave_change([], []).test.p is None
    constant = wave_change([1, 1], [1, 1, 1], [1, 2], [1, 3, 4])
    assert (constant.kind, constant.test.warnings) == ("overlapping", ("no-variation",))


def test_design_based_estimates():
    found = estimate_change((0.4, 0.03, 20.0), (0.5, 0.04, 30.0), (100, 120))
    assert found.test.statistic == pytest.approx(2.0)
    assert found.test.df == pytest.approx(0.05**4 / (0.03**4 / 20 + 0.04**4 / 30))
    assert estimate_change((0.4, 0.0, 0.0), (0.5, 0.04, 30.0), (1, 2)).test.p is None


def test_unknown_methods_are_refused():
    with pytest.raises(ValueError, match="newcombe"):
        share_change(1, 2, 1, 2, method="miettinen")
    with pytest.raises(ValueError, match="newcombe"):
        paired_share_change([[1, 2], [3, 4]], method="tango")
