"""Answer options in their natural order, in Swedish and English."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.codebook.scales import OrderedBy, natural_order
from evaluation.loading.vocabulary import load_words

SCALES = {
    "agreement": ["Instämmer inte alls", "Instämmer delvis", "Instämmer helt"],
    "five steps": [
        "Mycket missnöjd",
        "Ganska missnöjd",
        "Varken nöjd eller missnöjd",
        "Ganska nöjd",
        "Mycket nöjd",
    ],
    "extent": ["Inte alls", "I liten grad", "I ganska hög grad", "I mycket hög grad"],
    "level": ["Mycket liten", "Ganska liten", "Varken stor eller liten", "Ganska stor"],
    "partly": ["Nej", "Ja, delvis", "Ja, helt"],
    "importance": ["Not important", "Slightly important", "Somewhat important", "Critical"],
    "quality": ["Horrible", "Bad", "OK", "Good", "Excellent"],
    "explained": ["Never -- I don't", "Rarely (once a year)", "Often: every week"],
    "bare word": ["Nicht spannend", "Kaum spannend", "Mäßig spannend", "Spannend", "Sehr spannend"],
    "frequency": ["Aldrig", "Någon gång per år", "Någon gång i månaden", "Varje vecka", "Dagligen"],
    "English": [
        "Strongly disagree",
        "Disagree",
        "Neither agree nor disagree",
        "Agree",
        "Strongly agree",
    ],
    "seven steps": [
        "Strongly disagree",
        "Disagree",
        "Somewhat disagree",
        "Neither agree nor disagree",
        "Somewhat agree",
        "Agree",
        "Strongly agree",
    ],
    "not listed": ["Inte alls meningsfullt", "Ganska meningsfullt", "Mycket meningsfullt"],
    "favour": [
        "Very unfavorably",
        "Somewhat unfavorably",
        "Neither favorably nor unfavorably (neutral)",
        "Somewhat favorably",
        "Very favorably",
    ],
    "ages": ["Under 18 år", "18–29 år", "30–64 år", "65 år eller äldre"],
    "marks": ["18 - 29", "30 - 44", "45 - 59", "60+"],
    "signs": ["< 25", "25-50", "> 50"],
    "income": ["$0 to $9,999", "$10,000 to $24,999", "$25,000 to $49,999", "$200,000 and up"],
    "thousands": ["0–9 999 kr", "10 000–24 999 kr", "25 000 kr eller mer"],
    "duration": [
        "Jag har aldrig använt det",
        "Less than 3 months",
        "3 months - 1 year",
        "1 - 3 Years",
        "More than 3 years",
    ],
    "numbers": ["0", "2", "10"],
    "ends with words": ["1 (None at all)", "2", "9", "10 (All my time)"],
    "number behind": ["a. Poor (1)", "c. Good (3)", "e. Excellent (5)"],
    "number before": ["1 = dåligt", "2 = godtagbart", "3 = bra"],
    "too": ["För lite", "Lagom", "För mycket"],
}


@pytest.mark.parametrize("name", SCALES)
def test_scale_is_found_whatever_the_order(name: str) -> None:
    expected = SCALES[name]
    shuffled = list(expected)
    random.Random(7).shuffle(shuffled)
    order = natural_order([*shuffled, "Vet ej"], load_words())
    assert list(order.labels) == [*expected, "Vet ej"]
    assert order.off_scale == {"Vet ej"}
    assert order.is_scale


@pytest.mark.parametrize(
    "labels",
    [
        ["Heltid", "Deltid"],
        ["Handläggare", "Chef", "Samordnare"],
        ["Turkey", "Ham/Pork", "Tofurkey"],
        ["Göteborg", "Stockholm", "Malmö"],
        ["Physical Sciences", "Computer Sciences", "Engineering"],
        ["North", "South"],
    ],
)
def test_names_are_no_scale(labels: list[str]) -> None:
    order = natural_order(labels, load_words())
    assert order.by is OrderedBy.NOTHING
    assert list(order.labels) == labels


def test_yes_comes_before_no_and_is_no_scale() -> None:
    order = natural_order(["Nej", "Vet ej", "Ja"], load_words())
    assert list(order.labels) == ["Ja", "Nej", "Vet ej"]
    assert not order.is_scale


def test_other_and_not_known_come_last() -> None:
    labels = ["Other (please specify)", "Ham", "I don't know", "Turkey"]
    order = natural_order(labels, load_words())
    assert list(order.labels) == ["Ham", "Turkey", "Other (please specify)", "I don't know"]


@given(st.lists(st.text(max_size=12), unique=True, max_size=8))
def test_every_label_is_kept_once(labels: list[str]) -> None:
    order = natural_order(labels, load_words())
    assert sorted(order.labels) == sorted(labels)
    assert order.off_scale <= set(labels)
