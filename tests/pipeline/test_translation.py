"""``translations/<language>.yaml``: data tables and words of the study in another language."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from evaluation.cli import main
from evaluation.pipeline.load import load_study
from evaluation.problems import Severity
from tests.paths import REPOSITORY
from tests.rendering.pdf_reading import validation_faults
from tests.small_study import STUDY, small_study

if TYPE_CHECKING:
    from pathlib import Path

TABLES = """\
data_tables:
  spent:
    file: data/spent.csv
    title: Vad det kostade
    source: {sv: "Källa: bokslutet.", en: "Source: the accounts."}
  unshown: {file: data/other.csv}
"""
SPENT = "Post,Kronor\n# Personal,\nLön,1200\nResor,7\n= Summa,1207\n"
WORDS = """\
texts:
  table: {respondents: Staff}
words:
  Vad det kostade: What it cost
  Post: Item
  Kronor: SEK
  Personal: Staff
  Lön: Salaries
  Resor: Travel
  Summa: Total
"""


def study(tmp_path: Path, words: str = WORDS) -> Path:
    chapter = '# A\n\n{{ data_table("spent") }}\n\n{{ table("staff.trained") }}\n'
    folder = small_study(tmp_path / "s", study=STUDY + TABLES, chapter=chapter)
    (folder / "data" / "spent.csv").write_text(SPENT, encoding="utf-8")
    (folder / "data" / "other.csv").write_text("Ord,N\nOlika,1\n", encoding="utf-8")
    (folder / "translations").mkdir()
    (folder / "translations" / "en.yaml").write_text(words, encoding="utf-8")
    return folder


def test_heads_cells_titles_and_sources_are_translated_and_marks_stay(tmp_path: Path) -> None:
    loaded, problems = load_study(study(tmp_path), language="en")
    assert loaded is not None
    table = loaded.folder.data_tables["spent"]
    assert (table.title, table.source) == ("What it cost", "Source: the accounts.")
    assert table.header == ("Item", "SEK")
    assert [row[0] for row in table.rows] == ["# Staff", "Salaries", "Travel", "= Total"]
    assert [row[1] for row in table.rows] == ["", "1200", "7", "1207"]
    assert loaded.folder.texts.get("table.respondents") == "Staff"
    assert not [p for p in problems if p.file.startswith("translations/")]


def test_the_studys_own_language_is_left_alone(tmp_path: Path) -> None:
    loaded, _ = load_study(study(tmp_path))
    assert loaded is not None
    table = loaded.folder.data_tables["spent"]
    assert (table.title, table.source) == ("Vad det kostade", "Källa: bokslutet.")
    assert table.header == ("Post", "Kronor")


def test_words_that_lack_a_translation_are_counted_where_a_chapter_shows_them(
    tmp_path: Path,
) -> None:
    lacking = WORDS.replace("  Lön: Salaries\n", "").replace("  Kronor: SEK\n", "")
    _, problems = load_study(study(tmp_path, lacking), language="en")
    (told,) = [p for p in problems if p.file == "translations/en.yaml"]
    assert (told.code, told.column, told.count) == ("text-untranslated", "words", 2)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("texts: {table: {nothing: x}}\n", "unknown-text-key", "table.nothing"),
        ("words: [a]\n", "translation-form", "words"),
        ("words: {a: [b]}\n", "translation-form", "words"),
        ("wrods: {a: b}\n", "translation-form", "wrods"),
        ("- a\n", "translation-form", ""),
        ("words: {a: b\n", "yaml-syntax", ""),
    ],
)
def test_a_file_that_cannot_be_followed_stops(
    tmp_path: Path, words: str, code: str, said: str
) -> None:
    folder = study(tmp_path, words)
    _, problems = load_study(folder, language="en")
    stopped = [p for p in problems if p.severity is Severity.STOP]
    assert [(p.code, p.file, p.value) for p in stopped] == [(code, "translations/en.yaml", said)]
    asked = ["report", str(folder), "--lang", "en", "--out", str(tmp_path / "out")]
    shown = CliRunner().invoke(main, asked)
    assert shown.exit_code == 1
    assert "translations/en.yaml" in shown.output
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundled study as its readers in English get it."""
    out = tmp_path_factory.mktemp("en") / "out"
    folder = REPOSITORY / "surveys" / "okad-upptackt-2022"
    asked = ["report", str(folder), "--lang", "en", "--to", "html,pdf", "--out", str(out)]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0, result.output
    assert "untranslated" not in result.output
    return out


ORIGINALS = (
    "Jämställdhetsmyndigheten",
    "Myndighetssamverkan för ökad upptäckt av våld",
    "Makt, mål och myndighet – feministisk politik för en jämställd framtid",
)
"""The author and the titles of works that are cited are given as they are."""


def test_the_bundled_english_edition_has_no_swedish_left(english: Path) -> None:
    page = (english / "report.html").read_text(encoding="utf-8")
    kept = re.sub(r"<(style|script)\b(?![^>]*json).*?</\1>", " ", page, flags=re.S)
    printed = " ".join(
        " ".join(sheet.extract_text().split()) for sheet in PdfReader(english / "report.pdf").pages
    )
    for text in (html.unescape(kept), printed):
        for original in ORIGINALS:
            text = text.replace(original, "")  # noqa: PLW2901
        assert re.findall(r"\w*[åäöÅÄÖ]\w*", text) == []
        assert re.findall(r"\b(?:och|inte|eller|Tabell|Figur|Bas|mål)\b", text) == []


def test_its_figures_are_those_of_the_swedish_edition(english: Path, tmp_path: Path) -> None:
    folder = REPOSITORY / "surveys" / "okad-upptackt-2022"
    CliRunner().invoke(main, ["report", str(folder), "--to", "html", "--out", str(tmp_path / "sv")])
    pages = [english / "report.html", tmp_path / "sv" / "report.html"]
    cells = [
        re.findall(r'<td class="number">([^<]*)</td>', page.read_text(encoding="utf-8"))
        for page in pages
    ]
    assert len(cells[0]) > 80
    assert cells[0] == cells[1]


def test_its_pdf_is_valid(english: Path) -> None:
    assert validation_faults((english / "report.pdf").read_bytes()) == []
