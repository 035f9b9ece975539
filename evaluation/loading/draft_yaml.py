"""A drafted study as text: codebooks and study.yaml for people to read, a first chapter.

Written by hand and not by a YAML library, for the sake of the comments: each
guess is said in plain words above the line that it concerns.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from evaluation.codebook.roles import NEVER_SHOWN
from evaluation.codebook.schema import Question, QuestionType, Role
from evaluation.codebook.spelling import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evaluation.codebook.compare import Change
    from evaluation.codebook.draft import Draft, Remark
    from evaluation.codebook.schema import Intake, Item, Option, ReadOptions
    from evaluation.texts import Texts

WIDTH = 96
"""Comments are wrapped at this column."""

_PLAIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ_][\w À-ÖØ-öø-ÿ./()–+-]*")
_RESERVED = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n", "nan", "inf"})


def scalar(text: str) -> str:
    """Write a text so that every YAML reader gives the same text back.

    Plain where nothing in it could mean something else, in double quotation
    marks otherwise (JSON's notation is YAML's).
    """
    is_plain = _PLAIN.fullmatch(text) and text == text.strip() and text.lower() not in _RESERVED
    return text if is_plain else _quoted(text)


_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
"""Signs that YAML does not allow as they are, or takes for line ends."""


def _quoted(text: str) -> str:
    """Write a text in double quotation marks."""
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", quoted)


def _flow(pairs: Sequence[tuple[str, str]]) -> str:
    """Write a mapping on one line."""
    return "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"


def _list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(map(scalar, texts)) + "]"


def comment(text: str, indent: str = "") -> list[str]:
    """Wrap a text into comment lines."""
    lines: list[str] = []
    line = f"{indent}#"
    for word in text.split():
        if len(line) + 1 + len(word) > WIDTH and line != f"{indent}#":
            lines.append(line)
            line = f"{indent}#"
        line += f" {word}"
    return [*lines, line]


# --- codebook ------------------------------------------------------------------


def codebook_yaml(
    draft: Draft, texts: Texts, *, file: str, tool: str, changes: Sequence[Change] = ()
) -> str:
    """Write a drafted codebook with a comment above each guess.

    Parameters
    ----------
    draft
        The draft.
    texts
        Wording of the remarks, under ``draft``.
    file, tool
        Export and survey tool, named at the top.
    changes
        What is new, gone or renamed against an earlier codebook.
    """
    lines = comment(texts.get("draft.codebook_top", file=file, tool=tool))
    for found in draft.remarks.get("", ()):
        lines += comment(_said(found, texts))
    for change in changes:
        lines += comment(change_text(change, texts))
    lines.append(f"title: {scalar(str(draft.codebook.title))}")
    lines.append("questions:")
    for question in draft.codebook.questions:
        lines.append("")
        for found in draft.remarks.get(question.id, ()):
            lines += comment(_said(found, texts), "  ")
        lines += _question(question)
    return "\n".join(lines) + "\n"


def _said(found: Remark, texts: Texts) -> str:
    """Return the wording of a remark."""
    return texts.get(f"draft.{found.code}", **found.values)


def change_text(change: Change, texts: Texts) -> str:
    """Return the wording of a change against an earlier codebook."""
    return texts.get(
        f"draft.changes.{change.kind}", question=change.question, old=change.old, new=change.new
    )


def _question(question: Question) -> list[str]:
    """Write one question; what has its default is left out."""
    text = str(question.text)
    fields = [("id", question.id), ("text", scalar(text)), ("type", question.type.value)]
    if question.column and fold(question.column) != fold(text):
        fields.append(("column", scalar(question.column)))
    if question.role is not Role.QUESTION:
        fields.append(("role", question.role.value))
    if question.ordered:
        fields.append(("ordered", "true"))
    if question.hidden and question.role not in {Role.IDENTITY, Role.ADMIN}:
        fields.append(("hidden", "true"))
    if question.asked_if:
        fields.append(("asked_if", _expression(question.asked_if)))
    if question.separator:
        fields.append(("separator", _quoted(question.separator)))
    if question.selected:
        fields.append(("selected", _list(question.selected)))
    if question.none_chosen != "item_nonresponse":
        fields.append(("none_chosen", question.none_chosen))
    if question.missing:
        pairs = [(scalar(value), kind) for value, kind in question.missing.items()]
        fields.append(("missing", _flow(pairs)))
    (first_key, first_value), *rest = fields
    lines = [f"  - {first_key}: {first_value}", *(f"    {key}: {value}" for key, value in rest)]
    if question.options:
        lines.append("    options:")
        lines += [f"      - {_option(option)}" for option in question.options]
    if question.items:
        lines.append("    items:")
        lines += [f"      - {_item(item, text)}" for item in question.items]
    return lines


def _expression(text: str) -> str:
    """Write an expression: in single quotation marks, since it holds double ones."""
    return "'" + text.replace("'", "''") + "'"


def _option(option: Option) -> str:
    pairs = [("code", scalar(option.code)), ("label", scalar(str(option.label)))]
    if option.values:
        pairs.append(("values", _list(option.values)))
    if option.column:
        pairs.append(("column", scalar(option.column)))
    if option.other_text:
        pairs.append(("other_text", scalar(option.other_text)))
    flags = ("open", "exclusive", "off_scale")
    pairs += [(name, "true") for name in flags if getattr(option, name)]
    if option.missing:
        pairs.append(("missing", option.missing))
    return _flow(pairs)


def _item(item: Item, stem: str) -> str:
    """Write an item; a column that its wording implies is left out."""
    text = str(item.text)
    pairs = [("id", item.id), ("text", scalar(text))]
    implied = {fold(text), fold(f"{stem} [{text}]")}
    if item.column and fold(item.column) not in implied:
        pairs.append(("column", scalar(item.column)))
    return _flow(pairs)


# --- study.yaml ----------------------------------------------------------------


def study_yaml(
    surveys: Mapping[str, tuple[Draft, str, ReadOptions]],
    texts: Texts,
    *,
    title: str,
    year: int,
    language: str,
) -> str:
    """Write ``study.yaml``.

    Parameters
    ----------
    surveys
        Identifier -> draft, data file within the study folder, and how it is read.
    title, year, language
        Of the study.
    """
    lines = comment(texts.get("draft.study_top"))
    lines += [
        f"title: {scalar(title)}",
        f"publisher: {scalar(texts.get('draft.publisher'))}",
        f"year: {year}",
        f"language: {language}",
        "",
        "surveys:",
    ]
    for name, (draft, data, options) in surveys.items():
        lines += _survey(name, draft, data, options, texts)
    lines.append("")
    lines += comment(texts.get("draft.protection"))
    lines += _protection({name: draft for name, (draft, _, _) in surveys.items()})
    return "\n".join(lines) + "\n"


def _protection(drafts: Mapping[str, Draft]) -> list[str]:
    """Write a policy that is safe as it stands: nothing small is shown unless somebody says so."""
    telling = dict.fromkeys(
        f"{survey}.{question.id}"
        for survey, draft in drafts.items()
        for question in draft.codebook.questions
        if question.role in (Role.UNIT, Role.BACKGROUND) and not question.hidden
    )
    lines = ["protection:", "  method: suppress", "  minimum_count: 5", "  minimum_base: 10"]
    return [*lines, f"  identifying: {_list(telling)}"] if telling else lines


def _survey(name: str, draft: Draft, data: str, options: ReadOptions, texts: Texts) -> list[str]:
    """Write one survey."""
    lines = [f"  {name}:", f"    title: {scalar(str(draft.codebook.title))}"]
    lines.append(f"    data: {scalar(data)}")
    read = options.model_dump(exclude_defaults=True)
    if read:
        lines.append("    read:")
        lines += [f"      {key}: {_value(value)}" for key, value in read.items()]
    lines += _intake(draft.intake, texts)
    for found in draft.remarks.get("", ()):
        lines += comment(_said(found, texts), "    ")
    if draft.unit:
        lines += comment(texts.get("draft.unit"), "    ")
        lines.append(f"    # unit: {draft.unit}")
    if draft.design.weight:
        lines += comment(texts.get("draft.weight_used"), "    ")
        lines += ["    design:", f"      weight: {draft.design.weight}"]
    if draft.occasion:
        lines.append(f"    occasion: {draft.occasion}")
    return lines


def _value(value: Any) -> str:
    return str(value) if isinstance(value, int) else scalar(str(value))


_INTAKE_KEYS = (
    "id",
    "person",
    "submitted",
    "test_if",
    "screened_out_if",
    "invalid_if",
    "complete_if",
    "complete_share",
    "include_partial",
    "duplicates",
)
_SHOWN_DEFAULTS = frozenset({"complete_share", "include_partial", "duplicates"})
"""Rules that every survey has: written out, so that they can be seen and changed."""


def _intake(intake: Intake, texts: Texts) -> list[str]:
    """Write the rules for intake, each with what it does."""
    lines = []
    for key in _INTAKE_KEYS:
        value = getattr(intake, key)
        is_void = (key == "complete_share" and intake.complete_if) or (
            key == "duplicates" and not intake.person
        )
        if is_void or not (value or key in _SHOWN_DEFAULTS):
            continue
        lines += comment(texts.get(f"draft.intake.{key}"), "      ")
        lines.append(f"      {key}: {_rule_text(key, value)}")
    return ["    intake:", *lines]


def _rule_text(key: str, value: object) -> str:
    """Write the value of one intake rule."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return _expression(str(value)) if key.endswith("_if") else scalar(str(value))


# --- chapter -------------------------------------------------------------------

MAX_HEADING = 90
_SPECIAL = re.compile(r"([\\`*_\[\]{}<>#|~^$!&])")


def chapter_markdown(survey: str, draft: Draft, texts: Texts) -> str:
    """Write a first chapter: a heading, a table and, for scales, a chart for every question.

    Of a question answered in words of one's own it says how many answered.
    """
    title = escape_markdown(str(draft.codebook.title))
    lines = [f"# {title}", "", texts.get("draft.chapter_intro", survey=survey), ""]
    lines += [f'{{{{ intake_table("{survey}") }}}}', ""]
    shown = [q for q in draft.codebook.questions if is_tabulated(q) or is_told(q)]
    shortened = Counter(heading(str(question.text)) for question in shown)
    for question in shown:
        is_unique = shortened[heading(str(question.text))] == 1
        title = heading(str(question.text), end=0 if is_unique else MAX_HEADING // 3)
        lines += [f"## {escape_markdown(title)}", ""]
        if is_told(question):
            name = f"{survey}.{question.id}"
            lines += [texts.get("draft.chapter_open", question=name), ""]
            continue
        lines += [f'{{{{ table("{survey}.{question.id}") }}}}', ""]
        if has_chart(question):
            lines += [f'{{{{ chart("{survey}.{question.id}") }}}}', ""]
    return "\n".join(lines)


def is_tabulated(question: Question) -> bool:
    """Tell a question that a table can show: no free text, no identity, nothing technical."""
    is_open = question.type is QuestionType.TEXT
    return not (is_open or question.hidden or question.role in NEVER_SHOWN)


def is_told(question: Question) -> bool:
    """Tell a question in words of one's own, of which the chapter says how many answered."""
    is_open = question.type is QuestionType.TEXT and not question.hidden
    return is_open and question.role in {Role.QUESTION, Role.BACKGROUND}


def method_markdown(surveys: Sequence[str], texts: Texts) -> str:
    """Write a last chapter: how the survey was made, who did not answer what."""
    lines = [f"# {texts.get('draft.method_title')}", "", texts.get("draft.method_intro"), ""]
    lines += ["{{ method() }}", ""]
    for survey in surveys:
        lines += [f'{{{{ nonresponse_table("{survey}") }}}}', ""]
    return "\n".join(lines)


def has_chart(question: Question) -> bool:
    """Tell a question whose answers a chart shows better: scales, grids, several answers."""
    if question.type is QuestionType.GRID:
        return bool(question.options)
    return question.ordered or question.type is QuestionType.MULTIPLE


def heading(text: str, *, end: int = 0) -> str:
    """Shorten a wording to a heading, between words.

    Parameters
    ----------
    text
        The wording.
    end
        Characters of its end to keep, where several wordings begin alike.
    """
    if len(text) <= MAX_HEADING:
        return text
    start = text[: MAX_HEADING - end].rsplit(" ", 1)[0].rstrip(" ,.;:–-") + " …"
    return f"{start} {text[-end:].partition(' ')[2]}" if end else start


def escape_markdown(text: str) -> str:
    """Write a wording so that Markdown and chapter expressions leave it as it is."""
    return _SPECIAL.sub(r"\\\1", text)
