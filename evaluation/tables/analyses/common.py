"""What analyses share: the respondents in view and small helpers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Categorical, Numeric
from evaluation.tables.analyses.spec import AnalysisCell, AnalysisError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from evaluation.coding.data import CodedData
    from evaluation.tables.analyses.spec import AnalysisSpec
    from evaluation.texts import Texts


@dataclass(frozen=True, slots=True)
class View:
    """What an analysis may look at.

    Attributes
    ----------
    spec
        What is wanted.
    data
        The survey.
    inside
        1-D bool: respondents within the filter.
    texts
        Words.
    names
        Question or item -> short name.
    occasion
        Name of the occasion variable, "" for none.
    asked
        Group label -> persons asked, for response rates.
    """

    spec: AnalysisSpec
    data: CodedData
    inside: NDArray[np.bool_]
    texts: Texts
    names: Mapping[str, str]
    occasion: str = ""
    asked: Mapping[str, int] | None = None

    def categorical(self, name: str) -> Categorical:
        """Return a single-answer variable.

        Raises
        ------
        AnalysisError
            If it is anything else.
        """
        variable = self.data.variables.get(name)
        if not isinstance(variable, Categorical):
            known = [k for k, v in self.data.variables.items() if isinstance(v, Categorical)]
            raise AnalysisError("analysis-single", name, ", ".join(known[:8]))
        return variable

    def items(self) -> tuple[str, ...]:
        """Return the questions asked for, grids spread out into their items."""
        found: list[str] = []
        for name in self.spec.questions:
            found += self.data.grids.get(name, (name,))
        return tuple(found)

    def codes(self, name: str) -> NDArray[np.int64]:
        """Return codes, -1 outside the filter."""
        return np.where(self.inside, self.categorical(name).codes, -1).astype(np.int64)

    def option(self, name: str, wanted: str) -> int:
        """Return the position of an option by code or label.

        Raises
        ------
        AnalysisError
            If the question has no such option.
        """
        categories = self.categorical(name).categories
        for position, category in enumerate(categories):
            if wanted in (category.code, category.label):
                return position
        raise AnalysisError("unknown-option-code", wanted, ", ".join(c.code for c in categories))

    def occasions(self) -> NDArray[np.int64]:
        """Return the number of each form's occasion: 1, 2 …, 0 where unknown.

        Raises
        ------
        AnalysisError
            If the survey declares no occasion.
        """
        variable = self.data.variables.get(self.occasion)
        if isinstance(variable, Numeric):
            return np.nan_to_num(variable.values).astype(np.int64)
        if isinstance(variable, Categorical):
            return np.maximum(variable.codes.astype(np.int64) + 1, 0)
        survey = self.spec.survey
        raise AnalysisError("analysis-occasion", survey, f"surveys.{survey}.occasion")

    def persons(self) -> NDArray[np.int64]:
        """Return a number per person.

        Raises
        ------
        AnalysisError
            If the survey does not say who answered.
        """
        if self.data.person is None:
            survey = self.spec.survey
            raise AnalysisError("analysis-person", survey, f"surveys.{survey}.intake.person")
        return np.where(self.inside, self.data.person, -1)

    def name(self, variable: str) -> str:
        """Return the short name of a question or item."""
        return self.names.get(variable, variable)


def count(n: float) -> AnalysisCell:
    """A count of persons."""
    return AnalysisCell(float(n))


def percent(share: float | None, decimals: int = 1) -> AnalysisCell:
    """A share (0 to 1) as a percent."""
    return AnalysisCell(None if share is None else 100 * share, "percent", decimals)


def points(difference: float | None, decimals: int = 1) -> AnalysisCell:
    """A difference of shares (-1 to 1) in percentage points."""
    return AnalysisCell(None if difference is None else 100 * difference, "points", decimals)


def number(value: float | None, decimals: int = 2) -> AnalysisCell:
    """A mean, an odds ratio or the like."""
    return AnalysisCell(value, "number", decimals)


def p_value(value: float | None) -> AnalysisCell:
    """A p-value."""
    return AnalysisCell(value, "p", 3)
