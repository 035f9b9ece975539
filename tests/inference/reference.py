"""Values that R computed (``reference.R``, its output ``reference.csv``) and the data behind them.

R version 4.2.2 Patched (2022-11-10 r83330), survey 4.1.1, MASS 7.3.58.2.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import yaml

from evaluation.inference.design import Design
from tests.paths import SHARED

HERE = Path(__file__).parent

DIGITS = 1e-7
"""Relative agreement that is asked for."""

TABLES = {
    "likert_5x3": [[2, 7, 1], [5, 6, 4], [9, 4, 11], [12, 3, 9], [4, 2, 14]],
    "zeros_3x4": [[0, 3, 0, 5], [8, 0, 2, 0], [1, 4, 6, 0]],
    "wide_2x6": [[3, 0, 7, 4, 1, 9], [6, 5, 2, 4, 8, 1]],
    "square_4x4": [[8, 3, 1, 2], [2, 9, 4, 1], [1, 2, 7, 3], [0, 4, 2, 6]],
    "one_zero_2x2": [[0, 9], [7, 6]],
    "even_2x2": [[5, 5], [5, 5]],
    "tall_6x3": [[3, 2, 1], [1, 4, 0], [2, 2, 2], [5, 0, 1], [0, 1, 6], [2, 3, 1]],
    "large_2x2": [[1434, 1347], [330, 388]],
    "large_3x3": [[60, 41, 30], [44, 52, 47], [30, 38, 58]],
}
"""The tables of reference.R."""


@cache
def _values() -> dict[str, dict[str, list[float]]]:
    lines = (HERE / "reference.csv").read_text(encoding="utf-8").splitlines()
    cases: dict[str, dict[str, list[float]]] = {}
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        what = row["what"].partition("[")[0]
        cases.setdefault(row["case"], {}).setdefault(what, []).append(float(row["value"]))
    return cases


def reference(case: str, what: str) -> np.ndarray:
    """R's values for one case, 1-D."""
    return np.array(_values()[case][what])


def has(case: str, what: str) -> bool:
    return what in _values()[case]


def agrees(value: object, expected: object) -> bool:
    """Agreement to seven digits; absolute for what is nearly zero."""
    found = np.asarray(value, dtype=float).ravel()
    wanted = np.asarray(expected, dtype=float).ravel()
    np.testing.assert_allclose(found, wanted, rtol=DIGITS, atol=1e-10)
    return True


@cache
def data(name: str) -> dict[str, np.ndarray]:
    """A data file as columns of text."""
    with (HERE / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {key: np.array([row[key] for row in rows]) for key in rows[0]}


def numbers(name: str, column: str) -> np.ndarray:
    """A column as numbers, NaN where R has NA."""
    values = data(name)[column]
    return np.array([np.nan if v == "NA" else float(v) for v in values])


def codes(name: str, column: str) -> np.ndarray:
    """A column as categories 0, 1, 2 … in alphabetical order, as R's factors."""
    return np.unique(data(name)[column], return_inverse=True)[1]


def indicators(name: str, column: str) -> np.ndarray:
    values = codes(name, column)
    return (values[:, np.newaxis] == np.arange(values.max() + 1)).astype(float)


@cache
def designs() -> dict[str, tuple[str, Design]]:
    """Name -> data file and design, as in reference.R."""
    strat, clus = numbers("apistrat", "pw"), numbers("apiclus1", "pw")
    types, awards = data("apistrat")["stype"], data("apiclus1")["awards"]
    schools = data("apiclus1")["dnum"]
    return {
        "strat": ("apistrat", Design(strat, strata=types, fpc=numbers("apistrat", "fpc"))),
        "strat_nofpc": ("apistrat", Design(strat, strata=types)),
        "clus": ("apiclus1", Design(clus, clusters=schools, fpc=numbers("apiclus1", "fpc"))),
        "weights": ("apistrat", Design(strat)),
        "both": ("apiclus1", Design(clus, strata=awards, clusters=schools)),
    }


def shared_cases(kind: str) -> list[object]:
    """Cases of the shared reference file of one kind, as pytest parameters; none where absent."""
    path = SHARED / "reference" / "statistics.yaml"
    if not path.is_file():
        reason = "the shared folder with reference data is absent"
        return [pytest.param({}, marks=pytest.mark.skip(reason=reason))]
    cases = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["id"]) for case in cases if case["kind"] == kind]
