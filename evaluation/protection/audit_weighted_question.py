"""All counts of one question as sums over classes of weights, and what is known of them."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.protection.audit_cells import ANY, NET, plain
from evaluation.protection.audit_equations import MORE
from evaluation.protection.audit_filters import about, conditions
from evaluation.protection.audit_plain import UNCLEAR, leak_at
from evaluation.protection.audit_weighted_program import (
    EPSILON,
    Figure,
    Form,
    Program,
    Rows,
    Target,
)
from evaluation.protection.audit_weights import decided, is_answered, masks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.protection.audit import AuditPolicy
    from evaluation.protection.audit_cells import Key, Published
    from evaluation.protection.audit_equations import Equation, Equations
    from evaluation.protection.audit_weighted_index import Index
    from evaluation.protection.release import Leak
    from evaluation.protection.weight_classes import WeightClasses

COUNT, SHARE = "count", "share"
"""Which weighted figure of a cell."""
HALF = 0.5 + 1e-6
MOST_GROUPS = 150
"""Groups of classes of which it is asked how many are in a count."""


class Question:
    """All counts of one question, class by class."""

    def __init__(
        self,
        name: str,
        index: Index,
        equations: Equations,
        classes: WeightClasses,
        policy: AuditPolicy,
        lowers: Sequence[Mapping[Key, float]],
    ) -> None:
        self.name, self.classes, self.policy, self.equations = name, classes, policy, equations
        self.lowers = lowers
        self.places = {**index.places, **policy.structure.get("decimals", {})}
        self.masks = masks(classes)
        self.decided = decided(self.masks)
        self.columns: dict[tuple[Key, int], int] = {}
        self.forms: dict[Key, list[tuple[int, int]]] = {}
        names = {name, *following(name, classes.survey, policy.structure)}
        own = [cell for each in sorted(names) for cell in index.cells.get(each, ())]
        about = {cell.key for cell in own} | {cell.context for cell in own}
        near = index.equations(names, {cell.context for cell in own})
        about |= self._left_out(near, index.keys, names, about)
        about |= self._other_groups(index, about)
        self.cells = [c for each in index.cells.values() for c in each if c.key in about]
        self.linked = [
            equation
            for equation in index.equations(names, about)
            if all(self._is_about(key, names, about) for key in equation)
            and any(key in about for key in equation)
        ]
        for key in [*(c.key for c in self.cells), *(k for e in self.linked for k in e)]:
            self._form(key)
        # counts that are a sum of the same unknowns: gender by unit, where units are about
        if not index.bare:
            for cell in (c for each in index.cells.values() for c in each):
                index.bare[self._split(cell.key)[0]].append(cell)
        bare = dict.fromkeys(key for key, _ in self.columns)
        told = (cell for key in bare for cell in index.bare.get(key, ()))
        self.cells += [c for c in told if c.key not in about and self._is_told(c.key)]

    @property
    def size(self) -> int:
        """Number of unknowns."""
        return len(self.columns)

    def _left_out(
        self, near: Iterable[Equation], keys: set[Key], names: set[str], about: set[Key]
    ) -> set[Key]:
        """Return other counts that are what a filter left out of those in question."""
        found = set()
        for equation in near:
            if len(equation) != 3:
                continue
            beyond = [key for key in equation if not self._is_about(key, names, about)]
            if len(beyond) == 1 and beyond[0] in keys and beyond[0] not in about:
                found.add(beyond[0])
        return found

    @staticmethod
    def _other_groups(index: Index, about: Iterable[Key]) -> set[Key]:
        """Return the groups that a filter lets through, where a table tells of each."""
        filters = {text.partition("!=")[0] for key in about for text in key[1] if "!=" in text}
        return {
            key
            for name in filters
            for cell in index.cells.get(name, ())
            for key in (cell.key, cell.context)
            if all(text.startswith(f"{name}=") for text in key[1])
        }

    @staticmethod
    def _is_about(key: Key, names: set[str], about: set[Key]) -> bool:
        if any(text.startswith((MORE, "others than")) or "slack" in text for text in key[1]):
            return False
        stated = [text.removeprefix("not ") for text in key[1]]
        return key in about or any(
            text.startswith((f"{name}=", f"{name}!=")) or text.endswith(f" {name}")
            for text in stated
            for name in names
        )

    # --- counts as sums over classes ------------------------------------------------

    def _form(self, key: Key) -> list[tuple[int, int]]:
        """Return the unknowns that a count is the sum of: class and number."""
        if key not in self.forms:
            same = self._same(key)
            if same is not None:
                self.forms[key] = self._form(same)
                return self.forms[key]
            bare, inside = self._split(key)
            self.forms[key] = [
                (int(k), self.columns.setdefault((bare, int(k)), len(self.columns)))
                for k in np.flatnonzero(inside)
            ]
        return self.forms[key]

    def _split(self, key: Key) -> tuple[Key, NDArray[np.bool_]]:
        """Tell what a count states of classes from the rest."""
        inside = np.ones(self.classes.n, dtype=bool)
        left = set()
        for text in key[1]:
            mask = self._mask(text)
            if mask is None or text.split("=")[0].rstrip("!") not in self.decided:
                left.add(text)
            if mask is not None:
                inside &= mask
        return (key[0], frozenset(left)), inside

    def _is_told(self, key: Key) -> bool:
        """Tell whether a count is a sum of unknowns that are there already."""
        bare, inside = self._split(key)
        return bool(inside.any()) and all(
            (bare, int(k)) in self.columns for k in np.flatnonzero(inside)
        )

    def _same(self, key: Key) -> Key | None:
        """Return the same persons with a condition less: that they all answered something."""
        values = self.equations.values
        for text in sorted(key[1]):
            wider = (key[0], key[1] - {text})
            if text.endswith(f"={ANY}") and key in values and values.get(wider) == values[key]:
                return wider
        return None

    def _mask(self, text: str) -> NDArray[np.bool_] | None:
        """Return the classes that have somebody of whom a condition is true, if that is known."""
        name, sign, code = text.partition("=")
        is_negated = name.endswith("!")
        codes = self.masks.get(name.rstrip("!"))
        if codes is None or not sign or text.startswith("not "):
            return None
        if code == ANY:
            wanted = [c for c in codes if is_answered(c)]
        elif is_negated:
            wanted = [c for c in codes if is_answered(c) and c != code]
        else:
            wanted = code.removeprefix(NET).split("+") if code.startswith(NET) else [code]
        found = [codes[c] for c in wanted if c in codes]
        return np.logical_or.reduce(found) if found else np.zeros(self.classes.n, dtype=bool)

    def _sum(self, key: Key, weights: NDArray[np.float64] | None = None) -> Form:
        return {
            column: 1.0 if weights is None else float(weights[k])
            for k, column in self._form(key)
            if weights is None or weights[k]
        }

    # --- what is known ----------------------------------------------------------------

    def rows(self) -> Rows:
        """Return everything that is published about the question."""
        found = Rows()
        for key in dict.fromkeys(c.key for c in self.cells):
            if key in self.equations.values:
                value = float(self.equations.values[key])
                found.add(self._sum(key), value, value)
            elif key in self.equations.low or key in self.equations.high:
                ends = self.equations.low.get(key, 0.0), self.equations.high.get(key, np.inf)
                found.add(self._sum(key), *ends)
        for equation in self.linked:
            forms: dict[int, Form] = {}
            for key, by in equation.items():
                for k, column in self._form(key):
                    form = forms.setdefault(k, {})
                    form[column] = form.get(column, 0.0) + by
            for form in forms.values():
                found.add({c: by for c, by in form.items() if by}, 0.0, 0.0)
        self._include(found)
        for cell in self.cells:
            if cell.weight == self.classes.weight:
                self._weighted(cell, found)
        return found

    def _include(self, found: Rows) -> None:
        """A count with one condition more is no greater, in any class."""
        for key in list(self.forms):
            for text in sorted(key[1]):
                wider = (key[0], plain(key[1] - {text}))
                if wider not in self.forms or wider == key:
                    continue
                of = dict(self.forms[wider])
                for k, column in self.forms[key]:
                    if k in of and of[k] != column:
                        found.add({of[k]: 1.0, column: -1.0}, 0.0, np.inf)

    def _weighted(self, cell: Published, found: Rows) -> None:
        low, high = self.classes.low, self.classes.high
        place = cell.place
        if cell.wn is not None and cell.n:
            source = Figure(*place, COUNT)
            found.add(self._sum(cell.key, low), -np.inf, cell.wn + HALF, source)
            found.add(self._sum(cell.key, high), cell.wn - HALF, np.inf, source)
        base = self._base(cell)
        if cell.percent is None or base is None or base == cell.key or not cell.n:
            return
        half = 0.5 * 10.0 ** -self.places[cell.table] + 1e-7
        for sign, ends in ((1.0, (low, high)), (-1.0, (high, low))):
            share = (cell.percent + sign * half) / 100
            form = {c: sign * by for c, by in self._sum(cell.key, ends[0]).items()}
            for column, by in self._sum(base, ends[1]).items():
                form[column] = form.get(column, 0.0) - sign * share * by
            found.add(form, -np.inf, EPSILON, Figure(*place, SHARE))

    def _base(self, cell: Published) -> Key | None:
        kind = self.policy.structure.get("percents", {}).get(cell.table, "column")
        own = {f"{cell.row_var}={cell.row_code}"}
        row = own if kind == "row" else {f"{cell.row_var}={ANY}"}
        if kind == "column":
            return (cell.key[0], plain((cell.context[1]) | row))
        column = {f"{cell.col_var}={cell.col_code}"}
        margin = {f"{cell.col_var}={ANY}"} if cell.col_var else set()
        return (cell.key[0], plain((cell.context[1] - column) | margin | row))

    # --- what must not follow -----------------------------------------------------------

    def targets(self) -> Iterator[Target]:
        """Yield hidden counts, and groups of classes within shown ones."""
        done: set[tuple[int, ...]] = set()
        for key, cell in self.equations.hidden.items():
            if (
                (key in self.forms or self._is_told(key))
                and not cell.is_missing
                and self.policy.minds(cell)
            ):
                yield Target(self._sum(key), cell, is_hidden=True)
        groups = list(self._groups())
        for cell in self.cells:
            whole = self._form(cell.key)
            if cell.is_missing or not cell.n or not self.policy.minds(cell) or self._is_all(cell):
                continue
            for inside in groups:
                columns = tuple(column for k, column in whole if inside[k])
                if columns and len(columns) < len(whole) and columns not in done:
                    done.add(columns)
                    yield Target(dict.fromkeys(columns, 1.0), cell, is_hidden=False)

    def _is_all(self, cell: Published) -> bool:
        """Tell whether a count is of all in some classes: weights tell how large these are."""
        return all(
            text.endswith(f"={ANY}") or text.split("=")[0].rstrip("!") in self.decided
            for text in cell.key[1]
        )

    def _groups(self) -> Iterator[NDArray[np.bool_]]:
        """Yield groups of classes that have codes of some variables in common."""
        names = range(len(self.classes.variables))
        n = 0
        for size in range(1, len(names) + 1):
            for places in combinations(names, size):
                stated = [tuple(codes[p] for p in places) for codes in self.classes.codes]
                for wanted in dict.fromkeys(stated):
                    if all(is_answered(code) for code in wanted) and n < MOST_GROUPS:
                        n += 1
                        yield np.array([codes == wanted for codes in stated], dtype=bool)

    def leaks(self) -> dict[Leak, frozenset[Figure]]:
        """Return what is known too closely, and the weighted figures that it rests on."""
        targets = list(self.targets())
        if not targets or not any(self.rows().source):
            return {}
        for knows_sizes in (True, False):
            for lower in self.lowers:
                bounds = self._bounds(knows_sizes=knows_sizes)
                program = Program(bounds, self.rows(), targets, lower, self.policy)
                if program.is_possible():
                    return program.leaks()
        return self._unclear()

    def _unclear(self) -> dict[Leak, frozenset[Figure]]:
        """Return every weighted figure: what contradicts itself cannot be said to be safe."""
        return {
            leak_at(UNCLEAR, cell, (1, 0), self.policy): frozenset(
                Figure(*cell.place, kind) for kind in (COUNT, SHARE)
            )
            for cell in self.cells
            if cell.weight == self.classes.weight and not cell.is_missing and cell.wn is not None
        }

    def _bounds(self, *, knows_sizes: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the least and the most that an unknown can be: as many as are in the class."""
        low, high = np.zeros(self.size), np.full(self.size, np.inf)
        if not knows_sizes:
            return low, high
        for (key, k), column in self.columns.items():
            high[column] = float(self.classes.size[k])
            if not key[1] and self.classes.is_counted:
                low[column] = high[column]
        return low, high


def following(name: str, survey: str, structure: Mapping[str, Any]) -> set[str]:
    """Return the questions that only those are asked who gave some answer to a question."""
    return {
        asked.partition(".")[2]
        for asked, text in structure.get("asked_if", {}).items()
        if asked.startswith(f"{survey}.")
        and any(name in about(stated) for stated in conditions(text, survey, {}))
    }
