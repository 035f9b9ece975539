"""XLSForms (KoboToolbox, ODK, SurveyCTO): a workbook with the sheets ``survey`` and ``choices``."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

from evaluation.loading.heads import clean_head, find_head
from evaluation.loading.sidecars import Form, FormQuestion
from evaluation.loading.sidecars._markup import plain_text
from evaluation.loading.sniff import FileKind
from evaluation.loading.workbook import read_workbook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from evaluation.loading.grid import Grid

SUFFIXES = (".xlsx",)
MARKS = (b"PK",)
_SURVEY_SHEET = re.compile(rb'name="survey"', re.IGNORECASE)

MAX_LIST_BYTES = 1024**2
_Row = dict[str, str]
_SELECT = re.compile(
    r"\A(select_one|select one|select_multiple|select multiple|select all that apply|select1"
    r"|select|rank)(?:\s+from)?\s+(\S+)(\s+or_other|\s+or specify other)?",
    re.IGNORECASE,
)
_KINDS = {
    "integer": "number",
    "int": "number",
    "decimal": "number",
    "range": "number",
    "date": "date",
    "datetime": "date",
    "today": "date",
    "text": "text",
    "note": "note",
}
_ROLES = {
    "start": "start",
    "end": "end",
    "deviceid": "identity",
    "subscriberid": "identity",
    "simserial": "identity",
    "phonenumber": "identity",
    "username": "identity",
    "email": "identity",
    "audit": "meta",
    "geopoint": "identity",
    "geotrace": "identity",
    "geoshape": "identity",
    "image": "identity",
    "photo": "identity",
    "audio": "identity",
    "video": "identity",
    "file": "identity",
    "barcode": "meta",
    "hidden": "meta",
}


def read_form(path: Path, data: bytes) -> Form | None:
    """Read an XLSForm, or return None where the workbook is none."""
    del data
    if not _names_a_survey(path):
        return None
    grids = read_workbook(path, FileKind.XLSX, path.name).value
    return form_of_sheets(path.name, {grid.name.casefold(): grid for grid in grids})


def _names_a_survey(path: Path) -> bool:
    """Look into the list of sheets only: reading every workbook beside an export would cost."""
    try:
        with zipfile.ZipFile(path) as archive:
            part = archive.getinfo("xl/workbook.xml")
            small = part.file_size <= MAX_LIST_BYTES
            return small and bool(_SURVEY_SHEET.search(archive.read(part)))
    except (zipfile.BadZipFile, KeyError, OSError, ValueError, EOFError):
        return False


def form_of_sheets(file: str, grids: dict[str, Grid]) -> Form | None:
    """Read the sheets ``survey`` and ``choices``; None where ``survey`` is none of a form."""
    survey = _table(grids.get("survey"))
    if not survey or "type" not in survey[0] or "name" not in survey[0]:
        return None
    choices = _choices(_table(grids.get("choices")) or _table(grids.get("columns")))
    settings = _table(grids.get("settings"))
    title = settings[0].get("form_title", "") if settings else ""
    questions: dict[str, FormQuestion] = {}
    groups: list[str] = []
    for row in survey:
        kind = row.get("type", "").strip()
        if re.match(r"begin[ _](group|repeat)", kind, re.IGNORECASE):
            groups.append(row.get("name", ""))
        elif re.match(r"end[ _](group|repeat)", kind, re.IGNORECASE):
            groups = groups[:-1]
        elif row.get("name"):
            question = _question(row, kind, choices, "/".join(groups))
            if question is not None:
                questions[question.name] = question
    return Form(file, "xlsform", title, questions) if questions else None


def _table(grid: Grid | None) -> list[_Row]:
    """Return a sheet as one mapping per row, keyed by lower-case head."""
    if grid is None or not grid.n_rows:
        return []
    head = find_head(grid, header_rows=1)
    keys = [
        text.lower().replace(" ", "_") if "::" not in text else text.lower()
        for text in head.texts[0]
    ]
    rows = grid.rows(head.first_data, grid.n_rows)
    return [dict(zip(keys, (clean_head(cell) for cell in row), strict=True)) for row in rows]


def _labels(row: _Row) -> tuple[str, tuple[str, ...]]:
    """Return the label in the first language, and those in others."""
    texts = [plain_text(row[k]) for k in row if (k == "label" or k.startswith("label:")) and row[k]]
    return (texts[0] if texts else "", tuple(texts[1:]))


def _choices(rows: Sequence[_Row]) -> dict[str, list[tuple[str, str, tuple[str, ...]]]]:
    """Return list name -> (code, label, labels in other languages)."""
    lists: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {}
    for row in rows:
        label, others = _labels(row)
        code = row.get("name") or row.get("value", "")
        if row.get("list_name") and code:
            lists.setdefault(row["list_name"], []).append((code, label or code, others))
    return lists


def _question(
    row: _Row,
    kind: str,
    choices: dict[str, list[tuple[str, str, tuple[str, ...]]]],
    section: str,
) -> FormQuestion | None:
    """Build one question; notes, which nobody answers, give None."""
    label, _ = _labels(row)
    name = row["name"]
    relevant = row.get("relevant", "")
    match = _SELECT.match(kind)
    if match is None:
        plain = kind.partition(" ")[0].lower()
        found = _KINDS.get(plain, "")
        if found == "note":
            return None
        role = _ROLES.get(plain, "")
        return FormQuestion(
            name, label or name, found, role=role, asked_if=relevant, section=section
        )
    how, which, other = match.groups()
    found_choices = choices.get(which, [])
    is_one = how.lower() in {"select_one", "select one", "select1"}
    is_rank = how.lower() == "rank"
    labels = {code: text for code, text, _ in found_choices}
    if other:
        labels.setdefault("other", "Other")
    return FormQuestion(
        name,
        label or name,
        "single" if is_one else "ranking" if is_rank else "multiple",
        options=labels if is_one else {},
        items={} if is_one else labels,
        other_labels={code: others for code, _, others in found_choices if others},
        separator="" if is_one else " ",
        has_other=bool(other),
        asked_if=relevant,
        section=section,
    )
