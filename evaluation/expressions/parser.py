"""From text to tree: a tokenizer and a recursive descent with a depth limit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NoReturn

from evaluation.expressions.tree import (
    And,
    AnswerState,
    Column,
    Comparator,
    Comparison,
    Expression,
    ExpressionError,
    Membership,
    Name,
    Not,
    Operand,
    Or,
    Reference,
    State,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LENGTH = 4000
"""Characters in one expression."""
MAX_DEPTH = 40
"""Parentheses and negations within each other."""

RESERVED = frozenset({"and", "or", "not", "in", "answered", "missing", "col"})
"""Words that cannot be the identifier of a question."""

COLUMN_PREFIX = "col:"


def parse(text: str) -> Expression:
    """Read an expression.

    Parameters
    ----------
    text
        Such as ``kon == "kvinna" and alder >= 30``.

    Raises
    ------
    ExpressionError
        If the text is not an expression; nothing else, whatever the text.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError("expression-too-long", MAX_LENGTH, "", str(MAX_LENGTH))
    return _Parser(_tokens(text)).whole()


# --- tokens -------------------------------------------------------------------


class _Kind(StrEnum):
    NAME = "name"
    COLUMN = "column"
    NUMBER = "number"
    TEXT = "text"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class _Token:
    kind: _Kind
    text: str
    position: int

    def is_word(self, word: str) -> bool:
        return self.kind is _Kind.NAME and self.text.lower() == word


_PATTERN = re.compile(
    r"""\s*(?:
        (?P<column>col:[^\s()\[\],=!<>'"]+)
      | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?![\w.]))
      | (?P<name>[^\W\d]\w*)
      | (?P<text>"[^"]*"|'[^']*')
      | (?P<sign>==|!=|<=|>=|<(?!>)|>|[()\[\],])
      | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_QUOTES = "\"'"
_TYPOGRAPHIC_QUOTES = "\u201c\u201d\u2018\u2019\u00ab\u00bb"


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while not tokens or tokens[-1].kind is not _Kind.END:
        match = _PATTERN.match(text, position)
        if match is None:
            _refuse(text, position)
        kind = _Kind(str(match.lastgroup))
        tokens.append(_Token(kind, match.group(kind.value), match.start(kind.value)))
        position = match.end()
    return tokens


def _refuse(text: str, position: int) -> NoReturn:
    """Say what is wrong where no token can be read."""
    start = position + len(text[position:]) - len(text[position:].lstrip())
    found = text[start]
    if found in _QUOTES:
        raise ExpressionError("expression-unclosed-text", start, found, found)
    if found in _TYPOGRAPHIC_QUOTES:
        raise ExpressionError("expression-typographic-quote", start, found, "' \"")
    if found == "=":
        raise ExpressionError("expression-single-equals", start, found, "==")
    if text.startswith("<>", start):
        raise ExpressionError("expression-unknown-sign", start, "<>", "!=")
    known = {"&": "and", "|": "or", "!": "not"}.get(found, "")
    word = re.match(r"-?[\w.]+", text[start:])
    raise ExpressionError("expression-unknown-sign", start, word[0] if word else found, known)


# --- grammar ------------------------------------------------------------------


class _Parser:
    """Recursive descent over the tokens; ``depth`` guards the recursion."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def at_end(self) -> bool:
        return self.token.kind is _Kind.END

    def take(self) -> _Token:
        token = self.token
        self.at += not self.at_end()
        return token

    def fail(self, code: str, expected: str = "", token: _Token | None = None) -> NoReturn:
        where = token or self.token
        raise ExpressionError(code, where.position, where.text, expected)

    def accept(self, sign: str) -> bool:
        is_there = self.token.kind is _Kind.SIGN and self.token.text == sign
        self.at += is_there
        return is_there

    def accept_word(self, word: str) -> bool:
        is_there = self.token.is_word(word)
        self.at += is_there
        return is_there

    def close(self, sign: str) -> None:
        if not self.accept(sign):
            self.fail("expression-unclosed-parenthesis", sign)

    def whole(self) -> Expression:
        if self.at_end():
            self.fail("expression-empty")
        expression = self.expression()
        if not self.at_end():
            self.fail("expression-trailing", "and, or")
        return expression

    def expression(self) -> Expression:
        parts = self.series(self.conjunction, "or")
        return parts[0] if len(parts) == 1 else Or(parts)

    def conjunction(self) -> Expression:
        parts = self.series(self.negation, "and")
        return parts[0] if len(parts) == 1 else And(parts)

    def series(self, part: Callable[[], Expression], word: str) -> tuple[Expression, ...]:
        parts = [part()]
        while self.accept_word(word):
            parts.append(part())
        return tuple(parts)

    def negation(self) -> Expression:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail("expression-too-deep", str(MAX_DEPTH))
        expression = Not(self.negation()) if self.accept_word("not") else self.test()
        self.depth -= 1
        return expression

    def test(self) -> Expression:
        if self.accept("("):
            inner = self.expression()
            self.close(")")
            return inner
        for state in AnswerState:
            if self.token.is_word(state) and self.tokens[self.at + 1].text == "(":
                self.at += 2
                reference = self.reference()
                self.close(")")
                return State(state, reference)
        return self.relation()

    def relation(self) -> Expression:
        left = self.operand()
        if self.token.is_word("in"):
            self.take()
            return self.membership(left, negated=False)
        if self.token.is_word("not") and self.tokens[self.at + 1].is_word("in"):
            self.at += 2
            return self.membership(left, negated=True)
        links: list[Comparison] = []
        while self.token.kind is _Kind.SIGN and self.token.text in set(Comparator):
            sign = self.take()
            right = self.operand()
            links.append(self.comparison(left, Comparator(sign.text), right, sign))
            left = right
        if not links:
            self.fail("expression-incomplete", "==, !=, <, <=, >, >=, in")
        return links[0] if len(links) == 1 else And(tuple(links))

    def comparison(
        self, left: Operand, comparator: Comparator, right: Operand, sign: _Token
    ) -> Comparison:
        if isinstance(left, Value):
            if isinstance(right, Value):
                self.fail("expression-no-name", token=sign)
            left, comparator, right = right, comparator.mirrored, left
        return Comparison(left, comparator, right)

    def membership(self, left: Operand, *, negated: bool) -> Expression:
        start = self.token
        for opening, closing in (("(", ")"), ("[", "]")):
            if self.accept(opening):
                values = self.values(closing)
                if isinstance(left, Value):
                    self.fail("expression-no-name", token=start)
                return Membership(left, values, negated)
        if not isinstance(left, Value):
            self.fail("expression-expected-list", "( [")
        return Membership(self.reference(), (left,), negated)

    def values(self, closing: str) -> tuple[Value, ...]:
        values = [self.value()]
        while self.accept(","):
            if self.token.text == closing:
                break
            values.append(self.value())
        self.close(closing)
        return tuple(values)

    def value(self) -> Value:
        token = self.token
        operand = self.operand()
        if not isinstance(operand, Value):
            self.fail("expression-expected-value", f'"{token.text}"', token)
        return operand

    def reference(self) -> Reference:
        token = self.token
        operand = self.operand()
        if isinstance(operand, Value):
            self.fail("expression-expected-name", token=token)
        return operand

    def operand(self) -> Operand:
        token = self.token
        if token.kind is _Kind.NAME and token.text.lower() not in RESERVED:
            return Name(self.take().text, token.position)
        if token.kind is _Kind.NUMBER:
            return Value(self.take().text, float(token.text), token.position)
        if token.kind is _Kind.TEXT:
            return _quoted(self.take())
        if token.kind is _Kind.COLUMN:
            return Column(self.take().text.removeprefix(COLUMN_PREFIX), token.position)
        if token.is_word("col") and self.tokens[self.at + 1].text == "(":
            return self.column()
        return self.fail("expression-expected-operand")

    def column(self) -> Column:
        start = self.take()
        self.take()
        if self.token.kind is not _Kind.TEXT:
            self.fail("expression-expected-value", 'col("…")')
        header = self.take().text[1:-1]
        self.close(")")
        return Column(header, start.position)


def _quoted(token: _Token) -> Operand:
    """Return a text value; ``"col:Status"`` in quotation marks is a column too."""
    inner = token.text[1:-1]
    if inner.startswith(COLUMN_PREFIX):
        return Column(inner.removeprefix(COLUMN_PREFIX), token.position)
    return Value(inner, None, token.position)
