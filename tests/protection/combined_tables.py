"""Tables of a combined study: rows by columns, filters of one or two clauses, figures beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from tests.protection.combined_study import Questions

COMMON_COLUMNS = ("unit", "gender", "assoc", "county", "type")
ABOUT_GRID = ("answered(g)", "g1 == 1 or g2 == 1", "g1 == 1 and g2 == 1", "missing(g)")


def draw_tables(rng: np.random.Generator, known: Questions) -> list[str]:
    """Draw the calls of a chapter."""
    rows = ["g" if name in known.items and rng.random() < 0.6 else name for name in known.names]
    out = [_draw_table(rng, known, rows) for _ in range(int(rng.integers(3, 9)))]
    if "g" in known.base:
        items = ", ".join(f'"s.{item}"' for item in known.items)
        if rng.random() < 0.3:
            by = _one(rng, ["unit", "assoc", "county"])
            out.append(f'{{{{ index_table([{items}], by="{by}") }}}}')
        if rng.random() < 0.3:
            out.append(f"{{{{ scale_table([{items}]) }}}}")
    if rng.random() < 0.3:
        out.append('{{ nonresponse_table("s") }}')
    if rng.random() < 0.2:
        out.append('{{ break_off_table("s") }}')
    return list(dict.fromkeys(out))


def _draw_table(rng: np.random.Generator, known: Questions, rows: list[str]) -> str:
    row = _one(rng, rows)
    column = _draw_column(rng, known, row) if rng.random() < 0.75 else ""
    said = f', by="{column}"' if column else ""
    if rng.random() < (0.35 if column else 0.6):
        said += f", where='{draw_filter(rng, known)}'"
    if column and rng.random() < 0.12:
        said += ', percents="row"'
    elif column and rng.random() < 0.06:
        said += ', percents="total"'
    if column and rng.random() < 0.2:
        said += ', margin="everyone"'
    return f'{{{{ table("s.{row}"{said}) }}}}'


def _draw_column(rng: np.random.Generator, known: Questions, row: str) -> str:
    """Draw the variable of the columns, mostly what reports break answers down by."""
    single = ["unit", *(name for name in known.derived if name != "mk")]
    single += [c for c in known.columns if c in ("gender", "q", "f", "h", *known.items)]
    inside = known.items if row == "g" else ()
    allowed = [name for name in dict.fromkeys(single) if name != row and name not in inside]
    common = [name for name in allowed if name in COMMON_COLUMNS]
    column = _one(rng, common if rng.random() < 0.6 else allowed)
    if "m" in known.base and row != "m" and rng.random() < 0.08:
        return "m"
    return column


def draw_filter(rng: np.random.Generator, known: Questions) -> str:
    """Draw one clause, or two joined by ``and``, ``or`` or neither of both."""
    kind = rng.random()
    if kind < 0.55:
        return _draw_clause(rng, known)
    first, second = _draw_clause(rng, known), _draw_clause(rng, known)
    if kind < 0.8:
        return f"{first} and {second}"
    first, second = (f"({c})" if " or " in c else c for c in (first, second))
    return f"{first} or {second}" if kind < 0.95 else f"not ({first} or {second})"


def _draw_clause(rng: np.random.Generator, known: Questions) -> str:
    name = _one(rng, known.names)
    codes = known.codes(name)
    kind = rng.random()
    if name == "num":
        value = _one(rng, known.numbers)
        return f"num {_one(rng, ['>=', '<', '==', '>'])} {value}"
    code = _one(rng, codes)
    if name in ("m", "mk"):
        return _about_several(kind, name, codes, code)
    if kind < 0.35:
        return f"{name} == {_quoted(code)}"
    if kind < 0.5:
        return f"{name} != {_quoted(code)}"
    if kind < 0.65 and len(codes) > 2:
        pair = ", ".join(_quoted(str(c)) for c in rng.choice(codes, 2, replace=False))
        return f"{name} {_one(rng, ['in', 'not in'])} ({pair})"
    if kind < 0.72:
        return f"not {name} == {_quoted(code)}"
    if kind < 0.78:
        return f"answered({name})"
    if kind < 0.84:
        return f"missing({name})"
    if "g" in known.base and kind < 0.92:
        return _one(rng, ABOUT_GRID)
    return f"{name} == {_quoted(code)}"


def _about_several(kind: float, name: str, codes: list[str], code: str) -> str:
    """A clause about a question that allows several answers."""
    if 0.4 <= kind < 0.6 and len(codes) > 1:
        return f'{name} in ("{codes[0]}", "{codes[1]}")'
    if kind < 0.6:
        return f'"{code}" in {name}'
    if kind < 0.75:
        return f'not "{code}" in {name}'
    return f"missing({name})" if kind < 0.85 else f"answered({name})"


def _one(rng: np.random.Generator, among: Sequence[str]) -> str:
    return str(rng.choice(list(among)))


def _quoted(code: str) -> str:
    return code if code.isdigit() else f'"{code}"'
