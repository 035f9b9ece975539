"""Qualtrics survey definitions (``.qsf``): JSON with questions, choices and recode values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from evaluation.loading.sidecars import Form, FormQuestion
from evaluation.loading.sidecars._markup import plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SUFFIXES = (".qsf",)
MARKS = (b"SurveyEntry", b"SurveyElements")
_MULTIPLE = frozenset({"MAVR", "MAHR", "MACOL", "MSB"})


def read_form(path: Path, data: bytes) -> Form | None:
    """Read a survey definition, or return None where it is none."""
    if b"SurveyElements" not in data:
        return None
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    questions: dict[str, FormQuestion] = {}
    for element in content.get("SurveyElements", ()):
        payload = element.get("Payload") if isinstance(element, dict) else None
        if isinstance(payload, dict) and element.get("Element") == "SQ":
            for question in _questions(payload):
                questions[question.name] = question
    title = plain_text(str((content.get("SurveyEntry") or {}).get("SurveyName") or ""))
    return Form(path.name, "qsf", title, questions) if questions else None


def _questions(payload: Mapping[str, Any]) -> list[FormQuestion]:
    """Read one question; each column of a side-by-side question is one of its own."""
    parts = payload.get("AdditionalQuestions")
    if payload.get("QuestionType") != "SBS" or not isinstance(parts, dict):
        return [_question(payload, "")]
    stem = plain_text(payload.get("QuestionText"))
    return [_question(part, stem) for part in parts.values() if isinstance(part, dict)]


def _question(payload: Mapping[str, Any], stem: str) -> FormQuestion:
    """Read one question with its choices (rows, options) and answers (columns)."""
    kind, selector = str(payload.get("QuestionType")), str(payload.get("Selector"))
    is_matrix = kind == "Matrix"
    is_multiple = selector in _MULTIPLE or payload.get("SubSelector") == "MultipleAnswer"
    choices = _labels(payload.get("Choices"), payload.get("ChoiceOrder"))
    answers = _labels(payload.get("Answers"), payload.get("AnswerOrder"))
    recode = _recodes(payload.get("RecodeValues"))
    options = answers if is_matrix else choices
    if is_matrix and is_multiple:
        items, options = choices, answers
    else:
        items = choices if is_matrix or is_multiple else {}
    tags = payload.get("ChoiceDataExportTags")
    if isinstance(tags, dict) and is_matrix:
        items = {str(tags.get(code) or code): text for code, text in items.items()}
    text = plain_text(payload.get("QuestionText"))
    return FormQuestion(
        name=str(payload.get("DataExportTag") or payload.get("QuestionID") or ""),
        text=f"{stem} {text}".strip() if stem else text,
        kind=_kind(kind, is_matrix=is_matrix, is_multiple=is_multiple),
        options={recode.get(code, code): label for code, label in options.items()},
        items=items,
        alias=str(payload.get("QuestionID") or ""),
        exclusive=_exclusive(payload.get("Choices")),
        has_other=_has_text(payload.get("Choices")),
    )


def _kind(kind: str, *, is_matrix: bool, is_multiple: bool) -> str:
    """Tell the kind of question by Qualtrics' types."""
    if kind in {"MC", "Matrix"}:
        if is_matrix:
            return "multiple" if is_multiple else "grid"
        return "multiple" if is_multiple else "single"
    return {"TE": "text", "Slider": "number", "RO": "ranking", "CS": "number"}.get(kind, "")


def _labels(choices: object, order: object) -> dict[str, str]:
    """Return code -> label in the order of the form."""
    if isinstance(choices, list):
        choices = {str(n): choice for n, choice in enumerate(choices, start=1)}
    if not isinstance(choices, dict):
        return {}
    codes = [str(code) for code in order] if isinstance(order, list) else []
    codes = [code for code in codes if code in choices] or [str(code) for code in choices]
    return {code: plain_text(_display(choices.get(code))) for code in codes}


def _display(choice: object) -> str:
    return str(choice.get("Display") or "") if isinstance(choice, dict) else str(choice or "")


def _recodes(values: object) -> dict[str, str]:
    """Return position -> exported value."""
    if isinstance(values, dict):
        return {str(code): str(value) for code, value in values.items()}
    return {}


def _exclusive(choices: object) -> tuple[str, ...]:
    """Return the codes of options that rule out all others."""
    if not isinstance(choices, dict):
        return ()
    return tuple(
        str(code)
        for code, choice in choices.items()
        if isinstance(choice, dict) and choice.get("ExclusiveAnswer") in {True, "true", "on"}
    )


def _has_text(choices: object) -> bool:
    """Tell whether a choice asks for words of one's own."""
    values = choices.values() if isinstance(choices, dict) else ()
    return any(isinstance(c, dict) and c.get("TextEntry") in {True, "true", "on"} for c in values)
