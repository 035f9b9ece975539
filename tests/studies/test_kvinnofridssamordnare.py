"""The study of coordinators: against the reference, recounted, generated anew, and verified."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from collections import Counter

import pytest
import yaml

from evaluation.model import RowKind
from evaluation.pipeline.build import build_report, study_facts
from evaluation.pipeline.load import load_study
from evaluation.pipeline.verify import read_published, verify
from tests.paths import REPOSITORY, SHARED, needs_shared

STUDY = REPOSITORY / "surveys" / "kvinnofridssamordnare-2019"
REFERENCE = SHARED / "reference" / "lansstyrelsen-vastmanland-kvinnofridssamordnare-2019.yaml"
DRAWN = ("intervjuer.csv", "samordnare.csv", "kommuner.csv", "arbetssatt.csv")


def read_yaml(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def rows_of(name, separator=";"):
    with (STUDY / "data" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=separator))


def verified(folder):
    study, _ = load_study(folder)
    return verify(study, read_published(study).value)


@pytest.fixture(scope="module")
def study():
    loaded, problems = load_study(STUDY)
    assert [p for p in problems if p.severity.name == "STOP"] == []
    return loaded


@needs_shared
@pytest.mark.parametrize("number", [1, 2])
def test_printed_tables_are_those_of_the_reference(number):
    table = read_yaml(STUDY / "published.yaml")["tables"][number - 1]
    reference = read_yaml(REFERENCE)["tables"][number - 1]
    assert table["columns"] == reference["columns"]
    printed = [(row["label"], list(row["cells"].values())) for row in table["rows"]]
    wanted = [
        (str(row["year"]), ["-" if v is None else str(v) for v in row["values"]])
        for row in reference["rows"]
    ]
    assert printed == wanted


@needs_shared
def test_printed_facts_are_those_of_the_reference():
    facts = {f["id"]: f["value"] for f in read_yaml(STUDY / "published.yaml")["facts"]}
    for fact in read_yaml(REFERENCE)["facts"]:
        assert facts[fact["id"]] == str(fact["value"])


def test_recount_of_interviews_in_plain_python():
    interviews = rows_of("intervjuer.csv")
    roles = Counter(row["Roll"] for row in interviews)
    assert len(interviews) == 36
    assert sorted(roles.values()) == [1, 2, 6, 7, 8, 12]
    assert roles["Kvinnofridssamordnare"] == 6
    assert roles["Extern samverkanspart"] == 7
    assert sum(row["Har varit samordnare"] == "Ja" for row in interviews) == 2
    places = Counter(row["Kommun"] for row in interviews if row["Kommun"])
    assert len(places) == 10
    assert min(places.values()) >= 2


def test_recount_of_municipalities_in_plain_python():
    places = rows_of("kommuner.csv")
    with_one = [row for row in places if row["Samordnare"] != "Ingen"]
    assert (len(places), len(with_one)) == (10, 8)
    assert sum(row["Fungerar"] == "Dåligt" for row in with_one) == 2
    assert sum(row["Kunskapsbaserad verksamhet"] == "Stärkt" for row in with_one) == 7
    assert sum(row["Trygghet och säkerhet"] == "Stärkt" for row in with_one) == 6
    asked = [row for row in rows_of("arbetssatt.csv") if row["Arbetssätt"].startswith("Fråga")]
    assert sum(int(row["På plats"]) for row in asked if row["Tidpunkt"] == "Efter") == 4


def test_the_generator_gives_the_same_bytes(tmp_path):
    subprocess.run([sys.executable, str(STUDY / "synthesize.py"), str(tmp_path)], check=True)
    for name in DRAWN:
        assert (tmp_path / name).read_bytes() == (STUDY / "data" / name).read_bytes()


def test_themes_are_counted_like_a_multiple_answer(study):
    said = Counter(theme for row in rows_of("intervjuer.csv") for theme in row["Teman"].split("; "))
    release = build_report(study).value.release
    (table,) = [t for t in release.tables if t.id == "intervjuer.teman*rollgrupp"]
    counted = {
        row.label: cells[-1].n
        for row, cells in zip(table.rows, table.cells, strict=True)
        if row.kind is RowKind.OPTION and cells[-1].n is not None
    }
    assert counted == {label: said[label] for label in counted}


def test_a_theme_of_a_single_source_is_withheld(study):
    release = build_report(study).value.release
    for table in release.tables:
        if table.spec.question in ("teman", "omraden"):
            shown = [
                cell.n
                for row, cells in zip(table.rows, table.cells, strict=True)
                for cell in cells
                if row.kind is RowKind.OPTION
            ]
            assert 1 not in shown


def test_changes_and_missing_years(study):
    tables = study_facts(study).data_tables
    change = tables["tabell_1_forandring"]
    assert change.rows[0] == ("2013", "25", ".", "..", ".", "45", ".")
    assert change.rows[2] == ("2015", "17", "-7", "11", "..", "60", "22")
    assert change.rows[5] == ("2018", "19", "1", "11", "0", "91", "6")
    assert tables["fore_efter_1"].rows == (
        ("Utredningar familjefrid", "22.0", "18.5", "-3.5"),
        ("Skyddsboenden", "11.0", "11.0", "0.0"),
        ("Barn som bevittnat våld", "47.7", "88.0", "40.3"),
    )


def test_verify_is_clean():
    result = verified(STUDY)
    assert result.is_explained
    assert (len(result.tables), sum(t.cells for t in result.tables)) == (2, 21)
    assert result.facts == ()


def test_one_altered_answer_is_named(tmp_path):
    folder = tmp_path / STUDY.name
    shutil.copytree(STUDY, folder)
    path = folder / "data" / "kommuner.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("D;Egen på deltid;Bra", "D;Egen på deltid;Dåligt"), "utf-8")
    result = verified(folder)
    assert not result.is_explained
    assert [(f.table, f.computed) for f in result.facts] == [("fungerar-daligt", "3")]
