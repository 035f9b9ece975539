"""Which counts and rules can give a printed percent, and numbers as printed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.published.rules import RoundingRule, counts_that_give, rules_that_give
from evaluation.published.strings import in_style_of, read_number
from evaluation.rounding import percent


@pytest.mark.parametrize(
    ("text", "value", "decimals", "is_percent"),
    [
        ("27,8%", "27.8", 1, True),
        ("27,8 %", "27.8", 1, True),
        ("1 341", "1341", 0, False),
        ("53\u00a0687\u00a0000", "53687000", 0, False),
        ("\u22123,5", "-3.5", 1, False),
        ("46 procent", "46", 0, True),
        ("100.5", "100.5", 1, False),
    ],
)
def test_numbers_are_read_as_printed(text, value, decimals, is_percent):
    number = read_number(text)
    assert (number.value, number.decimals, number.is_percent) == (
        Decimal(value),
        decimals,
        is_percent,
    )


@pytest.mark.parametrize("text", ["", "sju", "1 2", "12,", "..", "–", "1,2,3"])
def test_other_texts_are_no_numbers(text):
    assert read_number(text) is None


def test_values_are_written_in_the_style_of_the_print():
    assert in_style_of("27,8%", Decimal("5.0")) == "5,0%"
    assert in_style_of("1 000 000", 25000) == "25 000"
    assert in_style_of("46 %", Decimal(7)) == "7 %"


def test_a_plain_percent_is_explained_by_half_up():
    rules = rules_that_give(Decimal("27.8"), 1, 25, 90)
    assert RoundingRule.HALF_UP in rules
    assert RoundingRule.CUT not in rules


def test_a_percent_moved_to_reach_100_is_explained_by_that_rule_only():
    assert rules_that_give(Decimal("3.4"), 1, 3, 90) == (RoundingRule.SUM100,)


def test_an_impossible_percent_has_no_count():
    assert counts_that_give(Decimal("50.0"), 1, 7) == ()
    assert counts_that_give(Decimal("26.1"), 1, 23) == (6,)


@given(st.integers(1, 2000), st.data())
def test_every_percent_is_explained_by_its_own_count(base, data):
    n = data.draw(st.integers(0, base))
    decimals = data.draw(st.integers(0, 2))
    assert n in counts_that_give(percent(n, base, decimals), decimals, base)
