"""Files for statistical databases and archives, read by tools that we did not write."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from click.testing import CliRunner

from evaluation.cli import main
from tests.small_study import small_study

DDI = "{ddi:codebook:2_5}"


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    study = small_study(folder / "small")
    arguments = ["report", str(study), "--out", str(folder / "out"), "--to", "csv,json,px,ddi,csvw"]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return folder / "out"


def test_px_files_are_read_by_pyaxis(outputs):
    pyaxis = pytest.importorskip("pyaxis.pyaxis")
    px = pyaxis.parse(str(outputs / "px" / "staff.trained-gender.px"), encoding="utf-8")
    frame = px["DATA"]
    rows, columns, measures = frame.columns[:3]
    women = frame[(frame[rows] == "Ja") & (frame[columns] == "Kvinna")].set_index(measures)["DATA"]
    assert women["n"] == "4"
    assert women["Procent"] == "66.7"


def test_px_keeps_the_keywords_that_the_format_demands(outputs):
    text = (outputs / "px" / "staff.contacts.px").read_text(encoding="utf-8")
    for key in ("CHARSET", "MATRIX", "TITLE", "CONTENTS", "UNITS", "STUB", "HEADING", "DATA"):
        assert f"\n{key}=" in f"\n{text}", key
    assert text.rstrip().endswith(";")


@pytest.mark.filterwarnings("ignore:Shouldn't use this function:DeprecationWarning")
def test_json_stat_is_read_by_pyjstat(outputs):
    pyjstat = pytest.importorskip("pyjstat.pyjstat")
    content = json.loads((outputs / "tables.json").read_text(encoding="utf-8"))
    table = next(
        d
        for d in content["link"]["item"]
        if d["extension"]["question"] == "trained" and d["extension"]["by"] == ["gender"]
    )
    frame = pyjstat.Dataset.read(json.dumps(table)).write("dataframe")
    row, column, measure, value = frame.columns
    cell = frame[(frame[row] == "Ja") & (frame[column] == "Kvinna") & (frame[measure] == "n")]
    assert cell[value].item() == 4


def test_ddi_has_every_question_with_wording_options_and_filter(outputs):
    root = ET.parse(outputs / "codebook.xml").getroot()  # noqa: S314
    variables = {v.get("name"): v for v in root.iter(f"{DDI}var")}
    useful = variables["staff.useful"]
    assert useful.find(f"{DDI}qstn/{DDI}qstnLit").text == "Var utbildningen användbar?"
    assert useful.find(f"{DDI}universe").text == "trained == 1"
    assert [c.find(f"{DDI}catStat").text for c in useful.iter(f"{DDI}catgry")] == ["3", "1", "1"]
    assert "staff.contacts.police" in variables


def test_csvw_describes_every_column(outputs):
    metadata = json.loads((outputs / "tables.csv-metadata.json").read_text(encoding="utf-8"))
    head = (outputs / "tables.csv").read_text(encoding="utf-8").splitlines()[0]
    assert [c["name"] for c in metadata["tableSchema"]["columns"]] == head.split(",")
