"""The audit reads published files alone and finds what a meddled release gives away."""

from __future__ import annotations

import csv
import io

from click.testing import CliRunner

from evaluation.cli import main
from tests.small_study import UNSTATED, quoted, small_study

PROTECTED = UNSTATED + "protection: {method: suppress, minimum_count: 5, minimum_base: 1}\n"


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


def release(folder, *options):
    answers = quoted() + "".join(quoted().splitlines(keepends=True)[1:]) * 2
    study = small_study(folder / "s", study=PROTECTED, answers=answers)
    out = folder / "out"
    made = run("report", study, "--to", "csv,json,html", "--out", out, *options)
    assert made.exit_code == 0, made.output
    return out


def test_a_protected_release_withstands_the_attack(tmp_path):
    out = release(tmp_path)
    assert ",secondary" in (out / "tables.csv").read_text(encoding="utf-8")
    result = run("audit-release", out)
    assert result.exit_code == 0, result.output


def test_hiding_small_counts_alone_does_not_withstand_it(tmp_path):
    protected = release(tmp_path / "a")
    raw = release(tmp_path / "b", "--raw")
    rows = list(csv.DictReader(io.StringIO((raw / "tables.csv").read_text(encoding="utf-8"))))
    numbers = ("n", "wn", "percent", "ci_low", "ci_high", "base_n", "base_wn")
    for row in rows:
        if row["n"] and 0 < int(row["n"]) < 5:
            row.update(dict.fromkeys(numbers, ""), status="primary")
    stream = io.StringIO()
    writer = csv.DictWriter(stream, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (protected / "tables.csv").write_text(stream.getvalue(), encoding="utf-8")
    result = run("audit-release", protected)
    assert result.exit_code == 1
    assert "staff.trained" in result.stdout


def test_a_folder_that_is_no_release_is_a_problem(tmp_path):
    result = run("audit-release", tmp_path)
    assert result.exit_code == 1
    assert "tables.csv" in result.stderr
