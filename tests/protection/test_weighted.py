"""Weights that a reader knows: weighted sums are equations too.

The weight goes by unit, as after weighting to the units' known sizes. The
attacker knows each unit's weight and uses the weighted counts and percents of
``tables.csv``.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner

from evaluation.cli import main
from evaluation.pipeline import weighings
from evaluation.protection import audit
from evaluation.protection.audit_weighted import Told
from evaluation.protection.audit_weighted_question import Question
from evaluation.protection.methods import suppress
from evaluation.protection.settings import release_settings
from evaluation.protection.weighted import NOTHING
from tests.protection.drawn import Respondent, World, run, write_study
from tests.protection.reader import Attack, Found, read_rows
from tests.protection.test_attack import KINDS, LIMIT, QUICK, WIDTH, small_shown, true_counts
from tests.protection.weighted_world import (
    AGES,
    BY_AGE,
    BY_GENDER,
    BY_UNIT,
    MISSING,
    UNITS,
    WHOLE,
    Weighted,
    attack,
    counted,
    draw,
    own,
    poststratified,
    publish,
    raked,
)

if TYPE_CHECKING:
    from pathlib import Path

WEIGHTS = {"u1": 1.0, "u2": 3.25, "u3": 7.5, "u4": 18.5}
CROSSED = ('{{ table("s.q", by="unit") }}',)


def people() -> list[Respondent]:
    """Few of two units answered 1 and 2, so that cells of theirs hide each other."""
    counts = {"u1": (3, 9, 14), "u2": (11, 3, 9), "u3": (14, 12, 21), "u4": (17, 16, 11)}
    return [
        {"unit": unit, "gender": "w", "q": q, "f": "f1" if q == "1" else "", "m": "m1"}
        for unit, found in counts.items()
        for q, n in zip("123", found, strict=True)
        for _ in range(n)
    ]


def weighted_release(folder: Path) -> list[dict[str, str]]:
    study = write_study(folder / "study", people(), World(tables=CROSSED, policy=QUICK))
    with (study / "data" / "s.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (study / "data" / "s.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], "w"], lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "w": WEIGHTS[row["unit"]]} for row in rows)
    said = (study / "study.yaml").read_text(encoding="utf-8")
    said = said.replace("unit: unit,", "unit: unit, design: {weight: w},")
    (study / "study.yaml").write_text(said, encoding="utf-8")
    with (study / "s.yaml").open("a", encoding="utf-8") as file:
        file.write("  - {id: w, text: Vikt, type: number, role: weight}\n")
    run("report", study, "--to", "csv", "--out", folder / "out", "--quiet")
    return read_rows(folder / "out")


def narrow(rows: list[dict[str, str]]) -> list[Found]:
    attack = Attack(KINDS, rows, n=len(people()))
    weights = np.array([WEIGHTS[str(kind["unit"])] for kind in KINDS.kinds])
    attack.read_weighted(rows, weights)
    assert attack.is_possible()
    found = attack.attack(true_counts(people()), enough=WIDTH)
    assert any(0 < one.truth < LIMIT for one in found)
    return [one for one in found if 0 < one.truth < LIMIT and one.width < WIDTH]


def test_weighted_sums_do_not_tell_hidden_counts_apart(tmp_path):
    rows = weighted_release(tmp_path)
    assert not small_shown(rows)
    assert any(row["weight"] and row["wn"] for row in rows)
    assert not narrow(rows)


def test_they_would_have(tmp_path, monkeypatch):
    unguarded(monkeypatch)
    assert narrow(weighted_release(tmp_path))


@pytest.mark.parametrize("weights", [{"u1": 2.0, "u2": 2.0, "u3": 2.0, "u4": 2.0}])
def test_one_weight_for_all_withholds_no_sum(tmp_path, monkeypatch, weights):
    monkeypatch.setitem(globals(), "WEIGHTS", weights)
    rows = weighted_release(tmp_path)
    assert not [row for row in rows if row["weight"] and row["n"] and not row["wn"]]


# --- weights by what no weighted table shows, by several variables, raked -------------------

FILTERED = '{{ table("s.q", where=\'unit != "u3"\') }}'
WORLDS = {
    "two variables": Weighted(poststratified("gender", "age")),
    "their tables": Weighted(poststratified("gender", "age"), (BY_UNIT, BY_GENDER, BY_AGE)),
    "raked": Weighted(raked, (BY_UNIT, BY_GENDER)),
    "near 1.4 and 1.0": Weighted(own, (BY_UNIT, WHOLE)),
    "in no table": Weighted(poststratified("age"), by=("age",)),
    "unit": Weighted(poststratified("unit"), (BY_UNIT, WHOLE), by=("unit",)),
    "with a known one": Weighted(
        poststratified("unit", "gender"), (BY_UNIT, BY_GENDER), by=("unit", "gender")
    ),
    "to thousands": Weighted(poststratified("gender", "age", scale=1000), (BY_UNIT, BY_GENDER)),
    "a filter": Weighted(poststratified("gender"), (WHOLE, FILTERED), by=("gender",)),
    "units": Weighted(poststratified("gender"), (BY_UNIT,), by=("gender",), units=True),
}


@pytest.mark.parametrize(
    ("name", "seed"),
    [
        *((name, seed) for name in WORLDS for seed in (1, 2)),
        ("a filter", 6),
        ("raked", 4),
        ("their tables", 25),
    ],
)
def test_nobody_who_knows_the_weights_learns_how_few_of_a_group_answered(tmp_path, name, seed):
    world = WORLDS[name]
    drawn = draw(seed, world.n)
    rows = publish(tmp_path, drawn, world)
    assert not small_shown(rows)
    assert not attack(rows, drawn, world)


@pytest.mark.parametrize("name", WORLDS)
def test_without_the_guard_and_the_audit_they_would(tmp_path, monkeypatch, name):
    unguarded(monkeypatch)
    found = []
    for seed in (1, 2):
        drawn = draw(seed, WORLDS[name].n)
        found += attack(publish(tmp_path / str(seed), drawn, WORLDS[name]), drawn, WORLDS[name])
    assert found


def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suppress, "withheld_sums", lambda *_: NOTHING)
    monkeypatch.setattr(audit, "attack_weighted", lambda *_: Told([], frozenset()))


@pytest.mark.parametrize("percents", ["row", "total"])
@pytest.mark.parametrize("name", ["their tables", "units"])
def test_nor_from_percents_of_rows_or_of_all(tmp_path, name, percents):
    world = replace(WORLDS[name], percents=percents)
    drawn = draw(1, world.n)
    rows = publish(tmp_path, drawn, world)
    assert any(row["percents"] == percents and row["percent"] for row in rows)
    assert not attack(rows, drawn, world)


# --- how many are in each group is known, of all respondents ---------------------------------


def no_sizes_in_the_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "with_sizes", lambda *_: None)


def no_decimals(monkeypatch: pytest.MonkeyPatch) -> None:
    def settings(*about):
        made = release_settings(*about)
        del made["structure"]["decimals"]
        return made

    monkeypatch.setattr(suppress, "release_settings", settings)


def no_other_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Question, "_other_groups", lambda *_: set())


@pytest.mark.parametrize(
    ("name", "seed", "without"),
    [
        ("their tables", 4, no_sizes_in_the_audit),
        ("near 1.4 and 1.0", 22, no_decimals),
        ("a filter", 13, no_other_groups),
    ],
)
def test_each_guard_is_needed(tmp_path, monkeypatch, name, seed, without):
    world = WORLDS[name]
    drawn = draw(seed, world.n)
    assert not attack(publish(tmp_path / "with", drawn, world), drawn, world)
    without(monkeypatch)
    assert attack(publish(tmp_path / "without", drawn, world), drawn, world)


def test_a_filter_of_the_survey_says_of_how_many_the_tables_are(tmp_path, monkeypatch):
    tables = (BY_UNIT, WHOLE, BY_AGE)
    world = Weighted(poststratified("gender"), tables, by=("gender",), only='age != "a3"')
    bounds = Question._bounds
    drawn = draw(1, 120)
    about = [person for person in drawn if person["age"] != "a3"]
    world = replace(world, weigh=lambda _: poststratified("gender")(drawn))
    rows = publish(tmp_path / "with", drawn, world)
    assert any(row["wn"] not in ("", "0") for row in rows if row["row_var"] == "q")
    assert not attack(rows, about, world)
    run("audit-release", tmp_path / "with" / "out")
    # taken to be about everybody, the numbers contradict themselves: all that is weighted goes
    monkeypatch.setattr(weighings, "filtered", lambda _: {})
    monkeypatch.setattr(audit, "with_sizes", lambda *_: None)
    monkeypatch.setattr(suppress, "known_sizes", lambda *_: {})
    assert not attack(publish(tmp_path / "without", drawn, world), about, world)
    monkeypatch.setattr(Question, "_unclear", lambda _: {})
    monkeypatch.setattr(
        Question, "_bounds", lambda question, knows_sizes: bounds(question, knows_sizes=True)
    )
    assert attack(publish(tmp_path / "blind", drawn, world), about, world)


IN_ONE_UNIT = Weighted(
    poststratified("unit", "gender"),
    ('{{ table("s.q", by="gender", where=\'unit == "u3"\') }}',),
    by=("unit", "gender"),
)


@pytest.mark.parametrize(
    ("by_method", "by_audit"), [(True, True), (True, False), (False, True), (False, False)]
)
def test_method_and_audit_each_know_how_many_are_in_a_group(
    tmp_path, monkeypatch, by_method, by_audit
):
    """Three women of a unit answered; how many did not is shown, how many there are is known."""
    drawn = draw(1, 120)
    women = [p for p in drawn if p["unit"] == "u3" and p["gender"] == "w"]
    for number, person in enumerate(women, 3 - len(women)):
        person["q"] = person["q"] or "2" if number >= 0 else ""
    if not by_method:
        monkeypatch.setattr(suppress, "known_sizes", lambda *_: {})
    if not by_audit:
        monkeypatch.setattr(audit, "with_sizes", lambda *_: None)
    rows = publish(tmp_path, drawn, IN_ONE_UNIT)
    assert sum(row["n"] not in ("", "0") for row in rows if row["row_var"] == "q") > 5
    assert bool(attack(rows, drawn, IN_ONE_UNIT)) == (not by_method and not by_audit)


def test_a_group_of_two_does_not_make_a_release_refuse(tmp_path):
    """That they are two is what the reader knew; how they answered is not."""
    drawn = draw(1, 120)
    kept = [p for p in drawn if (p["unit"], p["gender"]) != ("u3", "m")]
    men = [p for p in drawn if p not in kept]
    people = [*kept, *men[:2]]
    rows = publish(tmp_path, people, IN_ONE_UNIT)
    assert any(row["n"] not in ("", "0") for row in rows if row["row_var"] == "q")
    assert not small_shown(rows)
    assert not attack(rows, people, IN_ONE_UNIT)


@pytest.mark.parametrize("by", [("gender",), ("gender", "age"), ("unit", "gender", "age")])
def test_large_cells_lose_nothing(tmp_path, by):
    world = Weighted(poststratified(*by), (BY_UNIT, BY_GENDER, BY_AGE), n=2500)
    rows = publish(tmp_path, draw(3, world.n), world)
    answers = [r for r in rows if r["row_var"] == "q" and r["row_code"] not in MISSING]
    assert len(answers) > 50
    assert all(r["n"] and r["wn"] and r["percent"] for r in answers)


def test_the_audit_from_the_files_finds_what_weights_tell(tmp_path, monkeypatch):
    world = WORLDS["unit"]
    drawn = draw(1, world.n)
    publish(tmp_path / "a", drawn, world)
    run("audit-release", tmp_path / "a" / "out")
    with monkeypatch.context() as without:
        unguarded(without)
        rows = publish(tmp_path / "b", drawn, world)
    assert attack(rows, drawn, world)
    made = CliRunner().invoke(main, ["audit-release", str(tmp_path / "b" / "out")])
    assert made.exit_code == 1


@pytest.mark.parametrize("method", ["round", "cell_key"])
def test_changed_counts_do_not_keep_their_mean_weight(tmp_path, method):
    """Else their ratio would tell how many of those counted are women, whatever the noise."""
    weights = {"w": 1.5, "m": 1.0}
    world = Weighted(
        lambda _: {(u, g, a): weights[g] for u in UNITS for g in weights for a in AGES},
        (BY_UNIT,),
        n=300,
        policy={"method": method, "seed": 4},
        by=("gender",),
    )
    drawn = draw(3, world.n)
    rows = publish(tmp_path, drawn, world)
    off = []
    for row in rows:
        if not row["n"] or row["n"] == "0" or row["row_var"] != "q" or row["row_code"] in MISSING:
            continue
        inside = [p for p in drawn if counted(p, row)]
        women = sum(p["gender"] == "w" for p in inside)
        n, wn = int(row["n"]), float(row["wn"])
        off.append((wn - n) / 0.5 - women / len(inside) * n)
        # by no more than if half a threshold of persons were others, and rounding
        assert abs(off[-1]) <= LIMIT / 2 + 1
    assert len(off) > 10
    assert sum(abs(one) > 1 for one in off) > len(off) / 4
    alike: dict[tuple[str, ...], set[str]] = {}
    for row in rows:
        if row["row_var"] == "q" and row["col_code"] == "total":
            alike.setdefault((row["row_code"],), set()).add(row["wn"])
    assert all(len(found) == 1 for found in alike.values())
