"""The full banner as tables: what intervals, tests and protection cost beside reading the file.

    python -m benchmarks.bench_tables [PEOPLE]

A study folder is written with the survey of `make_data` as CSV, and read and
tabulated as any study is: 1 000 weighted crosstabs of 100 questions.
"""

from __future__ import annotations

import csv
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.bench_counting import workload
from benchmarks.make_data import Shape, make
from benchmarks.timing import machine, markdown, number
from evaluation.coding.data import Categorical, CodedData, MultiResponse, Numeric

if TYPE_CHECKING:
    from collections.abc import Callable

SEPARATOR = "|"
STUDY = """title: Invented
publisher: Nobody
year: 2026
language: sv
protection: {method: none, reason: Invented answers.}
surveys:
  s: {title: Survey, data: data/s.csv}
"""


def write_study(data: CodedData, folder: Path) -> None:
    """Write a study folder: codes in a CSV file, and the codebook that fits them."""
    (folder / "data").mkdir(parents=True)
    lines = ["title: Survey", "questions:"]
    columns: dict[str, list[str]] = {}
    for variable in data.variables.values():
        head = f"  - {{id: {variable.id}, text: Question {variable.id}"
        if isinstance(variable, Numeric):
            lines.append(f"{head}, type: number, role: weight}}")
            columns[variable.id] = [
                "1" if np.isnan(v) else repr(v) for v in variable.values.tolist()
            ]
            continue
        assert isinstance(variable, (Categorical, MultiResponse))  # noqa: S101
        options = ", ".join(f"{c.code}: {c.label}" for c in variable.categories)
        if isinstance(variable, Categorical):
            lines.append(f"{head}, type: single, options: {{{options}}}}}")
            columns[variable.id] = [str(c + 1) if c >= 0 else "" for c in variable.codes.tolist()]
        else:
            lines.append(
                f'{head}, type: multiple, separator: "{SEPARATOR}", options: {{{options}}}}}'
            )
            columns[variable.id] = [
                SEPARATOR.join(str(i + 1) for i, chosen in enumerate(row) if chosen)
                for row in variable.selected.tolist()
            ]
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    (folder / "s.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with (folder / "data" / "s.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([f"Question {name}" for name in columns])
        writer.writerows(zip(*columns.values(), strict=True))


def stages(people: int) -> list[tuple[str, float, float]]:
    """Return what is done, in seconds of the clock and of the processor."""
    from evaluation.codebook.schema import Protection
    from evaluation.pipeline.load import load_study
    from evaluation.pipeline.tabulate import tabulate
    from evaluation.protection.links import links_from_codebooks
    from evaluation.protection.protect import protect
    from evaluation.tables.request import make_spec

    shape = Shape(people)
    found = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "study"
        write_study(make(shape), folder)
        loaded, spent = timed(lambda: load_study(folder)[0])
        assert loaded is not None and loaded.is_sound, "the study does not fit"  # noqa: S101, PT018
        found.append(("reading and coding the CSV file", *spent))
        specs = [
            make_spec(f"s.{row}", study=loaded.folder.study, codebooks=loaded.folder.codebooks,
                      by=(column,), weight="weight")
            for row, column in workload(shape, "b")
        ]  # fmt: skip
        bare = [replace(spec, ci="", tests=(), compare="") for spec in specs]
        simple = [replace(spec, weight="") for spec in bare]
        tabulate(loaded, [replace(simple[0], ci="wilson", tests=("pearson",))])  # imports
        _, spent = timed(lambda: tabulate(loaded, bare))
        found.append(("counting and building 1 000 weighted crosstabs", *spent))
        _, counted = timed(lambda: tabulate(loaded, simple))
        found.append(("the same without weights", *counted))
        for name, more in (("their Wilson intervals", {"ci": "wilson"}),
                           ("their chi-square tests", {"tests": ("pearson",)})):  # fmt: skip
            with_more = [replace(spec, **more) for spec in simple]  # type: ignore[arg-type]
            _, spent = timed(lambda w=with_more: tabulate(loaded, w))  # type: ignore[misc]
            found.append((name, *(max(0.0, a - b) for a, b in zip(spent, counted, strict=True))))
        tables = tabulate(loaded, simple)
        links = links_from_codebooks(loaded.folder.codebooks, {})
        release, spent = timed(lambda: protect(tables, Protection(method="suppress"), links=links))
        assert not release.leaks, "a release from which a count can be derived"  # noqa: S101
        found.append(("hiding small counts, and the audit", *spent))
    return found


def timed(work: Callable[[], Any]) -> tuple[Any, tuple[float, float]]:
    """Return a result and the seconds it took."""
    clock, used = time.perf_counter(), time.process_time()
    result = work()
    return result, (time.perf_counter() - clock, time.process_time() - used)


def stage_table(people: int) -> str:
    """Return a row per stage: seconds, and relative to reading."""
    found = stages(people)
    reading = found[0][2]
    rows = [[name, number(s), number(cpu), number(cpu / reading)] for name, s, cpu in found]
    return markdown(["stage", "seconds", "CPU s", "CPU, relative to reading"], rows)


if __name__ == "__main__":
    wanted = int(float(sys.argv[1])) if len(sys.argv) > 1 else 100_000
    print(f"{machine()}.\n\n{wanted:.0e} respondents.\n\n{stage_table(wanted)}")
