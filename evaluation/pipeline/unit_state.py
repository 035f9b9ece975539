"""Which units' reports are done: whole, and saying what they would say now.

A report counts as done when its files are there, byte for byte as written,
and were made from the same content. The note is made after the files are in
place, so that a run that is killed in between makes that report anew.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evaluation.pipeline.release_folder import CSV, JSON, MANIFEST
from evaluation.pipeline.write import write_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from evaluation.report.model import Report

FILE = "state.json"


def digest(report: Report, formats: Sequence[str], product: str) -> str:
    """Return what a unit's report comes from: its whole content, the formats, the program."""
    # Reports are frozen dataclasses of texts, numbers and tuples: their repr is their content.
    content = "\x00".join([product, *sorted(formats), repr(report)])
    return hashlib.sha256(content.encode()).hexdigest()


@dataclass(slots=True)
class UnitState:
    """The notes of a folder of units' reports.

    Attributes
    ----------
    key
        What the last run that came to its end was asked for, "" while one is under way.
    done
        Unit's folder -> digest of its content and file -> sha256.
    data
        File with the figures of all units' reports -> sha256.
    """

    key: str = ""
    done: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> UnitState:
        """Read a folder's notes; none where there are none that can be read."""
        try:
            said = json.loads((folder / FILE).read_text(encoding="utf-8"))
            done = {
                name: (one["content"], dict(one["files"])) for name, one in said["units"].items()
            }
            return cls(str(said["key"]), done, dict(said.get("data", {})))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls()

    def has(self, folder: Path, unit: str, content: str) -> bool:
        """Tell whether a unit's report is done."""
        known, files = self.done.get(unit, ("", {}))
        return known == content and self._are_whole(folder, unit, files)

    def formats(self) -> tuple[str, ...]:
        """Return the formats that the reports and their data are in."""
        pages = (name for _, files in self.done.values() for name in files)
        data = (name for name in self.data if name != MANIFEST)
        return tuple(dict.fromkeys(name.rpartition(".")[2] for name in (*pages, *data)))

    def is_complete(self, key: str, folder: Path, units: Sequence[str]) -> bool:
        """Tell whether a run for the same has come to its end and all is still there."""
        return (
            self.key == key
            and self._are_whole(folder, "", self.data)
            and all(
                unit in self.done and self._are_whole(folder, unit, self.done[unit][1])
                for unit in units
            )
        )

    def drop_stale(self, folder: Path, contents: Mapping[str, str]) -> None:
        """Remove reports of another content, so that no two releases ever lie side by side."""
        for unit, (content, files) in list(self.done.items()):
            if contents.get(unit) != content:
                for name in files:
                    (folder / unit / name).unlink(missing_ok=True)
                if (folder / unit).is_dir() and not any((folder / unit).iterdir()):
                    (folder / unit).rmdir()
                del self.done[unit]
        self.key = ""
        self._write(folder)

    def add(self, folder: Path, unit: str, content: str, files: Mapping[str, bytes]) -> None:
        """Note that a unit's files are in place."""
        marks = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        self.done[unit] = (content, marks)
        self._write(folder)

    def put_data(self, folder: Path, files: Mapping[str, bytes]) -> list[Path]:
        """Write the figures of all units' reports; a file that is not among them goes."""
        for name in (CSV, JSON, MANIFEST):
            if name not in files:
                (folder / name).unlink(missing_ok=True)
        written = write_files(folder, files)
        self.data = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        self._write(folder)
        return written

    def marks(self) -> dict[str, str]:
        """Return file -> sha256 of all units' reports that are done."""
        return {
            f"{unit}/{name}": mark
            for unit, (_, files) in sorted(self.done.items())
            for name, mark in files.items()
        }

    def finish(self, folder: Path, key: str) -> None:
        """Note that a run has come to its end."""
        self.key = key
        self._write(folder)

    @staticmethod
    def _are_whole(folder: Path, unit: str, files: Mapping[str, str]) -> bool:
        return bool(files) and all(
            (folder / unit / name).is_file()
            and hashlib.sha256((folder / unit / name).read_bytes()).hexdigest() == mark
            for name, mark in files.items()
        )

    def _write(self, folder: Path) -> None:
        units = {
            name: {"content": content, "files": files}
            for name, (content, files) in sorted(self.done.items())
        }
        text = json.dumps({"key": self.key, "data": self.data, "units": units}, indent=1)
        write_files(folder, {FILE: text.encode()})
