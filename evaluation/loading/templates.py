"""Where the packaged data files lie (words, tools, texts), and how a YAML file is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_PACKAGED = Path(__file__).resolve().parent.parent / "_templates"
_REPOSITORY = Path(__file__).resolve().parent.parent.parent / "templates"

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def template_folder(name: str) -> Path:
    """Return a folder of the packaged templates, such as ``tools``."""
    packaged = _PACKAGED / name
    return packaged if packaged.is_dir() else _REPOSITORY / name


def load_yaml(path: Path) -> Any:
    """Read one YAML file as UTF-8.

    Raises
    ------
    OSError, yaml.YAMLError, UnicodeDecodeError
        If the file cannot be read or is no YAML.
    """
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  # safe loader
