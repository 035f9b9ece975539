"""Qualtrics: CSV or XLSX with three head rows (name, wording, import id), or the legacy two.

Recognised by the import ids in the third row, or by the technical columns
under V1, V2 … or their names. Several answers have one column per option
(``Q9_1``) with 1 or the label, else blank; matrices ``Q1_1``, matrices with
several answers ``Q1_1_2``, side-by-side ``Q6#1_1``; a text beside an option
``Q6_5_TEXT``. ``Status`` tells previews and tests, ``Finished`` partial ones.
Codes become labels where the survey definition (``.qsf``) lies beside.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from evaluation.codebook.spelling import fold
from evaluation.loading.book import Recognition
from evaluation.loading.engine import answer_grid, finish, plan_columns
from evaluation.loading.heads import Head, clean_head
from evaluation.loading.responses import ColumnPlan
from evaluation.loading.sidecars._markup import plain_text
from evaluation.loading.tools._common import distinct_cells, replace_hints, with_form

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.loading.book import Book
    from evaluation.loading.grid import Grid
    from evaluation.loading.sidecars import Form
    from evaluation.loading.tools import Context
    from evaluation.model import RawResponses
    from evaluation.problems import Checked

NAME = "qualtrics"
_IMPORT_ID = re.compile(r"""\{\s*['"]ImportId['"]\s*:\s*['"]([^'"]*)['"]""")
_MARKUP = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]{2,8});|</?[a-zA-Z][^<>]*>")
_TEXT = re.compile(r"(?:_TEXT|-TEXT)\Z")


def recognise(book: Book, context: Context) -> Recognition:
    """Recognise import ids, or the technical columns of the legacy layout."""
    if not book.grids:
        return Recognition(0)
    rows = [
        answer_grid(book, context).row(n) for n in range(min(3, answer_grid(book, context).n_rows))
    ]
    if len(rows) > 2 and sum("ImportId" in cell for cell in rows[2]) > len(rows[2]) / 2:
        return Recognition(0.99, ("ImportId",))
    technical = set(context.description.recognise.any_heads)
    for row in rows[:2]:
        found = [cell.strip() for cell in row if cell.strip() in technical]
        if len(found) >= context.description.recognise.minimum:
            return Recognition(context.description.recognise.confidence, tuple(found))
    return Recognition(0)


def interpret(book: Book, context: Context) -> Checked[RawResponses | None]:
    """Read answers; question and part from names and import ids."""
    grid = answer_grid(book, context)
    head = _head(grid, context)
    names = head.texts[0]
    wordings = head.texts[1] if len(head.texts) > 1 else names
    ids = _ids(head)
    plans = _without_measurements(_plain(names, wordings, context), context)
    plans = _grouped(plans, names, ids, grid, head)
    if book.form is not None:
        plans = [_from_form(p, n, i, book.form) for p, n, i in zip(plans, names, ids, strict=True)]
    return finish(book, grid, head, plans, context)


def _head(grid: Grid, context: Context) -> Head:
    """Tell three head rows from two and one."""
    rows = [tuple(_head_text(cell) for cell in grid.row(n)) for n in range(min(3, grid.n_rows))]
    n = context.options.header_rows or 0
    if not n:
        has_ids = len(rows) > 2 and sum("ImportId" in cell for cell in rows[2]) > len(rows[2]) / 2
        n = 3 if has_ids else 2 if _is_wording(rows) else 1
    return Head(tuple(range(n)), n, tuple(rows[:n]))


def _head_text(cell: str) -> str:
    """Return a head as a reader saw it: wordings are kept as HTML, tags and entities included."""
    text = clean_head(cell)
    return plain_text(text) if _MARKUP.search(text) else text


def _is_wording(rows: Sequence[Sequence[str]]) -> bool:
    """Tell a second row of wordings: technical names stand in both rows, or V1 above them."""
    if len(rows) < 2:
        return False
    same = sum(bool(a) and a == b for a, b in zip(rows[0], rows[1], strict=True))
    legacy = sum(bool(re.fullmatch(r"V\d+", cell)) for cell in rows[0])
    return legacy > 2 or same > 2 or any(" " in cell and len(cell) > 40 for cell in rows[1])


def _ids(head: Head) -> list[str]:
    """Return the import id of each column, "" where there is none."""
    if len(head.texts) < 3:
        return [""] * len(head.texts[0])
    matches = (_IMPORT_ID.search(cell) for cell in head.texts[2])
    return [match[1] if match else "" for match in matches]


def _plain(names: Sequence[str], wordings: Sequence[str], context: Context) -> list[ColumnPlan]:
    """Name columns by the first row; in the legacy layout V1, V2 … by the second."""
    heads = tuple(
        wording if re.fullmatch(r"V\d+", name) else name
        for name, wording in zip(names, wordings, strict=True)
    )
    plans = plan_columns(Head((0,), 1, (heads,)), context.description, "none")
    return [
        replace_hints(plan, question=name if not plan.hints.role else "", text=wording)
        for plan, name, wording in zip(plans, heads, wordings, strict=True)
    ]


def _without_measurements(plans: Sequence[ColumnPlan], context: Context) -> list[ColumnPlan]:
    """Tell what Qualtrics measures (time on a page, browser) from what a person answered.

    Such a question has columns with fixed endings; only a full set counts.
    """
    sets = [
        tuple(f"_{fold(end)}" for end in context.description.marks.get(name, ()))
        for name in ("timing", "browser")
    ]
    heads = [fold(plan.header) for plan in plans]
    present = set(heads)
    measured = {
        start + end
        for endings in sets
        for head in heads
        if endings and head.endswith(endings[0])
        for start in (head.removesuffix(endings[0]),)
        if all(start + other in present for other in endings)
        for end in endings
    }
    return [
        replace_hints(plan, role="meta") if head in measured and not plan.hints.role else plan
        for plan, head in zip(plans, heads, strict=True)
    ]


def _grouped(
    plans: Sequence[ColumnPlan], names: Sequence[str], ids: Sequence[str], grid: Grid, head: Head
) -> list[ColumnPlan]:
    """Find the columns of one question side by side: same name, or same import id, but the end."""
    keys = [
        "" if plan.hints.role or _is_text(n, i) else _stem(i or n)
        for plan, n, i in zip(plans, names, ids, strict=True)
    ]
    result = [
        _text_plan(plan) if _is_text(n, i) and not plan.hints.role else plan
        for plan, n, i in zip(plans, names, ids, strict=True)
    ]
    for key, run in groupby(range(len(keys)), key=lambda position: keys[position]):
        positions = list(run)
        if key and len(positions) > 1:
            _group_run(result, positions, names)
    _group_rows(result, keys, names)
    cells = [set(distinct_cells(grid, position, head)) for position in range(len(result))]
    return _options_by_cells(result, cells)


def _options_by_cells(plans: Sequence[ColumnPlan], cells: Sequence[set[str]]) -> list[ColumnPlan]:
    """Mark option columns: those of a question hold its 1, one recode value or their own label."""
    result = []
    for (group, _), run in groupby(
        range(len(plans)), key=lambda n: (plans[n].hints.group, plans[n].hints.question)
    ):
        positions = list(run)
        values = set().union(*(cells[n] for n in positions))
        has_one = len(values) == 1 and len(positions) > 1
        own = all(cells[n] <= {"1", plans[n].hints.option} for n in positions)
        if group and values and (has_one or own):
            selected = tuple(values) if has_one else ("1",)
            result += [
                replace_hints(plans[n], kind="multiple", selected=selected) for n in positions
            ]
        else:
            result += [plans[n] for n in positions]
    return result


def _group_rows(plans: list[ColumnPlan], keys: Sequence[str], names: Sequence[str]) -> None:
    """Group rows of a matrix with a single column: ``Q9_1_1``, ``Q9_2_1`` share start and end."""
    ends = [
        (_stem(key), name.rpartition("_")[2]) if key and not plan.hints.group else ("", "")
        for key, name, plan in zip(keys, names, plans, strict=True)
    ]
    for (start, _), run in groupby(range(len(ends)), key=lambda position: ends[position]):
        positions = list(run)
        if start and len(positions) > 1:
            _group_run(plans, positions, names)


def _is_text(name: str, import_id: str) -> bool:
    """Tell a column of free text by its name or import id."""
    return bool(_TEXT.search(name) or _TEXT.search(import_id))


def _text_plan(plan: ColumnPlan) -> ColumnPlan:
    """Mark free text; where the name says so, as words beside an option."""
    has_option = bool(re.search(r"(?:_-?\d+)?_TEXT\Z", plan.header))
    role = "other_text" if has_option else ""
    question = re.sub(r"(?:_-?\d+)?_TEXT\Z", "", plan.header)
    return replace_hints(plan, kind="text", role=role, question=question)


def _stem(name: str) -> str:
    """Cut the last part off a name: ``Q9_1`` -> ``Q9``, ``QID4-1-2`` -> ``QID4-1``."""
    match = re.match(r"(.+)[_-](?:-?\d+|[A-Za-z]\w*|-)\Z", name.replace("--", "-m"))
    return match[1] if match else ""


def _group_run(plans: list[ColumnPlan], positions: Sequence[int], names: Sequence[str]) -> None:
    """Give the columns of one question their stem and their parts."""
    texts = [plans[position].hints.text for position in positions]
    stem, parts = split_wordings(texts)
    question = common_start([names[position] for position in positions]).rstrip("_-#")
    for position, part, text in zip(positions, parts, texts, strict=True):
        name = names[position]
        plans[position] = replace_hints(
            plans[position], question=question or name, group=stem or question, option=part or text
        )


def split_wordings(texts: Sequence[str]) -> tuple[str, list[str]]:
    """Split wordings ``stem - part`` or ``stem-part`` that share their stem.

    The stem ends at the last hyphen within what all wordings have in common.

    Returns
    -------
    tuple
        The stem, and the rest of each wording in order.
    """
    common = common_start(texts)
    cut = max(common.rfind(" - "), common.rfind("-"))
    if cut <= 0:
        return "", list(texts)
    if common[cut : cut + 3] == " - ":
        return common[:cut].strip(), [text[cut + 3 :].strip() for text in texts]
    return common[:cut].strip(), [text[cut + 1 :].strip() for text in texts]


def common_start(texts: Sequence[str]) -> str:
    """Return what all texts begin with."""
    first, last = min(texts), max(texts)
    length = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    return first[:length] if length is not None else first[: min(len(first), len(last))]


def _from_form(plan: ColumnPlan, name: str, import_id: str, form: Form) -> ColumnPlan:
    """Add labels from the survey definition: by the name's start, or by the import id."""
    hints = plan.hints
    if hints.role or hints.kind == "text":
        return plan
    by_alias = {q.alias: q for q in form.questions.values() if q.alias}
    pieces = name.split("_")
    names = ["_".join(pieces[:n]) for n in range(len(pieces), 0, -1)]
    question = next((form.questions[n] for n in names if n in form.questions), None)
    if question is None:
        question = by_alias.get(re.split(r"[-_]", import_id)[0])
    if question is None:
        return plan
    found = with_form(hints, question)
    found = replace(found, question=hints.question, group=hints.group, option=hints.option)
    if hints.kind == "multiple" or question.kind == "multiple":
        selected = ("1", *question.options) if hints.group else ()
        found = replace(found, kind="multiple", value_labels={}, selected=selected)
    if not hints.group:
        found = replace(found, text=question.text or hints.text)
    return ColumnPlan(plan.header, found)
