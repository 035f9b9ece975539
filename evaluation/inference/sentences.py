"""Plain sentences on tests and uncertainty, in the language of the texts catalogue.

Pure: results and texts in, text out. A sentence says whether a difference is
statistically significant, with method, p and base; never why it is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from evaluation.inference.multiple import ALPHA
from evaluation.inference.results import WITHHELD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evaluation.inference.models import LogisticModel
    from evaluation.inference.multiple import Tally
    from evaluation.inference.nonresponse import Dispositions, ResponseRates
    from evaluation.inference.results import TestOutcome
    from evaluation.texts import Texts

SMALLEST_P: Final = 0.001
"""p is written with three decimals, and below this as "p < 0,001"."""

_FAMILY: Final = {
    "pearson": "difference",
    "pearson-corrected": "difference",
    "lr": "difference",
    "fisher": "difference",
    "rao-scott": "difference",
    "rao-scott-chisq": "difference",
    "trend": "trend",
    "mann-whitney": "scale",
    "kruskal": "scale",
    "mcnemar": "paired",
    "mcnemar-chi2": "paired",
    "bowker": "paired",
    "goodness-of-fit": "population",
    "overlap-z": "change",
    "welch": "change",
    "paired-t": "paired",
    "design-t": "change",
}
"""What each test is about; the wording of the two conclusions is in the texts."""

_OTHER: Final = frozenset({("questions", "paired"), ("change", "difference")})
"""What is compared and the method's own family, where the former decides the wording."""

_OFFERS_FISHER: Final = frozenset({"pearson", "pearson-corrected", "lr"})


def p_text(p: float, texts: Texts, *, alpha: float = ALPHA) -> str:
    """Write a p-value: ``p = 0,004``, ``p < 0,001``, ``p > 0,999``.

    More decimals are given where three would round it onto ``alpha``, so
    that the figure never contradicts the words.
    """
    number = texts.numbers.number
    if p < SMALLEST_P:
        return f"p < {number(SMALLEST_P, 3)}"
    if p > 1 - SMALLEST_P:
        return f"p > {number(1 - SMALLEST_P, 3)}"
    decimals = 3
    while decimals < 6 and p != alpha and number(p, decimals) == number(alpha, decimals):
        decimals += 1
    return f"p = {number(p, decimals)}"


def outcome_sentence(
    outcome: TestOutcome,
    texts: Texts,
    *,
    by: str = "",
    alpha: float = ALPHA,
    about: str = "",
) -> str:
    """Say in one sentence what a test found, followed by its warnings.

    Parameters
    ----------
    outcome
        The test.
    texts
        The catalogue.
    by
        Label of the column variable, put before the sentence; "" for none.
    alpha
        Significant is ``p < alpha``.
    about
        What is compared, where the method does not tell: ``questions`` for
        pairs of answers to two questions instead of one question asked twice,
        ``change`` for two waves instead of two groups.
    """
    if outcome.p is None:
        key = WITHHELD if WITHHELD in outcome.warnings else "not_made"
        sentence = texts.get(
            f"inference.sentences.{key}", method=texts.get(f"inference.methods.{outcome.method}")
        )
    else:
        family = _FAMILY[outcome.method]
        family = about if (about, family) in _OTHER else family
        verdict = "significant" if outcome.p < alpha else "not_significant"
        sentence = texts.get(
            f"inference.sentences.{family}.{verdict}",
            method=texts.get(f"inference.methods.{outcome.method}"),
            p=p_text(outcome.p, texts, alpha=alpha),
            base=texts.numbers.number(outcome.base_n),
        )
    if by:
        sentence = texts.get("inference.sentences.by", by=by, sentence=sentence)
    return " ".join([sentence, *warning_sentences(outcome, texts, offer=about != "change")])


def warning_sentences(outcome: TestOutcome, texts: Texts, *, offer: bool = True) -> tuple[str, ...]:
    """Return one sentence for each warning of a test, in their order; ``offer`` Fisher's test."""
    error = "" if outcome.p_se is None else _error_text(outcome.p_se, texts)
    # That a result is withheld is the sentence itself, and no warning about it.
    warnings = [key for key in outcome.warnings if key != WITHHELD]
    found = [_warning(key, texts, p_se=error) for key in warnings]
    is_simple = offer and "design-ignored" not in outcome.warnings
    if is_simple and "expected-below-5" in outcome.warnings and outcome.method in _OFFERS_FISHER:
        found.append(texts.get("inference.sentences.offer_fisher"))
    return tuple(found)


def _error_text(error: float, texts: Texts) -> str:
    smallest = 0.0001
    number = texts.numbers.number
    return number(error, 4) if error >= smallest else f"< {number(smallest, 4)}"


def model_warning_sentences(
    model: LogisticModel, texts: Texts, *, labels: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Return one sentence for each warning of a model.

    Each names the terms that it is about; ``labels`` gives their printed form.
    """
    from evaluation.inference.models import terms_behind

    names = labels or {}
    found = []
    for key in model.warnings:
        terms = ", ".join(names.get(term, term) for term in terms_behind(model, key))
        found.append(_warning(key, texts, terms=terms))
    return tuple(found)


def _warning(key: str, texts: Texts, *, p_se: str = "", terms: str = "") -> str:
    return texts.get(f"inference.warnings.{key}", p_se=p_se, terms=terms)


def effect_sentence(outcome: TestOutcome, texts: Texts, *, level: float = 0.95) -> str:
    """Say how strong an association is (Cramér's V with interval); "" where there is none."""
    if outcome.effect is None or _FAMILY.get(outcome.method) != "difference":
        return ""
    number = texts.numbers.number
    if outcome.effect_low is None or outcome.effect_high is None:
        return texts.get("inference.sentences.cramers_v", v=number(outcome.effect, 2))
    return texts.get(
        "inference.sentences.cramers_v_interval",
        v=number(outcome.effect, 2),
        low=number(outcome.effect_low, 2),
        high=number(outcome.effect_high, 2),
        level=_level(level, texts),
    )


def interval_note(
    method: str, texts: Texts, *, level: float = 0.95, population: int | None = None
) -> str:
    """Say what the intervals of a table are; with the population where it was used."""
    key = "note" if population is None else "note_population"
    return texts.get(
        f"inference.intervals.{key}",
        level=_level(level, texts),
        method=texts.get(f"inference.intervals.{method}"),
        population="" if population is None else texts.numbers.number(population),
    )


def letters_note(adjustment: str, texts: Texts, *, alpha: float = ALPHA) -> str:
    """Say what the letters of compared columns mean."""
    return texts.get(
        "inference.letters.note" if adjustment != "none" else "inference.letters.note_unadjusted",
        alpha=_percent(alpha, texts),
        adjustment=texts.get(f"inference.adjustments.{adjustment}"),
    )


def tally_note(tally: Tally, texts: Texts) -> str:
    """Say how many tests a report holds, and how many chance alone would make significant."""
    if tally.n_tests == 0:
        return texts.get("inference.tally.none")
    number = texts.numbers.number
    chance = tally.n_by_chance
    values = {
        "n_tests": number(tally.n_tests),
        "n_significant": number(tally.n_significant),
        "n_by_chance": number(chance, 0 if chance >= 10 else 1),
        "n_after": number(tally.n_after_adjustment),
        "alpha": number(tally.alpha, 2),
        "adjustment": texts.get(f"inference.adjustments.{tally.adjustment}"),
    }
    key = "one" if tally.n_tests == 1 else "many"
    sentence = texts.get(f"inference.tally.{key}", **values)
    if tally.adjustment == "none" or tally.n_tests == 1:
        return sentence
    return f"{sentence} {texts.get('inference.tally.adjusted', **values)}"


def population_note(n: int, population: int, texts: Texts) -> str:
    """Say what remains uncertain when ``n`` of a population answered: non-response, not chance."""
    number = texts.numbers.number
    if n >= population:
        return texts.get("inference.population.everyone", population=number(population))
    return texts.get(
        "inference.population.some",
        n=number(n),
        population=number(population),
        share=_percent(n / population, texts),
    )


def response_caution(rate: float, limit: float, texts: Texts) -> str:
    """Return a caution where the response rate is below the declared limit, else ""."""
    if rate >= limit:
        return ""
    return texts.get(
        "inference.response.caution", rate=_percent(rate, texts), limit=_percent(limit, texts)
    )


def response_rate_names(
    counts: Dispositions, rates: ResponseRates, texts: Texts
) -> tuple[tuple[str, str, int, float], ...]:
    """Return key, definition, numerator and denominator of each response rate."""
    answered = counts.complete + counts.partial
    eligible = answered + counts.refusal + counts.non_contact + counts.other
    contacted = answered + counts.refusal + counts.other
    everyone = eligible + counts.unknown
    likely = eligible + rates.eligibility * counts.unknown
    parts: dict[str, tuple[int, float]] = {
        "rr1": (counts.complete, everyone),
        "rr2": (answered, everyone),
        "rr3": (counts.complete, likely),
        "rr4": (answered, likely),
        "rr5": (counts.complete, eligible),
        "rr6": (answered, eligible),
        "cooperation": (answered, contacted),
        "refusal": (counts.refusal, everyone),
        "contact": (contacted, everyone),
    }
    return tuple(
        (key, texts.get(f"inference.response.{key}"), part, whole)
        for key, (part, whole) in parts.items()
    )


def _level(level: float, texts: Texts) -> str:
    percent = 100 * level
    whole = abs(percent - round(percent)) < 1e-9
    return texts.numbers.number(percent, 0 if whole else 1)


def _percent(share: float, texts: Texts) -> str:
    return texts.numbers.percentage(100 * share, 0)
