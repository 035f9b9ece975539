"""Chapters in Markdown become blocks: each part by itself."""

from __future__ import annotations

import pytest

from evaluation.report.markdown import (
    Notes,
    Placed,
    escape,
    marker,
    parse_chapter,
    slug,
    split_heading,
)
from evaluation.report.model import (
    Box,
    CrossReference,
    Emphasis,
    Heading,
    Link,
    ListBlock,
    NoteReference,
    Paragraph,
    QuoteBlock,
    Strong,
    Text,
)


def parse(markdown, notes=None, place=lambda placed: placed):
    return parse_chapter(markdown, "a.md", notes or Notes(), place, lambda target: target.upper())


def test_heading_attributes():
    blocks = parse("# Summary {.unnumbered #sum}\n\n## Method\n")
    assert blocks[0] == Heading(1, "Summary", "sum", "-", in_contents=True)
    assert blocks[1] == Heading(2, "Method", "")
    assert split_heading("A {x} b") == ("A {x} b", ())


def test_running_text():
    (paragraph,) = parse("A *b* **c** [d](https://e.se)\nf.")
    assert paragraph.children == (
        Text("A "),
        Emphasis((Text("b"),)),
        Text(" "),
        Strong((Text("c"),)),
        Text(" "),
        Link("https://e.se", (Text("d"),)),
        Text(" "),
        Text("f."),
    )


def test_lead_paragraph():
    (paragraph,) = parse("{.lead}\nFirst of all.")
    assert paragraph == Paragraph((Text("First of all."),), lead=True)


def test_quote_with_attribution():
    (quote,) = parse("> We asked.\n>\n> And again.\n> \u2014 Coordinator (invented)")
    assert isinstance(quote, QuoteBlock)
    assert [p.children[0].text for p in quote.paragraphs] == ["We asked.", "And again."]
    assert quote.attribution == (Text("Coordinator (invented)"),)


def test_box_and_list():
    (box,) = parse("::: box A title\n\n- one\n- two\n\n:::\n")
    assert isinstance(box, Box)
    assert box.title == "A title"
    assert isinstance(box.blocks[0], ListBlock)
    assert len(box.blocks[0].items) == 2


def test_footnotes_are_numbered_in_the_order_met_and_across_chapters():
    notes = Notes()
    first = parse("A[^x] and b[^y].\n\n[^y]: Why.\n[^x]: Ex.\n", notes)
    assert first[0].children[1] == NoteReference(1)
    parse_chapter("C[^x].\n\n[^x]: Another.", "b.md", notes, lambda p: p, str)
    assert [(n.number, n.children) for n in notes.footnotes()] == [
        (1, (Text("Ex."),)),
        (2, (Text("Why."),)),
        (3, (Text("Another."),)),
    ]


def test_a_block_mark_carries_its_footnotes():
    (placed,) = parse(f"{marker('block', 'k_1')}[^a][^b]\n\n[^a]: A.\n[^b]: B.\n")
    assert placed == Placed("k_1", (1, 2))


def test_cross_references_stand_in_the_text():
    (paragraph,) = parse(f"See {marker('ref', 'tab-x')}.")
    assert paragraph.children == (Text("See "), CrossReference("tab-x", "TAB-X"), Text("."))


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "a_b_c *d*", "[x](y)", "{.lead}", "&copy;", "# no", "a|b~c`d`"],
)
def test_values_are_never_markup(text):
    (paragraph,) = parse("Before " + escape(text))
    assert "".join(c.text for c in paragraph.children) == "Before " + text


def test_raw_html_is_text():
    (paragraph,) = parse("A <b>bold</b> claim.")
    assert "".join(c.text for c in paragraph.children) == "A <b>bold</b> claim."


def test_slugs_are_ascii():
    assert slug("Åtgärder för ökad upptäckt") == "atgarder-for-okad-upptackt"
    assert slug("…") == "del"
