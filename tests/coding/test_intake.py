from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.coding.data import Categorical
from evaluation.model import IntakeStatus, MissingKind
from evaluation.problems import Severity
from tests.coding.raw import brief, code, raw

BOOK = """\
  - {id: q1, text: Ett, type: single, options: {1: Ja, 2: Nej}}
  - {id: q2, text: Två, type: single, options: {1: Ja, 2: Nej}}
  - {id: q3, text: Tre, type: single, options: {1: Ja, 2: Nej}, asked_if: q1 == 1}
  - {id: t, text: Fritext, type: text}
"""


def statuses(columns: dict[str, list[str]], **intake: object) -> list[str]:
    n = len(next(iter(columns.values())))
    full = {head: ["1"] * n for head in ("Ett", "Två", "Tre")} | {"Fritext": [""] * n} | columns
    checked = code(BOOK, full, intake=intake)
    return [s.value for s in checked.value.intake.status]


def test_share_of_the_questions_asked_decides() -> None:
    # Asked: three closed questions where the first is "Ja", else two; open text is not counted.
    columns = {
        "Ett": ["1", "1", "2", "2", ""],
        "Två": ["1", "", "", "1", ""],
        "Tre": ["", "", "", "", ""],
        "Fritext": ["", "x", "", "", "x"],
    }
    assert statuses(columns, complete_share=0.5) == [
        "complete", "partial", "complete", "complete", "partial",
    ]  # fmt: skip
    assert statuses(columns, complete_share=1.0)[:4] == [
        "partial",
        "partial",
        "partial",
        "complete",
    ]
    assert statuses(columns, complete_share=0.0) == ["complete"] * 5


def test_exactly_the_share_is_enough() -> None:
    columns = {"Ett": ["2", "2"], "Två": ["", "1"]}
    assert statuses(columns, complete_share=0.5) == ["complete", "complete"]
    assert statuses(columns, complete_share=0.51) == ["partial", "complete"]


def test_rules_in_their_order() -> None:
    columns = {
        "Status": ["Test", "Screen", "Bad", "", "", ""],
        "Två": ["1", "1", "1", "", "1", "2"],
        "Ett": ["1", "1", "1", "", "1", "1"],
        "Tre": ["1", "1", "1", "", "1", "1"],
    }
    assert statuses(
        columns,
        test_if='col:Status == "test"',
        screened_out_if="col:Status in ('Screen', 'Test')",
        invalid_if="col:Status == 'Bad'",
        complete_if="q2 == 'Ja'",
    ) == ["test", "screened_out", "invalid", "invalid", "complete", "partial"]


def test_an_empty_submission_is_invalid_unless_declared() -> None:
    columns = {"Ett": ["", ""], "Två": ["", ""], "Tre": ["", ""], "Fritext": ["", "ord"]}
    assert statuses(columns) == ["invalid", "partial"]
    assert statuses(columns, minimum_answered=0) == ["partial", "partial"]
    assert statuses(columns, minimum_answered=2) == ["invalid", "invalid"]


def test_a_repeated_id_is_a_problem_and_counts_once() -> None:
    columns = {"Ett": ["1", "2", "1", "1"], "Två": ["1"] * 4, "Tre": [""] * 4,
               "Fritext": [""] * 4, "Nr": ["7", "8", "7", ""]}  # fmt: skip
    checked = code(BOOK, columns, intake={"id": "Nr"})
    assert [s.value for s in checked.value.intake.status] == [
        "complete", "complete", "duplicate", "complete",
    ]  # fmt: skip
    found = [p for p in checked.problems if p.severity is Severity.STOP]
    assert brief(found) == [(4, "E", "duplicate-id")]
    assert found[0].value == "2"  # the row where the id stands first


@pytest.mark.parametrize(("rule", "winner"), [("first", 0), ("last", 2), ("problem", 2)])
def test_one_submission_per_person_wins(rule: str, winner: int) -> None:
    columns = {"Ett": ["1"] * 5, "Två": ["1"] * 5, "Tre": ["1"] * 5, "Fritext": [""] * 5,
               "E-post": ["a@b.se", "", "A@B.se ", "a@b.se", "anonymous"],
               "Tid": ["2022-01-01 08:00", "", "2022-01-03 09:00", "2022-01-03", ""]}  # fmt: skip
    checked = code(
        BOOK, columns, intake={"person": "E-post", "submitted": "Tid", "duplicates": rule}
    )
    kept = [i for i, s in enumerate(checked.value.intake.status) if s is IntakeStatus.COMPLETE]
    assert kept == sorted({winner, 1, 4})
    problem = next(p for p in checked.problems if p.code == "double-submission")
    assert (problem.count, problem.value) == (2, "")
    assert problem.severity is (Severity.STOP if rule == "problem" else Severity.NOTE)


def test_without_a_time_the_place_in_the_file_decides() -> None:
    columns = {"Ett": ["1", "2"], "Person": ["a", "a"]}
    assert statuses(columns, person="Person") == ["duplicate", "complete"]


def test_a_test_answer_wins_over_nobody() -> None:
    columns = {"Person": ["a", "a"], "Status": ["", "Test"]}
    assert statuses(columns, person="Person", test_if='col:Status == "Test"') == [
        "complete",
        "test",
    ]


def test_a_person_may_answer_once_for_each_occasion() -> None:
    book = (
        BOOK
        + "  - {id: o, text: Gång, type: single, role: occasion, options: {1: Första, 2: Andra}}\n"
    )
    columns = {"Ett": ["1"] * 4, "Två": ["1"] * 4, "Tre": ["1"] * 4, "Fritext": [""] * 4,
               "Person": ["a", "a", "b", "a"], "Gång": ["1", "2", "1", "2"]}  # fmt: skip
    checked = code(book, columns, intake={"person": "Person"}, occasion="o")
    assert [s.value for s in checked.value.intake.status] == [
        "complete", "duplicate", "complete", "complete",
    ]  # fmt: skip


def test_partial_answers_can_be_left_out() -> None:
    columns = {"Ett": ["1", "1"], "Två": ["1", ""], "Tre": ["1", ""], "Fritext": ["", ""]}
    assert code(BOOK, columns).value.n == 2
    kept = code(BOOK, columns, intake={"include_partial": False}).value
    assert (kept.n, kept.file_row.tolist()) == (1, [2])


def test_a_rule_on_a_column_that_is_missing_is_a_problem_and_holds_for_none() -> None:
    columns = {"Ett": ["1"], "Två": ["1"], "Tre": ["1"], "Fritext": [""], "Statuss": ["Test"]}
    checked = code(BOOK, columns, intake={"test_if": 'col:Status == "Test"'})
    assert checked.value.n == 1
    assert ("missing-column", "Status", "Statuss") in [
        (p.code, p.value, p.expected) for p in checked.problems
    ]


# --- properties ---------------------------------------------------------------------

CELLS = st.sampled_from(["", "1", "2", "Ja", "nej ", "Kanske", "Ja;Nej", "9"])
ROWS = st.lists(
    st.tuples(CELLS, CELLS, CELLS, st.sampled_from(["", "hej"]),
              st.sampled_from(["", "a", "b", "c", "d", "e"]), st.sampled_from(["", "Test"])),
    max_size=30,
)  # fmt: skip
HEADS = ("Ett", "Två", "Tre", "Fritext", "Person", "Status")
INTAKE = {"person": "Person", "submitted": "Tid", "test_if": 'col:Status == "Test"'}


def coded(rows: list[tuple[str, ...]], order: list[int]):  # type: ignore[no-untyped-def]
    columns = {head: [rows[i][place] for i in order] for place, head in enumerate(HEADS)}
    columns["Tid"] = [f"2022-01-01 {i // 60:02}:{i % 60:02}" for i in order]
    return code(BOOK, columns, intake=INTAKE)


@given(ROWS)
def test_every_row_has_exactly_one_status(rows: list[tuple[str, ...]]) -> None:
    data = coded(rows, list(range(len(rows)))).value
    assert sum(data.intake.counts.values()) == data.intake.n_rows == len(rows)
    assert set(data.intake.counts) == set(IntakeStatus)
    assert Counter(data.intake.status) == Counter(
        {s: n for s, n in data.intake.counts.items() if n}
    )
    kept = data.intake.counts[IntakeStatus.COMPLETE] + data.intake.counts[IntakeStatus.PARTIAL]
    assert data.n == kept == len(data.file_row)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: list[tuple[str, ...]], random) -> None:  # type: ignore[no-untyped-def]
    straight = list(range(len(rows)))
    shuffled = straight.copy()
    random.shuffle(shuffled)
    first, second = coded(rows, straight), coded(rows, shuffled)
    assert first.value.intake.counts == second.value.intake.counts
    for name, variable in first.value.variables.items():
        other = second.value.variables[name]
        if isinstance(variable, Categorical):
            assert isinstance(other, Categorical)
            assert variable.categories == other.categories
            assert Counter(variable.codes.tolist()) == Counter(other.codes.tolist())
    kinds = [Counter((p.code, p.value, p.count) for p in c.problems) for c in (first, second)]
    assert {k: n for k, n in kinds[0].items() if k[0] != "answer-spelling"} == {
        k: n for k, n in kinds[1].items() if k[0] != "answer-spelling"
    }


@given(ROWS)
def test_codes_are_categories_or_missing_kinds(rows: list[tuple[str, ...]]) -> None:
    data = coded(rows, list(range(len(rows)))).value
    for variable in data.variables.values():
        if isinstance(variable, Categorical):
            assert variable.codes.dtype == np.int16
            assert set(variable.codes[variable.codes < 0].tolist()) <= set(MissingKind)
            assert (variable.codes < len(variable.categories)).all()
            met = set(variable.codes.tolist())
            assert set(range(2, len(variable.categories))) <= met  # data-only categories are met


@given(ROWS)
def test_nothing_raw_is_changed(rows: list[tuple[str, ...]]) -> None:
    columns = {head: [row[place] for row in rows] for place, head in enumerate(HEADS)}
    columns["Tid"] = ["2022-01-01"] * len(rows)
    export = raw(columns)
    before = [(c.values, c.index.copy()) for c in export.columns]
    code(BOOK, [export], intake=INTAKE)
    for column, (values, index) in zip(export.columns, before, strict=True):
        assert column.values == values
        assert (column.index == index).all()
