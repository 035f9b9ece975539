"""A report for every unit: complete, resumed after an interruption, never a mixture."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from evaluation.pipeline import units as units_module
from evaluation.pipeline.build import study_facts
from evaluation.pipeline.documents import study_units
from evaluation.pipeline.units import write_unit_reports
from evaluation.report.unit_functions import unit_chapter
from tests.pipeline.unit_study import loaded, replace_in, unit_study

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def study(tmp_path):
    return unit_study(tmp_path / "s", protected=False)


def reports(folder: Path) -> dict[str, bytes]:
    return {file.parent.name: file.read_bytes() for file in folder.glob("units/*/report.html")}


def count_renders(monkeypatch, stop_after=None):
    """Note which reports are rendered; break off before the one after ``stop_after``."""
    seen = []
    real = units_module._render

    def render(report, **options):
        if len(seen) == stop_after:
            raise KeyboardInterrupt
        seen.append(report.meta.subtitle)
        return real(report, **options)

    monkeypatch.setattr(units_module, "_render", render)
    return seen


def test_every_unit_gets_its_report_and_a_link(study, tmp_path):
    assert write_unit_reports(study, tmp_path / "out").value
    found = reports(tmp_path / "out")
    assert list(found) == sorted(unit.folder for unit in study_units(study)) or len(found) == 5
    index = (tmp_path / "out/units/index.html").read_text(encoding="utf-8")
    for unit in study_units(study):
        assert f'href="{unit.folder}/report.html"' in index
        assert f"Resultat för {unit.label}".encode() in found[unit.folder]
    assert '<a href="tables.csv">tables.csv</a>' in index
    assert write_unit_reports(study, tmp_path / "out", formats=("csv",)).value
    assert [place for place in (tmp_path / "out/units").iterdir() if place.is_dir()] == []


def test_an_interrupted_run_goes_on_where_it_stopped(study, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        seen = count_renders(patch, stop_after=2)
        with pytest.raises(KeyboardInterrupt):
            write_unit_reports(study, tmp_path / "out")
        assert len(seen) == 2
    assert len(reports(tmp_path / "out")) == 2
    with monkeypatch.context() as patch:
        rest = count_renders(patch)
        assert write_unit_reports(study, tmp_path / "out").value
    assert len(rest) == 3
    assert not set(rest) & set(seen)
    write_unit_reports(study, tmp_path / "whole")
    assert reports(tmp_path / "out") == reports(tmp_path / "whole")


def test_a_half_written_report_is_not_done(study, tmp_path, monkeypatch):
    write_unit_reports(study, tmp_path / "out")
    whole = reports(tmp_path / "out")
    broken = tmp_path / "out/units/kommun-002/report.html"
    broken.write_bytes(whole["kommun-002"][:5000])
    (tmp_path / "out/units/kommun-004/report.html").unlink()
    seen = count_renders(monkeypatch)
    write_unit_reports(study, tmp_path / "out")
    assert seen == ["Kommun 002", "Kommun 004"]
    assert reports(tmp_path / "out") == whole


def test_nothing_is_built_where_nothing_has_changed(study, tmp_path, monkeypatch):
    write_unit_reports(study, tmp_path / "out")

    def build(*_, **__):
        raise AssertionError

    monkeypatch.setattr(units_module, "build_joint", build)
    result = write_unit_reports(study, tmp_path / "out")
    assert result.value == []


def test_reports_of_other_answers_are_gone_before_new_ones_come(study, tmp_path, monkeypatch):
    write_unit_reports(study, tmp_path / "out")
    replace_in(tmp_path / "s/data/besok.csv", "Mycket nöjd", "Ganska nöjd")
    changed = loaded(tmp_path / "s")
    count_renders(monkeypatch, stop_after=0)
    with pytest.raises(KeyboardInterrupt):
        write_unit_reports(changed, tmp_path / "out")
    assert reports(tmp_path / "out") == {}


def test_one_unit_alone_has_the_same_report(study, tmp_path):
    write_unit_reports(study, tmp_path / "all")
    write_unit_reports(study, tmp_path / "one", only="Kommun 003")
    assert reports(tmp_path / "one") == {"kommun-003": reports(tmp_path / "all")["kommun-003"]}


def test_many_units_are_rendered_by_several_processes_to_the_same_bytes(tmp_path, monkeypatch):
    study = unit_study(tmp_path / "s", units=9, protected=False)
    write_unit_reports(study, tmp_path / "many")
    monkeypatch.setattr(units_module, "PARALLEL_FROM", 100)
    write_unit_reports(study, tmp_path / "one")
    assert len(reports(tmp_path / "many")) == 9
    assert reports(tmp_path / "many") == reports(tmp_path / "one")


def test_names_that_differ_by_an_accent_only_have_their_own_folders(tmp_path):
    unit_study(tmp_path / "s", protected=False)
    for file in ("besok.yaml", "data/besok.csv", "data/hierarki.csv"):
        replace_in(tmp_path / "s" / file, "Kommun 001", "Hallen")
        replace_in(tmp_path / "s" / file, "Kommun 002", "Hållen")
    folders = [unit.folder for unit in study_units(loaded(tmp_path / "s"))]
    assert folders[:2] == ["hallen", "hallen-2"]


def test_an_unknown_unit_is_a_problem(study, tmp_path):
    result = write_unit_reports(study, tmp_path / "out", only="Ingen")
    assert result.value is None
    assert [p.code for p in result.problems] == ["unknown-unit"]
    assert not (tmp_path / "out").exists()


def test_units_like_it_stand_beside_a_unit(tmp_path):
    unit_study(tmp_path / "s", protected=False)
    replace_in(tmp_path / "s/study.yaml", "unit: kommun", "unit: kommun\n    similar: lan")
    write_unit_reports(loaded(tmp_path / "s"), tmp_path / "out", only="Kommun 001")
    page = reports(tmp_path / "out")["kommun-001"].decode()
    heads = [f">{name}</th>" for name in ("Kommun 001", "Stockholms län", "Samtliga")]
    places = [page.index(head) for head in heads]
    assert places == sorted(places)


def test_what_is_said_of_a_unit_whose_number_is_hidden_does_not_call_it_small(tmp_path):
    study = unit_study(tmp_path / "s")
    write_unit_reports(study, tmp_path / "out")
    rows = study.coded["besok"].variables["kommun"].codes
    pages = {name: page.decode() for name, page in reports(tmp_path / "out").items()}
    smallest = min(range(5), key=lambda code: int((rows == code).sum()))
    name = study_units(study)[smallest].folder
    assert "är enhetens siffra dold, för att ingen ska kunna kännas igen" in pages[name]
    assert f"av {len(rows)} svarande hör till" not in pages[name]
    # A hidden number is never the only one, and all are spoken of alike.
    hidden = [one for one in pages.values() if "anges inte här" in one]
    assert len(hidden) > 1
    # Some table shows how many answered it: nothing may say that the number is not shown.
    assert any("Bas: Kommun" in one for one in hidden)
    assert not any(re.search(r"svarat i Kommun \d+ visas inte", one) for one in hidden)


def test_figures_begin_under_the_introduction_and_a_grid_shows_the_unit(study, tmp_path):
    """A page of its own held three sentences; the grid's chart held the whole alone."""
    write_unit_reports(study, tmp_path / "out", only="Kommun 001")
    page = reports(tmp_path / "out")["kommun-001"].decode()
    heads = re.findall(r'<h([23]) id="([^"]+)"><span class="number">', page)
    assert heads[:2] == [("2", "resultat-for-kommun-001"), ("3", "kon")]
    figure = next(
        f for f in page.split("<figure") if "Det fanns tid för mina frågor: Samtliga" in f
    )
    assert "Det fanns tid för mina frågor: Kommun 001" in figure
    table = next(t for t in page.split("<table") if "Det fanns tid för mina frågor" in t)
    assert table.index("Kommun 001") < table.index("Samtliga")


def test_several_surveys_are_sections_of_one_chapter(study):
    facts = replace(
        study_facts(study), unit="Kommun 001", unit_columns={"besok": ("kommun", "k001")}
    )
    one = unit_chapter(facts)
    assert one.count("\n# ") == 1
    assert "unit_tables('besok', 2)" in one
    surveys = facts.study.surveys
    both = facts.study.model_copy(update={"surveys": surveys | {"annan": surveys["besok"]}})
    columns = facts.unit_columns | {"annan": ("kommun", "k001")}
    several = unit_chapter(replace(facts, study=both, unit_columns=columns))
    assert several.count("\n## ") == 2
    assert "unit_tables('annan', 3)" in several


def test_the_index_leads_to_every_format_that_is_there(study, tmp_path):
    write_unit_reports(study, tmp_path / "out", formats=("pdf",), only="Kommun 001")
    index = (tmp_path / "out/units/index.html").read_text(encoding="utf-8")
    assert 'href="kommun-001/report.pdf"' in index
    assert "report.html" not in index
    assert " – Rapporter per enhet" in index.partition("<title>")[2].partition("</title>")[0]
    write_unit_reports(study, tmp_path / "out", formats=("html", "pdf"), only="Kommun 001")
    index = (tmp_path / "out/units/index.html").read_text(encoding="utf-8")
    assert 'href="kommun-001/report.html"' in index
    assert ">Kommun 001 (PDF)</a>" in index
