"""Data tables made from others, and charts of them."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.codebook.schema import DataTable
from evaluation.loading.texts import load_texts
from evaluation.report.cells import cell_number
from evaluation.report.data_charts import DataChartOptions, data_chart_block
from evaluation.report.data_tables import derive_all
from evaluation.report.facts import DataTableContent
from evaluation.report.model import BodyKind, ChartKind
from evaluation.report.plain_tables import data_block
from evaluation.tables.request import RequestError

GRANTS = DataTableContent(
    "Grants",
    ("Recipient", "County", "Kind", "Amount"),
    (
        ("A", "AB", "town", "500 000"),
        ("B", "AB", "club", "35000"),
        ("C", "C", "town", "1000000"),
        ("D", "BD", "club", ""),
        ("= All", "", "", "1535000"),
    ),
    source="A report",
)
COUNTIES = DataTableContent(
    "", ("Code", "Name"), (("AB", "Stockholm"), ("C", "Uppsala"), ("I", "Gotland"))
)


def made(**said):
    said = {"from": "grants", **said}
    declared = {
        "grants": DataTable(file="grants.csv"),
        "counties": DataTable(file="counties.csv"),
        "wanted": DataTable.model_validate(said),
    }
    tables, findings = derive_all(declared, {"grants": GRANTS, "counties": COUNTIES}, "sv")
    return tables.get("wanted"), findings


def test_sums_per_group_leave_out_headings_and_sums_of_the_source():
    table, findings = made(group="County", sum="Amount", count="n", total="All", share="%")
    assert findings == ()
    assert table.header == ("County", "Amount", "n", "%")
    assert table.rows == (
        ("AB", "535000", "2", "34.9"),
        ("C", "1000000", "1", "65.1"),
        ("BD", "", "1", ""),
        ("= All", "1535000", "4", "100.0"),
    )
    assert table.source == "A report"


def test_columns_of_a_crosstab_stand_in_the_order_wanted_with_their_total():
    table, _ = made(
        group="County",
        columns="Kind",
        column_order=["club", "town", "church"],
        count="n",
        total="All",
        heads={"club": "Clubs", "County": "Where"},
    )
    assert table.header == ("Where", "Clubs", "town", "church", "All")
    assert table.rows[0] == ("AB", "1", "1", "", "2")
    assert table.rows[-1] == ("= All", "2", "2", "", "4")


def test_two_measures_in_a_crosstab_are_named_in_every_column():
    table, _ = made(group="County", columns="Kind", sum="Amount", count="n")
    assert table.header == ("County", "town: Amount", "town: n", "club: Amount", "club: n")


def test_labels_name_and_order_the_groups_and_add_those_without_rows():
    table, _ = made(group="County", labels="counties", sum="Amount")
    assert [row[0] for row in table.rows] == ["Stockholm", "Uppsala", "Gotland", "BD"]
    assert table.rows[2] == ("Gotland", "")


def test_what_the_limit_leaves_out_is_added_up():
    table, _ = made(group="County", sum="Amount", sort="largest", limit=1, rest="Others")
    assert table.rows == (("C", "1000000"), ("+ Others", "535000"))


def test_rows_equal_to_the_last_one_kept_are_kept():
    source = DataTableContent("", ("k", "v"), (("a", "1"), ("b", "3"), ("c", "2"), ("d", "2")))
    declared = {
        "s": DataTable(file="s.csv"),
        "t": DataTable.model_validate(
            {"from": "s", "group": "k", "sum": "v", "sort": "largest", "limit": 2, "rest": "others"}
        ),
    }
    table = derive_all(declared, {"s": source}, "sv")[0]["t"]
    assert [row[0] for row in table.rows] == ["b", "c", "d", "+ others"]
    assert chart(source, sort=True, limit=2).categories == ("b", "c", "d")
    assert chart(source, limit=2).categories == ("a", "b")


def test_the_sum_of_a_single_row_is_left_out():
    table, _ = made(where={"Kind": "town"}, group="Kind", sum="Amount", total="All")
    assert table.rows == (("town", "1500000"),)


def test_rest_and_total_are_no_rows_of_a_chart_but_of_the_table():
    table, _ = made(
        group="County", sum="Amount", sort="largest", limit=1, rest="Others", total="All"
    )
    assert chart(table).categories == ("C",)
    rows = data_block(table, load_texts("sv")).rows
    kinds = [(row.label, row.kind) for row in rows]
    assert kinds == [
        ("C", BodyKind.NORMAL),
        ("Others", BodyKind.NORMAL),
        ("All", BodyKind.TOTAL),
    ]


def test_rows_can_be_chosen_and_listed_with_a_sum():
    table, _ = made(
        where={"Kind": "club"}, select=["Recipient", "Amount"], sum="Amount", total="All"
    )
    assert table.header == ("Recipient", "Amount")
    assert table.rows == (("B", "35000"), ("D", ""), ("= All", "35000"))


@pytest.mark.parametrize(
    ("said", "key", "code"),
    [
        ({"from": "grant"}, "from", "unknown-data-table"),
        ({"group": "Conty", "sum": "Amount"}, "group", "unknown-data-column"),
        ({"group": "County"}, "sum", "data-table-no-measure"),
        ({"group": "County", "sum": "Kind"}, "sum", "data-table-not-number"),
        ({"count": "n"}, "count", "data-table-needs-group"),
        ({"file": "x.csv"}, "", "data-table-no-source"),
        ({"from": "wanted"}, "from", "data-table-circular"),
    ],
)
def test_faults_are_named_with_their_place(said, key, code):
    table, findings = made(**said)
    assert table is None or code == "data-table-no-source"
    assert [(f.table, f.key, f.code) for f in findings] == [("wanted", key, code)]


def test_a_table_that_only_waits_for_a_faulty_one_is_not_blamed():
    declared = {
        "a": DataTable(file="missing.csv"),
        "b": DataTable.model_validate({"from": "a", "group": "x", "count": "n"}),
    }
    assert derive_all(declared, {}, "sv") == ({}, ())


amounts = st.decimals(min_value=-(10**6), max_value=10**6, places=2)
grant_rows = st.lists(
    st.tuples(st.sampled_from("ABC"), st.sampled_from("xy"), amounts), min_size=1, max_size=30
)


@given(grant_rows)
def test_sums_agree_with_plain_addition_and_columns_add_up(rows):
    source = DataTableContent("", ("g", "c", "v"), tuple((g, c, f"{v:f}") for g, c, v in rows))
    declared = {
        "s": DataTable(file="s.csv"),
        "t": DataTable.model_validate(
            {"from": "s", "group": "g", "columns": "c", "sum": "v", "total": "all"}
        ),
    }
    table = derive_all(declared, {"s": source}, "sv")[0]["t"]
    wanted = defaultdict(Decimal)
    for g, c, v in rows:
        wanted[g, c] += v
    for row in table.rows[:-1]:
        cells = dict(zip(table.header[1:], (cell_number(c) for c in row[1:]), strict=True))
        total = cells.pop("all")
        assert total == sum(v for v in cells.values() if v is not None)
        for c, value in cells.items():
            assert value == wanted.get((row[0], c))
    assert cell_number(table.rows[-1][-1]) == sum(v for _, _, v in rows)


# --- charts ------------------------------------------------------------------------------

SERIES = DataTableContent(
    "Series",
    ("Year", "Granted", "Used"),
    (("2012", "20", "7,5"), ("2013", "..", "8,25"), ("2015", "30", "")),
)


def chart(content=SERIES, **options):
    return data_chart_block(content, load_texts("sv"), DataChartOptions(**options))


def test_a_line_keeps_its_gaps_and_the_distance_between_years():
    block = chart(kind="line")
    assert block.kind is ChartKind.LINE
    assert [s.name for s in block.series] == ["Granted", "Used"]
    granted, used = block.series
    assert [p.x for p in granted.points] == [2012, 2013, 2015]
    assert [p.text for p in granted.points] == ["20,00", "..", "30,00"]
    assert used.points[2].text == "–"
    assert used.points[2].value is None
    assert block.x_title == "Year"


def test_bars_are_sorted_cut_and_divided():
    block = chart(
        GRANTS,
        values=("Amount",),
        sort=True,
        limit=2,
        per=1_000_000,
        decimals=1,
        axis="Miljoner kronor",
    )
    assert block.categories == ("C", "A")
    assert [p.text for p in block.series[0].points] == ["1,0", "0,5"]
    assert block.axis_title == "Miljoner kronor"
    assert block.alt == "Liggande stapeldiagram. C: 1,0; A: 0,5."
    assert block.notes == ("A report",)
    assert block.data_table.rows[1].cells[0].text == "0,5"


def test_several_columns_are_drawn_beside_each_other():
    block = chart(values=("Granted", "Used"))
    assert block.kind is ChartKind.GROUPED
    assert [s.name for s in block.series] == ["Granted", "Used"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"kind": "pie"}, "data-chart-kind"),
        ({"values": ("Recipient",)}, "data-chart-not-number"),
        ({"values": ("Amont",)}, "unknown-data-column"),
        ({"values": ("Amount",), "unit": "kr"}, "data-chart-unit"),
        ({"values": ("Amount",), "per": 0}, "data-chart-per"),
        ({"values": ("Amount", "Amount"), "kind": "tiles"}, "data-chart-values"),
    ],
)
def test_a_chart_that_cannot_be_drawn_is_refused(options, code):
    with pytest.raises(RequestError) as refused:
        chart(GRANTS, **options)
    assert refused.value.code == code


def test_symbols_do_not_make_a_column_of_numbers_into_text():
    block = data_block(SERIES, load_texts("sv"))
    assert [cell.unit for cell in block.rows[0].cells] == ["number", "number"]
    assert block.rows[1].cells[0].text == ".."
    assert block.rows[2].cells[1].text == "–"


def test_years_are_not_grouped_and_amounts_are():
    content = DataTableContent(
        "", ("Goal", "Year", "Cost"), (("A", "2019", "2019"), ("B", "2020", "12500"), ("C", "", ""))
    )
    block = data_block(content, load_texts("sv"))
    assert [[c.text for c in row.cells] for row in block.rows[:2]] == [
        ["2019", "2\u00a0019"],
        ["2020", "12\u00a0500"],
    ]


def test_a_part_that_is_not_there_has_no_mark_in_a_stacked_bar_but_in_the_table():
    content = DataTableContent("", ("Agency", "Met", "Missed"), (("A", "2", ""), ("B", "1", "3")))
    block = data_chart_block(content, load_texts("sv"), DataChartOptions(kind="stacked"))
    assert [p.text for p in block.series[1].points] == ["", "3"]
    assert block.data_table.rows[0].cells[1].text == "–"


YEARS = DataTableContent(
    "",
    ("Year", "Period", "Cases", "Homes"),
    (("2015", "before", "17", ".."), ("2016", "before", "13", "11"), ("2017", "after", "18", "12")),
)


def made_of_years(**said):
    declared = {
        "years": DataTable(file="years.csv"),
        "wanted": DataTable.model_validate({"from": "years", **said}),
    }
    tables, findings = derive_all(declared, {"years": YEARS}, "sv")
    assert findings == ()
    return tables["wanted"]


def test_change_from_row_to_row_keeps_what_is_missing():
    table = made_of_years(
        select=["Year", "Cases", "Homes"], sum=["Cases", "Homes"], change="change"
    )
    assert table.header == ("Year", "Cases", "Cases: change", "Homes", "Homes: change")
    assert table.rows == (
        ("2015", "17", ".", "..", "."),
        ("2016", "13", "-4", "11", ".."),
        ("2017", "18", "5", "12", "1"),
    )


def test_change_of_groups_from_the_row_above_and_a_sum_row_has_none():
    table = made_of_years(group="Period", sum="Cases", change="Change", total="All")
    assert table.rows == (("before", "30", "."), ("after", "18", "-12"), ("= All", "48", ""))


def test_change_across_columns_of_means_leaves_out_the_total():
    said = {"group": "Period", "columns": "Year", "mean": ["Cases"], "change": "Change"}
    assert made_of_years(**said, total="All").header[-2:] == ("All", "Change")
    said = {"group": "Year", "columns": "Period", "mean": "Cases", "change": "Change"}
    table = made_of_years(**said)
    assert table.rows[0] == ("2015", "17.0", "", "")
    said = {"columns": "Period", "change": "Change", "group": "Place"}
    source = DataTableContent(
        "", ("Place", "Period", "Cases"), (("A", "b", "2"), ("A", "b", "3"), ("A", "e", "1"))
    )
    declared = {
        "years": DataTable(file="years.csv"),
        "wanted": DataTable.model_validate({"from": "years", "mean": "Cases", **said}),
    }
    tables, _ = derive_all(declared, {"years": source}, "sv")
    assert tables["wanted"].rows == (("A", "2.5", "1.0", "-1.5"),)


def test_a_sum_with_a_missing_part_is_missing_and_a_mean_is_of_the_known():
    assert made_of_years(group="Period", sum="Homes").rows[0] == ("before", "..")
    assert made_of_years(group="Period", mean="Homes").rows[0] == ("before", "11.0")
