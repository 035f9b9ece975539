"""What is made from the product's own files, kept where Python keeps its bytecode.

Python compiles a module once and keeps the result in ``__pycache__``. The product
does the same with what it makes from its own YAML files, page templates and
dataclasses: each command would otherwise spend a fifth of its time on making the
same things again. The files lie beside the bytecode of this package, follow
``PYTHONPYCACHEPREFIX`` and ``PYTHONDONTWRITEBYTECODE``, and can be deleted at any
time. Where they cannot be written, everything is made anew and nothing is said.

Only what comes with the product is kept, never anything of a study: not its
chapters, which may be secret still, nor its themes. So who can change these files
could change the program too.
"""

from __future__ import annotations

import atexit
import importlib.util
import marshal
import os
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from evaluation.places import templates_root

if TYPE_CHECKING:
    from collections.abc import Callable

Made = TypeVar("Made")

MOST = 5_000
"""Entries of a file; beyond that, only those that the last run used are kept."""


class Kept:
    """Things of one kind by their key, in one file that is read at first use.

    What is kept must be plain: texts, numbers, lists, dicts, bytes, code. Each time it is
    asked for it is a new object, so that nobody's change can reach another.
    """

    def __init__(self, name: str) -> None:
        self._file = _place(name)
        self._held = _read(self._file)
        self._used: set[str] = set()
        self._is_changed = False

    def held(self, key: str, stamp: str) -> Any:
        """Return what is kept under a key; None where nothing is, or its stamp is another."""
        found = self._held.get(key)
        if found is None or found[0] != stamp:
            return None
        self._used.add(key)
        return marshal.loads(found[1])  # noqa: S302 (as trusted as the bytecode beside it)

    def keep(self, key: str, stamp: str, made: Any) -> None:
        """Keep something; written when the process ends. What is not plain is passed by."""
        try:
            self._held[key] = (stamp, marshal.dumps(made))
        except ValueError:
            return
        self._used.add(key)
        if not self._is_changed:
            self._is_changed = True
            atexit.register(self.write)

    def get(self, key: str, stamp: str, make: Callable[[], Made]) -> Made:
        """Return what is kept under a key, else make and keep it."""
        found = self.held(key, stamp)
        if found is None:
            found = make()
            self.keep(key, stamp, found)
        return found  # type: ignore[no-any-return]

    def write(self) -> None:
        """Write the file, with what another process may have written meanwhile."""
        if self._file is None or sys.dont_write_bytecode:
            return
        entries = {**_read(self._file), **{key: self._held[key] for key in self._used}}
        if len(entries) > MOST:
            entries = {key: self._held[key] for key in self._used}
        import tempfile

        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._file.parent, delete=False) as stream:
                unfinished = Path(stream.name)
                stream.write(marshal.dumps(entries))
            unfinished.chmod(Path(__file__).stat().st_mode & 0o666)  # as Python's bytecode
            try:
                unfinished.replace(self._file)
            finally:
                unfinished.unlink(missing_ok=True)
        except OSError:
            return


@cache
def kept(name: str) -> Kept:
    """Return what is kept of one kind."""
    return Kept(name)


def packaged(path: Path, read: Callable[[Path], Made]) -> Made:
    """Return what a function makes of a file, kept if the file came with the product."""
    root = templates_root()
    if not path.is_relative_to(root):
        return read(path)
    key = f"{read.__module__} {path.relative_to(root).as_posix()}"
    return kept("yaml").get(key, stamp_of(read.__code__.co_filename, path), lambda: read(path))


def stamp_of(*files: str | Path) -> str:
    """Return what changes when a file is: size and time, as Python judges its bytecode."""
    return " ".join(map(_stamp, files))


def _stamp(file: str | Path) -> str:
    try:
        stat = os.stat(file)  # noqa: PTH116 (a few dozen times in each run)
    except OSError:
        return ""
    return f"{stat.st_size}-{stat.st_mtime_ns}"


def _place(name: str) -> Path | None:
    """Return the file, beside this package's bytecode; None where Python keeps none."""
    source = Path(__file__).with_name(f"{name}.py")
    try:
        return Path(importlib.util.cache_from_source(str(source))).with_suffix(".kept")
    except NotImplementedError:
        return None


def _read(file: Path | None) -> dict[str, tuple[str, bytes]]:
    if file is None:
        return {}
    try:
        found = marshal.loads(file.read_bytes())  # noqa: S302 (as trusted as the bytecode beside it)
    except (OSError, EOFError, ValueError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}
