"""Clocks, medians and tables shared by the benchmarks."""

from __future__ import annotations

import platform
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PACKAGES = ("numpy", "numba", "pandas", "polars", "duckdb", "pyarrow", "pyspark")


@dataclass(frozen=True)
class Timed:
    """Seconds per round of one method, already scaled up where it did a sample of the work."""

    seconds: tuple[float, ...]
    share: float = 1.0
    """Share of the tables that was really counted."""

    @property
    def median(self) -> float:
        """The middle of the rounds."""
        return statistics.median(self.seconds)


def interleaved(
    tasks: Mapping[str, tuple[Callable[[], object], float]], rounds: int
) -> dict[str, Timed]:
    """Run every task once per round, in turn, so that a busy spell meets them all.

    Parameters
    ----------
    tasks
        Name -> what to run, and which share of the work that is.
    rounds
        Beside a first one that is not counted.
    """
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for number in range(rounds + 1):
        for name, (run, share) in tasks.items():
            start = time.perf_counter()
            run()
            if number:
                seconds[name].append((time.perf_counter() - start) / share)
    return {name: Timed(tuple(seconds[name]), share) for name, (_, share) in tasks.items()}


def ratios(timed: Mapping[str, Timed], base: str) -> dict[str, float]:
    """Return the median over rounds of each method's time relative to one method."""
    return {
        name: statistics.median(
            a / b for a, b in zip(one.seconds, timed[base].seconds, strict=True)
        )
        for name, one in timed.items()
    }


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Return the slope of log time over log size, by least squares."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def markdown(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table; all columns but the first are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def number(value: float) -> str:
    """Return a number with the digits that count."""
    if value >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.2g}" if value < 10 else f"{value:.0f}"


def machine() -> str:
    """Describe processor, cores, memory, system and versions in one paragraph."""
    import os

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parts = [
        f"{_processor()}, {cores} cores, {_memory()}",
        f"{platform.system()} {platform.release().split('-')[0]}",
        f"Python {platform.python_version()}",
    ]
    for package in PACKAGES:
        try:
            parts.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            parts.append(f"{package} absent")
    parts.append(_r_version())
    return ", ".join(parts)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> str:
    info = Path("/proc/meminfo")
    if not info.exists():
        return "memory unknown"
    return f"{int(info.read_text().split()[1]) / 2**20:.0f} GiB"


def _r_version() -> str:
    try:
        found = subprocess.run(
            ["Rscript", "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return "R absent"
    words = (found.stdout + found.stderr).split()
    return "R " + next((word for word in words if word[0].isdigit()), "of unknown version")


def in_process(module: str, *arguments: str) -> str:
    """Run a module in a process of its own and return what it prints."""
    found = subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=True
    )
    return found.stdout
