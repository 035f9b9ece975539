"""The same tables from one Parquet file in memory, by DuckDB and by Spark."""

from __future__ import annotations

import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.bench_counting import requests, sample, workload
from benchmarks.make_data import Shape, make
from benchmarks.timing import interleaved, markdown, number, ratios
from evaluation.loading.engines import count_on, write_coded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from evaluation.counting.spec import CountRequest, Counts

SPARK = {"spark.master": "local[*]", "spark.sql.shuffle.partitions": "4"}

NARWHALS = {"Narwhals on DuckDB": "duckdb", "Narwhals on polars": "polars"}
MOST_FOR_NARWHALS = 40
"""Tables; of more the time is extrapolated."""
MOST_FOR_SPARK = 100
"""Tables; more would take many minutes on one machine."""


def installed() -> list[str]:
    """Return the engines that can run here."""
    found = ["memory"]
    if find_spec("duckdb"):
        found.append("duckdb")
    if find_spec("pyspark") and shutil.which("java"):
        found.append("spark")
    return found


def narwhals(backend: str, path: Path, pairs: Sequence[tuple[str, str]], options: int) -> list[Any]:
    """Ask the same tables through Narwhals, a query a table: n and weighted n, no bases."""
    import narwhals as nw

    frame = nw.scan_parquet(str(path), backend=backend)
    weight = nw.col("weight")
    found = []
    for row, column in pairs:
        keys = [column] if column else []
        if row.startswith("m"):
            names = [f"{row}.{i}" for i in range(options)]
            sums = [nw.col(name).cast(nw.Int64).sum().alias(f"n {name}") for name in names]
            sums += [(nw.col(name) * weight).sum().alias(f"wn {name}") for name in names]
        else:
            keys = [row, *keys]
            sums = [nw.len().alias("n"), weight.sum().alias("wn")]
        asked = frame.group_by(*keys).agg(*sums) if keys else frame.select(*sums)
        found.append(asked.collect(backend="pyarrow"))
    return found


def engine_table(
    people: int, rounds: int, names: Sequence[str] = (), crosstabs: int = 1_000
) -> str:
    """Return a row per engine, a column per workload: ratio to memory and seconds."""
    shape = Shape(people)
    banner = workload(shape, "b")
    works = {
        "40 one-way": workload(shape, "a")[1::5] + workload(shape, "a")[3::5],
        "20 crosstabs": banner[:160:10] + banner[800:840:10],
        f"{number(crosstabs)} crosstabs": banner[:: 1_000 // crosstabs],
    }
    wanted = [engine for engine in installed() if not names or engine in names]
    others = [name for name, backend in NARWHALS.items() if find_spec(backend) is not None]
    rows: dict[str, list[str]] = {engine: [engine] for engine in (*wanted, *others)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.parquet"
        write_coded(make(shape), path)
        for pairs in works.values():
            asked = requests(pairs)
            check(path, asked[:: 1 + len(asked) // 8], wanted)
            engines = [e for e in wanted if e != "spark" or len(pairs) <= MOST_FOR_SPARK]
            tasks: dict[str, tuple[Callable[[], object], float]] = {
                e: ((lambda e=e, r=asked: run(e, path, r)), 1.0) for e in engines
            }
            for name, backend in NARWHALS.items():
                if name in rows:
                    mine = sample(pairs, MOST_FOR_NARWHALS, 1)
                    tasks[name] = (
                        (lambda b=backend, p=mine: narwhals(b, path, p, shape.options)),
                        len(mine) / len(pairs),
                    )
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
