"""Appendices that a chapter can include: questionnaire, method, all tables, lists.

They come as Markdown, so that headings, numbering and contents are the
chapter's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from evaluation.codebook.schema import QuestionType, Role
from evaluation.report.markdown import escape, marker
from evaluation.tables.request import RequestError, local, nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from evaluation.codebook.schema import Codebook, Question
    from evaluation.report.facts import StudyFacts

LIST_OF_TABLES = "list-of-tables"
LIST_OF_FIGURES = "list-of-figures"
"""Targets that `assemble` replaces by the lists once everything has its number."""

NOT_PRINTED = (Role.IDENTITY, Role.ADMIN, Role.WEIGHT)


class Appendices:
    """Chapter functions that write whole appendices.

    Parameters
    ----------
    facts
        The study without its answers.
    table
        The chapter function that puts a table.
    """

    def __init__(self, facts: StudyFacts, table: Callable[..., Markup]) -> None:
        self.facts = facts
        self.table = table

    def questionnaire(self, survey: str) -> Markup:
        """Write the questionnaire as sent: wording, options, who was asked."""
        codebook = self._codebook(survey)
        language = self.facts.texts.language
        parts = []
        if codebook.introduction:
            parts.append(escape(local(codebook.introduction, language)))
        printed = [q for q in codebook.questions if q.role not in NOT_PRINTED and not q.recode]
        parts += [self._question(i, question) for i, question in enumerate(printed, 1)]
        return _markdown(parts)

    def all_tables(self, survey: str) -> Markup:
        """Put a table of every question, in the order asked."""
        questions = [
            q
            for q in self._codebook(survey).questions
            if q.role not in NOT_PRINTED and not q.hidden and q.type is not QuestionType.TEXT
        ]
        return Markup("").join(self.table(f"{survey}.{q.id}") for q in questions)

    def method(self) -> Markup:
        """Say how the figures were made: rows, bases, rounding, protection."""
        texts, study = self.facts.texts, self.facts.study
        numbers = texts.numbers
        parts = [texts.get("method.rows")]
        for survey, intake in self.facts.intake.items():
            title = local(study.surveys[survey].title, texts.language, survey)
            said = study.surveys[survey].intake
            parts.append(
                texts.get(
                    "method.intake",
                    survey=title,
                    rows=numbers.number(intake.rows),
                    kept=numbers.number(intake.kept),
                )
                + " "
                + texts.get(f"method.partial_{'kept' if said.include_partial else 'left_out'}")
                + " "
                + texts.get(f"method.duplicates_{said.duplicates}")
            )
        parts += [texts.get("method.bases"), texts.get("method.rounding")]
        if "sum100" in study.report.rounding.values():
            parts.append(texts.get("method.sum100"))
        if any(survey.design.weight for survey in study.surveys.values()):
            parts.append(texts.get("method.weights"))
        policy = study.protection
        key = "none" if policy.method == "none" else "protected"
        parts.append(
            texts.get(
                f"method.protection_{key}",
                minimum=numbers.number(policy.minimum_count),
                base=numbers.number(policy.minimum_base),
            )
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

    def _question(self, number: int, question: Question) -> str:
        """One question: number and wording, how it is answered, its options or items."""
        texts, language = self.facts.texts, self.facts.texts.language
        lines = [f"**{number}\\. {escape(local(question.text, language))}**"]
        hints = []
        if question.asked_if:
            hints.append(texts.get("questionnaire.asked_if", rule=question.asked_if))
        if question.type in (QuestionType.MULTIPLE, QuestionType.TEXT, QuestionType.NUMBER):
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
