"""Expected counts, tests, response rates and approximate figures against print."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from evaluation.loading.texts import load_texts
from evaluation.protection.methods.none import pass_table
from evaluation.published.approximate import fits_bound
from evaluation.published.compare import Reason, compare_table
from evaluation.published.rates import rate_facts, rate_remarks
from evaluation.published.schema import PrintedRate, PrintedTable
from evaluation.published.tested import with_tests
from evaluation.tables.crosstab_tests import Sample
from evaluation.tables.infer import with_inference
from evaluation.tables.spec import Margin, TableSpec
from tests.tables.handmade import DATA
from tests.tables.test_build import build

SPEC = TableSpec(
    "s", "answer", by=("gender",), decimals=0, margin=Margin.EVERYONE, tests=("pearson",)
)
TABLE = pass_table(
    with_inference(build(SPEC), Sample(DATA.variables, np.ones(DATA.n, dtype=np.bool_)))
)
"""Yes: 3 women, 1 man, 5 in all; bases 5, 3 and 9: one who answered has not stated a gender."""


def printed(expected, base=9, tests=()):
    cells = {
        "w": {"n": "3", "expected": expected, "percent": "60%"},
        "total": {"n": "5", "percent": "56%"},
    }
    rows = [{"label": "Yes", "code": "1", "cells": cells}]
    return PrintedTable.model_validate(
        {"id": "t", "by": ["gender"], "decimals": 0, "base": base, "rows": rows, "tests": tests}
    )


def compare(table):
    return with_tests(compare_table(table, TABLE), table, TABLE)


def test_expected_counts_of_the_columns_agree_and_their_base_is_said():
    result, remarks = compare(printed("2,5"))
    assert (result.cells, result.differences) == (6, ())
    assert [(r.code, r.values["base"], r.values["printed"], r.values["rest"]) for r in remarks] == [
        ("expected_base", "8", "9", "1")
    ]


def test_nothing_is_said_where_the_printed_base_is_that_of_the_columns():
    result, remarks = compare(printed("2,5", base=8))
    assert remarks == ()
    assert [d.column for d in result.differences] == ["base"]


def test_expected_counts_of_the_margin_are_explained_and_wrong_ones_are_not():
    # 5 of 9 answered yes, so 2,8 of the 5 women would if those without a gender counted.
    result, _ = compare(printed("2,8"))
    assert [(d.computed, d.reason) for d in result.differences] == [("2,5", Reason.WHOLE_BASE)]
    assert result.unexplained == ()
    result, remarks = compare(printed("2,6"))
    assert [d.reason for d in result.unexplained] == [None]
    assert remarks == ()


def test_a_printed_test_is_held_against_the_computed_one():
    right = {"method": "pearson", "base": "8", "significant": "no", "p": "0,36"}
    assert TABLE.tests[0].p == pytest.approx(0.36, abs=0.1)
    wrong = {"method": "pearson", "base": "9", "significant": "yes"}
    result, _ = compare(printed("2,5", tests=(wrong,)))
    assert [(d.column, d.printed, d.computed) for d in result.unexplained] == [
        ("base", "9", "8"),
        ("significant", "yes", "no"),
    ]
    p = f"{TABLE.tests[0].p:.2f}".replace(".", ",")
    result, _ = compare(printed("2,5", tests=({**right, "p": p},)))
    assert result.unexplained == ()
    result, _ = compare(printed("2,5", tests=({"method": "fisher", "p": "0,1"},)))
    assert [d.computed for d in result.unexplained] == [""]


RATE = PrintedRate(
    id="r", what="w", answered="59", base="70", asked="77", percent="84%", expression="a", of="b"
)


def test_a_rate_is_three_facts():
    facts = rate_facts([RATE])
    assert [(f.value, f.expression) for f in facts] == [
        ("59", "a"),
        ("70", "b"),
        ("84%", "share(a, b, decimals=0)"),
    ]
    assert len(rate_facts([RATE.model_copy(update={"percent": None})])) == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, "rate_base"),
        ({"percent": "77%"}, "rate_of_asked"),
        ({"percent": "80%"}, "rate_of_none"),
        ({"asked": None}, None),
        ({"percent": None}, None),
    ],
)
def test_the_base_that_a_printed_rate_follows_from(change, code):
    remarks = rate_remarks([RATE.model_copy(update=change)])
    assert [r.code for r in remarks] == ([] if code is None else [code])
    if code == "rate_base":
        assert remarks[0].values["of_asked"] == "77%"


@pytest.mark.parametrize(
    ("text", "value", "fits"),
    [
        ("knappt 2%", "1.95", True),
        ("knappt 2%", "2", False),
        ("knappt 2%", "1", False),
        ("Mindre än 1%", "0.78", True),
        ("mindre än 1%", "0", False),
        ("mindre än 1%", "1", False),
        ("drygt 40 %", "40.01", True),
        ("drygt 40 %", "41", False),
        ("mer än 1 000", "1001", True),
        ("ungefär 2%", "1.95", False),
        ("knappt", "1", False),
    ],
)
def test_words_that_bound_a_figure(text, value, fits):
    bounds = load_texts("sv").entries["verify"]["bounds"]
    assert fits_bound(text, Decimal(value), bounds) is fits


def test_every_remark_has_words_in_both_languages():
    values = dict.fromkeys(
        ("base", "printed", "rest", "variable", "n", "asked", "percent", "of_asked"), "1"
    )
    for language in ("sv", "en"):
        texts = load_texts(language)
        for code in ("expected_base", "test_base", "rate_base", "rate_of_asked", "rate_of_none"):
            assert texts.get(f"verify.remark_{code}", **values)


def test_a_table_without_columns_has_no_base_of_its_own():
    one_way = replace(TABLE, spec=replace(SPEC, by=()))
    table = printed("2,5")
    assert with_tests(compare_table(table, TABLE), table, one_way)[1] == ()
