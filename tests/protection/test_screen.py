"""The audit leaves out tables that can say nothing: what it finds is what it finds with all of them."""

from __future__ import annotations

import pytest

from evaluation.protection import audit_screen, audit_whole
from evaluation.protection.audit import AuditPolicy, audit_together
from evaluation.protection.audit_screen import screened
from evaluation.protection.audit_sheets import Sheet, gather
from tests.protection.sheets_drawn import MISSING, draw_release, rows_of


@pytest.fixture(autouse=True)
def _screens_small_releases(monkeypatch):
    monkeypatch.setattr(audit_screen, "WORTH_SCREENING", 0)
    monkeypatch.setattr(audit_screen, "MOST_DIRTY", 1.0)


def found(sheets, policy, kept):
    rows = [row for number in kept for row in rows_of(sheets[number])]
    return set(audit_together(rows, policy, (), gather(sheets)).leaks)


def compared(sheets, structure):
    """Return what is found in all tables and in those kept, and which are kept."""
    policy = AuditPolicy(structure=structure)
    kept = screened(sheets, gather(sheets), policy)
    rows = [row for sheet in sheets for row in rows_of(sheet)]
    return set(audit_together(rows, policy, ()).leaks), found(sheets, policy, kept), kept


def test_what_is_found_in_drawn_releases_does_not_depend_on_it():
    n_out = n_leaks = 0
    for seed in (*range(100, 112), *range(400, 412)):
        sheets, structure = draw_release(seed)
        every, some, kept = compared(sheets, structure)
        assert every == some, seed
        n_out += len(sheets) - len(kept)
        n_leaks += len(every)
    assert n_out > 60
    assert n_leaks > 200


# --- one way at a time in which a table that shows everything tells of another one ----


def sheet(table, row, column, counts, *, where="", missing=False):
    """Return a table of one question: rows and columns without the total, which is added."""
    codes = [str(i + 1) for i in range(len(counts))]
    columns = [str(j + 1) for j in range(len(counts[0]))] if column else []
    lines = [[*line, sum(line)] if column else list(line) for line in counts]
    lines.append([sum(column) for column in zip(*lines, strict=True)])
    codes.append("total")
    if missing:
        codes += MISSING
        lines += [[0] * len(lines[0])] * len(MISSING)
    bases = [lines[len(counts)] if c not in MISSING else [None] * len(lines[0]) for c in codes]
    return Sheet(
        table=table,
        survey="s",
        where=where,
        weight="",
        rows=[(row, code, code) for code in codes],
        columns=[(column, code, code) for code in (*columns, "total")],
        counts=lines,
        bases=bases,
    )


def without(whole, *places):
    """Return a table with some cells hidden, as (row, column)."""
    counts = [list(line) for line in whole.counts]
    bases = [list(line) for line in whole.bases]
    total = [code for _, code, _ in whole.rows].index("total")
    for i, j in places:
        counts[i][j] = bases[i][j] = None
        for line in bases if i == total else ():
            line[j] = None
    return Sheet(
        whole.table, whole.survey, whole.where, "", whole.rows, whole.columns, counts, bases
    )


RING = "a crosstab that closes a ring"
SQUARE = ((0, 0), (0, 1), (1, 0), (1, 1))
TELLING = {
    "the same count in a table with a filter": (
        [without(sheet("t", "q", "g", [[8, 3, 30], [9, 20, 30], [30, 30, 30]]), *SQUARE)],
        sheet("w", "q", "", [[8], [9], [30]], where='g == "1"'),
    ),
    "the same count, columns for rows": (
        [without(sheet("t", "q", "g", [[8, 3, 30], [9, 20, 30], [30, 30, 30]]), *SQUARE)],
        sheet("w", "g", "", [[9], [20], [30]], where='q == "2"'),
    ),
    "a count with a condition less": (
        [without(sheet("t", "q", "g", [[3, 2], [9, 20], [30, 30]]), *SQUARE, (0, 2), (1, 2))],
        sheet("w", "q", "", [[5], [29], [60]]),
    ),
    "how many there are in a column": (
        [
            without(
                sheet("t", "q", "g", [[3, 8], [30, 30], [30, 30]], missing=True),
                (0, 0), (3, 0), (0, 1), (3, 1),
            ),
        ],
        sheet("w", "r", "g", [[40, 30], [23, 38]], missing=True),
    ),
    "who was asked": (
        [
            without(
                sheet("t", "f", "g", [[3, 8], [30, 30], [30, 30]]), (0, 0), (3, 0), (0, 1), (3, 1)
            ),
            sheet("u", "r", "g", [[80, 80], [70, 70]], missing=True),
        ],
        sheet("w", "a", "g", [[63, 68], [40, 40]]),
    ),
    "what a filter left out": (
        [sheet("t", "q", "", [[40], [30]], where='g != "1"')],
        sheet("w", "q", "", [[43], [50]]),
    ),
    "the answers that a filter lists": (
        [
            sheet("t", "q", "", [[9], [29], [50]], where='b in ["1", "2"]'),
            without(sheet("u", "q", "", [[3], [20], [30]], where='b == "1"'), (0, 0), (1, 0)),
        ],
        sheet("w", "q", "", [[6], [9], [20]], where='b == "2"'),
    ),
    RING: (
        [
            without(sheet("t", "q", "g", [[3, 8], [30, 29], [20, 20]]), *SQUARE),
            sheet("u", "h", "g", [[53, 20], [0, 37]]),
        ],
        sheet("w", "q", "h", [[5, 6], [43, 16], [25, 15]]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", TELLING)
def test_a_table_that_tells_of_another_is_read(way, monkeypatch):
    monkeypatch.setattr(audit_whole, "LARGEST", 0)
    dirty, telling = TELLING[way]
    others = [
        sheet(f"o{i}", f"other{i}", "k", [[20] * 3, [30] * 3, [40] * 3], missing=i > 6)
        for i in range(9)
    ]
    others.append(sheet("e", "e", "", [[200], [100]], missing=True))  # how many there are
    structure = {"asked_if": {"s.f": "a == 1"}, "known": ["s.g", "s.h"]}
    structure["everyone"] = ["w"] if way == RING else []
    every, some, kept = compared([*others, *dirty, telling], structure)
    assert every == some
    assert every
    assert len(others) + len(dirty) in kept
    assert len(kept) < 7
    policy = AuditPolicy(structure=structure)
    alone = [*others, *dirty]
    assert not found(alone, policy, range(len(alone)))


def test_a_table_that_tells_too_much_by_itself_is_read(monkeypatch):
    monkeypatch.setattr(audit_whole, "LARGEST", 0)
    many = sheet("m", "m", "g", [[47, 20], [20, 20]])
    total = many.counts[2]
    counts = [*many.counts[:2], [50, 40, 90]]
    many = Sheet("m", "s", "", "", many.rows, many.columns, counts, [counts[2]] * 3)
    small = sheet("a", "q", "g", [[4, 30], [30, 30]])
    whole = sheet("b", "r", "g", [[30, 0], [0, 30]])
    clean = sheet("c", "v", "h", [[30, 30], [30, 30]])
    assert total != counts[2]
    every, some, kept = compared([many, small, whole, clean], {"multiple": ["s.m"]})
    assert every == some
    assert {leak.code for leak in every} == {"difference", "small_shown", "group_shown"}
    assert kept == [0, 1, 2]


def test_a_question_that_one_table_shows_to_take_several_answers_takes_them_in_all(monkeypatch):
    monkeypatch.setattr(audit_whole, "LARGEST", 0)
    several = sheet("a", "m", "h", [[30, 30], [40, 40]])
    lines = [*several.counts[:2], [50, 50, 100]]
    several = Sheet("a", "s", "", "", several.rows, several.columns, lines, [lines[2]] * 3)
    one = sheet("b", "m", "k", [[47, 20], [3, 20]])
    lines = [one.counts[0], one.counts[2]]  # one option stands in it, and all who answered
    heads = [one.rows[0], one.rows[2]]
    one = Sheet("b", "s", "", "", heads, one.columns, lines, [lines[1]] * 2)
    every, some, kept = compared([several, one], {})
    assert every == some
    assert {leak.code for leak in every} == {"difference"}
    assert kept == [0, 1]


def test_small_surveys_and_groupings_are_read_whole():
    hiding = without(sheet("t", "q", "g", [[8, 3], [9, 20], [30, 30]]), *SQUARE)
    others = [sheet(f"o{i}", f"other{i}", f"h{i}", [[20, 20], [30, 30]]) for i in range(12)]
    policy = AuditPolicy()
    assert screened([hiding, *others], gather([hiding, *others]), policy) == [0]
    few = [hiding, *others[:4]]
    assert screened(few, gather(few), policy) == list(range(5))
    grouped = AuditPolicy(structure={"recodes": {"s.other3": ["s.other5", {}]}})
    assert screened([hiding, *others], gather([hiding, *others]), grouped) == [0, 4, 6]
