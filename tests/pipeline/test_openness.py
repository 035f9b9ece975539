"""A study that says nothing is protected; one that hides nothing says why, or shows no units."""

from __future__ import annotations

import csv

import pytest
from click.testing import CliRunner

from evaluation.cli import main
from tests.small_study import OPEN, UNSTATED, small_study

BARE = "protection: {method: none}\n"
UNIT = "    data: data/staff.csv\n"


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


def study(folder, said):
    declared = UNSTATED.replace(UNIT, f"{UNIT}    unit: gender\n") + said
    return small_study(folder / "s", study=declared)


def small_counts(out):
    """Return the counts of one to four that are printed about an answer."""
    rows = csv.DictReader((out / "tables.csv").read_text("utf-8").splitlines())
    return [r["n"] for r in rows if r["question"] == "trained" and r["n"] in ("1", "2", "3", "4")]


@pytest.mark.parametrize(
    ("said", "shown", "code"),
    [
        ("", False, "protection-not-stated"),
        ("protection: {minimum_base: 1}\n", False, ""),
        (BARE, True, "protection-none-without-reason"),
        (OPEN, True, ""),
        ("protection: {reason: Påhittade.}\n", False, "protection-reason-unused"),
    ],
)
def test_only_a_study_that_says_so_is_open(tmp_path, said, shown, code):
    made, out = study(tmp_path, said), tmp_path / "out"
    for command in (("check", made), ("report", made, "--to", "csv", "--out", out)):
        result = run(*command)
        assert result.exit_code == 0, result.output
        assert ("protection-" in result.stderr, code in result.stderr) == (bool(code), True)
    assert bool(small_counts(out)) == shown


@pytest.mark.parametrize(
    "command",
    [("report", "--each-unit"), ("report", "--unit", "Man"), ("compare", "--by", "staff.gender")],
)
@pytest.mark.parametrize(("said", "refused"), [("", False), (BARE, True), (OPEN, False)])
def test_units_are_not_shown_open_without_a_reason(tmp_path, command, said, refused):
    name, *options = command
    out = tmp_path / "out"
    result = run(name, study(tmp_path, said), *options, "--out", out)
    assert result.exit_code == int(refused), result.output
    assert ("units-unprotected" in result.stderr) == refused
    if refused:
        assert "protection.reason" in result.stderr
        assert not out.exists()


def test_the_reason_is_printed_with_the_method(tmp_path):
    made = study(tmp_path, OPEN)
    (made / "chapters" / "2.md").write_text("# Metod\n\n{{ method() }}\n", encoding="utf-8")
    assert run("report", made, "--to", "html", "--out", tmp_path / "out").exit_code == 0
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Inga uppgifter är dolda av sekretesskäl. Svaren är påhittade." in page


def test_no_unprotected_reports_of_units(tmp_path):
    result = run("report", study(tmp_path, OPEN), "--each-unit", "--raw", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert not (tmp_path / "out").exists()
