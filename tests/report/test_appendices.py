"""Appendices that a chapter includes with one call."""

from __future__ import annotations

from evaluation.pipeline.build import build_report
from evaluation.pipeline.load import load_study
from evaluation.report.model import (
    CrossReference,
    Emphasis,
    EntryList,
    ListBlock,
    Paragraph,
    Strong,
    TableBlock,
)
from tests.small_study import small_study

CHAPTER = """\
# Bilaga

{{ list_of_tables() }}

{{ list_of_figures() }}

## Frågor

{{ questionnaire("staff") }}

## Metod

{{ method() }}

## Tabeller

{{ all_tables("staff") }}
"""


def blocks_of(tmp_path):
    loaded, _ = load_study(small_study(tmp_path / "s", chapter=CHAPTER))
    built = build_report(loaded)
    assert built.problems == ()
    return built.value.report.blocks


def plain(block):
    return "".join(getattr(c, "text", "") or plain_children(c) for c in block.children)


def plain_children(inline):
    return "".join(c.text for c in inline.children) if isinstance(inline, Strong | Emphasis) else ""


def test_the_questionnaire_has_wording_options_and_filter(tmp_path):
    blocks = blocks_of(tmp_path)
    texts = [plain(b) for b in blocks if isinstance(b, Paragraph)]
    assert "2. Har du fått utbildning?" in texts
    assert "Frågan ställdes bara till den som har svarat ”Ja” på fråga 2." in texts
    assert "Flera svar kunde anges." in texts
    options = [[plain(i[0]) for i in b.items] for b in blocks if isinstance(b, ListBlock)]
    assert ["Ja", "Nej", "Vet inte"] in options


def test_every_question_gets_its_table_and_the_list_links_to_them(tmp_path):
    blocks = blocks_of(tmp_path)
    tables = [b for b in blocks if isinstance(b, TableBlock)]
    assert len(tables) == 5
    listed = next(b for b in blocks if isinstance(b, EntryList))
    links = [entry.children[0] for entry in listed.entries]
    assert all(isinstance(link, CrossReference) for link in links)
    assert [link.target for link in links] == [t.id for t in tables]
    assert links[0].text == f"Tabell 1. {tables[0].caption}"


def test_the_method_accounts_for_rows_and_rounding(tmp_path):
    texts = " ".join(plain(b) for b in blocks_of(tmp_path) if isinstance(b, Paragraph))
    assert "filen har 10 rader, och 10 svar ingår" in texts
    assert "avrundas uppåt från hälften" in texts
