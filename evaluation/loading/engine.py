"""Read any export by a tool's description; tools with a module of their own start from here too."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from evaluation.codebook.spelling import fold
from evaluation.loading.book import Recognition
from evaluation.loading.codesheets import find_label_sheet, first_answers, general_marks
from evaluation.loading.heads import clean_head, fill_stems, find_head, join_heads
from evaluation.loading.responses import ColumnPlan, build_responses
from evaluation.loading.stems import Stem, find_stems
from evaluation.model import ColumnHints, MissingKind
from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evaluation.loading.book import Book
    from evaluation.loading.description import LabelSheet, RoleName, ToolDescription
    from evaluation.loading.grid import Grid
    from evaluation.loading.heads import Head
    from evaluation.loading.tools import Context
    from evaluation.model import RawResponses

MISSING_KINDS = {
    "item_nonresponse": MissingKind.ITEM_NONRESPONSE,
    "not_asked": MissingKind.NOT_ASKED,
}


def recognise_described(book: Book, context: Context) -> Recognition:
    """Recognise an export by the heads and sheets that the description names."""
    rules = context.description.recognise
    if not book.grids or not (rules.heads or rules.any_heads or rules.sheets):
        return Recognition(0)
    if not book.has_sheets(*rules.sheets):
        return Recognition(0)
    heads = {fold(cell) for row in described_head(book, context).texts for cell in row if cell}
    needed = [_spelling_found(entry, heads) for entry in rules.heads]
    optional = [_spelling_found(entry, heads) for entry in rules.any_heads]
    if not all(needed) or sum(map(bool, optional)) < rules.minimum:
        return Recognition(0)
    evidence = tuple(text for text in (*needed, *optional, *rules.sheets) if text)
    return Recognition(rules.confidence, evidence)


def _spelling_found(entry: str, heads: set[str]) -> str:
    """Return the first spelling of a head that is there, or ""."""
    spellings = (spelling.strip() for spelling in entry.split("|"))
    return next((spelling for spelling in spellings if fold(spelling) in heads), "")


def interpret_described(book: Book, context: Context) -> Checked[RawResponses | None]:
    """Read an export as the description says, and what it leaves open as any table is read."""
    grid, head = answer_grid(book, context), described_head(book, context)
    layout = context.description.layout
    plans = plan_columns(head, context.description)
    if layout.options == "auto":
        unchosen = frozenset(map(fold, general_marks().get("unchosen", ())))
        plans = numbered_options(plans, grid, head, unchosen)
    codes = layout.labels or find_label_sheet(book.grids, grid)
    if codes is not None:
        plans = label_plans(plans, book, codes)
    done = finish(book, grid, head, plans, context)
    used = {grid.name.casefold(), codes.sheet.casefold() if codes else ""}
    unread = [other.name for other in book.grids if other.name.casefold() not in used]
    if not unread:
        return done
    names = ", ".join(unread)
    note = Problem("other-sheets", Severity.WARN, book.file, sheet=grid.name, value=names)
    return Checked(done.value, (*done.problems, note))


def finish(
    book: Book, grid: Grid, head: Head, plans: Sequence[ColumnPlan], context: Context
) -> Checked[RawResponses | None]:
    """Cut the answers out under the name of the tool."""
    cut = context.cut or build_responses
    return cut(book, grid, head, plans, tool=context.name, vocabulary=context.vocabulary)


def answer_grid(book: Book, context: Context) -> Grid:
    """Return the sheet with the answers: asked for, described, or the first."""
    if context.options.sheet:
        return book.grid(context.options.sheet)
    present = {grid.name.casefold(): grid.name for grid in book.grids}
    named = (present.get(name.casefold()) for name in context.description.layout.sheet)
    name = next((name for name in named if name), None)
    return book.grid(name) if name else first_answers(book.grids)


def described_head(book: Book, context: Context) -> Head:
    """Return the head of the answer sheet, with rows as the user or the description says."""
    options, layout = context.options, context.description.layout
    return book.head_of(
        answer_grid(book, context),
        options.header_rows or layout.header_rows,
        options.skip_rows if options.skip_rows is not None else layout.skip_rows,
    )


# --- columns ------------------------------------------------------------------

_NUMBERED = re.compile(r"(?P<stem>[A-Za-z]\w*?)(?:___|__|_|\.)(?P<part>\d+|[a-z])\Z")


def numbered_options(
    plans: Sequence[ColumnPlan], grid: Grid, head: Head, unchosen: frozenset[str]
) -> list[ColumnPlan]:
    """Group columns such as ``q4_1``, ``q4_2`` whose cells hold one option or a mark for "no".

    The head names no option then; the cell does, where it is no mere 1 or X.

    Parameters
    ----------
    unchosen
        Folded cells that mean "not chosen".
    """
    stems = [_NUMBERED.match(plan.header) for plan in plans]
    keys = [
        m["stem"] if m and not plan.hints.group and not plan.hints.role else ""
        for m, plan in zip(stems, plans, strict=True)
    ]
    result = list(plans)
    for key, run in groupby(range(len(plans)), key=lambda position: keys[position]):
        positions = list(run)
        names = [_only_option(grid, p, head, unchosen) for p in positions]
        if not key or len(positions) < 2:
            continue
        if None in names:
            if _share_answers(grid, positions, head):
                for position in positions:
                    name = plans[position].header
                    hints = replace(plans[position].hints, group=key, option=name, question=key)
                    result[position] = ColumnPlan(plans[position].header, hints)
            continue
        labels = {fold(name) for name in names if name}
        if len(labels) < sum(bool(name) for name in names) and len(labels) > 1:
            continue
        stem, parts = _split_wordings([plans[position] for position in positions])
        for position, found, part in zip(positions, names, parts, strict=True):
            is_label = bool(found) and len(labels) > 1
            option = str(found) if is_label else part or plans[position].header
            hints = replace(plans[position].hints, group=stem or key, option=option, question=key)
            result[position] = ColumnPlan(plans[position].header, hints)
    return result


LEAST_SHARED = 2
"""Words that the wordings of a question's options begin with, at least."""


def _split_wordings(plans: Sequence[ColumnPlan]) -> tuple[str, list[str]]:
    """Cut wordings under codes where they part: "Which ones? Bus", "Which ones? Train"."""
    split = [plan.hints.text.split() for plan in plans]
    shared = 0
    for words in zip(*split, strict=False):
        if len(set(words)) > 1:
            break
        shared += 1
    is_coded = all(plan.hints.text != plan.header for plan in plans)
    if not is_coded or shared < LEAST_SHARED or any(len(words) == shared for words in split):
        return "", [""] * len(plans)
    return " ".join(split[0][:shared]), [" ".join(words[shared:]) for words in split]


MAX_SHARED = 15
"""Most distinct answers of columns that could be items of one grid."""


def _share_answers(grid: Grid, positions: Sequence[int], head: Head) -> bool:
    """Tell whether columns are answered with the same few texts."""
    sets = []
    for position in positions:
        column = grid.columns[position]
        used = column.used(head.first_data)
        sets.append({fold(column.values[i]) for i in used} - {""})
    union = set().union(*sets)
    common = [
        s
        for s in sets
        if s and 2 * len(s & set().union(*(o for o in sets if o is not s))) >= len(s)
    ]
    return 2 < len(union) <= MAX_SHARED and len(common) == len(sets)


def _only_option(grid: Grid, position: int, head: Head, unchosen: frozenset[str]) -> str | None:
    """Return the one text that chosen cells hold, "" where nobody chose, None where several."""
    column = grid.columns[position]
    used = column.used(head.first_data)
    texts = {fold(column.values[i]): column.values[i].strip() for i in used}
    chosen = [text for folded, text in texts.items() if folded and folded not in unchosen]
    return None if len(chosen) > 1 else (chosen[0] if chosen else "")


def plan_columns(
    head: Head, description: ToolDescription, style: str | None = None
) -> list[ColumnPlan]:
    """Name every column and say what its head tells: role, question, option.

    Parameters
    ----------
    style
        How heads are built, where the tool's module knows better than the
        description.
    """
    style = style or description.layout.options
    wordings: Sequence[str]
    if len(head.texts) > 1 and is_wording_below(head):
        joined, wordings = list(head.texts[0]), head.texts[1]
        stems = find_stems(wordings, style)
    elif len(head.texts) > 1:
        joined, stems = _two_row_stems(head)
        wordings = joined
    else:
        joined = [join_heads(parts) for parts in zip(*head.texts, strict=True)]
        wordings, stems = joined, find_stems(joined, style)
    roles = role_of_heads(joined, description.heads)
    missing = {value: MISSING_KINDS[kind] for value, kind in description.missing.items()}
    plans = []
    for name, text, stem, role in zip(joined, wordings, stems, roles, strict=True):
        question = name if wordings is not joined and not role else ""
        hints = ColumnHints(question=question, text=text or name, role=role, missing=missing)
        status = description.status.get(_status_head(name, description.status))
        if status is not None:
            meanings = {value: str(state) for state, values in status.items() for value in values}
            hints = replace(hints, role=role or "status", value_labels=meanings)
        if stem is not None and not role and status is None:
            hints = replace(
                hints, group=stem.group, option=stem.option, selected=description.selected
            )
        if description.layout.separator and not role:
            hints = replace(hints, separator=description.layout.separator)
        plans.append(ColumnPlan(name, hints))
    return plans


def _status_head(name: str, status: Mapping[str, object]) -> str:
    """Return the described spelling of a status head, or ""."""
    return next((head for head in status if fold(head) == fold(name)), "")


def is_wording_below(head: Head) -> bool:
    """Tell codes (``q1``) above wordings from questions above options: no question has a gap."""
    codes, wordings = head.texts[0], head.texts[1]
    has_gap = any(not code and wording for code, wording in zip(codes, wordings, strict=True))
    filled = [code for code in codes if code]
    return not has_gap and sum(" " not in code for code in filled) >= 0.9 * len(filled)


def _two_row_stems(head: Head) -> tuple[list[str], list[Stem | None]]:
    """Read question and option from two head rows."""
    labels = [join_heads(parts) for parts in zip(*head.texts[1:], strict=True)]
    filled = fill_stems(head.texts[0], labels)
    spans = _spans(head.texts[0], labels)
    joined: list[str] = []
    stems: list[Stem | None] = []
    for stem, label, span in zip(filled, labels, spans, strict=True):
        is_group = span > 1 and bool(label) and stem != label
        joined.append(f"{stem} [{label}]" if is_group else stem or label)
        stems.append(Stem(stem, label) if is_group else None)
    return joined, stems


def _spans(stems: Sequence[str], labels: Sequence[str]) -> list[int]:
    """Return, per column, over how many columns its question head stretches."""
    spans: list[int] = []
    start = 0
    for position in range(len(stems) + 1):
        ends = position == len(stems) or stems[position] or not labels[position]
        if ends and position > start:
            spans.extend([position - start] * (position - start))
            start = position
    return spans


def role_of_heads(heads: Iterable[str], known: Mapping[RoleName, Sequence[str]]) -> list[str]:
    """Return the role of each head by its spelling, "" where it has none."""
    roles = {fold(name): role for role, names in known.items() for name in names}
    return [roles.get(fold(head), "") for head in heads]


def label_plans(plans: Sequence[ColumnPlan], book: Book, described: LabelSheet) -> list[ColumnPlan]:
    """Add the labels of codes that stand on a sheet of their own."""
    if not book.has_sheets(described.sheet):
        return list(plans)
    name = next(g.name for g in book.grids if g.name.casefold() == described.sheet.casefold())
    labels, texts = read_labels(book.grid(name), described)
    labelled = []
    for plan in plans:
        keys = [fold(key) for key in (plan.header, plan.hints.group, plan.hints.option) if key]
        key = next((key for key in keys if key in labels), "")
        hints = plan.hints
        if key:
            hints = replace(hints, value_labels=labels[key], text=texts.get(key) or hints.text)
        labelled.append(ColumnPlan(plan.header, hints))
    return labelled


def read_labels(
    grid: Grid, described: LabelSheet
) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Read a sheet of codes: question (folded) -> code -> label, and question -> wording."""
    head = find_head(grid, header_rows=1)
    positions = {fold(text): p for p, text in reversed(list(enumerate(head.texts[0])))}
    wanted = (described.question, described.code, described.label, described.text or "")
    question, code, label, text = (positions.get(fold(name)) for name in wanted)
    labels: dict[str, dict[str, str]] = {}
    texts: dict[str, str] = {}
    if question is None or code is None or label is None:
        return labels, texts
    current = ""
    for row in grid.rows(head.first_data, grid.n_rows):
        current = fold(row[question]) or current
        if text is not None and row[text].strip():
            texts.setdefault(current, clean_head(row[text]))
        if row[code].strip():
            labels.setdefault(current, {})[row[code].strip()] = clean_head(row[label])
    return labels, texts
