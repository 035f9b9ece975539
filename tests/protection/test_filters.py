"""Filters and routing on several variables, attacked: "any of these items", "or", "not", lists.

Who fulfils a condition on several questions is counted in the tables of each of
them too, and so are those whom the filter of a question lets to it. The attacker
evaluates every expression himself, by Python's own parser, for every possible
respondent.
"""

from __future__ import annotations

import ast
import csv
from typing import TYPE_CHECKING

import numpy as np
import pytest

from evaluation.protection import audit_filters, audit_whole, filters, system
from tests.protection.drawn import run
from tests.protection.reader import MISSING, Found, Kinds, Questionnaire, read_rows, strongest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from evaluation.protection.events import Literal

ITEMS = ("g1", "g2")
SINGLE = {"unit": ("u1", "u2", "u3"), "gender": ("w", "m"), "g1": ("1", "2", "3"),
          "g2": ("1", "2", "3"), "q": ("1", "2", "3")}  # fmt: skip
MAY_LACK = ("g1", "g2", "q")
CODEBOOK = """\
title: Enkät
questions:
  - {id: unit, text: Enhet, type: single, role: unit, options: {u1: A, u2: B, u3: C}}
  - {id: gender, text: Kön, type: single, role: background, options: {w: Kvinna, m: Man}}
  - id: g
    text: Hur nöjd är du med
    type: grid
    ordered: true
    options: {1: Nöjd, 2: Delvis, 3: Inte}
    items: {g1: stödet, g2: lokalen}
  - {id: q, text: Utsatt?, type: single, hidden: HIDDEN, options: {1: Ofta, 2: Ibland, 3: Aldrig}}
  - {id: f, text: Sökte du hjälp?, type: single, asked_if: 'ASKED', options: {f1: Ja, f2: Nej}}
"""


class Expressed(Kinds):
    """Knows what an expression means, and who was asked the question with a filter."""

    def __init__(self, asked: str) -> None:
        single = {**SINGLE, "f": ("f1", "f2", "item_nonresponse", "not_asked")}
        super().__init__(Questionnaire(single=single, may_lack=MAY_LACK))
        keep = self.where(asked) != self.holds("f", "not_asked")
        self.kinds = [kind for kind, kept in zip(self.kinds, keep, strict=True) if kept]
        self.n = len(self.kinds)

    def where(self, text: str) -> NDArray[np.bool_]:
        tree = ast.parse(text, mode="eval").body if text else ast.BoolOp(ast.And(), [])
        return np.array([self.fulfils(tree, kind) for kind in self.kinds], dtype=bool)

    def fulfils(self, tree: ast.expr, kind: Mapping[str, object]) -> bool:
        match tree:
            case ast.BoolOp(op, parts):
                joined = any if isinstance(op, ast.Or) else all
                return joined(self.fulfils(part, kind) for part in parts)
            case ast.UnaryOp(ast.Not(), part):
                return not self.fulfils(part, kind)
            case ast.Call(ast.Name(said), [ast.Name(name)]):
                items = ITEMS if name == "g" else (name,)
                return (said == "answered") == any(kind[one] not in MISSING for one in items)
            case ast.Compare(ast.Name(name), [sign], [value]):
                given = kind[name]
                if given in MISSING:
                    return False
                meant = [str(v) for v in np.atleast_1d(ast.literal_eval(value))]
                if isinstance(sign, ast.GtE):
                    return int(str(given)) >= int(meant[0])
                return (given in meant) == isinstance(sign, ast.Eq | ast.In)
        raise AssertionError(ast.dump(tree))


def draw(seed: int, n: int, asked: str) -> list[dict[str, str]]:
    rng = np.random.default_rng(seed)
    chances = {name: rng.dirichlet([0.8] * len(codes)) for name, codes in SINGLE.items()}
    who = Expressed("f == 'never'")
    tree = ast.parse(asked, mode="eval").body
    people = []
    for _ in range(n):
        one = {name: str(rng.choice(codes, p=chances[name])) for name, codes in SINGLE.items()}
        one |= {name: "item_nonresponse" for name in MAY_LACK if rng.random() < 0.05}
        is_asked = who.fulfils(tree, one)
        people.append(one | {"f": str(rng.choice(["f1", "f2"])) if is_asked else "not_asked"})
    return people


def publish(
    folder: Path, people: list[dict[str, str]], case: str, policy: str = "sensitive: all"
) -> list[dict[str, str]]:
    asked, tables = CASES[case]
    hidden = case == "a question that only filters name"
    (folder / "data").mkdir(parents=True)
    (folder / "chapters").mkdir()
    (folder / "study.yaml").write_text(
        "title: Prov\npublisher: P\nyear: 2026\nlanguage: sv\nsurveys:\n  s: {title: Enkät,"
        " data: data/s.csv, unit: unit, intake: {minimum_answered: 1, complete_share: 0}}\n"
        f"protection: {{method: suppress, time_limit: 2, {policy}}}\n",
        encoding="utf-8",
    )
    book = CODEBOOK.replace("ASKED", asked).replace("HIDDEN", str(hidden).lower())
    (folder / "s.yaml").write_text(book, encoding="utf-8")
    with (folder / "data" / "s.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*SINGLE, "f"], lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: "" if v in MISSING else v for k, v in p.items()} for p in people)
    calls = "\n\n".join(f"{{{{ table({call}) }}}}" for call in tables)
    (folder / "chapters" / "1.md").write_text("# R\n\n" + calls + "\n", encoding="utf-8")
    out = folder / "out"
    run("report", folder, "--to", "csv", "--out", out)
    return read_rows(out)


def narrow(rows: list[dict[str, str]], people: list[dict[str, str]], asked: str) -> list[Found]:
    """Small counts that are withheld and yet known too closely."""
    kinds = Expressed(asked)
    truth = np.zeros(kinds.n, dtype=np.int64)
    for person in people:
        truth[kinds.kinds.index(person)] += 1
    found = strongest(kinds, rows, n=len(people)).attack(truth, enough=5)
    return [one for one in found if 0 < one.truth < 5 and one.width < 5]


CASES = {
    "any of these items": ("q == 1", ('"s.unit", where="g1 == 1 or g2 == 1"', '"s.g1", by="g2"')),
    "one or the other": (
        "q == 1",
        ('"s.g", where="q == 1 or gender == \'w\'"', '"s.q", by="gender"'),
    ),
    "neither of two": (
        "q == 1",
        ('"s.g", where="not (unit == \'u1\' or g2 == 2)"', '"s.g", by="unit"'),
    ),
    "asked by two questions": (
        'q == 1 and gender == "w"',
        ('"s.f", by="unit"', '"s.q", by="gender"'),
    ),
    "asked by either question": (
        "g1 == 1 or g2 == 1",
        ('"s.f", by="unit"', '"s.g1", by="unit"'),
    ),
    "asked but for one answer": ("q != 3", ('"s.f", by="unit"', '"s.q", by="unit"')),
    "answered some item": (
        "q == 1",
        ('"s.unit", where="answered(g)"', '"s.unit", where="missing(g1)"', '"s.g", by="unit"'),
    ),
    "a question that only filters name": (
        'gender == "w"',
        (
            '"s.unit", where="q == 1 or q == 2"',
            '"s.unit", where="q == 1"',
            '"s.unit", where="q >= 2"',
        ),
    ),
}
LEAKING = {
    "any of these items": (5, 60),
    "one or the other": (4, 40),
    "neither of two": (8, 60),
    "asked by two questions": (5, 60),
    "asked by either question": (3, 25),
    "asked but for one answer": (0, 25),
}


@pytest.mark.parametrize("case", CASES)
def test_what_tables_hide_does_not_follow_from_conditions(tmp_path: Path, case: str) -> None:
    asked, tables = CASES[case]
    for seed, n in dict.fromkeys([LEAKING.get(case, (2, 60)), (1, 40)]):
        people = draw(seed, n, asked)
        rows = publish(tmp_path / str(seed), people, case)
        assert sum(bool(row["where"]) for row in rows) >= sum("where" in text for text in tables)
        assert narrow(rows, people, asked) == []


def forget_in_method(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away that a condition on several questions is a sum of counts."""
    monkeypatch.setattr(filters, "disjoint", lambda part, read, _: _alone(read(part)))
    monkeypatch.setattr(system._Builder, "_link_filter", lambda *_: None)


def _alone(literals: list[Literal] | None) -> list[tuple[Literal, ...]] | None:
    return None if literals is None else [tuple(literals)]


@pytest.mark.parametrize("case", LEAKING)
def test_the_audit_finds_by_itself_what_the_method_does_not_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    asked, _ = CASES[case]
    people = draw(*LEAKING[case], asked)
    forget_in_method(monkeypatch)
    assert narrow(publish(tmp_path / "guarded", people, case), people, asked) == []
    monkeypatch.setattr(audit_whole, "clause", lambda _: None)
    assert narrow(publish(tmp_path / "open", people, case), people, asked)


def test_a_listed_sensitive_question_is_sensitive_within_a_condition(tmp_path: Path) -> None:
    """Few who answered a sensitive question, or another one, so and so are few still."""
    people = draw(1, 40, "q == 1")
    policy = "sensitive: [s.q], identifying: [s.unit]"
    rows = publish(tmp_path / "s", people, "one or the other", policy)
    small = [r for r in rows if r["where"] and r["n"] and 0 < int(r["n"]) < 5]
    assert [r for r in rows if r["where"] and not r["n"]]
    assert [r for r in small if r["row_code"] not in MISSING] == []


def test_what_a_list_leaves_out_is_not_told_by_difference() -> None:
    """Who answered, but none of those in the list, is the rest of the table without a filter."""
    said = audit_filters.conditions("q in (1, 3) and not (g1 == 1 or g2 == 2)", "s", {})
    assert said == {"q=net:1+3", "?not ((g1 == 1) or (g2 == 2))"}
    assert audit_filters.conditions("q == 1 or g1 == 2 and g2 == 3", "s", {}) == {
        "?(q == 1) or ((g1 == 2) and (g2 == 3))"
    }
