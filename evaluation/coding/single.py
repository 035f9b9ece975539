"""Single-answer questions and grid items: each distinct text is decided once, then looked up."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.spelling import fold, trim
from evaluation.coding.choices import SEPARATORS, Choices, make_choices, split_known
from evaluation.coding.data import Categorical
from evaluation.model import Category, ColumnHints, MissingKind
from evaluation.problems import Severity, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from evaluation.codebook.schema import Question
    from evaluation.coding.findings import Findings
    from evaluation.model import RawColumn

MAX_UNKNOWN = 50
"""Answers unknown to the codebook that one question may bring; beyond that the
column is taken for another question's, or for free text."""
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

    def collect(self, text: str, *, shown: bool) -> None:
        """Take note of an unknown text; spellings of one answer count once."""
        folded = fold(text)
        self.labels.setdefault(folded, trim(text))
        if shown:
            self.named.add(folded)

    @property
    def is_too_many(self) -> bool:
        """Whether the column can hardly be this question's."""
        return len(self.labels) > MAX_UNKNOWN

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


def code_single(
    question: Question,
    columns: Sequence[tuple[str, RawColumn | None]],
    n: int,
    rules: CellRules,
    findings: Findings,
    other_texts: dict[str, RawColumn] | None = None,
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
    other_texts
        Option code -> column with the text of "Annat, nämligen"; a text there
        is an answer where the cell itself is blank.
    """
    unknown = UnknownAnswers(rules.unnamed)
    decided: dict[str, _Decided] = {}
    for name, column in columns:
        if column is not None:
            choices = make_choices(question, rules.language, column.hints)
            decided[name] = _decide(question, column, choices)
            for position, (shown, _) in _unknown_values(column, decided[name]).items():
                unknown.collect(column.values[position], shown=bool(shown))
    coded: dict[str, Categorical] = {}
    for name, column in columns:
        if column is None:
            choices = make_choices(question, rules.language, ColumnHints())
            codes = np.full(n, MissingKind.NOT_ASKED, dtype=np.int16)
            coded[name] = _variable(name, question, choices, unknown, codes)
            continue
        table = _finish(column, decided[name], unknown, rules, findings)
        codes = table[column.index]
        _fill_from_texts(codes, decided[name].choices, other_texts or {})
        coded[name] = _variable(name, question, decided[name].choices, unknown, codes)
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


def _decide(question: Question, column: RawColumn, choices: Choices) -> _Decided:
    texts = [t for t in column.values if fold(t) and fold(t) not in choices.missing]
    labels_first = choices.prefers_labels(texts)
    decided = _Decided(choices, [])
    for position, text in enumerate(column.values):
        reading = choices.read(text, labels_first=labels_first)
        code = reading.code
        if code is None:
            code = _read_unknown(question, text, position, decided)
        elif not reading.is_exact:
            decided.respelt[position] = _label(choices, code)
        decided.codes.append(code)
    return decided


def _label(choices: Choices, code: int) -> str:
    return choices.categories[code].label if code >= 0 else ""


def _read_unknown(question: Question, text: str, position: int, decided: _Decided) -> int:
    """Decide about a text that is no option: two answers, words of one's own, or unknown."""
    choices = decided.choices
    for sign in (question.separator,) if question.separator else SEPARATORS:
        if sign not in text:
            continue
        options, rest = split_known(text, choices, sign)
        if len(options) > 1 and not rest:
            decided.two_answers.append(position)
            return MissingKind.INVALID
        if len(options) == 1 and not rest:
            return choices.option_code[options[0]]
    if choices.open_code is not None:
        decided.in_words.append(position)
        return choices.open_code
    decided.unknown.append(position)
    return MissingKind.INVALID


def _finish(
    column: RawColumn,
    decided: _Decided,
    unknown: UnknownAnswers,
    rules: CellRules,
    findings: Findings,
) -> NDArray[np.int16]:
    """Return the look-up table, its last entry for rows without the column; report the rest.

    `ABSENT` is -1 and so picks the last entry of any look-up table.
    """
    codes = list(decided.codes)
    choices = decided.choices
    if unknown.is_too_many:
        _report_too_many(column, decided, findings)
    else:
        for position in decided.unknown:
            place = unknown.position(column.values[position])
            codes[position] = len(choices.categories) + place
        findings.add_values(
            "unknown-option", rules.unknown, column, _unknown_values(column, decided)
        )
    spelt = {p: (label, label) for p, label in decided.respelt.items() if label}
    findings.add_values("answer-spelling", Severity.NOTE, column, spelt)
    label = _label(choices, choices.open_code) if choices.open_code is not None else ""
    own_words = np.isin(column.index, decided.in_words)
    findings.add("answer-in-own-words", Severity.NOTE, column, own_words, label)
    findings.add_values(
        "two-answers", rules.clash, column, dict.fromkeys(decided.two_answers, ("", ""))
    )
    return np.array([*codes, MissingKind.NOT_ASKED], dtype=np.int16)


def _report_too_many(column: RawColumn, decided: _Decided, findings: Findings) -> None:
    rows = np.isin(column.index, decided.unknown)
    value, allowed = str(len(decided.unknown)), str(MAX_UNKNOWN)
    findings.add("too-many-unknown", Severity.STOP, column, rows, value, allowed)


def _unknown_values(column: RawColumn, decided: _Decided) -> dict[int, tuple[str, str]]:
    """Return what is shown of unknown answers: nothing that could be a person's own words."""
    labels = [c.label for c in decided.choices.categories]
    shown: dict[int, tuple[str, str]] = {}
    for position in decided.unknown:
        text = trim(column.values[position])
        near = nearest(text, labels)
        often = int((column.index == position).sum()) > 1
        shown[position] = (showable(text, near, often=often), near or ", ".join(labels[:12]))
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
    codes: NDArray[np.int16], choices: Choices, other_texts: dict[str, RawColumn]
) -> None:
    """Count a text of "Annat, nämligen" as that option where nothing was chosen."""
    for number, category in enumerate(choices.categories):
        column = other_texts.get(category.code)
        if column is not None:
            # A mark for "no answer" ("-") in the column of words is no answer in words either.
            missing = {fold(value) for value in column.hints.missing} | set(choices.missing)
            blank = np.array([*(fold(t) in {"", *missing} for t in column.values), True])
            codes[(codes == MissingKind.ITEM_NONRESPONSE) & ~blank[column.index]] = number
