"""What becomes of every row of the exports: each gets exactly one status.

Rules are tried in this order; the first that fits decides:

1. ``test``: ``test_if`` holds.
2. ``screened_out``: ``screened_out_if`` holds.
3. ``invalid``: ``invalid_if`` holds, or fewer than ``minimum_answered``
   questions are answered (an empty submission).
4. ``duplicate``: the submission id has occurred before (a problem that stops),
   or the same person has another submission that wins. A person may answer
   once for each occasion and wave, where the study declares these.
5. ``complete``: ``complete_if`` holds; without it, at least ``complete_share``
   of the questions that the row was asked are answered.
6. ``partial``: the rest.

Questions are counted where their role is ``question`` or ``background``; each
item of a grid is one, derived questions are none. For ``complete_share`` open
text questions are not counted, since leaving these blank is common.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.names import resolve, vocabulary
from evaluation.codebook.schema import QuestionType, Role
from evaluation.codebook.spelling import fold
from evaluation.coding.data import Categorical, IntakeTable
from evaluation.coding.dates import find_order, parse_moment
from evaluation.coding.evaluate import mask
from evaluation.expressions import columns, parse
from evaluation.model import IntakeStatus, MissingKind
from evaluation.problems import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from evaluation.codebook.schema import Codebook, Intake, Question, Survey
    from evaluation.coding.columns import ColumnFinder, Stacked
    from evaluation.coding.data import Variable
    from evaluation.coding.findings import Findings
    from evaluation.model import RawColumn

    Bools = NDArray[np.bool_]

STATUSES = tuple(IntakeStatus)
NOBODY = frozenset({"", "anonymous", "anonym", "anonymt", "n/a", "-"})
"""Folded names and addresses that stand for no person in particular."""
COUNTED_ROLES = frozenset({Role.QUESTION, Role.BACKGROUND})
MAX_REPEATS = 100
"""Repeated submission ids that get a problem each."""


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of a survey, coded but not yet sorted out."""

    stacked: Stacked
    finder: ColumnFinder
    codebook: Codebook
    variables: Mapping[str, Variable]
    grids: Mapping[str, tuple[str, ...]]


def take_in(rows: Rows, survey: Survey, findings: Findings) -> NDArray[np.int8]:
    """Give every row its status.

    Parameters
    ----------
    rows
        Coded rows; filters are applied, so that "asked" is known.
    survey
        Its ``intake`` holds the rules; ``occasion`` and ``wave`` tell repeated
        answers from double submissions.
    findings
        Receives repeated ids and double submissions.

    Returns
    -------
    1-D int8, per row: position in `STATUSES`.
    """
    intake = survey.intake
    status = np.full(rows.stacked.n, -1, dtype=np.int8)
    _settle(status, _rule(rows, intake.test_if), IntakeStatus.TEST)
    _settle(status, _rule(rows, intake.screened_out_if), IntakeStatus.SCREENED_OUT)
    n_answered, share = answered_share(rows)
    can_be_empty = any(_counts(question) for question in rows.codebook.questions)
    empty = (n_answered < intake.minimum_answered) & can_be_empty
    _settle(status, _rule(rows, intake.invalid_if) | empty, IntakeStatus.INVALID)
    _settle(status, _repeated_ids(rows, intake, status, findings), IntakeStatus.DUPLICATE)
    _settle(status, _superseded(rows, survey, status, findings), IntakeStatus.DUPLICATE)
    if intake.complete_if is None:
        complete = share >= intake.complete_share
    else:
        complete = _rule(rows, intake.complete_if)
    _settle(status, complete, IntakeStatus.COMPLETE)
    _settle(status, status < 0, IntakeStatus.PARTIAL)
    return status


def intake_table(status: NDArray[np.int8]) -> IntakeTable:
    """Return the account of all rows."""
    counts = np.bincount(status, minlength=len(STATUSES))
    by_status = {s: int(n) for s, n in zip(STATUSES, counts, strict=True)}
    return IntakeTable(by_status, len(status), tuple(STATUSES[i] for i in status.tolist()))


def kept_rows(status: NDArray[np.int8], intake: Intake) -> Bools:
    """Return which rows are respondents: complete, and partial where they count."""
    kept = status == STATUSES.index(IntakeStatus.COMPLETE)
    if intake.include_partial:
        kept |= status == STATUSES.index(IntakeStatus.PARTIAL)
    return np.asarray(kept)


def answered_share(rows: Rows) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    """Return per row how many questions are answered, and their share of those asked.

    The count includes open texts, the share does not. An invalid answer is
    one that was given. Who was asked nothing has the share 1.
    """
    n = rows.stacked.n
    n_answered = np.zeros(n, dtype=np.int16)
    n_closed = np.zeros(n, dtype=np.int16)
    n_asked = np.zeros(n, dtype=np.int16)
    for question in rows.codebook.questions:
        if not _counts(question):
            continue
        for name in rows.grids.get(question.id, (question.id,)):
            state = _state(rows.variables[name])
            gave_answer = (state >= 0) | (state == MissingKind.INVALID)
            n_answered += gave_answer
            if question.type is not QuestionType.TEXT:
                n_closed += gave_answer
                n_asked += state != MissingKind.NOT_ASKED
    share = np.ones(n)
    np.divide(n_closed, n_asked, out=share, where=n_asked > 0)
    return n_answered, share


def _counts(question: Question) -> bool:
    return question.role in COUNTED_ROLES and not question.recode


def _state(variable: Variable) -> NDArray[np.int16] | NDArray[np.int8]:
    return variable.codes if isinstance(variable, Categorical) else variable.state


def _settle(status: NDArray[np.int8], where: Bools, value: IntakeStatus) -> None:
    """Give a status to the rows that have none yet."""
    status[(status < 0) & where] = STATUSES.index(value)


def _rule(rows: Rows, text: str | None) -> Bools:
    """Return for which rows a rule holds; a rule on a column that is missing holds for none."""
    if text is None:
        return np.zeros(rows.stacked.n, dtype=bool)
    expression = resolve(parse(text), vocabulary(rows.codebook))
    raw: dict[str, RawColumn] = {}
    for header in sorted(columns(expression)):
        column = rows.finder.require((header,))
        if column is None:
            return np.zeros(rows.stacked.n, dtype=bool)
        raw[header] = column
    return mask(expression, rows.variables, rows.stacked.n, raw, grids=rows.grids)


# --- repeated ids and double submissions --------------------------------------------


def _keys(column: RawColumn) -> NDArray[np.int64]:
    """Return a number per row, equal for equal texts; -1 where nobody is named."""
    numbers: dict[str, int] = dict.fromkeys(NOBODY, -1)
    table = [numbers.setdefault(fold(t), i) for i, t in enumerate(column.values)]
    return np.array([*table, -1], dtype=np.int64)[column.index]


def person_numbers(rows: Rows, survey: Survey, kept: NDArray[np.intp]) -> NDArray[np.int64] | None:
    """Return a number per respondent kept, equal for one person; None where nobody is named.

    The numbers say who is the same, in this survey and in the study's others (a
    panel answers each wave), and nothing else: they are digests of what was
    written, and names and codes stay behind.
    """
    if survey.intake.person is None:
        return None
    column = _column(rows, survey.intake.person)
    if column is None:
        return None
    digests = np.array([*(_digest(text) for text in column.values), -1], dtype=np.int64)
    return np.asarray(digests[column.index][kept], dtype=np.int64)


def _digest(text: str) -> int:
    """Return a number of 62 bits for a person's folded name or code, -1 for nobody."""
    folded = fold(text)
    if folded in NOBODY:
        return -1
    return int.from_bytes(hashlib.blake2b(folded.encode(), digest_size=8).digest(), "big") >> 2


def _repeated_ids(
    rows: Rows, intake: Intake, status: NDArray[np.int8], findings: Findings
) -> Bools:
    """Return the rows whose submission id has occurred before; that is a problem each."""
    repeated = np.zeros(rows.stacked.n, dtype=bool)
    column = _column(rows, intake.id)
    if column is None:
        return repeated
    keys = _keys(column)
    eligible = np.flatnonzero((keys >= 0) & (status < 0))
    _, first, inverse = np.unique(keys[eligible], return_index=True, return_inverse=True)
    again = eligible[first[inverse] != np.arange(len(eligible))]
    repeated[again] = True
    found = list(dict.fromkeys(keys[again].tolist()))
    for key in found[:MAX_REPEATS]:
        first_row = str(rows.stacked.file_row[np.flatnonzero(keys == key)[0]])
        where = repeated & (keys == key)
        findings.add("duplicate-id", Severity.STOP, column, where, first_row)
    rest = repeated & np.isin(keys, found[MAX_REPEATS:])
    findings.add("duplicate-id", Severity.STOP, column, rest)
    return repeated


def _column(rows: Rows, head: str | None) -> RawColumn | None:
    """Return a column named by head, or by a question that reads it."""
    if head is None:
        return None
    question = next((q for q in rows.codebook.questions if q.id == head), None)
    heads = (head, question.column or "") if question else (head,)
    return rows.finder.require(heads)


def _superseded(rows: Rows, survey: Survey, status: NDArray[np.int8], findings: Findings) -> Bools:
    """Return the submissions that another one by the same person wins over."""
    superseded = np.zeros(rows.stacked.n, dtype=bool)
    column = _column(rows, survey.intake.person)
    moment = _column(rows, survey.intake.submitted)
    if column is None:
        return superseded
    keys = _keys(column)
    for name in (survey.occasion, survey.wave):
        variable = rows.variables.get(name) if name else None
        if isinstance(variable, Categorical):
            span = len(variable.categories) + 4
            keys = np.where(keys >= 0, keys * span + variable.codes + 3, -1)
    eligible = np.flatnonzero((keys >= 0) & (status < 0))
    when = _moments(moment, eligible)
    # Last by time of submission, then by place in the file; "first" takes the other end.
    order = np.lexsort((eligible, when, keys[eligible]))
    ordered = keys[eligible][order]
    same_as_next = np.append(ordered[1:] == ordered[:-1], False)[: len(ordered)]
    same_as_former = np.append(False, ordered[1:] == ordered[:-1])[: len(ordered)]
    loses = same_as_former if survey.intake.duplicates == "first" else same_as_next
    superseded[eligible[order[loses]]] = True
    severity = Severity.STOP if survey.intake.duplicates == "problem" else Severity.NOTE
    findings.add(
        "double-submission", severity, column, superseded, expected=survey.intake.duplicates
    )
    return superseded


def _moments(column: RawColumn | None, eligible: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the time of submission as days; all equal where the column cannot be read."""
    if column is None:
        return np.zeros(len(eligible))
    order = find_order(column.values).order
    table = [parse_moment(text, order) for text in column.values]
    times = np.array([*(np.nan if t is None else t for t in table), np.nan])
    # A submission without a time counts as earlier than one that has it.
    filled: NDArray[np.float64] = np.nan_to_num(times[column.index][eligible], nan=-np.inf)
    return filled
