"""Every key of the policy at its boundary, on tables made by hand."""

from __future__ import annotations

import csv
import io

import pytest
from click.testing import CliRunner

from evaluation.cli import main
from evaluation.codebook.schema import Protection
from evaluation.model import TOTAL, CellStatus, RowKind
from evaluation.protection.links import Links
from evaluation.protection.protect import protect
from evaluation.tables.spec import Column, Row, TableSpec
from evaluation.tables.table import Cell, Table

MISSING = (RowKind.ITEM_NONRESPONSE, RowKind.NOT_ASKED, RowKind.INVALID)


def crosstab(inside: list[list[int]], question: str = "q", by: str = "unit") -> Table:
    """Answers × units with margins; everybody answered."""
    rows = [Row(question, str(i), f"A{i}", RowKind.OPTION) for i in range(len(inside))]
    rows += [Row(question, TOTAL, "T", RowKind.TOTAL)]
    rows += [Row(question, kind.value, "", kind) for kind in MISSING]
    columns = [
        *(Column(by, f"u{j}", f"U{j}") for j in range(len(inside[0]))),
        Column(by, TOTAL, ""),
    ]
    lines = [[*line, sum(line)] for line in inside]
    bases = [sum(column) for column in zip(*lines, strict=True)]
    body = [
        tuple(_cell(n, base) for n, base in zip(line, bases, strict=True))
        for line in [*lines, bases]
    ]
    body += [tuple(Cell(0, 0.0, 0, 0.0, None) for _ in bases) for _ in MISSING]
    spec = TableSpec("s", question, (by,))
    return Table(f"s.{question}*{by}", spec, "", tuple(rows), tuple(columns), tuple(body))


def _cell(n: int, base: int) -> Cell:
    return Cell(n, float(n), base, float(base), 100 * n / base if base else None)


def policy(**keys: object) -> Protection:
    return Protection(**{"method": "suppress", "dominance": False, **keys})


def hidden(
    table: Table, protection: Protection, links: Links | None = None
) -> set[tuple[int, int]]:
    release = protect([table], protection, links=links)
    assert not release.leaks
    lines = release.tables[0].cells
    return {(i, j) for i, line in enumerate(lines) for j, cell in enumerate(line) if cell.n is None}


def large(n: int) -> list[list[int]]:
    return [[n, 40, 50], [60, 70, 80], [90, 100, 110]]


@pytest.mark.parametrize(
    ("limit", "n", "is_hidden"),
    [
        (5, 4, True),
        (5, 5, False),
        (5, 6, False),
        (5, 1, True),
        (5, 0, False),
        (10, 9, True),
        (10, 10, False),
        (1, 1, False),
    ],
)
def test_minimum_count(limit, n, is_hidden):
    found = hidden(crosstab(large(n)), policy(minimum_count=limit))
    assert ((0, 0) in found) == is_hidden
    assert bool(found) == is_hidden


def test_an_insider_takes_one_off_each_count_that_he_is_in():
    assert (0, 0) in hidden(crosstab(large(5)), policy(insider=True))
    assert not hidden(crosstab(large(6)), policy(insider=True))


def test_zeros_hidden_for_all_or_for_one_question():
    assert (0, 0) in hidden(crosstab(large(0)), policy(zeros="hidden"))
    assert (0, 0) in hidden(crosstab(large(0)), policy(zeros={"s.q": "hidden"}))
    assert not hidden(crosstab(large(0)), policy(zeros={"s.other": "hidden"}))


@pytest.mark.parametrize(
    ("base", "status"),
    [
        (9, CellStatus.LOW_BASE),
        (10, CellStatus.SHOWN),
        (11, CellStatus.SHOWN),
    ],
)
def test_minimum_base(base, status):
    table = crosstab([[base - 5, 40, 50], [5, 70, 80]])
    protection = policy(minimum_count=1, minimum_base=10)
    cell = protect([table], protection).tables[0].cells[0][0]
    assert cell.status is status
    assert (cell.percent is None) == (status is CellStatus.LOW_BASE)


def test_a_group_that_all_gave_one_sensitive_answer():
    table = crosstab([[30, 40, 50], [0, 70, 80]])
    assert (0, 0) in hidden(table, policy(dominance=True))
    assert not hidden(table, policy(dominance=False))
    assert not hidden(table, policy(dominance=True, sensitive=["s.other"]))
    assert not hidden(table, policy(dominance=True), Links(known=frozenset({"s.q"})))


def test_which_questions_are_sensitive():
    table = crosstab(large(3))
    assert hidden(table, policy(sensitive=["s.q"]))
    assert not hidden(table, policy(sensitive=["s.other"]))
    assert not hidden(table, policy(sensitive="none"))
    assert hidden(table, policy(sensitive="none"), Links(sensitive={"s.q": True}))
    assert not hidden(table, policy(), Links(sensitive={"s.q": False}, known=frozenset({"s.unit"})))


def test_two_identifying_variables_together_are_protected_though_not_sensitive():
    table = crosstab(large(3), question="gender")
    assert hidden(table, policy(sensitive=["s.q"], identifying=["s.gender", "s.unit"]))
    assert not hidden(table, policy(sensitive=["s.q"], identifying=["s.gender"]))


@pytest.mark.parametrize("width", [2, 5, 12])
def test_interval_width(width):
    table = crosstab([[2, 6, 50], [7, 8, 80], [90, 100, 110]])
    release = protect([table], policy(interval_width=width))
    assert not release.leaks
    hidden_cells = {
        (i, j)
        for i, line in enumerate(release.tables[0].cells)
        for j, cell in enumerate(line)
        if cell.n is None
    }
    reach = min(
        sum(table.cells[i][j].n for i, j in hidden_cells if (i == 0) and j < 3),
        sum(table.cells[i][j].n for i, j in hidden_cells if (j == 0) and i < 3),
    )
    # at least 1 each: what the others in the line could give or take must reach the width
    assert reach - 2 >= width or (3, 0) in hidden_cells or (0, 3) in hidden_cells


@pytest.mark.parametrize(("people", "options"), [(1, 1), (4, 1), (5, 3), (6, 2)])
def test_a_survey_of_a_few_is_published_with_everything_hidden(tmp_path, people, options):
    answers = "\n".join(f"{i % options + 1}" for i in range(people))
    data = tmp_path / "s" / "data"
    data.mkdir(parents=True)
    (data / "a.csv").write_text(f"q\n{answers}\n", encoding="utf-8")
    labels = ", ".join(f"{i + 1}: Svar {i + 1}" for i in range(options))
    (tmp_path / "s" / "a.yaml").write_text(
        f"title: A\nquestions:\n  - {{id: q, text: Q, type: single, options: {{{labels}}}}}\n",
        encoding="utf-8",
    )
    (tmp_path / "s" / "study.yaml").write_text(
        "title: T\npublisher: P\nyear: 2026\nlanguage: sv\n"
        "surveys: {a: {title: A, data: data/a.csv}}\nprotection: {method: suppress}\n",
        encoding="utf-8",
    )
    chapters = tmp_path / "s" / "chapters"
    chapters.mkdir()
    (chapters / "1.md").write_text('# T\n\n{{ table("a.q") }}\n', encoding="utf-8")
    out = tmp_path / "out"
    result = CliRunner().invoke(
        main, ["report", str(tmp_path / "s"), "--to", "csv", "--out", str(out)]
    )
    assert result.exit_code == 0, result.output
    text = (out / "tables.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert not any(0 < int(row["n"] or 0) < 5 for row in rows)
