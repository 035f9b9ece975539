"""The codebooks as DDI-Codebook 2.5 XML, for archives such as Svensk nationell datatjänst.

https://ddialliance.org/Specification/DDI-Codebook/2.5/. Questions with their
wording, options, filters and roles; frequencies only as they passed the gate.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from evaluation.codebook.schema import QuestionType, Role
from evaluation.model import TOTAL
from evaluation.tables.request import local

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evaluation.codebook.schema import Codebook, Option, Question
    from evaluation.protection.release import ProtectedTable, Release
    from evaluation.report.model import ReportMeta

NAMESPACE = "ddi:codebook:2_5"
KINDS = {QuestionType.NUMBER: "numeric", QuestionType.TEXT: "character"}


def ddi_xml(codebooks: Mapping[str, Codebook], release: Release, meta: ReportMeta) -> bytes:
    """Return ``codebook.xml``.

    Parameters
    ----------
    codebooks
        Survey -> codebook.
    release
        Protected tables, for the frequencies of options.
    meta
        Title, publisher and year.
    """
    language = meta.language
    root = ET.Element("codeBook", {"xmlns": NAMESPACE, "version": "2.5", "xml:lang": language})
    _study(root, meta)
    one_way = {
        (t.spec.survey, t.spec.question): t
        for t in release.tables
        if not t.spec.by and not t.spec.where and not t.spec.weight
    }
    for number, (survey, codebook) in enumerate(codebooks.items(), 1):
        file = ET.SubElement(root, "fileDscr", {"ID": f"F{number}"})
        _text(ET.SubElement(file, "fileTxt"), "fileName", local(codebook.title, language, survey))
    data = ET.SubElement(root, "dataDscr")
    for number, (survey, codebook) in enumerate(codebooks.items(), 1):
        for question in codebook.questions:
            if question.role is Role.IDENTITY:
                continue
            table = one_way.get((survey, question.id))
            _question(data, survey, question, f"F{number}", language, table)
    ET.indent(root)
    head = b'<?xml version="1.0" encoding="UTF-8"?>\n'
    body: bytes = ET.tostring(root, encoding="utf-8")
    return head + body + b"\n"


def _study(root: ET.Element, meta: ReportMeta) -> None:
    study = ET.SubElement(root, "stdyDscr")
    citation = ET.SubElement(study, "citation")
    _text(ET.SubElement(citation, "titlStmt"), "titl", meta.title)
    if meta.author:
        _text(ET.SubElement(citation, "rspStmt"), "AuthEnty", meta.author)
    producer = ET.SubElement(citation, "prodStmt")
    _text(producer, "producer", meta.publisher)
    _text(producer, "prodDate", meta.date or str(meta.year))
    if meta.notice:
        _text(ET.SubElement(study, "stdyInfo"), "abstract", meta.notice)


def _question(
    data: ET.Element,
    survey: str,
    question: Question,
    file: str,
    language: str,
    table: ProtectedTable | None,
) -> None:
    """Write one variable, or one per grid item or option of a multiple answer."""
    text = local(question.text, language)
    if question.items:
        for item in question.items:
            wording = f"{text} {local(item.text, language)}"
            _variable(data, f"{survey}.{item.id}", wording, file, question, language, table)
    elif question.type is QuestionType.MULTIPLE:
        for option in question.options:
            name = f"{survey}.{question.id}.{option.code}"
            label = f"{text} {local(option.label, language)}"
            _variable(data, name, label, file, question, language, None)
    else:
        _variable(data, f"{survey}.{question.id}", text, file, question, language, table)


def _variable(
    data: ET.Element,
    name: str,
    text: str,
    file: str,
    question: Question,
    language: str,
    table: ProtectedTable | None,
) -> None:
    variable = ET.SubElement(data, "var", {"ID": f"V_{name}", "name": name, "files": file})
    variable.set("intrvl", "contin" if question.type is QuestionType.NUMBER else "discrete")
    _text(variable, "labl", local(question.short, language, text))
    wording = ET.SubElement(variable, "qstn")
    _text(wording, "qstnLit", text)
    if question.asked_if:
        _text(variable, "universe", question.asked_if)
    if question.type is QuestionType.MULTIPLE:
        return
    counts = _counts(table, name.partition(".")[2])
    for option in question.options:
        _category(variable, option, counts, language)
    ET.SubElement(variable, "varFormat", {"type": KINDS.get(question.type, "numeric")})


def _category(
    variable: ET.Element, option: Option, counts: Mapping[str, int], language: str
) -> None:
    attributes = {"missing": "Y"} if option.missing else {}
    category = ET.SubElement(variable, "catgry", attributes)
    _text(category, "catValu", option.code)
    _text(category, "labl", local(option.label, language))
    if option.code in counts:
        _text(category, "catStat", str(counts[option.code]), {"type": "freq"})


def _counts(table: ProtectedTable | None, variable: str) -> dict[str, int]:
    """Return shown counts per option code of a one-way table."""
    if table is None:
        return {}
    return {
        row.code: cells[-1].n
        for row, cells in zip(table.rows, table.cells, strict=True)
        if row.variable == variable and row.code != TOTAL and cells[-1].n is not None
    }


def _text(
    parent: ET.Element, tag: str, text: str, attributes: dict[str, str] | None = None
) -> ET.Element:
    element = ET.SubElement(parent, tag, attributes or {})
    element.text = text
    return element
