"""Repeated occasions: counts by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.inference.occasions import (
    first_and_ever,
    occasions_by_group,
    occasions_per_person,
    paired_answers,
    share_asked,
    transitions,
)
from evaluation.inference.paired import mcnemar

NO, YES, MISSING = 0, 1, -1
# Person 0: no, yes; 1: yes, yes, no; 2: no; 3: no, then nothing; 4: yes at the second only.
# The last two forms have no person.
PERSON = [0, 0, 1, 1, 1, 2, 3, 3, 4, -1, -1]
OCCASION = [1, 2, 1, 2, 3, 1, 1, 2, 2, 1, 2]
ANSWER = [NO, YES, YES, YES, NO, NO, NO, MISSING, YES, YES, NO]


def test_persons_by_number_of_occasions():
    found = occasions_per_person(PERSON, OCCASION)
    assert found.times.tolist() == [2, 2, 1]
    assert (found.n_persons, found.n_forms, found.n_unknown, found.n_repeated) == (5, 9, 2, 0)


def test_the_same_occasion_twice_counts_once():
    found = occasions_per_person([7, 7, 7], [1, 1, 2])
    assert found.times.tolist() == [0, 1]
    assert found.n_repeated == 1
    assert occasions_per_person([7, 7, 7]).times.tolist() == [0, 0, 1]
    assert occasions_per_person([]).times.tolist() == []


def test_persons_by_group():
    group = [0, 1, 1, 1, 1, 0, -1, -1, 1, 0, 0]
    found = occasions_by_group(PERSON, group, 3, OCCASION)
    # person 0 has one usable form in each group and belongs to the first
    assert found.tolist() == [[1, 1, 0], [1, 0, 1], [0, 0, 0]]
    assert occasions_by_group([], [], 2).shape == (2, 0)


def test_transitions_are_tabulated_and_tested():
    found = transitions(PERSON, OCCASION, ANSWER, 2)
    assert found.table.tolist() == [[0, 1], [0, 1]]
    assert (found.n_pairs, found.n_changed) == (2, 1)
    assert found.test == mcnemar([[0, 1], [0, 1]])
    later = transitions(PERSON, OCCASION, ANSWER, 2, first=2, second=3)
    assert later.table.tolist() == [[0, 0], [1, 0]]
    three = transitions(PERSON, OCCASION, ANSWER, 3)
    assert three.test.method == "bowker"


def test_nobody_answered_twice():
    found = transitions([0, 1], [1, 1], [NO, YES], 2)
    assert (found.n_pairs, found.test.p, found.test.warnings) == (0, None, ("no-answers",))


def test_the_last_of_two_forms_of_an_occasion_counts():
    before, after = paired_answers([5, 5, 5], [1, 1, 2], [NO, YES, NO], 1, 2)
    assert (before.tolist(), after.tolist()) == ([YES], [NO])


def test_first_against_ever():
    found = first_and_ever(PERSON, OCCASION, ANSWER, yes=YES)
    # persons 0 to 3 answered at first; 0 said yes later; 4 is not in the base
    assert (found.n_persons, found.n_first, found.n_ever, found.n_gained) == (4, 1, 2, 1)
    assert found.n_asked_again == 2
    assert found.first.value == 0.25
    assert found.ever.low < 0.5 < found.ever.high
    nothing = first_and_ever([], [], [], yes=YES)
    assert (nothing.n_persons, nothing.first.value) == (0, None)


@given(st.lists(st.tuples(st.integers(-1, 5), st.integers(0, 3), st.integers(-1, 1)), max_size=30))
def test_ever_is_never_less_than_first(forms):
    person, occasion, answer = np.array(forms).T if forms else ([], [], [])
    found = first_and_ever(person, occasion, answer, yes=YES)
    assert found.n_first <= found.n_ever <= found.n_persons
    assert found.n_gained <= found.n_asked_again
    counted = occasions_per_person(person, occasion)
    assert counted.times.sum() == counted.n_persons
    assert (
        counted.times @ np.arange(1, len(counted.times) + 1) == counted.n_forms - counted.n_repeated
    )
    table = transitions(person, occasion, answer, 2).table
    assert np.trace(table) + transitions(person, occasion, answer, 2).n_changed == table.sum()


def test_share_asked_has_a_declared_denominator():
    assert share_asked(758, 3000).share == pytest.approx(758 / 3000)
    assert share_asked(5, 0).warnings == ("no-participants",)
    assert share_asked(5, 4).warnings == ("more-asked-than-participants",)
    assert share_asked(5, 4).share is None
