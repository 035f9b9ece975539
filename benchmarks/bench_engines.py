"""The same tables from one Parquet file in memory, by DuckDB and by Spark."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.bench_counting import requests, workload
from benchmarks.make_data import Shape, make
from benchmarks.timing import interleaved, markdown, number, ratios
from evaluation.loading.engines import count_on, write_coded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.counting.spec import CountRequest, Counts

SPARK = {"spark.master": "local[*]", "spark.sql.shuffle.partitions": "4"}

MOST_FOR_SPARK = 100
"""Tables; more would take many minutes on one machine."""


def installed() -> list[str]:
    """Return the engines that can run here."""
    found = ["memory"]
    if importlib.util.find_spec("duckdb"):
        found.append("duckdb")
    if importlib.util.find_spec("pyspark") and shutil.which("java"):
        found.append("spark")
    return found


def engine_table(people: int, rounds: int, names: Sequence[str] = ()) -> str:
    """Return a row per engine, a column per workload: ratio to memory and seconds."""
    shape = Shape(people)
    banner = workload(shape, "b")
    works = {
        "40 one-way": workload(shape, "a")[1::5] + workload(shape, "a")[3::5],
        "20 crosstabs": banner[:160:10] + banner[800:840:10],
        "1 000 crosstabs": banner,
    }
    wanted = [engine for engine in installed() if not names or engine in names]
    rows: dict[str, list[str]] = {engine: [engine] for engine in wanted}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.parquet"
        write_coded(make(shape), path)
        for pairs in works.values():
            asked = requests(pairs)
            check(path, asked[:: 1 + len(asked) // 8], wanted)
            engines = [e for e in rows if e != "spark" or len(pairs) <= MOST_FOR_SPARK]
            tasks = {e: ((lambda e=e, r=asked: run(e, path, r)), 1.0) for e in engines}
            timed = interleaved(tasks, rounds)
            relative = ratios(timed, "memory")
            for engine, row in rows.items():
                cell = ""
                if engine in timed:
                    cell = f"{number(relative[engine])} ({number(timed[engine].median)} s)"
                row.append(cell)
    return markdown(["engine", *works], list(rows.values()))


def run(engine: str, path: Path, asked: Sequence[CountRequest]) -> list[Counts]:
    """Count with one engine."""
    return count_on(engine, path, asked, settings=SPARK if engine == "spark" else {})


def check(path: Path, asked: Sequence[CountRequest], engines: Sequence[str]) -> None:
    """Compare engines with memory."""
    expected = run("memory", path, asked)
    for engine in engines:
        for a, b in zip(run(engine, path, asked), expected, strict=True):
            for name in ("n", "wn", "base_n", "base_wn", "base_w2"):
                np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


if __name__ == "__main__":
    print(engine_table(100_000, rounds=1))
