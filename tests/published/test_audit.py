"""What cannot be right in printed tables: our own rounding is never accused, altered digits are."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.loading.texts import load_texts
from evaluation.pipeline.audit import load_print_words
from evaluation.published.audit.bases import counts, fitting_bases, is_apportioned
from evaluation.published.audit.model import Certainty
from evaluation.published.audit.reading import figures, series_of
from evaluation.published.audit.run import audit
from evaluation.published.rules import RoundingRule, counts_that_give
from evaluation.published.schema import PrintedPhrase, PrintedRow, PrintedTable, Published
from evaluation.texts import Phrase
from tests.published import tables_by_rule as made

WORDS = load_print_words()
PHRASES = tuple(Phrase(**entry) for entry in load_texts("sv").entries["phrases"])
LEAST_FOUND = 0.97
"""Least share of altered digits that is found, of any kind of table; docs/audit.md says more."""


def found(*tables, phrases=(), limit=10_000):
    published = Published(report="r", tables=tables, phrases=phrases)
    return audit(published, WORDS, PHRASES, limit=limit).findings


def codes(*tables, **other):
    return [f.code for f in found(*tables, **other)]


# --- our own rounding ----------------------------------------------------------

answers = st.lists(st.integers(0, 400), min_size=2, max_size=9).filter(any)
decimals = st.integers(0, 2)
rounding = st.sampled_from(["plain", "sum100"])


@given(answers, decimals, rounding, st.booleans())
def test_single_answers_by_our_own_rounding_are_not_accused(counts, decimals, rounding, total):
    table = made.single(counts, decimals=decimals, rounding=rounding, total=total)
    assert found(table) == ()


@given(st.integers(5, 500), st.data(), decimals, st.booleans())
def test_multiple_answers_are_not_accused(base, data, decimals, base_printed):
    counts = data.draw(st.lists(st.integers(0, base), min_size=2, max_size=8))
    table = made.multiple(counts, base, decimals=decimals, base_printed=base_printed)
    assert found(table) == ()


@given(st.integers(2, 6), st.data(), decimals)
def test_crosstabs_are_not_accused(options, data, decimals):
    column = st.lists(st.integers(0, 80), min_size=options, max_size=options).filter(any)
    groups = data.draw(st.lists(column, min_size=2, max_size=4))
    assert found(made.crosstab(groups, decimals=decimals)) == ()


@given(st.integers(2, 5), st.data(), st.integers(0, 1), rounding)
def test_batteries_are_not_accused(steps, data, decimals, rounding):
    row = st.lists(st.integers(0, 60), min_size=steps, max_size=steps).filter(any)
    items = data.draw(st.lists(row, min_size=1, max_size=5))
    assert found(made.battery(items, decimals=decimals, rounding=rounding)) == ()


@given(st.lists(st.lists(st.integers(0, 10**7), min_size=3, max_size=3), min_size=2, max_size=6))
def test_money_is_not_accused(rows):
    assert found(made.money(rows)) == ()


# --- altered digits ------------------------------------------------------------


def _counts(rng, options, high):
    return [rng.randint(0, high) for _ in range(options - 1)] + [rng.randint(1, high)]


def _multiple(rng, *, base_printed):
    base = rng.choice((21, 45, 90, 400))
    counts = [rng.randint(1, base) for _ in range(rng.randint(3, 10))]
    return made.multiple(counts, base, decimals=1, base_printed=base_printed)


def _single(rng, decimals):
    return made.single(
        _counts(rng, rng.randint(2, 10), rng.choice((12, 60, 300))),
        decimals=decimals,
        rounding=rng.choice(("plain", "sum100")),
        total=rng.random() < 0.5,
    )


def _crosstab(rng):
    options = rng.randint(2, 6)
    return made.crosstab([_counts(rng, options, 60) for _ in range(2)], decimals=1)


def _battery(rng):
    steps = rng.randint(3, 5)
    items = [_counts(rng, steps, 30) for _ in range(rng.randint(2, 8))]
    return made.battery(items, decimals=0, rounding=rng.choice(("plain", "sum100")))


def _money(rng):
    rows = [[rng.randrange(0, 2_000_000, 5000) for _ in range(3)] for _ in range(rng.randint(2, 8))]
    return made.money(rows)


@pytest.mark.parametrize(
    "make",
    [
        lambda rng: _single(rng, 1),
        lambda rng: _single(rng, 0),
        lambda rng: _multiple(rng, base_printed=True),
        lambda rng: _multiple(rng, base_printed=False),
        _crosstab,
        _battery,
        _money,
    ],
    ids=[
        "single-1",
        "single-0",
        "multiple-base",
        "multiple-no-base",
        "crosstab",
        "battery",
        "money",
    ],
)
def test_one_altered_digit_is_nearly_always_found(make):
    rng = random.Random(7)
    hits = [bool(found(made.alter(make(rng), rng).table)) for _ in range(150)]
    assert sum(hits) / len(hits) >= LEAST_FOUND


# --- counts and bases ----------------------------------------------------------


@given(st.integers(1, 300), st.integers(0, 1000), st.sampled_from(list(RoundingRule)))
def test_integer_rules_agree_with_those_of_verify(base, units, rule):
    printed = Decimal(units) / 10
    assert tuple(counts(units, 10, base, rule)) == tuple(
        n for n in counts_that_give(printed, 1, base, rule=rule) if n <= base
    )


def _shares(table):
    (series,) = series_of(table, figures(table, WORDS))
    return series.shares


def test_bases_that_fit_are_those_that_reproduce_every_percent():
    # Printed in an appendix without its base: only 43 of all up to 10 000 gives all of them.
    printed = {35: "81,4", 33: "76,7", 20: "46,5", 21: "48,8", 13: "30,2", 12: "27,9", 6: "14,0"}
    rows = tuple(PrintedRow(label=str(n), n=str(n), percent=p) for n, p in printed.items())
    table = PrintedTable(id="t", kind="multiple", rows=rows)
    bases = fitting_bases(_shares(table), 10_000, is_exclusive=False, may_sum100=False)
    assert (bases.first, bases.count) == ((43,), 1)


def test_no_base_fits():
    rows = (
        PrintedRow(label="a", n="10", percent="50,0"),
        PrintedRow(label="b", n="7", percent="99,1"),
    )
    (finding,) = found(PrintedTable(id="t", kind="multiple", rows=rows))
    assert (finding.code, finding.certainty) == ("no_base", Certainty.CERTAIN)


def test_largest_remainder_may_break_ties_either_way():
    for last in (("33,4", "33,3", "33,3"), ("33,3", "33,3", "33,4")):
        rows = tuple(PrintedRow(label=p + str(i), n="1", percent=p) for i, p in enumerate(last))
        assert is_apportioned(_shares(PrintedTable(id="t", rows=rows)), 3)


# --- each kind of finding ------------------------------------------------------


def row(label, n=None, percent=None, **other):
    return PrintedRow(label=label, n=n, percent=percent, **other)


def test_percent_that_no_count_gives():
    cells = {"total": {"a": "24", "b": "49", "c": "24", "d": "3", "e": "0"}}
    other = {"total": {"a": "40", "b": "43", "c": "9", "d": "6", "e": "2"}}
    rows = (row("barn", base="38", cells=cells), row("plan", base="53", cells=other))
    table = PrintedTable(id="t", kind="grid", unit="procent", percents="row", rows=rows)
    (finding,) = found(table)
    assert (finding.code, finding.row, finding.column) == ("impossible_percent", "barn", "b")
    assert [values["n"] for _, values in finding.fits] == [18, 19]


def test_percent_that_only_another_rounding_gives():
    def cells(*texts):
        return {"total": dict(zip("abcd", texts, strict=True))}

    rows = (
        row("stöd", base="71", cells=cells("16", "18", "23", "59")),
        row("kompetens", base="53", cells=cells("15", "17", "30", "55")),
        row("barn", base="57", cells=cells("9", "16", "18", "70")),
    )
    table = PrintedTable(id="t", kind="battery", unit="procent", percents="row", rows=rows)
    (finding,) = found(table)
    assert (finding.code, finding.row, finding.column) == ("other_rounding", "stöd", "a")
    assert finding.certainty is Certainty.LIKELY


def test_n_and_percent_that_disagree():
    rows = (row("Ja", "48", "53,3%"), row("Nej", "37", "41,7%"), row("Vet ej", "5", "5,6%"))
    findings = found(PrintedTable(id="t", base=90, rows=rows))
    assert [(f.code, f.row) for f in findings] == [("n_percent", "Nej")]
    assert ("count", {"counts": "37–38", "percent": "41,7%"}) not in findings[0].fits


def test_totals_down_and_across():
    rows = (row("a", "50"), row("b", "40"), row("Totalt", "91", is_sum=True))
    assert codes(PrintedTable(id="t", kind="single", rows=rows)) == ["sum_row"]
    grid = (
        row("Nej", cells={"Kvinna": "434", "Man": "347", "Samtliga": "807"}),
        row("Ja", cells={"Kvinna": "330", "Man": "188", "Samtliga": "518"}),
    )
    (finding,) = found(PrintedTable(id="t", kind="single", rows=grid))
    assert (finding.code, finding.certainty) == ("sum_column_short", Certainty.LIKELY)
    assert (finding.values or {})["missing"] == "number:26"


def test_a_count_above_its_base():
    rows = (row("a", "22"), row("b", "31"))
    assert codes(PrintedTable(id="t", kind="multiple", base=29, rows=rows)) == ["above_base"]


def test_a_column_that_is_the_sum_of_the_others_in_all_rows_but_one():
    def cells(total, *parts):
        return {"Haft medel": total, "Pågår": parts[0], "Klart": parts[1], "Ej gjort": parts[2]}

    right = [("76", "41", "30", "5"), ("57", "22", "31", "4"), ("48", "45", "0", "3")]
    right += [("71", "22", "48", "1"), ("67", "31", "30", "6"), ("27", "15", "11", "1")]
    rows = [row(t[0], cells=cells(*t)) for t in right]
    table = PrintedTable(
        id="t", kind="data", rows=(*rows, row("x", cells=cells("65", "41", "24", "9")))
    )
    (finding,) = found(table)
    assert (finding.code, finding.row) == ("sum_pattern", "x")


def test_expected_counts_of_fewer_than_are_stated():
    """MIA Vidare and Alis 2022, Tabell 1: N=1341 is stated, the figures are those of 1299."""

    def cells(*triples):
        return {
            name: dict(zip(("n", "expected"), pair, strict=True))
            for name, pair in zip(("Kvinna", "Man", "Samtliga"), triples, strict=True)
        }

    rows = (
        row("Nej", cells=cells(("434", "459,3"), ("347", "321,7"), ("807", "807,0"))),
        row("Ja", cells=cells(("330", "304,7"), ("188", "213,3"), ("534", "534,0"))),
        row(
            "Total",
            cells=cells(("764", "764,0"), ("535", "535,0"), ("1341", "1341,0")),
            is_sum=True,
        ),
    )
    findings = found(PrintedTable(id="t", base=1341, rows=rows))
    (finding,) = (f for f in findings if f.code == "expected_base")
    assert (finding.values or {})["other"] == 1299


def test_the_same_group_counted_differently():
    def table(name, **bases):
        rows = tuple(
            row(label, base=base, cells={"total": {"a": "100"}}) for label, base in bases.items()
        )
        return PrintedTable(id=name, kind="grid", unit="procent", percents="row", rows=rows)

    six = table("tabell-6", Kartläggning="71", Kompetens="61", Rutiner="59")
    seven = table("tabell-7", Kartläggning="71", Kompetens="61", Rutiner="63")
    (finding,) = found(six, seven)
    assert (finding.code, finding.table, finding.row) == ("group_base", "tabell-7", "Rutiner")
    elsewhere = table("tabell-14", Kartläggning="50", Kompetens="54", Rutiner="38")
    assert found(six, elsewhere) == ()


def test_totals_that_differ_between_tables_of_the_same_question():
    def table(name, n):
        rows = (row("Ja", "10"), row("Nej", n), row("Vet ej", "3"))
        return PrintedTable(id=name, question="personal.stod", rows=rows)

    (finding,) = found(table("a", "20"), table("b", "21"))
    assert (finding.code, finding.table, finding.row) == ("total_differs", "b", "Nej")


def test_words_that_do_not_fit_their_figure():
    table = PrintedTable(
        id="t", base=90, rows=(row("Ja", "73", "81,1%"), row("Vet inte", "17", "18,9%"))
    )
    said = PrintedPhrase(
        id="p", table="t", phrase="…", words="drygt en femtedel", row="Vet inte", n="17"
    )
    assert codes(table, phrases=(said,)) == ["phrase"]
    right = said.model_copy(update={"words": "närmare en femtedel"})
    assert codes(table, phrases=(right,)) == []
    miscounted = right.model_copy(update={"n": "16"})
    assert "phrase_count" in codes(table, phrases=(miscounted,))


def test_withheld_figures_are_no_findings():
    rows = (
        row("a", "..", ".."),
        row("b", "40", "80,0%"),
        row("Totalt", "50", "100,0%", is_sum=True),
    )
    assert found(PrintedTable(id="t", kind="single", rows=rows)) == ()


def test_every_finding_has_its_words_in_both_languages():
    import inspect
    import re

    from evaluation.published.audit import between, expected, percents, run, sums, wording

    modules = (between, expected, percents, run, sums, wording)
    source = "".join(inspect.getsource(m) for m in modules)
    known = set(re.findall(r'"([a-z0-9]+(?:_[a-z0-9]+)*)"', source))
    for language in ("sv", "en"):
        wordings = load_texts(language).mapping("audit.findings")
        assert set(wordings) <= known, "a wording for a finding that does not exist"
        used = set(re.findall(r'(?:Finding\(|code, certainty = )\s*"([a-z0-9_]+)"', source))
        assert used <= set(wordings)
