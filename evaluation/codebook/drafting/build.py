"""From columns that belong together to a question with options, items and roles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaluation.codebook.drafting.kinds import Guess, Kind
from evaluation.codebook.drafting.options import draft_cell_options, draft_options, numbered
from evaluation.codebook.drafting.remarks import Remark, remark
from evaluation.codebook.drafting.selections import (
    chosen_matrix,
    default_reads,
    says_not_selected,
    selected_texts,
)
from evaluation.codebook.drafting.slugs import code_of, identifier, safe, unique
from evaluation.codebook.drafting.units import Shape, Unit
from evaluation.codebook.schema import Item, Option, Question, QuestionType, Role
from evaluation.codebook.spelling import fold, trim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.codebook.drafting.profile import Profile
    from evaluation.codebook.words import Words

TYPES = {
    Kind.SINGLE: QuestionType.SINGLE,
    Kind.RATING: QuestionType.SINGLE,
    Kind.CODES: QuestionType.SINGLE,
    Kind.CELLS: QuestionType.MULTIPLE,
    Kind.NUMBER: QuestionType.NUMBER,
    Kind.DATE: QuestionType.DATE,
    Kind.TEXT: QuestionType.TEXT,
    Kind.EMPTY: QuestionType.TEXT,
    Kind.IDENTITY: QuestionType.TEXT,
    Kind.SERIAL: QuestionType.TEXT,
}


@dataclass(frozen=True, slots=True)
class Drafted:
    """A drafted question.

    Attributes
    ----------
    question
        The question.
    remarks
        What was unsure.
    profiles
        Its columns, in the order of its options or items.
    """

    question: Question
    remarks: tuple[Remark, ...]
    profiles: tuple[Profile, ...]


class Builder:
    """Build questions one after another, every identifier once.

    Parameters
    ----------
    words
        Word lists.
    mixes_other
        The tool puts the words to "other" into the same cell.
    """

    def __init__(self, words: Words, *, mixes_other: bool) -> None:
        self.words = words
        self.mixes_other = mixes_other
        self._taken: set[str] = set()

    def build(self, unit: Unit) -> list[Drafted]:
        """Return the question of a unit, and a text question for each column of words."""
        if unit.shape is Shape.OPTIONS:
            made = self._options(unit)
        elif unit.shape is Shape.GRID:
            made = self._grid(unit)
        else:
            made = self._column(unit)
        used = {option.column for option in made.question.options}
        others = [other for other in unit.others if other.header not in used]
        return [made, *(self._words_of(other, made) for other in others)]

    def _name(self, unit: Unit, text: str) -> str:
        """Return a free identifier: the tool's own code, else words of the question."""
        code = unit.profiles[0].column.hints.question
        name = safe(code) if code and len(code) <= MAX_TOOL_CODE else identifier(text, self.words)
        name = unique(name, self._taken)
        self._taken.add(name)
        return name

    def _column(self, unit: Unit) -> Drafted:
        profile, guess = unit.profiles[0], unit.guesses[0]
        text = question_text(unit.stem or profile.column.hints.text or profile.header)
        fields: dict[str, Any] = {
            "id": self._name(unit, profile.header if unit.shape is Shape.ADMIN else text),
            "text": text,
            "type": TYPES[guess.kind],
            "column": profile.header,
            "missing": dict(profile.missing),
        }
        remarks = [*unit.remarks, *guess.remarks, *_missing_remarks([profile])]
        if guess.kind in {Kind.SINGLE, Kind.RATING, Kind.CODES}:
            remarks += self._single(fields, unit, guess)
        elif guess.kind is Kind.CELLS and guess.split is not None:
            drafted = draft_cell_options(
                profile, guess.split.counts, self.words, mixes_other=self.mixes_other
            )
            fields["options"], fields["separator"] = drafted.options, guess.split.separator
            remarks += drafted.remarks
        self._roles(fields, unit, guess)
        if fields.get("role") is Role.ADMIN:
            remarks = []
        return Drafted(Question(**fields), tuple(remarks), unit.profiles)

    def _single(self, fields: dict[str, Any], unit: Unit, guess: Guess) -> list[Remark]:
        """Add the options of a single question."""
        profile = unit.profiles[0]
        is_status = profile.column.hints.role == "status"
        if is_status:  # its value labels are not labels of answers
            return []
        mixes = self.mixes_other and not unit.others
        drafted = draft_options(
            [profile], self.words, fill=guess.kind is Kind.RATING, mixes_other=mixes
        )
        if not drafted.options:  # every value that has a label is a missing one
            fields["type"] = QuestionType.TEXT
            return [remark("empty-column")]
        fields["options"], fields["ordered"] = drafted.options, drafted.ordered
        if guess.kind is Kind.CODES and not profile.column.hints.ordered:
            fields["ordered"] = False
        if unit.others:
            fields["options"] = _with_text_column(drafted.options, unit.others[0], self.words)
        return list(drafted.remarks)

    def _roles(self, fields: dict[str, Any], unit: Unit, guess: Guess) -> None:
        """Say what the question is used for, by the tool's mark and by its head."""
        profile = unit.profiles[0]
        if guess.kind is Kind.IDENTITY or profile.column.hints.role == "identity":
            fields.update(role=Role.IDENTITY, type=QuestionType.TEXT, hidden=True, options=())
            fields.update(separator=None, ordered=False)
        elif unit.shape is Shape.ADMIN or guess.kind is Kind.SERIAL:
            fields.update(role=Role.ADMIN, hidden=True, type=QuestionType.TEXT)
            fields.update(options=(), ordered=False, separator=None)
            if profile.column.hints.role == "status":
                fields.update(_status_options(profile))
        elif guess.kind is Kind.NUMBER and self._is_weight(profile):
            fields.update(role=Role.WEIGHT, hidden=True)
        elif fields["type"] is QuestionType.SINGLE and self._is_named(profile, "background_heads"):
            fields["role"] = Role.BACKGROUND

    def _is_weight(self, profile: Profile) -> bool:
        """Tell a survey weight from a body's: by an unmistakable name, or by many decimals."""
        label = f" {fold(profile.column.hints.text)} "
        said = any(f" {p} " in label for p in self.words.lists["weight_phrases"])
        if said or self._is_named(profile, "sure_weight_heads"):
            return True
        if not self._is_named(profile, "weight_heads"):
            return False
        words = fold(profile.column.hints.text).split()
        if any(word in self.words.lists["not_weight"] for word in words):
            return False
        decimals = [len(t.replace(",", ".").partition(".")[2]) for t in profile.texts]
        return sum(n >= WEIGHT_DECIMALS for n in decimals) > len(decimals) / 2

    def _is_named(self, profile: Profile, name: str) -> bool:
        """Tell whether the head, or its telling words, are in a list."""
        known = self.words.lists[name]
        heads = {fold(profile.header), fold(profile.column.hints.text)}
        bare = {_NUMBER.sub("", head).strip("?: .*") for head in heads}
        return bool((heads | bare) & known)

    def _options(self, unit: Unit) -> Drafted:
        """Build a multiple answer of option columns."""
        text = question_text(unit.stem or unit.profiles[0].header)
        taken: set[str] = set()
        options, doubled = numbered([_column_option(p, taken) for p in unit.profiles])
        remarks = [*unit.remarks, *_missing_remarks(unit.profiles)]
        if doubled:
            remarks.append(remark("labels-numbered", options=", ".join(doubled)))
        options, exclusive = self._exclusive(options, unit.profiles)
        if exclusive:
            remarks.append(remark("exclusive-guessed", options=", ".join(exclusive)))
        selected = selected_texts(unit.profiles, self.words)
        profiles = list(unit.profiles)
        is_shown = says_not_selected(unit.profiles, self.words)
        if is_shown:
            remarks.append(remark("none-chosen-answered"))
        remarks += self._other_option(options, profiles, unit, selected, taken)
        question = Question(
            id=self._name(unit, text),
            text=text,
            type=QuestionType.MULTIPLE,
            options=tuple(options),
            selected=() if self._has_words(unit, options) else tuple(selected),
            none_chosen="answered" if is_shown else "item_nonresponse",
            missing=_missing(unit.profiles),
        )
        return Drafted(question, tuple(remarks), tuple(profiles))

    def _has_words(self, unit: Unit, options: Sequence[Option]) -> bool:
        """Tell whether an option's column holds words, which no list of cells covers."""
        heads = {other.header for other in unit.others}
        return any(option.column in heads for option in options)

    def _other_option(
        self,
        options: list[Option],
        profiles: list[Profile],
        unit: Unit,
        selected: Sequence[str],
        taken: set[str],
    ) -> list[Remark]:
        """Count the words to "other" as an option: the one that is there, or a new one."""
        if not unit.others:
            return []
        words = unit.others[0]
        label = words.column.hints.option or question_text(words.header)
        for place, option in enumerate(options):
            if fold(str(option.label)) == fold(label) or self.words.is_other(str(option.label)):
                options[place] = option.model_copy(update={"other_text": words.header})
                return []
        if not self.words.is_other(label) or not default_reads(unit.profiles, selected):
            return []
        code = unique(code_of(label), taken)
        column = words.header
        options.append(Option(code=code, label=label, column=column, other_text=column))
        profiles.append(words)
        return [remark("other-from-words", option=label)]

    def _exclusive(
        self, options: list[Option], profiles: Sequence[Profile]
    ) -> tuple[list[Option], list[str]]:
        """Mark "none of these" where nobody chose it together with another option."""
        matrix = chosen_matrix(profiles, self.words)
        n_chosen = matrix.sum(axis=0)
        marked = []
        for place, option in enumerate(options):
            alone = not (matrix[place] & (n_chosen > 1)).any()
            if self.words.is_none(str(option.label)) and alone and matrix[place].any():
                options[place] = option.model_copy(update={"exclusive": True})
                marked.append(str(option.label))
        return options, marked

    def _grid(self, unit: Unit) -> Drafted:
        """Build a grid: one scale for all items."""
        fill = all(g.kind in {Kind.RATING, Kind.EMPTY} for g in unit.guesses)
        drafted = draft_options(unit.profiles, self.words, fill=fill)
        lost = any(r.code == "stem-lost" for r in unit.remarks)
        language = self.words.language_of(" ".join(p.header for p in unit.profiles))
        lost_stem = self.words.phrase("lost_stem", language)
        stem = unit.stem or (lost_stem if lost else "")
        start = ""
        if stem and " " not in stem:  # a code is no wording
            start = _shared_start(unit.profiles)
            stem = f"{start} \u2026" if start else f"{lost_stem}: {stem}"
        text = question_text(stem or unit.profiles[0].header)
        name = self._grid_name(unit, text, lost=lost)
        items = []
        for profile in unit.profiles:
            wording = question_text(profile.column.hints.option or profile.column.hints.text)
            wording = _after(start, wording) or profile.header
            short = identifier(wording, self.words) if lost else f"{name}_{code_of(wording)}"
            short = unique(safe(short), self._taken)
            self._taken.add(short)
            items.append(Item(id=short, text=wording, column=profile.header))
        guessed = {r.code: r for g in unit.guesses for r in g.remarks if r.code in _GRID_REMARKS}
        remarks = (*unit.remarks, *guessed.values(), *drafted.remarks)
        question = Question(
            id=name,
            text=text,
            type=QuestionType.GRID,
            options=drafted.options,
            items=tuple(items),
            ordered=drafted.ordered,
            missing=_missing(unit.profiles),
        )
        remarks = (*remarks, *_missing_remarks(unit.profiles))
        return Drafted(question, remarks, unit.profiles)

    def _grid_name(self, unit: Unit, text: str, *, lost: bool) -> str:
        """Name a grid; one without a stem after its first statement."""
        if not lost:
            return self._name(unit, text)
        first = unit.profiles[0]
        name = unique(identifier(first.header, self.words), self._taken)
        self._taken.add(name)
        return name

    def _words_of(self, other: Profile, parent: Drafted) -> Drafted:
        """Build the text question of a column of words."""
        text = question_text(other.column.hints.text or other.header)
        name = unique(f"{parent.question.id}_text", self._taken)
        self._taken.add(name)
        question = Question(
            id=name,
            text=text,
            type=QuestionType.TEXT,
            column=other.header,
            missing=dict(other.missing),
            hidden=True,
        )
        return Drafted(question, (), (other,))


_NUMBER = re.compile(r"\A\d+\s*[.):]\s*")
"""The number that a tool puts before a question."""
WEIGHT_DECIMALS = 3
"""Scales for bodies do not show so many; calculated weights do."""
MAX_TOOL_CODE = 40
"""A longer code is a wording."""
_GRID_REMARKS = frozenset({"numbers-as-options", "codes-without-labels"})


def question_text(text: str) -> str:
    """Return a wording on one line, without the marks that tools leave at its end."""
    return trim(text).rstrip("*").rstrip() or "?"


LEAST_START = 3
"""Words that items must begin with together to share a wording."""


def _shared_start(profiles: Sequence[Profile]) -> str:
    """Return the words that all items begin with, or "" where they are few."""
    split = [p.column.hints.option.split() for p in profiles]
    shared = []
    for words in zip(*split, strict=False):
        if len(set(words)) > 1 or words[0].startswith(("[", "(")):
            break
        shared.append(words[0])
    is_part = all(len(words) > len(shared) for words in split)
    return " ".join(shared) if len(shared) >= LEAST_START and is_part else ""


def _after(start: str, wording: str) -> str:
    """Return what an item says beyond the words that stand in the stem already."""
    if not start:
        return wording
    rest = " ".join(wording.split()).removeprefix(start).strip()
    return rest[1:-1].strip() if rest.startswith("[") and rest.endswith("]") else rest


def _column_option(profile: Profile, taken: set[str]) -> Option:
    """Build the option of an option column."""
    label = question_text(profile.column.hints.option or profile.header)
    code = unique(code_of(label), taken)
    taken.add(code)
    return Option(code=code, label=label, column=profile.header)


def _missing(profiles: Sequence[Profile]) -> dict[str, str]:
    """Put the missing values of several columns together."""
    return {text: kind for p in profiles for text, kind in p.missing.items()}


def _missing_remarks(profiles: Sequence[Profile]) -> list[Remark]:
    """Say which values were taken for missing without the export saying so."""
    guessed = dict.fromkeys(text for p in profiles for text in p.guessed_missing)
    return [remark("missing-guessed", values=", ".join(guessed))] if guessed else []


def _with_text_column(
    options: tuple[Option, ...], words_of: Profile, words: Words
) -> tuple[Option, ...]:
    """Attach the column of words to the option "other"."""
    head = fold(words_of.column.hints.option or words_of.header)
    for place, option in enumerate(options):
        if words.is_other(str(option.label)) or fold(str(option.label)) == head:
            changed = option.model_copy(update={"other_text": words_of.header})
            return (*options[:place], changed, *options[place + 1 :])
    return options


def _status_options(profile: Profile) -> dict[str, Any]:
    """Return type and options of a status column: its values as they stand."""
    taken: set[str] = set()
    options = []
    for text in profile.texts:
        code = unique(code_of(text), taken)
        taken.add(code)
        options.append(Option(code=code, label=text))
    return {"type": QuestionType.SINGLE, "options": tuple(options), "ordered": False}
