"""Analyses on the command line and in Python say what the chapter says."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import evaluation
from evaluation.cli import main
from evaluation.tables.analyses.make import KINDS
from evaluation.tables.analyses.request import KINDS as NAMES
from evaluation.tables.request import RequestError
from tests.report.test_wave_analyses import write


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return write(tmp_path_factory.mktemp("a") / "s")


def run(study, *arguments):
    return CliRunner().invoke(main, ["table", str(study), *arguments])


CHANGE = ("after.help", "--analysis", "change", "--set", "option=Ja", "--set", "since=before")


def test_every_analysis_has_a_name():
    assert set(NAMES) == set(KINDS)


def test_json_carries_figures_and_tests(study):
    found = json.loads(run(study, *CHANGE, "--format", "json").stdout)
    (row,) = found["rows"]
    assert [cell["value"] for cell in row["cells"][:4]] == [40.0, 5, pytest.approx(200 / 3), 6]
    (test,) = found["tests"]
    assert {"method", "statistic", "df", "p", "base_n", "warnings"} <= set(test)
    assert test["method"] == "overlap-z"


def test_text_and_csv(study):
    assert "66,7" in run(study, *CHANGE).stdout
    lines = run(study, *CHANGE, "--format", "csv").stdout.splitlines()
    assert lines[0] == "analysis,title,row,column,value,unit,status"
    assert len(lines) == 9


def test_an_analysis_of_a_survey_needs_no_question(study):
    assert "RR1" in run(study, "after", "--analysis", "rates").stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("after.help", "--analysis", "chang"), 1),
        (
            (
                "after.help",
                "--analysis",
                "change",
                "--set",
                "option=Kanske",
                "--set",
                "since=before",
            ),
            1,
        ),
        (("after.help", "--set", "option=Ja"), 2),
        ((*CHANGE, "--test", "fisher"), 2),
        (("after.help", "--analysis", "change", "--set", "option"), 2),
    ],
)
def test_what_is_wrong_is_said_and_the_exit_code_tells(study, arguments, code):
    result = run(study, *arguments)
    assert result.exit_code == code
    assert result.stderr
    assert not result.stdout


def test_python_gives_tidy_frames(study):
    view = evaluation.load_study(study)["after"].analysis(
        "change", "help", option="Ja", since="before"
    )
    frame = view.to_frame()
    assert list(frame.columns)[:4] == ["analysis", "title", "row", "column"]
    assert frame["value"].tolist()[:2] == [40.0, 5]
    assert view.tests_frame()["method"].tolist() == ["overlap-z"]
    assert "<table" in view._repr_html_()
    assert "26,7" in repr(view)


def test_python_refuses_unknown_settings(study):
    with pytest.raises(RequestError):
        evaluation.load_study(study)["after"].analysis("change", "help", options="Ja")


def test_a_test_can_be_named_in_the_singular(study):
    table = evaluation.load_study(study)["after"].table("help", by="trust", test="fisher")
    assert table.tests_frame()["method"].tolist() == ["fisher"]
