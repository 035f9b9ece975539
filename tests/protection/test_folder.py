"""One folder with a report, comparisons at every level and units' reports, attacked whole.

Each was asked for by a command of its own, some before others were known of:
nothing that an earlier command wrote may be left standing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.protection.drawn import World, draw, release, run
from tests.protection.pages import figure, printed_tables
from tests.protection.reader import read_rows
from tests.protection.test_attack import QUICK, narrow, small_shown
from tests.protection.twins import differences, published

if TYPE_CHECKING:
    from pathlib import Path

WORLD = World(tables=('{{ table("s.q", by="gender") }}',), policy=QUICK)
OPTION = re.compile(r"andel som svarat (.+), efter enhet")
NAMED = re.compile(r"\d av \d+ enheter visas inte: ([^.]+)\.")
LEVELS = ("county", "assoc", "unit")


def test_report_comparisons_and_units_reports_are_one_release(tmp_path):
    people = draw(9, 80)
    out = release(tmp_path, people, WORLD, to="html,csv,json")
    study = tmp_path / "study"
    for level in LEVELS:
        run("compare", study, "--by", f"s.{level}", "--out", out)
    run("report", study, "--each-unit", "--out", out, "--quiet")
    rows = read_rows(out)
    assert {r["col_var"] for r in rows} >= {"gender", *LEVELS}
    assert not small_shown(rows)
    assert not narrow(rows, people)
    run("audit-release", out)
    for level in LEVELS:
        assert told_by_pages_alone(out, rows, level) == []
    before = published(out)
    run("report", study, "--to", "html,csv,json", "--out", out, "--quiet", "--force")
    run("compare", study, "--by", "s.county", "--out", out)
    assert differences(before, published(out)) == []


def told_by_pages_alone(out: Path, rows: list[dict[str, str]], level: str) -> list[tuple[str, str]]:
    """Return figures that a comparison's page shows and ``tables.csv`` withholds."""
    withheld = {
        (r["col_label"], r["row_label"])
        for r in rows
        if r["col_var"] == level and r["row_var"] in ("q", "m", "f") and not r["percent"]
    }
    assert withheld
    tables = [
        (table, OPTION.search(table.caption)[1])
        for table in printed_tables(out / f"compare-s-{level}.html")
        if OPTION.search(table.caption)
    ]
    places = [
        ((line[0], option), figure(line[2]))
        for table, option in tables
        for line in table.lines
        if len(line) > 2
    ]
    assert any(share >= 0 for _, share in places)
    named = {
        (unit, option)
        for table, option in tables
        for units in NAMED.findall(table.notes)
        for unit in units.split(", ")
    }
    assert withheld & named
    assert named.isdisjoint(place for place, _ in places)
    return [place for place, share in places if place in withheld and share >= 0]
