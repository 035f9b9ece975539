"""Years in one study, as one file or as surveys of their own, after a release of the first alone.

The same figures are printed again: to a reader they are the same answers, not
those of other persons, also where an answer has been corrected since.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.protection import audit_earlier, audit_same, rounds
from tests.protection.drawn import Respondent, World, draw, run, write_study
from tests.protection.reader import Attack, Found, Kinds, of_year, read_rows, strongest
from tests.protection.test_attack import KINDS, LIMIT, QUICK, WIDTH, small_shown
from tests.protection.waves import YEARS, publish, with_surveys, with_years

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

BY_YEAR = Kinds(replace(KINDS.known, single={**KINDS.known.single, "year": YEARS}))
BEFORE = ('{{ table("s.q", by="unit") }}', '{{ table("s.q", by="assoc") }}')
IN_FILE = (
    *(
        f'{{{{ table("s.q", by="{by}", where=\'year == "{year}"\') }}}}'
        for year in YEARS
        for by in ("unit", "gender", "county")
    ),
    '{{ table("s.q", by="year") }}',
)
SURVEYS = tuple(f"s{year}" for year in YEARS)
IN_SURVEYS = tuple(
    f'{{{{ table("{survey}.q", by="{by}") }}}}'
    for survey in SURVEYS
    for by in ("unit", "gender", "county")
)
Rows = list[dict[str, str]]


def first_release(folder: Path, people: list[Respondent]) -> Rows:
    """Publish the first year by itself."""
    study = write_study(folder / "before", people, World(tables=BEFORE, policy=QUICK))
    return read_rows(publish(study, folder / "out_before"))


def policy(*, is_known: bool = True) -> dict[str, Any]:
    return {**QUICK, **({"previous": ["../out_before"]} if is_known else {})}


def narrow(attack: Attack, kinds: Kinds, people: Iterable[Respondent]) -> list[Found]:
    counts = np.zeros(kinds.n, dtype=np.int64)
    for person in people:
        counts[kinds.of(person)] += 1
    found = attack.attack(counts, enough=WIDTH)
    assert any(0 < one.truth < LIMIT for one in found)
    return [one for one in found if 0 < one.truth < LIMIT and one.width < WIDTH]


# --- one file -------------------------------------------------------------------------------


def attacked_file(folder: Path, seed: int, *, is_known: bool = True) -> list[Found]:
    """Attack last year's release together with one of both years in one file."""
    years = {year: draw(seed + 1000 * at, 50) for at, year in enumerate(YEARS)}
    before = first_release(folder, years[YEARS[0]])
    world = World(tables=IN_FILE, policy=policy(is_known=is_known))
    rows = read_rows(publish(with_years(folder / "now", years, world), folder / "out"))
    assert not small_shown(rows)
    attack = strongest(
        BY_YEAR, [*of_year(before, YEARS[0]), *rows], people=dict.fromkeys(YEARS, 50)
    )
    people = [{**person, "year": year} for year, group in years.items() for person in group]
    return narrow(attack, BY_YEAR, people)


def test_last_years_release_is_one_year_of_this_one(tmp_path):
    assert not attacked_file(tmp_path, 3)


def test_unknown_to_the_gate_it_would_tell(tmp_path):
    assert attacked_file(tmp_path, 3, is_known=False)


def test_taken_for_a_part_of_all_years_it_would_tell(tmp_path, monkeypatch):
    """As before: nested in the sum of both years, not known to be one of them."""
    monkeypatch.setattr(rounds, "placed", lambda previous, *_: previous)
    monkeypatch.setattr(
        audit_earlier, "moved", lambda cells, *_: [audit_same.Moved(list(cells), [])]
    )
    assert attacked_file(tmp_path, 3)


# --- surveys --------------------------------------------------------------------------------


def publish_surveys(folder: Path, years: Sequence[list[Respondent]], **said: Any) -> Rows:
    """Publish years that are surveys of their own."""
    world = World(tables=IN_SURVEYS, policy=said or QUICK)
    surveys = dict(zip(SURVEYS, years, strict=True))
    rows = read_rows(publish(with_surveys(folder / "now", surveys, world), folder / "out"))
    assert not small_shown(rows)
    return rows


def of_first(rows: Rows) -> Rows:
    return [row for row in rows if row["survey"] == SURVEYS[0]]


def n_hidden(rows: Rows) -> int:
    return sum(not row["n"] for row in rows)


def attacked_survey(folder: Path, seed: int, *, is_known: bool = True) -> list[Found]:
    """Attack last year's release together with one that has these answers as a survey."""
    years = [draw(seed, 50), draw(seed + 1000, 50)]
    before = first_release(folder, years[0])
    rows = publish_surveys(folder, years, **policy(is_known=is_known))
    return narrow(strongest(KINDS, [*before, *of_first(rows)], n=50), KINDS, years[0])


def test_a_survey_of_another_name_with_the_same_figures_is_the_same(tmp_path):
    assert not attacked_survey(tmp_path / "a", 5)
    assert attacked_survey(tmp_path / "b", 5, is_known=False)
    run("audit-release", tmp_path / "a" / "out_before", tmp_path / "a" / "out")


def test_surveys_with_the_same_codes_are_not_mixed_up(tmp_path):
    """A county of one survey is no sum of units of the other: that would hide nearly all."""
    years = [draw(0, 50), draw(1000, 50)]
    pairs = zip("ab", years, strict=True)
    apart = sum(n_hidden(alone(tmp_path / name, group)) for name, group in pairs)
    assert n_hidden(publish_surveys(tmp_path, years)) <= 1.25 * apart


def alone(folder: Path, people: list[Respondent]) -> Rows:
    tables = tuple(f'{{{{ table("s.q", by="{by}") }}}}' for by in ("unit", "gender", "county"))
    study = write_study(folder / "study", people, World(tables=tables, policy=QUICK))
    return read_rows(publish(study, folder / "out"))


# --- an answer corrected --------------------------------------------------------------------


def corrected(people: list[Respondent]) -> list[Respondent]:
    """Return the same persons, one of whom answered otherwise."""
    at = next(i for i, person in enumerate(people) if person["q"] in ("2", "3"))
    return [*people[:at], {**people[at], "q": "1", "f": "f1"}, *people[at + 1 :]]


def attacked_correction(folder: Path, seed: int, *, is_known: bool = True) -> list[Found]:
    """Attack as one who guesses rightly which of the old counts still hold."""
    first = draw(seed, 50)
    before = first_release(folder, first)
    years = [corrected(first), draw(seed + 1000, 50)]
    rows = publish_surveys(folder, years, **policy(is_known=is_known))
    counts = np.zeros(KINDS.n, dtype=np.int64)
    for person in years[0]:
        counts[KINDS.of(person)] += 1
    names = Attack(KINDS, [])
    still = [
        {**row, "base_n": "", "percent": ""}
        for row in before
        if row["n"] and counts[names.vector(row)].sum() == int(row["n"])
    ]
    assert len(still) < sum(bool(row["n"]) for row in before)
    return narrow(strongest(KINDS, [*still, *of_first(rows)], n=50), KINDS, years[0])


def test_an_answer_corrected_makes_no_other_persons(tmp_path, monkeypatch):
    assert not attacked_correction(tmp_path / "a", 4)
    monkeypatch.setattr(rounds, "placed", lambda previous, *_: previous)
    monkeypatch.setattr(
        audit_earlier, "moved", lambda cells, *_: [audit_same.Moved(list(cells), [])]
    )
    assert attacked_correction(tmp_path / "b", 4)
