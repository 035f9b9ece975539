"""Lines, figures, heads and labels, each by itself."""

from __future__ import annotations

import pytest

from evaluation.pipeline.audit import load_print_words
from evaluation.published.lift.heads import find_heads, segment, take_base
from evaluation.published.lift.items import Kind, join, read_items
from evaluation.published.lift.lines import Numbering, read_source
from evaluation.published.lift.phrases import lift_phrases
from evaluation.published.lift.tokens import read_trail

WORDS = load_print_words()


# --- figures -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "label", "readings"),
    [
        ("Ja 63 70,0%", "Ja", [("63", "70,0%")]),
        ("Ja 63 70,0 %", "Ja", [("63", "70,0 %")]),
        ("Över 65 år 20", "Över 65 år", [("20",)]),
        ("Lokaler 2 100 2 150", "Lokaler", [("2", "100", "2", "150"), ("2 100", "2 150")]),
        ("Summa 53 687 000", "Summa", [("53 687 000",)]),
        ("Lön 50 000 kr", "Lön", [("50 000",)]),
        ("2013 25 - 45", "", [("2013", "25", "-", "45")]),
        ("Övrigt .. 830 ..", "Övrigt", [("..", "830", "..")]),
        ("Ja 12 (34 %) 5 (20 %)", "Ja", [("12 (34%)", "5 (20%)")]),
        ("Män 1\u00a0234 567", "Män", [("1\u00a0234", "567")]),
    ],
)
def test_figures_at_the_end_of_a_line(line, label, readings):
    trail = read_trail(line)
    assert trail.label == label
    plain = [tuple(c.replace("\u00a0", " ") for c in r) for r in readings]
    assert set(plain) <= set(trail.partitions)


@pytest.mark.parametrize(
    "line", ["Ja", "se bilaga 2.", "22 anställda –", "2013/2014", "1.2.1. Medel"]
)
def test_lines_that_end_with_no_figure(line):
    assert read_trail(line) is None


def test_thousands_begin_with_no_zero():
    assert read_trail("Lön 50 000 100 000").sizes == {1, 2}


# --- lines ---------------------------------------------------------------------


def test_divided_words_are_made_whole():
    assert (
        join(["Stödinsatser våldsut-", "satta kvinnor"], WORDS)
        == "Stödinsatser våldsutsatta kvinnor"
    )
    assert join(["missbruk, barn-", "och unga"], WORDS) == "missbruk, barn- och unga"
    assert join(["Karlskoga-", "Degerfors"], WORDS) == "Karlskoga-Degerfors"


def test_pages_by_form_feeds():
    source = read_source("Första\nsidan\n\fAndra\n", WORDS)
    assert [(line.number, line.page) for line in source.lines if line.text] == [
        (1, "1"), (2, "1"), (3, "2"),
    ]  # fmt: skip


def test_pages_by_marks_and_printed_numbers():
    pages = "\n".join(
        f" {name}\n" + "Brödtext utan tal\n" * 12 + f"Sida {n} av 40"
        for n, name in enumerate(("Förord", "Inledning", "Metod", "Resultat", "Diskussion"), 10)
    )
    source = read_source(pages, WORDS)
    assert source.numbering is Numbering.PRINTED
    assert [line.page for line in source.lines if line.text.startswith(" ")] == [
        "10", "11", "12", "13", "14",
    ]  # fmt: skip
    assert not any("av 40" in line.text for line in source.lines)


def test_counts_with_percents_in_parentheses_are_no_page_numbers():
    text = "Tabell 1. Nytta\nStor 34 (40)\nLiten 21 (25)\nTotalt 55 (65)\n"
    assert len(read_source(text, WORDS).lines) == 5


def test_running_heads_and_contents_are_left_out_but_heads_of_tables_stay():
    pages = [
        f"Myndigheten | Rapport 2020:{1} {n}\nn Procent\nJa {n} 50,0\nNej {n} 50,0\n"
        for n in range(1, 6)
    ]
    source = read_source("Kapitel . . . . . . 4\n" + "\f".join(pages), WORDS)
    texts = [line.text for line in source.lines if line.text]
    assert texts.count("n Procent") == 5
    assert not any("Myndigheten" in t or "Kapitel" in t for t in texts)


def test_ligatures_and_invisible_marks():
    source = read_source("e\ufb00ekt och \ufb02era\u2060?\n", WORDS)
    assert source.lines[0].text == "effekt och flera?"


# --- heads ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "heads"),
    [
        (["Svarsalternativ n Procent"], ["Svarsalternativ", "n", "Procent"]),
        (["Kategori Antal Andel (%)"], ["Kategori", "Antal", "Andel (%)"]),
        (["Kön antal andel"], ["Kön", "antal", "andel"]),
        (["Län Kommun Beviljat belopp (kr)"], ["Län", "Kommun", "Beviljat belopp (kr)"]),
        (
            ["Namn på åtgärd Helt", "I stor utsträck-", "ning Delvis", "Inte", "alls"],
            ["Namn på åtgärd", "Helt", "I stor utsträckning", "Delvis", "Inte alls"],
        ),
        (["Antal som", "haft medel", "under 2013", "Antal där", "arbete pågår"],
         ["Antal som haft medel under 2013", "Antal där arbete pågår"]),
        (["Post 2019 2020 Totalt"], ["Post", "2019", "2020", "Totalt"]),
    ],
)  # fmt: skip
def test_heads_begin_at_capitals_years_and_known_words(lines, heads):
    assert segment(lines, WORDS) == heads


def heads_of(text, width, **other):
    items = read_items(read_source(text, WORDS), WORDS)
    options = {"has_caption": True, "labels_after": False, "line_width": 80, **other}
    return find_heads(items, width, WORDS, **options)


def test_heads_over_heads():
    heads = heads_of("Fråga Totalt av\nalla\nKvinnor Män\nJa Nej Ja Nej Ja Nej", 6)
    assert (heads.groups, heads.columns) == (("Totalt av alla", "Kvinnor", "Män"), ("Ja", "Nej"))


def test_heads_printed_side_by_side_over_two_lines():
    heads = heads_of("År Utredningar Skydds- Barn som\nfamiljefrid boenden bevittnat våld", 3)
    assert heads.columns == ("Utredningar familjefrid", "Skyddsboenden", "Barn som bevittnat våld")
    assert heads.is_guess


def test_the_first_label_is_no_head():
    text = "n Procent\nSocialtjänsten (familjeomsorg, äldreomsorg,\noch funktionsnedsättning)"
    heads = heads_of(text, 2, labels_after=True, has_caption=False)
    assert heads.columns == ("n", "Procent")


def test_bases_in_heads_and_labels():
    assert take_base("Kartläggning (n=71)") == ("Kartläggning", "71")
    assert take_base("Kvinnor (N = 1 486)") == ("Kvinnor", "1 486")
    assert take_base("Ja") == ("Ja", None)


# --- kinds of lines ------------------------------------------------------------


def kinds(text):
    return [item.kind for item in read_items(read_source(text, WORDS), WORDS)]


def test_kinds_of_lines():
    text = (
        "3.1. Metod\nTabell 2. Svar\nGrupp Antal\nJa 5\nFigur 1. Svar\n2019 2020 2021\n–\nBrödtext."
    )
    assert kinds(text) == [
        Kind.SECTION, Kind.CAPTION, Kind.HEAD, Kind.ROW, Kind.FIGURE, Kind.HEAD, Kind.BLANK, Kind.TEXT,
    ]  # fmt: skip


def test_running_text_is_neither_caption_nor_head():
    assert kinds("Tabellen visar andelen. Det är fler än totalt") == [Kind.TEXT]
    assert kinds("Flera alternativ kunde anges. Totalt antal") == [Kind.TEXT]


def test_no_phrases_without_a_catalogue():
    assert lift_phrases([], [], [], []) == ()
