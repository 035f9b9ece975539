"""What a codebook says question by question: identifiers, options, items, limits.

Each check yields findings; a finding of severity ``stop`` makes its question
unusable, so that later steps can go on with the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.codebook.names import texts_of
from evaluation.codebook.schema import QuestionType
from evaluation.codebook.spelling import fold
from evaluation.expressions import RESERVED
from evaluation.problems import Severity, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evaluation.codebook.schema import Codebook, LocalText, Option, Question

MAX_OPTIONS = 5000

WITH_OPTIONS = frozenset({QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.GRID})


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of one question.

    Attributes
    ----------
    code, value, expected
        As in `Problem`.
    path
        Where within the question it stands, such as ``("options", 2, "label")``.
    question
        Position of the question, -1 for the codebook as a whole.
    severity
        ``stop`` makes the question unusable.
    """

    code: str
    question: int
    path: tuple[str | int, ...] = ()
    value: str = ""
    expected: str = ""
    severity: Severity = Severity.STOP


def check_questions(codebook: Codebook) -> Iterator[Finding]:
    """Yield the faults that each question has by itself, and identifiers used twice."""
    if not codebook.questions:
        yield Finding("no-questions", -1)
    yield from _check_identifiers(codebook)
    for position, question in enumerate(codebook.questions):
        yield from _check_shape(position, question)
        yield from _check_options(position, question)
        yield from _check_settings(position, question)
        yield from _check_numbers(position, question)
        yield from _check_nets(position, question)
    yield from _check_columns(codebook)


def _check_identifiers(codebook: Codebook) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for position, question in enumerate(codebook.questions):
        places: list[tuple[tuple[str | int, ...], str]] = [(("id",), question.id)]
        places += [(("items", i, "id"), item.id) for i, item in enumerate(question.items)]
        for path, name in places:
            if name in seen:
                yield Finding("repeated-identifier", position, path, name, seen[name])
            elif name in RESERVED:
                yield Finding("reserved-id", position, path, name, f"{name}_1")
            seen.setdefault(name, question.id)


def _check_shape(position: int, question: Question) -> Iterator[Finding]:
    kind = question.type
    if kind in WITH_OPTIONS and not question.options:
        yield Finding("options-missing", position, ("type",), question.id)
    if kind not in WITH_OPTIONS and question.options:
        yield Finding("options-not-allowed", position, ("options",), kind, "single, multiple, grid")
    if kind is QuestionType.GRID and not question.items:
        yield Finding("items-missing", position, ("type",), question.id)
    if kind is not QuestionType.GRID and question.items:
        yield Finding("items-not-allowed", position, ("items",), kind, "grid")
    if len(question.options) > MAX_OPTIONS:
        yield Finding("too-many-options", position, ("options",), expected=str(MAX_OPTIONS))


def _check_options(position: int, question: Question) -> Iterator[Finding]:
    codes: dict[str, int] = {}
    spellings: dict[str, int] = {}
    for number, option in enumerate(question.options):
        path: tuple[str | int, ...] = ("options", number)
        if option.code in codes:
            yield Finding("duplicate-code", position, (*path, "code"), option.code)
        codes.setdefault(option.code, number)
        if not all(fold(text) for text in texts_of(option.label)):
            yield Finding("empty-label", position, (*path, "label"), option.code)
        yield from _check_spellings(position, number, option, spellings, question)
    folded = {fold(code): number for code, number in codes.items()}
    for number, option in enumerate(question.options):
        for label in texts_of(option.label):
            if folded.get(fold(label), number) != number:
                # Cells are read as codes unless labels fit the column better.
                path = ("options", number, "label")
                yield Finding("label-is-other-code", position, path, label, severity=Severity.NOTE)
    open_options = [n for n, option in enumerate(question.options) if option.open]
    if len(open_options) > 1:
        yield Finding("two-open-options", position, ("options", open_options[1], "open"))


def _check_spellings(
    position: int, number: int, option: Option, seen: dict[str, int], question: Question
) -> Iterator[Finding]:
    """Two options that read alike could not be told apart in the answers."""
    own = set()
    for label in texts_of(option.label):
        if seen.get(fold(label), number) != number:
            yield Finding("duplicate-label", position, ("options", number, "label"), label)
        own.add(fold(label))
    for value in option.values if question.recode is None else ():
        if seen.get(fold(value), number) != number:
            yield Finding("duplicate-spelling", position, ("options", number, "values"), value)
        own.add(fold(value))
    for spelling in own:
        seen.setdefault(spelling, number)


def _check_settings(position: int, question: Question) -> Iterator[Finding]:
    """Find settings that have no effect on this type of question."""
    kind, is_multiple = question.type, question.type is QuestionType.MULTIPLE
    unused: list[tuple[tuple[str | int, ...], bool]] = [
        (("selected",), bool(question.selected) and not is_multiple),
        (("none_chosen",), question.none_chosen != "item_nonresponse" and not is_multiple),
        (("minimum",), question.minimum is not None and kind is not QuestionType.NUMBER),
        (("maximum",), question.maximum is not None and kind is not QuestionType.NUMBER),
        (("ordered",), question.ordered and kind not in WITH_OPTIONS),
        (("nets",), bool(question.nets) and (is_multiple or kind not in WITH_OPTIONS)),
    ]
    for number, option in enumerate(question.options):
        where = ("options", number)
        unused.append(((*where, "exclusive"), option.exclusive and not is_multiple))
        unused.append(((*where, "column"), option.column is not None and not is_multiple))
    for path, is_unused in unused:
        if is_unused:
            name = str(path[-1])
            yield Finding(
                "setting-without-effect", position, path, name, kind, severity=Severity.WARN
            )
    columns = [option.column or option.other_text for option in question.options]
    has_columns = any(option.column for option in question.options)
    if is_multiple and has_columns and not all(columns):
        gap = columns.index(None)
        yield Finding(
            "option-column-missing", position, ("options", gap), question.options[gap].code
        )


def _check_numbers(position: int, question: Question) -> Iterator[Finding]:
    low, high = question.minimum, question.maximum
    if low is not None and high is not None and low > high:
        yield Finding("minimum-above-maximum", position, ("minimum",), f"{low:g}", f"≤ {high:g}")
    if not question.bins:
        return
    if question.type is not QuestionType.SINGLE:
        yield Finding("bins-not-allowed", position, ("bins",), question.type, "single")
    if list(question.bins) != sorted(set(question.bins)):
        yield Finding("bins-not-ascending", position, ("bins",))
    if len(question.bins) != len(question.options):
        found, wanted = str(len(question.options)), str(len(question.bins))
        yield Finding("bins-and-options-differ", position, ("bins",), found, wanted)


def _check_nets(position: int, question: Question) -> Iterator[Finding]:
    codes = [option.code for option in question.options]
    labels = {fold(t) for option in question.options for t in texts_of(option.label)}
    for label, members in question.nets.items():
        path = ("nets", label)
        if fold(label) in labels:
            yield Finding("net-is-option", position, path, label)
        for member in members:
            if member not in codes:
                near = nearest(member, codes) or ", ".join(codes[:12])
                yield Finding("unknown-net-code", position, path, member, near)
    for value in question.missing:
        if value in codes:
            yield Finding(
                "missing-is-option", position, ("missing", value), value, severity=Severity.WARN
            )


def _check_columns(codebook: Codebook) -> Iterator[Finding]:
    """One column read by two questions is mostly a slip of copying."""
    seen: dict[str, str] = {}
    for position, question in enumerate(codebook.questions):
        if question.recode or question.bins:
            continue
        for path, head in _heads(question):
            if head in seen:
                yield Finding("column-used-twice", position, path, head, seen[head], Severity.WARN)
            seen.setdefault(head, question.id)


def _heads(question: Question) -> Iterable[tuple[tuple[str | int, ...], str]]:
    heads: list[tuple[tuple[str | int, ...], str | None]] = [(("column",), question.column)]
    heads += [(("items", i, "column"), item.column) for i, item in enumerate(question.items)]
    heads += [(("options", i, "column"), o.column) for i, o in enumerate(question.options)]
    return [(path, head) for path, head in heads if head]


def missing_languages(text: LocalText | None, languages: Sequence[str]) -> list[str]:
    """Return the languages that a text is wanted in and lacks."""
    if not isinstance(text, dict):
        return []
    return [language for language in languages if language not in text]
