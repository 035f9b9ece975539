"""Every faulty expression of a chapter, not only the first that the template language trips over.

A faulty expression is taken out, its lines are kept, and the rest of the
chapter can be run: what else is wrong in it then comes out in the same go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from jinja2 import Environment

_EXPRESSION = re.compile(r"\{\{(?:(?!\{\{).)*?\}\}", re.DOTALL)
_UNCLOSED = re.compile(r"\{\{(?:(?!\{\{|\}\}).)*?(?=\n\s*\n|\{\{|\Z)", re.DOTALL)
"""An expression that nothing closes: up to the next one, or to the end of the paragraph."""
MAX_SHOWN = 60
"""Characters of an expression that a problem shows."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One faulty expression.

    Attributes
    ----------
    code
        ``chapter-syntax`` or ``chapter-name``.
    row
        Line of the chapter, from 1.
    value
        The expression, or the name that does not exist.
    expected
        The known name most like it, or "".
    """

    code: str
    row: int
    value: str
    expected: str = ""


def without_faults(
    text: str, environment: Environment, known: Collection[str]
) -> tuple[str, tuple[Fault, ...]]:
    """Take faulty expressions out of a chapter.

    Parameters
    ----------
    text
        The chapter.
    environment
        Compiles expressions.
    known
        Names that a chapter can use.

    Returns
    -------
    The chapter without them, as many lines long, and what was wrong, in order.
    """
    faults: list[Fault] = []
    known = {*known, *_set_names(text)}

    def checked(match: re.Match[str]) -> str:
        found = list(_faults(match.group(), environment, known))
        row = text.count("\n", 0, match.start()) + 1
        faults.extend(Fault(code, row, value, expected) for code, value, expected in found)
        return "\n" * match.group().count("\n") if found else match.group()

    def unclosed(match: re.Match[str]) -> str:
        row = text.count("\n", 0, match.start()) + 1
        faults.append(Fault("chapter-syntax", row, _shown(match.group())))
        return "\n" * match.group().count("\n")

    spans = [match.span() for match in _EXPRESSION.finditer(text)]
    closed = re.sub(_EXPRESSION, lambda m: m.group().replace("{{", "\0\0"), text)
    text_open = re.sub(_UNCLOSED, unclosed, closed) if len(spans) < text.count("{{") else closed
    mended = re.sub(_EXPRESSION, checked, text_open.replace("\0\0", "{{"))
    return mended, tuple(sorted(faults, key=lambda fault: fault.row))


_SET = re.compile(r"\{%-?\s*(?:set|for|macro)\s+([\w,\s]+?)\s*(?:=|\bin\b|\()")


def _set_names(text: str) -> set[str]:
    """Return the names that a chapter gives values itself."""
    return {name.strip() for found in _SET.findall(text) for name in found.split(",")} | {"loop"}


def _faults(
    expression: str, environment: Environment, known: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    """Yield code, value and nearest name of what is wrong with one expression."""
    from jinja2 import TemplateSyntaxError, meta

    try:
        tree = environment.parse(expression)
    except TemplateSyntaxError:
        yield "chapter-syntax", _shown(expression), ""
        return
    for name in sorted(meta.find_undeclared_variables(tree)):
        if name not in known:
            yield "chapter-name", name, nearest(name, known)


def _shown(expression: str) -> str:
    words = " ".join(expression.split())
    return words if len(words) <= MAX_SHOWN else words[: MAX_SHOWN - 1] + "…"
