"""Design-based estimates against R's survey package, and what must hold for all designs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.inference.crosstabs import pearson
from evaluation.inference.design import Design, LonelyPsu, degrees_of_freedom, simple_design
from evaluation.inference.estimation import difference, means, ratio, totals
from evaluation.inference.intervals import METHODS, interval
from evaluation.inference.raoscott import rao_scott
from evaluation.inference.tableshares import multiple_shares, table_shares
from tests.inference.reference import (
    agrees,
    codes,
    data,
    designs,
    has,
    indicators,
    numbers,
    reference,
    shared_cases,
)

NAMES = ("strat", "strat_nofpc", "clus", "weights", "both")
CIPROP = {"logit": "logit", "korn-graubard": "beta", "asin": "asin", "mean": "mean"}


def wide(file):
    return data(file)["sch.wide"] == "Yes"


@pytest.mark.parametrize("name", NAMES)
def test_means_and_design_effects_agree_with_svymean(name):
    file, design = designs()[name]
    found = means(design, indicators(file, "stype"))
    assert agrees(found.value, reference(name, "stype"))
    assert agrees(found.se, reference(name, "stype_se"))
    assert found.df == reference(name, "df")[0]
    if has(name, "stype_deff"):
        assert agrees(found.deff, reference(name, "stype_deff"))


@pytest.mark.parametrize("name", NAMES)
def test_domains_agree_with_subset(name):
    file, design = designs()[name]
    found = means(design, numbers(file, "api00"), wide(file))
    assert agrees(found.value, reference(name, "domain"))
    assert agrees(found.se, reference(name, "domain_se"))
    assert agrees(found.deff, reference(name, "domain_deff"))
    assert found.df == reference(name, "domain_df")[0]
    assert agrees(found.limits(), reference(name, "domain_ci"))
    assert found.n == wide(file).sum()


@pytest.mark.parametrize("name", NAMES)
def test_totals_and_ratios_agree(name):
    file, design = designs()[name]
    found = totals(design, numbers(file, "enroll"))
    assert agrees(found.value, reference(name, "total"))
    assert agrees(found.se, reference(name, "total_se"))
    assert agrees(found.deff, reference(name, "total_deff"))
    found = ratio(design, numbers(file, "meals"), numbers(file, "ell"))
    assert agrees(found.value, reference(name, "ratio"))
    assert agrees(found.se, reference(name, "ratio_se"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", CIPROP)
def test_intervals_agree_with_svyciprop(name, method):
    file, design = designs()[name]
    found = means(design, data(file)["comp.imp"] == "Yes").share_limits(method)
    assert agrees(found, reference(name, f"ci_{CIPROP[method]}"))


@pytest.mark.parametrize("name", NAMES)
def test_korn_graubard_of_a_domain_agrees(name):
    file, design = designs()[name]
    found = means(design, data(file)["comp.imp"] == "Yes", wide(file)).share_limits("korn-graubard")
    assert agrees(found, reference(name, "ci_domain"))


@pytest.mark.parametrize("name", NAMES)
def test_tables_agree_with_svyby(name):
    file, design = designs()[name]
    found = table_shares(design, codes(file, "comp.imp"), 2, codes(file, "stype"), 3)
    assert agrees(found.share, reference(name, "by"))
    # R's errors come group by group
    assert agrees(found.se.T, reference(name, "by_se"))
    assert (found.n == np.bincount(codes(file, "stype"))).all()


@pytest.mark.parametrize("name", NAMES)
def test_rao_scott_agrees_with_svychisq(name):
    file, design = designs()[name]
    rows, columns = codes(file, "stype"), codes(file, "comp.imp")
    second = rao_scott(design, rows, columns)
    assert agrees(second.statistic, reference(name, "chisq_F"))
    assert agrees([second.df, second.df2], reference(name, "chisq_F_df"))
    assert agrees(second.p, reference(name, "chisq_F_p"))
    first = rao_scott(design, rows, columns, statistic="Chisq")
    assert agrees(first.statistic, reference(name, "chisq_Chisq"))
    assert agrees(first.df, reference(name, "chisq_Chisq_df"))
    assert agrees(first.p, reference(name, "chisq_Chisq_p"))
    part = rao_scott(design, np.where(wide(file), rows, -1), columns)
    assert agrees(part.statistic, reference(name, "chisq_domain"))
    assert agrees(part.p, reference(name, "chisq_domain_p"))


def test_difference_of_domains_agrees_with_svycontrast():
    file, design = designs()["clus"]
    found = difference(design, numbers(file, "api00"), wide(file), ~wide(file))
    assert agrees(found.value, reference("clus", "difference"))
    assert agrees(found.se, reference("clus", "difference_se"))


@pytest.mark.parametrize(
    ("how", "name"),
    [
        (LonelyPsu.CERTAINTY, "certainty"),
        (LonelyPsu.CENTERED, "adjust"),
        (LonelyPsu.AVERAGE, "average"),
    ],
)
def test_single_clusters_agree_with_the_options_of_r(how, name):
    school = data("apiclus1")["dnum"]
    part = np.where(school == "61", "a", np.where(school == "135", "b", "c"))
    design = Design(numbers("apiclus1", "pw"), strata=part, clusters=school, lonely=how)
    assert agrees(means(design, numbers("apiclus1", "api00")).se, reference("lonely", name))
    assert agrees(
        totals(design, numbers("apiclus1", "enroll")).se, reference("lonely", f"{name}_total")
    )
    assert design.warnings == ("single-psu-stratum",)


@pytest.mark.parametrize("case", shared_cases("svymean"))
def test_svymean_of_the_shared_reference(case):
    name, column = {
        "strat-awards": ("strat", "awards"), "strat-api00": ("strat", "api00"),
        "clus1-schwide": ("clus", "sch.wide"), "clus1-stype": ("clus", "stype"),
    }[case["id"]]  # fmt: skip
    file, design = designs()[name]
    y = numbers(file, column) if column == "api00" else indicators(file, column)
    found = means(design, y)
    assert agrees(found.value, case["estimate"])
    assert agrees(found.se, case["se"])
    assert agrees(found.deff, case["deff"])


@pytest.mark.parametrize("case", shared_cases("svyciprop"))
def test_svyciprop_of_the_shared_reference(case):
    method = {"beta": "korn-graubard", "xlogit": "logit"}.get(case["method"], case["method"])
    if case["id"].startswith("srs"):
        limits = interval(25, 90, method, population=146)
    else:
        name, column = ("strat", "awards") if "strat" in case["id"] else ("clus", "both")
        file, design = designs()[name]
        limits = means(design, data(file)[column] == "Yes").share_limits(method)
    assert agrees(limits, case["ci"])


@pytest.mark.parametrize("case", shared_cases("svychisq"))
def test_svychisq_of_the_shared_reference(case):
    file, design = designs()["strat" if "strat" in case["id"] else "clus"]
    rows, columns = (codes(file, v.strip()) for v in case["formula"][1:].split("+"))
    found = rao_scott(design, rows, columns, statistic=case["statistic_arg"])
    assert agrees([found.statistic, found.p], [case["statistic"], case["p"]])
    assert agrees([found.df, found.df2][: len(case["parameter"])], case["parameter"])


@pytest.mark.parametrize("case", shared_cases("svytotal"))
def test_svytotal_of_the_shared_reference(case):
    file, design = designs()["strat"]
    found = totals(design, numbers(file, "enroll"))
    # the yaml prints twelve digits of weights that the file gives with fifteen
    assert agrees([found.value, found.se], [case["estimate"], case["se"]])


# --- what must hold ---------------------------------------------------------------------------


@st.composite
def samples(draw):
    """A small design of any kind, with answers and columns."""
    n = draw(st.integers(2, 30))

    def some(least, most):
        return np.array(draw(st.lists(st.integers(least, most), min_size=n, max_size=n)))

    weights = some(1, 9).astype(float) / draw(st.sampled_from([1, 3]))
    strata = some(0, 2) if draw(st.booleans()) else None
    clusters = some(0, 5) if draw(st.booleans()) else None
    fpc = np.full(n, 40.0) if draw(st.booleans()) else None
    design = Design(weights, strata=strata, clusters=clusters, fpc=fpc)
    return design, some(-1, 2), some(-1, 1)


@given(samples())
@settings(deadline=None)
def test_shares_of_a_table_are_the_means_of_its_columns(sample):
    design, rows, columns = sample
    found = table_shares(design, rows, 3, columns, 2)
    chosen = rows[:, np.newaxis] == np.arange(3)
    multiple = multiple_shares(design, chosen, rows >= 0, columns, 2)
    for j in range(2):
        domain = (rows >= 0) & (columns == j)
        alone = means(design, chosen, domain)
        assert found.n[j] == alone.n
        assert found.df[j] == alone.df
        if alone.value is None:
            assert (found.share[:, j] == 0).all()
            continue
        assert np.allclose(found.share[:, j], alone.value)
        assert np.allclose(found.share[:, j].sum(), 1)
        if alone.se is not None:
            assert np.allclose(found.se[:, j], alone.se, atol=1e-9)
    assert np.allclose(multiple.share, found.share)
    assert np.allclose(multiple.se, found.se, atol=1e-12)


@given(samples(), st.integers(2, 50))
@settings(deadline=None)
def test_scaling_of_weights_and_order_of_respondents_change_nothing(sample, factor):
    design, rows, columns = sample
    order = np.arange(design.n)[::-1]

    def pick(labels):
        return None if labels is None else labels[order]

    scaled = Design(design.weights * factor, design.strata, design.clusters, design.fpc)
    turned = Design(
        design.weights[order], pick(design.strata), pick(design.clusters), pick(design.fpc)
    )
    one = table_shares(design, rows, 3, columns, 2)
    for other in (
        table_shares(scaled, rows, 3, columns, 2),
        table_shares(turned, rows[order], 3, columns[order], 2),
    ):
        assert np.allclose(one.share, other.share)
        assert np.allclose(one.se, other.se, atol=1e-10)
        assert (one.df == other.df).all()
        assert np.allclose(one.effective_n, other.effective_n)
    first = rao_scott(design, rows, columns)
    again = rao_scott(scaled, rows, columns)
    assert first.warnings == again.warnings
    if first.p is not None:
        assert again.p == pytest.approx(first.p, rel=1e-6, abs=1e-9)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), min_size=3, max_size=40))
@settings(deadline=None)
def test_weights_of_one_are_no_weights(pairs):
    rows, columns = np.array(pairs).T
    design = simple_design(len(rows))
    table = np.zeros((3, 2))
    np.add.at(table, (rows, columns), 1)
    found = table_shares(design, rows, 3)
    counts = table.sum(axis=1)
    for method in METHODS:
        low, high = found.limits(method)
        assert np.allclose((low[:, 0], high[:, 0]), interval(counts, len(rows), method), atol=1e-8)
    weighted, plain = rao_scott(design, rows, columns), pearson(table)
    # with empty cells the correction differs, and a perfect association has none (R: NaN)
    if not table[table.sum(axis=1) > 0].all():
        return
    assert (weighted.p is None) == (plain.p is None)
    if plain.statistic:
        # F of unweighted data is X²/df up to the divisor n - 1 of the variance
        n = len(rows)
        assert weighted.statistic == pytest.approx(plain.statistic / plain.df * (n - 1) / n)
        assert weighted.df == pytest.approx(plain.df)
        assert weighted.effect == pytest.approx(plain.effect)


@given(samples(), st.integers(2, 4))
@settings(deadline=None)
def test_duplicating_respondents_within_clusters_changes_no_share_and_no_error(sample, times):
    design, rows, _ = sample
    clusters = np.arange(design.n) if design.clusters is None else design.clusters

    def repeated(labels):
        return None if labels is None else np.repeat(labels, times)

    once = Design(design.weights, design.strata, clusters, design.fpc)
    often = Design(
        repeated(design.weights), repeated(design.strata), repeated(clusters), repeated(design.fpc)
    )
    one, more = table_shares(once, rows, 3), table_shares(often, repeated(rows), 3)
    assert np.allclose(one.share, more.share)
    assert np.allclose(one.se, more.se, atol=1e-10)
    assert (one.df == more.df).all()


# --- degenerate input ------------------------------------------------------------------------


def test_no_respondents():
    empty = Design(np.zeros(0))
    assert means(empty, np.zeros((0, 2))).warnings == ("no-answers",)
    found = table_shares(empty, np.zeros(0, int), 3, np.zeros(0, int), 2)
    assert found.share.shape == (3, 2)
    assert found.warnings == ("no-answers",)
    assert [limits.tolist() for limits in found.limits()] == [[[0, 0]] * 3, [[1, 1]] * 3]
    assert rao_scott(empty, [], []).warnings == ("no-answers",)
    assert degrees_of_freedom(empty) == 0


def test_a_perfect_association_has_no_rao_scott_correction():
    outcome = rao_scott(simple_design(4), [0, 0, 1, 1], [1, 1, 0, 0])
    assert (outcome.p, outcome.warnings) == (None, ("no-standard-error",))


def test_all_weights_zero():
    design = Design(np.zeros(4))
    found = means(design, [1, 0, 1, 1])
    assert (found.value, found.se, found.warnings) == (None, None, ("weights-all-zero",))
    assert table_shares(design, [0, 1, 0, 1], 2).share.tolist() == [[0], [0]]
    assert design.warnings == ("weights-all-zero",)
    assert rao_scott(design, [0, 1, 0, 1], [0, 0, 1, 1]).p is None


def test_one_cluster_gives_no_error():
    design = Design(np.ones(6), clusters=np.zeros(6))
    found = means(design, [1, 0, 0, 1, 0, 0])
    assert found.value.tolist() == pytest.approx([1 / 3])
    assert found.se is None
    assert "no-standard-error" in found.warnings
    outcome = rao_scott(design, [1, 0, 0, 1, 0, 0], [0, 1, 0, 1, 0, 1])
    assert outcome.p is None
    assert outcome.warnings == ("single-psu-stratum", "no-standard-error")


def test_one_cluster_in_a_stratum_is_said_or_refused():
    parts = np.array([0, 0, 0, 1, 1, 1, 1])
    schools = np.array([0, 0, 0, 1, 1, 2, 2])
    y = np.array([1, 0, 1, 1, 0, 0, 0])
    cautious = means(Design(np.ones(7), strata=parts, clusters=schools), y)
    assert cautious.warnings == ("single-psu-stratum",)
    assert cautious.se[0] > 0
    strict = Design(np.ones(7), strata=parts, clusters=schools, lonely=LonelyPsu.FAIL)
    refused = means(strict, y)
    assert refused.se is None
    assert refused.warnings == ("single-psu-stratum", "no-standard-error")
    assert table_shares(strict, y, 2).limits() is None
    # drawn with certainty by its fpc, it is no problem
    census = Design(np.ones(7), strata=parts, clusters=schools, fpc=np.where(parts == 0, 1.0, 9.0))
    assert census.warnings == ()


def test_every_stratum_with_one_cluster_and_average():
    labels = np.array([0, 0, 1, 1])
    design = Design(np.ones(4), strata=labels, clusters=labels, lonely=LonelyPsu.AVERAGE)
    assert means(design, [1, 0, 1, 1]).se is None


def test_one_category():
    design = simple_design(5, 20)
    found = means(design, np.ones(5))
    assert (found.value[0], found.se[0], found.deff[0]) == (1, 0, 1)
    low, high = found.share_limits()
    assert 0.4 < low[0] < 1
    assert high[0] == 1
    assert rao_scott(design, [0] * 5, [0, 1, 0, 1, 1]).warnings == ("too-few-categories",)


def test_a_census_has_no_error():
    design = simple_design(5, 5)
    found = means(design, [1, 0, 0, 1, 1])
    assert found.se[0] == 0
    assert [limit[0] for limit in found.share_limits()] == [0.6, 0.6]


def test_missing_answers_are_outside_the_base():
    design = simple_design(4)
    found = means(design, [1, np.nan, 0, 1])
    assert found.n == 3
    assert found.value[0] == pytest.approx(2 / 3)
    assert ratio(design, [1, 2, 3, 4], [0, 0, 0, 0]).value is None


def test_what_is_wrong_with_an_fpc_is_said():
    strata = np.array([0, 0, 1, 1])
    assert Design(np.ones(4), strata=strata, fpc=np.array([9, 8, 7, 7])).warnings == (
        "fpc-varies-in-stratum",
    )
    assert Design(np.ones(4), strata=strata, fpc=np.array([9, 9, 1, 1])).warnings == (
        "fpc-smaller-than-sample",
    )
    fractions = Design(np.ones(4), strata=strata, fpc=np.array([0.5, 0.5, 1, 1]))
    assert fractions.layout.unsampled.tolist() == [0.5, 0]


@pytest.mark.parametrize("weights", [[1, -1], [1, float("nan")], [[1, 1]]])
def test_impossible_weights_are_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        Design(np.array(weights, dtype=float))


def test_lengths_are_checked():
    with pytest.raises(ValueError, match="per respondent"):
        Design(np.ones(3), strata=np.zeros(2))
    with pytest.raises(ValueError, match="respondent"):
        means(simple_design(3), [1, 0])
    with pytest.raises(ValueError, match="fpc"):
        Design(np.ones(2), fpc=np.array([1.0, 0.0]))


def test_inputs_are_left_alone():
    rows, columns = np.array([0, 1, -1, 1]), np.array([1, 0, 1, -1])
    weights = np.array([1.0, 2, 3, 4])
    before = rows.copy(), columns.copy(), weights.copy()
    table_shares(Design(weights), rows, 2, columns, 2)
    rao_scott(Design(weights), rows, columns)
    for array, copy in zip((rows, columns, weights), before, strict=True):
        assert (array == copy).all()
