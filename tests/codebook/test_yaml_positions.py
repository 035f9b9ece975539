from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from evaluation.codebook.yaml_positions import MAX_DEPTH, locate, plain, read_yaml, walk


def value(text: str) -> object:
    read = read_yaml(text, "f.yaml")
    assert read.problems == ()
    assert read.value is not None
    return plain(read.value)


def test_words_that_look_like_truth_stay_words() -> None:
    text = "a: Nej\nb: no\nc: on\nd: [yes, Off, y]\ne: true\nf: False\ng: null\nh: ~\ni:\n"
    assert value(text) == {
        "a": "Nej", "b": "no", "c": "on", "d": ["yes", "Off", "y"],
        "e": True, "f": False, "g": None, "h": None, "i": None,
    }  # fmt: skip


def test_numbers_dates_and_codes() -> None:
    text = "[1, -2, 01, 1.5, 1e3, .5, 1_000, 12:30, 2022-03-01, '3', 0x10, 1.50]"
    read = value(text)
    assert read == [1, -2, "01", 1.5, 1000.0, 0.5, "1_000", "12:30", "2022-03-01", "3", "0x10", 1.5]
    assert isinstance(read, list)
    assert [str(x) for x in read[-1:]] == ["1.50"]


def test_keys_are_texts_as_written() -> None:
    assert value("1: a\n01: b\n-99: c\nNo: d\n'x y': e") == {
        "1": "a", "01": "b", "-99": "c", "No": "d", "x y": "e",
    }  # fmt: skip


def test_places_count_from_one() -> None:
    read = read_yaml("a: 1\nb:\n  - c: 2\n    d: 3\n", "f.yaml").value
    assert read is not None
    assert locate(read, ("b", 0, "d")) == (4, 5)
    assert locate(read, ("b", 0, "unknown", "deeper")) == (3, 5)
    assert locate(read, ()) == (1, 1)
    assert [path for path, _ in walk(read)] == [
        (),
        ("a",),
        ("b",),
        ("b", 0),
        ("b", 0, "c"),
        ("b", 0, "d"),
    ]


def test_one_list_of_options_can_serve_many_questions() -> None:
    assert value("a: &x [1, 2]\nb: *x\nc: {d: *x}") == {
        "a": [1, 2],
        "b": [1, 2],
        "c": {"d": [1, 2]},
    }


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        ("", "yaml-empty", 0),
        ("# bara en kommentar\n", "yaml-empty", 0),
        ("a: b: c", "yaml-colon", 1),
        ("a: 1\ntext: Fråga: ja", "yaml-colon", 2),
        ("a:\n\t- b", "yaml-tab", 2),
        ("a: 1\nb: \"x\nc: 2\n", "yaml-unclosed-quote", 2),
        ("a: 1\nb: [1, 2\nc: 3", "yaml-unclosed-bracket", 2),
        ("a:\n  - b\n c: 1", "yaml-indentation", 3),
        ("- a\nb: 1", "yaml-indentation", 2),
        ("a: 1\nb: @x", "yaml-needs-quotes", 2),
        ("a: 'it's'", "yaml-syntax", 1),
        ("a: \x00", "yaml-character", 1),
        ("[a, b]: 1", "yaml-key-not-text", 1),
        ("---\na: 1\n---\nb: 1", "yaml-several-documents", 3),
        ("a: *b", "yaml-unknown-anchor", 1),
        ("a: &a [*a]", "yaml-unknown-anchor", 1),
        ("[" * 100_000, "yaml-too-deep", 1),
    ],
)  # fmt: skip
def test_typos_have_a_line(text: str, code: str, row: int) -> None:
    read = read_yaml(text, "f.yaml")
    assert read.value is None
    assert [(p.code, p.row, p.file) for p in read.problems] == [(code, row, "f.yaml")]


def test_repeated_keys_are_all_named_with_the_first_line() -> None:
    read = read_yaml("a: 1\na: 2\nb:\n  c: 1\n  c: 2\na: 3\n", "f.yaml")
    assert [(p.code, p.row, p.value, p.expected) for p in read.problems] == [
        ("yaml-duplicate-key", 2, "a", "1"),
        ("yaml-duplicate-key", 5, "c", "4"),
        ("yaml-duplicate-key", 6, "a", "1"),
    ]


def test_depth_and_size_have_limits_through_references_too() -> None:
    fits = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert read_yaml(fits, "f.yaml").problems == ()
    assert [p.code for p in read_yaml(f"[{fits}]", "f.yaml").problems] == ["yaml-too-deep"]
    chain = "a0: &a0 [1]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 500))
    assert [p.code for p in read_yaml(chain, "f.yaml").problems] == ["yaml-too-deep"]
    laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9)
    )
    assert [p.code for p in read_yaml(laughs, "f.yaml").problems] == ["yaml-too-large"]


@given(st.text(max_size=100))
def test_any_text_gives_a_value_or_a_problem(text: str) -> None:
    read = read_yaml(text, "f.yaml")
    assert (read.value is None) <= bool(read.problems)


JSON = st.recursive(
    st.one_of(st.booleans(), st.integers(-(10**9), 10**9), st.text("abåäö :#-'\"", max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text("abc", min_size=1), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON)
def test_what_a_yaml_library_writes_is_read_back(data: object) -> None:
    text = yaml.safe_dump(
        data, allow_unicode=True, default_style='"' if isinstance(data, str) else None
    )
    read = read_yaml(text, "f.yaml")
    assert read.value is not None
    assert plain(read.value) == data
