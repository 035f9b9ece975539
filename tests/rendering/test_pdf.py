"""The PDF: valid by an outside judge, tagged as the report is, the same bytes every time."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Name
from pypdf import PdfReader

from evaluation.rendering.clean import REPLACEMENT, clean, safe_address
from evaluation.rendering.docx import _pictures
from evaluation.rendering.pdf import heading_pages, render_pdf, report_timestamp
from evaluation.rendering.pdf_tags import children, elements, settle_stream_ends, table_attributes
from evaluation.rendering.print_model import print_model
from evaluation.rendering.theme import Theme, load_theme
from evaluation.report.model import (
    BodyCell,
    BodyKind,
    BodyRow,
    Box,
    ChartPoint,
    ChartSeries,
    CrossReference,
    Footnote,
    HeadCell,
    Heading,
    Link,
    NoteReference,
    Paragraph,
    QuoteBlock,
    Report,
    ReportMeta,
    Strong,
    TableBlock,
    Text,
)
from tests.rendering.pdf_reading import bookmarks, structure_faults, validation_faults
from tests.rendering.sample import bars, sample_report
from tests.rendering.stress import stress_report

if TYPE_CHECKING:
    from collections.abc import Callable

META = ReportMeta(title="Titel", publisher="Myndigheten", language="sv", year=2022)


@pytest.fixture(scope="module")
def theme() -> Theme:
    return load_theme("neutral")


@pytest.fixture(scope="module")
def sample() -> Report:
    return sample_report()


@pytest.fixture(scope="module")
def sample_pdf(sample: Report, theme: Theme) -> bytes:
    return render_pdf(sample, theme)


@pytest.fixture(scope="module")
def stress() -> Report:
    return stress_report(3)


@pytest.fixture(scope="module")
def stress_pdf(stress: Report, theme: Theme) -> bytes:
    return render_pdf(stress, theme)


def report_of(*blocks: Any, notes: tuple[str, ...] = (), meta: ReportMeta = META) -> Report:
    footnotes = tuple(Footnote(i, (Text(t),)) for i, t in enumerate(notes, start=1))
    return Report(meta, blocks, footnotes)


def words(*texts: Any) -> Paragraph:
    return Paragraph(tuple(Text(t) if isinstance(t, str) else t for t in texts))


# --- by an outside validator and against the report --------------------------


def test_sample_is_valid_and_tagged_as_the_report(sample: Report, sample_pdf: bytes) -> None:
    assert validation_faults(sample_pdf) == []
    assert structure_faults(sample_pdf, sample) == []


def test_long_report_is_valid_and_tagged_as_the_report(stress: Report, stress_pdf: bytes) -> None:
    assert validation_faults(stress_pdf) == []
    assert structure_faults(stress_pdf, stress) == []


def test_bookmarks_repeat_the_headings_with_their_numbers(
    sample: Report, sample_pdf: bytes
) -> None:
    expected = [
        (b.level, f"{b.number} {b.shown_text}".strip())
        for b in sample.blocks
        if isinstance(b, Heading)
    ]
    assert [b for b in bookmarks(sample_pdf) if b[1] != "Innehåll"] == expected


def test_pages_have_a_running_head_and_the_cover_has_none(sample_pdf: bytes) -> None:
    """The head is an artefact: seen on every page but the cover, read out on none."""
    head = re.compile(rb"/Subtype/Header/Type/Pagination>>BDC(.*?)EMC", re.DOTALL)
    with pikepdf.open(BytesIO(sample_pdf)) as document:
        found = [b"".join(head.findall(p.Contents.read_bytes())) for p in document.pages]
    has_text = [b"Tj" in content or b"TJ" in content for content in found]
    assert has_text == [False] + [True] * (len(found) - 1)


def test_contents_are_links_of_words_with_page_numbers(sample: Report, sample_pdf: bytes) -> None:
    with pikepdf.open(BytesIO(sample_pdf)) as document:
        entries = list(elements(document.Root.StructTreeRoot, "/TOCI"))
        inside = {str(e.S) for entry in entries for e in elements(entry)}
    listed = [b for b in sample.blocks if isinstance(b, Heading) and b.in_contents and b.level < 3]
    assert len(entries) == len(listed)
    assert inside <= {"/Reference", "/Link", "/Span", "/Lbl"}


# --- the same bytes ----------------------------------------------------------


def test_same_report_gives_same_bytes(sample: Report, theme: Theme, sample_pdf: bytes) -> None:
    assert render_pdf(sample_report(), theme) == sample_pdf


def test_date_comes_from_the_report_or_the_caller(theme: Theme) -> None:
    dated = report_of(words("Text."), meta=replace(META, date="2022-04-29"))
    with pikepdf.open(BytesIO(render_pdf(dated, theme))) as document:
        assert str(document.docinfo.CreationDate) == "D:20220429120000Z"
    with pikepdf.open(BytesIO(render_pdf(dated, theme, timestamp=0))) as document:
        assert str(document.docinfo.CreationDate).startswith("D:19700101")


def test_timestamp_without_a_date_is_new_year_at_noon() -> None:
    assert report_timestamp(META) == 1_641_038_400
    assert report_timestamp(replace(META, date="2022-04-29")) == 1_651_233_600
    assert report_timestamp(replace(META, date="våren 2022")) == 1_641_038_400


# --- seeded defects must be caught -------------------------------------------


def _first(document: pikepdf.Pdf, kind: str) -> Any:
    return next(elements(document.Root.StructTreeRoot, kind))


def drop_alternative_text(document: pikepdf.Pdf) -> None:
    del _first(document, "/Figure").Alt


def drop_language(document: pikepdf.Pdf) -> None:
    del document.Root.Lang


def skip_heading_level(document: pikepdf.Pdf) -> None:
    _first(document, "/H2").S = Name.H4


def drop_link_description(document: pikepdf.Pdf) -> None:
    annotated = next(p for p in document.pages if "/Annots" in p)
    del annotated.Annots[0]["/Contents"]


def drop_head_cells_scope(document: pikepdf.Pdf) -> None:
    for cell in elements(document.Root.StructTreeRoot, "/TH"):
        attributes = table_attributes(cell)
        for key in ("/Scope", "/Headers"):
            if key in attributes:
                del attributes[key]
        if "/ID" in cell:
            del cell["/ID"]


def make_head_cells_ordinary(document: pikepdf.Pdf) -> None:
    for cell in elements(document.Root.StructTreeRoot, "/TH"):
        cell.S = Name.TD


def drop_note_identifier(document: pikepdf.Pdf) -> None:
    del _first(document, "/Note").ID


def drop_title(document: pikepdf.Pdf) -> None:
    with document.open_metadata(set_pikepdf_as_editor=False) as metadata:
        del metadata["dc:title"]


def drop_row_of_a_table(document: pikepdf.Pdf) -> None:
    body = _first(document, "/TBody")
    body.K = pikepdf.Array(children(body)[1:])


def drop_bookmarks(document: pikepdf.Pdf) -> None:
    del document.Root.Outlines


def swap_reading_order(document: pikepdf.Pdf) -> None:
    """Two headings of different levels change places in the tree."""
    parent = document.Root.StructTreeRoot
    while len(children(parent)) == 1:
        parent = children(parent)[0]
    kids = children(parent)
    first = next(i for i, kid in enumerate(kids) if str(kid.S) == "/H1")
    second = next(i for i, kid in enumerate(kids) if str(kid.S) == "/H2")
    kids[first], kids[second] = kids[second], kids[first]
    parent.K = pikepdf.Array(kids)


def unmark_running_heads(document: pikepdf.Pdf) -> None:
    """The running head is no artefact any more, and no part of the tree."""
    for page in document.pages:
        content = page.Contents.read_bytes()
        content = re.sub(rb"/Artifact\s*<<[^>]*>>\s*BDC", b"/Span <<>> BDC", content)
        page.Contents = document.make_stream(re.sub(rb"/Artifact BMC", b"/Span BMC", content))


def drop_a_font_file(document: pikepdf.Pdf) -> None:
    for held in document.objects:
        if isinstance(held, pikepdf.Dictionary) and held.get("/Type") == "/FontDescriptor":
            for key in ("/FontFile2", "/FontFile3"):
                if key in held:
                    del held[key]
                    return


def turn_a_row_head(document: pikepdf.Pdf) -> None:
    body = _first(document, "/TBody")
    table_attributes(children(children(body)[0])[0]).Scope = Name.Column


def drop_an_entry_of_a_list(document: pikepdf.Pdf) -> None:
    held = [e for e in elements(document.Root.StructTreeRoot, "/L") if len(children(e)) > 1][-1]
    held.K = pikepdf.Array(children(held)[1:])


def drop_the_claim(document: pikepdf.Pdf) -> None:
    with document.open_metadata(set_pikepdf_as_editor=False) as metadata:
        del metadata["pdfuaid:part"]


def hide_the_title(document: pikepdf.Pdf) -> None:
    del document.Root.ViewerPreferences


@pytest.mark.parametrize(
    "defect",
    [
        drop_bookmarks,
        swap_reading_order,
        unmark_running_heads,
        drop_a_font_file,
        turn_a_row_head,
        drop_an_entry_of_a_list,
        drop_the_claim,
        hide_the_title,
        drop_alternative_text,
        drop_language,
        skip_heading_level,
        drop_link_description,
        drop_head_cells_scope,
        make_head_cells_ordinary,
        drop_note_identifier,
        drop_title,
        drop_row_of_a_table,
    ],
)
def test_seeded_defect_is_caught(
    defect: Callable[[pikepdf.Pdf], None], sample: Report, sample_pdf: bytes
) -> None:
    broken = saved(sample_pdf, defect)
    assert validation_faults(broken, ("ua1",)) + structure_faults(broken, sample)


def test_a_copy_without_a_defect_has_none(sample: Report, sample_pdf: bytes) -> None:
    """What the seeded defects show is the defect, not the copying."""
    copy = saved(sample_pdf, lambda _: None)
    assert validation_faults(copy, ("ua1",)) + structure_faults(copy, sample) == []


def saved(pdf: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    with pikepdf.open(BytesIO(pdf)) as document:
        change(document)
        out = BytesIO()
        document.save(out)
    return out.getvalue()


# --- hostile and odd texts ---------------------------------------------------

HOSTILE = (
    '#panic("x") *fet* _kursiv_ $x^2$ @ref <label> = rubrik [x] {y} \\ // nej /* nej */ `kod` #x'
)


def test_texts_are_never_read_as_markup(theme: Theme) -> None:
    table = TableBlock(
        "t", HOSTILE, HOSTILE, ((HeadCell(HOSTILE),),), (BodyRow(HOSTILE, (BodyCell(HOSTILE),)),)
    )
    report = report_of(
        Heading(1, HOSTILE, "a", HOSTILE),
        words(HOSTILE, NoteReference(1)),
        Box(HOSTILE, "b", (words(HOSTILE),)),
        table,
        notes=(HOSTILE,),
        meta=replace(META, title=HOSTILE, running_head=HOSTILE, notice=HOSTILE),
    )
    pdf = render_pdf(report, theme)
    assert bookmarks(pdf) == [(1, f"{HOSTILE} {HOSTILE}")]
    assert structure_faults(pdf, report) == []


@pytest.mark.parametrize(
    "text",
    [
        "Bra! 👍",
        "漢字",
        "العربية",
        "\ue000 privat",
        "rad\nbrytning\ttabb\x00\x07",
        "e\u0301",
        "\ud800",
    ],
    ids=["emoji", "chinese", "arabic", "private use", "control", "combining", "surrogate"],
)
def test_characters_that_no_font_holds_do_not_stop_the_report(text: str, theme: Theme) -> None:
    report = report_of(Heading(1, text, "a"), words(text), meta=replace(META, title=text))
    assert validation_faults(render_pdf(report, theme)) == []


def test_characters_that_no_font_holds_do_not_stop_a_chart(theme: Theme) -> None:
    chart = bars()
    odd = replace(chart, categories=("Bra 👍 漢", "rad\x00\ue000", *chart.categories[2:]))
    assert validation_faults(render_pdf(report_of(odd), theme)) == []


def test_references_that_lead_nowhere_become_plain_text(theme: Theme) -> None:
    report = report_of(
        Heading(1, "Ett", "samma"),
        Heading(2, "Två", "samma"),
        words(CrossReference("saknas", "tabell 99"), NoteReference(7)),
        words(CrossReference("samma", "avsnitt 1"), Link("javascript:alert(1)", (Text("x"),))),
    )
    assert validation_faults(render_pdf(report, theme)) == []


def test_note_marked_twice_stands_once(theme: Theme) -> None:
    report = report_of(words("a", NoteReference(1), " b", NoteReference(1)), notes=("Noten.",))
    pdf = render_pdf(report, theme)
    assert structure_faults(pdf, report) == []
    assert validation_faults(pdf) == []


def test_report_without_blocks_is_a_cover(theme: Theme) -> None:
    assert validation_faults(render_pdf(report_of(), theme)) == []


# --- pages -------------------------------------------------------------------


def test_wide_table_turns_its_page_and_takes_its_heading_along(
    stress: Report, stress_pdf: bytes, theme: Theme
) -> None:
    with pikepdf.open(BytesIO(stress_pdf)) as document:
        turned = [
            number
            for number, sheet in enumerate(document.pages, start=1)
            if sheet.MediaBox[2] > sheet.MediaBox[3]
        ]
    assert turned == [heading_pages(stress, theme)["niva-4"]]


def test_a_quotation_and_who_said_it_stand_on_one_page(theme: Theme) -> None:
    quote = QuoteBlock((words("Citatet. " * 30),), (Text("Vem som sade det"),))
    for lines in range(20, 34):
        report = report_of(*[words("Rad.") for _ in range(lines)], quote)
        pages = PdfReader(BytesIO(render_pdf(report, theme))).pages
        shown = [" ".join(sheet.extract_text().split()) for sheet in pages]
        (page,) = [text for text in shown if "Vem som sade det" in text]
        assert page.count("Citatet.") == 30, lines


def test_short_paragraphs_with_notes_and_heads_are_kept(theme: Theme) -> None:
    noted = words("Kort text.", NoteReference(1))
    long = words("Lång text. " * 40, NoteReference(1))
    head = Paragraph((Strong((Text("1. Fråga?"),)),))
    model = print_model(report_of(noted, long, head, words("x"), notes=("N" * 400,)), theme, {})
    kept = [(b["is_whole"], b["is_head"]) for b in model["blocks"]]
    assert kept == [(True, False), (False, False), (False, True), (False, False)]


def test_chapters_begin_on_pages_of_their_own(stress: Report, theme: Theme) -> None:
    pages = heading_pages(stress, theme)
    chapters = [b.id for b in stress.blocks if isinstance(b, Heading) and b.level == 1]
    numbers = [pages[name] for name in chapters]
    assert numbers == sorted(set(numbers))
    assert numbers[0] > 2


def test_theme_overrides_one_part_of_the_template(tmp_path: Any, theme: Theme) -> None:
    folder = tmp_path / "narrow" / "print"
    folder.mkdir(parents=True)
    (tmp_path / "narrow" / "theme.yaml").write_text("base: neutral\n", encoding="utf-8")
    look = theme.file("print/look.typ").read_text(encoding="utf-8")
    (folder / "look.typ").write_text(look.replace("10.8pt", "22pt"), encoding="utf-8")
    report = report_of(*[words("Ord. " * 300)] * 4)
    own = render_pdf(report, load_theme("narrow", (tmp_path,)))
    with (
        pikepdf.open(BytesIO(own)) as large,
        pikepdf.open(BytesIO(render_pdf(report, theme))) as usual,
    ):
        assert len(large.pages) > len(usual.pages)


# --- parts -------------------------------------------------------------------


def _stream(data: bytes) -> bytes:
    return b"\n7 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (len(data), data)


@pytest.mark.parametrize("data", [b"abc\r", b"\r", b"abc\n", b"abc", b"a\r\nendstreamb\r"])
def test_stream_ends_cannot_be_misread(data: bytes) -> None:
    pdf = b"%PDF-1.7" + _stream(b"first\r") + _stream(data) + b"startxref"
    settled = settle_stream_ends(pdf)
    assert len(settled) == len(pdf)
    assert settled.index(b"startxref") == pdf.index(b"startxref")
    found = re.search(rb"\nstream\n(.*?)\r?\nendstream\nendobj\nstartxref", settled[60:], re.S)
    assert found is not None
    assert found.group(1) == data


@given(st.text())
def test_clean_text_is_allowed_in_xml_and_stays_the_same(text: str) -> None:
    shown = clean(text)
    allowed = r"[\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*"
    assert re.fullmatch(allowed, shown)
    assert clean(shown) == shown


@settings(max_examples=50)
@given(st.text(alphabet="abcåäö ÅÄÖ0123456789,.–\u00a0", max_size=30))
def test_clean_leaves_ordinary_swedish_alone(text: str) -> None:
    assert clean(text) == text


def test_clean_shows_what_it_replaces() -> None:
    assert clean("a\ue000b") == f"a{REPLACEMENT}b"
    assert clean("rad\r\nrad") == "rad rad"


@pytest.mark.parametrize("href", ["javascript:x", "file:///etc", "data:text/html,x", "//x.se", ""])
def test_only_web_and_mail_addresses_are_linked(href: str) -> None:
    assert safe_address(href) == ""
    assert safe_address("HTTPS://x.se/å") == "HTTPS://x.se/å"


def pages_with(theme: Theme, rows: int, lines: int) -> list[list[int]]:
    """Numbers of the rows on each page, of a table that so many lines of text stand before."""
    cells = (BodyCell("1", Decimal(1)),)
    block = TableBlock(
        id="t", caption="En tabell", stub="Rad", head=((HeadCell("Antal"),),),
        rows=tuple(BodyRow(f"nr{n}x", cells, BodyKind.NORMAL) for n in range(rows)),
        notes=(), source_table="", number=1, label="Tabell 1",
    )  # fmt: skip
    report = report_of(*[words("Text.") for _ in range(lines)], block)
    sheets = PdfReader(BytesIO(render_pdf(report, theme))).pages
    shown = [sheet.extract_text() for sheet in sheets]
    shown = [text for text in shown if re.search(r"nr\d+x", text)]
    assert all("Antal" in text for text in shown)
    return [[int(n) for n in re.findall(r"nr(\d+)x", text)] for text in shown]


@pytest.mark.parametrize("lines", [4, 12, 20])
def test_a_table_of_half_a_page_is_kept_whole(theme: Theme, lines: int) -> None:
    assert pages_with(theme, 20, lines) == [list(range(20))]


def test_a_longer_table_begins_where_there_is_room_and_repeats_its_head(theme: Theme) -> None:
    first, second = pages_with(theme, 36, 12)
    assert [*first, *second] == list(range(36))
    assert len(first) >= 6


def test_a_table_never_begins_with_a_row_or_two_at_the_foot(theme: Theme) -> None:
    for lines in range(16, 32):
        first, *_ = pages_with(theme, 36, lines)
        assert len(first) >= 6, lines


def test_axes_are_written_as_the_reports_language_writes_numbers(theme: Theme) -> None:
    """An English edition had decimal commas on the axes of its charts."""
    values = (ChartPoint(Decimal("0.7"), "A"), ChartPoint(Decimal("1.9"), "B"))
    chart = replace(
        bars(), unit="number", categories=("A", "B"), series=(ChartSeries("", values),), alt=""
    )
    for decimal, other in ((".", ","), (",", ".")):
        report = replace(report_of(chart), words={"decimal_sign": decimal})
        reader = PdfReader(BytesIO(render_pdf(report, theme)))
        text = " ".join(page.extract_text() for page in reader.pages)
        assert f"1{decimal}5" in text
        assert f"1{other}5" not in text
    english = replace(report_of(chart), words={"decimal_sign": "."})
    assert _pictures(english, theme) != _pictures(report_of(chart), theme)
