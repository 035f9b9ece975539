"""W1 of issue 8: the bundled report as a whole process, against what its libraries alone take.

python -m benchmarks.bench_report
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.timing import machine, markdown, number

ROOT = Path(__file__).resolve().parent.parent
STUDY = ROOT / "surveys" / "samordningsforbund-2022"

LOADED = """
import json, runpy, sys
sys.argv = ["evaluation", *{arguments!r}]
try:
    runpy.run_module("evaluation", run_name="__main__")
except SystemExit:
    pass
from benchmarks.floor import theirs
print("\\n" + json.dumps(theirs()))
"""
IMPORT = """
import importlib
for name in {names!r}:
    try:
        importlib.import_module(name)
    except Exception:
        pass
"""
NOTE = """Floor of the report: a process that imports the modules of others that the report has
loaded at its end, and makes the bare calls: Typst sets the same PDF and the same pictures,
pikepdf opens and saves it, Jinja compiles the chapters, XlsxWriter writes the same cells,
python-docx opens and saves the same document (`benchmarks/floor.py`). Floor of the others:
their imports alone. Bytecode is there, as after a first run, that of the page's templates too.
Seconds are of the clock, CPU seconds of both cores; the PDF is set on the second core while
the first makes the rest."""


@dataclass(frozen=True)
class Spent:
    """Seconds of the clock and of the processor that one process took."""

    clock: float
    processor: float


def command(*arguments: str) -> list[str]:
    """Return the command line of the product."""
    return [sys.executable, "-m", "evaluation", *arguments]


def environment(pycache: Path) -> dict[str, str]:
    """Return the environment of a process whose bytecode is kept outside of the source."""
    found = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**found, "PYTHONPYCACHEPREFIX": str(pycache)}


def run(line: list[str], pycache: Path) -> Spent:
    """Run a process to its end."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(line, cwd=ROOT, check=True, capture_output=True, env=environment(pycache))
    clock, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Spent(clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def imports_of(pycache: Path, *arguments: str) -> list[str]:
    """Return the modules, ours excepted, that a command has loaded when it ends."""
    code = LOADED.format(arguments=list(arguments))
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, check=True, capture_output=True, text=True, env=environment(pycache),
    )  # fmt: skip
    names: list[str] = json.loads(found.stdout.strip().splitlines()[-1])
    return names


def measure(lines: dict[str, list[str]], rounds: int, pycache: Path) -> dict[str, list[Spent]]:
    """Run every process once per round, in turn, after a first round that is not counted."""
    spent: dict[str, list[Spent]] = {name: [] for name in lines}
    for round_ in range(rounds + 1):
        for name, line in lines.items():
            found = run(line, pycache)
            if round_:
                spent[name].append(found)
    return spent


def report_table(rounds: int = 5) -> str:
    """Return a row per command: seconds, and relative to its floor."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        study, out, kept, pycache = (work / n for n in (STUDY.name, "out", "kept", "pycache"))
        shutil.copytree(STUDY, study)
        kept.mkdir()
        everything = ("report", str(study), "--out", str(out))
        run([sys.executable, "-m", "benchmarks.floor", "--record", str(study), str(out), str(kept)],
            pycache)  # fmt: skip
        commands = {
            "`evaluation --help`": ("--help",),
            "`evaluation check`": ("check", str(study)),
            "`evaluation table … --by …`": ("table", str(study), "personal.befattning",
                                            "--by", "personal.arbetsgivare"),
            "`evaluation report`, all formats": (*everything, "--force"),
            "`evaluation report` again, nothing changed": everything,
        }  # fmt: skip
        lines: dict[str, list[str]] = {}
        for name, arguments in commands.items():
            lines[name] = command(*arguments)
            if "--force" in arguments:
                floor = ["-m", "benchmarks.floor", str(kept)]
            else:
                floor = ["-c", IMPORT.format(names=imports_of(pycache, *arguments))]
            lines[f"floor of {name}"] = [sys.executable, *floor]
        spent = measure(lines, rounds, pycache)
    rows = [_row(name, spent[name], spent[f"floor of {name}"]) for name in commands]
    head = ["command", "seconds", "CPU s", "floor, s", "floor, CPU s", "ratio", "ratio of CPU"]
    return markdown(head, rows)


def _row(name: str, ours: list[Spent], floor: list[Spent]) -> list[str]:
    medians = [
        statistics.median(getattr(one, kind) for one in spent)
        for spent in (ours, floor)
        for kind in ("clock", "processor")
    ]
    ratios = [
        statistics.median(
            getattr(a, kind) / getattr(b, kind) for a, b in zip(ours, floor, strict=True)
        )
        for kind in ("clock", "processor")
    ]
    return [name, *map(number, (*medians, *ratios))]


if __name__ == "__main__":
    print(f"{machine()}.\n\n{report_table()}\n\n{NOTE}")
