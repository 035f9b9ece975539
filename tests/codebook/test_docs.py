"""docs/codebook.md tells the truth: every key is there, every example is read."""

from __future__ import annotations

import re

import pytest

from evaluation.codebook import apparatus, schema
from evaluation.codebook.apparatus import Glossary, Sources
from evaluation.codebook.parse import parse_codebook, parse_study
from evaluation.codebook.schema import Quotes
from evaluation.codebook.validate import validate
from evaluation.codebook.yaml_positions import read_yaml
from evaluation.coding.multiple import NOT_CHOSEN
from evaluation.expressions import MAX_DEPTH, MAX_LENGTH, ExpressionError, parse
from tests.paths import REPOSITORY

TEXT = (REPOSITORY / "docs" / "codebook.md").read_text(encoding="utf-8")
SECTIONS = {
    "Codebook": "## Codebook",
    "Question": "### Question",
    "Option": "### Option",
    "Item": "### Item",
    "Earlier": "### Earlier",
    "Study": "## study.yaml",
    "Survey": "### Survey",
    "Similar": "### Similar",
    "ReadOptions": "### Read",
    "Intake": "### Intake",
    "Design": "### Design",
    "Protection": "### Protection",
    "ReportConfig": "### Report",
    "DataTable": "### Data table",
    "Quotes": "### Quotes",
    "Quote": "### Quotes",
    "Sources": "### References",
    "Source": "### References",
    "Glossary": "### Glossary",
    "Term": "### Glossary",
}
MODELS = {
    name: thing
    for module in (schema, apparatus)
    for name, thing in vars(module).items()
    if isinstance(thing, type) and issubclass(thing, schema.Strict) and name != "Strict"
}
LISTS = {
    "quotes": (Quotes, "quotes"),
    "references": (Sources, "references"),
    "glossary": (Glossary, "terms"),
}
EXAMPLES = re.findall(r"```yaml\n# (\w+)\n(.*?)```", TEXT, flags=re.DOTALL)


def section(heading: str) -> str:
    """The text under a heading, up to the next heading of any level."""
    start = TEXT.index(f"\n{heading}\n") + len(heading) + 2
    rest = TEXT[start:]
    following = re.search(r"^##+ ", rest, flags=re.MULTILINE)
    return rest[: following.start()] if following else rest


def keys(heading: str) -> set[str]:
    return set(re.findall(r"^\| `(\w+)` \|", section(heading), flags=re.MULTILINE))


def test_every_model_has_a_section() -> None:
    assert set(MODELS) == set(SECTIONS)


@pytest.mark.parametrize("name", SECTIONS)
def test_every_key_is_documented_and_no_other(name: str) -> None:
    same = [m for m, heading in SECTIONS.items() if heading == SECTIONS[name]]
    fields = {field.alias or key for m in same for key, field in MODELS[m].model_fields.items()}
    assert keys(SECTIONS[name]) == fields


def test_required_keys_are_called_so() -> None:
    for name, heading in SECTIONS.items():
        for key, field in MODELS[name].model_fields.items():
            row = re.search(
                rf"^\| `{field.alias or key}` \|.*$", section(heading), flags=re.MULTILINE
            )
            assert row is not None
            assert ("Required." in row[0]) == field.is_required(), (name, key)


def test_every_kind_of_file_has_an_example() -> None:
    assert {kind for kind, _ in EXAMPLES} == {"codebook", "study", *LISTS}


@pytest.mark.parametrize(("kind", "text"), EXAMPLES)
def test_examples_are_read_without_a_problem(kind: str, text: str) -> None:
    if kind == "codebook":
        assert parse_codebook(text, languages=("sv",)).problems == ()
    elif kind == "study":
        assert parse_study(text).problems == ()
    else:
        model, entries = LISTS[kind]
        read = read_yaml(text, f"{kind}.yaml")
        assert read.value is not None
        assert validate(read.value, model, f"{kind}.yaml", (entries,)).problems == ()


def test_expressions_of_the_table_are_expressions() -> None:
    rows = re.findall(r"^\| (`.*?) \| ", section("## Filters and other expressions"), re.MULTILINE)
    written = [text for row in rows for text in re.findall(r"`([^`]+)`", row)]
    assert len(written) > 15
    for text in written:
        try:
            parse(text)
        except ExpressionError as error:  # pragma: no cover
            pytest.fail(f"{text}: {error}")


def test_limits_and_lists_are_those_of_the_code() -> None:
    assert f"{MAX_LENGTH:,} characters and {MAX_DEPTH} levels".replace(",", " ") in TEXT
    listed = re.search(r"anything but blank, (.*?) or the like", TEXT, flags=re.DOTALL)
    assert listed is not None
    words = re.findall(r"`([^`]+)`", listed[1])
    assert words
    assert set(words) <= NOT_CHOSEN


def test_types_roles_and_statuses_are_all_named() -> None:
    for kind in (schema.QuestionType, schema.Role):
        for word in kind:
            assert f"`{word}`" in section("### Question"), word
