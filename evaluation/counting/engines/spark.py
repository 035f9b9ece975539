"""Spark: the engine for clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaluation.counting.engines.source import SPARK, Dialect

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class SparkEngine:
    """Runs queries on an open session (``pyspark.sql.SparkSession``)."""

    session: Any
    dialect: Dialect = SPARK

    def rows(self, query: str) -> Sequence[Sequence[object]]:
        """Run a query and return its rows."""
        found: list[tuple[object, ...]] = self.session.sql(query).collect()
        return found
