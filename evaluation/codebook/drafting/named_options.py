"""Option columns whose question is lost: each holds nothing but its own head.

Some tools, and some who tidy their files, write one column for each option and
leave the question out: ``12. Tableau``, ``12. Looker``, with the option itself
in the cell of whoever chose it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from evaluation.codebook.drafting.kinds import Kind
from evaluation.codebook.drafting.remarks import remark
from evaluation.codebook.drafting.units import Shape, Unit
from evaluation.codebook.spelling import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.codebook.drafting.profile import Profile
    from evaluation.codebook.words import Words

_NUMBERED = re.compile(r"\A\s*(\d+[a-z]?)\s*[.):]\s*(.*)\Z", re.DOTALL | re.IGNORECASE)


def whole_heads(profiles: Sequence[Profile]) -> list[Profile]:
    """Take back the split of a head into stem and option where the cells hold the whole head."""
    return [_unsplit(profile) if _holds_head(profile) else profile for profile in profiles]


def _unsplit(profile: Profile) -> Profile:
    hints = replace(profile.column.hints, group="", question="", option="", text=profile.header)
    return replace(profile, column=replace(profile.column, hints=hints))


def join_named_options(units: Sequence[Unit], words: Words) -> list[Unit]:
    """Make one multiple answer of neighbours that hold only their own heads.

    Questions are told apart by the number before the head; a numbered column
    that nobody chose belongs to the options beside it.
    """
    joined: list[Unit] = []
    for number, run in groupby(units, _question_number):
        members = list(run)
        named = [unit for unit in members if _names_itself(unit)]
        is_question = len(named) > 1 and all(u in named or _is_unchosen(u) for u in members)
        if number is None or not is_question:
            joined.extend(members)
        else:
            joined.append(_together(members, number, words))
    return joined


def _question_number(unit: Unit) -> str | None:
    """Return the number before the head ("" where there is none), None where it is no option."""
    if not (_names_itself(unit) or _is_unchosen(unit)):
        return None
    return _split(unit.profiles[0])[0]


def _split(profile: Profile) -> tuple[str, str]:
    """Split a head into its number and its wording."""
    match = _NUMBERED.match(profile.header)
    return (match[1], match[2]) if match else ("", profile.header)


def _is_alone(unit: Unit) -> bool:
    """Tell a column of which the tool has said nothing."""
    hints = unit.profiles[0].column.hints
    is_told = hints.group or hints.question or hints.value_labels or hints.selected
    return unit.shape is Shape.COLUMN and not unit.others and not is_told


def _names_itself(unit: Unit) -> bool:
    """Tell a column with one answer, which is its head."""
    return _is_alone(unit) and _holds_head(unit.profiles[0])


def _holds_head(profile: Profile) -> bool:
    """Tell whether the only answer of a column is its head, with or without the number."""
    if len(profile.answers) != 1 or profile.column.hints.value_labels:
        return False
    return _bare(profile.texts[0]) in {_bare(profile.header), _bare(_split(profile)[1])}


def _bare(text: str) -> str:
    return fold(text).rstrip(".:")


def _is_unchosen(unit: Unit) -> bool:
    """Tell a numbered column without answers."""
    is_numbered = bool(_split(unit.profiles[0])[0])
    return is_numbered and _is_alone(unit) and unit.guesses[0].kind is Kind.EMPTY


def _together(members: Sequence[Unit], number: str, words: Words) -> Unit:
    """Make the question; its wording says that it is lost."""
    profiles = tuple(_as_option(unit.profiles[0]) for unit in members)
    guesses = tuple(unit.guesses[0] for unit in members)
    language = words.language_of(" ".join(profile.header for profile in profiles))
    lost = words.phrase("lost_options", language)
    stem = f"{number}. {lost}" if number else lost
    note = remark("options-stem-lost", n=len(members))
    return Unit(Shape.OPTIONS, profiles, guesses, stem, remarks=(note,))


def _as_option(profile: Profile) -> Profile:
    """Say that a column stands for an option: the one in its cells, else in its head."""
    option = profile.texts[0] if profile.answers else _split(profile)[1]
    hints = replace(profile.column.hints, option=option, kind="multiple")
    return replace(profile, column=replace(profile.column, hints=hints))
