"""No command pays for a library that its work does not need."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from tests.paths import REPOSITORY

STUDY = REPOSITORY / "surveys" / "samordningsforbund-2022"
STATISTICS = {"scipy", "statsmodels", "matplotlib"}
LARGE = STATISTICS | {"pandas", "openpyxl", "numba", "duckdb", "pyspark", "pyarrow"}
NETWORK = {"ssl", "http"}
"""Nothing is sent anywhere; modules that only escape markup would load them."""
RUN = """
import sys
from evaluation.cli import main
try:
    main(sys.argv[1:], standalone_mode=False)
except SystemExit:
    pass
print("loaded:", *sorted({module.partition(".")[0] for module in sys.modules}), file=sys.stderr)
"""

COMMANDS = {
    "codebook": ("codebook", "{study}"),
    "check": ("check", "{study}"),
    "table": ("table", "{study}", "personal.befattning", "--by", "personal.arbetsgivare"),
    "report": ("report", "{study}", "--out", "{out}"),
    "verify": ("verify", "{study}"),
    "audit": ("audit", "{study}/published.yaml"),
    "init": ("init", "{study}/data/fov.csv", "--study", "{out}"),
}


def loaded_by(*arguments):
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        capture_output=True, text=True, check=True, cwd=REPOSITORY,
    )  # fmt: skip
    *_, last = done.stderr.strip().splitlines()
    assert last.startswith("loaded: ")
    return set(last.split()[1:])


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_without_statistics_load_none_of_the_large_libraries(name, tmp_path):
    """The bundled report has crosstabs with plain percents: nothing in it needs statistics."""
    places = {"study": tmp_path / STUDY.name, "out": tmp_path / "out"}
    shutil.copytree(STUDY, places["study"])
    loaded = loaded_by(*(part.format(**places) for part in COMMANDS[name]))
    assert {"evaluation", "click"} <= loaded
    assert loaded & (LARGE | NETWORK) == set()


def test_writing_codes_loads_no_statistics(tmp_path):
    loaded = loaded_by("code", str(STUDY), "--out", str(tmp_path))
    assert loaded & STATISTICS == set()


def test_a_command_that_tests_says_so_by_its_imports(tmp_path):
    """The counter-proof: the list above would show them."""
    loaded = loaded_by("compare", str(STUDY), "--by", "fov.lan", "--out", str(tmp_path))
    assert "scipy" in loaded
    assert "statsmodels" not in loaded
