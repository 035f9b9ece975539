"""Attack releases from their published files alone, one after another and together."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaluation.problems import Checked, Problem, Severity
from evaluation.protection.audit import AuditPolicy, audit_together
from evaluation.rendering.tidy import read_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from evaluation.protection.release import Leak
    from evaluation.texts import Texts


@dataclass(frozen=True, slots=True)
class FolderAudit:
    """What an attack on one folder found."""

    name: str
    n_cells: int
    n_hidden: int
    leaks: tuple[Leak, ...]
    known: tuple[Leak, ...] = ()
    """What the other folders had given away before: nothing in this one can mend it."""


def audit_folders(folders: Sequence[Path]) -> Checked[tuple[FolderAudit, ...]]:
    """Audit output folders that a reader may hold together.

    Each is attacked with the others at hand. The policy is read from its
    ``manifest.json``; the figures from its ``tables.csv``, as anyone can.
    """
    rows: dict[str, list[Mapping[str, object]]] = {}
    settings: dict[str, Mapping[str, Any]] = {}
    problems: list[Problem] = []
    for folder in folders:
        names = [other.name for other in folders]
        name = folder.name if folder.name and names.count(folder.name) == 1 else str(folder)
        try:
            with (folder / "tables.csv").open(encoding="utf-8-sig", newline="") as file:
                rows[name] = list(read_rows(file))
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            settings[name] = manifest["protection"]["settings"]
        except (OSError, ValueError, KeyError, TypeError):
            rows.pop(name, None)
            problems.append(Problem("not-a-release", Severity.STOP, file=str(folder), value=name))
    audits = []
    for name, own in rows.items():
        if name not in settings:
            continue
        others = {other: listed for other, listed in rows.items() if other != name}
        policy = AuditPolicy.from_settings(settings[name])
        found = audit_together(own, policy, list(others.values()))
        hidden = sum(1 for row in own if row["status"] != "shown")
        audits.append(FolderAudit(name, len(own), hidden, tuple(found.leaks), tuple(found.known)))
    return Checked(tuple(audits), tuple(problems))


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
                "audit_release.leak",
                table=leak.table,
                row=leak.row,
                column=leak.column,
                low=leak.low,
                high=leak.high,
            )
            for leak in found.leaks[:limit]
        ]
        if found.known:
            count = numbers.number(len(found.known))
            lines.append("  " + texts.get("audit_release.known", count=count))
    return "\n".join(lines) + "\n"
