"""Analyses as tidy rows and as JSON: the form of ``evaluation table --analysis`` and of frames."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from evaluation.rendering.spreadsheet import guarded

if TYPE_CHECKING:
    from evaluation.protection.analyses import ProtectedAnalysis
    from evaluation.tables.analyses.spec import AnalysisCell

COLUMNS = ("analysis", "title", "row", "column", "value", "unit", "status")
"""One row per figure; ``status`` is ``shown`` or ``withheld``; one row where all is withheld."""

TEST_COLUMNS = (
    "method", "statistic", "df", "df2", "p", "p_se", "base_n",
    "effect", "effect_low", "effect_high", "warnings",
)  # fmt: skip


def analysis_rows(found: ProtectedAnalysis) -> list[dict[str, Any]]:
    """Return one mapping per figure with the keys of `COLUMNS`; values are unrounded."""
    common = {"analysis": found.spec.kind, "title": found.title}
    if not found.is_shown:
        rest = {"row": "", "column": "", "value": None, "unit": "", "status": "withheld"}
        return [{**common, **rest}]
    return [
        {
            **common,
            "row": label,
            "column": head,
            "value": _plain(cell),
            "unit": cell.unit,
            "status": _status(cell),
        }
        for label, cells in found.rows
        for head, cell in zip(found.head, cells, strict=True)
    ]


def analysis_csv(found: ProtectedAnalysis) -> bytes:
    """Return an analysis as UTF-8 text with commas and decimal points."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in analysis_rows(found):
        writer.writerow({key: _written(value) for key, value in row.items()})
    return out.getvalue().encode("utf-8")


def analysis_json(found: ProtectedAnalysis) -> bytes:
    """Return an analysis with its figures, tests and sentences."""
    spec = found.spec
    value = {
        "analysis": spec.kind,
        "title": found.title,
        "survey": spec.survey,
        "questions": list(spec.questions),
        "by": spec.by,
        "where": spec.where,
        "options": dict(spec.options),
        "status": "shown" if found.is_shown else "withheld",
        "columns": list(found.head),
        "rows": [
            {
                "label": label,
                "cells": [
                    {"value": _plain(cell), "unit": cell.unit, "status": _status(cell)}
                    for cell in cells
                ],
            }
            for label, cells in found.rows
        ],
        "tests": [test.as_dict() for test in found.tests],
        "sentences": list(found.sentences),
    }
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
    return (text + "\n").encode("utf-8")


def _status(cell: AnalysisCell) -> str:
    return "withheld" if cell.is_withheld else "shown"


def _plain(cell: AnalysisCell) -> float | int | None:
    """Return a figure; a count as a whole number."""
    return int(cell.value) if cell.unit == "count" and cell.value is not None else cell.value


def _written(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str):
        return guarded(value)
    return f"{value:.10g}" if isinstance(value, float) else value
