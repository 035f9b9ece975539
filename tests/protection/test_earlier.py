"""Releases after one another, attacked with all files of all years by a program of its own.

What is out cannot be taken back; what a new release adds must bring a reader no
nearer to anybody than that the count is small.
"""

from __future__ import annotations

import csv
import random
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.unit_study import write_unit_study
from tests.protection.drawn import Respondent, World, draw, release, run
from tests.protection.reader import MISSING, Attack, Found, Kinds, of_year, read_rows, strongest
from tests.protection.test_attack import KINDS, LIMIT, QUICK, place, small_shown

if TYPE_CHECKING:
    from pathlib import Path

YEARS = ("2024", "2025", "2026")
FLOOR = LIMIT - 2
"""From 1 to the greatest small count: what a reader knows of every hidden small count."""
BY_YEAR = Kinds(replace(KINDS.known, single={**KINDS.known.single, "year": YEARS}))


def upto(number: int) -> str:
    return "+".join(YEARS[: number + 1])


def chain(
    folder: Path, people: list[Respondent], sizes: list[int], **policy: object
) -> list[list[dict[str, str]]]:
    """Publish year after year, each with the earlier ones at hand; return the rows of each."""
    found = []
    for number, size in enumerate(sizes):
        earlier = [f"../../{i}/out" for i in range(number)]
        world = World(policy={**QUICK, **policy, "previous": earlier})
        found.append(read_rows(release(folder / str(number), people[:size], world)))
    return found


def attacked(years: list[list[dict[str, str]]], sizes: list[int]) -> Attack:
    rows = [row for number, one in enumerate(years) for row in of_year(one, upto(number))]
    people = {upto(number): size for number, size in enumerate(sizes)}
    return strongest(BY_YEAR, rows, people=people)


def truth(people: list[Respondent], sizes: list[int]) -> np.ndarray:
    counts = np.zeros(BY_YEAR.n, dtype=np.int64)
    for at, person in enumerate(people):
        year = next(YEARS[i] for i, size in enumerate(sizes) if at < size)
        counts[BY_YEAR.of({**person, "year": year})] += 1
    return counts


def too_close(attack: Attack, counts: np.ndarray) -> list[Found]:
    found = attack.attack(counts, enough=FLOOR)
    return [one for one in found if 0 < one.truth < LIMIT and one.width < FLOOR]


def added_told(attack: Attack, years: list[list[dict[str, str]]]) -> list[Found]:
    """Answers of those who came in a later year, known to be by somebody and by few."""
    told = []
    for earlier in range(len(years) - 1):
        for later in range(earlier + 1, len(years)):
            names = {place(row) for row in years[earlier]}
            new = "+".join(YEARS[earlier + 1 : later + 1])
            for row in years[later]:
                is_answer = row["row_var"] == "q" and row["row_code"] not in (*MISSING, "total")
                if not is_answer or place(row) not in names:
                    continue  # how many came, and answered anything at all, is no secret
                vector = attack.vector({**row, "years": new})
                low, high = attack.interval(vector)
                if 1 <= low <= high < LIMIT:
                    told.append(Found(f"{new}: {row['table']}", row["row_code"], "", low, high))
    return told


@pytest.mark.parametrize(("seed", "sizes"), [(8, [49, 50]), (11, [30, 44])])
def test_two_years_together_tell_no_more_than_that_a_count_is_small(tmp_path, seed, sizes):
    people = draw(seed, sizes[-1])
    years = chain(tmp_path, people, sizes)
    assert not [row for one in years for row in small_shown(one)]
    assert [row for row in years[-1] if row["n"] not in ("", "0")]
    attack = attacked(years, sizes)
    assert not too_close(attack, truth(people, sizes))
    assert not added_told(attack, years)


def test_a_chain_of_three_years(tmp_path):
    sizes = [24, 40, 60]
    people = draw(4, 60)
    years = chain(tmp_path, people, sizes)
    attack = attacked(years, sizes)
    assert not too_close(attack, truth(people, sizes))
    assert not added_told(attack, years)
    assert run("audit-release", *(tmp_path / str(i) / "out" for i in range(3)))


def test_that_nobody_lacks_an_answer_is_hidden_before_whole_tables_are(tmp_path):
    """A printed "nobody" of the third year says how many men the second one had."""
    years = chain(tmp_path, draw(4, 60), [40, 52, 60])
    assert {row["table"] for row in years[2]} == {row["table"] for row in years[0]}


def test_without_the_earlier_release_at_hand_the_attack_succeeds(tmp_path):
    sizes = [49, 50]
    people = draw(8, 50)
    years = [
        read_rows(release(tmp_path / str(i), people[:size], World(policy=QUICK)))
        for i, size in enumerate(sizes)
    ]
    attack = attacked(years, sizes)
    assert too_close(attack, truth(people, sizes)) or added_told(attack, years)


def test_the_same_answers_published_again(tmp_path):
    people = draw(5, 40)
    years = chain(tmp_path, people, [40, 40])
    rows = [row for one in years for row in one]
    attack = strongest(KINDS, rows, n=40)
    counts = np.zeros(KINDS.n, dtype=np.int64)
    for person in people:
        counts[KINDS.of(person)] += 1
    assert not too_close(attack, counts)


def grown_study(folder: Path, units: int, fewer: int) -> tuple[Path, Path]:
    """Write a study of many units, and the same a year before with fewer respondents."""
    new = write_unit_study(folder / "new", units, smallest=4, largest=60, counties=3, seconds=2)
    old = folder / "old"
    shutil.copytree(new, old)
    file = old / "data" / "besok.csv"
    with file.open(encoding="utf-8", newline="") as content:
        rows = list(csv.reader(content, delimiter=";"))
    gone = set(random.Random(1).sample(range(1, len(rows)), fewer))
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, delimiter=";").writerows(r for i, r in enumerate(rows) if i not in gone)
    with (new / "study.yaml").open("a", encoding="utf-8") as out:
        out.write("  previous: [../out_old]\n")
    return old, new


def test_units_reports_after_those_of_the_year_before(tmp_path):
    old, new = grown_study(tmp_path, 12, 8)
    for study, out in ((old, tmp_path / "out_old"), (new, tmp_path / "out_new")):
        run("report", study, "--to", "csv,json", "--out", out, "--quiet")
        run("report", study, "--each-unit", "--out", out, "--quiet")
    rows = read_rows(tmp_path / "out_new")
    assert {row["table"] for row in rows} >= {"besok.nojd*kommun", "besok.vag*kommun"}
    shown = [row for row in rows if row["n"]]
    assert len(shown) > len(rows) / 3
    assert run("audit-release", tmp_path / "out_old", tmp_path / "out_new")
