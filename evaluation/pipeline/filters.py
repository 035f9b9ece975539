"""Who a table is about: the survey's own filter and the table's, as one mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.names import check_expression, resolve, vocabulary
from evaluation.coding.evaluate import mask
from evaluation.expressions import ExpressionError, parse
from evaluation.problems import Problem, Severity
from evaluation.tables.plan import combined_filter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evaluation.expressions import Expression
    from evaluation.pipeline.load import LoadedStudy


def filter_text(study: LoadedStudy, survey: str, where: str = "") -> str:
    """Return the whole filter of a survey's tables: its own and the table's."""
    return combined_filter(study.folder.study.surveys[survey].filter, where)


def respondents(study: LoadedStudy, survey: str, rule: str) -> NDArray[np.bool_]:
    """Return who a filter is about, one entry per respondent; everyone for "".

    Labels in the filter may be in any language of the codebook, whatever
    language the study was coded in.

    Raises
    ------
    ExpressionError
        If the filter cannot be read.
    """
    data = study.coded[survey]
    if not rule:
        return np.ones(data.n, dtype=bool)
    return mask(expression(study, survey, rule), data.variables, data.n, grids=data.grids)


def filtered(study: LoadedStudy) -> dict[str, NDArray[np.bool_]]:
    """Return who the tables of a survey are about, for surveys with a filter of their own."""
    texts = {survey: filter_text(study, survey) for survey in study.coded}
    return {survey: respondents(study, survey, rule) for survey, rule in texts.items() if rule}


def filter_problems(study: LoadedStudy, survey: str, rule: str) -> tuple[Problem, ...]:
    """Return what a filter says that the codebook does not know, with the nearest that it does."""
    if not rule:
        return ()
    try:
        found = check_expression(parse(rule), vocabulary(study.folder.codebooks[survey]))
    except ExpressionError as error:
        return (Problem("bad-expression", Severity.STOP, value=rule, expected=str(error)),)
    return tuple(found)


def expression(study: LoadedStudy, survey: str, rule: str) -> Expression:
    """Return a filter with its values as option codes.

    Raises
    ------
    ExpressionError
        If the filter cannot be read.
    """
    return resolve(parse(rule), vocabulary(study.folder.codebooks[survey]))
