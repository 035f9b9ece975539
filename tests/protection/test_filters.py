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

from evaluation.protection import audit_equations, audit_filters, audit_whole, filters, system
from tests.protection.drawn import run
from tests.protection.reader import MISSING, Found, Kinds, Questionnaire, read_rows, strongest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

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
    folder: Path, people: list[dict[str, str]], tables: tuple[str, ...], asked: str, hidden: bool
) -> list[dict[str, str]]:
    (folder / "data").mkdir(parents=True)
    (folder / "chapters").mkdir()
    (folder / "study.yaml").write_text(
        "title: Prov\npublisher: P\nyear: 2026\nlanguage: sv\nsurveys:\n  s: {title: Enkät,"
        " data: data/s.csv, unit: unit, intake: {minimum_answered: 1, complete_share: 0}}\n"
        "protection: {method: suppress, time_limit: 2}\n",
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
    "any of these items": (('"s.unit", where="g1 == 1 or g2 == 1"', '"s.g1", by="g2"'), "q == 1", False),
    "one or the other": (('"s.g", where="q == 1 or gender == \'w\'"', '"s.q", by="gender"'), "q == 1", False),
    "neither of two": (('"s.g", where="not (unit == \'u1\' or g2 == 2)"', '"s.g", by="unit"'), "q == 1", False),
    "answered some item": (('"s.unit", where="answered(g)"', '"s.unit", where="missing(g1)"', '"s.g", by="unit"'), "q == 1", False),
    "asked by two questions": (('"s.f", by="unit"', '"s.q", by="gender"'), 'q == 1 and gender == "w"', False),
    "asked by either question": (('"s.f", by="unit"', '"s.g1", by="unit"'), "g1 == 1 or g2 == 1", False),
    "asked but for one answer": (('"s.f", by="unit"', '"s.q", by="unit"'), "q != 3", False),
    "asked from a step on": (('"s.f", by="unit"', '"s.q", by="unit"'), "q >= 2", False),
    "a question that only filters name": (('"s.unit", where="q == 1 or q == 2"', '"s.unit", where="q == 1"', '"s.unit", where="q == 2"'), "gender == \"w\"", True),
}  # fmt: skip
if __name__ == "__main__":
    import sys, tempfile
    from pathlib import Path
    for case, (tables, asked, hidden) in CASES.items():
        for seed in range(int(sys.argv[1]), int(sys.argv[2])):
            n = (25, 40, 60)[seed % 3]
            people = draw(seed, n, asked)
            with tempfile.TemporaryDirectory() as t:
                try: r = narrow(publish(Path(t)/"s", people, tables, asked, hidden), people, asked)
                except BaseException as e: r = repr(e)[-300:]
            if r: print(case, seed, n, str(r)[:200], flush=True)
        print("done", case, flush=True)
