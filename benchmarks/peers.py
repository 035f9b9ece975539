# ruff: noqa: S608 (the names in the queries are our own)
"""The same tables by other libraries, each as its users would write it.

Every method has its data in its own form before the clock starts, and counts
the kinds of missing as values of their own, as ours does. Ours gives bases and
sums of squared weights as well; the peers give n and weighted n only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.peers_r import r_methods
from benchmarks.rivals import numba_histograms, one_hot_product
from evaluation.coding.data import Categorical, CodedData, MultiResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Pair = tuple[str, str]
    Method = Callable[[Sequence[Pair]], Any]


@dataclass(frozen=True)
class Flat:
    """A survey as a flat table: a column per single answer, and one per option."""

    columns: dict[str, np.ndarray]
    options: dict[str, list[str]]
    """Multiple answer -> its columns."""

    def is_multiple(self, name: str) -> bool:
        """Tell whether a variable has a column per option."""
        return name in self.options


def flatten(data: CodedData) -> Flat:
    """Lay a survey out as peers want it; missing weights are 0."""
    columns: dict[str, np.ndarray] = {}
    options: dict[str, list[str]] = {}
    for variable in data.variables.values():
        name = variable.id
        if isinstance(variable, Categorical):
            columns[name] = variable.codes
        elif isinstance(variable, MultiResponse):
            options[name] = [f"{name}_{i}" for i in range(variable.selected.shape[1])]
            transposed = np.ascontiguousarray(variable.selected.T)
            columns |= dict(zip(options[name], transposed, strict=True))
        else:
            columns["weight"] = np.nan_to_num(variable.values)
    return Flat(columns, options)


def methods(flat: Flat, names: Sequence[str] | None = None) -> dict[str, Method]:
    """Return the peers that are installed, by name (None: all, R excepted)."""
    makers = {
        "pandas.crosstab": pandas_crosstab,
        "pandas groupby": pandas_groupby,
        "polars": polars,
        "DuckDB": duckdb,
        "pyarrow": pyarrow,
        "numpy.bincount": numpy_bincount,
        "numba histograms": numba_histograms,
        "one-hot product": one_hot_product,
    }
    found = {}
    for name, maker in makers.items():
        if names is not None and name not in names:
            continue
        try:
            found[name] = maker(flat)
        except ImportError:
            continue
    wants_r = any(name.startswith("R ") for name in names or ())
    return found | {k: v for k, v in (r_methods(flat) if wants_r else {}).items() if k in names}


def close(found: Mapping[str, Method]) -> None:
    """End what the methods have started."""
    for method in found.values():
        getattr(method, "close", lambda: None)()


def pandas_crosstab(flat: Flat) -> Method:
    """Time ``pandas.crosstab``, once for n and once for the weights."""
    import pandas as pd

    frame = pd.DataFrame(flat.columns)
    weight = frame["weight"]

    def count(pairs: Sequence[Pair]) -> list[Any]:
        tables = []
        for row, column in pairs:
            by = frame[column] if column else pd.Series(0, frame.index)
            for name in flat.options.get(row, [row]):
                n = pd.crosstab(frame[name], by)
                tables.append((n, pd.crosstab(frame[name], by, weight, aggfunc="sum")))
        return tables

    return count


def pandas_groupby(flat: Flat) -> Method:
    """Group by both variables; options of a multiple answer are summed together."""
    import pandas as pd

    frame = pd.DataFrame(flat.columns)

    def count(pairs: Sequence[Pair]) -> list[Any]:
        tables: list[Any] = []
        for row, column in pairs:
            if not flat.is_multiple(row):
                keys = [row, column] if column else [row]
                tables.append(frame.groupby(keys)["weight"].agg(["size", "sum"]))
                continue
            chosen = frame[flat.options[row]]
            by: Any = frame[column] if column else np.zeros(len(frame), np.int8)
            weighted = chosen.mul(frame["weight"], axis=0)
            tables.append((chosen.groupby(by).sum(), weighted.groupby(by).sum()))
        return tables

    return count


def polars(flat: Flat) -> Method:
    """Collect all tables as lazy queries in one go."""
    import polars as pl

    frame = pl.DataFrame(flat.columns).lazy()
    weight = pl.col("weight")

    def query(row: str, column: str) -> Any:
        if not flat.is_multiple(row):
            keys = [row, column] if column else [row]
            return frame.group_by(keys).agg(n=pl.len(), wn=weight.sum())
        sums = [
            one
            for option in flat.options[row]
            for one in (
                pl.col(option).cast(pl.Int64).sum().alias(f"n_{option}"),
                (pl.col(option) * weight).sum().alias(f"wn_{option}"),
            )
        ]
        return frame.group_by(column).agg(sums) if column else frame.select(sums)

    return lambda pairs: pl.collect_all([query(*pair) for pair in pairs])


def duckdb(flat: Flat) -> Method:
    """Ask one query per table of a table in memory."""
    import duckdb as db
    import pyarrow as pa

    connection = db.connect()
    connection.register("arrow", pa.table(flat.columns))
    connection.execute("CREATE TABLE answers AS SELECT * FROM arrow")

    def query(row: str, column: str) -> str:
        if not flat.is_multiple(row):
            keys = f"{row}, {column}" if column else row
            return f"SELECT {keys}, count(*), sum(weight) FROM answers GROUP BY ALL"
        sums = ", ".join(
            f"sum({o}), sum(CASE WHEN {o} = 1 THEN weight END)" for o in flat.options[row]
        )
        if not column:
            return f"SELECT {sums} FROM answers"
        return f"SELECT {column}, {sums} FROM answers GROUP BY ALL"

    return lambda pairs: [connection.execute(query(*pair)).fetchall() for pair in pairs]


def pyarrow(flat: Flat) -> Method:
    """Group an Arrow table."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table = pa.table(flat.columns)
    weight = table.column("weight")

    def count(pairs: Sequence[Pair]) -> list[Any]:
        tables = []
        for row, column in pairs:
            if not flat.is_multiple(row):
                grouped = table.group_by([row, column] if column else [row])
                tables.append(grouped.aggregate([([], "count_all"), ("weight", "sum")]))
                continue
            parts = {o: table.column(o) for o in flat.options[row]}
            parts |= {f"w_{o}": pc.multiply(table.column(o), weight) for o in flat.options[row]}
            names = list(parts)
            keys = []
            if column:
                parts[column] = table.column(column)
                keys = [column]
            grouped = pa.table(parts).group_by(keys)
            tables.append(grouped.aggregate([(name, "sum") for name in names]))
        return tables

    return count


def numpy_bincount(flat: Flat) -> Method:
    """Write out the histogram of one table by hand."""
    weight = flat.columns["weight"]
    width = {name: int(column.max()) + 4 for name, column in flat.columns.items()}

    def count(pairs: Sequence[Pair]) -> list[Any]:
        tables: list[Any] = []
        for row, column in pairs:
            by = flat.columns[column].astype(np.intp) + 3 if column else np.zeros(1, np.intp)
            size = width[column] if column else 1
            if not flat.is_multiple(row):
                key = (flat.columns[row].astype(np.intp) + 3) * size + by
                length = width[row] * size
                tables.append(
                    (np.bincount(key, minlength=length), np.bincount(key, weight, length))
                )
                continue
            for option in flat.options[row]:
                chosen = np.flatnonzero(flat.columns[option])
                key = by[chosen] if column else np.zeros(len(chosen), np.intp)
                tables.append(
                    (np.bincount(key, None, size), np.bincount(key, weight[chosen], size))
                )
        return tables

    return count
