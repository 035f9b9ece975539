"""Time to protect, and hidden cells beside the optimum.

``python -m benchmarks.bench_protection`` prints both; ``--units 290 --questions 20`` times one
large release. Answers are drawn with a fixed seed.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from evaluation.pipeline.build import release_tables
from evaluation.pipeline.load import load_study
from evaluation.tables.spec import TableSpec


def write_study(folder: Path, units: int, questions: int, people: int, seed: int = 1) -> None:
    """Write a study with ``unit``, ``gender`` and questions of two to five options."""
    rng = np.random.default_rng(seed)
    (folder / "data").mkdir(parents=True)
    (folder / "chapters").mkdir()
    (folder / "chapters" / "1.md").write_text("# Resultat\n", encoding="utf-8")
    (folder / "study.yaml").write_text(
        "title: Prov\npublisher: P\nyear: 2026\nlanguage: sv\n"
        "surveys:\n  s: {title: S, data: data/s.csv, unit: unit, intake: {complete_share: 0}}\n"
        "protection: {method: suppress}\n",
        encoding="utf-8",
    )
    listed = [
        "{id: unit, text: Enhet, type: single, role: unit, options: {"
        + ", ".join(f"u{i}: Enhet {i}" for i in range(units))
        + "}}",
        "{id: gender, text: Kön, type: single, role: background, options: {w: Kvinna, m: Man}}",
    ]
    sizes = rng.dirichlet(np.full(units, 2.0))
    columns = [
        [f"u{i}" for i in rng.choice(units, size=people, p=sizes)],
        [str(g) for g in rng.choice(["w", "m", ""], size=people, p=[0.6, 0.38, 0.02])],
    ]
    for number in range(questions):
        n = 2 + number % 4
        codes = ", ".join(f"{i}: Svar {i}" for i in range(1, n + 1))
        listed.append(
            f"{{id: q{number}, text: Fråga {number}, type: single, options: {{{codes}}}}}"
        )
        p = rng.dirichlet(np.ones(n))
        drawn = rng.choice(n, size=people, p=p) + 1
        columns.append(["" if rng.random() < 0.03 else str(i) for i in drawn])
    (folder / "s.yaml").write_text(
        "title: S\nquestions:\n" + "".join(f"  - {q}\n" for q in listed), encoding="utf-8"
    )
    head = ["unit", "gender", *(f"q{i}" for i in range(questions))]
    lines = [",".join(head), *(",".join(row) for row in zip(*columns, strict=True))]
    (folder / "data" / "s.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def unit_specs(questions: int) -> list[TableSpec]:
    """Return every question by itself and by unit, as ``--each-unit`` publishes."""
    names = [f"q{i}" for i in range(questions)]
    return [
        *(TableSpec("s", name) for name in ["unit", "gender", *names]),
        *(TableSpec("s", name, ("unit",)) for name in ["gender", *names]),
    ]


def timed(units: int, questions: int, people: int) -> None:
    """Protect one release and print what it took and what it cost."""
    with tempfile.TemporaryDirectory() as folder:
        write_study(Path(folder) / "s", units, questions, people)
        loaded, _ = load_study(Path(folder) / "s")
        assert loaded is not None  # noqa: S101
        start = time.perf_counter()
        release = release_tables(loaded, unit_specs(questions))
        took = time.perf_counter() - start
    share = 100 * release.n_hidden / max(release.n_cells, 1)
    print(
        f"{units:4d} units {questions:3d} questions {people:6d} people: {took:6.1f} s, "
        f"{release.n_hidden} of {release.n_cells} counts hidden ({share:.0f} %), "
        f"cost {release.cost}, bound {release.bound}, leaks {len(release.leaks)}"
    )


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=0)
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--people", type=int, default=0)
    options = parser.parse_args()
    if options.units:
        timed(options.units, options.questions, options.people or 50 * options.units)
        return
    for units, questions, people in ((8, 5, 200), (30, 8, 758), (30, 20, 3000)):
        timed(units, questions, people)


if __name__ == "__main__":
    main()
