"""Large systems take another way to the same end: these tests send small ones down it."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.protection import attack, audit_intervals, cover, grow, search
from evaluation.protection import audit as auditor
from evaluation.protection import rounds as gate
from evaluation.protection.audit_cells import Reading, read_cells
from evaluation.protection.audit_equations import write_equations
from evaluation.protection.cuts import Cut, Demand
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


@pytest.mark.parametrize("seed", [4, 7, 11])
def test_a_grown_set_withstands_the_attacker_and_costs_little_more(tmp_path, monkeypatch, seed):
    outcomes = []
    real = method.search

    def kept(task):
        monkeypatch.setattr(search, "LARGE", 0)
        outcomes.append((task, real(task)))
        monkeypatch.setattr(search, "LARGE", 10**9)
        outcomes.append((task, real(task)))
        return outcomes[-2][1]

    monkeypatch.setattr(method, "search", kept)
    people = draw(seed, 120)
    rows = read_rows(release(tmp_path, people, World(policy=QUICK)))
    assert any(row["n"] for row in rows)
    assert not small_shown(rows)
    assert not narrow(rows, people)
    (task, grown), (_, sought) = outcomes[:2]
    asked = Demand(task.required, task.forced)  # by one who has none of the proofs
    assert attack.Attacker(task.system, task.knowledge).is_safe(grown.hidden, asked)
    assert grown.cost <= 3 * sought.cost


def test_pruning_a_grown_set_leaves_less_hidden(tmp_path, monkeypatch):
    found = []
    real = grow.Grower.prune

    def counted(self, hidden, keep, is_spent):
        pruned = real(self, hidden, keep, is_spent)
        found.append((self.cost[hidden].sum(), self.cost[pruned].sum(), (keep & ~pruned).any()))
        return pruned

    monkeypatch.setattr(search, "LARGE", 0)
    monkeypatch.setattr(grow.Grower, "prune", counted)
    release(tmp_path, draw(7, 120), World(policy=QUICK))
    before, after, is_kept_shown = found[0]
    assert after < before
    assert not is_kept_shown


@pytest.mark.parametrize("is_bare", [False, True], ids=["protected", "without secondary cells"])
def test_counts_pushed_together_are_judged_as_one_by_one(tmp_path, monkeypatch, is_bare):
    """What the audit finds does not depend on the programs that spare it most of the work."""
    if is_bare:
        monkeypatch.setattr(search._Search, "run", lambda self: self.outcome(self.task.forced, 0.0))
        monkeypatch.setattr(gate, "audit_gate", lambda *_: auditor.Audited([], [], Reading()))
    rows = read_rows(release(tmp_path, draw(7, 120), World(policy=QUICK)))
    monkeypatch.undo()
    reading = read_cells(rows, frozenset())
    equations = write_equations(reading, {"multiple": ["s.m"]})
    found = []
    for least in (1, 10**9):
        monkeypatch.setattr(audit_intervals, "WORTH_SWEEPING", least)
        found.append(auditor._derive_with(equations, reading, {}, auditor.AuditPolicy()))
    assert found[0] == found[1]
    assert bool(found[0]) == is_bare
