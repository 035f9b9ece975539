"""Single-answer questions and grid items: each distinct text is decided once, then looked up.

What a text means can hang on what else the column holds: whether it holds
codes or labels, which answers no option covers, and whether several gave them.
`look_single` gathers that from all rows; `code_single` then codes any of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.spelling import fold, trim
from evaluation.coding.choices import (
    SEPARATORS,
    Choices,
    Spellings,
    make_choices,
    split_known,
)
from evaluation.coding.data import Categorical
from evaluation.model import Category, ColumnHints, MissingKind
from evaluation.problems import Severity, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.codebook.schema import Question
    from evaluation.coding.findings import Findings
    from evaluation.model import RawColumn

MAX_UNKNOWN = 50
"""Answers unknown to the codebook that one question may bring; beyond that the
column is taken for another question's, or for free text."""
MAX_COUNTED = 1_000
"""Different unknown texts of one column that are told apart: far above `MAX_UNKNOWN`."""
MAX_VALUE = 60
"""Characters of an unknown answer that is named."""
_PERSONAL = re.compile(r"@|\d{6}|https?:")
_CODE_LIKE = re.compile(r"[\w+-]{1,12}")
_SHORT_OPTION = re.compile(r"[^\W\d_]{1,14}(?: [^\W\d_A-ZÅÄÖ]{1,14}){1,2}")
"""Two or three words such as "Vet inte alls"; a name has a further capital."""


@dataclass(frozen=True, slots=True)
class CellRules:
    """What is done with answers that do not fit (``intake`` of study.yaml)."""

    unknown: Severity
    clash: Severity
    language: str
    unnamed: str = "?"
    """Label of the row for unknown answers that may be a person's own words."""


@dataclass(slots=True)
class UnknownAnswers:
    """Answers that no option covers, given categories of their own after the codebook's.

    Shared by the items of a grid, so that they keep the same categories. An
    answer is named where that gives nobody away (see `showable`); all others
    share one category, ``unnamed``, after those that are named.
    """

    unnamed: str
    labels: dict[str, str] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    is_cut: bool = False
    """There were more than are told apart."""

    def collect(self, text: str, *, shown: bool) -> None:
        """Take note of an unknown text; spellings of one answer count once."""
        folded = fold(text)
        self.labels.setdefault(folded, trim(text))
        if shown:
            self.named.add(folded)

    @property
    def number(self) -> str:
        """How many there are, as far as they are told apart."""
        return f"{len(self.labels)}{'+' if self.is_cut else ''}"

    @property
    def is_too_many(self) -> bool:
        """Whether the column can hardly be this question's."""
        return self.is_cut or len(self.labels) > MAX_UNKNOWN

    def categories(self) -> tuple[Category, ...]:
        """Return the new categories in alphabetical order, whatever the order of rows."""
        if self.is_too_many:
            return ()
        labels = [self.labels[folded] for folded in sorted(self.named)]
        if len(self.named) < len(self.labels):
            labels.append(self.unnamed)
        return tuple(Category(label, label) for label in labels)

    def position(self, text: str) -> int:
        """Return the place of an unknown text among the new categories."""
        named = sorted(self.named)
        folded = fold(text)
        return named.index(folded) if folded in self.named else len(named)


@dataclass(slots=True)
class SeenTexts:
    """Texts that no option covers, with the number of rows of each, in order of first appearance.

    Attributes
    ----------
    counts
        At most `MAX_COUNTED` texts.
    is_cut
        There were more.
    """

    counts: dict[str, int] = field(default_factory=dict)
    is_cut: bool = False

    def add(self, text: str, n: int) -> None:
        """Take note of a text in some rows."""
        if text in self.counts:
            self.counts[text] += n
        elif len(self.counts) < MAX_COUNTED:
            self.counts[text] = n
        else:
            self.is_cut = True

    @property
    def number(self) -> str:
        """How many different ones there are."""
        return f"{len(self.counts)}{'+' if self.is_cut else ''}"


@dataclass(slots=True)
class SeenAnswers:
    """What all rows of a column tell before one of them can be coded."""

    spellings: Spellings = field(default_factory=Spellings)
    unknown: SeenTexts = field(default_factory=SeenTexts)


def look_single(
    question: Question,
    columns: Sequence[tuple[str, RawColumn | None]],
    language: str,
    seen: dict[str, SeenAnswers],
) -> None:
    """Take note of some rows of a single-answer question or a grid, see `code_single`.

    Parameters
    ----------
    question, columns, language
        As there.
    seen
        Variable -> what was seen in earlier rows, and now in these.
    """
    for name, column in columns:
        if column is None:
            continue
        choices = make_choices(question, language, column.hints)
        found = seen.setdefault(name, SeenAnswers())
        unknown = []
        for position, text in enumerate(column.values):
            folded = fold(text)
            if not folded or folded in choices.missing:
                continue
            found.spellings.add(text, folded, choices)
            if choices.read(text, labels_first=True).code is not None:
                continue
            if _read_unknown(question, text, choices)[0] is _Kind.UNKNOWN:
                unknown.append(position)
        for position in unknown:
            found.unknown.add(column.values[position], int((column.index == position).sum()))


def code_single(
    question: Question,
    columns: Sequence[tuple[str, RawColumn | None]],
    n: int,
    rules: CellRules,
    findings: Findings,
    seen: Mapping[str, SeenAnswers],
    other_texts: Mapping[str, RawColumn] | None = None,
) -> dict[str, Categorical]:
    """Code a single-answer question, or all items of a grid.

    Parameters
    ----------
    question
        Type ``single`` or ``grid``.
    columns
        Identifier of the variable and its column; None codes everybody as not asked.
    n
        Number of rows.
    rules
        How loud unknown answers and clashes are.
    findings
        Receives what does not fit, one finding per distinct text.
    seen
        What all rows of the survey tell, by variable (`look_single`).
    other_texts
        Option code -> column with the text of "Annat, nämligen"; a text there
        is an answer where the cell itself is blank.
    """
    unknown = UnknownAnswers(rules.unnamed)
    read = {
        name: make_choices(question, rules.language, column.hints if column else ColumnHints())
        for name, column in columns
    }
    shown: dict[str, dict[str, tuple[str, str]]] = {}
    for name, column in columns:
        if column is not None:
            shown[name] = _shown(seen[name].unknown, read[name])
            unknown.is_cut |= seen[name].unknown.is_cut
            for text, (value, _) in shown[name].items():
                unknown.collect(text, shown=bool(value))
    coded: dict[str, Categorical] = {}
    for name, column in columns:
        choices = read[name]
        if column is None:
            codes = np.full(n, MissingKind.NOT_ASKED, dtype=np.int16)
        else:
            decided = _decide(question, column, choices, seen[name])
            said = seen[name].unknown.number if unknown.is_too_many else shown[name]
            _report(column, decided, rules, findings, said)
            codes = _finish(column, decided, unknown)[column.index]
            _fill_from_texts(codes, choices, other_texts or {})
        coded[name] = _variable(name, question, choices, unknown, codes)
    return coded


def _variable(
    name: str,
    question: Question,
    choices: Choices,
    unknown: UnknownAnswers,
    codes: NDArray[np.int16],
) -> Categorical:
    categories = (*choices.categories, *unknown.categories())
    return Categorical(name, question.id, categories, codes, question.ordered, choices.off_scale)


@dataclass(slots=True)
class _Decided:
    """What each distinct text of a column means; ``unknown`` and the rest by position."""

    choices: Choices
    codes: list[int]
    respelt: dict[int, str] = field(default_factory=dict)
    two_answers: list[int] = field(default_factory=list)
    in_words: list[int] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)


def _decide(question: Question, column: RawColumn, choices: Choices, seen: SeenAnswers) -> _Decided:
    labels_first = seen.spellings.prefers_labels
    decided = _Decided(choices, [])
    others = {
        _Kind.TWO_ANSWERS: decided.two_answers,
        _Kind.IN_WORDS: decided.in_words,
        _Kind.UNKNOWN: decided.unknown,
    }
    for position, text in enumerate(column.values):
        reading = choices.read(text, labels_first=labels_first)
        code = reading.code
        if code is None:
            kind, code = _read_unknown(question, text, choices)
            if kind in others:
                others[kind].append(position)
        elif not reading.is_exact:
            decided.respelt[position] = _label(choices, code)
        decided.codes.append(code)
    return decided


def _label(choices: Choices, code: int) -> str:
    return choices.categories[code].label if code >= 0 else ""


class _Kind(Enum):
    """What a text is that is no option to the letter."""

    OPTION = auto()
    TWO_ANSWERS = auto()
    IN_WORDS = auto()
    UNKNOWN = auto()


def _read_unknown(question: Question, text: str, choices: Choices) -> tuple[_Kind, int]:
    """Decide about a text that is no option: two answers, words of one's own, or unknown."""
    for sign in (question.separator,) if question.separator else SEPARATORS:
        if sign not in text:
            continue
        options, rest = split_known(text, choices, sign)
        if len(options) > 1 and not rest:
            return _Kind.TWO_ANSWERS, MissingKind.INVALID
        if len(options) == 1 and not rest:
            return _Kind.OPTION, choices.option_code[options[0]]
    if choices.open_code is not None:
        return _Kind.IN_WORDS, choices.open_code
    return _Kind.UNKNOWN, MissingKind.INVALID


def _finish(
    column: RawColumn,
    decided: _Decided,
    unknown: UnknownAnswers,
) -> NDArray[np.int16]:
    """Return the look-up table, its last entry for rows without the column.

    `ABSENT` is -1 and so picks the last entry of any look-up table.
    """
    codes = list(decided.codes)
    if not unknown.is_too_many:
        for position in decided.unknown:
            place = unknown.position(column.values[position])
            codes[position] = len(decided.choices.categories) + place
    return np.array([*codes, MissingKind.NOT_ASKED], dtype=np.int16)


def _report(
    column: RawColumn,
    decided: _Decided,
    rules: CellRules,
    findings: Findings,
    unknown: Mapping[str, tuple[str, str]] | str,
) -> None:
    """Report what is no option to the letter; ``unknown`` says how, or how many are too many."""
    if isinstance(unknown, str):
        rows = np.isin(column.index, decided.unknown)
        findings.add("too-many-unknown", Severity.STOP, column, rows, unknown, str(MAX_UNKNOWN))
    else:
        values = {p: unknown[column.values[p]] for p in decided.unknown}
        findings.add_values("unknown-option", rules.unknown, column, values)
    choices = decided.choices
    spelt = {p: (label, label) for p, label in decided.respelt.items() if label}
    findings.add_values("answer-spelling", Severity.NOTE, column, spelt)
    label = _label(choices, choices.open_code) if choices.open_code is not None else ""
    own_words = np.isin(column.index, decided.in_words)
    findings.add("answer-in-own-words", Severity.NOTE, column, own_words, label)
    findings.add_values(
        "two-answers", rules.clash, column, dict.fromkeys(decided.two_answers, ("", ""))
    )


def _shown(seen: SeenTexts, choices: Choices) -> dict[str, tuple[str, str]]:
    """Return what is shown of unknown answers: nothing that could be a person's own words."""
    labels = [c.label for c in choices.categories]
    shown: dict[str, tuple[str, str]] = {}
    for text, n in seen.counts.items():
        bare = trim(text)
        near = nearest(bare, labels)
        shown[text] = (showable(bare, near, often=n > 1), near or ", ".join(labels[:12]))
    return shown


def showable(text: str, near: str, *, often: bool) -> str:
    """Return an unknown answer where it can be named without revealing a person, else "".

    Shown is what looks like a code or a short option, resembles an option, or
    was given by several; never what is long or looks like an address or a
    number of a person.
    """
    if len(text) > MAX_VALUE or _PERSONAL.search(text):
        return ""
    is_option = _CODE_LIKE.fullmatch(text) or _SHORT_OPTION.fullmatch(text)
    return text if near or often or is_option else ""


def _fill_from_texts(
    codes: NDArray[np.int16], choices: Choices, other_texts: Mapping[str, RawColumn]
) -> None:
    """Count a text of "Annat, nämligen" as that option where nothing was chosen."""
    for number, category in enumerate(choices.categories):
        column = other_texts.get(category.code)
        if column is not None:
            # A mark for "no answer" ("-") in the column of words is no answer in words either.
            missing = {fold(value) for value in column.hints.missing} | set(choices.missing)
            blank = np.array([*(fold(t) in {"", *missing} for t in column.values), True])
            codes[(codes == MissingKind.ITEM_NONRESPONSE) & ~blank[column.index]] = number
