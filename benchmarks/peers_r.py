"""R's data.table and survey as peers, in an R process that is told what to count."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.peers import Flat

    Pair = tuple[str, str]

SCRIPT = Path(__file__).with_name("peer.R")


def r_methods(flat: Flat) -> dict[str, Callable[[Sequence[Pair]], None]]:
    """Return R's methods that are installed here, the data already in R's memory.

    Each has a ``close`` that ends the R process that they share.
    """
    try:
        process = _start(flat)
    except (OSError, RuntimeError):
        return {}

    def counter(method: str) -> Callable[[Sequence[Pair]], None]:
        def count(pairs: Sequence[Pair]) -> None:
            tables = (":".join([a, b, *flat.options.get(a, [])]) for a, b in pairs)
            _ask(process, "\t".join([method, *tables]))

        count.close = process.kill  # type: ignore[attr-defined]
        return count

    found = {"R data.table": counter("data.table")}
    check = "quit(status = !requireNamespace('survey', quietly = TRUE))"
    if subprocess.run(["Rscript", "-e", check], check=False).returncode == 0:
        found["R survey"] = counter("survey")
    return found


def _start(flat: Flat) -> subprocess.Popen[str]:
    with tempfile.TemporaryDirectory() as folder:
        lines = ["name,size,n"]
        for name, column in flat.columns.items():
            column.tofile(Path(folder) / f"{name}.bin")
            lines.append(f"{name},{column.dtype.itemsize},{len(column)}")
        (Path(folder) / "columns.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        process = subprocess.Popen(
            ["Rscript", str(SCRIPT), folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        _wait(process, "ready")
    return process


def _ask(process: subprocess.Popen[str], line: str) -> None:
    if process.stdin is None:
        raise RuntimeError("R has no standard input")
    process.stdin.write(line + "\n")
    process.stdin.flush()
    _wait(process, "done")


def _wait(process: subprocess.Popen[str], word: str) -> None:
    """Read until R says a word."""
    if process.stdout is None:
        raise RuntimeError("R has no standard output")
    for line in process.stdout:
        if line.strip() == word:
            return
    raise RuntimeError("R ended")
