"""The Word document: real styles, fields and notes, accessible tables, the same bytes each time."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from evaluation.rendering.docx import render_docx
from evaluation.rendering.pdf import heading_pages
from evaluation.rendering.table_grid import plan_columns
from evaluation.rendering.theme import Theme, load_theme
from evaluation.rendering.word.fonts import font_role, obfuscate
from evaluation.rendering.word.numbering import counted_suffix
from evaluation.rendering.word.package import NotAWordFileError
from evaluation.rendering.word.xml import PARAGRAPH_ORDER
from evaluation.report.model import (
    BodyCell,
    BodyRow,
    ChartBlock,
    Contents,
    EntryKind,
    EntryList,
    Footnote,
    HeadCell,
    Heading,
    NoteReference,
    PageBreak,
    Paragraph,
    Report,
    ReportMeta,
    TableBlock,
    Text,
)
from tests.rendering.pdf_reading import blocks_of, printed_tables
from tests.rendering.sample import sample_report
from tests.rendering.stress import stress_report

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
META = ReportMeta(title="Titel", publisher="Myndigheten", language="sv", year=2022)


@pytest.fixture(scope="module")
def theme() -> Theme:
    return load_theme("neutral")


@pytest.fixture(scope="module")
def report() -> Report:
    return stress_report(2)


@pytest.fixture(scope="module")
def data(report: Report, theme: Theme) -> bytes:
    return render_docx(report, theme)


@pytest.fixture(scope="module")
def document(data: bytes) -> Any:
    return Document(BytesIO(data))


def body_of(document: Any) -> Any:
    return document.element.body


def texts(element: Any, tag: str = "t") -> list[str]:
    return [found.text or "" for found in element.iter(f"{W}{tag}")]


def instructions(element: Any) -> list[str]:
    return [text.strip() for text in texts(element, "instrText")]


def part(data: bytes, name: str) -> Any:
    with zipfile.ZipFile(BytesIO(data)) as package:
        return etree.fromstring(package.read(name))


def small(*blocks: Any, notes: tuple[str, ...] = (), meta: ReportMeta = META) -> Report:
    footnotes = tuple(Footnote(i, (Text(t),)) for i, t in enumerate(notes, start=1))
    return Report(meta, blocks, footnotes)


# --- headings, contents, captions, references ---------------------------------


def test_headings_have_word_styles_and_the_reports_levels(report: Report, document: Any) -> None:
    found = [
        (p.style.name.lower().replace(" unlisted", ""), p.text)
        for p in document.paragraphs
        if p.style.name.lower().startswith("heading")
    ]
    headings = [b for b in report.blocks if isinstance(b, Heading)]
    assert found == [(f"heading {h.level}", h.shown_text) for h in headings]


def test_word_counts_the_headings_as_the_report_does(report: Report, document: Any) -> None:
    """Every numbered heading belongs to one list; headings without a number to none."""
    numbers = {}
    for p in document.paragraphs:
        if p.style.name.lower().startswith("heading"):
            numbers[p.text] = p._p.pPr.numPr.numId.val
    for block in report.blocks:
        if isinstance(block, Heading):
            assert (numbers[block.shown_text] > 0) == bool(block.number)
    lists = {number for number in numbers.values() if number}
    assert len(lists) == 1
    numbering = document.part.numbering_part.element
    (held,) = [n for n in numbering.findall(f"{W}num") if n.get(f"{W}numId") == str(*lists)]
    abstract = held.find(f"{W}abstractNumId").get(f"{W}val")
    (levels,) = [
        a for a in numbering.findall(f"{W}abstractNum") if a.get(f"{W}abstractNumId") == abstract
    ]
    assert [level.get(f"{W}val") for level in levels.iter(f"{W}lvlText")] == [
        "%1.", "%1.%2.", "%1.%2.%3.", "%1.%2.%3.%4.",
    ]  # fmt: skip


def test_numbers_that_word_would_not_give_are_set_as_text(theme: Theme) -> None:
    odd = small(Heading(1, "Första", "a", "A."), Heading(1, "Andra", "b", "C."))
    found = [p.text for p in Document(BytesIO(render_docx(odd, theme))).paragraphs]
    assert "A. Första" in found
    assert "C. Andra" in found


@pytest.mark.parametrize(
    ("numbers", "suffix"),
    [
        (["1.", "1.1.", "1.2.", "2.", "2.1."], "."),
        (["1", "1.1", "2"], ""),
        (["1.", "3."], None),
        (["2.", "3."], None),
        ([], None),
    ],
)
def test_counting_of_headings(numbers: list[str], suffix: str | None) -> None:
    levels = [len(number.strip(".").split(".")) for number in numbers]
    pairs = zip(levels, numbers, strict=True)
    headings = [Heading(level, "x", number, number) for level, number in pairs]
    assert counted_suffix([Heading(1, "utan", "u"), *headings]) == suffix


def test_contents_are_a_field_filled_with_entries(report: Report, document: Any) -> None:
    contents = body_of(document).find(f"{W}sdt")
    (contents_block,) = [b for b in report.blocks if isinstance(b, Contents)]
    assert f'TOC \\o "1-{contents_block.depth}" \\h \\z' in instructions(contents)
    links = list(contents.iter(f"{W}hyperlink"))
    listed = [
        h
        for h in report.blocks
        if isinstance(h, Heading) and h.in_contents and h.level <= contents_block.depth
    ]
    shown = ["".join(texts(link)) for link in links]
    assert len(shown) == len(listed)
    for text, heading in zip(shown, listed, strict=True):
        assert re.fullmatch(re.escape(heading.number + heading.shown_text) + r"\d+", text)
    assert len([i for i in instructions(contents) if i.startswith("PAGEREF")]) == len(listed)


def test_opening_does_not_ask_to_update_fields(data: bytes) -> None:
    assert part(data, "word/settings.xml").find(f"{W}updateFields") is None
    with zipfile.ZipFile(BytesIO(data)) as package:
        assert b"w:dirty" not in package.read("word/document.xml")


def test_captions_are_numbered_by_word(report: Report, document: Any) -> None:
    body = body_of(document)
    fields = instructions(body)
    tables = [t for t in blocks_of(report, TableBlock) if t.label]
    figures = [c for c in blocks_of(report, ChartBlock) if c.label]
    assert fields.count("SEQ Tabell \\* ARABIC") == len(tables)
    assert fields.count("SEQ Figur \\* ARABIC") == len(figures)
    captions = [p.text for p in document.paragraphs if p.style.name.lower() == "caption"]
    assert f"{tables[0].label}. {tables[0].caption}" in captions


def test_every_reference_leads_to_a_bookmark(document: Any) -> None:
    body = body_of(document)
    names = [b.get(f"{W}name") for b in body.iter(f"{W}bookmarkStart")]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[A-Za-z_]\w{0,39}", name) for name in names)
    fields = [i.split() for i in instructions(body)]
    targets = {f[1] for f in fields if f[0] in {"REF", "PAGEREF", "NOTEREF"}}
    anchors = {a.get(f"{W}anchor") for a in body.iter(f"{W}hyperlink") if a.get(f"{W}anchor")}
    assert targets
    assert targets | anchors <= set(names)


def test_reference_repeats_the_number_and_keeps_its_word(document: Any) -> None:
    (paragraph,) = [p for p in document.paragraphs if p.text.endswith("redovisas i tabell 1.")]
    assert [i.split()[0] for i in instructions(paragraph._p)] == ["REF"]


def test_page_breaks_leave_no_blank_page(theme: Theme) -> None:
    """The break belongs to the paragraph that begins the page; a chapter has it already."""
    blocks = (Paragraph((Text("a"),)), PageBreak(), Paragraph((Text("b"),)), PageBreak())
    written = Document(BytesIO(render_docx(small(*blocks, Heading(1, "K", "k")), theme)))
    breaks = [
        p.text for p in written.paragraphs if p._p.pPr.find(f"{W}pageBreakBefore") is not None
    ]
    assert breaks == ["a", "b", "K"]
    assert not list(body_of(written).iter(f"{W}br"))


# --- tables ------------------------------------------------------------------


def test_tables_mark_and_repeat_their_head_rows(report: Report, document: Any) -> None:
    modelled = printed_tables(report)
    assert len(document.tables) == len(modelled)
    for table, block in zip(document.tables, modelled, strict=True):
        rows = table._tbl.findall(f"{W}tr")
        heads = [row for row in rows if row.find(f"{W}trPr/{W}tblHeader") is not None]
        assert len(heads) == max(len(block.head), 1)
        assert rows[: len(heads)] == heads
        assert len(rows) == len(heads) + len(block.rows)
        assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)
        look = table._tbl.tblPr.find(f"{W}tblLook")
        assert (look.get(f"{W}firstRow"), look.get(f"{W}firstColumn")) == ("1", "1")


def test_tables_are_full_grids(document: Any) -> None:
    """Every row covers all columns, whatever is merged."""
    for table in document.tables:
        widths = [int(g.get(f"{W}w")) for g in table._tbl.tblGrid.findall(f"{W}gridCol")]
        for row in table._tbl.findall(f"{W}tr"):
            cells = row.findall(f"{W}tc")
            spans = [c.find(f"{W}tcPr/{W}gridSpan") for c in cells]
            assert sum(1 if s is None else int(s.get(f"{W}val")) for s in spans) == len(widths)
            shown = sum(int(c.find(f"{W}tcPr/{W}tcW").get(f"{W}w")) for c in cells)
            assert shown == sum(widths)


def test_printed_figures_stand_in_the_cells(report: Report, document: Any) -> None:
    for table, block in zip(document.tables, printed_tables(report), strict=True):
        cells = table._tbl.findall(f"{W}tr")[-1].findall(f"{W}tc")
        last = block.rows[-1]
        assert ["".join(texts(c)) for c in cells] == [last.label, *(c.text for c in last.cells)]


# --- notes, pictures, head, properties ----------------------------------------


def test_footnotes_are_words_own(report: Report, data: bytes, document: Any) -> None:
    notes = part(data, "word/footnotes.xml").findall(f"{W}footnote")
    numbers = [int(n.get(f"{W}id")) for n in notes]
    assert numbers == [-1, 0, *range(1, len(report.footnotes) + 1)]
    assert "".join(texts(notes[2])).strip() == report.footnotes[0].children[0].text
    marks = [int(m.get(f"{W}id")) for m in body_of(document).iter(f"{W}footnoteReference")]
    assert marks == numbers[2:]
    # A note marked a second time is a reference to the first mark.
    assert [i for i in instructions(body_of(document)) if i.startswith("NOTEREF")]


def test_note_out_of_order_keeps_its_number(theme: Theme) -> None:
    text = Paragraph((Text("a"), NoteReference(2), Text("b"), NoteReference(1)))
    data = render_docx(small(text, notes=("Ett.", "Två.")), theme)
    marks = list(part(data, "word/document.xml").iter(f"{W}footnoteReference"))
    assert [m.get(f"{W}customMarkFollows") for m in marks] == ["1", "1"]
    assert ["".join(texts(m.getparent())) for m in marks] == ["2", "1"]


def test_pictures_have_text_alternatives_and_numbers_of_their_own(
    report: Report, document: Any
) -> None:
    drawn = [e for e in body_of(document).iter() if e.tag.endswith("}docPr")]
    charts = blocks_of(report, ChartBlock)
    assert [d.get("descr") for d in drawn] == [chart.alt for chart in charts]
    assert len({d.get("id") for d in drawn}) == len(drawn)


def test_running_head_has_page_and_pages_and_the_cover_has_none(
    report: Report, document: Any
) -> None:
    section = document.sections[0]
    assert section.different_first_page_header_footer
    lines = section.header.paragraphs
    assert lines[0].text.startswith(report.meta.running_head)
    assert instructions(lines[0]._p) == ["PAGE", "NUMPAGES"]
    assert lines[1].text == report.meta.title.upper()
    assert [s.orientation for s in document.sections].count(1) == 1


def test_language_is_that_of_the_report(data: bytes, theme: Theme) -> None:
    assert part(data, "word/styles.xml").find(f".//{W}lang").get(f"{W}val") == "sv-SE"
    english = render_docx(small(meta=replace(META, language="en")), theme)
    assert part(english, "word/styles.xml").find(f".//{W}lang").get(f"{W}val") == "en-GB"
    signs = [part(d, "word/settings.xml").find(f"{W}decimalSymbol") for d in (data, english)]
    assert [sign.get(f"{W}val") for sign in signs] == [",", "."]


def test_properties_come_from_the_report(report: Report, document: Any) -> None:
    properties = document.core_properties
    assert properties.title == report.meta.title
    assert properties.author == report.meta.publisher
    assert properties.created.isoformat() == "2022-04-29T12:00:00+00:00"
    assert properties.created == properties.modified


# --- the file ----------------------------------------------------------------


def test_same_report_gives_same_bytes(report: Report, theme: Theme, data: bytes) -> None:
    assert render_docx(stress_report(2), theme) == data


def test_package_is_in_order_and_without_dates(data: bytes) -> None:
    with zipfile.ZipFile(BytesIO(data)) as package:
        entries = package.infolist()
    names = [entry.filename for entry in entries]
    assert names[0] == "[Content_Types].xml"
    assert names[1:] == sorted(names[1:])
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}


_RUN_ORDER = (
    "rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "color", "spacing", "sz", "szCs", "u",
    "vertAlign", "lang",
)  # fmt: skip
_ORDERS = {
    "pPr": PARAGRAPH_ORDER,
    "rPr": _RUN_ORDER,
    "tblPr": (
        "tblStyle", "tblW", "jc", "tblInd", "tblBorders", "tblLayout", "tblCellMar", "tblLook",
        "tblCaption", "tblDescription",
    ),
    "tcPr": ("tcW", "gridSpan", "vMerge", "tcBorders", "shd", "tcMar", "vAlign"),
    "tcBorders": ("top", "left", "bottom", "right"),
    "trPr": ("cantSplit", "tblHeader"),
    "tbl": ("tblPr", "tblGrid", "tr"),
    "sectPr": ("headerReference", "pgSz", "pgMar", "cols", "titlePg"),
    "style": ("name", "basedOn", "next", "uiPriority", "qFormat", "pPr", "rPr"),
    "lvl": ("start", "numFmt", "pStyle", "suff", "lvlText", "lvlJc", "pPr"),
    "numbering": ("abstractNum", "num"),
    "settings": (
        "embedTrueTypeFonts", "saveSubsetFonts", "autoHyphenation", "consecutiveHyphenLimit",
        "hyphenationZone", "doNotHyphenateCaps", "footnotePr", "compat", "themeFontLang",
        "decimalSymbol", "listSeparator",
    ),
}  # fmt: skip


def test_elements_stand_in_the_order_of_the_schema(data: bytes) -> None:
    """Word calls a file damaged whose properties stand in another order."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        names = [n for n in package.namelist() if n.startswith("word/") and n.endswith(".xml")]
    seen = set()
    for element in (e for name in names for e in part(data, name).iter()):
        kind = element.tag.removeprefix(W)
        if kind in _ORDERS:
            seen.add(kind)
            held = [child.tag.removeprefix(W) for child in element]
            assert held == sorted(held, key=_ORDERS[kind].index), kind
    assert seen == set(_ORDERS)


def test_texts_are_never_read_as_markup(theme: Theme) -> None:
    hostile = '<w:br/> & "x" \x00\x1b ]]> \ud800'
    table = TableBlock("t", hostile, hostile, (), (BodyRow(hostile, (BodyCell(hostile),)),))
    odd = small(
        Heading(1, hostile, "a"),
        Paragraph((Text(hostile), NoteReference(1))),
        table,
        notes=(hostile,),
        meta=replace(META, title=hostile, running_head=hostile, notice=hostile),
    )
    found = Document(BytesIO(render_docx(odd, theme)))
    assert any(p.text.startswith('<w:br/> & "x" ') for p in found.paragraphs)


# --- an agency's template ------------------------------------------------------


@pytest.fixture(scope="module")
def template() -> bytes:
    held = Document()
    held.styles["Heading 1"].font.name = "Myndighetssans"
    held.sections[0].header.paragraphs[0].text = "Myndighetens huvud"
    held.sections[0].left_margin = 1_800_225
    held.add_paragraph("Mallens egen text")
    out = BytesIO()
    held.save(out)
    return out.getvalue()


def as_dotx(docx: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(docx)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content.replace(b"document.main+xml", b"template.main+xml"))
    return out.getvalue()


@pytest.mark.parametrize("is_template", [False, True], ids=["docx", "dotx"])
def test_agency_template_gives_styles_page_and_head(
    template: bytes, is_template: bool, theme: Theme
) -> None:
    reference = as_dotx(template) if is_template else template
    written = render_docx(sample_report(), theme, reference_doc=reference)
    found = Document(BytesIO(written))
    assert found.styles["Heading 1"].font.name == "Myndighetssans"
    assert found.sections[0].header.paragraphs[0].text == "Myndighetens huvud"
    assert found.sections[0].left_margin == 1_800_225
    assert not any("Mallens" in p.text for p in found.paragraphs)
    room = found.sections[0].page_width - found.sections[0].left_margin
    room -= found.sections[0].right_margin
    for table in found.tables:
        widths = [int(g.get(f"{W}w")) for g in table._tbl.tblGrid.findall(f"{W}gridCol")]
        assert abs(sum(widths) * 635 - room) < 10_000
    # Its fonts are the agency's: none of ours is embedded.
    with zipfile.ZipFile(BytesIO(written)) as package:
        assert not [n for n in package.namelist() if n.endswith(".odttf")]
    assert render_docx(sample_report(), theme, reference_doc=reference) == written


def test_captions_stay_with_their_tables_whatever_the_template_says(
    template: bytes, theme: Theme
) -> None:
    written = Document(BytesIO(render_docx(sample_report(), theme, reference_doc=template)))
    captions = [p for p in written.paragraphs if p.style.name.lower() == "caption"]
    assert len(captions) > 5
    assert all(p._p.pPr.find(f"{W}keepNext") is not None for p in captions)
    # The template's own colour, and none of ours.
    assert not any(p._p.findall(f".//{W}color") for p in captions)


@pytest.mark.parametrize(("letters", "stays"), [(20, True), (400, False)])
def test_only_a_table_that_a_page_holds_is_kept_together(
    theme: Theme, letters: int, stays: bool
) -> None:
    cell = BodyCell("ord " * (letters // 4), unit="text")
    rows = tuple(BodyRow(f"Rad {k}", (cell,)) for k in range(12))
    head = ((HeadCell("Enheter", is_number=False),),)
    table = TableBlock("t", "Tabell", "Fråga", head, rows)
    written = Document(BytesIO(render_docx(small(table), theme)))
    middle = written.tables[0].rows[6].cells[0].paragraphs[0]
    assert (middle._p.pPr.find(f"{W}keepNext") is not None) == stays


def test_the_styles_that_word_2010_kept_aside_are_left_out(template: bytes, theme: Theme) -> None:
    kept = "stylesWithEffects"
    with zipfile.ZipFile(BytesIO(template)) as package:
        assert any(kept in name for name in package.namelist())
    written = render_docx(sample_report(), theme, reference_doc=template)
    with zipfile.ZipFile(BytesIO(written)) as package:
        assert not any(kept in name for name in package.namelist())
        assert kept.encode() not in package.read("word/_rels/document.xml.rels")
        assert kept.encode() not in package.read("[Content_Types].xml")


@pytest.mark.parametrize("reference", [b"", b"PK\x03\x04", b"text"])
def test_reference_that_is_no_word_file_is_refused(reference: bytes, theme: Theme) -> None:
    with pytest.raises(NotAWordFileError):
        render_docx(small(), theme, reference_doc=reference)


# --- parts -------------------------------------------------------------------


@given(st.binary(min_size=32, max_size=80))
def test_obfuscated_font_can_be_read_back(font: bytes) -> None:
    """The key, its hexadecimal digits taken from the end, undoes the first 32 bytes."""
    key, hidden = obfuscate(font)
    digits = bytes.fromhex(key.strip("{}").replace("-", ""))[::-1]
    shown = bytes(b ^ digits[i % 16] for i, b in enumerate(hidden[:32]))
    assert shown + hidden[32:] == font
    assert re.fullmatch(r"\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}", key)


def test_roles_of_font_files() -> None:
    faces = ("x/A-Regular.ttf", "x/A-Semibold.ttf", "A-It.ttf", "A-SemiboldIt.ttf")
    assert [font_role(name) for name in faces] == [
        "embedRegular", "embedBold", "embedItalic", "embedBoldItalic",
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it_and_sets_about_as_many_pages(
    data: bytes, report: Report, theme: Theme, tmp_path: Any
) -> None:
    (tmp_path / "report.docx").write_bytes(data)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    convert = ["--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    command = ["soffice", profile, *convert, str(tmp_path / "report.docx")]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    with pikepdf.open(tmp_path / "report.pdf") as converted:
        last = max(heading_pages(report, theme).values())
        assert abs(len(converted.pages) - last) <= 4


# --- definitions, references, lists of tables ------------------------------------


def test_lists_of_tables_are_fields_with_the_pages_of_the_pdf(theme: Theme) -> None:
    report = sample_report()
    written = Document(BytesIO(render_docx(report, theme)))
    body = body_of(written)
    fields = instructions(body)
    assert 'TOC \\h \\z \\c "Tabell"' in fields
    assert 'TOC \\h \\z \\c "Figur"' in fields
    lines = [p for p in written.paragraphs if p.style.name.lower() == "table of figures"]
    listed = [b for b in blocks_of(report, EntryList) if b.kind is EntryKind.LISTING]
    assert len(lines) == sum(len(b.entries) for b in listed)
    pages = heading_pages(report, theme)
    shown = ["".join(texts(line._p)) for line in lines]
    for text, entry in zip(shown, (e for b in listed for e in b.entries), strict=True):
        assert text.endswith(str(pages[entry.id])), text
    opened = [c.get(f"{W}fldCharType") for c in body.iter(f"{W}fldChar")]
    assert opened.count("begin") == opened.count("end") == opened.count("separate")


def test_definitions_and_references_are_bookmarked_paragraphs(theme: Theme) -> None:
    written = Document(BytesIO(render_docx(sample_report(), theme)))
    styles = [p.style.name for p in written.paragraphs]
    assert styles.count("Definition") == 2
    assert styles.count("Bibliography") == 2
    for paragraph in written.paragraphs:
        if paragraph.style.name in ("Definition", "Bibliography"):
            assert paragraph._p.find(f"{W}bookmarkStart") is not None
    (heading,) = [p for p in written.paragraphs if p.text.startswith("1. En fråga som hör")]
    assert heading._p.pPr.find(f"{W}keepNext") is not None


def test_a_text_is_never_set_larger_than_its_column_was_planned(theme: Theme) -> None:
    """Word counts in half points: 8.8 points would become 9 and break "Procent" in two."""
    report = small(wide := stress_table(10))
    plan = plan_columns(wide, may_turn=True)
    assert plan.size not in (9.6, 8.0)
    body = body_of(Document(BytesIO(render_docx(report, theme))))
    sizes = {int(s.get(f"{W}val")) for t in body.iter(f"{W}tbl") for s in t.iter(f"{W}sz")}
    assert max(sizes) / 2 <= plan.size


def stress_table(columns: int) -> TableBlock:
    head = (tuple(HeadCell("Procentandel") for _ in range(columns)),)
    cells = tuple(BodyCell("100,0") for _ in range(columns))
    return TableBlock("t", "Bred", "Svarsalternativ", head, (BodyRow("Ja", cells),))
