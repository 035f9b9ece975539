"""What kind of file this is, which encoding it has, and what separates its cells.

Judged by content, never by the name's ending alone: exports are renamed and
saved again. Encodings follow a fixed rule (byte-order mark, else strict UTF-8,
else the single-byte encoding that gives the most Swedish letters), because
statistical guessers get short Swedish files wrong.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SAS_MAGIC = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
ENCRYPTED_MARK = "EncryptedPackage".encode("utf-16-le")


class FileKind(StrEnum):
    """Containers that answers come in."""

    TEXT = "text"
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    ZIP = "zip"
    ENCRYPTED = "encrypted"
    PARQUET = "parquet"
    SAV = "sav"
    POR = "por"
    DTA = "dta"
    SAS7BDAT = "sas7bdat"
    XPT = "xpt"
    XML = "xml"
    JSON = "json"
    PDF = "pdf"
    BINARY = "binary"
    EMPTY = "empty"


def detect_kind(head: bytes, suffix: str) -> FileKind:
    """Tell the container from the first bytes (4 kB or more) and, for text, the suffix.

    Parameters
    ----------
    head
        Beginning of the file.
    suffix
        Lower-case ending with its dot; only used where contents cannot tell.
    """
    if not head:
        return FileKind.EMPTY
    if head.startswith(OLE_MAGIC):
        return FileKind.ENCRYPTED if ENCRYPTED_MARK in head else FileKind.XLS
    by_magic: tuple[tuple[bytes, FileKind], ...] = (
        (ZIP_MAGIC, FileKind.ZIP),
        (b"PAR1", FileKind.PARQUET),
        (b"$FL2", FileKind.SAV),
        (b"$FL3", FileKind.SAV),
        (b"<stata_dta>", FileKind.DTA),
        (SAS_MAGIC, FileKind.SAS7BDAT),
        (b"HEADER RECORD*******", FileKind.XPT),
        (b"%PDF", FileKind.PDF),
    )
    for magic, kind in by_magic:
        if head.startswith(magic):
            return kind
    if suffix == ".por" or b"SPSSPORT" in head[:600]:
        return FileKind.POR
    if suffix == ".dta" and head[0] in range(102, 120):
        return FileKind.DTA  # Stata before 13 has no magic, only a version byte
    return _text_kind(head)


_JSON_START = re.compile(rb'\{\s*"[^"]*"\s*:|\[\s*\{\s*"|\[\s*"[^"]*"\s*,')


def _text_kind(head: bytes) -> FileKind:
    """Tell text, XML and JSON from other binary files."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return FileKind.TEXT
    stripped = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if stripped.startswith((b"<?xml", b"<!DOCTYPE", b"<html", b"<HTML")):
        return FileKind.XML
    if _JSON_START.match(stripped):
        return FileKind.JSON
    if looks_utf16(head):
        return FileKind.TEXT
    control = sum(byte < 9 or 13 < byte < 32 for byte in head) - head.count(0)
    return FileKind.BINARY if control > len(head) * 0.01 else FileKind.TEXT


def looks_utf16(head: bytes) -> bool:
    """Tell UTF-16 without a byte-order mark: every other byte of Latin text is 0."""
    sample = head[:2000]
    return len(sample) > 20 and max(sample[1::2].count(0), sample[::2].count(0)) > len(sample) * 0.3


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text of a file, the encoding that gave it, and whether that was certain."""

    text: str
    encoding: str
    certain: bool


CANDIDATES = ("cp1252", "mac_roman", "cp850")
"""Single-byte encodings that Swedish files have had: Windows, old Mac Excel, MS-DOS."""

SWEDISH_LETTERS = "åäöÅÄÖé"
LIKELY_SIGNS = "’‘“”–—…´ÉèüÜøØæÆ½§°\u00a0"
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """Decode a text file.

    Parameters
    ----------
    data
        All bytes.
    encoding
        Encoding that the user names; an unknown name or bytes that do not fit
        raise ``LookupError`` or ``UnicodeDecodeError``.
    """
    if encoding:
        return Decoded(data.decode(encoding).removeprefix("\ufeff"), encoding, certain=True)
    if data.startswith(b"\xef\xbb\xbf"):
        return _decode_utf8(data[3:], "utf-8-sig")
    if data[:2] in _MARKS:
        return Decoded(data.decode("utf-16", errors="replace"), "utf-16", certain=True)
    if looks_utf16(data):
        name = "utf-16-le" if data[1:2000:2].count(0) > data[:2000:2].count(0) else "utf-16-be"
        return Decoded(data.decode(name, errors="replace"), name, certain=True)
    return _decode_utf8(data, "utf-8")


def _decode_utf8(data: bytes, name: str) -> Decoded:
    """Decode strictly as UTF-8, else by Swedish letters."""
    try:
        return Decoded(data.decode("utf-8"), name, certain=True)
    except UnicodeDecodeError:
        return _decode_single_byte(data)


def _decode_single_byte(data: bytes) -> Decoded:
    """Take the single-byte encoding that gives the most Swedish letters; ties to cp1252."""
    best, certain = single_byte_encoding(Counter(data.translate(None, bytes(range(128)))))
    return Decoded(data.decode(best, errors="replace"), best, certain=certain)


def single_byte_encoding(high: Counter[int]) -> tuple[str, bool]:
    """Return the encoding under which the bytes above 127 look most Swedish, and if it is clear."""
    scores = {name: _letter_score(high, name) for name in CANDIDATES}
    best = max(CANDIDATES, key=lambda name: scores[name])
    others = max(score for name, score in scores.items() if name != best)
    return best, scores[best] > 0 and scores[best] > 2 * others


def _letter_score(high: Counter[int], encoding: str) -> float:
    """Weigh the high bytes of a file as letters of this encoding."""
    score = 0.0
    for byte, n in high.items():
        letter = bytes([byte]).decode(encoding, errors="replace")
        if letter in SWEDISH_LETTERS:
            score += n
        elif letter in LIKELY_SIGNS:
            score += n / 4
        elif letter == "\ufffd":
            score -= n
    return score


SEPARATORS = (",", ";", "\t", "|")
SAMPLE_RECORDS = 200
SAMPLE_CHARACTERS = 2_000_000
_SEP_LINE = re.compile(r"\A\"?sep=(.)\"?\r?\n", re.IGNORECASE)


def separator_line(text: str) -> tuple[str, int]:
    """Return the separator of Excel's ``sep=;`` line and its length, or ("", 0)."""
    match = _SEP_LINE.match(text)
    return (match.group(1), match.end()) if match else ("", 0)


def detect_separator(text: str) -> str:
    """Return the separator that cuts the first records into equally many cells.

    A comma inside a head of a semicolon file fools counts of characters; here
    each candidate really parses the records, and the one under which most
    records have the same width (more than 1) wins, the wider one on a tie.
    """
    sample = text[:SAMPLE_CHARACTERS]
    return max(SEPARATORS, key=lambda sep: (_fit(sample, sep), -SEPARATORS.index(sep)))


def _fit(sample: str, separator: str) -> tuple[float, int]:
    """Share of records (to one decimal) that have the commonest width, and that width."""
    widths: Counter[int] = Counter()
    records = csv.reader(sample.splitlines(keepends=True), delimiter=separator)
    with suppress(csv.Error):  # an unclosed quotation mark: what came before it still tells
        for record in islice(records, SAMPLE_RECORDS):
            if any(record):
                widths[len(record)] += 1
    if not widths:
        return (0.0, 0)
    width, n = max(widths.items(), key=lambda item: (item[1], item[0]))
    return (round(n / widths.total(), 1), width) if width > 1 else (0.0, 1)
