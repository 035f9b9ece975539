"""What the codebook says of derived questions: which answers each group takes.

Everything is told in codes of the source, whatever the codebook wrote (labels,
other spellings, nothing at all where a group has its source's own code), so
that a reader's sums can be written down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.codebook.names import find_option, vocabulary
from evaluation.codebook.relations import source_codes
from evaluation.expressions import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evaluation.codebook.schema import Codebook, Question

OTHERS = "*"
"""Among the codes of a group: all that no other group takes."""
Bounds = tuple[float, float | None]
"""Least value, and the value from which the next group begins."""
Groups = dict[str, tuple[str, ...]]


def recoded(codebook: Codebook) -> dict[str, tuple[str, Groups]]:
    """Return derived question -> (source, code -> codes of the source)."""
    known = vocabulary(codebook)
    found: dict[str, tuple[str, Groups]] = {}
    for question in codebook.questions:
        if not question.recode or question.bins or question.recode not in known:
            continue
        options = known[question.recode].options
        groups: dict[str, list[str]] = {option.code: [] for option in question.options}
        for number, value in source_codes(question):
            place = find_option(Value(value), options)
            if place is not None:
                groups[question.options[number].code].append(options[place].code)
        for option in question.options:
            if option.open:
                groups[option.code].append(OTHERS)
        found[question.id] = (question.recode, {k: tuple(v) for k, v in groups.items()})
    return found


def cut_numbers(codebook: Codebook) -> dict[str, tuple[str, dict[str, Bounds]]]:
    """Return question -> (number that it cuts, code -> bounds)."""
    return {
        question.id: (question.recode, _bounds(question))
        for question in codebook.questions
        if question.recode and question.bins
    }


def _bounds(question: Question) -> dict[str, Bounds]:
    ends = [*question.bins[1:], None]
    return {
        option.code: (low, high)
        for option, low, high in zip(question.options, question.bins, ends, strict=False)
    }


def kin(sources: Mapping[str, str], stated: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return variable -> those whose sensitivity is its own too.

    Parameters
    ----------
    sources
        Derived variable -> source.
    stated
        Variables of which the codebook itself says whether they are sensitive.
    """
    found: dict[str, set[str]] = {}
    own = frozenset(stated)
    for name, source in sources.items():
        found.setdefault(source, set()).add(name)
        if name not in own:
            found.setdefault(name, set()).add(source)
    return {name: frozenset(others) for name, others in found.items()}
