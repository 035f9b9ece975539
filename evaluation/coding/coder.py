"""The questions of one survey coded over some of its rows, or all.

Every part of a survey is looked at first (`Coder.look`); what was seen in all
of them then decides how each is coded (`Coder.code`). Whatever a part finds or
codes depends on its own rows and on what was seen, never on other parts.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.names import resolve, vocabulary
from evaluation.codebook.relations import coding_order
from evaluation.codebook.schema import QuestionType, Role
from evaluation.coding.amounts import code_date, code_number, code_text
from evaluation.coding.answers import find_answers
from evaluation.coding.cells import SeenCells, code_cell, look_cell
from evaluation.coding.columns import ColumnFinder
from evaluation.coding.data import Categorical, FreeText, MultiResponse, Numeric
from evaluation.coding.dates import OrderFound
from evaluation.coding.derive import derive
from evaluation.coding.evaluate import answered, mask
from evaluation.coding.intake import named_column
from evaluation.coding.multiple import code_columns, look_columns
from evaluation.coding.single import CellRules, SeenAnswers, code_single, look_single
from evaluation.expressions import parse
from evaluation.model import MissingKind
from evaluation.problems import Severity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evaluation.codebook.schema import Codebook, Question, Survey
    from evaluation.coding.answers import Answers
    from evaluation.coding.columns import Stacked
    from evaluation.coding.data import Variable
    from evaluation.coding.findings import Findings


@dataclass(slots=True)
class Seen:
    """What all rows of a survey tell before any of them can be coded.

    Attributes
    ----------
    answers
        Variable -> what its single-answer column holds.
    cells
        Question -> what its column of several answers in a cell holds.
    dates
        Question -> order of day and month.
    submitted
        The same of the time of submission.
    marking
        Heads of option columns that mark what was not chosen.
    filled
        Heads of columns that hold anything.
    """

    answers: dict[str, SeenAnswers] = field(default_factory=dict)
    cells: dict[str, SeenCells] = field(default_factory=dict)
    dates: dict[str, OrderFound] = field(default_factory=dict)
    submitted: OrderFound = field(default_factory=OrderFound)
    marking: set[str] = field(default_factory=set)
    filled: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a survey is coded, the same for all of its parts.

    Attributes
    ----------
    codebook, survey
        Checked.
    language
        Of the labels, and of numbers.
    unnamed
        Label of the row for answers that the codebook lacks and that are not named.
    """

    codebook: Codebook
    survey: Survey
    language: str
    unnamed: str = "?"


class Coder:
    """Codes the questions of one survey over some rows.

    Attributes
    ----------
    finder
        Knows which columns were found, and which are missing.
    variables, grids
        What has been coded.
    """

    def __init__(self, manner: Manner, rows: Stacked) -> None:
        self.codebook = manner.codebook
        self.survey = manner.survey
        self.language = manner.language
        self.rows = rows
        self.finder = ColumnFinder(rows)
        self.variables: dict[str, Variable] = {}
        self.grids: dict[str, tuple[str, ...]] = {}
        intake = manner.survey.intake
        self._rules = CellRules(
            Severity(intake.unknown_options),
            Severity(intake.clashes),
            manner.language,
            manner.unnamed,
        )
        questions = self.codebook.questions
        self._order, circular = coding_order(self.codebook)
        if circular:
            names = ", ".join(questions[i].id for i in sorted(circular))
            raise ValueError(f"circular references, check the codebook first: {names}")
        self._answers = find_answers(self.codebook, self.finder, self._order)

    def look(self, seen: Seen) -> None:
        """Take note of what these rows hold."""
        for column in self.rows.columns:
            if column.header not in seen.filled and any(t.strip() for t in column.values):
                seen.filled.add(column.header)
        moment = named_column(ColumnFinder(self.rows), self.codebook, self.survey.intake.submitted)
        if moment is not None and self.survey.intake.person is not None:
            seen.submitted.add(moment.values)
        for question in self.codebook.questions:
            if question.id in self._answers:
                self._look(question, self._answers[question.id], seen)

    def _look(self, question: Question, answers: Answers, seen: Seen) -> None:
        column = answers.columns.get(question.id)
        match question.type:
            case QuestionType.MULTIPLE if answers.options:
                look_columns(answers.options, seen.marking)
            case QuestionType.MULTIPLE:
                cells = seen.cells.setdefault(question.id, SeenCells())
                look_cell(question, column, self.language, cells)
            case QuestionType.DATE:
                order = seen.dates.setdefault(question.id, OrderFound())
                order.add(column.values if column is not None else ())
            case QuestionType.GRID | QuestionType.SINGLE if not question.bins:
                columns = tuple(answers.columns.items())
                look_single(question, columns, self.language, seen.answers)

    def code(self, seen: Seen, findings: Findings) -> None:
        """Code every question, those that others depend on first; keep codebook order."""
        known = vocabulary(self.codebook)
        done: dict[int, dict[str, Variable]] = {}
        for position in self._order:
            question = self.codebook.questions[position]
            coded = self._code(question, seen, findings)
            self.variables.update(coded)
            if question.asked_if is not None:
                rule = resolve(parse(str(question.asked_if)), known)
                asked = mask(rule, self.variables, self.rows.n, grids=self.grids)
                coded = self._filter(question, coded, asked, findings)
                self.variables.update(coded)
            done[position] = coded
        self.variables = {n: v for i in sorted(done) for n, v in done[i].items()}

    def _code(self, question: Question, seen: Seen, findings: Findings) -> dict[str, Variable]:
        if question.role is Role.IDENTITY:
            return {}
        if question.recode:
            source = self.variables[question.recode]
            return {question.id: derive(question, source, self.codebook, self.language)}
        answers, n, rules = self._answers[question.id], self.rows.n, self._rules
        column = answers.columns.get(question.id)
        coded: Variable
        match question.type:
            case QuestionType.MULTIPLE if answers.options:
                coded = code_columns(question, answers.options, n, rules, findings, seen.marking)
            case QuestionType.MULTIPLE:
                cells = seen.cells[question.id]
                coded = code_cell(question, column, n, rules, findings, cells, answers.words)
            case QuestionType.TEXT:
                coded = code_text(question, column, n)
            case QuestionType.DATE:
                coded = code_date(question, column, n, findings, seen.dates[question.id])
            case QuestionType.NUMBER:
                coded = code_number(question, column, n, self.language, findings)
            case _ if question.bins:
                numbers = code_number(question, column, n, self.language, findings)
                coded = derive(question, numbers, self.codebook, self.language)
            case _:
                if question.type is QuestionType.GRID:
                    self.grids[question.id] = tuple(answers.columns)
                columns = tuple(answers.columns.items())
                texts = seen.answers
                made = code_single(question, columns, n, rules, findings, texts, answers.words)
                return dict(made)
        return {question.id: coded}

    def _filter(
        self,
        question: Question,
        coded: dict[str, Variable],
        asked: NDArray[np.bool_],
        findings: Findings,
    ) -> dict[str, Variable]:
        """Count those who were filtered away as not asked, whatever they answered."""
        filtered: dict[str, Variable] = {}
        for name, variable in coded.items():
            if not question.recode:
                findings.add(
                    "answered-though-filtered",
                    Severity.WARN,
                    self._answers[question.id].columns.get(name),
                    answered(variable) & ~asked,
                    expected=str(question.asked_if),
                )
            filtered[name] = _not_asked(variable, ~asked)
        return filtered

    def check_weights(self, findings: Findings) -> None:
        """Every respondent needs a weight, and none may be negative."""
        names = {q.id for q in self.codebook.questions if q.role is Role.WEIGHT}
        design_weight = self.survey.design.weight
        for name in sorted(names | ({design_weight} if design_weight else set())):
            weight = self.variables.get(name)
            if not isinstance(weight, Numeric):
                continue
            answers = self._answers.get(name)
            column = answers.columns.get(name) if answers else None
            missing = np.isnan(weight.values)
            findings.add("weight-missing", Severity.STOP, column, missing)
            with np.errstate(invalid="ignore"):
                negative = weight.values < 0
            findings.add("weight-negative", Severity.STOP, column, negative)


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
