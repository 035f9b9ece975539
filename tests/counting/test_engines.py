"""DuckDB and Spark against the in-memory counts, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from evaluation.coding.evaluate import EvaluationError, mask
from evaluation.counting.count import count
from evaluation.counting.engines.count import count_with_engine
from evaluation.counting.engines.duckdb import DuckDBEngine
from evaluation.counting.engines.source import (
    DUCKDB,
    SPARK,
    NumberColumn,
    SingleColumn,
    Source,
    coded_source,
)
from evaluation.counting.spec import CountRequest
from evaluation.expressions import parse
from tests.counting.check import assert_equal
from tests.counting.make import categories, multiple, number, random_survey, single, survey, surveys
from tests.counting.test_count import every_request

EXPRESSIONS = [
    's0 == "1"',
    "s1 != 2",
    "not s1 == 2",
    "s2 > 3 and s1 <= 2",
    "s2 in (1, 2, 5)",
    "s2 not in (1, 2, 5)",
    '"1" in m0',
    '"1" not in m1',
    "m1 in (0, 2)",
    "m1 not in (0, 2)",
    "not m1 in (0, 2)",
    "answered(m0) or missing(s0)",
    "w > 1.5",
    "not w > 1.5",
    "w in (1, 2) or w not in (3)",
    "w == ones",
    "w >= ones",
    "s1 == s2",
    "s1 < s2",
    "s1 == s1",
    "s0 == 9",
    "0 < s2 < 4",
]


def columns_of(data) -> dict[str, np.ndarray]:
    """Coded answers as a flat table, written out independently of the loading room."""
    flat = {}
    for v in data.variables.values():
        if hasattr(v, "codes"):
            flat[v.id] = v.codes
        elif hasattr(v, "selected"):
            flat |= {f"{v.id}.{i}": v.selected[:, i].copy() for i in range(v.selected.shape[1])}
            flat[f"{v.id}.state"] = v.state
        else:
            flat[v.id] = v.values
    return flat


@pytest.fixture(scope="module")
def duck():
    duckdb = pytest.importorskip("duckdb")
    connection = duckdb.connect()
    yield connection
    connection.close()


def in_duckdb(connection, data):
    pyarrow = pytest.importorskip("pyarrow")
    connection.register("answers", pyarrow.table(columns_of(data)))
    return DuckDBEngine(connection), coded_source(data, "answers")


@given(data=surveys())
@settings(max_examples=6, deadline=None)
def test_duckdb_equals_memory(duck, data):
    requests = every_request(data)[:: 1 + data.n % 7]
    engine, source = in_duckdb(duck, data)
    assert_equal(count_with_engine(engine, source, requests), count(data, requests), rtol=0)


def test_duckdb_equals_memory_on_more(duck):
    data = random_survey(3, 5000, (2, 5, 7, 21), (3, 8, 20))
    requests = every_request(data, weights=("", "w"))
    engine, source = in_duckdb(duck, data)
    assert_equal(count_with_engine(engine, source, requests), count(data, requests), rtol=0)


def filtered(data, connect):
    """Return the tables under every filter, by the engine and in memory."""
    expressions = {text: parse(text) for text in EXPRESSIONS}
    masks = {text: mask(tree, data.variables, data.n) for text, tree in expressions.items()}
    requests = [CountRequest("s0", "", text, "w") for text in EXPRESSIONS]
    requests += [CountRequest("m0", "s1", text) for text in EXPRESSIONS[:3]]
    engine, source = connect(data)
    return count_with_engine(engine, source, requests, expressions), count(data, requests, masks)


def test_filters_mean_the_same(duck):
    found, expected = filtered(random_survey(4, 700), lambda data: in_duckdb(duck, data))
    assert_equal(found, expected, rtol=0)
    assert len({c.base_n[0] for c in expected}) > 10  # the filters do differ


def test_filters_that_do_not_fit(duck):
    engine, source = in_duckdb(duck, random_survey(4, 10))
    for text in ("nothing == 1", "m0 == 1", 'w == "much"', "s0 == w", "s1 < maybe", "col:x == 1"):
        with pytest.raises(EvaluationError):
            count_with_engine(engine, source, [CountRequest("s0", "", "f")], {"f": parse(text)})


def test_programming_errors(duck):
    engine, source = in_duckdb(duck, random_survey(4, 10))
    for request, error in [
        (CountRequest("nothing"), KeyError),
        (CountRequest("w"), TypeError),
        (CountRequest("s0", weight="s1"), TypeError),
        (CountRequest("s0", mask="f"), KeyError),
    ]:
        with pytest.raises(error):
            count_with_engine(engine, source, [request])


def test_answers_as_exported(duck):
    """A column of labels needs no coding beforehand; odd names and texts are quoted."""
    pyarrow = pytest.importorskip("pyarrow")
    labels = ["Ja", "Nej", "Kanske'; --", 'Vet "inte"', None, "något annat"]
    codes = {"Ja": 0, "Nej": 1, "Kanske'; --": 2, 'Vet "inte"': -2}
    order = np.random.default_rng(0).integers(0, len(labels), 500)
    weights = np.linspace(0, 3, 500)
    duck.register(
        "labels",
        pyarrow.table({'Fråga "1"': [labels[i] for i in order], "vikt": weights}),
    )
    variables = {
        "q": SingleColumn(categories(3), 'Fråga "1"', codes),
        "w": NumberColumn("vikt"),
    }
    coded = [codes.get(labels[i], -1 if labels[i] is None else -3) for i in order]
    data = survey(500, single("q", coded, 3), number("w", weights))
    requests = [CountRequest("q", "q", weight="w"), CountRequest("q", "", "f")]
    found = count_with_engine(
        DuckDBEngine(duck), Source("labels", variables), requests, {"f": parse("q > 0")}
    )
    assert_equal(found, count(data, requests, {"f": data.variables["q"].codes > 0}), rtol=0)


class Recorder:
    """An engine that notes what it is asked and how much it answers."""

    def __init__(self, engine):
        self.engine, self.dialect, self.at_once, self.asked = engine, engine.dialect, 1, []

    def rows(self, query):
        found = self.engine.rows(query)
        self.asked.append((query, len(found)))
        return found


def test_only_counts_of_the_tables_asked_for_leave(duck):
    data = random_survey(5, 4000, (5, 5, 5, 5), (8,))
    engine, source = in_duckdb(duck, data)
    recorder = Recorder(engine)
    requests = [CountRequest("s0", "s1"), CountRequest("m0", "s1"), CountRequest("s2", "s3")]
    found = count_with_engine(recorder, source, requests)
    cells = sum(np.count_nonzero(c.n) for c in found)
    # Beside a cell of every table: respondents who did not choose an option, and who answered.
    assert sum(n for _, n in recorder.asked) <= cells + 8 * 8 + 8
    text = " ".join(query for query, _ in recorder.asked)
    assert '"w"' not in text  # columns that no table needs are not read
    assert len(recorder.asked) == 2


def test_several_queries_at_a_time(duck):
    """As for Spark; DuckDB takes it from cursors of one connection."""
    data = random_survey(6, 500, (3,) * 12, (4, 9))
    _, source = in_duckdb(duck, data)

    class Many:
        dialect, at_once = DUCKDB, 4

        def rows(self, query):
            return duck.cursor().execute(query).fetchall()

    duck.execute("CREATE OR REPLACE TABLE kept AS SELECT * FROM answers")
    requests = every_request(data, weights=("w",))[::3]
    found = count_with_engine(Many(), Source("kept", source.variables), requests)
    assert_equal(found, count(data, requests), rtol=0)


def test_literals_and_names():
    assert DUCKDB.literal("it's \\ so") == "'it''s \\ so'"
    assert SPARK.literal("it's \\ so") == r"'it\'s \\ so'"
    assert DUCKDB.name('a"b') == '"a""b"'
    assert SPARK.name("a`b") == "`a``b`"
    assert DUCKDB.literal(-3) == "-3"


def test_an_empty_survey(duck):
    data = survey(0, single("s", [], 2), multiple("m", np.zeros((0, 2)), []), number("w", []))
    engine, source = in_duckdb(duck, data)
    requests = [CountRequest("s", "m", weight="w"), CountRequest("m")]
    assert_equal(count_with_engine(engine, source, requests), count(data, requests), rtol=0)
