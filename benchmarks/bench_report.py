"""W1 of issue 8: the bundled report as a whole process, against what its imports alone take.

python -m benchmarks.bench_report
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import interleaved, machine, markdown, number, ratios

ROOT = Path(__file__).resolve().parent.parent
STUDY = ROOT / "surveys" / "samordningsforbund-2022"

LOADED = """
import json, runpy, sys
sys.argv = ["evaluation", *{arguments!r}]
try:
    runpy.run_module("evaluation", run_name="__main__")
except SystemExit:
    pass
ours = {{"evaluation", "__main__"}}
names = [n for n, m in sys.modules.items() if n.partition(".")[0] not in ours and m is not None]
print("\\n" + json.dumps(names))
"""
IMPORT = """
import importlib
for name in {names!r}:
    try:
        importlib.import_module(name)
    except Exception:
        pass
"""


def command(*arguments: str) -> list[str]:
    """Return the command line of the product."""
    return [sys.executable, "-m", "evaluation", *arguments]


def run(line: list[str]) -> None:
    """Run a process to its end."""
    subprocess.run(line, cwd=ROOT, check=False, capture_output=True)


def imports_of(*arguments: str) -> list[str]:
    """Return the modules, ours excepted, that a command has loaded when it ends."""
    code = LOADED.format(arguments=list(arguments))
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    names: list[str] = json.loads(found.stdout.strip().splitlines()[-1])
    return names


def report_table(rounds: int = 5) -> str:
    """Return a row per command: seconds, and relative to importing what it used."""
    with tempfile.TemporaryDirectory() as folder:
        study, out = Path(folder) / STUDY.name, Path(folder) / "out"
        shutil.copytree(STUDY, study)
        everything = ("report", str(study), "--out", str(out))
        commands = {
            "`evaluation --help`": ("--help",),
            "`evaluation check`": ("check", str(study)),
            "`evaluation report`, all formats": (*everything, "--force"),
            "`evaluation report` again, nothing changed": everything,
        }
        tasks = {}
        for name, arguments in commands.items():
            floor = IMPORT.format(names=imports_of(*arguments))
            tasks[name] = ((lambda a=arguments: run(command(*a))), 1.0)
            tasks[f"imports of {name}"] = (
                (lambda f=floor: run([sys.executable, "-c", f])),
                1.0,
            )
        timed = interleaved(tasks, rounds)
    rows = []
    for name in commands:
        floor = timed[f"imports of {name}"]
        times = ratios({name: timed[name], "floor": floor}, "floor")[name]
        rows.append([name, number(timed[name].median), number(floor.median), number(times)])
    return markdown(["command", "seconds", "its imports alone", "ratio"], rows)


if __name__ == "__main__":
    print(f"{machine()}.\n\n{report_table()}")
