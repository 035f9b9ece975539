"""By what a weight goes, found in the answers: the fewest known variables that decide it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from evaluation.coding.data import Categorical, Numeric
from evaluation.model import Category
from evaluation.pipeline.weight_groups import find_classes

N = 600
RANDOM = np.random.default_rng(5)


def categorical(name: str, codes: np.ndarray) -> Categorical:
    labels = tuple(Category(f"{name}{k}", f"{name} {k}") for k in range(int(codes.max()) + 1))
    return Categorical(name, name, labels, codes.astype(np.int16))


GENDER, AGE, REGION = (
    categorical(n, RANDOM.integers(0, k, N)) for n, k in (("g", 2), ("a", 4), ("r", 5))
)
COARSE = categorical("c", GENDER.codes * 2 + AGE.codes // 2)
LACKING = Categorical("l", "l", GENDER.categories, np.where(AGE.codes == 0, -1, GENDER.codes))


def data(weights: np.ndarray) -> SimpleNamespace:
    variables = {v.id: v for v in (GENDER, AGE, REGION, COARSE, LACKING)}
    variables["w"] = Numeric("w", "w", weights, np.zeros(N, dtype=np.int8))
    return SimpleNamespace(survey="s", n=N, variables=variables)


def classes(weights: np.ndarray, *known: str):
    found = find_classes(data(weights), "w", known)
    return None if found is None else found[0]


@pytest.mark.parametrize(
    ("by", "known", "expected"),
    [
        ((GENDER,), ("g", "a", "r"), ("g",)),
        ((GENDER, AGE), ("r", "a", "g"), ("a", "g")),
        ((GENDER, AGE, REGION), ("g", "a", "r"), ("g", "a", "r")),
        ((COARSE,), ("g", "a", "c"), ("c",)),
        ((LACKING,), ("g", "a", "l"), ("l",)),
    ],
)
def test_the_fewest_variables_are_found(by, known, expected):
    levels = [RANDOM.uniform(0.5, 2.0, 9) for _ in by]
    weights = np.prod([level[v.codes] for level, v in zip(levels, by, strict=True)], axis=0)
    found = classes(weights, *known)
    assert found.is_decided
    assert found.variables == expected
    assert found.size.sum() == N
    assert np.allclose(found.low, found.high)
    for codes, low in zip(found.codes, found.low, strict=True):
        inside = np.all(
            [_codes(data(weights).variables[n]) == c for n, c in zip(expected, codes, strict=True)],
            0,
        )
        assert np.allclose(weights[inside], low)


def _codes(variable: Categorical) -> np.ndarray:
    names = np.array([*(c.code for c in variable.categories), "item_nonresponse"])
    return names[variable.codes]


def test_a_weight_of_every_respondent_is_decided_by_nothing():
    found = classes(RANDOM.uniform(0.5, 2.0, N), "g", "a", "r")
    assert not found.is_decided
    assert found.n == N


def test_one_weight_for_all_tells_nothing():
    assert classes(np.full(N, 1.3), "g", "a") is None


def test_rounded_weights_are_still_decided():
    weights = np.array([0.7131, 1.4179])[GENDER.codes] + RANDOM.uniform(-1e-3, 1e-3, N)
    found = classes(weights, "a", "g")
    assert found.variables == ("g",)
    assert np.all(found.low < found.high)


def test_a_variable_with_nobody_twice_explains_nothing():
    serial = Numeric("id", "id", np.arange(N, dtype=float), np.zeros(N, dtype=np.int8))
    with_serial = data(RANDOM.uniform(0.5, 2.0, N))
    with_serial.variables["id"] = serial
    found = find_classes(with_serial, "w", ("g", "id"))
    assert found is not None
    assert not found[0].is_decided
