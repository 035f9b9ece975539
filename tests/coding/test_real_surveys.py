"""Real surveys with codebooks made by others: our counts against theirs."""

from __future__ import annotations

import csv
from collections import Counter
from typing import Any

import numpy as np
import pytest
import yaml

from evaluation.codebook.parse import check_codebook
from evaluation.codebook.schema import Codebook, Option, Question, QuestionType, Survey
from evaluation.coding.code import code_survey
from evaluation.coding.data import Categorical, Numeric
from evaluation.loading.read import read_export
from evaluation.model import MissingKind
from evaluation.problems import Severity
from tests.paths import SHARED, needs_shared

FOLDER = SHARED / "samples" / "microdata"


def described(name: str) -> dict[str, Any]:
    text = (FOLDER / f"{name}.codebook.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["variables"]


def heads(name: str) -> list[str]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def head_of(variable: str, known: list[str]) -> str:
    return next(h for h in known if h == variable or h.startswith(f"{variable}. "))


def coded(name: str, questions: list[Question]):  # type: ignore[no-untyped-def]
    codebook = Codebook(title=name, questions=tuple(questions))
    assert [p for p in check_codebook(codebook) if p.severity is Severity.STOP] == []
    read = read_export(FOLDER / f"{name}.csv")
    assert read.value is not None
    survey = Survey.model_validate({"data": "x.csv", "intake": {"minimum_answered": 0}})
    return code_survey(name, codebook, survey, [read.value], "en")


def single(name: str, head: str, options: dict[str, str]) -> Question:
    made = tuple(Option(code=code, label=label) for code, label in options.items())
    return Question(id=name.lower(), text=head, column=head, type=QuestionType.SINGLE, options=made)


@needs_shared
@pytest.mark.parametrize("name", ["rse_uk_2016", "hdv2003"])
def test_counts_of_every_variable(name: str) -> None:
    known = heads(name)
    variables = {v: about for v, about in described(name).items() if "counts" in about}
    assert len(variables) > 10
    for about in variables.values():
        # The published tables have "Never" and "Never " as two answers.
        merged: Counter[str] = Counter()
        for label, n in about["counts"].items():
            merged[str(label).strip()] += n
        about["counts"] = dict(merged)
    questions = [
        single(
            v.replace(".", "_"),
            head_of(v, known),
            {str(i): label for i, label in enumerate(a["counts"], 1)},
        )
        for v, a in variables.items()
    ]
    data = coded(name, questions).value
    for variable, about in variables.items():
        made = data.variables[variable.replace(".", "_").lower()]
        assert isinstance(made, Categorical)
        counts = Counter(made.codes.tolist())
        found = {c.label: counts[i] for i, c in enumerate(made.categories) if counts[i]}
        assert found == {str(k): n for k, n in about["counts"].items()}, variable
        assert counts[MissingKind.ITEM_NONRESPONSE] == about["n_missing"], variable


@needs_shared
def test_numbers_and_value_codes() -> None:
    variables = described("efc")
    known = heads("efc")
    questions = []
    for name, about in variables.items():
        if "values" in about:
            options = {str(code): label for code, label in about["values"].items()}
            questions.append(single(name, head_of(name, known), options))
        else:
            questions.append(
                Question(
                    id=name.lower(),
                    text=name,
                    column=head_of(name, known),
                    type=QuestionType.NUMBER,
                )
            )
    data = coded("efc", questions).value
    assert data.n == 908
    with (FOLDER / "efc.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for name, about in variables.items():
        made = data.variables[name.lower()]
        cells = [row[head_of(name, known)].strip() for row in rows]
        numbers = [float(cell) for cell in cells if cell not in ("", "NA")]
        assert len(numbers) == about["n_valid"], name
        if isinstance(made, Numeric):
            assert np.nansum(made.values) == pytest.approx(sum(numbers)), name
            assert int((made.state == 0).sum()) == about["n_valid"], name
        else:
            assert isinstance(made, Categorical)
            own = Counter(str(int(x)) for x in numbers)
            ours = Counter(made.categories[c].code for c in made.codes.tolist() if c >= 0)
            assert ours == own, name
