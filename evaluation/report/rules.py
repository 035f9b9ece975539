"""Filters and rules of intake in words, for readers who know no expressions.

``trained == 1 and not gender == "m"`` becomes 'har svarat "Ja" på fråga 2 och
inte har svarat "Man" på fråga 1': a clause whose subject the sentence around
it gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.codebook.schema import QuestionType, Role
from evaluation.expressions.parser import parse
from evaluation.expressions.tree import (
    And,
    AnswerState,
    Column,
    Comparator,
    Comparison,
    ExpressionError,
    Membership,
    Name,
    Not,
    Or,
    State,
    Value,
)
from evaluation.tables.request import local, question_index

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.codebook.schema import Codebook, Question
    from evaluation.expressions.tree import Expression, Operand, Reference
    from evaluation.texts import Texts

_KEYS = {
    Comparator.EQUAL: "equal",
    Comparator.UNEQUAL: "unequal",
    Comparator.LESS: "less",
    Comparator.LESS_EQUAL: "at_most",
    Comparator.GREATER: "more",
    Comparator.GREATER_EQUAL: "at_least",
}


def rule_in_words(
    rule: str, codebook: Codebook, texts: Texts, numbers: Mapping[str, int] | None = None
) -> str:
    """Say a rule in words.

    Parameters
    ----------
    rule
        An expression, such as ``trained == 1``.
    codebook
        The survey's, for the wording of questions and options.
    texts
        Words of the language.
    numbers
        Question or item -> its number in the printed questionnaire; others
        are named by their short wording.

    Returns
    -------
    str
        A clause without subject; the rule itself where it is no expression.
    """
    try:
        tree = parse(rule)
    except ExpressionError:
        return rule
    return _Speaker(codebook, texts, numbers or {}).say(tree)


class _Speaker:
    def __init__(self, codebook: Codebook, texts: Texts, numbers: Mapping[str, int]) -> None:
        self.index = question_index(codebook)
        self.texts = texts
        self.numbers = numbers

    def say(self, tree: Expression, *, inside: bool = False) -> str:
        match tree:
            case And(parts):
                return self._joined(parts, "and", inside=inside)
            case Or(parts):
                return self._joined(parts, "or", inside=inside)
            case Not(part):
                return self._get("not", rule=self.say(part, inside=True))
            case Comparison():
                return self._comparison(tree)
            case Membership():
                key = "unequal" if tree.negated else "equal"
                return self._leaf(key, tree.reference, tree.values)
            case State():
                key = "answered" if tree.state is AnswerState.ANSWERED else "missing"
                return self._leaf(key, tree.reference, ())

    def _joined(self, parts: Sequence[Expression], key: str, *, inside: bool) -> str:
        clauses = f" {self._get(key)} ".join(self.say(part, inside=True) for part in parts)
        return f"({clauses})" if inside else clauses

    def _comparison(self, tree: Comparison) -> str:
        left, comparator, right = tree.left, tree.comparator, tree.right
        if isinstance(left, Value):
            left, comparator, right = right, comparator.mirrored, left
        assert isinstance(left, Name | Column)  # noqa: S101 -- the parser sees to it
        return self._leaf(_KEYS[comparator], left, (right,))

    def _leaf(self, key: str, reference: Reference, values: Sequence[Operand]) -> str:
        shown = f" {self._get('or')} ".join(self._value(reference, value) for value in values)
        if isinstance(reference, Column):
            blank = key in ("equal", "unequal") and not shown.strip("\u201d\"' ")
            if blank:
                key = "missing" if key == "equal" else "answered"
            return self._get(f"column_{key}", value=shown, column=reference.header)
        return self._get(
            self._known(key, reference), value=shown, question=self._question(reference)
        )

    def _known(self, key: str, name: Name) -> str:
        """Return the key of a fact about the respondent that no printed question asked for."""
        question = self.index.get(name.id)
        is_asked = question is None or question.role is Role.QUESTION or name.id in self.numbers
        return key if is_asked else f"fact_{key}"

    def _question(self, name: Name) -> str:
        number = self.numbers.get(name.id)
        if number is not None:
            return self._get("numbered", number=number)
        question = self.index.get(name.id)
        is_fact = question is not None and question.role is not Role.QUESTION
        return self._get("fact" if is_fact else "named", name=self._short(name.id))

    def _short(self, name: str) -> str:
        question = self.index.get(name)
        if question is None:
            return name
        language = self.texts.language
        item = next((i for i in question.items if i.id == name), None)
        source = item or question
        return local(source.short, language, local(source.text, language))

    def _value(self, reference: Reference, value: Operand) -> str:
        if isinstance(value, Name):
            return self._question(value)
        if isinstance(value, Column):
            return value.header
        question = self.index.get(reference.id) if isinstance(reference, Name) else None
        return self._option(question, value)

    def _option(self, question: Question | None, value: Value) -> str:
        """Return an option's label in quotation marks; numbers and dates as they are."""
        if question is not None and question.type is not QuestionType.NUMBER:
            for option in question.options:
                if value.text in (option.code, local(option.label, self.texts.language)):
                    return self._get("quoted", text=local(option.label, self.texts.language))
        if value.number is not None:
            decimals = len(value.text.partition(".")[2])
            return self.texts.numbers.number(value.number, decimals)
        return self._get("quoted", text=value.text)

    def _get(self, key: str, **values: object) -> str:
        return self.texts.get(f"rules.{key}", **values)
