"""Text is measured as the font files say, and wrapped without losing anything."""

from __future__ import annotations

import struct
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.rendering.charts.fonts import text_width, wrap
from evaluation.rendering.theme import load_theme

WORDS = st.lists(st.text("abcdefghijklmnopqrstuvwxyzåäö", min_size=1, max_size=30), min_size=1)


@cache
def font_advances(name: str) -> dict[str, int]:
    """Read cmap (format 4) and hmtx out of a TrueType file."""
    data = load_theme("neutral").file(f"fonts/{name}").read_bytes()
    count = struct.unpack(">H", data[4:6])[0]
    tables = {
        data[12 + 16 * i : 16 + 16 * i]: struct.unpack(">L", data[20 + 16 * i : 24 + 16 * i])[0]
        for i in range(count)
    }
    metrics = struct.unpack(">H", data[tables[b"hhea"] + 34 : tables[b"hhea"] + 36])[0]

    def advance(glyph: int) -> int:
        place = tables[b"hmtx"] + 4 * min(glyph, metrics - 1)
        return int(struct.unpack(">H", data[place : place + 2])[0])

    cmap = tables[b"cmap"]
    encodings = struct.unpack(">H", data[cmap + 2 : cmap + 4])[0]
    for i in range(encodings):
        platform, encoding, offset = struct.unpack(
            ">HHL", data[cmap + 4 + 8 * i : cmap + 12 + 8 * i]
        )
        start = cmap + offset
        if (platform, encoding) == (3, 1) and data[start : start + 2] == b"\0\4":
            break
    else:
        raise AssertionError("no Unicode map")
    segments = struct.unpack(">H", data[start + 6 : start + 8])[0] // 2

    def row(place: int, kind: str = "H") -> tuple[int, ...]:
        size = 2 * segments
        return struct.unpack(f">{segments}{kind}", data[start + place : start + place + size])

    ends, starts = row(14), row(16 + 2 * segments)
    deltas, offsets = row(16 + 4 * segments, "h"), row(16 + 6 * segments)
    found = {}
    for i, (first, last, delta, shift) in enumerate(
        zip(starts, ends, deltas, offsets, strict=True)
    ):
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if shift:
                place = start + 16 + 6 * segments + 2 * i + shift + 2 * (code - first)
                glyph = struct.unpack(">H", data[place : place + 2])[0]
            glyph = (glyph + delta) % 65536 if glyph else 0
            if glyph:
                found[chr(code)] = advance(glyph)
    return found


@pytest.mark.parametrize(
    ("file", "semibold"),
    [("SourceSans3-Regular.ttf", False), ("SourceSans3-Semibold.ttf", True)],
)
def test_widths_are_those_of_the_font_file(file: str, semibold: bool) -> None:
    advances = font_advances(file)
    letters = "ABCÅÄÖabcåäöéü0123456789 ,.%–−≥\u00a0"
    for letter in letters:
        assert text_width(letter, 1000, semibold=semibold) == pytest.approx(advances[letter])


def test_a_text_is_as_wide_as_its_letters() -> None:
    assert text_width("ab", 10) == pytest.approx(text_width("a", 10) + text_width("b", 10))
    assert text_width("", 10) == 0


@given(WORDS, st.integers(60, 400))
def test_wrapping_keeps_every_letter_and_the_width(words: list[str], width: int) -> None:
    lines = wrap(" ".join(words), width, 13)
    assert "".join(lines).replace("-", "").replace(" ", "") == "".join(words)
    assert all(text_width(line, 13) <= width for line in lines)


def test_lines_break_at_blanks_and_after_hyphens_but_not_at_no_break_spaces() -> None:
    assert wrap("ett två tre", text_width("ett två", 13) + 1, 13) == ("ett två", "tre")
    assert wrap("arbets- och", text_width("arbets-", 13) + 1, 13) == ("arbets-", "och")
    assert wrap("a 10\u00a0%", text_width("a 10", 13) + 1, 13) == ("a", "10\u00a0%")


def test_a_word_wider_than_the_line_is_broken_with_a_hyphen() -> None:
    lines = wrap("jämställdhetsintegrering", 80, 13)
    assert len(lines) > 1
    assert all(line.endswith("-") for line in lines[:-1])
    assert min(len(line) for line in lines) >= 3


def test_an_empty_text_is_one_empty_line() -> None:
    assert wrap("", 100, 13) == ("",)
