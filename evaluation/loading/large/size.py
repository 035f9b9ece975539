"""Whether an export is read in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.loading.sniff import FileKind, detect_kind

if TYPE_CHECKING:
    from pathlib import Path

LARGE = {FileKind.TEXT: 96 * 1024**2, FileKind.PARQUET: 16 * 1024**2}
"""From this size on (bytes) ``evaluation code`` reads a file in parts; other kinds never.

In Parquet an answer takes a tenth of the room.
"""
HEAD_BYTES = 8192


def is_large(path: Path) -> bool:
    """Tell whether a file had better be read in parts."""
    if not path.is_file():
        return False
    least = LARGE.get(kind_of(path))
    return least is not None and path.stat().st_size >= least


def kind_of(path: Path) -> FileKind:
    """Tell what kind of file it is by its beginning."""
    with path.open("rb") as stream:
        return detect_kind(stream.read(HEAD_BYTES), path.suffix.lower())
