"""How questions of a codebook refer to each other: filters and derived questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.codebook.checks import Finding
from evaluation.codebook.names import Known, check_expression, find_option, vocabulary
from evaluation.codebook.schema import QuestionType
from evaluation.expressions import ExpressionError, Value, names, parse
from evaluation.problems import Severity, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from evaluation.codebook.schema import Codebook, Question

SOURCES = {
    QuestionType.SINGLE: frozenset({QuestionType.SINGLE}),
    QuestionType.MULTIPLE: frozenset({QuestionType.MULTIPLE}),
}
"""Type of a derived question -> types of source that it can group by ``values``."""


def owners(codebook: Codebook) -> dict[str, int]:
    """Return the position of the question that each question or item id belongs to."""
    found: dict[str, int] = {}
    for position, question in enumerate(codebook.questions):
        for name in (question.id, *(item.id for item in question.items)):
            found.setdefault(name, position)
    return found


def dependencies(codebook: Codebook) -> dict[int, frozenset[int]]:
    """Return which questions each question needs before it can be coded.

    Faulty filters count as none; names that do not exist are left out.
    """
    owner = owners(codebook)
    needs: dict[int, frozenset[int]] = {}
    for position, question in enumerate(codebook.questions):
        used = set(_filter_names(question))
        if question.recode:
            used.add(question.recode)
        needs[position] = frozenset(owner[name] for name in used if name in owner)
    return needs


def coding_order(codebook: Codebook) -> tuple[list[int], frozenset[int]]:
    """Return positions so that each question follows those it needs, and the circular ones.

    The order is the codebook's wherever that will do.
    """
    needs = dependencies(codebook)
    order: list[int] = []
    waiting = list(needs)
    while waiting:
        ready = [p for p in waiting if needs[p] <= set(order)]
        if not ready:
            break
        order += ready
        waiting = [p for p in waiting if p not in set(ready)]
    return order, frozenset(waiting)


def _filter_names(question: Question) -> frozenset[str]:
    try:
        return names(parse(question.asked_if)) if question.asked_if else frozenset()
    except ExpressionError:
        return frozenset()


def check_relations(codebook: Codebook, left_out: frozenset[str]) -> Iterator[Finding]:
    """Yield the faults of filters and derived questions.

    Parameters
    ----------
    codebook
        Checked question by question.
    left_out
        Identifiers of faulty questions; what refers to them is faulty too, but
        not worth a finding of its own (see `broken_by`).
    """
    known = vocabulary(codebook)
    owner = owners(codebook)
    for position, question in enumerate(codebook.questions):
        yield from _check_filter(position, question, known, owner, left_out, codebook)
        yield from _check_recode(position, question, known, left_out)
    yield from _check_circles(codebook)


def broken_by(question: Question, left_out: frozenset[str]) -> bool:
    """Tell whether a question needs one that was left out."""
    return bool((_filter_names(question) | {question.recode}) & left_out)


def _check_filter(
    position: int,
    question: Question,
    known: Mapping[str, Known],
    owner: Mapping[str, int],
    left_out: frozenset[str],
    codebook: Codebook,
) -> Iterator[Finding]:
    if question.asked_if is None:
        return
    path = ("asked_if",)
    try:
        expression = parse(question.asked_if)
    except ExpressionError as error:
        yield Finding(error.code, position, path, error.found, error.expected)
        return
    used = names(expression)
    if used & left_out:
        return
    for problem in check_expression(expression, known):
        yield Finding(problem.code, position, path, problem.value, problem.expected)
    for name in sorted(used & set(owner)):
        other = owner[name]
        is_later = other > position and not codebook.questions[other].recode
        if is_later and not question.recode:
            yield Finding("filter-refers-later", position, path, name, severity=Severity.WARN)


def _check_circles(codebook: Codebook) -> Iterator[Finding]:
    _, circular = coding_order(codebook)
    needs = dependencies(codebook)
    for position in sorted(circular):
        # Only those that are part of a circle, not those that merely need one.
        if not _reaches(position, position, needs):
            continue
        question = codebook.questions[position]
        key = "recode" if question.recode else "asked_if"
        yield Finding("circular-reference", position, (key,), question.id)


def _reaches(start: int, goal: int, needs: Mapping[int, frozenset[int]]) -> bool:
    seen: set[int] = set()
    waiting = [start]
    while waiting:
        for other in needs[waiting.pop()]:
            if other == goal:
                return True
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return False


def _check_recode(
    position: int,
    question: Question,
    known: Mapping[str, Known],
    left_out: frozenset[str],
) -> Iterator[Finding]:
    source = question.recode
    if source is None or source in left_out:
        return
    if source not in known or source == question.id:
        others = [name for name in known if name != question.id]
        yield Finding(
            "unknown-recode-source", position, ("recode",), source, nearest(source, others)
        )
        return
    about = known[source]
    if question.bins:
        if about.type is not QuestionType.NUMBER:
            yield Finding("recode-kind", position, ("recode",), source, "number")
        return
    wanted = SOURCES.get(question.type, frozenset())
    if about.type not in wanted:
        expected = ", ".join(sorted(wanted)) or "single, multiple"
        yield Finding("recode-kind", position, ("recode",), source, expected)
        return
    yield from _check_groups(position, question, about)


def source_codes(question: Question) -> list[tuple[int, str]]:
    """Return (option position, code of the source) as a derived question groups them.

    An option without ``values`` stands for the source's option of the same code.
    """
    return [
        (number, value)
        for number, option in enumerate(question.options)
        for value in option.values or (option.code,)
    ]


def _check_groups(position: int, question: Question, about: Known) -> Iterator[Finding]:
    covered: dict[int, int] = {}
    for number, value in source_codes(question):
        path = ("options", number)
        place = find_option(Value(value), about.options)
        if place is None and not question.options[number].open:
            spellings = [s for o in about.options for s in o.spellings]
            near = nearest(value, spellings) or ", ".join(o.code for o in about.options[:12])
            yield Finding("unknown-recode-value", position, path, value, near)
        elif place is not None and covered.setdefault(place, number) != number:
            yield Finding("recode-value-twice", position, path, value)
    rest = [
        o.code for place, o in enumerate(about.options) if place not in covered and not o.is_missing
    ]
    if rest and not any(option.open for option in question.options):
        yield Finding(
            "recode-uncovered", position, ("options",), ", ".join(rest), severity=Severity.WARN
        )
