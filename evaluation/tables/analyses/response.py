"""Who answered of those asked: rates by group, AAPOR's rates, who was asked at all, break-off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.schema import Role
from evaluation.coding.data import Categorical, FreeText, MultiResponse, Numeric
from evaluation.inference.nonresponse import (
    Dispositions,
    break_off,
    compare_with_population,
    response_rates,
)
from evaluation.inference.occasions import share_asked
from evaluation.inference.sentences import outcome_sentence, response_rate_names
from evaluation.model import IntakeStatus
from evaluation.tables.analyses.common import count, percent, points
from evaluation.tables.analyses.spec import Analysis, AnalysisCell, AnalysisError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from evaluation.coding.data import Variable
    from evaluation.tables.analyses.common import View

DISPOSITIONS = ("refusal", "non_contact", "other", "unknown", "not_eligible")
"""What a study may state about those who did not answer."""


ANSWERED = frozenset({Role.QUESTION, Role.BACKGROUND})
"""Roles of questions that the respondent answers: what the export fills in says nothing."""


def response(view: View) -> Analysis:
    """Answered of asked, by group; the persons asked come from the study.

    Option ``limit``: groups where a smaller percent answered are named.

    Raises
    ------
    AnalysisError
        If more have answered in a group than were asked.
    """
    texts = view.texts
    labels, codes = view.groups(view.spec.by, view.spec.option("period"))
    asked = _stated(view, labels, "asked={…}")
    rows, counts, low = [], [], []
    limit = float(view.spec.option("limit", "0"))
    for position, label in enumerate(labels):
        n = int((codes == position).sum())
        if label not in asked:
            continue
        if n > asked[label]:
            raise AnalysisError("analysis-more-than-asked", label, str(n))
        counts.append(n)
        share = n / asked[label] if asked[label] else None
        rows.append((label, (count(asked[label]), count(n), percent(share))))
        if share is not None and 100 * share < limit:
            low.append(label)
    whole, answered = sum(asked.values()), sum(counts)
    share = answered / whole if whole else None
    rows.append((texts.get("table.total"), (count(whole), count(answered), percent(share))))
    keys = ("asked", "answered", "rate")
    said: tuple[str, ...] = ()
    if low:
        below = texts.numbers.percentage(limit, 0)
        said = (texts.get("analysis.low_response", groups=", ".join(low), limit=below),)
    return Analysis(
        view.spec,
        texts.get("analysis.response_title"),
        view.name(view.spec.by),
        tuple(texts.get(f"analysis.{key}") for key in keys),
        tuple(rows),
        said,
        counts=tuple(counts),
        base_n=answered,
    )


def asked_at_all(view: View) -> Analysis:
    """Persons asked at all, of all participants, by group where wanted.

    Whoever answered any form counts, once. Option ``source`` says what the
    declared denominator is, in words.
    """
    texts, by = view.texts, view.spec.by
    total = texts.get("table.total")
    if by:
        labels, codes = view.groups(by, view.spec.option("period"))
    else:
        labels, codes = [total], np.where(view.inside, 0, -1)
    stated = _stated(view, labels, "participants={…}")
    person = view.data.person
    who = np.arange(view.data.n) if person is None else _each(person)
    rows, counts, said = [], [], []
    for position, label in enumerate(labels):
        if label not in stated:
            continue
        n = len(np.unique(who[view.inside & (codes == position)]))
        found = share_asked(n, stated[label])
        counts.append(n)
        rows.append((label, (count(n), count(stated[label]), percent(found.share))))
        said += [_group_warning(view, label, key) for key in found.warnings]
    if by:
        n = len(np.unique(who[view.inside & (codes >= 0)]))
        found = share_asked(n, sum(stated.values()))
        rows.append((total, (count(n), count(sum(stated.values())), percent(found.share))))
    source = view.spec.option("source")
    if source:
        said.append(texts.get("analysis.denominator", source=source))
    said.append(texts.get("analysis.no_interval"))
    keys = ("asked_persons", "participants", "asked_share")
    return Analysis(
        view.spec,
        texts.get("analysis.asked_title"),
        view.name(by) if by else texts.get("analysis.group"),
        tuple(texts.get(f"analysis.{key}") for key in keys),
        tuple(rows),
        tuple(said),
        tuple(counts),
        min(counts, default=0),
    )


def rates(view: View) -> Analysis:
    """AAPOR's response rates, from the intake and what the study states of the others.

    Options: ``asked`` (default the declared population), those of
    `DISPOSITIONS`, ``eligibility`` (percent of the unknown), ``show=all``.
    Persons asked of whom nothing is stated count as not reached.
    """
    texts = view.texts
    counts = _dispositions(view)
    share = view.spec.option("eligibility")
    found = response_rates(counts, eligibility=float(share) / 100 if share else None)
    rows = []
    for key, definition, part, whole in response_rate_names(counts, found, texts):
        if view.spec.option("show") != "all" and (_repeats(key, counts) or _unsaid(view, key)):
            continue
        decimals = 0 if float(whole).is_integer() else 1
        value = getattr(found, key)
        bottom = AnalysisCell(float(whole), "number" if decimals else "count", decimals)
        rows.append((definition, (count(part), bottom, percent(value))))
    number = texts.numbers.number
    values = {key: number(getattr(counts, key)) for key in ("complete", "partial", *DISPOSITIONS)}
    said = [texts.get("analysis.dispositions", **values)]
    if counts.unknown:
        percentage = texts.numbers.percentage(100 * found.eligibility, 0)
        said.append(texts.get("analysis.eligibility", share=percentage))
    keys = ("numerator", "denominator_n", "percent")
    return Analysis(
        view.spec,
        texts.get("analysis.rates_title"),
        texts.get("analysis.measure"),
        tuple(texts.get(f"analysis.{key}") for key in keys),
        tuple(rows),
        tuple(said),
        base_n=counts.complete + counts.partial,
    )


def population(view: View) -> Analysis:
    """Respondents beside the population on one variable, with a test of fit."""
    texts, by = view.texts, view.spec.by
    labels, codes = view.groups(by)
    stated = _stated(view, labels, "totals={…}")
    n = np.array([int((codes == i).sum()) for i in range(len(labels))])
    totals = np.array([stated.get(label, 0) for label in labels], dtype=np.float64)
    found = compare_with_population(n, totals)
    rows = tuple(
        (
            label,
            (
                count(int(n[row])),
                percent(float(found.respondents[row])),
                percent(float(found.population[row])),
                points(float(found.difference[row])),
            ),
        )
        for row, label in enumerate(labels)
    )
    keys = ("answered", "of_respondents", "of_population", "difference")
    return Analysis(
        view.spec,
        texts.get("analysis.population_title"),
        view.name(by),
        tuple(texts.get(f"analysis.{key}") for key in keys),
        rows,
        (outcome_sentence(found.test, texts),),
        tuple(int(k) for k in n),
        int(n.sum()),
        (found.test,),
    )


def breaking_off(view: View) -> Analysis:
    """How many were still answering at each question."""
    texts = view.texts
    asked = {
        name
        for question in view.codebook.questions
        if question.role in ANSWERED and not question.recode
        for name in (question.id, *(item.id for item in question.items))
    }
    names = [
        name
        for name, variable in view.data.variables.items()
        if name in asked and not isinstance(variable, FreeText)
    ]
    states = [np.where(view.inside, _state(view.data.variables[n]), -2) for n in names]
    found = break_off(states)
    rows = tuple(
        (view.name(name), (count(int(left)), percent(float(still))))
        for name, left, still in zip(names, found.n_left, found.remaining, strict=True)
    )
    number = texts.numbers.number
    left = int(found.n_left.sum())
    said = texts.get("analysis.started", n=number(found.n_started), left=number(left))
    return Analysis(
        view.spec,
        texts.get("analysis.break_off_title"),
        texts.get("table.stub_items"),
        (texts.get("analysis.left"), texts.get("analysis.still")),
        rows,
        (said,),
        counts=tuple(int(k) for k in found.n_left),
        base_n=found.n_started,
    )


# --- parts ---------------------------------------------------------------------------------


def _stated(view: View, labels: Sequence[str], call: str) -> dict[str, int]:
    """Return label -> number that the study states; every name must be a group.

    Raises
    ------
    AnalysisError
        If nothing is stated, a name is no group, or a group with answers has no number.
    """
    if not view.asked:
        raise AnalysisError("analysis-asked", view.spec.survey, call)
    names = {label: label for label in labels}
    variable = view.data.variables.get(view.spec.by)
    if isinstance(variable, Categorical):
        names |= {c.code: c.label for c in variable.categories if c.code not in names}
    for name in view.asked:
        if name not in names:
            raise AnalysisError("analysis-group", name, ", ".join(labels))
    stated = {names[name]: n for name, n in view.asked.items()}
    if view.spec.by:
        _, codes = view.groups(view.spec.by, view.spec.option("period"))
        for position, label in enumerate(labels):
            if label not in stated and (codes == position).any():
                raise AnalysisError("analysis-group-lacks", label, call)
    return stated


def _each(person: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return persons, those unknown each for themselves."""
    return np.where(person >= 0, person, -1 - np.arange(len(person)))


def _group_warning(view: View, label: str, key: str) -> str:
    sentence = view.texts.get(f"inference.warnings.{key}")
    return view.texts.get("inference.sentences.by", by=label, sentence=sentence)


def _dispositions(view: View) -> Dispositions:
    stated = {key: _number(view, key) for key in DISPOSITIONS}
    complete, partial = _answers(view)
    asked = _number(view, "asked_n") or view.population
    rest = asked - complete - partial - sum(stated.values())
    if rest < 0 and asked:
        raise AnalysisError("analysis-more-than-asked", view.spec.survey, str(asked))
    if not asked and not any(stated.values()):
        survey = view.spec.survey
        raise AnalysisError("analysis-asked", survey, f"surveys.{survey}.design.population")
    if asked:
        stated["non_contact"] += rest
    return Dispositions(complete, partial, **stated)


def _number(view: View, key: str) -> int:
    text = view.spec.option(key, "0")
    if not text.isdecimal():
        raise AnalysisError("analysis-number", text, "146")
    return int(text)


def _answers(view: View) -> tuple[int, int]:
    """Return complete and partial answers, the latter also where they do not count."""
    both = (IntakeStatus.COMPLETE, IntakeStatus.PARTIAL)
    kept = [status for status in view.data.intake.status if status in both]
    if len(kept) == view.data.n:
        is_complete = np.array([status is IntakeStatus.COMPLETE for status in kept], dtype=bool)
        return int((is_complete & view.inside).sum()), int((~is_complete & view.inside).sum())
    return int(view.inside.sum()), view.data.intake.counts[IntakeStatus.PARTIAL]


def _repeats(key: str, counts: Dispositions) -> bool:
    """Tell whether a rate is the same as another one that is shown."""
    if key in ("rr3", "rr4", "rr5", "rr6") and not counts.unknown:
        return True
    return key in ("rr2", "rr4", "rr6") and not counts.partial


def _unsaid(view: View, key: str) -> bool:
    """Tell whether nothing is stated of who was reached, so that the measure says nothing."""
    said = any(view.spec.option(one) for one in ("refusal", "non_contact", "other"))
    return key in ("cooperation", "refusal", "contact") and not said


def _state(variable: Variable) -> NDArray[np.int64]:
    if isinstance(variable, Categorical):
        return variable.codes.astype(np.int64)
    assert isinstance(variable, MultiResponse | Numeric | FreeText)  # noqa: S101
    return variable.state.astype(np.int64)
