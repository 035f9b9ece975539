"""Options of a question: codes, labels, order, what is "other", what rules out the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from evaluation.codebook.drafting.profile import number
from evaluation.codebook.drafting.remarks import Remark, remark
from evaluation.codebook.drafting.slugs import code_of, unique
from evaluation.codebook.scales import OrderedBy, natural_order, same_step
from evaluation.codebook.schema import Option
from evaluation.codebook.spelling import fold
from evaluation.texts import alphabetical

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.codebook.drafting.profile import Answer, Profile
    from evaluation.codebook.words import Words


@dataclass(frozen=True, slots=True)
class Options:
    """Drafted options.

    Attributes
    ----------
    options
        In the order to show.
    ordered
        They form a scale.
    remarks
        What was guessed.
    """

    options: tuple[Option, ...]
    ordered: bool = False
    remarks: tuple[Remark, ...] = ()


@dataclass(slots=True)
class _Choice:
    """One option while it is being put together."""

    label: str
    code: str = ""
    values: list[str] = field(default_factory=list)
    n: int = 0


def draft_options(
    profiles: Sequence[Profile], words: Words, *, fill: bool = False, mixes_other: bool = False
) -> Options:
    """Draft the options of a single question, or of a grid whose items share them.

    Parameters
    ----------
    profiles
        The column, or the columns of all items.
    fill
        The answers are a rating in whole numbers: steps that nobody chose are
        options too.
    mixes_other
        The tool puts the words to "other" into the same cell.
    """
    choices = _labelled_choices(profiles) or _plain_choices(profiles)
    remarks: list[Remark] = []
    if fill:
        remarks += _fill_steps(choices)
    own_words = _own_words(choices, profiles) if mixes_other else []
    for choice in own_words:
        choices.remove(choice)
    joined = _join_languages(choices, words)
    if joined:
        remarks.append(remark("languages-joined", options=", ".join(joined)))
    options, ordered = _ordered(choices, profiles, words)
    if own_words:
        options = _with_open(options, words, profiles)
        n = sum(choice.n for choice in own_words)
        remarks.append(remark("other-mixed", n=n))
    return Options(options, ordered, tuple(remarks))


# --- what the options are ------------------------------------------------------


def _labelled_choices(profiles: Sequence[Profile]) -> list[_Choice]:
    """Take the options that the export declares; values with one label are one option."""
    found: dict[str, _Choice] = {}
    known: dict[str, _Choice] = {}
    for profile in profiles:
        for value, label in profile.column.hints.value_labels.items():
            if not fold(value):
                continue
            choice = found.setdefault(fold(label), _Choice(label.strip() or value, value))
            if fold(value) not in known and fold(value) not in {
                fold(choice.code),
                fold(choice.label),
            }:
                choice.values.append(value)
            known.setdefault(fold(value), choice)
    if not found:
        return []
    for profile in profiles:
        for answer in profile.answers:
            met = known.get(fold(answer.text)) or found.get(fold(answer.text))
            if met is None:
                met = known[fold(answer.text)] = found[fold(answer.text)] = _Choice(answer.text)
            met.n += answer.n
    missing = {fold(text) for profile in profiles for text in profile.missing}
    return [
        choice
        for choice in found.values()
        if fold(choice.code) not in missing and (fold(choice.label) not in missing or choice.n)
    ]


def _plain_choices(profiles: Sequence[Profile]) -> list[_Choice]:
    """Take the answers themselves as options, in alphabetical order.

    In order of their counts, a table would tell between which shown counts a hidden one lies.
    """
    found: dict[str, _Choice] = {}
    for profile in profiles:
        for answer in profile.answers:
            whole = _whole(answer.text)
            choice = found.setdefault(fold(whole), _Choice(whole))
            choice.n += answer.n
            _add_spellings(choice, answer)
    return sorted(found.values(), key=_by_label)


def _by_label(choice: _Choice) -> tuple[str, str]:
    return alphabetical(choice.label), choice.label


_WHOLE = re.compile(r"(-?\d+)[.,]0+")
"""A whole number that a program has written as a decimal one."""


def _whole(text: str) -> str:
    """Return ``4`` for ``4.0``, which says the same on a scale; any other text as it is."""
    match = _WHOLE.fullmatch(text.strip())
    return match[1] if match else text


def _add_spellings(choice: _Choice, answer: Answer) -> None:
    """Keep every spelling that differs from the label."""
    for text in (answer.text, *answer.spellings):
        if text != choice.label and text not in choice.values:
            choice.values.append(text)


TOP_OF = {8: 10, 9: 10}
"""Highest step seen -> highest step of the scale: a scale ends at 10, not at 8 or 9."""


def _fill_steps(choices: list[_Choice]) -> list[Remark]:
    """Add the steps of a rating that nobody chose."""
    seen = {int(number(c.label)) for c in choices}
    low = 0 if min(seen) == 0 else 1
    has_gaps = len(seen) < max(seen) - low + 1
    is_small = sum(choice.n for choice in choices) < LEAST_FOR_OTHER
    high = TOP_OF.get(max(seen), max(seen)) if has_gaps or is_small else max(seen)
    absent = [step for step in range(low, high + 1) if step not in seen]
    choices.extend(_Choice(str(step)) for step in absent)
    return [remark("scale-filled", low=low, high=high)] if absent else []


# --- words of one's own in the same cell ---------------------------------------

LEAST_FOR_OTHER = 30
"""Answers that there must be before rare ones are taken for words of one's own."""
MANY_WORDS = 5
LONG = 40


def _own_words(choices: Sequence[_Choice], profiles: Sequence[Profile]) -> list[_Choice]:
    """Find answers that one person gave in a sentence, beside options that many chose."""
    n = sum(profile.n_answered for profile in profiles)
    wordy = [
        c
        for c in choices
        if c.n == 1 and (len(c.label.split()) >= MANY_WORDS or len(c.label) > LONG)
    ]
    frequent = [c for c in choices if c.n > 1]
    covered = sum(c.n for c in frequent)
    if n < LEAST_FOR_OTHER or len(frequent) < 2 or covered < 0.5 * n:
        return []
    return wordy


def _with_open(
    options: tuple[Option, ...], words: Words, profiles: Sequence[Profile]
) -> tuple[Option, ...]:
    """Open the option "other", or add one, for answers that fit no option."""
    for position, option in enumerate(options):
        if words.is_other(str(option.label)):
            opened = option.model_copy(update={"open": True})
            return (*options[:position], *options[position + 1 :], opened)
    label = words.phrase("other_label", _language(profiles, words))
    code = unique("other", {option.code for option in options})
    return (*options, Option(code=code, label=label, open=True))


def _language(profiles: Sequence[Profile], words: Words) -> str:
    """Guess the language of the heads and answers of some columns."""
    heads = (p.column.hints.text or p.header for p in profiles)
    answers = (text for p in profiles for text in p.texts)
    return words.language_of(" ".join([*heads, *answers]))


def _join_languages(choices: list[_Choice], words: Words) -> list[str]:
    """Put "Yes" into "Ja" where a form was answered in two languages."""
    joined: list[str] = []
    for choice in list(choices):
        twin = next(
            (c for c in choices if c is not choice and same_step(c.label, choice.label, words)),
            None,
        )
        if twin is not None and choice in choices and twin.n >= choice.n:
            twin.values += [choice.label, *choice.values]
            twin.n += choice.n
            choices.remove(choice)
            joined.append(choice.label)
    return joined


# --- order and codes -----------------------------------------------------------


def _ordered(
    choices: Sequence[_Choice], profiles: Sequence[Profile], words: Words
) -> tuple[tuple[Option, ...], bool]:
    """Put options in order: the form's, else the natural one, else the alphabet."""
    labels = [choice.label for choice in choices]
    order = natural_order(labels, words)
    declared = any(choice.code for choice in choices)
    hints = profiles[0].column.hints
    by_label = {choice.label: choice for choice in choices}
    if declared:  # the form's own order stays; only whether it is a scale is judged
        shown = labels
        ordered = hints.ordered or _is_monotone(
            labels, order.labels, order.is_scale, order.off_scale
        )
    else:
        shown = list(order.labels)
        ordered = order.is_scale or (hints.ordered and order.by is not OrderedBy.YES_NO)
    off = order.off_scale if ordered else frozenset()
    taken: set[str] = set()
    options = []
    for label in shown:
        choice = by_label[label]
        code = unique(choice.code or code_of(label), taken)
        taken.add(code)
        options.append(_option(choice, code, off_scale=label in off))
    return tuple(options), ordered


def _is_monotone(
    shown: Sequence[str], natural: Sequence[str], is_scale: bool, off: frozenset[str]
) -> bool:
    """Tell whether the form's order is the natural one or its reverse."""
    steps = [label for label in shown if label not in off]
    expected = [label for label in natural if label not in off]
    return is_scale and steps in (expected, expected[::-1])


def _option(choice: _Choice, code: str, *, off_scale: bool) -> Option:
    """Build an option; spellings that the code or the label cover are left out."""
    own = {fold(code), fold(choice.label)}
    values = tuple(v for v in dict.fromkeys(choice.values) if v not in {code, choice.label})
    kept = tuple(v for v in values if fold(v) not in own or v != choice.label)
    return Option(code=code, label=choice.label, values=kept, off_scale=off_scale)


# --- multiple answers ----------------------------------------------------------


def draft_cell_options(
    profile: Profile, counts: Mapping[str, int], words: Words, *, mixes_other: bool
) -> Options:
    """Draft the options of several answers in one cell from the pieces.

    With many answers, pieces that one person wrote are words of their own and
    go to the open option "other".
    """
    labels = profile.column.hints.value_labels
    if labels:
        declared = _labelled_choices([profile])
        known = {fold(v) for v in (*labels, *labels.values())}
        extra = [text for text in counts if fold(text) not in known]
        chosen = [c for c in declared if not _is_whole_cell(c, labels)]
        chosen += [_Choice(text, n=counts[text]) for text in extra]
        return Options(tuple(_coded(chosen)))
    choices = [_Choice(text, n=n) for text, n in counts.items()]
    choices.sort(key=_by_label)
    remarks: list[Remark] = []
    rare = []
    if mixes_other and profile.n_answered >= LEAST_FOR_OTHER:
        rare = [c for c in choices if c.n == 1]
    frequent = [c for c in choices if c not in rare]
    last = [c for c in frequent if words.is_other(c.label) or words.is_none(c.label)]
    options = tuple(_coded([*(c for c in frequent if c not in last), *last]))
    if rare and len(frequent) > 1:
        options = _with_open(options, words, [profile])
        remarks.append(remark("other-mixed", n=len(rare)))
    return Options(options, remarks=tuple(remarks))


def _is_whole_cell(choice: _Choice, labels: Mapping[str, str]) -> bool:
    """Tell a choice that is a whole cell, not an option of the form."""
    return not choice.code and choice.label not in labels.values()


def _coded(choices: Sequence[_Choice]) -> list[Option]:
    """Give every choice a code of its own."""
    taken: set[str] = set()
    options = []
    for choice in choices:
        code = unique(choice.code or code_of(choice.label), taken)
        taken.add(code)
        options.append(_option(choice, code, off_scale=False))
    return options


def numbered(options: Sequence[Option]) -> tuple[list[Option], list[str]]:
    """Tell options of the same name apart by a number, and name those that got one.

    A form may offer the same word twice, as a test of reading does; each has
    a column of its own and is counted by itself.

    Returns
    -------
    tuple
        The options in order, and the names that several had.
    """
    taken = {fold(str(option.label)) for option in options}
    met: set[str] = set()
    made: list[Option] = []
    doubled: list[str] = []
    for option in options:
        label = str(option.label)
        if fold(label) in met:
            doubled.append(label)
            label = next(t for n in count(2) if fold(t := f"{label} ({n})") not in taken)
            taken.add(fold(label))
        met.add(fold(label))
        made.append(option.model_copy(update={"label": label}))
    return made, list(dict.fromkeys(doubled))
