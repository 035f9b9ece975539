"""The functions that a chapter can call: tables, charts and figures, all through the gate.

A chapter is run more than once. Each run notes which tables it needs and does
not have yet; these are counted and protected together with the rest, and the
chapter is run again, until nothing is missing. So a report counts everything
in one go, and a condition in a chapter may itself ask for a figure.
"""

from __future__ import annotations

import functools
import sys
from dataclasses import fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from evaluation.codebook.schema import Question, QuestionType
from evaluation.model import TOTAL, RowKind
from evaluation.problems import Problem, Severity
from evaluation.report.analysis_functions import AnalysisFunctions
from evaluation.report.appendices import Appendices
from evaluation.report.charts import ChartOptions, chart_block
from evaluation.report.data_functions import DataFunctions
from evaluation.report.figures import Figure
from evaluation.report.grids import BASES, GridOptions
from evaluation.report.layout import TableOptions, battery_block, table_block
from evaluation.report.markdown import marker, slug
from evaluation.report.phrases import pick_phrase
from evaluation.report.plain_tables import intake_block, nonresponse_block
from evaluation.report.unit_functions import UnitFunctions
from evaluation.rounding import percent, round_half_up
from evaluation.tables.request import (
    RequestError,
    local,
    make_spec,
    nearest,
    question_index,
    split_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jinja2 import Template

    from evaluation.protection.analyses import ProtectedAnalysis
    from evaluation.protection.release import ProtectedCell, ProtectedTable
    from evaluation.report.facts import StudyFacts
    from evaluation.report.model import ChartBlock, TableBlock
    from evaluation.tables.analyses import AnalysisSpec
    from evaluation.tables.spec import TableSpec

if TYPE_CHECKING:
    View = Callable[[ProtectedTable], ProtectedTable]


class ChapterContext:
    """State of one run over one chapter.

    Parameters
    ----------
    facts
        The study without its answers.
    tables
        Protected tables so far, by specification.
    chapter
        File name, for problems.
    prefix
        Makes the marks of this chapter's blocks unique in the report.

    Attributes
    ----------
    missing, missing_analyses
        Specifications that the run needed and lacks, in order.
    blocks
        Mark -> block, of this run.
    row_notes
        Mark -> labels of rows that carry the footnotes written after the mark.
    problems
        What was wrong, with the line in the chapter.
    """

    def __init__(
        self,
        facts: StudyFacts,
        tables: Mapping[TableSpec, ProtectedTable],
        chapter: str,
        prefix: str,
        analyses: Mapping[AnalysisSpec, ProtectedAnalysis] | None = None,
    ) -> None:
        self.facts = facts
        self.tables = tables
        self.analyses = analyses or {}
        self.missing_analyses: dict[AnalysisSpec, None] = {}
        self.chapter = chapter
        self.prefix = prefix
        self.template: Template | None = None
        self.missing: dict[TableSpec, None] = {}
        self.blocks: dict[str, TableBlock | ChartBlock | None] = {}
        self.row_notes: dict[str, tuple[str, ...]] = {}
        self.problems: list[Problem] = []

    def functions(self) -> dict[str, Any]:
        """Return what the chapter sees by name."""
        study_data = DataFunctions(self.facts, self._mark, self._figure)
        appendices = Appendices(self.facts, self.table)
        own = UnitFunctions(self.facts, self.table, self.chart)
        made = AnalysisFunctions(self.facts, self._mark, self._find_analysis)
        block = (
            self.table,
            self.chart,
            study_data.data_table,
            study_data.data_chart,
            self.intake_table,
            self.nonresponse_table,
            appendices.questionnaire,
            appendices.all_tables,
            appendices.method,
            appendices.list_of_tables,
            appendices.list_of_figures,
            own.unit_table,
            own.unit_chart,
            own.unit_tables,
            made.occasions_table,
            made.transitions_table,
            made.ever_table,
            made.change_table,
            made.scale_table,
            made.index_table,
            made.response_table,
            made.population_table,
            made.break_off_table,
            made.model_table,
            made.model_chart,
        )
        figures = (
            self.n,
            self.pct,
            self.phrase,
            self.base,
            self.points,
            self.answered,
            self.asked,
            self.rate,
            self.rows,
            self.fact,
            study_data.data,
            study_data.share,
            study_data.rounded,
        )
        words = (
            self.tests_note,
            self.caution,
            self.largest,
            self.words,
            self.label,
            study_data.data_largest,
        )
        guarded: dict[str, Any] = {f.__name__: self._guard(f, Markup("")) for f in block}
        guarded |= {f.__name__: self._guard(f, self._nothing()) for f in figures}
        guarded |= {f.__name__: self._guard(f, "") for f in words}
        guarded["ref"] = self.ref
        guarded["unit"] = self.facts.unit
        return guarded

    # --- blocks ---------------------------------------------------------------

    def table(  # noqa: PLR0913
        self,
        name: str | Sequence[str],
        *,
        id: str = "",  # noqa: A002
        caption: str = "",
        note: str = "",
        stub: str = "",
        show: Sequence[str] = (),
        missing: bool = True,
        bases: str = "",
        base_head: str = "",
        steps: Sequence[str] = (),
        footnote: str = "",
        row_footnotes: Mapping[str, str] | None = None,
        stacked: bool = False,
        view: View | None = None,
        **request: Any,
    ) -> Markup:
        """Put a table here, or one with a row for each of several questions.

        ``bases``, ``base_head`` and ``steps`` as in `GridOptions`; ``stacked``
        as in `TableOptions`; ``request`` as in `make_spec`.
        """
        if bases not in BASES:
            raise RequestError("unknown-bases", bases, ", ".join(b for b in BASES if b))
        names = [name] if isinstance(name, str) else list(name)
        tables = self._found(names, view, **request)
        block = None
        if len(tables) == len(names):
            grid = GridOptions("percent", bases, base_head, tuple(steps), self._groups(names))
            shown = (show,) if isinstance(show, str) else tuple(show)
            options = TableOptions(id, caption, note, stub, shown, missing, grid, stacked)
            if len(tables) == 1:
                block = table_block(tables[0], self.facts.texts, options)
            else:
                rows = [self._short(one) for one in names]
                block = battery_block(tables, rows, self.facts.texts, options)
        return self._mark(block, id, footnote, row_footnotes or {})

    def chart(  # noqa: PLR0913
        self,
        name: str | Sequence[str],
        *,
        id: str = "",  # noqa: A002
        caption: str = "",
        kind: str = "",
        note: str = "",
        sort: bool = False,
        unit: str = "percent",
        footnote: str = "",
        view: View | None = None,
        **request: Any,
    ) -> Markup:
        """Put a chart of one question, or of several questions on one scale, here."""
        names = [name] if isinstance(name, str) else list(name)
        tables = self._found(names, view, **request)
        block = None
        if len(tables) == len(names):
            questions = [self._question(one) for one in names]
            language = self.facts.texts.language
            block = chart_block(
                tables,
                [self._short(one) for one in names],
                {
                    t.id: frozenset(_beside_scale(q, language))
                    for t, q in zip(tables, questions, strict=True)
                },
                questions[0].ordered,
                self.facts.texts,
                ChartOptions(id, caption, kind, note, sort, unit),
            )
        return self._mark(block, id, footnote, {})

    def intake_table(self, *surveys: str, caption: str = "") -> Markup:
        """Put the account of all rows here."""
        chosen = surveys or tuple(self.facts.intake)
        return self._mark(intake_block(self.facts, chosen, caption), "", "", {})

    def nonresponse_table(self, survey: str, *, caption: str = "") -> Markup:
        """Put item non-response per question here."""
        if survey not in self.facts.codebooks:
            raise RequestError("unknown-survey", survey, nearest(survey, self.facts.codebooks))
        rows = []
        for question in self.facts.codebooks[survey].questions:
            if question.hidden or question.role.value in ("identity", "admin", "weight"):
                continue
            for item in question.items or (None,):
                name = f"{survey}.{item.id if item else question.id}"
                found = self._find(self._spec(name))
                if found:
                    rows.append((self._short(name), found))
        return self._mark(nonresponse_block(rows, self.facts.texts, caption), "", "", {})

    # --- figures ----------------------------------------------------------------

    def n(self, name: str, option: Any, where: str = "", **request: Any) -> Figure:
        """Count of those who chose an option, or one of several."""
        cells = self._cells(name, option, where, **request)
        if cells is None or any(cell.n is None for cell in cells):
            return self._nothing(pending=cells is None)
        return self._figure(Decimal(sum(cell.n or 0 for cell in cells)), 0, "count")

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
            return self._nothing(pending=True)
        places = self.facts.study.report.decimals if decimals is None else decimals
        return self._figure(self._share(cells, places), places, "percent")

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
            return self._nothing(pending=cells is None)
        return self._figure(Decimal(cells[0].n), 0, "count")

    def answered(self, survey: str) -> Figure:
        """How many respondents the survey's tables are about."""
        return self._figure(Decimal(self._intake(survey).respondents), 0, "count")

    def rows(self, survey: str, status: str = "") -> Figure:
        """How many rows the export has, all or with one intake status."""
        intake = self._intake(survey)
        if status and status not in intake.by_status:
            raise RequestError("unknown-status", status, ", ".join(intake.by_status))
        return self._figure(
            Decimal(intake.by_status[status] if status else intake.rows), 0, "count"
        )

    def asked(self, survey: str) -> Figure:
        """How many were asked, as the study states it."""
        self._intake(survey)
        population = self.facts.study.surveys[survey].design.population
        if population is None:
            raise RequestError("unknown-population", survey, f"surveys.{survey}.design.population")
        return self._figure(Decimal(population), 0, "count")

    def rate(self, survey: str, decimals: int = 1) -> Figure:
        """Response rate: answered of asked, in percent."""
        asked = int(self.asked(survey).value or 0)
        value = percent(self._intake(survey).respondents, asked, decimals)
        return self._figure(value, decimals, "percent")

    def fact(self, name: str) -> Any:
        """Return a figure that ``study.yaml`` states under ``facts``."""
        facts = self.facts.study.facts
        if name not in facts:
            raise RequestError("unknown-fact", name, nearest(name, facts))
        value = facts[name]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._exact(str(value))
        return value

    # --- words --------------------------------------------------------------------

    def largest(self, name: str, rank: int = 1, where: str = "", **request: Any) -> str:
        """Label of the most common option, or of the one in place ``rank``."""
        found = self._find(self._spec(name, where=where, **request))
        if found is None:
            return ""
        options = [
            (cells[-1].n, row.label)
            for row, cells in zip(found.rows, found.cells, strict=True)
            if row.kind is RowKind.OPTION and cells[-1].n is not None
        ]
        options.sort(key=lambda pair: -(pair[0] or 0))
        if not 1 <= rank <= len(options):
            return self.facts.texts.get("symbols.withheld")
        return options[rank - 1][1]

    def tests_note(self, adjustment: str = "bh") -> str:
        """Say how many tests the report makes, and how many would be significant by chance."""
        from evaluation.inference.multiple import tally
        from evaluation.inference.results import TestOutcome
        from evaluation.inference.sentences import tally_note

        outcomes = [
            TestOutcome(**{f.name: getattr(test, f.name) for f in fields(test)})
            for table in self.tables.values()
            for test in table.tests
        ]
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
        question = self._question(name)
        language = self.facts.texts.language
        if not code:
            return self._short(name, full=True)
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

    def ref(self, target: str) -> Markup:
        """Refer to a table, figure or heading by its anchor: "tabell 12"."""
        return Markup(marker("ref", slug(target)))  # noqa: S704

    # --- within --------------------------------------------------------------------

    def _spec(self, name: str, **request: Any) -> TableSpec:
        return make_spec(name, study=self.facts.study, codebooks=self.facts.codebooks, **request)

    def _found(
        self, names: Sequence[str], view: View | None, **request: Any
    ) -> list[ProtectedTable]:
        """Return the tables that there are already, each as ``view`` shows it."""
        found = [self._find(self._spec(one, **request)) for one in names]
        return [view(table) if view else table for table in found if table]

    def _find_analysis(self, spec: AnalysisSpec) -> ProtectedAnalysis | None:
        found = self.analyses.get(spec)
        if found is None:
            self.missing_analyses[spec] = None
        return found

    def _find(self, spec: TableSpec) -> ProtectedTable | None:
        found = self.tables.get(spec)
        if found is None:
            self.missing[spec] = None
        return found

    def _question(self, name: str) -> Question:
        survey, question = split_name(name, self.facts.codebooks)
        return question_index(self.facts.codebooks[survey])[question]

    def _groups(self, names: Sequence[str]) -> dict[str, str]:
        """Return the headings that the items of grids stand under."""
        language = self.facts.texts.language
        items = [item for name in names for item in self._question(name).items]
        return {item.id: local(item.group, language) for item in items if item.group is not None}

    def _short(self, name: str, *, full: bool = False) -> str:
        survey, wanted = split_name(name, self.facts.codebooks)
        question = question_index(self.facts.codebooks[survey])[wanted]
        language = self.facts.texts.language
        item = next((i for i in question.items if i.id == wanted), None)
        source = item or question
        text = local(source.text, language)
        return text if full else local(source.short, language, text)

    def _cells(
        self, name: str, option: Any, where: str, **request: Any
    ) -> list[ProtectedCell] | None:
        """Cells of the options in the last column, or None while not counted yet."""
        found = self._find(self._spec(name, where=where, **request))
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

    def _intake(self, survey: str) -> Any:
        if survey not in self.facts.intake:
            raise RequestError("unknown-survey", survey, nearest(survey, self.facts.intake))
        return self.facts.intake[survey]

    def _figure(self, value: Decimal | None, decimals: int, unit: str) -> Figure:
        return Figure(value, decimals, unit, self.facts.texts)

    def _exact(self, text: str) -> Figure:
        value = Decimal(text.replace("\u00a0", "").replace(" ", "").replace(",", "."))
        return self._figure(value, _decimals(value), "number")

    def _nothing(self, *, pending: bool = False) -> Figure:
        return Figure(None, 0, "count", self.facts.texts, pending)

    def _mark(
        self,
        block: TableBlock | ChartBlock | None,
        anchor: str,
        footnote: str,
        row_footnotes: Mapping[str, str],
    ) -> Markup:
        """Leave a mark for a block; the footnotes that it carries are written after it."""
        key = slug(anchor) if anchor else f"{self.prefix}-{len(self.blocks) + 1}"
        if key in self.blocks:
            raise RequestError("duplicate-anchor", key, "an anchor of its own")
        self.blocks[key] = block
        labels = [*([footnote] if footnote else []), *row_footnotes.values()]
        self.row_notes[key] = (*([""] if footnote else []), *row_footnotes)
        notes = "".join(f"[^{label}]" for label in labels)
        return Markup(f"\n\n{marker('block', key)}{notes}\n\n")  # noqa: S704

    def _guard(self, function: Callable[..., Any], fallback: Any) -> Callable[..., Any]:
        """Turn a faulty call into a problem with its line, so that all are found at once."""

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return function(*args, **kwargs)
            except RequestError as error:
                self._problem(error.code, error.value, error.expected)
            except (TypeError, ValueError) as error:
                self._problem("chapter-call", function.__name__, str(error))
            return fallback

        return call

    def _problem(self, code: str, value: str, expected: str) -> None:
        row = current_line(self.template) if self.template else 0
        problem = Problem(
            code, Severity.STOP, file=self.chapter, row=row, value=value, expected=expected
        )
        if problem not in self.problems:
            self.problems.append(problem)


def current_line(template: Template) -> int:
    """Return the line of the template that is being run, 0 if it is not running."""
    namespace = template.root_render_func.__globals__
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_globals is namespace:
            return template.get_corresponding_lineno(frame.f_lineno)
        if frame.f_back is None:
            return 0
        frame = frame.f_back
    return 0


def _beside_scale(question: Question, language: str) -> list[str]:
    """Codes of options that are no step of an ordered scale: those without a score."""
    del language
    if not question.ordered or question.type not in (QuestionType.SINGLE, QuestionType.GRID):
        return []
    return [o.code for o in question.options if o.off_scale]


def _codes(question: Question) -> str:
    return ", ".join(option.code for option in question.options)


def _decimals(value: Decimal | None) -> int:
    exponent = value.as_tuple().exponent if value is not None else 0
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0
