"""Derived questions beside what they are derived from, and beside each other, attacked.

A group of answers is the sum of these; two cuts of the same ages are tied by
the ages between all bounds; who chose "any of these" is at least the largest
of them and at most all together. What is hidden in one must not follow from
the other.
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from evaluation.protection import audit_equations, audit_whole, catalogue, groupings
from tests.protection.drawn import run
from tests.protection.reader import Found, Kinds, Questionnaire, read_rows, strongest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

UNITS = ("u1", "u2", "u3", "u4")
ANSWERS = ("1", "2", "3", "4")
AGES = ("18", "30", "50", "65", "80")
CHOICES = ("a", "b", "c", "none")
GROUPED = {"a": "any", "b": "any", "c": "other", "none": "none"}
OFTEN = {"1": "often", "2": "often", "3": "3", "4": "rest"}
EVER = {"1": "ever", "2": "ever", "3": "ever", "4": "4"}
FINE = {"18": "young", "30": "mid", "50": "late", "65": "old", "80": "old"}
COARSE = {"18": "young", "30": "adult", "50": "adult", "65": "old", "80": "oldest"}
CODEBOOK = """\
title: Enkät
questions:
  - {id: unit, text: Enhet, type: single, role: unit, options: {u1: A, u2: B, u3: C, u4: D}}
  - id: q
    text: Hur ofta?
    type: single
    hidden: true
    options: {1: Dagligen, 2: Ofta, 3: Ibland, 4: Aldrig}
  - id: often
    text: Hur ofta, sammanslaget?
    type: single
    recode: q
    options:
      - {code: often, label: Ofta, values: [Dagligen, "2"]}
      - {code: "3", label: Ibland}
      - {code: rest, label: Annat, open: true}
  - id: ever
    text: Någon gång?
    type: single
    recode: q
    options:
      - {code: ever, label: Någon gång, values: [1, 2, 3]}
      - {code: "4", label: Aldrig}
  - {id: age, text: Ålder, type: number, hidden: true}
  - id: fine
    text: Åldersgrupp
    type: single
    recode: age
    bins: [18, 30, 50, 65]
    options: {young: 18-29 år, mid: 30-49 år, late: 50-64 år, old: 65 år eller äldre}
  - id: coarse
    text: Ålder i grova grupper
    type: single
    recode: age
    bins: [18, 30, 65, 80]
    options: {young: 18-29 år, adult: 30-64 år, old: 65-79 år, oldest: 80 år eller äldre}
  - id: m
    text: Vad har du varit med om?
    type: multiple
    hidden: true
    separator: ";"
    options:
      - {code: a, label: Hot}
      - {code: b, label: Slag}
      - {code: c, label: Annat}
      - {code: none, label: Inget, exclusive: true}
  - id: g
    text: Vad har du varit med om, sammanslaget?
    type: multiple
    recode: m
    options:
      - {code: any, label: Våld, values: [a, b]}
      - {code: other, label: Annat, values: [c]}
      - {code: none, label: Inget, exclusive: true}
"""


class GroupedKinds(Kinds):
    """Knows that ``g`` groups the answers to ``m``, and reads filters that list or cut."""

    def where(self, text: str) -> NDArray[np.bool_]:
        inside = np.ones(self.n, dtype=bool)
        for clause in filter(None, re.split(r"\s+and\s+", text)):
            if clause.startswith("answered("):
                continue  # everybody did
            name, sign, said = re.fullmatch(r"(\w+)\s*(>=|<|==|in)\s*(.+)", clause).groups()
            if sign in (">=", "<"):
                years = np.array(
                    [float(str(k[name]).replace("item_nonresponse", "nan")) for k in self.kinds]
                )
                inside &= years >= float(said) if sign == ">=" else years < float(said)
            else:
                codes = [code.strip("() '\"") for code in said.split(",")]
                inside &= np.any([self.holds(name, code) for code in codes], axis=0)
        return inside

    def value(self, kind: Mapping[str, object], name: str) -> object:
        if name != "g":
            return super().value(kind, name)
        chosen = kind["m"]
        if isinstance(chosen, frozenset):
            return frozenset(GROUPED[code] for code in chosen)
        return chosen


def kinds(*names: str) -> GroupedKinds:
    """Return the kinds of respondents as far as some questions tell them apart."""
    single = {"unit": UNITS, "q": ANSWERS, "age": AGES}
    return GroupedKinds(
        Questionnaire(
            single={name: codes for name, codes in single.items() if name in ("unit", *names)},
            multiple={"m": CHOICES} if "m" in names else {},
            exclusive=("none",),
            groups={
                "often": ("q", OFTEN),
                "ever": ("q", EVER),
                "fine": ("age", FINE),
                "coarse": ("age", COARSE),
            },
            may_lack=("m", "q", "age"),
        )
    )


def draw(seed: int, n: int) -> list[dict[str, str]]:
    rng = np.random.default_rng(seed)
    sizes = rng.dirichlet([1.0] * len(UNITS))
    answers, ages = rng.dirichlet([0.8] * 4), rng.dirichlet([0.8] * 5)
    chances = rng.dirichlet([1.0, 1.0, 1.0]) * rng.uniform(0.3, 1.2)
    people = []
    for _ in range(n):
        chosen = [c for c, p in zip(CHOICES, chances, strict=False) if rng.random() < p]
        person = {
            "unit": str(rng.choice(UNITS, p=sizes)),
            "q": str(rng.choice(ANSWERS, p=answers)),
            "age": str(rng.choice(AGES, p=ages)),
            "m": ";".join(chosen or ["none"]),
        }
        lacking = [name for name in ("q", "age", "m") if rng.random() < 0.04]
        people.append(person | dict.fromkeys(lacking, ""))
    return people


def publish(
    folder: Path, people: list[dict[str, str]], *names: str, policy: str = "time_limit: 2"
) -> list[dict[str, str]]:
    (folder / "data").mkdir(parents=True)
    (folder / "chapters").mkdir()
    (folder / "study.yaml").write_text(
        "title: Prov\npublisher: P\nyear: 2026\nlanguage: sv\nsurveys:\n  s: {title: Enkät,"
        " data: data/s.csv, unit: unit, intake: {minimum_answered: 1, complete_share: 0}}\n"
        f"protection: {{method: suppress, {policy}}}\n",
        encoding="utf-8",
    )
    (folder / "s.yaml").write_text(CODEBOOK, encoding="utf-8")
    with (folder / "data" / "s.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["unit", "q", "age", "m"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(people)
    calls = (name if "," in name else f'"s.{name}", by="unit"' for name in names)
    tables = "\n\n".join(f"{{{{ table({call}) }}}}" for call in calls)
    (folder / "chapters" / "1.md").write_text("# R\n\n" + tables + "\n", encoding="utf-8")
    out = folder / "out"
    run("report", folder, "--to", "csv", "--out", out)
    return read_rows(out)


def narrow(
    rows: list[dict[str, str]], people: list[dict[str, str]], known: GroupedKinds
) -> list[Found]:
    """Small counts that are withheld and yet known too closely."""
    about = {*known.known.single, *known.known.multiple}
    about |= {name for name, (fine, _) in known.known.groups.items() if fine in about}
    about |= {"g"} if "m" in about else set()
    rows = [row for row in rows if row["row_var"] in about]
    truth = np.zeros(known.n, dtype=np.int64)
    for person in people:
        truth[known.of(person)] += 1
    found = strongest(known, rows, n=len(people)).attack(truth, enough=5)
    return [one for one in found if 0 < one.truth < 5 and one.width < 5]


CASES = {
    "groups beside their answers": (("q", "often"), kinds("q")),
    "two ways to group": (("often", "ever"), kinds("q")),
    "two cuts of the same ages": (("fine", "coarse"), kinds("age")),
    "a number and its groups": (("age", "fine", "coarse"), kinds("age")),
    "any of several": (("m", "g"), kinds("m")),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("seed", "n"), [(0, 30), (1, 60), (2, 60), (3, 90), (4, 90), (5, 90)])
def test_what_one_table_hides_does_not_follow_from_the_other(
    tmp_path: Path, case: str, seed: int, n: int
) -> None:
    names, known = CASES[case]
    people = draw(seed, n)
    rows = publish(tmp_path / "s", people, *names)
    assert set(names) <= {row["row_var"] for row in rows if row["n"]}
    assert narrow(rows, people, known) == []


CROSSED = {
    "answers crossed with each other": (('"s.m", by="m"', "m"), "m", (1, 60)),
    "answers crossed with their groups": (('"s.g", by="m"', '"s.unit", by="g"'), "m", (2, 60)),
    "answers in a list": (
        ('"s.unit", where="q in (1, 2)"', '"s.unit", by="ever"', '"s.unit", by="q"'),
        "q",
        (1, 60),
    ),
    "one of several answers": (
        ("m", """"s.g", by="unit", where="m in ('b')\"""", """"s.unit", where="m in ('a')\""""),
        "m",
        (1, 60),
    ),
    "ages that a filter cuts": (
        ('"s.unit", where="age >= 50"', '"s.unit", by="fine"'),
        "age",
        (1, 60),
    ),
    "an age that a filter names": (
        ('"s.unit", where="age == 50"', '"s.unit", by="fine"', '"s.coarse", by="unit"'),
        "age",
        (1, 60),
    ),
    "who told an age": (
        ('"s.unit", where="answered(age)"', '"s.unit", by="fine"'),
        "age",
        (1, 60),
    ),
}


@pytest.mark.parametrize("case", CROSSED)
def test_filters_and_crosstabs_of_derived_questions(tmp_path: Path, case: str) -> None:
    tables, fine, drawn = CROSSED[case]
    people = draw(*drawn)
    assert narrow(publish(tmp_path / "s", people, *tables), people, kinds(fine)) == []


def forget_in_method(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the method knows of derived questions."""
    monkeypatch.setattr(catalogue, "add_sources", lambda *_: None)
    monkeypatch.setattr(catalogue, "cuts_in", lambda *_: [])
    monkeypatch.setattr(catalogue, "any_of", lambda *_: {})
    monkeypatch.setattr(groupings, "_recode", lambda *_: None)
    monkeypatch.setattr(groupings, "_cut", lambda *_: None)


def forget_in_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the audit knows of derived questions."""
    for module in (audit_equations, audit_whole):
        monkeypatch.setattr(module, "declared", lambda *_: [])


LEAKING = {
    "groups beside their answers": (1, 30),
    "two ways to group": (2, 60),
    "two cuts of the same ages": (0, 60),
    "a number and its groups": (0, 60),
    "any of several": (4, 90),
}


@pytest.mark.parametrize("case", LEAKING)
def test_the_audit_finds_by_itself_what_the_method_does_not_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    names, known = CASES[case]
    people = draw(*LEAKING[case])
    forget_in_method(monkeypatch)
    assert narrow(publish(tmp_path / "guarded", people, *names), people, known) == []
    forget_in_audit(monkeypatch)
    assert narrow(publish(tmp_path / "open", people, *names), people, known)


def test_a_group_of_a_sensitive_question_is_as_sensitive(tmp_path: Path) -> None:
    """Policy and codebook may name either; what is derived from a number is about the number."""
    people = draw(1, 60)
    for number, words in enumerate(("often", "q")):
        policy = f"sensitive: [s.{words}], identifying: [s.unit]"
        rows = publish(tmp_path / str(number), people, "often", policy=policy)
        small = [r for r in rows if r["row_var"] == "often" and r["n"] and 0 < int(r["n"]) < 5]
        assert small == []


def test_all_of_a_group_gave_the_same_grouped_answer(tmp_path: Path) -> None:
    """Group disclosure of a derived question, which is about the answers that it groups."""
    people = [{"unit": "u1", "q": "1", "age": "30", "m": "a"} for _ in range(6)]
    people += [{"unit": "u1", "q": "2", "age": "30", "m": "a"} for _ in range(6)]
    people += [
        {"unit": unit, "q": answer, "age": "50", "m": "none"}
        for unit in ("u2", "u3", "u4")
        for answer in ("1", "2", "3", "4") * 6
    ]
    rows = publish(tmp_path / "s", people, "often", "q")
    told = [r for r in rows if (r["row_code"], r["col_code"]) == ("often", "u1")]
    assert [r["n"] for r in told] == [""]
