"""Run the benchmarks and write the table that docs/performance.md shows.

    python -m benchmarks.run --small     two minutes on a quiet machine, writes too
    python -m benchmarks.run             some fifteen minutes, up to 1e6 respondents
    python -m benchmarks.run --largest 1e7    some ten minutes more, 12 GB of memory

The page is the text above its first mark, which is written by hand, and below it
what was measured last. Needs the extras ``bench`` and ``spark``; R where it is there.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from benchmarks import bench_counting as counting
from benchmarks import bench_engines as engines
from benchmarks import bench_loading as loading
from benchmarks import bench_report as report
from benchmarks import bench_tables as tables
from benchmarks.timing import machine, number

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


def small() -> list[str]:
    """Return a short version: the report, its tables, and 1 000 crosstabs."""
    wide = counting.compare(50_000, "b", ("pandas.crosstab", "polars", "DuckDB"), rounds=5)
    return [
        "### W1: the bundled report, as processes",
        report.report_table(rounds=5),
        report.NOTE,
        report_part(rounds=7),
        "### (b) 1 000 weighted crosstabs of 50 000 respondents",
        counting.ratio_table({"time": wide}),
        MARK,
        "### Engines",
        ENGINE_NOTE.format(people=20_000),
        engines.engine_table(20_000, rounds=1, names=("memory", "duckdb")),
    ]


def full(largest: int) -> list[str]:
    """Return all parts."""
    sizes = [n for n in SIZES if n <= largest]
    parts = [
        "### W1: the bundled report, as processes",
        report.report_table(rounds=9),
        report.NOTE,
        "### Reading",
        loading.loading_table(rows=45_000, rounds=5),
        report_part(rounds=15),
    ]
    parts += banner_part(sizes)
    parts += others_part(sizes[-1])
    parts += scaling_part([*sizes, *([largest] if largest > sizes[-1] else [])])
    parts += memory_part(sizes[-1])
    parts += tables_part(sizes[1])
    parts += engine_part()
    return parts


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


def engine_part() -> list[str]:
    """Return the engines on a file."""
    return [
        "### Engines",
        ENGINE_NOTE.format(people=ENGINE_PEOPLE),
        engines.engine_table(ENGINE_PEOPLE, rounds=3),
    ]


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
    parser.add_argument("--small", action="store_true", help="two minutes")
    parser.add_argument("--print", action="store_true", help="leave docs/performance.md alone")
    parser.add_argument(
        "--largest", type=lambda text: int(float(text)), default=1_000_000, metavar="N"
    )
    arguments = parser.parse_args()
    if arguments.largest < SIZES[1]:
        parser.error(f"--largest: at least {SIZES[1]:.0e}")
    start = time.perf_counter()
    parts = small() if arguments.small else full(arguments.largest)
    what = "The small version" if arguments.small else "The whole"
    written = page(parts, what, time.perf_counter() - start)
    print(written.partition(BEGIN)[2])
    if not arguments.print:
        PAGE.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
