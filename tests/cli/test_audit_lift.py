"""``evaluation lift`` and ``evaluation audit`` from the command line."""

from __future__ import annotations

import csv
import json
from io import StringIO

import pytest
from click.testing import CliRunner

from evaluation.cli import main

REPORT = """\
Enkäten besvarades av 90 personer och redovisas fråga för fråga i det här kapitlet. Svaren
är avrundade till en decimal.
Tabell 1. Kan du ställa frågorna?
Svarsalternativ n Procent
Ja 63 70,0%
Nej 27 30,0%
Omkring en tredjedel (27 personer) kan alltså inte ställa frågorna till dem som de möter.
"""


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture
def report(tmp_path):
    path = tmp_path / "rapport.txt"
    path.write_text(REPORT, encoding="utf-8")
    return path


def test_a_lifted_report_can_be_audited_at_once(report, tmp_path):
    out = tmp_path / "lifted.yaml"
    lifted = run("lift", report, "--out", out)
    assert (lifted.exit_code, lifted.stdout) == (0, "")
    audited = run("audit", out)
    assert audited.exit_code == 0, audited.output
    assert "Inget fynd." in audited.stdout


def test_a_changed_digit_is_named_with_its_place(report, tmp_path):
    report.write_text(REPORT.replace("Nej 27 30,0%", "Nej 27 31,0%"), encoding="utf-8")
    out = tmp_path / "lifted.yaml"
    run("lift", report, "--out", out)
    audited = run("audit", out)
    assert audited.exit_code == 1
    assert "tabell-1, rad 3" in audited.stdout
    assert "Nej, procent: tryckt 31,0%" in audited.stdout
    assert "27 av 90 är 30,0\u00a0%" in audited.stdout


def test_lift_without_a_file_writes_to_standard_output(report):
    result = run("lift", report)
    assert result.exit_code == 0
    assert 'label: "Ja", n: "63", percent: "70,0%"' in result.stdout
    assert "Tabeller: 1." in result.stderr


def test_lift_does_not_write_over_a_file(report, tmp_path):
    out = tmp_path / "lifted.yaml"
    out.write_text("mitt arbete", encoding="utf-8")
    assert run("lift", report, "--out", out).exit_code == 1
    assert out.read_text(encoding="utf-8") == "mitt arbete"
    assert run("lift", report, "--out", out, "--force").exit_code == 0
    assert "tables:" in out.read_text(encoding="utf-8")


def test_the_same_report_gives_the_same_bytes(report, tmp_path):
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    run("lift", report, "--out", first)
    run("lift", report, "--out", second)
    assert first.read_bytes() == second.read_bytes()


CSV_SWEDISH = (
    "Bas;Procent;Tabell;Svarsalternativ;Antal\n"
    "90;55,6%;A;Ja;50\n90;44,4%;A;Nej;40\n;100%;A;Totalt;91\n90;41,7;B;Nej;37\n"
)
CSV_ENGLISH = "table,label,n,percent,base\nA,Yes,50,55.6,90\nA,No,40,44.4,90\nB,No,37,41.7,90\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (CSV_SWEDISH, [("sum_row", "A", "Totalt"), ("n_percent", "B", "Nej")]),
        (CSV_ENGLISH, [("n_percent", "B", "No")]),
        (CSV_SWEDISH.encode("cp1252"), [("sum_row", "A", "Totalt"), ("n_percent", "B", "Nej")]),
    ],
)
def test_csv_with_heads_in_any_order_and_language(tmp_path, content, expected):
    path = tmp_path / "tabeller.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    result = run("audit", path, "--format", "csv")
    assert result.exit_code == 1
    rows = list(csv.DictReader(StringIO(result.stdout)))
    assert [(r["code"], r["table"], r["row"]) for r in rows] == expected


def test_json_and_english(tmp_path):
    path = tmp_path / "tables.csv"
    path.write_text(CSV_ENGLISH, encoding="utf-8")
    result = run("audit", path, "--format", "json", "--language", "en")
    content = json.loads(result.stdout)
    assert (content["tables"], len(content["findings"])) == (2, 1)
    assert (
        content["findings"][0]["why"]
        == "The count 37 of 90 does not give 41.7 by any rounding rule."
    )


def test_only_findings_that_are_sure_enough(tmp_path):
    path = tmp_path / "tables.csv"
    path.write_text(
        "table,label,n,percent,kind\nA,a,1,40,single\nA,b,1,40,single\n", encoding="utf-8"
    )
    assert run("audit", path).exit_code == 1
    path.write_text("label,n,percent\nJa,1,33.3\nNej,2,66.7\n", encoding="utf-8")
    assert run("audit", path, "--least", "certain").exit_code == 0


def test_bases_that_fit_are_told_where_none_is_printed(tmp_path):
    path = tmp_path / "tables.csv"
    path.write_text(
        "label,n,percent,kind\na,35,81.4,multiple\nb,33,76.7,multiple\nc,6,14.0,multiple\n",
        encoding="utf-8",
    )
    result = run("audit", path)
    assert result.exit_code == 0
    assert "bara 43" in result.stdout


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("saknas.csv", None, "audit-missing"),
        ("tom.csv", "", "empty-file"),
        ("fel.csv", "a,b\n1,2\n", "audit-heads"),
        ("fel.yaml", "tables: [\n", "yaml-"),
        ("fel.yaml", "report: x\ntables:\n  - {id: a, rowz: []}\n", ""),
    ],
)
def test_files_that_cannot_be_audited_are_explained(tmp_path, name, content, code):
    path = tmp_path / name
    if content is not None:
        path.write_text(content, encoding="utf-8")
    result = run("audit", path)
    assert name in result.stderr
    assert result.exception is None or isinstance(result.exception, SystemExit)
    if code:
        assert result.exit_code == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [("saknas.pdf", None), ("trasig.pdf", b"%PDF-1.7\nnothing"), ("tom.txt", b"")],
)
def test_reports_that_cannot_be_lifted_are_explained(tmp_path, name, content):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    result = run("lift", path)
    assert name in result.stderr
    assert result.exception is None or isinstance(result.exception, SystemExit)
