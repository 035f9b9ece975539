"""DuckDB: the embedded engine for data that do not fit in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaluation.counting.engines.source import DUCKDB, Dialect

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class DuckDBEngine:
    """Runs queries on an open DuckDB connection (``duckdb.DuckDBPyConnection``).

    One at a time: DuckDB uses all cores for each.
    """

    connection: Any
    dialect: Dialect = DUCKDB
    at_once: int = 1

    def rows(self, query: str) -> Sequence[Sequence[object]]:
        """Run a query and return its rows."""
        found: list[tuple[object, ...]] = self.connection.execute(query).fetchall()
        return found
