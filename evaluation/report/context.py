"""The functions that a chapter can call: tables, charts and figures, all through the gate.

A chapter is run more than once. Each run notes which tables it needs and does
not have yet; these are counted and protected together with the rest, and the
chapter is run again, until nothing is missing. So a report counts everything
in one go, and a condition in a chapter may itself ask for a figure.
"""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from evaluation.codebook.roles import NEVER_SHOWN
from evaluation.codebook.schema import Question, QuestionType
from evaluation.problems import Problem, Severity
from evaluation.report.analysis_functions import AnalysisFunctions
from evaluation.report.apparatus import ApparatusFunctions
from evaluation.report.appendices import Appendices
from evaluation.report.charts import ChartOptions, chart_block
from evaluation.report.data_functions import DataFunctions
from evaluation.report.figure_functions import FigureFunctions
from evaluation.report.grids import BASES, GridOptions
from evaluation.report.layout import TableOptions, battery_block, table_block, withheld_block
from evaluation.report.lookup import Lookup
from evaluation.report.markdown import marker, slug
from evaluation.report.plain_tables import intake_block, nonresponse_block
from evaluation.report.unit_functions import UnitFunctions
from evaluation.tables.request import (
    RequestError,
    nearest,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jinja2 import Template

    from evaluation.protection.analyses import ProtectedAnalysis
    from evaluation.protection.release import ProtectedTable
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
    missing_analyses
        Analyses that the run needed and lacks, in order.
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
        self.lookup = Lookup(facts, tables)
        self.analyses = analyses or {}
        self.missing_analyses: dict[AnalysisSpec, None] = {}
        self.chapter = chapter
        self.prefix = prefix
        self.template: Template | None = None
        self.blocks: dict[str, TableBlock | ChartBlock | None] = {}
        self.row_notes: dict[str, tuple[str, ...]] = {}
        self.problems: list[Problem] = []
        self.references: dict[str, int] = {}
        """Anchor -> line where the chapter first refers to it."""

    @property
    def missing(self) -> dict[TableSpec, None]:
        """Specifications that the run needed and lacks, in order."""
        return self.lookup.missing

    def functions(self) -> dict[str, Any]:
        """Return what the chapter sees by name."""
        values = FigureFunctions(self.facts, self.lookup, self.analyses)
        study_data = DataFunctions(self.facts, self._mark, values.figure)
        figures = (
            values.n,
            values.pct,
            values.phrase,
            values.base,
            values.points,
            values.answered,
            values.asked,
            values.rate,
            values.rows,
            values.fact,
            study_data.data,
            study_data.share,
            study_data.rounded,
        )
        words = (
            values.tests_note,
            values.caution,
            values.largest,
            values.words,
            values.label,
            study_data.data_largest,
        )
        blocks = (
            study_data.data_table,
            study_data.data_chart,
            *self._blocks(values.tests_note),
            *self._analyses(),
        )
        guarded: dict[str, Any] = {f.__name__: self._guard(f, Markup("")) for f in blocks}
        guarded |= {f.__name__: self._guard(f, values.nothing()) for f in figures}
        guarded |= {f.__name__: self._guard(f, "") for f in words}
        guarded["ref"] = self.ref
        guarded["unit"] = self.facts.unit
        return guarded

    def _blocks(self, tally: Callable[[str], str]) -> tuple[Callable[..., Markup], ...]:
        """Return the functions that put a table, a chart or an appendix."""
        appendices = Appendices(self.facts, self.table, self.lookup.tables, tally)
        apparatus = ApparatusFunctions(self.facts)
        own = UnitFunctions(self.facts, self.lookup, self.table, self.chart)
        return (
            self.table,
            self.chart,
            self.intake_table,
            self.nonresponse_table,
            appendices.questionnaire,
            appendices.all_tables,
            appendices.method,
            appendices.list_of_tables,
            appendices.list_of_figures,
            apparatus.cite,
            apparatus.term,
            apparatus.references,
            apparatus.definitions,
            own.unit_intro,
            own.unit_table,
            own.unit_chart,
            own.unit_tables,
        )

    def _analyses(self) -> tuple[Callable[..., Markup], ...]:
        """Return the functions that put an analysis."""
        made = AnalysisFunctions(self.facts, self._mark, self._find_analysis)
        return (
            made.occasions_table,
            made.transitions_table,
            made.ever_table,
            made.change_table,
            made.mean_change_table,
            made.series_table,
            made.series_chart,
            made.response_rates_table,
            made.asked_table,
            made.break_off_chart,
            made.scale_table,
            made.index_table,
            made.response_table,
            made.population_table,
            made.break_off_table,
            made.model_table,
            made.model_chart,
        )

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
        tables = self.lookup.found(names, view, **request)
        block = None
        if len(tables) == len(names):
            grid = GridOptions("percent", bases, base_head, tuple(steps), self.lookup.groups(names))
            shown = (show,) if isinstance(show, str) else tuple(show)
            rule = self.lookup.rule(tables[0])
            note = self._note(note, tables[0], names[0], request)
            caption = caption or ("" if view else self.lookup.caption(tables[0]))
            options = TableOptions(id, caption, note, stub, shown, missing, grid, stacked, rule)
            if len(tables) == 1:
                block = table_block(tables[0], self.facts.texts, options)
            else:
                rows = [self.lookup.short(one) for one in names]
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
        tables = self.lookup.found(names, view, **request)
        block: TableBlock | ChartBlock | None = None
        if len(tables) == len(names):
            note = self._note(note, tables[0], names[0], request)
            caption = caption or ("" if view else self.lookup.caption(tables[0]))
            questions = [self.lookup.question(one) for one in names]
            language = self.facts.texts.language
            rule = self.lookup.rule(tables[0])
            options = ChartOptions(id, caption, kind, note, sort, unit, rule)
            if all(table.is_withheld for table in tables):
                block = withheld_block(tables[0], self.facts.texts, options)
            else:
                block = chart_block(
                    tables,
                    [self.lookup.short(one) for one in names],
                    {
                        t.id: frozenset(_beside_scale(q, language))
                        for t, q in zip(tables, questions, strict=True)
                    },
                    questions[0].ordered,
                    self.facts.texts,
                    options,
                )
        return self._mark(block, id, footnote, {})

    def _note(self, note: str, table: ProtectedTable, name: str, request: Mapping[str, Any]) -> str:
        """Join the chapter's note to what is to be said of merged groups."""
        merged = self.lookup.merged(table, self.lookup.spec(name, **request))
        return " ".join(part for part in (note, merged) if part)

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
            # A derived question was never asked; who is missing is missing in its source.
            is_asked = question.recode is None and question.role not in NEVER_SHOWN
            if question.hidden or not is_asked:
                continue
            for item in question.items or (None,):
                name = f"{survey}.{item.id if item else question.id}"
                found = self.lookup.find(self.lookup.spec(name))
                if found:
                    rows.append((self.lookup.short(name), found))
        return self._mark(nonresponse_block(rows, self.facts.texts, caption), "", "", {})

    def ref(self, target: str) -> Markup:
        """Refer to a table, figure or heading by its anchor: "tabell 12"."""
        row = current_line(self.template) if self.template else 0
        self.references.setdefault(slug(target), row)
        return Markup(marker("ref", slug(target)))  # noqa: S704

    # --- within --------------------------------------------------------------------

    def _find_analysis(self, spec: AnalysisSpec) -> ProtectedAnalysis | None:
        found = self.analyses.get(spec)
        if found is None:
            self.missing_analyses[spec] = None
        return found

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

    def tell_withheld(self) -> None:
        """Warn that a sentence stands there with a symbol for its figure.

        The chapters of units' reports are one text for all units, which nobody can mend for one.
        """
        if not self.facts.unit:
            self._problem("withheld-in-text", "", "", Severity.WARN)

    def _problem(
        self, code: str, value: str, expected: str, severity: Severity = Severity.STOP
    ) -> None:
        row = current_line(self.template) if self.template else 0
        problem = Problem(
            code, severity, file=self.chapter, row=row, value=value, expected=expected
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
