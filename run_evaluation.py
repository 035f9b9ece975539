"""One step from a fresh machine to finished reports.

    python run_evaluation.py                 builds every bundled study into outputs/
    python run_evaluation.py STUDY …         builds the named studies
    python run_evaluation.py --test          runs the tests
    python run_evaluation.py --check         runs the tests and every other check

The first run makes a virtual environment in ``.venv`` and installs the package
and its libraries there; later runs use it as it is. Only the standard library
is needed to start.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
STAMP = ENVIRONMENT / "installed"
SURVEYS = ROOT / "surveys"
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint_imports",),
)


def main(arguments: list[str]) -> int:
    """Install what is missing, then build or test."""
    if sys.version_info < (3, 11):  # noqa: UP036
        sys.exit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}.")
    extras = "test" if "--test" in arguments else ""
    if "--check" in arguments:
        # Spark (half a gigabyte, needs Java) is tested here, and not asked of every user.
        extras = "test,lint,bench" + (",spark" if shutil.which("java") else "")
    python = install(extras)
    if "--check" in arguments:
        return max(run_tests(python, arguments), *(run_check(python, check) for check in CHECKS))
    if "--test" in arguments:
        return run_tests(python, arguments)
    return build(python, arguments)


def install(extras: str) -> Path:
    """Make the environment and install the package; skip what an earlier run did."""
    python = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = fingerprint()
    done = STAMP.read_text(encoding="utf-8").split() if STAMP.is_file() else []
    missing = [extra for extra in extras.split(",") if extra and extra not in done]
    if python.is_file() and wanted in done and not missing:
        return python
    if not python.is_file():
        print("Making a virtual environment in .venv …", file=sys.stderr)
        made = subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=False)
        if made.returncode:
            sys.exit(
                "The virtual environment could not be made. On Debian and Ubuntu, "
                "run: sudo apt install python3-venv"
            )
    print("Installing the package and its libraries …", file=sys.stderr)
    target = f".[{extras}]" if extras else "."
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--constraint", "constraints.txt", "--editable", target]
    installed = subprocess.run(command, cwd=ROOT, check=False)
    if installed.returncode:
        sys.exit("The libraries could not be installed; see the message above.")
    kept = {part for part in done if len(part) < 64} if wanted in done else set()
    names = sorted(kept | set(missing))
    STAMP.write_text(" ".join([wanted, *names]), encoding="utf-8")
    return python


def fingerprint() -> str:
    """Return a hash of what decides the installation."""
    files = (ROOT / "pyproject.toml", ROOT / "constraints.txt")
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def build(python: Path, arguments: list[str]) -> int:
    """Build the studies named, or every study under surveys/."""
    names = [a for a in arguments if not a.startswith("-")]
    options = [a for a in arguments if a.startswith("-")]
    studies = [study_path(name) for name in names] if names else bundled()
    status = 0
    for study in studies:
        command = [python, "-m", "evaluation", *options, "report", study]
        command += ["--out", ROOT / "outputs" / study.resolve().name]
        print(f"{study.name}:", file=sys.stderr)
        status = max(status, subprocess.run([*map(str, command)], check=False).returncode)
    return status


def bundled() -> list[Path]:
    """Return every study folder under surveys/."""
    return sorted(path.parent for path in SURVEYS.glob("*/study.yaml"))


def study_path(name: str) -> Path:
    """Return a study by its path, or by its name under surveys/."""
    path = Path(name)
    return path if path.is_dir() else SURVEYS / name


def run_tests(python: Path, arguments: list[str]) -> int:
    """Run the test suite; what follows ``--`` goes to pytest."""
    extra = arguments[arguments.index("--") + 1 :] if "--" in arguments else []
    command = [str(python), "-m", "pytest", "-n", "auto", "--dist", "worksteal", *extra]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def run_check(python: Path, check: tuple[str, ...]) -> int:
    """Run one of the other checks."""
    name, *rest = check
    module = ["-c", LINT_IMPORTS] if name == "lint_imports" else ["-m", name]
    return subprocess.run([str(python), *module, *rest], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
