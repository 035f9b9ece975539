"""The catalogues: equal keys and placeholders in every language, wording for every problem."""

from __future__ import annotations

import string

import pytest

from evaluation.loading.texts import dotted, languages, load_texts, nested, unknown_keys
from evaluation.texts import MissingTextError
from tests.problem_codes import codes_in_source

OPTIONAL = ("message_bare", "hint")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_are_there() -> None:
    assert languages() == ("en", "sv")
    with pytest.raises(MissingTextError):
        load_texts("fi")


def test_problem_wording_agrees_between_languages() -> None:
    swedish, english = load_texts("sv"), load_texts("en")
    for key in dotted(swedish.entries):
        if key.startswith(("problems.", "problem_report.")):
            assert english.has(key), key
            assert placeholders(swedish.get(key)) == placeholders(english.get(key)), key


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_problem_code_has_wording(language: str) -> None:
    texts = load_texts(language)
    lacking = [
        f"{code} ({file})"
        for code, file in codes_in_source().items()
        if not (texts.has(f"problems.{code}.message") and texts.has(f"problems.{code}.mend"))
    ]
    assert lacking == []


@pytest.mark.parametrize("language", ["sv", "en"])
def test_wording_uses_only_what_a_problem_has(language: str) -> None:
    allowed = {"code", "severity", "file", "sheet", "row", "column", "value", "expected", "count"}
    texts = load_texts(language)
    for code, parts in texts.mapping("problems").items():
        for name, text in parts.items():
            assert name in ("message", "mend", *OPTIONAL), code
            assert placeholders(text) <= allowed, code
            assert text[0].isupper() or text[0] in "”“{", code
            assert text.endswith((".", "?", "}", ")")), code


def test_a_study_overrides_by_section_or_dotted_key() -> None:
    assert nested({"table.n": "a", "table": {"wn": "b"}, "x": "c"}) == {
        "table": {"n": "a", "wn": "b"}, "x": "c",
    }  # fmt: skip
    texts = load_texts("sv", {"table.n": "Antal", "table": {"base": "Underlag"}})
    assert (texts.get("table.n"), texts.get("table.base")) == ("Antal", "Underlag")
    assert texts.get("table.total") == load_texts("sv").get("table.total")
    assert unknown_keys({"table.n": "x", "tabell.n": "y"}, load_texts("sv")) == ["tabell.n"]
