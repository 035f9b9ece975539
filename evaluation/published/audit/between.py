"""The same group counted differently in several tables."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from evaluation.published.audit.model import Certainty, Finding
from evaluation.published.audit.reading import read_count
from evaluation.published.words import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.published.audit.reading import Figure
    from evaluation.published.schema import PrintedTable
    from evaluation.published.words import Words

SAME_GROUP = 1 / 3
"""Two tables are of one group if so many of their common rows have the same base, and two have."""
SAME_CAPTION = 0.85
"""Likeness of two captions that seem to say the same of the same group."""
_STATED_BASE = re.compile(r"(?P<noun>\w+)\s*=\s*(?P<base>\d[\d\u00a0 ]*)")

Figures = "Mapping[str, Sequence[Figure]]"


def check_between(
    tables: Sequence[PrintedTable], found: Mapping[str, Sequence[Figure]], words: Words
) -> list[Finding]:
    """Compare bases and totals between the tables of a report.

    Parameters
    ----------
    tables
        As printed, in order.
    found
        Figures of each table.
    words
        What a total is called.
    """
    return [
        *_survey_bases(tables),
        *_named_bases(tables),
        *_captions(tables),
        *_same_question(tables, found, words),
    ]


def _survey(table: PrintedTable) -> str:
    return (table.question or "").partition(".")[0]


def _survey_bases(tables: Sequence[PrintedTable]) -> list[Finding]:
    """Single-answer questions of one survey that state another base than most of them."""
    groups: dict[str, list[PrintedTable]] = {}
    for table in tables:
        states = table.base is not None and table.base_printed is not False and not table.where
        if _survey(table) and states and table.kind == "single":
            groups.setdefault(_survey(table), []).append(table)
    findings = []
    for survey, own in groups.items():
        usual, times = Counter(t.base for t in own).most_common(1)[0]
        if times < 2:
            continue
        findings += [
            Finding(
                "survey_base",
                Certainty.NOTE,
                table.id,
                printed=str(table.base),
                values={"survey": survey, "base": usual, "tables": times},
                fits=(("base", {"base": usual}),),
            )
            for table in own
            if table.base != usual
        ]
    return findings


def _bases(table: PrintedTable) -> dict[str, tuple[str, int]]:
    """Return bases printed with the name of a row or column: folded name -> (name, base)."""
    named = [(row.label, row.base) for row in table.rows] + list(table.bases.items())
    found = {plain(name): (name, read_count(base)) for name, base in named if base}
    return {key: (name, base) for key, (name, base) in found.items() if base is not None}


def _named_bases(tables: Sequence[PrintedTable]) -> list[Finding]:
    """Rows or columns of the same name whose printed base differs between two tables."""
    bases = [(table, _bases(table)) for table in tables]
    findings = []
    for later, (table, own) in enumerate(bases):
        for other, theirs in bases[:later]:
            common = [key for key in own if key in theirs]
            same = [key for key in common if own[key][1] == theirs[key][1]]
            if len(same) < 2 or len(same) < SAME_GROUP * len(common):
                continue
            findings += [
                Finding(
                    "group_base",
                    Certainty.LIKELY,
                    table.id,
                    own[key][0],
                    printed=str(own[key][1]),
                    values={"base": own[key][1], "other": theirs[key][1], "other_table": other.id},
                    fits=(("base", {"base": theirs[key][1]}),),
                )
                for key in common
                if key not in same
            ]
    return findings


def _captions(tables: Sequence[PrintedTable]) -> list[Finding]:
    """Nearly equal captions that state different totals of the same kind."""
    stated = []
    for table in tables:
        text = table.caption or table.head or ""
        found = _STATED_BASE.search(text)
        base = read_count(found["base"].strip()) if found else None
        if found and base:
            words = re.sub(r"\d+", "", text[: found.start()]).casefold()
            stated.append((table, found["noun"].casefold(), base, words))
    findings = []
    for later, (table, noun, base, words) in enumerate(stated):
        for other, their_noun, their_base, their_words in stated[:later]:
            if noun != their_noun or base == their_base:
                continue
            if SequenceMatcher(None, words, their_words).ratio() < SAME_CAPTION:
                continue
            findings.append(
                Finding(
                    "caption_base",
                    Certainty.NOTE,
                    table.id,
                    printed=str(base),
                    values={"base": base, "other": their_base, "other_table": other.id},
                    fits=(("base", {"base": their_base}),),
                )
            )
    return findings


def _same_question(
    tables: Sequence[PrintedTable], found: Mapping[str, Sequence[Figure]], words: Words
) -> list[Finding]:
    """The same question's totals in several tables: as a frequency, and by groups."""
    findings = []
    seen: dict[tuple[str, str], list[tuple[PrintedTable, dict[str, Figure]]]] = {}
    for table in tables:
        name = table.question or plain(table.head or table.caption or "")
        totals = _totals(found[table.id], words)
        if not name or not totals:
            continue
        before = seen.setdefault((name, table.where), [])
        for other, theirs in before:
            findings += _differing(table, totals, other, theirs)
        before.append((table, totals))
    return findings


def _totals(figures: Sequence[Figure], words: Words) -> dict[str, Figure]:
    """Return each row's count of all respondents."""
    return {
        plain(f.row): f
        for f in figures
        if f.measure == "n" and f.count is not None and (not f.column or words.is_total(f.column))
    }


def _differing(
    table: PrintedTable,
    totals: Mapping[str, Figure],
    other: PrintedTable,
    theirs: Mapping[str, Figure],
) -> list[Finding]:
    common = [key for key in totals if key in theirs]
    if len(common) < 2:
        return []
    return [
        Finding(
            "total_differs",
            Certainty.LIKELY,
            table.id,
            totals[key].row,
            totals[key].place,
            totals[key].text,
            {
                "printed": totals[key].text,
                "other": theirs[key].text,
                "other_table": other.id,
            },
            (("total", {"total": theirs[key].text}),),
        )
        for key in common
        if totals[key].count != theirs[key].count
    ]
