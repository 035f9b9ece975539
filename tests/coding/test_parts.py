"""A survey coded in parts is the survey coded in one: whatever the parts, to the last byte."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.codebook.schema import Survey
from evaluation.coding.code import code_parts, code_survey
from evaluation.coding.coder import Manner
from evaluation.coding.columns import part_of, stack
from evaluation.coding.intake import intake_table
from evaluation.model import RawColumn, RawResponses
from tests.coding.raw import codebook, raw

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evaluation.coding.columns import Stacked
    from evaluation.coding.data import CodedData
    from evaluation.problems import Checked

BOOK = """\
  - {id: gender, text: Kön, type: single, role: background, options: {w: Kvinna, m: Man}}
  - {id: scale, text: Skala, type: single, ordered: true, options: {1: "0", 2: "1", 3: "2"}}
  - id: why
    text: Varför
    type: single
    options: {1: Ja, 2: Nej, 3: {label: Annat, open: true}}
    asked_if: gender == "w"
  - id: g
    text: Hur är
    type: grid
    options: {1: Bra, 2: Usel}
    items: {food: maten, room: lokalen}
  - id: who
    text: Vilka
    type: multiple
    options:
      - {code: a, label: Polis}
      - {code: b, label: "Skola, dag"}
      - {code: c, label: Ingen, exclusive: true}
  - id: where
    text: Var
    type: multiple
    options: {h: {label: Hemma, column: Var_1}, w: {label: Jobbet, column: Var_2}}
  - {id: years, text: År, type: number, minimum: 0, maximum: 60}
  - {id: age, text: Grupp, recode: years, type: single, bins: [0, 10], options: {1: Få, 2: Många}}
  - {id: born, text: Född, type: date}
  - {id: words, text: Ord, type: text}
  - {id: few, text: Få, recode: scale, type: single, options: {1: {label: Låg, values: [1]}, 2: {label: Hög, values: [2, 3]}}}
  - {id: w, text: Vikt, type: number, role: weight}
"""
SURVEY = {
    "data": "answers.csv",
    "design": {"weight": "w"},
    "intake": {
        "id": "Nr",
        "person": "Vem",
        "submitted": "När",
        "duplicates": "last",
        "test_if": 'col:Läge == "prov"',
        "complete_share": 0.5,
        "minimum_answered": 1,
    },
}

CELLS = {
    "Nr": ["1", "2", "3", "4", "5", "6", "", "7", "8"],
    "Vem": ["anna", "Anna ", "bo", "", "anonym", "eva"],
    "När": ["3/4/2022 10:00", "13/4/2022", "4/5/2022 8:00", "", "2022-06-01"],
    "Läge": ["", "prov"],
    "Kön": ["Kvinna", "man", "Man", "", "Annat kön", "X", "två tre fyra ord om saken"],
    "Skala": ["0", "1", "2", "3", ""],
    "Varför": ["Ja", "Nej", "", "för att jag ville", "Ja, Nej"],
    "maten": ["Bra", "Usel", "", "Okej"],
    "lokalen": ["Bra", "usel", "Okej", "Vet ej"],
    "Vilka": ["Polis", "Polis, Skola, dag", "Polis;Ingen", "Ingen", "", "Granne, Polis", "Polis; Vän"],
    "Var_1": ["0", "1", "", "Hemma", "Jobbet"],
    "Var_2": ["1", "", "x"],
    "År": ["3", "4,5", "6.5", "70", "tre", ""],
    "Född": ["1/2/2000", "13/2/2000", "2/14/2000", "2000-01-01", "i våras", ""],
    "Ord": ["Bra jobbat", "", "-"],
    "Vikt": ["1", "0,5", "", "-1"],
    "Oanvänd": ["", "", "mer"],
}  # fmt: skip


def cut(export: RawResponses, sizes: Sequence[int]) -> Iterator[RawResponses]:
    """Cut an export into parts, each with the texts of its own rows only."""
    start = 0
    for size in sizes:
        columns = []
        for column in export.columns:
            texts = [column.values[i] for i in column.index[start : start + size].tolist()]
            values = tuple(dict.fromkeys(texts))
            index = np.array([values.index(t) for t in texts], dtype=np.int32)
            columns.append(replace(column, values=values, index=index))
        rows = export.file_row[start : start + size]
        start += size
        if len(rows):
            yield RawResponses(export.source, tuple(columns), rows)


class Parts:
    """All parts of all exports, as often as asked."""

    def __init__(self, exports: Sequence[RawResponses], sizes: Sequence[int]) -> None:
        self.exports, self.sizes = exports, sizes
        nobody = np.empty(0, np.int32)
        self.frame = stack(
            [
                RawResponses(
                    e.source,
                    tuple(RawColumn(c.header, c.position, (), nobody, c.hints) for c in e.columns),
                    nobody,
                )
                for e in exports
            ]
        )

    def __iter__(self) -> Iterator[Stacked]:
        for number, export in enumerate(self.exports):
            for rows in cut(export, self.sizes):
                yield part_of(self.frame, number, rows)


def in_parts(
    book: str, survey: dict, exports: Sequence[RawResponses], sizes: Sequence[int]
) -> Checked[CodedData]:
    """Code in parts and put the result together."""
    manner = Manner(codebook(book), Survey.model_validate(survey), "sv")
    coded = code_parts("s", manner, Parts(exports, sizes), [])
    parts = list(coded.value)
    variables = {
        name: replace(
            first,
            **{
                f.name: np.concatenate([getattr(p.variables[name], f.name) for p in parts])
                for f in fields(first)
                if f.name in {"codes", "selected", "state", "values"}
            },
        )
        for name, first in parts[0].variables.items()
    }
    for part in parts:
        for name, variable in part.variables.items():
            assert getattr(variable, "categories", None) == getattr(
                variables[name], "categories", None
            )
    data = replace(
        parts[0],
        n=sum(p.n for p in parts),
        variables=variables,
        file_row=np.concatenate([p.file_row for p in parts]),
        file_of=np.concatenate([p.file_of for p in parts]),
        person=None if parts[0].person is None else np.concatenate([p.person for p in parts]),
        intake=intake_table(coded.value.status),
    )
    return replace(coded, value=data)


def assert_same(one: Checked[CodedData], other: Checked[CodedData]) -> None:
    assert other.problems == one.problems
    a, b = one.value, other.value
    for name in ("survey", "n", "grids", "file", "intake", "item_texts", "files"):
        assert getattr(a, name) == getattr(b, name), name
    for name in ("file_row", "file_of", "person"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)
    assert list(a.variables) == list(b.variables)
    for name, mine in a.variables.items():
        theirs = b.variables[name]
        for f in fields(mine):
            if f.name == "offered":  # whether anybody lacked an option is said of all rows
                continue
            x, y = getattr(mine, f.name), getattr(theirs, f.name)
            if isinstance(x, np.ndarray):
                assert x.dtype == y.dtype, (name, f.name)
                np.testing.assert_array_equal(x, y, err_msg=f"{name}.{f.name}")
            else:
                assert x == y, (name, f.name)


def exports_of(rows: Sequence[dict[str, str]], split: int) -> list[RawResponses]:
    """Put rows into one file, or into two of which the second lacks columns."""
    files = [rows[:split], rows[split:]] if 0 < split < len(rows) else [rows]
    exports = []
    for number, mine in enumerate(files):
        heads = [h for h in CELLS if not (number and h in {"Ord", "lokalen", "Var_2"})]
        columns = {("kön " if number and h == "Kön" else h): [r[h] for r in mine] for h in heads}
        exports.append(raw(columns, file=f"{number}.csv"))
    return exports


ROW = st.fixed_dictionaries({head: st.sampled_from(cells) for head, cells in CELLS.items()})


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(ROW, min_size=1, max_size=14),
    split=st.integers(0, 14),
    sizes=st.lists(st.integers(1, 6), min_size=14, max_size=14),
    duplicates=st.sampled_from(["first", "last", "problem"]),
)
def test_any_parts_are_the_whole(rows, split, sizes, duplicates):
    survey = {**SURVEY, "intake": {**SURVEY["intake"], "duplicates": duplicates}}
    exports = exports_of(rows, split)
    whole = code_survey("s", codebook(BOOK), Survey.model_validate(survey), exports, "sv")
    assert_same(whole, in_parts(BOOK, survey, exports, sizes))


def both(book: str, columns: dict[str, list[str]], sizes: Sequence[int], **survey: object):
    entry = {"data": "answers.csv", **survey}
    exports = [raw(columns)]
    whole = code_survey("s", codebook(book), Survey.model_validate(entry), exports, "sv")
    parts = in_parts(book, entry, exports, sizes)
    assert_same(whole, parts)
    return parts


def test_an_answer_that_first_appears_in_the_last_part_is_a_category_in_all():
    book = "  - {id: q, text: F, type: single, options: {1: Ja, 2: Nej}}\n"
    found = both(book, {"F": ["Ja", "Nej", "Ja", "Kanske"]}, [1, 1, 1, 1])
    assert [c.label for c in found.value.variables["q"].categories] == ["Ja", "Nej", "Kanske"]
    assert [(p.code, p.row, p.value) for p in found.problems] == [("unknown-option", 5, "Kanske")]


def test_whether_codes_or_labels_is_decided_by_all_rows():
    book = '  - {id: q, text: F, type: single, options: {1: "0", 2: "1", 3: "2"}}\n'
    found = both(book, {"F": ["1", "2", "1", "0"]}, [2, 2])  # the 0 is a label: so are the rest
    assert found.value.variables["q"].codes.tolist() == [1, 2, 1, 0]


def test_a_name_is_shown_where_several_gave_it_in_different_parts():
    book = "  - {id: q, text: F, type: single, options: {1: Ja, 2: Nej}}\n"
    answer = "en lite längre utläggning om saken"
    found = both(book, {"F": [answer, "Ja", answer]}, [1, 1, 1])
    assert [(p.value, p.rows) for p in found.problems] == [(answer, (2, 4))]
    once = both(book, {"F": [answer, "Ja", "Ja"]}, [1, 1, 1])
    assert [p.value for p in once.problems] == [""]


def test_who_answers_twice_is_seen_across_parts():
    book = "  - {id: q, text: F, type: single, options: {1: Ja, 2: Nej}}\n"
    columns = {
        "F": ["Ja", "Nej", "Ja", "Ja"],
        "Vem": ["a", "b", "A", "b"],
        "När": ["5/3/2022", "", "3/4/2022", "2/14/2022"],
    }
    survey = {"intake": {"person": "Vem", "submitted": "När"}}
    found = both(book, columns, [1, 2, 1], **survey)
    # Only the last row tells that the month comes first, so that the first is of May.
    assert found.value.file_row.tolist() == [2, 5]
    assert [(p.code, p.rows) for p in found.problems] == [("double-submission", (3, 4))]


def test_the_rarer_decimal_sign_is_that_of_all_rows():
    book = "  - {id: q, text: F, type: number}\n"
    found = both(book, {"F": ["1,5", "2.5", "3.5", "1,0", "2,0"]}, [3, 2])
    assert [(p.code, p.rows) for p in found.problems] == [("decimal-mixed", (3, 4))]


def test_blank_means_not_offered_where_another_part_marks_what_was_not_chosen():
    book = """\
  - id: q
    text: F
    type: multiple
    options: {a: {label: A, column: F_1}, b: {label: B, column: F_2}}
"""
    found = both(book, {"F_1": ["1", "1", "0"], "F_2": ["", "1", "1"]}, [1, 1, 1])
    assert found.problems == ()
    found = both(book, {"F_1": ["", "1", "0"], "F_2": ["1", "1", "1"]}, [1, 1, 1])
    assert [(p.code, p.row) for p in found.problems] == [("option-not-offered", 2)]


def test_categories_of_rows_that_do_not_count_are_dropped_in_all_parts():
    book = "  - {id: q, text: F, type: single, options: {1: Ja, 2: Nej}}\n"
    columns = {"F": ["Ja", "X1", "Nej", "X2"], "Läge": ["", "prov", "", ""]}
    found = both(book, columns, [2, 2], intake={"test_if": 'col:Läge == "prov"'})
    assert [c.label for c in found.value.variables["q"].categories] == ["Ja", "Nej", "X2"]
    assert found.value.variables["q"].codes.tolist() == [0, 1, 2]


def test_very_many_rows_with_one_fault_are_counted():
    book = "  - {id: q, text: F, type: single, options: {1: Ja, 2: Nej}}\n"
    found = both(book, {"F": ["ja"] * 25_000 + ["Nej"]}, [7_000] * 4)
    (problem,) = found.problems
    assert (problem.row, problem.count, len(problem.rows)) == (2, 25_000, 10_000)
