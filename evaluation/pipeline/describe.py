"""The questions of a study: wording, type, options, bases and missing by kind."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.codebook.schema import Role
from evaluation.coding.data import Categorical, MultiResponse
from evaluation.model import MissingKind
from evaluation.pipeline.filters import filter_text, respondents
from evaluation.tables.request import local

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evaluation.codebook.schema import Item, Question
    from evaluation.coding.data import Variable
    from evaluation.pipeline.load import LoadedStudy

INDENT = "    "


def describe(study: LoadedStudy) -> list[dict[str, Any]]:
    """Return one mapping per question, and per item of a grid.

    Keys: survey, id, text, type, role, options (code, label, n is left out:
    counts come from tables), base, answered, and missing by kind. The base is
    who was asked, within the survey's filter.
    """
    result = []
    for survey, codebook in study.folder.codebooks.items():
        if survey not in study.coded:
            continue
        data = study.coded[survey]
        within = respondents(study, survey, filter_text(study, survey))
        for question in codebook.questions:
            if question.role is Role.IDENTITY:
                continue
            for item in question.items or (None,):
                name = item.id if item else question.id
                variable = data.variables.get(name)
                if variable is not None:
                    language = study.folder.texts.language
                    result.append(_entry(survey, question, item, variable, within, language))
    return result


def codebook_json(study: LoadedStudy) -> str:
    """Return the questions as JSON."""
    content = {"study": study.folder.name, "questions": describe(study)}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def codebook_text(study: LoadedStudy) -> str:
    """Return the questions as text for a terminal."""
    texts = study.folder.texts
    lines: list[str] = []
    for entry in describe(study):
        missing = "; ".join(
            f"{texts.get(f'table.{kind}').lower()} {n}" for kind, n in entry["missing"].items() if n
        )
        lines.append(f"{entry['survey']}.{entry['id']} ({entry['type']})")
        lines += textwrap.wrap(entry["text"], 88, initial_indent=INDENT, subsequent_indent=INDENT)
        base = texts.get("codebook.bases", base=entry["base"], answered=entry["answered"])
        lines.append(f"{INDENT}{base}{'; ' + missing if missing else ''}")
        for option in entry["options"]:
            lines.append(f"{INDENT}{INDENT}{option['code']:>4}  {option['label']}")
            if "not_offered" in option:
                said = texts.get("codebook.not_offered", n=option["not_offered"])
                lines.append(f"{INDENT}{INDENT}      {said}")
        lines.append("")
    return "\n".join(lines)


def _entry(
    survey: str,
    question: Question,
    item: Item | None,
    variable: Variable,
    within: NDArray[np.bool_],
    language: str,
) -> dict[str, Any]:
    state = _state(variable)[within]
    missing = {kind.name.lower(): int((state == kind).sum()) for kind in MissingKind}
    answered = int((state >= 0).sum())
    options: list[dict[str, Any]] = []
    if isinstance(variable, Categorical | MultiResponse):
        options = [{"code": c.code, "label": c.label} for c in variable.categories]
    if isinstance(variable, MultiResponse) and variable.offered is not None:
        lacked = (~variable.offered[within]).sum(axis=0)
        for option, n in zip(options, lacked.tolist(), strict=False):
            if n:
                option["not_offered"] = n
    return {
        "survey": survey,
        "id": item.id if item else question.id,
        "question": question.id,
        "text": local(item.text if item else question.text, language),
        "type": question.type.value,
        "role": question.role.value,
        "asked_if": question.asked_if or "",
        "options": options,
        "base": answered + missing["item_nonresponse"] + missing["invalid"],
        "answered": answered,
        "missing": missing,
    }


def _state(variable: Variable) -> NDArray[np.int16]:
    """0 or more where answered, else the kind of missing."""
    if isinstance(variable, Categorical):
        return variable.codes
    return variable.state.astype(np.int16)
