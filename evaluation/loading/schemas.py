"""JSON Schemas of codebook and ``study.yaml``, for editors; made from the models.

Run ``python -m evaluation.loading.schemas`` to write them anew after a change
of the models; a test compares them.
"""

from __future__ import annotations

import ast
import inspect
import json
from typing import TYPE_CHECKING, Any

from evaluation.codebook import apparatus, schema
from evaluation.codebook.apparatus import Glossary, Sources
from evaluation.codebook.schema import Codebook, Quotes, Study
from evaluation.places import templates_root

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import BaseModel

FILES: dict[str, type[BaseModel]] = {
    "codebook.schema.json": Codebook,
    "study.schema.json": Study,
    "quotes.schema.json": Quotes,
    "references.schema.json": Sources,
    "glossary.schema.json": Glossary,
}
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_texts() -> dict[str, str]:
    """Return file name -> JSON Schema as text, stable from run to run."""
    descriptions = field_docs()
    return {name: _text(model, descriptions) for name, model in FILES.items()}


def schema_folder() -> Path:
    """Return where the schemas are shipped."""
    return templates_root() / "schema"


def field_docs() -> dict[str, dict[str, str]]:
    """Return model -> field -> the text that stands under the field in the source."""
    trees = [ast.parse(inspect.getsource(module)) for module in (schema, apparatus)]
    found: dict[str, dict[str, str]] = {}
    for node in (node for tree in trees for node in tree.body):
        if isinstance(node, ast.ClassDef):
            found[node.name] = _attribute_docs(node)
    return found


def _attribute_docs(node: ast.ClassDef) -> dict[str, str]:
    docs: dict[str, str] = {}
    for field, below in zip(node.body, node.body[1:], strict=False):
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            docs[field.target.id] = inspect.cleandoc(str(below.value.value))
    return docs


def _text(model: type[BaseModel], docs: dict[str, dict[str, str]]) -> str:
    made = model.model_json_schema(mode="validation")
    for name, part in {model.__name__: made, **made.get("$defs", {})}.items():
        for field, described in part.get("properties", {}).items():
            own = docs.get(name, {})
            # A key that is a word of Python is a field with an underscore after it.
            text = own.get(field) or own.get(f"{field}_")
            if text:
                described["description"] = " ".join(text.split())
        if name == "Question":
            _allow_short_forms(part["properties"])
    return json.dumps({"$schema": DIALECT, **made}, ensure_ascii=False, indent=1) + "\n"


def _allow_short_forms(properties: dict[str, Any]) -> None:
    """Let options and items be written short (see ``codebook.shorthand``)."""
    scalar = {"type": ["string", "number"]}
    for field in ("options", "items"):
        full = properties[field]
        either = [full["items"], scalar]
        properties[field] = {
            "description": full.get("description", ""),
            "anyOf": [
                {"type": "array", "items": {"anyOf": either}},
                {"type": "object", "additionalProperties": {"anyOf": [scalar, {"type": "object"}]}},
            ],
        }


def write_schemas() -> None:
    """Write every schema into the templates folder."""
    schema_folder().mkdir(exist_ok=True)
    for name, text in schema_texts().items():
        (schema_folder() / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_schemas()
