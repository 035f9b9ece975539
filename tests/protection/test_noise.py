"""Changed counts attacked: what a reader who knows how far each can be changed derives from all.

Rounding moves a count by less than its base, cell-key noise by the threshold at
most, and zeros stay. Every published number is so an interval, and the same
integer programs as for withheld counts look for what is left. No count may be
surely small, and none that may be small known too closely (docs/method-protection.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.stats import norm

from evaluation.cli import main
from evaluation.protection import audit_changed, rounds
from evaluation.protection.audit import AuditPolicy
from evaluation.protection.audit_averaged import averaged
from evaluation.protection.audit_changed import read_changed
from evaluation.protection.methods.cell_key import noise_table
from tests.protection.drawn import World, draw, release, run
from tests.protection.reader import MISSING, Attack, Found, read_rows
from tests.protection.test_attack import KINDS, LIMIT, true_counts

if TYPE_CHECKING:
    from tests.protection.drawn import Respondent

KNOWN = {"unit", "gender", "assoc", "county", ""}
SURELY = LIMIT
"""Least width of what can be derived of a count that is small, or 0 to the greatest small one."""
CUTS = (
    '{{ table("s.q", by="unit") }}',
    '{{ table("s.q", by="gender") }}',
    '{{ table("s.q", by="assoc", percents="row") }}',
    '{{ table("s.q", by="county", percents="total") }}',
    '{{ table("s.q", by="m") }}',
    '{{ table("s.gender", by="unit") }}',
    '{{ table("s.q", by="unit", where=\'gender == "w"\') }}',
    '{{ table("s.q", by="unit", where=\'gender == "m"\') }}',
    '{{ table("s.q", where=\'unit != "u1"\') }}',
    '{{ table("s.f", by="unit") }}',
    '{{ table("s.m", by="unit") }}',
)


def derived(
    rows: list[dict[str, str]], people: list[Respondent], kind: str, *, base: int = LIMIT
) -> list[Found]:
    """Return what can be known of every count that the reader would not know to be large."""
    attack = Attack(KINDS, [], n=len(people))
    vectors = {}
    for row in rows:
        vector = attack.vector(row)
        if row["n"]:
            n = int(row["n"])
            is_true = row["row_code"] in MISSING and {row["row_var"], row["col_var"]} <= KNOWN
            far = 0 if is_true else base - 1 if kind == "round" else LIMIT
            is_some = n and not is_true
            attack.limit(vector, max(1 if is_some else 0, n - far), n + far)
        else:
            n = None
        if row["row_code"] not in MISSING:
            place = (row["table"], row["row_code"], row["col_code"], vector, n)
            vectors.setdefault(vector.tobytes(), place)
    assert attack.is_possible()
    truth = true_counts(people)
    found = []
    for *place, vector, n in vectors.values():
        asked = SURELY - 1 if n == 0 else SURELY
        low, high = attack.interval(vector, asked)
        assert low <= int(truth[vector].sum()) <= high or high - low >= asked
        if n == 0 and low == 1 and high >= LIMIT:
            low = 0  # printed as 0, it may be any small number, and is as wide as asked
        found.append(Found(*place, low, high, int(truth[vector].sum())))
    return found


def too_near(found: list[Found]) -> list[Found]:
    """Return what is surely small, and what may be small and is known too closely."""
    return [
        one
        for one in found
        if one.high > 0
        and one.low < LIMIT
        and (surely_small(one) or one.width < (SURELY if one.low else SURELY - 1))
    ]


def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish changed counts as they are."""
    monkeypatch.setattr(rounds, "hide_until_safe", lambda changed, _: changed.release())


LEAKING = [("round", 21, 60), ("cell_key", 23, 60), ("cell_key", 26, 60), ("cell_key", 22, 25)]
"""Drawn studies in which changes alone are not enough."""
DRAWN = [*LEAKING, ("cell_key", 24, 60), ("round", 29, 60), ("round", 21, 25)]


@pytest.mark.parametrize(("kind", "seed", "n"), DRAWN)
def test_no_count_comes_too_near_behind_its_change(tmp_path, kind, seed, n):
    people = draw(seed, n)
    rows = read_rows(release(tmp_path, people, World(tables=CUTS, policy={"method": kind})))
    found = derived(rows, people, kind)
    assert sum(0 < one.truth < LIMIT for one in found) > 5
    assert not too_near(found)
    hidden = sum(not row["n"] for row in rows)
    assert hidden < len(rows) / 10  # what is hidden is little beside what `suppress` hides


@pytest.mark.parametrize(("kind", "seed", "n"), LEAKING)
def test_without_the_audit_some_counts_would(tmp_path, monkeypatch, kind, seed, n):
    unguarded(monkeypatch)
    people = draw(seed, n)
    out = release(tmp_path, people, World(tables=CUTS, policy={"method": kind}))
    rows = read_rows(out)
    assert all(row["n"] for row in rows)
    assert too_near(derived(rows, people, kind))
    result = CliRunner().invoke(main, ["audit-release", str(out)])
    assert result.exit_code == 1, result.output


@pytest.mark.parametrize("base", [2, 3, 4])
def test_rounding_to_a_small_base_hides_what_it_cannot_blur(tmp_path, monkeypatch, base):
    policy = {"method": "round", "rounding_base": base}
    people = draw(24, 30)
    world = World(tables=CUTS[:3], policy=policy)
    rows = read_rows(release(tmp_path / "guarded", people, world))
    alone = 2 * (base - 1)
    assert not [one for one in derived(rows, people, "round", base=base) if surely_small(one)]
    assert any(row["n"] for row in rows)
    unguarded(monkeypatch)
    rows = read_rows(release(tmp_path / "open", people, world))
    found = [one for one in derived(rows, people, "round", base=base) if surely_small(one)]
    assert bool(found) == (alone < LIMIT - 1)


def test_a_large_release_goes_by_questions_and_columns(tmp_path, monkeypatch):
    monkeypatch.setattr(audit_changed, "LARGEST", 50)
    monkeypatch.setattr(rounds, "LARGEST", 50)
    out = release(tmp_path, draw(21, 25), World(tables=CUTS, policy={"method": "cell_key"}))
    rows = read_rows(out)
    assert any(not row["n"] for row in rows)
    assert any(row["n"] for row in rows)
    assert CliRunner().invoke(main, ["audit-release", str(out)]).exit_code == 0


def surely_small(one: Found) -> bool:
    return one.low > 0 and one.high < LIMIT


def test_what_is_hidden_is_logged_and_stands_in_no_file(tmp_path):
    people = draw(23, 60)
    out = release(tmp_path, people, World(tables=CUTS, policy={"method": "cell_key"}))
    rows = read_rows(out)
    hidden = [row for row in rows if not row["n"]]
    assert hidden
    assert all(not row["percent"] and not row["wn"] and not row["base_n"] for row in hidden)
    log = run("protection-log", tmp_path / "study")
    assert log.count("Dold efter granskningen") == len(hidden)
    audited = CliRunner().invoke(main, ["audit-release", str(out)])
    assert audited.exit_code == 0, audited.output


def test_few_more_answers_than_last_time_are_not_published(tmp_path):
    people = draw(24, 60)
    world = World(tables=CUTS[:5], policy={"method": "cell_key"})
    first = release(tmp_path / "1", people[:-1], world)
    later = World(tables=CUTS[:5], policy={"method": "cell_key", "previous": [str(first)]})
    second = release(tmp_path / "2", people, later)
    assert not read_rows(second)
    open_ = release(tmp_path / "3", people, world)
    before = {place(row): row["n"] for row in read_rows(first)}
    changed = {key for row in read_rows(open_) if before[key := place(row)] != row["n"]}
    # what else was changed is about nobody but the one who came: unit and answer
    last = people[-1]
    inner = {key[1:] for key in changed if key[0] == "s.q*unit" and key[2] != "unit:total"}
    assert {column for _, column in inner} == {f"unit:{last['unit']}"}
    answers = {row for row, _ in inner if row[2:] in ("1", "2", "3")}
    assert answers == {f"q:{last['q']}"}
    result = CliRunner().invoke(main, ["audit-release", str(first), str(open_)])
    assert result.exit_code == 1, result.output


def test_units_reports_of_changed_counts(tmp_path, monkeypatch):
    people = draw(23, 60)
    out = release(tmp_path / "guarded", people, UNITS, "--each-unit")
    rows = read_rows(out / "units")
    assert {row["col_code"] for row in rows if row["col_var"] == "unit"} >= {"u1", "u4"}
    assert not too_near(derived(rows, people, "cell_key"))
    unguarded(monkeypatch)
    out = release(tmp_path / "open", people, UNITS, "--each-unit")
    assert too_near(derived(read_rows(out / "units"), people, "cell_key"))


UNITS = World(tables=CUTS, policy={"method": "cell_key"})


def place(row: dict[str, str]) -> tuple[str, ...]:
    names = (f"{row['row_var']}:{row['row_code']}", f"{row['col_var']}:{row['col_code']}")
    return (row["table"], *names)


def test_with_new_noise_every_time_they_would_be_known(tmp_path, monkeypatch):
    unguarded(monkeypatch)
    people = draw(24, 60)
    rows = []
    for seed in range(4):
        world = World(tables=CUTS, policy={"method": "cell_key", "seed": seed})
        rows += read_rows(release(tmp_path / str(seed), people, world))
    assert too_near(derived(rows, people, "cell_key"))


@pytest.mark.parametrize("times", [1, 4, 9])
def test_the_error_of_a_mean_is_that_of_least_squares(times):
    """How many there are stands in every question: as its total, and as a sum of two answers."""
    numbers = {"total": 5, "a": 0, "b": 0, **dict.fromkeys(MISSING, 0)}
    cells = [
        {
            "table": f"q{q}",
            "survey": "s",
            "question": f"q{q}",
            "row_var": f"q{q}",
            "row_code": code,
            "row_label": code,
            "col_var": "",
            "col_code": "total",
            "col_label": "",
            "where": "",
            "weight": "",
            "n": n,
            "percent": "",
            "base_n": "",
            "status": "shown",
        }
        for q in range(times)
        for code, n in numbers.items()
    ]
    policy = AuditPolicy(method="cell_key")
    found = averaged(read_changed(cells, (), policy), policy)
    design = np.zeros((3 * times, 1 + times))
    design[:times, 0] = 1
    for q in range(times):
        design[times + q, 1 + q] = 1
        design[2 * times + q, [0, 1 + q]] = 1, -1
    error = np.sqrt(LIMIT / 2 * np.linalg.inv(design.T @ design)[0, 0])
    assert found.cell is not None
    assert found.cell.row_code == "total"
    assert found.error == pytest.approx(error, rel=1e-2)
    assert found.readings == pytest.approx(LIMIT / 2 / error**2, rel=2e-2)
    assert found.chance == pytest.approx(2 * norm.cdf(0.5 / error) - 1, rel=1e-2)


@pytest.mark.parametrize("kind", ["round", "cell_key"])
def test_percents_and_bases_are_of_changed_counts(tmp_path, kind):
    rows = read_rows(release(tmp_path, draw(5, 90), World(tables=CUTS, policy={"method": kind})))
    attack = Attack(KINDS, [])
    counts = {attack.vector(row).tobytes(): row["n"] for row in rows}
    total = [row for row in rows if row["percent"]]
    assert len(total) > 50
    for row in total:
        n, base = int(row["n"]), int(row["base_n"])
        assert float(row["percent"]) == pytest.approx(100 * n / base)
        assert row["n"] in (counts[attack.vector(row).tobytes()], row["base_n"])


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 9, 40])
def test_noise_is_fair_and_bounded(n):
    results, chances = noise_table(n, LIMIT)
    assert chances.sum() == pytest.approx(1)
    assert results @ chances == pytest.approx(n, abs=1e-6)
    assert np.abs(results - n).max() <= LIMIT
    assert not ((results > 0) & (results < LIMIT)).any()
