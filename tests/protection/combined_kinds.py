"""What every possible respondent of a combined study answered, and which conditions hold.

Expressions are evaluated by Python's own parser, for lists of respondents or
of kinds of respondents alike; nothing is imported from ``evaluation``.
"""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING

import numpy as np

from tests.protection.reader import MISSING, Kinds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tests.protection.combined_study import Questions

LACKING, NOT_ASKED, INVALID = MISSING
Value = str | frozenset[str]
Respondent = dict[str, Value]
SIGNS = {ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge}


class Respondents(Kinds):
    """Some respondents, or kinds of them: what rows, columns and filters count.

    Parameters
    ----------
    known
        The questions, of which some are derived from others.
    kinds
        One answer to every question of the data file each.
    """

    def __init__(self, known: Questions, kinds: list[Respondent]) -> None:
        self.known = known
        self.kinds = kinds
        self.n = len(kinds)
        self._held: dict[tuple[str, str], NDArray[np.bool_]] = {}
        self._let: dict[str, NDArray[np.bool_]] = {}

    def value(self, kind: Mapping[str, Value], name: str) -> Value:
        return self.known.value(kind, name)

    def holds(self, name: str, code: str) -> NDArray[np.bool_]:
        key = name, code
        if key not in self._held:
            self._held[key] = super().holds(name, code).astype(bool)
        return self._held[key]

    def where(self, text: str) -> NDArray[np.bool_]:
        if text not in self._let:
            everyone = np.ones(self.n, dtype=bool)
            self._let[text] = self._fulfil(_parsed(text)) if text else everyone
        return self._let[text]

    def count(self, people: list[Respondent]) -> NDArray[np.int64]:
        """Return how many there are of each kind (only to know the truth afterwards)."""
        place = {frozenset(kind.items()): i for i, kind in enumerate(self.kinds)}
        counts = np.zeros(self.n, dtype=np.int64)
        np.add.at(counts, [place[frozenset(person.items())] for person in people], 1)
        return counts

    def _fulfil(self, tree: ast.expr) -> NDArray[np.bool_]:
        match tree:
            case ast.BoolOp(joint, parts):
                join = np.logical_or if isinstance(joint, ast.Or) else np.logical_and
                return np.asarray(join.reduce([self._fulfil(part) for part in parts]))
            case ast.UnaryOp(ast.Not(), part):
                return ~self._fulfil(part)
            case ast.Call(ast.Name(said), [ast.Name(name)]):
                columns = self.known.columns_of(name)
                answered = np.any([self.holds(column, "total") for column in columns], axis=0)
                return answered if said == "answered" else ~answered
            case ast.Compare(ast.Constant(code), [ast.In()], [ast.Name(name)]):
                return self.holds(name, str(code))
            case ast.Compare(ast.Name(name), [sign], [value]):
                return self._compare(name, sign, ast.literal_eval(value))
        raise AssertionError(ast.dump(tree))

    def _compare(self, name: str, sign: ast.cmpop, value: object) -> NDArray[np.bool_]:
        """Who lacks an answer fulfils no comparison, nor its opposite."""
        if type(sign) in SIGNS:
            given = [self.value(kind, name) for kind in self.kinds]
            numbers = np.array([np.nan if one in MISSING else float(one) for one in given])
            return np.asarray(SIGNS[type(sign)](numbers, value))
        codes = value if isinstance(value, tuple) else (value,)
        inside = np.any([self.holds(name, str(code)) for code in codes], axis=0)
        if isinstance(sign, ast.Eq | ast.In):
            return inside
        return ~inside & self.holds(name, "total")


def parts_of(text: str) -> list[str]:
    """Return what a filter joins by ``and``."""
    tree = _parsed(text)
    is_joined = isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And)
    return [ast.unparse(part) for part in (tree.values if is_joined else [tree])]


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
