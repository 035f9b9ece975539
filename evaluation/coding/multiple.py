"""Multiple-answer questions: one column per option, or all answers in one cell.

The question counts as answered where one or more options are chosen. Where
nothing is chosen it is item non-response, since neither blank nor "0" tells
"saw it and chose nothing" from "left it out" (unless the codebook says that a
cell that is filled in does: ``none_chosen``); where every cell is marked as
not asked, or the file lacks the columns, it is not asked.

A blank cell beside filled ones, in a column that marks "not chosen" elsewhere,
means that the respondent's version of the form had no such option.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.spelling import fold
from evaluation.coding.choices import (
    MISSING_KINDS,
    SEPARATORS,
    Choices,
    make_choices,
    split_known,
)
from evaluation.coding.data import MultiResponse
from evaluation.coding.single import UnknownAnswers, showable
from evaluation.model import ColumnHints, MissingKind
from evaluation.problems import Severity, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.codebook.schema import Option, Question
    from evaluation.coding.findings import Findings
    from evaluation.coding.single import CellRules
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


def code_columns(
    question: Question,
    columns: Sequence[tuple[Option, RawColumn | None]],
    n: int,
    rules: CellRules,
    findings: Findings,
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
    offered = _offered(readers, filled, findings)
    first = next((column for _, column in columns if column is not None), None)
    made = _multiple(question, choices, selected, kind_of_missing, first, rules, findings)
    return replace(made, offered=offered)


def _offered(
    readers: Sequence[tuple[int, _OptionColumn]], filled: NDArray[np.bool_], findings: Findings
) -> NDArray[np.bool_] | None:
    """Return respondents × options: False where the form's version had no such option.

    None where every option was there for all, or where the export leaves
    blank what was not chosen, so that nothing can be told.
    """
    n_options = max((code for code, _ in readers), default=-1) + 1
    offered = np.ones((len(filled), n_options), dtype=bool)
    for code, reader in readers:
        column = reader.column
        if code < 0 or not reader.marks_unchosen():
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

    def marks_unchosen(self) -> bool:
        """Tell whether the column has a mark for "not chosen", so that blank means something else.

        Only signs that a program writes count: a person may also leave a no blank.
        """
        return any(fold(text) in PROGRAM_NO for text in self.column.values)

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
        label = self.option.code
        for position in self.foreign:
            other = self.choices.by_label[fold(self.column.values[position])]
            code = self.question.options[other].code
            where = self.column.index == position
            findings.add("other-options-label", Severity.WARN, self.column, where, code, label)


# --- all answers in one cell ------------------------------------------------------


@dataclass(slots=True)
class _Cells:
    """Distinct cells split into options; ``rest`` holds what no option covers."""

    options: list[list[int]] = field(default_factory=list)
    rest: list[list[str]] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)


def code_cell(
    question: Question,
    column: RawColumn | None,
    n: int,
    rules: CellRules,
    findings: Findings,
    other_texts: Mapping[str, RawColumn] | None = None,
) -> MultiResponse:
    """Code a question whose answers stand in one cell, separated.

    The separator is the question's own, else the one that leaves least over.
    Options that hold the separator are found whole. A text of "Annat,
    nämligen" in a column of its own counts where the cell is blank.
    """
    hints = column.hints if column is not None else ColumnHints()
    choices = make_choices(question, rules.language, hints)
    if column is None:
        selected = np.zeros((len(choices.categories), n), dtype=np.int8)
        kind = np.full(n, MissingKind.NOT_ASKED, dtype=np.int8)
        return _multiple(question, choices, selected, kind, None, rules, findings)
    cells = _split_cells(column, choices, question.separator or find_separator(column, choices))
    unknown = _unknown(column, cells, choices, rules)
    table, kinds = _tables(cells, choices, unknown)
    _report_rest(column, cells, choices, unknown, rules, findings)
    selected = np.take(table, column.index, axis=1)
    blank = ~selected.any(axis=0) & (kinds[column.index] == MissingKind.ITEM_NONRESPONSE)
    for number, category in enumerate(choices.categories):
        texts = (other_texts or {}).get(category.code)
        if texts is not None:
            written = np.array([*(bool(t.strip()) for t in texts.values), False])
            selected[number] |= blank & written[texts.index]
    return _multiple(
        question, choices, selected, kinds[column.index], column, rules, findings, unknown
    )


def find_separator(column: RawColumn, choices: Choices) -> str:
    """Return the separator that leaves least of a column's texts over."""
    texts = [t for t in column.values if fold(t) and fold(t) not in choices.missing]
    best, least = SEPARATORS[0], None
    for sign in SEPARATORS:
        over = sum(len(text) for t in texts for text in split_known(t, choices, sign)[1])
        if least is None or over < least:
            best, least = sign, over
    return best


def _split_cells(column: RawColumn, choices: Choices, separator: str) -> _Cells:
    cells = _Cells()
    for text in column.values:
        folded = fold(text)
        kind = choices.missing.get(folded, MissingKind.ITEM_NONRESPONSE)
        blank = not folded or folded in choices.missing
        options, rest = ([], []) if blank else split_known(text, choices, separator)
        cells.options.append(options)
        cells.rest.append(rest)
        cells.kind.append(kind)
    return cells


def _unknown(
    column: RawColumn, cells: _Cells, choices: Choices, rules: CellRules
) -> UnknownAnswers:
    """Return the answers that no option covers, each with whether it is named."""
    unknown = UnknownAnswers(rules.unnamed)
    if choices.open_code is not None:
        return unknown
    often = np.bincount(column.index[column.index >= 0], minlength=len(cells.rest))
    counts: Counter[str] = Counter()
    first: dict[str, str] = {}
    for rest, n in zip(cells.rest, often.tolist(), strict=True):
        for text in rest:
            first.setdefault(fold(text), text)
        counts.update(dict.fromkeys({fold(text) for text in rest}, n))
    labels = [c.label for c in choices.categories]
    for folded, text in first.items():
        value = showable(text, nearest(text, labels), often=counts[folded] > 1)
        unknown.collect(text, shown=bool(value))
    return unknown


def _tables(
    cells: _Cells, choices: Choices, unknown: UnknownAnswers
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Return options × distinct cells (absent last): chosen, and the missing kind if none is."""
    n_options = len(choices.categories) + len(unknown.categories())
    table = np.zeros((n_options, len(cells.options) + 1), dtype=np.int8)
    kinds = np.array([*cells.kind, MissingKind.NOT_ASKED], dtype=np.int8)
    for position, (options, rest) in enumerate(zip(cells.options, cells.rest, strict=True)):
        for option in options:
            code = choices.option_code[option]
            if code >= 0:
                table[code, position] = 1
            else:
                kinds[position] = code
        if rest and choices.open_code is not None:
            table[choices.open_code, position] = 1
        elif rest and not unknown.is_too_many:
            for text in rest:
                table[len(choices.categories) + unknown.position(text), position] = 1
        elif rest:
            kinds[position] = MissingKind.INVALID
    return table, kinds


def _report_rest(
    column: RawColumn,
    cells: _Cells,
    choices: Choices,
    unknown: UnknownAnswers,
    rules: CellRules,
    findings: Findings,
) -> None:
    """Report answers that no option covers, one finding per distinct answer."""
    with_rest = [p for p, rest in enumerate(cells.rest) if rest]
    rows = np.isin(column.index, with_rest)
    if choices.open_code is not None:
        label = choices.categories[choices.open_code].label if choices.open_code >= 0 else ""
        findings.add("answer-in-own-words", Severity.NOTE, column, rows, label)
        return
    if unknown.is_too_many:
        count = str(len(unknown.labels))
        findings.add("too-many-unknown", Severity.STOP, column, rows, count, "50")
        return
    labels = [c.label for c in choices.categories]
    for folded, label in unknown.labels.items():
        at = [p for p in with_rest if folded in map(fold, cells.rest[p])]
        where = np.isin(column.index, at)
        near = nearest(label, labels)
        value = label if folded in unknown.named else ""
        expected = near or ", ".join(labels[:12])
        findings.add("unknown-option", rules.unknown, column, where, value, expected)


# --- both -------------------------------------------------------------------------


def _multiple(
    question: Question,
    choices: Choices,
    selected: NDArray[np.int8],
    kind_of_missing: NDArray[np.int8],
    column: RawColumn | None,
    rules: CellRules,
    findings: Findings,
    unknown: UnknownAnswers | None = None,
) -> MultiResponse:
    """Put together options × rows and the state; exclusive options beside others are invalid."""
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
