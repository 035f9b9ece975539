"""The same persons at two occasions: tables of forms and analyses of changes, attacked together.

For every guard there is a test without it, in which the attack succeeds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from evaluation.pipeline import panels
from evaluation.protection.methods import suppress
from evaluation.tables.analyses import change
from tests.protection.drawn import run
from tests.protection.pages import printed_tables
from tests.protection.panel import (
    ABSENT,
    ANSWERS,
    UNITS,
    PanelAttack,
    PanelKinds,
    Person,
    draw_panel,
    pairs_of,
    read_page,
    write_panel,
)
from tests.protection.reader import Found, read_rows
from tests.protection.test_attack import LIMIT, QUICK, WIDTH, small_shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

KINDS = PanelKinds()
TRANSITIONS = '{{ transitions_table("s.q", "Ofta", caption="T") }}'
CHANGE = '{{ change_table("s.q", "Ofta", by="occ", caption="C") }}'
EVER = '{{ ever_table("s.q", "Ofta", caption="E") }}'
BY_OCCASION = '{{ table("s.q", by="occ") }}'
BY_UNIT = tuple(f'{{{{ table("s.q", by="unit", where=\'occ == "{k}"\') }}}}' for k in "12")
ASKED = {
    "T": ("transitions", "1", ""),
    "C": ("change", "1", ""),
    "E": ("ever", "1", ""),
    "O": ("occasions", "", ""),
    "Tw": ("transitions", "1", 'unit != "u1"'),
    "Ow": ("occasions", "", 'unit != "u1"'),
}


class Attacked(NamedTuple):
    """What an attack found: hidden cells known too closely, and what few persons did."""

    narrow: list[Found]
    told: list[Found]
    shown: set[str]
    """Captions of the analyses that are not withheld."""


def attacked(folder: Path, people: Sequence[Person], chapter: Sequence[str]) -> Attacked:
    """Publish a panel and attack it."""
    study = write_panel(folder / "study", people, chapter, QUICK)
    run("report", study, "--to", "html,csv", "--out", folder / "out", "--quiet")
    page = folder / "out" / "report.html"
    tables = {t.caption: t for t in printed_tables(page)}
    asked = {c: ASKED[c.split(" ")[-1]] for c in tables if c.split(" ")[-1] in ASKED}
    rows = read_rows(folder / "out")
    assert not small_shown(rows)
    for doubt in (0, 1, 2):
        attack = PanelAttack(KINDS, rows, doubt=doubt)
        read_page(attack, page, asked)
        if attack.is_possible():
            break
    truth = KINDS.truth(people)
    shown = {c.split(" ")[-1] for c in asked if len(tables[c].lines[1]) > 2}
    return Attacked(attack.narrow(truth, WIDTH, LIMIT), few(attack, truth), shown)


def few(attack: PanelAttack, truth: Any) -> list[Found]:
    """Return how few changed, or answered at one occasion alone, where that is known."""
    found = []
    no = [code for code in ANSWERS if code != "1"]
    for where in ("", *(f'unit == "{unit}"' for unit in UNITS), 'gender == "w"'):
        events = dict(pairs_of(attack, "1", where))
        for one, other in (("q1", "q2"), ("q2", "q1")):
            for name, codes in (("yes", ["1"]), ("no", no)):
                alone: Mapping[str, Sequence[str]] = {one: codes, other: ["", ABSENT]}
                events[f"{one} alone {name}"] = attack.persons(where, **alone)
        for name, vector in events.items():
            n = int(vector @ truth)
            if 0 < n < LIMIT:
                low, high = attack.interval(vector, LIMIT - 1)
                if 1 <= low <= high < LIMIT:
                    found.append(Found(where, name, "", low, high, n))
    return found


def is_quiet(found: Attacked) -> bool:
    return not found.narrow and not found.told


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("drops", [0.0, 0.1])
def test_drawn_panels_give_nobody_away(tmp_path, seed, drops):
    people = draw_panel(seed, 120, changes=0.25, drops=drops, missing=drops / 3)
    chapter = (*BY_UNIT, '{{ table("s.q", by="assoc", where=\'occ == "2"\') }}', TRANSITIONS, EVER)
    assert is_quiet(attacked(tmp_path, people, (*chapter, CHANGE)))


# --- a test of pairs is a table of changes ------------------------------------------------------


def hardly_anybody_changed() -> list[Person]:
    return draw_panel(2, 60, changes=0.1, drops=0.0, missing=0.0)


def test_a_paired_test_does_not_tell_the_few_who_changed(tmp_path):
    found = attacked(tmp_path, hardly_anybody_changed(), (BY_OCCASION, TRANSITIONS, CHANGE))
    assert is_quiet(found)
    assert found.shown == {"C"}  # the shares stay, without test and limits
    table = next(
        t for t in printed_tables(tmp_path / "out" / "report.html") if t.caption.endswith(" C")
    )
    assert table.lines[1][-3:] == ["–", "–", "–"]
    assert "visas inte" in table.notes


def test_the_test_would_have_told_them(tmp_path, monkeypatch):
    monkeypatch.setattr(change, "pair_counts", lambda *_, **__: [])
    found = attacked(tmp_path, hardly_anybody_changed(), (BY_OCCASION, TRANSITIONS, CHANGE))
    assert Found("", "gained", "", 3, 3, 3) in found.told


def test_where_many_changed_the_test_is_shown(tmp_path):
    people = same(9, 20, 8, 7)
    found = attacked(tmp_path, people, (BY_OCCASION, TRANSITIONS, CHANGE))
    assert found.shown == {"C", "T"}
    assert is_quiet(found)


def same(both: int, gained: int, lost: int, neither: int, unit: str = "u2") -> list[Person]:
    """Return persons of one unit who came twice."""
    ways = {("1", "1"): both, ("3", "1"): gained, ("1", "3"): lost, ("3", "3"): neither}
    return [
        {"unit": unit, "gender": "w", "q1": one, "q2": two}
        for (one, two), n in ways.items()
        for _ in range(n)
    ]


# --- who came once ------------------------------------------------------------------------------


def two_left() -> list[Person]:
    once = {"unit": "u2", "gender": "w", "q1": "1", "q2": ABSENT}
    return [*same(9, 20, 8, 7), dict(once), dict(once)]


def test_the_answers_of_those_who_left_do_not_follow(tmp_path):
    found = attacked(tmp_path, two_left(), (BY_OCCASION, TRANSITIONS))
    assert is_quiet(found)
    assert not found.shown


@pytest.mark.parametrize("chapter", [(BY_OCCASION, TRANSITIONS), (TRANSITIONS,)])
def test_they_would_have_followed(tmp_path, monkeypatch, chapter):
    monkeypatch.setattr(panels, "_told", lambda *_: set())
    found = attacked(tmp_path, two_left(), chapter)
    assert Found("", "q1 alone yes", "", 2, 2, 2) in found.told


def test_what_all_forms_say_tells_with_the_last_ones_who_took_it_back(tmp_path, monkeypatch):
    people = same(12, 9, 2, 20)
    guarded = attacked(tmp_path / "a", people, (BY_OCCASION, EVER))
    assert is_quiet(guarded)
    monkeypatch.setattr(panels, "_told", lambda *_: set())
    found = attacked(tmp_path / "b", people, (BY_OCCASION, EVER))
    assert Found("", "lost", "", 2, 2, 2) in found.told


# --- filters and groups -------------------------------------------------------------------------


def a_small_unit() -> list[Person]:
    return [*same(9, 20, 8, 7), *same(6, 6, 6, 6, "u3"), *same(3, 3, 3, 3, "u1")]


FILTERED = (
    TRANSITIONS,
    '{{ transitions_table("s.q", "Ofta", where=\'unit != "u1"\', caption="Tw") }}',
)


def test_two_filters_are_not_subtracted(tmp_path):
    found = attacked(tmp_path, a_small_unit(), FILTERED)
    assert is_quiet(found)
    assert found.shown == {"T"}  # the larger one stays


def test_they_would_have_been_subtracted(tmp_path, monkeypatch):
    monkeypatch.setattr(panels, "_families", lambda *_: [])
    found = attacked(tmp_path, a_small_unit(), FILTERED)
    assert Found('unit == "u1"', "gained", "", 3, 3, 3) in found.told


def test_how_often_a_unit_left_out_was_asked_is_not_told(tmp_path):
    chapter = (
        '{{ occasions_table("s", caption="O") }}',
        '{{ occasions_table("s", where=\'unit != "u1"\', caption="Ow") }}',
    )
    once = {"unit": "u1", "gender": "w", "q1": "3", "q2": ABSENT}
    others = [{**once, "unit": "u2"} for _ in range(6)]
    people = [*a_small_unit(), *others, *(dict(once) for _ in range(2))]
    assert attacked(tmp_path, people, chapter).shown == {"O"}


@pytest.mark.parametrize(
    ("seed", "n", "changes", "what"), [(17, 200, 0.2, "narrow"), (0, 120, 0.25, "told")]
)
def test_what_all_changed_brings_no_group_nearer(tmp_path, monkeypatch, seed, n, changes, what):
    """Where nobody took it back, a unit's answers before and after tell its changes."""
    people = draw_panel(seed, n, changes=changes, drops=0.0, missing=0.0)
    chapter = (*BY_UNIT, '{{ table("s.q", by="assoc", where=\'occ == "2"\') }}', TRANSITIONS, EVER)
    assert is_quiet(attacked(tmp_path / "a", people, chapter))
    monkeypatch.setattr(panels, "_follows_in_groups", lambda *_: False)
    assert getattr(attacked(tmp_path / "b", people, chapter), what)


def test_a_hidden_margin_is_not_told_by_an_analysis_without_groups(tmp_path, monkeypatch):
    """Of the margin of a table by units: everybody whose unit is known, so everybody."""
    people = draw_panel(3, 120, changes=0.3)
    chapter = (*BY_UNIT, '{{ table("s.q", by="assoc", where=\'occ == "2"\') }}', TRANSITIONS, EVER)
    for guard in ("_told", "_follows_in_groups"):
        monkeypatch.setattr(panels, guard, lambda *_: set())
    assert not attacked(tmp_path / "a", people, chapter).narrow
    monkeypatch.setattr(suppress, "_is_margin", lambda *_: False)
    found = attacked(tmp_path / "b", people, chapter)
    assert any(one.low == one.high for one in found.narrow)
