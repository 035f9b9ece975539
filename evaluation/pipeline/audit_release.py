"""Attack releases from their published files alone, one after another and together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.pipeline.release_folder import (
    are_one_release,
    joint_settings,
    pages_without_data,
    read_parts,
    together,
    with_people,
)
from evaluation.pipeline.told_twice import told_twice
from evaluation.problems import Checked, Problem, Severity
from evaluation.protection.audit import AuditPolicy, audit_together
from evaluation.protection.audit_changed import CHANGING, FEW_ADDED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from evaluation.pipeline.release_folder import Part
    from evaluation.protection.release import Leak
    from evaluation.texts import Texts


@dataclass(frozen=True, slots=True)
class LookedAt:
    """One file that was attacked.

    Attributes
    ----------
    name
        As seen from the folder.
    n_tables, n_cells
        What it holds.
    n_new
        How many of its cells stand in none of the files before it.
    """

    name: str
    n_tables: int
    n_cells: int
    n_new: int


@dataclass(frozen=True, slots=True)
class FolderAudit:
    """What an attack on one folder found."""

    name: str
    n_cells: int
    n_hidden: int
    leaks: tuple[Leak, ...]
    known: tuple[Leak, ...] = ()
    """What the other folders had given away before: nothing in this one can mend it."""
    files: tuple[LookedAt, ...] = ()
    """What the cells were read from."""
    is_changed: bool = False
    """Its counts are rounded, or have noise."""


def audit_folders(folders: Sequence[Path]) -> Checked[tuple[FolderAudit, ...]]:
    """Audit output folders that a reader may hold together.

    Each is attacked with the others at hand. The figures are read from every
    ``tables.csv`` of a folder, those of the report, of the units' reports and of the
    comparisons, as anyone can; the policy from the ``manifest.json`` beside each.
    Where the files of a folder cannot be of one release, that is a problem, and
    each is attacked by itself.
    """
    releases: dict[str, list[Part]] = {}
    problems: list[Problem] = []
    for folder in folders:
        names = [other.name for other in folders]
        name = folder.name if folder.name and names.count(folder.name) == 1 else str(folder)
        parts = _parts(folder)
        if not parts:
            problems.append(Problem("not-a-release", Severity.STOP, file=str(folder), value=name))
            continue
        problems += [
            Problem("release-part-without-data", Severity.WARN, file=str(folder), value=part)
            for part in pages_without_data(folder)
        ]
        for part in parts:
            problems += told_twice(folder, part.name, part.rows)
        if are_one_release(parts):
            releases[name] = parts
            continue
        listed = ", ".join(part.name for part in parts)
        problems.append(
            Problem("release-parts-differ", Severity.STOP, file=str(folder), value=listed)
        )
        releases |= {f"{name}/{part.name}": [part] for part in parts}
    rows = {
        name: with_people(together(parts)[0], joint_settings(parts))
        for name, parts in releases.items()
    }
    audits = []
    for name, parts in releases.items():
        others = [listed for other, listed in rows.items() if other != name]
        audits.append(_audited(name, parts, others))
    return Checked(tuple(audits), tuple(problems))


def _parts(folder: Path) -> list[Part]:
    """Return the files of a folder; none where one cannot be read or says no policy."""
    try:
        parts = read_parts(folder)
    except (OSError, ValueError):
        return []
    return parts if all(part.settings is not None for part in parts) else []


def _audited(
    name: str, parts: Sequence[Part], others: list[list[Mapping[str, object]]]
) -> FolderAudit:
    """Attack the parts of one release as one."""
    rows, added = together(parts)
    policy = AuditPolicy.from_settings(joint_settings(parts))
    found = audit_together(rows, policy, others)
    return FolderAudit(
        name=name,
        n_cells=len(rows),
        n_hidden=sum(1 for row in rows if row["status"] != "shown"),
        leaks=tuple(found.leaks),
        known=tuple(found.known),
        files=tuple(
            LookedAt(part.name, len({row["table"] for row in part.rows}), len(part.rows), new)
            for part, new in zip(parts, added, strict=True)
        ),
        is_changed=policy.method in CHANGING,
    )


def _text_of(found: FolderAudit, leak: Leak) -> str:
    """Return the key of the sentence that says what a leak is."""
    if leak.code == FEW_ADDED:
        return "audit_release.few_added"
    return "audit_release.leak_changed" if found.is_changed else "audit_release.leak"


def audit_text(audits: Sequence[FolderAudit], texts: Texts, limit: int = 20) -> str:
    """Write the outcome out for a terminal."""
    lines = []
    for found in audits:
        numbers = texts.numbers
        lines.append(
            texts.get(
                "audit_release.summary",
                name=found.name,
                cells=numbers.number(found.n_cells),
                hidden=numbers.number(found.n_hidden),
                leaks=numbers.number(len(found.leaks)),
            )
        )
        lines += [
            "  "
            + texts.get(
                "audit_release.file",
                file=one.name,
                cells=numbers.number(one.n_cells),
                tables=numbers.number(one.n_tables),
                new=numbers.number(one.n_new),
            )
            for one in found.files
        ]
        lines += [
            "  "
            + texts.get(
                _text_of(found, leak),
                table=leak.table,
                row=leak.row,
                column=leak.column,
                low=leak.low,
                high=leak.high,
            )
            for leak in found.leaks[:limit]
        ]
        if len(found.leaks) > limit:
            count = numbers.number(len(found.leaks) - limit)
            lines.append("  " + texts.get("audit_release.more", count=count))
        if found.known:
            count = numbers.number(len(found.known))
            lines.append("  " + texts.get("audit_release.known", count=count))
    return "\n".join(lines) + "\n"
