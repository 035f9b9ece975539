"""Coding an export that does not fit into memory, and counting it where it lies.

    python -m benchmarks.bench_coding [PEOPLE] [--in-memory] [--in FOLDER]

A study is written whose export has the 111 questions of `make_data`, an id, the time of
submission and some free text; every tenth person answers twice. ``evaluation code``
codes it, and ``evaluation table`` counts from the coded file. Each is a process of its
own: CPU seconds and peak memory are the system's.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench_tables import write_study
from benchmarks.make_data import Shape, make
from benchmarks.timing import machine, markdown, number

ROOT = Path(__file__).resolve().parent.parent
POOL = 50_000
"""Different rows; beyond these they come again, with another id, time, weight and text."""
CODEBOOK = """\
  - {id: id, text: Id, type: text, role: identity, column: Id}
  - {id: words, text: Words, type: text, column: Words}
"""
SURVEY = """\
  s:
    title: Survey
    data: data/s.csv
    intake: {person: Id, submitted: Time, duplicates: last}
    design: {weight: weight}
"""


@dataclass(frozen=True)
class Spent:
    """What a process took."""

    cpu: float
    mebibytes: float


def write_large_study(people: int, folder: Path) -> Path:
    """Write a study with an export of as many rows; return the folder."""
    write_study(make(Shape(min(people, POOL))), folder)
    settings = folder / "study.yaml"
    text = settings.read_text(encoding="utf-8").partition("  s:")[0] + SURVEY
    settings.write_text(text, encoding="utf-8")
    with (folder / "s.yaml").open("a", encoding="utf-8") as stream:
        stream.write(CODEBOOK)
    export = folder / "data" / "s.csv"
    head, *pool = export.read_text(encoding="utf-8").splitlines()
    pool = [line.rpartition(",")[0] for line in pool]  # without the weight
    with export.open("w", encoding="utf-8") as stream:
        stream.write(f"{head},Id,Time,Words\n")
        for i in range(people):
            weight = 0.5 + (i * 7919 % 1_000_003) / 1_000_003
            person = i if i % 10 else i // 10
            minute, words = i % 1440, f"Person {i} says so" if i % 5 == 0 else ""
            day = 1 + i // 1440 % 28
            stream.write(
                f"{pool[i % len(pool)]},{weight:.6f},p{person:08},"
                f"2026-02-{day:02} {minute // 60:02}:{minute % 60:02},{words}\n"
            )
    return folder


def run(*arguments: str | Path, before: str = "") -> Spent:
    """Run a command of the product in a process of its own.

    Parameters
    ----------
    before
        Python to run before the command.
    """
    return _spent("-c", f"{before}\nfrom evaluation.cli import main\nmain()", *arguments)


def _spent(*arguments: str | Path) -> Spent:
    line = [sys.executable, *map(str, arguments)]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, cwd=ROOT) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"status {process.returncode}: {' '.join(line)}")
    return Spent(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def coding_table(people: int, folder: Path, *, in_memory: bool = False) -> str:
    """Return a row per command: CPU seconds, and peak memory."""
    study = folder / "study"
    # In a process of its own: what this one takes would count as the others' peak.
    _spent("-m", "benchmarks.bench_coding", str(people), "--write", study)
    export = study / "data" / "s.csv"
    size = export.stat().st_size / 1e6
    rows = []

    def add(name: str, spent: Spent) -> None:
        per = spent.mebibytes * 1024**2 / people
        rows.append([name, number(spent.cpu), f"{spent.mebibytes:.0f}", f"{per:.0f}"])

    parts = "from evaluation.loading.large import size; size.LARGE = dict.fromkeys(size.LARGE, 0)"
    spent = run("-q", "code", study, "--out", study / "coded", before=parts)
    add("`code`, part by part", spent)
    if in_memory:
        whole = "from evaluation.loading.large import size; size.LARGE.clear()"
        spent = run("-q", "code", study, "--out", folder / "other", before=whole)
        add("`code`, in memory", spent)
        same = (study / "coded" / "s.parquet").read_bytes()
        assert same == (folder / "other" / "s.parquet").read_bytes(), "another file"  # noqa: S101
    export.unlink()
    settings = study / "study.yaml"
    text = settings.read_text(encoding="utf-8").replace("data/s.csv", "coded/s.parquet")
    settings.write_text(text, encoding="utf-8")
    table = ("-q", "table", study, "s.q00", "--by", "b1", "--weight", "weight")
    for engine in ("memory", "duckdb"):
        add(f"`table`, weighted, {engine}", run(*table, "--engine", engine))
    head = ["command", "CPU s", "peak, MiB", "bytes a row"]
    return f"{people:.1e} rows, {size:.0f} MB of CSV.\n\n{markdown(head, rows)}"


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("people", type=lambda text: int(float(text)), nargs="?", default=300_000)
    parser.add_argument("--in-memory", action="store_true", help="code it in memory too")
    parser.add_argument("--write", type=Path, help="write the study only")
    parser.add_argument("--in", dest="folder", type=Path, help="where there is room")
    given = parser.parse_args()
    if given.write:
        write_large_study(given.people, given.write)
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        print(f"{machine()}.\n")
        print(coding_table(given.people, Path(folder), in_memory=given.in_memory))


if __name__ == "__main__":
    main()
