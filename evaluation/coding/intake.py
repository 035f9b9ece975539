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
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.codebook.names import resolve, vocabulary
from evaluation.codebook.schema import QuestionType, Role
from evaluation.codebook.spelling import fold
from evaluation.coding.data import Categorical, IntakeTable
from evaluation.coding.dates import parse_moment
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
    from evaluation.coding.dates import DateOrder
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


@dataclass(frozen=True, slots=True)
class Submissions:
    """What some rows say of themselves; who answered twice is seen from all rows only.

    Attributes
    ----------
    status
        1-D int8, per row: position in `STATUSES`, as though nobody had answered twice.
    ids
        1-D int64, per row: a digest of the submission id, -1 where there is none;
        None where the survey has no such column.
    persons
        The same of the person.
    turns
        1-D int32, per row: occasion and wave, which a person may answer once each;
        None where there are none.
    moments
        1-D float64, per row: when it was submitted, in days; minus infinity where
        nobody knows; None where no column says so.
    id_column, person_column
        Where they stand.
    """

    status: NDArray[np.int8]
    ids: NDArray[np.int64] | None
    persons: NDArray[np.int64] | None
    turns: NDArray[np.int32] | None
    moments: NDArray[np.float64] | None
    id_column: RawColumn | None
    person_column: RawColumn | None

    @classmethod
    def room_for(cls, n: int, part: Submissions) -> Submissions:
        """Return room for all rows of the survey of which ``part`` are some.

        What stays in memory of each row is allocated once: a list of the parts'
        arrays would be scattered among what comes and goes, and take twice the room.
        """
        room: dict[str, Any] = {
            name: None if given is None else np.empty(n, given.dtype)
            for name, given in part.optional().items()
        }
        return replace(part, status=np.empty(n, np.int8), **room)

    def put(self, start: int, part: Submissions) -> None:
        """Put some rows in their place."""
        stop = start + len(part.status)
        self.status[start:stop] = part.status
        own = self.optional()
        for name, given in part.optional().items():
            if given is not None:
                own[name][start:stop] = given

    def optional(self) -> dict[str, Any]:
        """Return the arrays that are not there for every survey."""
        return {name: getattr(self, name) for name in ("ids", "persons", "turns", "moments")}


def take_in(rows: Rows, survey: Survey, order: DateOrder) -> Submissions:
    """Say what each row is by itself.

    Parameters
    ----------
    rows
        Coded rows; filters are applied, so that "asked" is known.
    survey
        Its ``intake`` holds the rules; ``occasion`` and ``wave`` tell repeated
        answers from double submissions.
    order
        Of day and month in the time of submission.
    """
    intake = survey.intake
    status = np.full(rows.stacked.n, -1, dtype=np.int8)
    _settle(status, _rule(rows, intake.test_if), IntakeStatus.TEST)
    _settle(status, _rule(rows, intake.screened_out_if), IntakeStatus.SCREENED_OUT)
    n_answered, share = answered_share(rows)
    can_be_empty = any(_counts(question) for question in rows.codebook.questions)
    empty = (n_answered < intake.minimum_answered) & can_be_empty
    _settle(status, _rule(rows, intake.invalid_if) | empty, IntakeStatus.INVALID)
    id_column = named_column(rows.finder, rows.codebook, intake.id)
    person_column = named_column(rows.finder, rows.codebook, intake.person)
    moment = named_column(rows.finder, rows.codebook, intake.submitted)
    if intake.complete_if is None:
        complete = share >= intake.complete_share
    else:
        complete = _rule(rows, intake.complete_if)
    _settle(status, complete, IntakeStatus.COMPLETE)
    _settle(status, status < 0, IntakeStatus.PARTIAL)
    return Submissions(
        status,
        None if id_column is None else _digests(id_column),
        None if person_column is None else _digests(person_column),
        None if person_column is None else _turns(rows, survey),
        None if person_column is None or moment is None else _moments(moment, order),
        id_column,
        person_column,
    )


def settle_repeats(
    all_rows: Submissions, intake: Intake, file_row: NDArray[np.int32], findings: Findings
) -> NDArray[np.int8]:
    """Give every row its status, now that it can be seen who answered twice.

    Parameters
    ----------
    all_rows
        Of the whole survey.
    intake
        Whose submission wins.
    file_row
        1-D int32, per row: its number in its file.
    findings
        Receives repeated ids and double submissions.

    Returns
    -------
    1-D int8, per row: position in `STATUSES`.
    """
    status = all_rows.status.copy()
    complete, partial, duplicate = map(
        STATUSES.index, (IntakeStatus.COMPLETE, IntakeStatus.PARTIAL, IntakeStatus.DUPLICATE)
    )
    may_count = (status == complete) | (status == partial)
    repeated = _repeated_ids(all_rows, may_count, file_row, findings)
    status[repeated] = duplicate
    status[_superseded(all_rows, intake, may_count & ~repeated, findings)] = duplicate
    return status


def intake_table(status: NDArray[np.int8], *, by_row: bool = True) -> IntakeTable:
    """Return the account of all rows; without ``by_row`` only how many there are of each."""
    counts = np.bincount(status, minlength=len(STATUSES))
    by_status = {s: int(n) for s, n in zip(STATUSES, counts, strict=True)}
    each = tuple(STATUSES[i] for i in status.tolist()) if by_row else ()
    return IntakeTable(by_status, len(status), each)


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


def named_column(finder: ColumnFinder, codebook: Codebook, head: str | None) -> RawColumn | None:
    """Return a column named by head, or by a question that reads it."""
    if head is None:
        return None
    question = next((q for q in codebook.questions if q.id == head), None)
    heads = (head, question.column or "") if question else (head,)
    return finder.require(heads)


def _digests(column: RawColumn) -> NDArray[np.int64]:
    """Return a number per row, equal for equal texts; -1 where nobody is named.

    The numbers say who is the same, in this survey and in the study's others (a
    panel answers each wave), and nothing else: they are digests of what was
    written, and names and codes stay behind.
    """
    table = np.array([*(_digest(text) for text in column.values), -1], dtype=np.int64)
    return table[column.index]


def _digest(text: str) -> int:
    """Return a number of 62 bits for a person's folded name or code, -1 for nobody."""
    folded = fold(text)
    if folded in NOBODY:
        return -1
    return int.from_bytes(hashlib.blake2b(folded.encode(), digest_size=8).digest(), "big") >> 2


def _turns(rows: Rows, survey: Survey) -> NDArray[np.int32] | None:
    """Return a number per row, equal for the same occasion and wave."""
    turns = None
    for name in (survey.occasion, survey.wave):
        variable = rows.variables.get(name) if name else None
        if isinstance(variable, Categorical):
            turns = np.zeros(rows.stacked.n, dtype=np.int32) if turns is None else turns
            turns = turns * (len(variable.categories) + 4) + variable.codes + 3
    return turns


def _moments(column: RawColumn, order: DateOrder) -> NDArray[np.float64]:
    """Return the time of submission as days."""
    table = [parse_moment(text, order) for text in column.values]
    # A submission without a time counts as earlier than one that has it.
    times = np.array([*(-np.inf if t is None else t for t in table), -np.inf])
    return times[column.index]


def _shared(keys: NDArray[np.int64], may_count: Bools) -> NDArray[np.intp]:
    """Return the rows whose key another row has too; few, so that the rest can be done at ease."""
    given = np.sort(keys[(keys >= 0) & may_count])
    again = np.unique(given[1:][given[1:] == given[:-1]])
    del given
    if not len(again):
        return np.empty(0, np.intp)
    place = np.minimum(np.searchsorted(again, keys), len(again) - 1)
    return np.flatnonzero((again[place] == keys) & may_count)


def _repeated_ids(
    all_rows: Submissions, may_count: Bools, file_row: NDArray[np.int32], findings: Findings
) -> Bools:
    """Return the rows whose submission id has occurred before; that is a problem each."""
    repeated = np.zeros(len(may_count), dtype=bool)
    keys, column = all_rows.ids, all_rows.id_column
    if keys is None:
        return repeated
    eligible = _shared(keys, may_count)
    _, first, inverse = np.unique(keys[eligible], return_index=True, return_inverse=True)
    again = eligible[first[inverse] != np.arange(len(eligible))]
    repeated[again] = True
    found = list(dict.fromkeys(keys[again].tolist()))
    findings.add_each(
        "duplicate-id",
        Severity.STOP,
        column,
        (
            (str(key), repeated & (keys == key), str(file_row[(keys == key).argmax()]), "")
            for key in found[:MAX_REPEATS]
        ),
    )
    rest = repeated & np.isin(keys, found[MAX_REPEATS:])
    findings.add("duplicate-id", Severity.STOP, column, rest)
    return repeated


def _superseded(
    all_rows: Submissions, intake: Intake, may_count: Bools, findings: Findings
) -> Bools:
    """Return the submissions that another one by the same person wins over."""
    superseded = np.zeros(len(may_count), dtype=bool)
    if all_rows.persons is None:
        return superseded
    eligible = _shared(all_rows.persons, may_count)
    keys, nothing = all_rows.persons[eligible], np.zeros(len(eligible))
    turns = nothing if all_rows.turns is None else all_rows.turns[eligible]
    moments = nothing if all_rows.moments is None else all_rows.moments[eligible]
    # Last by time of submission, then by place in the file; "first" takes the other end.
    order = np.lexsort((eligible, moments, turns, keys))
    same = (np.diff(keys[order]) == 0) & (np.diff(turns[order]) == 0)
    some = len(eligible) > 0
    same_as_next, same_as_former = np.append(same, [False] * some), np.append([False] * some, same)
    loses = same_as_former if intake.duplicates == "first" else same_as_next
    superseded[eligible[order[loses.astype(bool)]]] = True
    severity = Severity.STOP if intake.duplicates == "problem" else Severity.NOTE
    findings.add(
        "double-submission",
        severity,
        all_rows.person_column,
        superseded,
        expected=intake.duplicates,
    )
    return superseded
