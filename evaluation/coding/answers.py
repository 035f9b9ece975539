"""Where the answers to each question stand in the exports."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evaluation.codebook.schema import QuestionType, Role
from evaluation.coding.heads import item_heads, option_heads, question_heads
from evaluation.problems import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evaluation.codebook.schema import Codebook, Option, Question
    from evaluation.coding.columns import ColumnFinder
    from evaluation.model import RawColumn

SILENT_ROLES = frozenset({Role.ADMIN, Role.IDENTITY})
"""Roles whose columns may be missing without stopping anything."""
WITHOUT_WORDS = frozenset({QuestionType.TEXT, QuestionType.DATE, QuestionType.NUMBER})


@dataclass(frozen=True, slots=True)
class Answers:
    """The columns of one question.

    Attributes
    ----------
    columns
        Variable -> its column, None where it is missing; one for a question
        with a single column, one per item for a grid.
    options
        Every option with its column, for a multiple answer with a column per
        option; empty where all answers stand in one cell.
    words
        Option code -> column with the text of "Annat, nämligen".
    """

    columns: Mapping[str, RawColumn | None]
    options: tuple[tuple[Option, RawColumn | None], ...] = ()
    words: Mapping[str, RawColumn] = field(default_factory=dict)


def find_answers(
    codebook: Codebook, finder: ColumnFinder, order: Iterable[int]
) -> dict[str, Answers]:
    """Find the columns of every question that is neither derived nor an identity.

    Parameters
    ----------
    codebook
        Checked.
    finder
        Told of what is missing.
    order
        Positions of the questions, as they are coded.

    Returns
    -------
    dict
        Question -> its columns.
    """
    # Identity columns and other-texts are found too, so that they are not called unused.
    for question in codebook.questions:
        if question.role is Role.IDENTITY:
            finder.find(question_heads(question))
        for option in question.options:
            if option.other_text is not None:
                finder.require((option.other_text,), Severity.WARN)
    questions = (codebook.questions[position] for position in order)
    return {
        question.id: _answers(question, finder)
        for question in questions
        if question.role is not Role.IDENTITY and not question.recode
    }


def _answers(question: Question, finder: ColumnFinder) -> Answers:
    if question.type is QuestionType.GRID:
        items = question.items
        return Answers({i.id: finder.require(item_heads(question, i)) for i in items})
    if question.type is QuestionType.MULTIPLE:
        return _multiple(question, finder)
    severity = Severity.NOTE if question.role in SILENT_ROLES else Severity.STOP
    column = finder.require(question_heads(question), severity)
    is_plain = question.type in WITHOUT_WORDS or bool(question.bins)
    words = {} if is_plain else _words(question, finder)
    return Answers({question.id: column}, words=words)


def _words(question: Question, finder: ColumnFinder) -> dict[str, RawColumn]:
    found = {
        option.code: finder.find((option.other_text,))
        for option in question.options
        if option.other_text is not None
    }
    return {code: column for code, column in found.items() if column is not None}


def _multiple(question: Question, finder: ColumnFinder) -> Answers:
    heads = question_heads(question)
    is_declared = any(option.column for option in question.options)
    column = None if is_declared else finder.find(heads)
    if column is None:
        options = _option_columns(question, finder, is_declared=is_declared)
        if options:
            first = next((c for _, c in options if c is not None), None)
            return Answers({question.id: first}, tuple(options))
        finder.missing(heads[0])
    return Answers({question.id: column}, words=_words(question, finder))


def _option_columns(
    question: Question, finder: ColumnFinder, *, is_declared: bool
) -> list[tuple[Option, RawColumn | None]]:
    """Return the options' columns: those declared, else those named by wording and label."""
    if is_declared:
        return [(option, _option_column(option, finder)) for option in question.options]
    heads = {option.code: option_heads(question, option) for option in question.options}
    found = [(option, finder.find(heads[option.code])) for option in question.options]
    if all(column is None for _, column in found):
        return []
    for option, column in found:
        if column is None:
            finder.missing(heads[option.code][0])
    return found


def _option_column(option: Option, finder: ColumnFinder) -> RawColumn | None:
    head = option.column or option.other_text
    return finder.require((head,)) if head else None
