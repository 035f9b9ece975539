"""Every problem code that the source can give, found by reading the source.

A code is a kebab-case text that is the first argument of something that makes
problems, the ``code=`` of it, assigned to a name ``code``, or one of the
families below wherever they stand (tables of codes).
"""

from __future__ import annotations

import ast
import re

from tests.paths import REPOSITORY

KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
FAMILIES = ("yaml-", "expression-")
MAKERS = frozenset(
    {
        "Problem",
        "Finding",
        "RequestError",
        "ExpressionError",
        "DataFinding",
        "_DeclarationError",
        "_stop",
        "stop",
        "_problem",
        "problem",
        "_warn",
        "_note",
        "note",
        "fail",
        "refuse",
        "add",
        "add_values",
        "_report",
        "_not_comparable",
    }
)


def codes_in_source() -> dict[str, str]:
    """Return code -> file that uses it."""
    found: dict[str, str] = {}
    for file in sorted((REPOSITORY / "evaluation").rglob("*.py")):
        for code in codes_of(ast.parse(file.read_text(encoding="utf-8"))):
            found.setdefault(code, file.relative_to(REPOSITORY).as_posix())
    return found


def codes_of(tree: ast.AST) -> set[str]:
    """Return the problem codes of one module."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in MAKERS:
            found.update(c for arg in node.args for c in _literals(arg))
            found.update(c for k in node.keywords if k.arg == "code" for c in _literals(k.value))
        elif isinstance(node, ast.Assign) and any(_name(t) == "code" for t in node.targets):
            found.update(_literals(node.value))
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) and node.value.elts:
            found.update(_literals(node.value.elts[0]))
        elif isinstance(node, ast.Constant):
            found.update(code for code in _literals(node) if code.startswith(FAMILIES))
    return found


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _literals(node: ast.AST) -> set[str]:
    """Return the codes that an argument can be: a text, or either branch of a condition."""
    if isinstance(node, ast.IfExp):
        return _literals(node.body) | _literals(node.orelse)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value} if KEBAB.fullmatch(node.value) else set()
    return set()
