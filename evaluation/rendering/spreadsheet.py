"""Texts that a spreadsheet would run when it opens a CSV file.

A CSV file has no types: Excel and LibreOffice take a cell that begins with
``=``, ``+``, ``-`` or ``@`` for a formula, and a formula can fetch a page or
start a program (OWASP, "CSV Injection"). An apostrophe before it makes it text.
"""

from __future__ import annotations

import re

_ALWAYS = ("=", "@", "\t", "\r", "\n")
_SIGNED = ("+", "-")
_NUMBER = re.compile(r"[+-]\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?")
_CALL = re.compile(r"[(|!=@]")
"""A formula that does harm calls a function, a program or another sheet."""


def is_formula(text: str) -> bool:
    """Tell whether a spreadsheet would take a text for a formula."""
    if text.startswith(_ALWAYS):
        return True
    return text.startswith(_SIGNED) and not _NUMBER.fullmatch(text)


def without_formula(text: str) -> str:
    """Return a text with an apostrophe before it where it is a formula.

    For pages of problems, where every such text is guarded.
    """
    return f"'{text}" if is_formula(text) else text


def guarded(text: str) -> str:
    """Return a text of a data file with an apostrophe where a formula would act.

    Labels such as "- none" or "+5 years" begin with a sign and are left as
    they are: they call nothing, and other programs read the file too.
    """
    bare = text.lstrip("'")
    acts = is_formula(bare) and (bare.startswith(_ALWAYS) or _CALL.search(bare))
    return f"'{text}" if acts else text


def unguarded(text: str) -> str:
    """Return what `guarded` was given."""
    bare = text.removeprefix("'")
    return bare if bare != text and guarded(bare) == text else text
