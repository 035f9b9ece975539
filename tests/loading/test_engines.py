"""Coded answers as Parquet, and every engine on them."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
from dataclasses import replace

import numpy as np
import pytest

from evaluation.coding.data import Categorical, FreeText, MultiResponse, Numeric
from evaluation.counting.count import count
from evaluation.counting.spec import CountRequest
from evaluation.expressions import parse
from evaluation.loading.engines import (
    ENGINES,
    UnknownEngineError,
    count_on,
    read_coded,
    read_source,
    write_coded,
)
from tests.counting.check import assert_equal
from tests.counting.make import random_survey, survey
from tests.counting.test_count import every_request
from tests.counting.test_engines import EXPRESSIONS

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
needs_duckdb = pytest.mark.skipif(
    importlib.util.find_spec("duckdb") is None, reason="duckdb is not installed"
)
needs_spark = pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None or shutil.which("java") is None,
    reason="pyspark or Java is not installed",
)


@pytest.fixture(scope="module")
def data():
    made = random_survey(11, 3000, (2, 5, 7, 200), (3, 8, 20))
    scale = replace(made.variables["s2"], ordered=True, off_scale=frozenset({6}))
    words = FreeText("t", "t", np.resize(np.array([0, -1, -2], np.int8), 3000))
    return survey(3000, *(made.variables | {"s2": scale}).values(), words)


@pytest.fixture(scope="module")
def file(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("coded") / "answers.parquet"
    write_coded(data, path)
    return path


def wanted():
    expressions = {text: parse(text) for text in [*EXPRESSIONS, "answered(t)"]}
    requests = [CountRequest("m1", "s1", text, "w") for text in expressions]
    pairs = [("s0", ""), ("s1", "s2"), ("m2", "s0"), ("s1", "m1"), ("m0", "m1"), ("s3", "s0")]
    requests += [CountRequest(*pair, weight=weight) for pair in pairs for weight in ("", "w")]
    return requests, expressions


def test_written_and_read_again(data, file):
    again = read_coded(file)
    assert list(again.variables) == list(data.variables)
    for a, b in zip(again.variables.values(), data.variables.values(), strict=True):
        assert type(a) is type(b)
        assert (a.id, a.question) == (b.id, b.question)
        match a:
            case Categorical():
                np.testing.assert_array_equal(a.codes, b.codes)
                assert a.codes.dtype == np.int16
                assert (a.categories, a.ordered) == (b.categories, b.ordered)
                assert a.off_scale == b.off_scale
            case MultiResponse():
                np.testing.assert_array_equal(a.selected, b.selected)
            case Numeric():
                np.testing.assert_array_equal(a.values, b.values)
        if not isinstance(a, Categorical):
            np.testing.assert_array_equal(a.state, b.state)
            assert a.state.dtype == np.int8
    assert again.intake.counts == data.intake.counts
    assert again.n == data.n
    assert list(read_coded(file, ["s1", "w"]).variables) == ["s1", "w"]
    with pytest.raises(KeyError):
        read_coded(file, ["nothing"])


def test_the_same_answers_give_the_same_bytes(data, file, tmp_path):
    write_coded(data, tmp_path / "again.parquet")
    assert (tmp_path / "again.parquet").read_bytes() == file.read_bytes()
    assert [p.name for p in tmp_path.iterdir()] == ["again.parquet"]


def test_another_parquet_file_is_refused(tmp_path):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    with pytest.raises(ValueError, match="no coded answers"):
        read_source(tmp_path / "other.parquet", "x")


@pytest.mark.parametrize("engine", ["memory", pytest.param("duckdb", marks=needs_duckdb)])
def test_counts_are_those_of_memory(engine, data, file):
    requests, expressions = wanted()
    expected = count_on("memory", data, requests, expressions, {"kernel": "plain"})
    for answers in (data, file):
        found = count_on(engine, answers, requests, expressions, {"threads": "2"})
        assert_equal(found, expected, rtol=0)


@pytest.mark.slow
@needs_spark
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets to the Java side
def test_counts_are_those_of_memory_on_spark(data, file):
    requests, expressions = wanted()
    requests = requests[::6] + requests[-2:]  # Spark takes its time for each query
    expected = count_on("memory", data, requests, expressions)
    settings = {"spark.master": "local[2]", "spark.sql.shuffle.partitions": "2"}
    for answers in (data, file):
        assert_equal(count_on("spark", answers, requests, expressions, settings), expected, rtol=0)


@pytest.mark.parametrize("engine", ["memory", pytest.param("duckdb", marks=needs_duckdb)])
def test_masks_as_bools(engine, data):
    kept = np.arange(data.n) % 3 == 0
    requests = [CountRequest("s1", "m0", mask, "w") for mask in ("third", "", "large")]
    masks = {"third": kept, "large": parse("w > 1")}
    expected = count(data, requests, {"third": kept, "large": data.variables["w"].values > 1})
    assert_equal(count_on(engine, data, requests, masks), expected, rtol=0)


@needs_duckdb
def test_settings_reach_the_engine(data):
    duckdb = importlib.import_module("duckdb")
    with pytest.raises(duckdb.Error):
        count_on("duckdb", data, [CountRequest("s0")], settings={"no_such_setting": "1"})


def test_only_the_columns_needed_are_read(data, file, monkeypatch):
    read = []
    original = pq.read_table

    def noted(path, columns):
        read.extend(columns)
        return original(path, columns=columns)

    monkeypatch.setattr(pq, "read_table", noted)
    request = [CountRequest("s1", "m0", "f", "w")]
    count_on("memory", file, request, {"f": parse("s2 == 1")})
    assert set(read) == {"s1", "s2", "w", "w.state", "m0.0", "m0.1", "m0.2", "m0.state"}


def test_an_unknown_engine():
    with pytest.raises(UnknownEngineError, match="memory, duckdb, spark"):
        count_on("abacus", random_survey(1, 5), [])
    assert ENGINES == ("memory", "duckdb", "spark")


def test_every_pair_on_duckdb(file, data):
    pytest.importorskip("duckdb")
    requests = [r for r in every_request(data, weights=("w",)) if "s3" not in (r.rows, r.columns)]
    expected = count_on("memory", data, requests)
    assert_equal(count_on("duckdb", file, requests), expected, rtol=0)
