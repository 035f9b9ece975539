"""The encoding of a text file of any size, as ``decode`` finds that of a text in memory."""

from __future__ import annotations

import codecs
import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluation.loading.sniff import looks_utf16, single_byte_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK_BYTES = 1 << 22
"""Bytes read at a time."""
HEAD_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a file is decoded.

    Attributes
    ----------
    name
        As it is told; ``utf-8-sig`` where a mark begins the file.
    codec, errors
        For Python.
    skip
        Bytes of a mark at the beginning.
    is_certain
        Whether it is told by the bytes.
    is_named
        Whether the user said so.
    """

    name: str
    codec: str
    errors: str = "strict"
    skip: int = 0
    is_certain: bool = True
    is_named: bool = False


def find_encoding(path: Path, named: str | None) -> tuple[Encoding, str]:
    """Return how a file is decoded, and the hash of its bytes, as ``decode`` decides.

    Raises
    ------
    LookupError
        If the named encoding is unknown.
    UnicodeDecodeError
        If the bytes do not fit it.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    skip = 3 if head.startswith(codecs.BOM_UTF8) and not named else 0
    decoder = codecs.getincrementaldecoder(named or "utf-8")("strict")
    is_wide = not named and (head[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE})
    is_utf8 = not is_wide
    high: Counter[int] = Counter()
    digest = hashlib.sha256(head[:skip])
    for block in blocks_of(path, skip):
        digest.update(block)
        if is_utf8:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                if named:
                    raise
                is_utf8 = False
        if not named:
            counts = np.bincount(np.frombuffer(block, np.uint8), minlength=256)
            high.update({byte: int(counts[byte]) for byte in range(128, 256) if counts[byte]})
    if is_utf8 and not is_wide:
        is_utf8 = _ends_whole(decoder, raises=bool(named))
    return _chosen(head, named, skip, high, is_utf8=is_utf8), digest.hexdigest()


def _ends_whole(decoder: codecs.IncrementalDecoder, *, raises: bool) -> bool:
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        if raises:
            raise
        return False
    return True


def _chosen(
    head: bytes, named: str | None, skip: int, high: Counter[int], *, is_utf8: bool
) -> Encoding:
    if named:
        return Encoding(named, named, is_named=True)
    if head[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        return Encoding("utf-16", "utf-16", "replace")
    if not skip and looks_utf16(head):
        little = head[1:2000:2].count(0) > head[:2000:2].count(0)
        name = "utf-16-le" if little else "utf-16-be"
        return Encoding(name, name, "replace")
    if is_utf8:
        return Encoding("utf-8-sig" if skip else "utf-8", "utf-8", skip=skip)
    best, is_certain = single_byte_encoding(high)
    return Encoding(best, best, "replace", skip, is_certain)


def blocks_of(path: Path, skip: int) -> Iterator[bytes]:
    """Yield the bytes of a file from a place on, `BLOCK_BYTES` at a time."""
    with path.open("rb") as stream:
        stream.seek(skip)
        while block := stream.read(BLOCK_BYTES):
            yield block
