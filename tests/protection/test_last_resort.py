"""Where hiding cells is not enough, a whole table is withheld, and everybody is told so."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from evaluation.cli import main
from evaluation.protection import rounds
from evaluation.protection.audit import Audited
from evaluation.protection.audit_cells import Reading
from evaluation.protection.release import Leak
from tests.protection.drawn import World, draw, release, run, write_study
from tests.protection.reader import MISSING, read_rows
from tests.protection.test_attack import narrow, small_shown

POLICY = {"time_limit": 2}
SMALL, LARGE = "s.q*gender", "s.m*unit"


def never_safe(monkeypatch, *named: str, column: str = "") -> None:
    """Make the audit find leaks in tables for as long as these are published."""

    def audit(made, *_):
        published = {table.id for table in made.tables if not table.is_withheld}
        leaks = [
            Leak("narrow", one, "q:1", column, low=2, high=2, required=5)
            for one in named
            if one in published
        ]
        return Audited(leaks, [], Reading())

    monkeypatch.setattr(rounds, "audit_gate", audit)


def test_a_table_that_cannot_be_made_safe_is_withheld_and_every_format_says_so(
    tmp_path, monkeypatch
):
    never_safe(monkeypatch, LARGE)
    out = release(tmp_path, draw(8, 50), World(policy=POLICY), to="csv,json,html,xlsx,px")
    rows = read_rows(out)
    assert not [r for r in rows if r["table"] == LARGE]
    assert [r for r in rows if r["table"] == SMALL and r["n"]]
    datasets = json.loads((out / "tables.json").read_text(encoding="utf-8"))["link"]["item"]
    assert LARGE not in json.dumps(datasets)
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count("Tabellen visas inte") == 1
    assert "Av vem?" in page  # its heading stays
    log = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["protection"]["log"]
    assert [d for d in log if LARGE in json.dumps(d) and "table" in json.dumps(d)]


def test_the_evaluator_is_told_why(tmp_path, monkeypatch):
    never_safe(monkeypatch, LARGE)
    study = write_study(tmp_path / "study", draw(8, 50), World(policy=POLICY))
    said = run("protection-log", study)
    assert "Hela tabellen är utelämnad" in said


def test_the_table_that_loses_least_goes_first(tmp_path, monkeypatch):
    withheld: list[list[str]] = []
    never_safe(monkeypatch, LARGE, SMALL)
    real = rounds.audit_gate

    def noted(made, *told):
        withheld.append([table.id for table in made.tables if table.is_withheld])
        return real(made, *told)

    monkeypatch.setattr(rounds, "audit_gate", noted)
    release(tmp_path, draw(8, 50), World(policy=POLICY))
    first = next(one for one in withheld if one)
    assert first == [SMALL]
    assert sorted(withheld[-1]) == sorted([SMALL, LARGE])


def test_a_column_goes_before_its_table(monkeypatch, tmp_path):
    def audit(made, *_):
        cells = next(t for t in made.tables if t.id == LARGE)
        at = next(j for j, c in enumerate(cells.columns) if c.code == "u1")
        lines = zip(cells.rows, cells.cells, strict=True)
        shown = [r for r, line in lines if r.code not in MISSING and line[at].n is not None]
        leak = Leak("narrow", LARGE, "m:m1", "unit:u1", low=2, high=2, required=5)
        return Audited([leak] if shown else [], [], Reading())

    monkeypatch.setattr(rounds, "audit_gate", audit)
    rows = read_rows(release(tmp_path, draw(8, 50), World(policy=POLICY)))
    own = [r for r in rows if r["table"] == LARGE]
    assert own
    told = [r for r in own if r["row_code"] not in MISSING]
    assert not [r for r in told if r["col_code"] == "u1" and r["n"]]
    assert [r for r in told if r["col_code"] != "u1" and r["n"]]


def test_a_release_is_refused_only_when_nothing_is_left_to_withhold(tmp_path, monkeypatch):
    leak = Leak("narrow", LARGE, "m:m1", "unit:u1", low=2, high=2, required=5)
    monkeypatch.setattr(rounds, "audit_gate", lambda *_: Audited([leak], [], Reading()))
    study = write_study(tmp_path / "study", draw(8, 50), World(policy=POLICY))
    arguments = ["report", str(study), "--to", "csv", "--out", str(tmp_path / "out")]
    made = CliRunner().invoke(main, arguments)
    assert made.exit_code == 1
    assert "release-leaks" in made.output
    assert not (tmp_path / "out" / "tables.csv").exists()


@pytest.mark.parametrize(("seed", "n", "missing"), [(25, 12, 0.05), (25, 20, 0.0), (29, 20, 0.08)])
def test_small_surveys_that_were_refused_are_published(tmp_path, seed, n, missing):
    people = draw(seed, n, missing=missing)
    rows = read_rows(release(tmp_path, people, World(policy=POLICY)))
    assert [r for r in rows if r["n"]]
    assert not small_shown(rows)
    assert not narrow(rows, people)
