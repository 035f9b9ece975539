"""Whole tables out of text: captions, heads, wrapped labels, columns, pages, and the draft."""

from __future__ import annotations

import random

import pytest

from evaluation.codebook.yaml_positions import plain, read_yaml
from evaluation.loading.texts import load_texts
from evaluation.pipeline.audit import load_print_words
from evaluation.published.audit.run import audit
from evaluation.published.lift.draft import draft_yaml
from evaluation.published.lift.lines import from_pages, read_source
from evaluation.published.lift.run import lift
from evaluation.published.schema import Published
from evaluation.texts import Phrase

WORDS = load_print_words()
PHRASES = tuple(Phrase(**entry) for entry in load_texts("sv").entries["phrases"])
PROSE = (
    "Av intervjuerna framgår att samverkan har stärkts sedan 2012 och att fler i personalen\n"
    "nu känner till rutinerna. Resultaten bör tolkas med försiktighet, eftersom svaren är få.\n"
)


def lifted(text):
    return lift(read_source(text, WORDS), WORDS, PHRASES)


def only(text):
    (table,) = lifted(text).tables
    return table


def frequencies(table):
    return [(row.label, row.n, row.percent) for row in table.table.rows]


def columns_of(table):
    return [(row.label, dict(row.cells)) for row in table.table.rows]


# --- frequency tables ----------------------------------------------------------


def test_a_question_above_its_heads():
    table = only(
        PROSE + "Har du fått den utbildning som du behöver för att ställa frågor till\n"
        "personer som har utsatts för våld?\nn Procent\nJa 79 87,8%\nNej 11 12,2%\n" + PROSE
    )
    assert frequencies(table) == [("Ja", "79", "87,8%"), ("Nej", "11", "12,2%")]
    assert table.table.head == (
        "Har du fått den utbildning som du behöver för att ställa frågor till personer som har "
        "utsatts för våld?"
    )
    assert table.table.kind == "single"


def test_labels_over_several_lines_come_before_their_figures():
    table = only(
        PROSE + "Tabell 3. Vem har gett stödet?\nn Procent\n"
        "Socialtjänsten (individ- och familjeomsorg,\näldreomsorg)\n29 32,2%\n"
        "Hälso- och sjukvård 32 35,6%\nJag har inte förmedlat någon insats till dem som har\n"
        "utsatts för våld\n22 24,4%\n" + PROSE
    )
    assert [row.label for row in table.table.rows] == [
        "Socialtjänsten (individ- och familjeomsorg, äldreomsorg)",
        "Hälso- och sjukvård",
        "Jag har inte förmedlat någon insats till dem som har utsatts för våld",
    ]
    assert table.table.kind == "multiple"


@pytest.mark.parametrize(
    ("heads", "rows", "expected"),
    [
        ("Grupp Antal", "Kvinnor 51\nMän 39\nBarn 47\n", [("Kvinnor", "51", None)]),
        ("Alternativ Antal Andel (%)", "Ja 45 40,2\nNej 67 59,8\n", [("Ja", "45", "40,2")]),
        ("Svar\nAntal\nProcent", "Ja\n45\n40 %\nNej\n67\n60 %\n", [("Ja", "45", "40 %")]),
        ("Antal (%)", "Ja 45 (40)\nNej 67 (60)\n", [("Ja", "45", "40")]),
        ("Percent", "Yes 40\nNo 60\n", [("Yes", None, "40")]),
    ],
)
def test_heads_in_several_forms(heads, rows, expected):
    table = only(PROSE + f"Tabell 1 Svar på frågan\n{heads}\n{rows}" + PROSE)
    assert frequencies(table)[:1] == expected


def test_bases_from_captions_labels_and_notes():
    text = "Tabell 2. Har du fått stöd? Flera svar kunde anges. N=61.\nGrupp Antal\nA 51\nB 39\n"
    assert only(PROSE + text + PROSE).table.base == 61
    noted = (
        "Tabell 2. Har du fått stöd?\nSvar n Procent\nJa 30 50,0\nNej 30 50,0\nBas: 60 svarande.\n"
    )
    assert only(PROSE + noted + PROSE).table.base == 60


def test_footnote_marks_are_taken_off_labels():
    table = only(
        PROSE
        + "Tabell 1. Befattning27\nn Procent\nSamordnare 12 60,0%\nAnnan, nämligen27 8 40,0%\n"
        "27 Bland dem som svarat annan finns enhetschefer.\n" + PROSE
    )
    assert [row.label for row in table.table.rows] == ["Samordnare", "Annan, nämligen"]
    assert table.table.caption == "Tabell 1. Befattning"


# --- several columns -----------------------------------------------------------


def test_percents_along_rows_with_a_base_in_each_label():
    table = only(
        PROSE + "Tabell 6. Motsvarar resultaten det förväntade? Andel (procent) per svar.\n"
        "Åtgärd Helt\nI stor utsträck-\nning Delvis\nInte\nalls\n"
        "Kartläggning (n=71) 15 47 37 1\nSamordning\n(n=70)\n37 44 19 0\nRutiner (n=59) 25 48 25 2\n"
        + PROSE
    ).table
    assert (table.kind, table.percents, table.unit) == ("grid", "row", "procent")
    assert table.columns == ("Helt", "I stor utsträckning", "Delvis", "Inte alls")
    assert [(row.label, row.base) for row in table.rows] == [
        ("Kartläggning", "71"), ("Samordning", "70"), ("Rutiner", "59"),
    ]  # fmt: skip
    assert table.rows[1].cells["total"]["Helt"] == "37"


def test_several_answers_make_a_battery():
    table = only(
        PROSE + "Tabell 7. Med vem? Flera alternativ kunde anges. Andel (procent).\n"
        "Åtgärd\nEn förening\nEn kommun Nej\nKartläggning (n=71) 15 13 65\nPlan (n=52) 6 12 73\n"
        + PROSE
    ).table
    assert table.kind == "battery"


def test_money_with_blanks_for_thousands_and_empty_cells():
    table = only(
        PROSE + "Tabell 1. Kostnader (kr)\nPost 2019 2020 2021 Totalt\n"
        "Lön 50 000 100 000 100 000 250 000\nStöd till\nförbunden\n175 000 175 000  350 000\n"
        "Oförutsett   100 000 100 000\nSumma 225 000 275 000 200 000 700 000\n" + PROSE
    )
    assert table.table.unit == "kr"
    cells = [dict(row.cells) for row in table.table.rows]
    assert cells[1] == {"2019": "175 000", "2020": "175 000", "2021": None, "Totalt": "350 000"}
    assert cells[2] == {"2019": None, "2020": None, "2021": "100 000", "Totalt": "100 000"}
    assert {d.code for doubts in table.row_doubts for d in doubts} == {"blank_by_sums"}


def test_columns_by_measure_and_group():
    table = only(
        PROSE + "Tabell 4. Ålder efter kön.\nKvinnor Män Totalt\nÅlder Antal % Antal % Antal %\n"
        "18–29 år 12 19,4 5 12,8 17 16,8\n30– år 50 80,6 34 87,2 84 83,2\n"
        "Samtliga 62 100,0 39 100,0 101 100,0\n" + PROSE
    ).table
    assert table.kind == "single"
    assert table.rows[0].cells["Män"] == {"n": "5", "percent": "12,8"}
    assert [row.is_sum for row in table.rows] == [False, False, True]


def test_statistics_stacked_in_cells_and_a_misplaced_total():
    table = only(
        PROSE + "Kön\nSamtliga Kvinna Man\nHar fått frågor\nNej Antal 434 347 781\n"
        "Förväntat antal 459,3 321,7 781,0\n% inom Kön 57% 65% 60%\nJa Antal 330 188 518\n"
        "Förväntat antal 304,7 213,3 518,0\n% inom Kön 43% 35% 40%\nTotal\nAntal 764 535 1299\n"
        "Förväntat antal 764,0 535,0 1299,0\n% inom Kön 100% 100% 100%\n"
        "Tabell 1: Frågor efter kön.\n" + PROSE
    )
    assert table.table.columns == ("Kvinna", "Man", "Samtliga")
    assert [row.label for row in table.table.rows] == ["Nej", "Ja", "Total"]
    assert table.table.rows[1].cells["Man"] == {"n": "188", "expected": "213,3", "percent": "35%"}
    assert [d.code for d in table.doubts] == ["head_moved"]
    assert table.table.caption == "Tabell 1: Frågor efter kön."


def test_years_as_labels_and_captions_below():
    report = lifted(
        PROSE + "År Utredningar Skydds- Barn som\nfamiljefrid boenden bevittnat våld\n"
        "2013 25 - 45\n2014 24 - 38\n2015 17 11 60\nTabell 1: Antal ärenden.\n"
        "År Aktualiserade ärenden (vuxna och barn)\n2016 96\n2017 115\n2018 138\n"
        "Tabell 2: Exempel.\n" + PROSE
    )
    first, second = report.tables
    assert columns_of(first)[0] == (
        "2013",
        {"Utredningar familjefrid": "25", "Skyddsboenden": "-", "Barn som bevittnat våld": "45"},
    )
    assert (first.table.caption, second.table.caption) == (
        "Tabell 1: Antal ärenden.", "Tabell 2: Exempel.",
    )  # fmt: skip
    assert columns_of(second)[0][1] == {"Aktualiserade ärenden (vuxna och barn)": "96"}


def test_heads_of_groups_between_rows():
    table = only(
        PROSE + "Tabell 1. Antal kommuner.\nOmråde\nHaft medel\nPågår\nKlart\nFörutsättningar\n"
        "Kartläggning 76 41 35\nPlan 57 22 35\nSkydd, bedömning och stöd\nStöd till kvin-\nnor\n"
        "31 17 14\nStöd till barn 39 20 19\n" + PROSE
    ).table
    assert [(row.group, row.label) for row in table.rows] == [
        ("Förutsättningar", "Kartläggning"),
        ("Förutsättningar", "Plan"),
        ("Skydd, bedömning och stöd", "Stöd till kvinnor"),
        ("Skydd, bedömning och stöd", "Stöd till barn"),
    ]


# --- text in columns -----------------------------------------------------------

IN_COLUMNS = """\
Tabell 5. Instämmer du i påståendena?
                                       Instämmer   Instämmer
Påstående                              helt        inte          Vet ej
Personalen har gett mig det stöd              45          40         15
som jag behöver
Jag vet vart jag ska vända mig                51                     49
Alla                                          48          20         32
"""


def test_text_that_keeps_its_columns_apart():
    table = only(PROSE + "\n" + IN_COLUMNS + "\n" + PROSE).table
    assert table.columns == ("Instämmer helt", "Instämmer inte", "Vet ej")
    assert [row.label for row in table.rows] == [
        "Personalen har gett mig det stöd som jag behöver", "Jag vet vart jag ska vända mig", "Alla",
    ]  # fmt: skip
    cells = table.rows[1].cells["total"]
    assert (cells["Instämmer helt"], cells["Instämmer inte"], cells["Vet ej"]) == ("51", None, "49")


# --- what is no table ----------------------------------------------------------


def test_running_text_contents_references_and_charts_are_no_tables():
    text = (
        "Inledning 5\nMetod 7\nResultat 12\nTabell 1 Svar 13\nTabell 2 Svar 14\n"
        "1 NNS, 2019\n2 SCB, 2020\n3 Regeringen, 2021\n"
        "Enkäten besvarades av 90 personer av 146. Året innan svarade 85 av de tillfrågade 140\n"
        "personerna, och 2018 var det 60 av 90\n"
        "Figur 4. Andel nöjda\n0 20 40 60 80 100\nProcent\nStockholm 67\nSkåne 71\n"
    )
    assert lifted(PROSE + text + PROSE).tables == ()


def test_a_table_over_a_page_break_with_its_heads_again():
    pages = [
        PROSE + "Tabell 1. Svar\nSvarsalternativ n Procent\nJa 10 50,0\nNej 5 25,0\n",
        "Svarsalternativ n Procent\nVet inte 5 25,0\n" + PROSE,
    ]
    report = lift(from_pages(pages, WORDS), WORDS)
    assert [[row.label for row in t.table.rows] for t in report.tables] == [
        ["Ja", "Nej", "Vet inte"]
    ]


# --- draft ---------------------------------------------------------------------


def published(yaml):
    tree = read_yaml(yaml, "lifted.yaml")
    assert tree.value is not None
    return Published.model_validate(plain(tree.value))


def test_the_draft_is_read_back_as_it_was_lifted():
    report = lifted(
        PROSE + 'Tabell 1. "Svar": ja, nej\nn Procent\nJa 25 27,8%\nNej 65 72,2%\n'
        "Omkring en fjärdedel (25 personer) svarar ja.\n" + PROSE
    )
    for language in ("sv", "en"):
        text = draft_yaml(report, load_texts(language), file="rapport.txt")
        back = published(text)
        assert back.tables[0].rows == report.tables[0].table.rows
        assert back.tables[0].caption == 'Tabell 1. "Svar": ja, nej'
        assert [(p.words, p.row, p.n) for p in back.phrases] == [
            ("omkring en fjärdedel", "Ja", "25")
        ]
        assert audit(back, WORDS, PHRASES).phrases == 1


def test_places_and_doubts_stand_in_comments():
    report = lifted(PROSE + "Tabell 1. Svar\nJa 25 30\nNej 65 12\nVet ej 5 6\n" + PROSE)
    text = draft_yaml(report, load_texts("sv"), file="rapport.txt")
    assert "# Rad 3–6." in text
    assert "# Osäkert: kolumnrubrikerna hittades inte." in text


def test_any_text_gives_a_draft_that_can_be_read():
    """Lines of a report in any order: nothing may fail, and what is drafted is valid."""
    rng = random.Random(3)
    lines = [
        *(PROSE + IN_COLUMNS).splitlines(),
        "Tabell 1. Svar", "n Procent", "Ja 63 70,0%", "Nej 27 30,0%", "16 17,8%", "–", "2013 25 - 45",
        "175 000 175 000  350 000", "Kvinnor Män Totalt", "Ja Nej Ja Nej", "12 (34 %)", "", " Rubrik",
        "Figur 2. Staplar", "34 (68)", "\fSida 3", "Antal 764 535 1299", "Förväntat antal 1,0 2,0 3,0",
    ]  # fmt: skip
    for _ in range(200):
        text = "\n".join(rng.choices(lines, k=40))
        report = lifted(text)
        audit(published(draft_yaml(report, load_texts("sv"), file="x.txt")), WORDS, PHRASES)
