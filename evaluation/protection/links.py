"""What a reader knows beside the tables: which codes sum to which, who was asked what.

A table does not say that a county is the sum of its associations, or that
only those who answered yes were asked the next question; the questionnaire
and the map do, and a reader has both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evaluation.protection.derived import cut_numbers, kin, recoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evaluation.codebook.schema import Codebook
    from evaluation.protection.derived import Bounds

KNOWN = ("background", "unit", "occasion", "wave")
"""Roles of questions that tell who somebody is."""
WAVES = ("occasion", "wave")
NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Links:
    """Relations between variables; every name is ``survey.variable``.

    Attributes
    ----------
    hierarchy
        Unit -> what it belongs to (association -> county), over all levels, each
        as ``survey.variable=code``.
    recodes
        Derived variable -> (source variable, code -> codes of the source; ``OTHERS`` among
        them stands for all that no group names).
    cuts
        Variable derived from a number -> (the number, code -> least value and the value
        from which the next group begins, None for the last).
    kin
        Variable -> what is derived from it, and what it is derived from where its own
        codebook entry does not say whether it is sensitive.
    asked_if
        Variable -> filter expression: who was asked.
    asked_else
        Variables with a filter that not all whom it lets to them were asked: a file may lack
        them, or an option count as not asked.
    multiple
        Multiple-answer variables (needed where one stands in columns only).
    questions
        Grid item -> its question, both as ``survey.variable``.
    exclusive
        Multiple-answer question -> options that exclude all others ("none of these").
    choose_none
        Multiple-answer questions that who chose nothing can have answered.
    known
        Variables that tell who somebody is rather than what was answered (units,
        background): to learn them is no harm in itself.
    sensitive
        Question -> whether the codebook says that its answers could do harm.
    people
        Survey -> respondents, which every report tells.
    waves
        Survey -> variables that tell waves or occasions: what an earlier release
        was about can be one of them.
    """

    hierarchy: Mapping[str, str] = field(default_factory=dict)
    recodes: Mapping[str, tuple[str, Mapping[str, tuple[str, ...]]]] = field(default_factory=dict)
    cuts: Mapping[str, tuple[str, Mapping[str, Bounds]]] = field(default_factory=dict)
    kin: Mapping[str, frozenset[str]] = field(default_factory=dict)
    asked_if: Mapping[str, str] = field(default_factory=dict)
    asked_else: frozenset[str] = frozenset()
    multiple: frozenset[str] = frozenset()
    questions: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    sensitive: Mapping[str, bool] = field(default_factory=dict)
    exclusive: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    choose_none: frozenset[str] = frozenset()
    people: Mapping[str, int] = field(default_factory=dict)
    waves: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def grids(self, survey: str) -> dict[str, list[str]]:
        """Return the grids of a survey with their items, without the survey's name."""
        found: dict[str, list[str]] = {}
        for item, question in self.questions.items():
            if item != question and item.startswith(f"{survey}."):
                names = (name.partition(".")[2] for name in (question, item))
                found.setdefault(next(names), []).append(next(names))
        return found

    def multiple_in(self, survey: str) -> frozenset[str]:
        """Return the multiple-answer questions of a survey, without its name."""
        found = (name.partition(".") for name in self.multiple)
        return frozenset(name for own, _, name in found if own == survey)


def _said_unasked(codebooks: Mapping[str, Codebook]) -> set[str]:
    """Return questions with an option that counts as not asked, items of grids included."""
    return {
        f"{survey}.{name}"
        for survey, codebook in codebooks.items()
        for question in codebook.questions
        if any(option.missing == NOT_ASKED for option in question.options)
        for name in (question.id, *(item.id for item in question.items))
    }


def _answered_by_nothing(
    codebooks: Mapping[str, Codebook],
    recodes: Mapping[str, tuple[str, Mapping[str, tuple[str, ...]]]],
) -> frozenset[str]:
    """Return questions that who chose none of the options has answered, and what groups them."""
    found = {
        f"{survey}.{question.id}"
        for survey, codebook in codebooks.items()
        for question in codebook.questions
        if question.none_chosen == "answered"
    }
    more = set(found)
    while more:
        more = {name for name, (source, _) in recodes.items() if source in more} - found
        found |= more
    return frozenset(found)


def links_from_codebooks(
    codebooks: Mapping[str, Codebook], hierarchy: Mapping[str, str] | None = None
) -> Links:
    """Collect the relations that the codebooks of a study declare.

    Parameters
    ----------
    codebooks
        Survey -> codebook.
    hierarchy
        Unit -> what it belongs to, from the study's hierarchy file; see `Links`.
    """
    recodes: dict[str, tuple[str, Mapping[str, tuple[str, ...]]]] = {}
    cuts: dict[str, tuple[str, Mapping[str, Bounds]]] = {}
    asked_if: dict[str, str] = {}
    multiple: set[str] = set()
    questions: dict[str, str] = {}
    known: set[str] = set()
    sensitive: dict[str, bool] = {}
    exclusive: dict[str, tuple[str, ...]] = {}
    for survey, codebook in codebooks.items():
        for question in codebook.questions:
            name = f"{survey}.{question.id}"
            members = [name, *(f"{survey}.{item.id}" for item in question.items)]
            questions |= dict.fromkeys(members, name)
            if question.role in KNOWN or f"{survey}.{question.recode}" in known:
                known.update(members)
            if question.sensitive is not None:
                sensitive |= dict.fromkeys(members, question.sensitive)
            if question.asked_if:
                asked_if |= dict.fromkeys(members, question.asked_if)
            if question.type == "multiple":
                multiple.add(name)
                alone = tuple(option.code for option in question.options if option.exclusive)
                if alone:
                    exclusive[name] = alone
        for name, (source, groups) in recoded(codebook).items():
            recodes[f"{survey}.{name}"] = (f"{survey}.{source}", groups)
        for name, (number, bounds) in cut_numbers(codebook).items():
            cuts[f"{survey}.{name}"] = (f"{survey}.{number}", bounds)
    for number in {number for number, _ in cuts.values()}:
        if all(name in known for name, (source, _) in cuts.items() if source == number):
            known.add(number)
    sources = {name: source for name, (source, _) in (*recodes.items(), *cuts.items())}
    return Links(
        hierarchy or {},
        recodes,
        cuts,
        kin(sources, sensitive),
        asked_if,
        frozenset(name for name in asked_if if name in _said_unasked(codebooks)),
        frozenset(multiple),
        questions,
        frozenset(known),
        sensitive,
        exclusive,
        _answered_by_nothing(codebooks, recodes),
        waves={
            survey: tuple(q.id for q in codebook.questions if q.role in WAVES)
            for survey, codebook in codebooks.items()
        },
    )
