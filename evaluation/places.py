"""Where the files that come with the product lie: themes, texts and schemas."""

from __future__ import annotations

from pathlib import Path

PACKAGED = Path(__file__).resolve().parent / "_templates"
REPOSITORY = Path(__file__).resolve().parent.parent / "templates"


def templates_root() -> Path:
    """Return the folder of themes and texts: the repository's, or the installed one."""
    return PACKAGED if PACKAGED.is_dir() else REPOSITORY
