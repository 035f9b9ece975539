"""Weights made from margins meet them, and tables use them."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner

from evaluation.cli import main
from tests.small_study import STUDY, small_study

MARGINS = "variable,category,total\ngender,Kvinna,50\ngender,m,50\n"


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


@pytest.fixture
def margins(tmp_path):
    file = tmp_path / "margins.csv"
    file.write_text(MARGINS, encoding="utf-8")
    return file


@pytest.mark.parametrize("method", ["rake", "poststratify", "calibrate"])
def test_weighted_shares_equal_the_margins(tmp_path, margins, method):
    study = small_study(tmp_path / "s")
    out = study / "weights.csv"
    result = run("weight", study, "staff", "--to", margins, "--method", method, "--out", out)
    assert result.exit_code == 0
    assert "Effektiv bas" in result.stdout
    config = STUDY.replace(
        "    design: {population: 20}", "    weights: weights.csv\n    design: {population: 20}"
    )
    (study / "study.yaml").write_text(config, encoding="utf-8")
    table = run("table", study, "staff.gender", "--format", "csv", "--ci", "logit")
    rows = {r["row_code"]: r for r in csv.DictReader(io.StringIO(table.stdout))}
    assert float(rows["w"]["percent"]) == pytest.approx(50)
    assert rows["w"]["n"] == "6"
    assert float(rows["w"]["wn"]) == pytest.approx(50)


def test_a_category_without_respondents_is_a_problem_with_its_mend(tmp_path):
    study = small_study(tmp_path / "s")
    margins = tmp_path / "margins.csv"
    margins.write_text("variable;category;total\nuseful;1;5\nuseful;4;7\n", encoding="utf-8")
    result = run("weight", study, "staff", "--to", margins, "--out", tmp_path / "w.csv")
    assert result.exit_code == 1
    assert "margins.csv" in result.stderr
    assert not (tmp_path / "w.csv").exists()


def test_every_fault_of_the_margins_is_named_with_its_row(tmp_path):
    study = small_study(tmp_path / "s")
    margins = tmp_path / "margins.csv"
    margins.write_text(
        "variable,category,total\ngender,Kvinna,x\nnothing,1,2\ngender,Annat,3\n", encoding="utf-8"
    )
    result = run("weight", study, "staff", "--to", margins, "--out", tmp_path / "w.csv")
    assert result.exit_code == 1
    for row in ("2", "3", "4"):
        assert row in result.stderr


def test_weights_for_other_answers_are_refused(tmp_path, margins):
    study = small_study(tmp_path / "s")
    (study / "weights.csv").write_text("file,row,weight\nx,2,1\n", encoding="utf-8")
    (study / "study.yaml").write_text(
        STUDY.replace("    design:", "    weights: weights.csv\n    design:"), encoding="utf-8"
    )
    result = run("table", study, "staff.gender", "--format", "json")
    assert result.exit_code == 1
    assert "vikt" in result.stderr
    with pytest.raises(json.JSONDecodeError):
        json.loads(result.stdout)


def test_a_stratum_with_one_cluster_is_told_by_check(tmp_path):
    study = small_study(tmp_path / "s")
    sound = STUDY.replace("design: {population: 20}", "design: {population: 20, strata: gender}")
    (study / "study.yaml").write_text(sound, encoding="utf-8")
    assert "kluster" not in run("check", study).stderr
    lonely = sound.replace("strata: gender", "strata: gender, cluster: gender")
    (study / "study.yaml").write_text(lonely, encoding="utf-8")
    told = run("check", study)
    assert told.exit_code == 0
    assert "Minst ett stratum i gender har bara ett kluster" in told.stdout + told.stderr
