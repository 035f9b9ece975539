"""The benchmarks count what they say: the generator is steady, peers agree with us."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.bench_counting import ratio_table, requests, sample, workload
from benchmarks.bench_engines import narwhals
from benchmarks.make_data import Shape, make
from benchmarks.peers import flatten, methods
from benchmarks.run import BEGIN, PAGE, page, parts_of, run_part
from benchmarks.timing import Timed, exponent, interleaved, markdown, ratios
from evaluation.counting.count import count
from evaluation.loading.engines import write_coded

SHAPE = Shape(400, singles=6, multiples=2, options=4, backgrounds=3)


@pytest.fixture(scope="module")
def data():
    return make(SHAPE)


def test_the_generator_is_steady(data):
    again, other = make(SHAPE), make(Shape(400, 6, 2, 4, 3, seed=1))
    same = np.array_equal(data.variables["q00"].codes, again.variables["q00"].codes)
    assert same
    assert not np.array_equal(data.variables["q00"].codes, other.variables["q00"].codes)
    assert set(np.unique(data.variables["q00"].codes)) == {-2, -1, 0, 1, 2, 3, 4}
    assert (data.variables["m00"].selected[data.variables["m00"].state < 0] == 0).all()


def test_workloads():
    shape = Shape(10)
    sizes = {part: len(workload(shape, part)) for part in "abc"}
    assert sizes == {"a": 100, "b": 1000, "c": 4950}
    drawn = sample(workload(shape, "b"), 1e3, 10)
    assert len(drawn) == len(set(drawn)) == 100
    assert sum(row[0] == "m" for row, _ in drawn) == 20


WEIGHTED_CELLS = {
    "pandas.crosstab": lambda table: table[1].to_numpy().ravel(),
    "pandas groupby": lambda table: table["sum"],
    "polars": lambda table: table["wn"],
    "DuckDB": lambda rows: [row[-1] for row in rows],
    "pyarrow": lambda table: table["weight_sum"].to_numpy(),
    "numpy.bincount": lambda table: table[1],
    "numba histograms": lambda table: table[1],
    "one-hot product": lambda table: table[1].ravel(),
}
ROUGH = {"one-hot product": 1e-5}
"""Single precision."""


@pytest.mark.parametrize("name", WEIGHTED_CELLS)
def test_peers_count_the_same(name, data):
    """The weighted cells of a single-answer table, in order of size."""
    method = methods(flatten(data), [name]).get(name)
    if method is None:
        pytest.skip(f"{name} is not installed")
    for pair in [("q00", "b1"), ("q02", "")][: 1 if name == "one-hot product" else 2]:
        (ours,) = count(data, requests([pair]))
        (table,) = method([pair])
        cells = np.nan_to_num(np.asarray(WEIGHTED_CELLS[name](table), float))
        found, expected = (np.sort(x[x > 0]) for x in (cells, ours.wn.ravel()))
        np.testing.assert_allclose(found, expected, rtol=ROUGH.get(name, 1e-12))
    assert len(method([("m00", "b0")])) in {1, 2, 4}  # once, n and weights, or per option


@pytest.mark.parametrize("backend", ["duckdb", "polars"])
def test_narwhals_counts_the_same(data, tmp_path, backend):
    pytest.importorskip("narwhals")
    pytest.importorskip(backend)
    path = tmp_path / "answers.parquet"
    write_coded(data, path)
    single, multiple = narwhals(backend, path, [("q00", "b1"), ("m00", "b0")], SHAPE.options)
    (ours,) = count(data, requests([("q00", "b1")]))
    found = np.array([w or 0.0 for w in single["wn"].to_list()])
    found = np.sort(np.nan_to_num(found)[np.nan_to_num(found) > 0])
    np.testing.assert_allclose(found, np.sort(ours.wn[ours.wn > 0]), rtol=1e-12)
    (ours,) = count(data, requests([("m00", "b0")]))
    assert sum(map(int, multiple["n m00.1"].to_list())) == ours.n[1].sum()


def test_the_page_keeps_what_is_written_by_hand():
    before = PAGE.read_text(encoding="utf-8")
    assert before.count(BEGIN) == 1
    by_hand = before.partition(BEGIN)[0]
    written = page(["| new |"], "A test", 3.0)
    assert written.startswith(by_hand)
    assert "A test, 3 s." in written
    assert written.endswith("| new |\n")
    assert PAGE.read_text(encoding="utf-8") == before


def test_timing():
    calls = []
    timed = interleaved(
        {"a": (lambda: calls.append("a"), 1.0), "b": (lambda: calls.append("b"), 0.5)}, 2
    )
    assert "".join(calls) == "ababab"  # the first round is not counted
    assert all(len(one.seconds) == 2 for one in timed.values())
    made = {"compiled": Timed((1.0, 2.0, 4.0)), "x": Timed((3.0, 4.0, 4.0), 0.1)}
    assert ratios(made, "compiled")["x"] == 2.0
    assert exponent([10, 100, 1000], [1, 10, 100]) == pytest.approx(1.0)
    assert markdown(["a", "b"], [[1, 2]]) == "| a | b |\n| --- | ---: |\n| 1 | 2 |"
    assert "| x | 2 (4 s) * |" in ratio_table({"time": made})


def test_a_part_that_fails_is_told_where_its_table_would_stand():
    head, said = run_part("no such part", [], 60)
    assert head == "### no such part"
    assert said.startswith("**Failed**: `")
    assert "--part: one of report, reading" in said


def test_a_part_that_takes_too_long_is_ended_and_told():
    assert run_part("report", ["--small"], 0.2) == [
        "### report",
        "**Not done after 0 s**, and given up.",
    ]


def test_the_full_run_has_all_parts_and_the_largest_size_where_it_is_asked_for():
    full = list(parts_of(1_000_000, small=False))
    assert {"report", "reading", "full banner", "scaling", "memory", "engines"} <= set(full)
    assert set(parts_of(10_000_000, small=False)) - set(full) == {"largest"}
    assert len(parts_of(1_000_000, small=True)) < len(full)
