"""The equations that a stranger can write down from published tables alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from evaluation.protection.audit_cells import (
    ANY,
    MARK,
    MISSING,
    NET,
    TOTAL,
    Key,
    Published,
    in_order,
    plain,
)
from evaluation.protection.audit_filters import CLAUSE, NOT_IT, conditions
from evaluation.protection.audit_lacking import LACKS, complete, said_of_all
from evaluation.protection.audit_recodes import (
    any_of_groups,
    declared,
    members_of,
    sums_of_groups,
    sums_of_lists,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evaluation.protection.audit_cells import Reading

MORE = "more than one "
"""Marks what the options of a multiple answer add up to beyond those who answered."""
SILENT = ("item_nonresponse", "invalid")
"""How an answer can be missing of those who were asked."""
Equation = dict[Key, float]
"""``sum coefficient * count = 0``."""


@dataclass(slots=True)
class Equations:
    """What is known of the counts.

    Attributes
    ----------
    values
        Shown counts.
    hidden
        Hidden counts, with one cell that would show each.
    low, high
        Bounds that percents give.
    equations
        Sums, each equal to 0.
    differences
        Counts that nobody prints but that subtraction may reveal, with a cell.
    rests
        Of a column with a hidden answer: those who did not give that answer.
    """

    values: dict[Key, int] = field(default_factory=dict)
    hidden: dict[Key, Published] = field(default_factory=dict)
    low: dict[Key, float] = field(default_factory=dict)
    high: dict[Key, float] = field(default_factory=dict)
    equations: list[Equation] = field(default_factory=list)
    differences: dict[Key, Published] = field(default_factory=dict)
    rests: dict[Key, Published] = field(default_factory=dict)

    def balance(self, one: Iterable[Key], others: Iterable[Key]) -> None:
        """State that counts add up to as much as others; the same can stand on both sides."""
        equation: Equation = defaultdict(float)
        for keys, sign in ((one, 1.0), (others, -1.0)):
            for key in keys:
                equation[key] += sign
        self.equations.append({key: value for key, value in equation.items() if value})


def write_equations(reading: Reading, structure: Mapping[str, Any]) -> Equations:
    """Write down everything that ties the cells together.

    Parameters
    ----------
    reading
        Cells of all releases.
    structure
        From the manifest; what is absent there is inferred from the numbers.
    """
    found = Equations()
    for survey, n in reading.people.items():
        found.values[survey, frozenset()] = n
    found.values |= reading.given
    for cell in reading.cells:
        if cell.n is not None:
            found.values[cell.key] = cell.n
    for cell in reading.cells:
        if cell.n is None and cell.key not in found.values:
            found.hidden.setdefault(cell.key, cell)
    multiple = frozenset(structure.get("multiple", ())) | _overlapping(reading)
    _sum_rows(reading, multiple, structure, found)
    _sum_columns(reading, multiple, frozenset(structure.get("everyone", ())), found)
    keys = {cell.key for cell in reading.cells} | {cell.context for cell in reading.cells}
    keys |= set(reading.given)
    _include(keys, _loose(reading), found)
    names = {survey: complete(reading, structure, survey) for survey, _ in reading.codes}
    _subtract(reading, keys, names, found)
    _group(reading, keys, structure, found)
    _derive(reading, keys, structure, multiple, found)
    _asked(reading, keys, structure, found)
    _read_percents(reading, structure, found)
    _read_nearly(reading, found)
    told, zeros = said_of_all({key for one in found.equations for key in one} | keys, names)
    found.equations += told
    found.values |= zeros
    return found


def _overlapping(reading: Reading) -> frozenset[str]:
    """Find questions whose shown options add up to more than their total."""
    sums: dict[tuple[tuple[str, str], str, Key], int] = defaultdict(int)
    totals: dict[tuple[tuple[str, str], str, Key], int] = {}
    for cell in reading.cells:
        if cell.is_option and cell.n is not None:
            sums[(cell.source, cell.table), cell.row_var, cell.context] += cell.n
        if cell.row_code == TOTAL and cell.n is not None:
            totals[(cell.source, cell.table), cell.row_var, cell.context] = cell.n
    return frozenset(
        f"{context[0]}.{name}"
        for (table, name, context), n in sums.items()
        if n > totals.get((table, name, context), n)
    )


def _blocks(cells: Iterable[Published], by: str) -> dict[tuple[str, ...], list[Published]]:
    """Group cells that stand in one column (or row) of one question in one table."""
    blocks: dict[tuple[str, ...], list[Published]] = defaultdict(list)
    for cell in cells:
        other = (cell.col_var, cell.col_code) if by == "column" else (cell.row_code, cell.col_var)
        blocks[cell.table, cell.source, cell.row_var, *other].append(cell)
    return blocks


def _sum_rows(
    reading: Reading, multiple: frozenset[str], structure: Mapping[str, Any], found: Equations
) -> None:
    """Options add up to the total; with the kinds of missing, to everybody in the column."""
    for block in _blocks(reading.cells, "column").values():
        survey = block[0].key[0]
        total = next((cell for cell in block if cell.row_code == TOTAL), None)
        options = {cell.row_code: cell.key for cell in block if cell.is_option}
        if total is None:
            continue
        is_multiple = f"{survey}.{block[0].row_var}" in multiple
        if is_multiple:
            alone = structure.get("exclusive", {}).get(f"{survey}.{block[0].row_var}", ())
            if options and f"{survey}.{block[0].row_var}" not in structure.get("choose_none", ()):
                more = (survey, total.key[1] | {f"{MORE}{total.row_var}"})
                found.balance(options.values(), [total.key, more])
            _choose(total, options, alone, found)
        if not is_multiple and options:
            found.balance([total.key], options.values())
        for cell in block:
            is_open = cell.n is None and cell.key != total.key  # else the filter says it
            if cell.is_option and is_open and len(options) > 1:
                rest = (survey, cell.key[1] | {f"others than this {cell.row_var}"})
                found.balance([total.key], [cell.key, rest])
                found.rests[rest] = cell
            if is_multiple and cell.is_option:
                others = (survey, cell.key[1] | {f"others than {cell.row_var}={cell.row_code}"})
                found.balance([total.key], [cell.key, others])
                found.differences[others] = cell
            parts = cell.row_code.removeprefix(NET).split("+")
            if cell.row_code.startswith(NET) and all(code in options for code in parts):
                found.balance([cell.key], [options[code] for code in parts])
        missing = [cell.key for cell in block if cell.is_missing]
        if len(missing) < len(MISSING):
            unlisted = _unlisted(f"missing {total.row_var}", block, MISSING)
            missing.append((survey, total.context[1] | {unlisted}))
        found.balance([total.context], [total.key, *missing])


def _unlisted(text: str, block: Iterable[Published], kinds: Iterable[str]) -> str:
    """Name those whose kind of missing a table does not list; another table may list others."""
    listed = {cell.row_code for cell in block}
    return f"{text}: {', '.join(kind for kind in kinds if kind not in listed)}"


def _choose(
    total: Published, options: dict[str, Key], alone: Iterable[str], found: Equations
) -> None:
    """Nobody chose an exclusive option and another."""
    survey, stated = total.key
    only = [options[code] for code in alone if code in options]
    for code, key in options.items():
        if only and key not in only:
            rest = (survey, stated | {f"neither {total.row_var}={code}"})
            found.balance([total.key], [key, *only, rest])


def _sum_columns(
    reading: Reading, multiple: frozenset[str], everyone: frozenset[str], found: Equations
) -> None:
    """Columns add up to their margin."""
    for block in _blocks(reading.cells, "row").values():
        name = block[0].col_var
        if not name or f"{block[0].key[0]}.{name}" in multiple:
            continue
        margin = next((cell for cell in block if cell.col_code == TOTAL), None)
        parts = [cell.key for cell in block if cell.col_code != TOTAL]
        if margin is None or not parts or margin.key in parts:
            continue
        if margin.table in everyone:
            parts.append((margin.key[0], margin.key[1] | {f"{LACKS}{name}"}))
        found.balance([margin.key], parts)


def _loose(reading: Reading) -> set[str]:
    """Return conditions of filters and margins, which no sum over rows or columns ties."""
    loose: set[str] = set()
    for cell in reading.cells:
        column = {f"{cell.col_var}={cell.col_code}"} if cell.col_code != TOTAL else set()
        loose |= cell.context[1] - column
    return loose


def _include(keys: set[Key], loose: set[str], found: Equations) -> None:
    """A count with one condition more is no greater."""
    for key in sorted(keys, key=in_order):
        for text in sorted(key[1] & loose):
            wider = (key[0], plain(key[1] - {text}))
            if wider in keys and not (key in found.values and wider in found.values):
                rest = (key[0], key[1] | {f"without {text}"})
                found.balance([wider], [key, rest])


def _subtract(
    reading: Reading, keys: set[Key], names: Mapping[str, frozenset[str]], found: Equations
) -> None:
    """A table with a filter and one without it: what the filter left out.

    ``names`` are the variables that nobody lacks: without them the same are counted.
    """
    cells = {cell.key: cell for cell in reading.cells}
    for key in sorted(keys, key=in_order):
        for text in sorted(key[1]):
            rest = key[1] - {text}
            cell = cells.get(key)
            name, sign, code = text.partition("!=")
            is_plain = not text.startswith((CLAUSE, MARK))
            if is_plain and (not sign or any(f"{name}={kind}" in rest for kind in MISSING)):
                continue  # who lacks an answer gave neither this one nor another
            left_out = (key[0], rest | {f"{NOT_IT}{text}"})
            whole = (key[0], plain(rest))
            if is_plain:
                other = (key[0], plain(rest | {f"{name}={code}"}))
                answered = (key[0], plain(rest | {f"{name}={ANY}"}))
                if answered in keys:
                    left_out, whole = other, answered
                elif name in names[key[0]]:
                    left_out = other
                elif whole in keys:
                    lacking = (key[0], rest | {f"{LACKS}{name}"})
                    found.balance([left_out], [other, lacking])
            if whole not in keys:
                whole = (key[0], whole[1] - {f"{one}={ANY}" for one in names[key[0]]})
            if whole in keys:
                found.balance([whole], [key, left_out])
                if cell is not None and not cell.is_missing and left_out not in found.values:
                    found.differences[left_out] = cell


def _group(
    reading: Reading, keys: set[Key], structure: Mapping[str, Any], found: Equations
) -> None:
    """Counties are the sums of their units."""
    for (survey, coarse), codes in list(reading.codes.items()):
        for (other, fine), fine_codes in list(reading.codes.items()):
            if survey != other or coarse == fine or not coarse or not fine:
                continue
            members = members_of(survey, (coarse, codes), (fine, fine_codes), structure)
            for code, inside in members.items():
                grouped = f"{coarse}={code}"
                for key in [key for key in keys if key[0] == survey and grouped in key[1]]:
                    around = key[1] - {f"{coarse}={code}"}
                    parts = [(survey, plain(around | {f"{fine}={c}"})) for c in inside]
                    if inside and all(part in keys for part in parts):
                        found.balance([key], parts)


def _derive(
    reading: Reading,
    keys: set[Key],
    structure: Mapping[str, Any],
    multiple: frozenset[str],
    found: Equations,
) -> None:
    """Tie derived questions to what they are derived from, and to each other."""
    found.equations += sums_of_lists(keys, _loose(reading), multiple)
    for survey in sorted({survey for survey, _ in reading.codes}):
        groups = declared(reading, structure, survey)
        several = [g for g in groups if f"{survey}.{g.coarse}" in multiple]
        single = [g for g in groups if g not in several]
        found.equations += sums_of_groups(keys, single, survey)
        found.equations += any_of_groups(keys, several, survey, structure)


def _asked(
    reading: Reading, keys: set[Key], structure: Mapping[str, Any], found: Equations
) -> None:
    """Those who were asked are those for whom the filter of the question holds."""
    for block in _blocks(reading.cells, "column").values():
        total = next((cell for cell in block if cell.row_code == TOTAL), None)
        if total is None:
            continue
        text = structure.get("asked_if", {}).get(f"{total.key[0]}.{total.row_var}", "")
        stated = conditions(text, total.key[0], {})
        if len(stated) != 1 or any(s.startswith("?") or "!=" in s for s in stated):
            continue
        asked = (total.key[0], plain(total.context[1] | stated))
        if asked not in keys:
            continue
        silent = [cell.key for cell in block if cell.row_code in SILENT]
        if len(silent) < len(SILENT):
            unlisted = _unlisted(f"silent {total.row_var}", block, SILENT)
            silent.append((total.key[0], total.context[1] | {unlisted}))
        if f"{total.key[0]}.{total.row_var}" in structure.get("asked_else", ()):
            elsewhere = f"not in every file {total.row_var}"
            silent.append((total.key[0], total.context[1] | {elsewhere}))
        found.balance([asked], [total.key, *silent])


# --- percents -----------------------------------------------------------------------


def _read_percents(reading: Reading, structure: Mapping[str, Any], found: Equations) -> None:
    """A percent with a base is a count, and with a count it is a base."""
    kinds = structure.get("percents", {})
    decimals = structure.get("decimals", {})
    by_place = {
        (c.source, c.table, c.row_var, c.row_code, c.col_var, c.col_code): c for c in reading.cells
    }
    for cell in reading.cells:
        if cell.is_missing:
            continue
        kind = kinds.get(cell.table, "column")
        row = cell.row_code if kind == "row" else TOTAL
        column = cell.col_code if kind == "column" else TOTAL
        base = by_place.get((cell.source, cell.table, cell.row_var, row, cell.col_var, column))
        if base is None:
            continue
        if cell.base_n is not None and base.n is None:
            found.low[base.key] = found.high[base.key] = float(cell.base_n)
        if cell.percent is None or (cell.n is not None and base.n is not None):
            continue
        _bound_by_percent(cell, base, max(cell.places, decimals.get(cell.table, 0)), found)


def _bound_by_percent(cell: Published, base: Published, places: int, found: Equations) -> None:
    """Turn a percent beside a hidden count or base into bounds for what is hidden."""
    half = 0.5 * 10.0**-places
    low, high = (cell.percent or 0.0) - half, (cell.percent or 0.0) + half
    if base.n is not None:
        _narrow(found, cell.key, low * base.n / 100, high * base.n / 100)
    elif cell.n is not None and low > 0:
        _narrow(found, base.key, 100 * cell.n / high, 100 * cell.n / low)
    else:
        told = f"{places} decimals of {' and '.join(sorted(base.key[1]))}"
        rest = frozenset({*cell.key[1], "percent slack", told})
        slack = (cell.key[0], rest)
        spread = 2 * half / 100
        found.equations.append({cell.key: 1.0, base.key: -low / 100, slack: -1.0})
        found.equations.append(
            {base.key: spread, slack: -1.0, (cell.key[0], rest | {"other side"}): -1.0}
        )


def _narrow(found: Equations, key: Key, low: float, high: float) -> None:
    found.low[key] = max(found.low.get(key, 0.0), low)
    found.high[key] = min(found.high.get(key, high), high)


def _read_nearly(reading: Reading, found: Equations) -> None:
    """A count before some answers were corrected is near the same count afterwards."""
    for before, now, most in reading.nearly:
        if before in found.values:
            n = found.values[before]
            _narrow(found, now, n - most, n + most)
            continue
        more, fewer = ((now[0], before[1] | {side}) for side in ("more before", "fewer before"))
        found.balance([now, more], [before, fewer])
        found.high |= dict.fromkeys((more, fewer), float(most))
