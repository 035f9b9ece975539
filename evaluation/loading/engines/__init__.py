"""Engines opened, and coded answers put where they can reach them.

`evaluation.counting.engines` compiles tables to queries and knows no file;
here connections are made, Parquet files written and read.
"""

from evaluation.loading.engines.coded import coded_table, read_coded, read_source, write_coded
from evaluation.loading.engines.connect import ENGINES, UnknownEngineError, count_on

__all__ = [
    "ENGINES",
    "UnknownEngineError",
    "coded_table",
    "count_on",
    "read_coded",
    "read_source",
    "write_coded",
]
