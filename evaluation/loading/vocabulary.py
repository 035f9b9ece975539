"""The packaged word lists, read once per run."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from evaluation.codebook.words import Words, make_words
from evaluation.loading.templates import load_yaml, template_folder

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def _content() -> Mapping[str, Mapping[str, Any]]:
    """Return language -> content of its word file."""
    paths = sorted(template_folder("words").glob("*.yaml"))
    return {path.stem: load_yaml(path) or {} for path in paths}


@cache
def load_words() -> Words:
    """Return the words of all languages that drafting goes by."""
    return make_words(_content())


@cache
def load_vocabulary() -> tuple[str, ...]:
    """Return the known words (lower case) of all languages, for heads with lost letters."""
    words = (
        str(w).lower() for entries in _content().values() for w in entries.get("vocabulary", ())
    )
    return tuple(dict.fromkeys(words))
