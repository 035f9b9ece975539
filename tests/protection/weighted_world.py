"""Weighted studies drawn from a seed, and an attacker who knows every weight.

The weights are made here, from known sizes of groups, as an evaluator would.
The attacker knows the weight of each kind of respondent and asks, beside the
withheld counts, how many of each group by which the weight goes are in every
count that is shown.

Imports nothing of the program but to run it.
"""

from __future__ import annotations

import csv
import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np

from tests.protection.drawn import run
from tests.protection.reader import MISSING, PLENTY, Attack, Found, Kinds, Questionnaire, read_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

UNITS, GENDERS, AGES, ANSWERS = ("u1", "u2", "u3"), ("w", "m"), ("a1", "a2", "a3"), ("1", "2", "3")
LIMIT = WIDTH = 5
KINDS = Kinds(
    Questionnaire(
        single={"unit": UNITS, "gender": GENDERS, "age": AGES, "q": ANSWERS}, may_lack=("q",)
    )
)
Person = dict[str, str]
Weights = dict[tuple[str, str, str], float]
"""(unit, gender, age) -> weight."""
BY_UNIT, BY_GENDER, BY_AGE, WHOLE = (
    '{{ table("s.q", by="unit") }}',
    '{{ table("s.q", by="gender") }}',
    '{{ table("s.q", by="age") }}',
    '{{ table("s.q") }}',
)


@dataclass
class Weighted:
    """A weighted study.

    Attributes
    ----------
    weigh
        Makes the weights of those who answered.
    by
        By what they go. Whoever knows the weights knows how many answered in each
        group; of these no more is asked.
    units
        Publish units' reports too.
    percents
        Of what the percents of crosstabs are.
    only
        Filter of the survey: whom its tables are about.
    """

    weigh: Callable[[list[Person]], Weights]
    tables: tuple[str, ...] = (BY_UNIT,)
    n: int = 70
    policy: dict[str, Any] = field(default_factory=lambda: {"time_limit": 2})
    sizes: tuple[float, ...] = (0.5, 0.3, 0.2)
    by: tuple[str, ...] = ("gender", "age")
    units: bool = False
    percents: str = "column"
    only: str = ""


def draw(seed: int, n: int, sizes: tuple[float, ...] = (0.5, 0.3, 0.2)) -> list[Person]:
    """Return respondents; who is where and what they answer hang together."""
    rng = np.random.default_rng(seed)
    answers = {age: rng.dirichlet([1.2] * len(ANSWERS)) for age in AGES}
    people = []
    for _ in range(n):
        age = str(rng.choice(AGES, p=[0.2, 0.3, 0.5]))
        people.append(
            {
                "unit": str(rng.choice(UNITS, p=sizes)),
                "gender": str(rng.choice(GENDERS, p=[0.7, 0.3])),
                "age": age,
                "q": str(rng.choice(ANSWERS, p=answers[age])) if rng.random() > 0.03 else "",
            }
        )
    return people


# --- weights ----------------------------------------------------------------------------


def _group(person: Person, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(person[name] for name in names)


def poststratified(*names: str, seed: int = 0, scale: float = 1.0) -> Callable[..., Weights]:
    """Weight groups to sizes of a population."""

    def weigh(people: list[Person]) -> Weights:
        rng = np.random.default_rng(seed)
        found = {}
        for group in itertools.product(
            *({"unit": UNITS, "gender": GENDERS, "age": AGES}[n] for n in names)
        ):
            answered = sum(_group(p, names) == group for p in people)
            size = answered * float(rng.uniform(0.5, 2.5)) * scale
            found[group] = size / answered if answered else 0.0
        return {
            cell: found[
                tuple(dict(zip(("unit", "gender", "age"), cell, strict=True))[n] for n in names)
            ]
            for cell in itertools.product(UNITS, GENDERS, AGES)
        }

    return weigh


def raked(people: list[Person], seed: int = 0) -> Weights:
    """Weight gender and age to sizes of a population, one after the other until both fit."""
    rng = np.random.default_rng(seed)
    cells = list(itertools.product(UNITS, GENDERS, AGES))
    weights = dict.fromkeys(cells, 1.0)
    margins = {
        (place, code): float(rng.uniform(0.5, 2.0)) * sum(p[name] == code for p in people)
        for place, name, codes in ((1, "gender", GENDERS), (2, "age", AGES))
        for code in codes
    }
    total = len(people)
    for place in (1, 2):
        whole = sum(n for (at, _), n in margins.items() if at == place)
        margins |= {(at, c): n * total / whole for (at, c), n in margins.items() if at == place}
    for _ in range(200):
        for (place, code), size in margins.items():
            inside = [c for c in cells if c[place] == code]
            now = sum(
                weights[_group(p, ("unit", "gender", "age"))]
                for p in people
                if _group(p, ("unit", "gender", "age")) in inside
            )
            for cell in inside:
                weights[cell] *= size / now if now else 1.0
    return weights


def own(people: list[Person]) -> Weights:
    """The example of the documentation: near 1.4 and 1.0, a little different with age."""
    return {
        (u, g, a): (1.4 if g == "w" else 1.0) + 0.02 * AGES.index(a)
        for u, g, a in itertools.product(UNITS, GENDERS, AGES)
    }


# --- the study --------------------------------------------------------------------------

CODEBOOK = """\
title: Enkät
questions:
  - {id: unit, text: Enhet, type: single, role: unit, options: {u1: A, u2: B, u3: C}}
  - {id: gender, text: Kön, type: single, role: background, options: {w: Kvinna, m: Man}}
  - {id: age, text: Ålder, type: single, role: background, options: {a1: Ung, a2: Mellan, a3: Äldre}}
  - id: q
    text: Har du utsatts?
    type: single
    ordered: true
    options: {1: Ofta, 2: Sällan, 3: Aldrig}
    nets: {Utsatt: [1, 2]}
  - {id: w, text: Vikt, type: number, role: weight}
"""


def publish(folder: Path, people: list[Person], world: Weighted) -> list[dict[str, str]]:
    """Write a study, publish it, and return its rows."""
    weights = world.weigh(people)
    study = folder / "study"
    (study / "data").mkdir(parents=True)
    (study / "chapters").mkdir()
    policy = str({"method": "suppress", **world.policy}).replace("True", "true").replace("'", '"')
    only = f"filter: '{world.only}', " if world.only else ""
    (study / "study.yaml").write_text(
        "title: Prov\npublisher: P\nyear: 2026\nlanguage: sv\nsurveys:\n  s: {title: Enkät, "
        f"data: data/s.csv, unit: unit, design: {{weight: w}}, {only}"
        f"intake: {{minimum_answered: 1, complete_share: 0}}}}\nprotection: {policy}\n",
        encoding="utf-8",
    )
    (study / "s.yaml").write_text(CODEBOOK, encoding="utf-8")
    (study / "chapters" / "1.md").write_text(
        "# Resultat\n\n" + "\n\n".join(_table(one, world) for one in world.tables) + "\n",
        encoding="utf-8",
    )
    with (study / "data" / "s.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*people[0], "w"], lineterminator="\n")
        writer.writeheader()
        for person in people:
            cell = (person["unit"], person["gender"], person["age"])
            writer.writerow({**person, "w": repr(weights[cell])})
    out = folder / "out"
    run("report", study, "--to", "csv,json", "--out", out, "--quiet")
    if world.units:
        run("report", study, "--each-unit", "--out", out, "--quiet")
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    of = manifest["protection"]["settings"]["structure"]["percents"]
    return [{**row, "percents": of[row["table"]]} for row in read_rows(out)]


def _table(text: str, world: Weighted) -> str:
    is_crosstab = "by=" in text and world.percents != "column"
    return text.replace(") }}", f', percents="{world.percents}") }}}}') if is_crosstab else text


def base_row(row: Mapping[str, str]) -> dict[str, str]:
    """Return the row of the base of a percent, as far as what it counts."""
    parts = {"column": ("row_code",), "row": ("col_code",), "total": ("row_code", "col_code")}
    return {**row, **dict.fromkeys(parts[row["percents"]], "total")}


# --- the attack ---------------------------------------------------------------------------


class Fractions(Attack):
    """An attack that allows fractions of persons: what it proves holds in whole ones too."""

    def _read_rates(self, row: Mapping[str, str], vector: NDArray[np.bool_]) -> None:
        if row["base_n"]:
            self.limit(self.vector(base_row(row)), int(row["base_n"]), int(row["base_n"]))

    def _load(self) -> highspy.Highs:
        solver = super()._load()
        solver.setOptionValue("solve_relaxation", True)
        return solver

    def interval(self, vector: NDArray[np.bool_], enough: int = PLENTY) -> tuple[int, int]:
        self.solver = self.solver or self._load()
        ends = []
        places = np.arange(self.kinds.n, dtype=np.int32)
        for sign in (1.0, -1.0):
            self.solver.changeColsCost(self.kinds.n, places, sign * vector.astype(float))
            self.solver.run()
            assert self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
            values = np.array(self.solver.getSolution().col_value)
            self.seen.append(values)
            ends.append(float(values[vector].sum()))
        return int(np.ceil(ends[0] - 1e-6)), int(np.floor(ends[1] + 1e-6))


def attack(rows: Iterable[Mapping[str, str]], people: list[Person], world: Weighted) -> list[Found]:
    """Return what is known too closely: small withheld counts, and few of a group in a count."""
    listed, weights = list(rows), world.weigh(people)
    of_kind = np.array([weights[k["unit"], k["gender"], k["age"]] for k in KINDS.kinds])
    found = knowing(listed, people, world.by, of_kind)
    truth = np.zeros(KINDS.n, dtype=np.int64)
    for person in people:
        truth[KINDS.of(person)] += 1
    sizes = knowing([], people, world.by)
    hidden = []
    for *place, vector in found.hidden.values():
        one = Found(*place, *found.interval(vector, WIDTH), int(truth[vector].sum()))
        if 0 < one.truth < LIMIT > one.width:
            low, high = sizes.interval(vector, WIDTH)
            # a hidden count of a group of four is 1 to 4, whatever is published
            attainable = high - max(low, 1) if one.width >= LIMIT - 2 else high - low
            hidden += [one] if attainable > one.width else []
    few = few_of_a_group(found, listed, truth, world.by)
    if few:  # what crosstabs and sizes say of three variables together is in no table
        plain = knowing(listed, people, world.by)
        without = {one[:3] for one in few_of_a_group(plain, listed, truth, world.by)}
        few = [one for one in few if one[:3] not in without]
    return [*hidden, *few, *few_in_one(listed, people, weights, world.by)]


def knowing(
    rows: list[Mapping[str, str]],
    people: list[Person],
    by: tuple[str, ...],
    weights: NDArray[np.float64] | None = None,
) -> Fractions:
    """Return an attack that knows sizes, and weights, with the assumptions that can be true."""
    for doubt in (0, 1, 2):
        found = Fractions(KINDS, rows, n=len(people), doubt=doubt)
        read_sizes(found, people, by)
        if weights is not None:
            read_weights(found, rows, weights)
        if found.is_possible():
            return found
    raise AssertionError


def read_sizes(found: Attack, people: list[Person], by: tuple[str, ...]) -> None:
    """Add how many are in each group by which the weight goes."""
    for group in itertools.product(*(KINDS.known.single[name] for name in by)):
        vector = np.logical_and.reduce(
            [_holds(name, code) for name, code in zip(by, group, strict=True)]
        )
        n = sum(_group(person, by) == group for person in people)
        found.limit(vector, n, n)


def read_weights(
    found: Attack, rows: list[Mapping[str, str]], weights: NDArray[np.float64]
) -> None:
    """Add what weighted counts, bases and percents say."""
    for row in rows:
        if not row["weight"]:
            continue
        vector = found.vector(row) * weights
        base = found.vector(base_row(row)) * weights
        for figure, about in ((row["wn"], vector), (row["base_wn"], base)):
            if figure:
                found.limit(about, float(figure) - 0.5 - 1e-6, float(figure) + 0.5 + 1e-6)
        if row["percent"]:
            share = float(row["percent"]) / 100
            for side, low, high in ((1, -np.inf, 1e-6), (-1, -1e-6, np.inf)):
                line = vector - (share + side * 5.0001e-4) * base
                found.limits[line.tobytes()] = (line, low, high)


def few_of_a_group(
    found: Attack,
    rows: list[Mapping[str, str]],
    truth: NDArray[np.int64],
    by: tuple[str, ...],
) -> list[Found]:
    """Return groups by which the weight goes of which a shown count must hold one to a few."""
    groups = [
        (f"{gender}{age}", _holds("gender", gender) & _holds("age", age))
        for gender in ("", *GENDERS[: 2 * ("gender" in by)])
        for age in ("", *AGES[: 3 * ("age" in by)])
        if gender or age
    ]
    told: dict[bytes, Found] = {}
    for row in rows:
        inside = found.vector(row)
        if not row["n"] or row["row_code"] in MISSING or _is_known(row, by):
            continue
        for name, group in groups:
            vector = inside & group
            n = int(truth[vector].sum())
            if not 0 < n < LIMIT or vector.tobytes() in told:
                continue
            seen = [float(one[vector].sum()) for one in found.seen]
            if seen and (min(seen) < 0.5 or max(seen) > LIMIT):
                continue
            low, high = found.interval(vector)
            place = (row["table"], f"{row['row_code']} {name}", row["col_code"])
            told[vector.tobytes()] = Found(*place, low, high, n)
    return [one for one in told.values() if one.low >= 1 and one.high < LIMIT]


def _is_known(row: Mapping[str, str], by: tuple[str, ...]) -> bool:
    """Tell whether a row counts all of some groups: weights tell how many these are."""
    known = {*by, ""}
    is_all = row["row_code"] == "total" or row["row_var"] in known
    is_margin = row["col_code"] == "total" or row["col_var"] in known
    return is_all and is_margin and (row["where"].split(" ")[0] in known)


def _holds(name: str, code: str) -> NDArray[np.bool_]:
    return KINDS.holds(name, code) if code else np.ones(KINDS.n, dtype=bool)


def few_in_one(
    rows: list[Mapping[str, str]], people: list[Person], weights: Weights, by: tuple[str, ...]
) -> list[Found]:
    """Return groups of which single counts must hold a few: every composition is tried.

    The reader of one count knows its weighted base exactly, as the size of the population.
    """
    told = []
    for row in rows:
        if not row["weight"] or not row["n"] or row["row_code"] in MISSING or _is_known(row, by):
            continue
        inside = [p for p in people if counted(p, row)]
        n = int(row["n"])
        assert len(inside) == n
        low, high = -np.inf, np.inf
        if row["wn"]:
            low, high = float(row["wn"]) - 0.5, float(row["wn"]) + 0.5
        whole = base_row(row)
        if row["percent"] and (whole["row_code"], whole["col_code"]) != (
            row["row_code"],
            row["col_code"],
        ):
            base = sum(
                weights[_group(p, ("unit", "gender", "age"))] for p in people if counted(p, whole)
            )
            share = float(row["percent"])
            low, high = (
                max(low, (share - 0.05) * base / 100),
                min(high, (share + 0.05) * base / 100),
            )
        classes = [
            (cell, w)
            for cell, w in weights.items()
            if (not row["col_var"] or row["col_code"] in ("total", *cell)) and w
        ]
        merged: dict[float, list[tuple[str, ...]]] = {}
        for cell, w in classes:
            merged.setdefault(round(w, 9), []).append(cell[1:])
        if n > 12 or len(merged) > 6:
            continue
        told += _few(row, n, (low - 1e-6, high + 1e-6), merged, inside)
    return told


def _few(
    row: Mapping[str, str],
    n: int,
    limits: tuple[float, float],
    classes: dict[float, list[tuple[str, ...]]],
    inside: list[Person],
) -> list[Found]:
    bars = np.array(list(itertools.combinations(range(n + len(classes) - 1), len(classes) - 1)))
    edges = np.hstack(
        [
            np.full((len(bars), 1), -1),
            bars.reshape(len(bars), -1),
            np.full((len(bars), 1), n + len(classes) - 1),
        ]
    )
    counts = np.diff(edges, axis=1) - 1
    sums = counts @ np.array(list(classes))
    counts = counts[(sums >= limits[0]) & (sums <= limits[1])]
    assert len(counts)
    told = []
    for name, at in (*((g, 0) for g in GENDERS), *((a, 1) for a in AGES)):
        members = [{cell[at] for cell in cells} for cells in classes.values()]
        if any(len(codes) > 1 and name in codes for codes in members):
            continue  # the weight does not go by it
        found = counts[:, [codes == {name} for codes in members]].sum(axis=1)
        truth = sum(p[("gender", "age")[at]] == name for p in inside)
        if 1 <= found.min() <= found.max() < LIMIT:
            place = (row["table"], f"{row['row_code']} one {name}", row["col_code"])
            told.append(Found(*place, int(found.min()), int(found.max()), truth))
    return told


def counted(person: Person, row: Mapping[str, str]) -> bool:
    """Tell whether a row counts a respondent."""
    codes = row["row_code"].removeprefix("net:").split("+")
    own = person[row["row_var"]]
    is_in = own in codes or (codes == ["total"] and bool(own))
    by = row["col_var"]
    is_in &= not by or row["col_code"] == "total" or person[by] == row["col_code"]
    where = row["where"]
    if where:
        name, sign, code = where.replace('"', "").split()
        is_in &= (person[name] == code) == (sign == "==")
    return is_in
