"""Who answered and who did not: response rates, item non-response, break-off, the population."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from evaluation.inference.crosstabs import SMALL_EXPECTED
from evaluation.inference.distributions import chi2_sf
from evaluation.inference.results import TestOutcome, not_made
from evaluation.model import MissingKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

TRAILING_RUN: Final = 2
"""So many unanswered questions in a row at the end count as breaking off; fewer as skipping."""


@dataclass(frozen=True, slots=True)
class Dispositions:
    """What became of everyone who was sent the questionnaire (AAPOR's final dispositions).

    Attributes
    ----------
    complete, partial
        Interviews (I, P).
    refusal, non_contact, other
        Eligible persons who did not answer (R, NC, O).
    unknown
        Persons of whom it is not known whether they are eligible (UH + UO).
    not_eligible
        Persons who turned out not to belong to the population.
    """

    complete: int
    partial: int = 0
    refusal: int = 0
    non_contact: int = 0
    other: int = 0
    unknown: int = 0
    not_eligible: int = 0


@dataclass(frozen=True, slots=True)
class ResponseRates:
    """Response rates 1 to 6 and their relatives after AAPOR's Standard Definitions.

    Shares 0 to 1; None where the denominator is 0. Odd numbers count complete
    answers only, even numbers partial ones too; 1 and 2 count all unknown
    persons as eligible, 3 and 4 the share ``eligibility`` of them, 5 and 6 none.

    Attributes
    ----------
    eligibility
        Assumed or estimated share of eligible persons among the unknown.
    cooperation
        Of those contacted (COOP2): answers, partial ones too.
    refusal
        REF1.
    contact
        CON1.
    """

    rr1: float | None
    rr2: float | None
    rr3: float | None
    rr4: float | None
    rr5: float | None
    rr6: float | None
    eligibility: float
    cooperation: float | None
    refusal: float | None
    contact: float | None


def response_rates(counts: Dispositions, *, eligibility: float | None = None) -> ResponseRates:
    """Compute the response rates of final dispositions.

    ``eligibility`` None is estimated from the known cases, eligible over
    eligible and not (the CASRO method); 1 where no case is known.

    Raises
    ------
    ValueError
        If the eligibility lies outside 0 to 1.
    """
    answered = counts.complete + counts.partial
    eligible = answered + counts.refusal + counts.non_contact + counts.other
    known = eligible + counts.not_eligible
    share = (eligible / known if known else 1.0) if eligibility is None else eligibility
    if not 0 <= share <= 1:
        msg = f"eligibility must lie between 0 and 1, got {share}"
        raise ValueError(msg)
    everyone = eligible + counts.unknown
    likely = eligible + share * counts.unknown
    contacted = answered + counts.refusal + counts.other
    return ResponseRates(
        rr1=_share(counts.complete, everyone),
        rr2=_share(answered, everyone),
        rr3=_share(counts.complete, likely),
        rr4=_share(answered, likely),
        rr5=_share(counts.complete, eligible),
        rr6=_share(answered, eligible),
        eligibility=share,
        cooperation=_share(answered, contacted),
        refusal=_share(counts.refusal, everyone),
        contact=_share(contacted, everyone),
    )


@dataclass(frozen=True, slots=True)
class ItemNonresponse:
    """What became of one question.

    ``n_asked = n_answered + n_missing + n_invalid``; ``rate`` is those who
    were asked and gave no answer that counts, of those asked (0 to 1, None
    where nobody was asked).
    """

    n_asked: int
    n_answered: int
    n_missing: int
    n_invalid: int
    n_not_asked: int
    rate: float | None


def item_nonresponse(codes: ArrayLike) -> ItemNonresponse:
    """Count one question's answers and kinds of missing.

    In: 1-D integers, a category (0 or more) or a `MissingKind` per respondent.
    """
    values = np.asarray(codes)
    answered = int((values >= 0).sum())
    missing = int((values == MissingKind.ITEM_NONRESPONSE).sum())
    invalid = int((values == MissingKind.INVALID).sum())
    asked = answered + missing + invalid
    not_asked = len(values) - asked
    return ItemNonresponse(
        asked, answered, missing, invalid, not_asked, _share(missing + invalid, asked)
    )


@dataclass(frozen=True, slots=True)
class BreakOff:
    """Where respondents stopped answering.

    Attributes
    ----------
    n_started
        Respondents who answered at least one question.
    n_left
        1-D, per question: respondents whose first unanswered question of the
        unbroken rest is this one.
    remaining
        1-D, per question: share of ``n_started`` who had not broken off by then
        (0 to 1; 0 where nobody started).
    """

    n_started: int
    n_left: Ints
    remaining: Floats


def break_off(questions: Sequence[ArrayLike], *, trailing_run: int = TRAILING_RUN) -> BreakOff:
    """Find where respondents stopped, from the questions in the order asked.

    Parameters
    ----------
    questions
        One 1-D array of codes per question, as for `item_nonresponse`.
    trailing_run
        Fewest questions asked and unanswered at the very end that count as
        breaking off.
    """
    if not questions:
        return BreakOff(0, np.zeros(0, np.int64), np.zeros(0))
    codes = np.column_stack([np.asarray(q) for q in questions])
    n_questions = codes.shape[1]
    asked = codes != MissingKind.NOT_ASKED
    # an answer that cannot be counted is still a sign of a respondent at work
    worked = asked & (codes != MissingKind.ITEM_NONRESPONSE)
    started = worked.any(axis=1)
    last = n_questions - 1 - np.argmax(worked[:, ::-1], axis=1)
    silent = asked & (np.arange(n_questions) > last[:, np.newaxis])
    stopped = started & (silent.sum(axis=1) >= max(trailing_run, 1))
    first_silent = np.argmax(silent, axis=1)[stopped]
    n_left = np.bincount(first_silent, minlength=n_questions).astype(np.int64)
    n_started = int(started.sum())
    remaining = 1 - np.cumsum(n_left) / max(n_started, 1)
    return BreakOff(n_started, n_left, remaining if n_started else np.zeros(n_questions))


@dataclass(frozen=True, slots=True)
class Representativeness:
    """Respondents beside the population, on one variable.

    Attributes
    ----------
    respondents, population
        1-D shares (0 to 1) per category.
    difference
        Share of respondents less share of population.
    dissimilarity
        Half the sum of absolute differences: the share of respondents who
        would have to be exchanged; None without respondents.
    test
        Chi-square goodness of fit, method ``goodness-of-fit``.
    """

    respondents: Floats
    population: Floats
    difference: Floats
    dissimilarity: float | None
    test: TestOutcome


def compare_with_population(counts: ArrayLike, totals: ArrayLike) -> Representativeness:
    """Compare respondents' counts with known totals (or shares) of the population, 1-D each.

    R: ``chisq.test(counts, p = totals, rescale.p = TRUE)``. Categories with
    neither respondents nor population are left out of the test; one with
    respondents but no population makes it impossible.

    Raises
    ------
    ValueError
        If a category lacks its total, one is negative, or all are 0.
    """
    n = np.asarray(counts, dtype=np.float64)
    whole = np.asarray(totals, dtype=np.float64)
    if n.shape != whole.shape or (whole < 0).any() or whole.sum() <= 0:
        msg = "one total, 0 or more, is needed for every category, and one above 0"
        raise ValueError(msg)
    population = whole / whole.sum()
    base = float(n.sum())
    respondents = n / base if base else np.zeros_like(population)
    difference = respondents - population
    return Representativeness(
        respondents, population, difference,
        float(np.abs(difference).sum() / 2) if base else None,
        _goodness_of_fit(n, population, base),
    )  # fmt: skip


def _goodness_of_fit(n: Floats, share: Floats, base: float) -> TestOutcome:
    method, base_n = "goodness-of-fit", round(base)
    if base == 0:
        return not_made(method, 0, "no-answers")
    if ((share == 0) & (n > 0)).any():
        return not_made(method, base_n, "respondents-without-total")
    used = share > 0
    if used.sum() < 2:
        return not_made(method, base_n, "too-few-categories")
    expected = base * share[used]
    statistic = float(((n[used] - expected) ** 2 / expected).sum())
    df = float(used.sum() - 1)
    keys = ("expected-below-5",) if (expected < SMALL_EXPECTED).any() else ()
    return TestOutcome(method, statistic, df, float(chi2_sf(statistic, df)), base_n, keys)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
