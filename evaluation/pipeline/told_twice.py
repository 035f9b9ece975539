"""Figures that a folder tells twice: data files beside each other, percents beside counts.

An audit of ``tables.csv`` is worth something only where the other files say no
more and nothing else.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from evaluation.pipeline.release_folder import CSV, JSON
from evaluation.problems import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    Row = Mapping[str, object]
    Place = tuple[str, str, str, str]

MEASURES = ("n", "wn", "percent")
EXACT = 1e-9


def told_twice(folder: Path, name: str, rows: Sequence[Row]) -> list[Problem]:
    """Return what one file of a folder contradicts, or is contradicted by.

    Parameters
    ----------
    folder
        Of the release.
    name
        Of the ``tables.csv`` in it.
    rows
        As read from it.
    """
    problems = []
    wrong = [_place(row) for row in rows if not _agrees(row)]
    if wrong:
        problems.append(
            Problem(
                "percent-against-count",
                Severity.STOP,
                file=str(folder / name),
                value=", ".join(filter(None, wrong[0])),
                count=len(wrong),
            )
        )
    other = (folder / name).with_name(JSON)
    if other.is_file():
        differing = _differing(other, rows)
        if differing:
            problems.append(
                Problem(
                    "data-files-differ",
                    Severity.STOP,
                    file=str(other),
                    value=differing[0],
                    expected=CSV,
                    count=len(differing),
                )
            )
    return problems


def _place(row: Row) -> Place:
    return (
        str(row["table"]),
        f"{row['row_var']}:{row['row_code']}",
        str(row["col_var"] or ""),
        str(row["col_code"]),
    )


def _number(value: object) -> float | None:
    return None if value in (None, "") else float(str(value))


def _agrees(row: Row) -> bool:
    """Tell whether a percent is that of its count and base, as far as it has decimals."""
    n, base, percent = _number(row["n"]), _number(row["base_n"]), _number(row["percent"])
    if row["weight"] or n is None or not base or percent is None:
        return True
    places = len(str(row["percent"]).partition(".")[2])
    return abs(100 * n / base - percent) <= 0.5 * 10.0**-places + EXACT


def _differing(file: Path, rows: Sequence[Row]) -> list[str]:
    """Return the places of which JSON-stat and rows tell different things, or only one tells."""
    try:
        told = dict(_cells(json.loads(file.read_text(encoding="utf-8"))))
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return [file.name]
    own: dict[tuple[str, int], tuple[float | None, ...]] = {}
    names: dict[tuple[str, int], str] = {}
    counted: dict[str, int] = {}
    for row in rows:
        table = str(row["table"])
        at = table, counted.setdefault(table, 0)
        counted[table] += 1
        own[at] = tuple(_number(row[measure]) for measure in MEASURES)
        names[at] = ", ".join(filter(None, _place(row)))
    return [
        names.get(at, f"{at[0]} {at[1] + 1}")
        for at in dict.fromkeys([*own, *told])
        if at not in own or at not in told or not _is_same(own[at], told[at])
    ]


def _is_same(one: Sequence[float | None], other: Sequence[float | None]) -> bool:
    return all(
        a is b or (a is not None and b is not None and abs(a - b) <= EXACT * max(1, abs(a)))
        for a, b in zip(one, other, strict=True)
    )


def _cells(
    collection: Mapping[str, Any],
) -> Iterator[tuple[tuple[str, int], tuple[float | None, ...]]]:
    """Yield table and position of every cell of a JSON-stat collection with its figures."""
    for item in collection["link"]["item"]:
        size, names = item["size"], list(item["dimension"]["measure"]["category"]["index"])
        at = [names.index(measure) for measure in MEASURES]
        for cell in range(size[0] * size[1]):
            figures = [item["value"][cell * size[2] + place] for place in at]
            yield (str(item["extension"]["table"]), cell), tuple(map(_number, figures))
