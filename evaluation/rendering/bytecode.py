"""Page templates that are compiled once, as modules of Python are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import jinja2.compiler
from jinja2 import BytecodeCache

from evaluation.kept import kept, stamp_of
from evaluation.places import templates_root
from evaluation.rendering import clean, html

if TYPE_CHECKING:
    from jinja2.bccache import Bucket


class TemplateBytecode(BytecodeCache):
    """Keeps the bytecode of the product's own templates; a study's are compiled in each run."""

    def __init__(self) -> None:
        # Constants in a template are finalized when it is compiled.
        self.stamp = stamp_of(jinja2.compiler.__file__, html.__file__, clean.__file__)

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """Return a template's path under the product's templates, "" for one elsewhere."""
        del name
        root = templates_root()
        file = Path(filename or "/")
        return file.relative_to(root).as_posix() if file.is_relative_to(root) else ""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take the code from what is kept, if the template has not changed."""
        if bucket.key:
            bucket.code = kept("templates").held(bucket.key, f"{self.stamp} {bucket.checksum}")

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code."""
        if bucket.key:
            kept("templates").keep(bucket.key, f"{self.stamp} {bucket.checksum}", bucket.code)
