"""Layouts met in real exports, each in a small file of our own: heads, places, measured columns."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pyreadstat
import xlsxwriter

from evaluation.codebook.draft import draft_codebook
from evaluation.codebook.schema import QuestionType, Role
from evaluation.loading.read import read_export
from evaluation.loading.statfiles import _with_catalogue
from evaluation.loading.vocabulary import load_words
from evaluation.pipeline.init import init_study
from evaluation.pipeline.load import load_study
from tests.loading.files import read, texts, write_csv, write_xlsx
from tests.loading.test_tools import draft, labels, question


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
    assert [c.label for c in answers.categories] == ["barn", "vuxen"]
    assert answers.codes.tolist() == [1, 0, 1, 1]
    text = (tmp_path / "study" / "medlemmar.yaml").read_text(encoding="utf-8")
    assert "upprepning" in text or "repeat" in text


# --- the order of rows ---------------------------------------------------------------


def test_the_order_of_rows_does_not_change_the_codebook(tmp_path: Path) -> None:
    head = ["Tidstämpel", "Hur ofta?", "Vilka stöd?", "Kommun", "Betyg"]
    rows = [
        ["2024-05-24 15.21.01", "Ibland", "Samtal;Pengar", "Umeå", "3"],
        ["2024-05-24 15.22.01", "Aldrig", "Pengar", "lund", "5"],
        ["2024-05-24 15.23.01", "Ofta", "Kläder;Samtal", "Lund", "1"],
        ["2024-05-24 15.24.01", "Ibland", "pengar;Kläder", "Umeå", "2"],
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


# --- Sunet, Netigate, Webropol, esMaker: plausible layouts -----------------------------


def test_options_in_parentheses_after_their_question(tmp_path: Path) -> None:
    heads = [
        "Respondent",
        "Status",
        "Svarsdatum",
        "2. Stöd? (Samtal)",
        "2. Stöd? (Pengar)",
        "Längd (cm)",
    ]
    rows = [
        ["Utvärdering 2024"],
        heads,
        ["1", "Besvarad", "2024-01-01", "Samtal", "", "170"],
        ["2", "Besvarad", "2024-01-01", "", "Pengar", "181"],
        ["3", "Besvarad", "2024-01-01", "Samtal", "Pengar", "165"],
    ]
    drafted = draft(write_xlsx(tmp_path / "a.xlsx", {"Svar": rows}), "sunet")
    assert labels(question(drafted, "2. Stöd?")) == ["Samtal", "Pengar"]
    assert question(drafted, "Längd (cm)").type is QuestionType.NUMBER


def test_codes_above_wordings_that_share_their_question(tmp_path: Path) -> None:
    codes = ["Löpnummer", "Svarsdatum", "f1", "f2_1", "f2_2"]
    wordings = [
        "Löpnummer",
        "Svarsdatum",
        "Hur nöjd är du med stödet?",
        "Vilka stöd har du fått? Samtal",
        "Vilka stöd har du fått? Pengar",
    ]
    rows = [[str(n), "2024-01-01", str(n % 5 + 1), str(n % 2), str(n % 3 % 2)] for n in range(30)]
    drafted = draft(
        write_csv(tmp_path / "a.csv", [codes, wordings, *rows], separator=";"), "esmaker"
    )
    several = question(drafted, "Vilka stöd har du fått?")
    assert several.id == "f2"
    assert labels(several) == ["Samtal", "Pengar"]


def test_the_sheet_of_codes_may_come_first_and_other_sheets_are_told(tmp_path: Path) -> None:
    codebook = [
        ["Variabel", "Frågetext", "Värde", "Etikett"],
        ["v1", "Hur nöjd är du?", 1, "Missnöjd"],
        ["v1", "", 2, "Nöjd"],
    ]
    answers = [["Respondent ID", "Svarsdatum", "Språk", "v1"]]
    answers += [[n, "2024-01-01", "sv", n % 2 + 1] for n in range(1, 12)]
    sheets = {"Kodbok": codebook, "Rådata": answers, "Diagram": [["Svar", "n"], ["Nöjd", 5]]}
    path = write_xlsx(tmp_path / "a.xlsx", sheets)
    found = question(draft(path, "netigate"), "Hur nöjd är du?")
    assert [(o.code, o.label) for o in found.options] == [("1", "Missnöjd"), ("2", "Nöjd")]
    problems = read_export(path).problems
    assert [p.value for p in problems if p.code == "other-sheets"] == ["Diagram"]


def test_blocks_merged_over_questions_are_no_row_of_answers(tmp_path: Path) -> None:
    heads = [
        ["", "Del A", "", "Del B", ""],
        ["Respondentnummer", "Vilka stöd?", "", "Hur bra är", ""],
        ["", "Samtal", "Pengar", "bussen", "tåget"],
    ]
    rows = [[str(n), str(n % 2), str(n % 3 % 2), "Bra", "Dåligt"] for n in range(1, 9)]
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Svar")
        for number, row in enumerate([*heads, *rows]):
            sheet.write_row(number, 0, row)
        for row in (0, 1):
            for start in (1, 3):
                sheet.merge_range(row, start, row, start + 1, heads[row][start])
    responses = read(path)
    assert responses.n_rows == len(rows)
    drafted = draft_codebook(responses, load_words())
    assert labels(question(drafted, "Vilka stöd?")) == ["Samtal", "Pengar"]


# --- statistics files ---------------------------------------------------------------------


def test_a_date_that_no_calendar_has_does_not_stop_an_spss_file(tmp_path: Path) -> None:
    path = tmp_path / "a.sav"
    day = (date(2014, 11, 1) - date(1582, 10, 14)).days * 86_400.0
    frame = pd.DataFrame({"far": [day, 1e13], "quarter": [day, day]})
    formats = {"far": "DATE11", "quarter": "QYR6"}
    pyreadstat.write_sav(frame, str(path), variable_format=formats)
    far, quarter = read(path).columns
    assert texts(far)[0] == "2014-11-01"
    assert texts(far)[1].startswith("1000")
    assert texts(quarter) == ["2014-11-01"] * 2
    assert quarter.hints.kind == "date"


def test_labels_come_from_the_sas_catalogue_that_has_the_formats(tmp_path: Path) -> None:
    for name in ("a", "formats", "broken"):
        (tmp_path / f"{name}.sas7bcat").write_bytes(b"")
    path = tmp_path / "broken.sas7bdat"
    found = {"a": {"OTHER": {1.0: "x"}}, "formats": {"YN": {1.0: "Ja", 2.0: "Nej"}}}

    def read_catalogue(name: str) -> tuple[None, SimpleNamespace]:
        return None, SimpleNamespace(value_labels=found[Path(name).stem])  # KeyError: broken

    reader = SimpleNamespace(read_sas7bcat=read_catalogue)
    meta = SimpleNamespace(variable_to_label={"q": "YN"}, variable_value_labels={})
    problems = _with_catalogue(reader, path, meta, "broken.sas7bdat")
    assert meta.variable_value_labels == {"q": {1.0: "Ja", 2.0: "Nej"}}
    assert [(p.code, p.value) for p in problems] == [
        ("catalog-unreadable", "broken.sas7bcat"),
        ("form-used", "formats.sas7bcat"),
    ]
