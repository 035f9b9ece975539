"""Percents as printed, and the gate that passes everything."""

from __future__ import annotations

from decimal import Decimal

from evaluation.codebook.schema import Protection
from evaluation.model import TOTAL, CellStatus, RowKind
from evaluation.protection.display import displayed_percents
from evaluation.protection.protect import protect, raw
from evaluation.tables.spec import Column, Rounding, Row, TableSpec
from evaluation.tables.table import Cell, Table


def one_way(counts: list[int], missing: int = 0, **spec: object) -> Table:
    base = sum(counts)
    rows = [Row("q", str(i), f"option {i}", RowKind.OPTION) for i in range(len(counts))]
    rows += [
        Row("q", TOTAL, "Total", RowKind.TOTAL),
        Row("q", "item_nonresponse", "No answer", RowKind.ITEM_NONRESPONSE),
    ]
    cells = [
        (Cell(n, float(n), base, float(base), 100 * n / base if base else None),)
        for n in [*counts, base]
    ]
    cells.append((Cell(missing, float(missing), 0, 0.0, None),))
    return Table(
        "t", TableSpec("s", "q", **spec), "Q", tuple(rows), (Column("", TOTAL, ""),), tuple(cells)
    )


def texts(table: Table) -> list[str]:
    return [str(row[0]) for row in displayed_percents(table)]


def test_plain_rounds_half_up_from_integers() -> None:
    assert texts(one_way([1, 7], decimals=0)) == ["13", "88", "100", "None"]


def test_sum100_adds_to_exactly_100_and_total_is_100() -> None:
    plain = texts(one_way([1, 1, 1], decimals=1))
    summed = texts(one_way([1, 1, 1], decimals=1, rounding=Rounding.SUM100))
    assert plain[:3] == ["33.3", "33.3", "33.3"]
    assert summed == ["33.4", "33.3", "33.3", "100.0", "None"]


def test_sum100_falls_back_to_plain_where_options_do_not_exhaust_the_base() -> None:
    table = one_way([1, 1, 1], rounding=Rounding.SUM100)
    cells = tuple((Cell(c[0].n, c[0].wn, 4, 4.0, 25.0 * c[0].n),) for c in table.cells[:3])
    table = Table("t", table.spec, "Q", table.rows[:3], table.columns, cells)
    assert texts(table) == ["25.0", "25.0", "25.0"]


def test_weighted_percents_round_the_float_half_up() -> None:
    table = one_way([1, 7], weight="w", decimals=1)
    cells = ((Cell(1, 0.9, 8, 8.0, 11.25),), *table.cells[1:])
    table = Table("t", table.spec, "Q", table.rows, table.columns, cells)
    assert texts(table)[0] == "11.3"


def test_base_zero_has_no_percent() -> None:
    assert texts(one_way([0, 0])) == ["None"] * 4


def test_method_none_shows_everything_and_raw_says_that_it_is_raw() -> None:
    table = one_way([1, 2], missing=1)
    release = protect([table], Protection(method="none"))
    cells = [row[0] for row in release.tables[0].cells]
    assert [c.n for c in cells] == [1, 2, 3, 1]
    assert {c.status for c in cells} == {CellStatus.SHOWN}
    assert cells[0].shown_percent == Decimal("33.3")
    assert (release.method, release.n_cells, release.n_hidden) == ("none", 4, 0)
    assert not release.tables[0].is_raw
    assert raw([table]).tables[0].is_raw
