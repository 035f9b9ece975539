"""The study of grants 2013: printed figures, invented answers, real grants, and the report.

The exports are read with csv and counted in a few plain lines, without the product's own code.
"""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal

import pytest
import yaml

from evaluation.pipeline.build import build_report
from evaluation.pipeline.load import load_study
from evaluation.pipeline.verify import read_published, verify
from evaluation.problems import Severity
from evaluation.published.compare import Reason
from evaluation.report.model import ChartBlock, ChartKind, TableBlock
from tests.paths import REPOSITORY, SHARED, needs_shared

STUDY = REPOSITORY / "surveys" / "utvecklingsmedel-2013"
REFERENCE = SHARED / "reference" / "socialstyrelsen-utvecklingsmedel-2013.yaml"
FORMS = {"kommuner": ("utf-8-sig", ","), "foreningar": ("cp1252", ";")}
ROWS = {
    "kommuner": {"complete": 138, "duplicate": 1, "test": 1, "screened_out": 1},
    "foreningar": {"complete": 127, "duplicate": 1, "test": 2},
}
KIND = {"kommuner": "Kommuner och stadsdelsförvaltningar", "foreningar": "Ideella föreningar"}
CANNOT_BE_RIGHT = {
    ("tabell-6", "Kartläggning", "47"),
    ("tabell-6", "Information", "11"),
    ("tabell-6", "Rutiner", "48"),
    ("tabell-6", "Stödinsatser våldsutsatta kvinnor", "8"),
    ("tabell-6", "Stödinsatser barn", "49"),
    ("tabell-6", "Behandlingsinsatser våldsutövare", "4"),
    ("tabell-14", "Information", "31"),
    ("tabell-14", "Stödinsatser våldsutsatta kvinnor", "41"),
    ("tabell-15", "Stödinsatser våldsutsatta kvinnor", "16"),
}
"""Printed percents that no whole count of the printed base gives, rounded half up."""


def load_yaml(name):
    return yaml.safe_load((STUDY / name).read_text(encoding="utf-8"))


PUBLISHED = load_yaml("published.yaml")
BOOKS = {survey: load_yaml(f"{survey}.yaml")["questions"] for survey in FORMS}
TABLES = {t["id"]: t for t in PUBLISHED["tables"]}


def kept(survey):
    encoding, separator = FORMS[survey]
    text = (STUDY / "data" / f"{survey}.csv").read_bytes().decode(encoding)
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))
    status, person = {
        "kommuner": ("Status", "Mottagarkod"),
        "foreningar": ("Anmärkning", "Förening"),
    }[survey]
    real = [r for r in rows if r[status] not in ("Test", "För sent inkommen")]
    return list({r[person]: r for r in real}.values())


def question(survey, name):
    return next(q for q in BOOKS[survey] if q["id"] == name)


def grid_counts(survey, grid, item):
    """Return code -> count of one item, and how many answered it."""
    asked = question(survey, grid)
    text = next(i["text"] for i in asked["items"] if i["id"] == item)
    cells = [row[f"{asked['text']} [{text}]"] for row in kept(survey)]
    by_label = Counter(cells)
    counts = {str(o["code"]): by_label[o["label"]] for o in asked["options"] if "missing" not in o}
    return counts, sum(counts.values())


def multiple_counts(survey, name):
    """Return code -> count of a multiple answer, and how many marked something."""
    asked = question(survey, name)
    label = {str(o["code"]): o["label"] for o in asked["options"]}
    chosen = []
    for row in kept(survey):
        if "separator" in asked:
            marked = row[asked["text"]].split(asked["separator"])
        else:
            marked = [x for x in label.values() if row[f"{asked['text']} [{x}]"] == "Ja"]
        chosen.append({code for code, x in label.items() if x in marked})
    counts = {code: sum(code in marks for marks in chosen) for code in label}
    return counts, sum(bool(marks) for marks in chosen)


def half_up(n, base):
    return (200 * n + base) // (2 * base)


# --- the printed figures -------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tabell-1", "tabell-8"])
def test_areas_and_stages_come_out(name):
    table = TABLES[name]
    survey, grid = table["question"].split(".")
    assert table["base"] == len(kept(survey))
    for row in table["rows"]:
        counts, total = grid_counts(survey, grid, row["item"])
        computed = counts | {"total": total}
        assert {c: str(computed[c]) for c in row["cells"]["total"]} == row["cells"]["total"]


@pytest.mark.parametrize("table", [t for t in TABLES.values() if t["kind"] == "multiple"],
                         ids=lambda t: t["id"])  # fmt: skip
def test_counts_of_multiple_answers_come_out(table):
    survey, name = table["question"].split(".")
    counts, base = multiple_counts(survey, name)
    assert {r["code"]: r["n"] for r in table["rows"]} == {c: str(n) for c, n in counts.items()}
    assert base == table["base"] - (table["id"] == "tabell-5")


def test_percents_come_out_except_those_that_cannot_be_right():
    wrong = set()
    for name in ("tabell-6", "tabell-7", "tabell-14", "tabell-15"):
        table = TABLES[name]
        for row in table["rows"]:
            if "item" in row:
                survey, grid = table["question"].split(".")
                counts, base = grid_counts(survey, grid, row["item"])
            else:
                counts, base = multiple_counts(*row["question"].split("."))
            assert str(base) == row["base"]
            for code, printed in row["cells"]["total"].items():
                if str(half_up(counts[code], base)) != printed:
                    assert abs(100 * counts[code] / base - int(printed)) <= 1
                    assert int(printed) not in {half_up(n, base) for n in range(base + 1)}
                    wrong.add((name, row["label"], printed))
    assert wrong == CANNOT_BE_RIGHT


def test_rows_of_the_exports_end_where_the_readme_says():
    readme = (STUDY / "data" / "README.md").read_text(encoding="utf-8")
    statuses = ("complete", "duplicate", "test", "screened_out")
    for survey, expected in ROWS.items():
        line = [x for x in readme.splitlines() if x.startswith(f"| `{survey}.csv`")][-1]
        numbers = [int(cell) for cell in line.strip("| ").split("|")[1:]]
        assert numbers == [sum(expected.values()), *(expected.get(s, 0) for s in statuses)]
        assert len(kept(survey)) == expected["complete"]


def test_exclusive_answers_stand_alone():
    for survey, questions in BOOKS.items():
        for asked in questions:
            alone = [o["label"] for o in asked.get("options", []) if o.get("exclusive")]
            for row in kept(survey) if alone else ():
                if "separator" in asked:
                    marked = row[asked["text"]].split(asked["separator"])
                else:
                    heads = {
                        o["label"]: f"{asked['text']} [{o['label']}]" for o in asked["options"]
                    }
                    marked = [label for label, head in heads.items() if row[head] == "Ja"]
                assert alone[0] not in marked or len(marked) == 1


# --- the grants ------------------------------------------------------------------------------


def grants():
    with (STUDY / "data" / "bidrag.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_grants_add_up_to_the_printed_totals():
    sums, numbers = Counter(), Counter()
    for row in grants():
        sums[row["Mottagartyp"]] += int(row["Beviljat belopp (kr)"])
        numbers[row["Mottagartyp"]] += 1
    assert sums == {KIND["kommuner"]: 53_687_000, KIND["foreningar"]: 20_000_000}
    assert numbers == {KIND["kommuner"]: 106, KIND["foreningar"]: 100}
    with (STUDY / "data" / "ansokningar.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["Ansökningar"]: row for row in csv.DictReader(file)}
    for column in ("Kommuner", "Ideella föreningar"):
        parts = [int(rows[k][column] or 0) for k in ("Beviljade", "Avslagna", "Återtagna")]
        assert sum(parts) == int(rows["Inkomna"][column])
    assert [int(rows["Beviljade"][c]) for c in ("Kommuner", "Ideella föreningar")] == [106, 100]


def test_towns_hold_their_own_departments():
    for row in grants():
        if row["Mottagartyp"] == KIND["kommuner"]:
            assert row["Huvudman"] == row["Mottagare"].partition(",")[0]
        else:
            assert row["Huvudman"] == row["Mottagare"]


@needs_shared
def test_grants_are_those_of_the_reference():
    printed = yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))["bilaga_2"]
    theirs = [
        (r["recipient"], r["lan"], typ, str(r["amount_kr"]))
        for key, typ in (("kommuner", KIND["kommuner"]), ("ideella_foreningar", KIND["foreningar"]))
        for r in printed[key]["rows"]
    ]
    ours = [
        (r["Mottagare"], r["Län"], r["Mottagartyp"], r["Beviljat belopp (kr)"]) for r in grants()
    ]
    assert ours == theirs


# --- published.yaml against the reference -------------------------------------------------------


@needs_shared
def test_published_holds_every_printed_cell_of_the_reference():
    reference = yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))
    for printed in reference["tables"]:
        ours = TABLES[printed["id"]]
        assert (ours["caption"], ours["unit"], ours.get("base"), ours["columns"]) == (
            printed["caption"],
            printed["unit"],
            printed["base"],
            printed["columns"],
        )
        for mine, row in zip(ours["rows"], printed["rows"], strict=True):
            cells = list(mine["cells"]["total"].values()) if "cells" in mine else [mine["n"]]
            assert (mine["label"], mine.get("group"), mine.get("base"), cells) == (
                row["label"],
                row.get("group"),
                str(row["n"]) if "n" in row else None,
                [str(v) for v in row["values"]],
            )
    for key, name in (("kommuner", "kommuner"), ("ideella_foreningar", "foreningar")):
        lists = reference["bilaga_2"][key]
        *rows, total = TABLES[f"bilaga-2-{name}"]["rows"]
        wanted = [(r["recipient"], r["lan"], f"{r['amount_kr']:,}") for r in lists["rows"]]
        found = [(r["label"], r["cells"]["Län"], r["cells"]["Beviljat belopp (kr)"]) for r in rows]
        assert found == [(label, lan, kr.replace(",", " ")) for label, lan, kr in wanted]
        printed = f"{lists['total_printed_kr']:,}".replace(",", " ")
        assert total["label"] == lists["total_label"]
        assert total["cells"]["Beviljat belopp (kr)"] == printed


@needs_shared
def test_published_holds_every_phrase_and_fact_of_the_reference():
    reference = yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))
    phrases = {(t["id"], f["phrase"]) for t in reference["tables"] for f in t["text_figures"]}
    assert {(p["table"], p["phrase"]) for p in PUBLISHED["phrases"]} == phrases
    facts = {f["id"]: f for f in PUBLISHED["facts"]}
    for fact in reference["facts"]:
        ours = facts[fact["id"]]
        assert str(fact["value"]) in (ours["value"].removesuffix(" %"), ours["printed"])
    for table in reference["tables"]:
        for figure in table["text_figures"]:
            if figure["value"] is not None:
                said = [f for f in facts.values() if f["printed"] == figure["phrase"]]
                assert str(figure["value"]) in [f["value"] for f in said]


@needs_shared
def test_oddities_name_every_table_that_the_reference_finds_odd():
    reference = yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))
    odd = {(t["id"], a["type"]) for t in reference["tables"] for a in t["anomalies"]}
    assert odd <= {(o["table"], o["type"]) for o in PUBLISHED["oddities"]}
    wrong = {
        (t["id"], a["where"], a.get("printed"))
        for t in reference["tables"]
        for a in t["anomalies"]
        if a["type"] == "percent_not_plain_rounding"
    }
    assert wrong == CANNOT_BE_RIGHT


# --- the generator ------------------------------------------------------------------------------


def test_generator_writes_the_committed_files(tmp_path):
    script = STUDY / "synthesize.py"
    subprocess.run([sys.executable, "-B", str(script), str(tmp_path)], check=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["foreningar.csv", "kommuner.csv"]
    for file in tmp_path.iterdir():
        assert file.read_bytes() == (STUDY / "data" / file.name).read_bytes()


# --- through the product ------------------------------------------------------------------------


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


def test_every_row_gets_its_status(study):
    for survey, expected in ROWS.items():
        counts = study.coded[survey].intake.counts
        assert {s.value: n for s, n in counts.items() if n} == expected


def test_every_printed_figure_is_reproduced_or_shown_to_be_impossible(study):
    result = verify(study, read_published(study).value)
    assert result.is_explained
    assert result.facts == ()
    assert (len(result.tables), sum(t.cells for t in result.tables)) == (17, 768)
    reasons = Counter(d.reason for t in result.tables for d in t.differences)
    assert reasons == {Reason.ADJUSTED: 8, Reason.NOT_PLAIN: 1, Reason.UNMARKED: 1}
    percents = {
        (t.id, d.row, d.printed) for t in result.tables for d in t.differences if d.explanation
    }
    assert percents == CANNOT_BE_RIGHT
    assert {check.id for check in result.phrases} == {"tabell-7-2b", "tabell-14-1b"}
    assert all(check.as_marked for check in result.phrases)


def test_one_altered_answer_is_named(tmp_path):
    copy = tmp_path / "altered"
    shutil.copytree(STUDY, copy)
    file = copy / "data" / "kommuner.csv"
    text = file.read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    head = f"{question('kommuner', 'resultat')['text']} [Samverkan]"
    place = rows[0].index(head)
    row = next(r for r in rows if r[2] == "Inkommen" and r[place] == "Delvis")
    row[place] = "Helt"
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    file.write_bytes(out.getvalue().encode("utf-8-sig"))
    altered, _ = load_study(copy)
    result = verify(altered, read_published(altered).value)
    assert not result.is_explained
    found = {(d.table, d.row, d.column, d.printed, d.computed)
             for t in result.tables for d in t.unexplained}  # fmt: skip
    assert found == {
        ("tabell-6", "Samverkan", "Helt", "16", "18"),
        ("tabell-6", "Samverkan", "Delvis", "22", "20"),
    }


def blocks(report, kind):
    return {block.id: block for block in report.blocks if isinstance(block, kind)}


def test_tables_stand_in_the_order_and_the_form_of_the_print(report):
    tables = blocks(report, TableBlock)
    assert [tables[f"tab-{n}"].number for n in range(1, 16)] == list(range(1, 16))
    first = tables["tab-1"]
    assert [row.label for row in first.rows if not row.cells] == list(
        dict.fromkeys(row["group"] for row in TABLES["tabell-1"]["rows"])
    )
    assert [c.text for c in first.rows[1].cells] == ["76", "41", "30", "5"]
    assert tables["tab-2"].rows[0].cells[0].text == "51"
    assert len(tables["tab-2"].rows[0].cells) == 1
    assert "Flera svar kunde anges." in tables["tab-2"].notes
    assert tables["tab-6"].rows[0].label == "Kartläggning (n\u00a0=\u00a071)"
    assert [c.text for c in tables["tab-7"].rows[0].cells] == ["15", "13", "24", "65"]
    assert [c.text for c in tables["tab-8"].rows[0].cells] == ["53", "33", "17"]
    assert len(tables["tab-bidrag-kommuner"].rows) == 107
    assert tables["tab-bidrag-foreningar"].rows[-1].cells[-1].value == 20_000_000


def test_grants_are_summed_by_county_as_a_plain_count_does(report):
    letters = {}
    with (STUDY / "data" / "lan.csv").open(encoding="utf-8", newline="") as file:
        letters = {row["Länsbokstav"]: row["Län"] for row in csv.DictReader(file)}
    sums = defaultdict(int)
    for row in grants():
        sums[letters[row["Län"]]] += int(row["Beviljat belopp (kr)"])
    table = blocks(report, TableBlock)["tab-per-lan"]
    computed = {row.label: int(row.cells[-1].value) for row in table.rows}
    assert computed.pop("Totalt") == 73_687_000
    assert computed == sums
    assert len(computed) == 21
    charts = blocks(report, ChartBlock)
    tiles, ranked = charts["fig-karta"], charts["fig-lan-rangordnade"]
    assert tiles.kind is ChartKind.TILES
    shown = dict(zip(tiles.categories, tiles.series[0].points, strict=True))
    assert {c: p.value for c, p in shown.items()} == {
        c: (Decimal(n) / 1_000_000).quantize(Decimal("0.1"), "ROUND_HALF_UP")
        for c, n in sums.items()
    }
    assert list(ranked.categories) == sorted(sums, key=lambda c: -sums[c])


def test_the_largest_recipients(report):
    sums = Counter()
    for row in grants():
        sums[row["Huvudman"]] += int(row["Beviljat belopp (kr)"])
    table = blocks(report, TableBlock)["tab-per-huvudman"]
    ten = sums.most_common(10)
    assert [(r.label, int(r.cells[0].value)) for r in table.rows[:10]] == ten
    assert ten[-1][1] > sums.most_common(11)[-1][1]
    assert int(table.rows[10].cells[0].value) == 73_687_000 - sum(n for _, n in ten)


def test_what_the_chapters_say_of_order_holds():
    good = {
        (survey, item["id"]): grid_counts(survey, "resultat", item["id"])
        for survey in FORMS
        for item in question(survey, "resultat")["items"]
    }
    shares = {key: (c["1"] + c["2"]) / base for key, (c, base) in good.items()}
    assert min(shares.values()) >= 0.5
    by_survey = {s: sorted((v, k) for (x, k), v in shares.items() if x == s) for s in FORMS}
    assert [k for _, k in by_survey["kommuner"][:2]] == ["res_metoder", "res_information"]
    assert by_survey["foreningar"][0][1] == "res_dokumentation"
    alone = {
        row["question"].partition("_")[2]: int(row["cells"]["total"]["nej"])
        for row in TABLES["tabell-7"]["rows"]
    }
    assert min(alone, key=alone.get) == "kvinnor"
    assert sorted(alone, key=alone.get)[-2:] == ["handlingsplan", "rutiner"]


def test_the_report_says_what_is_invented(report):
    assert "påhittade svar" in report.meta.notice
    assert "verkliga" in report.meta.notice
