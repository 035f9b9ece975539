"""Which kernel counts: by name, or by what the work would cost."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from evaluation.counting.composites import WIDEST, Plan
from evaluation.counting.packed import PackedKernel, joint_numpy
from evaluation.counting.plain import PlainKernel
from evaluation.counting.spec import N_MISSING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evaluation.counting.chunks import Chunk, Countable, Pair, Sums
    from evaluation.counting.weights import Scaled

KERNELS = ("auto", "plain", "packed", "compiled")

# Seconds, measured by `python -m benchmarks.kernels` (docs/performance.md). Only
# their rough size matters: every kernel gives the same numbers. Of two values,
# the first is without weights, the second with.
PLAIN_TABLE, PLAIN_RESPONDENT = (15e-6, 25e-6), (12e-9, 30e-9)
"""Per table; per table and respondent."""
PACKED_TABLE, PACKED_PASS, PACKED_DIGIT = 40e-6, 100e-6, 100e-6
"""Per table, joint histogram and variable, however few the respondents."""
PACKED_RESPONDENT, DIGIT_RESPONDENT = (4e-9, 11e-9), 1e-9
"""Per joint histogram and respondent; per variable and respondent, to build the keys."""
COMPILED_RESPONDENT, COMPILED_START = (0.6e-9, 1.2e-9), 1.2
"""Per joint histogram and respondent on two cores; to import numba and load the code."""
NO_QUESTION = 0.02
"""Seconds of plain counting below which nothing else is considered."""


class Kernel(Protocol):
    """Adds up chunks of respondents."""

    def add(self, chunk: Chunk) -> None:
        """Count some respondents more."""

    def tables(self, weights: Scaled | None) -> list[Sums]:
        """Return the tables of all respondents so far, one per pair."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be counted under one mask with one weight.

    Attributes
    ----------
    n
        Number of respondents.
    variables, lowest
        The variables of the pairs, and the lowest kind of missing in each.
    pairs
        Row and column variables, each pair once.
    weighted
        Whether respondents have weights.
    """

    n: int
    variables: Mapping[str, Countable]
    lowest: Mapping[str, int]
    pairs: Sequence[Pair]
    weighted: bool

    def is_wide(self, pair: Pair) -> bool:
        """Tell whether a variable has too many categories to be packed."""
        return any(len(self.variables[n].categories) + N_MISSING > WIDEST for n in pair if n)


def count_work(
    work: Work,
    parts: Iterable[Chunk],
    weights: Scaled | None,
    kernel: str = "auto",
    threads: int | None = None,
) -> dict[Pair, Sums]:
    """Count with the kernel named, or with the cheapest one."""
    if kernel == "plain" or (kernel == "auto" and plain_cost(work, work.pairs) < NO_QUESTION):
        return _add_up([(work.pairs, PlainKernel(work.pairs))], parts, weights)
    wide = [pair for pair in work.pairs if work.is_wide(pair)]
    narrow = [pair for pair in work.pairs if not work.is_wide(pair)]
    plan = Plan(work.variables, work.lowest, narrow, weighted=work.weighted)
    name = cheapest(work, narrow, plan) if kernel == "auto" else kernel
    if name == "plain":
        return _add_up([(work.pairs, PlainKernel(work.pairs))], parts, weights)
    rest: list[tuple[Sequence[Pair], Kernel]] = [(wide, PlainKernel(wide))] if wide else []
    if name == "packed":
        return _add_up([(narrow, PackedKernel(plan, joint_numpy)), *rest], parts, weights)
    from concurrent.futures import ThreadPoolExecutor

    from evaluation.counting.compiled import cores, joint_compiled

    with ThreadPoolExecutor(threads or cores()) as pool:
        return _add_up(
            [(narrow, PackedKernel(plan, joint_compiled, pool.map)), *rest], parts, weights
        )


def _add_up(
    kernels: Sequence[tuple[Sequence[Pair], Kernel]],
    parts: Iterable[Chunk],
    weights: Scaled | None,
) -> dict[Pair, Sums]:
    for chunk in parts:
        for _, kernel in kernels:
            kernel.add(chunk)
    return {
        pair: sums
        for pairs, kernel in kernels
        for pair, sums in zip(pairs, kernel.tables(weights), strict=True)
    }


def plain_cost(work: Work, pairs: Sequence[Pair]) -> float:
    """Estimate the seconds of one histogram per table."""
    return len(pairs) * (PLAIN_TABLE[work.weighted] + work.n * PLAIN_RESPONDENT[work.weighted])


def cheapest(work: Work, pairs: Sequence[Pair], plan: Plan) -> str:
    """Return the kernel that should take the least time for the pairs of a plan."""
    n_passes = len(plan.passes) + len(plan.flag_passes)
    shared = (
        len(pairs) * PACKED_TABLE
        + n_passes * PACKED_PASS
        + plan.n_digits * (PACKED_DIGIT + work.n * DIGIT_RESPONDENT)
    )
    each = work.n * n_passes
    cost = {
        "plain": plain_cost(work, pairs),
        "packed": shared + each * PACKED_RESPONDENT[work.weighted],
    }
    if importlib.util.find_spec("numba") is not None:
        start = 0.0 if "numba" in sys.modules else COMPILED_START
        cost["compiled"] = start + shared + each * COMPILED_RESPONDENT[work.weighted]
    return min(cost, key=lambda name: cost[name])
