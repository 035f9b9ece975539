"""What a correct loader must get from the samples, and what init and coding make of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from evaluation.codebook.spelling import fold
from evaluation.coding.data import Categorical, FreeText, MultiResponse, Numeric
from evaluation.loading.read import read_export
from evaluation.pipeline.init import init_study
from evaluation.pipeline.load import load_study
from tests.paths import SHARED

if TYPE_CHECKING:
    from pathlib import Path

    from evaluation.codebook.schema import Codebook, Question
    from evaluation.coding.data import CodedData, Variable
    from evaluation.model import RawResponses

SAMPLES = SHARED / "samples"


def expectations() -> dict[str, Any]:
    """Return file -> what to expect of it; nothing where the shared folder is absent."""
    path = SAMPLES / "expectations.yaml"
    if not path.is_file():
        return {}
    return dict(yaml.safe_load(path.read_text(encoding="utf-8"))["files"])


@dataclass(frozen=True)
class Drafted:
    """A sample after ``init``: read, drafted, coded."""

    responses: RawResponses
    codebook: Codebook
    coded: CodedData

    def header(self, position: int) -> str:
        """Return the head of the column at a 0-based position."""
        return next(c.header for c in self.responses.columns if c.position == position)

    def question_of(self, header: str) -> tuple[Question, str]:
        """Return the question that reads a column, and the identifier of its variable."""
        for question in self.codebook.questions:
            if question.column == header or (not question.column and question.text == header):
                return question, question.id
            for item in question.items:
                if item.column == header or header.endswith(f"[{item.text}]"):
                    return question, item.id
                if not item.column and item.text == header:
                    return question, item.id
            if any(option.column == header for option in question.options):
                return question, question.id
        msg = f"no question reads {header!r}"
        raise AssertionError(msg)

    def variable(self, header: str) -> Variable | None:
        """Return the coded variable of a column."""
        return self.coded.variables.get(self.question_of(header)[1])


def draft_sample(file: str, folder: Path) -> Drafted:
    """Run ``init`` on a sample and code the study that it gives."""
    problems = init_study([SAMPLES / file], folder)
    loaded, found = load_study(folder)
    assert loaded is not None, (problems, found)
    survey = next(iter(loaded.folder.study.surveys))
    data = loaded.folder.study.surveys[survey].data
    read = read_export(folder / str(data))
    assert read.value is not None
    return Drafted(read.value, loaded.folder.codebooks[survey], loaded.coded[survey])


def counts_of(variable: Variable) -> dict[str, int]:
    """Return how often each option was given, under its label and under its code (folded)."""
    counts: dict[str, int] = {}
    if isinstance(variable, Categorical):
        numbers = [int((variable.codes == n).sum()) for n in range(len(variable.categories))]
    elif isinstance(variable, MultiResponse):
        numbers = [int(n) for n in variable.selected.sum(axis=0)]
    else:
        return counts
    for category, n in zip(variable.categories, numbers, strict=True):
        counts.setdefault(fold(category.code), n)
        counts[fold(category.label)] = n
    return counts


def n_answered(variable: Variable) -> int:
    """Return how many answered."""
    state = variable.codes if isinstance(variable, Categorical) else variable.state
    return int((np.asarray(state) >= 0).sum())


def numbers_of(variable: Variable) -> np.ndarray:
    """Return the numbers answered, of a number or a rating."""
    if isinstance(variable, Numeric):
        return variable.values[variable.state == 0]
    assert isinstance(variable, Categorical)
    values = np.array([float(c.code.replace(",", ".")) for c in variable.categories])
    return values[variable.codes[variable.codes >= 0]]


def is_text(variable: Variable | None) -> bool:
    """Tell free text."""
    return isinstance(variable, FreeText)
