"""A Parquet or Feather-like columnar file as a `Grid`, dictionary encoding kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.loading.grid import ColumnEncoder, Grid, GridColumn
from evaluation.loading.limits import MAX_COLUMNS
from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


def read_parquet(path: Path, file: str) -> Checked[Grid | None]:
    """Read a Parquet file; its column names become the first row of the grid.

    Nested columns (lists, structs) have no place in a table of answers and
    are left out with a problem; every other value becomes text as in
    `evaluation.loading.celltext`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    opened = open_parquet(path, file)
    if opened.value is None:
        return Checked(None, opened.problems)
    try:
        table = pq.read_table(path, read_dictionary=_strings(opened.value))
    except (pa.ArrowInvalid, OSError):
        return Checked(None, (_damaged(file),))
    columns = [_with_name(name, _encode(table.column(name))) for name in opened.value]
    return Checked(Grid("", tuple(columns), table.num_rows + 1), opened.problems)


def open_parquet(path: Path, file: str) -> Checked[dict[str, Any] | None]:
    """Return the columns of a Parquet file that can hold answers, with their types."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.ParquetFile(path).schema_arrow
    except (pa.ArrowInvalid, OSError):
        return Checked(None, (_damaged(file),))
    if len(schema) > MAX_COLUMNS:
        found, limit = str(len(schema)), str(MAX_COLUMNS)
        problem = Problem("too-many-columns", Severity.STOP, file, value=found, expected=limit)
        return Checked(None, (problem,))
    nested = [field.name for field in schema if pa.types.is_nested(field.type)]
    kept = {f.name: f.type for f in schema if f.name not in {*nested, "__index_level_0__"}}
    problems = (Problem("nested-column", Severity.WARN, file, value=name) for name in nested)
    return Checked(kept, tuple(problems))


def parquet_grids(path: Path, columns: Mapping[str, Any], rows: int) -> Iterator[Grid]:
    """Yield a Parquet file as grids of at most some rows; the names of the columns come first.

    Raises
    ------
    OSError
        If the file is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    head = [GridColumn((name,), np.zeros(1, dtype=np.int32)) for name in columns]
    yield Grid("", tuple(head), 1)
    with pq.ParquetFile(path, read_dictionary=_strings(columns)) as parquet:
        try:
            for batch in parquet.iter_batches(batch_size=rows, columns=list(columns)):
                table = pa.Table.from_batches([batch])
                cells = tuple(_encode(table.column(name)) for name in columns)
                yield Grid("", cells, table.num_rows)
        except pa.ArrowInvalid as error:
            raise OSError(str(error)) from error


def _strings(columns: Mapping[str, Any]) -> list[str]:
    import pyarrow as pa

    return [name for name, kind in columns.items() if pa.types.is_string(kind)]


def _damaged(file: str) -> Problem:
    return Problem("damaged-file", Severity.STOP, file, value="parquet")


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
