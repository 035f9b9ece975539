"""The bundled study's chapters, read as plain text, against the published appendix's outline."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.paths import REPOSITORY, SHARED, needs_shared

STUDY = REPOSITORY / "surveys" / "samordningsforbund-2022"
CHAPTERS = sorted((STUDY / "chapters").glob("*.md"))
STRUCTURE = SHARED / "reference" / "jamstalldhetsmyndigheten-2022-9-bilaga-1-structure.yaml"

MENDED = {
    "FÖRUTSÄTTNIGNAR": "FÖRUTSÄTTNINGAR",
    "VÅLDS UPPTÄCKS": "VÅLD UPPTÄCKS",
    "SAMVERKANSTRUKTURER": "SAMVERKANSSTRUKTURER",
}
"""Misprints in headings; each has its line under oddities in ``published.yaml``."""

TEXT_TABLES = {
    "samordningsforbund-grupp-1-och-2": "forbund",
    "ataganden-grupp-1-och-2": "ataganden",
}
EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
HEADING = re.compile(r"^(#+) (.+?)(?: \{([^}]*)\})?$", re.MULTILINE)
NUMBER_WORDS = "två|tre|fyra|fem|sex|sju|åtta|nio|tio|elva|tolv|tretton|hälften|tredjedel|femtedel"


def sections() -> list[tuple[str, int, str, str]]:
    """Return (number, level, title, text) per numbered heading; the summary has no number."""
    found: list[tuple[str, int, str, str]] = []
    counts = [0, 0, 0]
    for file in CHAPTERS:
        text = file.read_text(encoding="utf-8")
        heads = [h for h in HEADING.finditer(text) if not (h[3] and len(h[1]) > 1)]
        ends = [*(h.start() for h in heads[1:]), len(text)]
        for head, end in zip(heads, ends, strict=True):
            level = len(head[1])
            if not head[3]:
                counts[level - 1] += 1
                counts[level:] = [0] * (3 - level)
            number = "" if head[3] else ".".join(map(str, counts[:level]))
            found.append((number, level, head[2], text[head.end() : end]))
    return found


@pytest.fixture(scope="module")
def outline() -> list[dict]:
    return yaml.safe_load(STRUCTURE.read_text(encoding="utf-8"))["outline"]


@pytest.fixture(scope="module")
def everything() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in CHAPTERS)


# --- the skeleton --------------------------------------------------------------------------


@needs_shared
def test_headings_are_the_published_ones_with_misprints_mended(outline):
    printed = []
    for heading in outline:
        title = heading["title"]
        for wrong, right in MENDED.items():
            title = title.replace(wrong, right)
        printed.append((heading["number"] or "", heading["level"], title.upper()))
    assert [(n, level, title.upper()) for n, level, title, _ in sections()] == printed
    assert len(printed) == 61


@needs_shared
def test_each_section_has_its_footnotes_and_quotes(outline):
    for heading, (number, _, _, text) in zip(outline, sections(), strict=True):
        definitions = re.findall(r"^\[\^([^\]]+)\]:", text, re.MULTILINE)
        assert len(definitions) == len(heading["footnotes"]), number
        quotes = re.findall(r"^> — ", text, re.MULTILINE)
        assert len(quotes) == heading["block_quotes"], number


@needs_shared
def test_each_table_stands_under_its_heading_in_the_published_order(outline):
    published = yaml.safe_load((STUDY / "published.yaml").read_text(encoding="utf-8"))
    calls = {t["id"]: t.get("question") or t["data"] for t in published["tables"]} | TEXT_TABLES
    for heading, (number, _, _, text) in zip(outline, sections(), strict=True):
        placed = re.findall(r'\{\{ (?:data_)?table\("([^"]+)"', text)
        assert placed == [calls[t] for t in heading["tables"]], number


@needs_shared
def test_subheadings_boxes_lists_and_leads_stand_where_they_should(outline):
    for heading, (number, _, _, text) in zip(outline, sections(), strict=True):
        wanted = [s["title"] for s in heading.get("unnumbered_subheadings", [])]
        boxes = re.findall(r"^::: box (.+)$", text, re.MULTILINE)
        subheadings = [h[2] for h in HEADING.finditer(text)]
        assert sorted(boxes + subheadings) == sorted(wanted), number
        outside = re.sub(r"^::: box.*?^:::$", "", text, flags=re.MULTILINE | re.DOTALL)
        lists = [
            len(re.findall(r"^- ", run.group(), re.MULTILINE))
            for run in re.finditer(r"(?:^- .*\n)+", outside, re.MULTILINE)
        ]
        assert lists == [b["items"] for b in heading.get("bullet_lists", [])], number
        present = heading.get("lead_in", {}).get("present", False)
        assert text.count("{.lead}\n") == int(present), number


def test_results_chapters_have_charts():
    for file in CHAPTERS[3:6]:
        assert "{{ chart(" in file.read_text(encoding="utf-8"), file.name


def test_sections_have_one_to_many_paragraphs():
    for number, _, title, text in sections():
        plain = text.replace("{.lead}\n", "")
        prose = [p for p in plain.split("\n\n") if p.strip() and p.strip()[0] not in "{>:[#-"]
        assert 1 <= len(prose) <= 12, (number, title)


# --- what the chapters may say ----------------------------------------------------------------


def test_no_figure_in_the_prose_is_typed(everything):
    prose = EXPRESSION.sub("", everything)
    prose = re.sub(r"\[\^[^\]]+\]:?", "", prose)
    prose = re.sub(r"SOU \d{4}:\d+|\(\d{4}:\d+\)|\b20[012]\d(?:–20[012]\d)?\b", "", prose)
    assert re.findall(r".{20}\d.{20}", prose) == []
    assert re.findall(rf"\b(?:{NUMBER_WORDS})\b", prose, re.IGNORECASE) == []


def test_quotes_are_marked_as_invented(everything):
    attributions = re.findall(r"^> — (.+)$", everything, re.MULTILINE)
    assert len(attributions) == 23
    assert all(a.endswith("(fiktivt citat)") for a in attributions)


def test_footnotes_are_defined_once_and_used(everything):
    defined = re.findall(r"^\[\^([^\]]+)\]:", everything, re.MULTILINE)
    used = re.findall(r"\[\^([^\]]+)\](?!:)", everything)
    used += re.findall(r'"(k\d-\d+)"', everything)
    assert len(set(defined)) == len(defined) == 45
    assert sorted(used) == sorted(defined)


def test_references_have_a_target(everything):
    anchors = re.findall(r'id="([^"]+)"', everything)
    assert len(set(anchors)) == len(anchors)
    titles = {slug(title) for _, _, title, _ in sections()}
    for target in re.findall(r'ref\("([^"]+)"\)', everything):
        assert target in anchors or target in titles


def slug(text: str) -> str:
    plain = text.casefold().translate(str.maketrans("åäöé", "aaoe"))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def test_questions_and_options_that_the_prose_names_exist(everything):
    known: dict[str, set[str]] = {}
    for survey in ("personal", "deltagare", "fov"):
        book = yaml.safe_load((STUDY / f"{survey}.yaml").read_text(encoding="utf-8"))
        for question in book["questions"]:
            labels = {str(o["label"]) for o in question.get("options", [])}
            for name in (question["id"], *(i["id"] for i in question.get("items", []))):
                known[f"{survey}.{name}"] = labels
    calls = re.findall(r'\b(?:n|pct|phrase|points)\("([^"]+)", (\[[^\]]*\]|"[^"]*")', everything)
    assert len(calls) > 100
    for question, options in calls:
        assert set(re.findall(r'"([^"]*)"', options)) <= known[question], question
    facts = yaml.safe_load((STUDY / "study.yaml").read_text(encoding="utf-8"))["facts"]
    assert set(re.findall(r'fact\("([^"]+)"\)', everything)) <= set(facts)


# --- the chapters are our own words --------------------------------------------------------------


@needs_shared
def test_no_sentence_is_taken_from_the_published_text(everything):
    source = SHARED / "sources" / "jamstalldhetsmyndigheten-2022-9-bilaga-1.txt"
    length = 11

    def runs(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"[a-zåäöé]+", text.lower())
        return set(word_runs(words, length))

    own = re.sub(r"^(?:#|- |\[\^).*$", "", EXPRESSION.sub(" | ", everything), flags=re.MULTILINE)
    shared = runs(source.read_text(encoding="utf-8")) & set().union(
        *(runs(part) for part in re.split(r"[|.]", own))
    )
    assert shared == set()


def word_runs(words: list[str], length: int) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + length]) for i in range(len(words) - length + 1)]
