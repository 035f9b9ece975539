"""Where the packaged data files lie (words, tools, texts), and how a YAML file is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from evaluation.kept import packaged
from evaluation.places import templates_root

if TYPE_CHECKING:
    from pathlib import Path

_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):  # type: ignore[misc]
    """A safe loader for which Yes, No, On, Off are texts, as in YAML 1.2: answers, not booleans."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag != "tag:yaml.org,2002:bool" or first in "tTfF"
    ]
    for first, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
}


def template_folder(name: str) -> Path:
    """Return a folder of the packaged templates, such as ``tools``."""
    return templates_root() / name


def load_yaml(path: Path) -> Any:
    """Read one YAML file as UTF-8; one of the product's own may be kept from an earlier run.

    Raises
    ------
    OSError, yaml.YAMLError, UnicodeDecodeError
        If the file cannot be read or is no YAML.
    """
    return packaged(path, _read)


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  # safe loader
