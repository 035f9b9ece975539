"""A number per respondent, so that noise can be the same wherever the same persons are counted.

The numbers are drawn from the seed and the respondent's place in the export
alone. They are summed like weights: the sum over those in a cell is the
cell's key, equal for equal sets of persons whatever table they stand in.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Numeric
from evaluation.pipeline.tabulate import tabulate
from evaluation.protection.perturbed import KEY_SIZE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.coding.data import CodedData
    from evaluation.pipeline.load import LoadedStudy
    from evaluation.tables.table import Table

KEY = "~key"


def keyed_tables(study: LoadedStudy, tables: Sequence[Table], seed: int) -> list[Table]:
    """Return tables like those given, with the sum of keys as weighted count of every cell."""
    if study.engine != "memory":
        return []
    coded = {survey: _with_keys(data, seed) for survey, data in study.coded.items()}
    specs = [replace(t.spec, weight=KEY, ci="", tests=(), compare="") for t in tables]
    return tabulate(replace(study, coded=coded), specs)


def _with_keys(data: CodedData, seed: int) -> CodedData:
    files = np.zeros(data.n, dtype=np.int64) if data.file_of is None else data.file_of
    places = zip(files.tolist(), data.file_row.tolist(), strict=True)
    keys = [_key(f"{seed}|{data.survey}|{file}|{row}") for file, row in places]
    variable = Numeric(KEY, KEY, np.array(keys, dtype=float), np.zeros(data.n, dtype=np.int8))
    return replace(data, variables={**data.variables, KEY: variable})


def _key(text: str) -> int:
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % KEY_SIZE
