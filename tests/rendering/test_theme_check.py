"""A theme that cannot be used is told with its place, never a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from evaluation.cli import main
from evaluation.rendering.theme_check import check_theme_files
from tests.small_study import STUDY, small_study

if TYPE_CHECKING:
    from pathlib import Path


def theme(root: Path, text: str, name: str = "own") -> tuple[Path, ...]:
    (root / name).mkdir(parents=True)
    (root / name / "theme.yaml").write_text(text, encoding="utf-8")
    return (root,)


@pytest.mark.parametrize("name", ["neutral", "agency-example"])
def test_our_own_themes_are_whole(name: str) -> None:
    assert check_theme_files(name) == ()


def test_a_theme_that_does_not_exist_is_named_with_those_that_do() -> None:
    (problem,) = check_theme_files("nuetral")
    assert (problem.code, problem.file, problem.value) == (
        "theme-missing", "study.yaml", "nuetral",
    )  # fmt: skip
    assert "neutral" in problem.expected


def test_a_base_that_does_not_exist_is_told_where_it_is_named(tmp_path: Path) -> None:
    (problem,) = check_theme_files("own", theme(tmp_path, "base: nothing\n"))
    assert (problem.code, problem.file) == ("theme-missing", "own/theme.yaml")


def test_what_is_no_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    (problem,) = check_theme_files("own", theme(tmp_path, 'base: neutral\nprimary: "#112233\n'))
    assert problem.code == "theme-unreadable"
    assert problem.row >= 2


def test_a_misspelt_key_a_wrong_value_and_a_lost_file_are_all_told(tmp_path: Path) -> None:
    text = 'base: neutral\nprimry: "#112233"\ncategorical: "#112233"\nlogo: gone.svg\n'
    found = check_theme_files("own", theme(tmp_path, text))
    assert {(p.code, p.column, p.expected) for p in found} == {
        ("theme-key", "primry", "primary"),
        ("theme-form", "categorical", ""),
        ("theme-file", "logo", ""),
    }


def test_a_colour_without_quotes_is_a_comment_and_told(tmp_path: Path) -> None:
    (problem,) = check_theme_files("own", theme(tmp_path, "base: neutral\nprimary: #112233\n"))
    assert (problem.code, problem.column) == ("theme-form", "primary")


@pytest.mark.parametrize("command", ["check", "report"])
def test_a_study_with_a_lost_theme_stops_with_the_place(command: str, tmp_path: Path) -> None:
    study = small_study(tmp_path / "s", study=STUDY + "\nreport: {theme: nothing}\n")
    result = CliRunner().invoke(main, [command, str(study)])
    assert result.exit_code == 1
    assert "nothing" in result.output
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)


def test_a_pale_theme_is_told_by_check_with_its_ratio_and_a_colour(tmp_path: Path) -> None:
    study = small_study(tmp_path / "s", study=STUDY + "\nreport: {theme: own}\n")
    theme(study / "themes", 'base: neutral\nlink: "#9fc5e8"\n')
    result = CliRunner().invoke(main, ["check", str(study)])
    assert "link #9fc5e8 / background #ffffff: 1,8 < 4,5" in result.output
