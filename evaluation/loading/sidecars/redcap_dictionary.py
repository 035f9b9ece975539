"""REDCap data dictionaries: a CSV of 18 columns, one row per field."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from evaluation.loading.sidecars import Form, FormQuestion
from evaluation.loading.sidecars._markup import plain_text
from evaluation.loading.sniff import decode, detect_separator

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".csv",)
MARKS = (b"Field Type", b"field_type")
LEAST_COLUMNS = 10
"""Fewer columns than this is no dictionary (it has 18; older ones 12)."""

NAME, FORM, KIND, LABEL = "variable", "form", "type", "label"
_HEADS = {
    NAME: ("Variable / Field Name", "field_name"),
    FORM: ("Form Name", "form_name"),
    KIND: ("Field Type", "field_type"),
    LABEL: ("Field Label", "field_label"),
    "section": ("Section Header", "section_header"),
    "choices": (
        "Choices, Calculations, OR Slider Labels",
        "Choices OR Calculations",
        "select_choices_or_calculations",
    ),
    "validation": (
        "Text Validation Type OR Show Slider Number",
        "text_validation_type_or_show_slider_number",
    ),
    "identifier": ("Identifier?", "identifier"),
    "branching": ("Branching Logic (Show field only if...)", "branching_logic"),
    "matrix": ("Matrix Group Name", "matrix_group_name"),
}
"""What is read -> heads in the download and in the API's form of the dictionary."""

_KINDS = {
    "radio": "single",
    "dropdown": "single",
    "yesno": "single",
    "truefalse": "single",
    "checkbox": "multiple",
    "slider": "number",
    "calc": "number",
    "notes": "text",
}
_FIXED = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
_PERSONAL = frozenset(
    {"email", "phone", "phone_australia", "phone_uk", "ssn", "mrn_10d", "mrn_generic"}
)


_OPTIONAL = ("choices", "validation", "identifier", "branching", "matrix")
R_BLANK = "NA"
"""What stands for a blank cell where the dictionary was written by R."""


def read_form(path: Path, data: bytes) -> Form | None:
    """Read a data dictionary, or return None where it is none."""
    text = decode(data).text
    try:
        rows = list(csv.reader(text.splitlines(keepends=True), delimiter=detect_separator(text)))
    except csv.Error:
        return None
    heads = {head.strip().strip('"'): place for place, head in enumerate(rows[0])} if rows else {}
    places = {
        key: next((heads[h] for h in names if h in heads), -1) for key, names in _HEADS.items()
    }
    if places[NAME] < 0 or places[KIND] < 0:
        return None
    questions: dict[str, FormQuestion] = {}
    for row in rows[1:]:
        fields = {key: row[p].strip() if 0 <= p < len(row) else "" for key, p in places.items()}
        fields |= {key: "" for key in _OPTIONAL if fields[key] == R_BLANK}
        if fields[NAME] and fields[KIND] != "descriptive":
            questions[fields[NAME]] = _question(fields)
    return Form(path.name, "redcap", "", questions) if questions else None


def _question(fields: dict[str, str]) -> FormQuestion:
    """Build one question from one row."""
    kind = fields[KIND].lower()
    validation = fields["validation"].lower()
    choices = _FIXED.get(kind) or (parse_choices(fields["choices"]) if kind != "calc" else {})
    if kind == "slider":
        choices = {}
    is_personal = fields["identifier"].lower() == "y" or validation in _PERSONAL
    return FormQuestion(
        name=fields[NAME],
        text=plain_text(fields[LABEL]),
        kind=_kind(kind, validation),
        options={} if kind == "checkbox" else choices,
        items=choices if kind == "checkbox" else {},
        role="identity" if is_personal or kind in {"file", "signature"} else "",
        asked_if=fields["branching"],
        section=fields[FORM],
        matrix=fields["matrix"],
    )


def _kind(kind: str, validation: str) -> str:
    """Tell the kind of question by field type and validation."""
    if kind == "text":
        if validation.startswith(("number", "integer")):
            return "number"
        if validation.startswith(("date_", "datetime")):
            return "date"
        return "text"
    return _KINDS.get(kind, "")


def parse_choices(text: str) -> dict[str, str]:
    """Read ``1, Yes | 0, No`` (blanks around the bar or not) as code -> label."""
    choices: dict[str, str] = {}
    for part in text.split("|"):
        code, comma, label = part.partition(",")
        if code.strip():
            choices[code.strip()] = plain_text(label) if comma else code.strip()
    return choices
