from __future__ import annotations

import csv
import io

import pytest

from evaluation.loading.texts import load_texts
from evaluation.problems import Problem, Severity
from evaluation.rendering.problems import problems_csv, problems_html, problems_text, where, worded

TEXTS = load_texts("sv")
STOP, WARN, NOTE = Severity.STOP, Severity.WARN, Severity.NOTE

PROBLEMS = (
    Problem(
        "unknown-key",
        STOP,
        "study.yaml",
        row=7,
        column="surveys.a",
        value="filtr",
        expected="filter",
    ),
    Problem("unused-column", NOTE, "data/a.csv", column="B (Övrigt)", value="Övrigt"),
    Problem("unknown-option", STOP, "data/a.csv", "Blad1", 214, "F (q7)", "9", "1, 2, 98", count=3),
    Problem("unknown-option", STOP, "data/a.csv", "Blad1", 301, "F (q7)", "", "1, 2, 98"),
    Problem("date-ambiguous", WARN, "data/a.csv", "Blad1", 2, "G (dag)"),
)


def test_wording_is_filled_in() -> None:
    said = worded(PROBLEMS[2], TEXTS)
    assert said.message.startswith("Svaret ”9” finns inte bland svarsalternativen.")
    assert said.mend.startswith("I kodboken finns: 1, 2, 98. Rätta svaret")
    assert worded(PROBLEMS[3], TEXTS).message.startswith("Ett svar finns inte bland")


def test_own_wording_is_kept_and_unknown_codes_do_not_fail() -> None:
    assert worded(Problem("unknown-key", STOP, message="A", mend="B"), TEXTS).message == "A"
    assert worded(Problem("never-heard-of", STOP, value="x"), TEXTS).message == (
        "Problem av slaget never-heard-of: x"
    )


def test_braces_in_values_are_only_text() -> None:
    assert (
        "{0.__class__}"
        in worded(Problem("unknown-key", STOP, value="{0.__class__}"), TEXTS).message
    )


def test_terminal_summary() -> None:
    assert (
        problems_text(PROBLEMS, TEXTS, limit=1)
        == """\
3 problem stoppar, 1 varning, 1 upplysning.

STOPPAR  unknown-key (1)
  study.yaml, rad 7, surveys.a: Uppgiften ”filtr” finns inte.
    Åtgärd: Menas filter? Rätta namnet, eller ta bort raden.

STOPPAR  unknown-option (4)
  data/a.csv, blad Blad1, rad 214, kolumn F (q7): Svaret ”9” finns inte bland \
svarsalternativen. Det räknas under sitt eget namn.
    Åtgärd: I kodboken finns: 1, 2, 98. Rätta svaret, lägg till alternativet i kodboken, eller \
ange skrivningen under values för det alternativ som avses.
  … och 1 till

VARNING  date-ambiguous (1)
  data/a.csv, blad Blad1, rad 2, kolumn G (dag): Det framgår inte om dagen eller månaden står \
först i datumen. De har lästs med dagen först.
    Åtgärd: Exportera datumen som år, månad och dag, eller kontrollera några av dem.

UPPLYSNING  unused-column (1)
  data/a.csv, kolumn B (Övrigt): Kolumnen hör inte till någon fråga i kodboken och räknas inte.
    Åtgärd: Lägg till frågan i kodboken om den ska redovisas, annars behöver inget göras.
"""
    )
    assert problems_text((), TEXTS) == ""


def test_csv_has_one_row_per_problem() -> None:
    rows = list(csv.DictReader(io.StringIO(problems_csv(PROBLEMS, TEXTS).decode("utf-8"))))
    assert len(rows) == len(PROBLEMS)
    assert list(rows[0]) == [
        "code", "severity", "file", "sheet", "row", "column", "value", "expected", "message",
        "mend", "count", "rows",
    ]  # fmt: skip
    assert (rows[2]["severity"], rows[2]["row"], rows[2]["count"]) == ("stop", "214", "3")


@pytest.mark.parametrize(("value", "cell"), [("=1+1", "'=1+1"), ("-99", "-99"), ("@x", "'@x")])
def test_csv_runs_no_formulas(value: str, cell: str) -> None:
    data = problems_csv([Problem("unknown-option", STOP, value=value)], TEXTS)
    assert next(iter(csv.DictReader(io.StringIO(data.decode("utf-8")))))["value"] == cell


@pytest.mark.parametrize("language", ["sv", "en"])
def test_page_is_whole_and_escapes_everything(language: str) -> None:
    evil = Problem("unknown-option", STOP, "<b>.csv", row=3, column="A (<i>)", value="<script>")
    page = problems_html([*PROBLEMS, evil], load_texts(language), "Studie & <x>").decode("utf-8")
    assert page.startswith(f'<!doctype html>\n<html lang="{language}">')
    assert "<script" not in page
    assert "<i>" not in page
    assert "Studie &amp; &lt;x&gt;" in page
    assert "http" not in page
    assert page.count("<h1>") == 1
    assert page.count("<caption>") == page.count("<table>") == 4  # kinds, and one per file
    assert page.index("unknown-option") < page.index('id="file-1"')  # counts come first


def test_page_without_problems_says_so() -> None:
    page = problems_html([], TEXTS, "Studien").decode("utf-8")
    assert "Inga problem hittades." in page
    assert "<table>" not in page


def test_same_problems_same_bytes() -> None:
    assert problems_html(PROBLEMS, TEXTS, "x") == problems_html(PROBLEMS, TEXTS, "x")


def test_all_rows_of_one_finding_are_named() -> None:
    texts = load_texts("sv")
    problem = Problem.of_rows(
        "unknown-option", WARN, [15, 4, 9, 12, 13, 14, 20, 21], file="a.csv", column="F (q7)"
    )
    assert (problem.row, problem.count) == (4, 8)
    assert "rad 4, 9, 12–15, 20, 21, kolumn F" in problems_text([problem], texts)
    assert ">4, 9, 12–15, 20, 21</th>" in problems_html([problem], texts, "T").decode()
    row = next(csv.DictReader(io.StringIO(problems_csv([problem], texts).decode())))
    assert (row["row"], row["rows"]) == ("4", "4 9 12–15 20 21")


def test_very_many_rows_are_named_in_part_and_counted() -> None:
    problem = Problem.of_rows("unknown-option", WARN, range(1, 2001, 2), file="a.csv")
    said = where(problem, load_texts("sv"))
    assert said.startswith("a.csv, rad 1, 3, 5,")
    assert said.endswith("47, 49, … och 975 till")


def test_one_row_is_said_as_one() -> None:
    problem = Problem.of_rows("unknown-option", WARN, [7], file="a.csv")
    assert (problem.rows, where(problem, load_texts("sv"))) == ((), "a.csv, rad 7")
