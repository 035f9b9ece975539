"""Measure the constants by which ``evaluation.counting.kernels`` chooses a kernel.

    python -m benchmarks.kernels

Prints each constant beside its value in the code. They need to be right to a
factor of two or so; see ``evaluation/counting/kernels.py``.
"""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from benchmarks.make_data import Shape, make
from benchmarks.timing import markdown, number
from evaluation.counting import kernels
from evaluation.counting.chunks import lowest_code
from evaluation.counting.composites import Plan
from evaluation.counting.count import count
from evaluation.counting.spec import CountRequest

if TYPE_CHECKING:
    from evaluation.coding.data import CodedData

    Pair = tuple[str, str]

SMALL, LARGE = 200, 200_000
REPEATS = 5


def seconds(data: CodedData, pairs: list[Pair], weight: str, kernel: str) -> float:
    """Return the least time of some tries."""
    requests = [CountRequest(*pair, weight=weight) for pair in pairs]
    best = float("inf")
    for _ in range(REPEATS):
        start = time.perf_counter()
        count(data, requests, kernel=kernel)
        best = min(best, time.perf_counter() - start)
    return best


def plan_of(data: CodedData, pairs: list[Pair], *, weighted: bool) -> Plan:
    """Return the plan that the packed kernels follow."""
    names = {name for pair in pairs for name in pair}
    variables = {name: data.variables[name] for name in names}
    lowest = {name: lowest_code(variable) for name, variable in variables.items()}  # type: ignore[arg-type]
    return Plan(variables, lowest, pairs, weighted=weighted)  # type: ignore[arg-type]


def measure() -> list[list[str]]:
    """Return rows: constant, without weights, with, and the same in the code."""
    shape = Shape(LARGE)
    small, large = make(Shape(SMALL)), make(shape)
    pairs = [(q, b) for q in shape.questions for b in shape.background][::5]
    found: dict[str, list[float]] = {}
    for weight in ("", "weight"):
        plan = plan_of(large, pairs, weighted=bool(weight))
        passes = len(plan.passes) + len(plan.flag_passes)
        least = seconds(small, pairs, weight, "plain")
        most = seconds(large, pairs, weight, "plain")
        found.setdefault("PLAIN_TABLE", []).append(least / len(pairs))
        found.setdefault("PLAIN_RESPONDENT", []).append((most - least) / len(pairs) / LARGE)
        keys = plan.n_digits * kernels.DIGIT_RESPONDENT
        for kernel in ("packed", "compiled"):
            least = seconds(small, pairs, weight, kernel)
            most = seconds(large, pairs, weight, kernel)
            each = ((most - least) / LARGE - keys) / passes
            found.setdefault(f"{kernel.upper()}_RESPONDENT", []).append(each)
        shared = len(pairs) * kernels.PACKED_TABLE + plan.n_digits * kernels.PACKED_DIGIT
        packed = seconds(small, pairs, weight, "packed")
        found.setdefault("PACKED_PASS", []).append((packed - shared) / passes)
    found["COMPILED_START"] = [start_up()]
    return [
        [name, *(number(value * 1e9) for value in (values * 2)[:2]), _now(name)]
        for name, values in found.items()
    ]


def start_up() -> float:
    """Return the seconds that the first use of the compiled kernel takes, its code being cached."""
    code = """
import time
from benchmarks.make_data import Shape, make
from evaluation.counting.count import count
from evaluation.counting.spec import CountRequest
data = make(Shape(100))
start = time.perf_counter()
count(data, [CountRequest("q00", "b1", weight="weight")], kernel="compiled")
print(time.perf_counter() - start)
"""
    runs = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(3)
    ]
    return min(runs)


def _now(name: str) -> str:
    value = getattr(kernels, name)
    values = value if isinstance(value, tuple) else (value,)
    return " / ".join(number(one * 1e9) for one in values)


if __name__ == "__main__":
    print(markdown(["constant (ns)", "unweighted", "weighted", "in the code"], measure()))
