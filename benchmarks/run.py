"""Run the benchmarks and write docs/performance.md.

python -m benchmarks.run --small     about a minute, prints
python -m benchmarks.run             half an hour or more, writes docs/performance.md
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from benchmarks import bench_counting as counting
from benchmarks import bench_engines as engines
from benchmarks.timing import machine, number

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
PEERS = (
    "pandas.crosstab",
    "pandas groupby",
    "polars",
    "DuckDB",
    "pyarrow",
    "numpy.bincount",
    "R data.table",
    "R survey",
)
MARK = "\\* extrapolated from a sample of the tables."
REPORT_PEOPLE, REPORT_TABLES = 893, 40


def small() -> str:
    """Return a short page: a report's tables beside pandas.crosstab, and 1 000 crosstabs."""
    wide = counting.compare(50_000, "b", ("pandas.crosstab", "polars", "DuckDB"), rounds=3)
    return "\n\n".join(
        [
            f"{machine()}.",
            report_part(rounds=7),
            "## 1 000 weighted crosstabs of 50 000 respondents",
            counting.ratio_table({"time": wide}),
            MARK,
        ]
    )


def full(largest: int) -> str:
    """Return the whole page."""
    sizes = [n for n in (10_000, 100_000, 1_000_000) if n <= largest]
    parts = [HEAD, f"{machine()}.", report_part(rounds=15)]
    parts += banner_part(sizes)
    parts += others_part(sizes[-1])
    parts += scaling_part([*sizes, *([largest] if largest > sizes[-1] else [])])
    parts += memory_part(sizes[-1])
    parts += engine_part()
    return "\n\n".join(parts)


def report_part(rounds: int) -> str:
    """Return the tables of an ordinary report beside pandas.crosstab."""
    timed, tables = counting.report_tables(REPORT_PEOPLE, REPORT_TABLES, PEERS, rounds)
    ratio = number(counting.ratios(timed, "auto")["pandas.crosstab"])
    return (
        f"## A report: {tables} weighted tables of {REPORT_PEOPLE} respondents\n\n"
        f"`pandas.crosstab` takes **{ratio} times** as long as ours.\n\n"
        + counting.ratio_table({"time": timed}, "auto")
    )


def banner_part(sizes: list[int]) -> list[str]:
    """Return part (b) by number of respondents."""
    timed = {f"{n:.0e} respondents": counting.compare(n, "b", PEERS, rounds=5) for n in sizes}
    return ["## (b) The full banner: 1 000 weighted crosstabs", counting.ratio_table(timed), MARK]


def others_part(people: int) -> list[str]:
    """Return parts (a) and (c)."""
    timed = {
        "(a) 100 one-way": counting.compare(people, "a", PEERS, rounds=5),
        "(c) 4 760 crosstabs": counting.compare(people, "c", PEERS, rounds=5),
    }
    note = "In (c) the 190 pairs of two multiple answers are left to the next section."
    return [f"## (a) and (c), {people:.0e} respondents", counting.ratio_table(timed), MARK, note]


def scaling_part(sizes: list[int]) -> list[str]:
    """Return time by respondents and by tables."""
    people, slope = counting.scaling_in_people(sizes, "b", 5)
    tables, table_slope = counting.scaling_in_tables(100_000, (50, 200, 1000, 4950), 5)
    return [
        "## Scaling of the compiled kernel",
        f"Part (b): between the two largest sizes, time grows as N to the power **{slope:.2f}**.",
        people,
        f"All pairs of questions, 1e+05 respondents: time grows as T to the **{table_slope:.2f}**.",
        tables,
    ]


def memory_part(people: int) -> list[str]:
    """Return peaks of memory."""
    names = ["compiled", "packed", "plain", "polars", "DuckDB"]
    return [
        "## Memory",
        f"By how much part (b) raises the peak; {people:.0e} respondents, a process per method.",
        counting.memory_table(people, names),
    ]


def engine_part() -> list[str]:
    """Return the engines on a file."""
    return [
        "## Engines",
        ENGINE_NOTE,
        engines.engine_table(ENGINE_PEOPLE, rounds=3),
    ]


ENGINE_PEOPLE = 200_000
ENGINE_NOTE = f"""The same weighted tables from one Parquet file, {ENGINE_PEOPLE:.0e} respondents,
opening included; every number equal to the last bit."""

HEAD = """# Performance

Written by `python -m benchmarks.run`; `python -m benchmarks.run --small` prints a
short version in a minute. Times are medians of at least five rounds (three for
engines); in a round all methods count the same tables one after another, so
that a busy spell meets them all. The ratio is the median over rounds of a
method's time to that of the first row. Ours count n, weighted n, bases and sums
of squared weights with all kinds of missing; the peers n and weighted n alone,
from data laid out for them beforehand. The data are those of issue 8, W2: 80
single-answer questions, 20 multiple ones with 8 options, 10 background
variables, a float weight, one answer in twelve missing (`benchmarks/make_data.py`).
How the kernel works: [method-counting.md](method-counting.md)."""


def main() -> None:
    """Run and print, or write the page."""
    parser = argparse.ArgumentParser(description="Time the counting beside other libraries.")
    parser.add_argument("--small", action="store_true", help="a minute; print only")
    parser.add_argument(
        "--largest", type=lambda text: int(float(text)), default=10_000_000, metavar="N"
    )
    arguments = parser.parse_args()
    start = time.perf_counter()
    page = small() if arguments.small else full(arguments.largest)
    print(page)
    print(f"\n({time.perf_counter() - start:.0f} s)")
    if not arguments.small:
        PAGE.write_text(page + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
