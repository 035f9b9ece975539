"""Appendices that a chapter can include: questionnaire, method, all tables, lists.

They come as Markdown, so that headings, numbering and contents are the
chapter's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from evaluation.codebook.roles import NEVER_SHOWN
from evaluation.codebook.schema import QuestionType
from evaluation.report.markdown import escape, marker
from evaluation.report.method_notes import method_paragraphs
from evaluation.report.rules import rule_in_words
from evaluation.tables.request import RequestError, local, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from evaluation.codebook.schema import Codebook, Question
    from evaluation.protection.release import ProtectedTable
    from evaluation.report.facts import StudyFacts
    from evaluation.tables.spec import TableSpec

LIST_OF_TABLES = "list-of-tables"
LIST_OF_FIGURES = "list-of-figures"
"""Targets that `assemble` replaces by the lists once everything has its number."""


class Appendices:
    """Chapter functions that write whole appendices.

    Parameters
    ----------
    facts
        The study without its answers.
    table
        The chapter function that puts a table.
    tables
        Protected tables so far, for what was used in them.
    tests_note
        The chapter function that tells of the tests of the whole report.
    """

    def __init__(
        self,
        facts: StudyFacts,
        table: Callable[..., Markup],
        tables: Mapping[TableSpec, ProtectedTable],
        tests_note: Callable[[str], str],
    ) -> None:
        self.facts = facts
        self.table = table
        self.tables = tables
        self.tests_note = tests_note

    def questionnaire(self, survey: str) -> Markup:
        """Write the questionnaire as sent: wording, instructions, options, who was asked."""
        codebook = self._codebook(survey)
        language = self.facts.texts.language
        parts = []
        if codebook.introduction:
            parts.append(escape(local(codebook.introduction, language)))
        printed = [q for q in codebook.questions if q.role not in NEVER_SHOWN and not q.recode]
        numbers = {
            name: i
            for i, question in enumerate(printed, 1)
            for name in (question.id, *(item.id for item in question.items))
        }
        parts += [self._question(question, codebook, numbers) for question in printed]
        return _markdown(parts)

    def all_tables(self, survey: str) -> Markup:
        """Put a table of every question, in the order asked."""
        questions = [
            q
            for q in self._codebook(survey).questions
            if q.role not in NEVER_SHOWN and not q.hidden and q.type is not QuestionType.TEXT
        ]
        return Markup("").join(self.table(f"{survey}.{q.id}") for q in questions)

    def method(self, adjustment: str = "bh") -> Markup:
        """Say how the figures were made: rows, bases, rounding, intervals, tests, protection.

        ``adjustment`` is that of the p-values of the whole report, see ``tests_note``.
        """
        parts = method_paragraphs(
            self.facts, tuple(self.tables.values()), self.tests_note(adjustment)
        )
        return _markdown([escape(part) for part in parts])

    def list_of_tables(self) -> Markup:
        """List the report's tables with links."""
        return Markup(f"\n\n{marker('block', LIST_OF_TABLES)}\n\n")  # noqa: S704

    def list_of_figures(self) -> Markup:
        """List the report's figures with links."""
        return Markup(f"\n\n{marker('block', LIST_OF_FIGURES)}\n\n")  # noqa: S704

    def _codebook(self, survey: str) -> Codebook:
        if survey not in self.facts.codebooks:
            raise RequestError("unknown-survey", survey, nearest(survey, self.facts.codebooks))
        return self.facts.codebooks[survey]

    def _question(self, question: Question, codebook: Codebook, numbers: Mapping[str, int]) -> str:
        """One question: number and wording, how it is answered, its options or items."""
        texts, language = self.facts.texts, self.facts.texts.language
        lines = [f"**{numbers[question.id]}\\. {escape(local(question.text, language))}**"]
        hints = []
        if question.asked_if:
            rule = rule_in_words(question.asked_if, codebook, texts, numbers)
            hints.append(texts.get("questionnaire.asked_if", rule=rule))
        if question.instruction is not None:
            hints.append(local(question.instruction, language))
        elif question.type in (QuestionType.MULTIPLE, QuestionType.TEXT, QuestionType.NUMBER):
            hints.append(texts.get(f"questionnaire.{question.type.value}"))
        if hints:
            lines.append("*" + escape(" ".join(hints)) + "*")
        if question.items:
            lines.append(_bullets([local(item.text, language) for item in question.items]))
            steps = ", ".join(local(o.label, language) for o in question.options)
            lines.append(escape(texts.get("questionnaire.steps", steps=steps)))
        elif question.options:
            lines.append(_bullets([local(o.label, language) for o in question.options]))
        return "\n\n".join(lines)


def _bullets(labels: list[str]) -> str:
    return "\n".join(f"- {escape(label)}" for label in labels)


def _markdown(parts: list[str]) -> Markup:
    return Markup("\n\n" + "\n\n".join(parts) + "\n\n")  # noqa: S704
