"""What a whole group answered, attacked: by one answer, by a net, by what nobody chose.

All of one unit gave the same answer, all of another one of those in a net, all
men of a third the same; all of a unit chose one of several answers. A reader
must not be able to say so of any group, nor find zeros that a question hides.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.protection.drawn import CHOICES, UNITS, Respondent, World, release
from tests.protection.reader import MISSING, Attack, read_rows
from tests.protection.test_attack import KINDS, LIMIT, QUICK, WIDTH, small_shown, true_counts

FEW = ('{{ table("s.q", by="unit") }}', '{{ table("s.m", by="unit") }}')
MANY = (
    *FEW,
    '{{ table("s.q", by="gender") }}',
    '{{ table("s.q", by="unit", where=\'gender == "m"\') }}',
    '{{ table("s.f", by="unit") }}',
    '{{ table("s.q", by="assoc") }}',
)
MIXED = ("m1", "m2", "m1;m2", "none")
ALIKE = ("m1", "m1;m2")
COUNTS: tuple[tuple[str, str, dict[str, int], tuple[str, ...]], ...] = (
    ("u1", "w", {"1": 8, "2": 9, "3": 12}, MIXED),
    ("u1", "m", {"1": 6, "2": 7, "3": 9}, MIXED),
    ("u2", "w", {"1": 9}, ALIKE),
    ("u2", "m", {"1": 7}, ALIKE),
    ("u3", "w", {"1": 8, "2": 7}, MIXED),
    ("u3", "m", {"1": 6, "2": 9}, MIXED),
    ("u4", "w", {"1": 6, "2": 9, "3": 8}, MIXED),
    ("u4", "m", {"3": 11}, MIXED),
)


def people() -> list[Respondent]:
    found: list[Respondent] = []
    for unit, gender, counts, choices in COUNTS:
        for q, n in counts.items():
            for i in range(n):
                f = ("f1", "f2")[i % 2] if q == "1" else ""
                m = choices[i % len(choices)]
                found.append({"unit": unit, "gender": gender, "q": q, "f": f, "m": m})
    return found


def known_to_be_alike(rows: list[dict[str, str]], *, zeros: bool = True) -> list[tuple[str, ...]]:
    """Return groups of which a reader knows that all gave an answer, by any sound assumption."""
    truth, found = true_counts(people()), set()
    groups = {name: KINDS.holds("unit", name) for name in UNITS}
    groups |= {name: KINDS.holds("assoc", name) for name in ("a1", "a2", "a3")}
    for unit, gender in itertools.product(UNITS, "wm"):
        groups[f"{unit} {gender}"] = KINDS.holds("unit", unit) & KINDS.holds("gender", gender)
    for doubt in range(3):
        attack = Attack(KINDS, rows, n=len(people()), zeros_printed=zeros, doubt=doubt)
        if not attack.is_possible():
            continue
        for (name, group), (question, codes) in itertools.product(
            groups.items(), {"q": ("1", "2", "3", "net:1+2"), "m": CHOICES}.items()
        ):
            base = group & KINDS.holds(question, "total")
            for code in codes:
                others = base & ~KINDS.holds(question, code)
                if truth[base].any() and not truth[others].any():
                    low, high = attack.interval(others, 1)
                    if low == high == 0:
                        found.add((name, question, code))
    return sorted(found)


POLICIES: list[dict[str, Any]] = [{}, {"zeros": "hidden"}, {"zeros": {"s.q": "hidden"}}]


@pytest.mark.parametrize("policy", POLICIES, ids=["shown", "hidden", "by question"])
def test_nobody_can_say_what_a_whole_group_answered(tmp_path, policy):
    rows = read_rows(release(tmp_path, people(), World(tables=FEW, policy={**QUICK, **policy})))
    assert not small_shown(rows)
    assert not known_to_be_alike(rows, zeros=not policy)


def test_nor_from_many_linked_tables(tmp_path):
    rows = read_rows(release(tmp_path, people(), World(tables=MANY, policy=QUICK)))
    assert not small_shown(rows)
    assert not known_to_be_alike(rows)


def test_without_the_rule_it_would_be_plain_to_see(tmp_path):
    world = World(tables=FEW, policy={**QUICK, "dominance": False})
    rows = read_rows(release(tmp_path, people(), world))
    known = known_to_be_alike(rows)
    assert {("u2", "q", "1"), ("u3", "q", "net:1+2"), ("u2", "m", "m1")} <= set(known)


def test_zeros_are_hidden_where_a_question_says_so_and_cannot_be_derived(tmp_path):
    policy = {**QUICK, "zeros": {"s.q": "hidden"}, "dominance": False}
    out = release(tmp_path, people(), World(tables=FEW, policy=policy))
    rows, truth = read_rows(out), true_counts(people())
    answers = [r for r in rows if r["row_code"] not in (*MISSING, "total")]
    assert not [r for r in answers if r["row_var"] == "q" and r["n"] == "0"]
    assert [r for r in answers if r["row_var"] == "m" and r["n"] == "0"]
    attack = Attack(KINDS, rows, n=len(people()), zeros_printed=False)
    assert attack.is_possible()
    own = [one for one in attack.attack(truth, WIDTH) if one.row.startswith("q:")]
    hidden = [one for one in own if one.truth < LIMIT]
    assert any(one.truth == 0 for one in hidden)
    assert not [one for one in hidden if one.width < WIDTH]
