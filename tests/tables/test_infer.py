"""What a table's specification asks for reaches its cells, tests and letters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.coding.data import Categorical
from evaluation.inference.design import Design
from evaluation.inference.intervals import METHODS, interval
from evaluation.inference.multiple import p_adjust
from evaluation.model import Category, RowKind
from evaluation.tables.crosstab_tests import CROSSTAB_TESTS, Sample
from evaluation.tables.infer import with_inference
from evaluation.tables.request import ADJUSTMENTS, INTERVALS, TESTS
from evaluation.tables.spec import TableSpec
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
