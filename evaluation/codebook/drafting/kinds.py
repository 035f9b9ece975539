"""Which kind of question a column is, from its cells where the export does not say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from evaluation.codebook.drafting.cells import Split, find_split, split_cells
from evaluation.codebook.drafting.profile import Profile, is_date, is_number, is_time, number
from evaluation.codebook.drafting.remarks import Remark, remark
from evaluation.codebook.personal_data import PersonalKind, kind_of_column
from evaluation.codebook.scales import natural_order
from evaluation.codebook.spelling import fold

if TYPE_CHECKING:
    from evaluation.codebook.words import Words


class Kind(StrEnum):
    """Kinds of columns: those of questions, and those that are none."""

    SINGLE = "single"
    RATING = "rating"
    CODES = "codes"
    CELLS = "cells"
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"
    EMPTY = "empty"
    IDENTITY = "identity"
    SERIAL = "serial"


CHOICES = frozenset({Kind.SINGLE, Kind.RATING, Kind.CODES})
"""Kinds that are answered with one of several options."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A kind with what makes it uncertain.

    Attributes
    ----------
    split
        For `Kind.CELLS`: the cells taken apart.
    """

    kind: Kind
    remarks: tuple[Remark, ...] = ()
    split: Split | None = None


MAX_RATING = 10
"""Highest value of a rating scale."""
MAX_CODES = 15
"""Most distinct whole numbers above a rating that are taken for codes."""
ROWS_PER_CODE = 4
"""Rows per distinct number that there must be for them to be codes."""
MAX_NOT_NUMBER = 0.1
"""Share of answers in words ("ca 10") that a question for an amount may have."""
LONG_TEXT = 100
"""Characters; answers longer than this are sentences."""
FEW = 8
"""Fewer answers than this say little about a column."""
MAX_OPTIONS = 60
"""Most options of a question whose answers recur (a list of countries)."""


class Kinds:
    """The kind of each column, judged once."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._known: dict[str, Guess] = {}

    def of(self, profile: Profile) -> Guess:
        """Return the kind of a column."""
        if profile.header not in self._known:
            self._known[profile.header] = classify(profile, self.words)
        return self._known[profile.header]


def classify(profile: Profile, words: Words) -> Guess:
    """Tell the kind of one column by itself."""
    hints = profile.column.hints
    if hints.role == "other_text":
        return Guess(Kind.TEXT)
    if hints.kind in {"", "date", "text"} and not hints.value_labels and profile.answers:
        personal = _personal(profile, words)
        if personal is not None:
            return personal
    stated = _stated(profile)
    if stated is not None:
        return stated
    if not profile.answers:
        return Guess(Kind.EMPTY, (remark("empty-column"),))
    if hints.value_labels:
        return _labelled(profile)
    texts = profile.texts
    if all(map(is_number, texts)):
        return _number_kind(profile, words)
    n_other = sum(a.n for a in profile.answers if not is_number(a.text))
    is_amount = n_other <= MAX_NOT_NUMBER * profile.n_answered and _asks_amount(profile, words)
    if is_amount and not natural_order(texts, words).is_scale:
        return Guess(Kind.NUMBER, (remark("not-all-numbers", n=n_other),))
    if sum(a.n for a in profile.answers if is_date(a.text)) >= 0.9 * profile.n_answered:
        return Guess(Kind.DATE)
    if all(map(is_time, texts)):
        return Guess(Kind.TEXT)
    split = find_split([(a.text, a.n) for a in profile.answers])
    if split is not None:
        values = remark("separator-guessed", separator=split.separator.strip() or "↵")
        held = (remark("options-hold-separator", options=len(split.rejoined)),)
        return Guess(Kind.CELLS, (values, *(held if split.rejoined else ())), split)
    return _choice_or_text(profile, words)


def _stated(profile: Profile) -> Guess | None:
    """Take the kind that the export states, where the cells do not contradict it."""
    hints = profile.column.hints
    cells = [(a.text, a.n) for a in profile.answers]
    if hints.separator and hints.kind in {"multiple", ""} and profile.answers:
        has_several = any(hints.separator in text.strip() for text, _ in cells)
        if has_several or hints.kind == "multiple":
            return Guess(Kind.CELLS, split=split_cells(cells, hints.separator))
    if hints.kind == "text":
        return Guess(Kind.TEXT)
    if hints.kind == "date" and all(map(is_date, profile.texts)):
        return Guess(Kind.DATE)
    if hints.kind == "number" and profile.answers:
        if all(map(is_number, profile.texts)):
            return Guess(Kind.NUMBER)
        return None
    if hints.kind in {"single", "grid"} and (hints.value_labels or not profile.answers):
        return Guess(Kind.SINGLE)
    return None


def _labelled(profile: Profile) -> Guess:
    """Tell codes with labels from numbers of which only a few values have a label."""
    labels = {fold(value) for value in profile.column.hints.value_labels}
    unlabelled = [a for a in profile.answers if fold(a.text) not in labels]
    if len(unlabelled) > MAX_CODES and all(is_number(a.text) for a in unlabelled):
        return Guess(Kind.NUMBER)
    return Guess(Kind.SINGLE)


# --- personal data and serial numbers ------------------------------------------


def _personal(profile: Profile, words: Words) -> Guess | None:
    """Recognise personal data by form and by head."""
    if profile.column.hints.role == "identity":
        return Guess(Kind.IDENTITY)
    kind = kind_of_column(profile.texts)
    if kind is not None and not (kind is PersonalKind.PHONE and _is_amount(profile)):
        return Guess(Kind.IDENTITY, (remark("identity-by-form", kind=kind.value),))
    announced = _announced(profile, words)
    if announced:
        return Guess(Kind.IDENTITY, (remark("identity-by-head", kind=announced),))
    return None


def _is_amount(profile: Profile) -> bool:
    """Tell plain numbers, which can look like telephone numbers."""
    return all(text.isdigit() and not text.startswith("0") for text in profile.texts)


EXACT_PLACE = 3
"""Decimals of a degree from which a position points out a house or a block."""
SHORT_HEAD = 4
"""Words; in a longer head "e-mail" may be what the question is about."""


def _announced(profile: Profile, words: Words) -> str:
    """Return the kind of personal data that a head announces, or "".

    A head that is such a word is believed. One that holds such a word is
    believed where it is short, or the words tell ("e-mail address"), and the
    answers do not recur.
    """
    head, text = fold(profile.header), fold(profile.column.hints.text)
    recurs = _recurring(profile) > 0.5 and 1 < len(profile.answers) <= MAX_OPTIONS
    numeric = all(map(is_number, profile.texts))
    exact = numeric and all(len(t.partition(".")[2]) >= EXACT_PLACE for t in profile.texts)
    tokens = _plain(text.split() or head.split())
    sentence = f" {' '.join(tokens)} "
    heads = {said.strip("?: .*") for said in (head, text)}
    for kind, names in words.personal.items():
        if kind == "position" and not numeric:
            continue
        weak = kind in {"name", "ip", "address"} or (kind == "position" and not exact)
        is_such = bool(heads & names)
        if is_such and (not (recurs and weak) or (kind == "name" and _are_names(profile))):
            return kind
        is_open = not recurs and not numeric and not _is_yes_no(profile, words)
        named = any(f" {name} " in sentence for name in names)
        tells = any(f" {n} " in sentence for n in names & words.lists["personal_telling"])
        if is_open and (tells or (named and len(tokens) <= SHORT_HEAD)):
            return kind
    return ""


_NAME = re.compile(r"[^\W\d_a-z][\w'’-]+(?: [^\W\d_a-z][\w'’-]*){1,3}")
"""First name and surname: two to four words with capitals."""
MOSTLY_NAMES = 0.8


def _are_names(profile: Profile) -> bool:
    """Tell answers that look like persons' names, however often each is given."""
    n = sum(bool(_NAME.fullmatch(text.strip())) for text in profile.texts)
    return n >= MOSTLY_NAMES * len(profile.texts)


def _is_yes_no(profile: Profile, words: Words) -> bool:
    """Tell answers that are yes and no only."""
    return all(words.among("yes", t) or words.among("no", t) for t in profile.texts)


def _plain(tokens: list[str]) -> list[str]:
    return [token.strip("?:.,()*\"'") for token in tokens]


def _is_serial(profile: Profile, words: Words, values: list[float]) -> bool:
    """Tell row numbers: whole, all different, rising, under a head that says so or none."""
    n = profile.n_answered
    if len(profile.answers) < n or n < 3:
        return False
    head = fold(profile.header)
    named = head in words.lists["identifier_heads"] or head.startswith("[")
    steps = [b - a for a, b in pairwise(values)]
    is_counting = all(step == 1 for step in steps) or all(step == -1 for step in steps)
    return (named and all(v == int(v) for v in values)) or (is_counting and n >= FEW)


# --- numbers -------------------------------------------------------------------


def _number_kind(profile: Profile, words: Words) -> Guess:
    """Tell ratings, codes, serial numbers and amounts apart."""
    values = [number(text) for text in profile.texts]
    asks_amount = _asks_amount(profile, words)
    if not asks_amount and _is_serial(profile, words, values):
        return Guess(Kind.SERIAL)
    is_whole = all(value == int(value) for value in values)
    has_unit = any(text.strip()[-1:] in "%rt" for text in profile.texts)
    if not is_whole or has_unit or asks_amount:
        return Guess(Kind.NUMBER)
    low, high, distinct = min(values), max(values), len(values)
    if low >= -1 and high <= MAX_RATING:
        if distinct > 2 and low >= 0 and _is_rating(profile, words):
            return Guess(Kind.RATING, (remark("numbers-as-options"),))
        return Guess(Kind.CODES, (remark("codes-without-labels"),))
    is_few = distinct <= MAX_CODES and profile.n_answered >= ROWS_PER_CODE * distinct
    if is_few:
        return Guess(Kind.CODES, (remark("codes-without-labels"),))
    return Guess(Kind.NUMBER)


LEAST_STEPS = 5
"""Distinct whole numbers from which a column is a rating whatever its head says."""


def _is_rating(profile: Profile, words: Words) -> bool:
    """Tell a rating from codes by its head, or by its many steps side by side."""
    if profile.column.hints.ordered or _has_phrase(profile, words, "rating_heads"):
        return True
    values = sorted(number(text) for text in profile.texts)
    return len(values) >= LEAST_STEPS and values[-1] - values[0] <= len(values)


def _asks_amount(profile: Profile, words: Words) -> bool:
    """Tell from the head that an amount is asked for (age, number of …)."""
    return _has_phrase(profile, words, "count_heads")


def _has_phrase(profile: Profile, words: Words, name: str) -> bool:
    """Tell whether head or wording holds a word or phrase of a list."""
    text = f"{fold(profile.header)} {fold(profile.column.hints.text)}"
    sentence = f" {' '.join(_plain(text.split()))} "
    return any(f" {phrase} " in sentence for phrase in words.lists[name])


# --- choices and free text -----------------------------------------------------


def _recurring(profile: Profile) -> float:
    """Return the share of answers that more than one person gave."""
    n = profile.n_answered
    return sum(a.n for a in profile.answers if a.n > 1) / n if n else 0.0


SHORT_STEP = 30
"""Characters; a longer answer that nobody repeats is no step of a scale."""
MAX_STEPS = 12
"""Most steps of a scale of wordings."""


def _choice_or_text(profile: Profile, words: Words) -> Guess:
    """Tell a choice among options from words of one's own, by how answers recur."""
    distinct, n = len(profile.answers), profile.n_answered
    longest = sorted(len(a.text) for a in profile.answers)
    median = longest[len(longest) // 2]
    recurring = _recurring(profile)
    may_be_steps = distinct <= MAX_STEPS and (recurring > 0 or median <= SHORT_STEP)
    if may_be_steps and natural_order(profile.texts, words).is_scale:
        return Guess(Kind.SINGLE)
    if n < FEW:
        return _few_answers(profile, words, median)
    if recurring >= 0.9 and distinct <= MAX_OPTIONS and median <= LONG_TEXT:
        return Guess(Kind.SINGLE)
    asks_words = _asks_words(profile, words)
    if recurring >= 0.7 and distinct <= MAX_OPTIONS * 2 / 3 and not asks_words:
        return Guess(Kind.SINGLE)
    if recurring >= 0.5 and distinct <= 12 and not asks_words:
        return Guess(Kind.SINGLE, (remark("choice-guessed"),))
    return Guess(Kind.TEXT)


def _asks_words(profile: Profile, words: Words) -> bool:
    """Tell from the head that words of one's own are asked for."""
    return any(_has_phrase(profile, words, n) for n in ("free_text_heads", "other_text_heads"))


MAX_WORDS_FEW = 4
MAX_LENGTH_FEW = 40


def _few_answers(profile: Profile, words: Words, median: int) -> Guess:
    """Judge a column with few answers by their length."""
    is_short = all(
        len(a.text.split()) <= MAX_WORDS_FEW and len(a.text) <= MAX_LENGTH_FEW
        for a in profile.answers
    )
    recurs = len(profile.answers) < profile.n_answered
    if _is_yes_no(profile, words):
        return Guess(Kind.SINGLE)
    if not _asks_words(profile, words) and ((recurs and median <= LONG_TEXT) or is_short):
        return Guess(Kind.SINGLE, (remark("choice-guessed-few", n=profile.n_answered),))
    return Guess(Kind.TEXT)
