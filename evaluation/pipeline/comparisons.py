"""Which answers are compared between units, and the tables that this takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evaluation.coding.data import Categorical
from evaluation.pipeline.compared_answers import choices
from evaluation.tables.request import RequestError, make_spec, nearest, split_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evaluation.pipeline.compared_answers import Answer
    from evaluation.pipeline.load import LoadedStudy
    from evaluation.pipeline.pieces import Compared
    from evaluation.tables.spec import TableSpec


@dataclass(frozen=True, slots=True)
class Subject:
    """One answer to be compared: where it stands and what it is called."""

    spec: TableSpec
    variable: str
    name: str
    answer: Answer


def comparison_specs(study: LoadedStudy, compared: Compared) -> list[TableSpec]:
    """Return every table that a comparison needs.

    Raises
    ------
    RequestError
        If a variable is unknown or holds no groups.
    """
    crude = dict.fromkeys(subject.spec for subject in subjects(study, compared))
    codes = background_codes(study, compared)
    within = [within_group(spec, compared, code) for spec in crude for code in codes]
    whole = [background_spec(study, compared)] if codes else []
    return list(dict.fromkeys([*crude, *within, *whole]))


def within_group(spec: TableSpec, compared: Compared, code: str) -> TableSpec:
    """Return the same table of one background group only."""
    _, _, variable = compared.background.rpartition(".")
    return replace(spec, where=f"{variable} == '{code}'")


def background_codes(study: LoadedStudy, compared: Compared) -> list[str]:
    """Return the codes of the background groups, none where none is asked for.

    Raises
    ------
    RequestError
        If the background is no question with one answer.
    """
    if not compared.background:
        return []
    survey, name = _background(study, compared)
    variable = study.coded[survey].variables.get(name)
    if not isinstance(variable, Categorical):
        raise RequestError("analysis-single", compared.background, "")
    return [category.code for category in variable.categories]


def background_spec(study: LoadedStudy, compared: Compared) -> TableSpec:
    """Return the table of the background in the whole: what the groups are weighted by."""
    survey, name = _background(study, compared)
    return make_spec(f"{survey}.{name}", study=study.folder.study, codebooks=study.folder.codebooks)


def _background(study: LoadedStudy, compared: Compared) -> tuple[str, str]:
    survey = compared.by.partition(".")[0]
    name = compared.background.rpartition(".")[2]
    return split_name(f"{survey}.{name}", study.folder.codebooks)


def subjects(study: LoadedStudy, compared: Compared) -> Iterator[Subject]:
    """Yield every answer to be compared; see `choices`.

    Raises
    ------
    RequestError
        If a name is unknown, or what is named cannot be compared.
    """
    folder = study.folder
    survey, unit = split_name(compared.by, folder.codebooks)
    variables = study.coded[survey].variables if survey in study.coded else {}
    if not isinstance(variables.get(unit), Categorical):
        held = (q.id for q in folder.codebooks[survey].questions)
        units = [f"{survey}.{q}" for q in held if isinstance(variables.get(q), Categorical)]
        near = nearest(compared.by, units) or ", ".join(units)
        raise RequestError("compare-by", compared.by, near)
    for choice in choices(folder.study, folder.codebooks, compared, folder.texts.language):
        spec = make_spec(
            f"{survey}.{choice.question.id}",
            study=folder.study,
            codebooks=folder.codebooks,
            by=unit,
            ci="wilson",
        )
        for answer in choice.answers:
            yield Subject(spec, choice.variable, choice.name, answer)
