"""A table or chart of some of the respondents says in words whom it is about, in every output."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest
from click.testing import CliRunner
from lxml import html as lxml_html
from pypdf import PdfReader

from evaluation.cli import main
from evaluation.pipeline.build import build_report
from evaluation.pipeline.load import load_study
from evaluation.pipeline.report import render_files
from evaluation.rendering.theme import load_theme
from tests.small_study import small_study

if TYPE_CHECKING:
    from pathlib import Path

CHAPTER = """\
# Kvinnor

{{ table("staff.trained", where='gender == "w"', ci="wilson") }}

{{ chart("staff.trained", where='trained != "Nej"') }}

{{ table(["staff.useful"], by="gender", where="trained == 1") }}
"""
SAID = (
    "Urval: de som har ”Kvinna” i uppgiften ”Kön”.",
    "Urval: de som har svarat något annat än ”Nej” på frågan ”Har du fått utbildning?”.",
    "Urval: de som har svarat ”Ja” på frågan ”Har du fått utbildning?”.",
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = small_study(tmp_path_factory.mktemp("rule") / "s", chapter=CHAPTER)
    study = load_study(folder)[0]
    assert study is not None
    built = build_report(study).value
    assert built is not None
    return render_files(study, built, load_theme("neutral"), ("html", "pdf", "docx", "xlsx"))


def texts(files: dict[str, bytes]) -> dict[str, str]:
    """Every output as text, white space made even."""
    page = lxml_html.fromstring(files["report.html"]).text_content()
    with zipfile.ZipFile(io.BytesIO(files["report.docx"])) as word:
        document = lxml_html.fromstring(word.read("word/document.xml")).text_content()
    pages = PdfReader(io.BytesIO(files["report.pdf"])).pages
    printed = " ".join(one.extract_text() for one in pages)
    book = openpyxl.load_workbook(io.BytesIO(files["tables.xlsx"]))
    sheets = " ".join(
        str(value)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for value in row
        if value is not None
    )
    found = {"html": page, "docx": document, "pdf": printed, "xlsx": sheets}
    return {form: " ".join(text.split()) for form, text in found.items()}


def test_the_filter_stands_in_words_in_every_output(files: dict[str, bytes]) -> None:
    for form, text in texts(files).items():
        for sentence in SAID:
            assert sentence in text, (form, sentence)
        if form != "xlsx":  # its sheet for machines gives the expression in a column of its own
            assert not any(rule in text for rule in ("gender ==", "trained ==", "trained !="))


def test_a_table_without_a_filter_says_nothing_of_it(tmp_path: Path) -> None:
    folder = small_study(tmp_path / "s")
    shown = CliRunner().invoke(main, ["table", str(folder), "staff.trained"])
    assert shown.exit_code == 0
    assert "Urval" not in shown.output


def test_the_single_table_says_it_too(tmp_path: Path) -> None:
    folder = small_study(tmp_path / "s")
    asked = ["table", str(folder), "staff.trained", "--where", 'gender == "w"']
    shown = CliRunner().invoke(main, asked)
    assert shown.exit_code == 0, shown.output
    assert SAID[0] in " ".join(shown.output.split())


def test_intervals_stand_under_their_heads(files: dict[str, bytes]) -> None:
    """Set as numbers are, from the right, in the page, the sheet and the Word table."""
    page = lxml_html.fromstring(files["report.html"])
    cells = [c for c in page.iter("td") if "–" in (c.text or "") and "," in (c.text or "")]
    assert len(cells) >= 3
    assert all(cell.get("class") == "number" for cell in cells)
    book = openpyxl.load_workbook(io.BytesIO(files["tables.xlsx"]))
    ranges = [
        cell
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.value.count("–") == 1 and cell.value[:1].isdigit()
        and cell.value.replace("–", "").replace(",", "").isdigit()
    ]  # fmt: skip
    assert len(ranges) >= 3
    assert all(cell.alignment.horizontal == "right" for cell in ranges)
