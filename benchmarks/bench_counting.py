"""W2 of issue 8: (a) 100 one-way tables, (b) 1 000 crosstabs, (c) 4 950, ours and the peers."""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import random
import resource
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.make_data import Shape, make
from benchmarks.peers import close, flatten, methods
from benchmarks.timing import Timed, exponent, in_process, interleaved, markdown, number, ratios
from evaluation.counting.count import count
from evaluation.counting.spec import CountRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from benchmarks.peers import Method
    from evaluation.coding.data import CodedData

    Pair = tuple[str, str]

KERNELS = ("compiled", "packed", "plain")
BEST = "compiled"
SAMPLE_CELLS = {
    "pandas.crosstab": 2e6,
    "R survey": 1e6,
    "pandas groupby": 2e7,
    "R data.table": 2e7,
    "plain": 5e7,
    "numba histograms": 4e8,
    "one-hot product": 1e99,
}
"""Tables × respondents that a slow method counts per round; the rest is extrapolated."""
OTHER_CELLS = 6e7
MOST = {"pandas.crosstab": 50, "R survey": 50}
"""Tables that take milliseconds each however few the respondents."""
LEAST = 5


def workload(shape: Shape, name: str) -> list[Pair]:
    """Return the tables of part a, b or c."""
    questions = shape.questions
    if name == "a":
        return [(q, "") for q in questions]
    if name == "b":
        return [(q, b) for q in questions for b in shape.background]
    return [(q, r) for i, q in enumerate(questions) for r in questions[i + 1 :]]


def requests(pairs: Iterable[Pair]) -> list[CountRequest]:
    """Return weighted count requests."""
    return [CountRequest(row, column, weight="weight") for row, column in pairs]


def sample(pairs: Sequence[Pair], limit: float, n: int) -> list[Pair]:
    """Draw tables, singles and multiples in proportion, that a slow method can count."""
    wanted = max(LEAST, int(limit / n))
    if wanted >= len(pairs):
        return list(pairs)
    multiple = [p for p in pairs if p[0][0] == "m"]
    single = [p for p in pairs if p[0][0] != "m"]
    share = round(wanted * len(multiple) / len(pairs))
    chance = random.Random(len(pairs))
    return chance.sample(single, wanted - share) + chance.sample(multiple, share)


def tasks(
    data: CodedData, pairs: Sequence[Pair], ready: Mapping[str, Method], most: float = 1e9
) -> dict[str, tuple[Callable[[], object], float]]:
    """Return what to time: our kernels and the peers, on all tables or a sample."""
    found: dict[str, tuple[Callable[[], object], float]] = {}
    for kernel in KERNELS:
        mine = sample(pairs, SAMPLE_CELLS.get(kernel, 1e99), data.n)
        asked = requests(mine)
        found[kernel] = (lambda k=kernel, r=asked: count(data, r, kernel=k)), len(mine) / len(pairs)
    for name, method in ready.items():
        limit = min(SAMPLE_CELLS.get(name, OTHER_CELLS), min(MOST.get(name, 1e9), most) * data.n)
        mine = sample(pairs, limit, data.n)
        found[name] = (lambda m=method, p=mine: m(p)), len(mine) / len(pairs)
    return found


def compare(
    people: int, part: str, peers: Sequence[str], rounds: int, most: float = 1e9
) -> dict[str, Timed]:
    """Time one part at one size; a peer counts ``most`` tables, the rest is extrapolated."""
    shape = Shape(people)
    data = make(shape)
    pairs = workload(shape, part)
    if part == "c":  # where two multiple answers meet, the peers would need a loop of loops
        kept = [pair for pair in pairs if pair[1][0] != "m"]
        pairs = kept
    check(data)
    ready = methods(flatten(data), peers)
    try:
        return interleaved(tasks(data, pairs, ready, most), rounds)
    finally:
        close(ready)


def check(data: CodedData) -> None:
    """Compare our counts with those of numpy on some tables before timing anything."""
    flat = flatten(data)
    pairs = [("q00", "b1"), ("q03", "b2")]
    by_hand = methods(flat, ["numpy.bincount"])["numpy.bincount"](pairs)
    for (row, column), found, (n, wn) in zip(
        pairs, count(data, requests(pairs)), by_hand, strict=True
    ):
        height = len(data.variables[row].categories)  # type: ignore[union-attr]
        width = len(data.variables[column].categories)  # type: ignore[union-attr]
        inside = slice(3, 3 + height), slice(3, 3 + width)
        shape = (-1, int(flat.columns[column].max()) + 4)
        np.testing.assert_array_equal(found.n[:height, :width], n.reshape(shape)[inside])
        np.testing.assert_allclose(found.wn[:height, :width], wn.reshape(shape)[inside], rtol=1e-10)


def report_tables(
    people: int, tables: int, peers: Sequence[str], rounds: int
) -> tuple[dict[str, Timed], int]:
    """Time the tables of an ordinary report, the kernel chosen by itself."""
    shape = Shape(people)
    data = make(shape)
    pairs = workload(shape, "a")[:: 200 // tables] + workload(shape, "b")[:: 2000 // tables]
    asked = requests(pairs)
    found: dict[str, tuple[Callable[[], object], float]] = {
        "auto": ((lambda: count(data, asked)), 1.0)
    }
    ready = methods(flatten(data), peers)
    found |= {name: ((lambda m=method: m(pairs)), 1.0) for name, method in ready.items()}
    try:
        return interleaved(found, rounds), len(pairs)
    finally:
        close(ready)


def ratio_table(results: dict[str, dict[str, Timed]], base: str = BEST) -> str:
    """Return one row per method, one column per size or part."""
    heads = list(results)
    relative = {head: ratios(timed, base) for head, timed in results.items()}
    names = list(dict.fromkeys(name for timed in results.values() for name in timed))
    rows = []
    for name in names:
        cells = []
        for head in heads:
            if name not in results[head]:
                cells.append("")
                continue
            mark = "" if results[head][name].share == 1 else " *"
            seconds = number(results[head][name].median)
            cells.append(f"{number(relative[head][name])} ({seconds} s){mark}")
        rows.append([LABELS.get(name, name), *cells])
    return markdown(["method", *heads], rows)


LABELS = {
    "auto": "**ours**",
    "compiled": "**ours, compiled** (numba)",
    "packed": "**ours, packed** (numpy)",
    "plain": "**ours, plain** (numpy, one histogram a table)",
    "numpy.bincount": "numpy.bincount by hand",
    "numba histograms": "numba, one histogram a table",
    "one-hot product": "numpy, float32 product of one-hot blocks",
    "DuckDB": "DuckDB, a query a table",
    "polars": "polars, lazy queries together",
}


def largest_table(people: int, parts: Sequence[str], rounds: int) -> str:
    """Return seconds of our quick kernels at a size that the peers are not asked for.

    Memory is by how much the peak rises beyond the data while the part is counted.
    """
    shape = Shape(people)
    data = make(shape)
    count(make(Shape(100)), requests(workload(shape, "b")[:5]), kernel=BEST)  # compiles
    held = _forget_peak()
    rows = []
    for part in parts:
        pairs = workload(shape, part)
        asked = requests(pairs)
        for kernel in ("compiled", "packed"):
            before = _forget_peak()
            run = (lambda k=kernel, r=asked: count(data, r, kernel=k)), 1.0
            seconds = interleaved({kernel: run}, rounds)[kernel].median
            extra = _peak() - before
            rows.append(
                [f"({part}) {len(pairs)} tables, {LABELS[kernel]}", number(seconds),
                 number(seconds / people * 1e9), number(extra / 1e6)]
            )  # fmt: skip
    head = ["part and method", "seconds", "ns per respondent", "MB more"]
    return f"The data take {held / 1e9:.1f} GB.\n\n{markdown(head, rows)}"


def scaling_in_people(sizes: Sequence[int], part: str, rounds: int) -> tuple[str, float]:
    """Return seconds of the compiled kernel by number of respondents, and the exponent."""
    seconds = []
    for people in sizes:
        shape = Shape(people)
        data, asked = make(shape), requests(workload(shape, part))
        timed = interleaved({BEST: (lambda d=data, r=asked: count(d, r, kernel=BEST), 1.0)}, rounds)
        seconds.append(timed[BEST].median)
    rows = [
        [f"{n:.0e}", number(s), number(s / n * 1e9)] for n, s in zip(sizes, seconds, strict=True)
    ]
    table = markdown(["respondents", "seconds", "ns per respondent"], rows)
    return table, exponent(sizes[-2:], seconds[-2:])


def scaling_in_tables(people: int, sizes: Sequence[int], rounds: int) -> tuple[str, float]:
    """Return seconds by number of crosstabs (from part c), and the exponent."""
    shape = Shape(people)
    data = make(shape)
    pairs = workload(shape, "c")
    seconds = []
    for size in sizes:
        asked = requests(pairs[:size])
        timed = interleaved({BEST: (lambda r=asked: count(data, r, kernel=BEST), 1.0)}, rounds)
        seconds.append(timed[BEST].median)
    rows = [[n, number(s), number(s / n * 1e3)] for n, s in zip(sizes, seconds, strict=True)]
    return markdown(["crosstabs", "seconds", "ms per crosstab"], rows), exponent(sizes, seconds)


def memory_table(people: int, names: Sequence[str]) -> str:
    """Return the memory that part b takes beyond the data, each method in its own process."""
    rows = []
    for name in names:
        found = json.loads(in_process("benchmarks.bench_counting", str(people), name))
        extra = found["extra"] / people
        rows.append([LABELS.get(name, name), number(found["extra"] / 1e6), number(extra)])
    return markdown(["method", "MB more", "bytes per respondent"], rows)


def memory_of(people: int, name: str) -> dict[str, Any]:
    """Count a tenth of part b and return by how much the peak of memory rose, in bytes."""
    shape = Shape(people)
    data = make(shape)
    pairs = workload(shape, "b")
    if name in KERNELS:
        asked = requests(pairs if name != "plain" else pairs[::10])
        count(make(Shape(100)), requests(pairs[:5]), kernel=name)  # imports and compiles
        before = _forget_peak()
        count(data, asked, kernel=name)
    else:
        method = methods(flatten(data), [name])[name]
        before = _forget_peak()
        method(sample(pairs, 5e7, people))
    return {"extra": _peak() - before}


def _forget_peak() -> int:
    """Let the peak begin at what is held now, where Linux can; return it."""
    gc.collect()
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _peak()


def _peak() -> int:
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    (line,) = (x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Memory of one method on part b.")
    parser.add_argument("people", type=int)
    parser.add_argument("method")
    given = parser.parse_args()
    print(json.dumps(memory_of(given.people, given.method)))
