"""A theme carries the running head, the numbering and the capitals; a study may say otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lxml import html as lxml_html

from evaluation.pipeline.build import build_report
from evaluation.pipeline.load import load_study
from evaluation.rendering.html import render_html
from evaluation.rendering.theme import load_theme
from evaluation.rendering.theme_check import check_theme_files
from evaluation.report.model import ChartBlock, Heading, TableBlock
from tests.small_study import STUDY, small_study

if TYPE_CHECKING:
    from pathlib import Path

    from evaluation.report.model import Report

THEME = """\
base: neutral
running_head: "{publisher} – {title}"
number_tables: false
uppercase_headings: [1]
"""


def report_of(tmp_path: Path, config: str = "", theme: str = THEME) -> Report:
    study = f"{STUDY}report: {{theme: own{config}}}\n"
    folder = small_study(tmp_path / "s", study=study)
    (folder / "themes" / "own").mkdir(parents=True)
    (folder / "themes" / "own" / "theme.yaml").write_text(theme, encoding="utf-8")
    loaded, problems = load_study(folder)
    assert loaded is not None
    assert not [p for p in problems if p.code.startswith("theme")]
    built = build_report(loaded).value
    assert built is not None
    page = render_html(built.report, load_theme("own", (folder / "themes",))).decode()
    assert lxml_html.fromstring(page).xpath("//h1")
    return built.report


def labels(report: Report) -> set[str]:
    numbered = (b for b in report.blocks if isinstance(b, TableBlock | ChartBlock))
    return {block.label for block in numbered}


def capitals(report: Report) -> set[int]:
    return {b.level for b in report.blocks if isinstance(b, Heading) and b.uppercase}


def test_the_theme_is_followed(tmp_path: Path) -> None:
    report = report_of(tmp_path)
    assert report.meta.running_head == "Provmyndigheten – En liten studie"
    assert labels(report) == {""}
    assert capitals(report) == {1}


def test_what_the_study_says_stands(tmp_path: Path) -> None:
    config = ', running_head: "{Eget}", number_tables: true, uppercase_headings: []'
    report = report_of(tmp_path, config)
    assert report.meta.running_head == "{Eget}"
    assert labels(report) >= {"Tabell 1", "Figur 1"}
    assert capitals(report) == set()


def test_where_neither_says_anything_the_product_has_its_own(tmp_path: Path) -> None:
    report = report_of(tmp_path, theme="base: neutral\n")
    assert report.meta.running_head == "Provmyndigheten  |  Rapport 2026:1"
    assert labels(report) >= {"Tabell 1", "Figur 1"}
    assert capitals(report) == set()


def test_a_part_that_is_empty_leaves_no_line_behind(tmp_path: Path) -> None:
    report = report_of(tmp_path, theme='base: neutral\nrunning_head: "{title} | {publisher} |"\n')
    assert report.meta.running_head == "En liten studie | Provmyndigheten"


@pytest.mark.parametrize(
    "line",
    [
        'running_head: "{author}"',
        'running_head: "{title"',
        'running_head: "{title.__class__}"',
        "running_head: 3",
        "number_tables: ja",
        "uppercase_headings: 1",
        "uppercase_headings: [0]",
        "uppercase_headings: [en]",
    ],
)
def test_what_cannot_be_followed_is_told_with_its_key(tmp_path: Path, line: str) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "theme.yaml").write_text(f"base: neutral\n{line}\n", encoding="utf-8")
    (problem,) = check_theme_files("own", (tmp_path,))
    assert (problem.code, problem.column) == ("theme-form", line.partition(":")[0])
