"""Which columns make one question: option columns, grids, words beside an option, single ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.drafting.kinds import CHOICES, Guess, Kind, Kinds
from evaluation.codebook.drafting.named_options import join_named_options, whole_heads
from evaluation.codebook.drafting.profile import BLANK, Profile, is_number, number
from evaluation.codebook.drafting.remarks import remark
from evaluation.codebook.drafting.selections import chosen_texts, says_not_selected
from evaluation.codebook.drafting.statements import join_statements
from evaluation.codebook.drafting.units import Shape, Unit
from evaluation.codebook.spelling import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from evaluation.codebook.words import Words


ADMIN_ROLES = frozenset({"start", "end", "status", "respondent", "meta"})


def make_units(profiles: Sequence[Profile], words: Words) -> list[Unit]:
    """Put columns together to questions, in file order; columns marked to skip are left out."""
    kept = [p for p in whole_heads(profiles) if p.column.hints.role != "skip"]
    kinds = Kinds(words)
    units: list[Unit] = []
    for run in _runs(kept):
        units.extend(_units_of_run(run, kinds))
    units = _attach_others(units, words)
    return join_statements(join_named_options(units, words), words)


def _runs(profiles: Sequence[Profile]) -> Iterator[list[Profile]]:
    """Yield columns side by side that have the same stem, others alone."""
    run: list[Profile] = []
    for profile in profiles:
        if run and not _belongs(run[-1], profile):
            yield run
            run = []
        run.append(profile)
    if run:
        yield run


def _belongs(before: Profile, profile: Profile) -> bool:
    """Tell whether a column continues the group of the one before."""
    a, b = before.column.hints, profile.column.hints
    if not a.group or a.role in ADMIN_ROLES or b.role in ADMIN_ROLES:
        return False
    same_question = a.question == b.question or not (a.question and b.question)
    return a.group == b.group and (same_question or b.role == "other_text")


def _units_of_run(run: list[Profile], kinds: Kinds) -> list[Unit]:
    """Make the questions of one run of columns."""
    if len(run) == 1 and not run[0].column.hints.group:
        return [_column_unit(run[0], kinds)]
    others = [p for p in run if p.column.hints.role == "other_text"]
    members = [p for p in run if p not in others]
    late = [p for p in members if _is_words_among(p, members, kinds)]
    members, others = [p for p in members if p not in late], [*others, *late]
    if (
        members
        and all(_is_option_column(p, kinds.words) for p in members)
        and _is_multiple(members, kinds.words)
    ):
        return [_options_unit(members, others, kinds)]
    units = _grid_units(members, kinds)
    return [*units, *(_column_unit(other, kinds) for other in others)]


def _is_words_among(profile: Profile, members: Sequence[Profile], kinds: Kinds) -> bool:
    """Tell a column of words among option columns or items: its answers are none of theirs."""
    if not profile.answers or profile.column.hints.value_labels or len(members) < 3:
        return False
    siblings = [m for m in members if m is not profile and m.answers]
    own = {fold(text) for text in profile.texts}
    if len(siblings) < 2 or any(own & {fold(t) for t in s.texts} for s in siblings):
        return False
    if all(map(is_number, profile.texts)):
        return False
    if all(_is_option_column(s, kinds.words) for s in siblings):
        return not _is_option_column(profile, kinds.words)
    is_wordy = kinds.of(profile).kind is Kind.TEXT or len(own) == profile.n_answered
    return is_wordy and share_options(siblings)


def _column_unit(profile: Profile, kinds: Kinds) -> Unit:
    """Make a question of one column."""
    role = profile.column.hints.role
    shape = Shape.ADMIN if role in ADMIN_ROLES else Shape.COLUMN
    hints = profile.column.hints
    names_itself = hints.option.startswith(hints.group)  # q4 and q4_1
    has_stem = bool(hints.group and hints.option) and not names_itself
    stem = f"{hints.group} \u2013 {hints.option}" if has_stem else ""
    return Unit(shape, (profile,), (kinds.of(profile),), stem)


# --- option columns ------------------------------------------------------------


def _is_option_column(profile: Profile, words: Words) -> bool:
    """Tell a column that stands for one option of a multiple answer."""
    if profile.column.hints.role == "other_text":
        return False
    if profile.column.hints.kind in {"grid", "number", "text", "date"}:
        return False
    return chosen_texts(profile, words) is not None


MAX_OPTION = 60
"""Mean length of options; longer ones are statements, each answered yes or no."""


def _is_multiple(members: Sequence[Profile], words: Words) -> bool:
    """Tell a multiple answer from a battery of yes and no."""
    hints = [p.column.hints for p in members]
    if any(h.kind == "multiple" or h.selected for h in hints) or says_not_selected(members, words):
        return True
    if not any(p.answers for p in members):
        return len(members) > 1
    if not any(len(p.answers) > 1 for p in members):
        return True
    is_question = any(h.option.rstrip().endswith("?") for h in hints)
    mean = sum(len(h.option) for h in hints) / len(hints)
    return not is_question and mean <= MAX_OPTION


def _options_unit(members: list[Profile], others: list[Profile], kinds: Kinds) -> Unit:
    """Make a multiple answer of option columns."""
    has_no = any(len(p.answers) > 1 for p in members)
    stated = any(p.column.hints.kind == "multiple" or p.column.hints.selected for p in members)
    numeric = all(map(is_number, (t for p in members for t in p.texts)))
    remarks = (remark("multiple-or-grid"),) if has_no and not stated and not numeric else ()
    guesses = tuple(kinds.of(p) for p in members)
    stem = members[0].column.hints.group
    return Unit(Shape.OPTIONS, tuple(members), guesses, stem, tuple(others), remarks)


# --- grids ---------------------------------------------------------------------

MAX_GRID_OPTIONS = 15


def _grid_units(members: list[Profile], kinds: Kinds) -> list[Unit]:
    """Make grids of columns that share stem and options, single questions of the rest."""
    guesses = [kinds.of(p) for p in members]
    if len(members) > 1:
        guesses = [_as_neighbours(g, guesses) for g in guesses]
    choices = [p for p, g in zip(members, guesses, strict=True) if g.kind in CHOICES]
    is_grid = len(choices) > 1 and share_options(choices)
    units: list[Unit] = []
    grid: list[tuple[Profile, Guess]] = []
    for profile, guess in zip(members, guesses, strict=True):
        belongs = guess.kind in CHOICES or (guess.kind is Kind.EMPTY and bool(choices))
        if is_grid and belongs:
            grid.append((profile, guess))
            continue
        units.extend(_grid_unit(grid))
        grid = []
        unit = _column_unit(profile, kinds)
        units.append(replace(unit, guesses=(guess,)))
    units.extend(_grid_unit(grid))
    return units


def _as_neighbours(guess: Guess, all_guesses: Sequence[Guess]) -> Guess:
    """Judge a column of a battery as most of its neighbours are: a rating that two persons gave."""
    kinds = [g.kind for g in all_guesses]
    if guess.kind is Kind.CODES and kinds.count(Kind.RATING) > 0:
        return replace(guess, kind=Kind.RATING)
    if guess.kind in CHOICES and kinds.count(Kind.NUMBER) > len(kinds) / 2:
        return Guess(Kind.NUMBER)
    if guess.kind in {Kind.TEXT, Kind.SINGLE}:
        other = Kind.TEXT if guess.kind is Kind.SINGLE else Kind.SINGLE
        if kinds.count(other) > len(kinds) / 2 and len(kinds) > 2:
            return Guess(other)
    return guess


def share_options(profiles: Sequence[Profile]) -> bool:
    """Tell whether columns are answered on one scale: few answers in all, most in common."""
    sets = [
        {fold(v) for v in p.column.hints.value_labels.values()} or {fold(t) for t in p.texts}
        for p in profiles
    ]
    union = set().union(*sets)
    numeric = all(map(is_number, (t for p in profiles for t in p.texts)))
    if numeric:
        return len(union) <= MAX_GRID_OPTIONS
    widest = max(map(len, sets))
    return len(union) <= min(MAX_GRID_OPTIONS, widest + 3)


def _grid_unit(grid: Sequence[tuple[Profile, Guess]]) -> list[Unit]:
    """Make one grid, or nothing of nothing; a grid of one item is a single question."""
    if not grid:
        return []
    profiles, guesses = (tuple(part) for part in zip(*grid, strict=True))
    stem = profiles[0].column.hints.group
    if len(profiles) == 1:
        hints = profiles[0].column.hints
        text = f"{stem} \u2013 {hints.option}" if stem and hints.option else stem
        return [Unit(Shape.COLUMN, profiles, guesses, text)]
    remarks = (remark("ranking"),) if _is_ranking(profiles) else ()
    return [Unit(Shape.GRID, profiles, guesses, stem, remarks=remarks)]


def _is_ranking(profiles: Sequence[Profile]) -> bool:
    """Tell ranks: whole numbers from 1 to the number of items, each once per person."""
    k = len(profiles)
    if not all(p.answers for p in profiles):
        return False
    if not all(is_number(t) and 1 <= number(t) <= k for p in profiles for t in p.texts):
        return False
    ranks = np.stack([_numbers(p) for p in profiles])
    full = (ranks > 0).all(axis=0)
    if not full.any():
        return False
    return bool((np.sort(ranks[:, full], axis=0) == np.arange(1, k + 1)[:, None]).all())


def _numbers(profile: Profile) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return per row the number answered, 0 where none."""
    table = np.array([*map(number, profile.texts), 0.0, 0.0])
    return table[profile.place]


# --- words beside an option ----------------------------------------------------


def _attach_others(units: list[Unit], words: Words) -> list[Unit]:
    """Attach a column of words to the question before it, where it says the words to "other"."""
    attached: list[Unit] = []
    for unit in units:
        before = attached[-1] if attached else None
        if before is not None and _is_words_to(unit, before, words):
            attached[-1] = replace(before, others=(*before.others, unit.profiles[0]))
        else:
            attached.append(unit)
    return attached


def _is_words_to(unit: Unit, before: Unit, words: Words) -> bool:
    """Tell words to "other" by the tool's mark, or by a head that is an option of the question.

    Without a mark, the words must stand in rows where "other" was chosen.
    """
    if unit.shape is not Shape.COLUMN or before.shape in {Shape.ADMIN, Shape.GRID}:
        return False
    profile = unit.profiles[0]
    hints = profile.column.hints
    if hints.role == "other_text":
        return before.shape is Shape.OPTIONS or before.guesses[0].kind in {*CHOICES, Kind.CELLS}
    if unit.guesses[0].kind not in {Kind.TEXT, Kind.SINGLE} or hints.kind == "single":
        return False
    head = fold(hints.option or profile.header)
    specified = any(mark in head for mark in words.lists["other_text_heads"])
    has_suffix = head.endswith(tuple(words.lists["other_suffixes"]))
    is_other = words.is_other(head) or has_suffix or (specified and len(head.split()) <= 8)
    rows = profile.place >= 0
    chosen = _chose_other(before, head, words, by_name=not is_other)
    return chosen is not None and bool(rows.any() and chosen[rows].mean() >= MOSTLY)


MOSTLY = 0.9
"""Share of words that must stand where "other" was chosen, or nothing at all."""


def _chose_other(unit: Unit, head: str, words: Words, *, by_name: bool) -> NDArray[np.bool_] | None:
    """Return who chose "other" (or the option of this name) or nothing; None without such."""

    def is_it(label: str) -> bool:
        return fold(label) == head or (not by_name and words.is_other(label))

    if unit.shape is Shape.OPTIONS:
        columns = [p for p in unit.profiles if is_it(p.column.hints.option)]
        if not columns:
            return None
        answered = np.any([p.place >= 0 for p in unit.profiles], axis=0)
        return np.asarray(np.any([_chosen_rows(p, words) for p in columns], axis=0) | ~answered)
    if unit.guesses[0].kind not in CHOICES:
        return None
    parent = unit.profiles[0]
    places = [n for n, text in enumerate(parent.texts) if is_it(parent.label(text))]
    return np.isin(parent.place, [*places, BLANK]) if places else None


def _chosen_rows(profile: Profile, words: Words) -> NDArray[np.bool_]:
    """Return who chose the option of an option column."""
    chosen = chosen_texts(profile, words) or set()
    flags = [fold(answer.text) in chosen for answer in profile.answers]
    return np.array([*flags, False, False], dtype=bool)[profile.place]
