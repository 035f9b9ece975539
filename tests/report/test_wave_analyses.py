"""Waves in chapters: renamed and merged options, breaks, panels, means, series; and AAPOR's rates.

The answers are few enough to be counted by eye.
"""

from __future__ import annotations

import pytest
from scipy import stats

from evaluation.pipeline.build import build_report
from evaluation.pipeline.load import load_study
from evaluation.report.model import ChartBlock, TableBlock
from tests.small_study import OPEN

STUDY = f"""\
{OPEN}title: Två mätningar
publisher: Provmyndigheten
year: 2026
date: 2026-03-01
surveys:
  before: {{title: "2024", data: data/before.csv, intake: {{person: Person}}}}
  after:
    title: "2026"
    data: data/after.csv
    intake: {{person: Person, complete_share: 0.9}}
    design: {{population: 40}}
"""
BEFORE = """\
title: Enkät 2024
questions:
  - {id: person, text: Person, type: text, role: identity}
  - {id: got, text: Har du fått hjälp?, type: single, options: {a: Ja helt, b: Ja delvis, c: Nej}}
  - {id: trust, text: Litar du på oss?, type: single, options: {1: Ja, 2: Nej}}
  - {id: worded, text: Är du nöjd?, type: single, options: {1: Ja, 2: Nej}}
  - {id: years, text: Antal år, type: number}
  - {id: extra, text: Något mer?, type: single, options: {1: Ja, 2: Nej, 3: Vet inte}}
"""
AFTER = """\
title: Enkät 2026
questions:
  - {id: person, text: Person, type: text, role: identity}
  - id: help
    text: Har du fått hjälp?
    type: single
    options: {1: Ja, 2: Nej}
    earlier: {before: {options: {1: [a, b]}}}
  - id: trust
    text: Har du förtroende för oss?
    type: single
    options: {1: Ja, 2: Nej}
    EARLIER
  - {id: worded, text: Hur nöjd är du?, type: single, options: {1: Nöjd, 2: Missnöjd}}
  - {id: years, text: Antal år, type: number}
  - {id: extra, text: Något mer?, type: single, options: {1: Ja, 2: Nej}}
"""
FIRST = """\
Person;Har du fått hjälp?;Litar du på oss?;Är du nöjd?;Antal år;Något mer?
a;Ja helt;Ja;Ja;1;Ja
b;Ja delvis;Nej;Nej;2;Nej
c;Nej;Nej;Ja;4;Vet inte
d;Nej;Ja;Nej;5;Ja
e;Nej;Nej;Nej;9;Nej
"""
SECOND = """\
Person;Har du fått hjälp?;Har du förtroende för oss?;Hur nöjd är du?;Antal år;Något mer?
a;Ja;Ja;Nöjd;3;Ja
b;Ja;Ja;Nöjd;5;Ja
c;Ja;Nej;Missnöjd;4;Nej
d;Nej;Ja;Nöjd;9;Ja
e;Nej;Nej;Missnöjd;10;Nej
f;Ja;;;;
"""
CHAPTER = """\
# Mätningar

{{ change_table("after.help", "Ja", since=["before"], id="merged") }}

{{ change_table("after.trust", "Ja", since="before", id="same") }}

{{ change_table("after.extra", "Ja", since="before", id="extra") }}

{{ mean_change_table("after.years", since="before", id="mean") }}

{{ series_table("after.help", "Ja", since="before", id="series") }}

{{ series_chart("after.help", "Ja", since="before", id="line") }}

{{ series_chart("after.years", since="before", id="mean-line") }}

{{ response_rates_table("after", refusal=4, unknown=10, not_eligible=2, id="rates") }}

{{ asked_table("after", participants=30, source="deltagare enligt verksamhetens register", id="asked") }}

{{ break_off_chart("after", id="off") }}

{{ tests_note() }}
"""
SAME = "earlier: {before: {break: false}}"
BROKEN = "earlier: {before: {break: {sv: Frågan gällde tidigare en annan sak.}}}"


def write(folder, earlier=SAME, chapter=CHAPTER, after=AFTER):
    for name, text in {
        "study.yaml": STUDY,
        "before.yaml": BEFORE,
        "after.yaml": after.replace("EARLIER", earlier),
        "data/before.csv": FIRST,
        "data/after.csv": SECOND,
        "chapters/1.md": chapter,
    }.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


def built(folder):
    loaded, problems = load_study(folder)
    assert loaded is not None
    assert loaded.is_sound, problems
    made = build_report(loaded)
    assert made.value is not None, made.problems
    return made.value.report


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return built(write(tmp_path_factory.mktemp("w") / "s"))


@pytest.fixture(scope="module")
def blocks(report):
    return {b.id: b for b in report.blocks if isinstance(b, TableBlock | ChartBlock)}


def rows(block):
    return {row.label: [cell.text for cell in row.cells] for row in block.rows}


def test_merged_options_and_a_renamed_question_are_mapped(blocks):
    """2 of 5 (two kinds of yes) became 4 of 6; five persons answered both times."""
    (cells,) = rows(blocks["merged"]).values()
    assert cells[:5] == ["40,0", "5", "66,7", "6", "26,7"]
    assert "Antal personer som har svarat i båda mätningarna: 5." in " ".join(
        blocks["merged"].tests
    )
    assert not any("Tidsseriebrott" in line for line in blocks["merged"].tests)


def test_a_new_wording_that_means_the_same_is_no_break(blocks):
    """Pairs: a yes-yes, b no-yes, c and e no-no, d yes-yes: one gained, none lost, p = 1."""
    (cells,) = rows(blocks["same"]).values()
    assert cells[:5] == ["40,0", "5", "60,0", "5", "20,0"]
    assert cells[-1] == "1,000"


def test_a_new_wording_is_a_break_and_no_change_is_computed(tmp_path):
    chapter = '{{ change_table("after.trust", "Ja", since="before", id="same") }}\n'
    for said, words in (("", "på ett annat sätt 2026 än 2024"), (BROKEN, "en annan sak.")):
        report = built(write(tmp_path / words[:8], said, f"# A\n\n{chapter}"))
        block = next(b for b in report.blocks if isinstance(b, TableBlock))
        (cells,) = rows(block).values()
        assert cells == ["40,0", "5", "60,0", "5", "–", "–", "–", "–"]
        assert "Tidsseriebrott" in block.tests[0]
        assert words in block.tests[0]


def test_options_that_only_share_a_code_are_not_taken_for_one(tmp_path):
    """1 was "Ja" and is "Nöjd": the evaluator has to say that they are the same."""
    asked = '# A\n\n{{ change_table("after.worded", "Nöjd", since="before") }}\n'
    study = write(tmp_path / "s", chapter=asked)
    loaded, _ = load_study(study)
    made = build_report(loaded)
    assert made.value is None
    assert [p.code for p in made.problems] == ["analysis-wave-option"]


def test_options_of_one_wave_only_are_named_and_stay_in_the_base(blocks):
    (cells,) = rows(blocks["extra"]).values()
    assert cells[:4] == ["40,0", "5", "60,0", "5"]
    assert "Svarsalternativ som bara fanns i 2024: Vet inte." in " ".join(blocks["extra"].tests)


def test_means_of_the_same_persons_are_compared_as_pairs(blocks):
    """All five who gave a number did so both times: the paired t-test of scipy."""
    (cells,) = rows(blocks["mean"]).values()
    expected = stats.ttest_rel([3, 5, 4, 9, 10], [1, 2, 4, 5, 9])
    low, high = expected.confidence_interval()
    assert cells[:5] == ["4,20", "5", "6,20", "5", "2,00"]
    assert cells[5:7] == [f"{v:.2f}".replace(".", ",") for v in (low, high)]
    assert cells[7] == f"{expected.pvalue:.3f}".replace(".", ",")


def test_a_series_has_a_row_per_wave_and_the_change_since_before(blocks):
    found = rows(blocks["series"])
    assert list(found) == ["2024", "2026"]
    assert found["2024"][:2] == ["5", "40,0"]
    assert found["2024"][4:] == ["–"] * 4
    assert found["2026"][4] == "26,7"


def test_a_series_is_drawn_with_its_intervals(blocks):
    (series,) = blocks["line"].series
    assert [point.text for point in series.points] == ["40,0", "66,7"]
    assert all(point.low < point.value < point.high for point in series.points)
    assert [point.text for point in blocks["mean-line"].series[0].points] == ["4,20", "6,20"]


def test_aapor_rates_by_hand(blocks):
    """40 asked: 5 complete, 1 partial, 4 declined, 10 unknown, 2 outside, so 18 not reached."""
    found = {label[-5:-1]: cells for label, cells in rows(blocks["rates"]).items()}
    assert found[" RR1"] == ["5", "38", "13,2"]
    assert found[" RR2"] == ["6", "38", "15,8"]
    assert found[" RR5"] == ["5", "28", "17,9"]
    assert found[" RR3"] == ["5", "37,3", "13,4"]  # 28 + 10 · 28/30
    assert "inte hörts av 18" in blocks["rates"].tests[0]


def test_share_of_participants_who_were_asked(blocks):
    (cells,) = rows(blocks["asked"]).values()
    assert cells == ["6", "30", "20,0"]
    assert "Nämnare: deltagare enligt verksamhetens register." in blocks["asked"].tests


def test_the_curve_of_break_off(blocks):
    chart = blocks["off"]
    still = [str(point.value) for point in chart.series[0].points]
    assert still == ["100.0", "83.3", "83.3", "83.3", "83.3"]
    assert [point.text for point in chart.series[0].points] == ["", "83,3", "", "", "83,3"]


def test_the_account_of_tests_counts_those_of_analyses(report):
    assert "Rapporten innehåller 6 statistiska test." in str(report.blocks)


ONE_FILE = """\
title: Enkät
questions:
  - {id: year, text: År, type: single, role: wave, options: [2022, 2024, 2026]}
  - id: got
    text: Har du fått hjälp?
    type: single
    options: {1: Ja, 2: Nej}
    nets: {Svar: [1, 2]}
    breaks: {2024: Frågan gällde tidigare en annan sak.}
"""


def one_file(folder, chapter):
    lines = ["År;Har du fått hjälp?"]
    for year, yes, no in ((2022, 3, 7), (2024, 5, 5), (2026, 6, 4)):
        lines += [f"{year};Ja"] * yes + [f"{year};Nej"] * no
    for name, text in {
        "study.yaml": f"{OPEN}title: En\npublisher: P\nyear: 2026\nsurveys:\n  s: {{data: d.csv}}\n",
        "s.yaml": ONE_FILE,
        "d.csv": "\n".join(lines) + "\n",
        "chapters/1.md": f"# A\n\n{chapter}\n",
    }.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return [b for b in built(folder).blocks if isinstance(b, TableBlock | ChartBlock)]


def test_a_break_within_one_file_is_marked_in_the_series(tmp_path):
    table, chart = one_file(
        tmp_path,
        '{{ series_table("s.got", "Ja", by="year") }}\n\n{{ series_chart("s.got", "Ja", by="year") }}',
    )
    found = rows(table)
    assert list(found) == ["2022", "2024 (efter tidsseriebrott)", "2026"]
    assert found["2024 (efter tidsseriebrott)"][4:] == ["–"] * 4
    assert found["2026"][4] == "10,0"
    assert "Frågan gällde tidigare en annan sak." in table.tests[0]
    names = [[p.text for p in series.points if p.value is not None] for series in chart.series]
    assert names == [["30,0"], ["50,0", "60,0"]]


def test_a_break_between_two_waves_that_are_not_neighbours_counts_too(tmp_path):
    chapter = '{{ change_table("s.got", "Ja", by="year", waves=["2022", "2026"]) }}'
    (table,) = one_file(tmp_path, chapter)
    assert rows(table)["Har du fått hjälp?"][4:] == ["–"] * 4
    later = chapter.replace("2022", "2024")
    (table,) = one_file(tmp_path / "b", later)
    assert rows(table)["Har du fått hjälp?"][4] == "10,0"


def test_what_earlier_names_and_does_not_exist_is_a_problem(tmp_path):
    study = write(tmp_path / "s", "earlier: {before: {question: nothing}, then: {}}")
    _, problems = load_study(study)
    found = {p.code: p for p in problems if p.file == "after.yaml"}
    assert set(found) == {"earlier-unknown-question", "earlier-unknown-survey"}
    assert {p.column for p in found.values()} == {"questions.trust.earlier"}
    assert all(p.row > 1 for p in found.values())
    study = write(tmp_path / "t", "earlier: {before: {options: {7: [1], 1: [9]}}}")
    _, problems = load_study(study)
    assert [p.value for p in problems if p.file == "after.yaml"] == ["7", "9"]
