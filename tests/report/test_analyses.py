"""Analyses in chapters, against counts by hand and the gate."""

from __future__ import annotations

import pytest

from evaluation.pipeline.build import build_report
from evaluation.pipeline.load import load_study
from evaluation.report.model import ChartBlock, TableBlock
from tests.small_study import small_study

STUDY = """\
title: Upprepade frågor
publisher: Provmyndigheten
year: 2026
date: 2026-03-01
surveys:
  forms:
    data: data/staff.csv
    codebook: staff.yaml
    filter: occasion == 1
    occasion: occasion
    intake: {person: Person}
protection: {method: PROTECT}
"""

CODEBOOK = """\
title: Formulär
questions:
  - {id: person, text: Person, type: text, role: identity}
  - {id: occasion, text: Tillfälle, type: single, role: occasion, options: {1: Första, 2: Andra}}
  - {id: region, text: Region, type: single, role: unit, options: {n: Norr, s: Söder}}
  - {id: exposed, text: Utsatt, type: single, options: {1: Ja, 2: Nej}}
  - id: trust
    text: Förtroende
    type: single
    ordered: true
    options:
      - {code: 1, label: Stämmer helt}
      - {code: 2, label: Stämmer delvis}
      - {code: 3, label: Stämmer inte}
      - {code: 9, label: Vet inte, off_scale: true}
"""

CHAPTER = """\
# Analys

{{ occasions_table("forms", by="region", id="often") }}

{{ transitions_table("forms.exposed", "Ja", id="moves") }}

{{ ever_table("forms.exposed", "Ja", id="ever") }}

{{ scale_table("forms.trust", id="scale") }}

{{ change_table("forms.exposed", "Ja", by="occasion", id="change") }}

{{ response_table("forms", by="region", asked={"Norr": 10, "Söder": 20}, id="rate") }}

{{ population_table("forms", by="region", totals={"Norr": 30, "Söder": 10}, id="pop") }}

{{ table("forms.exposed", by="region", tests="fisher") }}

{{ tests_note() }}

{{ break_off_table("forms", id="off") }}

{{ model_table("forms.exposed", "Ja", ["region"], id="model") }}

{{ model_chart("forms.exposed", "Ja", ["region"], id="forest") }}
"""


def answers():
    """Ten persons: four asked twice; of these one said yes only the second time, one only first."""
    lines = ["Person;Tillfälle;Region;Utsatt;Förtroende"]
    first = "Ja Ja Nej Nej Ja Nej Nej Ja Nej Nej".split()
    trust = ["Stämmer helt"] * 4 + ["Stämmer delvis"] * 3 + ["Stämmer inte"] * 2 + ["Vet inte"]
    for i, (yes, scale) in enumerate(zip(first, trust, strict=True)):
        region = "Norr" if i < 5 else "Söder"
        lines.append(f"p{i};Första;{region};{yes};{scale}")
    second = {0: "Ja", 1: "Nej", 2: "Ja", 3: "Nej"}
    lines += [f"p{i};Andra;Norr;{yes};Stämmer helt" for i, yes in second.items()]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def blocks(tmp_path_factory):
    return build(tmp_path_factory.mktemp("a"), "none")


def build(folder, method, chapter=CHAPTER):
    study = small_study(
        folder / "s",
        study=STUDY.replace("PROTECT", method),
        codebook=CODEBOOK,
        answers=answers(),
        chapter=chapter,
    )
    loaded, problems = load_study(study)
    assert loaded.is_sound, problems
    built = build_report(loaded)
    assert built.value is not None, built.problems
    found = built.value.report.blocks
    return {b.id: b for b in found if isinstance(b, TableBlock | ChartBlock)}


def rows(block):
    return {row.label: [cell.text for cell in row.cells] for row in block.rows}


def test_how_often_persons_were_asked(blocks):
    assert rows(blocks["often"]) == {
        "Norr": ["1", "4", "5"],
        "Söder": ["5", "0", "5"],
        "Totalt": ["6", "4", "10"],
    }


def test_changes_between_occasions_with_the_exact_test(blocks):
    (cells,) = rows(blocks["moves"]).values()
    assert cells == ["1", "1", "1", "1", "4", "1,000"]
    assert "McNemars" in blocks["moves"].tests[0]


def test_first_answers_against_ever(blocks):
    (cells,) = rows(blocks["ever"]).values()
    assert cells == ["4", "40,0", "5", "50,0", "1", "4", "10"]


def test_a_scale_leaves_out_what_is_no_step(blocks):
    (cells,) = rows(blocks["scale"]).values()
    assert cells[-1] == "9"
    assert cells[0] == "44,4"
    assert cells[3] == "2,22"


def test_change_between_waves_uses_pairs_where_persons_match(blocks):
    (cells,) = rows(blocks["change"]).values()
    assert cells[:5] == ["40,0", "10", "50,0", "4", "10,0"]


def test_response_rate_by_group(blocks):
    assert rows(blocks["rate"])["Söder"] == ["20", "5", "25,0"]
    assert rows(blocks["rate"])["Totalt"] == ["30", "10", "33,3"]


def test_respondents_beside_the_population(blocks):
    assert rows(blocks["pop"])["Norr"] == ["5", "50,0", "75,0", "\u221225,0"]
    assert blocks["pop"].tests


def test_odds_ratio_by_hand(blocks):
    """North 3 yes of 5, south 1 of 5: (1/4) / (3/2) = 1/6."""
    assert rows(blocks["model"])["Region: Söder"][1] == "0,17"
    assert blocks["forest"].reference == 1


def test_small_counts_are_withheld_by_the_gate(tmp_path):
    protected = build(tmp_path, "suppress")
    assert [c.text for c in protected["moves"].rows[0].cells] == [".."]
    assert protected["moves"].tests == ()


def test_a_faulty_analysis_is_a_problem(tmp_path):
    study = small_study(
        tmp_path / "s",
        study=STUDY.replace("PROTECT", "none").replace("    occasion: occasion\n", ""),
        codebook=CODEBOOK,
        answers=answers(),
        chapter="# A\n\n{{ occasions_table('forms') }}\n\n{{ scale_table('forms.exposed') }}\n",
    )
    loaded, _ = load_study(study)
    built = build_report(loaded)
    assert built.value is None
    assert {p.code for p in built.problems} == {"analysis-occasion", "analysis-scale"}


def test_occasions_by_year_count_each_person_where_they_first_were_asked(tmp_path):
    """Six persons: four asked once (2023: 3, 2024: 1), two twice, both first in 2023."""
    lines = ["Person;Tillfälle;Datum;Region;Utsatt;Förtroende"]
    days = ["2023-02-01", "2023-05-01", "2023-12-31", "2024-01-01", "2023-03-03", "2023-04-04"]
    lines += [f"p{i};Första;{day};Norr;Ja;Stämmer helt" for i, day in enumerate(days)]
    lines += [f"p{i};Andra;2024-06-0{i};Norr;Nej;Stämmer helt" for i in (4, 5)]
    book = CODEBOOK.replace(
        "  - {id: region", "  - {id: datum, text: Datum, type: date}\n  - {id: region"
    )
    study = small_study(
        tmp_path / "s",
        study=STUDY.replace("PROTECT", "none"),
        codebook=book,
        answers="\n".join(lines) + "\n",
        chapter='# A\n\n{{ occasions_table("forms", by="datum", period="year", id="often") }}\n',
    )
    loaded, problems = load_study(study)
    assert loaded.is_sound, problems
    built = build_report(loaded)
    assert built.value is not None, built.problems
    (table,) = [b for b in built.value.report.blocks if isinstance(b, TableBlock)]
    assert rows(table) == {
        "2023": ["3", "2", "5"],
        "2024": ["1", "0", "1"],
        "Totalt": ["4", "2", "6"],
    }


def test_the_heads_of_a_scale_say_how_many_steps_they_add_up(blocks):
    """Three steps: one at each end."""
    (head,) = blocks["scale"].head
    assert [cell.text for cell in head][:3] == [
        "Översta steget, procent",
        "Nedersta steget, procent",
        "Balans",
    ]
