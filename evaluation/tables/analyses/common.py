"""What analyses share: the respondents in view and small helpers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Categorical, MultiResponse, Numeric
from evaluation.tables.analyses.spec import AnalysisCell, AnalysisError
from evaluation.tables.request import question_index

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from evaluation.codebook.schema import Codebook, Question
    from evaluation.coding.data import CodedData
    from evaluation.inference.design import Design
    from evaluation.tables.analyses.spec import AnalysisSpec
    from evaluation.texts import Texts


FEW_STEPS = 7
"""A mean of a scale with so many steps tells much of how many chose each."""
PERIODS = {"year": 12, "quarter": 3, "month": 1}
"""Months in each period that dates can be cut into."""


@dataclass(frozen=True, slots=True)
class SurveyPart:
    """What an analysis may look at in one survey.

    Attributes
    ----------
    title
        What the survey, as a wave, is called.
    data, codebook
        Answers and questions.
    inside
        1-D bool: respondents within the filters.
    design
        See `View.design`.
    level_design
        See `View.level_design`.
    is_weighted
        Whether the answers have a weight.
    """

    title: str
    data: CodedData
    codebook: Codebook
    inside: NDArray[np.bool_]
    design: Design | None = None
    level_design: Design | None = None
    is_weighted: bool = False


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
    population
        Persons asked, as ``design: population:`` declares; 0 where it does not.
    surveys
        The surveys that the analysis looks at, by name; its own is one of them.
    """

    spec: AnalysisSpec
    data: CodedData
    inside: NDArray[np.bool_]
    texts: Texts
    names: Mapping[str, str]
    occasion: str = ""
    asked: Mapping[str, int] | None = None
    population: int = 0
    surveys: Mapping[str, SurveyPart] = field(default_factory=dict)

    @property
    def codebook(self) -> Codebook:
        """Codebook of the analysis's own survey."""
        return self.surveys[self.spec.survey].codebook

    @property
    def design(self) -> Design | None:
        """Weights, strata and clusters of the survey; None for a simple sample.

        For tests, changes and models: a population that is only declared by its
        size corrects none of these.
        """
        return self.surveys[self.spec.survey].design

    @property
    def level_design(self) -> Design | None:
        """The design for levels (means, shares), corrected for a declared population too."""
        return self.surveys[self.spec.survey].level_design

    @property
    def is_weighted(self) -> bool:
        """Whether the answers have a weight."""
        return self.surveys[self.spec.survey].is_weighted

    @property
    def is_corrected(self) -> bool:
        """Whether limits of levels are corrected for the size of the declared population."""
        part = self.surveys[self.spec.survey]
        return part.level_design is not part.design

    def question(self, name: str) -> Question:
        """Return the question that a name, or the name of a grid item, belongs to."""
        return question_index(self.codebook)[name]

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

    def chosen(self, name: str) -> Categorical | MultiResponse:
        """Return a question with options.

        Raises
        ------
        AnalysisError
            If it has none.
        """
        variable = self.data.variables.get(name)
        if isinstance(variable, MultiResponse):
            return variable
        return self.categorical(name)

    def option(self, name: str, wanted: str) -> int:
        """Return the position of an option by code or label; of several, the first.

        Raises
        ------
        AnalysisError
            If the question has no such option.
        """
        return self.options(name, wanted)[0]

    def options(self, name: str, wanted: str) -> list[int]:
        """Return the positions of an option, of a net, or of several options (``a|b``).

        Raises
        ------
        AnalysisError
            If the question has no such option.
        """
        categories = self.chosen(name).categories
        known = {
            label: i for i, c in reversed([*enumerate(categories)]) for label in (c.label, c.code)
        }
        nets = self.question(name).nets
        parts = list(nets.get(wanted, () if wanted in known else wanted.split("|"))) or [wanted]
        lacking = [one for one in parts if one not in known]
        if lacking:
            codes = ", ".join(c.code for c in categories)
            raise AnalysisError("unknown-option-code", lacking[0], codes)
        return [known[one] for one in parts]

    def scores(self, name: str) -> dict[int, float]:
        """Return position -> score of the steps of a scale.

        The scores of the codebook, else the number of steps for the first
        option and 1 for the last: the published reports put the best first
        ("agree completely").

        Raises
        ------
        AnalysisError
            If the options form no scale.
        """
        variable = self.categorical(name)
        if not variable.ordered:
            raise AnalysisError("analysis-scale", name, "ordered: true")
        steps = [i for i in range(len(variable.categories)) if i not in variable.off_scale]
        said = {o.code: o.score for o in self.question(name).options if o.score is not None}
        return {
            place: said.get(variable.categories[place].code, float(len(steps) - rank))
            for rank, place in enumerate(steps)
        }

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

    def groups(self, name: str, period: str = "") -> tuple[list[str], NDArray[np.int64]]:
        """Return labels and each respondent's group: a variable's options, or periods of a date.

        Parameters
        ----------
        name
            A single-answer question or a date.
        period
            ``year`` (default), ``quarter`` or ``month``, for a date.
        """
        variable = self.data.variables.get(name)
        if isinstance(variable, Numeric) and variable.is_date:
            return _periods(variable, self.inside, period or "year")
        return [c.label for c in self.categorical(name).categories], self.codes(name)

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


def _periods(
    variable: Numeric, inside: NDArray[np.bool_], period: str
) -> tuple[list[str], NDArray[np.int64]]:
    """Cut dates into years, quarters or months, from the first to the last, gaps included."""
    if period not in PERIODS:
        raise AnalysisError("analysis-period", period, ", ".join(PERIODS))
    known = inside & (variable.state == 0)
    days = np.where(known, np.nan_to_num(variable.values), 0).astype("datetime64[D]")
    months = days.astype("datetime64[M]").astype(np.int64)
    numbers = months // PERIODS[period]
    if not known.any():
        return [], np.full(len(known), -1, dtype=np.int64)
    first, last = int(numbers[known].min()), int(numbers[known].max())
    labels = [_period_label(n, period) for n in range(first, last + 1)]
    return labels, np.where(known, numbers - first, -1)


def _period_label(number: int, period: str) -> str:
    """Write a period as ISO does: 2021, 2021-Q3, 2021-07."""
    month = number * PERIODS[period]
    year, rest = 1970 + month // 12, month % 12
    if period == "year":
        return str(year)
    return f"{year}-Q{rest // 3 + 1}" if period == "quarter" else f"{year}-{rest + 1:02d}"


def step_counts(values: NDArray[np.float64]) -> list[int]:
    """Return how many have each value, where these are few.

    A mean with its deviation and base is three equations: with few steps no
    more is needed to know how many chose each.
    """
    found, n = np.unique(values[~np.isnan(values)], return_counts=True)
    return [int(k) for k in n] if len(found) <= FEW_STEPS else []


def least(bases: Iterable[int]) -> int:
    """Return the smallest base that anything rests on; 0 where nothing does."""
    return min((n for n in bases if n > 0), default=0)


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
