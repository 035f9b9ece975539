"""The packaged word lists, read once per run."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from evaluation.loading.templates import load_yaml, template_folder

if TYPE_CHECKING:
    from pathlib import Path


@cache
def load_vocabulary(folder: Path | None = None) -> tuple[str, ...]:
    """Return the known words (lower case) of all languages, for heads with lost letters."""
    words: dict[str, None] = {}
    for path in sorted((folder or template_folder("words")).glob("*.yaml")):
        content = load_yaml(path) or {}
        words.update(dict.fromkeys(str(w).lower() for w in content.get("vocabulary", ())))
    return tuple(words)
