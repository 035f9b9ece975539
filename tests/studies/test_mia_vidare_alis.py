"""The study of MIA Vidare and Alis: print against the reference, exports recounted by hand."""

from __future__ import annotations

import csv
import io
import math
import shutil
import subprocess
import sys
from collections import Counter

import pytest
import yaml

from evaluation.pipeline.load import load_study
from evaluation.pipeline.verify import read_published, verify
from tests.paths import REPOSITORY, SHARED, needs_shared

STUDY = REPOSITORY / "surveys" / "mia-vidare-alis-2022"
REFERENCE = SHARED / "reference" / "mia-vidare-alis-2022.yaml"

GOT = "Har fått frågor om våld i nära relation"
BY = "Vem har tidigare ställt frågor om våld till deltagaren?"
ASKED = "Har tillfrågats om tidigare frågor om våld"
NOT_PUT = "Har ej ställt frågor om våld"


def load_yaml(name: str) -> dict:
    return yaml.safe_load((STUDY / name).read_text(encoding="utf-8"))


def rows_of(name: str) -> list[dict[str, str]]:
    text = (STUDY / "data" / name).read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


PUBLISHED = load_yaml("published.yaml")
PEOPLE = rows_of("deltagare.csv")
STAFF = [r for n in ("mia-vidare.csv", "alis.csv") for r in rows_of(n) if r["Status"] == "Klar"]
HEADS = [q.get("column", q["text"]) for q in load_yaml("medarbetare.yaml")["questions"]]
QUESTIONS = [h for h in HEADS if h.startswith(("Om du", "I vilken"))]


def half_up(n: int, base: int) -> int:
    return (200 * n + base) // (2 * base)


# --- the exports, recounted ------------------------------------------------------------------


def test_tabell_1_comes_out():
    mia = [r for r in PEOPLE if r["Projekt"] == "MIA Vidare"]
    counts = Counter((r["Kön"], r[GOT]) for r in mia)
    assert [counts[g, a] for a in ("Nej", "Ja") for g in ("Kvinna", "Man", "")] == [
        434,
        347,
        26,
        330,
        188,
        16,
    ]
    table = next(t for t in PUBLISHED["tables"] if t["id"].startswith("tabell-1"))
    known = 434 + 347 + 330 + 188
    for row, answer in zip(table["rows"], ("Nej", "Ja"), strict=False):
        for column, gender in (("kvinna", "Kvinna"), ("man", "Man")):
            in_row = sum(counts[g, answer] for g in ("Kvinna", "Man"))
            in_column = counts[gender, "Nej"] + counts[gender, "Ja"]
            tenths = (20 * in_row * in_column + known) // (2 * known)
            assert row["cells"][column] == {
                "n": str(counts[gender, answer]),
                "expected": f"{tenths // 10},{tenths % 10}",
                "percent": f"{half_up(counts[gender, answer], in_column)}%",
            }


def test_participants_of_both_projects():
    assert len(PEOPLE) == 1468
    alis = [r for r in PEOPLE if r["Projekt"] == "Alis"]
    assert Counter(r[GOT] for r in alis) == {"Ja": 108, "Nej": 19}
    assert {r["Projekt"] == "Alis" for r in alis} == {r["Delprojekt"] == "Alis" for r in alis}
    sodertalje = [r for r in PEOPLE if r["Delprojekt"] == "MIA Södertälje"]
    for genders, percent in ((("Kvinna",), 63), (("Man",), 48), (("Kvinna", "Man", ""), 57)):
        group = [r[GOT] for r in sodertalje if r["Kön"] in genders]
        assert half_up(group.count("Ja"), len(group)) == percent


def test_the_difference_is_significant_for_mia_and_sodertalje_only():
    units = {r["Delprojekt"] for r in PEOPLE if r["Projekt"] == "MIA Vidare"}
    found = {
        unit for unit in units if p_value([r for r in PEOPLE if r["Delprojekt"] == unit]) < 0.05
    }
    assert len(units) == 8
    assert found == {"MIA Södertälje"}
    assert p_value([r for r in PEOPLE if r["Projekt"] == "MIA Vidare"]) == pytest.approx(
        0.003527, abs=1e-6
    )


def p_value(rows: list[dict[str, str]]) -> float:
    """Pearson's chi-square of a 2 x 2 table, without correction."""
    n = Counter((r["Kön"], r[GOT]) for r in rows)
    a, b, c, d = (n[g, x] for g in ("Kvinna", "Man") for x in ("Ja", "Nej"))
    whole = a + b + c + d
    chi2 = whole * (a * d - b * c) ** 2 / ((a + b) * (c + d) * (a + c) * (b + d))
    return math.erfc(math.sqrt(chi2 / 2))


def test_earlier_questions_come_out():
    asked = [r for r in PEOPLE if r[ASKED] == "Ja"]
    assert len(asked) == 257
    assert {(r["Projekt"], r[GOT]) for r in asked} == {("MIA Vidare", "Ja")}
    answers = Counter(part for r in asked for part in r[BY].split("|"))
    never = "Har aldrig fått frågor om våld"
    shares = {who: half_up(n, 257) for who, n in answers.items()}
    assert (shares[never], shares["Kommunen"], shares["Vården"]) == (64, 13, 17)
    assert 0 < 100 * answers["Arbetsförmedlingen"] / 257 < 1
    assert 1 < 100 * answers["Försäkringskassan"] / 257 < 2
    assert all(r[BY] == never or never not in r[BY] for r in asked)
    for gender, percent in (("Kvinna", 58), ("Man", 73)):
        group = [r[BY] == never for r in asked if r["Kön"] == gender]
        assert half_up(sum(group), len(group)) == percent
    assert not any(r[BY] for r in PEOPLE if r[ASKED] != "Ja")


def test_staff_answers_come_out():
    mia = [r for r in STAFF if r["Projekt"] == "MIA Vidare"]
    alis = [r for r in STAFF if r["Projekt"] == "Alis"]
    assert (len(mia), len(alis)) == (70, 4)
    assert sum(any(r[q] for q in QUESTIONS) for r in mia) == 59
    assert all(value for r in alis for value in r.values())
    deeper, exposed, exposing = (
        Counter(r[q] for r in STAFF if r[q] not in ("", NOT_PUT)) for q in QUESTIONS[1:]
    )
    assert sum(deeper.values()) == 56
    assert deeper["Helt och hållet"] + deeper["Till stor del"] == 26
    assert deeper.most_common(1)[0][0] == "Delvis"
    assert (sum(exposed.values()), exposed["Aldrig"]) == (58, 16)
    assert (sum(exposing.values()), exposing["Aldrig"]) == (58, 46)


def test_the_generator_writes_the_committed_files(tmp_path):
    subprocess.run([sys.executable, "-B", str(STUDY / "synthesize.py"), str(tmp_path)], check=True)
    written = sorted(p.name for p in tmp_path.iterdir())
    assert written == ["alis.csv", "deltagare.csv", "mia-vidare.csv"]
    for name in written:
        assert (tmp_path / name).read_bytes() == (STUDY / "data" / name).read_bytes()


# --- verify -------------------------------------------------------------------------------------


def verified(folder):
    study, _ = load_study(folder)
    assert study is not None
    return verify(study, read_published(study).value)


def test_every_row_ends_where_the_readme_says():
    study, problems = load_study(STUDY)
    assert study is not None
    assert {p.code for p in problems} <= {"tool-unknown"}
    counts = {
        name: {status.value: n for status, n in data.intake.counts.items() if n}
        for name, data in study.coded.items()
    }
    assert counts == {
        "deltagare": {"complete": 1468},
        "medarbetare": {"complete": 74, "test": 1},
        "fokusgrupper": {"complete": 2},
    }


def test_verify_is_clean_and_says_which_bases_print_rests_on():
    result = verified(STUDY)
    assert result.is_explained
    assert not any(t.differences for t in result.tables)
    said = {r.place: (r.code, dict(r.values)) for r in result.remarks}
    code, values = said["tabell-1-fatt-fragor-efter-kon"]
    assert code == "expected_base"
    assert (values["base"], values["printed"], values["rest"]) == ("1299", "1341", "42")
    code, values = said["enkat-mia-vidare-valdsfragor"]
    assert (code, values["of_asked"]) == ("rate_base", "77%")


def test_one_altered_answer_is_named(tmp_path):
    copy = shutil.copytree(STUDY, tmp_path / "study")
    file = copy / "data" / "deltagare.csv"
    lines = file.read_bytes().decode("utf-8-sig").split("\r\n")
    at = next(i for i, line in enumerate(lines) if ";MIA, delprojekt 2;Kvinna;Nej;" in line)
    lines[at] = lines[at].replace(";Kvinna;Nej;", ";Kvinna;Ja;")
    file.write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    result = verified(copy)
    assert not result.is_explained
    places = {(d.row, d.column) for t in result.tables for d in t.unexplained}
    assert {("Nej", "kvinna: n"), ("Ja", "kvinna: n"), ("Ja", "kvinna: expected")} <= places
    assert "mia-fatt-fragor" in {d.table for d in result.facts}


# --- print against the reference --------------------------------------------------------------


@needs_shared
def test_published_holds_tabell_1_of_the_reference():
    reference = yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))["tabell_1"]
    table = next(t for t in PUBLISHED["tables"] if t["id"] == reference["id"])
    assert (table["caption"], table["columns"]) == (reference["caption"], reference["columns"])
    for ours, theirs in zip(table["rows"], reference["rows"], strict=True):
        assert ours["label"] == theirs["row"]
        for position, column in enumerate(("kvinna", "man", "total")):
            assert ours["cells"][column] == {
                "n": str(theirs["antal"][position]),
                "expected": theirs["forvantat_antal"][position],
                "percent": theirs["procent_inom_kon"][position],
            }


@needs_shared
def test_published_holds_facts_rates_and_diagrams_of_the_reference():
    reference = yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))
    facts = {f["id"]: f["value"] for f in PUBLISHED["facts"]}
    for fact in reference["facts"]:
        assert facts[fact["id"]] == str(fact["value"]).removesuffix(" av 10")
    rates = {r["id"]: r for r in PUBLISHED["rates"]}
    for rate in reference["response_rates"]:
        if "answered" in rate:
            ours = rates[rate["id"]]
            assert (ours["answered"], ours["base"]) == (str(rate["answered"]), str(rate["asked"]))
            assert ours.get("percent") == rate["percent_printed"]
    text = (STUDY / "published.yaml").read_text(encoding="utf-8")
    bases = {str(t.get("base")) for t in PUBLISHED["tables"]}
    for diagram in reference["diagrams"]:
        assert str(diagram["base"]) in bases | set(facts.values())
        for stated in diagram["stated"]:
            for key in ("percent", "value"):
                assert stated.get(key) is None or str(stated[key]) in text
    assert len(PUBLISHED["oddities"]) == len(reference["anomalies"])


@needs_shared
def test_both_instruments_stand_as_printed():
    reference = yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))
    asked = [
        q
        for q in load_yaml("medarbetare.yaml")["questions"]
        if q.get("role") != "admin" and "recode" not in q
    ]
    for ours, theirs in zip(asked, reference["survey"]["questions"], strict=True):
        assert ours["text"] == theirs["text"]
        assert [o["label"] for o in ours.get("options", [])] == theirs["options"]
    guide = [q for q in load_yaml("fokusgrupper.yaml")["questions"] if q["type"] == "text"]
    extra = [q for q in guide if "column" in q]
    counts = reference["interview_guide"]
    assert (len(guide) - len(extra), len(extra)) == (
        counts["questions_count"],
        counts["supplementary_count"],
    )
    source = (SHARED / "sources" / "mia-vidare-alis-2022.txt").read_text(encoding="utf-8")
    plain = " ".join(source.split())
    assert all(q.get("column", q["text"]) in plain for q in guide)
