"""Where the data of a published folder lies, whichever commands have written it.

The report has its ``tables.csv`` in the folder itself, the units' reports and
every comparison in a folder of their own. All of them hold the whole release:
a folder is one release, and its files say the same as long as all were made
with one another.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaluation.protection.audit_cells import PEOPLE
from evaluation.rendering.tidy import read_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    Rows = list[Mapping[str, object]]

CSV, JSON, MANIFEST = "tables.csv", "tables.json", "manifest.json"
UNITS, COMPARED = "units", "compare-"
PLACE = ("survey", "question", "row_var", "row_code", "col_var", "col_code", "where", "weight")
"""What a cell counts, whatever its table is called."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of tables with the policy beside it.

    Attributes
    ----------
    name
        As seen from the folder.
    rows
        In the order given.
    settings
        Policy and structure; None where no manifest says them.
    """

    name: str
    rows: Sequence[Mapping[str, object]]
    settings: Mapping[str, Any] | None


def tables_files(folder: Path) -> list[Path]:
    """Return the ``tables.csv`` of the report, of the units and of every comparison."""
    beside = [place for place in folder.glob(f"{COMPARED}*") if place.is_dir()]
    places = [folder, folder / UNITS, *sorted(beside)]
    return [place / CSV for place in places if (place / CSV).is_file()]


def pages_without_data(folder: Path) -> list[str]:
    """Return the units' reports and the comparisons whose figures lie beside them in no file."""
    found = []
    pages = any((folder / UNITS).glob("*/report.*"))
    if pages and not (folder / UNITS / CSV).is_file():
        found.append(UNITS)
    stems = {file.stem for file in folder.glob(f"{COMPARED}*") if file.is_file()}
    return found + sorted(stem for stem in stems if not (folder / stem / CSV).is_file())


def read_parts(folder: Path) -> list[Part]:
    """Read every file of tables in a published folder.

    Raises
    ------
    OSError, ValueError
        If a file cannot be read.
    """
    parts = []
    for file in tables_files(folder):
        with file.open(encoding="utf-8-sig", newline="") as content:
            rows = read_rows(content)
        if any(set(PLACE) - set(row) for row in rows[:1]):
            raise ValueError(file.name)
        parts.append(Part(file.relative_to(folder).as_posix(), rows, _settings(file.parent)))
    return parts


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a folder; empty where there is none that can be read."""
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _settings(folder: Path) -> Mapping[str, Any] | None:
    try:
        settings = read_manifest(folder)["protection"]["settings"]
    except (KeyError, TypeError):
        return None
    return dict(settings) if isinstance(settings, dict) else None


def together(parts: Sequence[Part]) -> tuple[Rows, list[int]]:
    """Return the rows of all parts, each once, and how many every part has added."""
    found: dict[tuple[object, ...], Mapping[str, object]] = {}
    added = []
    for part in parts:
        before = len(found)
        for row in part.rows:
            found.setdefault(tuple(row.values()), row)
        added.append(len(found) - before)
    return list(found.values()), added


def are_one_release(parts: Sequence[Part]) -> bool:
    """Tell whether parts can be of one release: one policy, and no count told in two ways."""
    known: dict[tuple[object, ...], set[object]] = {}
    for part in parts:
        # Tables with other margins may tell a place in two ways within one file already.
        own: dict[tuple[object, ...], set[object]] = {}
        for row in part.rows:
            if row["n"] not in (None, ""):
                own.setdefault(tuple(row[key] for key in PLACE), set()).add(row["n"])
        if any(place in known and not known[place] & counts for place, counts in own.items()):
            return False
        for place, counts in own.items():
            known.setdefault(place, set()).update(counts)
    policies = [{k: v for k, v in (p.settings or {}).items() if k != "structure"} for p in parts]
    return all(policy == policies[0] for policy in policies[1:])


def joint_settings(parts: Sequence[Part]) -> dict[str, Any]:
    """Return the policy of parts of one release with the structure that any of them states."""
    settings: dict[str, Any] = {}
    structure: dict[str, Any] = {}
    for part in parts:
        said = dict(part.settings or {})
        for key, value in dict(said.pop("structure", {})).items():
            structure[key] = _merged(structure.get(key), value)
        settings |= said
    return {**settings, "structure": structure}


def _merged(known: object, more: object) -> object:
    if isinstance(known, dict) and isinstance(more, dict):
        return {**more, **known}
    if isinstance(known, list) and isinstance(more, list):
        return known + [one for one in more if one not in known]
    return more if known is None else known


def releases_of(folder: Path) -> list[Rows]:
    """Return what a reader of a folder holds: one release, or more where its files differ.

    Files that say the same are one; a file whose rows all stand in another one
    adds nothing. Nothing where the folder holds no tables.
    """
    try:
        parts = read_parts(folder)
    except (OSError, ValueError):
        return []
    found: list[tuple[set[tuple[object, ...]], Rows]] = []
    for part in sorted(parts, key=lambda part: -len(part.rows)):
        marks = {tuple(row.values()) for row in part.rows}
        if not any(marks <= other for other, _ in found):
            found.append((marks, with_people(part.rows, part.settings or {})))
    return [rows for _, rows in found]


def with_people(rows: Iterable[Mapping[str, object]], settings: Mapping[str, Any]) -> Rows:
    """Return rows that say how many respondents their survey has, where the manifest tells."""
    people = dict(settings.get("structure", {})).get("people", {})
    return [{**row, PEOPLE: people.get(row["survey"])} for row in rows] if people else list(rows)
