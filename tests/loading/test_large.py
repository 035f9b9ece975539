"""Exports read in parts: columns, hints, rows and problems of the file read whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from evaluation.codebook.schema import ReadOptions
from evaluation.loading.large import sketch
from evaluation.loading.large.read import read_large
from evaluation.loading.read import read_export
from tests.loading.samples import SAMPLES
from tests.paths import needs_shared

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("pyarrow")
CELLS = 1_500
SMALL = 150_000
"""Bytes of a sample that is read here; all 98 of up to 6 MB were compared once."""


@pytest.fixture(autouse=True)
def a_short_top(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the sketch find late answers, not hold the whole of a small file."""
    monkeypatch.setattr(sketch, "TOP_ROWS", 60)


def assert_same(file: Path, room: Path, options: ReadOptions | None = None) -> None:
    options = options or ReadOptions()
    whole = read_export(file, options)
    parts = read_large(file, options, room, cells=CELLS)
    assert parts.problems == whole.problems
    if whole.value is None:
        assert parts.value is None
        return
    assert parts.value is not None
    a, b = whole.value, parts.value.outline
    assert b.source == a.source
    assert [(c.header, c.position, c.hints) for c in b.columns] == [
        (c.header, c.position, c.hints) for c in a.columns
    ]
    chunks = list(parts.value)
    np.testing.assert_array_equal(np.concatenate([c.file_row for c in chunks]), a.file_row)
    for number, column in enumerate(a.columns):
        cells = [
            part.columns[number].values[i]
            for part in chunks
            for i in part.columns[number].index.tolist()
        ]
        assert cells == [column.values[i] for i in column.index.tolist()]
    parts.value.close()
    assert not list(room.iterdir())


@pytest.fixture
def room(tmp_path: Path) -> Path:
    folder = tmp_path / "room"
    folder.mkdir()
    return folder


@needs_shared
def test_samples(room: Path) -> None:
    files = [
        file
        for file in sorted(SAMPLES.rglob("*"))
        if file.suffix.lower() in {".csv", ".tsv", ".txt", ".parquet"}
        and file.stat().st_size <= SMALL
    ]
    assert files
    for file in files:
        assert_same(file, room)


LATE = "Id,q4_1,q4_2\n" + "".join(f"{i},Bil,\n{i},,Buss\n" for i in range(900))


def test_a_tool_sees_answers_that_come_late(tmp_path: Path, room: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(LATE, encoding="utf-8")
    assert_same(file, room)
    grouped = read_large(file, ReadOptions(), room, cells=CELLS).value
    assert grouped is not None
    assert [c.hints.option for c in grouped.outline.columns] == ["", "Bil", "Buss"]
    file.write_text(LATE + "900,Tåg,\n", encoding="utf-8")  # so q4_1 is no option's column
    assert_same(file, room)
    single = read_large(file, ReadOptions(), room, cells=CELLS).value
    assert single is not None
    assert [c.hints.option for c in single.outline.columns] == ["", "", ""]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n\n",
        b"a;b\n1;2\n" * 3 + b"\n" * 400,
        b"a;b\n" + b"1;2\n" * 900 + b"1;2;3;4\n" + b"1\n",
        b'a;b\n1;"2\n' + b"3;4\n" * 900,
        b"a;b\r1;2\r3;4\r",
        "sep=|\na|b\n1|å\n2|ä\n".encode("cp1252"),
        b"a,b\n1,2\n" * 700,
        "a,b\nå,ö\n".encode("utf-16") + "ä,é\n".encode("utf-16-le") * 800,
        b"a,b\n1,2\n\x00" * 600,
        "\ufeffa,b\n".encode() + "ö,Ã¥\n".encode() * 700,
        b"a,b\n" + "ö,z\n".encode() * 700 + "\xff,y\n".encode("latin-1"),
    ],
)
def test_odd_text(content: bytes, tmp_path: Path, room: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(content)
    assert_same(file, room)


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "nonsense", "utf-8"])
def test_an_encoding_that_the_user_names(encoding: str, tmp_path: Path, room: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("a;b\nå;ö\n".encode("cp1252") * 700)
    assert_same(file, room, ReadOptions(encoding=encoding))


def test_an_answer_cut_by_the_end_of_a_block(tmp_path: Path, room: Path, monkeypatch) -> None:
    from evaluation.loading.large import encoding

    monkeypatch.setattr(encoding, "BLOCK_BYTES", 7)
    file = tmp_path / "a.csv"
    file.write_bytes('a;b\r\nåäö;"ett\r\nannat"\r\n'.encode() * 90 + b"\r\n\r\n")
    assert_same(file, room)
