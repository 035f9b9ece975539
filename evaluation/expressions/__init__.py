"""The filter language of ``--where``, ``asked_if`` and the intake rules.

Text comes in, a tree of frozen dataclasses goes out; nothing is ever handed to
Python's own ``eval``. The whole grammar::

    expression  = conjunction { "or" conjunction }
    conjunction = negation { "and" negation }
    negation    = "not" negation | test
    test        = "(" expression ")"
                | ("answered" | "missing") "(" name | column ")"
                | operand { comparison operand }            1 <= x <= 5 is allowed
                | operand [ "not" ] "in" ( list | name )
    comparison  = "==" | "!=" | "<" | "<=" | ">" | ">="
    operand     = name | column | number | text
    list        = "(" value { "," value } ")" | "[" value { "," value } "]"
    column      = "col:" head | "col" "(" text ")" | a text that begins with "col:"

Keywords may be written in capitals. What the tree means is decided where it is
evaluated (``evaluation.coding.evaluate``); two rules hold everywhere:

* any comparison with a missing answer is false, ``!=`` and ``not in`` included;
* ``not`` is plain negation, so ``not x == 1`` is true where ``x`` is missing.

A raw column has no missing answers: a blank cell is the text ``""``.
"""

from evaluation.expressions.parser import MAX_DEPTH, MAX_LENGTH, RESERVED, parse
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
    columns,
    leaves,
    names,
    references,
)

__all__ = [
    "MAX_DEPTH",
    "MAX_LENGTH",
    "RESERVED",
    "And",
    "AnswerState",
    "Column",
    "Comparator",
    "Comparison",
    "Expression",
    "ExpressionError",
    "Membership",
    "Name",
    "Not",
    "Operand",
    "Or",
    "Reference",
    "State",
    "Value",
    "columns",
    "leaves",
    "names",
    "parse",
    "references",
]
