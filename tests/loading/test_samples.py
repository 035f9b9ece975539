"""Every real export that we have, from the file to the coded answers, against other counts."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import pytest

from evaluation.codebook.schema import Role
from evaluation.codebook.spelling import fold
from evaluation.loading.read import read_export
from tests.loading.files import texts
from tests.loading.samples import (
    SAMPLES,
    Drafted,
    counts_of,
    draft_sample,
    expectations,
    n_answered,
    numbers_of,
)
from tests.paths import needs_shared

EXPECTED = expectations()
STATISTICS = (".sav", ".dta", ".sas7bdat")
CASES = [
    (file, question["id"])
    for file, expected in EXPECTED.items()
    if not file.endswith(STATISTICS)
    for question in expected.get("questions", ())
]


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a function that drafts a sample once."""

    @cache
    def draft(file: str) -> Drafted:
        return draft_sample(file, tmp_path_factory.mktemp("study") / "study")

    return draft


@needs_shared
@pytest.mark.parametrize("file", [f for f in EXPECTED if not f.endswith(STATISTICS)])
def test_rows_and_columns(file: str) -> None:
    expected = EXPECTED[file]
    read = read_export(SAMPLES / file)
    assert read.value is not None, read.problems
    assert read.value.n_rows == expected["respondents"]
    last = max(column.position for column in read.value.columns)
    assert last < expected["columns"] <= last + 2  # a last column without head and cells is dropped
    first = expected["header_rows"] + expected["preamble_rows"] + 1
    assert int(read.value.file_row[0]) == first
    if "encoding" in expected:
        assert read.value.source.encoding.removesuffix("-sig") == expected["encoding"].removesuffix(
            "-sig"
        )


@needs_shared
@pytest.mark.parametrize(("file", "name"), CASES)
def test_counts(file: str, name: str, drafted: Any) -> None:
    made: Drafted = drafted(file)
    expected = next(q for q in EXPECTED[file]["questions"] if q["id"] == name)
    check = CHECKS[expected["type"]]
    check(made, expected)


def _single(made: Drafted, expected: dict[str, Any]) -> None:
    header = made.header(expected["column"])
    variable = made.variable(header)
    assert variable is not None
    if made.question_of(header)[0].role is Role.ADMIN:  # of all rows, whatever became of them
        column = made.responses.column(header)
        assert column is not None
        assert dict(Counter(texts(column))) == expected["options"]
        return
    found = counts_of(variable)
    assert {k: found.get(fold(k), 0) for k in expected["options"]} == expected["options"]
    assert n_answered(variable) == expected["n_valid"]
    assert made.responses.n_rows - n_answered(variable) == expected["n_missing"]


def _number(made: Drafted, expected: dict[str, Any]) -> None:
    variable = made.variable(made.header(expected["column"]))
    assert variable is not None
    values = numbers_of(variable)
    assert len(values) == expected["n_valid"]
    assert values.mean() == pytest.approx(expected["mean"], abs=1e-6)
    assert (values.min(), values.max()) == (expected["min"], expected["max"])
    for value, n in expected.get("values", {}).items():
        assert int((values == float(value)).sum()) == n


def _text(made: Drafted, expected: dict[str, Any]) -> None:
    variable = made.variable(made.header(expected["column"]))
    assert variable is not None
    assert n_answered(variable) == expected["n_valid"]


def _columns(made: Drafted, expected: dict[str, Any]) -> None:
    first, last = expected["columns"]
    headers = [made.header(position) for position in range(first, last + 1)]
    question, _ = made.question_of(headers[0])
    variable = made.coded.variables[question.id]
    codes = [c.code for c in variable.categories]
    counts = variable.selected.sum(axis=0)
    by_column = {o.column: int(counts[codes.index(o.code)]) for o in question.options}
    listed = list(expected["options"].values())
    assert [by_column[header] for header in headers][: len(listed)] == listed
    assert sum(by_column[header] for header in headers) == expected["selections"]
    only_listed = set(by_column) == set(headers)
    if only_listed:
        assert n_answered(variable) == expected["n_with_any"]
    else:  # words to "other" are an answer too
        assert n_answered(variable) >= expected["n_with_any"]


def _cells(made: Drafted, expected: dict[str, Any]) -> None:
    header = made.header(expected["column"])
    try:
        question, _ = made.question_of(header)
    except AssertionError:  # the 0/1 columns beside it are read instead
        text = header
        question = next(q for q in made.codebook.questions if q.text == text)
    variable = made.coded.variables[question.id]
    found = counts_of(variable)
    listed: Counter[str] = Counter()
    for label, n in expected["options"].items():  # case does not make two options
        listed[fold(label)] += n
    kept = {label: n for label, n in listed.items() if label in found}
    assert {label: found[label] for label in kept} == kept
    missing = {label: n for label, n in listed.items() if label not in kept}
    has_open = any(option.open for option in question.options)
    assert has_open or not missing
    assert all(n == 1 for k, n in missing.items() if k != "(other text)")
    assert n_answered(variable) == expected["n_answered"]


CHECKS = {
    "single": _single,
    "single_likert": _single,
    "single_other": _single,
    "rank_item": _single,
    "numeric": _number,
    "numeric_comma": _number,
    "text": _text,
    "multi_cols": _columns,
    "multi_sep": _cells,
    "multi_known": _cells,
}


# --- SPSS, Stata, SAS ----------------------------------------------------------


@needs_shared
@pytest.mark.parametrize("file", [f for f in EXPECTED if f.endswith(STATISTICS)])
def test_statistics_files(file: str) -> None:
    read = read_export(SAMPLES / file)
    assert read.value is not None, read.problems
    expected = EXPECTED[file]
    assert read.value.n_rows == expected["respondents"]
    assert len(read.value.columns) == expected["columns"]
    for question in expected["questions"]:
        if ".." in question["id"]:
            names = [column.header for column in read.value.columns]
            marks = [next(iter(column.hints.missing), "") for column in read.value.columns]
            assert marks[: len(question["missing"])] == question["missing"], names
        else:
            _one_variable(read.value, question)


def _one_variable(responses: Any, question: dict[str, Any]) -> None:
    """Compare valid and missing values of one variable, labels and all."""
    column = responses.column(question["id"])
    assert column is not None
    counts = Counter(texts(column))
    valid = {v: n for v, n in counts.items() if v and v not in column.hints.missing}
    missing = {v: n for v, n in counts.items() if v in column.hints.missing}
    if "valid" in question:
        named = {f"{v} {column.hints.value_labels.get(v, '')}".strip(): n for v, n in valid.items()}
        assert named == {str(k): n for k, n in question["valid"].items()}
    else:
        assert sum(valid.values()) == question["n_valid"]
    declared = {
        key.split()[0]: n for k, n in question["missing"].items() if (key := str(k)) != "system"
    }
    assert missing == declared
    assert counts[""] == question["missing"].get("system", 0)
