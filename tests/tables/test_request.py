"""What a table may be weighted by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evaluation import load_study
from evaluation.pipeline.single import single_table

if TYPE_CHECKING:
    from pathlib import Path

STUDY = """title: T
publisher: P
year: 2024
language: en
surveys:
  a:
    title: A
    data: data/a.csv
    design: {weight: vikt}
"""
CODEBOOK = """title: A
questions:
  - {id: sex, text: Sex, type: single, options: [{code: m, label: m}, {code: w, label: w}]}
  - {id: vikt, text: vikt, type: number, role: weight}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study of four respondents with a weight."""
    (tmp_path / "data").mkdir()
    (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
    (tmp_path / "a.yaml").write_text(CODEBOOK, encoding="utf-8")
    (tmp_path / "data/a.csv").write_text("sex,vikt\nm,2\nm,1\nw,1\nw,0.5\n", encoding="utf-8")
    return tmp_path


def asked(folder: Path, question: str, weight: str | None) -> tuple[str | None, list[str]]:
    loaded = load_study(folder).loaded
    request = {"weight": weight}
    result = single_table(loaded, question, form="csv", raw=True, request=request)
    return result.value, [p.code for p in result.problems]


def test_the_surveys_own_weight_is_shown_without_being_weighted_by_itself(folder: Path) -> None:
    value, problems = asked(folder, "a.vikt", None)
    assert problems == []
    assert value is not None
    assert "a.vikt,vikt,a,vikt,vikt,1,1,,total,Total,,,2,2,50," in value


def test_a_weight_is_a_number_and_not_what_is_counted(folder: Path) -> None:
    assert asked(folder, "a.vikt", "vikt")[1] == ["weight-of-itself"]
    assert asked(folder, "a.vikt", "sex")[1] == ["weight-no-number"]
