"""What an earlier run left in a folder, and this one does not write again.

A folder is one release. A PDF of last week's export beside today's page would
be a second one, which a reader can subtract; a page that was made with ``--raw``
is not for publication at all. Such files go. What says the same as today, as a
PDF does when only the page is asked for again, stays and stays accounted for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaluation.pipeline.release_folder import MANIFEST, read_manifest
from evaluation.pipeline.write import write_files
from evaluation.problems import Problem, Severity
from evaluation.rendering.manifest import sha256, with_kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

SAYS_THE_SAME = ("study", "inputs", "versions", "product", "intake", "protection")
"""Parts of the manifest that decide which figures a folder holds."""


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Files of an earlier run.

    Attributes
    ----------
    kept
        File -> SHA-256: of the same input, program and protection.
    stale
        Of others, as they were written.
    edited
        Of others, and changed since: somebody's own work, which is left to them.
    """

    kept: Mapping[str, str]
    stale: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()

    def problems(self) -> tuple[Problem, ...]:
        """Tell what has been taken away, and what should be."""
        gone = Problem("old-output-removed", Severity.WARN, value=_listed(self.stale))
        left = Problem("old-output-edited", Severity.WARN, value=_listed(self.edited))
        return (gone,) * bool(self.stale) + (left,) * bool(self.edited)

    def remove(self, folder: Path) -> None:
        """Take the stale files away, and folders that are empty then."""
        for name in self.stale:
            (folder / name).unlink(missing_ok=True)
        for place in {(folder / name).parent for name in self.stale} - {folder}:
            if place.is_dir() and not any(place.iterdir()):
                place.rmdir()


def leftovers(folder: Path, files: Mapping[str, bytes]) -> Leftovers:
    """Find what an earlier run has left in a folder.

    Parameters
    ----------
    folder
        Where the files go.
    files
        What is to be written, ``manifest.json`` among it.
    """
    earlier = read_manifest(folder)
    known = {**_texts(earlier.get("kept")), **_texts(earlier.get("outputs"))}
    marks = {name: _mark(folder / name) for name in known if name not in files}
    there = {name: mark for name, mark in marks.items() if mark}
    if _release(earlier) == _release(json.loads(files[MANIFEST])):
        return Leftovers({name: mark for name, mark in there.items() if mark == known[name]})
    stale = tuple(sorted(name for name, mark in there.items() if mark == known[name]))
    return Leftovers({}, stale, tuple(sorted(set(there) - set(stale))))


def write_release(
    folder: Path, files: Mapping[str, bytes]
) -> tuple[list[Path], tuple[Problem, ...]]:
    """Write a report, with what is kept beside it named in the manifest; stale files go.

    Returns
    -------
    The files written, and what was found in the folder.
    """
    left = leftovers(folder, files)
    written = write_files(folder, {**files, MANIFEST: with_kept(files[MANIFEST], left.kept)})
    left.remove(folder)
    return written, left.problems()


def _listed(names: Iterable[str]) -> str:
    """List files, those of a folder under it as that folder."""
    tops = (f"{top}/" if rest else top for top, _, rest in (n.partition("/") for n in names))
    return ", ".join(dict.fromkeys(tops))


def _release(manifest: Mapping[str, Any]) -> list[object]:
    settings = manifest.get("settings")
    is_open = settings.get("unprotected") if isinstance(settings, dict) else None
    return [is_open, *(manifest.get(part) for part in SAYS_THE_SAME)]


def _texts(said: object) -> dict[str, str]:
    """Return the names within the folder; a manifest that somebody has changed may say others."""
    entries = said.items() if isinstance(said, dict) else ()
    return {
        str(name): str(mark)
        for name, mark in entries
        if ".." not in str(name).split("/") and not str(name).startswith("/") and ":" not in name
    }


def _mark(file: Path) -> str:
    return sha256(file.read_bytes()) if file.is_file() else ""
