"""Weights from known totals of the population, written as a CSV beside the study.

The margins come as a CSV with the columns ``variable, category, total``:
``category`` is an option's code or label. The weights go out as ``file, row,
weight``, one line per respondent that counts; ``surveys.<survey>.weights`` in
study.yaml puts them to use.
"""

from __future__ import annotations

import csv
import io
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.spelling import fold
from evaluation.coding.data import Categorical, Numeric
from evaluation.inference.design import simple_design
from evaluation.inference.weighting import (
    Margin,
    calibrate_margins,
    poststratify,
    rake,
    trim,
)
from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.coding.data import CodedData
    from evaluation.inference.weighting import WeightingIssue
    from evaluation.texts import Texts

METHODS = ("rake", "poststratify", "calibrate")
HEADER = ("variable", "category", "total")
OUTPUT = ("file", "row", "weight")


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """Weights with what is to be known of them.

    Attributes
    ----------
    content
        The CSV.
    n, effective_n, deff
        Respondents, Kish's effective base and design effect.
    smallest, largest
        Of the weights, relative to their mean.
    rounds
        Rounds of raking.
    largest_gap
        How far the furthest weighted share is from that of the population, in
        percentage points; more than nothing once weights are cut.
    """

    content: bytes
    n: int
    effective_n: float
    deff: float
    smallest: float
    largest: float
    rounds: int
    largest_gap: float


def make_weights(
    data: CodedData, margins_csv: str, *, method: str, file: str, limit: float | None = None
) -> Checked[WeightsFile | None]:
    """Weight the respondents of a survey to known margins.

    Parameters
    ----------
    data
        The survey, coded.
    margins_csv
        Content of the margins file.
    method
        One of `METHODS`. ``poststratify`` takes one variable only.
    file
        Name of the margins file, for problems.
    limit
        Largest weight allowed, as a multiple of the mean; what is cut is
        given to the others. None for no trimming.
    """
    read = read_margins(data, margins_csv, file)
    if read.value is None:
        return Checked(None, read.problems)
    margins = read.value
    if method == "poststratify" and len(margins) > 1:
        names = ", ".join(m.name for m in margins)
        problem = Problem(
            "several-margins", Severity.STOP, file=file, value=names, expected="rake, calibrate"
        )
        return Checked(None, (*read.problems, problem))
    design = simple_design(data.n)
    outcome = {
        "rake": lambda: rake(design, margins),
        "calibrate": lambda: calibrate_margins(design, margins),
        "poststratify": lambda: poststratify(design, margins[0]),
    }[method]()
    labels = {m.name: _labels(data, m.name) for m in margins}
    problems = [*read.problems, *(_problem(i, labels, file) for i in outcome.issues)]
    weights = outcome.weights
    if weights is None or not outcome.is_converged:
        if weights is not None:
            problems.append(
                Problem("weights-not-converged", Severity.STOP, file=file, value=method)
            )
        return Checked(None, tuple(dict.fromkeys(problems)))
    if limit is not None:
        weights, issues = trim(weights, upper=limit * float(weights.mean()))
        problems += [_problem(i, labels, file) for i in issues]
    return Checked(_file(data, weights, outcome.rounds, _gap(weights, margins)), tuple(problems))


def read_margins(data: CodedData, content: str, file: str) -> Checked[list[Margin] | None]:
    """Read margins; every fault is reported with its row."""
    rows = list(csv.reader(io.StringIO(content.lstrip("\ufeff")), delimiter=_delimiter(content)))
    problems: list[Problem] = []
    if not rows or tuple(cell.strip().lower() for cell in rows[0]) != HEADER:
        found = ", ".join(rows[0]) if rows else ""
        return Checked(
            None,
            (
                Problem(
                    "margins-header",
                    Severity.STOP,
                    file=file,
                    row=1,
                    value=found,
                    expected=", ".join(HEADER),
                ),
            ),
        )
    totals: dict[str, dict[int, float]] = {}
    for number, cells in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in cells):
            continue
        problem = _read_row(data, cells, totals)
        if problem:
            code, value, expected = problem
            problems.append(
                Problem(code, Severity.STOP, file=file, row=number, value=value, expected=expected)
            )
    if problems or not totals:
        return Checked(None, tuple(problems))
    return Checked([_margin(data, name, known) for name, known in totals.items()])


def _read_row(
    data: CodedData, cells: Sequence[str], totals: dict[str, dict[int, float]]
) -> tuple[str, str, str] | None:
    """Read one line into ``totals``, or return what is wrong: code, value, expected."""
    if len(cells) != len(HEADER):
        return "margins-row", str(len(cells)), str(len(HEADER))
    name, category, total = (cell.strip() for cell in cells)
    variable = data.variables.get(name)
    if not isinstance(variable, Categorical):
        known = [v.id for v in data.variables.values() if isinstance(v, Categorical)]
        return "margins-variable", name, ", ".join(known[:12])
    position = next(
        (
            i
            for i, c in enumerate(variable.categories)
            if category == c.code or fold(category) == fold(c.label)
        ),
        None,
    )
    if position is None:
        return "margins-category", category, ", ".join(c.label for c in variable.categories)
    try:
        value = float(total.replace("\u00a0", "").replace(" ", "").replace(",", "."))
    except ValueError:
        return "margins-total", total, "1234"
    if value < 0 or not np.isfinite(value):
        return "margins-total", total, "1234"
    if position in totals.setdefault(name, {}):
        return "margins-twice", category, ""
    totals[name][position] = value
    return None


def _margin(data: CodedData, name: str, known: Mapping[int, float]) -> Margin:
    variable = data.variables[name]
    assert isinstance(variable, Categorical)  # noqa: S101
    totals = np.zeros(len(variable.categories))
    for position, value in known.items():
        totals[position] = value
    return Margin(name, variable.codes.astype(np.int64), totals)


def _labels(data: CodedData, name: str) -> list[str]:
    variable = data.variables[name]
    return [c.label for c in variable.categories] if isinstance(variable, Categorical) else []


def _problem(issue: WeightingIssue, labels: Mapping[str, list[str]], file: str) -> Problem:
    severity = Severity.STOP if issue.stops else Severity.WARN
    names = labels.get(issue.margin, [])
    category = names[issue.category] if 0 <= issue.category < len(names) else ""
    place = ": ".join(part for part in (issue.margin, category) if part)
    return Problem(
        f"weights-{issue.code}", severity, file=file, value=place, count=max(1, issue.count)
    )


def _gap(weights: NDArray[np.float64], margins: list[Margin]) -> float:
    """Return the largest difference of a weighted share from the population's, in points."""
    gaps = [0.0]
    for margin in margins:
        known = margin.codes >= 0
        size = len(margin.totals)
        found = np.bincount(margin.codes[known], weights=weights[known], minlength=size)
        shares = found / found.sum() - margin.totals / margin.totals.sum()
        gaps.append(100 * float(np.abs(shares).max()))
    return max(gaps)


def _file(
    data: CodedData, weights: NDArray[np.float64], rounds: int, largest_gap: float
) -> WeightsFile:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(OUTPUT)
    for i, weight in enumerate(weights):
        writer.writerow((data.file, int(data.file_row[i]), repr(float(weight))))
    mean = float(weights.mean())
    square = float((weights**2).sum())
    effective = float(weights.sum()) ** 2 / square
    return WeightsFile(
        out.getvalue().encode("utf-8"),
        len(weights),
        effective,
        len(weights) / effective,
        float(weights.min()) / mean,
        float(weights.max()) / mean,
        rounds,
        largest_gap,
    )


def _delimiter(content: str) -> str:
    head = content.partition("\n")[0]
    return ";" if head.count(";") > head.count(",") else ","


def read_weights(data: CodedData, content: str, file: str) -> Checked[Numeric | None]:
    """Read a weights file as the variable ``weight``; every respondent must have one."""
    read = parse_weights(content, file)
    if read.value is None:
        return Checked(None, read.problems)
    weight = read.value.weight_of(data.file_row)
    return Checked(weight, weights_missing(int((weight.state < 0).sum()), file))


@dataclass(frozen=True, slots=True)
class RowWeights:
    """Weights by row of the export: 1-D arrays, rows ascending, each once."""

    rows: NDArray[np.int64]
    weights: NDArray[np.float64]

    def weight_of(self, file_row: NDArray[np.int32]) -> Numeric:
        """Return the variable ``weight`` of some rows; missing where the file lacks one."""
        place = np.searchsorted(self.rows, file_row)
        place[place == len(self.rows)] = 0
        is_there = len(self.rows) > 0 and self.rows[place] == file_row
        values = np.full(len(file_row), np.nan)
        values[is_there] = self.weights[place[is_there]]
        state = np.where(np.isnan(values), -1, 0).astype(np.int8)
        return Numeric("weight", "weight", values, state)


def parse_weights(content: str, file: str) -> Checked[RowWeights | None]:
    """Read a weights file: ``row`` and ``weight``; of a row that is there twice the last counts."""
    lines = csv.DictReader(io.StringIO(content.lstrip("\ufeff")), delimiter=_delimiter(content))
    if not lines.fieldnames or not {"row", "weight"} <= set(lines.fieldnames):
        found = ", ".join(lines.fieldnames or ())
        problem = Problem(
            "weights-header", Severity.STOP, file=file, row=1, value=found, expected="row, weight"
        )
        return Checked(None, (problem,))
    rows, weights = array("q"), array("d")
    for line in lines:
        try:
            row, weight = int(line["row"]), float(line["weight"].replace(",", "."))
        except (TypeError, ValueError):
            problem = Problem(
                "weights-value", Severity.STOP, file=file, row=lines.line_num, expected="1.25"
            )
            return Checked(None, (problem,))
        rows.append(row)
        weights.append(weight)
    last_first = np.frombuffer(rows, np.int64)[::-1] if rows else np.zeros(0, np.int64)
    found_rows, place = np.unique(last_first, return_index=True)
    values = np.frombuffer(weights, np.float64)[::-1] if weights else np.zeros(0)
    return Checked(RowWeights(found_rows, values[place]))


def weights_missing(n: int, file: str) -> tuple[Problem, ...]:
    """Say how many respondents have no weight."""
    return (Problem("weights-missing", Severity.STOP, file=file, count=n),) if n else ()


def weights_text(made: WeightsFile, texts: Texts) -> str:
    """Say what the weights are like."""
    numbers = texts.numbers
    return texts.get(
        "weights.summary",
        n=numbers.number(made.n),
        effective=numbers.number(made.effective_n, 1),
        deff=numbers.number(made.deff, 2),
        smallest=numbers.number(made.smallest, 2),
        largest=numbers.number(made.largest, 2),
        rounds=numbers.number(made.rounds),
        gap=numbers.number(made.largest_gap, 1),
    )
