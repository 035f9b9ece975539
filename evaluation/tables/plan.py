"""From table specifications to count requests: what must be counted, once each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.coding.data import Categorical, FreeText, MultiResponse, Numeric
from evaluation.counting.spec import CountRequest
from evaluation.tables.numeric import categorise, presence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evaluation.coding.data import CodedData, Variable
    from evaluation.tables.spec import TableSpec


class UnknownVariableError(LookupError):
    """A table asks for a question that the survey does not have."""

    def __init__(self, survey: str, name: str) -> None:
        super().__init__(f"{survey}.{name}")
        self.survey = survey
        self.name = name


def row_variables(spec: TableSpec, data: CodedData) -> tuple[str, ...]:
    """Return the variables in the rows: the items of a grid, else the question itself.

    Raises
    ------
    UnknownVariableError
        If the survey has no such question.
    """
    if spec.question in data.grids:
        return data.grids[spec.question]
    if spec.question not in data.variables:
        raise UnknownVariableError(spec.survey, spec.question)
    return (spec.question,)


def countable(variable: Variable) -> Categorical | MultiResponse:
    """Return a variable that can be counted by category.

    Numbers become their distinct values or classes, free text becomes
    "has answered"; see `evaluation.tables.numeric`.
    """
    if isinstance(variable, Numeric):
        return categorise(variable)
    if isinstance(variable, FreeText):
        return presence(variable)
    return variable


def combined_filter(survey_filter: str | None, where: str) -> str:
    """Join the survey's own filter with the table's; the text is the key of the mask."""
    parts = [part for part in (survey_filter or "", where) if part.strip()]
    return " and ".join(f"({part})" for part in parts) if len(parts) > 1 else "".join(parts)


def requests_for(spec: TableSpec, data: CodedData, survey_filter: str | None) -> list[CountRequest]:
    """Return what must be counted for one table.

    A crosstab needs the one-way counts too: its margin is everyone who
    answered both questions, which for a multiple-answer column variable is
    not the sum of the columns.

    Raises
    ------
    UnknownVariableError
        If a question or column variable does not exist.
    """
    mask = combined_filter(survey_filter, spec.where)
    for name in spec.by:
        if name not in data.variables:
            raise UnknownVariableError(spec.survey, name)
    return [
        CountRequest(rows=row, columns=column, mask=mask, weight=spec.weight)
        for row in row_variables(spec, data)
        for column in ("", *spec.by)
    ]


def with_countable(data: CodedData, requests: Iterable[CountRequest]) -> Mapping[str, Variable]:
    """Return the variables that the requests need, numbers and texts made countable.

    No other variable is touched: it may lie unread in a file.
    """
    asked = list(requests)
    counted = dict.fromkeys(name for r in asked for name in (r.rows, r.columns) if name)
    weights = dict.fromkeys(r.weight for r in asked if r.weight)
    variables = {name: data.variables[name] for name in weights}
    return variables | {name: countable(data.variables[name]) for name in counted}
