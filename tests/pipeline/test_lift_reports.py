"""Whole reports: the five sources against tables read by hand, and our own PDF back again."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from decimal import Decimal

import pytest
import typst
from click.testing import CliRunner

from benchmarks.bench_lift import REPORTS, compare, plain_tables, reference_tables
from evaluation.cli import main
from evaluation.loading.texts import load_texts
from evaluation.model import TOTAL
from evaluation.pipeline.audit import load_print_words
from evaluation.pipeline.lift import lift_file
from evaluation.published.audit.run import audit
from evaluation.published.schema import Published
from evaluation.published.strings import read_number
from tests.paths import REPOSITORY, SHARED, needs_shared

TEXTS = load_texts("sv")
WORDS = load_print_words()


def lifted(path):
    checked = lift_file(path, TEXTS)
    assert checked.value is not None, checked.problems
    return checked.value.lifted


def source(name):
    return SHARED / "sources" / f"{name}.txt"


@needs_shared
@pytest.mark.parametrize(("text", "reference"), REPORTS.items())
def test_every_table_of_the_sources_is_found_whole(text, reference):
    tables = plain_tables([t.table for t in lifted(source(text)).tables])
    score = compare(reference_tables(reference), tables, misses=False)
    assert (score.whole, score.heads, score.right, score.extra) == (
        score.tables, score.tables, score.cells, 0,
    )  # fmt: skip


def findings(text):
    tables = tuple(t.table for t in lifted(source(text)).tables)
    return audit(Published(report="r", tables=tables), WORDS).findings


@needs_shared
def test_misprints_of_a_source_are_found_by_rule():
    """Recorded by hand in the reference: percents of tables 6 and 15, bases of tables 7 to 15."""
    found = {(f.code, f.table, f.row) for f in findings("socialstyrelsen-utvecklingsmedel-2013")}
    assert {
        ("impossible_percent", "tabell-6", "Stödinsatser barn"),
        ("other_rounding", "tabell-15", "Stödinsatser våldsutsatta kvinnor"),
        ("group_base", "tabell-7", "Rutiner"),
        ("group_base", "tabell-15", "Boendeplatser"),
        ("caption_base", "tabell-10", ""),
    } <= found


@needs_shared
def test_expected_counts_of_a_source_rest_on_fewer_than_stated():
    (finding,) = (f for f in findings("mia-vidare-alis-2022") if f.code == "expected_base")
    assert dict(finding.values or {}) == {"base": 1341, "other": 1299}


@needs_shared
def test_pages_of_a_source_agree_with_those_counted_by_hand():
    import yaml

    name = "jamstalldhetsmyndigheten-2022-9-bilaga-1"
    reference = yaml.safe_load((SHARED / "reference" / f"{name}.yaml").read_text(encoding="utf-8"))
    pages = {t["src_lines"][0]: str(t["page_inferred"]) for t in reference["tables"]}
    tables = lifted(source(name)).tables
    assert [(t.first, t.table.page) for t in tables] == list(pages.items())


# --- our own PDF back again ----------------------------------------------------


def fold(text):
    return re.sub(r"[\W_]+", "", text.casefold())


def own_figures(path):
    """Tables of one question in tables.csv: title -> (label, n, exact percent, base)."""
    tables = defaultdict(list)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            kinds = ("item_nonresponse", "not_asked", "invalid")
            if (
                row["status"] == "shown"
                and row["row_code"] not in kinds
                and row["question"] == row["row_var"]
            ):
                tables[row["table"], fold(row["title"])].append(row)
    return {
        title: rows
        for (table, title), rows in tables.items()
        if "|" not in table and "*" not in table
    }


@pytest.mark.slow
def test_our_own_pdf_gives_back_what_its_tables_say(tmp_path):
    study = REPOSITORY / "surveys" / "samordningsforbund-2022"
    arguments = ["-q", "report", str(study), "--to", "pdf,csv", "--out", str(tmp_path)]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    printed = {}
    for found in lifted(tmp_path / "report.pdf").tables:
        title = re.sub(r"^Tabell \d+\.\s*", "", found.table.caption or "")
        printed[fold(title)] = found.table
    cells = 0
    for title, rows in own_figures(tmp_path / "tables.csv").items():
        if title not in printed:
            continue
        table = printed[title]
        answers = {fold(r.label): r for r in table.rows if not r.is_sum}
        options = [r for r in rows if r["row_code"] != TOTAL]
        assert set(answers) == {fold(r["row_label"]) for r in options}, title
        assert table.base == int(rows[0]["base_n"]), title
        for row in options:
            answer = answers[fold(row["row_label"])]
            # Rounding to exactly 100 moves a percent by less than one unit.
            percent = read_number(answer.percent).value
            assert read_number(answer.n).value == int(row["n"]), (title, row["row_label"])
            assert abs(percent - Decimal(row["percent"])) < Decimal("0.1"), (
                title,
                row["row_label"],
            )
            cells += 2
    assert cells > 350
    published = Published(report="r", tables=tuple(printed.values()))
    assert audit(published, WORDS).findings == ()


def test_a_small_pdf(tmp_path):
    document = (
        '#set page(numbering: "1")\n= Resultat\nSvaren från 40 personer redovisas här.\n\n'
        "Tabell 1. Har du fått stöd?\n#table(columns: (30%, 1fr, 1fr),\n"
        "[Svar], [Antal], [Andel (%)],\n[Ja, men först sedan jag hade bett om det flera gånger],"
        " [30], [75,0],\n[Nej], [10], [25,0])\n"
    )
    source = tmp_path / "liten.typ"
    source.write_text(document, encoding="utf-8")
    path = tmp_path / "liten.pdf"
    typst.compile(str(source), output=str(path))
    (table,) = lifted(path).tables
    assert [(r.label, r.n, r.percent) for r in table.table.rows] == [
        ("Ja, men först sedan jag hade bett om det flera gånger", "30", "75,0"),
        ("Nej", "10", "25,0"),
    ]
    assert table.table.page == "1"
