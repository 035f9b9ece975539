"""Option columns: which cells mean "chosen", and who chose what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.spelling import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from evaluation.codebook.drafting.profile import Profile
    from evaluation.codebook.words import Words

UNCHOSEN_BY_DEFAULT = frozenset({"", "0", "-", "nej", "no", "n", "nein", "nei", "false"})
"""Cells that coding takes as "not chosen" without being told."""


def chosen_texts(profile: Profile, words: Words) -> set[str] | None:
    """Return the cells (folded) of an option column that mean "chosen", or None where it is none.

    An option column holds at most two different answers: one that means
    chosen (1, X, yes, or the option's own name) and one that means not.
    """
    hints = profile.column.hints
    selected = {fold(value) for value in hints.selected}
    own = fold(hints.option)
    chosen: set[str] = set()
    is_alone = len(profile.answers) == 1 and not selected  # an option may itself be called "No"
    for answer in profile.answers:
        folded, label = fold(answer.text), fold(profile.label(answer.text))
        is_own = bool(own) and own in {folded, label}
        if folded in selected or (is_own and is_alone):
            chosen.add(folded)
        elif label in words.lists["unchecked"]:
            continue
        elif is_own or label in words.lists["checked"]:
            chosen.add(folded)
        else:
            return None
    return chosen


def selected_texts(profiles: Sequence[Profile], words: Words) -> list[str]:
    """Return the cells that mean "chosen", empty where every cell holds the option's own name."""
    found: dict[str, None] = {}
    for profile in profiles:
        chosen = chosen_texts(profile, words) or set()
        own = fold(profile.column.hints.option)
        found.update(
            dict.fromkeys(a.text for a in profile.answers if fold(a.text) in chosen - {own})
        )
    stated = [value for p in profiles for value in p.column.hints.selected]
    if not found and any(p.answers for p in profiles) and _names_itself(profiles):
        return []
    return list(found) or list(dict.fromkeys(stated))


def says_not_selected(profiles: Sequence[Profile], words: Words) -> bool:
    """Tell whether the cells say in words that an option was not selected.

    A blank, a 0 or a "no" may also stand where the question was never shown;
    "not selected" is written for those who saw it.
    """
    said = words.lists["not_selected"]
    return (
        len(profiles) > 1
        and all(
            any(fold(profile.label(text)) in said for text in profile.texts)
            for profile in profiles
            if any(fold(text) != fold(profile.column.hints.option) for text in profile.texts)
        )
        and any(fold(p.label(t)) in said for p in profiles for t in p.texts)
    )


def _names_itself(profiles: Sequence[Profile]) -> bool:
    """Tell whether chosen cells hold the option's own name."""
    return any(fold(text) == fold(p.column.hints.option) for p in profiles for text in p.texts)


def default_reads(profiles: Sequence[Profile], selected: Sequence[str]) -> bool:
    """Tell whether coding reads the cells right without a list of what means "chosen"."""
    chosen = {fold(text) for text in selected}
    return all(
        fold(text) in chosen
        or fold(text) in UNCHOSEN_BY_DEFAULT
        or fold(text) == fold(p.column.hints.option)
        for p in profiles
        for text in p.texts
    )


def chosen_matrix(profiles: Sequence[Profile], words: Words) -> NDArray[np.bool_]:
    """Return who chose which option: 2-D bool options × rows."""
    rows = []
    for profile in profiles:
        chosen = chosen_texts(profile, words)
        flags = [chosen is None or fold(answer.text) in chosen for answer in profile.answers]
        rows.append(np.array([*flags, False, False], dtype=bool)[profile.place])
    return np.stack(rows)
