"""Every command on a small study, and on studies with one fault each."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import zipfile

import pytest
from click.testing import CliRunner

from evaluation.cli import main
from tests.paths import REPOSITORY
from tests.small_study import ANSWERS, CHAPTER, CODEBOOK, STUDY, UNSTATED, quoted, small_study


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


@pytest.fixture
def study(tmp_path):
    return small_study(tmp_path / "small")


def test_help_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from evaluation.cli import main\n"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0\n"
        "heavy = {'pandas', 'numpy', 'scipy', 'statsmodels', 'plotly', 'pydantic', 'yaml', 'jinja2'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_report_imports_no_statistics_package(study, tmp_path):
    code = (
        "import sys\n"
        "from evaluation.cli import main\n"
        f"main(['-q', 'report', {str(study)!r}, '--out', {str(tmp_path / 'o')!r}], standalone_mode=False)\n"
        "print(sorted({'pandas', 'scipy', 'statsmodels', 'openpyxl', 'matplotlib'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_check_accounts_for_every_row(study):
    result = run("check", study)
    assert result.exit_code == 0
    assert "Rader i filen" in result.stdout


def test_codebook_as_json_has_bases_and_missing_by_kind(study):
    content = json.loads(run("codebook", study, "--format", "json").stdout)
    by_id = {q["id"]: q for q in content["questions"]}
    assert by_id["useful"]["base"] == 6
    assert by_id["useful"]["answered"] == 5
    assert by_id["useful"]["missing"] == {"item_nonresponse": 1, "not_asked": 4, "invalid": 0}
    assert [o["label"] for o in by_id["trained"]["options"]] == ["Ja", "Nej", "Vet inte"]


def test_table_as_csv_has_the_columns_of_the_contract(study):
    result = run("table", study, "staff.trained", "--by", "gender", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert ",".join(rows[0]) == (
        "table,title,survey,question,row_var,row_code,row_label,col_var,col_code,col_label,"
        "where,weight,n,wn,percent,ci_low,ci_high,base_n,base_wn,status"
    )
    cells = {(r["row_code"], r["col_code"]): r for r in rows}
    assert cells["1", "w"]["n"] == "4"
    assert float(cells["1", "w"]["percent"]) == pytest.approx(100 * 4 / 6)
    assert cells["total", "total"]["n"] == "10"


def test_table_filters_and_intervals_as_json(study):
    result = run(
        "table",
        study,
        "trained",
        "--where",
        "gender == 'Man'",
        "--ci",
        "wilson",
        "--format",
        "json",
    )
    content = json.loads(result.stdout)
    yes = next(c for c in content["cells"] if c["row_code"] == "1")
    assert (yes["n"], yes["base_n"], yes["interval"]) == (2, 4, "wilson")
    assert 0 < yes["ci_low"] < 50 < yes["ci_high"] < 100
    assert content["class"] == "dataset"


def test_tests_stand_in_the_json(study):
    arguments = ("--by", "gender", "--test", "fisher", "--test", "pearson", "--format", "json")
    content = json.loads(run("table", study, "staff.trained", *arguments).stdout)
    assert [t["method"] for t in content["tests"]] == ["fisher", "pearson"]
    assert content["tests"][1]["base_n"] == 10


def test_another_engine_gives_the_same_table(study):
    pytest.importorskip("duckdb")
    arguments = ("table", study, "staff.contacts", "--by", "gender", "--where", "trained == 'Ja'")
    memory = run(*arguments, "--format", "csv")
    duckdb = run(*arguments, "--format", "csv", "--engine", "duckdb")
    assert duckdb.exit_code == 0
    assert duckdb.stdout == memory.stdout


def test_raw_says_so(study):
    result = run("table", study, "staff.trained", "--raw")
    assert "Oskyddade" in result.stderr
    assert "Oskyddade" in result.stdout


def test_report_writes_every_file_and_the_same_bytes_twice(study, tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    assert run("report", study, "--out", first).exit_code == 0
    assert run("report", study, "--out", second).exit_code == 0
    names = sorted(path.name for path in first.iterdir())
    assert names == sorted(
        [
            "manifest.json",
            "problems.csv",
            "report.docx",
            "report.html",
            "report.pdf",
            "tables.csv",
            "tables.json",
            "tables.xlsx",
        ]
    )
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_the_same_input_is_not_built_again(study, tmp_path):
    out = tmp_path / "out"
    run("report", study, "--to", "csv,html", "--out", out)
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    assert "unchanged" in run("report", study, "--to", "csv,html", "--out", out).stderr
    assert before == {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    assert "unchanged" not in run("report", study, "--to", "csv", "--out", out).stderr
    chapter = study / "chapters" / "1.md"
    chapter.write_text(chapter.read_text(encoding="utf-8") + "\nMer.\n", encoding="utf-8")
    assert "unchanged" not in run("report", study, "--to", "csv", "--out", out).stderr
    (out / "tables.csv").write_text("meddled with", encoding="utf-8")
    assert "unchanged" not in run("report", study, "--to", "csv", "--out", out).stderr


def test_figures_in_prose_come_from_the_answers(study, tmp_path):
    run("report", study, "--to", "html", "--out", tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "10 av 20 svarade, 50,0\u00a0%." in page
    assert "6 (60,0\u00a0%)" in page
    assert "fyra kvinnor" in page
    assert "De flesta är utbildade." in page
    assert ">tabell 1</a>" in page


def test_manifest_counts_rows_and_holds_no_answer(study, tmp_path):
    run("report", study, "--to", "csv", "--out", tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["intake"]["staff"]["complete"] == 10
    assert set(manifest["inputs"]) >= {"study.yaml", "staff.yaml", "data/staff.csv"}
    assert "tables.csv" in manifest["outputs"]
    assert "Polisen" not in json.dumps(manifest)


def test_workbook_has_numbers_as_numbers_and_nothing_hidden(study, tmp_path):
    import openpyxl

    run("report", study, "--to", "xlsx", "--out", tmp_path)
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert book.sheetnames[:4] == ["Försättsblad", "Innehåll", "Förklaringar", "Tabell 1"]
    assert all(sheet.sheet_state == "visible" for sheet in book)
    assert not any(sheet.merged_cells.ranges for sheet in book)
    cells = [cell.value for row in book["Tabell 1"].iter_rows() for cell in row]
    assert 66.7 in cells
    with zipfile.ZipFile(tmp_path / "tables.xlsx") as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_an_answer_that_the_codebook_lacks_is_a_row_of_its_own(tmp_path):
    """Counted, told, and protected as any other: one of ten is hidden where three are needed."""
    study = UNSTATED + "protection: {method: suppress, minimum_count: 3}\n"
    answers = quoted().replace("Kvinna;Nej", "Kvinna;Nja")
    for name, declared in (("open", STUDY), ("closed", study)):
        made = small_study(tmp_path / name, answers=answers, study=declared)
        assert run("check", made).exit_code == 0
        out = tmp_path / f"{name}-out"
        assert run("report", made, "--to", "csv", "--out", out).exit_code == 0
        rows = list(csv.DictReader((out / "tables.csv").read_text("utf-8").splitlines()))
        named = [r for r in rows if r["row_label"] == "Nja" and r["table"] == "staff.trained"]
        (row,) = [r for r in named if r["col_code"] == "total"]
        assert (row["n"], row["status"] == "shown") == (
            ("1", True) if name == "open" else ("", False)
        )
        problems = list(csv.DictReader((out / "problems.csv").read_text("utf-8").splitlines()))
        (told,) = [p for p in problems if p["code"] == "unknown-option"]
        assert (told["severity"], told["value"], told["row"]) == ("warn", "Nja", "5")


def test_a_faulty_question_is_told_once_and_not_again_for_each_chapter(tmp_path):
    faulty = CODEBOOK.replace(
        "    type: single\n    options: {1: Ja", "    type: singel\n    options: {1: Ja"
    )
    assert faulty != CODEBOOK
    chapter = CHAPTER.replace("staff.contacts", "staff.kontakter", 1)
    study = small_study(tmp_path / "bad", codebook=faulty, chapter=chapter)
    listed = tmp_path / "problems.csv"
    assert run("check", study, "--problems", listed).exit_code == 1
    rows = list(csv.DictReader(io.StringIO(listed.read_text(encoding="utf-8-sig"))))
    assert [(r["code"], r["value"]) for r in rows if r["severity"] == "stop"] == [
        ("yaml-unknown-word", "singel"),
        ("unknown-question", "staff.kontakter"),
    ]


def test_the_page_of_problems_accounts_for_every_row(study, tmp_path):
    page = tmp_path / "problems.html"
    assert run("check", study, "--problems", page).exit_code == 0
    cells = re.findall(
        r'<th scope="row">([^<]*)</th>\s*<td class="number">([^<]*)</td>', page.read_text("utf-8")
    )
    account = {label: int(n) for label, n in cells}
    assert account["Rader i filen"] == 10
    kept = account.pop("Svar som ingår i redovisningen")
    rows = account.pop("Rader i filen")
    assert (kept, sum(account.values())) == (10, rows)


FAULTS = {
    "renamed column": ({"answers": quoted().replace("Kön;", "Könet;")}, "missing-column"),
    "unknown option": (
        {
            "answers": quoted().replace("Kvinna;Nej", "Kvinna;Nja"),
            "study": STUDY.replace("    data:", "    intake: {unknown_options: stop}\n    data:"),
        },
        "unknown-option",
    ),
    "exclusive with others": (
        {"answers": quoted().replace(";Ingen;1", ';"Ingen;Polisen";1')},
        "exclusive-clash",
    ),
    "empty file": ({"answers": ""}, "empty-file"),
    "yaml typo": ({"study": STUDY.replace("publisher:", "publischer:")}, "unknown-key"),
    "yaml syntax": ({"codebook": CODEBOOK + "  - {id: x\n"}, "yaml-unclosed-bracket"),
    "unknown name in filter": (
        {"codebook": CODEBOOK.replace("asked_if: trained", "asked_if: traned")},
        "expression-unknown-name",
    ),
    "unknown name in chapter": (
        {"chapter": CHAPTER.replace("staff.contacts", "staff.kontakter", 1)},
        "unknown-question",
    ),
    "template error": ({"chapter": CHAPTER + "\n{{ n( }}\n"}, "chapter-syntax"),
    "misspelt function": (
        {"chapter": CHAPTER + "\n{{ tabel('staff.trained') }}\n"},
        "chapter-name",
    ),
    "unknown option in chapter": (
        {"chapter": CHAPTER + "\n{{ n('staff.trained', 'Kanske') }}\n"},
        "unknown-option-code",
    ),
    "reference to nothing": ({"chapter": CHAPTER + "\n{{ ref('tab-x') }}\n"}, "unknown-reference"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_stops_the_report_and_nothing_is_written(fault, tmp_path):
    replaced, code = FAULTS[fault]
    study = small_study(tmp_path / "bad", **replaced)
    out = tmp_path / "out"
    result = run("report", study, "--out", out)
    assert result.exit_code == 1
    assert not out.exists() or not list(out.iterdir())
    listed = tmp_path / "problems.csv"
    assert run("check", study, "--problems", listed).exit_code == 1
    rows = list(csv.DictReader(io.StringIO(listed.read_text(encoding="utf-8-sig"))))
    assert code in {row["code"] for row in rows}
    problem = next(row for row in rows if row["code"] == code)
    assert problem["message"]
    assert problem["mend"]


def test_all_problems_of_a_run_come_together(tmp_path):
    study = small_study(
        tmp_path / "bad",
        answers=quoted(ANSWERS.replace("Kvinna;Nej", "Kvinna;Nja").replace("Man;Nej", "Men;Nej")),
    )
    listed = tmp_path / "problems.csv"
    run("check", study, "--problems", listed)
    rows = list(csv.DictReader(io.StringIO(listed.read_text(encoding="utf-8-sig"))))
    places = {
        (row["row"], row["column"].split(" ")[0]) for row in rows if row["code"] == "unknown-option"
    }
    assert {("5", "B"), ("8", "A")} <= places


def test_an_unknown_study_is_a_problem_not_a_traceback(tmp_path):
    result = run("check", tmp_path / "nowhere")
    assert result.exit_code == 1
    assert "Traceback" not in result.stderr


def test_run_evaluation_lists_the_bundled_studies():
    sys.path.insert(0, str(REPOSITORY))
    import run_evaluation

    assert "samordningsforbund-2022" in {path.name for path in run_evaluation.bundled()}
    assert run_evaluation.study_path("samordningsforbund-2022").is_dir()
