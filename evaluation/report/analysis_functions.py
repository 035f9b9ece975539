"""The functions of chapters that put an analysis: occasions, change, scales, response, models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evaluation.report.analysis_blocks import (
    analysis_block,
    break_off_block,
    forest_block,
    series_block,
)
from evaluation.tables.analyses.request import make_analysis_spec
from evaluation.tables.request import RequestError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from markupsafe import Markup

    from evaluation.protection.analyses import ProtectedAnalysis
    from evaluation.report.facts import StudyFacts
    from evaluation.report.model import ChartBlock, TableBlock
    from evaluation.tables.analyses import AnalysisSpec
    from evaluation.texts import Texts

    Place = Callable[[TableBlock | ChartBlock | None, str, str, Mapping[str, str]], Markup]
    Find = Callable[[AnalysisSpec], ProtectedAnalysis | None]
    Draw = Callable[[ProtectedAnalysis, Texts, str, str], ChartBlock]
    Option = str | Sequence[str]
    Stated = Mapping[str, int] | int | str


class AnalysisFunctions:
    """Chapter functions for analyses.

    Parameters
    ----------
    facts
        The study without its answers.
    place
        Leaves the mark of a block in the chapter.
    find
        Returns an analysis that has been made, or notes that it is wanted.
    """

    def __init__(self, facts: StudyFacts, place: Place, find: Find) -> None:
        self.facts = facts
        self.place = place
        self.find = find

    def occasions_table(self, survey: str, by: str = "", **said: Any) -> Markup:
        """How many were asked once, twice, three times."""
        return self._table("occasions", [], survey=survey, by=by, **said)

    def transitions_table(self, name: str | Sequence[str], option: Option, **said: Any) -> Markup:
        """Answers of the same persons at two occasions, with McNemar's exact test."""
        return self._table("transitions", _names(name), option=option, **said)

    def ever_table(self, name: str | Sequence[str], option: Option, **said: Any) -> Markup:
        """Yes at the first occasion beside yes at any."""
        return self._table("ever", _names(name), option=option, **said)

    def change_table(
        self,
        name: str | Sequence[str],
        option: Option,
        by: str = "",
        waves: Sequence[str] = (),
        **said: Any,
    ) -> Markup:
        """Change of a share between two waves, with interval and test.

        Waves are categories of ``by``, or this survey and an earlier one, ``since``.
        """
        return self._table("change", _names(name), by=by, option=option, waves=waves, **said)

    def scale_table(self, name: str | Sequence[str], **said: Any) -> Markup:
        """Nets, balance, mean and median of questions on an ordered scale."""
        return self._table("scales", _names(name), **said)

    def index_table(self, name: str | Sequence[str], by: str = "", **said: Any) -> Markup:
        """Index 0 to 100 over several items, with Cronbach's alpha."""
        return self._table("index", _names(name), by=by, **said)

    def mean_change_table(
        self, name: str | Sequence[str], by: str = "", waves: Sequence[str] = (), **said: Any
    ) -> Markup:
        """Change of a mean (a number, or the scores of a scale) between two waves."""
        return self._table("mean_change", _names(name), by=by, waves=waves, **said)

    def series_table(
        self, name: str, option: Option = "", by: str = "", waves: Sequence[str] = (), **said: Any
    ) -> Markup:
        """Put one question through all its waves: a share, or a mean without ``option``."""
        return self._table("series", [name], option=option, by=by, waves=waves, **said)

    def series_chart(
        self, name: str, option: Option = "", by: str = "", waves: Sequence[str] = (), **said: Any
    ) -> Markup:
        """Draw `series_table` as a line with intervals, broken where the question changed."""
        settings = {"option": option, "by": by, "waves": waves, **said}
        return self._chart("series", [name], series_block, **settings)

    def response_table(self, survey: str, by: str, asked: Stated, **said: Any) -> Markup:
        """Response rate by group; ``asked`` maps groups to persons asked, or names a data table."""
        return self._table("response", [], survey=survey, by=by, asked=self._stated(asked), **said)

    def response_rates_table(self, survey: str, **said: Any) -> Markup:
        """AAPOR's response rates; see ``docs/tutorial.md`` for what can be stated."""
        return self._table("rates", [], survey=survey, **said)

    def asked_table(self, survey: str, participants: Stated, by: str = "", **said: Any) -> Markup:
        """Share of participants who were asked at all; the denominator is declared."""
        people = self._stated(participants)
        return self._table("asked", [], survey=survey, by=by, participants=people, **said)

    def population_table(self, survey: str, by: str, totals: Stated, **said: Any) -> Markup:
        """Respondents beside the population; ``totals`` as ``asked`` in `response_table`."""
        people = self._stated(totals)
        return self._table("population", [], survey=survey, by=by, totals=people, **said)

    def break_off_table(self, survey: str, **said: Any) -> Markup:
        """Where respondents stopped answering."""
        return self._table("break_off", [], survey=survey, **said)

    def break_off_chart(self, survey: str, **said: Any) -> Markup:
        """Draw how many percent were still answering at each question."""
        return self._chart("break_off", [], break_off_block, survey=survey, **said)

    def model_table(
        self, name: str, option: Option, predictors: Sequence[str], **said: Any
    ) -> Markup:
        """Odds ratios of choosing an option (logistic regression)."""
        return self._table("model", [name, *predictors], option=option, **said)

    def model_chart(
        self, name: str, option: Option, predictors: Sequence[str], **said: Any
    ) -> Markup:
        """Draw the odds ratios of a model as a forest plot."""
        return self._chart("model", [name, *predictors], forest_block, option=option, **said)

    def _table(
        self,
        kind: str,
        names: Sequence[str],
        *,
        id: str = "",  # noqa: A002
        caption: str = "",
        note: str = "",
        footnote: str = "",
        **said: Any,
    ) -> Markup:
        found = self.find(make_analysis_spec(kind, names, codebooks=self.facts.codebooks, **said))
        block = None
        if found is not None:
            block = analysis_block(found, self.facts.texts, id=id, caption=caption, note=note)
        return self.place(block, id, footnote, {})

    def _chart(
        self,
        kind: str,
        names: Sequence[str],
        draw: Draw,
        *,
        id: str = "",  # noqa: A002
        caption: str = "",
        footnote: str = "",
        **said: Any,
    ) -> Markup:
        """Draw an analysis; one that is withheld is a table that says so."""
        found = self.find(make_analysis_spec(kind, names, codebooks=self.facts.codebooks, **said))
        block: TableBlock | ChartBlock | None = None
        if found is not None and found.is_shown:
            block = draw(found, self.facts.texts, id, caption)
        elif found is not None:
            block = analysis_block(found, self.facts.texts, id=id, caption=caption)
        return self.place(block, id, footnote, {})

    def _stated(self, said: Stated) -> Mapping[str, int] | int:
        """Return numbers per group, out of a data table where one is named."""
        return self._asked(said) if isinstance(said, str) else said

    def _asked(self, name: str) -> dict[str, int]:
        content = self.facts.data_tables.get(name)
        if content is None:
            raise RequestError("unknown-data-table", name, nearest(name, self.facts.data_tables))
        return {row[0]: int(row[1].replace("\u00a0", "").replace(" ", "")) for row in content.rows}


def _names(name: str | Sequence[str]) -> list[str]:
    return [name] if isinstance(name, str) else list(name)
