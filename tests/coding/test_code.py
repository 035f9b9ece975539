from __future__ import annotations

import numpy as np
import pytest

from evaluation.coding.data import Categorical, FreeText, MultiResponse, Numeric
from evaluation.model import ColumnHints, MissingKind
from evaluation.problems import Severity
from tests.coding.raw import brief, code, raw

IN, NA, BAD = MissingKind.ITEM_NONRESPONSE, MissingKind.NOT_ASKED, MissingKind.INVALID
SINGLE = "  - {{id: q, text: Fråga, type: single, options: {}}}\n"
YES_NO = "  - {id: q, text: Fråga, type: single, options: {1: Ja, 2: Nej}}\n"


def categories(variable: object) -> list[str]:
    assert isinstance(variable, Categorical | MultiResponse)
    return [c.label for c in variable.categories]


def codes(variable: object) -> list[int]:
    assert isinstance(variable, Categorical)
    return variable.codes.tolist()


def chosen(variable: object) -> list[list[int]]:
    assert isinstance(variable, MultiResponse)
    return [np.flatnonzero(row).tolist() for row in variable.selected]


class TestSingle:
    def test_code_label_and_other_spellings_mean_the_option(self) -> None:
        book = SINGLE.format("{1: {label: Ja, values: [J]}, 2: Nej}")
        checked = code(book, {"Fråga": ["Ja", "1", "J", "Nej", "2"]})
        assert codes(checked.value.variables["q"]) == [0, 0, 0, 1, 1]
        assert checked.problems == ()

    def test_blanks_around_never_split_an_option(self) -> None:
        checked = code(YES_NO, {"Fråga": ["Ja", "Ja ", "\u00a0Ja", " Nej\t"]})
        assert codes(checked.value.variables["q"]) == [0, 0, 0, 1]
        assert checked.problems == ()

    def test_case_and_dashes_are_tolerated_and_counted(self) -> None:
        checked = code(YES_NO, {"Fråga": ["JA", "ja", "JA", "1.0"]})
        assert codes(checked.value.variables["q"]) == [0, 0, 0, 0]
        assert {(p.code, p.severity, p.value, p.row, p.count) for p in checked.problems} == {
            ("answer-spelling", Severity.NOTE, "Ja", 2, 2),
            ("answer-spelling", Severity.NOTE, "Ja", 3, 1),
            ("answer-spelling", Severity.NOTE, "Ja", 5, 1),
        }

    def test_blank_is_item_nonresponse(self) -> None:
        checked = code(YES_NO, {"Fråga": ["Ja", "", "  "]}, intake={"minimum_answered": 0})
        assert codes(checked.value.variables["q"]) == [0, IN, IN]

    def test_unknown_option_is_counted_under_its_own_name(self) -> None:
        checked = code(YES_NO, {"Fråga": ["Ja", "Kanske", "kanske ", "Nej", "Kanske"]})
        variable = checked.value.variables["q"]
        assert categories(variable) == ["Ja", "Nej", "Kanske"]
        assert codes(variable) == [0, 2, 2, 1, 2]
        assert brief(checked.problems) == [(3, "A", "unknown-option"), (4, "A", "unknown-option")]
        assert [p.rows for p in checked.problems] == [(3, 6), ()]
        assert checked.problems[0].count == 2
        assert checked.problems[0].severity is Severity.WARN

    def test_severity_of_unknown_options_is_declared(self) -> None:
        checked = code(YES_NO, {"Fråga": ["Ja", "Kanske"]}, intake={"unknown_options": "note"})
        assert [p.severity for p in checked.problems] == [Severity.NOTE]

    def test_lone_words_and_addresses_are_not_repeated_in_problems(self) -> None:
        cells = ["Ja", "min chef Karin sa nej", "karin@example.org", "7"]
        checked = code(YES_NO, {"Fråga": cells})
        assert [p.value for p in checked.problems] == ["", "", "7"]
        variable = checked.value.variables["q"]
        assert categories(variable) == ["Ja", "Nej", "7", "?"]
        assert codes(variable) == [0, 3, 3, 2]

    def test_short_options_are_named_and_names_are_not(self) -> None:
        cells = ["Ja", "Vet inte alls", "Karin Svensson", "karin 070-1234567", "Ja och nej"]
        checked = code(YES_NO, {"Fråga": cells})
        assert categories(checked.value.variables["q"])[2:] == ["Ja och nej", "Vet inte alls", "?"]

    def test_an_open_option_takes_unknown_words(self) -> None:
        book = SINGLE.format("{1: Ja, 9: {label: Annat, open: true}}")
        checked = code(book, {"Fråga": ["Ja", "det beror på", "ibland"]})
        assert codes(checked.value.variables["q"]) == [0, 1, 1]
        assert [(p.code, p.value, p.count) for p in checked.problems] == [
            ("answer-in-own-words", "Annat", 2)
        ]

    def test_other_text_takes_unknown_words_and_answers_in_a_blank_cell(self) -> None:
        book = SINGLE.format("{1: Ja, 9: {label: Annat, other_text: Vad}}")
        checked = code(book, {"Fråga": ["Ja", "ibland", "", ""], "Vad": ["", "", "sällan", " "]},
                       intake={"minimum_answered": 0})  # fmt: skip
        assert codes(checked.value.variables["q"]) == [0, 1, 1, IN]
        assert "Vad" not in checked.value.variables

    @pytest.mark.parametrize("cell", ["Ja;Nej", "Nej; Ja;", "Ja, Nej", "1|2", "Ja\nNej"])
    def test_two_answers_are_invalid(self, cell: str) -> None:
        checked = code(YES_NO, {"Fråga": ["Ja", cell]})
        assert codes(checked.value.variables["q"]) == [0, BAD]
        assert brief(checked.problems) == [(3, "A", "two-answers")]
        assert checked.problems[0].severity is Severity.STOP
        assert checked.problems[0].value == ""

    def test_one_answer_with_a_separator_after_it_is_one_answer(self) -> None:
        checked = code(YES_NO, {"Fråga": ["Ja;", "Nej"]})
        assert codes(checked.value.variables["q"]) == [0, 1]

    def test_labels_win_where_they_fit_the_column_better_than_codes(self) -> None:
        scale = "  - {id: q, text: Fråga, type: single, options: {1: 0, 2: 1, 3: 2}}\n"
        assert codes(code(scale, {"Fråga": ["0", "1", "2"]}).value.variables["q"]) == [0, 1, 2]
        assert codes(code(scale, {"Fråga": ["1", "2", "3"]}).value.variables["q"]) == [0, 1, 2]

    def test_declared_and_hinted_missing_values(self) -> None:
        book = SINGLE.format("{1: Ja, 2: Nej}, missing: {-99: item_nonresponse, N/A: not_asked}")
        export = raw(
            {"Fråga": ["1", "-99", "N/A", ".a"]},
            hints={"Fråga": ColumnHints(missing={".a": NA}, value_labels={"1": "Ja"})},
        )
        checked = code(book, [export], intake={"minimum_answered": 0})
        assert codes(checked.value.variables["q"]) == [0, IN, NA, NA]

    def test_value_labels_of_the_export_lead_to_labels(self) -> None:
        hints = {"Fråga": ColumnHints(value_labels={"10": "Ja", "20": "Nej"})}
        checked = code(YES_NO, [raw({"Fråga": ["10", "20"]}, hints=hints)])
        assert codes(checked.value.variables["q"]) == [0, 1]
        assert checked.problems == ()

    def test_an_option_can_stand_for_missing(self) -> None:
        book = SINGLE.format(
            "{1: Ja, 8: {label: Vill inte svara, missing: item_nonresponse}, 2: Nej}"
        )
        checked = code(book, {"Fråga": ["Nej", "Vill inte svara"]}, intake={"minimum_answered": 0})
        assert categories(checked.value.variables["q"]) == ["Ja", "Nej"]
        assert codes(checked.value.variables["q"]) == [1, IN]

    def test_a_wrong_column_does_not_become_hundreds_of_categories(self) -> None:
        cells = [f"svar nummer {i}" for i in range(51)]
        checked = code(YES_NO, {"Fråga": cells})
        assert categories(checked.value.variables["q"]) == ["Ja", "Nej"]
        assert brief(checked.problems)[0] == (2, "A", "too-many-unknown")
        assert [p.count for p in checked.problems] == [51]

    def test_fifty_unknown_answers_are_still_counted(self) -> None:
        checked = code(YES_NO, {"Fråga": [f"svar{i}" for i in range(50)]})
        assert len(categories(checked.value.variables["q"])) == 52

    def test_labels_are_in_the_language_of_the_report(self) -> None:
        book = SINGLE.format("{1: {sv: Ja, en: 'Yes'}, 2: {sv: Nej, en: 'No'}}")
        checked = code(book, {"Fråga": ["Ja", "No"]}, language="en")
        assert categories(checked.value.variables["q"]) == ["Yes", "No"]
        assert codes(checked.value.variables["q"]) == [0, 1]


class TestGrid:
    BOOK = """\
  - id: g
    text: Hur nöjd är du med
    type: grid
    ordered: true
    options: {1: Nöjd, 2: Missnöjd}
    items: {maten: maten, lokalen: {sv: lokalen}}
"""

    def test_items_are_found_by_the_usual_heads(self) -> None:
        for heads in (
            ("maten", "lokalen"),
            ("Hur nöjd är du med [maten]", "Hur nöjd är du med [lokalen]"),
            ("Hur nöjd är du med\n.maten", "Hur nöjd är du med - lokalen"),
        ):
            checked = code(self.BOOK, {heads[0]: ["Nöjd", ""], heads[1]: ["2", "1"]})
            data = checked.value
            assert data.grids == {"g": ("maten", "lokalen")}
            assert codes(data.variables["maten"]) == [0, IN]
            assert codes(data.variables["lokalen"]) == [1, 0]
            assert data.variables["maten"].question == "g"
            assert data.item_texts == {"maten": "maten", "lokalen": "lokalen"}
            assert checked.problems == ()

    def test_items_share_unknown_categories(self) -> None:
        checked = code(self.BOOK, {"maten": ["Nöjd", "Vet ej"], "lokalen": ["Usel", "Nöjd"]})
        both = [categories(checked.value.variables[i]) for i in ("maten", "lokalen")]
        assert both[0] == both[1] == ["Nöjd", "Missnöjd", "Usel", "Vet ej"]


class TestMultipleColumns:
    BOOK = """\
  - id: m
    text: Vilka?
    type: multiple
    options:
      - {code: a, label: Polisen, column: A}
      - {code: b, label: Vården, column: B}
      - {code: c, label: Ingen, column: C, exclusive: true}
"""

    @pytest.mark.parametrize(
        ("yes", "no"),
        [("1", "0"), ("Ja", "Nej"), ("X", ""), ("Checked", "Unchecked"), ("Yes", "No"), ("Y", "")],
    )
    def test_chosen_and_not(self, yes: str, no: str) -> None:
        cells = {"A": [yes, no, no], "B": [yes, yes, no], "C": [no, no, no]}
        checked = code(self.BOOK, cells, intake={"minimum_answered": 0})
        variable = checked.value.variables["m"]
        assert chosen(variable) == [[0, 1], [1], []]
        assert isinstance(variable, MultiResponse)
        assert variable.state.tolist() == [0, 0, IN]
        assert checked.problems == ()

    def test_a_cell_may_hold_the_label_or_code(self) -> None:
        cells = {"A": ["Polisen", ""], "B": ["", "b"], "C": ["", ""]}
        assert chosen(code(self.BOOK, cells).value.variables["m"]) == [[0], [1]]

    def test_declared_values_mean_chosen(self) -> None:
        book = self.BOOK + "    selected: [2]\n"
        cells = {"A": ["1", "2"], "B": ["2", "1"], "C": ["1", "1"]}
        assert chosen(code(book, cells).value.variables["m"]) == [[1], [0]]

    def test_exclusive_beside_others_is_invalid(self) -> None:
        cells = {"A": ["1", "0", "1"], "B": ["0", "0", "1"], "C": ["1", "1", "0"]}
        checked = code(self.BOOK, cells)
        variable = checked.value.variables["m"]
        assert isinstance(variable, MultiResponse)
        assert variable.state.tolist() == [BAD, 0, 0]
        assert chosen(variable) == [[], [2], [0, 1]]
        assert brief(checked.problems) == [(2, "A", "exclusive-clash")]
        assert checked.problems[0].value == "c"
        assert checked.problems[0].severity is Severity.STOP

    def test_marks_of_not_shown_make_the_question_not_asked(self) -> None:
        book = self.BOOK + "    missing: {N/A: not_asked}\n"
        cells = {"A": ["N/A", "Nej", "Ja"], "B": ["N/A", "Nej", "N/A"], "C": ["N/A", "N/A", "Nej"]}
        checked = code(book, cells, intake={"minimum_answered": 0})
        variable = checked.value.variables["m"]
        assert isinstance(variable, MultiResponse)
        assert variable.state.tolist() == [NA, IN, 0]

    def test_whoever_chose_nothing_of_what_was_shown_may_count_as_answered(self) -> None:
        book = self.BOOK + "    none_chosen: answered\n    missing: {NA: not_asked}\n"
        cells = {
            "A": ["Polisen", "Not selected", "", "NA"],
            "B": ["Not selected", "Not selected", "", "NA"],
            "C": ["Not selected", "Not selected", "", "NA"],
        }
        variable = code(book, cells, intake={"minimum_answered": 0}).value.variables["m"]
        assert isinstance(variable, MultiResponse)
        assert variable.state.tolist() == [0, 0, IN, NA]
        assert chosen(variable) == [[0], [], [], []]

    def test_an_option_that_the_form_lacked_is_told_from_one_not_chosen(self) -> None:
        cells = {"A": ["1", "0", "0"], "B": ["", "1", "0"], "C": ["", "", "1"]}
        checked = code(self.BOOK, cells)
        variable = checked.value.variables["m"]
        assert isinstance(variable, MultiResponse)
        assert variable.offered is not None
        assert variable.offered.tolist() == [[True, False, True], [True] * 3, [True] * 3]
        assert brief(checked.problems) == [(2, "B", "option-not-offered")]
        assert checked.problems[0].value == "b"
        assert chosen(variable) == [[0], [1], [2]]

    def test_blank_for_not_chosen_says_nothing_of_the_form(self) -> None:
        checked = code(self.BOOK, {"A": ["1", ""], "B": ["", "1"], "C": ["", ""]})
        variable = checked.value.variables["m"]
        assert isinstance(variable, MultiResponse)
        assert variable.offered is None
        assert checked.problems == ()

    def test_another_options_label_tells_of_a_mixed_up_column(self) -> None:
        cells = {"A": ["Vården", ""], "B": ["", "Vården"], "C": ["", ""]}
        checked = code(self.BOOK, cells)
        assert brief(checked.problems) == [(2, "A", "other-options-label")]

    def test_a_missing_option_column_is_a_problem(self) -> None:
        checked = code(self.BOOK, {"A": ["1"], "B": ["1"]})
        assert [(p.code, p.value) for p in checked.problems] == [("missing-column", "C")]
        assert chosen(checked.value.variables["m"]) == [[0, 1]]

    def test_an_other_text_is_the_column_of_its_option(self) -> None:
        book = self.BOOK + "      - {code: d, label: Annan, other_text: Vem}\n"
        cells = {"A": ["1", ""], "B": ["", ""], "C": ["", ""], "Vem": ["", "grannen"]}
        assert chosen(code(book, cells).value.variables["m"]) == [[0], [3]]


class TestOptionHeads:
    BOOK = "  - {id: m, text: Vilka?, type: multiple, options: {1: Polis, 2: Nej}}\n"

    @pytest.mark.parametrize("form", ["{} [{}]", "{} - {}", "{}: {}", "{} / {}", "{}\n.{}"])
    def test_options_are_found_by_wording_and_label(self, form: str) -> None:
        cells = {
            form.format("Vilka?", "Polis"): ["Ja", ""],
            form.format("Vilka?", "Nej"): ["", "x"],
        }
        checked = code(self.BOOK, cells)
        assert chosen(checked.value.variables["m"]) == [[0], [1]]
        assert checked.problems == ()

    def test_one_that_lacks_is_named(self) -> None:
        checked = code(self.BOOK, {"Vilka? [Polis]": ["Ja"]})
        assert [(p.code, p.value) for p in checked.problems] == [("missing-column", "Vilka? [Nej]")]

    def test_a_column_with_all_answers_goes_first(self) -> None:
        cells = {"Vilka?": ["Polis"], "Vilka? [Polis]": [""], "Vilka? [Nej]": ["x"]}
        assert chosen(code(self.BOOK, cells).value.variables["m"]) == [[0]]

    def test_where_there_is_none_the_question_is_named(self) -> None:
        checked = code(self.BOOK, {"Annat": ["Polis"]}, intake={"minimum_answered": 0})
        assert [p.value for p in checked.problems if p.code == "missing-column"] == ["Vilka?"]


class TestMultipleCell:
    BOOK = """\
  - id: m
    text: Vilka?
    type: multiple
    options: {1: "Polis, brandkår", 2: Vården, 3: "Vården, annan"}
"""

    def test_options_that_hold_the_separator_are_found_whole(self) -> None:
        cells = ["Polis, brandkår, Vården", "Vården, annan", "Vården", "1, 2", ""]
        checked = code(self.BOOK, {"Vilka?": cells}, intake={"minimum_answered": 0})
        assert chosen(checked.value.variables["m"]) == [[0, 1], [2], [1], [0, 1], []]
        assert checked.problems == ()

    @pytest.mark.parametrize("sign", [";", " | ", "\n", ", "])
    def test_the_separator_is_found(self, sign: str) -> None:
        cells = ["Polis, brandkår" + sign + "Vården", "Vården"]
        checked = code(self.BOOK, {"Vilka?": cells})
        assert chosen(checked.value.variables["m"]) == [[0, 1], [1]]

    def test_a_trailing_separator_is_nothing(self) -> None:
        checked = code(self.BOOK, {"Vilka?": ["Vården;", "Vården;Vården;"]})
        assert chosen(checked.value.variables["m"]) == [[1], [1]]

    def test_unknown_pieces_become_categories(self) -> None:
        checked = code(self.BOOK, {"Vilka?": ["Vården;Skolan", "Skolan;Kyrkan", "Vården"]})
        variable = checked.value.variables["m"]
        assert categories(variable)[3:] == ["Kyrkan", "Skolan"]
        assert chosen(variable) == [[1, 4], [3, 4], [1]]
        assert [(p.code, p.row, p.count) for p in checked.problems] == [
            ("unknown-option", 2, 2), ("unknown-option", 3, 1),
        ]  # fmt: skip

    def test_pieces_in_words_of_ones_own_share_a_row_without_a_name(self) -> None:
        cells = ["Vården;min granne Karin Svensson", "Skolan;Karin Svensson", "Skolan"]
        checked = code(self.BOOK, {"Vilka?": cells})
        variable = checked.value.variables["m"]
        assert categories(variable)[3:] == ["Skolan", "?"]
        assert chosen(variable) == [[1, 4], [3, 4], [3]]
        assert sorted(p.value for p in checked.problems) == ["", "", "Skolan"]

    def test_words_of_ones_own_go_to_the_open_option(self) -> None:
        book = self.BOOK.replace("}\n", ", 9: {label: Annat, open: true}}\n")
        checked = code(book, {"Vilka?": ["Vården;min granne, och hans bror"]})
        assert chosen(checked.value.variables["m"]) == [[1, 3]]
        assert [p.code for p in checked.problems] == ["answer-in-own-words"]


class TestNumbersAndDates:
    @pytest.mark.parametrize(
        ("cell", "number"),
        [
            ("3", 3.0), ("3,5", 3.5), ("3.5", 3.5), ("1 341,5", 1341.5), ("1\u00a0341", 1341.0),
            ("1.341,5", 1341.5), ("1,341.5", 1341.5), ("\u22123", -3.0), ("40 timmar", 40.0),
            ("27 %", 27.0), ("1,341", 1.341), ("1.234.567", 1234567.0), ("5e3", 5000.0),
        ],
    )  # fmt: skip
    def test_numbers(self, cell: str, number: float) -> None:
        book = "  - {id: x, text: Tid, type: number, unit: timmar}\n"
        variable = code(book, {"Tid": [cell]}).value.variables["x"]
        assert isinstance(variable, Numeric)
        assert variable.values.tolist() == [number]

    def test_comma_groups_in_an_english_study(self) -> None:
        book = "  - {id: x, text: Time, type: number}\n"
        variable = code(book, {"Time": ["1,341", "2.5"]}, language="en").value.variables["x"]
        assert isinstance(variable, Numeric)
        assert variable.values.tolist() == [1341.0, 2.5]

    def test_what_is_no_number_or_out_of_range_is_invalid(self) -> None:
        book = "  - {id: x, text: Ålder, type: number, minimum: 18, maximum: 65}\n"
        cells = ["18", "17", "65", "66", "arton", "3 4", "nan", ""]
        checked = code(book, {"Ålder": cells}, intake={"minimum_answered": 0})
        variable = checked.value.variables["x"]
        assert isinstance(variable, Numeric)
        assert variable.state.tolist() == [0, BAD, 0, BAD, BAD, BAD, BAD, IN]
        assert np.isnan(variable.values[variable.state != 0]).all()
        assert brief(checked.problems) == [(3, "A", "out-of-range"), (6, "A", "not-a-number")]
        assert [p.count for p in checked.problems] == [2, 3]
        assert [p.value for p in checked.problems] == ["", ""]

    @pytest.mark.parametrize(
        ("cells", "days"),
        [
            (["2022-03-01", "2022-03-02 23:59"], [19052, 19053]),
            (["20220301", "2022/03/02"], [19052, 19053]),
            (["1/3/2022", "31/3/2022"], [19052, 19082]),
            (["3/1/2022", "3/31/22"], [19052, 19082]),
            (["01.03.2022", "31.03.2022"], [19052, 19082]),
        ],
    )
    def test_dates(self, cells: list[str], days: list[float]) -> None:
        checked = code("  - {id: d, text: Dag, type: date}\n", {"Dag": cells})
        variable = checked.value.variables["d"]
        assert isinstance(variable, Numeric)
        assert variable.is_date
        assert variable.values.tolist() == days
        said = {"date-month-first"} if cells[0] == "3/1/2022" else set()
        assert {p.code for p in checked.problems} == said

    def test_ambiguous_and_impossible_dates_are_said(self) -> None:
        book = "  - {id: d, text: Dag, type: date}\n"
        assert brief(code(book, {"Dag": ["3/4/2022"]}).problems) == [(2, "A", "date-ambiguous")]
        mixed = code(book, {"Dag": ["13/4/2022", "4/13/2022"]}).problems
        assert {p.code for p in mixed} == {"date-mixed", "not-a-date"}
        assert brief(code(book, {"Dag": ["2022-02-30"]}).problems) == [(2, "A", "not-a-date")]

    def test_text_keeps_only_whether_it_was_written(self) -> None:
        checked = code("  - {id: t, text: Övrigt, type: text}\n", {"Övrigt": ["hej", " "]},
                       intake={"minimum_answered": 0})  # fmt: skip
        variable = checked.value.variables["t"]
        assert isinstance(variable, FreeText)
        assert variable.state.tolist() == [0, IN]
        assert "hej" not in repr(checked)


class TestFiltersAndDerived:
    FILTERED = (
        YES_NO
        + "  - {id: r, text: Vidare, type: single, options: [A, B], asked_if: 'q == \"ja\"'}\n"
    )

    def test_filtered_away_is_not_asked_and_an_answer_is_kept_out(self) -> None:
        cells = {"Fråga": ["Ja", "Nej", "Nej", ""], "Vidare": ["A", "", "B", ""]}
        checked = code(self.FILTERED, cells, intake={"minimum_answered": 0})
        assert codes(checked.value.variables["r"]) == [0, NA, NA, NA]
        assert brief(checked.problems) == [(4, "B", "answered-though-filtered")]
        assert checked.problems[0].severity is Severity.WARN

    def test_filters_chain(self) -> None:
        book = (
            self.FILTERED
            + "  - {id: s, text: Sist, type: single, options: [C], asked_if: r == 1}\n"
        )
        cells = {"Fråga": ["Ja", "Nej"], "Vidare": ["A", "A"], "Sist": ["C", "C"]}
        assert codes(code(book, cells).value.variables["s"]) == [0, NA]

    def test_filter_on_multiple_and_grid(self) -> None:
        book = TestMultipleCell.BOOK + TestGrid.BOOK + (
            "  - {id: s, text: Sist, type: single, options: [C],\n"
            "     asked_if: '\"Vården\" in m and answered(g)'}\n"
        )  # fmt: skip
        cells = {
            "Vilka?": ["Vården", "Vården", "1"], "maten": ["1", "", "1"],
            "lokalen": ["", "", "1"], "Sist": ["C", "", ""],
        }  # fmt: skip
        assert codes(code(book, cells).value.variables["s"]) == [0, NA, NA]

    def test_options_grouped(self) -> None:
        book = """\
  - id: g
    text: Grupp
    type: single
    recode: q
    options: {x: {label: Ett, values: [1, Två]}, y: {label: Resten, open: true}}
  - {id: q, text: Fråga, type: single, options: {1: En, 2: Två, 3: Tre}}
"""
        checked = code(
            book, {"Fråga": ["En", "Två", "Tre", "", "Fyra"]}, intake={"minimum_answered": 0}
        )
        assert list(checked.value.variables) == ["g", "q"]
        assert codes(checked.value.variables["g"]) == [0, 0, 1, IN, 1]

    def test_numbers_cut_into_groups(self) -> None:
        book = """\
  - {id: x, text: Ålder, type: number}
  - {id: g, text: Grupp, type: single, recode: x, bins: [18, 30, 50], options: [a, b, c]}
  - {id: h, text: Ålder, type: single, bins: [18, 30, 50], options: [a, b, c]}
"""
        cells = {"Ålder": ["17", "18", "29,9", "30", "50", "99", "", "x"]}
        checked = code(book, cells, intake={"minimum_answered": 0})
        expected = [NA, 0, 0, 1, 2, 2, IN, BAD]
        assert codes(checked.value.variables["g"]) == expected
        assert codes(checked.value.variables["h"]) == expected

    def test_multiple_answers_grouped(self) -> None:
        book = TestMultipleCell.BOOK + (
            "  - {id: g, text: Grupp, type: multiple, recode: m,\n"
            "     options: {v: {label: Vård, values: [2, 3]}}}\n"
        )
        checked = code(book, {"Vilka?": ["2", "2;3", "1", ""]}, intake={"minimum_answered": 0})
        variable = checked.value.variables["g"]
        assert isinstance(variable, MultiResponse)
        assert variable.state.tolist() == [0, 0, NA, IN]
        assert chosen(variable) == [[0], [0], [], []]


class TestColumns:
    def test_missing_and_renamed_columns_are_named_with_the_nearest(self) -> None:
        checked = code(YES_NO, {"Fråga 1": ["Ja"], "Datum": ["x"]}, intake={"minimum_answered": 0})
        assert [(p.code, p.value, p.expected, p.severity) for p in checked.problems] == [
            ("missing-column", "Fråga", "Fråga 1", Severity.STOP),
            ("unused-column", "Fråga 1", "", Severity.NOTE),
            ("unused-column", "Datum", "", Severity.NOTE),
        ]
        assert codes(checked.value.variables["q"]) == [NA]

    def test_the_nearest_head_is_one_that_is_not_used(self) -> None:
        book = YES_NO.replace("Fråga", "Fråga A") + "  - {id: r, text: Fråga B, type: text}\n"
        checked = code(book, {"Fråga A": ["Ja"], "Fråga nr B": ["x"]})
        assert [p.expected for p in checked.problems if p.code == "missing-column"] == [
            "Fråga nr B"
        ]

    def test_a_head_in_other_spelling_is_used_with_a_note(self) -> None:
        checked = code(YES_NO, {"FRÅGA": ["Ja"]})
        assert codes(checked.value.variables["q"]) == [0]
        assert brief(checked.problems) == [(0, "A", "head-spelling")]

    def test_blanks_in_heads_do_not_matter(self) -> None:
        assert code(YES_NO, {" Fråga\u00a0": ["Ja"]}).problems == ()

    def test_identity_never_becomes_a_variable(self) -> None:
        book = YES_NO + "  - {id: namn, text: Namn, type: text, role: identity}\n"
        checked = code(book, {"Fråga": ["Ja"], "Namn": ["Karin"]})
        assert list(checked.value.variables) == ["q"]
        assert checked.problems == ()
        assert "Karin" not in repr(checked)

    def test_columns_that_the_tool_adds_are_not_called_unused(self) -> None:
        export = raw({"Fråga": ["Ja"], "Start": ["1"]}, hints={"Start": ColumnHints(role="start")})
        assert code(YES_NO, [export]).problems == ()

    def test_files_are_put_below_each_other_by_head(self) -> None:
        book = YES_NO + "  - {id: r, text: Ny, type: single, options: [A, B]}\n"
        first = raw({"Fråga": ["Ja", "Nej"]}, "a.csv")
        second = raw({"Ny": ["B"], "fråga": ["Ja"]}, "b.csv")
        checked = code(book, [first, second])
        data = checked.value
        assert codes(data.variables["q"]) == [0, 1, 0]
        assert codes(data.variables["r"]) == [NA, NA, 1]
        assert (data.files, data.file_row.tolist()) == (("a.csv", "b.csv"), [2, 3, 2])
        assert data.file_of is not None
        assert data.file_of.tolist() == [0, 0, 1]
        assert [(p.code, p.file, p.value) for p in checked.problems] == [
            ("column-not-in-file", "a.csv", "Ny")
        ]

    def test_the_letter_is_that_of_the_file_where_the_row_stands(self) -> None:
        first = raw({"Fråga": ["Ja"]}, "a.csv")
        second = raw({"Annat": [""], "Fråga": ["Tja"]}, "b.csv")
        problems = code(YES_NO, [first, second]).problems
        assert [(p.file, p.row, p.column) for p in problems if p.code == "unknown-option"] == [
            ("b.csv", 2, "B (Fråga)")
        ]

    def test_no_rows_at_all(self) -> None:
        checked = code(YES_NO, {"Fråga": []})
        assert checked.value.n == 0
        assert checked.value.intake.n_rows == 0
        assert code(YES_NO, []).value.n == 0


def test_weights_must_be_there_and_not_negative() -> None:
    book = YES_NO + "  - {id: w, text: Vikt, type: number, role: weight}\n"
    checked = code(book, {"Fråga": ["Ja", "Ja", "Ja"], "Vikt": ["1,5", "", "-1"]})
    assert brief(checked.problems) == [(3, "B", "weight-missing"), (4, "B", "weight-negative")]


def test_faults_of_rows_that_do_not_count_stop_nobody() -> None:
    cells = {"Fråga": ["Ja", "Rappakalja"], "Status": ["", "Test"]}
    checked = code(YES_NO, cells, intake={"test_if": 'col:Status == "Test"'})
    assert checked.problems == ()
    assert categories(checked.value.variables["q"]) == ["Ja", "Nej"]


class TestDoubtfulColumns:
    def test_decimal_comma_and_point_in_one_column(self) -> None:
        book = "  - {id: x, text: Belopp, type: number}\n"
        checked = code(book, {"Belopp": ["1,5", "2,5", "3.5", "4", "5 kr"]})
        assert brief(checked.problems) == [(4, "A", "decimal-mixed")]
        variable = checked.value.variables["x"]
        assert isinstance(variable, Numeric)
        assert variable.values.tolist() == [1.5, 2.5, 3.5, 4, 5]

    def test_one_decimal_sign_is_no_problem(self) -> None:
        book = "  - {id: x, text: Belopp, type: number}\n"
        assert code(book, {"Belopp": ["1,5", "2,5", "4"]}).problems == ()
        assert code(book, {"Belopp": ["1.5", "2.5", "4"]}).problems == ()

    def test_a_second_column_with_the_head_of_a_question(self) -> None:
        checked = code(YES_NO, {"Fråga": ["Ja"], "Fråga (2)": ["Nej"], "Annan (2)": ["x"]})
        found = {(p.code, p.severity) for p in checked.problems}
        assert found == {
            ("duplicate-question-head", Severity.WARN),
            ("unused-column", Severity.NOTE),
        }
