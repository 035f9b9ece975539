"""Rounding is decided by integers: half up, or to exactly 100."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.rounding import percent, percents_sum100, round_half_up


@pytest.mark.parametrize(
    ("n", "base", "decimals", "expected"),
    [
        (1, 8, 0, "13"),
        (1, 8, 1, "12.5"),
        (25, 90, 1, "27.8"),
        (0, 5, 1, "0.0"),
        (3, 2000, 1, "0.2"),
    ],
)
def test_half_up(n, base, decimals, expected):
    assert percent(n, base, decimals) == Decimal(expected)


def test_no_base_no_percent():
    assert percent(0, 0) is None
    assert percents_sum100([0, 0]) is None


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.integers(0, 2))
def test_agrees_with_exact_decimal_arithmetic(n, base, decimals):
    exact = Decimal(100 * n) / Decimal(base)
    by_decimal = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assert abs(percent(n, base, decimals) - by_decimal) <= Decimal(1).scaleb(-20)


def test_sum100_is_the_published_column():
    """Table "Vad har du för befattning" of the published appendix."""
    counts = [10, 8, 0, 3, 12, 2, 9, 19, 7, 2, 18]
    printed = "11.1 8.9 0.0 3.4 13.3 2.2 10.0 21.1 7.8 2.2 20.0".split()
    assert percents_sum100(counts) == [Decimal(p) for p in printed]


@given(st.lists(st.integers(0, 500), min_size=1, max_size=12), st.integers(0, 2))
def test_sum100_adds_up_and_stays_within_one_unit(counts, decimals):
    result = percents_sum100(counts, decimals)
    if result is None:
        assert sum(counts) == 0
        return
    assert sum(result) == 100
    unit = Decimal(1).scaleb(-decimals)
    for n, shown in zip(counts, result, strict=True):
        assert abs(shown - Decimal(100 * n) / Decimal(sum(counts))) < unit


def test_floats_are_read_by_their_shortest_form():
    assert round_half_up(0.15, 1) == Decimal("0.2")
    assert round_half_up(2.675, 2) == Decimal("2.68")
    assert round_half_up(Decimal("-0.05"), 1) == Decimal("-0.1")
