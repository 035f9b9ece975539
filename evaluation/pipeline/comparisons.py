"""Which answers are compared between units, and the tables that this takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evaluation.codebook.schema import QuestionType, Role
from evaluation.coding.data import Categorical
from evaluation.tables.request import RequestError, local, make_spec, nearest, split_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evaluation.pipeline.load import LoadedStudy
    from evaluation.pipeline.pieces import Compared
    from evaluation.tables.spec import TableSpec

NOT_COMPARED = (Role.IDENTITY, Role.ADMIN, Role.WEIGHT, Role.UNIT, Role.OCCASION, Role.WAVE)


@dataclass(frozen=True, slots=True)
class Subject:
    """One answer to be compared: where it stands and what it is called."""

    spec: TableSpec
    variable: str
    option: str
    name: str
    option_label: str


def comparison_specs(study: LoadedStudy, compared: Compared) -> list[TableSpec]:
    """Return every table that a comparison needs.

    Raises
    ------
    RequestError
        If a variable is unknown or holds no groups.
    """
    crude = dict.fromkeys(subject.spec for subject in subjects(study, compared.by))
    codes = background_codes(study, compared)
    within = [within_group(spec, compared, code) for spec in crude for code in codes]
    whole = [background_spec(study, compared)] if codes else []
    return list(dict.fromkeys([*crude, *within, *whole]))


def within_group(spec: TableSpec, compared: Compared, code: str) -> TableSpec:
    """Return the same table of one background group only."""
    _, _, variable = compared.background.rpartition(".")
    return replace(spec, where=f"{variable} == '{code}'")


def background_codes(study: LoadedStudy, compared: Compared) -> list[str]:
    """Return the codes of the background groups, none where none is asked for."""
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


def subjects(study: LoadedStudy, by: str) -> Iterator[Subject]:
    """Yield the first option of every closed question, and every option of multiple answers."""
    survey, unit = split_name(by, study.folder.codebooks)
    variable = study.coded[survey].variables.get(unit) if survey in study.coded else None
    if not isinstance(variable, Categorical):
        units = [f"{survey}.{q.id}" for q in study.folder.codebooks[survey].questions if q.options]
        raise RequestError("compare-by", by, nearest(by, units) or ", ".join(units))
    language = study.folder.texts.language
    for question in study.folder.codebooks[survey].questions:
        skip = question.hidden or question.role in NOT_COMPARED or unit == question.id
        is_level = unit in (question.recode, question.id)
        if skip or is_level or not question.options or question.role is Role.BACKGROUND:
            continue
        spec = make_spec(
            f"{survey}.{question.id}",
            study=study.folder.study,
            codebooks=study.folder.codebooks,
            by=unit,
            ci="wilson",
        )
        title = local(question.short, language, local(question.text, language))
        first = question.options[0]
        label = local(first.label, language)
        if question.items:
            for item in question.items:
                name = local(item.short, language, local(item.text, language))
                yield Subject(spec, item.id, first.code, name, label)
        elif question.type is QuestionType.MULTIPLE:
            for option in question.options:
                yield Subject(spec, question.id, option.code, title, local(option.label, language))
        else:
            yield Subject(spec, question.id, first.code, title, label)
