"""Units' reports and comparisons as data: the release beside the pages, found by the audit."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from evaluation.cli import main
from evaluation.pipeline import units as units_module
from evaluation.pipeline.audit_release import audit_folders
from evaluation.pipeline.build import release_tables
from evaluation.pipeline.gate import earlier_releases, missing_releases
from evaluation.pipeline.joint import build_joint
from evaluation.pipeline.pieces import read_pieces
from evaluation.pipeline.unchanged import input_hashes, is_outside
from evaluation.pipeline.units import write_unit_reports
from tests.pipeline.unit_study import loaded, replace_in, unit_study

if TYPE_CHECKING:
    from pathlib import Path

NUMBERS = ("n", "wn", "percent", "ci_low", "ci_high", "base_n", "base_wn")
BY = "besok.kommun"
DATA = {"tables.csv", "tables.json", "manifest.json"}
UNITS = "units/tables.csv"
COMPARED = "compare-besok-kommun/tables.csv"


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


def rows_of(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def write_rows(file: Path, rows: list[dict[str, str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as content:
        writer = csv.DictWriter(content, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def content(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Nothing but the units' figures, as data."""
    folder = tmp_path_factory.mktemp("alone")
    unit_study(folder / "s")
    made = run("report", folder / "s", "--each-unit", "--to", "csv,json", "--out", folder / "out")
    assert made.exit_code == 0, made.output
    return folder


@pytest.fixture(scope="module")
def all_pieces(tmp_path_factory):
    """Report, units' reports and a comparison in one folder."""
    folder = tmp_path_factory.mktemp("all")
    unit_study(folder / "s")
    to_out = ("--out", folder / "out")
    for command in (
        ("report", folder / "s", "--to", "csv,html", *to_out),
        ("report", folder / "s", "--each-unit", *to_out),
        ("compare", folder / "s", "--by", BY, "--to", "html,json", *to_out),
    ):
        made = run(*command)
        assert made.exit_code == 0, made.output
    return folder


@pytest.fixture
def out(all_pieces, tmp_path):
    """Return a copy of all pieces to meddle with."""
    return shutil.copytree(all_pieces / "out", tmp_path / "out")


def truth(folder: Path) -> dict[tuple[str, ...], int]:
    """Count what the file of the units counts, without protection."""
    study = loaded(folder / "s")
    built = build_joint(study, read_pieces(study, folder / "out")).value
    tables = built.main.release.tables
    names = {table.spec: table.id for table in tables}
    found = {}
    for table in release_tables(study, list(names), unprotected=True).tables:
        for row, line in zip(table.rows, table.cells, strict=True):
            for column, cell in zip(table.columns, line, strict=True):
                place = (names[table.spec], row.variable, row.code, column.variable, column.code)
                found[place] = cell.n
    return found


def place_of(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row[key] for key in ("table", "row_var", "row_code", "col_var", "col_code"))


def plant(folder: Path, file: Path) -> dict[str, str]:
    """Print the number of one small hidden count in a file; return its row."""
    known = truth(folder)
    rows = rows_of(file)
    row = next(r for r in rows if r["n"] == "" and 0 < (known.get(place_of(r)) or 0) < 5)
    row.update(n=str(known[place_of(row)]), status="shown")
    write_rows(file, rows)
    return row


def test_data_alone_is_written_without_pages(alone):
    assert {name.removeprefix("units/") for name in content(alone / "out")} == {
        *DATA,
        "state.json",
        "release.json",
    }
    rows = rows_of(alone / "out" / UNITS)
    assert {row["col_var"] for row in rows} >= {"kommun"}
    stat = json.loads((alone / "out/units/tables.json").read_text(encoding="utf-8"))
    assert len(stat["link"]["item"]) == len({row["table"] for row in rows})


def test_every_output_stands_in_the_manifest_with_its_sum(all_pieces):
    for place in ("units", "compare-besok-kommun"):
        folder = all_pieces / "out" / place
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        for name, mark in manifest["outputs"].items():
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == mark
        assert manifest["protection"]["settings"]["structure"]["hierarchy"]
    units = json.loads((all_pieces / "out/units/manifest.json").read_text(encoding="utf-8"))
    pages = {f"{file.parent.name}/report.html" for file in all_pieces.glob("out/units/*/*.html")}
    assert len(pages) == 5
    assert set(units["outputs"]) == {*pages, "index.html", "tables.csv"}


def test_no_hidden_number_is_in_the_data(alone):
    known = truth(alone)
    rows = rows_of(alone / "out" / UNITS)
    hidden = [row for row in rows if row["status"] in ("primary", "secondary")]
    assert any(0 < (known[place_of(row)] or 0) < 5 for row in hidden)
    assert not any(row[key] for row in hidden for key in NUMBERS)
    assert all(int(row["n"]) == known[place_of(row)] for row in rows if row["n"])
    small = [row for row in rows if row["n"] and 0 < int(row["n"]) < 5 and row["col_var"]]
    assert not [row for row in small if row["row_var"] == "nojd"]
    stat = json.loads((alone / "out/units/tables.json").read_text(encoding="utf-8"))
    shown = [n for one in stat["link"]["item"] for n in numbers(one, "n")]
    assert sorted(shown) == sorted(int(row["n"]) for row in rows if row["n"])


def numbers(dataset: dict, measure: str) -> list[int]:
    """Return what a JSON-stat dataset holds of one measure."""
    sizes = dataset["size"]
    index = dataset["dimension"][dataset["id"][-1]]["category"]["index"]
    order = list(index) if isinstance(index, list) else sorted(index, key=index.get)
    assert len(order) == sizes[-1]
    values = dataset["value"][order.index(measure) :: sizes[-1]]
    return [int(value) for value in values if value is not None]


def test_the_audit_reads_units_alone(alone):
    result = run("audit-release", alone / "out")
    assert result.exit_code == 0, result.output
    n = len(rows_of(alone / "out" / UNITS))
    (audit,) = audit_folders([alone / "out"]).value
    assert audit.n_cells == n > 100
    assert "units/tables.csv" in result.stdout


def test_the_same_again_is_nothing_and_elsewhere_the_same_bytes(alone, tmp_path):
    before = content(alone / "out")
    asked = ("report", alone / "s", "--each-unit", "--to", "csv,json")
    again = run(*asked, "--out", alone / "out")
    assert "tables.csv: unchanged" in again.stderr
    assert content(alone / "out") == before
    assert run(*asked, "--out", tmp_path / "other").exit_code == 0
    assert content(tmp_path / "other") == before


def test_a_leak_planted_in_the_units_data_is_found(alone, tmp_path):
    out = shutil.copytree(alone / "out", tmp_path / "out")
    row = plant(alone, out / UNITS)
    result = run("audit-release", out)
    assert result.exit_code == 1
    (audit,) = audit_folders([out]).value
    assert (row["table"], f"{row['row_var']}:{row['row_code']}") in {
        (leak.table, leak.row) for leak in audit.leaks
    }
    more = len(audit.leaks) - 20
    assert (f"och {more} till" in result.stdout) == (more > 0)


@pytest.mark.parametrize("file", [UNITS, COMPARED, "tables.csv"])
def test_all_pieces_are_attacked_as_one_release(all_pieces, out, file):
    files = ["tables.csv", UNITS, COMPARED]
    assert len({(out / name).read_bytes() for name in files}) == 1
    (audit,) = audit_folders([out]).value
    assert [(one.name, one.n_new) for one in audit.files] == [
        ("tables.csv", audit.n_cells),
        (UNITS, 0),
        (COMPARED, 0),
    ]
    assert audit.n_cells == len(rows_of(out / file))
    assert not audit.leaks
    row = plant(all_pieces, out / file)
    (audit,) = audit_folders([out]).value
    assert (row["table"], f"{row['row_var']}:{row['row_code']}") in {
        (leak.table, leak.row) for leak in audit.leaks
    }


def test_parts_that_contradict_each_other_are_told(out):
    rows = rows_of(out / COMPARED)
    row = next(row for row in rows if row["n"] and int(row["n"]) > 20)
    row["n"] = str(int(row["n"]) + 1)
    write_rows(out / COMPARED, rows)
    result = audit_folders([out])
    assert {p.code for p in result.problems} == {
        "release-parts-differ",
        "percent-against-count",
        "data-files-differ",
    }
    assert [audit.name for audit in result.value] == [
        f"out/{name}" for name in ("tables.csv", UNITS, COMPARED)
    ]


def test_pages_without_data_are_told(out):
    (out / UNITS).unlink()
    shutil.rmtree((out / COMPARED).parent)
    result = audit_folders([out])
    assert [(p.code, p.value) for p in result.problems] == [
        ("release-part-without-data", "units"),
        ("release-part-without-data", "compare-besok-kommun"),
    ]
    assert result.value[0].n_cells == len(rows_of(out / "tables.csv"))


@pytest.mark.parametrize("kept", [UNITS, COMPARED, "tables.csv"])
def test_an_earlier_release_is_found_wherever_it_lies(all_pieces, out, tmp_path, kept):
    unit_study(tmp_path / "s")
    replace_in(
        tmp_path / "s/study.yaml", "method: suppress", "method: suppress\n  previous: [PATH]"
    )
    replace_in(tmp_path / "s/study.yaml", "PATH", str(out))
    study = loaded(tmp_path / "s")
    assert len(earlier_releases(study)) == 1
    for file in ("tables.csv", UNITS, COMPARED):
        if file != kept:
            (out / file).unlink()
    assert not missing_releases(study)
    (rows,) = earlier_releases(study)
    assert len(rows) == len(rows_of(out / kept))
    assert is_outside(tmp_path / "s", str(out))
    before = input_hashes(tmp_path / "s", [str(out)])
    replace_in(out / kept, ",secondary", ",shown")
    assert input_hashes(tmp_path / "s", [str(out)]) != before


def test_files_that_differ_are_several_earlier_releases(out, tmp_path):
    write_rows(out / COMPARED, rows_of(out / COMPARED)[:10])
    rows = rows_of(out / UNITS)
    next(row for row in rows if row["n"] and int(row["n"]) > 20)["n"] = "1000"
    write_rows(out / UNITS, rows)
    unit_study(tmp_path / "s")
    replace_in(
        tmp_path / "s/study.yaml", "method: suppress", "method: suppress\n  previous: [PATH]"
    )
    replace_in(tmp_path / "s/study.yaml", "PATH", str(out))
    assert len(earlier_releases(loaded(tmp_path / "s"))) == 2


def test_nothing_is_written_where_the_release_is_refused(tmp_path):
    unit_study(tmp_path / "s")
    replace_in(
        tmp_path / "s/study.yaml", "method: suppress", "method: suppress\n  previous: [gone]"
    )
    made = run("report", tmp_path / "s", "--each-unit", "--to", "csv", "--out", tmp_path / "out")
    assert made.exit_code == 1
    assert "gone" in made.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", [("report", "--each-unit"), ("compare", "--by", BY)])
def test_a_format_that_is_not_made_is_told(command, tmp_path):
    unit_study(tmp_path / "s", protected=False)
    name, *options = command
    made = run(name, tmp_path / "s", *options, "--to", "html,xlsx", "--out", tmp_path / "out")
    assert made.exit_code == 2
    assert "xlsx; choose from html, pdf, docx, csv, json" in made.stderr
    assert not (tmp_path / "out").exists()


def test_lost_data_is_made_anew_and_json_goes_when_it_is_not_asked_for(tmp_path, monkeypatch):
    study = unit_study(tmp_path / "s", protected=False)
    write_unit_reports(study, tmp_path / "out", formats=("html", "json"))
    whole = content(tmp_path / "out/units")
    (tmp_path / "out" / UNITS).unlink()
    rendered = []
    real = units_module._render
    with monkeypatch.context() as patch:
        patch.setattr(units_module, "_render", lambda *a, **k: rendered.append(1) or real(*a, **k))
        write_unit_reports(study, tmp_path / "out", formats=("html", "json"))
        assert content(tmp_path / "out/units") == whole
        write_unit_reports(study, tmp_path / "out", formats=("html",))
    assert not rendered
    assert not (tmp_path / "out/units/tables.json").exists()
    assert (tmp_path / "out" / UNITS).read_bytes() == whole["tables.csv"]


def test_an_interrupted_run_leaves_data_of_its_own_answers_only(tmp_path, monkeypatch):
    write_unit_reports(unit_study(tmp_path / "s", protected=False), tmp_path / "out")
    before = (tmp_path / "out" / UNITS).read_bytes()
    replace_in(tmp_path / "s/data/besok.csv", "Mycket nöjd", "Ganska nöjd")
    changed = loaded(tmp_path / "s")

    def stop(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(units_module, "_render", stop)
        with pytest.raises(KeyboardInterrupt):
            write_unit_reports(changed, tmp_path / "out")
    assert not list(tmp_path.glob("out/units/*/report.html"))
    broken_off = (tmp_path / "out" / UNITS).read_bytes()
    write_unit_reports(changed, tmp_path / "out")
    assert (tmp_path / "out" / UNITS).read_bytes() == broken_off != before


def test_a_comparison_leaves_no_page_of_an_earlier_run(tmp_path):
    unit_study(tmp_path / "s", protected=False)
    asked = ("compare", tmp_path / "s", "--by", BY, "--out", tmp_path / "out")
    assert run(*asked, "--to", "html,json").exit_code == 0
    assert run(*asked, "--to", "csv").exit_code == 0
    assert set(content(tmp_path / "out")) == {COMPARED, "compare-besok-kommun/manifest.json"}


def test_data_without_pages_is_brought_in_line_with_what_comes_later(alone, tmp_path):
    out = shutil.copytree(alone / "out", tmp_path / "out")
    before = content(out)
    made = run("compare", alone / "s", "--by", "besok.kon", "--to", "csv", "--out", out)
    assert made.exit_code == 0, made.output
    after = content(out)
    assert after[UNITS] == after["compare-besok-kon/tables.csv"] != before[UNITS]
    assert after["units/tables.json"] != before["units/tables.json"]
    assert not [name for name in after if name.endswith(".html")]
