"""Whether a report is already there for exactly this input.

The manifest of the last run says what it read, with which versions and
settings, and what it wrote. If all of that still holds, byte for byte, there
is nothing to do. Deleting the outputs, or ``--force``, makes everything anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

from evaluation.places import templates_root

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

SKIPPED_FOLDERS = {"fonts", "vendor", "schema"}
"""Under templates: large, and pinned by the package's version."""


def is_current(study: Path, folder: Path, settings: Mapping[str, Any]) -> bool:
    """Tell whether ``folder`` holds the outputs for the study as it is now.

    Parameters
    ----------
    study
        Study folder.
    folder
        Output folder of an earlier run.
    settings
        As the manifest records them.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if manifest.get("settings") != dict(settings) or manifest.get("product") != product_hash():
        return False
    if manifest.get("inputs") != input_hashes(study):
        return False
    return all(
        (folder / name).is_file() and _sha256([folder / name]) == mark
        for name, mark in manifest.get("outputs", {}).items()
    )


def input_hashes(study: Path) -> dict[str, str]:
    """Return path -> sha256 of the study's files, without hidden and temporary ones."""
    return {
        file.relative_to(study).as_posix(): _sha256([file])
        for file in sorted(study.rglob("*"))
        if file.is_file() and not _is_hidden(file.relative_to(study).parts)
    }


def product_hash() -> str:
    """Return a hash of the program and its templates: another program may write other bytes."""
    package = templates_root().parent
    code = package if package.name == "evaluation" else package / "evaluation"
    templates = (
        file
        for file in templates_root().rglob("*")
        if file.is_file() and not SKIPPED_FOLDERS & set(file.parts)
    )
    return _sha256(sorted([*code.rglob("*.py"), *templates]))


def settings_for(
    formats: Sequence[str], *, unprotected: bool, language: str | None, reference: bytes | None
) -> dict[str, Any]:
    """Return what a run was asked for, as the manifest records it."""
    return {
        "formats": list(formats),
        "unprotected": unprotected,
        "language": language or "",
        "reference_doc": hashlib.sha256(reference).hexdigest() if reference else "",
        "source_date_epoch": os.environ.get("SOURCE_DATE_EPOCH", ""),
    }


def _is_hidden(parts: Sequence[str]) -> bool:
    return any(part.startswith((".", "__", "~")) for part in parts)


def _sha256(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
