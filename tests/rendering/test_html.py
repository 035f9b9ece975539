"""The HTML page, part by part: structure, names, references, escapes, one file."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.places import templates_root
from evaluation.rendering.html import date_in_words, render_html
from evaluation.rendering.theme import load_theme
from evaluation.report.model import (
    BodyCell,
    BodyKind,
    BodyRow,
    Box,
    Contents,
    CrossReference,
    Footnote,
    HeadCell,
    Heading,
    Link,
    NoteReference,
    Report,
    ReportMeta,
    TableBlock,
    Text,
)
from tests.rendering import sample
from tests.rendering.page_reading import Node, read_page

if TYPE_CHECKING:
    from evaluation.report.model import Block

NEUTRAL = load_theme("neutral")


def report_of(*blocks: Block, notes: tuple[str, ...] = (), **meta: Any) -> Report:
    """Make a small report."""
    about = ReportMeta(title="Titel", publisher="Utgivare", language="sv", year=2022)
    return Report(
        replace(about, **meta),
        blocks,
        tuple(Footnote(number, (Text(text),)) for number, text in enumerate(notes, 1)),
        sample.words(),
    )


def page_of(*blocks: Block, **more: Any) -> Node:
    """Render a small report and parse it."""
    return read_page(render_html(report_of(*blocks, **more), NEUTRAL))


@cache
def whole() -> Node:
    """Return the sample report as a parsed page."""
    return read_page(render_html(sample.sample_report(), NEUTRAL))


# --- the page ---------------------------------------------------------------------


def test_the_page_says_language_title_and_author() -> None:
    page = whole()
    assert page.one("html").attributes["lang"] == "sv"
    assert page.one("head").one("title").text == (
        "Utvärdering av samordningsförbundens arbete med jämställdhetsintegrering"
        " – Exempelmyndigheten"
    )
    assert page.one("meta", name="author").attributes["content"] == "Exempelmyndigheten"
    assert page.one("h1").text == sample.sample_report().meta.title


def test_the_skip_link_comes_first_and_leads_to_the_content() -> None:
    first = whole().all("a")[0]
    assert first.attributes["href"] == "#content"
    assert first.text == "Hoppa till innehållet"
    assert whole().one("main").attributes["id"] == "content"


def test_the_cover_shows_what_the_report_is() -> None:
    cover = whole().one("header").text
    for text in ("Exempelmyndigheten", "Rapport 2022:9", "Bilaga 1:", "29 april 2022"):
        assert text in cover
    assert whole().one("p", class_="notice").text == "Svaren i denna rapport är konstruerade."


def test_the_year_stands_where_there_is_no_date() -> None:
    assert "2022" in page_of(date="").one("header").text


@pytest.mark.parametrize(
    ("date", "language", "written"),
    [
        ("2022-04-29", "sv", "29 april 2022"),
        ("2023-12-01", "en", "1 December 2023"),
        ("våren 2022", "sv", "våren 2022"),
    ],
)
def test_dates_are_written_out(date: str, language: str, written: str) -> None:
    assert date_in_words(date, sample.words(language)) == written


def test_headings_never_skip_a_level() -> None:
    levels = [int(n.name[1]) for n in whole().walk() if re.fullmatch("h[1-6]", n.name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_headings_carry_number_and_anchor() -> None:
    heading = whole().one("h3", id="forutsattningar")
    assert heading.text == "2.1. Förutsättningar för arbetet"
    link = next(
        a for a in whole().all("a", class_="anchor") if a.attributes["href"] == "#forutsattningar"
    )
    assert link.attributes["aria-label"].endswith("Förutsättningar för arbetet")


def test_capitals_are_the_style_sheets_matter() -> None:
    page = page_of(Heading(1, "Sammanfattning", "s", uppercase=True))
    assert page.one("h2", id="s").text == "Sammanfattning"
    assert page.one("h2", id="s").attributes["class"] == "upper"


def test_contents_list_the_headings_that_are_to_be_listed_nested_by_level() -> None:
    page = page_of(
        Heading(1, "Ett", "ett", "1."),
        Heading(2, "Två", "tva", "1.1."),
        Heading(3, "Tre", "tre", "1.1.1."),
        Heading(1, "Dold", "dold", in_contents=False),
        Contents("Innehåll", 2),
    )
    contents = page.one("nav", class_="contents")
    assert [a.text for a in contents.all("a")] == ["1. Ett", "1.1. Två"]
    assert len(contents.all("ol")) == 2
    assert contents.one("h2").text == "Innehåll"


def test_every_id_is_unique_and_every_reference_finds_its_target() -> None:
    ids = [n.attributes["id"] for n in whole().walk() if "id" in n.attributes]
    assert len(ids) == len(set(ids))
    for node in whole().walk():
        for name in ("aria-labelledby", "aria-describedby"):
            assert set(node.attributes.get(name, "").split()) <= set(ids)
        href = node.attributes.get("href", "")
        assert not href.startswith("#") or href[1:] in ids


def test_references_that_lead_nowhere_are_plain_text() -> None:
    page = page_of(sample.paragraph("Se ", CrossReference("borta", "tabell 9"), "."))
    assert "Se tabell 9." in page.one("main").text
    assert not [a for a in page.all("a") if a.text == "tabell 9"]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "file:///etc"])
def test_only_web_and_mail_addresses_become_links(address: str) -> None:
    page = page_of(sample.paragraph(Link(address, (Text("hit"),))))
    assert "hit" in page.one("main").text
    assert address not in [a.attributes["href"] for a in page.all("a")]


# --- text ---------------------------------------------------------------------------


def test_definitions_references_and_lists_of_tables() -> None:
    page = whole()
    words = page.one("dl", class_="definitions")
    assert [n.text for n in words.all("dt")] == ["Bas", "Internt bortfall"]
    assert words.all("dt")[0].attributes["id"] == "ord-bas"
    targets = {n.attributes["id"] for n in page.all() if "id" in n.attributes}
    links = [n.attributes["href"][1:] for n in page.all("a", class_="reference")]
    assert {"ord-bas", "kalla-soc"} <= set(links) <= targets
    listed = page.all("ul", class_="listing")
    assert len(listed) == 2
    assert all(n.attributes["href"][1:] in targets for n in listed[0].all("a"))
    assert len(listed[0].all("a")) == 3


def test_emphasis_lists_quotes_and_line_breaks() -> None:
    page = whole()
    assert page.all("strong")[0].text == "68,9 procent"
    assert page.all("em")[0].text == "i ganska låg grad"
    quote = page.one("figure", class_="quote")
    assert len(quote.one("blockquote").all("p")) == 2
    assert quote.one("figcaption").text == "Handläggare, kommun (konstruerat citat)"
    nested = [li.all("ol") for li in page.one("main").all("li") if li.text.startswith("Medlen")]
    assert [li.text for li in nested[0][0].all("li")] == ["individ", "organisation", "samhälle."]
    assert len(page.all("br")) == 2


def test_a_lead_is_marked() -> None:
    page = page_of(sample.paragraph("a", lead=True), sample.paragraph("b"))
    assert [p.attributes.get("class") for p in page.one("main").all("p")] == ["lead", None]


def test_boxes_are_asides_with_a_name() -> None:
    box = page_of(Box("Fakta", "fakta", (sample.paragraph("Text."),))).one("aside", id="fakta")
    assert box.attributes["aria-label"] == "Fakta"
    assert box.text == "Fakta Text."


def test_footnotes_end_the_chapter_that_first_refers_to_them_and_lead_back() -> None:
    page = page_of(
        Heading(1, "A", "a"),
        sample.paragraph("x", NoteReference(1), "y", NoteReference(1)),
        Heading(1, "B", "b"),
        sample.paragraph("z", NoteReference(2), "w", NoteReference(1)),
        notes=("Första noten.", "Andra noten."),
    )
    first, second = page.all("section", class_="chapter")
    assert first.one("div", class_="notes").one("li").attributes["value"] == "1"
    assert second.one("div", class_="notes").one("li").attributes["value"] == "2"
    note = page.one("li", id="note-1")
    marks = [a.attributes["href"] for a in note.all("a", class_="back")]
    assert marks == ["#note-mark-1", "#note-mark-1-2"]
    assert [a.attributes["href"] for a in first.all("a", class_="note-mark")] == ["#note-1"] * 2


def test_a_mark_is_named() -> None:
    page = page_of(sample.paragraph("x", NoteReference(1)), notes=("Not.",))
    mark = page.one("a", class_="note-mark")
    assert (mark.text, mark.attributes["aria-label"]) == ("1", "Fotnot 1")


# --- tables -------------------------------------------------------------------------


def table_of(block: TableBlock) -> Node:
    """Render one table."""
    return page_of(block, notes=("a", "b", "c")).one("table")


def test_a_table_has_caption_heads_and_foot() -> None:
    table = table_of(sample.frequency_table())
    assert table.one("caption").text.startswith("Tabell 1. Har samordningsförbundet")
    assert [(th.text, th.attributes["scope"]) for th in table.one("thead").all("th")] == [
        ("Svarsalternativ", "col"),
        ("n", "col"),
        ("Procent", "col"),
    ]
    body = table.one("tbody")
    assert [th.attributes["scope"] for th in body.all("th")] == ["row"] * 4
    foot = table.one("tfoot").all("tr")
    assert [row.attributes["class"] for row in foot] == ["total", "missing"]
    assert [td.text for td in foot[0].all("td")] == ["90", "100,0"]


def test_every_row_spans_every_column() -> None:
    for table in whole().all("table"):
        rows = table.all("tr")
        widths: dict[int, int] = dict.fromkeys(range(len(rows)), 0)
        for y, row in enumerate(rows):
            for cell in [n for n in row.walk() if n.name in ("th", "td")]:
                for dy in range(int(cell.attributes.get("rowspan", 1))):
                    widths[y + dy] += int(cell.attributes.get("colspan", 1))
        assert len(set(widths.values())) == 1


def test_two_rows_of_heads_name_their_columns() -> None:
    table = table_of(sample.cross_table())
    first, second = table.one("thead").all("tr")
    assert [th.attributes["scope"] for th in first.all("th")] == ["col"] + ["colgroup"] * 4
    assert first.all("th")[0].attributes["rowspan"] == "2"
    assert {th.attributes["scope"] for th in second.all("th")} == {"col"}
    assert [g.attributes.get("span") for g in table.all("colgroup")] == [None, "2", "2", "2", "2"]


def test_groups_head_their_own_bodies() -> None:
    bodies = table_of(sample.cross_table()).all("tbody")
    heads = [body.all("th")[0] for body in bodies]
    assert [head.attributes["scope"] for head in heads] == ["rowgroup"] * 2
    assert heads[0].text == "Stöd från den egna organisationen"
    assert len(bodies[0].all("tr", class_="net")) == 1


def test_withheld_figures_are_spoken_in_words() -> None:
    cell = table_of(sample.cross_table()).all("span", class_="unseen")[0]
    assert cell.text == "uppgiften visas inte"
    assert table_of(sample.frequency_table()).all("span", class_="unseen") == []


def test_notes_and_tests_describe_the_table() -> None:
    page = page_of(sample.cross_table(), notes=("a", "b", "c"))
    described = page.one("table").attributes["aria-describedby"]
    notes = page.one(id=described)
    assert len(notes.all("p")) == 3
    assert "Fishers exakta test" in notes.text


def test_a_table_scrolls_in_a_region_of_its_own_that_the_keyboard_reaches() -> None:
    region = page_of(sample.text_table()).one("div", class_="scroll")
    assert region.attributes["tabindex"] == "0"
    assert region.attributes["aria-labelledby"] == "tabell-3-caption"


def test_numbers_stand_to_the_right_and_words_to_the_left() -> None:
    row = table_of(sample.text_table()).one("tbody").all("tr")[0]
    assert [td.attributes.get("class") for td in row.all("td")] == [None, "number"]


def test_a_table_without_stub_head_has_no_empty_head() -> None:
    table = table_of(replace(sample.text_table(), stub=""))
    assert "" not in [th.text for th in table.all("th")]


def test_an_empty_table_is_still_a_table() -> None:
    assert table_of(TableBlock("t", "Tom", "", (), ())).one("caption").text == "Tom"


def test_tools_stay_hidden_without_a_script() -> None:
    buttons = whole().all("button")
    assert buttons
    assert all("hidden" in button.attributes for button in buttons)
    copied = {b.attributes["data-copy"] for b in buttons if "data-copy" in b.attributes}
    assert copied == {t.attributes["id"] for t in whole().all("table")}


# --- charts --------------------------------------------------------------------------


def test_a_chart_has_pictures_figures_as_table_and_a_figure_for_the_script() -> None:
    chart = sample.grouped()
    figure = page_of(chart).one("figure", id="figur-2")
    assert figure.one("figcaption").text == f"Figur 2. {chart.caption}"
    pictures = figure.all("svg")
    assert [p.attributes["viewbox"].split()[2] for p in pictures] == ["660", "340"]
    assert all(p.attributes["role"] == "img" for p in pictures)
    assert all(p.one("desc").text == chart.alt for p in pictures)
    cells = [td.text for td in figure.one("details").one("table").one("tbody").all("td")]
    assert cells[:2] == ["41,8", "45,5"]
    spec = json.loads(figure.one("script").raw)
    assert [trace["name"] for trace in spec["data"]] == ["Kvinnor", "Män"]


def test_withheld_numbers_are_nowhere_in_the_page() -> None:
    # The renderer is handed None; the page must not know more than that.
    page = page_of(sample.grouped())
    spec = json.loads(page.one("figure", class_="chart").one("script").raw)
    assert spec["data"][1]["x"] == [45.5, 27.3, None, None]


def test_a_report_without_charts_carries_no_chart_library() -> None:
    page = page_of(sample.paragraph("Text."))
    assert not page.all("script", id="plotly")
    assert len(render_html(report_of(sample.paragraph("Text.")), NEUTRAL)) < 400_000


# --- one safe file ---------------------------------------------------------------------


def test_the_policy_allows_these_scripts_and_no_network() -> None:
    policy = whole().one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    assert policy.startswith("default-src 'none'")
    scripts = [s for s in whole().all("script") if s.attributes.get("type") != "application/json"]
    assert len(scripts) == 2
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.raw.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "unsafe-eval" not in policy
    assert "http" not in policy


def test_nothing_is_loaded_from_elsewhere() -> None:
    for node in whole().walk():
        if node.name not in ("a", "svg"):
            for name in ("src", "href", "srcset", "action", "data"):
                assert node.attributes.get(name, "data:").startswith("data:"), node
    style = whole().one("style").raw
    assert not re.findall(r"url\((?![\"']?data:)", style)
    assert "@import" not in style


EVIL = "</script><script>alert(1)</script><b>&amp;\"'\x00\u2028]]>"


def test_texts_are_shown_not_run() -> None:
    chart = replace(sample.grouped(), caption=EVIL, categories=(EVIL, "b", "c", "d"), alt=EVIL)
    row = BodyRow(EVIL, (BodyCell(EVIL, unit="text"),), BodyKind.NORMAL)
    table = TableBlock("t", EVIL, EVIL, ((HeadCell(EVIL),),), (row,), notes=(EVIL,))
    page = page_of(
        Heading(1, EVIL, "e"),
        sample.paragraph(EVIL),
        Box(EVIL, "box", ()),
        table,
        chart,
        title=EVIL,
        running_head=EVIL,
        publisher=EVIL,
        description=EVIL,
    )
    assert len(page.all("script")) == 4
    assert not page.all("b")
    assert not [s for s in page.all("script") if s.raw.startswith("alert")]
    assert "alert(1)" in page.one("h1").text


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=60))
def test_any_text_gives_a_page(text: str) -> None:
    page = render_html(report_of(sample.paragraph(text), title=text, running_head=text), NEUTRAL)
    assert read_page(page).one("h1")


@pytest.mark.parametrize("theme", ["neutral", "agency-example"])
def test_the_same_report_gives_the_same_bytes(theme: str) -> None:
    first = render_html(sample.sample_report(), load_theme(theme))
    assert first == render_html(sample.sample_report(), load_theme(theme))


def test_rendering_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        render_html(sample.sample_report(), NEUTRAL)
    assert caplog.records == []


def test_the_page_stays_within_its_size() -> None:
    # 1,2 MB chart library, 0,4 MB fonts, and 20 kB for each chart.
    assert len(render_html(sample.sample_report(), NEUTRAL)) < 1_950_000


def test_rendering_imports_no_heavy_library() -> None:
    code = (
        "import sys; from tests.rendering.sample import sample_report;"
        "from evaluation.rendering.html import render_html;"
        "from evaluation.rendering.theme import load_theme;"
        "render_html(sample_report(), load_theme('neutral'));"
        "print([m for m in ('pandas', 'plotly', 'scipy', 'typst', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- words and themes ---------------------------------------------------------------


def test_every_word_exists_in_both_languages_and_is_used() -> None:
    swedish, english = sample.words("sv"), sample.words("en")
    used = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("neutral/html", "neutral/print")
        for path in sorted((templates_root() / folder).iterdir())
    )
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in (templates_root().parent / "evaluation").rglob("*.py")
    )
    own = _own_words()
    assert set(own) <= set(english)
    for key, text in own.items():
        assert f"words.{key}" in used or f'"{key}"' in code, key
        assert re.findall(r"{\w+}", text) == re.findall(r"{\w+}", english[key]), key
        assert text == swedish[key]


def test_an_english_report_speaks_english() -> None:
    report = sample.sample_report()
    english = replace(report, meta=replace(report.meta, language="en"), words=sample.words("en"))
    page = read_page(render_html(english, NEUTRAL))
    assert page.one("html").attributes["lang"] == "en"
    assert page.all("a")[0].text == "Skip to the content"
    assert "29 April 2022" in page.one("header").text
    assert (
        json.loads(page.all("figure", class_="chart")[0].one("script").raw)["layout"]["separators"]
        == ".,"
    )


def test_a_theme_brings_its_colours_and_logo() -> None:
    theme = load_theme("agency-example")
    page = read_page(render_html(report_of(sample.paragraph("x")), theme))
    assert f"--primary:{theme.primary}" in page.one("style").raw
    logo = page.one("header").one("img")
    assert logo.attributes["alt"] == theme.logo_alt
    assert logo.attributes["src"].startswith("data:image/svg+xml;base64,")


def test_a_missing_word_is_an_error_not_a_blank() -> None:
    report = report_of(sample.paragraph("x"))
    words = {key: text for key, text in report.words.items() if key != "skip_link"}
    with pytest.raises(Exception, match="skip_link"):
        render_html(replace(report, words=words), NEUTRAL)


def _own_words() -> dict[str, str]:
    path = templates_root() / "texts" / "sv" / "html.yaml"
    words = yaml.safe_load(path.read_text(encoding="utf-8"))["words"]
    return {str(key): str(text) for key, text in words.items()}
