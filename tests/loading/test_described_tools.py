"""A survey tool added by a short YAML file: the worked example of docs/exports.md, run as printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from evaluation.codebook.draft import draft_codebook
from evaluation.codebook.schema import QuestionType, Role
from evaluation.loading.read import read_export
from evaluation.loading.vocabulary import load_words
from tests.loading.files import codes
from tests.paths import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT = (REPOSITORY / "docs" / "exports.md").read_text(encoding="utf-8")


def example(name: str) -> str:
    """Return the code block of the document that follows the file name in bold."""
    match = re.search(rf"\*\*`{re.escape(name)}`\*\*\n\n```\w*\n(.*?)```", DOCUMENT, re.DOTALL)
    assert match is not None, name
    return match[1]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Return a study folder with the documented description and export."""
    for name in ("tools/fragvis.yaml", "data/svar.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(example(name), encoding="utf-8")
    return tmp_path


def test_the_documented_example_is_read_as_documented(study: Path) -> None:
    checked = read_export(study / "data/svar.csv")
    assert checked.value is not None
    assert checked.value.source.tool == "fragvis"
    drafted = draft_codebook(checked.value, load_words())
    by_text = {str(q.text): q for q in drafted.codebook.questions}
    several = by_text["Vilket stöd har du fått?"]
    assert several.type is QuestionType.MULTIPLE
    assert [str(o.label) for o in several.options] == ["Samtal", "Pengar"]
    assert several.missing == {"-1": "not_asked"}
    assert by_text["E-post"].role is Role.IDENTITY
    assert drafted.intake.test_if == 'col("Läge") == "Prov"'
    assert drafted.intake.complete_if == 'col("Läge") == "Inskickad"'


def test_a_fault_in_a_description_is_told_with_the_nearest_key(study: Path) -> None:
    path = study / "tools/fragvis.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("recognise:", "recognize:"), encoding="utf-8"
    )
    checked = read_export(study / "data/svar.csv")
    assert checked.value is None
    problem = next(p for p in checked.problems if p.code == "tool-key")
    assert (problem.value, problem.expected) == ("recognize", "recognise")


def test_a_description_that_is_no_yaml(study: Path) -> None:
    (study / "tools/fragvis.yaml").write_text("title: [", encoding="utf-8")
    assert "tool-unreadable" in codes(read_export(study / "data/svar.csv"))


def test_every_tool_is_in_the_document() -> None:
    names = {path.stem for path in (REPOSITORY / "templates/tools").glob("*.yaml")}
    assert not [name for name in sorted(names) if f"`{name}`" not in DOCUMENT]
