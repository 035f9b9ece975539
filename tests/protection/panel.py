"""A panel: the same persons asked at two occasions, published and attacked.

The attacker imagines every kind of person: unit, gender, what was answered at
each occasion, or that nobody came. A count of forms is a sum over kinds, and so
is each figure of an analysis on the page. Of a test it tries every table of
changes that gives the printed figures. Imports nothing of the program's gate.
"""

from __future__ import annotations

import csv
import io
import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import binomtest

from tests.protection.pages import figure, printed_tables
from tests.protection.reader import Attack, Found, Kinds, Questionnaire

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

UNITS = {"u1": "a1", "u2": "a1", "u3": "a2"}
ANSWERS = ("1", "2", "3")
LABELS = {"1": "Ofta", "2": "Sällan", "3": "Aldrig"}
OCCASIONS = ("1", "2")
ABSENT = "absent"
Person = dict[str, str]
"""unit, gender, and ``q1``, ``q2``: an answer, "" for none, `ABSENT` where there is no form."""

CODEBOOK = """\
title: Enkät
questions:
  - {id: unit, text: Enhet, type: single, role: unit, options: {u1: Ett, u2: Två, u3: Tre}}
  - id: assoc
    text: Förbund
    type: single
    recode: unit
    options:
      - {code: a1, label: A, values: [u1, u2]}
      - {code: a2, label: B, values: [u3]}
  - {id: gender, text: Kön, type: single, role: background, options: {w: Kvinna, m: Man}}
  - {id: occ, text: Tillfälle, type: single, role: occasion, options: {1: Före, 2: Efter}}
  - {id: q, text: Utsatt?, type: single, ordered: true, options: {1: Ofta, 2: Sällan, 3: Aldrig}}
"""
CODEBOOK_LABELS = {"Ett": "u1", "Två": "u2", "Tre": "u3", "Kvinna": "w", "Man": "m"}


def draw_panel(
    seed: int, n: int, *, changes: float = 0.3, drops: float = 0.1, missing: float = 0.03
) -> list[Person]:
    """Return persons; a share of them changes its answer, a share drops out."""
    rng = np.random.default_rng(seed)
    sizes = rng.dirichlet([1.5] * len(UNITS))
    answers = rng.dirichlet([1.0] * len(ANSWERS))
    people = []
    for _ in range(n):
        first = str(rng.choice(ANSWERS, p=answers))
        second = str(rng.choice(ANSWERS)) if rng.random() < changes else first
        person = {
            "unit": str(rng.choice(list(UNITS), p=sizes)),
            "gender": str(rng.choice(["w", "m"], p=[0.7, 0.3])),
            "q1": first if rng.random() > missing else "",
            "q2": second if rng.random() > missing else "",
        }
        if rng.random() < drops:
            person[str(rng.choice(["q1", "q2"], p=[0.2, 0.8]))] = ABSENT
        people.append(person)
    return people


def write_panel(
    folder: Path, people: Sequence[Person], chapter: Iterable[str], policy: Mapping[str, Any],
    *, own_filter: str = "",
) -> Path:  # fmt: skip
    """Write a study with one form per person and occasion."""
    (folder / "data").mkdir(parents=True)
    (folder / "chapters").mkdir()
    rule = f"filter: '{own_filter}', " if own_filter else ""
    said = ", ".join(f"{k}: {v}" for k, v in {"method": "suppress", **policy}.items())
    (folder / "study.yaml").write_text(
        "title: Prov\npublisher: P\nyear: 2026\nlanguage: sv\nsurveys:\n"
        f"  s: {{title: Enkät, data: data/s.csv, unit: unit, occasion: occ, {rule}"
        "intake: {person: pid, minimum_answered: 0, complete_share: 0}}\n"
        f"protection: {{{said}}}\n",
        encoding="utf-8",
    )
    (folder / "s.yaml").write_text(CODEBOOK, encoding="utf-8")
    stream = io.StringIO()
    writer = csv.DictWriter(
        stream, ["pid", "unit", "gender", "occ", "q"], lineterminator="\n", extrasaction="ignore"
    )
    writer.writeheader()
    for number, person in enumerate(people):
        for occasion in OCCASIONS:
            if person[f"q{occasion}"] != ABSENT:
                form = {"pid": f"p{number}", "occ": occasion, "q": person[f"q{occasion}"]}
                writer.writerow({**person, **form})
    (folder / "data" / "s.csv").write_text(stream.getvalue(), encoding="utf-8")
    text = "# Resultat\n\n" + "\n\n".join(chapter) + "\n"
    (folder / "chapters" / "1.md").write_text(text, encoding="utf-8")
    return folder


class _Forms(Kinds):
    """The kinds of persons as kinds of forms of one occasion; no form, no count."""

    def __init__(self, known: Questionnaire, people: Sequence[Person], occasion: str) -> None:
        self.known = known
        self.kinds = [
            {
                "unit": p["unit"], "gender": p["gender"], "occ": occasion,
                "q": p[f"q{occasion}"] or "item_nonresponse",
            }
            for p in people
        ]  # fmt: skip
        self.n = len(self.kinds)
        self.there = np.array([p[f"q{occasion}"] != ABSENT for p in people])


class PanelKinds:
    """All kinds of persons."""

    def __init__(self) -> None:
        known = Questionnaire(
            single={"unit": tuple(UNITS), "gender": ("w", "m"), "occ": OCCASIONS, "q": ANSWERS},
            groups={"assoc": ("unit", dict(UNITS))},
        )
        states = [*ANSWERS, "", ABSENT]
        self.people: list[Person] = [
            {"unit": unit, "gender": gender, "q1": one, "q2": two}
            for unit, gender, one, two in itertools.product(UNITS, ("w", "m"), states, states)
            if (one, two) != (ABSENT, ABSENT)
        ]
        self.n = len(self.people)
        self.forms = [_Forms(known, self.people, occasion) for occasion in OCCASIONS]

    def of(self, person: Person) -> int:
        return self.people.index(person)

    def truth(self, people: Iterable[Person]) -> NDArray[np.int64]:
        counts = np.zeros(self.n, dtype=np.int64)
        for person in people:
            counts[self.of(person)] += 1
        return counts


class PanelAttack(Attack):
    """Rows of ``tables.csv`` about forms, and figures about persons, as one integer program."""

    kinds: Any

    def vector(self, row: Mapping[str, str]) -> NDArray[Any]:
        total = np.zeros(self.kinds.n, dtype=np.int64)
        for forms in self.kinds.forms:
            inside = forms.there & forms.where(row["where"])
            inside &= forms.holds(row["row_var"], row["row_code"])
            if row["col_var"]:
                inside &= forms.holds(row["col_var"], row["col_code"])
            total += inside
        return total

    def persons(self, where: str, **answers: Iterable[str]) -> NDArray[np.int64]:
        """Count persons within a filter of units or genders, by their answers."""
        inside = self.kinds.forms[0].where(where)
        for name, wanted in answers.items():
            chosen = set(wanted)
            inside = inside & np.array([p[name] in chosen for p in self.kinds.people])
        return inside.astype(np.int64)

    def interval(self, vector: NDArray[Any], enough: int = 1000) -> tuple[int, int]:
        """Return the least and greatest of a sum over kinds; see `Attack.interval`."""
        self.solver = self.solver or self._load()
        weights = vector.astype(float)
        seen = [round(float(weights @ s)) for s in self.seen]
        if seen and max(seen) - min(seen) >= enough:
            return min(seen), max(seen)
        ends = []
        places = np.arange(self.kinds.n, dtype=np.int32)
        for sign in (1.0, -1.0):
            self.solver.changeColsCost(self.kinds.n, places, sign * weights)
            self.solver.run()
            values = np.array(self.solver.getSolution().col_value)
            assert len(values) == self.kinds.n
            self.seen.append(np.round(values))
            ends.append(round(float(values @ weights)))
        return ends[0], ends[1]

    def narrow(self, truth: NDArray[np.int64], width: int, limit: int) -> list[Found]:
        """Return withheld small counts that are known too closely."""
        found = []
        for *names, vector in self.hidden.values():
            n = int(vector @ truth)
            if 0 < n < limit:
                found.append(Found(*names, *self.interval(vector, width), n))
        return [one for one in found if one.width < width]


YES = {"Ofta": "1", "Sällan": "2", "Aldrig": "3"}
PAIRS = ("both", "gained", "lost", "neither")


def pairs_of(attack: PanelAttack, option: str, where: str) -> dict[str, NDArray[np.int64]]:
    """Return what the cells of a table of changes count."""
    yes = [option]
    no = [code for code in ANSWERS if code != option]
    ways = {"both": (yes, yes), "gained": (no, yes), "lost": (yes, no), "neither": (no, no)}
    return {k: attack.persons(where, q1=one, q2=two) for k, (one, two) in ways.items()}


def read_page(attack: PanelAttack, page: Path, asked: Mapping[str, tuple[str, str, str]]) -> None:
    """Put what analyses on the page say into the attack.

    ``asked`` maps captions to kind of analysis, option and filter.
    """
    for table in printed_tables(page):
        if table.caption not in asked:
            continue
        kind, option, where = asked[table.caption]
        cells = pairs_of(attack, option, where) if option else {}
        for line in table.lines[1:]:
            if len(line) < 3:
                continue  # withheld
            numbers = [figure(text) for text in line[1:]]
            if kind == "transitions":
                for key, n in zip(PAIRS, numbers, strict=False):
                    attack.limit(cells[key], n, n)
            elif kind == "change":
                read_change(attack, cells, table.lines[0], numbers, table.notes)
            elif kind == "occasions":
                read_occasions(attack, line[0], numbers, where)
            elif kind == "ever":
                read_ever(attack, numbers, option, where)


def read_occasions(attack: PanelAttack, label: str, numbers: list[float], where: str) -> None:
    there = [*ANSWERS, ""]
    one = attack.persons(where, q1=there, q2=[ABSENT]) + attack.persons(
        where, q1=[ABSENT], q2=there
    )
    two = attack.persons(where, q1=there, q2=there)
    unit = CODEBOOK_LABELS.get(label)
    if unit:
        name = "unit" if unit in UNITS else "gender"
        inside = attack.persons("", **{name: [unit]})
        one, two = one * inside, two * inside
    for vector, n in zip((one, two), numbers, strict=False):
        if not math.isnan(n):
            attack.limit(vector, n, n)


def read_ever(attack: PanelAttack, numbers: list[float], option: str, where: str) -> None:
    """n yes at first, %, n ever, %, gained, asked again, persons."""
    yes, answered = [option], list(ANSWERS)
    no = [code for code in ANSWERS if code != option]
    anything = [*answered, "", ABSENT]
    first = attack.persons(where, q1=yes, q2=anything)
    gained = attack.persons(where, q1=no, q2=yes)
    again = attack.persons(where, q1=answered, q2=answered)
    everyone = attack.persons(where, q1=answered, q2=anything)
    for vector, at in ((first, 0), (gained, 4), (again, 5), (everyone, 6)):
        attack.limit(vector, numbers[at], numbers[at])


def read_change(
    attack: PanelAttack, cells: dict[str, NDArray[np.int64]], head: list[str],
    numbers: list[float], notes: str,
) -> None:  # fmt: skip
    """Share and base of each occasion; of a pairwise test, every table that gives its figures."""
    share1, n1, share2, n2, _, _, _, p = numbers
    for n, at in ((n1, "q1"), (n2, "q2")):
        answered = attack.persons("", **{at: ANSWERS})
        attack.limit(answered, n, n)
    if n1 != n2 or math.isnan(p) or "McNemar" not in notes:
        return
    n = int(n1)
    one, two = (round(share * n / 100) for share in (share1, share2))
    ways = [way for way in mcnemar_ways(n, one, two) if abs(way[3] - p) < 6e-4]
    assert ways, (numbers, notes)
    for key, at in (("gained", 0), ("lost", 1)):
        found = [way[at] for way in ways]
        attack.limit(cells[key], min(found), max(found))


def mcnemar_ways(n: int, one: int, two: int) -> Iterator[tuple[int, int, int, float]]:
    """Yield gained, lost, both and the exact p of every table with these margins."""
    for lost in range(one + 1):
        gained = lost + two - one
        both = one - lost
        if gained < 0 or n - both - lost - gained < 0:
            continue
        p = 1.0 if lost + gained == 0 else binomtest(lost, lost + gained).pvalue
        yield gained, lost, both, float(p)
