"""Whether a report is already there for exactly this input.

The manifest of the last run says what it read, with which versions and
settings, and what it wrote. If all of that still holds, byte for byte, there
is nothing to do. Deleting the outputs, or ``--force``, makes everything anew.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

from evaluation.pipeline.release_folder import read_manifest, tables_files
from evaluation.places import templates_root

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

SKIPPED_FOLDERS = {"fonts", "vendor", "schema"}
"""Under templates: large, and seldom changed without another size."""

PACKAGES = (
    "click",
    "jinja2",
    "numpy",
    "pikepdf",
    "plotly",
    "pydantic",
    "python-docx",
    "svensk-utvardering",
    "typst",
    "xlsxwriter",
)
"""What the bytes of the outputs depend on beside the product."""


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
    manifest = read_manifest(folder)
    if manifest.get("settings") != dict(settings) or manifest.get("product") != product_hash():
        return False
    if manifest.get("versions") != package_versions():
        return False
    known = manifest.get("inputs", {})
    if known != input_hashes(study, [name for name in known if is_outside(study, name)]):
        return False
    return all(
        (folder / name).is_file() and _sha256([folder / name]) == mark
        for name, mark in manifest.get("outputs", {}).items()
    )


def input_hashes(study: Path, outside: Iterable[str] = ()) -> dict[str, str]:
    """Return path -> sha256 of the study's files, without hidden and temporary ones.

    Parameters
    ----------
    study
        Study folder.
    outside
        Files and releases elsewhere that the study names, as it writes them.
    """
    return {
        **{file.relative_to(study).as_posix(): _sha256([file]) for file in _files(study)},
        **{name: _sha256(_contents(study / name)) for name in outside},
    }


def named_outside(study: Path, content: object) -> list[str]:
    """Return the files and releases outside of a study's folder that its settings name.

    Parameters
    ----------
    study
        Study folder.
    content
        ``study.yaml`` as plain lists, dicts and texts.
    """
    if isinstance(content, str):
        return [content] if is_outside(study, content) else []
    parts = list(content.values()) if isinstance(content, dict) else content
    if not isinstance(parts, (list, tuple)):
        return []
    return sorted({name for part in parts for name in named_outside(study, part)})


def is_outside(study: Path, name: str) -> bool:
    """Tell whether a text is the path of a file or a release that is not in the study's folder."""
    if not ("/" in name or "\\" in name or ".." in name):
        return False
    try:
        places = [place.resolve() for place in _contents(study / name)]
        return any(p.is_file() and not p.is_relative_to(study.resolve()) for p in places)
    except (OSError, ValueError):  # too long for a path, or with signs that none can hold
        return False


def package_versions() -> dict[str, str]:
    """Return the versions of the packages that outputs depend on."""
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def product_hash() -> str:
    """Return a hash of the program and its templates: another program may write other bytes."""
    package = templates_root().parent
    code = package if package.name == "evaluation" else package / "evaluation"
    templates = [file for file in sorted(templates_root().rglob("*")) if file.is_file()]
    large = [file for file in templates if SKIPPED_FOLDERS & set(file.parts)]
    read = _sha256(sorted({*code.rglob("*.py"), *templates} - set(large)))
    sizes = "".join(f" {file.name} {file.stat().st_size}" for file in large)
    return hashlib.sha256((read + sizes).encode()).hexdigest()


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


def _files(folder: Path) -> list[Path]:
    found = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return [file for file in found if not _is_hidden(file.relative_to(folder).parts)]


def _contents(place: Path) -> list[Path]:
    """Return what is read of a place: a file itself, of an earlier release all its tables."""
    return tables_files(place) if place.is_dir() else [place]


def _is_hidden(parts: Sequence[str]) -> bool:
    return any(part.startswith((".", "__", "~")) for part in parts)


def _sha256(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):  # an export may be larger than memory
                digest.update(block)
    return digest.hexdigest()
