from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.expressions import (
    MAX_DEPTH,
    MAX_LENGTH,
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
    Or,
    State,
    Value,
    columns,
    names,
    parse,
)


def bare(expression: Expression) -> object:
    """The tree without positions, as nested tuples that are short to write."""
    match expression:
        case And(parts):
            return ("and", *map(bare, parts))
        case Or(parts):
            return ("or", *map(bare, parts))
        case Not(part):
            return ("not", bare(part))
        case State(state, reference):
            return (state.value, operand(reference))
        case Membership(reference, values, negated):
            word = "not in" if negated else "in"
            return (word, operand(reference), *map(operand, values))
        case Comparison(left, comparator, right):
            return (comparator.value, operand(left), operand(right))


def operand(part: Name | Column | Value) -> object:
    match part:
        case Name(id=name):
            return name
        case Column(header=header):
            return f"col:{header}"
        case Value(text=text, number=number):
            return repr(text) if number is None else number


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a == 1", ("==", "a", 1.0)),
        ("a == '1'", ("==", "a", "'1'")),
        ('"x" != a', ("!=", "a", "'x'")),
        ("3 < a", (">", "a", 3.0)),
        ("a >= -2.5", (">=", "a", -2.5)),
        ("18 <= a <= 64", ("and", (">=", "a", 18.0), ("<=", "a", 64.0))),
        ("a == b", ("==", "a", "b")),
        ("a in (1, 2)", ("in", "a", 1.0, 2.0)),
        ("a not in ['x', 'y',]", ("not in", "a", "'x'", "'y'")),
        ('"x" in m', ("in", "m", "'x'")),
        ('"x" not in m', ("not in", "m", "'x'")),
        ("answered(a)", ("answered", "a")),
        ("missing(col:Status)", ("missing", "col:Status")),
        (
            "a == 1 or b == 2 and c == 3",
            ("or", ("==", "a", 1.0), ("and", ("==", "b", 2.0), ("==", "c", 3.0))),
        ),
        (
            "(a == 1 or b == 2) and c == 3",
            ("and", ("or", ("==", "a", 1.0), ("==", "b", 2.0)), ("==", "c", 3.0)),
        ),
        ("not a == 1 and b == 2", ("and", ("not", ("==", "a", 1.0)), ("==", "b", 2.0))),
        ("NOT a == 1 OR b IN (2)", ("or", ("not", ("==", "a", 1.0)), ("in", "b", 2.0))),
        ('col:Status == "Test"', ("==", "col:Status", "'Test'")),
        ('"col:Status" == "Test"', ("==", "col:Status", "'Test'")),
        ('col("Din tid") == ""', ("==", "col:Din tid", "''")),
        ("ålder > 3", (">", "ålder", 3.0)),
        ("a == 01", ("==", "a", 1.0)),
    ],
)
def test_tree(text: str, tree: object) -> None:
    assert bare(parse(text)) == tree


def test_code_with_leading_zero_is_kept_as_written() -> None:
    comparison = parse("county == 01")
    assert isinstance(comparison, Comparison)
    assert comparison.right == Value("01", 1.0, 10)


@pytest.mark.parametrize(
    ("text", "code", "position", "found", "expected"),
    [
        ("", "expression-empty", 0, "", ""),
        ("  ", "expression-empty", 2, "", ""),
        ("a", "expression-incomplete", 1, "", "==, !=, <, <=, >, >=, in"),
        ("a = 1", "expression-single-equals", 2, "=", "=="),
        ("a <> 1", "expression-unknown-sign", 2, "<>", "!="),
        ("a == 1 & b == 2", "expression-unknown-sign", 7, "&", "and"),
        ("a == 1.2.3", "expression-unknown-sign", 5, "1.2.3", ""),
        ('a == "x', "expression-unclosed-text", 5, '"', '"'),
        ("a == ”x”", "expression-typographic-quote", 5, "”", "' \""),
        ("(a == 1", "expression-unclosed-parenthesis", 7, "", ")"),
        ("a in (1, 2", "expression-unclosed-parenthesis", 10, "", ")"),
        ("a == 1)", "expression-trailing", 6, ")", "and, or"),
        ("a == 1 b == 2", "expression-trailing", 7, "b", "and, or"),
        ("1 == 1", "expression-no-name", 2, "==", ""),
        ("1 in (1, 2)", "expression-no-name", 5, "(", ""),
        ("a in b", "expression-expected-list", 5, "b", "( ["),
        ("a in (b)", "expression-expected-value", 6, "b", '"b"'),
        ("answered(1)", "expression-expected-name", 9, "1", ""),
        ("a == ", "expression-expected-operand", 5, "", ""),
        ("and == 1", "expression-expected-operand", 0, "and", ""),
        ("col(Status) == 1", "expression-expected-value", 4, "Status", 'col("…")'),
    ],
)
def test_refused(text: str, code: str, position: int, found: str, expected: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    error = caught.value
    assert (error.code, error.position, error.found, error.expected) == (
        code, position, found, expected,
    )  # fmt: skip


def test_depth_has_a_limit() -> None:
    fits = "(" * (MAX_DEPTH - 1) + "a == 1" + ")" * (MAX_DEPTH - 1)
    assert bare(parse(fits)) == ("==", "a", 1.0)
    with pytest.raises(ExpressionError, match="expression-too-deep"):
        parse(f"({fits})")
    with pytest.raises(ExpressionError, match="expression-too-deep"):
        parse("not " * MAX_DEPTH + "a == 1")


def test_length_has_a_limit() -> None:
    fits = "a == '" + "x" * (MAX_LENGTH - 7) + "'"
    assert len(fits) == MAX_LENGTH
    parse(fits)
    with pytest.raises(ExpressionError, match="expression-too-long"):
        parse(fits + " ")


def test_names_and_columns() -> None:
    expression = parse("(a == 1 or not b in (1, 2)) and answered(c) and col:D == 'x' and 'e' in f")
    assert names(expression) == {"a", "b", "c", "f"}
    assert columns(expression) == {"D"}


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse(text)
    except ExpressionError as error:
        assert 0 <= error.position <= len(text)  # noqa: PT017


@given(st.text(alphabet="ab()[]=!<>\"' ,andortincl:12.", max_size=60))
def test_texts_of_the_language_are_read_or_refused(text: str) -> None:
    try:
        parse(text)
    except ExpressionError as error:
        assert error.code.startswith("expression-")  # noqa: PT017


LEAVES = st.sampled_from(["a == 1", "b != 'x'", "c in (1, 2)", "answered(d)", "3 < e", "'x' in f"])
TEXTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=12,
)


@given(TEXTS)
def test_parentheses_around_the_whole_change_nothing(text: str) -> None:
    assert bare(parse(f"({text})")) == bare(parse(text))


def test_mirrored_comparators_undo_themselves() -> None:
    assert all(c.mirrored.mirrored is c for c in Comparator)
    assert set(AnswerState) == {"answered", "missing"}
