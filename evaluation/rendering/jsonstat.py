"""Tables as JSON-stat 2.0: a collection, one dataset a table, a status per cell.

Format: https://json-stat.org/full/ (version 2.0). Dimensions are ``row``,
``column`` and ``measure`` (n, wn, percent); values run in row-major order.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from evaluation.model import CellStatus
from evaluation.rendering.tidy import tidy_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evaluation.inference.results import TestOutcome
    from evaluation.protection.release import ProtectedTable
    from evaluation.texts import Texts

MEASURES = ("n", "wn", "percent")


def tables_json(tables: Iterable[ProtectedTable], texts: Texts, title: str) -> bytes:
    """Return ``tables.json``: a JSON-stat collection of all tables."""
    items = [dataset(table, texts) for table in tables if not table.is_withheld]
    collection = {
        "version": "2.0",
        "class": "collection",
        "label": title,
        "link": {"item": items},
    }
    return _dump(collection)


def table_json(table: ProtectedTable, texts: Texts) -> bytes:
    """Return one table as a JSON-stat dataset with its cells, tests and statistics beside.

    ``cells`` are the tidy rows of ``tables.csv`` with ``interval`` naming the
    method of the interval, and ``letters``; ``tests`` is a list of ``{method, statistic, df,
    p, base_n, warnings}``.
    """
    rows = tidy_rows(table, texts)
    letters = [cell.letters for line in table.cells for cell in line][: len(rows)]
    cells = [
        {
            **row,
            "interval": table.ci_method if row["ci_low"] is not None else None,
            "letters": own,
        }
        for row, own in zip(rows, letters, strict=True)
    ]
    return _dump(
        {
            **dataset(table, texts),
            "tests": [test_mapping(test) for test in table.tests],
            "statistics": [
                {"code": s.code, "column": s.column, "value": s.value, "base_n": s.base_n}
                for s in table.statistics
            ],
            "cells": cells,
        }
    )


def dataset(table: ProtectedTable, texts: Texts) -> dict[str, Any]:
    """Return a table as a JSON-stat 2.0 dataset."""
    rows = [(f"{row.variable}:{row.code}", row.label) for row in table.rows]
    if not table.is_grid:
        rows = [(row.code, row.label) for row in table.rows]
    else:
        rows = [
            (f"{row.variable}:{row.code}", f"{table.item_labels[row.variable]}: {row.label}")
            for row in table.rows
        ]
    several = len(table.spec.by) > 1
    total = texts.get("table.total")
    columns = [
        (f"{c.variable}:{c.code}" if several else c.code, c.label or total) for c in table.columns
    ]
    values: list[float | int | None] = []
    status: dict[str, str] = {}
    for line in table.cells:
        for cell in line:
            for measure in MEASURES:
                if cell.status is not CellStatus.SHOWN:
                    status[str(len(values))] = cell.status.value
                values.append(getattr(cell, measure))
    return {
        "version": "2.0",
        "class": "dataset",
        "label": table.title,
        "id": ["row", "column", "measure"],
        "size": [len(rows), len(columns), len(MEASURES)],
        "role": {"metric": ["measure"]},
        "dimension": {
            "row": _dimension(table.title, rows),
            "column": _dimension(", ".join(table.column_labels.values()) or total, columns),
            "measure": _dimension("measure", [(m, texts.get(f"table.{m}")) for m in MEASURES]),
        },
        "value": values,
        "status": status,
        "extension": {
            "table": table.id,
            "survey": table.spec.survey,
            "question": table.spec.question,
            "by": list(table.spec.by),
            "where": table.spec.where,
            "weight": table.spec.weight,
            "multiple": table.is_multiple,
            "grid": table.is_grid,
            "tests": [test_mapping(test) for test in table.tests],
            "interval": table.ci_method or None,
            "population": table.population or None,
            "effective_base": list(table.effective_base),
        },
    }


def test_mapping(test: TestOutcome) -> dict[str, Any]:
    """Return a test as plain data, keys as in the contract."""
    return {
        "method": test.method,
        "statistic": test.statistic,
        "df": test.df,
        "df2": test.df2,
        "p": test.p,
        "base_n": test.base_n,
        "warnings": list(test.warnings),
        "p_se": test.p_se,
        "column_variable": test.column_variable,
        "row_variable": test.row_variable,
        "effect": test.effect,
        "effect_low": test.effect_low,
        "effect_high": test.effect_high,
    }


def _dimension(label: str, categories: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "label": label,
        "category": {
            "index": {code: i for i, (code, _) in enumerate(categories)},
            "label": dict(categories),
        },
    }


def _dump(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
    return (text + "\n").encode("utf-8")
