"""A table that is put in changes every reference to those after it; a wrong one has its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import html

from evaluation.pipeline.build import build_report
from evaluation.pipeline.load import load_study
from evaluation.rendering.html import render_html
from evaluation.rendering.theme import load_theme
from tests.small_study import small_study

if TYPE_CHECKING:
    from pathlib import Path

CHAPTER = """\
# Svar

Se {{ ref("tab-b") }} och {{ ref("tab-a") }}.

{{ table("staff.trained", id="tab-a") }}

{{ table("staff.contacts", id="tab-b") }}

Som {{ ref("tab-b") }} visar.
"""
PUT_IN = CHAPTER.replace("{{ table(", '{{ table("staff.gender", id="tab-c") }}\n\n{{ table(', 1)


def numbers(folder: Path) -> list[str]:
    """Numbers of the tables as the text refers to them; each leads to the table so numbered."""
    study, _ = load_study(folder)
    assert study is not None
    built = build_report(study).value
    assert built is not None
    page = html.fromstring(render_html(built.report, load_theme("neutral")).decode())
    links = page.xpath("//main//p//a[starts-with(@href, '#tab-')]")
    for link in links:
        (table,) = page.xpath(f"//*[@id='{link.get('href')[1:]}']")
        assert re.search(rf"Tabell {link.text.split()[-1]}\b", table.text_content())
    return [link.text_content() for link in links]


def test_every_reference_follows(tmp_path: Path) -> None:
    before = numbers(small_study(tmp_path / "before", chapter=CHAPTER))
    after = numbers(small_study(tmp_path / "after", chapter=PUT_IN))
    assert before == ["tabell 2", "tabell 1", "tabell 2"]
    assert after == ["tabell 3", "tabell 2", "tabell 3"]


def test_a_wrong_reference_is_told_with_file_and_key(tmp_path: Path) -> None:
    folder = small_study(tmp_path / "s", chapter=CHAPTER.replace("tab-a", "tab-x", 1))
    study, _ = load_study(folder)
    assert study is not None
    (problem,) = [p for p in build_report(study).problems if p.code == "unknown-reference"]
    assert (problem.file, problem.row, problem.value) == ("chapters/1.md", 3, "tab-x")
