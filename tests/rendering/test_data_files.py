"""Files for statistical databases and archives, read by tools that we did not write."""

from __future__ import annotations

import csv
import json
import re
import warnings
import xml.etree.ElementTree as ET
from decimal import Decimal

import pandas as pd
import pytest
from click.testing import CliRunner

from evaluation.cli import main
from evaluation.pipeline.build import build_report
from evaluation.pipeline.load import load_study
from evaluation.rendering.px import px_files
from evaluation.rounding import round_half_up
from tests.paths import REPOSITORY
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


def px_cells(path):
    """Read a PX file with pyaxis: (answer, group, measure) -> figure as written."""
    pyaxis = pytest.importorskip("pyaxis.pyaxis")
    frame = pyaxis.parse(str(path), encoding="utf-8")["DATA"]
    names = list(frame.columns)
    assert len(names) == 5
    # pyaxis reads "." (cannot exist) as nothing and ".." (withheld) as not a number.
    shown = frame["DATA"].map(lambda text: ".." if pd.isna(text) else text or ".")
    keys = frame[names[:3]].itertuples(index=False, name=None)
    return dict(zip(keys, shown, strict=True))


def test_px_files_are_read_by_pyaxis(outputs):
    cells = px_cells(outputs / "px" / "staff.trained-gender.px")
    assert cells["Ja", "Kvinna", "n"] == "4"
    assert cells["Ja", "Kvinna", "Procent"] == "66.7"


PX_ORDER = (
    "CHARSET", "AXIS-VERSION", "CODEPAGE", "LANGUAGE", "CREATION-DATE", "DECIMALS",
    "SHOWDECIMALS", "MATRIX", "AGGREGALLOWED", "SUBJECT-CODE", "SUBJECT-AREA", "COPYRIGHT",
    "DESCRIPTION", "TITLE", "CONTENTS", "UNITS", "STUB", "HEADING", "CONTVARIABLE", "VALUES",
    "TIMEVAL", "CODES", "ELIMINATION", "PRECISION", "UNITS", "LAST-UPDATED", "REFPERIOD",
    "SOURCE", "NOTEX", "NOTE", "DATA",
)  # fmt: skip
PX_MANDATORY = frozenset(
    {
        "CONTENTS", "DATA", "DECIMALS", "HEADING", "MATRIX", "STUB", "SUBJECT-AREA",
        "SUBJECT-CODE", "TITLE", "UNITS", "VALUES",
    }
)  # fmt: skip


def test_px_files_keep_to_the_format(outputs):
    """PX 2013: keywords and their order, quoted values on one line, unique names, sizes."""
    matrices = []
    for path in sorted((outputs / "px").glob("*.px")):
        text = path.read_bytes().decode("utf-8")
        assert text.count("\n") == text.count("\r\n")
        keys = re.findall(r"^([A-Z-]+)(?:\([^\r]*?\))?=", text, flags=re.MULTILINE)
        places = [len(PX_ORDER) - 1 - PX_ORDER[::-1].index(k) for k in keys if k != "UNITS"]
        assert places == sorted(places), path.name
        assert set(keys) >= PX_MANDATORY
        assert keys[0] == "CHARSET"
        matrices += re.findall(r'^MATRIX="(.*)"', text, flags=re.MULTILINE)
        head, _, data = text.partition("DATA=\r\n")
        assert head.count('"') % 2 == 0
        sizes = [
            len(held.split(",\r\n"))
            for held in re.findall(r"^VALUES\(.*?\)=(.*?);", head, re.M | re.S)
        ]
        lines = data.removesuffix(";\r\n").split("\r\n")
        assert len(lines) == sizes[0]
        assert {len(line.split()) for line in lines} == {sizes[1] * sizes[2] * sizes[3]}
    assert len(matrices) == len(set(matrices)) > 1
    assert all(len(m) <= 20 for m in matrices)


@pytest.fixture(scope="module")
def hidden():
    """A bundled study with withheld cells."""
    loaded, _ = load_study(REPOSITORY / "surveys" / "kvinnofridssamordnare-2019")
    return build_report(loaded).value, loaded.folder.texts


@pytest.mark.filterwarnings("ignore:Shouldn't use this function:DeprecationWarning")
def test_every_table_is_the_same_in_every_format_and_hidden_cells_in_none(hidden, tmp_path):
    """CSV, JSON-stat by pyjstat and PX by pyaxis, cell for cell against the protected tables."""
    from evaluation.rendering.jsonstat import tables_json
    from evaluation.rendering.tidy import tables_csv

    pyjstat = pytest.importorskip("pyjstat.pyjstat")
    built, texts = hidden
    tables = built.release.tables
    files = px_files(tables, texts, built.report.meta)
    assert len(files) == len(tables)
    content = json.loads(tables_json(tables, texts, "x"))["link"]["item"]
    tidy = list(csv.DictReader(tables_csv(tables, texts).decode("utf-8").splitlines()))
    withheld = 0
    for table, name, item in zip(tables, files, content, strict=True):
        path = tmp_path / "t.px"
        path.write_bytes(files[name])
        px = list(px_cells(path).values())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stat = list(pyjstat.Dataset.read(json.dumps(item)).write("dataframe")["value"])
        cells = [cell for line in table.cells for cell in line]
        rows, tidy = tidy[: len(cells)], tidy[len(cells) :]
        assert len(px) == 2 * len(cells)
        assert len(stat) == 3 * len(cells)
        for i, (cell, row) in enumerate(zip(cells, rows, strict=True)):
            n, percent = px[2 * i], px[2 * i + 1]
            if cell.n is None:
                withheld += 1
                assert (n, percent, row["n"], row["percent"]) == ("..", "..", "", "")
                assert all(pd.isna(value) for value in stat[3 * i : 3 * i + 3])
                continue
            assert (int(n), int(row["n"]), stat[3 * i]) == (cell.n,) * 3
            if cell.shown_percent is not None:
                assert Decimal(percent) == round_half_up(cell.shown_percent, table.spec.decimals)
                assert float(row["percent"]) == pytest.approx(cell.percent)
                assert stat[3 * i + 2] == pytest.approx(cell.percent)
            else:
                # A kind of missing has no percent.
                assert percent == ("." if cell.is_shown else "..")
    assert tidy == []
    assert withheld > 20


def test_px_files_of_tables_that_look_alike_keep_apart(tmp_path):
    chapter = "".join(
        f"# R {i}\n\n{{{{ table('staff.trained', where='{rule}') }}}}\n\n"
        for i, rule in enumerate(("years > 2", "years < 2", "years >= 2"))
    )
    study = small_study(tmp_path / "s", chapter=chapter)
    loaded, _ = load_study(study)
    built = build_report(loaded).value
    files = px_files(built.release.tables, loaded.folder.texts, built.report.meta)
    assert len(files) == len(built.release.tables)
    assert sum("-years-" in name for name in files) == 3


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


DDI_ORDER = {
    "codeBook": ("docDscr", "stdyDscr", "fileDscr", "dataDscr"),
    "stdyDscr": ("citation", "stdyInfo", "method"),
    "citation": ("titlStmt", "rspStmt", "prodStmt", "distStmt"),
    "var": (
        "location", "labl", "imputation", "security", "embargo", "respUnit", "anlysUnit", "qstn",
        "valrng", "invalrng", "undocCod", "universe", "TotlResp", "sumStat", "txt", "stdCatgry",
        "catgryGrp", "catgry", "codInstr", "verStmt", "concept", "derivation", "varFormat", "notes",
    ),
    "catgry": ("catValu", "labl", "txt", "catStat", "mrow"),
}  # fmt: skip
"""Children in the order of the schema, codebook.xsd of DDI-Codebook 2.5."""


def test_ddi_elements_stand_in_the_order_of_the_schema(outputs):
    root = ET.parse(outputs / "codebook.xml").getroot()  # noqa: S314
    seen = set()
    for element in root.iter():
        order = DDI_ORDER.get(element.tag.removeprefix(DDI))
        if order:
            seen.add(element.tag.removeprefix(DDI))
            held = [order.index(child.tag.removeprefix(DDI)) for child in element]
            assert held == sorted(held), element.tag
    assert seen == set(DDI_ORDER)
    identifiers = [v.get("ID") for v in root.iter() if v.get("ID")]
    assert len(identifiers) == len(set(identifiers))
    assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", name) for name in identifiers)
