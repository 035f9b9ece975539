"""Survey data of any size: people × questions × options × background, weights, missing.

    python -m benchmarks.make_data 1000000 survey.parquet

The same seed gives the same data in memory and as Parquet. Single answers are
integer codes with the kinds of missing below zero; a multiple answer is one
column per option (``m01.0`` …) and a state; the weight is a float, now and
then missing. The Parquet file is that of ``evaluation.loading.engines``.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.coding.data import Categorical, CodedData, IntakeTable, MultiResponse, Numeric
from evaluation.model import Category, IntakeStatus

QUESTION_SIZES = (5, 5, 4, 2, 5, 3, 6, 5)
"""Options of the single-answer questions, in turn: mostly scales of five steps."""
BACKGROUND_SIZES = (2, 5, 21, 3, 4, 6, 7, 2, 8, 10)
"""Categories of the background variables: gender, age, county …"""


@dataclass(frozen=True)
class Shape:
    """How much data: W2 of issue 8 unless told otherwise."""

    people: int
    singles: int = 80
    multiples: int = 20
    options: int = 8
    backgrounds: int = 10
    seed: int = 2022

    @property
    def questions(self) -> list[str]:
        """Identifiers of the questions."""
        single = [f"q{i:02}" for i in range(self.singles)]
        return single + [f"m{i:02}" for i in range(self.multiples)]

    @property
    def background(self) -> list[str]:
        """Identifiers of the background variables."""
        return [f"b{i}" for i in range(self.backgrounds)]


def make(shape: Shape) -> CodedData:
    """Draw a survey. One in twelve answers is missing, of one kind or another."""
    rng = np.random.default_rng(shape.seed)
    n = shape.people
    variables = {}
    for i in range(shape.singles):
        size = QUESTION_SIZES[i % len(QUESTION_SIZES)]
        codes = _draw(rng, n, size)
        missing = rng.random(n, np.float32)
        codes[missing < 0.08] = -1
        if i % 4 == 0:  # a filter question: some were not asked
            codes[missing > 0.9] = -2
        variables[f"q{i:02}"] = Categorical(f"q{i:02}", f"q{i:02}", _options(size), codes)
    for i in range(shape.multiples):
        state = np.where(rng.random(n, np.float32) < 0.08, np.int8(-1), np.int8(0))
        chosen = rng.random((n, shape.options), np.float32) < 0.3
        selected = (chosen & (state == 0)[:, None]).astype(np.int8)
        name = f"m{i:02}"
        variables[name] = MultiResponse(name, name, _options(shape.options), selected, state)
    for i in range(shape.backgrounds):
        size = BACKGROUND_SIZES[i % len(BACKGROUND_SIZES)]
        codes = _draw(rng, n, size)
        if i % 3 == 2:
            codes[rng.random(n, np.float32) < 0.02] = -1
        variables[f"b{i}"] = Categorical(f"b{i}", f"b{i}", _options(size), codes)
    values = np.clip(rng.lognormal(0.0, 0.5, n), 0.2, 5.0)
    state = np.where(rng.random(n, np.float32) < 0.001, np.int8(-1), np.int8(0))
    values[state < 0] = np.nan
    variables["weight"] = Numeric("weight", "weight", values, state)
    kept = dict.fromkeys(IntakeStatus, 0) | {IntakeStatus.COMPLETE: n}
    rows = np.arange(2, n + 2, dtype=np.int32)
    return CodedData("s", n, variables, {}, "made", rows, IntakeTable(kept, n, ()))


def _draw(rng: np.random.Generator, n: int, size: int) -> np.ndarray:
    """Draw codes with uneven shares, as answers have."""
    edges = np.cumsum(rng.dirichlet(np.full(size, 3.0)))[:-1].astype(np.float32)
    return np.searchsorted(edges, rng.random(n, np.float32)).astype(np.int16)


def _options(size: int) -> tuple[Category, ...]:
    return tuple(Category(str(i + 1), f"option {i + 1}") for i in range(size))


def main() -> None:
    """Write a survey to a Parquet file."""
    from evaluation.loading.engines import write_coded

    parser = argparse.ArgumentParser(description="Write invented survey data as Parquet.")
    parser.add_argument("people", type=lambda text: int(float(text)))
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=2022)
    arguments = parser.parse_args()
    write_coded(make(Shape(arguments.people, seed=arguments.seed)), arguments.file)


if __name__ == "__main__":
    main()
