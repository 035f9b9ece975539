"""Everything published in two folders, compared byte by byte.

Imports nothing from ``evaluation``.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

EVALUATORS = {"problems.csv"}
"""Files of an output folder that are the evaluator's own."""


def published(folder: Path) -> dict[str, bytes]:
    """Return everything published in a folder by name, archives unpacked.

    Of ``manifest.json`` and ``state.json`` without the checksums of the study's
    files and of the evaluator's own: these are of the answers themselves.
    """
    found: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or path.name in EVALUATORS:
            continue
        content = path.read_bytes()
        if path.suffix in (".docx", ".xlsx"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                found |= {f"{name}!{inner}": archive.read(inner) for inner in archive.namelist()}
        if path.name == "manifest.json":
            manifest = json.loads(content)
            manifest["inputs"] = sorted(manifest["inputs"])
            for one in EVALUATORS:
                manifest["outputs"].pop(one, None)
            content = json.dumps(manifest).encode()
        if path.name == "state.json":  # where a run of units' reports goes on
            state = json.loads(content)
            state["data"].pop("manifest.json", None)  # it names the checksums left out above
            content = json.dumps({**state, "key": ""}).encode()
        found[name] = content
    return found


def differences(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> list[str]:
    """Return what differs between two folders, each with the first place where it does."""
    told = [f"only in one: {name}" for name in sorted(set(one) ^ set(other))]
    for name in sorted(set(one) & set(other)):
        a, b = one[name], other[name]
        if a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), -1)
            part = slice(max(0, at - 60), at + 60)
            told.append(f"{name} at {at}: {_clean(a[part])} | {_clean(b[part])}")
    return told


def _clean(content: bytes) -> str:
    return re.sub(r"\s+", " ", content.decode("utf-8", "replace"))
