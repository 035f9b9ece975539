"""DDI-Codebook XML (2.0 to 2.5), as SND, IPUMS and data archives give it beside a data file."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET  # expat refuses entity bombs; DTDs are refused below

from evaluation.loading.sidecars import Form, FormQuestion
from evaluation.loading.sidecars._markup import plain_text

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".xml",)
MARKS = (b"codeBook",)


def read_form(path: Path, data: bytes) -> Form | None:
    """Read a DDI codebook, or return None where the file is none."""
    if b"codeBook" not in data[:4000] or b"<!ENTITY" in data[:4000]:
        return None
    try:
        root = ET.fromstring(data)  # noqa: S314  # see the import
    except ET.ParseError:
        return None
    questions: dict[str, FormQuestion] = {}
    for variable in root.iter():
        if _local(variable) == "var" and variable.get("name"):
            question = _question(variable)
            questions[question.name] = question
    title = next((_words(node) for node in root.iter() if _local(node) == "titl"), "")
    return Form(path.name, "ddi", title, questions) if questions else None


def _local(node: ET.Element) -> str:
    """Return the tag without its namespace."""
    return node.tag.rsplit("}", 1)[-1] if isinstance(node.tag, str) else ""


def _words(node: ET.Element) -> str:
    return plain_text("".join(node.itertext()))


def _child(node: ET.Element, name: str) -> str:
    """Return the words of the first child of this name."""
    return next((_words(child) for child in node if _local(child) == name), "")


def _question(variable: ET.Element) -> FormQuestion:
    """Read one variable: wording, categories, missing values."""
    wording = next(
        (_words(node) for node in variable.iter() if _local(node) == "qstnLit"), ""
    ) or _child(variable, "labl")
    options: dict[str, str] = {}
    missing: dict[str, str] = {}
    for category in variable:
        if _local(category) != "catgry":
            continue
        value = _child(category, "catValu")
        options[value] = _child(category, "labl") or value
        if category.get("missing") == "Y":
            missing[value] = "item_nonresponse"
    kind = "single" if options else {"contin": "number"}.get(variable.get("intrvl", ""), "")
    return FormQuestion(
        name=str(variable.get("name")),
        text=wording,
        kind=kind,
        options={value: label for value, label in options.items() if value},
        missing=missing,
    )
