"""Table specifications from names, as written in chapters, on the command line and in Python."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from evaluation.codebook.schema import Question, QuestionType, Role
from evaluation.tables.spec import Margin, Percents, Rounding, TableSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evaluation.codebook.schema import Codebook, LocalText, Study

INTERVALS = (
    "wilson",
    "clopper-pearson",
    "agresti-coull",
    "jeffreys",
    "logit",
    "korn-graubard",
    "mean",
    "asin",
    "none",
)
TESTS = (
    "pearson",
    "lr",
    "fisher",
    "rao-scott",
    "trend",
    "mann-whitney",
    "kruskal",
    "mcnemar",
)
ADJUSTMENTS = ("none", "bonferroni", "holm", "bh")
"""Names of methods, held against the inference room by a test, which is not imported here."""


class RequestError(ValueError):
    """A table that cannot be made as asked.

    Attributes
    ----------
    code
        Problem code, such as ``unknown-question``.
    value
        What was written.
    expected
        What could have been written; the nearest known name first.
    """

    def __init__(self, code: str, value: str, expected: str) -> None:
        super().__init__(f"{code}: {value}; expected {expected}")
        self.code = code
        self.value = value
        self.expected = expected


def nearest(name: str, known: Iterable[str], limit: int = 8) -> str:
    """Return known names as text, the most similar first."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    rest = [n for n in names if n not in close]
    shown = [*close, *rest][:limit]
    return ", ".join(shown) + (" …" if len(names) > limit else "")


def question_index(codebook: Codebook) -> dict[str, Question]:
    """Map every question and grid item of a codebook to its question."""
    index: dict[str, Question] = {}
    for question in codebook.questions:
        index[question.id] = question
        for item in question.items:
            index[item.id] = question
    return index


def split_name(name: str, codebooks: Mapping[str, Codebook]) -> tuple[str, str]:
    """Split ``survey.question``; the survey may be left out where there is one only.

    Raises
    ------
    RequestError
        If the survey or the question does not exist, or is not to be tabulated.
    """
    survey, dot, question = name.partition(".")
    if not dot:
        survey, question = (next(iter(codebooks)), name) if len(codebooks) == 1 else (name, "")
    if survey not in codebooks:
        raise RequestError("unknown-survey", name, nearest(survey, codebooks))
    index = question_index(codebooks[survey])
    if question not in index:
        known = [f"{survey}.{key}" for key in index]
        raise RequestError("unknown-question", name, nearest(f"{survey}.{question}", known))
    if index[question].role is Role.IDENTITY:
        raise RequestError("identity-question", name, "a question that identifies nobody")
    return survey, question


def make_spec(  # noqa: PLR0913
    name: str,
    *,
    study: Study,
    codebooks: Mapping[str, Codebook],
    by: str | Sequence[str] = (),
    where: str = "",
    weight: str | None = None,
    percents: str = "column",
    rounding: str | None = None,
    decimals: int | None = None,
    ci: str | None = None,
    tests: str | Sequence[str] = (),
    test: str | Sequence[str] = (),
    compare: str = "",
    margin: str = "known",
) -> TableSpec:
    """Return the specification of a table, with the study's defaults filled in.

    Parameters
    ----------
    name
        ``survey.question`` or ``survey.item``.
    by
        Column variables of the same survey, ``var`` or ``survey.var``.
    where, weight, percents, rounding, decimals, ci, tests, compare, margin
        See `TableSpec`; None means the study's own setting.
    test
        The same as ``tests``.

    Raises
    ------
    RequestError
        If a name or an option is unknown.
    """
    survey, question = split_name(name, codebooks)
    index = question_index(codebooks[survey])
    kind = index[question].type
    columns = tuple(
        _column(column, survey, codebooks) for column in ([by] if isinstance(by, str) else by)
    )
    if rounding is None:
        group = "multiple" if kind is QuestionType.MULTIPLE else "single"
        rounding = study.report.rounding.get(group, "plain")  # type: ignore[call-overload]
    asked_tests = tuple(dict.fromkeys([*_listed(tests), *_listed(test)]))
    interval = (study.report.ci or "") if ci is None else ci
    _check_methods(interval, asked_tests, compare)
    if asked_tests and not columns:
        raise RequestError("test-without-by", ", ".join(asked_tests), "by")
    if compare and percents != Percents.COLUMN.value:
        raise RequestError("compare-column-percents", percents, Percents.COLUMN.value)
    weight = _weight(weight, survey, study, index, counted=(question, *columns))
    return TableSpec(
        survey=survey,
        question=question,
        by=columns,
        where=where,
        weight=weight,
        percents=_choice(Percents, percents, "unknown-percents"),
        rounding=_choice(Rounding, rounding, "unknown-rounding"),
        decimals=study.report.decimals if decimals is None else decimals,
        ci=interval,
        tests=asked_tests,
        compare=compare,
        margin=_choice(Margin, margin, "unknown-margin"),
    )


def _weight(
    asked: str | None,
    survey: str,
    study: Study,
    index: Mapping[str, Question],
    *,
    counted: Sequence[str],
) -> str:
    """Return the weight of a table: the one asked for, else the survey's own.

    The weight itself is shown unweighted: what it sums to by its own values
    says nothing.
    """
    has_file = study.surveys[survey].weights is not None
    declared = study.surveys[survey].design.weight or ("weight" if has_file else "")
    weight = declared if asked is None else asked
    if weight in counted:
        if asked:
            raise RequestError("weight-of-itself", weight, "weight: ''")
        return ""
    if weight and weight not in index and not (has_file and weight == "weight"):
        raise RequestError("unknown-weight", weight, nearest(weight, index))
    if weight in index and index[weight].type is not QuestionType.NUMBER:
        raise RequestError("weight-no-number", weight, index[weight].type.value)
    return weight


def local(text: LocalText | None, language: str, default: str = "") -> str:
    """Return a text in the wanted language, or in the first one that it has."""
    if text is None:
        return default
    if isinstance(text, str):
        return text
    return text.get(language) or next(iter(text.values()), default)


def _listed(names: str | Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _check_methods(ci: str, tests: tuple[str, ...], compare: str) -> None:
    """Refuse names of methods that do not exist."""
    for value, known, code in (
        (ci, INTERVALS, "unknown-interval"),
        (compare, ADJUSTMENTS, "unknown-comparison"),
        *((test, TESTS, "unknown-test") for test in tests),
    ):
        if value and value not in known:
            raise RequestError(code, value, nearest(value, known))


def _column(name: str, survey: str, codebooks: Mapping[str, Codebook]) -> str:
    full = name if "." in name else f"{survey}.{name}"
    other, column = split_name(full, codebooks)
    if other != survey:
        raise RequestError("column-of-other-survey", name, f"{survey}.…")
    return column


def _choice(kind: type[Percents] | type[Rounding] | type[Margin], value: str, code: str):  # type: ignore[no-untyped-def]
    try:
        return kind(value)
    except ValueError:
        raise RequestError(code, value, ", ".join(k.value for k in kind)) from None
