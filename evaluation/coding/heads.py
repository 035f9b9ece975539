"""Heads that a question's columns may have in an export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.codebook.names import texts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.codebook.schema import Item, Option, Question

FORMS = ("{} [{}]", "{}\n.{}", "{} - {}", "{}: {}", "{} / {}")
"""Google Forms, Microsoft Forms, SurveyMonkey and others."""


def question_heads(question: Question) -> tuple[str, ...]:
    """Heads that a question's column may have: the declared one, else wording or identifier."""
    if question.column is not None:
        return (question.column,)
    return (*texts_of(question.text), question.id)


def item_heads(question: Question, item: Item) -> tuple[str, ...]:
    """Heads that an item's column may have, as the survey tools write them."""
    if item.column is not None:
        return (item.column,)
    texts = texts_of(item.text)
    return (*texts, *_joined_heads(question, texts), item.id)


def option_heads(question: Question, option: Option) -> tuple[str, ...]:
    """Heads that an option's column may have where none is declared."""
    return _joined_heads(question, texts_of(option.label))


def _joined_heads(question: Question, parts: Sequence[str]) -> tuple[str, ...]:
    """Put stem and part together as the survey tools do."""
    stem = question.column
    stems = (stem,) if stem is not None else texts_of(question.text)
    return tuple(form.format(s, part) for part in parts for s in stems for form in FORMS)
