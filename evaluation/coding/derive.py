"""Derived questions: options grouped, numbers cut into groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.names import find_option, vocabulary
from evaluation.codebook.relations import source_codes
from evaluation.coding.choices import make_choices
from evaluation.coding.data import Categorical, MultiResponse, Numeric
from evaluation.expressions import Value
from evaluation.model import ColumnHints, MissingKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from evaluation.codebook.names import KnownOption
    from evaluation.codebook.schema import Codebook, Question
    from evaluation.coding.choices import Choices
    from evaluation.coding.data import Variable
    from evaluation.model import Category


def derive(
    question: Question, source: Variable, codebook: Codebook, language: str
) -> Categorical | MultiResponse:
    """Make a derived question from its coded source.

    Parameters
    ----------
    question
        With ``recode``; its options list codes of the source in ``values``
        (an option without values takes the source's own code), or ``bins``
        cuts a number.
    source
        The coded source.
    codebook
        Where the source's option spellings are looked up.
    language
        Language of the labels.

    Returns
    -------
    Categorical or MultiResponse
        Missing kinds are the source's. Answers that no group takes are not
        asked: the derived question is not about them. An option that is
        ``open`` takes all the rest.

    Raises
    ------
    TypeError
        If the source is a text.
    """
    choices = make_choices(question, language, ColumnHints())
    if isinstance(source, Numeric):
        table = np.array([*choices.option_code, *_KEPT], dtype=np.int16)
        return _categorical(question, choices, table[cut(source, question.bins)])
    if isinstance(source, Categorical):
        targets = _targets(question, choices, source.categories, codebook)
        table = np.array([*targets, *_KEPT], dtype=np.int16)
        return _categorical(question, choices, table[source.codes])
    if isinstance(source, MultiResponse):
        return _derive_multiple(question, choices, source, codebook)
    raise TypeError(f"{question.id}: a text cannot be grouped")


def _categorical(question: Question, choices: Choices, codes: NDArray[np.int16]) -> Categorical:
    name, ordered = question.id, question.ordered
    return Categorical(name, name, choices.categories, codes, ordered, choices.off_scale)


_KEPT = (MissingKind.INVALID, MissingKind.NOT_ASKED, MissingKind.ITEM_NONRESPONSE)
"""Last entries of a look-up table, so that codes -1, -2, -3 stay what they are."""


def cut(source: Numeric, bins: Sequence[float]) -> NDArray[np.int16]:
    """Return the group of each number: bin i holds ``bins[i] <= x < bins[i + 1]``.

    Numbers below the first bound belong to no group and count as not asked.
    """
    codes = np.searchsorted(np.asarray(bins, dtype=np.float64), source.values, side="right") - 1
    codes = np.where(codes < 0, int(MissingKind.NOT_ASKED), codes).astype(np.int16)
    return np.where(source.state == 0, codes, source.state).astype(np.int16)


def _targets(
    question: Question, choices: Choices, categories: Sequence[Category], codebook: Codebook
) -> list[int]:
    """Return the group (or missing kind) of each category of the source."""
    rest = next(
        (choices.option_code[i] for i, o in enumerate(question.options) if o.open),
        int(MissingKind.NOT_ASKED),
    )
    targets = [rest] * len(categories)
    place = {category.code: position for position, category in enumerate(categories)}
    options = _source_options(question, codebook)
    for number, value in source_codes(question):
        # The source's labels may be in another language than the derived question's values.
        declared = find_option(Value(value), options)
        code = options[declared].code if declared is not None else value
        if code in place:
            targets[place[code]] = choices.option_code[number]
    return targets


def _source_options(question: Question, codebook: Codebook) -> tuple[KnownOption, ...]:
    return vocabulary(codebook)[str(question.recode)].options


def _derive_multiple(
    question: Question, choices: Choices, source: MultiResponse, codebook: Codebook
) -> MultiResponse:
    """Group multiple answers: a group is chosen where any of its options is."""
    targets = _targets(question, choices, source.categories, codebook)
    selected = np.zeros((len(choices.categories), len(source.state)), dtype=np.int8)
    for position, target in enumerate(targets):
        if target >= 0:
            selected[target] |= source.selected[:, position]
    nothing = source.selected.any(axis=1) & ~selected.any(axis=0)
    state = np.where(nothing, np.int8(MissingKind.NOT_ASKED), source.state)
    return MultiResponse(question.id, question.id, choices.categories, selected.T, state)
