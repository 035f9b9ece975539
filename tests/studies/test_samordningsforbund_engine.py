"""The bundled study through the product: what ``verify`` and ``report`` make of it."""

from __future__ import annotations

import shutil

import pytest

from evaluation.model import IntakeStatus
from evaluation.pipeline.build import build_report
from evaluation.pipeline.load import load_study
from evaluation.pipeline.verify import read_published, verify
from evaluation.problems import Severity
from evaluation.report.model import ChartBlock, Heading, QuoteBlock, TableBlock
from tests.paths import REPOSITORY
from tests.studies.test_samordningsforbund import ROWS

STUDY = REPOSITORY / "surveys" / "samordningsforbund-2022"


@pytest.fixture(scope="module")
def study():
    loaded, problems = load_study(STUDY)
    assert [p.code for p in problems if p.severity is not Severity.NOTE] == []
    return loaded


@pytest.fixture(scope="module")
def report(study):
    checked = build_report(study)
    assert checked.problems == ()
    return checked.value.report


def test_every_row_gets_the_status_that_a_plain_count_gives(study):
    for survey, expected in ROWS.items():
        by_status = study.coded[survey].intake.counts
        wanted = {IntakeStatus(name): n for name, n in expected.items()}
        assert {s: n for s, n in by_status.items() if n} == {s: n for s, n in wanted.items() if n}


def test_every_printed_figure_is_reproduced(study):
    result = verify(study, read_published(study).value)
    assert [d for t in result.tables for d in t.differences] == []
    assert result.facts == ()
    assert (len(result.tables), sum(t.cells for t in result.tables)) == (34, 487)
    assert [check.as_marked for check in result.phrases] == [True, True]


def test_one_altered_answer_is_named(tmp_path):
    copy = tmp_path / "altered"
    shutil.copytree(STUDY, copy)
    file = copy / "data" / "deltagare.csv"
    lines = file.read_bytes().decode("cp1252").split("\r\n")
    place = next(i for i, line in enumerate(lines) if ";Besvarad;" in line and ";51–65 år;" in line)
    lines[place] = lines[place].replace(";51–65 år;", ";31–40 år;")
    file.write_bytes("\r\n".join(lines).encode("cp1252"))
    altered, _ = load_study(copy)
    result = verify(altered, read_published(altered).value)
    found = [(d.table, d.row, d.printed, d.computed) for t in result.tables for d in t.differences]
    assert found == [
        ("hur-gammal-ar-du", "31-40 år", "5", "6"),
        ("hur-gammal-ar-du", "31-40 år", "11,1%", "13,3%"),
        ("hur-gammal-ar-du", "51-65 år", "12", "11"),
        ("hur-gammal-ar-du", "51-65 år", "26,7%", "24,5%"),
    ]
    assert not result.is_explained


def test_the_report_has_the_skeleton_of_the_published_one(report):
    headings = [b for b in report.blocks if isinstance(b, Heading)]
    numbered = [h for h in headings if h.number or h.level == 1]
    assert (len(numbered), len(headings) - len(numbered)) == (61, 4)
    assert numbered[-1].number == "6.9."
    assert len(report.footnotes) == 45
    assert sum(isinstance(b, QuoteBlock) for b in report.blocks) == 23
    # The 36 of the appendix, the account of the rows, and item non-response.
    assert sum(isinstance(b, TableBlock) for b in report.blocks) == 38
    assert sum(isinstance(b, ChartBlock) for b in report.blocks) == 6


def test_footnotes_in_tables_stand_at_their_rows(report):
    tables = {b.id: b for b in report.blocks if isinstance(b, TableBlock)}
    assert tables["tab-budget"].caption_note == 20
    notes = {
        key: {row.label: row.note for row in tables[key].rows if row.note}
        for key in ("tab-befattning", "tab-verksamhet")
    }
    assert notes == {
        "tab-befattning": {"Annan, nämligen": 27},
        "tab-verksamhet": {"Kvinnofridslinjen": 38},
    }
