"""Coarser groups in place of small ones, through whole studies, and attacked."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from evaluation.cli import main
from evaluation.codebook.schema import Protection
from evaluation.protection.links import Links
from evaluation.protection.merge import merged
from tests.protection.drawn import World, draw, release, run, write_study
from tests.protection.pages import printed_tables
from tests.protection.reader import read_rows
from tests.protection.test_attack import QUICK, narrow, small_shown
from tests.protection.test_pages import ANALYSES, analysed_rows, lopsided, told
from tests.protection.test_policy import crosstab

BY_UNIT = ('{{ table("s.q", by="unit") }}', '{{ chart("s.m", by="unit") }}')
STEPS = {"merge": {"s.unit": "s.assoc", "s.assoc": "s.county"}}


def shown_of(rows: list[dict[str, str]]) -> list[str]:
    return [row["n"] for row in rows if row["table"] == "s.q*unit"]


def test_a_table_by_small_units_is_made_by_their_associations(tmp_path):
    people = draw(2, 150)
    plain = release(tmp_path / "a", people, World(tables=BY_UNIT, policy=QUICK))
    world = World(tables=BY_UNIT, policy={**QUICK, **STEPS})
    out = release(tmp_path / "b", people, world, to="html,csv,json,xlsx")
    rows = read_rows(out)
    used = {r["col_var"] for r in rows if r["table"] in ("s.q*unit", "s.m*unit")}
    assert used <= {"assoc", "county"}
    assert not small_shown(rows)
    assert not narrow(rows, people)
    finer, coarser = shown_of(read_rows(plain)), shown_of(rows)
    assert coarser.count("") / len(coarser) < finer.count("") / len(finer)
    table = printed_tables(out / "report.html")[0]
    assert not any("Enhet u" in cell for line in table.lines for cell in line)
    assert "i stället för efter Enhet, eftersom grupperna annars är för små" in table.notes
    assert not run_audit(out)


def run_audit(out) -> str:
    return "".join(line for line in run("audit-release", out).splitlines() if "[" in line)


def test_units_reports_and_comparisons_keep_their_units(tmp_path):
    people = draw(2, 150)
    out = release(tmp_path, people, World(tables=BY_UNIT, policy={**QUICK, **STEPS}))
    run("report", tmp_path / "study", "--each-unit", "--out", out, "--quiet")
    rows = read_rows(out)
    assert {r["col_var"] for r in rows if r["table"] == "s.q*unit"} == {"unit"}
    assert not small_shown(rows)
    assert not narrow(rows, people)
    own = printed_tables(out / "units" / "enhet-u1" / "report.html")
    assert any("Enhet u1" in line for table in own for line in table.lines)


def test_an_analysis_by_unit_does_not_tell_what_merging_left_out(tmp_path):
    people = lopsided()
    world = World(tables=ANALYSES, policy={**QUICK, **STEPS})
    out = release(tmp_path, people, world, to="html,csv")
    rows = read_rows(out)
    assert "unit" in {r["col_var"] for r in rows}  # what the analyses rest on
    assert not told([*rows, *analysed_rows(out / "report.html")], people)


@pytest.mark.parametrize("steps", [{"s.unit": "s.assoc", "s.assoc": "s.unit"}, {"t.unit": "t.a"}])
def test_steps_that_lead_nowhere_come_to_an_end(steps):
    table = crosstab([[2, 40, 50], [60, 70, 80]])
    policy = Protection(method="suppress", merge=steps)
    assert merged([table], policy, Links(), lambda _: table) == [table]


def test_no_step_leads_to_a_question_of_another_survey(tmp_path):
    world = World(policy={**QUICK, "merge": {"s.unit": "t.q"}})
    study = write_study(tmp_path / "s", draw(2, 30), world)
    said = (study / "study.yaml").read_text(encoding="utf-8")
    said = said.replace("surveys:\n", "surveys:\n  t: {title: T, data: data/s.csv}\n")
    (study / "study.yaml").write_text(said, encoding="utf-8")
    (study / "t.yaml").write_text((study / "s.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    made = CliRunner().invoke(main, ["check", str(study)])
    assert made.exit_code == 1
    assert "protection.merge.s.unit" in made.output
