"""Each tool's layout in a tiny file of our own: recognised, and drafted as it should be.

What is from memory only (Survey&Report, Netigate, Webropol, esMaker) is tested
as a plausible layout, not as the tool's true one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evaluation.codebook.draft import Draft, draft_codebook
from evaluation.codebook.schema import Question, QuestionType, ReadOptions, Role
from evaluation.loading.read import read_export
from evaluation.loading.tools import all_tools, load_descriptions, module_names
from evaluation.loading.vocabulary import load_words
from tests.loading.files import codes, read, write_csv, write_xlsx
from tests.loading.samples import SAMPLES
from tests.paths import needs_shared

if TYPE_CHECKING:
    from pathlib import Path

    from evaluation.model import RawResponses


def draft(path: Path, tool: str) -> Draft:
    """Read a file that must be recognised as a tool's, and draft its codebook."""
    responses = read(path)
    assert responses.source.tool == tool
    return draft_codebook(responses, load_words())


def question(drafted: Draft, text: str) -> Question:
    """Return the drafted question of this wording."""
    return next(q for q in drafted.codebook.questions if q.text == text)


def labels(found: Question) -> list[str]:
    """Return the labels of a question's options."""
    return [str(option.label) for option in found.options]


def test_every_module_is_a_tool_with_a_description() -> None:
    described = load_descriptions()
    assert not described.problems
    tools = all_tools(described.value)
    assert set(module_names()) <= set(described.value)
    assert tools[-1].name == "general"
    assert all(tool.description.title and tool.description.seen for tool in tools)


MSFORMS = [
    [
        "Id",
        "Starttid",
        "Slutförandetid",
        "E-post",
        "Namn",
        "Vilka stöd har du fått?",
        "Hur nöjd är du?",
    ],
    ["1", "5/23/2024 8:46", "5/23/2024 8:50", "anonymous", "", "Samtal;Praktik;", "Mycket nöjd"],
    ["2", "5/23/2024 9:46", "5/23/2024 9:50", "anonymous", "", "Samtal;", "Ganska nöjd"],
    ["3", "5/23/2024 9:46", "5/23/2024 9:50", "anonymous", "", "", "Mycket missnöjd"],
]


def test_microsoft_forms_in_swedish(tmp_path: Path) -> None:
    drafted = draft(write_csv(tmp_path / "a.csv", MSFORMS, encoding="cp1252"), "msforms")
    several = question(drafted, "Vilka stöd har du fått?")
    assert several.type is QuestionType.MULTIPLE
    assert several.separator == ";"
    assert labels(several) == ["Praktik", "Samtal"]
    scale = question(drafted, "Hur nöjd är du?")
    assert scale.ordered
    assert labels(scale) == ["Mycket missnöjd", "Ganska nöjd", "Mycket nöjd"]
    assert drafted.language == "sv"
    assert drafted.intake.person is None  # nobody is "anonymous"


def test_microsoft_forms_grid_with_its_stem(tmp_path: Path) -> None:
    rows = [
        [
            "ID",
            "Start time",
            "Completion time",
            "How do you feel?\n.At work",
            "How do you feel?\n.At home",
        ],
        *[[str(n), "1/2/24 8:00", "1/2/24 8:05", "Good", "Bad"] for n in range(1, 9)],
        *[[str(n), "1/2/24 8:00", "1/2/24 8:05", "Bad", "Good"] for n in range(9, 13)],
    ]
    grid = question(draft(write_csv(tmp_path / "a.csv", rows), "msforms"), "How do you feel?")
    assert grid.type is QuestionType.GRID
    assert [item.text for item in grid.items] == ["At work", "At home"]


def test_google_forms_in_swedish(tmp_path: Path) -> None:
    rows = [
        ["Tidstämpel", "E-postadress", "Hur ofta? [Buss]", "Hur ofta? [Tåg]", "Varför?"],
        *[
            [f"2024-05-24 15.21.0{n}", f"p{n}@example.se", "Ofta", "Aldrig", f"text {n}"]
            for n in range(5)
        ],
        *[[f"2024-05-24 15.22.0{n}", f"q{n}@example.se", "Ibland", "Ofta", ""] for n in range(5)],
    ]
    drafted = draft(write_csv(tmp_path / "a.csv", rows), "googleforms")
    grid = question(drafted, "Hur ofta?")
    assert labels(grid) == ["Aldrig", "Ibland", "Ofta"]
    assert grid.ordered
    assert question(drafted, "E-postadress").role is Role.IDENTITY
    assert drafted.intake.person == "E-postadress"
    assert question(drafted, "Varför?").type is QuestionType.TEXT


LSS = """<?xml version="1.0" encoding="UTF-8"?>
<document><LimeSurveyDocType>Survey</LimeSurveyDocType>
<answers><rows>
<row><qid>1</qid><code>A2</code><answer>Nej</answer><sortorder>2</sortorder><language>sv</language><scale_id>0</scale_id></row>
<row><qid>1</qid><code>A1</code><answer>Ja</answer><sortorder>1</sortorder><language>sv</language><scale_id>0</scale_id></row>
<row><qid>1</qid><code>A1</code><answer>Yes</answer><sortorder>1</sortorder><language>en</language><scale_id>0</scale_id></row>
</rows></answers>
<questions><rows>
<row><qid>1</qid><parent_qid>0</parent_qid><gid>1</gid><type>L</type><title>har</title><question>&lt;p&gt;Har du fått stöd?&lt;/p&gt;</question><other>N</other><question_order>1</question_order><language>sv</language></row>
<row><qid>2</qid><parent_qid>0</parent_qid><gid>1</gid><type>M</type><title>vad</title><question>Vilket stöd?</question><other>Y</other><question_order>2</question_order><language>sv</language><relevance>har == "A1"</relevance></row>
</rows></questions>
<subquestions><rows>
<row><qid>3</qid><parent_qid>2</parent_qid><gid>1</gid><type>M</type><title>SQ001</title><question>Samtal</question><question_order>1</question_order><language>sv</language><scale_id>0</scale_id></row>
<row><qid>4</qid><parent_qid>2</parent_qid><gid>1</gid><type>M</type><title>SQ002</title><question>Pengar</question><question_order>2</question_order><language>sv</language><scale_id>0</scale_id></row>
</rows></subquestions>
<surveys><rows><row><sid>9</sid><language>sv</language></row></rows></surveys>
</document>"""


def test_limesurvey_codes_with_structure_file(tmp_path: Path) -> None:
    (tmp_path / "survey.lss").write_text(LSS, encoding="utf-8")
    rows = [
        [
            "id",
            "submitdate",
            "lastpage",
            "startlanguage",
            "har",
            "vad[SQ001]",
            "vad[SQ002]",
            "vad[other]",
        ],
        ["1", "2024-01-01 10:00:00", "2", "sv", "A1", "Y", "", ""],
        ["2", "2024-01-02 10:00:00", "2", "sv", "A1", "", "", "Kläder"],
        ["3", "", "1", "sv", "A2", "", "", ""],
    ]
    drafted = draft(write_csv(tmp_path / "a.csv", rows, separator=";"), "limesurvey")
    single = question(drafted, "Har du fått stöd?")
    assert [(o.code, o.label) for o in single.options] == [("A1", "Ja"), ("A2", "Nej")]
    assert "Yes" in single.options[0].values
    several = question(drafted, "Vilket stöd?")
    assert several.type is QuestionType.MULTIPLE
    assert labels(several) == ["Samtal", "Pengar", "other"]
    assert drafted.intake.complete_if == 'answered(col("submitdate"))'
    assert drafted.intake.id == "id"


def test_limesurvey_vv(tmp_path: Path) -> None:
    (tmp_path / "survey.lss").write_text(LSS, encoding="utf-8")
    rows = [
        ["Svars-ID", "Har du fått stöd?", "Samtal", "Pengar"],
        ["id", "har", "vad_SQ001", "vad_SQ002"],
        ["1", "A1", "Y", ""],
        ["2", "A2", "{question_not_shown}", "{question_not_shown}"],
    ]
    drafted = draft(write_csv(tmp_path / "a.csv", rows, separator="\t"), "limesurvey")
    several = question(drafted, "Vilket stöd?")
    assert several.missing == {"{question_not_shown}": "not_asked"}
    assert labels(several) == ["Samtal", "Pengar"]


def test_limesurvey_yes_and_no_in_the_surveys_language(tmp_path: Path) -> None:
    rows = [
        [
            "Svars-ID",
            "Datum inskickat",
            "Vilket stöd? [Samtal]",
            "Vilket stöd? [Pengar]",
            "Vilket stöd? [Annat]",
        ],
        ["1", "2024-01-01", "Ja", "Nej", ""],
        ["2", "2024-01-01", "Nej", "Nej", "Kläder"],
        ["3", "2024-01-01", "N/A", "N/A", ""],
    ]
    several = question(draft(write_csv(tmp_path / "a.csv", rows), "limesurvey"), "Vilket stöd?")
    assert several.type is QuestionType.MULTIPLE
    assert several.missing == {"N/A": "not_asked"}
    assert labels(several) == ["Samtal", "Pengar", "Annat"]


QUALTRICS = [
    ["StartDate", "EndDate", "Status", "Finished", "ResponseId", "Q1", "Q2_1", "Q2_2", "Q3_4_TEXT"],
    [
        "Start",
        "End",
        "Response Type",
        "Finished",
        "Response ID",
        "Nöjd?",
        "Stöd - Samtal",
        "Stöd - Pengar",
        "Annat - Text",
    ],
    [
        f'{{"ImportId":"{i}"}}'
        for i in (
            "startDate",
            "endDate",
            "status",
            "finished",
            "_recordId",
            "QID1",
            "QID2_1",
            "QID2_2",
            "QID3_4_TEXT",
        )
    ],
    ["2024-01-01", "2024-01-01", "IP Address", "True", "R_1", "Ja", "Samtal", "", "något"],
    ["2024-01-01", "2024-01-01", "IP Address", "False", "R_2", "Nej", "Samtal", "Pengar", ""],
    ["2024-01-01", "2024-01-01", "Survey Preview", "True", "R_3", "Ja", "", "", ""],
]


def test_qualtrics_labels(tmp_path: Path) -> None:
    drafted = draft(write_csv(tmp_path / "a.csv", QUALTRICS), "qualtrics")
    several = question(drafted, "Stöd")
    assert several.id == "q2"
    assert labels(several) == ["Samtal", "Pengar"]
    assert several.selected == ()
    assert drafted.intake.test_if == 'col("Status") == "Survey Preview"'
    assert drafted.intake.complete_if == 'col("Finished") == "True"'
    assert drafted.intake.id == "ResponseId"
    assert question(drafted, "Annat - Text").type is QuestionType.TEXT


def test_qualtrics_wordings_are_read_as_they_were_seen(tmp_path: Path) -> None:
    rows = [list(row) for row in QUALTRICS]
    place = next(n for n, text in enumerate(rows[1]) if text and text not in rows[0])
    rows[1][place] = "<b>How much?</b> &gt;80% &amp; a <br>lot, 3 < 4"
    found = read(write_csv(tmp_path / "a.csv", rows)).columns[place]
    assert found.hints.text == "How much? >80% & a lot, 3 < 4"


def test_redcap_with_labels(tmp_path: Path) -> None:
    rows = [
        ["Record ID", "What help? (choice=Talks)", "What help? (choice=Money)", "Sex", "Complete?"],
        ["1", "Checked", "Unchecked", "Female", "Complete"],
        ["2", "Unchecked", "Unchecked", "Male", "Incomplete"],
        ["3", "Checked", "Checked", "Female", "Complete"],
    ]
    several = question(draft(write_csv(tmp_path / "a.csv", rows), "redcap"), "What help?")
    assert labels(several) == ["Talks", "Money"]
    assert several.selected == ("Checked",)


SURVEYMONKEY = [
    [
        "Respondent ID",
        "Collector ID",
        "Start Date",
        "IP Address",
        "Kön?",
        "Vilka stöd?",
        "",
        "",
        "Hur ofta?",
        "",
    ],
    ["", "", "", "", "Response", "Samtal", "Pengar", "Annat (specificera)", "Buss", "Tåg"],
    ["1001", "7", "01/02/2024", "192.0.2.1", "Kvinna", "Samtal", "", "Kläder", "Ofta", "Aldrig"],
    ["1002", "7", "01/02/2024", "192.0.2.2", "Man", "Samtal", "Pengar", "", "Ibland", "Ofta"],
    ["1003", "7", "01/02/2024", "192.0.2.3", "Man", "", "Pengar", "", "Ofta", "Ofta"],
]


def test_surveymonkey_two_heads(tmp_path: Path) -> None:
    drafted = draft(write_xlsx(tmp_path / "a.xlsx", {"Sheet": SURVEYMONKEY}), "surveymonkey")
    assert labels(question(drafted, "Kön?")) == ["Kvinna", "Man"]
    several = question(drafted, "Vilka stöd?")
    assert labels(several) == ["Samtal", "Pengar", "Annat (specificera)"]
    grid = question(drafted, "Hur ofta?")
    assert grid.type is QuestionType.GRID
    assert labels(grid) == ["Aldrig", "Ibland", "Ofta"]
    assert question(drafted, "IP Address").role is Role.IDENTITY


def test_alchemer_option_columns(tmp_path: Path) -> None:
    rows = [
        [
            "Response ID",
            "Time Started",
            "Date Submitted",
            "Status",
            "Samtal:Vilka stöd?",
            "Pengar:Vilka stöd?",
            "Other - Write In:Vilka stöd?",
        ],
        ["1", "x", "2024-01-01", "Complete", "Samtal", "", ""],
        ["2", "x", "2024-01-01", "Partial", "Samtal", "Pengar", ""],
        ["3", "x", "2024-01-01", "Disqualified", "", "", "Kläder"],
    ]
    drafted = draft(write_csv(tmp_path / "a.csv", rows), "alchemer")
    assert labels(question(drafted, "Vilka stöd?")) == ["Samtal", "Pengar", "Other - Write In"]
    assert drafted.intake.screened_out_if == 'col("Status") == "Disqualified"'
    assert drafted.intake.complete_if == 'col("Status") == "Complete"'


def test_kobo_with_xlsform(tmp_path: Path) -> None:
    form = {
        "survey": [
            ["type", "name", "label::Svenska", "relevant"],
            ["select_one yn", "har", "Har du fått stöd?", None],
            ["begin group", "mer", "Mer", None],
            ["select_multiple help or_other", "vad", "Vilket stöd?", "${har} = 'y'"],
            ["integer", "antal", "Hur många gånger?", None],
            ["end group", None, None, None],
        ],
        "choices": [
            ["list_name", "name", "label::Svenska"],
            ["yn", "y", "Ja"],
            ["yn", "n", "Nej"],
            ["help", "talk", "Samtal"],
            ["help", "money", "Pengar"],
        ],
    }
    write_xlsx(tmp_path / "form.xlsx", form)
    rows = [
        [
            "start",
            "har",
            "mer/vad",
            "mer/vad/talk",
            "mer/vad/money",
            "mer/vad/other",
            "mer/vad_other",
            "mer/antal",
            "_uuid",
        ],
        ["2024-01-01T10:00", "y", "talk other", "1", "0", "1", "Kläder", "3", "a-1"],
        ["2024-01-01T10:00", "n", "", "", "", "", "", "", "a-2"],
    ]
    drafted = draft(write_csv(tmp_path / "a.csv", rows, separator=";"), "kobo")
    assert [(o.code, o.label) for o in question(drafted, "Har du fått stöd?").options] == [
        ("y", "Ja"),
        ("n", "Nej"),
    ]
    several = question(drafted, "Vilket stöd?")
    assert labels(several) == ["Samtal", "Pengar", "Other"]
    assert question(drafted, "Hur många gånger?").type is QuestionType.NUMBER


def test_mentimeter_results_are_refused(tmp_path: Path) -> None:
    rows = [
        ["Question 1", ""],
        ["Date", "2024-01-01"],
        ["Session", "1"],
        ["Type", "scales"],
        ["Choices", "Weighted average"],
        ["A", "7,5"],
    ]
    checked = read_export(write_csv(tmp_path / "a.csv", rows, separator=";"))
    assert checked.value is None
    assert "not-answers" in codes(checked)


# --- tools known from memory only ----------------------------------------------


def test_survey_and_report_one_head_row(tmp_path: Path) -> None:
    rows = [
        [
            "Respondent",
            "Status",
            "Svarsdatum",
            "Vilka stöd? - Samtal",
            "Vilka stöd? - Pengar",
            "Hur nöjd är du?",
        ],
        ["1", "Besvarad", "2024-01-01", "1", "0", "4"],
        ["2", "Testsvar", "2024-01-01", "0", "1", "5"],
        ["3", "Påbörjad", "2024-01-01", "1", "1", "2"],
    ]
    drafted = draft(write_xlsx(tmp_path / "a.xlsx", {"Svar": rows}), "sunet")
    several = question(drafted, "Vilka stöd?")
    assert labels(several) == ["Samtal", "Pengar"]
    assert several.selected == ("1",)
    assert drafted.intake.test_if == 'col("Status") == "Testsvar"'
    assert drafted.intake.complete_if == 'col("Status") == "Besvarad"'


def test_netigate_codes_and_labels_on_separate_sheets(tmp_path: Path) -> None:
    data = [
        ["Respondent ID", "Answer date", "Language", "q1", "q2"],
        *[[n, "2024-01-01", "sv", n % 3 + 1, n % 2] for n in range(1, 31)],
    ]
    codebook = [
        ["Fråga", "Frågetext", "Kod", "Etikett"],
        ["q1", "Hur nöjd är du?", 1, "Missnöjd"],
        ["", "", 2, "Varken nöjd eller missnöjd"],
        ["", "", 3, "Nöjd"],
        ["q2", "Har du fått stöd?", 0, "Nej"],
        ["", "", 1, "Ja"],
    ]
    path = write_xlsx(tmp_path / "a.xlsx", {"Data": data, "Kodlista": codebook})
    drafted = draft_codebook(read(path, ReadOptions(tool="general")), load_words())
    scale = question(drafted, "Hur nöjd är du?")
    assert [(o.code, o.label) for o in scale.options][0] == ("1", "Missnöjd")
    assert scale.ordered
    assert labels(question(drafted, "Har du fått stöd?")) == ["Nej", "Ja"]


def test_webropol_two_head_rows(tmp_path: Path) -> None:
    rows = [
        ["Respondentnummer", "Inlämningstid", "1. Vilka stöd?", "", "2. Hur ofta?", ""],
        ["", "", "Samtal", "Pengar", "Buss", "Tåg"],
        *[[n, "2024-01-01", n % 2, 1 - n % 2, n % 5 + 1, n % 4 + 1] for n in range(1, 41)],
    ]
    drafted = draft(write_xlsx(tmp_path / "a.xlsx", {"Svar": rows}), "webropol")
    assert labels(question(drafted, "1. Vilka stöd?")) == ["Samtal", "Pengar"]
    assert question(drafted, "2. Hur ofta?").type is QuestionType.GRID


def test_esmaker_codes_above_wordings(tmp_path: Path) -> None:
    rows = [
        ["Löpnummer", "Svarsdatum", "q1", "q2"],
        [
            "Löpnummer",
            "Svarsdatum",
            "Hur nöjd är du med bemötandet?",
            "Har du själv fått något stöd?",
        ],
        *[[str(n), "2024-01-01", str(n % 4 + 1), "Ja" if n % 3 else "Nej"] for n in range(1, 31)],
    ]
    drafted = draft(
        write_csv(tmp_path / "a.csv", rows, separator=";", encoding="cp1252"), "esmaker"
    )
    texts = [str(q.text) for q in drafted.codebook.questions]
    assert any("Hur nöjd är du med bemötandet?" in text for text in texts)


# --- any tool, any file --------------------------------------------------------


@needs_shared
@pytest.mark.slow
def test_a_wrong_tool_never_raises() -> None:
    names = [tool.name for tool in all_tools(load_descriptions().value)]
    for path in sorted(SAMPLES.glob("*/*")):
        if path.suffix in {".csv", ".xlsx", ".sav", ".dta"} and path.stat().st_size < 200_000:
            for name in names:
                checked = read_export(path, ReadOptions(tool=name))
                assert isinstance(checked.value, None.__class__) or _has_rows(checked.value)


def _has_rows(responses: RawResponses) -> bool:
    draft_codebook(responses, load_words())
    return responses.n_rows > 0


def test_unknown_tool(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", MSFORMS)
    checked = read_export(path, ReadOptions(tool="msform"))
    assert checked.value is None
    problem = next(p for p in checked.problems if p.code == "unknown-tool")
    assert problem.expected == "msforms"


def test_ranking_in_one_cell_becomes_ranks(tmp_path: Path) -> None:
    head = ["ID", "Start time", "Completion time", "Rank these"]
    orders = ["Bus;Car;Walk;", "Walk;Bus;Car;", "", "Bus;Walk;Car;"]
    rows = [head, *[[str(n), "1/2/24 8:00", "1/2/24 8:05", o] for n, o in enumerate(orders)]]
    grid = question(draft(write_csv(tmp_path / "a.csv", rows), "msforms"), "Rank these")
    assert grid.type is QuestionType.GRID
    assert [item.text for item in grid.items] == ["Bus", "Car", "Walk"]
    assert labels(grid) == ["1", "2", "3"]


def test_points_of_a_quiz_are_no_questions(tmp_path: Path) -> None:
    head = [
        "ID",
        "Start time",
        "Completion time",
        "Total points",
        "Colour?",
        "Points - Colour?",
        "Feedback - Colour?",
    ]
    rows = [head, *[[str(n), "1/2/24", "1/2/24", "1", "Red", "1", ""] for n in range(12)]]
    drafted = draft(write_csv(tmp_path / "a.csv", rows), "msforms")
    asked = [q.text for q in drafted.codebook.questions if q.role is Role.QUESTION]
    assert asked == ["Colour?"]


@pytest.mark.parametrize(("chosen", "unchosen"), [("own", "Not selected"), ("1", "0"), ("1", "")])
def test_numbered_option_columns(tmp_path: Path, chosen: str, unchosen: str) -> None:
    names = ["Mother", "Father", "Friends"]
    cells = [
        [
            (names[k] if chosen == "own" else chosen) if n % (k + 2) == 0 else unchosen
            for k in range(3)
        ]
        for n in range(30)
    ]
    rows = [["nr", "q4_1", "q4_2", "q4_3"], *[[str(n), *row] for n, row in enumerate(cells)]]
    several = next(
        q
        for q in draft(write_csv(tmp_path / "a.csv", rows), "general").codebook.questions
        if q.id == "q4"
    )
    assert several.type is QuestionType.MULTIPLE
    assert labels(several) == (names if chosen == "own" else ["q4_1", "q4_2", "q4_3"])


def test_numbered_ratings_are_not_options(tmp_path: Path) -> None:
    rows = [
        ["nr", "cop_1", "cop_2"],
        *[[str(n), str(n % 4 + 1), str(n % 3 + 1)] for n in range(30)],
    ]
    drafted = draft(write_csv(tmp_path / "a.csv", rows), "general")
    assert all(q.type is not QuestionType.MULTIPLE for q in drafted.codebook.questions)


def test_odk_codes_joined_by_blanks_without_a_form(tmp_path: Path) -> None:
    cells = ["a b", "a", "b c", "c a", "b", "a b c"]
    rows = [
        ["SubmissionDate", "food", "note", "KEY"],
        *[["2024-01-01", c, f"text {n}", f"uuid:{n}"] for n, c in enumerate(cells)],
    ]
    drafted = draft(write_csv(tmp_path / "a.csv", rows), "kobo")
    assert labels(question(drafted, "food")) == ["a", "b", "c"]
    assert question(drafted, "note").type is not QuestionType.MULTIPLE
