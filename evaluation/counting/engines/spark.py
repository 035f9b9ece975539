"""Spark: the engine for clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaluation.counting.engines.source import SPARK, Dialect

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class SparkEngine:
    """Runs queries on an open session (``pyspark.sql.SparkSession``).

    Several at a time: planning and starting a query takes longer than the
    counting, and one query leaves a cluster idle in between.
    """

    session: Any
    dialect: Dialect = SPARK
    at_once: int = 8

    def rows(self, query: str) -> Sequence[Sequence[object]]:
        """Run a query and return its rows."""
        found: list[tuple[object, ...]] = self.session.sql(query).collect()
        return found
