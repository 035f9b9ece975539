"""Coded answers as a Parquet file that describes itself.

Columns: the codes of a single answer under its identifier; ``<id>.0``,
``<id>.1`` … and ``<id>.state`` for a multiple answer; the value of a number
(NULL where missing); ``<id>.state`` for a text, never the words. Categories,
labels and grids stand as JSON in the file's metadata.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.coding.data import (
    Categorical,
    CodedData,
    FreeText,
    IntakeTable,
    MultiResponse,
    Numeric,
)
from evaluation.counting.engines.source import (
    NumberColumn,
    OptionColumns,
    SingleColumn,
    Source,
    StateColumn,
    coded_columns,
)
from evaluation.model import Category, IntakeStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from evaluation.coding.data import Variable
    from evaluation.counting.engines.source import EngineVariable

METADATA = b"evaluation.coded"
NOTE = b"evaluation.note"
PERSON = ".person"
"""Column with a number per person; no identifier begins with a full stop."""
VERSION = 1
ROW_GROUP = 1 << 17
"""Respondents per row group: engines read and skip by these."""


def coded_table(data: CodedData) -> Any:
    """Return coded answers as a ``pyarrow.Table``, metadata included."""
    import pyarrow as pa

    columns: dict[str, Any] = {}
    for variable in data.variables.values():
        columns |= {name: pa.array(values) for name, values in _arrays(variable).items()}
    for variable in data.variables.values():
        if isinstance(variable, Numeric):  # NULL, not NaN: engines skip it by themselves
            missing = (variable.state < 0) | np.isnan(variable.values)
            columns[variable.id] = pa.array(variable.values, mask=missing)
    if data.person is not None:
        columns[PERSON] = pa.array(data.person)
    table = pa.table(columns)
    return table.replace_schema_metadata({METADATA: json.dumps(_describe(data)).encode()})


def _arrays(variable: Variable) -> dict[str, np.ndarray[Any, Any]]:
    """Return the columns of a variable; codes in one byte where they fit."""
    columns = coded_columns(variable)
    match variable, columns:
        case Categorical(), SingleColumn(column=column):
            narrow = len(variable.categories) <= np.iinfo(np.int8).max
            return {column: variable.codes.astype(np.int8 if narrow else np.int16)}
        case MultiResponse(), OptionColumns(columns=names, state=state):
            options = np.ascontiguousarray(variable.selected.T)
            return {**dict(zip(names, options, strict=True)), state: variable.state}
        case Numeric(), NumberColumn(column=column):
            return {column: variable.values, f"{column}.state": variable.state}
        case FreeText(), StateColumn(state=state):
            return {state: variable.state}
        case _:
            raise TypeError(type(variable).__name__)


def _describe(data: CodedData) -> dict[str, Any]:
    variables = []
    for variable in data.variables.values():
        entry: dict[str, Any] = {"id": variable.id, "question": variable.question}
        entry["kind"] = type(variable).__name__
        if isinstance(variable, Categorical | MultiResponse):
            entry["categories"] = [[c.code, c.label] for c in variable.categories]
        if isinstance(variable, Categorical):
            entry["ordered"] = variable.ordered
            entry["off_scale"] = sorted(variable.off_scale)
        if isinstance(variable, Numeric):
            entry["is_date"] = variable.is_date
        variables.append(entry)
    return {
        "version": VERSION,
        "survey": data.survey,
        "file": data.file,
        "variables": variables,
        "grids": {grid: list(items) for grid, items in data.grids.items()},
        "item_texts": dict(data.item_texts),
        "intake": {status.value: n for status, n in data.intake.counts.items()},
        "n_rows": data.intake.n_rows,
    }


def write_coded(data: CodedData, path: Path, note: Mapping[str, str] | None = None) -> None:
    """Write coded answers to a Parquet file, all of it or nothing.

    Parameters
    ----------
    data
        The answers.
    path
        The file; what stood there is replaced.
    note
        Kept with the description, see `note_of`.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    unfinished = unfinished_of(path)
    try:
        write_parts([data], unfinished, note)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def unfinished_of(path: Path) -> Path:
    """Return where a file is written before it takes its name."""
    return path.with_name(f".{path.name}.unfinished")


def write_parts(
    parts: Iterable[CodedData], path: Path, note: Mapping[str, str] | None = None
) -> None:
    """Write coded answers part by part: the same file, however they are cut.

    Parameters
    ----------
    parts
        At least one, with the same variables, categories and account of rows.
    path, note
        As for `write_coded`; a file begun is left where writing fails.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer: Any = None
    waiting: list[Any] = []
    try:
        for data in parts:
            table = coded_table(data)
            if writer is None:
                noted = {NOTE: json.dumps(dict(note or {})).encode()}
                schema = table.schema.with_metadata({**table.schema.metadata, **noted})
                writer = pq.ParquetWriter(path, schema)
            waiting.append(table.replace_schema_metadata(schema.metadata))
            if sum(table.num_rows for table in waiting) >= ROW_GROUP:
                ready = pa.concat_tables(waiting)
                whole = ready.num_rows // ROW_GROUP * ROW_GROUP
                writer.write_table(ready.slice(0, whole), row_group_size=ROW_GROUP)
                waiting = [ready.slice(whole)]
        rest = pa.concat_tables(waiting)
        if rest.num_rows or not schema.names:
            writer.write_table(rest.combine_chunks())
    finally:
        if writer is not None:
            writer.close()


def is_coded(path: Path) -> bool:
    """Tell whether a file was written by `write_coded`; only its end is read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return METADATA in (pq.read_schema(path).metadata or {})
    except (OSError, pa.ArrowInvalid):
        return False


def note_of(path: Path) -> dict[str, str]:
    """Return what was noted when the file was written."""
    import pyarrow.parquet as pq

    noted: dict[str, str] = json.loads((pq.read_schema(path).metadata or {}).get(NOTE, b"{}"))
    return noted


def description(path: Path) -> dict[str, Any]:
    """Return what a coded file says of itself.

    Raises
    ------
    ValueError
        If the file was not written by `write_coded`.
    """
    import pyarrow.parquet as pq

    metadata = pq.read_schema(path).metadata or {}
    if METADATA not in metadata:
        msg = f"{path.name} holds no coded answers"
        raise ValueError(msg)
    found: dict[str, Any] = json.loads(metadata[METADATA])
    if found["version"] != VERSION:
        msg = f"{path.name} was written by another version"
        raise ValueError(msg)
    return found


def read_source(path: Path, relation: str) -> Source:
    """Return what an engine must know of a coded file, answers unread.

    Raises
    ------
    ValueError
        If the file was not written by `write_coded`.
    """
    described = description(path)
    variables: dict[str, EngineVariable] = {}
    for entry in described["variables"]:
        variables[entry["id"]] = coded_columns(_variable(entry, {}, 0))
    return Source(relation, variables, described["grids"])


def read_coded(path: Path, names: Iterable[str] | None = None) -> CodedData:
    """Read coded answers, only the variables named (None: all).

    What became of each row of the export is not kept in the file, only how
    many rows had each intake status.

    Raises
    ------
    ValueError
        If the file was not written by `write_coded`.
    KeyError
        If a variable is not there.
    """
    import pyarrow.parquet as pq

    described = description(path)
    entries = {entry["id"]: entry for entry in described["variables"]}
    wanted = [entries[name] for name in (entries if names is None else dict.fromkeys(names))]
    variables = read_variables(path, wanted)
    n = pq.read_metadata(path).num_rows
    return coded_data(path, described, variables, n)


def read_variables(path: Path, entries: Iterable[Mapping[str, Any]]) -> dict[str, Variable]:
    """Read the columns of some variables, given their descriptions."""
    import pyarrow.parquet as pq

    wanted = list(entries)
    columns = [name for entry in wanted for name in _column_names(entry)]
    table = pq.read_table(path, columns=columns)
    arrays = {name: table.column(name).to_numpy() for name in columns}
    return {entry["id"]: _variable(entry, arrays, table.num_rows) for entry in wanted}


def coded_data(
    path: Path, described: Mapping[str, Any], variables: Mapping[str, Variable], n: int
) -> CodedData:
    """Put a file's description and its variables together."""
    import pyarrow.parquet as pq

    person = None
    if PERSON in pq.read_schema(path).names:
        person = pq.read_table(path, columns=[PERSON]).column(PERSON).to_numpy()
    counts = {IntakeStatus(status): count for status, count in described["intake"].items()}
    return CodedData(
        described["survey"],
        n,
        variables,
        {grid: tuple(items) for grid, items in described["grids"].items()},
        described["file"],
        np.arange(n, dtype=np.int32),
        IntakeTable(counts, described["n_rows"], ()),
        described["item_texts"],
        person,
    )


def _column_names(entry: Mapping[str, Any]) -> list[str]:
    variable = coded_columns(_variable(entry, {}, 0))
    match variable:
        case SingleColumn(column=column):
            return [column]
        case OptionColumns(columns=names, state=state):
            return [*names, state]
        case NumberColumn(column=column):
            return [column, f"{column}.state"]
        case StateColumn(state=state):
            return [state]


def outline(entry: Mapping[str, Any]) -> Variable:
    """Return a variable of its description, without respondents."""
    return _variable(entry, {}, 0)


def _variable(
    entry: Mapping[str, Any], arrays: Mapping[str, np.ndarray[Any, Any]], n: int
) -> Variable:
    """Build a variable from its description; without arrays it has no respondents."""
    name, question = entry["id"], entry["question"]
    categories = tuple(Category(code, label) for code, label in entry.get("categories", ()))
    state = arrays.get(f"{name}.state", np.zeros(n, np.int8)).astype(np.int8)
    values = arrays.get(name, np.zeros(n))
    match entry["kind"]:
        case "Categorical":
            kinds = entry["ordered"], frozenset(entry["off_scale"])
            return Categorical(name, question, categories, values.astype(np.int16), *kinds)
        case "MultiResponse":
            selected = np.zeros((n, len(categories)), np.int8)
            for i in range(len(categories)):
                selected[:, i] = arrays.get(f"{name}.{i}", 0)
            return MultiResponse(name, question, categories, selected, state)
        case "Numeric":
            numbers = values.astype(np.float64)
            return Numeric(name, question, numbers, state, is_date=entry["is_date"])
        case _:
            return FreeText(name, question, state)
