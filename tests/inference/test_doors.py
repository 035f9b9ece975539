"""A study through the three doors (command line, chapter, Python) against R, to seven digits.

``doors.R`` computed ``doors.csv`` from ``data/staff.csv`` (invented answers): R version 4.2.2 Patched
(2022-11-10 r83330), survey 4.1.1.
"""

from __future__ import annotations

import csv
import json
import shutil
from functools import cache

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats

import evaluation
from evaluation.cli import main
from evaluation.inference.raoscott import rao_scott
from evaluation.pipeline.load import load_study
from evaluation.pipeline.sampling import design_for, sample_for
from evaluation.pipeline.tabulate import tabulate
from evaluation.tables.design_limits import effective_sizes
from evaluation.tables.spec import TableSpec
from tests.inference.reference import HERE, agrees
from tests.small_study import OPEN

CODEBOOK = """\
title: Personal
questions:
  - {id: unit, text: unit, type: single, role: unit, options: [UNITS]}
  - {id: region, text: region, type: single, options: {n: north, s: south, e: east}}
  - {id: npop, text: npop, type: number}
  - {id: w, text: w, type: number, role: weight}
  - {id: kon, text: kon, type: single, options: {k: kvinna, m: man}}
  - {id: grupp, text: grupp, type: single, ordered: true, options: {a: a, b: b, c: c}}
  - {id: ja, text: ja, type: single, options: {1: ja, 2: nej}}
  - {id: efter, text: efter, type: single, options: {1: ja, 2: nej}}
  - id: svar
    text: svar
    type: single
    ordered: true
    options:
      - {code: 1, label: "1"}
      - {code: 2, label: "2"}
      - {code: 3, label: "3"}
      - {code: 4, label: "4"}
      - {code: 9, label: "9", off_scale: true}
    nets: {Instämmer: [1, 2]}
  - {id: poang, text: poang, type: number}
  - {id: vag, text: vag, type: single, role: wave, options: [2022, 2024]}
"""
DESIGNS = {
    "plain": "{}",
    "finite": "{population: 201}",
    "weights": "{weight: w}",
    "strata": "{weight: w, strata: region}",
    "cluster": "{weight: w, strata: region, cluster: unit}",
    "fpc": "{weight: w, strata: region, cluster: unit, fpc: npop}",
}
SHARES = {"logit": "logit", "korn-graubard": "beta", "mean": "mean", "asin": "asin"}
MODEL_DF = {"weights": 137, "strata": 135, "cluster": 9, "fpc": 9}
"""``degf + 1 - 4``: 141 respondents, or 15 clusters in 3 strata; four coefficients."""
COMPLEX = ("weights", "strata", "cluster", "fpc")


@cache
def values():
    lines = (HERE / "doors.csv").read_text(encoding="utf-8").splitlines()
    found = {}
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        found.setdefault((row["case"], row["what"].partition("[")[0]), []).append(
            float(row["value"])
        )
    return found


def r(case, what):
    return np.array(values()[case, what])


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """One study folder for each design."""
    root = tmp_path_factory.mktemp("doors")
    text = (HERE / "data" / "staff.csv").read_text(encoding="utf-8")
    units = sorted({line.split(",")[0] for line in text.splitlines()[1:]})
    for name, design in DESIGNS.items():
        folder = root / name
        folder.mkdir()
        shutil.copy(HERE / "data" / "staff.csv", folder / "staff.csv")
        (folder / "staff.yaml").write_text(CODEBOOK.replace("UNITS", ", ".join(units)))
        study = "title: T\npublisher: P\nyear: 2026\n" + OPEN
        study += "surveys:\n  staff: {data: staff.csv, design: "
        (folder / "study.yaml").write_text(f"{study}{design}}}\n")
    return root


@pytest.fixture(scope="module")
def studies(folders):
    return {name: evaluation.load_study(folders / name) for name in DESIGNS}


def command(folder, *arguments):
    result = CliRunner().invoke(main, ["table", str(folder), *arguments])
    assert result.exit_code == 0, result.stderr
    return result.stdout


def limits(frame, row, column="total"):
    """Limits of one cell, as shares."""
    cell = frame[(frame.row_code == row) & (frame.col_code == column)].iloc[0]
    return cell.ci_low / 100, cell.ci_high / 100


@pytest.mark.parametrize("method", SHARES)
@pytest.mark.parametrize("design", COMPLEX)
def test_intervals_by_design_are_svyciprops(studies, design, method):
    frame = studies[design].table("staff.ja", by="kon", ci=method, decimals=2, raw=True).to_frame()
    for code, name in (("k", "kvinna"), ("m", "man")):
        assert agrees(limits(frame, "1", code), r(design, f"{SHARES[method]}_{name}"))


@pytest.mark.parametrize("design", COMPLEX)
def test_intervals_of_nets_are_by_design_too(studies, design):
    frame = studies[design].table("staff.svar", by="kon", ci="logit", raw=True).to_frame()
    for code, name in (("k", "kvinna"), ("m", "man")):
        assert agrees(limits(frame, "net:1+2", code), r(design, f"net_{name}"))


@pytest.mark.parametrize("design", COMPLEX)
@pytest.mark.parametrize("test", ["rao-scott", "pearson"])
def test_weighted_crosstabs_are_tested_by_rao_and_scott(folders, design, test):
    found = json.loads(
        command(folders / design, "staff.ja", "--by", "grupp", "--test", test, "--format", "json")
    )
    (one,) = found["tests"]
    assert one["method"] == "rao-scott"
    assert agrees([one["statistic"], one["df"], one["df2"], one["p"]], r(design, "rs"))


@pytest.mark.parametrize("method", ["logit", "korn-graubard", "mean", "asin", "wilson"])
def test_a_finite_population(studies, method):
    view = studies["finite"].table("staff.ja", ci=method)
    assert agrees(limits(view.to_frame(), "1"), r("finite", SHARES.get(method, method)))
    assert "201 tillfrågade personer" in repr(view)


def test_a_finite_population_by_clopper_and_pearson(studies):
    frame = studies["finite"].table("staff.ja", ci="clopper-pearson").to_frame()
    assert agrees(limits(frame, "1"), r("finite", "cp"))


@pytest.mark.parametrize(
    ("method", "key"),
    [("wilson", "wilson"), ("clopper-pearson", "cp"), ("jeffreys", "jeffreys"), ("agresti-coull", "ac")],
)  # fmt: skip
def test_plain_intervals(folders, method, key):
    found = json.loads(
        command(folders / "plain", "staff.ja", "--by", "kon", "--ci", method, "--format", "json")
    )
    for code, name in (("k", "kvinna"), ("m", "man")):
        cell = next(c for c in found["cells"] if (c["row_code"], c["col_code"]) == ("1", code))
        assert cell["interval"] == method
        assert agrees([cell["ci_low"] / 100, cell["ci_high"] / 100], r("plain", f"{key}_{name}"))


def made(study, question, by, test):
    (row,) = study.table(question, by=by, test=test).tests_frame().to_dict("records")
    return row


def test_plain_crosstabs(studies):
    study = studies["plain"]
    found = made(study, "staff.svar", "grupp", "pearson")
    assert agrees([found["statistic"], found["df"], found["p"]], r("plain", "pearson"))
    assert found["warnings"] == ["expected-below-5"]
    found = made(study, "staff.ja", "kon", "pearson")
    assert agrees([found["statistic"], found["p"]], r("plain", "pearson2"))
    assert agrees(made(study, "staff.svar", "grupp", "fisher")["p"], r("plain", "fisher"))
    assert agrees(made(study, "staff.ja", "kon", "fisher")["p"], r("plain", "fisher2"))
    assert agrees(made(study, "staff.svar", "grupp", "lr")["statistic"], r("plain", "lr"))
    assert agrees(made(study, "staff.ja", "efter", "mcnemar")["p"], r("plain", "mcnemar"))


def test_tests_by_order_leave_out_what_is_no_step(studies):
    study = studies["plain"]
    found = made(study, "staff.svar", "grupp", "trend")
    assert agrees([found["statistic"], found["p"]], r("plain", "trend"))
    found = made(study, "staff.svar", "grupp", "kruskal")
    assert agrees([found["statistic"], found["p"]], r("plain", "kruskal"))
    found = made(study, "staff.svar", "kon", "mann-whitney")
    assert agrees([found["statistic"], found["p"]], r("plain", "w"))
    assert found["warnings"] == []
    assert "not-ordered" in made(study, "staff.ja", "kon", "trend")["warnings"]


def test_a_test_that_takes_no_account_of_weights_says_so(studies):
    found = made(studies["weights"], "staff.svar", "grupp", "fisher")
    assert found["warnings"] == ["design-ignored"]
    text = repr(studies["weights"].table("staff.svar", by="grupp", test="fisher"))
    assert "tar ingen hänsyn till vikter" in " ".join(text.split())


@pytest.mark.parametrize("design", COMPLEX)
def test_change_between_waves_by_design(studies, design):
    view = studies[design].analysis("change", "staff.ja", option="ja", by="vag")
    frame = view.to_frame().set_index("column")["value"]
    gain, error, p = r(design, "change")
    assert agrees(frame["Skillnad, procentenheter"] / 100, gain)
    assert agrees(view.tests_frame().loc[0, "statistic"], gain / error)
    assert agrees(frame["p-värde"], p)


def test_change_of_a_mean_is_welchs(studies):
    view = studies["plain"].analysis("mean_change", "staff.poang", by="vag")
    found = view.to_frame()["value"].tolist()[4:]
    assert agrees(found, r("plain", "welch"))


@pytest.mark.parametrize("design", [*COMPLEX, "plain"])
def test_models(studies, design):
    view = studies[design].analysis("model", "staff.ja", "staff.kon", "staff.grupp", option="ja")
    frame = view.to_frame()
    ratios = frame[frame.column == "Oddskvot"]["value"].tolist()
    wanted = r(design, "glm")
    assert agrees(np.log([ratios[1], ratios[3], ratios[4]]), wanted[1:4])
    lows = frame[frame.column == "Nedre gräns"]["value"].to_numpy()[[1, 3, 4]]
    quantile = stats.norm.ppf(0.975) if design == "plain" else stats.t.ppf(0.975, MODEL_DF[design])
    half = (np.log([ratios[1], ratios[3], ratios[4]]) - np.log(lows)) / quantile
    assert agrees(half, wanted[5:])


def test_cluster_robust_errors(studies):
    view = studies["plain"].analysis(
        "model", "staff.ja", "kon", "grupp", option="ja", cluster="unit"
    )
    frame = view.to_frame()
    ratios = frame[frame.column == "Oddskvot"]["value"].to_numpy()[[1, 3, 4]]
    lows = frame[frame.column == "Nedre gräns"]["value"].to_numpy()[[1, 3, 4]]
    half = (np.log(ratios) - np.log(lows)) / stats.t.ppf(0.975, 15 - 4)
    assert agrees(half, r("plain", "glm_cluster")[1:])


MARGINS = {
    "rake": ("raked", ("kon", "grupp")),
    "poststratify": ("posted", ("kon",)),
    "calibrate": ("cal", ("kon", "grupp")),
}
TOTALS = {"kon": {"kvinna": 600, "man": 900}, "grupp": {"a": 500, "b": 600, "c": 400}}


@pytest.mark.parametrize("method", MARGINS)
def test_weights_from_the_command_line(folders, tmp_path, method):
    case, variables = MARGINS[method]
    lines = ["variable,category,total"]
    lines += [f"{v},{category},{n}" for v in variables for category, n in TOTALS[v].items()]
    margins = tmp_path / "margins.csv"
    margins.write_text("\n".join(lines) + "\n", encoding="utf-8")
    out = tmp_path / "weights.csv"
    arguments = ["weight", str(folders / "plain"), "staff", "--to", str(margins)]
    result = CliRunner().invoke(main, [*arguments, "--method", method, "--out", str(out)])
    assert result.exit_code == 0, result.stderr
    with out.open(encoding="utf-8", newline="") as file:
        weights = [float(row["weight"]) for row in csv.DictReader(file)]
    with (HERE / "data" / "staff.csv").open(encoding="utf-8", newline="") as file:
        men = sum(row["kon"] == "man" for row in csv.DictReader(file))
    assert agrees(np.array(weights)[[0, 1, 2, 9, 49, men - 1]], r(case, "weights"))


def test_weighted_tables_show_the_three_bases_side_by_side(studies):
    text = repr(studies["weights"].table("staff.ja", by="kon"))
    assert "Vägt n" in text
    assert "Effektiv bas" in text
    view = studies["weights"].table("staff.ja", by="grupp", ci="logit")
    lines = {line.split("  ")[0]: line.split() for line in repr(view).splitlines()}
    assert {"Antal svarande, ovägt", "Antal svarande, vägt", "Effektiv bas"} <= set(lines)
    with (HERE / "data" / "staff.csv").open(encoding="utf-8", newline="") as file:
        w = np.array([float(row["w"]) for row in csv.DictReader(file)])
    kish = f"{w.sum() ** 2 / (w**2).sum():.1f}".replace(".", ",")
    assert kish in lines["Effektiv bas"]


def test_every_proportion_has_an_interval_in_frames_and_csv(studies, folders):
    frame = studies["plain"].table("staff.ja", by="kon").to_frame()
    assert agrees(limits(frame, "1", "k"), r("plain", "wilson_kvinna"))
    assert "konfidensintervall" not in repr(studies["plain"].table("staff.ja", by="kon"))
    frame = studies["cluster"].table("staff.ja", by="kon", raw=True).to_frame()
    assert agrees(limits(frame, "1", "k"), r("cluster", "logit_kvinna"))
    none = studies["plain"].table("staff.ja", ci="none").to_frame()
    assert none.ci_low.isna().all()


@pytest.mark.parametrize("method", ["logit", "korn-graubard"])
@pytest.mark.parametrize("design", COMPLEX)
def test_percents_of_rows_and_of_the_total_have_intervals_by_design(studies, design, method):
    study, name = studies[design], SHARES[method]
    frame = study.table("staff.ja", by="kon", percents="row", ci=method, raw=True).to_frame()
    assert agrees(limits(frame, "1", "k"), r(design, f"row_{name}"))
    assert agrees(limits(frame, "total", "k"), r(design, f"rowtotal_{name}"))
    assert np.isnan(limits(frame, "1", "total")).all(), "100 percent by construction"
    frame = study.table("staff.svar", by="kon", percents="row", ci=method, raw=True).to_frame()
    assert agrees(limits(frame, "net:1+2", "k"), r(design, f"rownet_{name}"))
    frame = study.table("staff.ja", by="kon", percents="total", ci=method, raw=True).to_frame()
    assert agrees(limits(frame, "1", "k"), r(design, f"total_{name}"))
    assert agrees(limits(frame, "1"), r(design, f"totalmargin_{name}"))
    assert np.isnan(limits(frame, "total")).all()


@pytest.mark.parametrize("design", COMPLEX)
def test_scales_by_design_are_svymeans(studies, design):
    found = studies[design].analysis("scales", "staff.svar").to_frame().set_index("column")["value"]
    mean = found[["Medelvärde", "Nedre gräns", "Övre gräns"]]
    assert agrees(mean, r(design, "scale_mean"))
    shares = found[["Två översta, procent", "Två nedersta, procent"]] / 100
    assert agrees(shares, r(design, "scale_top"))
    assert agrees(found["Median"], r(design, "scale_median"))


@pytest.mark.parametrize("design", COMPLEX)
def test_an_index_by_design(indexes, design):
    frame = indexes[design].analysis("index", "staff.svar", "ja", "efter", by="grupp").to_frame()
    names = [
        "Medelvärde",
        "Standardavvikelse",
        "Nedre gräns",
        "Övre gräns",
    ]
    for group in "abc":
        own = frame[frame.row == group].set_index("column")["value"]
        assert agrees(own[names], r(design, f"index_{group}"))


@pytest.mark.parametrize("design", COMPLEX)
def test_alpha_by_design_is_svycralpha(indexes, design):
    view = indexes[design].analysis("index", "staff.svar", "ja", "efter")
    alpha = f"{r(design, 'alpha')[0]:.2f}".replace(".", ",")
    assert f"alfa, är {alpha}" in " ".join(repr(view).split())


@pytest.fixture(scope="module")
def indexes(folders, tmp_path_factory):
    """The studies with a declared score for two yes/no questions: 4 and 1."""
    root = tmp_path_factory.mktemp("indexes")
    found = {}
    for name in COMPLEX:
        shutil.copytree(folders / name, root / name)
        book = root / name / "staff.yaml"
        options = "ordered: true, options: [{code: 1, label: ja, score: 4}, {code: 2, label: nej, score: 1}]"
        book.write_text(book.read_text().replace("options: {1: ja, 2: nej}", options))
        found[name] = evaluation.load_study(root / name)
    return found


@pytest.mark.parametrize("design", COMPLEX)
def test_what_a_share_is_worth_by_design_is_rs(folders, design):
    """Letters rest on ``p (1 - p) / SE(svyby)²`` where there are strata or clusters."""
    study, _ = load_study(folders / design)
    spec = TableSpec("staff", "ja", by=("grupp",), weight="w")
    (table,) = tabulate(study, [spec])
    declared = study.folder.study.surveys["staff"].design
    data = study.coded["staff"]
    sample = sample_for(spec, data, declared, np.ones(data.n, dtype=bool))
    assert agrees(effective_sizes(table, sample)[0, :3], r(design, "sizes"))


FIRST_FOUR = ("wilson", "clopper-pearson", "jeffreys", "agresti-coull")


def edges(study, method):
    """Limits of all, and of none, among those who answered yes."""
    frame = study.table("staff.ja", where='ja == "1"', ci=method, raw=True).to_frame()
    return limits(frame, "1"), limits(frame, "2")


@pytest.mark.parametrize("method", [*FIRST_FOUR, *SHARES])
@pytest.mark.parametrize("design", ["plain", "finite"])
def test_none_and_all_have_the_limits_of_rs_exact_tests(studies, design, method):
    everyone, nobody = edges(studies[design], method)
    wanted = r("edge", f"{method if method in FIRST_FOUR else 'clopper-pearson'}_{design}")
    assert agrees(nobody, wanted)
    assert agrees(everyone, 1 - wanted[::-1])


@pytest.mark.parametrize("method", [*FIRST_FOUR, *SHARES])
@pytest.mark.parametrize("design", COMPLEX)
def test_none_and_all_by_design_rest_on_the_respondents(studies, design, method):
    """svyciprop gives NaN or no width here: the variance is 0 though not everybody was asked."""
    everyone, nobody = edges(studies[design], method)
    wanted = r("edge", f"{method if method in FIRST_FOUR else 'clopper-pearson'}_plain")
    assert agrees(nobody, wanted)
    assert agrees(everyone, 1 - wanted[::-1])


@pytest.mark.parametrize("design", COMPLEX)
def test_rao_and_scotts_first_order(folders, design):
    study, _ = load_study(folders / design)
    data = study.coded["staff"]
    declared = study.folder.study.surveys["staff"].design
    found = rao_scott(
        design_for("w", data, declared),
        data.variables["ja"].codes,
        data.variables["grupp"].codes,
        statistic="Chisq",
    )
    assert agrees([found.statistic, found.p], r(design, "rs_chisq"))


def margins_file(folder, totals):
    lines = ["variable,category,total"]
    lines += [f"{v},{category},{n}" for v in totals for category, n in totals[v].items()]
    path = folder / "margins.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_weights_that_are_cut_share_what_is_cut_off(folders, tmp_path):
    out = tmp_path / "weights.csv"
    margins = margins_file(tmp_path, TOTALS)
    arguments = ["weight", str(folders / "plain"), "staff", "--to", str(margins), "--limit", "1.5"]
    result = CliRunner().invoke(main, [*arguments, "--out", str(out)])
    assert result.exit_code == 0, result.stderr
    with out.open(encoding="utf-8", newline="") as file:
        weights = np.array([float(row["weight"]) for row in csv.DictReader(file)])
    with (HERE / "data" / "staff.csv").open(encoding="utf-8", newline="") as file:
        men = sum(row["kon"] == "man" for row in csv.DictReader(file))
    assert agrees(weights[[0, 1, 2, 9, 49, men - 1]], r("trimmed", "weights"))
    assert weights.sum() == pytest.approx(1500)
    said = " ".join((result.stdout + result.stderr).split())
    assert "största 1,50 gånger medelvikten" in said
    assert "Antal varv: " in said
    gaps = []
    with (HERE / "data" / "staff.csv").open(encoding="utf-8", newline="") as file:
        answers = list(csv.DictReader(file))
    for name, totals in TOTALS.items():
        for category, total in totals.items():
            own = [w for w, row in zip(weights, answers, strict=True) if row[name] == category]
            gaps.append(abs(100 * sum(own) / 1500 - 100 * total / 1500))
    assert max(gaps) > 1, "cut weights no longer reach the totals"
    assert f"avviker som mest {max(gaps):.1f}".replace(".", ",") in said


def test_a_margin_without_respondents_is_told_with_its_mend(folders, tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(folders / "plain", folder)
    book = folder / "staff.yaml"
    book.write_text(book.read_text().replace("m: man}", "m: man, x: annat}"))
    margins = margins_file(tmp_path, {"kon": {"kvinna": 600, "man": 900, "annat": 30}})
    out = tmp_path / "weights.csv"
    arguments = ["weight", str(folder), "staff", "--to", str(margins), "--out", str(out)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "weights-margin-without-respondents" in result.stderr
    said = " ".join(result.stderr.split())
    assert "annat" in said
    assert "Slå ihop kategorin" in said
    assert not out.exists()
