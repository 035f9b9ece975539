"""A Parquet or Feather-like columnar file as a `Grid`, dictionary encoding kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.loading.grid import ColumnEncoder, Grid, GridColumn
from evaluation.loading.limits import MAX_COLUMNS
from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from pathlib import Path


def read_parquet(path: Path, file: str) -> Checked[Grid | None]:
    """Read a Parquet file; its column names become the first row of the grid.

    Nested columns (lists, structs) have no place in a table of answers and
    are left out with a problem; every other value becomes text as in
    `evaluation.loading.celltext`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        parquet = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError):
        return _stop(Problem("damaged-file", Severity.STOP, file, value="parquet"))
    schema = parquet.schema_arrow
    if len(schema) > MAX_COLUMNS:
        found, limit = str(len(schema)), str(MAX_COLUMNS)
        return _stop(Problem("too-many-columns", Severity.STOP, file, value=found, expected=limit))
    strings = [field.name for field in schema if pa.types.is_string(field.type)]
    try:
        table = pq.read_table(path, read_dictionary=strings)
    except (pa.ArrowInvalid, OSError):
        return _stop(Problem("damaged-file", Severity.STOP, file, value="parquet"))
    problems = []
    columns = []
    for field in table.schema:
        if pa.types.is_nested(field.type):
            problems.append(Problem("nested-column", Severity.WARN, file, value=field.name))
        elif field.name != "__index_level_0__":
            columns.append(_with_name(field.name, _encode(table.column(field.name))))
    return Checked(Grid("", tuple(columns), table.num_rows + 1), tuple(problems))


def _stop(problem: Problem) -> Checked[Grid | None]:
    return Checked(None, (problem,))


def _encode(column: Any) -> GridColumn:
    """Encode one column: distinct values become texts once, nulls become blanks."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    column = column.unify_dictionaries()
    if not column.num_chunks:
        return GridColumn((), np.empty(0, np.int32))
    encoder = ColumnEncoder()
    encoder.add([*column.chunk(0).dictionary.to_pylist(), None])
    texts = encoder.finish()
    indices = [
        np.asarray(chunk.indices.fill_null(len(chunk.dictionary)), dtype=np.int32)
        for chunk in column.chunks
    ]
    return GridColumn(texts.values, texts.index[np.concatenate(indices)])


def _with_name(name: str, column: GridColumn) -> GridColumn:
    """Put the column's name above its cells, as in a sheet."""
    values = column.values if name in column.values else (*column.values, name)
    index = np.concatenate([np.array([values.index(name)], np.int32), column.index])
    return GridColumn(values, index.astype(np.int32))
