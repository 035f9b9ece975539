"""A weighted banner of several columns, drafted from a raw export, against sums made by hand."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from evaluation.cli import main
from tests.loading.files import write_csv

if TYPE_CHECKING:
    from pathlib import Path

HEAD = ["q1_0001", "q1_0002", "q1_0003", "age", "kids", "weight"]
NO = "Not selected"
ROWS = [
    ["Your weight", NO, NO, "18 - 34", "Yes", "1.5001"],
    ["Your weight", "Your height", NO, "18 - 34", "No", "0.5001"],
    [NO, NO, NO, "18 - 34", "Yes", "2.0001"],
    [NO, "Your height", NO, "35 - 64", "No", "1.0001"],
    [NO, NO, "None of the above", "35 - 64", "Yes", "0.2501"],
    ["Your weight", NO, NO, "35 - 64", "No", "0.7501"],
    [NO, NO, NO, "65 and up", "No", "3.0001"],
    ["Your weight", NO, NO, "65 and up", "Yes", "1.0001"],
] * 4
BANNER = {"total": (None, None), "18 - 34": (3, "18 - 34"), "35 - 64": (3, "35 - 64")}
BANNER |= {"65 and up": (3, "65 and up"), "Yes": (4, "Yes"), "No": (4, "No")}


def run(*arguments: object) -> str:
    """Run a command that must succeed."""
    result = CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_weighted_percents_of_a_multiple_answer_by_two_variables(tmp_path: Path) -> None:
    export = write_csv(tmp_path / "raw.csv", [HEAD, *ROWS])
    run("init", export, "--study", tmp_path / "s")
    table = ("table", tmp_path / "s", "raw.q1", "--by", "raw.age", "--by", "raw.kids", "--raw")
    cells = list(csv.DictReader(io.StringIO(run(*table, "--weight", "weight", "--format", "csv"))))
    for place, label in enumerate(("Your weight", "Your height", "None of the above")):
        for name, (column, value) in BANNER.items():
            inside = [row for row in ROWS if column is None or row[column] == value]
            chosen = sum(float(row[5]) for row in inside if row[place] == label)
            expected = 100 * chosen / sum(float(row[5]) for row in inside)
            found = [
                c
                for c in cells
                if c["row_label"] == label and name in {c["col_code"], c["col_label"]}
            ]
            assert len(found) == (2 if name == "total" else 1)  # a margin for each variable
            for cell in found:
                assert float(cell["percent"]) == pytest.approx(expected, abs=1e-6)
                assert int(cell["base_n"]) == len(inside)
