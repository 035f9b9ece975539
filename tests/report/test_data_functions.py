"""Figures of study data in prose."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest

from evaluation.loading.texts import load_texts
from evaluation.report.data_functions import DataFunctions
from evaluation.report.facts import DataTableContent
from evaluation.report.figures import Figure
from evaluation.tables.request import RequestError

TEXTS = load_texts("sv")
SUMS = DataTableContent(
    "",
    ("Län", "Belopp", "Andel"),
    (("A", "53687000", "7,5"), ("B", "20000000", ""), ("C", "", "12,5"),
     ("+ Övriga", "90000000", ""), ("= Totalt", "163687000", "")),
)  # fmt: skip


@pytest.fixture
def data():
    facts = SimpleNamespace(
        texts=TEXTS,
        data_tables={"sums": SUMS},
        study=SimpleNamespace(report=SimpleNamespace(decimals=1)),
    )

    def figure(value, decimals, unit):
        return Figure(value, decimals, unit, TEXTS)

    return DataFunctions(facts, lambda *_: "", figure)


def test_cells_are_found_by_heads_without_their_marks(data):
    assert str(data.data("sums", "A", "Andel")) == "7,5"
    assert str(data.data("sums", "Totalt", "Belopp")) == "163\u00a0687\u00a0000"
    assert str(data.data("sums", "Övriga", "Belopp")) == "90\u00a0000\u00a0000"
    assert data.data("sums", "C", "Belopp") == ""


def test_the_largest_leaves_out_rests_and_sums(data):
    assert [data.data_largest("sums", "Belopp", rank) for rank in (1, 2)] == ["A", "B"]
    assert data.data_largest("sums", "Andel") == "C"
    with pytest.raises(RequestError, match="unknown-data-row"):
        data.data_largest("sums", "Belopp", 3)


def test_figures_are_rounded_half_up_and_divided(data):
    amount = data.data("sums", "A", "Belopp")
    assert str(data.rounded(amount, 1, per=1_000_000)) == "53,7"
    assert str(data.rounded(data.data("sums", "A", "Andel"))) == "8"
    assert data.rounded(amount, 0, per=data.data("sums", "B", "Belopp")).value == Decimal(3)


def test_shares_are_percents_of_two_figures(data):
    part, whole = data.data("sums", "B", "Belopp"), data.data("sums", "Totalt", "Belopp")
    assert str(data.share(part, whole)) == "12,2\u00a0%"
    assert str(data.share(1, 8, 0)) == "13\u00a0%"
    assert data.share(1, 0).value is None


def test_a_figure_not_counted_yet_makes_its_share_pending(data):
    pending = Figure(None, 0, "count", TEXTS, pending=True)
    assert data.share(pending, 8).pending
    assert data.rounded(pending).pending
