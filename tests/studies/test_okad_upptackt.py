"""The study of goals: against the reference, recounted, and verified."""

from __future__ import annotations

import csv
import shutil
from collections import Counter

import yaml

from evaluation.pipeline.load import load_study
from evaluation.pipeline.verify import read_published, verify
from tests.paths import REPOSITORY, SHARED, needs_shared

STUDY = REPOSITORY / "surveys" / "okad-upptackt-2022"
REFERENCE = SHARED / "reference" / "jamstalldhetsmyndigheten-2022-9-goals.yaml"
NO_VERDICT = "Inget uttryckligt omdöme"


def goals(folder=STUDY):
    with (folder / "data" / "mal.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_yaml(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@needs_shared
def test_goals_are_those_of_the_reference():
    reference = read_yaml(REFERENCE)["goals"]
    assert [row["Mål-id"] for row in goals()] == [goal["id"] for goal in reference]
    for row, goal in zip(goals(), reference, strict=True):
        verdict = (goal["outcome"] or NO_VERDICT).capitalize()
        assert row["Utfall"] == verdict
        assert row["Myndighet"] == goal["agency"]
        assert row["År"] == goal["years_printed"].replace("-", "–")
        assert row["Rapportens ord"] == goal.get("outcome_words_printed", "")
        assert bool(row["Läsning av texten"]) == (goal["outcome"] is None)


@needs_shared
def test_wording_and_pages_are_those_of_the_source():
    source = SHARED / "sources" / "jamstalldhetsmyndigheten-2022-9.txt"
    lines = source.read_text(encoding="utf-8").split("\n")
    last_page, last_line = 29, 758
    starts = [i for i, line in enumerate(lines, 1) if line.startswith(" ") and line.strip()]
    for row, goal in zip(goals(), read_yaml(REFERENCE)["goals"], strict=True):
        first, last = goal["goal_src_lines"]
        said = " ".join(" ".join(lines[first - 1 : last]).split()).lstrip("• ")
        assert row["Mål"] == said
        page = last_page + sum(last_line < start <= first for start in starts)
        assert row["Sida"] == str(page)


@needs_shared
def test_printed_counts_are_those_of_the_reference():
    published = read_yaml(STUDY / "published.yaml")
    (table,) = [t for t in published["tables"] if t["id"] == "utfall-per-myndighet"]
    codes = {"af": "Arbetsförmedlingen", "fk": "Försäkringskassan", "mv": "Migrationsverket"}
    names = {
        "uppfyllt": "uppfyllt",
        "delvis": "delvis_uppfyllt",
        "ej": "ej_uppnått",
        "svarbedomt": "svårbedömt",
        "inget": "inget_uttryckligt_omdöme",
    }
    agencies = {a["agency"]: a for a in read_yaml(REFERENCE)["counts"]["by_agency"]}
    for row in table["rows"]:
        for code, agency in codes.items():
            assert row["cells"][code] == str(agencies[agency][names[row["code"]]])


def test_recount_in_plain_python():
    counted = Counter((row["Utfall"], row["Myndighet"]) for row in goals())
    published = read_yaml(STUDY / "published.yaml")
    (table,) = [t for t in published["tables"] if t["id"] == "utfall-per-myndighet"]
    for row in table["rows"]:
        cells = [
            counted[row["label"], agency]
            for agency in ("Arbetsförmedlingen", "Försäkringskassan", "Migrationsverket")
        ]
        printed = [int(row["cells"][code]) for code in ("af", "fk", "mv")]
        assert (cells, sum(cells)) == (printed, int(row["cells"]["total"]))


def verified(folder):
    study, _ = load_study(folder)
    return verify(study, read_published(study).value)


def test_verify_is_clean():
    result = verified(STUDY)
    assert result.is_explained
    assert sum(table.cells - table.equal for table in result.tables) == 0


def test_an_altered_outcome_is_named(tmp_path):
    folder = tmp_path / STUDY.name
    shutil.copytree(STUDY, folder)
    path = folder / "data" / "mal.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Delvis uppfyllt,är delvis", "Uppfyllt,är delvis"), "utf-8")
    result = verified(folder)
    assert not result.is_explained
    places = {(d.table, d.printed, d.computed) for t in result.tables for d in t.differences}
    assert ("mal-af", "Delvis uppfyllt", "Uppfyllt") in places
    assert ("utfall-per-myndighet", "4", "5") in places
