"""Weighting against R's survey package, and what must hold for all margins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.inference.design import Design, simple_design
from evaluation.inference.estimation import means, totals
from evaluation.inference.raoscott import rao_scott
from evaluation.inference.tableshares import table_shares
from evaluation.inference.weighting import (
    Margin,
    calibrate,
    calibrate_margins,
    effective_base,
    effective_bases,
    kish_deff,
    poststratify,
    rake,
    trim,
)
from tests.inference.reference import agrees, codes, data, designs, numbers, reference, shared_cases

TOTALS = {"stype": [4421, 755, 1018], "sch.wide": [1072, 5122], "awards": [2012, 4182]}


def margin(file, name):
    return Margin(name, codes(file, name), np.array(TOTALS[name], dtype=float))


def weighted(case):
    """The weighted designs of reference.R."""
    file, design = designs()["strat" if case == "rake_strat" else "clus"]
    if case == "post":
        return file, poststratify(design, margin(file, "stype"))
    if case == "twice":
        first = poststratify(design, margin(file, "stype")).design
        return file, poststratify(first, margin(file, "sch.wide"))
    if case == "greg":
        return file, calibrate_margins(design, [margin(file, "stype"), margin(file, "sch.wide")])
    names = ["sch.wide", "awards"] if case == "rake_strat" else list(TOTALS)
    return file, rake(design, [margin(file, name) for name in names])


@pytest.mark.parametrize("case", ["post", "rake3", "rake_strat", "greg", "twice"])
def test_weights_and_errors_agree_with_r(case):
    file, outcome = weighted(case)
    assert outcome.is_converged
    assert outcome.issues == ()
    assert agrees(outcome.weights[:8], reference(case, "weights"))
    both = np.column_stack([numbers(file, "api00"), numbers(file, "meals")])
    found = means(outcome.design, both)
    assert agrees(found.value, reference(case, "mean"))
    assert agrees(found.se, reference(case, "mean_se"))
    found = totals(outcome.design, numbers(file, "meals"))
    assert agrees(found.value, reference(case, "total"))
    assert agrees(found.se, reference(case, "total_se"))
    improved = data(file)["comp.imp"] == "Yes"
    found = means(outcome.design, numbers(file, "api00"), improved)
    assert agrees(found.value, reference(case, "domain"))
    assert agrees(found.se, reference(case, "domain_se"))
    found = rao_scott(outcome.design, codes(file, "stype"), codes(file, "comp.imp"))
    assert agrees(found.statistic, reference(case, "chisq"))
    assert agrees(found.p, reference(case, "chisq_p"))


@pytest.mark.parametrize("case", shared_cases("poststratify"))
def test_poststratification_of_the_shared_reference(case):
    file, outcome = weighted("post")
    found = means(outcome.design, numbers(file, "api00"))
    assert agrees([found.value, found.se], [case["estimate"], case["se"]])


@pytest.mark.parametrize("case", shared_cases("rake"))
def test_raking_of_the_shared_reference(case):
    file, design = designs()["clus"]
    outcome = rake(design, [margin(file, "stype"), margin(file, "sch.wide")])
    found = means(outcome.design, numbers(file, "api00"))
    assert agrees([found.value, found.se], [case["estimate_api00"], case["se"]])
    assert agrees(outcome.weights[:5], case["weights_first_five"])
    assert agrees(outcome.weights.sum(), case["weights_sum"])


@pytest.mark.parametrize("case", shared_cases("calibrate"))
def test_calibration_of_the_shared_reference(case):
    file, design = designs()["clus"]
    kind = codes(file, "stype")
    columns = np.column_stack([np.ones(len(kind)), kind == 1, kind == 2, numbers(file, "api99")])
    outcome = calibrate(design, columns, list(case["totals"].values()))
    found = means(outcome.design, numbers(file, "api00"))
    assert agrees([found.value, found.se], [case["estimate_api00"], case["se"]])


def test_kish_and_trimming_agree_with_r():
    _, outcome = weighted("rake3")
    assert agrees(outcome.effective_n, reference("kish", "effective"))
    assert agrees(outcome.deff, reference("kish", "deff"))
    places = [0, 1, 9, 29, 99]
    once, _ = trim(outcome.weights, upper=45, lower=28, strict=False)
    assert agrees(once[places], reference("trim", "once"))
    strict, issues = trim(outcome.weights, upper=45, lower=28)
    assert agrees(strict[places], reference("trim", "strict"))
    assert issues == ()


def test_shares_of_a_weighted_table_are_means_of_the_adjusted_design():
    file, outcome = weighted("rake3")
    found = table_shares(outcome.design, codes(file, "comp.imp"), 2, codes(file, "stype"), 3)
    for j in range(3):
        alone = means(outcome.design, codes(file, "comp.imp") == 1, codes(file, "stype") == j)
        assert found.se[1, j] == pytest.approx(alone.se[0], rel=1e-9)


# --- what must hold ---------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), min_size=1, max_size=40),
    st.lists(st.integers(1, 500), min_size=3, max_size=3),
    st.lists(st.integers(1, 500), min_size=2, max_size=2),
)
@settings(deadline=None)
def test_raking_meets_its_margins_or_says_why(pairs, first, second):
    a, b = np.array(pairs).T
    margins = [Margin("a", a, np.array(first, float)), Margin("b", b, np.array(second, float))]
    outcome = rake(simple_design(len(a)), margins, max_rounds=200)
    if outcome.weights is None:
        assert {issue.code for issue in outcome.issues if issue.stops} == {
            "margin-without-respondents"
        }
        assert len(set(a)) < 3 or len(set(b)) < 2
        return
    assert (outcome.weights >= 0).all()
    assert outcome.weights.sum() == pytest.approx(sum(first))
    assert outcome.is_converged != any(i.code == "not-converged" for i in outcome.issues)
    if outcome.is_converged:
        assert np.allclose(np.bincount(a, outcome.weights, 3), first, rtol=1e-7)
        scaled = np.array(second) * sum(first) / sum(second)
        assert np.allclose(np.bincount(b, outcome.weights, 2), scaled, rtol=1e-6)
    assert (sum(first) != sum(second)) == any(i.code == "margins-disagree" for i in outcome.issues)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=40), st.integers(2, 9))
@settings(deadline=None)
def test_poststratification_to_the_sample_itself_changes_nothing(group, factor):
    codes_ = np.unique(group, return_inverse=True)[1]
    design = Design(np.arange(1.0, len(group) + 1))
    sums = np.bincount(codes_, weights=design.weights)
    same = poststratify(design, Margin("g", codes_, sums))
    assert np.allclose(same.weights, design.weights)
    more = poststratify(design, Margin("g", codes_, factor * sums))
    assert np.allclose(more.weights, factor * design.weights)
    one_margin = rake(design, [Margin("g", codes_, sums)])
    assert np.allclose(one_margin.weights, same.weights)
    if (same.weights > 0).all() and len(sums) > 1:
        calibrated = calibrate_margins(design, [Margin("g", codes_, sums)])
        assert np.allclose(calibrated.weights, same.weights)


@given(st.lists(st.floats(0.1, 20), min_size=1, max_size=30), st.floats(0.2, 1), st.floats(1, 5))
def test_trimming_keeps_the_sum_and_the_bounds(weights, below, above):
    w = np.array(weights)
    lower, upper = below * w.mean(), above * w.mean()
    found, issues = trim(w, lower=lower, upper=upper)
    assert found.sum() == pytest.approx(w.sum())
    if not issues:
        assert (found >= lower - 1e-9).all()
        assert (found <= upper + 1e-9).all()
    else:
        assert (found == w).all()


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=50), st.floats(0.1, 10))
def test_kish_does_not_depend_on_scale_and_never_gains(weights, factor):
    w = np.array(weights)
    assert kish_deff(w) >= 1 - 1e-12
    assert effective_base(w) <= len(w) + 1e-9
    assert effective_base(w * factor) == pytest.approx(effective_base(w))
    assert effective_base(np.full(len(w), factor)) == pytest.approx(len(w))


# --- what goes wrong --------------------------------------------------------------------------


def found_issues(outcome):
    return [(i.code, i.margin, i.category, i.count) for i in outcome.issues]


def test_all_that_is_wrong_with_the_margins_comes_at_once():
    design = simple_design(5)
    a = Margin("a", np.array([0, 0, 1, 1, -1]), np.array([10.0, 0.0, 7.0]))
    b = Margin("b", np.array([0, 0, 0, 1, 1]), np.array([5.0, 5.0]))
    outcome = rake(design, [a, b])
    assert outcome.weights is None
    assert found_issues(outcome) == [
        ("margin-unknown", "a", -1, 1),
        ("respondents-without-total", "a", 1, 2),
        ("margin-without-respondents", "a", 2, 0),
        ("margins-disagree", "b", -1, 0),
    ]
    for method in (lambda: poststratify(design, a), lambda: calibrate_margins(design, [a])):
        assert method().weights is None
        assert found_issues(method()) == found_issues(outcome)[:3]


def test_no_respondents_and_no_weights():
    margin_ = Margin("a", np.zeros(0, int), np.array([3.0]))
    assert found_issues(poststratify(simple_design(0), margin_)) == [("no-respondents", "", -1, 0)]
    nothing = Design(np.zeros(2))
    some = Margin("a", np.zeros(2, int), np.array([3.0]))
    assert found_issues(rake(nothing, [some])) == [("weights-all-zero", "", -1, 2)]
    assert found_issues(calibrate(nothing, np.ones(2), [3])) == [("weights-all-zero", "", -1, 2)]
    assert (kish_deff([0, 0]), effective_base([0, 0])) == (1, 0)
    assert effective_bases([4, 0], [8, 0]).tolist() == [2, 0]


def test_contradicting_margins_do_not_converge_and_say_so():
    # everybody in a1 is in b1, so that a cannot be 90/10 while b is 10/90
    codes_ = np.array([0, 0, 1, 1])
    margins = [Margin("a", codes_, np.array([90.0, 10])), Margin("b", codes_, np.array([10.0, 90]))]
    outcome = rake(simple_design(4), margins, max_rounds=20)
    assert not outcome.is_converged
    assert outcome.rounds == 20
    assert [i.code for i in outcome.issues] == ["not-converged"]
    assert outcome.largest_gap == pytest.approx(0.8)


def test_calibration_that_cannot_be():
    design = simple_design(4)
    twice = np.column_stack([np.ones(4), np.ones(4) * 2])
    assert found_issues(calibrate(design, twice, [4, 8])) == [("collinear-totals", "", -1, 0)]
    x = np.column_stack([np.ones(4), [0, 0, 1, 10.0]])
    outcome = calibrate(design, x, [4, -20])
    assert outcome.weights is None
    assert outcome.issues[0].code == "negative-weights"
    with pytest.raises(ValueError, match="finite"):
        calibrate(design, [1, 1, 1, float("nan")], [4])


def test_bounds_that_cannot_be_met():
    weights, issues = trim([1, 2, 3], upper=1.5)
    assert weights.tolist() == [1, 2, 3]
    assert issues[0].code == "bounds-too-narrow"
    assert trim([], upper=1)[0].tolist() == []


def test_margins_are_checked():
    with pytest.raises(ValueError, match="'a'"):
        poststratify(simple_design(2), Margin("a", np.array([0, 2]), np.array([1.0, 1.0])))
    with pytest.raises(ValueError, match="'a'"):
        poststratify(simple_design(2), Margin("a", np.array([0, 1]), np.array([1.0, -1.0])))
