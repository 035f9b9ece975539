"""Response rates by unit under protection: shown row by row, as the table of the units is."""

from __future__ import annotations

import pytest

from evaluation.pipeline.build import build_report
from evaluation.pipeline.load import load_study
from evaluation.report.model import TableBlock
from tests.small_study import small_study

STUDY = """\
title: Svarsfrekvens
publisher: Provmyndigheten
year: 2026
date: 2026-03-01
surveys:
  staff: {title: Enkät, data: data/staff.csv}
protection: {method: suppress, identifying: [staff.unit]}
"""
UNITS = {"Norr": 3, "Öst": 9, "Väst": 20, "Syd": 14}
CODEBOOK = (
    "title: P\nquestions:\n  - id: unit\n    text: Enhet\n    type: single\n    role: unit\n"
    "    options: {n: Norr, o: Öst, v: Väst, s: Syd}\n"
)
CHAPTER = """\
# Svar

{{ table("staff.unit", id="units") }}

{{ response_table("staff", by="unit", asked={"Norr": 10, "Öst": 20, "Väst": 30, "Syd": 15}, limit=60,
   id="rate") }}
"""


@pytest.fixture(scope="module")
def blocks(tmp_path_factory):
    answers = "Enhet\n" + "".join(f"{unit}\n" * n for unit, n in UNITS.items())
    folder = tmp_path_factory.mktemp("r")
    study = small_study(
        folder / "s", study=STUDY, codebook=CODEBOOK, answers=answers, chapter=CHAPTER
    )
    loaded, problems = load_study(study)
    assert loaded.is_sound, problems
    built = build_report(loaded)
    assert built.value is not None, built.problems
    return {b.id: b for b in built.value.report.blocks if isinstance(b, TableBlock)}


def test_units_that_the_table_shows_have_a_rate_and_the_others_none(blocks):
    counted = {row.label: row.cells[0].text for row in blocks["units"].rows}
    rates = {row.label: [cell.text for cell in row.cells] for row in blocks["rate"].rows}
    hidden = {unit for unit in UNITS if counted[unit] == ".."}
    assert "Norr" in hidden
    assert len(hidden) > 1
    for unit in UNITS:
        if unit in hidden:
            assert rates[unit] == ["..", "..", ".."]
        else:
            assert rates[unit][1] == counted[unit]
    assert rates["Totalt"] == ["75", "46", "61,3"]


def test_the_symbol_is_explained_and_no_sentence_names_units_by_their_rate(blocks):
    assert any(note.startswith("Tecknet ..") for note in blocks["rate"].notes)
    assert blocks["rate"].tests == ()
