"""Response rates by group, and where respondents broke off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Categorical, FreeText, MultiResponse, Numeric
from evaluation.inference.nonresponse import break_off, compare_with_population
from evaluation.inference.sentences import outcome_sentence
from evaluation.tables.analyses.common import count, percent, points
from evaluation.tables.analyses.spec import Analysis, AnalysisError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evaluation.coding.data import Variable
    from evaluation.tables.analyses.common import View


def response(view: View) -> Analysis:
    """Answered of asked, by group; the persons asked come from the study."""
    texts = view.texts
    if not view.asked:
        raise AnalysisError("analysis-asked", view.spec.survey, "asked={…}")
    codes = view.codes(view.spec.by)
    rows, counts = [], []
    for position, category in enumerate(view.categorical(view.spec.by).categories):
        asked = view.asked.get(category.label, view.asked.get(category.code))
        if asked is None:
            continue
        n = int((codes == position).sum())
        counts.append(n)
        rows.append((category.label, (count(asked), count(n), percent(n / asked))))
    whole, answered = sum(view.asked.values()), sum(counts)
    share = answered / whole if whole else None
    rows.append((texts.get("table.total"), (count(whole), count(answered), percent(share))))
    keys = ("asked", "answered", "rate")
    return Analysis(
        view.spec,
        texts.get("analysis.response_title"),
        view.name(view.spec.by),
        tuple(texts.get(f"analysis.{key}") for key in keys),
        tuple(rows),
        counts=tuple(counts),
        base_n=answered,
    )


def population(view: View) -> Analysis:
    """Respondents beside the population on one variable, with a test of fit."""
    texts, by = view.texts, view.spec.by
    if not view.asked:
        raise AnalysisError("analysis-asked", view.spec.survey, "totals={…}")
    codes = view.codes(by)
    kept = [
        (i, category, view.asked.get(category.label, view.asked.get(category.code, 0)))
        for i, category in enumerate(view.categorical(by).categories)
    ]
    n = np.array([int((codes == i).sum()) for i, _, _ in kept])
    totals = np.array([total for _, _, total in kept], dtype=np.float64)
    found = compare_with_population(n, totals)
    rows = tuple(
        (
            category.label,
            (
                count(int(n[row])),
                percent(float(found.respondents[row])),
                percent(float(found.population[row])),
                points(float(found.difference[row])),
            ),
        )
        for row, (_, category, _) in enumerate(kept)
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
    )


def breaking_off(view: View) -> Analysis:
    """How many were still answering at each question."""
    texts = view.texts
    names = [
        name
        for name, variable in view.data.variables.items()
        if not isinstance(variable, FreeText) and name != "weight"
    ]
    states = [np.where(view.inside, _state(view.data.variables[n]), -2) for n in names]
    found = break_off(states)
    rows = tuple(
        (view.name(name), (count(int(left)), percent(float(still))))
        for name, left, still in zip(names, found.n_left, found.remaining, strict=True)
    )
    return Analysis(
        view.spec,
        texts.get("analysis.break_off_title"),
        texts.get("table.stub_items"),
        (texts.get("analysis.left"), texts.get("analysis.still")),
        rows,
        counts=tuple(int(k) for k in found.n_left),
        base_n=found.n_started,
    )


def _state(variable: Variable) -> NDArray[np.int64]:
    if isinstance(variable, Categorical):
        return variable.codes.astype(np.int64)
    assert isinstance(variable, MultiResponse | Numeric | FreeText)  # noqa: S101
    return variable.state.astype(np.int64)
