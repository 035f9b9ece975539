"""The functions of chapters that give a figure or words for one."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from evaluation.model import TOTAL, RowKind
from evaluation.report.figures import Figure
from evaluation.report.phrases import pick_phrase
from evaluation.rounding import percent, round_half_up
from evaluation.tables.request import RequestError, local, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.codebook.schema import Question
    from evaluation.protection.analyses import ProtectedAnalysis
    from evaluation.protection.release import ProtectedCell, ProtectedTable
    from evaluation.report.facts import IntakeCounts, StudyFacts
    from evaluation.report.lookup import Lookup
    from evaluation.tables.analyses import AnalysisSpec


class FigureFunctions:
    """Chapter functions for figures in running text.

    Parameters
    ----------
    facts
        The study without its answers.
    lookup
        Finds protected tables.
    analyses
        Protected analyses so far.
    """

    def __init__(
        self,
        facts: StudyFacts,
        lookup: Lookup,
        analyses: Mapping[AnalysisSpec, ProtectedAnalysis] | None = None,
    ) -> None:
        self.facts = facts
        self.lookup = lookup
        self.analyses = analyses or {}

    def n(self, name: str, option: Any, where: str = "", **request: Any) -> Figure:
        """Count of those who chose an option, or one of several."""
        cells = self._cells(name, option, where, **request)
        if cells is None or any(cell.n is None for cell in cells):
            return self.nothing(pending=cells is None)
        return self.figure(Decimal(sum(cell.n or 0 for cell in cells)), 0, "count")

    def pct(
        self,
        name: str,
        option: Any,
        where: str = "",
        decimals: int | None = None,
        **request: Any,
    ) -> Figure:
        """Percent of the base that chose an option, or one of several."""
        cells = self._cells(name, option, where, **request)
        if cells is None:
            return self.nothing(pending=True)
        places = self.facts.study.report.decimals if decimals is None else decimals
        return self.figure(self._share(cells, places), places, "percent")

    def points(self, name: str, option: Any, where: str, other: str, decimals: int = 0) -> Figure:
        """Difference between two groups in percentage points, from the printed percents."""
        first = self.pct(name, option, where, decimals)
        return first - self.pct(name, option, other, decimals)

    def phrase(
        self, name: str, option: Any, where: str = "", group: str = "share", **request: Any
    ) -> str:
        """Words for a share, out of the catalogue's ranges."""
        cells = self._cells(name, option, where, **request)
        if cells is None:
            return ""
        share = self._share(cells, 2)
        if share is None:
            return self.facts.texts.get("phrase_withheld")
        return pick_phrase(share, self.facts.phrases, group)

    def base(self, name: str, where: str = "", **request: Any) -> Figure:
        """How many answered a question."""
        cells = self._cells(name, TOTAL, where, **request)
        if cells is None or cells[0].n is None:
            return self.nothing(pending=cells is None)
        return self.figure(Decimal(cells[0].n), 0, "count")

    def answered(self, survey: str) -> Figure:
        """How many respondents the survey's tables are about."""
        return self.figure(Decimal(self._intake(survey).respondents), 0, "count")

    def rows(self, survey: str, status: str = "") -> Figure:
        """How many rows the export has, all or with one intake status."""
        intake = self._intake(survey)
        if status and status not in intake.by_status:
            raise RequestError("unknown-status", status, ", ".join(intake.by_status))
        return self.figure(Decimal(intake.by_status[status] if status else intake.rows), 0, "count")

    def asked(self, survey: str) -> Figure:
        """How many were asked, as the study states it."""
        self._intake(survey)
        population = self.facts.study.surveys[survey].design.population
        if population is None:
            raise RequestError("unknown-population", survey, f"surveys.{survey}.design.population")
        return self.figure(Decimal(population), 0, "count")

    def rate(self, survey: str, decimals: int = 1) -> Figure:
        """Response rate: answered of asked, in percent."""
        asked = int(self.asked(survey).value or 0)
        value = percent(self._intake(survey).respondents, asked, decimals)
        return self.figure(value, decimals, "percent")

    def fact(self, name: str) -> Any:
        """Return a figure that ``study.yaml`` states under ``facts``."""
        facts = self.facts.study.facts
        if name not in facts:
            raise RequestError("unknown-fact", name, nearest(name, facts))
        value = facts[name]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._exact(str(value))
        return value

    def largest(self, name: str, rank: int = 1, where: str = "", **request: Any) -> str:
        """Label of the most common option, or of the one in place ``rank``."""
        found = self.lookup.find(self.lookup.spec(name, where=where, **request))
        if found is None:
            return ""
        options = [
            (cells[-1].n, row.label)
            for row, cells in zip(found.rows, found.cells, strict=True)
            if row.kind is RowKind.OPTION and cells[-1].n is not None
        ]
        options.sort(key=lambda pair: -(pair[0] or 0))
        if not 1 <= rank <= len(options) or (options[rank - 1][0] or 0) < _hidden_at_most(found):
            return self.facts.texts.get("symbols.withheld")
        return options[rank - 1][1]

    def tests_note(self, adjustment: str = "bh") -> str:
        """Say how many tests the report makes, and how many would be significant by chance."""
        from evaluation.inference.multiple import tally
        from evaluation.inference.sentences import tally_note

        outcomes = [test for table in self.lookup.tables.values() for test in table.tests]
        outcomes += [test for found in self.analyses.values() for test in found.tests]
        return tally_note(tally(outcomes, adjustment=adjustment), self.facts.texts)

    def caution(self, survey: str, limit: float = 60) -> str:
        """Say that few answered, where the response rate is under ``limit`` percent.

        Above it, and where the population is small: what remains uncertain.
        """
        from evaluation.inference.sentences import population_note, response_caution

        asked = int(self.asked(survey).value or 0)
        n = self._intake(survey).respondents
        texts = self.facts.texts
        parts = [response_caution(n / asked, limit / 100, texts)] if n < asked * limit / 100 else []
        return " ".join([*parts, population_note(n, asked, texts)])

    def label(self, name: str, code: str = "") -> str:
        """Return the wording of a question, or the label of one of its options."""
        question = self.lookup.question(name)
        language = self.facts.texts.language
        if not code:
            return self.lookup.short(name, full=True)
        option = next((o for o in question.options if o.code == str(code)), None)
        if option is None:
            raise RequestError("unknown-option-code", str(code), _codes(question))
        return local(option.label, language)

    def words(self, value: Any, one: str = "") -> str:
        """Write a whole number up to twelve in words, a larger one in figures.

        ``one`` is the word for 1 where the noun wants another form ("ett mål").
        """
        number = value.value if isinstance(value, Figure) else Decimal(str(value))
        names = self.facts.texts.entries.get("number_words", [])
        if number == 1 and one:
            return one
        if number is not None and number == int(number) and 0 <= number < len(names):
            return str(names[int(number)])
        return str(value)

    def _cells(
        self, name: str, option: Any, where: str, **request: Any
    ) -> list[ProtectedCell] | None:
        """Cells of the options in the last column, or None while not counted yet."""
        found = self.lookup.find(self.lookup.spec(name, where=where, **request))
        if found is None:
            return None
        wanted = [str(o) for o in option] if isinstance(option, list | tuple) else [str(option)]
        by_key: dict[str, ProtectedCell] = {}
        for row, cells in zip(found.rows, found.cells, strict=True):
            by_key.setdefault(row.code, cells[-1])
            if row.kind in (RowKind.OPTION, RowKind.NET):
                by_key.setdefault(row.label, cells[-1])
        for one in wanted:
            if one not in by_key:
                raise RequestError("unknown-option-code", one, nearest(one, by_key))
        return [by_key[one] for one in wanted]

    def _share(self, cells: Sequence[ProtectedCell], places: int) -> Decimal | None:
        """Percent of cells together; a single one as its table prints it."""
        first = cells[0]
        if any(cell.shown_percent is None for cell in cells):
            return None
        if len(cells) == 1 and _decimals(first.shown_percent) == places:
            return first.shown_percent
        if first.wn is not None and first.n is not None and first.wn != first.n:
            total = sum((Decimal(repr(cell.percent or 0.0)) for cell in cells), Decimal(0))
            return round_half_up(total, places)
        return percent(sum(cell.n or 0 for cell in cells), first.base_n or 0, places)

    def _intake(self, survey: str) -> IntakeCounts:
        if survey not in self.facts.intake:
            raise RequestError("unknown-survey", survey, nearest(survey, self.facts.intake))
        return self.facts.intake[survey]

    def figure(self, value: Decimal | None, decimals: int, unit: str) -> Figure:
        """Return a figure in the report's language."""
        return Figure(value, decimals, unit, self.facts.texts)

    def _exact(self, text: str) -> Figure:
        value = Decimal(text.replace("\u00a0", "").replace(" ", "").replace(",", "."))
        return self.figure(value, _decimals(value), "number")

    def nothing(self, *, pending: bool = False) -> Figure:
        """Return the figure that stands for one that is withheld, or not counted yet."""
        return Figure(None, 0, "count", self.facts.texts, pending)


def _codes(question: Question) -> str:
    return ", ".join(option.code for option in question.options)


def _decimals(value: Decimal | None) -> int:
    exponent = value.as_tuple().exponent if value is not None else 0
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def _hidden_at_most(table: ProtectedTable) -> float:
    """Return how many may have chosen one option whose count is withheld, 0 where none is."""
    options = [
        cells[-1].n
        for row, cells in zip(table.rows, table.cells, strict=True)
        if row.kind is RowKind.OPTION
    ]
    if None not in options:
        return 0
    totals = [
        cells[-1].n
        for row, cells in zip(table.rows, table.cells, strict=True)
        if row.kind is RowKind.TOTAL
    ]
    total = totals[0] if totals else None
    if table.is_multiple or total is None:
        return math.inf
    return float(total - sum(n or 0 for n in options))
