"""Rules for intake out of what the tool says: identity of a submission, tests, partial answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.drafting.remarks import Remark, remark
from evaluation.codebook.schema import Intake
from evaluation.codebook.spelling import fold
from evaluation.model import IntakeStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.codebook.drafting.profile import Profile
    from evaluation.codebook.words import Words

LEAST_FILLED = 0.8
LEAST_DISTINCT = 0.9


@dataclass(frozen=True, slots=True)
class DraftedIntake:
    """Rules with what was unsure about them."""

    intake: Intake
    remarks: tuple[Remark, ...] = ()


def draft_intake(profiles: Sequence[Profile], words: Words) -> DraftedIntake:
    """Draft the intake rules of a survey from its technical columns."""
    remarks: list[Remark] = []
    tests: list[str] = []
    screened: list[str] = []
    invalid: list[str] = []
    complete: list[str] = []
    for profile in profiles:
        meaning = _meanings(profile, words)
        for status, rules in (
            (IntakeStatus.TEST, tests),
            (IntakeStatus.SCREENED_OUT, screened),
            (IntakeStatus.INVALID, invalid),
        ):
            values = [value for value, found in meaning.items() if found is status]
            rule = _rule(profile, values)
            if rule and _covers_all(profile, values):
                remarks.append(remark("all-rows", status=status.value, rule=rule))
            elif rule:
                rules.append(rule)
        complete += _complete_rule(profile, meaning)
    intake = Intake(
        id=_submission(profiles),
        person=_person(profiles, words),
        submitted=next((p.header for p in profiles if p.column.hints.role == "end"), None),
        test_if=" or ".join(tests) or None,
        screened_out_if=" or ".join(screened) or None,
        invalid_if=" or ".join(invalid) or None,
        complete_if=" and ".join(complete) or None,
    )
    return DraftedIntake(intake, tuple(remarks))


def _meanings(profile: Profile, words: Words) -> dict[str, IntakeStatus]:
    """Return cell value -> what it says of the submission, for values that occur."""
    hints = profile.column.hints
    stated = {fold(v): IntakeStatus(s) for v, s in hints.value_labels.items() if s in _STATUSES}
    is_status_head = fold(profile.header) in words.lists["status_heads"]
    if hints.role not in {"status", "end"} and not is_status_head:
        return {}
    if not stated and profile.answers and hints.role != "end":
        by_word = {f: IntakeStatus(kind) for kind, found in words.status.items() for f in found}
        if all(fold(text) in by_word for text in profile.texts):
            stated = by_word
    found = {text: stated[fold(text)] for text in profile.texts if fold(text) in stated}
    if "" in stated and (profile.place == -1).any():
        found[""] = stated[""]
    return found


_STATUSES = frozenset(status.value for status in IntakeStatus)


def _rule(profile: Profile, values: Sequence[str]) -> str:
    """Write "the column holds one of these" in the expression language."""
    column = column_reference(profile.header)
    if not values or not column:
        return ""
    quoted = [f'"{value}"' for value in values if '"' not in value]
    if len(quoted) == 1:
        return f"{column} == {quoted[0]}"
    return f"{column} in ({', '.join(quoted)})" if quoted else ""


def column_reference(header: str) -> str:
    """Write a reference to a raw column, or "" for a head with both kinds of quotation marks."""
    if '"' not in header:
        return f'col("{header}")'
    return f"col('{header}')" if "'" not in header else ""


def _covers_all(profile: Profile, values: Sequence[str]) -> bool:
    """Tell whether a rule takes every row: then it says nothing, or all answers are tests."""
    places = [n for n, answer in enumerate(profile.answers) if answer.text in values]
    return bool(np.isin(profile.place, places).all())


def _complete_rule(profile: Profile, meaning: dict[str, IntakeStatus]) -> list[str]:
    """Write what a complete answer is, where the column tells partial ones."""
    if IntakeStatus.PARTIAL not in meaning.values():
        return []
    column = column_reference(profile.header)
    if meaning.get("") is IntakeStatus.PARTIAL:
        return [f"answered({column})"] if column else []
    whole = [value for value, status in meaning.items() if status is IntakeStatus.COMPLETE]
    rule = _rule(profile, whole)
    return [rule] if rule else []


def _submission(profiles: Sequence[Profile]) -> str | None:
    """Return the head of the column that names each submission, all different."""
    for profile in profiles:
        if profile.column.hints.role == "respondent" and _is_unique(profile, 1.0, 1.0):
            return profile.header
    return None


def _person(profiles: Sequence[Profile], words: Words) -> str | None:
    """Return the head of a column that names the person: an address or a token, nearly unique."""
    for profile in profiles:
        head = fold(profile.header)
        is_person = any(mark in head for mark in words.lists["person_heads"])
        is_identity = profile.column.hints.role == "identity"
        if is_identity and is_person and _is_unique(profile, LEAST_FILLED, LEAST_DISTINCT):
            return profile.header
    return None


def _is_unique(profile: Profile, least_filled: float, least_distinct: float) -> bool:
    """Tell whether a column is filled and different for nearly every row."""
    n = len(profile.place)
    answered = profile.n_answered
    if n < 2 or answered < least_filled * n:
        return False
    return len(profile.answers) >= least_distinct * answered
