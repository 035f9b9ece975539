"""An attacker that knows nothing of the program: published files, questionnaire, map.

It imagines every possible kind of respondent (one value for every question),
and asks how many of each kind there can be so that every published number
comes out. A withheld count then lies between the least and the greatest sum
of its kinds: two integer programs. Nothing more can be known from counts;
joint consistency of all tables is included.

Imports nothing from ``evaluation``.
"""

from __future__ import annotations

import csv
import itertools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import highspy
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

MISSING = ("item_nonresponse", "not_asked", "invalid")
PLENTY = 1000


class Found(NamedTuple):
    """What the attacker knows of one withheld count."""

    table: str
    row: str
    column: str
    low: int
    high: int
    truth: int = -1

    @property
    def width(self) -> int:
        return self.high - self.low


@dataclass
class Questionnaire:
    """What everybody knows.

    ``single`` maps a variable to its codes, ``multiple`` likewise (with
    ``exclusive`` codes), ``groups`` a coarse variable to (fine variable, fine
    code -> coarse code), ``asked`` a variable to (variable, code) that lets to it.
    """

    single: dict[str, tuple[str, ...]]
    multiple: dict[str, tuple[str, ...]] = field(default_factory=dict)
    exclusive: tuple[str, ...] = ()
    groups: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    asked: dict[str, tuple[str, str]] = field(default_factory=dict)
    may_lack: tuple[str, ...] = ()


class Kinds:
    """All kinds of respondents as columns: variable -> code, missing kind, or set of codes."""

    def __init__(self, known: Questionnaire) -> None:
        self.known = known
        axes = []
        names = [*known.single, *known.multiple]
        for name, codes in known.single.items():
            lacks = ["item_nonresponse"] if name in known.may_lack else []
            lacks += ["not_asked"] if name in known.asked else []
            axes.append([*codes, *lacks])
        for name, codes in known.multiple.items():
            free = [c for c in codes if c not in known.exclusive]
            sets = [
                frozenset(s)
                for k in range(1, len(free) + 1)
                for s in itertools.combinations(free, k)
            ]
            sets += [frozenset({c}) for c in codes if c in known.exclusive]
            lacks = ["item_nonresponse"] if name in known.may_lack else []
            axes.append([*sets, *lacks])
        everything = (dict(zip(names, kind, strict=True)) for kind in itertools.product(*axes))
        self.kinds = [kind for kind in everything if self._is_possible(kind)]
        self.n = len(self.kinds)

    def _is_possible(self, kind: Mapping[str, object]) -> bool:
        return all(
            (kind[name] == "not_asked") == (kind[filter_] != code)
            for name, (filter_, code) in self.known.asked.items()
        )

    def value(self, kind: Mapping[str, object], name: str) -> object:
        if name in self.known.groups:
            fine, codes = self.known.groups[name]
            found = kind[fine]
            return codes.get(str(found), found)
        return kind[name]

    def holds(self, name: str, code: str) -> NDArray[np.bool_]:
        """Which kinds a row or column with this code counts."""
        return np.array([self._holds(self.value(kind, name), code) for kind in self.kinds])

    @staticmethod
    def _holds(value: object, code: str) -> bool:
        if code == "total":
            return value not in MISSING
        if code in MISSING or value in MISSING:
            return value == code
        inside = frozenset(code[4:].split("+")) if code.startswith("net:") else frozenset({code})
        return bool(inside & value) if isinstance(value, frozenset) else value in inside

    def where(self, text: str) -> NDArray[np.bool_]:
        """Which kinds a filter lets through: ``==`` and ``!=`` joined by ``and``."""
        inside = np.ones(self.n, dtype=bool)
        for clause in filter(None, re.split(r"\s+and\s+", text)):
            match = re.fullmatch(r"(\w+)\s*(==|!=)\s*[\"']?(\w+)[\"']?", clause.strip())
            assert match, text
            name, sign, code = match.groups()
            holds = self.holds(name, code)
            inside &= holds if sign == "==" else ~holds & self.holds(name, "total")
        return inside

    def since(self, years: str) -> NDArray[np.bool_]:
        """Which kinds had answered in one of some years, joined by ``+``."""
        return np.array([kind["year"] in years.split("+") for kind in self.kinds])

    def of(self, person: Mapping[str, str]) -> int:
        """Return the position of a respondent's kind (only to know the truth afterwards)."""
        wanted: dict[str, object] = {}
        for name in self.known.single:
            value = person[name] or "item_nonresponse"
            if name in self.known.asked:
                filter_, code = self.known.asked[name]
                value = value if person[filter_] == code else "not_asked"
            wanted[name] = value
        for name in self.known.multiple:
            chosen = frozenset(filter(None, person[name].split(";")))
            wanted[name] = chosen or "item_nonresponse"
        return self.kinds.index(wanted)


def read_rows(folder: Path) -> list[dict[str, str]]:
    """Read ``tables.csv`` of a release."""
    with (folder / "tables.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Attack:
    """Everything that a set of published rows says, as one integer program.

    Parameters
    ----------
    kinds
        Possible respondents.
    rows
        Of ``tables.csv``, of one release or several of the same answers.
    n
        Number of respondents, which the intake table tells.
    zeros_printed
        Whether a withheld count must be at least 1.
    doubt
        With ``dominance`` a zero beside a group that all gave one answer is
        withheld too: a reader who assumes too much meets a contradiction, and
        doubts first the answers (1), then everything (2). See `strongest`.
    """

    def __init__(
        self,
        kinds: Kinds,
        rows: Iterable[Mapping[str, str]],
        *,
        n: int | None = None,
        zeros_printed: bool = True,
        doubt: int = 0,
    ) -> None:
        self.kinds = kinds
        self.hidden: dict[bytes, tuple[str, str, str, NDArray[np.bool_]]] = {}
        self.limits: dict[bytes, tuple[NDArray[np.bool_], float, float]] = {}
        if n is not None:
            self.limit(np.ones(kinds.n, dtype=bool), n, n)
        listed = list(rows)
        has_shown = {
            (r["table"], r["row_var"], r["col_var"], r["col_code"])
            for r in listed
            if r["n"] not in ("", "0")
            and r["row_code"] not in ("total", *MISSING)
            and not r["row_code"].startswith("net:")
        }
        hidden_nets: dict[tuple[str, ...], list[list[str]]] = {}
        for r in listed:
            if r["row_code"].startswith("net:") and not r["n"]:
                place = (r["table"], r["row_var"], r["col_var"], r["col_code"])
                hidden_nets.setdefault(place, []).append(r["row_code"][4:].split("+"))
        for row in listed:
            vector = self.vector(row)
            place = (row["table"], row["row_var"], row["col_var"], row["col_code"])
            if row["n"]:
                self.limit(vector, int(row["n"]), int(row["n"]))
            else:
                self.hidden.setdefault(vector.tobytes(), (*self._names(row), vector))
                is_option = row["row_code"] not in ("total", *MISSING)
                is_doubted = doubt > 1 or (doubt and is_option) or row["row_code"] in MISSING
                nets = hidden_nets.get(place, ())
                is_outside = any(row["row_code"] not in net for net in nets)
                is_open = is_option and (place not in has_shown or is_outside)
                if zeros_printed and not is_open and not is_doubted:
                    self.limit(vector, 1, np.inf)
            self._read_rates(row, vector)
        self.hidden = {k: v for k, v in self.hidden.items() if not self._is_shown(k)}
        self.solver: highspy.Highs | None = None
        self.seen: list[NDArray[np.float64]] = []

    def vector(self, row: Mapping[str, str]) -> NDArray[np.bool_]:
        inside = self.kinds.where(row["where"]) & self.kinds.holds(row["row_var"], row["row_code"])
        if row.get("years"):
            inside = inside & self.kinds.since(row["years"])
        if row["col_var"]:
            inside = inside & self.kinds.holds(row["col_var"], row["col_code"])
        return inside

    def _names(self, row: Mapping[str, str]) -> tuple[str, str, str]:
        return (
            row["table"],
            f"{row['row_var']}:{row['row_code']}",
            f"{row['col_var']}:{row['col_code']}".lstrip(":"),
        )

    def _is_shown(self, key: bytes) -> bool:
        return key in self.limits and self.limits[key][1] == self.limits[key][2]

    def limit(self, vector: NDArray[np.bool_], low: float, high: float) -> None:
        """State that some kinds together are so many."""
        key = vector.tobytes()
        _, a, b = self.limits.get(key, (vector, 0.0, np.inf))
        self.limits[key] = (vector, max(a, low), min(b, high))

    def _read_rates(self, row: Mapping[str, str], vector: NDArray[np.bool_]) -> None:
        """A base, and a percent with it, speak of counts that may be withheld themselves."""
        if not row["base_n"]:
            assert not row["percent"] or row["n"], row
            return
        base = int(row["base_n"])
        total = self.vector({**row, "row_code": "total"})
        self.limit(total, base, base)
        if row["percent"] and not row["weight"]:
            n = float(row["percent"]) * base / 100
            self.limit(vector, np.ceil(n - 1e-6), np.floor(n + 1e-6))

    def read_weighted(
        self, rows: Iterable[Mapping[str, str]], weights: NDArray[np.float64]
    ) -> None:
        """Add what weighted counts and percents say where every kind's weight is known."""
        for row in rows:
            if not row["weight"]:
                continue
            vector = self.vector(row) * weights
            if row["wn"]:
                self.limit(vector, float(row["wn"]) - 0.5, float(row["wn"]) + 0.5)
            if row["percent"] and row["base_wn"]:
                share, base = float(row["percent"]) / 100, float(row["base_wn"])
                self.limit(
                    vector, (share - 5e-4) * (base - 0.5) - 1e-6, (share + 5e-4) * (base + 0.5)
                )

    def is_possible(self) -> bool:
        """Tell whether the assumptions agree with the numbers."""
        self.solver = self.solver or self._load()
        self.solver.run()
        return bool(self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal)

    # --- programs -------------------------------------------------------------------

    def _load(self) -> highspy.Highs:
        vectors = list(self.limits.values())
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self.kinds.n, len(vectors)
        lp.col_cost_ = np.zeros(self.kinds.n)
        lp.col_lower_ = np.zeros(self.kinds.n)
        lp.col_upper_ = np.full(self.kinds.n, float(PLENTY))
        lp.row_lower_ = np.array([low for _, low, _ in vectors], dtype=float)
        lp.row_upper_ = np.array([high for _, _, high in vectors], dtype=float)
        lp.integrality_ = [highspy.HighsVarType.kInteger] * self.kinds.n
        places = [np.flatnonzero(v) for v, _, _ in vectors]
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *map(len, places)]).astype(np.int32)
        lp.a_matrix_.index_ = np.concatenate(places).astype(np.int32)
        values = [v[at].astype(float) for (v, _, _), at in zip(vectors, places, strict=True)]
        lp.a_matrix_.value_ = np.concatenate(values)
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.passModel(lp)
        return solver

    def interval(self, vector: NDArray[np.bool_], enough: int = PLENTY) -> tuple[int, int]:
        """Return the least and greatest sum of some kinds, or any interval ``enough`` wide."""
        self.solver = self.solver or self._load()
        seen = [round(float(s[vector].sum())) for s in self.seen]
        if seen and max(seen) - min(seen) >= enough:
            return min(seen), max(seen)
        ends = []
        places = np.arange(self.kinds.n, dtype=np.int32)
        for sign in (1.0, -1.0):
            self.solver.changeColsCost(self.kinds.n, places, sign * vector.astype(float))
            self.solver.run()
            status = self.solver.getModelStatus()
            if status == highspy.HighsModelStatus.kUnbounded:
                ends.append(PLENTY)
                continue
            assert status == highspy.HighsModelStatus.kOptimal, status
            values = np.array(self.solver.getSolution().col_value)
            self.seen.append(np.round(values))
            ends.append(round(float(values[vector].sum())))
        return ends[0], ends[1]

    def attack(self, truth: NDArray[np.int64] | None = None, enough: int = PLENTY) -> list[Found]:
        """Return the interval of every withheld count."""
        return [
            Found(
                *names,
                *self.interval(vector, enough),
                -1 if truth is None else int(truth[vector].sum()),
            )
            for *names, vector in self.hidden.values()
        ]


def strongest(
    kinds: Kinds,
    rows: Iterable[Mapping[str, str]],
    *,
    n: int | None = None,
    zeros: bool = True,
    people: Mapping[str, int] | None = None,
) -> Attack:
    """Return the attack with the most assumptions that do not contradict the numbers.

    ``people`` tells how many had answered in some years, as the intake tables do.
    """
    listed = list(rows)
    for doubt in (0, 1, 2):
        attack = Attack(kinds, listed, n=n, zeros_printed=zeros, doubt=doubt)
        for years, number in (people or {}).items():
            attack.limit(kinds.since(years), number, number)
        if doubt == 2 or attack.is_possible():
            break
    return attack


def of_year(rows: Iterable[Mapping[str, str]], years: str) -> list[dict[str, str]]:
    """Mark the rows of a release with the years whose respondents it counts, joined by ``+``."""
    return [{**row, "table": f"{years}: {row['table']}", "years": years} for row in rows]
