"""Logistic regression from a short declaration: a table of odds ratios."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Categorical, Numeric
from evaluation.inference.models import INTERCEPT, Predictor, logistic
from evaluation.inference.sentences import model_warning_sentences
from evaluation.tables.analyses.common import count, number, p_value
from evaluation.tables.analyses.spec import Analysis, AnalysisError
from evaluation.tables.told import joint_counts

ONE_IS_SEEN = 1000
"""In a model of more persons, one more or less moves no odds ratio by a printed digit."""

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from evaluation.inference.models import LogisticModel, Term
    from evaluation.tables.analyses.common import View


def model(view: View) -> Analysis:
    """Odds ratios of choosing an option, by the predictors named after the outcome.

    Options: ``option`` (the outcome's), ``cluster`` (a variable, for
    cluster-robust errors), ``reference`` (``variable=code``, separated by ;).
    Declared weights, strata and clusters are used.

    Raises
    ------
    AnalysisError
        If no predictor is named.
    """
    outcome, *names = view.spec.questions
    if not names:
        raise AnalysisError("analysis-predictors", outcome, "predictors=[…]")
    yes = view.options(outcome, view.spec.option("option"))
    codes = view.codes(outcome)
    y = np.where(codes < 0, np.nan, np.isin(codes, yes).astype(float))
    references = dict(
        part.split("=", 1) for part in view.spec.option("reference").split(";") if "=" in part
    )
    predictors = [_predictor(view, name, references.get(name, "")) for name in names]
    cluster = view.spec.option("cluster")
    groups = view.categorical(cluster).codes if cluster else None
    design = view.design
    if design is not None and groups is not None:
        design = replace(design, clusters=groups)
    fitted = logistic(y, predictors, clusters=None if design else groups, design=design)
    made = _analysis(view, fitted, outcome)
    combined = _combined(y, predictors, is_robust=fitted.errors != "model")
    return replace(made, counts=(*made.counts, *combined))


def _combined(
    y: NDArray[np.float64], predictors: Sequence[Predictor], *, is_robust: bool
) -> list[int]:
    """Return how many had each combination of what the figures rest on, where they tell it.

    Odds ratios and their errors are decided by the outcome by each predictor, which is a
    table of its own, and by the predictors together; robust errors by the outcome too. Of
    those who lack a predictor the tables count what the model does not.
    """
    causes = [_places(one) for one in predictors]
    answers = [_steps(y), *causes]
    lacking = np.logical_or.reduce([codes < 0 for codes in answers])
    used = [np.where(lacking, -1, codes) for codes in (answers if is_robust else causes)]
    figures = sum(int(codes.max(initial=0)) for codes in causes)
    found = joint_counts(used, 2 * figures)
    if found and (~lacking).sum() <= ONE_IS_SEEN:
        for codes in causes:
            both = np.column_stack([answers[0], codes])[lacking]
            rest = both[(both >= 0).all(axis=1)]
            found += np.unique(rest, axis=0, return_counts=True)[1].tolist()
    return found


def _places(predictor: Predictor) -> NDArray[np.int64]:
    if predictor.levels:
        return np.asarray(predictor.values, dtype=np.int64)
    return _steps(predictor.values)


def _steps(values: NDArray[np.generic]) -> NDArray[np.int64]:
    """Return the place of each number among those that there are, -1 where missing."""
    numbers = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(numbers)
    return np.where(known, np.searchsorted(np.unique(numbers[known]), numbers), -1)


def _predictor(view: View, name: str, reference: str) -> Predictor:
    variable = view.data.variables.get(name)
    if isinstance(variable, Numeric):
        return Predictor(name, np.where(view.inside, variable.values, np.nan))
    if isinstance(variable, Categorical):
        levels = tuple(c.code for c in variable.categories)
        place = view.option(name, reference) if reference else 0
        return Predictor(name, view.codes(name), levels, place)
    raise AnalysisError("analysis-single", name, ", ".join(list(view.data.variables)[:8]))


def _analysis(view: View, fitted: LogisticModel, outcome: str) -> Analysis:
    texts = view.texts
    rows, counts = [], []
    labels: dict[str, str] = {}
    for term in fitted.terms:
        if term.name == INTERCEPT:
            continue
        label = _label(view, term)
        labels[f"{term.name}={term.level}" if term.level else term.name] = label
        if term.is_reference:
            label = texts.get("analysis.reference", label=label)
        shown = 1.0 if term.is_reference else term.odds_ratio
        rows.append(
            (
                label,
                (
                    count(term.n),
                    number(_finite(shown)),
                    number(_finite(term.low)),
                    number(_finite(term.high)),
                    p_value(term.p),
                ),
            )
        )
        if term.level:
            counts += [term.n_events, term.n - term.n_events]
    used = texts.numbers.number
    key = "model_base" if fitted.n_dropped else "model_base_all"
    said = [texts.get(f"analysis.{key}", n=used(fitted.n_used), dropped=used(fitted.n_dropped))]
    said.append(texts.get("analysis.model_limits"))
    said += model_warning_sentences(fitted, texts, labels=labels)
    if fitted.errors != "model":
        said.append(texts.get(f"analysis.errors_{fitted.errors}"))
    keys = ("n", "odds_ratio", "low", "high", "p")
    return Analysis(
        view.spec,
        texts.get(
            "analysis.model_title",
            name=view.name(outcome),
            option=view.spec.option("option").replace("|", ", "),
        ),
        texts.get("analysis.predictor"),
        tuple(texts.get(f"analysis.{key}") for key in keys),
        tuple(rows),
        tuple(said),
        tuple(counts),
        fitted.n_used,
    )


def _label(view: View, term: Term) -> str:
    name = view.name(term.name)
    if not term.level:
        return name
    categories = view.categorical(term.name).categories
    level = next(c.label for c in categories if c.code == term.level)
    return f"{name}: {level}"


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
