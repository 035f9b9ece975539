"""Two surveys of one study, staff and participants of the same units, attacked together.

Their units and counties have other codes in each survey, and one code stands
for a unit and a county: a reader knows the map by its names. Report, units'
reports and comparisons by unit and by county lie in one folder.
"""

from __future__ import annotations

import csv
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from evaluation.protection import rounds as gate
from evaluation.protection.audit import Audited
from evaluation.protection.audit_cells import Reading
from tests.protection.drawn import World, draw, release, run
from tests.protection.reader import Found, Kinds, Questionnaire, read_rows, strongest
from tests.protection.test_attack import LIMIT, QUICK, WIDTH, small_shown

if TYPE_CHECKING:
    from pathlib import Path

MAP = {"Alvik": "Norr", "Berga": "Norr", "Dalby": "Norr", "Ekeby": "Söder", "Fors": "Söder"}
UNITS = {
    "staff": {"1": "Alvik", "2": "Berga", "3": "Dalby", "4": "Ekeby", "5": "Fors"},
    "clients": {"1": "Fors", "2": "Ekeby", "3": "Dalby", "4": "Berga", "5": "Alvik"},
}
COUNTIES = {"staff": {"1": "Norr", "2": "Söder"}, "clients": {"2": "Norr", "1": "Söder"}}
CHAPTER = "\n\n".join(
    f'{{{{ table("{survey}.q", by="{by}") }}}}'
    for survey in UNITS
    for by in ("unit", "county", "gender")
)
Person = dict[str, str]


def respondents(survey: str, seed: int) -> list[Person]:
    """Return answers from units of four to thirty; a few of each unit answered 1."""
    rng = np.random.default_rng(seed)
    people = []
    for code, n in zip(UNITS[survey], (4, 30, 24, 12, 20), strict=True):
        for _ in range(n):
            name = UNITS[survey][code]
            county = next(k for k, v in COUNTIES[survey].items() if v == MAP[name])
            people.append(
                {
                    "unit": code,
                    "county": county,
                    "gender": str(rng.choice(["w", "m"], p=[0.7, 0.3])),
                    "q": str(rng.choice(["1", "2", "3"], p=[0.2, 0.3, 0.5])),
                }
            )
    return people


def write(folder: Path, policy: str) -> Path:
    (folder / "data").mkdir(parents=True)
    (folder / "chapters").mkdir()
    surveys = []
    for number, survey in enumerate(UNITS):
        people = respondents(survey, number)
        with (folder / "data" / f"{survey}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*people[0]], lineterminator="\n")
            writer.writeheader()
            writer.writerows(people)
        said = {
            name: "{" + ", ".join(f'"{code}": {label}' for code, label in codes.items()) + "}"
            for name, codes in (("unit", UNITS[survey]), ("county", COUNTIES[survey]))
        }
        (folder / f"{survey}.yaml").write_text(
            f"title: {survey}\nquestions:\n"
            f"  - {{id: unit, text: Enhet, type: single, role: unit, options: {said['unit']}}}\n"
            f"  - {{id: county, text: Län, type: single, role: background, "
            f"options: {said['county']}}}\n"
            "  - {id: gender, text: Kön, type: single, role: background, "
            "options: {w: Kvinna, m: Man}}\n"
            "  - {id: q, text: Utsatt?, type: single, options: {1: Ofta, 2: Sällan, 3: Aldrig}}\n",
            encoding="utf-8",
        )
        surveys.append(f"  {survey}: {{title: {survey}, data: data/{survey}.csv, unit: unit}}\n")
    (folder / "data" / "map.csv").write_text(
        "unit,county\n" + "".join(f"{u},{c}\n" for u, c in MAP.items()), encoding="utf-8"
    )
    (folder / "study.yaml").write_text(
        "title: Prov\npublisher: P\nyear: 2026\nlanguage: sv\nhierarchy: data/map.csv\n"
        f"surveys:\n{''.join(surveys)}protection: {{{policy}}}\n",
        encoding="utf-8",
    )
    (folder / "chapters" / "1.md").write_text(f"# R\n\n{CHAPTER}\n", encoding="utf-8")
    return folder


def narrow(rows: list[dict[str, str]], survey: str, seed: int) -> list[Found]:
    """Return small counts of one survey that a reader with the map knows too closely."""
    people = respondents(survey, seed)
    codes = {name: code for code, name in COUNTIES[survey].items()}
    kinds = Kinds(
        Questionnaire(
            single={"unit": tuple(UNITS[survey]), "gender": ("w", "m"), "q": ("1", "2", "3")},
            groups={"county": ("unit", {c: codes[MAP[u]] for c, u in UNITS[survey].items()})},
        )
    )
    truth = np.zeros(kinds.n, dtype=np.int64)
    for person in people:
        truth[kinds.of(person)] += 1
    own = [row for row in rows if row["survey"] == survey]
    found = strongest(kinds, own, n=len(people)).attack(truth, enough=WIDTH)
    assert any(0 < one.truth < LIMIT for one in found)
    return [one for one in found if 0 < one.truth < LIMIT and one.width < WIDTH]


@pytest.fixture(scope="module")
def policy() -> str:
    return "method: suppress, " + ", ".join(f"{key}: {value}" for key, value in QUICK.items())


def test_a_map_by_names_links_codes_that_differ(tmp_path, policy):
    study, out = write(tmp_path / "study", policy), tmp_path / "out"
    run("report", study, "--to", "csv", "--out", out, "--quiet")
    rows = read_rows(out)
    assert not small_shown(rows)
    for number, survey in enumerate(UNITS):
        assert not narrow(rows, survey, number), survey


def test_all_of_one_folder(tmp_path, policy):
    study, out = write(tmp_path / "study", policy), tmp_path / "out"
    run("report", study, "--to", "csv", "--out", out, "--quiet")
    run("compare", study, "--by", "staff.county", "--standardise", "gender", "--out", out)
    run("report", study, "--unit", "Alvik", "--out", out, "--quiet")
    rows = read_rows(out)
    assert {r["table"] for r in rows} >= {"clients.q*unit", "staff.q*unit", "staff.q*county"}
    assert not small_shown(rows)
    for number, survey in enumerate(UNITS):
        assert not narrow(rows, survey, number), survey
    run("audit-release", out)


def test_each_survey_loses_what_it_would_lose_alone(tmp_path, monkeypatch):
    """Their variables are called alike; what opens or narrows a group of one is nothing to the other."""
    monkeypatch.setattr(gate, "audit_gate", lambda *_: Audited([], [], Reading()))
    world = World(policy={"time_limit": 1})
    alone = {name: draw(seed, 40) for name, seed in (("s", 5), ("t", 8))}
    rows = {
        name: read_rows(release(tmp_path / name, people, world)) for name, people in alone.items()
    }
    both, other = tmp_path / "s" / "study", tmp_path / "t" / "study"
    shutil.copy(other / "data" / "s.csv", both / "data" / "t.csv")
    shutil.copy(other / "s.yaml", both / "t.yaml")
    said = (both / "study.yaml").read_text(encoding="utf-8").splitlines()
    line = next(one for one in said if one.startswith("  s: "))
    said.insert(said.index(line), line.replace("  s: ", "  t: ").replace("data/s", "data/t"))
    (both / "study.yaml").write_text("\n".join(said), encoding="utf-8")
    with (both / "chapters" / "1.md").open("a", encoding="utf-8") as file:
        file.write("\n\n".join(table.replace('"s.', '"t.') for table in world.tables))
    run("report", both, "--to", "csv", "--out", tmp_path / "out", "--quiet")
    found = read_rows(tmp_path / "out")
    for name, own in rows.items():
        counts = [(r["row_var"], r["row_code"], r["col_code"], r["where"], r["n"]) for r in own]
        assert any(not n for *_, n in counts)
        assert sorted(counts) == sorted(
            (r["row_var"], r["row_code"], r["col_code"], r["where"], r["n"])
            for r in found
            if r["survey"] == name
        )
