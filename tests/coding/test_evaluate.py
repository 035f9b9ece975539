from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.codebook.names import resolve, vocabulary
from evaluation.coding.data import Categorical, FreeText, MultiResponse, Numeric, Variable
from evaluation.coding.evaluate import EvaluationError, check_names, mask
from evaluation.expressions import parse
from evaluation.model import Category, RawColumn
from tests.coding.raw import codebook


def categorical(
    name: str, options: dict[str, str], codes: list[int], **more: object
) -> Categorical:
    cats = tuple(Category(code, label) for code, label in options.items())
    return Categorical(name, name, cats, np.array(codes, dtype=np.int16), **more)  # type: ignore[arg-type]


VARIABLES: dict[str, Variable] = {
    "gender": categorical("gender", {"w": "Kvinna", "m": "Man"}, [0, 1, -1, -2, 0]),
    "step": categorical("step", {"1": "Låg", "2": "Mellan", "3": "Hög"}, [0, 1, 2, -1, -3],
                        ordered=True),
    "scale": categorical("scale", {"a": "Låg", "b": "Hög", "c": "Vet inte"}, [0, 1, 2, -1, 1],
                         ordered=True, off_scale=frozenset({2})),
    "coded": categorical("coded", {"5": "Bra", "1": "Dåligt", "99": "Vet inte"}, [0, 1, 2, -1, 0],
                         ordered=True, off_scale=frozenset({2})),
    "age": Numeric("age", "age", np.array([20, 30, np.nan, 40, 50.0]),
                   np.array([0, 0, -1, 0, 0], np.int8)),
    "old": Numeric("old", "old", np.array([30, 30, 30, np.nan, 30.0]),
                   np.array([0, 0, 0, -2, 0], np.int8)),
    "day": Numeric("day", "day", np.array([19052.0] * 5), np.zeros(5, np.int8), is_date=True),
    "who": MultiResponse("who", "who", (Category("a", "Polis"), Category("b", "Vård")),
                         np.array([[1, 0], [0, 1], [1, 1], [0, 0], [0, 0]], np.int8),
                         np.array([0, 0, 0, -1, 0], np.int8)),
    "text": FreeText("text", "text", np.array([0, -1, 0, 0, 0], np.int8)),
}  # fmt: skip
RAW = {
    "Status": RawColumn("Status", 0, ("Test", "ok ", ""), np.array([0, 1, 2, 1, -1], np.int32)),
    "Progress": RawColumn("Progress", 1, ("100", "50", "x"), np.array([0, 1, 2, 1, 0], np.int32)),
}
GRIDS = {"grid": ("gender", "step")}


def holds(text: str) -> str:
    found = mask(parse(text), VARIABLES, 5, RAW, grids=GRIDS)
    assert found.dtype == bool
    return "".join("x" if one else "." for one in found)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ('gender == "w"', "x...x"),
        ('gender == "kvinna "', "x...x"),
        ('gender != "w"', ".x..."),
        ('not gender == "w"', ".xxx."),
        ('gender in ("w", "m")', "xx..x"),
        ('gender not in ("w",)', ".x..."),
        ('gender == "x"', "....."),
        ("step >= 2", ".xx.."),
        ("2 <= step", ".xx.."),
        ('step > "Låg"', ".xx.."),
        ("step == 2 or step == 3", ".xx.."),
        ('scale >= "Hög"', ".x..x"),
        ('scale <= "Hög"', "xx..x"),
        ("coded >= 4", "x...x"),
        ('coded < "Bra"', ".x..."),
        ("20 < age <= 40", ".x.x."),
        ("age != 30", "x..xx"),
        ("age in (20, 50)", "x...x"),
        ("age not in (20, 50)", ".x.x."),
        ("age == old", ".x..."),
        ("age > old", "....x"),
        ('day == "2022-03-01"', "xxxxx"),
        ('day < "2022-03-01"', "....."),
        ('"Polis" in who', "x.x.."),
        ('who in ("a", "b")', "xxx.."),
        ('"a" not in who', ".x..x"),
        ('not "a" in who', ".x.xx"),
        ("answered(text)", "x.xxx"),
        ("missing(gender)", "..xx."),
        ("answered(grid)", "xxx.x"),
        ("missing(grid)", "...x."),
        ('col:Status == "test"', "x...."),
        ('col:Status != "test"', ".xxxx"),
        ('col:Status == ""', "..x.x"),
        ("answered(col:status)", "xx.x."),
        ('col:Status in ("ok", "Test")', "xx.x."),
        ("col:Progress < 100", ".x.x."),
        ("col:Progress == 100", "x...x"),
    ],
)
def test_meaning(text: str, who: str) -> None:
    assert holds(text) == who
    assert (
        check_names(parse(text), VARIABLES, grids=GRIDS, allow_columns=True) == () or "x" not in who
    )


@pytest.mark.parametrize(
    ("text", "code", "value", "expected"),
    [
        ("gendr == 1", "expression-unknown-name", "gendr", "gender"),
        ("zzzzzz == 1", "expression-unknown-name", "zzzzzz", ""),
        ('gender == "kvina"', "expression-unknown-value", "kvina", "Kvinna"),
        ('gender == "q9"', "expression-unknown-value", "q9", "w, m"),
        ("gender == w", "expression-unquoted-value", "w", '"w"'),
        ('gender < "w"', "expression-no-order", "gender", "==, !=, in"),
        ('who == "a"', "expression-multiple-needs-in", "who", '"a" in who'),
        ("text == 1", "expression-not-comparable", "text", "answered(text), missing(text)"),
        ("grid == 1", "expression-not-comparable", "grid", "answered(grid), missing(grid)"),
        ('age == "tjugo"', "expression-needs-number", "tjugo", ""),
        ("day == 3", "expression-needs-date", "3", '"2022-01-31"'),
        ("gender == age", "expression-different-kinds", "gender, age", ""),
        ("col:Status == 1", "expression-column-not-allowed", "Status", ""),
        ('"x" in who', "expression-unknown-value", "x", "a, b"),
    ],
)  # fmt: skip
def test_problems(text: str, code: str, value: str, expected: str) -> None:
    found = check_names(parse(text), VARIABLES, grids=GRIDS)
    assert [(p.code, p.value, p.expected) for p in found] == [(code, value, expected)]


def test_all_problems_at_once() -> None:
    found = check_names(parse("a == 1 and (b == 2 or not age == 'x')"), VARIABLES)
    assert [p.value for p in found] == ["a", "b", "x"]


def test_unchecked_expressions_raise() -> None:
    for text in (
        "nobody == 1",
        "text == 1",
        "who == 1",
        "col:Nix == 1",
        'age == "x"',
        "gender == age",
    ):
        with pytest.raises(EvaluationError):
            mask(parse(text), VARIABLES, 5, RAW)


def test_checked_against_the_codebook() -> None:
    book = codebook(
        "  - {id: q, text: Q, type: single, options: {1: {sv: Ja, en: 'Yes'}, 2: Nej}}\n"
        "  - {id: who, text: W, type: text, role: identity}\n"
    )
    assert check_names(parse('q == "Yes"'), book) == ()
    assert [p.code for p in check_names(parse("answered(who)"), book)] == [
        "expression-unknown-name"
    ]
    # In another language than the filter's, labels are first turned into codes.
    english = {"q": categorical("q", {"1": "Yes", "2": "No"}, [0, 1])}
    wanted = resolve(parse('not (q == "Ja" or q in ("nej",)) or q == "Ja"'), vocabulary(book))
    assert mask(wanted, english, 2).tolist() == [True, False]


SIMPLE = st.sampled_from(
    ['gender == "w"', "step >= 2", '"a" in who', "age < 35", "answered(text)", "missing(step)"]
)
EXPRESSIONS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=8,
)


@given(EXPRESSIONS, EXPRESSIONS)
def test_boolean_algebra(a: str, b: str) -> None:
    x, y = (mask(parse(t), VARIABLES, 5) for t in (a, b))
    assert (mask(parse(f"not ({a})"), VARIABLES, 5) == ~x).all()
    assert (mask(parse(f"({a}) and ({b})"), VARIABLES, 5) == (x & y)).all()
    assert (mask(parse(f"not (not ({a}) or not ({b}))"), VARIABLES, 5) == (x & y)).all()


@given(EXPRESSIONS, st.permutations(range(5)))
def test_who_answers_does_not_depend_on_the_order(text: str, order: list[int]) -> None:
    def moved(variable: Variable) -> Variable:
        arrays = (
            ("codes",) if isinstance(variable, Categorical) else ("state", "selected", "values")
        )
        return replace(
            variable, **{k: getattr(variable, k)[order] for k in arrays if hasattr(variable, k)}
        )

    variables = {name: moved(variable) for name, variable in VARIABLES.items()}
    expected = mask(parse(text), VARIABLES, 5)[order]
    assert (mask(parse(text), variables, 5) == expected).all()
