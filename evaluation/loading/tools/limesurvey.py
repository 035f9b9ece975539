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
_TECHNICAL = re.compile(r"([a-z_]+)\. \S.*", re.DOTALL)


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
    plans = _technical(plan_columns(head, context.description), context.description)
    if len(head.texts) > 1:
        return [_mark_other(plan, plan.hints.option, context.description) for plan in plans]
    parsed = [_parse(plan.header) for plan in plans]
    by_text = _by_text(form)
    read = [
        _plan(plan, what, form, by_text, context.description)
        for plan, what in zip(plans, parsed, strict=True)
    ]
    return _join_nameless(read)


def _technical(plans: Sequence[ColumnPlan], description: ToolDescription) -> list[ColumnPlan]:
    """Know technical columns by their code too: ``submitdate. Date submitted``."""
    codes = [match[1] if (match := _TECHNICAL.fullmatch(plan.header)) else "" for plan in plans]
    by_code = plan_columns(Head((0,), 1, (tuple(codes),)), description, "none")
    return [
        ColumnPlan(plan.header, replace(coded.hints, text=plan.header[len(code) + 2 :]))
        if code and coded.hints.role and not plan.hints.role
        else plan
        for plan, coded, code in zip(plans, by_code, codes, strict=True)
    ]


def _parse(head: str) -> _Parsed:
    """Read one head in whichever of the three styles it has."""
    match = _CODE_AND_TEXT.fullmatch(head)
    if match:
        code, part, scale, text = match.groups()
        if part is not None and text.startswith("[") and text.rstrip().endswith("]"):
            return _Parsed(code, part, scale or "", part_text=text.strip()[1:-1].strip())
        stem, option = _ending(text)
        if part is not None and stem and not option:
            return _Parsed(code, text=stem)
        if part is not None and stem:
            return _Parsed(code, part, scale or "", stem, option)
        return _Parsed(code, part or "", scale or "", text.strip())
    match = _CODE.fullmatch(head)
    if match:
        return _Parsed(match[1], match[2] or "", match[3] or "")
    stem, option = _ending(head)
    return _Parsed(text=stem, part_text=option) if stem else _Parsed(text=head)


def _ending(text: str) -> tuple[str, str]:
    """Split ``question [part]``, where the part may hold brackets itself; "" and "" without one.

    Of two pairs of brackets at the end, ``question [part][scale]``, the first is the part.
    """
    stem, part = _last_brackets(text)
    outer, first = _last_brackets(stem)
    return (outer, first) if outer else (stem, part)


def _last_brackets(text: str) -> tuple[str, str]:
    """Cut off the brackets at the end, with those inside them."""
    text = text.rstrip()
    depth = 0
    for position in range(len(text) - 1, -1, -1) if text.endswith("]") else ():
        depth += (text[position] == "]") - (text[position] == "[")
        if not depth:
            return text[:position].strip(), text[position + 1 : -1].strip()
    return "", ""


NAMELESS = "\u2013"
"""Label of an option that has no wording in the form."""


def _join_nameless(plans: list[ColumnPlan]) -> list[ColumnPlan]:
    """Put a column headed ``question []`` with its neighbours ``question [option]``."""
    joined = list(plans)
    for position, plan in enumerate(plans):
        stem, option = _ending(plan.header)
        hints = plan.hints
        if not stem or option or hints.role or hints.group:
            continue
        near = [p for p in (position - 1, position + 1) if 0 <= p < len(plans)]
        group = next((plans[p].hints.group for p in near if plans[p].hints.text == hints.text), "")
        if group:
            named = replace(hints, group=group, option=NAMELESS)
            joined[position] = ColumnPlan(plan.header, named)
    return joined


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
