"""The report in another language: its chapters, its words, its numbers, and what is lacking."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING

import openpyxl
import pytest
from click.testing import CliRunner

from evaluation.cli import main
from evaluation.loading.texts import load_texts
from evaluation.pipeline.load import load_study
from tests.small_study import CODEBOOK, STUDY, small_study

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ENGLISH = """\
# Results

Most are trained: {{ pct('staff.trained', 1) }} percent.

{{ table('staff.trained', by='staff.gender') }}

{{ chart('staff.trained') }}

{{ intake_table() }}
"""
WORDS = {
    "title: En liten studie": "title: {sv: En liten studie, en: A small study}",
    "series: Rapport 2026:1": "series: {sv: 'Rapport 2026:1', en: 'Report 2026:1'}",
    "title: Enkät till personal": "title: {sv: Enkät till personal, en: Survey of staff}",
}
CODES = {
    "text: Kön": "text: {sv: Kön, en: Gender}",
    "w: Kvinna, m: Man": "w: {sv: Kvinna, en: Woman}, m: {sv: Man, en: Male}",
    "text: Har du fått utbildning?": "text: {sv: Har du fått utbildning?, en: Are you trained?}",
    "1: Ja, 2: Nej, 3: Vet inte": (
        "1: {sv: Ja, en: 'Yes'}, 2: {sv: Nej, en: 'No'}, 3: {sv: Vet inte, en: Not sure}"
    ),
}


def replaced(text: str, words: dict[str, str]) -> str:
    for old, new in words.items():
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = small_study(
        tmp_path / "small", study=replaced(STUDY, WORDS), codebook=replaced(CODEBOOK, CODES)
    )
    (folder / "chapters" / "en").mkdir()
    (folder / "chapters" / "en" / "1.md").write_text(ENGLISH, encoding="utf-8")
    return folder


def report(study: Path, out: Path, forms: str = "html,xlsx,csv") -> str:
    result = CliRunner().invoke(
        main, ["report", str(study), "--lang", "en", "--to", forms, "--out", str(out)]
    )
    assert result.exit_code == 0, result.output
    return (out / "report.html").read_text(encoding="utf-8")


def visible(page: str) -> str:
    """Return what a reader sees or hears, and what the charts say."""
    charts = re.findall(r'<script type="application/json">(.*?)</script>', page, re.S)
    said = " ".join(json.dumps(json.loads(c), ensure_ascii=False) for c in charts)
    kept = re.sub(r"<(style|script)\b.*?</\1>", " ", page, flags=re.S)
    labels = " ".join(re.findall(r'(?:aria-label|alt|data-o\w+|content|title)="([^"]*)"', kept))
    return " ".join((re.sub(r"<[^>]+>", " ", kept), labels, said))


def phrases(texts: Mapping[str, object]) -> Iterator[str]:
    for value in texts.values():
        if isinstance(value, dict):
            yield from phrases(value)
        elif isinstance(value, str):
            yield from (part.strip() for part in re.split(r"\{[^{}]*\}", value))


def swedish_only() -> list[str]:
    """Return the product's Swedish phrases that are not English ones too."""
    english = " ".join(phrases(load_texts("en").entries)).casefold()
    return sorted(
        {p for p in phrases(load_texts("sv").entries) if len(p) > 5 and " " in p}
        | {p for p in phrases(load_texts("sv").entries) if len(p) > 6 and p.isalpha()}
        - {p for p in phrases(load_texts("sv").entries) if p.casefold() in english}
    )


def test_nothing_of_ours_is_left_in_swedish(study: Path, tmp_path: Path) -> None:
    page = visible(report(study, tmp_path / "out"))
    assert "Most are trained" in page
    assert "Table 1" in page
    assert "Woman" in page
    found = [p for p in swedish_only() if re.search(rf"\b{re.escape(p)}\b", page)]
    assert found == []
    book = openpyxl.load_workbook(io.BytesIO((tmp_path / "out" / "tables.xlsx").read_bytes()))
    cells = "\n".join(
        str(cell) for sheet in book for row in sheet.values for cell in row if cell is not None
    )
    cells += "\n".join(book.sheetnames)
    assert [p for p in swedish_only() if re.search(rf"\b{re.escape(p)}\b", cells)] == []
    assert book.properties.language == "en"


def test_the_search_finds_swedish_where_it_is(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    CliRunner().invoke(main, ["report", str(study), "--to", "html", "--out", str(out)])
    page = visible((out / "report.html").read_text(encoding="utf-8"))
    found = {p for p in swedish_only() if re.search(rf"\b{re.escape(p)}\b", page)}
    assert {"Hoppa till innehållet", "Kopiera tabellen"} <= found


def test_numbers_and_language_are_english(study: Path, tmp_path: Path) -> None:
    page = report(study, tmp_path / "out", "html")
    assert '<html lang="en">' in page
    text = visible(page)
    assert re.search(r"\b\d+\.\d\b", text)
    assert not re.search(r"\b\d+,\d\b", text)
    assert '"separators": ".,"' in text


def test_what_is_not_translated_is_told_with_its_place(tmp_path: Path) -> None:
    folder = small_study(tmp_path / "small")
    _, problems = load_study(folder, language="en")
    told = {(p.code, p.file, p.column, p.expected) for p in problems}
    assert ("chapter-untranslated", "chapters/1.md", "", "chapters/en/1.md") in told
    assert ("text-untranslated", "study.yaml", "title", "") in told
    (codebook,) = [p for p in problems if p.file == "staff.yaml"]
    assert codebook.count == 5 + 2 + 3 + 3 + 3


def test_a_whole_translation_is_not_complained_of(study: Path) -> None:
    _, problems = load_study(study, language="en")
    assert "chapter-untranslated" not in {p.code for p in problems}
    assert "study.yaml" not in {p.file for p in problems}


def test_an_unknown_language_stops(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = CliRunner().invoke(
        main, ["report", str(study), "--lang", "tlh", "--out", str(out), "--to", "html"]
    )
    assert result.exit_code == 1
    assert "tlh" in result.output
    assert not out.exists()
