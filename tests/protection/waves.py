"""Studies of several years in one folder: one file with a year, or a survey for each."""

from __future__ import annotations

import csv
import shutil
from typing import TYPE_CHECKING

from tests.protection.drawn import Respondent, World, run, write_study

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

YEARS = ("2024", "2025")
YEAR = (
    "  - {id: year, text: År, type: single, role: wave, options: {2024: År 2024, 2025: År 2025}}\n"
)


def publish(study: Path, out: Path, to: str = "csv,json") -> Path:
    """Publish a study."""
    run("report", study, "--to", to, "--out", out, "--quiet")
    return out


def with_years(folder: Path, years: Mapping[str, Sequence[Respondent]], world: World) -> Path:
    """Write a study whose one survey has a question for the year."""
    people = [person for group in years.values() for person in group]
    write_study(folder, people, world)
    book = folder / "s.yaml"
    book.write_text(book.read_text(encoding="utf-8") + YEAR, encoding="utf-8")
    study = folder / "study.yaml"
    text = study.read_text(encoding="utf-8").replace("unit: unit, ", "unit: unit, wave: year, ")
    study.write_text(text, encoding="utf-8")
    file = folder / "data" / "s.csv"
    with file.open(encoding="utf-8", newline="") as content:
        rows = list(csv.reader(content))
    said = ["year", *(year for year, group in years.items() for _ in group)]
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(
            [*row, year] for row, year in zip(rows, said, strict=True)
        )
    return folder


def with_surveys(folder: Path, surveys: Mapping[str, Sequence[Respondent]], world: World) -> Path:
    """Write a study with a survey for each year, all with the same codebook."""
    first, *_ = surveys
    for name, people in surveys.items():
        own = folder if name == first else folder.parent / f"{folder.name}-{name}"
        write_study(own, list(people), world)
        (own / "data" / "s.csv").rename(folder / "data" / f"{name}.csv")
        shutil.copy(own / "s.yaml", folder / f"{name}.yaml")
    study = folder / "study.yaml"
    lines = study.read_text(encoding="utf-8").splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("  s: "))
    lines[at : at + 1] = [
        lines[at].replace("  s: ", f"  {name}: ").replace("data/s.csv", f"data/{name}.csv")
        for name in surveys
    ]
    study.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
