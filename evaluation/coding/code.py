"""One survey from raw cells to codes: columns, answers, filters, intake.

Order of work: exports are put below each other; every question is coded for
all rows, those that others depend on first; filters make those who were not
asked; intake gives each row its status; the kept rows are the respondents.
What does not fit is reported for the kept rows only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.names import resolve, vocabulary
from evaluation.codebook.relations import coding_order
from evaluation.codebook.schema import QuestionType, Role
from evaluation.coding.amounts import code_date, code_number, code_text
from evaluation.coding.choices import text_in
from evaluation.coding.columns import ColumnFinder, stack
from evaluation.coding.data import Categorical, CodedData, FreeText, MultiResponse, Numeric
from evaluation.coding.derive import derive
from evaluation.coding.evaluate import answered, mask
from evaluation.coding.findings import Findings
from evaluation.coding.heads import item_heads, option_heads, question_heads
from evaluation.coding.intake import Rows, intake_table, kept_rows, person_numbers, take_in
from evaluation.coding.multiple import code_cell, code_columns
from evaluation.coding.single import CellRules, code_single
from evaluation.expressions import parse
from evaluation.model import MissingKind
from evaluation.problems import Checked, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from evaluation.codebook.schema import Codebook, Option, Question, Survey
    from evaluation.coding.columns import Stacked
    from evaluation.coding.data import Variable
    from evaluation.model import RawColumn, RawResponses
    from evaluation.problems import Problem

SILENT_ROLES = frozenset({Role.ADMIN, Role.IDENTITY})
"""Roles whose columns may be missing without stopping anything."""


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
    coder = _Coder(codebook, survey, stacked, language, unnamed)
    coder.code_all()
    rows = Rows(stacked, coder.finder, codebook, coder.variables, coder.grids)
    about_rows = Findings()
    status = take_in(rows, survey, about_rows)
    kept = kept_rows(status, survey.intake)
    coder.check_weights(survey.design.weight, kept)
    coder.finder.note_unused()
    problems = [
        *coder.finder.problems,
        *about_rows.problems(stacked, np.ones(stacked.n, dtype=bool)),
        *coder.findings.problems(stacked, kept),
    ]
    data = _coded_data(survey_id, coder, status, kept)
    data = replace(data, person=person_numbers(rows, survey, np.flatnonzero(kept)))
    return Checked(data, _in_file_order(problems, stacked))


class _Coder:
    """Codes the questions of one survey over all rows."""

    def __init__(
        self,
        codebook: Codebook,
        survey: Survey,
        stacked: Stacked,
        language: str,
        unnamed: str,
    ) -> None:
        self.codebook = codebook
        self.stacked = stacked
        self.language = language
        self.finder = ColumnFinder(stacked)
        self.findings = Findings()
        self.variables: dict[str, Variable] = {}
        self.grids: dict[str, tuple[str, ...]] = {}
        self.known = vocabulary(codebook)
        self.rules = CellRules(
            Severity(survey.intake.unknown_options),
            Severity(survey.intake.clashes),
            language,
            unnamed,
        )
        # Where a question stands in the export, for findings about the question.
        self.first_column: dict[str, RawColumn | None] = {}

    def code_all(self) -> None:
        """Code every question, those that others depend on first; keep codebook order."""
        questions = self.codebook.questions
        order, circular = coding_order(self.codebook)
        if circular:
            names = ", ".join(questions[i].id for i in sorted(circular))
            raise ValueError(f"circular references, check the codebook first: {names}")
        self._match_columns()
        done: dict[int, dict[str, Variable]] = {}
        for position in order:
            question = questions[position]
            coded = self._code(question)
            for name, variable in coded.items():
                self.variables[name] = variable
            if question.asked_if is not None:
                coded = self._filter(question, coded)
                self.variables.update(coded)
            done[position] = coded
        self.variables = {n: v for i in sorted(done) for n, v in done[i].items()}

    def _match_columns(self) -> None:
        """Find identity columns and other-texts too, so that they are not called unused."""
        for question in self.codebook.questions:
            if question.role is Role.IDENTITY:
                self.finder.find(question_heads(question))
            for option in question.options:
                if option.other_text is not None:
                    self.finder.require((option.other_text,), Severity.WARN)

    # --- one question ---------------------------------------------------------------

    def _code(self, question: Question) -> dict[str, Variable]:
        if question.role is Role.IDENTITY:
            return {}
        if question.recode:
            source = self.variables[question.recode]
            return {question.id: derive(question, source, self.codebook, self.language)}
        match question.type:
            case QuestionType.GRID:
                return self._grid(question)
            case QuestionType.MULTIPLE:
                return {question.id: self._multiple(question)}
            case _:
                return self._one_column(question)

    def _one_column(self, question: Question) -> dict[str, Variable]:
        severity = Severity.NOTE if question.role in SILENT_ROLES else Severity.STOP
        column = self.finder.require(question_heads(question), severity)
        self.first_column[question.id] = column
        n = self.stacked.n
        coded: Variable
        match question.type:
            case QuestionType.TEXT:
                coded = code_text(question, column, n)
            case QuestionType.DATE:
                coded = code_date(question, column, n, self.findings)
            case QuestionType.NUMBER:
                coded = code_number(question, column, n, self.language, self.findings)
            case _ if question.bins:
                numbers = code_number(question, column, n, self.language, self.findings)
                coded = derive(question, numbers, self.codebook, self.language)
            case _:
                texts = self._other_texts(question)
                names = [(question.id, column)]
                return dict(code_single(question, names, n, self.rules, self.findings, texts))
        return {question.id: coded}

    def _other_texts(self, question: Question) -> dict[str, RawColumn]:
        found = {
            option.code: self.finder.find((option.other_text,))
            for option in question.options
            if option.other_text is not None
        }
        return {code: column for code, column in found.items() if column is not None}

    def _grid(self, question: Question) -> dict[str, Variable]:
        columns = [
            (item.id, self.finder.require(item_heads(question, item))) for item in question.items
        ]
        self.grids[question.id] = tuple(item.id for item in question.items)
        self.first_column.update(columns)
        return dict(code_single(question, columns, self.stacked.n, self.rules, self.findings))

    def _multiple(self, question: Question) -> MultiResponse:
        n, rules = self.stacked.n, self.rules
        heads = question_heads(question)
        is_declared = any(option.column for option in question.options)
        column = None if is_declared else self.finder.find(heads)
        if column is None:
            columns = self._option_columns(question, is_declared)
            if columns:
                first = next((c for _, c in columns if c is not None), None)
                self.first_column[question.id] = first
                return code_columns(question, columns, n, rules, self.findings)
            self.finder.missing(heads[0])
        self.first_column[question.id] = column
        return code_cell(question, column, n, rules, self.findings, self._other_texts(question))

    def _option_columns(
        self, question: Question, is_declared: bool
    ) -> list[tuple[Option, RawColumn | None]]:
        """Return the options' columns: those declared, else those named by wording and label."""
        if is_declared:
            return [(option, self._option_column(option)) for option in question.options]
        heads = {option.code: option_heads(question, option) for option in question.options}
        found = [(option, self.finder.find(heads[option.code])) for option in question.options]
        if all(column is None for _, column in found):
            return []
        for option, column in found:
            if column is None:
                self.finder.missing(heads[option.code][0])
        return found

    def _option_column(self, option: Option) -> RawColumn | None:
        head = option.column or option.other_text
        return self.finder.require((head,)) if head else None

    # --- filters ----------------------------------------------------------------------

    def _filter(self, question: Question, coded: dict[str, Variable]) -> dict[str, Variable]:
        """Count those who were filtered away as not asked, whatever they answered."""
        rule = resolve(parse(str(question.asked_if)), self.known)
        asked = mask(rule, self.variables, self.stacked.n, grids=self.grids)
        filtered: dict[str, Variable] = {}
        for name, variable in coded.items():
            if not question.recode:
                self.findings.add(
                    "answered-though-filtered",
                    Severity.WARN,
                    self.first_column.get(name),
                    answered(variable) & ~asked,
                    expected=str(question.asked_if),
                )
            filtered[name] = _not_asked(variable, ~asked)
        return filtered

    # --- weights ------------------------------------------------------------------------

    def check_weights(self, design_weight: str | None, kept: NDArray[np.bool_]) -> None:
        """Every respondent needs a weight, and none may be negative."""
        names = {q.id for q in self.codebook.questions if q.role is Role.WEIGHT}
        for name in sorted(names | ({design_weight} if design_weight else set())):
            weight = self.variables.get(name)
            if not isinstance(weight, Numeric):
                continue
            column = self.first_column.get(name)
            self.findings.add(
                "weight-missing", Severity.STOP, column, kept & np.isnan(weight.values)
            )
            with np.errstate(invalid="ignore"):
                negative = kept & (weight.values < 0)
            self.findings.add("weight-negative", Severity.STOP, column, negative)


def _not_asked(variable: Variable, where: NDArray[np.bool_]) -> Variable:
    """Return the variable with some respondents not asked."""
    kind = MissingKind.NOT_ASKED
    match variable:
        case Categorical(codes=codes):
            return replace(variable, codes=np.where(where, np.int16(kind), codes))
        case MultiResponse(selected=selected, state=state):
            emptied = selected.copy()
            emptied[where] = 0
            return replace(variable, selected=emptied, state=np.where(where, np.int8(kind), state))
        case Numeric(values=values, state=state):
            return replace(
                variable,
                values=np.where(where, np.nan, values),
                state=np.where(where, np.int8(kind), state),
            )
        case FreeText(state=state):
            return replace(variable, state=np.where(where, np.int8(kind), state))


# --- respondents ----------------------------------------------------------------------


def _coded_data(
    survey_id: str, coder: _Coder, status: NDArray[np.int8], kept: NDArray[np.bool_]
) -> CodedData:
    stacked, language = coder.stacked, coder.language
    rows = np.flatnonzero(kept)
    variables = {
        name: variable if len(rows) == stacked.n else _take(variable, rows)
        for name, variable in coder.variables.items()
    }
    for question in coder.codebook.questions:
        _drop_unmet(question, coder.grids.get(question.id, (question.id,)), variables)
    item_texts = {
        item.id: text_in(item.text, language)
        for question in coder.codebook.questions
        for item in question.items
    }
    return CodedData(
        survey=survey_id,
        n=len(rows),
        variables=variables,
        grids=coder.grids,
        file=stacked.sources[0].file if stacked.sources else "",
        file_row=stacked.file_row[rows],
        intake=intake_table(status),
        item_texts=item_texts,
        files=tuple(source.file for source in stacked.sources),
        file_of=stacked.file_of[rows],
    )


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


def _drop_unmet(question: Question, names: Sequence[str], variables: dict[str, Variable]) -> None:
    """Drop categories that the codebook lacks and no respondent has chosen.

    They came from rows that do not count. The items of a grid keep the same
    categories.
    """
    declared = sum(not option.missing for option in question.options)
    group = [variables[name] for name in names if name in variables]
    extra = [v for v in group if isinstance(v, Categorical | MultiResponse)]
    size = len(extra[0].categories) if extra else 0
    if size <= declared:
        return
    met = [place for place in range(declared, size) if any(_is_met(v, place) for v in extra)]
    keep = [*range(declared), *met]
    for variable in extra:
        variables[variable.id] = _with_categories(variable, keep)


def _is_met(variable: Categorical | MultiResponse, place: int) -> bool:
    if isinstance(variable, Categorical):
        return bool((variable.codes == place).any())
    return bool(variable.selected[:, place].any())


def _with_categories(
    variable: Categorical | MultiResponse, keep: list[int]
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
