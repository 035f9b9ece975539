"""A report is built again where anything that it depends on has changed, and only there."""

from __future__ import annotations

import shutil

import pytest
from click.testing import CliRunner

from evaluation.cli import main
from evaluation.pipeline import unchanged
from tests.small_study import small_study


@pytest.fixture
def study(tmp_path):
    return small_study(tmp_path / "small")


def build(study, out, *options):
    """Build; tell whether anything was written."""
    before = stamps(out)
    done = CliRunner().invoke(
        main, ["report", str(study), "--to", "csv", "--out", str(out), *options]
    )
    assert done.exit_code == 0, done.output
    assert ("unchanged" in done.stderr) == (stamps(out) == before)
    return stamps(out) != before


def stamps(out):
    return {path.name: path.stat().st_mtime_ns for path in out.iterdir()} if out.is_dir() else {}


def edit(path, addition):
    path.write_text(path.read_text(encoding="utf-8") + addition, encoding="utf-8")


def test_what_changes_a_report(study, tmp_path, monkeypatch):
    out = tmp_path / "out"
    assert build(study, out)
    assert not build(study, out)

    edit(study / "chapters" / "1.md", "\nMer.\n")
    assert build(study, out)
    assert not build(study, out)

    edit(study / "staff.yaml", "\n# a remark\n")
    assert build(study, out)
    (study / "chapters" / "~draft.md").write_text("kept by an editor", encoding="utf-8")
    (study / ".evaluation-cache").mkdir(exist_ok=True)
    (study / ".evaluation-cache" / "x").write_text("x", encoding="utf-8")
    assert not build(study, out)

    assert build(study, out, "--raw")  # another setting
    assert build(study, out)
    monkeypatch.setattr(unchanged, "PACKAGES", ("click",))  # other versions
    assert build(study, out)
    assert not build(study, out)
    assert build(study, out, "--force")


@pytest.mark.parametrize("name", ["neutral/html/page.html.j2", "neutral/fonts/new.ttf"])
def test_another_template_makes_another_report(study, tmp_path, monkeypatch, name):
    root = tmp_path / "product" / "templates"
    shutil.copytree(unchanged.templates_root(), root)
    (tmp_path / "product" / "evaluation").mkdir()
    out = tmp_path / "out"
    assert build(study, out)
    monkeypatch.setattr(unchanged, "templates_root", lambda: root)
    assert build(study, out)  # the program, of which the copy has nothing
    assert not build(study, out)
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("other", encoding="utf-8")
    assert build(study, out)
    assert not build(study, out)


def test_a_deleted_output_or_manifest_is_made_again(study, tmp_path):
    out = tmp_path / "out"
    build(study, out)
    (out / "tables.csv").unlink()
    assert build(study, out)
    (out / "manifest.json").unlink()
    assert build(study, out)
    shutil.rmtree(out)
    assert build(study, out)


def test_answers_outside_of_the_study_count_too(study, tmp_path):
    answers = tmp_path / "answers" / "staff.csv"
    answers.parent.mkdir()
    shutil.move(study / "data" / "staff.csv", answers)
    settings = study / "study.yaml"
    text = settings.read_text(encoding="utf-8")
    assert "data/staff.csv" in text
    settings.write_text(text.replace("data/staff.csv", "../answers/staff.csv"), encoding="utf-8")
    out = tmp_path / "out"
    assert build(study, out)
    assert not build(study, out)
    lines = answers.read_text(encoding="utf-8").splitlines(keepends=True)
    answers.write_text("".join([*lines, lines[-1].replace("10", "11", 1)]), encoding="utf-8")
    assert build(study, out)
    assert not build(study, out)


def test_paths_are_told_from_other_texts(study, tmp_path):
    release = tmp_path / "release"
    release.mkdir()
    content = {
        "title": "kvinnor/män",
        "earlier": ["../release", {"b": "../gone"}, 3, None],
        "data": ("data/staff.csv", "../answers.csv"),
        "others": ["/", "..", "../..", "x\0/y", "/" * 9000, "a/" * 9000],
    }
    assert unchanged.named_outside(study, content) == []
    (tmp_path / "answers.csv").write_text("a", encoding="utf-8")
    (release / "tables.csv").write_text("n", encoding="utf-8")
    assert unchanged.named_outside(study, content) == ["../answers.csv", "../release"]
    before = unchanged.input_hashes(study, ["../release"])
    (release / "tables.csv").write_text("m", encoding="utf-8")
    assert unchanged.input_hashes(study, ["../release"]) != before
