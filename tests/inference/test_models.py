"""Logistic regression against R and statsmodels, and what spoils a model."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM

from evaluation.inference.design import Design
from evaluation.inference.logit import fit_logit
from evaluation.inference.models import Predictor, logistic, terms_behind
from evaluation.inference.separation import collinear_columns, separated_columns
from tests.inference.reference import (
    agrees,
    codes,
    data,
    designs,
    has,
    numbers,
    reference,
    shared_cases,
)


def birth(*names):
    """Predictors of the birth weight data."""
    found = []
    for name in names:
        if name == "race":
            found.append(Predictor("race", codes("birthwt", "race"), ("1", "2", "3")))
        else:
            found.append(Predictor(name, numbers("birthwt", name)))
    return found


def estimated(model):
    return [term for term in model.terms if not term.is_reference]


def column(model, name):
    return [getattr(term, name) for term in estimated(model)]


def test_agrees_with_glm():
    model = logistic(numbers("birthwt", "low"), birth("age", "lwt", "race", "smoke", "ht"))
    assert agrees(column(model, "coefficient"), reference("glm", "coef"))
    assert agrees(column(model, "se"), reference("glm", "se"))
    assert agrees(column(model, "p"), reference("glm", "p"))
    limits = [[math.log(term.low), math.log(term.high)] for term in estimated(model)]
    assert agrees(limits, reference("glm", "ci"))  # confint.default
    assert agrees(model.log_likelihood, reference("glm", "loglik"))
    assert agrees(model.null_log_likelihood, reference("glm", "null"))
    assert model.pseudo_r2 == pytest.approx(1 - model.log_likelihood / model.null_log_likelihood)
    assert (model.n_used, model.n_dropped, model.n_events) == (189, 0, 59)
    assert model.df == math.inf


@pytest.mark.parametrize("case", shared_cases("glm"))
def test_glm_of_the_shared_reference(case):
    model = logistic(numbers("birthwt", "low"), birth("age", "lwt", "race", "smoke"))
    for name, key in (
        ("coefficient", "estimate"),
        ("se", "se"),
        ("p", "p"),
        ("odds_ratio", "odds_ratio"),
    ):
        assert agrees(column(model, name), case[key])


@pytest.mark.parametrize("case", shared_cases("svyglm"))
def test_svyglm_of_the_shared_reference(case):
    file, design = designs()["strat"]
    kind = Predictor("stype", codes(file, "stype"), ("E", "H", "M"))
    model = logistic(
        data(file)["awards"] == "Yes",
        [kind, Predictor("meals", numbers(file, "meals"))],
        design=design,
    )
    assert agrees(column(model, "coefficient"), case["estimate"])
    assert agrees(column(model, "se"), case["se"])


@pytest.mark.parametrize("name", [name for name in designs() if has(name, "glm")])
def test_agrees_with_svyglm(name):
    file, design = designs()[name]
    predictors = [
        Predictor("stype", codes(file, "stype"), ("E", "H", "M")),
        Predictor("meals", numbers(file, "meals")),
        Predictor("api99", numbers(file, "api99")),
    ]
    model = logistic(data(file)["awards"] == "Yes", predictors, design=design, level=0.9)
    assert model.errors == "survey"
    assert agrees(column(model, "coefficient"), reference(name, "glm"))
    assert agrees(column(model, "se"), reference(name, "glm_se"))
    assert agrees(column(model, "p"), reference(name, "glm_p"))
    assert model.df == reference(name, "glm_df")[0]
    limits = [[math.log(term.low), math.log(term.high)] for term in estimated(model)]
    assert agrees(limits, reference(name, "glm_ci"))


def test_cluster_robust_errors_agree_with_r():
    model = logistic(
        numbers("birthwt", "low"), birth("age", "lwt", "smoke"), clusters=data("birthwt")["age"]
    )
    assert model.errors == "cluster"
    assert agrees(column(model, "se"), reference("cluster", "se"))
    assert agrees(column(model, "p"), reference("cluster", "p"))
    assert model.df == reference("cluster", "df")[0]


def test_the_fit_agrees_with_statsmodels():
    x = np.column_stack([np.ones(189), numbers("birthwt", "age"), numbers("birthwt", "smoke")])
    y = numbers("birthwt", "low")
    w = 0.5 + codes("birthwt", "race")
    theirs = GLM(y, x, family=Binomial(), freq_weights=w).fit(tol=1e-12)
    ours = fit_logit(x, y, w)
    np.testing.assert_allclose(ours.coefficients, theirs.params, rtol=1e-7)
    # statsmodels takes the weights at the last coefficients; R, and so we, those one step before
    np.testing.assert_allclose(ours.inverse_information, theirs.cov_params(), rtol=2e-4)


def test_the_reference_category_is_chosen_and_shown():
    first = logistic(numbers("birthwt", "low"), birth("race"))
    other = logistic(
        numbers("birthwt", "low"),
        [Predictor("race", codes("birthwt", "race"), ("1", "2", "3"), reference=1)],
    )
    assert [t.is_reference for t in other.terms] == [False, False, True, False]
    assert (other.terms[2].odds_ratio, other.terms[2].se) == (1.0, None)
    assert other.terms[1].odds_ratio == pytest.approx(1 / first.terms[2].odds_ratio)
    assert (other.terms[1].n, other.terms[1].n_events) == (96, 23)


def test_missing_values_are_dropped_and_counted():
    low = numbers("birthwt", "low").copy()
    age, race = numbers("birthwt", "age").copy(), codes("birthwt", "race").copy()
    low[0], age[0], age[1], race[2] = np.nan, np.nan, np.nan, -1
    predictors = [Predictor("age", age), Predictor("race", race, ("1", "2", "3"))]
    model = logistic(low, predictors)
    assert (model.n_used, model.n_dropped) == (186, 3)
    assert model.dropped_by == {"": 1, "age": 2, "race": 1}
    rest = [Predictor("age", age[3:]), Predictor("race", race[3:], ("1", "2", "3"))]
    assert column(logistic(low[3:], rest), "coefficient") == pytest.approx(
        column(model, "coefficient")
    )


def two_groups(first, second):
    """Outcome and group from (events, non-events) of two groups."""
    y = [1.0] * first[0] + [0.0] * first[1] + [1.0] * second[0] + [0.0] * second[1]
    return np.array(y), np.repeat([0, 1], [sum(first), sum(second)])


def grouped(first, second):
    y, group = two_groups(first, second)
    return logistic(y, [Predictor("g", group, ("a", "b"))])


def test_an_odds_ratio_is_that_of_the_fourfold_table():
    y, group = two_groups((12, 20), (9, 30))
    model = logistic(y, [Predictor("g", group, ("a", "b"))])
    assert model.terms[2].odds_ratio == pytest.approx((9 / 30) / (12 / 20))
    assert model.terms[2].se == pytest.approx(math.sqrt(1 / 12 + 1 / 20 + 1 / 9 + 1 / 30), rel=1e-6)


def test_separation_is_found_and_named():
    y, group = two_groups((6, 9), (7, 0))
    model = logistic(y, [Predictor("g", group, ("a", "b"))])
    assert not model.is_fitted
    assert "separation" in model.warnings
    assert model.culprits == ("g=b",)
    assert all(term.coefficient is None for term in model.terms)
    assert model.pseudo_r2 is None
    perfect = logistic([0, 0, 0, 1, 1], [Predictor("x", np.array([1.0, 2, 3, 4, 5]))])
    assert "separation" in perfect.warnings
    assert "x" in perfect.culprits
    # one respondent across the line and the maximum exists
    crossed = logistic([0, 1, 0, 1, 1], [Predictor("x", np.array([1.0, 2, 3, 4, 5]))])
    assert crossed.is_fitted


def test_collinear_terms_are_named():
    x = np.array([1.0, 2, 3, 4, 5, 6])
    model = logistic([0, 1, 0, 1, 1, 0], [Predictor("x", x), Predictor("twice", 2 * x + 3)])
    assert model.warnings[-1] == "collinear"
    assert model.culprits == ("twice",)
    assert collinear_columns(np.column_stack([np.ones(6), x, np.ones(6) * 7])) == (2,)
    assert separated_columns(np.ones((4, 1)), np.array([0, 1, 0, 1.0])) == ()


def test_small_cells_few_events_and_empty_categories_are_said():
    y, group = two_groups((4, 30), (20, 20))
    model = logistic(y, [Predictor("g", group, ("a", "b", "c"))])
    assert model.warnings == ("empty-category", "small-cells")
    assert model.culprits == ("g=c", "g=a")
    assert terms_behind(model, "empty-category") == ("g=c",)
    assert terms_behind(model, "small-cells") == ("g=a",)
    assert model.is_fitted
    assert model.terms[3].coefficient is None
    assert grouped((5, 5), (5, 5)).warnings == ()
    assert grouped((5, 5), (4, 5)).warnings == ("small-cells", "few-events")


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [([np.nan, np.nan], "no-answers"), ([1, 1], "no-variation"), ([], "no-answers")],
)
def test_outcomes_that_cannot_be_modelled(outcome, reason):
    model = logistic(outcome, [Predictor("x", np.arange(float(len(outcome))))])
    assert not model.is_fitted
    assert model.warnings == (reason,)


def test_too_few_clusters_give_no_errors():
    y, group = two_groups((12, 20), (9, 30))
    model = logistic(y, [Predictor("g", group, ("a", "b"))], clusters=np.zeros(len(y)))
    assert "few-clusters" in model.warnings
    assert model.terms[2].odds_ratio == pytest.approx((9 / 30) / (12 / 20))
    assert model.terms[2].se is None


def test_what_is_no_outcome_is_refused():
    with pytest.raises(ValueError, match="outcome"):
        logistic([0, 2], [])
    with pytest.raises(ValueError, match="not both"):
        logistic([0, 1], [], clusters=np.zeros(2), design=Design(np.ones(2)))


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2)), min_size=4, max_size=40),
    st.integers(2, 9),
)
@settings(deadline=None)
def test_weights_and_order_of_respondents(pairs, factor):
    y, group = np.array(pairs).T
    kept = np.unique(group, return_inverse=True)[1]
    predictor = Predictor("g", kept, tuple("abc"[: kept.max() + 1]))
    plain = logistic(y, [predictor])
    ones = logistic(y, [predictor], design=Design(np.full(len(y), float(factor))))
    turned = logistic(y[::-1], [Predictor("g", kept[::-1], predictor.levels)])
    assert plain.is_fitted == ones.is_fitted == turned.is_fitted
    if plain.is_fitted:
        np.testing.assert_allclose(
            column(ones, "coefficient"), column(plain, "coefficient"), atol=1e-6
        )
        np.testing.assert_allclose(
            column(turned, "coefficient"), column(plain, "coefficient"), atol=1e-6
        )
    else:
        assert set(plain.warnings) == set(turned.warnings) == set(ones.warnings)
