"""Compare next year's codebook with the one before: new, gone and renamed questions and options.

Matched in this order, each question once: same identifier, same wording, same
column, most similar wording with mostly the same options, the same items of a
grid, the very options that no other question has.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING

from evaluation.codebook.names import texts_of
from evaluation.codebook.schema import Codebook, Item, Option, Question, Role
from evaluation.codebook.spelling import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


class ChangeKind(StrEnum):
    """What can happen to a question or an option from one year to the next."""

    NEW_QUESTION = "new_question"
    GONE_QUESTION = "gone_question"
    RENAMED_QUESTION = "renamed_question"
    NEW_TYPE = "new_type"
    NEW_OPTION = "new_option"
    GONE_OPTION = "gone_option"
    RENAMED_OPTION = "renamed_option"
    NEW_ITEM = "new_item"
    GONE_ITEM = "gone_item"
    RENAMED_ITEM = "renamed_item"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes
    ----------
    question
        Identifier, the earlier one where there are two.
    old, new
        Wording or label before and now; "" where there is none.
    """

    kind: ChangeKind
    question: str
    old: str = ""
    new: str = ""


ALIKE = 0.85
"""Least likeness of two wordings of one question (`difflib.SequenceMatcher.ratio`)."""
ALIKE_OPTION = 0.8
SHARED_OPTIONS = 0.5
"""Share of options, or of items, that reworded questions must have in common."""
ALIKE_SAME_OPTIONS = 0.5
"""Least likeness of two wordings with the very same options, found nowhere else."""
TELLING_OPTIONS = 3
"""Options that make a question known by them; "yes" and "no" do not."""


def compare_codebooks(old: Codebook, new: Codebook) -> tuple[Change, ...]:
    """List what is new, gone or renamed, in the order of the new codebook, then what is gone."""
    pairs = match_questions(old, new)
    earlier = {question.id: question for question in old.questions}
    changes: list[Change] = []
    for question in new.questions:
        before = earlier.get(pairs.get(question.id, ""))
        if before is None:
            if question.role not in _SILENT:
                changes.append(Change(ChangeKind.NEW_QUESTION, question.id, new=_text(question)))
        else:
            changes.extend(_compare(before, question))
    kept = set(pairs.values())
    changes.extend(
        Change(ChangeKind.GONE_QUESTION, question.id, old=_text(question))
        for question in old.questions
        if question.id not in kept and question.role not in _SILENT and not question.recode
    )
    return tuple(changes)


_SILENT = frozenset({Role.ADMIN, Role.IDENTITY})


def match_questions(old: Codebook, new: Codebook) -> dict[str, str]:
    """Return identifier in the new codebook -> identifier in the old one."""
    pairs: dict[str, str] = {}
    rules: tuple[Callable[[Question, Question], bool], ...] = (
        _same_id_and_text,
        _same_text,
        _same_column,
        _same_id,
        _alike,
        _same_items,
    )
    for rule in rules:
        free_old = [q for q in old.questions if q.id not in pairs.values() and not q.recode]
        for question in new.questions:
            if question.id in pairs:
                continue
            found = next((q for q in free_old if rule(q, question)), None)
            if found is not None:
                pairs[question.id] = found.id
                free_old.remove(found)
    return pairs | _by_options(old, new, pairs)


def _by_options(old: Codebook, new: Codebook, pairs: dict[str, str]) -> dict[str, str]:
    """Match what was worded anew altogether by its options, where no other question has them."""
    before = Counter(_labels(q) for q in old.questions if not q.recode)
    now = Counter(_labels(q) for q in new.questions)
    taken = set(pairs.values())
    known = {_labels(q): q for q in old.questions if q.id not in taken and not q.recode}
    found: dict[str, str] = {}
    for question in new.questions:
        labels = _labels(question)
        earlier = known.get(labels)
        if question.id in pairs or earlier is None or len(labels) < TELLING_OPTIONS:
            continue
        is_alone = before[labels] == 1 and now[labels] == 1
        is_near = _likeness(_text(earlier), _text(question)) >= ALIKE_SAME_OPTIONS
        if is_alone and is_near and earlier.type is question.type:
            found[question.id] = earlier.id
    return found


def _labels(question: Question) -> frozenset[str]:
    return frozenset(fold(texts_of(option.label)[0]) for option in question.options)


def _likeness(one: str, other: str) -> float:
    """Compare two texts by their letters in order, and by their words in any order."""
    letters = SequenceMatcher(None, fold(one), fold(other), autojunk=False).ratio()
    first, second = set(_WORD.findall(fold(one))), set(_WORD.findall(fold(other)))
    words = 2 * len(first & second) / max(1, len(first) + len(second))
    return max(letters, words)


_WORD = re.compile(r"\w+")


def _text(question: Question) -> str:
    return texts_of(question.text)[0]


def _same_id_and_text(old: Question, new: Question) -> bool:
    return old.id == new.id and _same_text(old, new)


def _same_text(old: Question, new: Question) -> bool:
    return bool({fold(t) for t in texts_of(old.text)} & {fold(t) for t in texts_of(new.text)})


def _same_column(old: Question, new: Question) -> bool:
    return bool(old.column and new.column) and fold(str(old.column)) == fold(str(new.column))


def _same_id(old: Question, new: Question) -> bool:
    """Take one identifier for one question where also type or options agree."""
    if old.id != new.id:
        return False
    return old.type is new.type or _shared(old.options, new.options) >= SHARED_OPTIONS


def _alike(old: Question, new: Question) -> bool:
    """Take similar wordings for one question where the options are mostly the same."""
    if old.type is not new.type:
        return False
    likeness = SequenceMatcher(None, fold(_text(old)), fold(_text(new)), autojunk=False).ratio()
    if likeness < ALIKE:
        return False
    return not old.options or _shared(old.options, new.options) >= SHARED_OPTIONS


def _same_items(old: Question, new: Question) -> bool:
    """Take two grids for one where most items are the same, whatever became of the stem."""
    if not old.items or not new.items:
        return False
    shared = len(_match_items(old.items, new.items))
    return shared > SHARED_OPTIONS * max(len(old.items), len(new.items))


def _match_items(old: Sequence[Item], new: Sequence[Item]) -> dict[str, str]:
    """Return identifier of an item now -> before: by wording, then by likeness."""
    pairs: dict[str, str] = {}
    free = list(old)
    for least in (1.0, ALIKE):
        for item in new:
            if item.id in pairs or not free:
                continue
            text = fold(texts_of(item.text)[0])
            scores = [_item_likeness(before, text) for before in free]
            best = scores.index(max(scores))
            if scores[best] >= least:
                pairs[item.id] = free.pop(best).id
    return pairs


def _item_likeness(item: Item, folded: str) -> float:
    texts = [fold(text) for text in texts_of(item.text)]
    return max(SequenceMatcher(None, text, folded, autojunk=False).ratio() for text in texts)


def _spellings(option: Option) -> set[str]:
    return {fold(text) for text in (option.code, *texts_of(option.label), *option.values)}


def _shared(old: Sequence[Option], new: Sequence[Option]) -> float:
    """Return the share of options in common, of the shorter list."""
    if not old or not new:
        return 0.0
    known = set().union(*map(_spellings, old))
    return sum(bool(_spellings(option) & known) for option in new) / min(len(old), len(new))


def _compare(old: Question, new: Question) -> Iterable[Change]:
    """Compare one question with itself a year before."""
    if not _same_text(old, new):
        yield Change(ChangeKind.RENAMED_QUESTION, old.id, _text(old), _text(new))
    if old.type is not new.type:
        yield Change(ChangeKind.NEW_TYPE, old.id, old.type.value, new.type.value)
    if old.role in _SILENT or new.role in _SILENT:
        return
    pairs = match_options(old.options, new.options)
    gone = [o for o in old.options if o.code not in pairs.values() and not o.open]
    for option in new.options:
        before = next((o for o in old.options if o.code == pairs.get(option.code)), None)
        label = texts_of(option.label)[0]
        if before is None:
            yield Change(ChangeKind.NEW_OPTION, old.id, new=label)
        elif not ({fold(t) for t in texts_of(before.label)} & _spellings(option)):
            yield Change(ChangeKind.RENAMED_OPTION, old.id, texts_of(before.label)[0], label)
    for option in gone:
        yield Change(ChangeKind.GONE_OPTION, old.id, old=texts_of(option.label)[0])
    yield from _compare_items(old, new)


def _compare_items(old: Question, new: Question) -> Iterable[Change]:
    pairs = _match_items(old.items, new.items)
    for item in new.items:
        before = next((i for i in old.items if i.id == pairs.get(item.id)), None)
        text = texts_of(item.text)[0]
        if before is None:
            yield Change(ChangeKind.NEW_ITEM, old.id, new=text)
        elif _item_likeness(before, fold(text)) < 1:
            yield Change(ChangeKind.RENAMED_ITEM, old.id, texts_of(before.text)[0], text)
    for item in old.items:
        if item.id not in pairs.values():
            yield Change(ChangeKind.GONE_ITEM, old.id, old=texts_of(item.text)[0])


def match_options(old: Sequence[Option], new: Sequence[Option]) -> dict[str, str]:
    """Return code in the new question -> code in the old: by spelling, then by likeness."""
    pairs: dict[str, str] = {}
    free = list(old)
    for option in new:
        found = next((o for o in free if _spellings(o) & _spellings(option)), None)
        if found is not None:
            pairs[option.code] = found.code
            free.remove(found)
    for option in new:
        if option.code in pairs or not free:
            continue
        label = fold(texts_of(option.label)[0])
        scores = [
            (SequenceMatcher(None, fold(texts_of(o.label)[0]), label, autojunk=False).ratio(), -n)
            for n, o in enumerate(free)
        ]
        best, place = max(scores)
        if best >= ALIKE_OPTION:
            pairs[option.code] = free[-place].code
            free.pop(-place)
    return pairs


def adopt(old: Codebook, new: Codebook) -> Codebook:
    """Return the new codebook with the identifiers, codes and definitions of the old one.

    What the evaluator decided last year holds on: a matched question keeps its
    earlier definition, reads this year's columns, and gets this year's new
    options at the end.
    """
    pairs = match_questions(old, new)
    earlier = {question.id: question for question in old.questions}
    taken = set(pairs.values())
    questions = []
    for question in new.questions:
        before = earlier.get(pairs.get(question.id, ""))
        if before is None:
            name = question.id
            while name in taken:
                name = f"{name}_new"
            taken.add(name)
            questions.append(question.model_copy(update={"id": name}))
        else:
            questions.append(_adopted(before, question))
    derived = [question for question in old.questions if question.recode]
    return new.model_copy(update={"questions": (*questions, *derived)})


def _adopted(old: Question, new: Question) -> Question:
    """Return one question as it was, with this year's columns and new options."""
    if old.type is not new.type:
        return new.model_copy(update={"id": old.id})
    pairs = match_options(old.options, new.options)
    by_old = {pairs[o.code]: o for o in new.options if o.code in pairs}
    options = [_adopted_option(option, by_old.get(option.code)) for option in old.options]
    codes = {option.code for option in options}
    for option in new.options:
        if option.code not in pairs:
            code = option.code
            while code in codes:
                code = f"{code}_new"
            codes.add(code)
            options.append(option.model_copy(update={"code": code}))
    same = _match_items(old.items, new.items)
    taken = {item.id for item in old.items}
    kept = []
    for item in new.items:
        name = same.get(item.id, item.id)
        while item.id not in same and name in taken:
            name = f"{name}_new"
        taken.add(name)
        kept.append(item.model_copy(update={"id": name}))
    missing = {**new.missing, **old.missing}
    changes: dict[str, object] = {
        "column": new.column,
        "options": tuple(options),
        "items": tuple(kept),
    }
    if old.column is None and isinstance(old.text, str) and new.column is None:
        changes["text"] = new.text  # the wording is the head itself: this year's is shown
    return old.model_copy(update={**changes, "missing": missing, "selected": new.selected})


def _adopted_option(old: Option, new: Option | None) -> Option:
    """Return an option as it was, reading this year's column and spellings too."""
    if new is None:
        return old
    known = _spellings(old)
    spellings = (*texts_of(new.label), *new.values)
    values = (*old.values, *(text for text in spellings if fold(text) not in known))
    column = new.column or old.column
    return old.model_copy(update={"values": values, "column": column, "other_text": new.other_text})
