"""An attacker of combined studies: `tables.csv`, the questionnaire and what the manifest says.

As `reader.Attack`, and reads percents of rows and of all, margins of everyone,
and zeros that the policy hides. It asks two things: how closely a withheld
count is known, and whether what a filter leaves out is surely small, though no
table prints it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import highspy
import numpy as np

from tests.protection.combined_kinds import parts_of
from tests.protection.reader import MISSING, Attack, Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from tests.protection.combined_kinds import Respondents

WIDTH, LIMIT = 5, 5
SECONDS_A_PROGRAM = 20.0
PUSHES = 8
WIDE_OPEN = (-99, 999)
"""What stands for an end that the time did not suffice for: nothing is known of it."""
MENTIONS_Q = re.compile(r"\bq[kl]?\b")


class Told(NamedTuple):
    """What the attack found out of small counts: withheld ones, and what filters leave out."""

    hidden: list[Found]
    differences: list[Found]
    asked: int
    given_up: int


class CombinedAttack(Attack):
    """Everything that the rows of one release say, by what its manifest says of its tables.

    Parameters
    ----------
    kinds
        Possible respondents.
    rows
        Of ``tables.csv``.
    structure
        Of the manifest: which tables have percents of what, and margins of everyone.
    n
        Number of respondents.
    zeros_printed
        Whether a withheld count must be at least 1.
    doubt
        As in `Attack`.
    """

    def __init__(
        self,
        kinds: Respondents,
        rows: Iterable[Mapping[str, str]],
        *,
        structure: Mapping[str, Any],
        n: int,
        zeros_printed: bool = True,
        doubt: int = 0,
    ) -> None:
        self.structure = structure
        self.given_up = 0
        super().__init__(kinds, rows, n=n, zeros_printed=zeros_printed, doubt=doubt)

    def vector(self, row: Mapping[str, str]) -> NDArray[np.bool_]:
        if row["col_code"] == "total" and row["table"] in self.structure.get("everyone", ()):
            row = {**row, "col_var": "", "col_code": ""}
        return super().vector(row)

    def _read_rates(self, row: Mapping[str, str], vector: NDArray[np.bool_]) -> None:
        if not row["base_n"]:
            assert not row["percent"] or row["n"], row
            return
        of = self.structure.get("percents", {}).get(row["table"], "column")
        place = dict(row)
        if of != "row":
            place["row_code"] = "total"
        if of != "column" and row["col_var"]:
            place["col_code"] = "total"
        base = int(row["base_n"])
        self.limit(self.vector(place), base, base)
        if row["percent"]:
            n = float(row["percent"]) * base / 100
            self.limit(vector, np.ceil(n - 1e-6), np.floor(n + 1e-6))

    def push(self, vectors: list[NDArray[np.bool_]], rng: np.random.Generator) -> None:
        """Find some solutions that are far apart, so that few counts need programs of their own."""
        self.solver = self.solver or self._load()
        weights_of = np.array(vectors, dtype=float)
        for _ in range(PUSHES):
            weights = rng.choice([-1.0, 1.0], len(vectors)) * rng.random(len(vectors))
            self._solve(weights @ weights_of + rng.random(self.kinds.n) * 0.01)

    def interval(self, vector: NDArray[np.bool_], enough: int = 1000) -> tuple[int, int]:
        """As in `Attack`; an end that takes too long is taken for open."""
        seen = [round(float(s[vector].sum())) for s in self.seen]
        if seen and max(seen) - min(seen) >= enough:
            return min(seen), max(seen)
        ends = list(WIDE_OPEN)
        for end, sign in enumerate((1.0, -1.0)):
            self.solver = self.solver or self._load()
            status = self._solve(sign * vector.astype(float))
            if status == highspy.HighsModelStatus.kOptimal:
                ends[end] = round(float(self.seen[-1][vector].sum()))
            else:
                assert status == highspy.HighsModelStatus.kTimeLimit, status
                self.given_up += 1
                self.solver = None  # a program that was broken off does not start warm
        return ends[0], ends[1]

    def _solve(self, costs: NDArray[np.float64]) -> highspy.HighsModelStatus:
        places = np.arange(self.kinds.n, dtype=np.int32)
        self.solver.changeColsCost(self.kinds.n, places, costs)
        # The clock of the solver goes on from program to program.
        self.solver.setOptionValue("time_limit", self.solver.getRunTime() + SECONDS_A_PROGRAM)
        self.solver.run()
        status = self.solver.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            self.seen.append(np.round(np.array(self.solver.getSolution().col_value)))
        return status


def tell(
    kinds: Respondents,
    rows: list[dict[str, str]],
    structure: Mapping[str, Any],
    truth: NDArray[np.int64],
    *,
    zeros_hidden: bool,
) -> Told:
    """Attack a release and return what is told of counts that are small in truth.

    ``hidden`` are withheld counts known closer than the policy allows.
    ``differences`` are counts that no table prints, of those whom a part of a
    filter leaves out, and surely more than nobody and fewer than the threshold.
    ``given_up`` says how many programs took too long: what they ask stays open.
    """
    n = int(truth.sum())
    attack = (_where_zeros_are_hidden if zeros_hidden else _strongest)(kinds, rows, structure, n)
    withheld = {k: v for k, v in attack.hidden.items() if _is_small(truth, v[3])}
    left_out = {
        k: v
        for k, v in _left_out(kinds, rows).items()
        if _is_small(truth, v[3]) and k not in withheld
    }
    targets = [*withheld.values(), *left_out.values()]
    if targets:
        attack.push([vector for *_, vector in targets], np.random.default_rng(0))
    hidden, differences = (
        [
            Found(*names, *attack.interval(vector, WIDTH), int(truth[vector].sum()))
            for *names, vector in group.values()
            if names[1].split(":")[1] not in MISSING
        ]
        for group in (withheld, left_out)
    )
    return Told(
        [one for one in hidden if one.width < WIDTH],
        [one for one in differences if one.low >= 1 and one.high < LIMIT],
        len(targets),
        attack.given_up,
    )


def _is_small(truth: NDArray[np.int64], vector: NDArray[np.bool_]) -> bool:
    return bool(0 < truth[vector].sum() < LIMIT)


def _strongest(
    kinds: Respondents, rows: list[dict[str, str]], structure: Mapping[str, Any], n: int
) -> CombinedAttack:
    for doubt in (0, 1, 2):
        attack = CombinedAttack(kinds, rows, structure=structure, n=n, doubt=doubt)
        if doubt == 2 or attack.is_possible():
            break
    return attack


def _where_zeros_are_hidden(
    kinds: Respondents, rows: list[dict[str, str]], structure: Mapping[str, Any], n: int
) -> CombinedAttack:
    """Zeros of ``q`` and what is derived of it are hidden; other withheld counts are at least 1."""
    printed = [row for row in rows if row["n"] or not _is_about_q(row)]
    for doubt in (0, 1, 2):
        attack = CombinedAttack(kinds, rows, structure=structure, n=n, zeros_printed=False)
        if doubt == 2:
            break
        surer = CombinedAttack(kinds, printed, structure=structure, n=n, doubt=doubt)
        for limit in surer.limits.values():
            attack.limit(*limit)
        if attack.is_possible():
            break
    return attack


def _is_about_q(row: Mapping[str, str]) -> bool:
    names = row["row_var"], row["col_var"], row["where"]
    return any(MENTIONS_Q.search(name) for name in names)


def _left_out(
    kinds: Respondents, rows: list[dict[str, str]]
) -> dict[bytes, tuple[str, str, str, NDArray[np.bool_]]]:
    """Who is in a row and its column, but left out by one part of the filter."""
    out: dict[bytes, tuple[str, str, str, NDArray[np.bool_]]] = {}
    for row in rows:
        if not row["where"] or row["row_code"] in MISSING:
            continue
        inside = kinds.holds(row["row_var"], row["row_code"])
        if row["col_var"]:
            inside = inside & kinds.holds(row["col_var"], row["col_code"])
        parts = parts_of(row["where"])
        names = f"{row['row_var']}:{row['row_code']}", f"{row['col_var']}:{row['col_code']}"
        for place, part in enumerate(parts):
            rest = " and ".join(f"({p})" for i, p in enumerate(parts) if i != place)
            vector = inside & kinds.where(rest) & ~kinds.where(part)
            out.setdefault(vector.tobytes(), (f"not ({part}): {row['table']}", *names, vector))
    return out
