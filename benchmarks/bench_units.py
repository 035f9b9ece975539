"""Many reports: every unit's own report in one run, and how long each takes.

python -m benchmarks.bench_units               # 30 and 290 units
python -m benchmarks.bench_units 290 cell_key  # one of them
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.timing import machine, markdown, number
from benchmarks.unit_study import write_unit_study

ROOT = Path(__file__).resolve().parent.parent
RUNS = tuple((units, method) for units in (30, 290) for method in ("none", "cell_key", "suppress"))
SAMPLE = 0.2
"""Seconds between two looks at the memory of the processes."""


def measured(units: int, method: str, folder: Path) -> list[str]:
    """Write all units' reports in a process of its own; return a row of the table."""
    study = write_unit_study(folder / f"{units}-{method}", units)
    text = (study / "study.yaml").read_text("utf-8")
    (study / "study.yaml").write_text(
        text.replace(
            "method: suppress",
            f"method: {method}" + "\n  reason: Invented answers." * (method == "none"),
        ),
        "utf-8",
    )
    out = folder / f"out-{units}-{method}"
    line = [sys.executable, "-m", "evaluation", "report", str(study), "--each-unit"]
    before, start = os.times(), time.perf_counter()
    process = subprocess.Popen(
        [*line, "--out", str(out)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, _memory(process.pid))
        time.sleep(SAMPLE)
    seconds, after = time.perf_counter() - start, os.times()
    done = len(list(out.glob("units/*/report.html")))
    if process.returncode or done != units:
        raise SystemExit(f"{units} {method}: {done} reports, status {process.returncode}")
    cpu = after.children_user + after.children_system - before.children_user
    cpu -= before.children_system
    start = time.perf_counter()
    subprocess.run([*line, "--out", str(out)], cwd=ROOT, check=True, capture_output=True)
    again = time.perf_counter() - start
    row = [seconds, cpu, seconds / units, again, peak / 2**20]
    return [f"{units}, `{method}`", *map(number, row)]


def _memory(pid: int) -> int:
    """Return the resident bytes of a process and its children; 0 where none can be told."""
    total, waiting = 0, [str(pid)]
    while waiting:
        at = Path("/proc") / waiting.pop()
        try:
            pages = int((at / "statm").read_text().split()[1])
            waiting += (at / "task" / at.name / "children").read_text().split()
        except (OSError, IndexError, ValueError):
            continue
        total += pages * os.sysconf("SC_PAGE_SIZE")
    return total


def units_table(runs: tuple[tuple[int, str], ...] = RUNS) -> str:
    """Return a row per number of units and method of protection."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [measured(units, method, Path(folder)) for units, method in runs]
    head = ["units, protection", "seconds", "CPU seconds", "seconds a report"]
    return markdown([*head, "run again, s", "peak memory, MiB"], rows)


if __name__ == "__main__":
    asked = ((int(sys.argv[1]), sys.argv[2]),) if len(sys.argv) > 2 else RUNS
    print(f"{machine()}.\n\n{units_table(asked)}")
