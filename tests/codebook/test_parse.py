from __future__ import annotations

import pytest

from evaluation.codebook.parse import check_codebook, parse_codebook
from evaluation.codebook.schema import Codebook, Option, Question, QuestionType
from evaluation.problems import Severity


def found(text: str, **options: object) -> list[tuple[int, str, str, str]]:
    """Problems as (line, code, value, expected); line 1 is the title."""
    checked = parse_codebook("title: T\nquestions:\n" + text, "b.yaml", **options)  # type: ignore[arg-type]
    assert all(p.file == "b.yaml" for p in checked.problems)
    return [(p.row, p.code, p.value, p.expected) for p in checked.problems]


def ids(text: str) -> list[str]:
    checked = parse_codebook("title: T\nquestions:\n" + text, "b.yaml")
    assert checked.value is not None
    return [q.id for q in checked.value.questions]


GOOD = "  - {id: good, text: G, type: single, options: [Ja, Nej]}\n"


class TestShortForms:
    def options(self, written: str, more: str = "type: single") -> list[tuple[str, object]]:
        text = f"title: T\nquestions:\n  - {{id: q, text: Q, {more}, options: {written}}}\n"
        book = parse_codebook(text).value
        assert book is not None
        return [(o.code, o.label) for o in book.questions[0].options]

    def test_options(self) -> None:
        assert self.options("{1: Ja, 2: Nej}") == [("1", "Ja"), ("2", "Nej")]
        assert self.options("[Ja, Nej]") == [("1", "Ja"), ("2", "Nej")]
        assert self.options("[0, 1, 2]") == [("0", "0"), ("1", "1"), ("2", "2")]
        assert self.options("{01: Stockholm, K: {sv: Ja, en: x}}") == [
            ("01", "Stockholm"), ("K", {"sv": "Ja", "en": "x"}),
        ]  # fmt: skip
        assert self.options("[Ja, {code: 9, label: Nej}]") == [("1", "Ja"), ("9", "Nej")]
        assert self.options("{1: {label: Ja, values: [J]}}") == [("1", "Ja")]
        assert self.options("{1: 1.50}") == [("1", "1.50")]

    def test_items(self) -> None:
        text = "title: T\nquestions:\n  - {id: g, text: Q, type: grid, options: [A], items: "
        for written, expected in (
            ("[Ett, Två]", [("g_1", "Ett"), ("g_2", "Två")]),
            ("{a: Ett}", [("a", "Ett")]),
            ("[{id: a, text: Ett}]", [("a", "Ett")]),
        ):
            book = parse_codebook(text + written + "}\n").value
            assert book is not None
            assert [(i.id, i.text) for i in book.questions[0].items] == expected


class TestTypos:
    @pytest.mark.parametrize(
        ("question", "code", "value", "expected"),
        [
            ("{id: q, txt: Q, type: single, options: [A]}", "unknown-key", "txt", "text"),
            ("{id: q, text: Q, type: multiple, options: [{code: 1, label: A, exclusiv: true}]}",
             "unknown-key", "exclusiv", "exclusive"),
            ("{id: q, text: Q, type: singel}", "yaml-unknown-word", "singel", "single"),
            ("{id: Kön, text: Q, type: single, options: [A]}", "bad-identifier", "Kön", "kon"),
            ("{text: Q, type: single, options: [A]}", "missing-key", "id", "id"),
            ("{id: q, text: Q, type: text, hidden: ja}", "yaml-expected-boolean", "ja", ""),
            ("{id: q, text: Q, type: number, minimum: låg}", "yaml-expected-number", "låg", ""),
            ("{id: q, text: [Q], type: number}", "yaml-expected-text", "", ""),
            ("{id: q, text: true, type: number}", "yaml-expected-text", "true", ""),
            ("{id: q, text: Q, type: single, options: 3}", "yaml-expected-list", "3", ""),
            ("{id: q, text: Q, type: number, missing: [1]}", "yaml-expected-mapping", "", ""),
        ],
    )  # fmt: skip
    def test_one_typo(self, question: str, code: str, value: str, expected: str) -> None:
        assert found(GOOD + f"  - {question}\n") == [(4, code, value, expected)]

    def test_all_typos_at_once_and_the_rest_is_kept(self) -> None:
        text = GOOD + (
            "  - {id: a, text: A, type: singel}\n"
            "  - {id: b, text: B, type: single, opions: [X, Y]}\n"
            "  - {id: c, text: C, type: single, options: [X], asked_if: a == 1}\n"
        )
        # What refers to a question that cannot be read is not called unknown too.
        assert found(text) == [
            (4, "yaml-unknown-word", "singel", "single"),
            (5, "unknown-key", "opions", "options"),
        ]
        assert ids(text) == ["good", "b", "c"]

    def test_a_misspelt_top_key(self) -> None:
        checked = parse_codebook("title: T\nqestions:\n" + GOOD, "b.yaml")
        assert [(p.row, p.code, p.expected) for p in checked.problems] == [
            (2, "unknown-key", "questions")
        ]
        assert checked.value is not None

    def test_broken_yaml_gives_no_codebook(self) -> None:
        checked = parse_codebook("title: T\nquestions:\n  - {id: a", "b.yaml")
        assert checked.value is None
        assert [(p.code, p.row) for p in checked.problems] == [("yaml-unclosed-bracket", 3)]

    def test_a_list_instead_of_a_codebook(self) -> None:
        checked = parse_codebook("- a\n- b\n", "b.yaml")
        assert checked.value is None
        assert [p.code for p in checked.problems] == ["yaml-expected-mapping"]


Q = "id: q, text: Q"


class TestWholeCodebook:
    @pytest.mark.parametrize(
        ("question", "code", "value", "expected"),
        [
            ("type: single", "options-missing", "q", ""),
            ("type: grid, options: [A]", "items-missing", "q", ""),
            ("type: text, options: [A]", "options-not-allowed", "text", "single, multiple, grid"),
            ("type: single, options: [A], items: [B]", "items-not-allowed", "single", "grid"),
            ("type: single, options: [{code: 1, label: A}, {code: 1, label: B}]",
             "duplicate-code", "1", ""),
            ("type: single, options: [Aldrig, 'aldrig ']", "duplicate-label", "aldrig ", ""),
            (("type: single, options: "
              "[{code: 1, label: A, values: [x]}, {code: 2, label: B, values: [X]}]"),
             "duplicate-spelling", "X", ""),
            ("type: single, options: {1: A, 2: ' '}", "empty-label", "2", ""),
            ("type: single, options: {1: 2, 2: 1}", "label-is-other-code", "2", ""),
            (("type: single, options: "
              "[{code: 1, label: A, open: true}, {code: 2, label: B, open: true}]"),
             "two-open-options", "", ""),
            ("type: single, options: [{code: 1, label: A, exclusive: true}]",
             "setting-without-effect", "exclusive", "single"),
            ("type: multiple, options: [A, B, C], nets: {S: [1, 2]}",
             "setting-without-effect", "nets", "multiple"),
            ("type: multiple, options: [{code: 1, label: A, column: a}, {code: 2, label: B}]",
             "option-column-missing", "2", ""),
            ("type: number, minimum: 3, maximum: 2", "minimum-above-maximum", "3", "≤ 2"),
            ("type: number, bins: [1, 2]", "bins-not-allowed", "number", "single"),
            ("type: single, bins: [2, 1], options: [A, B]", "bins-not-ascending", "", ""),
            ("type: single, bins: [1, 2], options: [A]", "bins-and-options-differ", "1", "2"),
            ("type: single, options: [A, B], nets: {A: [1]}", "net-is-option", "A", ""),
            ("type: single, options: [A, B], nets: {S: [1, 3]}", "unknown-net-code", "3", "1, 2"),
            ("type: single, options: [A], missing: {1: not_asked}", "missing-is-option", "1", ""),
            ("type: text, asked_if: god == 1", "expression-unknown-name", "god", "good"),
            ("type: single, options: [A], asked_if: 'good == \"Jo\"'",
             "expression-unknown-value", "Jo", "1, 2"),
            ("type: text, asked_if: good = 1", "expression-single-equals", "=", "=="),
            ("type: single, options: [A], asked_if: q == 1", "circular-reference", "q", ""),
            ("type: single, options: [A], recode: god", "unknown-recode-source", "god", "good"),
            ("type: multiple, options: [Ja, Nej], recode: good", "recode-kind", "good", "multiple"),
            ("type: single, options: [{code: 1, label: A, values: [1, 2, 7]}], recode: good",
             "unknown-recode-value", "7", "1, 2"),
            ("type: single, options: [{code: 1, label: A, values: [1]}], recode: good",
             "recode-uncovered", "2", ""),
            (("type: single, recode: good, options: "
              "[{code: 1, label: A, values: [1, 2]}, {code: 2, label: B, values: [Nej]}]"),
             "recode-value-twice", "Nej", ""),
            ("type: text, id: good", "repeated-identifier", "good", "good"),
            ("type: text, id: in", "reserved-id", "in", "in_1"),
        ],
    )  # fmt: skip
    def test_one_fault(self, question: str, code: str, value: str, expected: str) -> None:
        name = "" if "id: " in question else "id: q, "
        problems = found(GOOD + f"  - {{{name}text: Q, {question}}}\n")
        assert (4, code, value, expected) in problems
        assert {row for row, *_ in problems} == {4}

    def test_groups_may_leave_out_options_that_count_as_missing(self) -> None:
        text = (
            "  - {id: a, text: A, type: single, options: "
            "[{code: 1, label: X}, {code: 2, label: Y, missing: not_asked}]}\n"
            "  - {id: b, text: B, type: single, recode: a, options: [{code: 1, label: X}]}\n"
        )
        assert found(text) == []

    def test_a_filter_on_a_later_question_warns(self) -> None:
        text = "  - {id: a, text: A, type: single, options: [X], asked_if: good == 1}\n" + GOOD
        assert found(text) == [(3, "filter-refers-later", "good", "")]
        # A derived question may stand anywhere, since it was never asked.
        derived = GOOD.replace("good", "d").replace("}\n", ", recode: good}\n")
        assert (
            found(
                GOOD
                + "  - {id: a, text: A, type: single, options: [X], asked_if: d == 1}\n"
                + derived
            )
            == []
        )

    def test_circles_name_everyone_in_them_and_nobody_else(self) -> None:
        text = GOOD + (
            "  - {id: a, text: A, type: single, options: [Ja, Nej], recode: b}\n"
            "  - {id: b, text: B, type: single, options: [Ja, Nej], recode: c}\n"
            "  - {id: c, text: C, type: single, options: [Ja, Nej], recode: a}\n"
            "  - {id: d, text: D, type: single, options: [Ja, Nej], recode: a}\n"
        )
        circles = [p[0:3:2] for p in found(text) if p[1] == "circular-reference"]
        assert circles == [(4, "a"), (5, "b"), (6, "c")]
        assert ids(text) == ["good"]

    def test_a_faulty_filter_is_taken_away_and_the_question_kept(self) -> None:
        checked = parse_codebook(
            "title: T\nquestions:\n" + GOOD + f"  - {{{Q}, type: text, asked_if: x == 1}}\n"
        )
        assert checked.value is not None
        assert [q.asked_if for q in checked.value.questions] == [None, None]

    def test_a_text_that_lacks_the_language(self) -> None:
        text = "  - {id: q, text: {en: Q, sv: F}, type: single, options: {1: {en: 'Yes'}}}\n"
        assert found(text, languages=("sv",)) == [(3, "text-not-in-language", "sv", "")]
        assert found(text, languages=("en",)) == []

    def test_places_are_named_by_identifier(self) -> None:
        text = GOOD + "  - id: q\n    text: Q\n    type: single\n    options:\n"
        text += "      - {code: 1, label: A}\n      - {code: 1, label: B}\n"
        checked = parse_codebook("title: T\nquestions:\n" + text)
        assert [(p.row, p.column) for p in checked.problems] == [(9, "questions.q.options.2.code")]

    def test_no_questions(self) -> None:
        checked = parse_codebook("title: T\nquestions: []\n")
        assert [p.code for p in checked.problems] == ["no-questions"]


def test_a_codebook_made_in_python_is_checked_alike() -> None:
    question = Question(
        id="q",
        text="Q",
        type=QuestionType.SINGLE,
        options=(Option(code="1", label="A"),),
        asked_if="x == 1",
    )
    problems = check_codebook(Codebook(title="T", questions=(question,)))
    assert [(p.code, p.severity, p.column) for p in problems] == [
        ("expression-unknown-name", Severity.STOP, "questions.q.asked_if")
    ]
