"""Multiple-answer questions with all answers in one cell, separated by some sign.

`look_cell` gathers from all rows what a single one does not tell: the sign, and
the answers that no option covers; `code_cell` then codes any of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.spelling import fold
from evaluation.coding.choices import SEPARATORS, Choices, make_choices, split_known
from evaluation.coding.multiple import put_together
from evaluation.coding.single import SeenTexts, UnknownAnswers, showable
from evaluation.model import ColumnHints, MissingKind
from evaluation.problems import Severity, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from evaluation.codebook.schema import Question
    from evaluation.coding.data import MultiResponse
    from evaluation.coding.findings import Findings
    from evaluation.coding.single import CellRules
    from evaluation.model import RawColumn

MAX_SIFTED = 10_000
"""Different cells of a column that the separator is judged by: the first."""


@dataclass(slots=True)
class SeenPieces:
    """What all rows of a column hold if it is cut by one sign.

    Attributes
    ----------
    over
        Characters that no option covers, in the first different cells.
    rows
        Folded answer that no option covers -> rows with it, in order of first appearance.
    spelt
        Folded answer -> its first spelling.
    split
        Cells met before: the options of each, and what no option covers.
    """

    over: int = 0
    rows: SeenTexts = field(default_factory=SeenTexts)
    spelt: dict[str, str] = field(default_factory=dict)
    split: dict[str, tuple[list[int], list[str]]] = field(default_factory=dict)

    def cut(self, text: str, choices: Choices, sign: str) -> tuple[list[int], list[str]]:
        """Split a cell by ``sign``, once in all parts of a survey while there is room."""
        found = self.split.get(text)
        if found is None:
            found = split_known(text, choices, sign)
            if len(self.split) < MAX_SIFTED:
                self.split[text] = found
        return found


@dataclass(slots=True)
class SeenCells:
    """What all rows of a column with several answers in a cell tell, by separator.

    Attributes
    ----------
    signs
        The separator declared, else each that tools use.
    sifted
        The first different cells.
    """

    signs: dict[str, SeenPieces] = field(default_factory=dict)
    sifted: set[str] = field(default_factory=set)

    @property
    def separator(self) -> str:
        """The separator that leaves least over; the first of equals."""
        return min(self.signs, key=lambda sign: self.signs[sign].over)


def look_cell(question: Question, column: RawColumn | None, language: str, seen: SeenCells) -> None:
    """Take note of some rows of a question whose answers stand in one cell.

    Parameters
    ----------
    question, column, language
        As in `code_cell`.
    seen
        What was seen in earlier rows, and now in these.
    """
    if column is None:
        return
    choices = make_choices(question, language, column.hints)
    signs = (question.separator,) if question.separator else SEPARATORS
    texts = [
        (position, text)
        for position, text in enumerate(column.values)
        if (folded := fold(text)) and folded not in choices.missing
    ]
    new = [text for _, text in texts if text not in seen.sifted]
    new = new[: MAX_SIFTED - len(seen.sifted)]
    seen.sifted.update(new)
    sifted = set(new)
    often = np.bincount(column.index[column.index >= 0], minlength=len(column.values)).tolist()
    for sign in signs:
        pieces = seen.signs.setdefault(sign, SeenPieces())
        for position, text in texts:
            rest = pieces.cut(text, choices, sign)[1]
            if text in sifted:
                pieces.over += sum(map(len, rest))
            if choices.open_code is None:
                first: dict[str, str] = {}
                for piece in rest:
                    first.setdefault(fold(piece), piece)
                for folded, piece in first.items():
                    pieces.rows.add(folded, often[position])
                    if folded in pieces.rows.counts:
                        pieces.spelt.setdefault(folded, piece)


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
    seen: SeenCells,
    other_texts: Mapping[str, RawColumn] | None = None,
) -> MultiResponse:
    """Code a question whose answers stand in one cell, separated.

    The separator is the question's own, else the one that leaves least over.
    Options that hold the separator are found whole. A text of "Annat,
    nämligen" in a column of its own counts where the cell is blank.

    Parameters
    ----------
    question
        Type ``multiple``.
    column
        Its column; None codes everybody as not asked.
    n, rules, findings, other_texts
        As in ``code_single``.
    seen
        What all rows of the survey tell (`look_cell`).
    """
    hints = column.hints if column is not None else ColumnHints()
    choices = make_choices(question, rules.language, hints)
    if column is None:
        selected = np.zeros((len(choices.categories), n), dtype=np.int8)
        kind = np.full(n, MissingKind.NOT_ASKED, dtype=np.int8)
        return put_together(question, choices, selected, kind, None, rules, findings)
    cells = _split_cells(column, choices, seen)
    unknown = _unknown(seen.signs[seen.separator], choices, rules)
    table, kinds = _tables(cells, choices, unknown)
    _report_rest(column, cells, choices, unknown, rules, findings)
    selected = np.take(table, column.index, axis=1)
    blank = ~selected.any(axis=0) & (kinds[column.index] == MissingKind.ITEM_NONRESPONSE)
    for number, category in enumerate(choices.categories):
        texts = (other_texts or {}).get(category.code)
        if texts is not None:
            written = np.array([*(bool(t.strip()) for t in texts.values), False])
            selected[number] |= blank & written[texts.index]
    return put_together(
        question, choices, selected, kinds[column.index], column, rules, findings, unknown
    )


def _split_cells(column: RawColumn, choices: Choices, seen: SeenCells) -> _Cells:
    cells, separator = _Cells(), seen.separator
    pieces = seen.signs[separator]
    for text in column.values:
        folded = fold(text)
        kind = choices.missing.get(folded, MissingKind.ITEM_NONRESPONSE)
        blank = not folded or folded in choices.missing
        options, rest = ([], []) if blank else pieces.cut(text, choices, separator)
        cells.options.append(options)
        cells.rest.append(rest)
        cells.kind.append(kind)
    return cells


def _unknown(seen: SeenPieces, choices: Choices, rules: CellRules) -> UnknownAnswers:
    """Return the answers that no option covers, each with whether it is named."""
    unknown = UnknownAnswers(rules.unnamed, is_cut=seen.rows.is_cut)
    labels = [c.label for c in choices.categories]
    for folded, n in seen.rows.counts.items():
        text = seen.spelt[folded]
        value = showable(text, nearest(text, labels), often=n > 1)
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
        findings.add("too-many-unknown", Severity.STOP, column, rows, unknown.number, "50")
        return
    labels = [c.label for c in choices.categories]
    at: dict[str, list[int]] = {}
    for position in with_rest:
        for folded in map(fold, cells.rest[position]):
            at.setdefault(folded, []).append(position)
    entries = []
    for folded, label in unknown.labels.items():
        if folded not in at:
            continue
        near = nearest(label, labels)
        value = label if folded in unknown.named else ""
        expected = near or ", ".join(labels[:12])
        entries.append((folded, np.isin(column.index, at[folded]), value, expected))
    findings.add_each("unknown-option", rules.unknown, column, entries)
