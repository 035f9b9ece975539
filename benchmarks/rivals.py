"""Other kernels that one could have written, beside which ours is timed.

Both were tried out before the packed keys: one histogram per table in compiled
code, and a matrix product of indicators. They count n and weighted n in plain
floats, without bases and squared weights.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.peers import Flat

    Pair = tuple[str, str]

LOWEST = 3
"""Kinds of missing below zero."""
ROWS = 1 << 15
"""Respondents per matrix product."""


def numba_histograms(flat: Flat) -> Callable[[Sequence[Pair]], list[Any]]:
    """Fill one histogram per table in compiled code, tables in parallel."""
    import numba

    @numba.njit(nogil=True)
    def single(row, column, weight, height, width):  # type: ignore[no-untyped-def]
        n, wn = np.zeros(height * width, np.int64), np.zeros(height * width)
        for i in range(len(row)):
            cell = np.uint64(row[i] + LOWEST) * np.uint64(width) + np.uint64(column[i] + LOWEST)
            n[cell] += 1
            wn[cell] += weight[i]
        return n, wn

    @numba.njit(nogil=True)
    def multiple(chosen, column, weight, width):  # type: ignore[no-untyped-def]
        options = chosen.shape[1]
        n, wn = np.zeros((width, options), np.int64), np.zeros((width, options))
        for i in range(len(column)):
            at = np.uint64(column[i] + LOWEST)
            for k in range(options):
                if chosen[i, k]:
                    n[at, k] += 1
                    wn[at, k] += weight[i]
        return n, wn

    weight = flat.columns["weight"]
    width = {name: int(column.max()) + 1 + LOWEST for name, column in flat.columns.items()}
    chosen = {
        name: np.ascontiguousarray(np.stack([flat.columns[o] for o in options], axis=1))
        for name, options in flat.options.items()
    }
    everyone = np.full(len(weight), -LOWEST, np.int16)

    def count(pair: Pair) -> Any:
        row, column = pair
        by, size = (flat.columns[column], width[column]) if column else (everyone, 1)
        if row in chosen:
            return multiple(chosen[row], by, weight, size)
        return single(flat.columns[row], by, weight, width[row], size)

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2

    def all_of(pairs: Sequence[Pair]) -> list[Any]:
        with ThreadPoolExecutor(cores) as pool:
            return list(pool.map(count, pairs))

    return all_of


def one_hot_product(flat: Flat) -> Callable[[Sequence[Pair]], list[Any]]:
    """Multiply blocks of indicators in single precision: all rows by all columns at once."""
    weight = flat.columns["weight"].astype(np.float32)[:, None]
    width = {name: int(column.max()) + 1 + LOWEST for name, column in flat.columns.items()}

    def block(names: Sequence[str], part: slice) -> np.ndarray:
        columns = []
        for name in names:
            if name in flat.options:
                columns.append(np.stack([flat.columns[o][part] for o in flat.options[name]], 1))
                continue
            codes = flat.columns[name][part] + np.int16(LOWEST)
            columns.append(codes[:, None] == np.arange(width[name], dtype=np.int16))
        return np.concatenate(columns, axis=1, dtype=np.float32)

    def count(pairs: Sequence[Pair]) -> list[Any]:
        rows = list(dict.fromkeys(row for row, _ in pairs))
        columns = list(dict.fromkeys(column for _, column in pairs))
        total: Any = 0.0
        for start in range(0, len(weight), ROWS):
            part = slice(start, start + ROWS)
            right = block(columns, part)
            both = np.concatenate([right, right * weight[part]], axis=1)
            total = total + (block(rows, part).T @ both).astype(np.float64)
        n, wn = np.split(total, 2, axis=1)
        top, left = _edges(rows, flat, width), _edges(columns, flat, width)
        return [(n[top[a], left[b]], wn[top[a], left[b]]) for a, b in pairs]

    return count


def _edges(names: Sequence[str], flat: Flat, width: dict[str, int]) -> dict[str, slice]:
    """Return where each variable stands among the indicators."""
    found, start = {}, 0
    for name in names:
        size = len(flat.options[name]) if name in flat.options else width[name]
        found[name] = slice(start, start + size)
        start += size
    return found
