"""A folder is one release: what an earlier run left in it goes, unless it says the same."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from evaluation.cli import main
from tests.small_study import small_study


@pytest.fixture
def study(tmp_path):
    return small_study(tmp_path / "small")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def report(study, out, formats, *options):
    """Build; return what was said."""
    done = CliRunner().invoke(
        main, ["report", str(study), "--to", formats, "--out", str(out), *options]
    )
    assert done.exit_code == 0, done.output
    return done.stderr


def names(out):
    return {file.relative_to(out).as_posix() for file in out.rglob("*") if file.is_file()}


def kept(out):
    return set(json.loads((out / "manifest.json").read_text(encoding="utf-8")).get("kept", {}))


def change(study):
    chapter = study / "chapters" / "1.md"
    chapter.write_text(chapter.read_text(encoding="utf-8") + "\nMer.\n", encoding="utf-8")


ACCOUNT = {"manifest.json", "problems.csv"}


def test_files_of_the_same_release_stay_and_stay_accounted_for(study, out):
    report(study, out, "html,csv,json")
    report(study, out, "html")
    assert names(out) == {"report.html", "tables.csv", "tables.json"} | ACCOUNT
    assert kept(out) == {"tables.csv", "tables.json"}
    report(study, out, "csv")
    assert kept(out) == {"report.html", "tables.json"}
    report(study, out, "html,csv,json")
    assert kept(out) == set()


def test_files_of_another_release_go_however_long_ago_they_were_written(study, out):
    report(study, out, "csv,json,px")
    report(study, out, "html")
    change(study)
    said = report(study, out, "html")
    assert names(out) == {"report.html"} | ACCOUNT
    assert not (out / "px").exists()
    assert "tables.csv, tables.json" in said
    assert kept(out) == set()


def test_an_unprotected_file_does_not_stay_beside_what_is_published(study, out):
    report(study, out, "html,csv", "--raw")
    said = report(study, out, "html")
    assert names(out) == {"report.html"} | ACCOUNT
    assert "tables.csv" in said


def test_what_somebody_has_worked_on_is_left_and_told(study, out):
    report(study, out, "html,csv,json")
    (out / "tables.csv").write_text("mine", encoding="utf-8")
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    change(study)
    said = report(study, out, "html")
    assert names(out) == {"report.html", "tables.csv", "notes.txt"} | ACCOUNT
    assert "tables.csv" in said
    assert "tables.json" in said
    assert "notes.txt" not in said


@pytest.mark.parametrize("name", ["../elsewhere.csv", "px/../../elsewhere.csv"])
def test_a_manifest_that_names_files_elsewhere_is_not_believed(study, out, name):
    report(study, out, "csv")
    other = out.parent / "elsewhere.csv"
    other.write_bytes((out / "tables.csv").read_bytes())
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    manifest["outputs"][name] = manifest["outputs"]["tables.csv"]
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    change(study)
    report(study, out, "html")
    assert other.is_file()


def test_a_manifest_that_cannot_be_read_takes_nothing_away(study, out):
    report(study, out, "csv")
    (out / "manifest.json").write_text('{"outputs": [1], "kept": 2}', encoding="utf-8")
    change(study)
    report(study, out, "html")
    assert "tables.csv" in names(out)
