"""Twelve respondents whose every count can be checked by eye."""

from __future__ import annotations

import numpy as np

from evaluation.coding.data import (
    Categorical,
    CodedData,
    FreeText,
    IntakeTable,
    MultiResponse,
    Numeric,
)
from evaluation.model import Category, IntakeStatus, RowKind
from evaluation.tables.build import Labels

GENDER = Categorical(
    "gender",
    "gender",
    (Category("w", "Woman"), Category("m", "Man")),
    np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, -1], dtype=np.int16),
)
ANSWER = Categorical(
    "answer",
    "answer",
    (Category("1", "Yes"), Category("2", "No"), Category("3", "Unsure")),
    np.array([0, 0, 0, 1, 1, -1, 0, 1, 2, -2, -3, 0], dtype=np.int16),
    ordered=True,
)
TOOLS = MultiResponse(
    "tools",
    "tools",
    (Category("a", "A"), Category("b", "B")),
    np.array(
        [
            [1, 0],
            [1, 1],
            [0, 1],
            [0, 0],
            [1, 0],
            [0, 0],
            [1, 1],
            [0, 1],
            [1, 0],
            [0, 0],
            [0, 0],
            [1, 1],
        ],
        dtype=np.int8,
    ),
    np.array([0, 0, 0, -1, 0, -2, 0, 0, 0, -1, -1, 0], dtype=np.int8),
)
WEIGHT = Numeric(
    "weight",
    "weight",
    np.array([2, 1, 1, 1, 1, 1, 0.5, 0.5, 1, 1, 1, 1], dtype=float),
    np.zeros(12, dtype=np.int8),
)
COMMENT = FreeText("comment", "comment", np.array([0, 0, -1] * 4, dtype=np.int8))
ITEMS = tuple(
    Categorical(name, "battery", ANSWER.categories, codes, ordered=True)
    for name, codes in (
        ("item1", ANSWER.codes),
        ("item2", ANSWER.codes[::-1].copy()),
    )
)

DATA = CodedData(
    survey="s",
    n=12,
    variables={v.id: v for v in (GENDER, ANSWER, TOOLS, WEIGHT, COMMENT, *ITEMS)},
    grids={"battery": ("item1", "item2")},
    file="s.csv",
    file_row=np.arange(2, 14, dtype=np.int32),
    intake=IntakeTable(
        {s: 12 if s is IntakeStatus.COMPLETE else 0 for s in IntakeStatus},
        12,
        (IntakeStatus.COMPLETE,) * 12,
    ),
)

LABELS = Labels(
    title="The question",
    items={"item1": "First", "item2": "Second"},
    columns={"gender": "Gender", "tools": "Tools"},
    nets={"Yes or no": ("1", "2")},
    rows={
        RowKind.TOTAL: "Total",
        RowKind.ITEM_NONRESPONSE: "Item non-response",
        RowKind.NOT_ASKED: "Not asked",
        RowKind.INVALID: "Invalid",
    },
    answered="Answered",
)
