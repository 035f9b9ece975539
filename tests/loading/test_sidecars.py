"""Questionnaires beside an export: read, matched by content, and not taken for answers."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from evaluation.loading.read import read_export
from evaluation.loading.sidecars.find import read_any_form
from evaluation.loading.sidecars.redcap_dictionary import parse_choices
from tests.loading.files import codes, read, write_csv
from tests.loading.samples import SAMPLES
from tests.loading.test_tools import LSS
from tests.paths import needs_shared

if TYPE_CHECKING:
    from pathlib import Path

FORMS = {
    "limesurvey/digitaltwins_222232.lss": ("lss", 54, 313),
    "qualtrics/QualtricsTools_better_sample.qsf": ("qsf", 18, None),
    "redcap/checkboxes1_dictionary.csv": ("redcap", 4, 9),
    "redcap/redcapAPI_datadictionary.csv": ("redcap", 56, None),
    "odk_kobo/xlsform_or_other.xlsx": ("xlsform", 2, None),
    "odk_kobo/xlsform_I8n_lang_choicefilter.xlsx": ("xlsform", 8, None),
    "ddi/ipums_cps_00160.xml": ("ddi", 15, None),
}


@needs_shared
@pytest.mark.parametrize("file", FORMS)
def test_real_forms(file: str) -> None:
    kind, n_questions, n_items = FORMS[file]
    form = read_any_form(SAMPLES / file)
    assert form is not None
    assert form.kind == kind
    assert len(form.questions) == n_questions
    if n_items is not None:
        assert sum(len(q.items) for q in form.questions.values()) == n_items
    checked = read_export(SAMPLES / file)
    assert checked.value is None
    assert "form-not-answers" in codes(checked)


@needs_shared
def test_ddi_categories() -> None:
    form = read_any_form(SAMPLES / "ddi/ipums_cps_00160.xml")
    assert form is not None
    assert sum(len(q.options) for q in form.questions.values()) == 238


@needs_shared
def test_limesurvey_answers_in_form_order() -> None:
    form = read_any_form(SAMPLES / "limesurvey/digitaltwins_222232.lss")
    assert form is not None
    scale = next(q for q in form.questions.values() if q.text.startswith("Welche Eigenschaften"))
    assert next(iter(scale.options.items())) == ("A01", "Stimme vollständig zu")


@needs_shared
def test_a_form_is_used_only_where_it_fits() -> None:
    used = {
        path.name: "form-used" in {p.code for p in read_export(path).problems}
        for path in sorted((SAMPLES / "limesurvey").glob("*.csv"))
    }
    assert used == {
        "digitaltwins_results_german.csv": True,
        "informal_models_de.csv": False,
        "rse2017_nl_codetext.csv": False,
    }


@needs_shared
def test_same_counts_with_and_without_the_form(tmp_path: Path) -> None:
    path = tmp_path / "alone.csv"
    shutil.copyfile(SAMPLES / "limesurvey/digitaltwins_results_german.csv", path)
    alone, beside = read(path), read(SAMPLES / "limesurvey/digitaltwins_results_german.csv")
    assert [c.values for c in alone.columns] == [c.values for c in beside.columns]


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("1, one|2, two", {"1": "one", "2": "two"}),
        ("1, Ja, absolut | 0, Nej", {"1": "Ja, absolut", "0": "Nej"}),
        ("-1, <b>Vet ej</b>", {"-1": "Vet ej"}),
        ("", {}),
    ],
)
def test_redcap_choices(text: str, choices: dict[str, str]) -> None:
    assert parse_choices(text) == choices


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.lss", b"<document><LimeSurveyDocType>Survey</LimeSurveyDocType><questions>"),
        ("a.lss", b'<!DOCTYPE x [<!ENTITY a "b">]><LimeSurveyDocType/>'),
        ("a.qsf", b'{"SurveyElements": ["x", {"Element": "SQ", "Payload": 3}]}'),
        ("a.qsf", b'{"SurveyElements"'),
        ("a.xml", b"<codeBook><dataDscr><var/></dataDscr></codeBook>"),
        ("a.csv", b'"Variable / Field Name","Field Type"\n"unclosed'),
        ("a.xlsx", b"PK\x03\x04 broken"),
    ],
)
def test_broken_forms_are_no_forms(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    form = read_any_form(tmp_path / name)
    assert form is None or form.questions


def test_billion_laughs_is_refused_quickly(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a0 "x">{entities}]>'
    bomb += "<codeBook><var name='v'><labl>&a11;</labl></var></codeBook>"
    (tmp_path / "a.xml").write_text(bomb, encoding="utf-8")
    assert read_any_form(tmp_path / "a.xml") is None


def test_broken_form_beside_an_export_does_not_stop_it(tmp_path: Path) -> None:
    (tmp_path / "survey.lss").write_text(LSS[:900], encoding="utf-8")
    path = write_csv(tmp_path / "a.csv", [["har", "kön"], ["A1", "Man"], ["A2", "Kvinna"]])
    assert read_export(path).value is not None
