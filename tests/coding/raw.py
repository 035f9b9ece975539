"""Raw answers written as small tables in a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.parse import parse_codebook
from evaluation.codebook.schema import Survey
from evaluation.coding.code import code_survey
from evaluation.model import ColumnHints, RawColumn, RawResponses, Source
from evaluation.problems import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.codebook.schema import Codebook
    from evaluation.coding.data import CodedData
    from evaluation.problems import Checked, Problem


def raw(
    columns: Mapping[str, Sequence[str]],
    file: str = "answers.csv",
    hints: Mapping[str, ColumnHints] | None = None,
) -> RawResponses:
    """Head -> cells; the first data row is row 2 of the file."""
    n = max((len(cells) for cells in columns.values()), default=0)
    made = []
    for position, (head, cells) in enumerate(columns.items()):
        assert len(cells) == n, head
        values = tuple(dict.fromkeys(cells))
        index = np.array([values.index(cell) for cell in cells], dtype=np.int32)
        made.append(
            RawColumn(head, position, values, index, (hints or {}).get(head, ColumnHints()))
        )
    return RawResponses(Source(file), tuple(made), np.arange(2, n + 2, dtype=np.int32))


def codebook(text: str) -> Codebook:
    """A sound codebook from YAML."""
    checked = parse_codebook("title: T\nquestions:\n" + text, "codebook.yaml")
    stops = [p for p in checked.problems if p.severity is Severity.STOP]
    assert not stops, stops
    assert checked.value is not None
    return checked.value


def code(
    questions: str,
    columns: Mapping[str, Sequence[str]] | Sequence[RawResponses],
    language: str = "sv",
    **survey: object,
) -> Checked[CodedData]:
    """Code answers given as a table, or as several exports."""
    exports = [raw(columns)] if isinstance(columns, dict) else list(columns)
    entry = Survey.model_validate({"data": "answers.csv", **survey})
    return code_survey("s", codebook(questions), entry, exports, language)


def brief(problems: Sequence[Problem]) -> list[tuple[int, str, str]]:
    """Problems as (row, column letter, code)."""
    return [(p.row, p.column.split(" ")[0], p.code) for p in problems]
