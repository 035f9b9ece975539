"""Nothing that an export holds is run by the spreadsheet that opens what we write."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from evaluation.cli import main
from evaluation.loading.texts import load_texts
from evaluation.problems import Problem, Severity
from evaluation.rendering.problems import problems_html
from evaluation.rendering.spreadsheet import guarded, is_formula, unguarded
from evaluation.rendering.tidy import read_rows
from tests.small_study import small_study

LABELS = ("=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-HYPERLINK(1)", "+5 år", "- inga", "-99")
GUARDED = LABELS[:4]
HEAD = "=HYPERLINK(1)"


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("formulas")
    rows = "".join(f"{'ab'[i % 2]};{label}\n" for label in LABELS for i in range(6))
    options = "".join(f'      - {{code: c{i}, label: "{x}"}}\n' for i, x in enumerate(LABELS))
    study = small_study(
        folder / "study",
        answers=f"g;{HEAD}\n{rows}",
        codebook=(
            "title: T\nquestions:\n"
            "  - {id: g, text: '@g', column: g, type: single, options: {a: '=a', b: '+b(1)'}}\n"
            f"  - id: q\n    text: '{HEAD}'\n    type: single\n    options:\n{options}"
        ),
        chapter='# K\n\n{{ table("staff.q", by="g") }}\n',
    )
    arguments = ["report", str(study), "--out", str(folder / "out"), "--to", "csv,xlsx,html"]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return folder / "out"


def test_the_workbook_has_texts_and_no_formulas(outputs):
    book = openpyxl.load_workbook(outputs / "tables.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.value for cell in cells} >= {*LABELS, HEAD}
    assert not [cell.value for cell in cells if cell.data_type == "f"]


def test_csv_guards_what_would_act_and_reads_back(outputs):
    text = (outputs / "tables.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    labels = {row["row_label"] for row in rows if row["row_var"] == "q"}
    assert labels >= {*(f"'{label}" for label in GUARDED), *LABELS[4:]}
    assert not labels & set(GUARDED)
    assert {"'=a", "'+b(1)"} <= {row["col_label"] for row in rows}
    assert {row["title"][:2] for row in rows} == {"'=", "'@"}
    back = read_rows(io.StringIO(text))
    assert {row["row_label"] for row in back if row["row_var"] == "q"} >= set(LABELS)


def test_pages_escape():
    evil = Problem("unknown-option", Severity.WARN, "a.csv", value='=X("<img src=x>")')
    page = problems_html([evil], load_texts("sv"), "S").decode("utf-8")
    assert "<img" not in page
    assert "&lt;img" in page


@pytest.mark.parametrize("text", ["-5", "+3,5", "-1.5e-7", "", "5-10", "'s-Hertogenbosch"])
def test_numbers_and_other_texts_are_left(text):
    assert guarded(text) == text
    assert not is_formula(text)


@given(st.text(alphabet="=+-@\t'(|a1 ", max_size=8))
def test_guarding_can_be_undone_and_leaves_nothing_that_acts(text):
    assert not guarded(text).startswith(("=", "@", "\t"))
    assert unguarded(guarded(text)) == text
