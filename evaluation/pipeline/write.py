"""Files appear whole or not at all: written under a temporary name, then renamed."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write_files(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write all files of a run into a folder.

    Everything is written under temporary names first; only when that has
    succeeded are the files renamed into place, so that a full disk or an
    interruption leaves the earlier outputs as they were.

    Returns
    -------
    list of Path
        The files, in the order given.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=folder) as temporary:
        for name, content in files.items():
            for parent in (temporary, folder):
                os.makedirs(os.path.dirname(os.path.join(parent, name)), exist_ok=True)  # noqa: PTH103, PTH118, PTH120
            with open(os.path.join(temporary, name), "wb") as file:  # noqa: PTH118, PTH123
                file.write(content)
        for name in files:
            os.replace(os.path.join(temporary, name), folder / name)  # noqa: PTH105, PTH118
    return [folder / name for name in files]
