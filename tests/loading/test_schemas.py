from __future__ import annotations

import json

from evaluation.loading.schemas import field_docs, schema_folder, schema_texts


def test_shipped_schemas_are_up_to_date() -> None:
    """After a change of the models: ``python -m evaluation.loading.schemas``."""
    for name, text in schema_texts().items():
        assert (schema_folder() / name).read_text(encoding="utf-8") == text, name


def test_schemas_refuse_unknown_keys_and_explain_known_ones() -> None:
    schema = json.loads(schema_texts()["codebook.schema.json"])
    question = schema["$defs"]["Question"]
    assert question["additionalProperties"] is False
    assert question["properties"]["asked_if"]["description"].startswith("Filter")
    short = question["properties"]["options"]["anyOf"]
    assert {form["type"] for form in short} == {"array", "object"}


def test_field_docs_are_read_from_the_source() -> None:
    assert field_docs()["Intake"]["duplicates"] == "Which of two submissions by one person wins."
