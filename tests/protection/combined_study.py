"""A small study with many ordinary features at once, drawn from a seed.

Each feature that links tables has a drawn study of its own elsewhere
(`drawn.py`, `test_recodes.py`, `test_filters.py`); what is protected feature by
feature can still follow from two of them together. Here a grid, a question with
a net, multiple answers, a number, two routed questions, the map of units and
whatever is derived of these stand together, so far as the kinds of respondents
stay few enough to be listed.

Not a pytest module: see `combined.py` for the attack and for scanning many seeds.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field, replace
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.protection.combined_kinds import INVALID, LACKING, NOT_ASKED, Respondents
from tests.protection.combined_tables import draw_tables
from tests.protection.reader import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.protection.combined_kinds import Respondent, Value

MOST_KINDS = 2600
"""More kinds of respondents than these make the integer programs slow."""
DRAWN_QUESTIONS = ("gender", "g", "m", "num", "q", "f", "h")
ROUTED = ("f", "h")
FIRST_SEED_WITH_HIDDEN = 1000
"""From here on questions may be hidden (only recodes and filters name them)."""

CONDITIONS_OF_F = (
    ({"q"}, ("q == 1", "q in (1, 2)", "q != 3", "not q == 3", "q >= 2", "answered(q)")),
    ({"gender"}, ('gender == "w"',)),
    ({"q", "gender"}, ('q == 1 or gender == "w"', 'q == 1 and gender == "w"')),
    (
        {"g"},
        ("answered(g)", "g1 == 1 or g2 == 1", "g1 >= 2", "g1 == 1 and g2 == 1", "g2 in (1, 2)"),
    ),
    ({"m"}, ('"a" in m', 'm in ("a", "b")', 'not "a" in m', "answered(m)")),
    ({"num"}, ("num >= 1", "num > 0", "num == 0")),
)
"""Who may be asked ``f``, by the questions that the condition needs."""
CONDITIONS_OF_H = (
    'f == "f1"', 'f != "f1"', "answered(f)", 'f in ("f1", "f2")', 'not f == "f2"',
)  # fmt: skip


@dataclass(frozen=True)
class Questions:
    """What everybody knows: the map of units, the questions, who is asked, what is derived.

    ``derived`` maps a question to the one that it is made of, and how. ``base``
    are the questions of the data file; a grid is one of them, its items are
    several ``columns``. ``unsaid`` are questions of which nothing printed tells
    that everybody answered.
    """

    units: tuple[str, ...]
    association_of: dict[str, str]
    county_of: dict[str, str]
    type_of: dict[str, str]
    has_map_file: bool
    q_has_missing_option: bool
    none_chosen_is_answer: bool
    m_codes: tuple[str, ...]
    items: tuple[str, ...]
    numbers: tuple[str, ...]
    some_numbers_are_invalid: bool
    lack_share: float
    base: tuple[str, ...] = ("unit",)
    asked: dict[str, str] = field(default_factory=dict)
    derived: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    unsaid: frozenset[str] = frozenset()

    def columns_of(self, name: str) -> tuple[str, ...]:
        return self.items if name == "g" else (name,)

    @property
    def columns(self) -> list[str]:
        return [column for name in self.base for column in self.columns_of(name)]

    @property
    def names(self) -> list[str]:
        return [*self.columns, *self.derived]

    def lacks(self, name: str) -> list[str]:
        """Which kinds of missing answers a question can have."""
        if name == "unit":
            return []
        is_lacked = self.lack_share or (name == "q" and self.q_has_missing_option)
        out = [LACKING] if is_lacked or name in self.unsaid else []
        out += [INVALID] if name == "num" and self.some_numbers_are_invalid else []
        return out + ([NOT_ASKED] if name in self.asked else [])

    def answers(self, name: str) -> list[Value]:
        """All answers to a question: codes, or sets of codes."""
        if name == "m":
            return self._sets()
        listed = {
            "unit": self.units, "gender": ("w", "m"), "q": ("1", "2", "3"), "num": self.numbers,
            "f": ("f1", "f2"), "h": ("h1", "h2"),
        }  # fmt: skip
        return list(("1", "2", "3") if name in self.items else listed[name])

    def _sets(self) -> list[Value]:
        free = [code for code in self.m_codes if code != "none"]
        fewest = 0 if self.none_chosen_is_answer else 1
        sizes = range(fewest, len(free) + 1)
        sets = [frozenset(s) for size in sizes for s in itertools.combinations(free, size)]
        return [*sets, *([frozenset({"none"})] if "none" in self.m_codes else [])]

    def codes(self, name: str) -> list[str]:
        """Return the options by which a filter can name an answer."""
        if name in self.derived:
            return list(dict.fromkeys(self.derived[name][1].values()))
        return list(self.m_codes) if name == "m" else [str(code) for code in self.answers(name)]

    @property
    def number_of_kinds(self) -> int:
        """An upper limit, which routing only lowers."""
        return prod(len(self.answers(c)) + len(self.lacks(c)) for c in self.columns)

    def value(self, person: Mapping[str, Value], name: str) -> Value:
        """Return an answer, also to a derived question."""
        if name not in self.derived:
            return person[name]
        source, codes = self.derived[name]
        found = person[source]
        if isinstance(found, frozenset):
            return frozenset(codes[code] for code in found)
        return found if found in MISSING else codes.get(found, NOT_ASKED)

    def with_unsaid(self, printed: Iterable[str], conditions: Iterable[str]) -> Questions:
        """Return what a reader knows by tables of some variables and the conditions they name.

        Where nobody lacks an answer to a question that only filters or routing
        name, no table says so: a reader must think that somebody may.
        """
        named = set(re.findall(r"\w+", " ".join([*conditions, *self.asked.values()])))
        stands, meant = (
            {c for name in names for c in self.columns_of(self.derived.get(name, (name,))[0])}
            for names in (set(printed), named)
        )
        return replace(self, unsaid=frozenset(self.columns) & meant - stands - {"unit"})

    def kinds(self) -> Respondents:
        """Return every possible respondent who is asked as routing says and answered something."""
        names = self.columns
        axes = [[*self.answers(name), *self.lacks(name)] for name in names]
        every = Respondents(
            self, [dict(zip(names, kind, strict=True)) for kind in itertools.product(*axes)]
        )
        keep = np.ones(every.n, dtype=bool)
        for name, condition in self.asked.items():
            keep &= every.where(condition) != every.holds(name, NOT_ASKED)
        # The intake counts as respondents those who answered one question besides their unit.
        said = [every.holds(c, "total") | every.holds(c, INVALID) for c in names if c != "unit"]
        keep &= np.logical_or.reduce(said)
        return Respondents(self, [k for k, kept in zip(every.kinds, keep, strict=True) if kept])


@dataclass(frozen=True)
class Study:
    """A drawn study: what everybody knows, what the respondents said, and what is printed."""

    questions: Questions
    people: list[Respondent]
    tables: list[str]
    policy: dict[str, Any]
    hidden: frozenset[str]
    reports_units: bool
    similar: str


def draw_study(seed: int) -> Study:
    """Draw a study; the same seed always gives the same."""
    rng = np.random.default_rng(seed)
    questions = _draw_questions(rng)
    n = int(rng.integers(15, 91))
    questions = replace(questions, derived=_draw_derived(rng, questions))
    people = _draw_people(rng, questions, n)
    tables = draw_tables(rng, questions)
    policy: dict[str, Any] = {"time_limit": 2}
    if rng.random() < 0.15:
        policy["insider"] = True
    if rng.random() < 0.15 and "q" in questions.base:
        policy["zeros"] = {"s.q": "hidden"}
    if rng.random() < 0.1:
        policy["dominance"] = False
    reports_units = bool(rng.random() < 0.2)
    similar = str(rng.choice(["", "assoc", "type"])) if reports_units else ""
    return Study(
        questions, people, tables, policy, _draw_hidden(seed, questions), reports_units, similar
    )


def _draw_questions(rng: np.random.Generator) -> Questions:
    """Draw the map and the options, then questions in any order while the kinds stay few."""
    known, order = _draw_options(rng)
    for name in order:
        asked = dict(known.asked)
        if name in ROUTED:
            conditions = _conditions(name, known.base)
            if not conditions:
                continue
            asked[name] = str(rng.choice(conditions))
        wider = replace(known, base=(*known.base, name), asked=asked)
        known = wider if wider.number_of_kinds <= MOST_KINDS else known
    return known


def _conditions(name: str, base: tuple[str, ...]) -> list[str]:
    if name == "h":
        return list(CONDITIONS_OF_H) if "f" in base else []
    return [text for needed, texts in CONDITIONS_OF_F if needed <= set(base) for text in texts]


def _draw_options(rng: np.random.Generator) -> tuple[Questions, list[str]]:
    """Return a survey that only asks for the unit, and an order in which to add questions."""
    units = tuple(f"u{i + 1}" for i in range(int(rng.integers(3, 7))))
    associations = [f"a{i + 1}" for i in range(max(2, len(units) - 2))]
    association_of = {
        unit: associations[min(i // 2 if rng.random() < 0.8 else i, len(associations) - 1)]
        for i, unit in enumerate(units)
    }
    counties = {a: ("c1" if i < 2 else "c2") for i, a in enumerate(associations)}
    type_of = {unit: str(rng.choice(["t1", "t2"])) for unit in units}
    has_map_file = bool(rng.random() < 0.5)
    order = [str(name) for name in rng.permutation(DRAWN_QUESTIONS)]
    q_has_missing_option = bool(rng.random() < 0.3)
    none_chosen_is_answer = bool(rng.random() < 0.2)
    has_exclusive = bool(rng.random() < 0.6) and not none_chosen_is_answer
    codes = ("a", "b", "c")[: int(rng.integers(2, 4))]
    known = Questions(
        units=units,
        association_of=association_of,
        county_of={unit: counties[a] for unit, a in association_of.items()},
        type_of=type_of,
        has_map_file=has_map_file,
        q_has_missing_option=q_has_missing_option,
        none_chosen_is_answer=none_chosen_is_answer,
        m_codes=(*codes, "none") if has_exclusive else codes,
        items=tuple(f"g{i + 1}" for i in range(int(rng.integers(2, 4)))),
        numbers=("0", "1", "2", "5", "10")[: int(rng.integers(3, 6))],
        some_numbers_are_invalid=bool(rng.random() < 0.25),
        lack_share=float(rng.choice([0, 0.05, 0.15])),
    )
    return known, order


def _draw_derived(
    rng: np.random.Generator, known: Questions
) -> dict[str, tuple[str, dict[str, str]]]:
    """Draw what is derived: groups of units, merged answers, cuts of a number, any of several."""
    possible: dict[str, tuple[str, dict[str, str]]] = {
        "assoc": ("unit", known.association_of),
        "county": ("unit", known.county_of),
        "type": ("unit", known.type_of),
    }
    if "g" in known.base:
        possible["g1k"] = ("g1", {"1": "hi", "2": "hi", "3": "lo"})
        possible["g2k"] = ("g2", {"1": "hi", "2": "lo", "3": "lo"})
        if rng.random() < 0.5:
            possible["g1l"] = ("g1", {"1": "x", "2": "y"})  # who answered 3 counts as not asked
    if "q" in known.base:
        possible["qk"] = ("q", {"1": "ever", "2": "ever", "3": "3"})
        if rng.random() < 0.4:
            possible["ql"] = ("q", {"1": "1", "2": "rest", "3": "rest"})
    if "num" in known.base:
        cut = {v: "low" if float(v) < 2 else "high" for v in known.numbers}
        possible["nk"] = ("num", cut)
        if rng.random() < 0.5:
            cut = {v: "zero" if float(v) < 1 else "some" for v in known.numbers}
            possible["nl"] = ("num", cut)
    if "m" in known.base:
        groups = {"a": "any", "b": "any", "c": "other", "none": "none"}
        possible["mk"] = ("m", {code: groups[code] for code in known.m_codes})
    used = {name for name in possible if rng.random() < 0.6} | {"assoc", "county", "type"}
    if not known.has_map_file and rng.random() < 0.5:
        used.discard("type")
    if rng.random() < 0.4:
        used.discard("type")
    return {name: how for name, how in possible.items() if name in used}


def _draw_people(rng: np.random.Generator, known: Questions, n: int) -> list[Respondent]:
    """Draw respondents; units differ in size, answers in how common they are."""
    sizes = rng.dirichlet([1.0] * len(known.units))
    chances = {c: rng.dirichlet([0.7] * len(known.answers(c))) for c in known.columns}
    chances["unit"] = sizes
    return [_draw_person(rng, known, chances) for _ in range(n)]


def _draw_person(
    rng: np.random.Generator, known: Questions, chances: Mapping[str, np.ndarray]
) -> Respondent:
    person: Respondent = {}
    for name in known.columns:
        answers = known.answers(name)
        person[name] = answers[int(rng.choice(len(answers), p=chances[name]))]
        lack_share = known.lack_share
        if name == "q" and known.q_has_missing_option:
            lack_share = max(lack_share, 0.08)
        if LACKING in known.lacks(name) and rng.random() < lack_share:
            person[name] = LACKING
        if INVALID in known.lacks(name) and rng.random() < 0.06:
            person[name] = INVALID
    for name in ROUTED:
        if not _is_asked(known, person, name):
            person[name] = NOT_ASKED
    if all(value in MISSING for name, value in person.items() if name != "unit"):
        _make_answer(known, person)
    return person


def _is_asked(known: Questions, person: Respondent, name: str) -> bool:
    return name not in known.asked or bool(Respondents(known, [person]).where(known.asked[name])[0])


def _make_answer(known: Questions, person: Respondent) -> None:
    """Let who answered nothing give some answer: the intake would leave the person out."""
    first = next(c for c in known.columns if c != "unit" and c not in known.asked)
    person[first] = known.answers(first)[0]
    for name in known.asked:
        if not _is_asked(known, person, name):
            person[name] = NOT_ASKED
        elif person[name] == NOT_ASKED:
            person[name] = known.answers(name)[0]


def _draw_hidden(seed: int, known: Questions) -> frozenset[str]:
    """Draw questions that stand in no table, by numbers of their own."""
    if seed < FIRST_SEED_WITH_HIDDEN:
        return frozenset()
    rng = np.random.default_rng(seed + 10**6)
    names = ["g", "q", "m", "num", "f", "gender", *known.derived]
    return frozenset(name for name in names if rng.random() < 0.35)
