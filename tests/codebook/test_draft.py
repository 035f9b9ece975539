"""Drafting from answers alone: types, options, grids, other words, filters, missing values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.codebook.draft import Draft, draft_codebook
from evaluation.codebook.parse import parse_codebook
from evaluation.codebook.schema import Codebook, Question, QuestionType, Role
from evaluation.loading.draft_yaml import codebook_yaml
from evaluation.loading.texts import load_texts
from evaluation.loading.vocabulary import load_words
from evaluation.model import ColumnHints, MissingKind, RawColumn, RawResponses, Source

if TYPE_CHECKING:
    from collections.abc import Sequence


def column(header: str, cells: Sequence[str], position: int = 0, **hints: object) -> RawColumn:
    """Return a column of cells."""
    values = tuple(dict.fromkeys(cells))
    index = np.array([values.index(cell) for cell in cells], dtype=np.int32)
    return RawColumn(header, position, values, index, ColumnHints(**{"text": header, **hints}))  # type: ignore[arg-type]


def drafted(*columns: RawColumn, tool: str = "general") -> Draft:
    """Draft the codebook of some columns."""
    n = len(columns[0].index)
    rows = np.arange(2, n + 2, dtype=np.int32)
    return draft_codebook(RawResponses(Source("a.csv", tool=tool), columns, rows), load_words())


def one(header: str, cells: Sequence[str], tool: str = "general", **hints: object) -> Question:
    """Draft one column."""
    return drafted(column(header, cells, **hints), tool=tool).codebook.questions[0]


def labels(question: Question) -> list[str]:
    return [str(option.label) for option in question.options]


def test_not_selected_in_words_makes_a_multiple_answer_that_all_who_saw_it_answered() -> None:
    cells = {"Far": [0, 1, 2], "Mor": [1], "Ingen av de personer som nämns ovan i frågan": [3] * 1}
    columns = [
        column(f"q4_{n}", [name if row in rows else "Not selected" for row in range(6)], n)
        for n, (name, rows) in enumerate(cells.items())
    ]
    columns = [
        column(c.header, [c.values[i] for i in c.index], c.position, group="q4", option=name)
        for c, name in zip(columns, cells, strict=True)
    ]
    draft = drafted(*columns)
    (question,) = draft.codebook.questions
    assert question.type is QuestionType.MULTIPLE
    assert question.none_chosen == "answered"
    assert "none-chosen-answered" in {r.code for r in draft.remarks[question.id]}
    yes_no = [column(f"q4_{n}", ["1", "0", "0"], n, group="q4", option=f"{n}") for n in range(3)]
    assert drafted(*yes_no).codebook.questions[0].none_chosen == "item_nonresponse"


def test_nas_of_r_are_missing_in_a_tools_file_too_where_they_run_through_it() -> None:
    r_cells = ["1", "NA", "2", "NA"] * 3
    through = [column(f"q{n}", r_cells, n) for n in range(4)]
    assert all(
        q.missing == {"NA": "item_nonresponse"}
        for q in drafted(*through, tool="redcap").codebook.questions
    )
    typed = [column(f"q{n}", ["1", "2"] * 6, n) for n in range(9)]
    typed.append(column("Kommentar", ["NA", "bra", "dåligt"] * 4, 9))
    assert not drafted(*typed, tool="googleforms").codebook.questions[-1].missing


def test_other_is_named_in_the_language_of_the_survey() -> None:
    own = [f"something quite different number {n}" for n in range(3)]
    cells = ["DataFrame", "Array", "Delayed"] * 12 + own
    apis = column("Dask APIs", cells)
    rest = column(
        "What do you think of the documentation that we have for you?", ["a"] * len(cells)
    )
    question = drafted(apis, rest, tool="googleforms").codebook.questions[0]
    assert labels(question)[-1] == "Other"


def test_two_questions_that_share_only_the_middle_are_no_grid() -> None:
    depth = column("Lokalen", ["Mycket trist", "Neutralt"] * 5, 0)
    pace = column("Innehållet", ["Neutralt", "Ganska meningsfullt"] * 5, 1)
    kinds = [q.type for q in drafted(depth, pace, tool="msforms").codebook.questions]
    assert kinds == [QuestionType.SINGLE, QuestionType.SINGLE]


@pytest.mark.parametrize(
    ("header", "cells", "kind"),
    [
        ("Kön", ["Kvinna", "Man"] * 10, QuestionType.SINGLE),
        ("Ålder", [str(20 + n) for n in range(40)], QuestionType.NUMBER),
        ("Hur många år?", ["1", "2", "3,5", "10"] * 5, QuestionType.NUMBER),
        ("Andel", ["10 %", "20 %", "30 %"] * 5, QuestionType.NUMBER),
        ("Datum", ["2024-01-01", "2024-02-01", ""] * 4, QuestionType.DATE),
        ("När?", ["3/4/2022", "12/24/2022"] * 5, QuestionType.DATE),
        ("Hur nöjd är du?", ["1", "5", "10", "7"] * 5, QuestionType.SINGLE),
        ("Kommentar", [f"En egen mening nummer {n}." for n in range(30)], QuestionType.TEXT),
        ("Vad tycker du?", ["köp en ny", "fler möten", "ingen aning"], QuestionType.TEXT),
        ("Verktyg", ["Såg;Fil", "Såg", "Fil;Hammare", "Hammare"] * 5, QuestionType.MULTIPLE),
        ("Tom", ["", "", "", ""], QuestionType.TEXT),
        ("Tid", ["08:30", "09:45", "10:00"] * 4, QuestionType.TEXT),
    ],
)
def test_types(header: str, cells: list[str], kind: QuestionType) -> None:
    assert one(header, cells).type is kind


def test_trailing_blanks_and_case_do_not_split_an_option() -> None:
    question = one("Ofta?", ["Never", "Never ", "NEVER", " Often", "Often"] * 4)
    assert labels(question) == ["Never", "Often"]
    assert question.options[0].values == ("NEVER",)


def test_none_and_not_applicable_are_answers_but_a_dash_is_not() -> None:
    question = one("Paj", ["None", "N/A", "-", "Apple"] * 5)
    assert set(labels(question)) == {"None", "N/A", "Apple"}
    assert question.missing == {"-": "item_nonresponse"}


def test_minus_99_among_numbers_is_missing_and_minus_1_is_not() -> None:
    assert one("Antal dagar", ["3", "-99", "12", "40"] * 5).missing == {"-99": "item_nonresponse"}
    assert one("Rang", ["1", "2", "-1"] * 5).missing == {}
    assert "-1" in labels(one("Rang", ["1", "2", "-1"] * 5))


def test_options_that_hold_the_separator() -> None:
    cells = ["SSH, Kubernetes", "HPC (SLURM, PBS), SSH", "I don't know, someone else does", "SSH"]
    cells += [
        "HPC (SLURM, PBS)",
        "Kubernetes",
        "I don't know, someone else does",
        "Kubernetes, SSH",
    ]
    question = one("Hur startar du?", cells * 3)
    assert question.type is QuestionType.MULTIPLE
    assert set(labels(question)) == {
        "SSH",
        "Kubernetes",
        "HPC (SLURM, PBS)",
        "I don't know, someone else does",
    }


def test_commas_in_a_single_answer_do_not_split_it() -> None:
    question = one("Stöd?", ["Ja, absolut", "Nej, inte alls", "Ja, delvis"] * 6)
    assert question.type is QuestionType.SINGLE
    assert len(question.options) == 3


def test_words_of_ones_own_are_one_open_option() -> None:
    cells = (
        ["Buss"] * 20 + ["Tåg"] * 20 + [f"Jag går alltid till fots, sträcka {n}" for n in range(4)]
    )
    question = one("Hur åker du?", cells, tool="msforms")
    assert labels(question) == ["Buss", "Tåg", "Annat"]
    assert question.options[-1].open


def test_rating_is_filled_up() -> None:
    question = one("Betygsätt kursen", ["5", "8", "9", "8"] * 5)
    assert labels(question) == [str(n) for n in range(1, 11)]
    assert question.ordered


def test_codes_without_labels_are_unordered() -> None:
    question = one("region", ["1", "2", "3"] * 10)
    assert question.type is QuestionType.SINGLE
    assert not question.ordered


def test_value_labels_give_codes_labels_and_order() -> None:
    hints = {
        "value_labels": {"2": "Nej", "1": "Ja", "9": "Vill ej svara"},
        "missing": {"9": MissingKind.ITEM_NONRESPONSE},
    }
    question = one("q1", ["1", "2", "9", "1"], tool="statistics", **hints)
    assert [(o.code, o.label) for o in question.options] == [("2", "Nej"), ("1", "Ja")]
    assert question.missing == {"9": "item_nonresponse"}


def test_a_form_in_two_languages() -> None:
    question = one("Nöjd?", ["Ja"] * 9 + ["Nej"] * 5 + ["Yes"] * 3 + ["No"] * 2)
    assert labels(question) == ["Ja", "Nej"]
    assert [option.values for option in question.options] == [("Yes",), ("No",)]


def option_columns(cells: Sequence[Sequence[str]], names: Sequence[str]) -> list[RawColumn]:
    return [
        column(f"Stöd? [{name}]", list(texts), position, group="Stöd?", option=name)
        for position, (name, texts) in enumerate(zip(names, zip(*cells, strict=True), strict=True))
    ]


def test_option_columns_become_one_question() -> None:
    cells = [["1", "0", "0"], ["1", "1", "0"], ["0", "0", "1"], ["0", "0", "0"]]
    made = drafted(*option_columns(cells, ["Samtal", "Pengar", "Inget av ovanstående"]))
    (question,) = made.codebook.questions
    assert question.type is QuestionType.MULTIPLE
    assert question.selected == ("1",)
    assert [o.exclusive for o in question.options] == [False, False, True]


def test_none_of_these_beside_others_is_not_exclusive() -> None:
    cells = [["1", "1"], ["0", "1"], ["1", "0"]]
    (question,) = drafted(
        *option_columns(cells, ["Samtal", "Inget av ovanstående"])
    ).codebook.questions
    assert not any(option.exclusive for option in question.options)


def test_long_statements_with_yes_and_no_are_a_grid() -> None:
    names = [
        f"Har du någon gång under det senaste året fått stöd av kommunens verksamhet {n}?"
        for n in range(3)
    ]
    cells = [["Ja", "Nej", "Ja"], ["Nej", "Nej", "Ja"], ["Ja", "Ja", "Nej"]] * 4
    (question,) = drafted(*option_columns(cells, names)).codebook.questions
    assert question.type is QuestionType.GRID


AMOUNT = "Hur många besök har du gjort?"


def test_an_amount_with_a_few_words_among_the_numbers_is_a_number_and_says_so() -> None:
    cells = ["12", "2", "0", "3", "1"] * 4
    draft = drafted(column(AMOUNT, [*cells, "ca 10"]))
    (question,) = draft.codebook.questions
    assert question.type is QuestionType.NUMBER
    assert [r.code for r in draft.remarks[question.id]] == ["not-all-numbers"]
    assert "1 svar är inte tal" in codebook_yaml(draft, load_texts("sv"), file="a", tool="b")


def test_an_amount_with_steps_or_with_many_words_is_a_choice_in_order_of_its_numbers() -> None:
    steps = one(AMOUNT, ["2", "0", "1", "1", "2", "0", "0", "1", "2", "1", "1", "3 eller fler"])
    assert labels(steps) == ["0", "1", "2", "3 eller fler"]
    mixed = one(AMOUNT, [*["12", "2", "0"] * 4, *["ca 10"] * 3])
    assert mixed.type is QuestionType.SINGLE
    assert labels(mixed) == ["0", "2", "12", "ca 10"]


def test_the_first_question_with_the_head_of_a_unit_is_suggested() -> None:
    units = column("Enhet", ["Norr", "Syd"] * 6, 1)
    assert drafted(column("Kön", ["Man", "Kvinna"] * 6), units).unit == "enhet"
    assert drafted(column("Kön", ["Man", "Kvinna"] * 6)).unit is None


def test_filter_shows_in_the_data() -> None:
    first = ["Ja"] * 12 + ["Nej"] * 8
    then = ["Bra", "Dåligt"] * 6 + [""] * 8
    made = drafted(column("Fått stöd?", first), column("Hur var stödet?", then, 1))
    assert made.codebook.questions[1].asked_if == 'fatt_stod != "nej"'
    assert [r.code for r in made.remarks[made.codebook.questions[1].id]] == ["filter-guessed"]


def test_one_exception_and_there_is_no_filter() -> None:
    first = ["Ja"] * 12 + ["Nej"] * 8
    then = ["Bra", "Dåligt"] * 6 + [""] * 7 + ["Bra"]
    made = drafted(column("Fått stöd?", first), column("Hur var stödet?", then, 1))
    assert made.codebook.questions[1].asked_if is None


def test_item_nonresponse_is_no_filter() -> None:
    first = ["Ja", "Nej"] * 10
    then = ["Bra", "Dåligt", "", ""] * 5
    made = drafted(column("Fått stöd?", first), column("Hur var stödet?", then, 1))
    assert made.codebook.questions[1].asked_if is None


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Svara här", ["a@b.se", "c@d.se", "e@f.se"]),
        ("Kod", ["811218-9876", "640823-3234"]),
        ("Förnamn", ["Anna", "Bo", "Cecilia"]),
        ("Vilken e-postadress har du?", ["på jobbet", "hemma", "annan"]),
        ("ip", ["192.0.2.1", "192.0.2.2"]),
        ("latitude", ["59.33", "57.71"]),
    ],
)
def test_personal_data_are_marked(header: str, cells: list[str]) -> None:
    assert one(header, cells).role is Role.IDENTITY


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Får vi kontakta dig via e-post?", ["Ja", "Nej", "Ja"] * 4),
        (
            "Vilka behov adresserar verktyget? What needs does it address",
            [f"behov {n} i arbetet" for n in range(20)],
        ),
        ("Namnge ett verktyg", ["Såg", "Fil", "Såg"] * 5),
    ],
)
def test_questions_about_contact_are_not_identity(header: str, cells: list[str]) -> None:
    assert one(header, cells).role is not Role.IDENTITY


def test_weight_is_not_a_bodys_weight() -> None:
    assert one("vikt", ["1.0231", "0.8812", "1.2210"] * 5).role is Role.WEIGHT
    assert one("vikt", ["70.5", "82.1", "64.0"] * 5).role is not Role.WEIGHT
    body = {"text": "Kroppsvikt i kilo"}
    assert one("weight", ["70.5123", "82.1123", "64.0123"] * 5, **body).role is not Role.WEIGHT


def test_statuses_give_intake_rules() -> None:
    cells = ["Klar"] * 5 + ["Påbörjad"] * 2 + ["Test"]
    made = drafted(column("Status", cells, role="status"), column("Kön", ["Kvinna", "Man"] * 4, 1))
    assert made.intake.test_if == 'col("Status") == "Test"'
    assert made.intake.complete_if == 'col("Status") == "Klar"'


def test_a_file_of_tests_only_can_still_be_looked_at() -> None:
    hints = {"role": "status", "value_labels": {"2": "test", "0": "complete"}}
    made = drafted(column("Status", ["2"] * 6, **hints), column("Kön", ["Kvinna", "Man"] * 3, 1))
    assert made.intake.test_if is None
    assert [r.code for r in made.remarks[""]] == ["all-rows"]


def test_same_export_same_codebook_and_counts_do_not_name_anything() -> None:
    columns = [
        column("Kön", ["Kvinna", "Man", "Man"] * 5),
        column("Varför?", ["x", "y", "z"] * 5, 1),
    ]
    again = [
        column("Kön", ["Man", "Kvinna", "Kvinna"] * 5),
        column("Varför?", ["x", "y", "z"] * 5, 1),
    ]
    assert drafted(*columns).codebook == drafted(*columns).codebook
    codes = [{o.code for o in drafted(*c).codebook.questions[0].options} for c in (columns, again)]
    assert codes[0] == codes[1]


CELLS = st.lists(
    st.sampled_from(["", "Ja", "Nej", "1", "2", "a;b", "b", "-", "Annat", "långt svar " * 9]),
    min_size=6,
    max_size=6,
)


@settings(deadline=None, max_examples=80)
@given(
    st.lists(
        st.tuples(st.text(max_size=15), CELLS, st.sampled_from(["", "G", "H"])),
        min_size=1,
        max_size=6,
    )
)
def test_any_answers_give_a_valid_codebook(found: list[tuple[str, list[str], str]]) -> None:
    columns = [
        column(f"{head} {n}", cells, n, group=group, option=f"{head}{n}" if group else "")
        for n, (head, cells, group) in enumerate(found)
    ]
    made = drafted(*columns)
    codebook = made.codebook
    assert Codebook.model_validate(codebook.model_dump()) == codebook
    ids = [q.id for q in codebook.questions] + [i.id for q in codebook.questions for i in q.items]
    assert len(set(ids)) == len(ids)
    used = {q.column for q in codebook.questions} | {
        part.column for q in codebook.questions for part in (*q.options, *q.items)
    }
    assert {c.header for c in columns} <= used  # no column is dropped in silence
    written = codebook_yaml(made, load_texts("sv"), file="a.csv", tool="general")
    parsed = parse_codebook(written, "a.yaml")
    assert not [p for p in parsed.problems if p.severity.value == "stop"]
    assert parsed.value is not None


def test_items_of_a_coded_grid_do_not_repeat_the_words_of_its_stem() -> None:
    start = "How much time do you spend on"
    scale = ["1", "2", "3", "4", "5", "3"]
    columns = [
        column(
            f"q[{n}]", scale, n, question="q", group="likert0", option=f"{start} {part}", text=""
        )
        for n, part in enumerate(("research", "[your teaching]", "other work"))
    ]
    grid = drafted(*columns, tool="limesurvey").codebook.questions[0]
    assert grid.type is QuestionType.GRID
    assert grid.text == f"{start} …"
    assert [item.text for item in grid.items] == ["research", "your teaching", "other work"]


def test_the_event_of_a_record_is_no_question_but_tells_the_occasion() -> None:
    events = column("redcap_event_name", ["dose_1", "dose_2", "dose_1", "dose_2"])
    draft = drafted(events, column("Svar", ["Ja", "Nej", "Ja", "Ja"], 1), tool="redcap")
    assert [q.role for q in draft.codebook.questions] == [Role.ADMIN, Role.QUESTION]
    assert draft.occasion == "redcap_event_name"


def test_columns_that_hold_only_their_own_head_are_options_of_one_question() -> None:
    def option(head: str, cell: str, place: int, chosen: int) -> RawColumn:
        return column(head, [cell] * chosen + [""] * (10 - chosen), place)

    columns = (
        option("3. Python.", "Python.", 0, 6),
        option("3. SQL - embedded", "SQL - embedded", 1, 4),  # no stem "3. SQL"
        option("3. Fortran", "", 2, 0),
        option("4. Lärare", "Lärare", 3, 5),
        option("4. Student", "Student", 4, 3),
        column("5. Kommentar", ["Bra"] + [""] * 9, 5),
    )
    first, second, rest = drafted(*columns).codebook.questions
    assert (first.type, second.type) == (QuestionType.MULTIPLE, QuestionType.MULTIPLE)
    assert labels(first) == ["Python.", "SQL - embedded", "Fortran"]
    assert labels(second) == ["Lärare", "Student"]
    assert rest.type is not QuestionType.MULTIPLE


def test_numbered_wordings_side_by_side_are_one_grid_and_numbers_of_times_are_not() -> None:
    steps = ["(0) No problem", "(1) Trivial", "(2) Minor", "(3) Major"]
    grid = [column(f"10{c}. {c * 5}", steps * 5, n) for n, c in enumerate("abc")]
    assert [q.type for q in drafted(*grid).codebook.questions] == [QuestionType.GRID]
    times = [column(head, ["1 gång", "2 gånger", "3 gånger"] * 5, n) for n, head in enumerate("xy")]
    assert [q.type for q in drafted(*times).codebook.questions] == [QuestionType.SINGLE] * 2


def test_a_word_offered_twice_gives_two_options_that_can_be_told_apart() -> None:
    words = ["Hönan", "och", "hönan", "och"]
    columns = [
        column(f"Läsprov/{word}{n}", ["1", "0"] * 3, n, group="Läsprov", option=word)
        for n, word in enumerate(words)
    ]
    draft = drafted(*columns)
    assert labels(draft.codebook.questions[0]) == ["Hönan", "och", "hönan (2)", "och (2)"]
    content = codebook_yaml(draft, load_texts("sv"), file="a.csv", tool="kobo")
    assert not parse_codebook(content, "a.yaml").problems


def test_options_without_an_order_stand_in_the_alphabet_and_not_by_their_counts() -> None:
    places = ["Örebro", "Ängelholm", "Åre", "Malmö"]
    cells = [name for n, name in enumerate(places, start=2) for _ in range(n)]
    assert labels(one("Kommun", cells)) == ["Malmö", "Åre", "Ängelholm", "Örebro"]
    several = one("Var?", [*cells, "Örebro;Malmö", "Åre;Malmö", "Ängelholm;Malmö;Åre"] * 3)
    assert labels(several) == ["Malmö", "Åre", "Ängelholm", "Örebro"]
