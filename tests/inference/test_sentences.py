"""Sentences in Swedish and English: what they say, and that no words are missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from evaluation.inference import columns, intervals, multiple, sentences, weighting
from evaluation.inference.crosstabs import pearson
from evaluation.inference.fisher import fisher
from evaluation.inference.models import LogisticModel
from evaluation.inference.multiple import Tally, tally
from evaluation.inference.nonresponse import Dispositions, response_rates
from evaluation.inference.paired import mcnemar
from evaluation.inference.results import TestOutcome, not_made
from evaluation.texts import NumberFormat, Texts
from tests.paths import REPOSITORY

FOLDER = REPOSITORY / "templates" / "texts"
SWEDISH = NumberFormat()
ENGLISH = NumberFormat(decimal=".", thousands=",", percent="%", minus="−")


def catalogue(language: str) -> Texts:
    entries = yaml.safe_load((FOLDER / language / "inference.yaml").read_text(encoding="utf-8"))
    return Texts(language, entries, SWEDISH if language == "sv" else ENGLISH)


SV, EN = catalogue("sv"), catalogue("en")


def test_a_significant_difference():
    # Table 1 of the MIA report
    outcome = pearson([[434, 347], [330, 188]])
    assert sentences.outcome_sentence(outcome, SV) == (
        "Skillnaden mellan grupperna är statistiskt säkerställd "
        "(chi-två-test, p = 0,004, bas 1\u00a0299 svarande)."
    )
    assert sentences.outcome_sentence(outcome, SV, by="Kön").startswith("Kön: Skillnaden")
    assert sentences.outcome_sentence(outcome, EN) == (
        "The difference between the groups is statistically significant "
        "(chi-square test, p = 0.004, base 1,299 respondents)."
    )


def test_warnings_follow_and_fisher_is_offered():
    assert sentences.outcome_sentence(pearson([[10, 0], [6, 4]]), SV) == (
        "Skillnaden mellan grupperna är statistiskt säkerställd "
        "(chi-två-test, p = 0,025, bas 20 svarande). "
        "Minst ett förväntat antal är lägre än fem, och testet är därför ungefärligt. "
        "Fishers exakta test är då säkrare."
    )
    assert sentences.outcome_sentence(fisher([[10, 0], [6, 4]]), SV) == (
        "Skillnaden mellan grupperna är inte statistiskt säkerställd "
        "(Fishers exakta test, p = 0,087, bas 20 svarande)."
    )


def test_a_simulated_p_is_said():
    hair_and_eyes = [[68, 20, 15, 5], [119, 84, 54, 29], [26, 17, 14, 14], [7, 94, 10, 16]]
    outcome = fisher(hair_and_eyes, work_limit=10, replicates=1000)
    text = sentences.outcome_sentence(outcome, SV)
    assert "p < 0,001" in text
    assert "skattat med slumpade tabeller från ett fast startvärde (medelfel 0,0010)" in text


def test_changes_and_what_was_not_made():
    assert sentences.outcome_sentence(mcnemar([[30, 12], [4, 44]]), SV) == (
        "Förändringen mellan de två tillfällena är inte statistiskt säkerställd "
        "(McNemars exakta test, p = 0,077, bas 90 personer som har svarat båda gångerna)."
    )
    assert sentences.outcome_sentence(pearson([[0, 0], [0, 0]]), SV) == (
        "Inget test har gjorts (chi-två-test). Det finns inga svar."
    )


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0, "p < 0,001"), (0.00099, "p < 0,001"), (0.001, "p = 0,001"), (0.0035, "p = 0,004"),
        (0.0496, "p = 0,0496"), (0.0504, "p = 0,0504"),
        (0.049996, "p = 0,049996"), (0.05, "p = 0,050"),
        (0.999, "p = 0,999"), (0.9995, "p > 0,999"), (1.0, "p > 0,999"),
    ],
)  # fmt: skip
def test_p_values_are_written_the_swedish_way(p, text):
    assert sentences.p_text(p, SV) == text


@given(st.floats(0, 1))
def test_the_figure_never_contradicts_the_words(p):
    text = sentences.p_text(p, SV)
    sign, shown = re.fullmatch(r"p ([<=>]) (\d,\d+)", text).groups()
    value = float(shown.replace(",", "."))
    if abs(p - 0.05) > 1e-6 and sign == "=":
        assert (value < 0.05) == (p < 0.05)


def test_strength():
    assert sentences.effect_sentence(pearson([[434, 347], [330, 188]]), SV) == (
        "Sambandets styrka är 0,08, mätt med Cramérs V på en skala från 0 till 1 "
        "(95-procentigt konfidensintervall från 0,03 till 0,14)."
    )
    assert sentences.effect_sentence(mcnemar([[30, 12], [4, 44]]), SV) == ""
    assert "0,50" in sentences.effect_sentence(
        TestOutcome("rao-scott", 1, 1, 0.5, 9, effect=0.5), SV
    )


def test_the_number_of_tests_and_chance():
    outcomes = [TestOutcome("pearson", 1.0, 1.0, p, 90) for p in [0.001, 0.02, 0.03] + [0.5] * 31]
    assert sentences.tally_note(tally(outcomes), SV) == (
        "Rapporten innehåller 34 statistiska test. "
        "Även om det inte fanns några verkliga skillnader skulle omkring 1,7 av dem väntas ge "
        "p < 0,05 enbart av en slump. "
        "Antalet test som ger p < 0,05 är 3. "
        "När p-värdena justeras för antalet test med Benjamini–Hochbergs metod återstår 1."
    )
    assert (
        sentences.tally_note(tally(outcomes[:1]), SV)
        == "Rapporten innehåller ett statistiskt test."
    )
    assert (
        sentences.tally_note(tally([not_made("fisher", 0)]), SV)
        == "Rapporten innehåller inga statistiska test."
    )
    plain = Tally(400, 30, 20.0, 30, "none", 0.05)
    assert "omkring 20 av dem" in sentences.tally_note(plain, SV)
    assert "justeras" not in sentences.tally_note(plain, SV)


def test_ninety_of_146_says_that_nonresponse_remains():
    text = sentences.population_note(90, 146, SV)
    assert text.startswith("Av 146 tillfrågade har 90 svarat (62\u00a0%).")
    assert "bortfallet" in text
    assert sentences.population_note(45, 45, SV).startswith("Alla 45 tillfrågade har svarat.")
    note = sentences.interval_note("wilson", SV, population=146)
    assert note.startswith("Intervallen är 95-procentiga konfidensintervall (Wilsons metod).")
    assert "146 tillfrågade personer" in note
    assert "99,9-procentiga" in sentences.interval_note("jeffreys", SV, level=0.999)


def test_a_caution_below_the_limit_only():
    assert sentences.response_caution(0.5, 0.5, SV) == ""
    assert "49\u00a0%, vilket är lägre än 50\u00a0%" in sentences.response_caution(0.49, 0.5, SV)


def test_response_rates_have_their_parts():
    counts = Dispositions(60, 10, 20, 5, 5, unknown=40, not_eligible=25)
    rates = response_rates(counts)
    for key, definition, part, whole in sentences.response_rate_names(counts, rates, SV):
        assert "AAPOR" in definition
        assert part / whole == pytest.approx(getattr(rates, key))


def test_letters():
    assert "Bonferronis metod" in sentences.letters_note("bonferroni", SV)
    assert "utan justering" in sentences.letters_note("none", SV)


def test_models():
    model = LogisticModel(
        (), 20, 0, 9, {}, "model", 1.0, None, None, ("few-events", "separation"), ("g=b",)
    )
    few, separated = sentences.model_warning_sentences(model, SV, labels={"g=b": "Grupp: B"})
    assert few.startswith("Antalet svarande")
    assert separated.endswith("Grupp: B.")


# --- the catalogues -----------------------------------------------------------------------------


def leaves(node, path=()):
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, (*path, str(key)))
    else:
        yield ".".join(path), node


def placeholders(text):
    return sorted(re.findall(r"{(\w+)}", text))


def test_both_languages_have_the_same_keys_and_placeholders():
    swedish, english = dict(leaves(SV.entries)), dict(leaves(EN.entries))
    assert swedish.keys() == english.keys()
    for key, text in swedish.items():
        assert placeholders(text) == placeholders(english[key]), key


def sources():
    folder = REPOSITORY / "evaluation" / "inference"
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}


OF_TABLES = {"unknown-test", "multiple-answers", "design-ignored", "not-ordered"}
"""Warnings that the tables room adds."""


def test_every_method_warning_and_issue_has_words():
    texts = SV.entries["inference"]
    assert set(intervals.METHODS) <= set(texts["intervals"])
    assert set(multiple.ADJUSTMENTS) == set(texts["adjustments"])
    assert set(sentences._FAMILY) == set(texts["methods"])
    code = "\n".join(sources().values())
    for key in texts["warnings"]:
        if key not in OF_TABLES:
            assert f'"{key}"' in code, key
    issues = set(
        re.findall(
            r"WeightingIssue\(\s*\"([a-z-]+)\"",
            Path(weighting.__file__).read_text(encoding="utf-8"),
        )
    )
    known = {
        key.removeprefix("weighting-")
        for key in SV.entries["problems"]
        if key.startswith("weighting-")
    }
    assert issues == known


def test_no_sentence_claims_a_cause():
    for key, text in leaves(SV.entries["inference"]["sentences"]):
        assert not re.search(r"\b(beror|orsak|påverkar|leder till|effekt)", text), key


def test_nothing_is_said_in_a_language_within_the_code():
    for name, code in sources().items():
        for literal in re.findall(
            r'"([^"\n]*[åäöÅÄÖ][^"\n]*)"', re.sub(r'""".*?"""', "", code, flags=re.S)
        ):
            pytest.fail(f"{name}: {literal}")


def test_letters_of_columns_need_no_words():
    assert columns.column_letters(3) == ("A", "B", "C")
