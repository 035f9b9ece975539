"""Count coded answers with the engine that was asked for."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.coding.data import Categorical, CodedData
from evaluation.coding.evaluate import mask
from evaluation.counting.count import count
from evaluation.counting.engines.count import count_with_engine
from evaluation.counting.engines.source import coded_source
from evaluation.expressions import AnswerState, Name, State, names
from evaluation.loading.engines.coded import coded_table, read_coded, read_source
from evaluation.model import Category

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from evaluation.counting.engines.source import Engine, Source
    from evaluation.counting.spec import CountRequest, Counts
    from evaluation.expressions import Expression

    Connection = tuple[Engine, Source]

ENGINES = ("memory", "duckdb", "spark")
RELATION = "answers"
KEPT = Category("kept", "kept")

SPARK_SETTINGS = {
    "spark.app.name": "evaluation",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
"""Set unless the user sets them: a session that this program starts itself is quiet."""


class UnknownEngineError(ValueError):
    """An engine that does not exist."""

    def __init__(self, name: str) -> None:
        super().__init__(f"unknown engine {name!r}; there are {', '.join(ENGINES)}")


def count_on(
    engine: str,
    answers: CodedData | Path,
    requests: Sequence[CountRequest],
    masks: Mapping[str, Expression | NDArray[np.bool_]] = MappingProxyType({}),
    settings: Mapping[str, str] = MappingProxyType({}),
) -> list[Counts]:
    """Count all requested tables with an engine.

    Parameters
    ----------
    engine
        ``memory``, ``duckdb`` or ``spark``.
    answers
        Coded answers in memory, or a file written by `write_coded`, of which
        only the columns that the tables need are read.
    requests
        The tables.
    masks
        Filter name -> expression; or, for answers in memory, one bool per
        respondent.
    settings
        Passed on to the engine: ``memory_limit``, ``temp_directory``,
        ``threads`` … for DuckDB; ``spark.master``, ``spark.executor.memory`` …
        for Spark; ``kernel`` and ``threads`` in memory.

    Returns
    -------
    list of Counts
        The same whatever the engine, to the last bit.

    Raises
    ------
    UnknownEngineError
        If there is no such engine.
    ImportError
        If the engine is not installed (extras ``duckdb`` and ``spark``).
    ValueError
        If the file was not written by `write_coded`.
    """
    if engine not in ENGINES:
        raise UnknownEngineError(engine)
    if isinstance(answers, CodedData):
        answers, expressions = _with_masks(answers, masks)
    else:
        expressions = {key: one for key, one in masks.items() if not isinstance(one, np.ndarray)}
    if engine == "memory":
        return _count_in_memory(answers, requests, expressions, settings)
    opened = _duckdb(answers, settings) if engine == "duckdb" else _spark(answers, settings)
    with opened as (connection, source):
        return count_with_engine(connection, source, requests, expressions)


def _with_masks(
    data: CodedData, masks: Mapping[str, Expression | NDArray[np.bool_]]
) -> tuple[CodedData, dict[str, Expression]]:
    """Turn bools into a variable that those whom the mask keeps have answered."""
    variables = dict(data.variables)
    expressions: dict[str, Expression] = {}
    for number, (key, one) in enumerate(masks.items()):
        if isinstance(one, np.ndarray):
            name = f"mask.{number}"  # no identifier of a question holds a full stop
            codes = np.where(one, 0, -1).astype(np.int16)
            variables[name] = Categorical(name, name, (KEPT,), codes)
            expressions[key] = State(AnswerState.ANSWERED, Name(name))
        else:
            expressions[key] = one
    return replace(data, variables=variables), expressions


def _count_in_memory(
    answers: CodedData | Path,
    requests: Sequence[CountRequest],
    masks: Mapping[str, Expression],
    settings: Mapping[str, str],
) -> list[Counts]:
    if isinstance(answers, CodedData):
        data = answers
    else:
        needed = {n for r in requests for n in (r.rows, r.columns, r.weight) if n}
        filters = frozenset[str]().union(*(names(masks[r.mask]) for r in requests if r.mask))
        grids = read_source(answers, RELATION).grids
        items = {item for name in filters for item in grids.get(name, (name,))}
        data = read_coded(answers, sorted(needed | items))
    used = dict.fromkeys(request.mask for request in requests if request.mask)
    found = {m: mask(masks[m], data.variables, data.n, grids=data.grids) for m in used}
    threads = int(settings["threads"]) if "threads" in settings else None
    return count(data, requests, found, kernel=settings.get("kernel", "auto"), threads=threads)


@contextmanager
def _duckdb(answers: CodedData | Path, settings: Mapping[str, str]) -> Iterator[Connection]:
    import duckdb

    from evaluation.counting.engines.duckdb import DuckDBEngine

    connection = duckdb.connect(config=dict(settings))
    try:
        if isinstance(answers, CodedData):
            connection.register(RELATION, coded_table(answers))
            source = coded_source(answers, RELATION)
        else:
            connection.read_parquet(str(answers)).create_view(RELATION)
            source = read_source(answers, RELATION)
        yield DuckDBEngine(connection), source
    finally:
        connection.close()


@contextmanager
def _spark(answers: CodedData | Path, settings: Mapping[str, str]) -> Iterator[Connection]:
    """Use the session that is running, or start one and stop it afterwards."""
    from pyspark.sql import SparkSession

    from evaluation.counting.engines.spark import SparkEngine

    running = SparkSession.getActiveSession()
    with warnings.catch_warnings():
        # PySpark looks at the version of pandas, which is not used here.
        warnings.filterwarnings("ignore", "PySpark does not yet fully support", FutureWarning)
        session = running or _start_spark(SparkSession.builder, settings)
    try:
        if isinstance(answers, CodedData):
            frame = session.createDataFrame(coded_table(answers))
            source = coded_source(answers, RELATION)
        else:
            frame = session.read.parquet(str(answers))
            source = read_source(answers, RELATION)
        frame.createOrReplaceTempView(RELATION)
        yield SparkEngine(session), source
    finally:
        if running is None:
            session.stop()
        else:
            session.catalog.dropTempView(RELATION)


def _start_spark(builder: Any, settings: Mapping[str, str]) -> Any:
    for key, value in {**SPARK_SETTINGS, **settings}.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()
