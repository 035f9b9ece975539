"""What a table's specification asks for reaches its cells, tests and letters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.coding.data import Categorical, Numeric
from evaluation.inference.design import Design
from evaluation.inference.intervals import METHODS, interval
from evaluation.inference.multiple import p_adjust
from evaluation.model import Category, RowKind
from evaluation.tables.crosstab_tests import CROSSTAB_TESTS, Sample
from evaluation.tables.infer import with_inference
from evaluation.tables.request import ADJUSTMENTS, INTERVALS, TESTS
from evaluation.tables.spec import Percents, TableSpec
from tests.tables.handmade import DATA
from tests.tables.test_build import build


def data_of(counts):
    """Respondents whose crosstab of answer by gender is ``counts``."""
    rows, columns = [], []
    for r, line in enumerate(counts):
        for c, n in enumerate(line):
            rows += [r] * n
            columns += [c] * n
    letters = "abcdefghijklmnopqrstuvwxyz"
    answer = tuple(Category(str(i + 1), f"A{i}") for i in range(len(counts)))
    group = tuple(Category(letters[i], letters[i].upper()) for i in range(len(counts[0])))
    variables = {
        "answer": Categorical("answer", "answer", answer, np.array(rows, dtype=np.int16)),
        "gender": Categorical("gender", "gender", group, np.array(columns, dtype=np.int16)),
    }
    return replace(DATA, n=len(rows), variables=variables, grids={})


def made(counts, **spec):
    data = data_of(counts)
    return with_tests(data, **spec)


def with_tests(data, **spec):
    table = build(TableSpec("s", "answer", by=("gender",), **spec), data)
    return with_inference(table, Sample(data.variables, np.ones(data.n, dtype=bool)))


def test_the_names_that_requests_accept_are_those_that_exist():
    assert set(INTERVALS) == {*METHODS, "none"}
    assert set(TESTS) == {*CROSSTAB_TESTS, "rao-scott"}
    for adjustment in ADJUSTMENTS:
        assert len(p_adjust([0.01, 0.2], adjustment)) == 2


def test_a_table_with_a_zero_gives_the_plain_pearson_value():
    """R: chisq.test(matrix(c(10, 6, 0, 4), 2), correct = FALSE): 5, p = 0.02535."""
    (test,) = made([[10, 0], [6, 4]], tests=("pearson",)).tests
    assert test.statistic == pytest.approx(5)
    assert test.p == pytest.approx(0.0253473186775)
    assert test.base_n == 20


@pytest.mark.parametrize("method", TESTS)
def test_every_test_is_reachable(method):
    (test,) = made([[12, 5], [6, 14]], tests=(method,)).tests
    assert test.base_n == 37
    assert test.p is None or 0 <= test.p <= 1


def test_mcnemar_is_of_the_pairs_that_changed():
    """R: binom.test(12, 16): p = 0.0768127441406."""
    data = data_of([[30, 12], [4, 44]])
    answer = data.variables["answer"]
    same = replace(data.variables["gender"], categories=answer.categories)
    paired = replace(data, variables={"answer": answer, "gender": same})
    (test,) = with_tests(paired, tests=("mcnemar",)).tests
    assert test.p == pytest.approx(0.0768127441406)


def test_mcnemar_is_not_made_of_questions_with_other_options():
    (test,) = made([[30, 12], [4, 44]], tests=("mcnemar",)).tests
    assert (test.p, test.warnings) == (None, ("not-square",))


def test_intervals_are_of_the_column_base():
    table = made([[12, 5], [6, 14]], ci="wilson")
    low, high = interval(12, 18)
    assert table.cells[0][0].ci_low == pytest.approx(100 * float(low))
    assert table.cells[0][0].ci_high == pytest.approx(100 * float(high))


def test_a_small_population_narrows_the_interval():
    """90 answers of 146 asked, 25 yes: R svyciprop logit 22.33 to 33.98 percent."""
    data = data_of([[25], [65]])
    table = build(TableSpec("s", "answer", ci="logit"), data)
    inside = np.ones(data.n, dtype=bool)
    sample = Sample(data.variables, inside, None, 146 / 90)
    cell = with_inference(table, sample).cells[0][0]
    assert cell.ci_low == pytest.approx(22.3265242048)
    assert cell.ci_high == pytest.approx(33.9777825748)


def test_letters_name_the_columns_that_are_exceeded():
    table = made([[40, 10, 38], [10, 40, 12]], compare="bonferroni")
    assert [cell.letters for cell in table.cells[0]] == ["B", "", "B", ""]
    assert [cell.letters for cell in table.cells[1]] == ["", "AC", "", ""]


def test_weights_of_one_give_the_unweighted_interval_of_the_whole():
    """Within a column the design's variance allows for its base being random (R: subset())."""
    data = data_of([[12, 5], [6, 14]])
    spec = TableSpec("s", "answer", by=("gender",), ci="logit")
    inside = np.ones(data.n, dtype=bool)
    plain = with_inference(build(spec, data), Sample(data.variables, inside))
    design = Design(np.ones(data.n))
    weighted = with_inference(build(spec, data), Sample(data.variables, inside, design))
    options = [r for r, row in enumerate(plain.rows) if row.kind is RowKind.OPTION]
    for r in options:
        a, b = plain.cells[r][-1], weighted.cells[r][-1]
        assert a.ci_low == pytest.approx(b.ci_low, abs=1e-9)
        assert a.ci_high == pytest.approx(b.ci_high, abs=1e-9)


def test_intervals_of_many_tables_are_computed_in_one_call(monkeypatch):
    """Intervals of a thousand crosstabs must cost less than counting them."""
    from evaluation.tables import infer

    calls = []

    def counted(*arguments, **options):
        calls.append(1)
        return interval(*arguments, **options)

    monkeypatch.setattr(infer, "interval", counted)
    data = [data_of([[k + 1, 5], [6, 14 - k]]) for k in range(10)]
    spec = TableSpec("s", "answer", by=("gender",), ci="wilson")
    tables = [build(spec, one) for one in data]
    samples = [Sample(one.variables, np.ones(one.n, dtype=bool)) for one in data]
    together = infer.with_inference_all(tables, samples)
    assert len(calls) == 1
    assert together == [with_inference(t, s) for t, s in zip(tables, samples, strict=True)]


def test_weighted_letters_of_a_grid_rest_on_each_items_own_effective_base():
    """Item a is answered with even weights, item b (the last) by one heavy respondent and 49 light.

    60 against 40 percent of 100 each is a difference (z = 2.83); on b's effective base of the
    columns, about 4, it would be none.
    """
    n = 200
    group = np.repeat([0, 1], 100).astype(np.int16)
    a = np.concatenate([np.repeat([0, 1], [60, 40]), np.repeat([0, 1], [40, 60])]).astype(np.int16)
    weights = np.ones(n)
    weights[[0, 100]] = 100.0
    a[[0, 100]] = -1
    b = np.where(np.arange(n) % 2 == 0, 0, 1).astype(np.int16)
    answers = (Category("1", "Ja"), Category("2", "Nej"))
    groups = (Category("a", "A"), Category("b", "B"))
    variables = {
        "a": Categorical("a", "a", answers, a),
        "b": Categorical("b", "b", answers, b),
        "group": Categorical("group", "group", groups, group),
        "w": Numeric("w", "w", weights, np.zeros(n, dtype=np.int8)),
    }
    data = replace(DATA, n=n, variables=variables, grids={"both": ("a", "b")})
    spec = TableSpec("s", "both", by=("group",), weight="w", compare="none")
    sample = Sample(variables, np.ones(n, dtype=bool), Design(weights))
    table = with_inference(build(spec, data), sample)
    lines = {
        (row.variable, row.code): [cell.letters for cell in line]
        for row, line in zip(table.rows, table.cells, strict=True)
        if row.kind is RowKind.OPTION
    }
    assert lines["a", "1"] == ["B", "", ""]
    assert lines["b", "1"] == ["", "", ""]
    assert table.effective_base == (), "a grid has one for each item"
    assert table.item_bases["a"] == pytest.approx((99, 99, 198))
    assert table.item_bases["b"][0] == pytest.approx(199**2 / (99 + 100**2))


def test_clusters_take_letters_away_that_single_answers_would_give():
    """Each respondent four times over is one cluster: the design is worth a quarter."""
    data = data_of([[60, 40], [40, 60]])
    spec = TableSpec("s", "answer", by=("gender",), compare="none")
    inside = np.ones(data.n, dtype=bool)
    simple = with_inference(build(spec, data), Sample(data.variables, inside))
    clustered = Design(np.ones(data.n), clusters=np.arange(data.n) // 4)
    by_design = with_inference(build(spec, data), Sample(data.variables, inside, clustered))
    assert simple.cells[0][0].letters == "B"
    assert by_design.cells[0][0].letters == ""


@pytest.mark.parametrize("percents", ["row", "total"])
def test_letters_compare_columns_whatever_the_percents_are_shares_of(percents):
    table = made([[30, 60], [70, 240]], compare="none", percents=Percents(percents))
    assert [cell.letters for cell in table.cells[0]] == ["B", "", ""]
