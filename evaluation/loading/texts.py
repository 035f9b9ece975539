"""The texts catalogue of a language, read from ``templates/texts/<language>/*.yaml``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from evaluation.kept import packaged
from evaluation.places import templates_root
from evaluation.texts import MissingTextError, Texts, merge_entries, number_format

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DEFAULT_LANGUAGE = "sv"


def languages() -> tuple[str, ...]:
    """Return the languages that have a catalogue, in alphabetical order."""
    root = templates_root() / "texts"
    return tuple(sorted(p.name for p in root.iterdir() if any(p.glob("*.yaml"))))


def load_texts(language: str, overrides: Mapping[str, Any] | None = None) -> Texts:
    """Read and merge every file of a language, then a study's own texts over it.

    Parameters
    ----------
    language
        Such as ``sv``; see `languages`.
    overrides
        Nested as the catalogue is, or with dotted keys (``table.n: Antal``).

    Raises
    ------
    MissingTextError
        If the language has no catalogue.
    """
    entries: dict[str, Any] = {}
    if language in languages():
        for file in sorted((templates_root() / "texts" / language).glob("*.yaml")):
            entries = merge_entries(entries, packaged(file, _read))
    if not entries:
        raise MissingTextError(language)
    entries = merge_entries(entries, nested(overrides or {}))
    return Texts(language, entries, number_format(entries))


def nested(overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return overrides with dotted keys written out as sections."""
    made: dict[str, Any] = {}
    for key, value in overrides.items():
        inner = nested(value) if isinstance(value, dict) else value
        for part in reversed(key.split(".")):
            inner = {part: inner}
        made = merge_entries(made, inner)
    return made


def unknown_keys(overrides: Mapping[str, Any], texts: Texts) -> list[str]:
    """Return dotted keys of overrides that the catalogue does not have."""
    known = set(dotted(texts.entries))
    return [key for key in dotted(nested(overrides)) if key not in known]


def dotted(entries: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Return the dotted keys of all texts and lists of a catalogue."""
    found: list[str] = []
    for key, value in entries.items():
        found += dotted(value, f"{prefix}{key}.") if isinstance(value, dict) else [prefix + key]
    return found


def _read(file: Path) -> dict[str, Any]:
    """Read one catalogue file: the product's own, so the fast loader will do."""
    text = file.read_text(encoding="utf-8")
    loaded = yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe loader with other resolvers)
    return loaded or {}


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe loader that leaves yes, no, on, off and dates as texts."""


_KEPT = {
    "tag:yaml.org,2002:int",
    "tag:yaml.org,2002:float",
    "tag:yaml.org,2002:null",
}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in _KEPT]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}
