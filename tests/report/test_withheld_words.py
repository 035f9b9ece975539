"""What a report says where protection hides something: in sentences, under tables, of tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evaluation.pipeline.build import build_report
from evaluation.pipeline.load import load_study
from evaluation.report.lookup import _within
from evaluation.report.model import Paragraph, TableBlock, Text
from tests.small_study import CODEBOOK, UNSTATED, small_study

if TYPE_CHECKING:
    from pathlib import Path

    from evaluation.problems import Problem
    from evaluation.report.model import Report

DERIVED = CODEBOOK + (
    "  - {id: years_group, text: Erfarenhet, type: single, recode: years, bins: [0, 5],"
    " options: [Kort, Lång]}\n"
)


def built(folder: Path, chapter: str) -> tuple[Report, tuple[Problem, ...]]:
    study = load_study(small_study(folder, study=UNSTATED, codebook=DERIVED, chapter=chapter))[0]
    assert study is not None
    made = build_report(study)
    assert made.value is not None
    return made.value.report, made.problems


def tables(report: Report) -> list[TableBlock]:
    return [block for block in report.blocks if isinstance(block, TableBlock)]


def prose(report: Report) -> str:
    paragraphs = [block for block in report.blocks if isinstance(block, Paragraph)]
    return " ".join(c.text for p in paragraphs for c in p.children if isinstance(c, Text))


def told(problems: tuple[Problem, ...]) -> list[tuple[str, int]]:
    return [(p.severity.value, p.row) for p in problems if p.code == "withheld-in-text"]


def test_a_sentence_with_a_withheld_figure_is_told_with_its_line(tmp_path: Path) -> None:
    chapter = (
        '# A\n\nAv {{ answered("staff") }} svarade\n{{ n("staff.trained", "Vet inte") }} så.\n'
    )
    report, problems = built(tmp_path / "s", chapter)
    assert ".. så." in prose(report)
    assert told(problems) == [("warn", 4)]


def test_a_shown_figure_and_one_that_is_only_compared_are_not_told(tmp_path: Path) -> None:
    hidden = 'n("staff.trained", "Vet inte")'
    chapter = (
        f'# A\n\n{{{{ base("staff.trained") }}}} svarade.\n'
        f"{{% if {hidden} > 3 %}}Flera.{{% endif %}}\n"
        f"{{% if {hidden}.is_shown %}}Det är {{{{ {hidden} }}}}.{{% endif %}}\n"
    )
    report, problems = built(tmp_path / "s", chapter)
    assert "10 svarade." in prose(report)
    assert told(problems) == []


def test_item_nonresponse_is_of_what_was_asked_and_explains_its_symbol(tmp_path: Path) -> None:
    (table,) = tables(built(tmp_path / "s", '# A\n\n{{ nonresponse_table("staff") }}\n')[0])
    labels = [row.label for row in table.rows]
    assert "Antal år i yrket" in labels
    assert "Erfarenhet" not in labels
    assert any(cell.text == ".." for row in table.rows for cell in row.cells)
    assert table.notes == (
        "Tecknet .. betyder att uppgiften inte visas, för att ingen ska kunna kännas igen.",
    )


def test_a_withheld_test_is_not_said_to_be_unmade_and_not_counted(tmp_path: Path) -> None:
    chapter = '# A\n\n{{ table("staff.trained", by="gender", tests="fisher") }}\n\n{{ method() }}\n'
    report, _ = built(tmp_path / "s", chapter)
    (table,) = tables(report)
    said = "Resultatet av testet ({}) visas inte, eftersom tabellen har dolda uppgifter."
    assert table.tests == (said.format("Fishers exakta test"),)
    assert "Skillnader har prövats med Fishers exakta test." in prose(report)
    assert "inga statistiska test" not in prose(report)


def test_a_crosstab_has_a_caption_of_its_own(tmp_path: Path) -> None:
    chapter = (
        '# A\n\n{{ table("staff.trained") }}\n\n{{ table("staff.trained", by="gender") }}\n\n'
        '{{ table("staff.gender", by="trained") }}\n\n'
        '{{ table("staff.trained", by="gender", caption="Min egen") }}\n'
    )
    captions = [table.caption for table in tables(built(tmp_path / "s", chapter)[0])]
    assert captions == [
        "Har du fått utbildning?",
        "Har du fått utbildning? – efter kön",
        "Kön – efter svar på frågan Har du fått utbildning?",
        "Min egen",
    ]


@pytest.mark.parametrize(
    ("name", "within"),
    [
        ("Kön", "kön"),
        ("Typ av verksamhet", "typ av verksamhet"),
        ("MIA", "MIA"),
        ("Stockholms stadsdelar", "Stockholms stadsdelar"),
        ("2024 års enhet", "2024 års enhet"),
        ("", ""),
    ],
)
def test_a_name_within_a_sentence_keeps_the_capitals_that_are_its_own(
    name: str, within: str
) -> None:
    assert _within(name) == within
