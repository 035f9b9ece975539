"""Parts that wait on disk, in a file without a name: it is gone when the program ends."""

from __future__ import annotations

import pickle
import tempfile
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

T = TypeVar("T")


class Spool(Generic[T]):
    """A sequence of parts on disk, written once and gone through as often as need be.

    Parameters
    ----------
    folder
        Where there is room. The file has no name there (on Windows: none that
        outlives the program), is read by nobody else, and holds answers of persons.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        self._places: list[tuple[int, int, int]] = []
        self._end = 0

    def append(self, part: T, /) -> None:
        """Keep a part."""
        import pyarrow as pa

        content = pickle.dumps(part, protocol=5)
        packed = pa.compress(content, codec="lz4", asbytes=True)
        self._file.seek(self._end)
        self._file.write(packed)
        self._places.append((self._end, len(packed), len(content)))
        self._end += len(packed)

    def __iter__(self) -> Iterator[T]:
        """Return the parts, in order."""
        import pyarrow as pa

        for start, size, unpacked in self._places:
            self._file.seek(start)
            content: Any = pa.decompress(
                self._file.read(size), decompressed_size=unpacked, codec="lz4", asbytes=True
            )
            # Nobody else can have written it: the file has no name.
            yield pickle.loads(content)  # noqa: S301

    def __len__(self) -> int:
        return len(self._places)

    def close(self) -> None:
        """Give the room back."""
        self._file.close()

    def __del__(self) -> None:
        self.close()
