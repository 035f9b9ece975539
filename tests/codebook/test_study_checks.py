from __future__ import annotations

import pytest

from evaluation.codebook.parse import parse_codebook, parse_study
from evaluation.codebook.study_checks import check_study

BOOK = parse_codebook(
    """\
title: T
questions:
  - {id: region, text: Region, type: single, options: [Norr, Syd]}
  - {id: gang, text: Gång, type: single, options: [Första, Andra]}
  - {id: vikt, text: Vikt, type: number}
"""
).value

HEAD = "title: T\npublisher: P\nyear: 2022\n"


def found(text: str) -> list[tuple[int, str, str, str]]:
    read = parse_study(HEAD + text)
    assert read.value is not None
    assert BOOK is not None
    known = {s: BOOK for s in read.value.study.surveys if s != "unread"}
    checked = check_study(read.value, known)
    return [(p.row, p.code, p.value, p.expected) for p in (*read.problems, *checked.problems)]


def test_a_sound_study() -> None:
    text = """\
date: 2022-03
surveys:
  a:
    data: [a.csv, b.csv]
    filter: gang == 1
    unit: region
    occasion: gang
    design: {weight: vikt, strata: region, fpc: vikt, population: 100}
    intake:
      test_if: '"col:Status" == "Test"'
      complete_if: answered(region)
      invalid_if: col("X Y") > 3
protection: {identifying: [a.region], sensitive: [a.gang], merge: {a.region: a.gang}}
"""
    assert found(text) == []


@pytest.mark.parametrize(
    ("design", "told"),
    [
        ("strata: region, population: 100", True),
        ("cluster: region, population: 100", True),
        ("strata: region, fpc: vikt, population: 100", False),
        ("strata: region", False),
        ("weight: vikt, population: 100", False),
    ],
)
def test_a_population_that_corrects_nothing_is_told(design: str, told: bool) -> None:
    text = f"surveys:\n  a:\n    data: a.csv\n    design: {{{design}}}\nprotection: {{}}\n"
    wanted = [(7, "study-population-without-fpc", "100", design.split(":")[0])]
    assert found(text) == (wanted if told else [])


def test_every_name_is_checked_with_its_line() -> None:
    text = """\
date: 31 mars 2022
surveys:
  a:
    data: a.csv
    filter: gng == 1
    unit: regio
    wave: vikt
    design: {weight: region, strata: nix}
    intake:
      test_if: 'col:Status = "Test"'
      complete_if: answered(regin)
protection:
  identifying: [a.region, a.regon]
  merge: {a.region: b.x}
  zeros: {a.gng: hidden}
"""
    assert found(text) == [
        (4, "study-bad-date", "31 mars 2022", "2022-03-31"),
        (8, "expression-unknown-name", "gng", "gang"),
        (9, "study-unknown-question", "regio", "region"),
        (10, "study-needs-options", "vikt", "single"),
        (11, "study-needs-number", "region", "number"),
        (11, "study-unknown-question", "nix", ""),
        (13, "expression-single-equals", "=", "=="),
        (14, "expression-unknown-name", "regin", "region"),
        (16, "study-unknown-variable", "a.regon", "a.region"),
        (17, "study-unknown-variable", "b.x", ""),
        (18, "study-unknown-variable", "a.gng", "a.gang"),
    ]


def test_what_does_not_hold_is_taken_away() -> None:
    read = parse_study(
        HEAD + "surveys: {a: {data: a.csv, filter: x == 1, unit: region, intake: {test_if: y}}}\n"
    )
    assert read.value is not None
    assert BOOK is not None
    survey = check_study(read.value, {"a": BOOK}).value.surveys["a"]
    assert (survey.filter, survey.unit, survey.intake.test_if) == (None, "region", None)


def test_what_depends_on_an_unreadable_codebook_is_not_called_unknown() -> None:
    text = "surveys: {unread: {data: a.csv, filter: x == 1, unit: y}}\n"
    text += "protection: {identifying: [unread.z]}\n"
    assert found(text) == []


def test_settings_are_kept_within_bounds() -> None:
    text = "surveys: {a: {data: a.csv, intake: {complete_share: 2}}, B: {data: b.csv}}\n"
    text += "report: {decimals: 3}\nprotection: {}\n"
    assert found(text) == [
        (4, "setting-out-of-range", "2", "≤ 1.0"),
        (4, "bad-identifier", "B", "b"),
        (5, "setting-out-of-range", "3", "≤ 2"),
    ]


def test_a_study_without_a_title_is_still_checked() -> None:
    read = parse_study("publisher: P\nyear: åtta\nsurveys: {a: {data: x.csv}}\n")
    assert [(p.row, p.code, p.value) for p in read.problems] == [
        (1, "missing-key", "title"), (2, "yaml-expected-number", "åtta"),
    ]  # fmt: skip
    assert read.value is not None
    assert list(read.value.study.surveys) == ["a"]
