"""Layouts met in real exports, each in a small file of our own: heads, places, measured columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.codebook.draft import draft_codebook
from evaluation.codebook.schema import QuestionType, Role
from evaluation.loading.vocabulary import load_words
from evaluation.pipeline.init import init_study
from evaluation.pipeline.load import load_study
from tests.loading.files import read, write_csv, write_xlsx
from tests.loading.test_tools import draft, labels, question

if TYPE_CHECKING:
    from pathlib import Path


def roles(path: Path, tool: str) -> dict[str, str]:
    """Return head -> role in the draft."""
    return {str(q.column): q.role.value for q in draft(path, tool).codebook.questions}


# --- LimeSurvey -------------------------------------------------------------------


def test_limesurvey_technical_columns_as_code_and_text(tmp_path: Path) -> None:
    rows = [
        [
            "id. Response ID",
            "submitdate. Date submitted",
            "lastpage. Last page",
            "q1[SQ1]. Which ones? [Mood [affective] disorders]",
            "q1[SQ2]. Which ones? [None]",
        ],
        ["1", "2024-01-01 10:00:00", "3", "Yes", "No"],
        ["2", "", "1", "No", "Yes"],
    ]
    drafted = draft(write_csv(tmp_path / "a.csv", rows), "limesurvey")
    assert [q.role for q in drafted.codebook.questions[:3]] == [Role.ADMIN] * 3
    assert labels(question(drafted, "Which ones?")) == ["Mood [affective] disorders", "None"]
    assert 'col("submitdate. Date submitted")' in str(drafted.intake.complete_if)


def test_limesurvey_option_without_a_wording(tmp_path: Path) -> None:
    rows = [
        ["ID de la réponse", "Date de soumission", "Âge ? []", "Âge ? [18-25]", "Âge ? [26-35]"],
        ["1", "2024-01-01", "Non", "Oui", "Non"],
        ["2", "2024-01-02", "Oui", "Non", "Non"],
    ]
    drafted = draft(write_csv(tmp_path / "a.csv", rows), "limesurvey")
    assert labels(question(drafted, "Âge ?")) == ["\u2013", "18-25", "26-35"]


# --- Qualtrics --------------------------------------------------------------------


def test_qualtrics_measures_are_no_questions(tmp_path: Path) -> None:
    ends = ["First Click", "Last Click", "Page Submit", "Click Count"]
    timed = [f"t1_{end}" for end in ends]
    ids = ["startDate", "QID1", *(f"QID2_{n}" for n in range(4)), "QID3"]
    rows = [
        ["StartDate", "Q1", *timed, "Q9_Click Count"],
        [
            "Start Date",
            "Are you content?",
            *(f"Timing - {end}" for end in ends),
            "How many clicks?",
        ],
        [f'{{"ImportId":"{name}"}}' for name in ids],
        ["2024-01-01 10:00:00", "Yes", "1.5", "2.5", "9.1", "3", "4"],
        ["2024-01-02 10:00:00", "No", "1.1", "2.2", "8.1", "2", "7"],
    ]
    found = roles(write_csv(tmp_path / "a.csv", rows), "qualtrics")
    assert {found[head] for head in timed} == {"admin"}
    assert found["Q9_Click Count"] == "question"  # one ending alone may be anything


# --- REDCap -----------------------------------------------------------------------

DICTIONARY = [
    ["Variable / Field Name", "Form Name", "Field Type", "Field Label",
     "Choices, Calculations, OR Slider Labels", "Matrix Group Name"],
    ["record_id", "base", "text", "Record ID", "NA", "NA"],
    ["happy", "base", "radio", "Är du nöjd?", "1, Ja | 2, Nej | 3, Vet ej", "NA"],
    ["son", "base", "radio", "Har du en son?", "0, Nej | 1, Ja", "NA"],
    ["n", "base", "text", "Hur många?", "NA", "NA"],
]  # fmt: skip


def test_redcap_labels_with_a_dictionary_that_passed_through_r(tmp_path: Path) -> None:
    write_csv(tmp_path / "dictionary.csv", DICTIONARY)
    rows = [
        [
            "Record ID",
            "Repeat Instrument",
            "Är du nöjd?",
            "Har du en son?",
            "Hur många?",
            "Complete?",
        ],
        ["1", "", "Ja", "TRUE", "3", "Complete"],
        ["2", "", "Nej", "FALSE", "5", "Complete"],
        ["3", "", "Ja", "TRUE", "12", "Incomplete"],
    ]
    drafted = draft(write_csv(tmp_path / "a.csv", rows), "redcap")
    happy = question(drafted, "Är du nöjd?")
    assert happy.id == "happy"
    assert [o.code for o in happy.options] == ["1", "2", "3"]
    son = question(drafted, "Har du en son?")
    assert [(o.code, o.label) for o in son.options] == [("0", "Nej"), ("1", "Ja")]
    assert question(drafted, "Hur många?").type is QuestionType.NUMBER
    assert question(drafted, "Complete?").role is Role.ADMIN


def test_redcap_time_stamps_are_no_questions(tmp_path: Path) -> None:
    rows = [
        ["record_id", "base_timestamp", "happy", "log_timestamp", "base_complete"],
        ["1", "2024-01-01 10:00", "1", "2024-01-01", "2"],
        ["2", "[not completed]", "2", "2024-01-02", "0"],
    ]
    found = roles(write_csv(tmp_path / "a.csv", rows), "redcap")
    assert found["base_timestamp"] == "admin"
    assert found["log_timestamp"] == "question"  # no form of this name


# --- KoboToolbox -------------------------------------------------------------------


def test_kobo_knows_a_place_by_its_four_columns(tmp_path: Path) -> None:
    numbers = [f"_plats_{part}" for part in ("latitude", "longitude", "altitude", "precision")]
    rows = [
        ["namn_pa_enhet", "plats", *numbers],
        ["Norr", "59.3 18.0 0 0", "59.3", "18.0", "0", "0"],
        ["Syd", "55.6 13.0 0 0", "55.6", "13.0", "0", "0"],
    ]
    found = roles(write_csv(tmp_path / "a.csv", rows, separator=";"), "kobo")
    assert {found[head] for head in ("plats", *numbers)} == {"identity"}


def household(path: Path) -> Path:
    """Write an export with a sheet of repeats."""
    main = [["hus", "_index"], ["villa", 1], ["lägenhet", 2], ["villa", 3]]
    members = [
        ["alder", "_index", "_parent_table_name", "_parent_index"],
        ["vuxen", 1, "Hushåll", 1],
        ["barn", 2, "Hushåll", 1],
        ["vuxen", 3, "Hushåll", 2],
        ["vuxen", 4, "Hushåll", 3],
    ]
    none = [["fordon", "_index", "_parent_table_name", "_parent_index"]]
    return write_xlsx(path, {"Hushåll": main, "medlemmar": members, "fordon": none})


def test_repeats_become_a_survey_of_their_own(tmp_path: Path) -> None:
    problems = init_study([household(tmp_path / "export.xlsx")], tmp_path / "study")
    assert [p.sheet for p in problems if p.code == "repeat-sheet"] == ["medlemmar"]
    assert [p.value for p in problems if p.code == "other-sheets"] == ["fordon"]
    loaded, _ = load_study(tmp_path / "study")
    assert loaded is not None
    assert {name: data.n for name, data in loaded.coded.items()} == {"export": 3, "medlemmar": 4}
    answers = loaded.coded["medlemmar"].variables["alder"]
    assert [c.label for c in answers.categories] == ["vuxen", "barn"]
    assert answers.codes.tolist() == [0, 1, 0, 0]
    text = (tmp_path / "study" / "medlemmar.yaml").read_text(encoding="utf-8")
    assert "upprepning" in text or "repeat" in text


# --- the order of rows ---------------------------------------------------------------


def test_the_order_of_rows_does_not_change_the_codebook(tmp_path: Path) -> None:
    head = ["Tidstämpel", "Hur ofta?", "Vilka stöd?", "Kommun", "Betyg"]
    rows = [
        ["2024-05-24 15.21.01", "Ibland", "Samtal;Pengar", "Umeå", "3"],
        ["2024-05-24 15.22.01", "Aldrig", "Pengar", "Lund", "5"],
        ["2024-05-24 15.23.01", "Ofta", "Kläder;Samtal", "Lund", "1"],
        ["2024-05-24 15.24.01", "Ibland", "Pengar;Kläder", "Umeå", "2"],
        ["2024-05-24 15.25.01", "Ibland", "Samtal", "Kiruna", "5"],
    ] * 3
    books = []
    for order in (rows, rows[::-1], sorted(rows)):
        responses = read(write_csv(tmp_path / "a.csv", [head, *order]))
        books.append(draft_codebook(responses, load_words()).codebook)
    assert books[0] == books[1] == books[2]
    assert labels(next(q for q in books[0].questions if q.text == "Hur ofta?")) == [
        "Aldrig",
        "Ibland",
        "Ofta",
    ]
