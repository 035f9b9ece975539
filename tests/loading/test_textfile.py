"""Separated text: encodings, separators, rows as a spreadsheet counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.codebook.schema import ReadOptions
from evaluation.loading import textfile
from evaluation.loading.limits import LARGE_TEXT_BYTES
from evaluation.loading.read import read_export
from evaluation.loading.sniff import decode, detect_separator
from evaluation.loading.textfile import parse_csv, parse_large, read_text_file
from tests.loading.files import codes, csv_text, read, texts, write_csv

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [
    ["Kön", "Hur nöjd är du?", "Övrigt"],
    ["Kvinna", "Mycket nöjd", "Åkte buss, gick på möte"],
    ["Man", "Ganska nöjd", ""],
    ["Kvinna", "Mycket nöjd", "bra för mig"],
]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "mac_roman", "cp850", "utf-16", "utf-16-le"]
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_swedish_in_every_encoding(tmp_path: Path, encoding: str, separator: str) -> None:
    found = read(write_csv(tmp_path / "a.csv", ROWS, separator=separator, encoding=encoding))
    assert [c.header for c in found.columns] == ROWS[0]
    assert texts(found.columns[2]) == ["Åkte buss, gick på möte", "", "bra för mig"]
    assert found.file_row.tolist() == [2, 3, 4]


def test_certain_and_uncertain_encoding() -> None:
    assert decode("Hur nöjd är du på jobbet".encode("cp1252")).certain
    guessed = decode(b"caf\xe7")  # no Swedish letter decides
    assert not guessed.certain
    assert guessed.encoding == "cp1252"


def test_named_encoding_is_obeyed_and_checked(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", ROWS, encoding="cp1252")
    assert read(path, ReadOptions(encoding="cp1252")).columns[0].header == "Kön"
    assert "wrong-encoding" in codes(read_export(path, ReadOptions(encoding="utf-8")))
    assert "unknown-encoding" in codes(read_export(path, ReadOptions(encoding="klingon")))


def test_separator_is_not_fooled_by_commas_in_heads() -> None:
    head = ";".join(f"Fråga {n}, del a, del b" for n in range(30))
    body = "\n".join(";".join("x" for _ in range(30)) for _ in range(5))
    assert detect_separator(f"{head}\n{body}") == ";"


def test_separator_named_in_the_first_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("sep=;\na,b;c\n1;2\n", encoding="utf-8")
    found = read(path)
    assert [c.header for c in found.columns] == ["a,b", "c"]


def test_rows_are_counted_as_a_spreadsheet_does(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        b'a,"b\r\nover two lines"\r\n1,"x\r\ny"\r\n\r\n2,z\r\n,\r\n3,w\r\n'
    )  # the head is row 1 although it has two lines; row 3 and row 5 are blank
    found = read(path)
    assert [c.header for c in found.columns] == ["a", "b over two lines"]
    assert texts(found.columns[0]) == ["1", "2", "3"]
    assert found.file_row.tolist() == [2, 4, 6]
    assert "blank-rows" in codes(read_export(path))


def test_ragged_rows_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n1,2,3\n1,2,3,4\n1\n1,2\n1,2,3,\n", encoding="utf-8")
    checked = read_export(path)
    found = {p.code: (p.row, p.count) for p in checked.problems}
    assert found["row-too-long"] == (3, 1)  # the empty fourth cell of row 6 is nothing
    assert found["row-too-short"] == (5, 1)
    assert checked.value is not None
    assert checked.value.n_rows == 5


def test_duplicate_and_blank_heads(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["x", "x", "", "x (2)", ""], ["1", "2", "3", "4", ""]])
    found = read(path)
    assert [c.header for c in found.columns] == ["x", "x (3)", "[C]", "x (2)"]
    assert [c.position for c in found.columns] == [0, 1, 2, 3]
    assert {"duplicate-head", "blank-head"} <= codes(read_export(path))


def test_unclosed_quote_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,"open\n' + "x,y\n" * 100_000, encoding="utf-8")
    checked = read_export(path)
    assert checked.value is None
    assert "unclosed-quote" in codes(checked)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b"\n\n  \n", "empty-file"),
        (b"a,b,c\n", "no-answers"),
        (b"a,b,c\n,,\n", "no-answers"),
        (b"%PDF-1.7 ...", "not-a-table"),
        (b"<html><body>inloggning</body></html>", "not-a-table"),
        (bytes(range(256)) * 20, "not-a-table"),
        (b",".join(b"k%d" % n for n in range(20_000)) + b"\n1\n", "too-many-columns"),
    ],
)
def test_files_that_hold_no_answers(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    checked = read_export(path)
    assert checked.value is None
    assert code in codes(checked)


def test_missing_file(tmp_path: Path) -> None:
    assert codes(read_export(tmp_path / "none.csv")) == {"missing-file"}


def test_pasted_exports_and_notes_below(tmp_path: Path) -> None:
    rows = [["a", "b", "c", "d"], ["1", "2", "3", "4"], ["a", "b", "c", "d"], ["5", "6", "7", "8"]]
    rows += [["", "", "", ""], ["Exporterad 2024-05-01", "", "", ""]]
    checked = read_export(write_csv(tmp_path / "a.csv", rows))
    assert checked.value is not None
    assert checked.value.file_row.tolist() == [2, 4]
    assert {"repeated-head", "footer-rows"} <= codes(checked)


def test_damaged_letters(tmp_path: Path) -> None:
    misread = "Hur nöjd är du?".encode().decode("cp1252")
    rows = [[misread, "K�n", "Xq�zw"], ["på jobbet".encode().decode("cp1252"), "Man", "1"]]
    checked = read_export(write_csv(tmp_path / "a.csv", rows))
    assert checked.value is not None
    heads = [c.header for c in checked.value.columns]
    assert heads == ["Hur nöjd är du?", "Kön", "Xq�zw"]
    assert texts(checked.value.columns[0]) == ["på jobbet"]
    assert {"mended-head", "damaged-head", "mended-text"} <= codes(checked)


CELL = st.text(st.sampled_from('ab;,"\n é0 '), max_size=6)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(2, 4).flatmap(
        lambda w: st.lists(st.lists(CELL, min_size=w, max_size=w), min_size=1, max_size=8)
    )
)
def test_pyarrow_and_csv_give_the_same_texts(rows: list[list[str]]) -> None:
    text = csv_text(rows)
    fast = parse_large(text, ",")
    if fast is None:  # irregular for pyarrow: the standard library takes it
        return
    slow = parse_csv(text, ",").value
    assert slow is not None
    assert fast.rows(0, fast.n_rows) == slow.rows(0, slow.n_rows)
    assert [c.values for c in fast.columns] == [c.values for c in slow.columns]


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=400))
def test_no_bytes_make_reading_raise(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    for suffix in (".csv", ".xlsx", ".sav"):
        path = folder / f"a{suffix}"
        path.write_bytes(data)
        checked = read_export(path)
        assert checked.value is not None or checked.problems


class TestHostile:
    """Files made to fill memory or time end in one problem."""

    def test_a_cell_of_absurd_length_is_not_called_a_quotation_mark(self) -> None:
        checked = parse_csv("a;b\n" + "x" * 200_000 + ";1\n", ";")
        assert [(p.code, p.row) for p in checked.problems] == [("cell-too-long", 2)]

    def test_a_head_of_absurd_length_in_a_large_file(self) -> None:
        data = b"x" * (LARGE_TEXT_BYTES + 10)
        checked = read_text_file(data, ReadOptions(), "a.csv")
        assert [p.code for p in checked.problems] == ["cell-too-long"]

    def test_one_long_row_does_not_widen_a_million_short_ones(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(textfile, "MAX_CELLS", 10_000)
        text = ";".join(["q"] * 1_000) + "\n" + "1\n" * 2_000
        checked = parse_csv(text, ";")
        assert checked.value is None
        assert [p.code for p in checked.problems] == ["absurd-extent"]

    def test_blank_lines_at_the_end_are_no_rows(self) -> None:
        checked = read_text_file(b"a;b\n1;2\n" + b"\n" * 1_000, ReadOptions(), "a.csv")
        assert checked.value is not None
        assert checked.value.grid.n_rows == 2
