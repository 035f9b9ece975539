"""Specifications of analyses from names, as in chapters, on the command line and in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evaluation.tables.analyses.spec import AnalysisSpec
from evaluation.tables.request import RequestError, nearest, split_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.codebook.schema import Codebook

KINDS = (
    "occasions",
    "transitions",
    "ever",
    "asked",
    "change",
    "mean_change",
    "series",
    "scales",
    "index",
    "response",
    "rates",
    "population",
    "break_off",
    "model",
)
"""Names of the analyses, in the order of the documentation; held against `make.KINDS` by a test."""

OF_SURVEYS = frozenset({"occasions", "asked", "response", "rates", "population", "break_off"})
"""Analyses that are about a survey and no question."""

OPTIONS = frozenset(
    {
        "option", "waves", "since", "asked", "participants", "totals", "first", "second",
        "cluster", "weight", "reference", "predictors", "period", "limit", "source", "show",
        "refusal", "non_contact", "other", "unknown", "not_eligible", "eligibility",
    }
)  # fmt: skip
PERSONS = ("asked", "participants", "totals")
"""Options that give a number per group, or one number for all."""


def make_analysis_spec(
    kind: str,
    names: Sequence[str],
    *,
    codebooks: Mapping[str, Codebook],
    survey: str = "",
    by: str = "",
    where: str = "",
    **options: Any,
) -> AnalysisSpec:
    """Return the specification of an analysis.

    Parameters
    ----------
    kind
        One of `KINDS`.
    names
        ``survey.question``; of those after the first the survey may be left out.
    survey
        Whose answers, where no question is named.
    by
        Grouping variable.
    where
        Filter.
    options
        Those of `OPTIONS`: texts, numbers, lists of texts, or a mapping from
        group to number.

    Raises
    ------
    RequestError
        If a name or an option is unknown.
    """
    if kind not in KINDS:
        raise RequestError("unknown-analysis", kind, nearest(kind, KINDS))
    for key in options:
        if key not in OPTIONS:
            raise RequestError("chapter-call", key, nearest(key, OPTIONS))
    if not names and survey not in codebooks:
        raise RequestError("unknown-survey", survey, nearest(survey, codebooks))
    chosen = split_name(names[0], codebooks)[0] if names else survey
    listed = [*names, *_texts(options.pop("predictors", ()))]
    questions = [_column(name, chosen, codebooks) for name in listed]
    for earlier in _texts(options.get("since", ())):
        if earlier not in codebooks or earlier == chosen:
            others = [one for one in codebooks if one != chosen]
            raise RequestError("unknown-survey", earlier, nearest(earlier, others))
    by = _column(by, chosen, codebooks)
    for key in ("cluster", "weight"):
        if options.get(key) and (key, options[key]) != ("weight", "weight"):
            options[key] = _column(str(options[key]), chosen, codebooks)
    settings = tuple(sorted(_setting(key, value) for key, value in options.items() if value))
    return AnalysisSpec(kind, chosen, tuple(questions), by, where, settings)


def _column(name: str, chosen: str, codebooks: Mapping[str, Codebook]) -> str:
    """Return a variable of the survey by its name, with or without the survey's."""
    if not name:
        return ""
    survey, column = split_name(name if "." in name else f"{chosen}.{name}", codebooks)
    if survey != chosen:
        raise RequestError("column-of-other-survey", name, f"{chosen}.…")
    return column


def analysis_from_names(
    kind: str, names: Sequence[str], codebooks: Mapping[str, Codebook], **said: Any
) -> AnalysisSpec:
    """Return the specification of an analysis of questions, or of a survey named alone.

    Raises
    ------
    RequestError
        If a name or an option is unknown.
    """
    if kind in OF_SURVEYS and len(names) == 1 and names[0] in codebooks:
        return make_analysis_spec(kind, [], codebooks=codebooks, survey=names[0], **said)
    return make_analysis_spec(kind, names, codebooks=codebooks, **said)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [one.strip() for one in value.split("|") if one.strip()]
    return [str(one) for one in value]


def _setting(key: str, value: Any) -> tuple[str, str]:
    """Write a setting as text; numbers per group as ``group=n|group=n``."""
    if key in PERSONS:
        if isinstance(value, dict):
            return "asked", "|".join(f"{group}={n}" for group, n in value.items())
        text = str(value)
        return ("asked", text) if "=" in text else ("asked_n", text)
    if isinstance(value, list | tuple):
        return key, "|".join(str(one) for one in value)
    if isinstance(value, dict):
        return key, ";".join(f"{name}={code}" for name, code in value.items())
    return key, str(value)
