"""Small surveys for the counting tests: drawn by hypothesis, or from a seed."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from evaluation.coding.data import Categorical, CodedData, IntakeTable, MultiResponse, Numeric
from evaluation.model import Category, IntakeStatus


def categories(count: int) -> tuple[Category, ...]:
    return tuple(Category(str(i), f"option {i}") for i in range(count))


def single(identifier: str, codes, count: int) -> Categorical:
    return Categorical(identifier, identifier, categories(count), np.asarray(codes, np.int16))


def multiple(identifier: str, selected, state) -> MultiResponse:
    selected = np.asarray(selected, np.int8)
    return MultiResponse(
        identifier, identifier, categories(selected.shape[1]), selected, np.asarray(state, np.int8)
    )


def number(identifier: str, values, state=None) -> Numeric:
    values = np.asarray(values, float)
    state = np.zeros(len(values)) if state is None else state
    return Numeric(identifier, identifier, values, np.asarray(state, np.int8))


def survey(n: int, *variables) -> CodedData:
    kept = dict.fromkeys(IntakeStatus, 0) | {IntakeStatus.COMPLETE: n}
    intake = IntakeTable(kept, n, (IntakeStatus.COMPLETE,) * n)
    rows = np.arange(2, n + 2, dtype=np.int32)
    return CodedData("s", n, {v.id: v for v in variables}, {}, "s.csv", rows, intake)


def random_survey(
    seed: int,
    n: int,
    singles=(2, 5, 7),
    multiples=(3, 8),
    missing=True,
) -> CodedData:
    """Singles s0 …, multiples m0 …, weights w (floats, some missing) and ones."""
    rng = np.random.default_rng(seed)
    low = -3 if missing else 0
    variables = [
        single(f"s{i}", rng.integers(low, size, n), size) for i, size in enumerate(singles)
    ]
    for i, size in enumerate(multiples):
        state = np.minimum(rng.integers(-3, 6, n), 0) if missing else np.zeros(n)
        chosen = (rng.random((n, size)) < 0.4) & (state == 0)[:, None]
        variables.append(multiple(f"m{i}", chosen, state))
    values, state = rng.lognormal(0, 0.7, n), np.zeros(n)
    if missing and n:
        state[rng.random(n) < 0.1] = -1
        values = np.where(state < 0, np.nan, values)
    variables += [number("w", values, state), number("ones", np.ones(n))]
    return survey(n, *variables)


@st.composite
def surveys(draw, max_n: int = 40) -> CodedData:
    """Surveys of any shape, down to no respondents and no options."""
    return random_survey(
        draw(st.integers(0, 2**32 - 1)),
        draw(st.integers(0, max_n)),
        tuple(draw(st.lists(st.integers(1, 9), min_size=1, max_size=4))),
        tuple(draw(st.lists(st.integers(0, 19), min_size=1, max_size=3))),
        draw(st.booleans()),
    )


def variable_names(data: CodedData) -> list[str]:
    return [name for name in data.variables if name[0] in "sm"]


def take(data: CodedData, rows) -> CodedData:
    """The same survey with these respondents, in this order."""
    found = []
    for v in data.variables.values():
        if isinstance(v, Categorical):
            found.append(single(v.id, v.codes[rows], len(v.categories)))
        elif isinstance(v, MultiResponse):
            found.append(multiple(v.id, v.selected[rows], v.state[rows]))
        else:
            found.append(number(v.id, v.values[rows], v.state[rows]))
    return survey(len(rows), *found)
