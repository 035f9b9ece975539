"""Draft a codebook from answers: types, options and their order, grids, filters, roles.

Pure: answers and word lists in, a codebook with remarks out. The same export
gives the same codebook; identifiers and codes come from the tool's own codes
or from the wording, never from counts, so that next year's export gives them
again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.drafting.build import Builder, Drafted
from evaluation.codebook.drafting.filters import SAMPLE, Parent, find_filter
from evaluation.codebook.drafting.groups import make_units
from evaluation.codebook.drafting.intake import draft_intake
from evaluation.codebook.drafting.profile import Profile, make_profile
from evaluation.codebook.drafting.remarks import Remark, remark
from evaluation.codebook.drafting.selections import chosen_matrix
from evaluation.codebook.schema import Codebook, Design, Intake, Question, QuestionType, Role
from evaluation.codebook.spelling import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.codebook.words import Words
    from evaluation.model import RawResponses

__all__ = ["Draft", "Remark", "draft_codebook"]

SEPARATE_OTHER_TOOLS = frozenset(
    {"surveymonkey", "alchemer", "limesurvey", "qualtrics", "redcap", "kobo", "statistics"}
)
"""Tools that give the words to "other" a column of their own; others mix them into the cell."""


NO_DESIGN = Design()


@dataclass(frozen=True, slots=True)
class Draft:
    """A drafted codebook with what belongs to it in ``study.yaml``.

    Attributes
    ----------
    codebook
        The questions, in the order of the columns.
    intake
        Rules suggested for intake.
    design
        The weight, where a column is one.
    occasion
        Question that tells first, second, third time, or None.
    unit
        Question whose head is that of a unit (region, office), or None: a suggestion.
    remarks
        Identifier of a question -> what was unsure; "" for the survey as a whole.
    language
        Language of the wordings, guessed (``sv``, ``en``, ``de``).
    """

    codebook: Codebook
    intake: Intake
    design: Design = NO_DESIGN
    occasion: str | None = None
    unit: str | None = None
    remarks: Mapping[str, tuple[Remark, ...]] = field(default_factory=dict)
    language: str = "sv"


def draft_codebook(responses: RawResponses, words: Words, *, title: str = "") -> Draft:
    """Draft the codebook of one export.

    Parameters
    ----------
    responses
        All answers of the export, with what the tool says about its columns.
    words
        Word lists (`evaluation.loading.vocabulary.load_words`).
    title
        Title of the questionnaire.
    """
    language = _language(responses, words)
    words = replace(words, language=language)
    marks = _missing_marks(responses)
    profiles = [make_profile(column, words, marks) for column in responses.columns]
    mixes = responses.source.tool not in SEPARATE_OTHER_TOOLS
    builder = Builder(words, mixes_other=mixes)
    drafted = [made for unit in make_units(profiles, words) for made in builder.build(unit)]
    drafted = _with_filters(drafted, words)
    intake = draft_intake(profiles, words)
    questions = tuple(_administrative(made.question) for made in drafted)
    remarks = {made.question.id: made.remarks for made in drafted if made.remarks}
    if intake.remarks:
        remarks[""] = intake.remarks
    weight = next((q.id for q in questions if q.role is Role.WEIGHT), None)
    name = title or words.phrase("survey_title", language)
    return Draft(
        codebook=Codebook(title=name, questions=questions),
        intake=intake.intake,
        design=Design(weight=weight),
        occasion=_headed(questions, words, "occasion_heads"),
        unit=_headed(questions, words, "unit_heads"),
        remarks=remarks,
        language=language,
    )


FEW_ANSWERS = 20
"""Distinct answers per column that tell the language where heads are mere codes."""


def _language(responses: RawResponses, words: Words) -> str:
    """Guess the language of a survey by its questions, else by its answers."""
    heads = " ".join(column.hints.text or column.header for column in responses.columns)
    answers = (text for c in responses.columns for text in c.values[:FEW_ANSWERS])
    labels = (text for c in responses.columns for text in c.hints.value_labels.values())
    said = words.language_of(heads, default="")
    return said or words.language_of(" ".join([*answers, *labels]))


NA = "NA"
"""What R writes where nothing is; a respondent would rather write "N/A"."""
LEAST_NA_COLUMNS = 3


def _missing_marks(responses: RawResponses) -> frozenset[str]:
    """Return marks that mean "missing" in this file only: R's NA, where it runs through it."""
    share = TOOL_NA_SHARE if responses.source.tool in TOOLS_WITHOUT_NA else NA_SHARE
    n = sum(NA in column.values for column in responses.columns)
    is_everywhere = n >= max(LEAST_NA_COLUMNS, share * len(responses.columns))
    return frozenset({fold(NA)}) if is_everywhere else frozenset()


NA_SHARE, TOOL_NA_SHARE = 0.1, 0.3
"""Share of columns that hold NA in a file that has passed through R; of a plain table, of a tool's.

Survey tools never write it, but a person may, in a few columns for free text.
"""
TOOLS_WITHOUT_NA = SEPARATE_OTHER_TOOLS | {"msforms", "googleforms", "mentimeter"}


def _administrative(question: Question) -> Question:
    """Mark the technical column that tells the occasion: it is no question of the survey."""
    if fold(question.column or str(question.text)) not in TECHNICAL_HEADS:
        return question
    return question.model_copy(update={"role": Role.ADMIN})


TECHNICAL_HEADS = frozenset({"redcap_event_name", "redcap_repeat_instrument", "repeat instrument"})


def _headed(questions: Sequence[Question], words: Words, name: str) -> str | None:
    """Return the first choice among several options whose head is in a word list."""
    known = words.lists[name]
    for question in questions:
        is_named = fold(question.column or "") in known or fold(str(question.text)) in known
        if question.type is QuestionType.SINGLE and is_named and len(question.options) > 1:
            return question.id
    return None


# --- filters -------------------------------------------------------------------


def _with_filters(drafted: Sequence[Drafted], words: Words) -> list[Drafted]:
    """Add the filters that show in the data."""
    parents = [
        parent
        for order, made in enumerate(drafted)
        if (parent := _parent(made, order, words)) is not None
    ]
    few = [parent.first(SAMPLE) for parent in parents]
    result = []
    for order, made in enumerate(drafted):
        question = made.question
        if question.role in {Role.ADMIN, Role.IDENTITY, Role.WEIGHT}:
            result.append(made)
            continue
        answered = _answered(made.profiles, words, question.type)
        found = find_filter(answered[:SAMPLE], order, few)
        if found is not None and len(answered) > SAMPLE:  # it must hold on all rows
            found = find_filter(answered, order, [p for p in parents if p.id == found.parent])
        if found is None:
            result.append(made)
            continue
        note = remark("filter-guessed", parent=found.parent, n=found.n_closed)
        changed = question.model_copy(update={"asked_if": found.expression})
        result.append(Drafted(changed, (*made.remarks, note), made.profiles))
    return result


def _answered(profiles: Sequence[Profile], words: Words, kind: QuestionType) -> NDArray[np.bool_]:
    """Return who answered a question: any item, any option chosen."""
    if kind is QuestionType.MULTIPLE and len(profiles) > 1:
        return np.asarray(chosen_matrix(profiles, words).any(axis=0))
    return np.asarray(np.any([profile.place >= 0 for profile in profiles], axis=0))


MAX_PARENT_OPTIONS = 40
"""Options of a question that others may depend on (a list of countries)."""


def _parent(made: Drafted, order: int, words: Words) -> Parent | None:
    """Return a question as one that others may depend on, or None."""
    question = made.question
    options = question.options
    if not options or len(options) > MAX_PARENT_OPTIONS:
        return None
    if question.role in {Role.IDENTITY, Role.ADMIN}:
        return None
    codes = tuple(option.code for option in options)
    if question.type is QuestionType.SINGLE:
        profile = made.profiles[0]
        says_blank = "" in profile.column.hints.value_labels
        place = _coded(profile, question)
        return Parent(question.id, codes, order, place=place, blank_is_answer=says_blank)
    if question.type is QuestionType.MULTIPLE and len(made.profiles) == len(options):
        matrix = chosen_matrix(made.profiles, words)
        return Parent(question.id, codes, order, chosen=matrix)
    return None


def _coded(profile: Profile, question: Question) -> NDArray[np.int32]:
    """Return per row the position of the option answered, -1 where none."""
    place_of: dict[str, int] = {}
    for place, option in enumerate(question.options):
        for text in (option.code, str(option.label), *option.values):
            place_of.setdefault(fold(text), place)
    opened = next((n for n, option in enumerate(question.options) if option.open), -1)
    table = [place_of.get(fold(text), opened) for text in profile.texts]
    return np.array([*table, -1, -1], dtype=np.int32)[profile.place]
