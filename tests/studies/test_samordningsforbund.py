"""The bundled study's data, recounted without the product's own code.

The exports are read with openpyxl and csv, intake is redone in a few plain lines, and every
printed figure is computed from the answers and compared as printed.
"""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import zipfile
from collections import Counter
from typing import TYPE_CHECKING

import openpyxl
import pytest
import yaml

from tests.paths import REPOSITORY, SHARED, needs_shared

if TYPE_CHECKING:
    from pathlib import Path

STUDY = REPOSITORY / "surveys" / "samordningsforbund-2022"
REFERENCE = SHARED / "reference" / "jamstalldhetsmyndigheten-2022-9-bilaga-1.yaml"
STRUCTURE = SHARED / "reference" / "jamstalldhetsmyndigheten-2022-9-bilaga-1-structure.yaml"

PERSON = {"personal": "Svarskod", "deltagare": "Enkätnummer", "fov": "Deltagarkod"}
STATUS = {"personal": "Status", "deltagare": "Status", "fov": "Anmärkning"}
ROWS = {
    "personal": {"complete": 90, "partial": 3, "duplicate": 1, "test": 2, "invalid": 2},
    "deltagare": {"complete": 45, "partial": 2, "duplicate": 1, "test": 1, "invalid": 1},
    "fov": {"complete": 1204, "partial": 4, "duplicate": 2, "test": 3, "invalid": 0},
}


def load_yaml(name: str) -> dict:
    return yaml.safe_load((STUDY / name).read_text(encoding="utf-8"))


def read_export(survey: str) -> list[dict[str, str]]:
    if survey == "personal":
        book = openpyxl.load_workbook(STUDY / "data" / "personal.xlsx", read_only=True)
        cells = [["" if v is None else str(v) for v in r] for r in book.active.values]
        book.close()
    else:
        encoding, separator = {"deltagare": ("cp1252", ";"), "fov": ("utf-8-sig", ",")}[survey]
        text = (STUDY / "data" / f"{survey}.csv").read_bytes().decode(encoding)
        cells = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    assert len(set(cells[0])) == len(cells[0])
    return [dict(zip(cells[0], row, strict=True)) for row in cells[1:]]


def columns_of(question: dict) -> list[str]:
    """Return the heads that hold the question's answers, "Annat, nämligen" left out."""
    if question["type"] == "grid":
        return [item["column"] for item in question["items"]]
    own = [option["column"] for option in question.get("options", []) if "column" in option]
    return own or [question.get("column", question["text"])]


def asked_questions(survey: str) -> list[dict]:
    """Return the questions that everyone was asked, texts and what the office fills in left out."""
    questions = load_yaml(f"{survey}.yaml")["questions"]
    skip = ("unit", "occasion")
    return [
        q
        for q in questions
        if q["type"] not in ("text", "date")
        and not {"asked_if", "recode"} & set(q)
        and q.get("role") not in skip
    ]


def intake(survey: str) -> tuple[list[dict[str, str]], list[str]]:
    """Return the rows with what becomes of each."""
    rows = read_export(survey)
    groups = [columns_of(q) for q in asked_questions(survey)]
    if survey == "fov":
        groups = [[head] for heads in groups for head in heads]
    last = {}
    for number, row in enumerate(rows):
        last[row[PERSON[survey]], row.get("Frågetillfälle")] = number
    statuses = []
    for number, row in enumerate(rows):
        answered = sum(any(row[head].strip() for head in heads) for heads in groups)
        if row[STATUS[survey]] == "Test":
            statuses.append("test")
        elif last[row[PERSON[survey]], row.get("Frågetillfälle")] != number:
            statuses.append("duplicate")
        elif answered == 0:
            statuses.append("invalid")
        else:
            statuses.append("complete" if 2 * answered >= len(groups) else "partial")
    return rows, statuses


def kept(survey: str) -> list[dict[str, str]]:
    rows, statuses = intake(survey)
    return [
        row
        for row, status in zip(rows, statuses, strict=True)
        if status == "complete" and row.get("Frågetillfälle", "1") == "1"
    ]


def chosen(question: dict, row: dict[str, str]) -> list[str] | None:
    """Return the codes that a row holds; None where the question was not answered."""
    codes = {option["label"]: str(option["code"]) for option in question["options"]}
    if "selected" in question:
        cells = {str(o["code"]): row[o["column"]].strip() for o in question["options"]}
        assert set(cells.values()) <= {"Ja", "Nej", ""}
        return [c for c, cell in cells.items() if cell == "Ja"] if any(cells.values()) else None
    cell = row[columns_of(question)[0]].strip()
    if not cell:
        return None
    parts = cell.split(question["separator"]) if question["type"] == "multiple" else [cell]
    return [codes[part] for part in parts]


def tenths(units: int) -> str:
    return f"{units // 10},{units % 10}%"


def half_up(n: int, base: int, whole: int) -> int:
    return (2 * n * whole + base) // (2 * base)


def largest_remainder(counts: list[int]) -> list[int]:
    base = sum(counts)
    units = [1000 * n // base for n in counts]
    rest = sorted(range(len(counts)), key=lambda i: (-(1000 * counts[i] % base), counts[i]))
    for i in rest[: 1000 - sum(units)]:
        units[i] += 1
    return units


PUBLISHED = load_yaml("published.yaml")
SURVEY_TABLES = [t for t in PUBLISHED["tables"] if t["kind"] in ("single", "multiple")]


# --- what became of the rows ------------------------------------------------------------


@pytest.mark.parametrize("survey", ROWS)
def test_every_row_ends_where_the_readme_says(survey):
    rows, statuses = intake(survey)
    assert Counter(statuses) == {k: n for k, n in ROWS[survey].items() if n}
    assert len(rows) == sum(ROWS[survey].values())
    readme = (STUDY / "data" / "README.md").read_text(encoding="utf-8")
    line = [line for line in readme.splitlines() if line.startswith(f"| `{survey}.")][-1]
    assert [int(cell) for cell in line.strip("| \n").split("|")[1:]] == [
        len(rows),
        *(ROWS[survey][k] for k in ("complete", "partial", "duplicate", "test", "invalid")),
    ]


def test_submissions_are_numbered_once():
    for survey, head in (
        ("personal", "Svars-ID"),
        ("deltagare", "Löpnummer"),
        ("fov", "Formulär-ID"),
    ):
        numbers = [row[head] for row in read_export(survey)]
        assert len(set(numbers)) == len(numbers)


def test_kept_answers_are_the_published_bases():
    assert [len(kept(s)) for s in ("personal", "deltagare", "fov")] == [90, 45, 758]


def test_exports_hold_what_real_ones_hold():
    assert any(cell.endswith(" ") for row in kept("personal") for cell in row.values())
    assert any(
        row[head] for row in kept("personal") for head in row if head.endswith("[Annan, nämligen]")
    )
    raw = (STUDY / "data" / "fov.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    with pytest.raises(UnicodeDecodeError):
        (STUDY / "data" / "deltagare.csv").read_bytes().decode("utf-8")


# --- the printed figures --------------------------------------------------------------------


@pytest.mark.parametrize("table", SURVEY_TABLES, ids=lambda t: t["id"])
def test_printed_counts_and_percents_come_out(table):
    survey, name = table["question"].split(".")
    question = next(q for q in load_yaml(f"{survey}.yaml")["questions"] if q["id"] == name)
    answers = [a for row in kept(survey) if (a := chosen(question, row)) is not None]
    assert len(answers) == table["base"]
    counts = Counter(code for codes in answers for code in codes)
    in_order = [counts[row["code"]] for row in table["rows"]]
    assert [row["n"] for row in table["rows"]] == [str(n) for n in in_order]
    if table["rounding"] == "sum100":
        units = largest_remainder(in_order)
    else:
        units = [half_up(n, len(answers), 1000) for n in in_order]
    assert [row["percent"] for row in table["rows"]] == [tenths(u) for u in units]
    assert table["derived_sum"] == {"n": sum(in_order), "percent": tenths(sum(units))}


def test_fov_percents_come_out():
    table = next(t for t in PUBLISHED["tables"] if t["kind"] == "grid")
    heads = {i["id"]: i["column"] for i in load_yaml("fov.yaml")["questions"][-1]["items"]}
    rows = kept("fov")
    groups = {"total": rows}
    groups |= {g.lower(): [r for r in rows if r["Kön"] == g] for g in ("Kvinna", "Man")}
    assert sum(len(groups[g]) for g in ("kvinna", "man")) == table["base"] == 758
    for row in table["rows"]:
        for group, cells in row["cells"].items():
            answers = Counter(r[heads[row["item"]]].strip().lower() for r in groups[group])
            base = len(groups[group])
            assert set(answers) == {"ja", "nej"}
            assert cells == {a: f"{half_up(answers[a], base, 100)}%" for a in ("ja", "nej")}


def test_budget_is_as_printed():
    table = next(t for t in PUBLISHED["tables"] if t["kind"] == "data")
    with (STUDY / "data" / "budget.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["Totalt"]]
    for printed, row in zip(table["rows"], rows, strict=True):
        assert printed["label"] == row.pop("Post").removeprefix("= ")
        shown = {year: f"{int(v):,}".replace(",", " ") if v else None for year, v in row.items()}
        assert shown == printed["cells"]


def test_exclusive_answers_stand_alone():
    for survey in ("personal", "deltagare"):
        for question in load_yaml(f"{survey}.yaml")["questions"]:
            alone = {str(o["code"]) for o in question.get("options", []) if o.get("exclusive")}
            for row in kept(survey):
                codes = chosen(question, row) if alone else None
                assert not (codes and len(codes) > 1 and alone & set(codes))


def test_filtered_texts_are_answered_by_those_asked():
    rows = kept("personal")
    assert [r["Varför har du inte alltid anmält?"] != "" for r in rows] == [
        r[
            "Har du vid kännedom eller misstanke om att barn far illa alltid anmält till "
            "socialnämnden?"
        ].strip()
        == "Nej"
        for r in rows
    ]


def test_associations_lie_in_nine_counties():
    with (STUDY / "data" / "hierarki.csv").open(encoding="utf-8", newline="") as file:
        county = {row["forbund"]: row["lan"] for row in csv.DictReader(file)}
    assert (len(county), len(set(county.values()))) == (13, 9)
    assert {r["Samordningsförbund"].strip() for r in read_export("fov")} == set(county)
    questions = {q["id"]: q for q in load_yaml("fov.yaml")["questions"]}
    names = {o["code"]: o["label"] for o in questions["forbund"]["options"]}
    derived = {names[c]: o["label"] for o in questions["lan"]["options"] for c in o["values"]}
    assert derived == county
    with (STUDY / "data" / "forbund.csv").open(encoding="utf-8", newline="") as file:
        groups = list(csv.DictReader(file))
    assert {name for row in groups for name in row.values() if name} == set(county)


# --- the contract against the reference ---------------------------------------------------------


@needs_shared
def test_published_holds_every_printed_cell_of_the_reference():
    reference = yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))
    tables = {t["id"]: t for t in PUBLISHED["tables"]}
    assert list(tables) == [t["id"] for t in reference["tables"]]
    for printed in reference["tables"]:
        ours = tables[printed["id"]]
        assert ours["heading"] == printed["section"]
        if printed["kind"] == "money":
            theirs = [
                {
                    "group": r["block"],
                    "label": r["label"],
                    "cells": dict(zip(printed["columns"], r["cells_printed"], strict=True)),
                }
                for r in printed["rows"]
            ]
            assert ours["rows"] == theirs
        elif printed["kind"] == "grid":
            keys = {"Totalt": "total", "Kvinnor": "kvinna", "Män": "man"}
            theirs = [
                {keys[g]: {a.lower(): v for a, v in c.items()} for g, c in r["cells"].items()}
                for r in printed["rows"]
            ]
            assert [r["cells"] for r in ours["rows"]] == theirs
        else:
            assert [(r["label"], r["n"], r["percent"]) for r in ours["rows"]] == [
                (o["label"], str(o["n"]), o["percent"]) for o in printed["options"]
            ]
            assert ours["base"] == printed["base"]
            assert ours["head"] == printed["question_printed"]


@needs_shared
def test_published_holds_every_phrase_fact_and_contradiction_of_the_reference():
    reference = yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))
    phrases = [
        (t["id"], f["phrase"], f.get("wording_fits"))
        for t in reference["tables"]
        for f in t["text_figures"]
    ]
    assert [(p["table"], p["phrase"], p["wording_fits"]) for p in PUBLISHED["phrases"]] == phrases
    facts = {f["id"]: f["value"] for f in reference["facts"]}
    assert {f["id"]: f["value"] for f in PUBLISHED["facts"]} == facts
    ours = [set(c["tables"]) for c in PUBLISHED["contradictions"]]
    for note in reference["cross_table_notes"]:
        assert not note["ids"] or any(set(note["ids"]) <= tables for tables in ours)


@needs_shared
def test_oddities_name_every_table_that_the_reference_finds_odd():
    reference = yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))
    odd = {t["id"] for t in reference["tables"] if t["anomalies"]}
    assert odd <= {o.get("table") for o in PUBLISHED["oddities"]}


def test_facts_of_the_study_are_the_published_ones():
    facts = load_yaml("study.yaml")["facts"]
    for fact in PUBLISHED["facts"]:
        if fact["expression"].startswith("fact("):
            assert facts[fact["expression"][6:-2]] == fact["value"]


# --- the generator ------------------------------------------------------------------------------


def parts(file: Path) -> dict[str, bytes]:
    """Return a workbook's parts: the zip around them differs between zlib versions."""
    if file.suffix != ".xlsx":
        return {file.name: file.read_bytes()}
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_generator_writes_the_committed_files(tmp_path):
    script = STUDY / "synthesize.py"
    subprocess.run([sys.executable, "-B", str(script), str(tmp_path)], check=True)
    written = sorted(p.name for p in tmp_path.iterdir())
    assert written == ["deltagare.csv", "fov.csv", "personal.xlsx"]
    for name in written:
        assert parts(tmp_path / name) == parts(STUDY / "data" / name)
