"""LimeSurvey structure files (``.lss``): XML with questions, subquestions and answers.

Reads both layouts of the file: wordings inside ``questions`` and ``answers``
with a ``language`` each (to version 3), and in ``question_l10ns`` and
``answer_l10ns`` beside them (from version 4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET  # expat refuses entity bombs; DTDs are refused below

from evaluation.loading.sidecars import Form, FormQuestion
from evaluation.loading.sidecars._markup import plain_text

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".lss",)
MARKS = (b"LimeSurveyDocType",)
_Row = dict[str, str]

_KINDS = {
    **dict.fromkeys("LO!GIYX5", "single"),
    **dict.fromkeys("MP", "multiple"),
    **dict.fromkeys("FABCEH1", "grid"),
    **dict.fromkeys("NK", "number"),
    "D": "date",
    **dict.fromkeys("STUQ;", "text"),
    ":": "grid",
    "R": "ranking",
}
"""LimeSurvey's one-letter question types -> kinds of question."""
_FIXED_OPTIONS = {
    "5": {str(n): str(n) for n in range(1, 6)},
    "A": {str(n): str(n) for n in range(1, 6)},
    "B": {str(n): str(n) for n in range(1, 11)},
}
_ORDERED = frozenset("5AB")


def read_form(path: Path, data: bytes) -> Form | None:
    """Read a structure file, or return None where it is none."""
    if b"LimeSurveyDocType" not in data[:4000] or b"<!ENTITY" in data[:4000]:
        return None
    try:
        root = ET.fromstring(data)  # noqa: S314  # see the import
    except ET.ParseError:
        return None
    language = next(
        (row["surveyls_language"] for row in _rows(root, "surveys_languagesettings")), ""
    )
    language = next((row.get("language", "") for row in _rows(root, "surveys")), "") or language
    wordings = _localised(root, "question_l10ns", "qid", "question")
    answers = _answers(root, language)
    title = next(
        (
            row.get("surveyls_title", "")
            for row in _rows(root, "surveys_languagesettings")
            if row.get("surveyls_language") == language
        ),
        "",
    )
    subquestions = _subquestions(root, language, wordings)
    questions = {}
    for row in _of_language(_rows(root, "questions"), language):
        question = _question(row, language, wordings, answers, subquestions)
        questions[question.name] = question
    return Form(path.name, "lss", plain_text(title), questions) if questions else None


def _rows(root: ET.Element, section: str) -> list[_Row]:
    """Return the rows of one section as mappings."""
    found = root.find(section)
    rows = [] if found is None else found.findall("rows/row")
    return [{cell.tag: cell.text or "" for cell in row} for row in rows]


def _of_language(rows: list[_Row], language: str) -> list[_Row]:
    """Keep the rows of the form's first language, in the order that it asks them."""
    kept = [row for row in rows if row.get("language", language) in {language, ""}]
    return sorted(
        kept,
        key=lambda row: (
            _number(row.get("group_order")),
            _number(row.get("gid")),
            _number(row.get("question_order")),
        ),
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.lstrip("-").isdigit() else 0


def _localised(root: ET.Element, section: str, key: str, text: str) -> dict[tuple[str, str], str]:
    """Return (identifier, language) -> wording of a ``_l10ns`` section."""
    return {
        (row.get(key, ""), row.get("language", "")): row.get(text, "")
        for row in _rows(root, section)
    }


def _answers(root: ET.Element, language: str) -> dict[str, list[tuple[str, str, tuple[str, ...]]]]:
    """Return question identifier -> (code, label, labels in other languages), in order."""
    wordings = _localised(root, "answer_l10ns", "aid", "answer")
    ordered: dict[tuple[str, str, str], tuple[int, dict[str, str]]] = {}
    for row in _rows(root, "answers"):
        key = (row.get("qid", ""), row.get("scale_id", "0"), row.get("code", ""))
        place, texts = ordered.setdefault(key, (_number(row.get("sortorder")), {}))
        del place
        if row.get("language"):
            texts[row["language"]] = row.get("answer", "")
        texts.update(
            {lang: text for (aid, lang), text in wordings.items() if aid and aid == row.get("aid")}
        )
    result: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {}
    for (qid, scale, code), (_, texts) in sorted(
        ordered.items(), key=lambda item: (item[0][0], item[0][1], item[1][0])
    ):
        if scale not in {"0", ""}:
            continue
        label = plain_text(texts.get(language) or next(iter(texts.values()), code))
        others = tuple(plain_text(t) for lang, t in texts.items() if lang != language)
        result.setdefault(qid, []).append((code, label, others))
    return result


def _subquestions(
    root: ET.Element, language: str, wordings: dict[tuple[str, str], str]
) -> dict[str, dict[str, str]]:
    """Return question identifier -> code -> wording of its rows or options."""
    result: dict[str, dict[str, str]] = {}
    rows = [row for row in _rows(root, "subquestions") if row.get("scale_id", "0") in {"0", ""}]
    for row in _of_language(rows, language):
        text = row.get("question") or wordings.get((row.get("qid", ""), language), "")
        result.setdefault(row.get("parent_qid", ""), {})[row.get("title", "")] = plain_text(text)
    return result


def _question(
    row: _Row,
    language: str,
    wordings: dict[tuple[str, str], str],
    answers: dict[str, list[tuple[str, str, tuple[str, ...]]]],
    subquestions: dict[str, dict[str, str]],
) -> FormQuestion:
    """Build one question."""
    qid, letter = row.get("qid", ""), row.get("type", "")
    found = answers.get(qid, [])
    relevance = row.get("relevance", "1")
    return FormQuestion(
        name=row.get("title", ""),
        text=plain_text(row.get("question") or wordings.get((qid, language), "")),
        kind=_KINDS.get(letter, ""),
        options={code: label for code, label, _ in found} or _FIXED_OPTIONS.get(letter, {}),
        items=subquestions.get(qid, {}),
        other_labels={code: others for code, _, others in found if others},
        ordered=letter in _ORDERED,
        has_other=row.get("other") == "Y",
        asked_if="" if relevance in {"1", ""} else relevance,
        section=row.get("gid", ""),
    )
