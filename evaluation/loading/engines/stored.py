"""A survey that stays in its file: each variable is read when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from evaluation.loading.engines.coded import coded_data, description, outline, read_variables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from evaluation.coding.data import CodedData, Variable

    Labels = Mapping[str, Mapping[str, str]]
    """Variable -> code -> label."""

COUNTED = frozenset({"Categorical", "MultiResponse"})


class StoredVariables(Mapping[str, "Variable"]):
    """The variables of a file written by `write_coded`.

    Attributes
    ----------
    path
        The file.
    """

    def __init__(self, path: Path, entries: Mapping[str, Mapping[str, Any]]) -> None:
        self.path = path
        self._entries = entries
        self._read: dict[str, Variable] = {}

    def __getitem__(self, name: str) -> Variable:
        if name not in self._read:
            self._read |= read_variables(self.path, [self._entries[name]])
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def has_categories(self, name: str) -> bool:
        """Tell whether an engine can count a variable as it stands; nothing is read."""
        return self._entries[name]["kind"] in COUNTED

    def outlines(self) -> Mapping[str, Variable]:
        """Return the variables as far as their description tells of them.

        Categories and labels are there, respondents are not; what has no
        categories is read all the same, for they are made of its values.
        """
        return _Outlines(self)

    def outline(self, name: str) -> Variable:
        """Return one of the `outlines`."""
        return outline(self._entries[name]) if self.has_categories(name) else self[name]

    @property
    def loaded(self) -> frozenset[str]:
        """The variables that have been read so far."""
        return frozenset(self._read)


class _Outlines(Mapping[str, "Variable"]):
    def __init__(self, stored: StoredVariables) -> None:
        self._stored = stored

    def __getitem__(self, name: str) -> Variable:
        return self._stored.outline(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)


def open_coded(path: Path, labels: Labels | None = None) -> CodedData:
    """Return the survey of a coded file, its answers unread.

    Parameters
    ----------
    path
        Written by `write_coded`.
    labels
        Labels in place of those in the file, such as those of another language.

    Raises
    ------
    ValueError
        If the file was not written by `write_coded`.
    """
    import pyarrow.parquet as pq

    described = description(path)
    entries = {entry["id"]: _labelled(entry, labels or {}) for entry in described["variables"]}
    n = pq.read_metadata(path).num_rows
    return coded_data(path, described, StoredVariables(path, entries), n)


def _labelled(entry: dict[str, Any], labels: Labels) -> dict[str, Any]:
    mine = labels.get(entry["id"])
    if not mine or "categories" not in entry:
        return entry
    return {**entry, "categories": [[c, mine.get(c, label)] for c, label in entry["categories"]]}
