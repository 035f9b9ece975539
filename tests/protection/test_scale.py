"""Large systems take another way to the same end: these tests send small ones down it."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.protection import attack, cover
from evaluation.protection.cuts import Cut
from evaluation.protection.methods import suppress as method
from tests.protection.drawn import World, draw, release
from tests.protection.reader import read_rows
from tests.protection.test_attack import QUICK, narrow, small_shown


def test_a_bound_that_asks_for_nothing_is_met():
    nothing = np.zeros(3, dtype=bool)
    assert Cut(0, (1, 2), (-4.0, -4.0), -4.0).is_met(nothing)
    assert not Cut(0, (1, 2), (4.0, 4.0), 4.0).is_met(nothing)


@pytest.mark.parametrize("limit", [None, 0], ids=["within the limit of work", "beyond it"])
def test_what_is_proven_around_each_count_is_safe_in_the_whole(tmp_path, monkeypatch, limit):
    monkeypatch.setattr(attack, "LOCAL", 15)
    monkeypatch.setattr(attack, "BALLS", (6, 12))
    monkeypatch.setattr(cover, "LARGEST", 5)
    outcomes = []
    real, attacker = method.search, attack.Attacker.__init__

    def limited(self, system, knowledge, proofs=None, most=2**62):
        attacker(self, system, knowledge, proofs, most if limit is None else limit)

    def kept(task):
        outcomes.append(real(task))
        return outcomes[-1]

    monkeypatch.setattr(attack.Attacker, "__init__", limited)
    monkeypatch.setattr(method, "search", kept)
    people = draw(4, 80)
    rows = read_rows(release(tmp_path, people, World(policy=QUICK)))
    assert outcomes[0].bound <= outcomes[0].cost
    assert not outcomes[0].limited
    assert any(row["n"] for row in rows)
    assert not small_shown(rows)
    assert not narrow(rows, people)
