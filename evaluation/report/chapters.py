"""Chapters are filled in: expressions give way to figures, tables and charts."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from evaluation.problems import Problem, Severity
from evaluation.report.chapter_faults import without_faults
from evaluation.report.context import ChapterContext
from evaluation.report.figures import Figure
from evaluation.report.markdown import escape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jinja2 import Environment, Template
    from jinja2.runtime import Context

    from evaluation.protection.analyses import ProtectedAnalysis
    from evaluation.protection.release import ProtectedTable
    from evaluation.report.chapter_faults import Fault
    from evaluation.report.facts import ChapterText, StudyFacts
    from evaluation.tables.analyses import AnalysisSpec
    from evaluation.tables.spec import TableSpec

TEMPLATE_FILE = "<template>"
TELL = " withheld figure"
"""What a run calls when it prints a withheld figure; no chapter can write this name."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A chapter whose expressions have been filled in, and what it asked for."""

    name: str
    markdown: str
    context: ChapterContext


def fill_chapters(
    chapters: Sequence[ChapterText],
    facts: StudyFacts,
    tables: Mapping[TableSpec, ProtectedTable],
    analyses: Mapping[AnalysisSpec, ProtectedAnalysis] | None = None,
) -> tuple[Filled, ...]:
    """Run every chapter once over the tables that there are.

    Returns
    -------
    tuple of Filled
        Each with its ``context.missing`` (tables still to be counted) and
        ``context.problems``. Complete when nothing is missing anywhere.
    """
    return tuple(_fill(chapter, facts, tables, analyses or {}) for chapter in chapters)


@lru_cache(maxsize=128)
def _compiled(text: str) -> Template:
    """Compile a chapter; it is run several times, and compiling costs most."""
    return _environment().from_string(text)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import StrictUndefined, pass_context
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=pass_context(_finalize),
        # A chapter is filled once or twice: working out its constants beforehand costs more.
        optimized=False,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _finalize(run: Context, value: Any) -> Any:
    """Values are text, never markup: what Markdown would read as a mark is escaped."""
    from markupsafe import Markup

    if isinstance(value, Markup):
        return value
    if isinstance(value, Figure):
        if value.value is None and not value.pending:
            run[TELL]()
        return Markup(str(value))  # noqa: S704
    return Markup(escape(str(value)))  # noqa: S704


def _fill(
    chapter: ChapterText,
    facts: StudyFacts,
    tables: Mapping[TableSpec, ProtectedTable],
    analyses: Mapping[AnalysisSpec, ProtectedAnalysis],
) -> Filled:
    from jinja2 import TemplateError, TemplateSyntaxError, UndefinedError

    prefix = re.sub(r"[^a-z0-9]+", "-", chapter.name.casefold().removesuffix(".md")).strip("-")
    context = ChapterContext(facts, tables, chapter.path, prefix, analyses)
    text = chapter.text
    faults: tuple[Fault, ...] = ()
    markdown = ""
    try:
        try:
            markdown = _run(text, context)
        except (TemplateSyntaxError, UndefinedError):
            text, faults = without_faults(text, _environment(), context.functions())
            if not faults:
                raise
            context = ChapterContext(facts, tables, chapter.path, prefix, analyses)
            markdown = _run(text, context)
    except TemplateSyntaxError as error:
        context.problems.append(_problem("chapter-syntax", chapter, error.lineno, str(error)))
    except TemplateError as error:
        line = _line_of(error)
        context.problems.append(_problem("chapter-name", chapter, line, str(error)))
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        line = _line_of(error)
        context.problems.append(_problem("chapter-expression", chapter, line, str(error)))
    context.problems.extend(
        _problem(fault.code, chapter, fault.row, fault.value, fault.expected) for fault in faults
    )
    return Filled(chapter.name, markdown, context)


def _run(text: str, context: ChapterContext) -> str:
    template = _compiled(text)
    context.template = template
    return template.render({**context.functions(), TELL: context.tell_withheld})


def _line_of(error: BaseException) -> int:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == TEMPLATE_FILE]
    return lines[-1] or 0 if lines else 0


def _problem(code: str, chapter: ChapterText, row: int, value: str, expected: str = "") -> Problem:
    return Problem(code, Severity.STOP, file=chapter.path, row=row, value=value, expected=expected)
