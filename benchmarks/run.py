"""Run the benchmarks and write the table that docs/performance.md shows.

    python -m benchmarks.run --small     a minute on a quiet machine, writes too
    python -m benchmarks.run             some ten minutes, up to 1e6 respondents
    python -m benchmarks.run --largest 1e7    some ten minutes more, 12 GB of memory

Each part is a process of its own, so that one that fails, takes too long or needs too
much memory is told where its table would stand, and the others go on. The page is the
text above its first mark, which is written by hand, and below it what was measured
last. Needs the extras ``bench`` and ``spark``; R where it is there.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import bench_coding as coding
from benchmarks import bench_counting as counting
from benchmarks import bench_engines as engines
from benchmarks import bench_loading as loading
from benchmarks import bench_report as report
from benchmarks import bench_tables as tables
from benchmarks.timing import machine, number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
PEERS = (
    "pandas.crosstab",
    "pandas groupby",
    "polars",
    "DuckDB",
    "pyarrow",
    "numpy.bincount",
    "numba histograms",
    "R data.table",
    "R survey",
)
BEGIN = "<!-- measured: everything below is written by python -m benchmarks.run -->"
MARK = "\\* extrapolated from a sample of the tables."
SIZES = (10_000, 100_000, 1_000_000)
REPORT_PEOPLE, REPORT_TABLES = 893, 40


def parts_of(largest: int, *, small: bool) -> dict[str, Callable[[], list[str]]]:
    """Return what is measured, in order: name of the part -> its paragraphs."""
    if small:
        return {
            "report": lambda: process_part(rounds=5),
            "tables of a report": lambda: [report_part(rounds=7)],
            "full banner": small_banner_part,
            "engines": lambda: engine_part(20_000, 1, ("memory", "duckdb"), crosstabs=200),
        }
    sizes = [n for n in SIZES if n <= largest]
    return {
        "report": lambda: process_part(rounds=9),
        "reading": reading_part,
        "tables of a report": lambda: [report_part(rounds=15)],
        "full banner": lambda: banner_part(sizes),
        "one-way tables and pairs": lambda: others_part(sizes[-1]),
        **({"largest": lambda: largest_part(largest)} if largest > sizes[-1] else {}),
        "scaling": lambda: scaling_part([*sizes, *([largest] if largest > sizes[-1] else [])]),
        "memory": lambda: memory_part(sizes[-1]),
        "intervals and tests": lambda: tables_part(sizes[1]),
        "engines": lambda: engine_part(ENGINE_PEOPLE, rounds=3),
        "coding": lambda: coding_part(ENGINE_PEOPLE),
    }


LIMIT, SMALL_LIMIT = 1_800, 120
"""Seconds after which a part is given up."""


def run_part(name: str, arguments: Sequence[str], limit: float) -> list[str]:
    """Run one part in a process of its own; what goes wrong is a paragraph too."""
    line = [sys.executable, "-m", "benchmarks.run", "--part", name, *arguments]
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            out, said = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            _end(process.pid)
            process.communicate()
            return [f"### {name}", f"**Not done after {limit:.0f} s**, and given up."]
    if process.returncode == 0:
        return [out.strip()]
    reason = (said.strip().splitlines() or [f"status {process.returncode}"])[-1]
    return [f"### {name}", f"**Failed**: `{reason}`"]


def _end(group: int) -> None:
    """End a part with the processes that it has started (R, Java, the product)."""
    if hasattr(os, "killpg"):
        os.killpg(group, signal.SIGKILL)
    else:
        os.kill(group, signal.SIGTERM)


def process_part(rounds: int) -> list[str]:
    """Return commands as whole processes."""
    return [
        "### W1: the bundled report, as processes",
        report.report_table(rounds=rounds),
        report.NOTE,
    ]


def reading_part() -> list[str]:
    """Return reading by format."""
    return ["### Reading", loading.loading_table(rows=45_000, rounds=5)]


def small_banner_part() -> list[str]:
    """Return part (b) beside three peers."""
    peers = ("pandas.crosstab", "polars", "DuckDB")
    wide = counting.compare(20_000, "b", peers, rounds=5, most=100)
    return [
        "### (b) 1 000 weighted crosstabs of 20 000 respondents",
        counting.ratio_table({"time": wide}),
        MARK,
    ]


def largest_part(people: int) -> list[str]:
    """Return (a) and (b) by our kernels alone, once the peers have been met at a smaller size."""
    return [
        f"### {people:.0e} respondents",
        "Our kernels, medians of three rounds; making the data is not timed.",
        counting.largest_table(people, ("a", "b"), rounds=3),
    ]


def report_part(rounds: int) -> str:
    """Return the tables of an ordinary report beside pandas.crosstab."""
    timed, tables = counting.report_tables(REPORT_PEOPLE, REPORT_TABLES, PEERS, rounds)
    ratio = number(counting.ratios(timed, "auto")["pandas.crosstab"])
    return (
        f"### A report: {tables} weighted tables of {REPORT_PEOPLE} respondents\n\n"
        f"`pandas.crosstab` takes **{ratio} times** as long as ours.\n\n"
        + counting.ratio_table({"time": timed}, "auto")
    )


def banner_part(sizes: list[int]) -> list[str]:
    """Return part (b) by number of respondents."""
    every = (*PEERS, "one-hot product")
    timed = {f"{n:.0e} respondents": counting.compare(n, "b", every, rounds=5) for n in sizes}
    return ["### (b) The full banner: 1 000 weighted crosstabs", counting.ratio_table(timed), MARK]


def others_part(people: int) -> list[str]:
    """Return parts (a) and (c)."""
    quick = tuple(name for name in PEERS if name not in {"pandas.crosstab", "R survey"})
    fewer = people // 10
    timed = {
        f"(a) 100 one-way, {people:.0e}": counting.compare(people, "a", quick, rounds=5),
        f"(c) 4 760 crosstabs, {fewer:.0e}": counting.compare(fewer, "c", quick, rounds=5),
    }
    note = "In (c) the 190 pairs of two multiple answers are left to the next section."
    return ["### (a) and (c)", counting.ratio_table(timed), MARK, note]


def scaling_part(sizes: list[int]) -> list[str]:
    """Return time by respondents and by tables."""
    people, slope = counting.scaling_in_people(sizes, "b", 5)
    tables, table_slope = counting.scaling_in_tables(100_000, (50, 200, 1000, 4950), 5)
    return [
        "### Scaling of the compiled kernel",
        f"Part (b): between the two largest sizes, time grows as N to the power **{slope:.2f}**.",
        people,
        f"All pairs of questions, 1e+05 respondents: time grows as T to the **{table_slope:.2f}**.",
        tables,
    ]


def memory_part(people: int) -> list[str]:
    """Return peaks of memory."""
    names = ["compiled", "packed", "plain", "polars", "DuckDB"]
    return [
        "### Memory",
        f"By how much part (b) raises the peak; {people:.0e} respondents, a process per method.",
        counting.memory_table(people, names),
    ]


def tables_part(people: int) -> list[str]:
    """Return what the statistics of (b) cost beside reading the answers."""
    return [
        "### Intervals and tests of (b)",
        f"{people:.0e} respondents, once, all in one process.",
        tables.stage_table(people),
    ]


def engine_part(
    people: int, rounds: int, names: tuple[str, ...] = (), crosstabs: int = 1_000
) -> list[str]:
    """Return the engines on a file."""
    return [
        "### Engines",
        ENGINE_NOTE.format(people=people),
        engines.engine_table(people, rounds, names, crosstabs),
    ]


def coding_part(people: int) -> list[str]:
    """Return coding an export part by part, beside coding it in memory."""
    with tempfile.TemporaryDirectory() as folder:
        table = coding.coding_table(people, Path(folder), in_memory=True)
    return ["### Coding an export part by part, and counting it where it lies", table]


ENGINE_PEOPLE = 200_000
ENGINE_NOTE = """The same weighted tables from one Parquet file, {people:.0e} respondents,
opening included; every number equal to the last bit."""

TITLE = "## Measured by one command"
METHOD = """Times are medians of at least five rounds (three for engines; reading the clock once
for the tables); in a round all methods do the same work one after another, so that a busy
spell meets them all. The ratio is the median over rounds of a method's time to that of the
first row. Ours count n, weighted n, bases and sums of squared weights with all kinds of
missing; the peers n and weighted n alone, from data laid out for them beforehand. The data are
those of issue 8, W2: 80 single-answer questions, 20 multiple ones with 8 options, 10 background
variables, a float weight, one answer in twelve missing (`benchmarks/make_data.py`)."""


def page(parts: list[str], what: str, seconds: float) -> str:
    """Return the page: the text by hand, then what was measured."""
    text = PAGE.read_text(encoding="utf-8").partition(BEGIN)[0].rstrip()
    head = f"{machine()}. {what}, {seconds:.0f} s."
    return "\n\n".join([text, BEGIN, TITLE, head, METHOD, *parts]) + "\n"


def main() -> None:
    """Run, print and write the page."""
    parser = argparse.ArgumentParser(description="Time the product beside other libraries.")
    parser.add_argument("--small", action="store_true", help="a minute")
    parser.add_argument("--print", action="store_true", help="leave docs/performance.md alone")
    parser.add_argument(
        "--largest", type=lambda text: int(float(text)), default=1_000_000, metavar="N"
    )
    parser.add_argument("--part", help="run one part here, and print it")
    parser.add_argument("--limit", type=float, default=0.0, help="seconds for a part")
    given = parser.parse_args()
    if given.largest < SIZES[1]:
        parser.error(f"--largest: at least {SIZES[1]:.0e}")
    parts = parts_of(given.largest, small=given.small)
    if given.part:
        if given.part not in parts:
            parser.error(f"--part: one of {', '.join(parts)}")
        print("\n\n".join(parts[given.part]()))
        return
    start = time.perf_counter()
    limit = given.limit or (SMALL_LIMIT if given.small else LIMIT)
    arguments = ["--largest", str(given.largest), *(["--small"] if given.small else [])]
    found: list[str] = []
    for name in parts:
        print(f"… {name}", file=sys.stderr, flush=True)
        found += run_part(name, arguments, limit)
    what = "The small version" if given.small else "The whole"
    written = page(found, what, time.perf_counter() - start)
    print(written.partition(BEGIN)[2])
    if not given.print:
        PAGE.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
