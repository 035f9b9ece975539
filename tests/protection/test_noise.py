"""Changed counts attacked: what a reader who knows how far each can be changed derives from all.

Rounding moves a count by less than its base, cell-key noise by the threshold at
most. Every published number is so an interval, and the same integer programs
as for withheld counts look for what is left. Nobody promises the width of
`suppress` here (docs/method-protection.md); no small count may be pinned down.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest

from evaluation.protection.methods.cell_key import noise_table
from tests.protection.drawn import World, draw, release
from tests.protection.reader import MISSING, Attack, Found, read_rows
from tests.protection.test_attack import KINDS, LIMIT, true_counts

if TYPE_CHECKING:
    from tests.protection.drawn import Respondent

KNOWN = {"unit", "gender", "assoc", "county", ""}
SURELY = {"round": 2, "cell_key": 3}
"""Least width of what can be derived, as measured in twenty drawn studies."""
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


def derived(rows: list[dict[str, str]], people: list[Respondent], kind: str) -> list[Found]:
    """Return what can be known of every small count."""
    attack = Attack(KINDS, [], n=len(people))
    vectors = {}
    for row in rows:
        vector, n = attack.vector(row), int(row["n"])
        is_true = row["row_code"] in MISSING and {row["row_var"], row["col_var"]} <= KNOWN
        far = 0 if is_true else LIMIT - (kind == "round")
        attack.limit(vector, max(0, n - far), n + far)
        if row["row_code"] not in MISSING:
            vectors[vector.tobytes()] = (row["table"], row["row_code"], row["col_code"], vector)
    assert attack.is_possible()
    truth = true_counts(people)
    found = []
    for *place, vector in vectors.values():
        n = int(truth[vector].sum())
        if 0 < n < LIMIT:
            found.append(Found(*place, *attack.interval(vector, SURELY[kind]), n))
    return found


@pytest.mark.parametrize(
    ("kind", "seed"), [*itertools.product(("round", "cell_key"), (24, 26)), ("round", 29)]
)
def test_no_small_count_is_pinned_down_by_all_its_cuts(tmp_path, kind, seed):
    people = draw(seed, 60)
    rows = read_rows(release(tmp_path, people, World(tables=CUTS, policy={"method": kind})))
    found = derived(rows, people, kind)
    assert len(found) > 5
    assert not [one for one in found if one.width < SURELY[kind]]


def test_with_new_noise_every_time_they_would_be(tmp_path):
    people = draw(24, 60)
    rows = []
    for seed in range(8):
        world = World(tables=CUTS, policy={"method": "cell_key", "seed": seed})
        rows += read_rows(release(tmp_path / str(seed), people, world))
    assert any(one.width < SURELY["cell_key"] for one in derived(rows, people, "cell_key"))


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
