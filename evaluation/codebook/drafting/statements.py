"""Statements whose common question is lost: neighbours on one scale, or with one beginning."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from evaluation.codebook.drafting.kinds import Kind
from evaluation.codebook.drafting.remarks import remark
from evaluation.codebook.drafting.units import Shape, Unit
from evaluation.codebook.scales import OrderedBy, natural_order
from evaluation.codebook.spelling import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.codebook.drafting.profile import Profile
    from evaluation.codebook.words import Words

LEAST_STEPS = 3


def join_statements(units: list[Unit], words: Words) -> list[Unit]:
    """Make a grid of neighbours that are answered on one scale: Forms drops the stem of a grid."""
    joined: list[Unit] = []
    place = 0
    while place < len(units):
        run = _run_of_statements(units[place:], words)
        made = _statements(run, words)
        joined.extend(made)
        place += len(run)
    return joined


def _run_of_statements(units: Sequence[Unit], words: Words) -> Sequence[Unit]:
    """Return the first unit with all that follow it on the same scale.

    Steps that one column lacks are found in the others, so a column need not
    be a scale by itself; all together must be one.
    """
    run = [units[0]]
    if not _may_be_statement(units[0], words):
        return run
    for unit in units[1:]:
        if not _may_be_statement(unit, words) or not _fits(run, unit, words):
            break
        run.append(unit)
    is_one = len(run) > 1 and _is_one_scale(_texts(run), words)
    return run if is_one else run[:1]


def _texts(units: Sequence[Unit]) -> list[str]:
    """Return the distinct answers of some columns."""
    return list({fold(t): t for u in units for t in u.profiles[0].texts}.values())


def _may_be_statement(unit: Unit, words: Words) -> bool:
    """Tell a single question of its own, not answered by yes or no."""
    kinds = {Kind.SINGLE, Kind.RATING}
    if unit.shape is not Shape.COLUMN or unit.guesses[0].kind not in kinds or unit.others:
        return False
    profile = unit.profiles[0]
    hints = profile.column.hints
    if hints.group or hints.question or hints.value_labels:
        return False
    return len(profile.texts) > 1 and natural_order(profile.texts, words).by is not OrderedBy.YES_NO


def _fits(run: Sequence[Unit], unit: Unit, words: Words) -> bool:
    """Tell whether a column is answered with the answers of those before it."""
    before = {fold(t) for t in _texts(run)}
    own = {fold(t) for t in unit.profiles[0].texts}
    shared = len(before & own)
    if shared < 0.5 * min(len(before), len(own)):
        return False
    texts = _texts([*run, unit])
    order = natural_order(texts, words)
    n_steps = len(texts) - len(order.off_scale)
    if n_steps >= LEAST_STEPS and not order.is_scale:
        return False
    if shared < 2 and order.by is not OrderedBy.KNOWN_SCALE and not before <= own <= before:
        return False  # "too shallow, adequate" and "adequate, too fast" are two questions
    is_worded = order.by is OrderedBy.NOTHING or _is_worded(texts, words)
    return is_worded or bool(shared_start([*run, unit]))


def _is_one_scale(texts: Sequence[str], words: Words) -> bool:
    """Tell a scale of three steps or more."""
    order = natural_order(texts, words)
    return order.is_scale and len(texts) - len(order.off_scale) >= LEAST_STEPS


WORDED = frozenset({OrderedBy.KNOWN_SCALE, OrderedBy.DEGREES})
"""Scales of wordings: two neighbours hardly have the same one by chance. Ages and numbers do."""
_NUMBERED = re.compile(r"\A(?:\(\d+\)|\d+\s*[.):=])\s*\D*[^\W\d_]{3}|[^\W\d_]{3}\D*\(\d+\)\Z")
"""A step with its number and its words: "(2) Minor", "3. Good", "Agree (6)"."""


def _is_worded(texts: Sequence[str], words: Words) -> bool:
    """Tell a scale of wordings, or of wordings that are numbered."""
    order = natural_order(texts, words)
    steps = [text for text in texts if text not in order.off_scale]
    is_numbered = order.by is OrderedBy.NUMBERS and all(_NUMBERED.search(t.strip()) for t in steps)
    return order.by in WORDED or is_numbered


LEAST_START = 4
"""Words that wordings must begin with together to be one question's items."""


def shared_start(units: Sequence[Unit]) -> str:
    """Return the words that the wordings of all units begin with, or "" where they are few."""
    split = [(u.profiles[0].column.hints.text or u.profiles[0].header).split() for u in units]
    shared: list[str] = []
    for parts in zip(*split, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    is_all = any(len(shared) == len(parts) for parts in split)
    return " ".join(shared) if len(shared) >= LEAST_START and not is_all else ""


def _statements(run: Sequence[Unit], words: Words) -> list[Unit]:
    """Make one grid of a run of statements; a single one stays what it is."""
    if len(run) < 2:
        return list(run)
    profiles = tuple(u.profiles[0] for u in run)
    guesses = tuple(u.guesses[0] for u in run)
    texts = [t for p in profiles for t in p.texts]
    is_worded = _is_worded(list(dict.fromkeys(texts)), words)
    start = shared_start(run)
    if not start and not is_worded:
        return list(run)
    if start:
        profiles = tuple(_with_option(p, start) for p in profiles)
    note = remark("stem-from-start", n=len(run)) if start else remark("stem-lost", n=len(run))
    stem = f"{start} \u2026" if start else ""
    return [Unit(Shape.GRID, profiles, guesses, stem, remarks=(note,))]


def _with_option(profile: Profile, start: str) -> Profile:
    """Name the item by what its wording says after the start that all share."""
    hints = profile.column.hints
    text = " ".join((hints.text or profile.header).split())
    option = text.removeprefix(start).strip(" ?.:") or text
    return replace(profile, column=replace(profile.column, hints=replace(hints, option=option)))
