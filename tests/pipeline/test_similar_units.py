"""Units that are alike by a table of the study: groups by name, or classes of a known size."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from evaluation.cli import main
from evaluation.codebook.similar import grouping
from evaluation.pipeline.audit_release import audit_folders
from evaluation.pipeline.load import load_study
from evaluation.pipeline.report import write_report
from evaluation.pipeline.units import write_unit_reports
from tests.pipeline.unit_study import loaded, replace_in, unit_study

TABLE = """\
Enhet;Kommungrupp;Inbjudna
Kommun 001;Storstad;1 240
Kommun 002;Landsbygd;40
Kommun 003;Landsbygd;199
Kommun 004;Storstad;50
Kommun 005;Landsbygd;200
"""
SIZES = "{file: data/enheter.csv, column: inbjudna, classes: [200, 50]}"


def study(folder, said, table=TABLE, *, protected=False):
    unit_study(folder, protected=protected)
    (folder / "data" / "enheter.csv").write_text(table, encoding="utf-8")
    replace_in(folder / "study.yaml", "unit: kommun", f"unit: kommun\n    similar: {said}")
    return folder


def groups(made):
    book, survey = made.folder.codebooks["besok"], made.folder.study.surveys["besok"]
    names = {q.id: {o.code: o.label for o in q.options} for q in book.questions}
    found = grouping(book, "kommun", survey.similar)
    return [names[survey.similar][found[code]] for code in names["kommun"]]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("{file: data/enheter.csv}", ["Storstad", "Landsbygd", "Landsbygd", "Storstad", "Landsbygd"]),
        (
            SIZES,
            ["Inbjudna 200 eller fler", "Inbjudna under 50", "Inbjudna 50–199", "Inbjudna 50–199",
             "Inbjudna 200 eller fler"],
        ),
        ("lan", None),
    ],
)  # fmt: skip
def test_each_unit_has_its_group(tmp_path, said, wanted):
    found = groups(loaded(study(tmp_path / "s", said)))
    assert len(found) == 5
    if wanted:
        assert found == wanted


def test_index_and_reports_name_the_groups(tmp_path):
    made = loaded(study(tmp_path / "s", SIZES))
    write_unit_reports(made, tmp_path / "out", formats=("html",))
    units = tmp_path / "out" / "units"
    index = (units / "index.html").read_text(encoding="utf-8").partition("<main")[2]
    found = re.findall(r"<h3[^>]*>(?:<[^>]*>)*([^<]+)|>(Kommun \d+)</a>", index)
    assert ["".join(pair).strip() for pair in found] == [
        "Inbjudna under 50", "Kommun 002",
        "Inbjudna 50–199", "Kommun 003", "Kommun 004",
        "Inbjudna 200 eller fler", "Kommun 001", "Kommun 005",
    ]  # fmt: skip
    page = (units / "kommun-003/report.html").read_text(encoding="utf-8")
    assert "vid sidan av Inbjudna 50–199 och samtliga svarande." in page


def test_a_report_holds_the_group_and_its_count_is_the_sum_of_its_units(tmp_path):
    """Counted by hand: the two units with 50 to 199 invited."""
    made = loaded(study(tmp_path / "s", SIZES))
    write_unit_reports(made, tmp_path / "out", only="Kommun 003")
    page = (tmp_path / "out/units/kommun-003/report.html").read_text(encoding="utf-8")
    text = (tmp_path / "s/data/besok.csv").read_text(encoding="utf-8").splitlines()
    head = text[0].split(";")
    place, sex = head.index("Kommun"), head.index("Kön")
    rows = [line.split(";") for line in text[1:]]
    like = sum(row[place] in ("Kommun 003", "Kommun 004") and row[sex] == "Kvinna" for row in rows)
    own = sum(row[place] == "Kommun 003" and row[sex] == "Kvinna" for row in rows)
    assert "Inbjudna 50–199</th>" in page
    line = re.search(r'<th scope="row">Kvinna</th>(.*?)</tr>', page)[1]
    cells = re.findall(r">([^<]+)</td>", line)
    assert (cells[0], cells[2]) == (str(own), str(like))


def test_groups_are_protected_with_their_units(tmp_path):
    """The audit, which reads the files alone, knows that a group is the sum of its units."""
    made = loaded(study(tmp_path / "s", SIZES, protected=True))
    out = tmp_path / "out"
    write_unit_reports(made, out)
    assert write_report(made, out, formats=("csv", "json")).value
    assert "Inbjudna" in (out / "tables.csv").read_text(encoding="utf-8")
    assert '"besok.inbjudna"' in (out / "manifest.json").read_text(encoding="utf-8")
    audits = audit_folders([out]).value
    assert audits
    assert all(not audit.leaks for audit in audits)


@pytest.mark.parametrize(
    ("said", "table", "codes"),
    [
        ("{file: data/enheter.csv, column: Grupp}", TABLE, {"similar-unknown-column"}),
        ("{file: data/finns-inte.csv}", TABLE, {"missing-study-file"}),
        ("{file: data/enheter.csv, classes: [50]}", TABLE, {"similar-needs-number"}),
        (SIZES, TABLE.replace("Kommun 005;", "Kommun 055;"), {"hierarchy-unknown-unit", "hierarchy-missing-unit"}),
        (SIZES, TABLE.replace("199", ""), {"hierarchy-missing-parent"}),
        (SIZES, TABLE + "Kommun 001;Storstad;7\n", {"hierarchy-duplicate"}),
        ("{file: data/enheter.csv}", TABLE.replace("Kommungrupp", "kon"), {"similar-column-taken"}),
    ],
)  # fmt: skip
def test_a_faulty_table_is_told(tmp_path, said, table, codes):
    _, problems = load_study(study(tmp_path / "s", said, table))
    assert {p.code for p in problems} - {"tool-unknown"} == codes
    result = CliRunner().invoke(main, ["check", str(tmp_path / "s")])
    assert result.exit_code == 1
    assert "problems." not in result.stderr


def test_a_question_that_groups_no_units_is_told_and_left_out(tmp_path):
    made = loaded(study(tmp_path / "s", "alder"))
    assert "similar-groups-no-units" in {p.code for p in made.problems}
    assert made.folder.study.surveys["besok"].similar is None


def test_units_of_a_level_have_groups_of_a_higher_one(tmp_path):
    folder = study(tmp_path / "s", "lan")
    replace_in(folder / "study.yaml", "unit: kommun", "unit: samordningsforbund")
    made = loaded(folder)
    book = made.folder.codebooks["besok"]
    found = grouping(book, "samordningsforbund", "lan")
    options = next(q for q in book.questions if q.id == "samordningsforbund").options
    assert found.keys() == {o.code for o in options}
