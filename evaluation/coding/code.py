"""One survey from raw cells to codes: columns, answers, filters, intake.

Order of work: exports are put below each other; all rows are looked at, for
what decides how any of them is read; every question is coded, those that
others depend on first; filters make those who were not asked; intake gives each
row its status; the kept rows are the respondents. What does not fit is reported
for the kept rows only.

All of this is done part by part. Answers in memory are one part; an export that
does not fit is read in several (see ``docs/performance.md``), and what stays in
memory of each row is its place, its status, and digests that tell who answered
twice. The result is the same to the last byte.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from evaluation.coding.choices import text_in
from evaluation.coding.coder import Coder, Manner, Seen
from evaluation.coding.columns import stack
from evaluation.coding.data import Categorical, CodedData, FreeText, MultiResponse, Numeric
from evaluation.coding.findings import Findings
from evaluation.coding.intake import (
    Rows,
    Submissions,
    intake_table,
    kept_rows,
    settle_repeats,
    take_in,
)
from evaluation.model import MissingKind
from evaluation.problems import Checked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.codebook.schema import Codebook, Survey
    from evaluation.coding.columns import Stacked
    from evaluation.coding.data import IntakeTable, Variable
    from evaluation.model import RawResponses
    from evaluation.problems import Problem

    Variables = dict[str, Variable]


class Store(Protocol):
    """Where coded parts wait until it is known which of their rows are respondents."""

    def append(self, part: Variables, /) -> None:
        """Keep a part."""

    def __iter__(self) -> Iterator[Variables]:
        """Return the parts, in order, as often as asked."""


@dataclass(frozen=True, slots=True)
class CodedParts:
    """One survey after intake and coding, part by part.

    Attributes
    ----------
    survey
        Its identifier.
    manner
        How it was coded.
    rows
        Place of every row of the exports; its columns are without rows.
    status
        1-D int8, per row, see `intake`.
    intake
        Account of all rows.
    persons
        1-D int64, per row, see `CodedData`.
    grids
        As in `CodedData`.
    store
        The coded parts, all rows.
    kept_categories
        Question -> positions of the categories that it keeps, where it loses some.
    """

    survey: str
    manner: Manner
    rows: Stacked
    status: NDArray[np.int8]
    intake: IntakeTable
    persons: NDArray[np.int64] | None
    grids: Mapping[str, tuple[str, ...]]
    store: Store
    kept_categories: Mapping[str, Sequence[int]]

    def __iter__(self) -> Iterator[CodedData]:
        """Yield the respondents of each part."""
        codebook, language = self.manner.codebook, self.manner.language
        item_texts = {
            item.id: text_in(item.text, language)
            for question in codebook.questions
            for item in question.items
        }
        kept = kept_rows(self.status, self.manner.survey.intake)
        sources = self.rows.sources
        start = 0
        for variables in self.store:
            size = _size(variables, len(kept) - start)
            rows = np.flatnonzero(kept[start : start + size])
            if len(rows) < size:
                variables = {n: _take(v, rows) for n, v in variables.items()}  # noqa: PLW2901
            rows += start
            start += size
            yield CodedData(
                survey=self.survey,
                n=len(rows),
                variables={n: self._with_met(v) for n, v in variables.items()},
                grids=self.grids,
                file=sources[0].file if sources else "",
                file_row=self.rows.file_row[rows],
                intake=self.intake,
                item_texts=item_texts,
                person=None if self.persons is None else self.persons[rows],
                files=tuple(source.file for source in sources),
                file_of=self.rows.file_of[rows],
            )

    def _with_met(self, variable: Variable) -> Variable:
        keep = self.kept_categories.get(variable.question)
        if keep is None or not isinstance(variable, Categorical | MultiResponse):
            return variable
        return _with_categories(variable, keep)


def code_survey(
    survey_id: str,
    codebook: Codebook,
    survey: Survey,
    responses: Sequence[RawResponses],
    language: str,
    unnamed: str = "?",
) -> Checked[CodedData]:
    """Code one survey.

    Parameters
    ----------
    survey_id
        Identifier of the survey.
    codebook
        Checked (``parse_codebook`` or ``check_codebook``).
    survey
        Its entry in ``study.yaml``, checked (``check_study``).
    responses
        Its exports, in order; concatenated by head.
    language
        Language of the labels, and of numbers (see ``code_number``).
    unnamed
        Label of the row for answers that the codebook lacks and that are not
        named, since they may be a person's own words.

    Returns
    -------
    Checked
        Respondents with their codes, and every problem in file order. A
        question whose column is missing is not asked of anybody.
    """
    stacked = stack(responses)
    store: list[Variables] = []
    manner = Manner(codebook, survey, language, unnamed)
    coded = code_parts(survey_id, manner, [stacked], store)
    (data,) = coded.value
    return Checked(replace(data, intake=intake_table(coded.value.status)), coded.problems)


def code_parts(
    survey_id: str, manner: Manner, parts: Iterable[Stacked], store: Store
) -> Checked[CodedParts]:
    """Code one survey part by part, with the same result as in one.

    Parameters
    ----------
    survey_id
        Identifier of the survey.
    manner
        How it is coded.
    parts
        At least one; gone through twice. They have the same columns and sources.
    store
        Empty; keeps the coded parts.

    Returns
    -------
    Checked
        As of `code_survey`.
    """
    seen, findings = Seen(), Findings()
    n = 0
    for part in parts:
        Coder(manner, part).look(seen)
        n += part.n
    everybody: Submissions | None = None
    file_of, file_row = np.empty(n, np.int16), np.empty(n, np.int32)
    start = 0
    for part in parts:
        findings.begin(start)
        coder = Coder(manner, part)
        coder.code(seen, findings)
        coder.check_weights(findings)
        rows = Rows(part, coder.finder, manner.codebook, coder.variables, coder.grids)
        taken = take_in(rows, manner.survey, seen.submitted.order)
        everybody = everybody or Submissions.room_for(n, taken)
        everybody.put(start, taken)
        file_of[start : start + part.n] = part.file_of
        file_row[start : start + part.n] = part.file_row
        store.append(coder.variables)
        start += part.n
    assert everybody is not None, "there is a part at least"  # noqa: S101
    frame = replace(part, file_of=file_of, file_row=file_row)
    about_rows = Findings()
    status = settle_repeats(everybody, manner.survey.intake, frame.file_row, about_rows)
    kept = kept_rows(status, manner.survey.intake)
    coder.finder.note_unused(seen.filled)
    problems = [
        *coder.finder.problems,
        *about_rows.problems(frame, np.ones(n, dtype=bool)),
        *findings.problems(frame, kept),
    ]
    coded = CodedParts(
        survey_id,
        manner,
        frame,
        status,
        intake_table(status, by_row=False),
        everybody.persons,
        coder.grids,
        store,
        _met(manner.codebook, store, kept),
    )
    return Checked(coded, _in_file_order(problems, frame))


def _size(variables: Variables, otherwise: int) -> int:
    """Return the number of rows of a part."""
    for variable in variables.values():
        match variable:
            case Categorical(codes=codes):
                return len(codes)
            case MultiResponse(state=state) | Numeric(state=state) | FreeText(state=state):
                return len(state)
    return otherwise


def _take(variable: Variable, rows: NDArray[np.intp]) -> Variable:
    match variable:
        case Categorical(codes=codes):
            return replace(variable, codes=codes[rows])
        case MultiResponse(selected=selected, state=state, offered=offered):
            offered = None if offered is None else offered[rows]
            return replace(variable, selected=selected[rows], state=state[rows], offered=offered)
        case Numeric(values=values, state=state):
            return replace(variable, values=values[rows], state=state[rows])
        case FreeText(state=state):
            return replace(variable, state=state[rows])


def _met(codebook: Codebook, store: Store, kept: NDArray[np.bool_]) -> dict[str, list[int]]:
    """Return which categories remain of questions that lose some.

    Categories that the codebook lacks and no respondent has chosen came from
    rows that do not count. The items of a grid keep the same categories.
    """
    declared = {q.id: sum(not o.missing for o in q.options) for q in codebook.questions}
    met: dict[str, set[int]] = {}
    sizes: dict[str, int] = {}
    start = 0
    for variables in store:
        size = _size(variables, len(kept) - start)
        for variable in variables.values():
            if not isinstance(variable, Categorical | MultiResponse):
                continue
            n = len(variable.categories)
            if n <= declared[variable.question]:
                continue
            sizes[variable.question] = n
            places = range(declared[variable.question], n)
            met.setdefault(variable.question, set()).update(
                place for place in places if _is_met(variable, place, kept[start : start + size])
            )
        start += size
        if not sizes:
            break
    return {
        question: [*range(declared[question]), *sorted(met[question])]
        for question, n in sizes.items()
        if declared[question] + len(met[question]) < n
    }


def _is_met(variable: Categorical | MultiResponse, place: int, among: NDArray[np.bool_]) -> bool:
    if isinstance(variable, Categorical):
        return bool(((variable.codes == place) & among).any())
    return bool((variable.selected[:, place] & among).any())


def _with_categories(
    variable: Categorical | MultiResponse, keep: Sequence[int]
) -> Categorical | MultiResponse:
    categories = tuple(variable.categories[place] for place in keep)
    if isinstance(variable, MultiResponse):
        return replace(variable, categories=categories, selected=variable.selected[:, keep])
    table = np.arange(-len(MissingKind), len(variable.categories), dtype=np.int16)
    table = np.roll(table, -len(MissingKind))  # so that codes -1, -2, -3 stay what they are
    table[keep] = np.arange(len(keep))
    return replace(variable, categories=categories, codes=table[variable.codes])


def _in_file_order(problems: list[Problem], stacked: Stacked) -> tuple[Problem, ...]:
    """Sort by file, row and column; what concerns a file as a whole comes first."""
    order = {source.file: number for number, source in enumerate(stacked.sources)}

    def key(problem: Problem) -> tuple[int, int, int, str]:
        letters = problem.column.split(" ")[0]
        return order.get(problem.file, -1), problem.row, len(letters), letters

    return tuple(sorted(problems, key=key))
