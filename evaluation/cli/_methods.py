"""Dataclasses that need not compile their methods anew in every run.

Until Python 3.13 `dataclasses` writes the source of each method of each class and
compiles it when the class is made: for the product's few hundred classes a tenth of
a second, a seventh of what ``evaluation check`` takes. The text of a method does not
change from run to run, so its bytecode is kept like that of a module.
"""

from __future__ import annotations

import dataclasses
import hashlib
from importlib.util import MAGIC_NUMBER
from typing import Any

from evaluation.kept import kept

_exec = exec


def keep_methods() -> None:
    """Let `dataclasses` take the bytecode of methods from what is kept, for this process.

    It runs each text by ``exec``; a function of that name in the module comes first. Should
    a later Python do it otherwise, nothing happens.
    """
    methods, version = kept("methods"), MAGIC_NUMBER.hex()

    def run(text: str, names: dict[str, Any] | None = None, made: Any = None, /) -> None:
        key = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
        code = methods.get(
            key, version, lambda: compile(text, "<string>", "exec", dont_inherit=True)
        )
        _exec(code, names, made)

    vars(dataclasses).setdefault("exec", run)
