from __future__ import annotations

from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from evaluation.report.phrases import fits, fitting, pick_phrase
from evaluation.texts import Phrase
from tests.paths import REPOSITORY

STUDY = REPOSITORY / "surveys" / "samordningsforbund-2022"


def catalogue(language: str) -> list[Phrase]:
    file = REPOSITORY / "templates" / "texts" / language / "phrases.yaml"
    return [Phrase(**entry) for entry in yaml.safe_load(file.read_text("utf-8"))["phrases"]]


SWEDISH = catalogue("sv")


def printed_phrases() -> list[dict]:
    """Phrases of the published report that put words to one share."""
    published = yaml.safe_load((STUDY / "published.yaml").read_text(encoding="utf-8"))
    return [p for p in published["phrases"] if p["words"] and isinstance(p.get("percent"), str)]


def share(phrase: dict) -> Decimal:
    return Decimal(phrase["percent"].rstrip("%").replace(",", "."))


# --- ranges -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("percent", "expected"),
    [("9.9", "low"), ("10", "high"), ("10.1", "high"), ("0", "none"), ("0.1", "low")],
)
def test_low_belongs_to_a_range_and_high_does_not(percent, expected):
    phrases = [Phrase("none", 0, 0), Phrase("low", 0, 10), Phrase("high", 10, 20)]
    assert pick_phrase(Decimal(percent), phrases) == expected


def test_a_range_of_one_value_fits_that_value_alone():
    phrases = [Phrase("alla", 100, 100)]
    assert fits("alla", Decimal(100), phrases)
    assert not fits("alla", Decimal("99.99"), phrases)


def test_limits_are_read_as_written_not_as_binary_fractions():
    assert fits("x", Decimal("17.6"), [Phrase("x", 17.6, 20)])
    assert not fits("x", Decimal("17.6"), [Phrase("x", 10, 17.6)])


def test_the_first_phrase_listed_is_picked_and_all_that_hold_fit():
    phrases = [Phrase("a", 40, 60), Phrase("b", 0, 100), Phrase("c", 0, 100, "other")]
    assert pick_phrase(Decimal(50), phrases) == "a"
    assert pick_phrase(Decimal(50), phrases, "other") == "c"
    assert fitting(Decimal(50), phrases) == ("a", "b")
    assert not fits("c", Decimal(50), phrases)


def test_a_hole_in_the_catalogue_is_an_error():
    with pytest.raises(ValueError, match="no phrase of group 'share' fits 50 percent"):
        pick_phrase(Decimal(50), [Phrase("a", 0, 50)])


def test_case_does_not_matter_and_unknown_words_fit_nothing():
    assert fits("Merparten", Decimal(64), SWEDISH)
    assert not fits("en del", Decimal(64), SWEDISH)


# --- the shipped catalogues ---------------------------------------------------------


@pytest.mark.parametrize(
    ("percent", "fit"), [("69.4", False), ("69.5", True), ("80.4", True), ("80.5", False)]
)
def test_a_range_of_percents_fits_what_rounds_into_it(percent, fit):
    assert fits("så många som 70–80 procent", Decimal(percent), ()) is fit
    assert fits("70-80 %", Decimal(percent), ()) is fit


@given(st.decimals(min_value=0, max_value=100, places=2))
def test_every_share_has_words_that_fit_it(percent):
    for language in ("sv", "en"):
        phrases = catalogue(language)
        assert fits(pick_phrase(percent, phrases), percent, phrases)


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        ("0", "ingen"), ("0.1", "enstaka"), ("1.99", "enstaka"), ("2", "ett fåtal"),
        ("15.99", "ett fåtal"), ("16", "närmare en femtedel"), ("19.99", "närmare en femtedel"),
        ("20", "en relativt liten andel"), ("49.99", "närmare hälften"), ("50", "hälften"),
        ("50.01", "omkring hälften"), ("56", "över hälften"), ("60", "merparten"),
        ("68", "en övervägande del"), ("75", "majoriteten"), ("90", "de allra flesta"),
        ("97", "nästan alla"), ("99.99", "nästan alla"), ("100", "alla"),
    ],
)  # fmt: skip
def test_swedish_words_at_the_limits(percent, expected):
    assert pick_phrase(Decimal(percent), SWEDISH) == expected


def test_languages_have_the_same_ranges_in_the_same_order():
    ranges = [[(p.low, p.high, p.group) for p in catalogue(lang)] for lang in ("sv", "en")]
    assert ranges[0] == ranges[1]


# --- the pairs of phrase and figure in the published report ----------------------------


@pytest.mark.parametrize("phrase", printed_phrases(), ids=lambda p: p["id"])
def test_printed_phrases_fit_their_figures_where_they_should(phrase):
    expected = phrase["wording_fits"] is not False
    assert fits(phrase["words"], share(phrase), SWEDISH) is expected


def test_printed_wordings_that_do_not_fit_are_these():
    misfits = [p for p in printed_phrases() if not fits(p["words"], share(p), SWEDISH)]
    assert [(p["words"], p["percent"]) for p in misfits] == [
        ("merparten", "42,2%"),
        ("drygt en femtedel", "18,9%"),
    ]


def test_the_words_that_we_pick_are_mostly_those_of_the_report():
    pairs = [p for p in printed_phrases() if p["wording_fits"]]
    same = [p for p in pairs if pick_phrase(share(p), SWEDISH) == p["words"]]
    assert (len(same), len(pairs)) == (20, 31)
