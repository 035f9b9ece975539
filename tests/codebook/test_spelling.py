from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.codebook.spelling import fold, trim


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Never", "Never "),
        ("Ja", "\u00a0ja\u200b"),
        ("Instämmer  helt", "instämmer\nhelt"),
        ("Don\u2019t know", "Don't know"),
        ("18\u201329 år", "18-29 år"),
        ("3.0", "3"),
        ("-1,00", "-1"),
        ("a\u030asa", "åsa"),
        ("ABC1", "abc1"),
    ],
)
def test_same_answer(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("Ja", "Nej"), ("3.5", "3"), ("a b", "ab"), ("å", "a")])
def test_different_answers(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_is_final(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert trim(trim(text)) == trim(text)
    assert fold(trim(text)) == fold(text)
