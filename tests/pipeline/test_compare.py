"""Comparisons: one release with the report, and nothing withheld in the page."""

from __future__ import annotations

import csv
import json
import re

import pytest

from evaluation.model import CellStatus
from evaluation.pipeline.audit_release import audit_folders
from evaluation.pipeline.build import release_tables
from evaluation.pipeline.compare import compare
from evaluation.pipeline.comparisons import comparison_specs
from evaluation.pipeline.pieces import Compared, read_pieces
from evaluation.pipeline.report import write_report
from tests.pipeline.unit_study import unit_study

BY = "besok.kommun"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The report first, then a comparison into the same folder."""
    folder = tmp_path_factory.mktemp("compare")
    study = unit_study(folder / "s")
    out = folder / "out"
    write_report(study, out, formats=("html", "csv", "json"))
    before = (out / "tables.csv").read_bytes()
    result = compare(study, BY, out, shrunk=True)
    names = [".html", "/tables.csv", "/manifest.json"]
    assert result.value == [out / f"compare-besok-kommun{name}" for name in names]
    return study, out, before


def test_the_report_is_brought_in_line(made):
    study, out, before = made
    assert read_pieces(study, out).comparisons == (Compared(BY, "", True),)
    after = (out / "tables.csv").read_bytes()
    assert after != before
    rows = list(csv.DictReader(after.decode().splitlines()))
    assert {row["col_var"] for row in rows} >= {"kommun"}
    # Asked for again, the report is the same: it knows of the comparison.
    write_report(study, out, formats=("html", "csv", "json"))
    assert (out / "tables.csv").read_bytes() == after


def test_the_page_says_in_its_title_that_it_compares(made):
    page = (made[1] / "compare-besok-kommun.html").read_text(encoding="utf-8")
    assert " – Jämförelse mellan enheter" in page.partition("<title>")[2].partition("</title>")[0]


def test_the_survey_may_be_left_out_where_there_is_one(tmp_path):
    study = unit_study(tmp_path / "s")
    assert compare(study, "kommun", tmp_path / "out").value
    assert (tmp_path / "out/compare-besok-kommun.html").is_file()
    # What a run of an earlier version remembered by the short name is the same comparison.
    remembered = tmp_path / "out/release.json"
    remembered.write_text(remembered.read_text("utf-8").replace(BY, "kommun"), encoding="utf-8")
    assert read_pieces(study, tmp_path / "out").comparisons == (Compared(BY),)


def test_what_cannot_be_compared_is_not_offered_instead(made, tmp_path):
    study, grid = made[0], "besok.bemotande"
    problems = compare(study, grid, tmp_path).problems
    (problem,) = [p for p in problems if p.code == "compare-by"]
    offered = problem.expected.split(", ")
    assert BY in offered
    assert grid not in offered
    assert not list(tmp_path.iterdir())


def test_an_attack_on_all_files_of_the_folder_finds_nothing(made):
    audits = audit_folders([made[1]]).value
    assert audits
    assert all(not audit.leaks for audit in audits)


def test_no_withheld_figure_is_in_the_page(made):
    study, out, _ = made
    page = (out / "compare-besok-kommun.html").read_text(encoding="utf-8")
    specs = comparison_specs(study, Compared(BY))
    truth = {t.spec: t for t in release_tables(study, specs, unprotected=True).tables}
    rows = list(csv.DictReader((out / "tables.csv").read_text("utf-8").splitlines()))
    hidden = 0
    for table in truth.values():
        status = {
            (r["row_var"], r["row_code"], r["col_code"]): r["status"]
            for r in rows
            if r["question"] == table.spec.question and r["col_var"] == "kommun"
        }
        for row, line in zip(table.rows, table.cells, strict=True):
            for column, cell in zip(table.columns, line, strict=True):
                place = (row.variable, row.code, column.code)
                if status.get(place, "shown") == CellStatus.SHOWN or cell.percent is None:
                    continue
                hidden += 1
                exact = repr(cell.percent)
                assert len(exact) < 8 or exact not in page
    assert hidden > 10
    cells = r'<tr><th scope="row">Kommun [^<]+</th><td class="number">'
    assert re.search(cells + r"\d", page)
    assert not re.search(cells + r"(?:(?!</tr>).)*\.\.", page)
    assert len(re.findall(r"\d+ av 5 enheter visas inte: ", page)) > 5


def test_a_withheld_unit_has_no_point_in_any_chart(made):
    page = (made[1] / "compare-besok-kommun.html").read_text(encoding="utf-8")
    figures = re.findall(r'<figure class="chart" id="(figur-\d+)">(.*?)</figure>', page, flags=re.S)
    picker = json.loads(re.search(r'id="picker-data">(.*?)</script>', page)[1])
    found = 0
    for name, figure in figures:
        units = [picker["units"][place] for place in picker["charts"][name]]
        said = re.findall(r"(\d) av 5 enheter visas inte: ([^.]*)\.", figure)
        named = {unit for _, names in said for unit in names.split(", ")}
        found += len(named)
        rows = set(re.findall(r'<th scope="row">(Kommun [^<]+)</th>', figure))
        drawn = {units[int(c)] for c in re.findall(r'data-c="(\d+)"', figure)}
        assert drawn == set(units) == rows
        assert not named & drawn
        # A dot chart names those that it leaves out, and how many they are.
        assert not said or len(named | drawn) == 5
        assert all(int(n) == len(names.split(", ")) for n, names in said)
    assert found


def test_the_withheld_are_named_in_the_codebooks_order_and_the_picker_knows_them(made):
    page = (made[1] / "compare-besok-kommun.html").read_text(encoding="utf-8")
    picker = json.loads(re.search(r'id="picker-data">(.*?)</script>', page)[1])
    assert any(row["withheld"] for row in picker["rows"])
    for row in picker["rows"]:
        assert row["withheld"] == sorted(row["withheld"])
        table = page.partition(f'id="{row["table"]}-table"')[2].partition("</figure>")[0]
        body = table.partition("<tfoot")[0]
        shown = set(re.findall(r'<tr[^>]*><th scope="row">(Kommun [^<]+)</th>', body))
        assert shown | set(row["withheld"]) == set(picker["units"])
        assert not shown & set(row["withheld"])


def test_the_picker_holds_no_figures(made):
    page = (made[1] / "compare-besok-kommun.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'id="picker-data">(.*?)</script>', page)[1])
    words = {"decimal", "caption", "said", "nothing", "note", "withheld"}
    assert set(data) == {"units", "rows", "charts", *words}
    assert data["units"] == [f"Kommun {n:03d}" for n in range(1, 6)]
    assert all(f'id="{row["table"]}-table"' in page for row in data["rows"])


def test_units_of_a_level_can_be_compared(tmp_path):
    study = unit_study(tmp_path / "s", protected=False)
    result = compare(study, "besok.lan", tmp_path / "out", background="alder", shrunk=True)
    page = result.value[0].read_text(encoding="utf-8")
    assert "Stockholms län" in page
    assert "Standardiserad procent" in page
    assert "Utjämnad procent" in page


@pytest.mark.parametrize(
    ("by", "code"), [("besok.komun", "unknown-name"), ("besok.vag", "compare-by")]
)
def test_what_is_no_unit_is_a_problem(tmp_path, by, code):
    study = unit_study(tmp_path / "s", protected=False)
    result = compare(study, by, tmp_path / "out")
    assert result.value is None
    assert len(result.problems) == 1
    assert result.problems[0].code in (code, "unknown-question")
    assert not (tmp_path / "out").exists()
