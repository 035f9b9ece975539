"""LimeSurvey: CSV or XLSX with codes or full texts as heads, and the tab-separated ``vv`` file.

Recognised by its technical columns (response id, date submitted, last page,
start language, seed) under their codes or in several languages, by heads of
the form ``code[sub]. text``, by a structure file (``.lss``) beside, or by the
mark for a question that was not shown. Several answers have one column per
option with Y or blank, or yes and no in the survey's language; ``N/A`` says
that the question was not shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evaluation.codebook.spelling import fold
from evaluation.loading.book import Recognition
from evaluation.loading.engine import (
    answer_grid,
    described_head,
    finish,
    plan_columns,
    recognise_described,
)
from evaluation.loading.heads import Head, clean_head
from evaluation.loading.responses import ColumnPlan
from evaluation.loading.tools._common import with_form

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.loading.book import Book
    from evaluation.loading.description import ToolDescription
    from evaluation.loading.sidecars import Form, FormQuestion
    from evaluation.loading.tools import Context
    from evaluation.model import ColumnHints, RawResponses
    from evaluation.problems import Checked

NAME = "limesurvey"
NOT_SHOWN = "{question_not_shown}"
_CODE = re.compile(r"([A-Za-z]\w*)(?:\[([^\]]*)\])?(?:\[([^\]]*)\])?")
_CODE_AND_TEXT = re.compile(
    r"([A-Za-z]\w*)(?:\[([^\]]*)\])?(?:\[([^\]]*)\])?(?:\.\s+|\._\.)(.+)", re.DOTALL
)
_ENDING = re.compile(r"(.*?)\s*\[([^\[\]]*)\](?:\s*\[([^\[\]]*)\])?\s*\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Parsed:
    """What one head says: code of the question, code and wording of the part, wording."""

    code: str = ""
    part: str = ""
    scale: str = ""
    text: str = ""
    part_text: str = ""


def recognise(book: Book, context: Context) -> Recognition:
    """Recognise technical columns, coded heads, a structure file, or the ``vv`` layout."""
    if not book.grids:
        return Recognition(0)
    head = described_head(book, context)
    if book.form is not None and book.form.kind == "lss":
        return Recognition(0.95, (book.form.file,))
    if _is_vv(book):
        return Recognition(0.95, (NOT_SHOWN,))
    described = recognise_described(book, context)
    if described.confidence:
        return described
    heads = [text for text in head.texts[0] if text]
    coded = [text for text in heads if _CODE_AND_TEXT.fullmatch(text)]
    bracketed = [text for text in heads if re.match(r"[A-Za-z]\w*\[\w+\](?:\. |\Z)", text)]
    if len(coded) > 0.6 * len(heads) or len(bracketed) > 0.3 * len(heads):
        return Recognition(0.7, tuple((bracketed or coded)[:2]))
    yes_no = context.description.marks.get("not_shown", ())
    if book.separator == ";" and book.encoding == "utf-8-sig" and _has_cell(book, yes_no):
        return Recognition(0.4, yes_no[:1])
    return Recognition(0)


def _is_vv(book: Book) -> bool:
    """Tell the ``vv`` file: tabs, and its own mark for a question that was not shown."""
    return book.separator == "\t" and _has_cell(book, (NOT_SHOWN,))


def _has_cell(book: Book, texts: Sequence[str]) -> bool:
    """Tell whether any column holds one of these texts."""
    return any(text in column.values for column in book.grids[0].columns for text in texts)


def interpret(book: Book, context: Context) -> Checked[RawResponses | None]:
    """Read answers; question and part from the head, labels from the structure file."""
    grid, head = answer_grid(book, context), described_head(book, context)
    if _is_vv(book):
        head = Head((0, 1), 2, tuple(tuple(map(clean_head, grid.row(r))) for r in (0, 1)))
        plans = _vv_plans(head, context, book.form)
    else:
        plans = _plans(head, context, book.form)
    return finish(book, grid, head, plans, context)


def _plans(head: Head, context: Context, form: Form | None) -> list[ColumnPlan]:
    """Plan columns whose heads are codes, texts, or both."""
    plans = plan_columns(head, context.description)
    if len(head.texts) > 1:
        return [_mark_other(plan, plan.hints.option, context.description) for plan in plans]
    parsed = [_parse(plan.header) for plan in plans]
    by_text = _by_text(form)
    return [
        _plan(plan, what, form, by_text, context.description)
        for plan, what in zip(plans, parsed, strict=True)
    ]


def _parse(head: str) -> _Parsed:
    """Read one head in whichever of the three styles it has."""
    match = _CODE_AND_TEXT.fullmatch(head)
    if match:
        code, part, scale, text = match.groups()
        if part is not None and text.startswith("[") and text.rstrip().endswith("]"):
            return _Parsed(code, part, scale or "", part_text=text.strip()[1:-1].strip())
        ending = _ENDING.match(text)
        if part is not None and ending and not ending[2].strip():
            return _Parsed(code, text=ending[1].strip())
        if part is not None and ending:
            return _Parsed(code, part, scale or "", ending[1].strip(), ending[2].strip())
        return _Parsed(code, part or "", scale or "", text.strip())
    match = _CODE.fullmatch(head)
    if match:
        return _Parsed(match[1], match[2] or "", match[3] or "")
    ending = _ENDING.match(head)
    if ending and ending[1].strip():
        return _Parsed(text=ending[1].strip(), part_text=ending[2].strip())
    return _Parsed(text=head)


def _by_text(form: Form | None) -> dict[str, FormQuestion]:
    """Return folded wording -> question; a wording used twice is not there."""
    found: dict[str, FormQuestion] = {}
    twice: set[str] = set()
    for question in form.questions.values() if form else ():
        key = fold(question.text)
        (twice.add if key in found else found.__setitem__)(
            *((key,) if key in found else (key, question))
        )
    return {key: question for key, question in found.items() if key not in twice}


def _plan(
    plan: ColumnPlan,
    what: _Parsed,
    form: Form | None,
    by_text: dict[str, FormQuestion],
    description: ToolDescription,
) -> ColumnPlan:
    """Say what is known of one column."""
    hints = plan.hints
    if hints.role:
        return plan
    part = what.part_text or what.part
    group = what.text or what.code if part else ""
    if what.scale:
        group = f"{group} [{what.scale}]"
    hints = replace(
        hints, question=what.code, text=what.text or plan.header, group=group, option=part
    )
    if what.part and not what.text and what.part_text:  # "code[sub]. [whole question]"
        hints = replace(hints, text=what.part_text, group=what.code, option=what.part_text)
    if form is not None:
        question = form.questions.get(what.code) or by_text.get(fold(what.text))
        if question is not None:
            hints = _hints_of_form(hints, question, what)
    return _mark_other(ColumnPlan(plan.header, hints), what.part or part, description)


def _hints_of_form(hints: ColumnHints, question: FormQuestion, what: _Parsed) -> ColumnHints:
    """Take wording, kind, options and part from the structure file."""
    hints = with_form(hints, question, what.part or what.part_text)
    if question.kind == "multiple" and hints.group and question.items:
        return replace(hints, value_labels={})
    return hints


def _mark_other(plan: ColumnPlan, part: str, description: ToolDescription) -> ColumnPlan:
    """Mark the columns that hold words to "other", or a comment."""
    marks = description.marks
    if fold(part) in {fold(word) for word in (*marks.get("other", ()), *marks.get("comment", ()))}:
        hints = replace(plan.hints, role="other_text", kind="text", value_labels={})
        return ColumnPlan(plan.header, hints)
    return plan


def _vv_plans(head: Head, context: Context, form: Form | None) -> list[ColumnPlan]:
    """Plan the ``vv`` file: texts in the first row, codes such as ``q1_SQ001`` in the second."""
    texts, codes = head.texts
    roles = plan_columns(Head((1,), 2, (codes,)), context.description)
    names = set(form.questions) if form else set()
    plans = []
    for text, code, plan in zip(texts, codes, roles, strict=True):
        question, _, part = _split_vv(code, names)
        hints = replace(plan.hints, question=question, text=text or code)
        if part and not hints.role:
            hints = replace(hints, group=question, option=text or part)
        if form is not None and question in form.questions:
            hints = _hints_of_form(hints, form.questions[question], _Parsed(question, part))
        plans.append(_mark_other(ColumnPlan(code, hints), part, context.description))
    return plans


def _split_vv(code: str, names: set[str]) -> tuple[str, str, str]:
    """Split ``q1_SQ001`` at the code of a known question, else at the first underscore."""
    pieces = code.split("_")
    for n in range(len(pieces), 0, -1):
        if "_".join(pieces[:n]) in names:
            return "_".join(pieces[:n]), "_", "_".join(pieces[n:])
    return code.partition("_")
