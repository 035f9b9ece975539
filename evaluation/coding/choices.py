"""What a text in a cell means: the options of a question, and everything that is missing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evaluation.codebook.names import texts_of
from evaluation.codebook.spelling import fold, trim
from evaluation.model import Category, MissingKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evaluation.codebook.schema import LocalText, Option, Question
    from evaluation.model import ColumnHints

MISSING_KINDS = {
    "item_nonresponse": MissingKind.ITEM_NONRESPONSE,
    "not_asked": MissingKind.NOT_ASKED,
}


def text_in(text: LocalText, language: str) -> str:
    """Return a text in one language, or in the first that it has."""
    if isinstance(text, str):
        return text
    return text.get(language) or next(iter(text.values()), "")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one text means.

    Attributes
    ----------
    code
        Position of a category, or a `MissingKind`; None where unknown.
    is_exact
        The text is the code, label or spelling itself, blanks at the ends aside.
    """

    code: int | None
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class Choices:
    """Categories of a question and how cells are read as them.

    Attributes
    ----------
    categories
        Options that count as answers, in codebook order.
    option_code
        Per option: position of its category, or the missing kind it stands for.
    off_scale
        Categories that are no step of a scale.
    open_code
        Category of "Annat, nämligen" where the question has one, else None.
    by_code, by_label
        Folded text -> option position, for codes and for labels with other spellings.
    exact_codes, exact_labels
        Texts that are right to the letter.
    missing
        Folded text -> missing kind.
    """

    categories: tuple[Category, ...]
    option_code: tuple[int, ...]
    off_scale: frozenset[int]
    open_code: int | None
    by_code: Mapping[str, int]
    by_label: Mapping[str, int]
    exact_codes: frozenset[str]
    exact_labels: frozenset[str]
    missing: Mapping[str, MissingKind]
    hinted: Mapping[str, str] = field(default_factory=dict)
    _pieces: dict[str, int] = field(default_factory=dict, compare=False, repr=False)

    def most_pieces(self, sign: str) -> int:
        """Return into how many pieces a sign cuts the spelling that holds it most often."""
        if sign not in self._pieces:
            folded = fold(sign) or sign
            spellings = (*self.by_label, *self.by_code)
            self._pieces[sign] = 1 + max((s.count(folded) for s in spellings), default=0)
        return self._pieces[sign]

    def read(self, text: str, *, labels_first: bool) -> Reading:
        """Return what a text means; blank is item non-response."""
        folded = fold(text)
        if not folded:
            return Reading(MissingKind.ITEM_NONRESPONSE)
        if folded in self.missing:
            return Reading(self.missing[folded])
        option = self.option(folded, labels_first=labels_first)
        if option is not None:
            is_exact = trim(text) in self.exact_codes or trim(text) in self.exact_labels
            return Reading(self.option_code[option], is_exact)
        hinted = self.option(self.hinted.get(folded, ""), labels_first=True)
        return Reading(None if hinted is None else self.option_code[hinted])

    def option(self, folded: str, *, labels_first: bool) -> int | None:
        """Return the option that a folded text names, or None."""
        first, second = self.by_code, self.by_label
        if labels_first:
            first, second = second, first
        found = first.get(folded)
        return second.get(folded) if found is None else found


@dataclass(slots=True)
class Spellings:
    """Whether a column holds labels or codes, from all of its texts.

    Matters only where some label looks like the code of another option (a
    scale labelled 0 to 10 with the codes 1 to 11): whichever are more often
    right to the letter, then whichever are more often right at all.

    Attributes
    ----------
    exact_codes, exact_labels
        Texts met that are right to the letter.
    codes, labels
        Folded texts met that are right at all.
    """

    exact_codes: set[str] = field(default_factory=set)
    exact_labels: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)

    def add(self, text: str, folded: str, choices: Choices) -> None:
        """Take note of a text."""
        if folded in choices.by_code:
            self.codes.add(folded)
        if folded in choices.by_label:
            self.labels.add(folded)
        bare = trim(text)
        if bare in choices.exact_codes:
            self.exact_codes.add(bare)
        if bare in choices.exact_labels:
            self.exact_labels.add(bare)

    @property
    def prefers_labels(self) -> bool:
        """Tell whether the column holds labels rather than codes."""
        exact = len(self.exact_labels) - len(self.exact_codes)
        return exact > 0 if exact else len(self.labels) > len(self.codes)


def make_choices(question: Question, language: str, hints: ColumnHints) -> Choices:
    """Return how the cells of a question are read.

    Parameters
    ----------
    question
        With options; for a grid they hold for every item.
    language
        Language of the category labels.
    hints
        What the export says: labels of values, and missing values.
    """
    kept = [option for option in question.options if not option.missing]
    place = {option.code: number for number, option in enumerate(kept)}
    option_code = tuple(
        MISSING_KINDS[o.missing] if o.missing else place[o.code] for o in question.options
    )
    missing = {fold(value): kind for value, kind in hints.missing.items()}
    missing |= {fold(value): MISSING_KINDS[kind] for value, kind in question.missing.items()}
    by_code: dict[str, int] = {}
    by_label: dict[str, int] = {}
    for number, option in enumerate(question.options):
        by_code.setdefault(fold(option.code), number)
        for spelling in _spellings(option):
            by_label.setdefault(fold(spelling), number)
    return Choices(
        categories=tuple(Category(o.code, text_in(o.label, language)) for o in kept),
        option_code=option_code,
        off_scale=frozenset(i for i, option in enumerate(kept) if option.off_scale),
        open_code=_open_code(question.options, option_code),
        by_code=by_code,
        by_label=by_label,
        exact_codes=frozenset(o.code for o in question.options),
        exact_labels=frozenset(trim(s) for o in question.options for s in _spellings(o)),
        missing=missing,
        hinted={fold(value): fold(label) for value, label in hints.value_labels.items()},
    )


def _spellings(option: Option) -> tuple[str, ...]:
    return (*texts_of(option.label), *option.values)


def _open_code(options: tuple[Option, ...], option_code: tuple[int, ...]) -> int | None:
    """Category that takes answers in words of their own: ``open``, else the one with a text."""
    wanted = [o.open for o in options]
    if not any(wanted):
        wanted = [o.other_text is not None for o in options]
    return next((c for c, is_open in zip(option_code, wanted, strict=True) if is_open), None)


SEPARATORS = (";", "\n", "|", ",", "/")
"""Signs that tools put between several answers in one cell."""


def split_known(text: str, choices: Choices, separator: str) -> tuple[list[int], list[str]]:
    """Split a cell into options, longest known text first, and what is left over.

    An option that itself holds the separator is found whole. Blanks around
    pieces do not count, so ``, `` and ``,`` are the same separator.

    Returns
    -------
    options
        Positions of options, in the order of the cell, each once.
    rest
        Texts that are no option.
    """
    sign = separator.strip() or separator
    pieces = text.split(sign)
    longest = choices.most_pieces(sign)
    found: list[int] = []
    rest: list[str] = []
    start = 0
    while start < len(pieces):
        width, option = _longest_option(pieces, start, longest, choices, sign)
        if option is not None:
            found.append(option)
        elif pieces[start].strip():
            rest.append(trim(pieces[start]))
        start += width
    return list(dict.fromkeys(found)), rest


def _longest_option(
    pieces: list[str], start: int, longest: int, choices: Choices, sign: str
) -> tuple[int, int | None]:
    """Return how many pieces from ``start`` make an option, and which; else one piece, None."""
    for end in range(min(len(pieces), start + longest), start, -1):
        option = choices.option(fold(sign.join(pieces[start:end])), labels_first=True)
        if option is not None:
            return end - start, option
    return 1, None
