"""Multiple-answer questions with one column per option; for all answers in one cell see `cells`.

The question counts as answered where one or more options are chosen. Where
nothing is chosen it is item non-response, since neither blank nor "0" tells
"saw it and chose nothing" from "left it out" (unless the codebook says that a
cell that is filled in does: ``none_chosen``); where every cell is marked as
not asked, or the file lacks the columns, it is not asked.

A blank cell beside filled ones, in a column that marks "not chosen" elsewhere,
means that the respondent's version of the form had no such option.

`look_columns` gathers from all rows what a single one does not tell;
`code_columns` then codes any of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.spelling import fold
from evaluation.coding.choices import (
    MISSING_KINDS,
    Choices,
    make_choices,
)
from evaluation.coding.data import MultiResponse
from evaluation.model import ColumnHints, MissingKind
from evaluation.problems import Severity

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from numpy.typing import NDArray

    from evaluation.codebook.schema import Option, Question
    from evaluation.coding.findings import Findings
    from evaluation.coding.single import CellRules, UnknownAnswers
    from evaluation.model import RawColumn

NOT_CHOSEN = frozenset(
    {
        "",
        "0",
        "-",
        "nej",
        "no",
        "n",
        "nein",
        "nei",
        "false",
        "falskt",
        "falsk",
        "unchecked",
        "not selected",
        "not chosen",
        "not mentioned",
        "not quoted",
        "not checked",
        "not ticked",
        "ej vald",
        "ej valt",
        "inte vald",
        "inte valt",
        "ej markerad",
        "ej markerat",
        "omarkerad",
        "ej angett",
        "ej nämnt",
        "nicht ausgewählt",
        "nicht gewählt",
        "nicht genannt",
        "off",
    }
)
"""Folded cells of an option column that mean "not chosen"; anything else means chosen."""
PROGRAM_NO = frozenset({"0", "false", "unchecked", "not selected"})
"""Those of them that only a program writes, for every option of a question that it showed."""
CHOSEN = frozenset({"1", "x", "ja", "yes", "y", "j", "true", "sant", "checked", "selected", "vald"})
"""Folded cells that mean "chosen" whatever the labels of other options."""


def look_columns(columns: Iterable[tuple[Option, RawColumn | None]], marking: set[str]) -> None:
    """Take note of option columns that mark what was not chosen, so that blank means more.

    Only signs that a program writes count: a person may also leave a no blank.

    Parameters
    ----------
    columns
        As in `code_columns`, some rows of them.
    marking
        Receives their heads.
    """
    for _, column in columns:
        if column is None or column.header in marking:
            continue
        if any(fold(text) in PROGRAM_NO for text in column.values):
            marking.add(column.header)


def code_columns(
    question: Question,
    columns: Sequence[tuple[Option, RawColumn | None]],
    n: int,
    rules: CellRules,
    findings: Findings,
    marking: Container[str],
) -> MultiResponse:
    """Code a question that has one column per option.

    Parameters
    ----------
    question
        Type ``multiple``.
    columns
        Every option with its column; None where it is missing (never chosen).
    n, rules, findings
        As in ``code_single``.
    marking
        Heads of the columns that mark what was not chosen (`look_columns`).
    """
    choices = make_choices(question, rules.language, ColumnHints())
    selected = np.zeros((len(choices.categories), n), dtype=np.int8)
    kind_of_missing = np.full(n, MissingKind.NOT_ASKED, dtype=np.int8)
    said_missing = np.zeros(n, dtype=np.int8)
    readers = [
        (code, _OptionColumn(question, option, column, choices))
        for (option, column), code in zip(columns, choices.option_code, strict=True)
        if column is not None
    ]
    filled = np.zeros(n, dtype=bool)
    for code, reader in readers:
        column = reader.column
        chosen, blank = reader.tables()
        filled |= reader.filled()[column.index]
        if code >= 0:
            selected[code] |= chosen[column.index]
        else:
            # An option that stands for a missing kind ("Vill inte svara").
            said_missing[chosen[column.index] == 1] = code
        np.maximum(kind_of_missing, blank[column.index], out=kind_of_missing)
        reader.report(findings)
    if question.none_chosen == "answered":
        kind_of_missing[filled & (kind_of_missing == MissingKind.ITEM_NONRESPONSE)] = 0
    kind_of_missing = np.where(said_missing != 0, said_missing, kind_of_missing)
    offered = _offered(readers, filled, findings, marking)
    first = next((column for _, column in columns if column is not None), None)
    made = put_together(question, choices, selected, kind_of_missing, first, rules, findings)
    return replace(made, offered=offered)


def _offered(
    readers: Sequence[tuple[int, _OptionColumn]],
    filled: NDArray[np.bool_],
    findings: Findings,
    marking: Container[str],
) -> NDArray[np.bool_] | None:
    """Return respondents × options: False where the form's version had no such option.

    None where every option was there for all, or where the export leaves
    blank what was not chosen, so that nothing can be told.
    """
    n_options = max((code for code, _ in readers), default=-1) + 1
    offered = np.ones((len(filled), n_options), dtype=bool)
    for code, reader in readers:
        column = reader.column
        if code < 0 or column.header not in marking:
            continue
        absent = filled & reader.blank()[column.index]
        offered[absent, code] = False
        findings.add("option-not-offered", Severity.NOTE, column, absent, reader.option.code)
    return None if offered.all() else offered


@dataclass(slots=True)
class _OptionColumn:
    """The column of one option, each distinct cell decided once."""

    question: Question
    option: Option
    column: RawColumn
    choices: Choices
    foreign: list[int] = field(default_factory=list)

    def tables(self) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
        """Return per distinct text, absent last: chosen (0/1), and the missing kind if nobody."""
        wanted = {fold(value) for value in self.question.selected}
        missing = {fold(v): MISSING_KINDS[kind] for v, kind in self.question.missing.items()}
        missing |= {fold(v): kind for v, kind in self.column.hints.missing.items()}
        chosen = np.zeros(len(self.column.values) + 1, dtype=np.int8)
        kind = np.full(len(chosen), MissingKind.ITEM_NONRESPONSE, dtype=np.int8)
        kind[-1] = MissingKind.NOT_ASKED
        for position, text in enumerate(self.column.values):
            folded = fold(text)
            if folded in missing:
                kind[position] = missing[folded]
            else:
                chosen[position] = self._is_chosen(folded, position, wanted)
        return chosen, kind

    def filled(self) -> NDArray[np.bool_]:
        """Tell per distinct text, absent last, whether the cell says anything but "missing"."""
        missing = {fold(v) for v in (*self.question.missing, *self.column.hints.missing)}
        says = [bool(f := fold(text)) and f not in missing for text in self.column.values]
        return np.array([*says, False])

    def blank(self) -> NDArray[np.bool_]:
        """Tell per distinct text, absent last, whether the cell is empty."""
        return np.array([*(not text.strip() for text in self.column.values), False])

    def _is_chosen(self, folded: str, position: int, wanted: set[str]) -> bool:
        if wanted:
            return folded in wanted
        hinted = fold(self.column.hints.value_labels.get(self.column.values[position].strip(), ""))
        if folded in NOT_CHOSEN or hinted in NOT_CHOSEN - {""}:
            return self._is_own_label(folded)
        if folded not in CHOSEN and not self._is_own_label(folded):
            other = self.choices.by_label.get(folded)
            if other is not None:
                self.foreign.append(position)
        return True

    def _is_own_label(self, folded: str) -> bool:
        """Tell whether the cell holds this option's label, be it "Nej"."""
        place = self.question.options.index(self.option)
        return bool(folded) and self.choices.by_label.get(folded) == place

    def report(self, findings: Findings) -> None:
        """Another option's label in the column: it was probably named wrongly."""
        codes = {}
        for position in self.foreign:
            other = self.choices.by_label[fold(self.column.values[position])]
            codes[position] = (self.question.options[other].code, self.option.code)
        findings.add_values("other-options-label", Severity.WARN, self.column, codes)


def put_together(
    question: Question,
    choices: Choices,
    selected: NDArray[np.int8],
    kind_of_missing: NDArray[np.int8],
    column: RawColumn | None,
    rules: CellRules,
    findings: Findings,
    unknown: UnknownAnswers | None = None,
) -> MultiResponse:
    """Put together options × rows and the state; exclusive options beside others are invalid.

    Parameters
    ----------
    question, rules, findings
        As in ``code_single``.
    choices
        How its cells are read.
    selected
        2-D int8, options × rows: 1 where chosen.
    kind_of_missing
        1-D int8, per row: what it is where nothing is chosen.
    column
        Where clashes are reported.
    unknown
        Answers that no option covers, which come last among the options.
    """
    state = np.where(selected.any(axis=0), np.int8(0), kind_of_missing)
    clashes = np.zeros(selected.shape[1], dtype=bool)
    for option, code in zip(question.options, choices.option_code, strict=True):
        if option.exclusive and code >= 0:
            clash = (selected[code] == 1) & (selected.sum(axis=0, dtype=np.int16) > 1)
            findings.add("exclusive-clash", rules.clash, column, clash & ~clashes, option.code)
            clashes |= clash
    state[clashes] = MissingKind.INVALID
    selected[:, state != 0] = 0
    categories = (*choices.categories, *(unknown.categories() if unknown else ()))
    return MultiResponse(question.id, question.id, categories, selected.T, state)
