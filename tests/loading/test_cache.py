"""The cache beside the export: right, or not there."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.codebook.schema import ReadOptions
from evaluation.loading import cache
from evaluation.loading.cache import FOLDER, cached
from evaluation.loading.read import read_export
from evaluation.model import ColumnHints, MissingKind, RawColumn, RawResponses, Source
from evaluation.problems import Checked, Problem, Severity

pytest.importorskip("pyarrow")
OPTIONS = ReadOptions()


@pytest.fixture(autouse=True)
def _everything_pays(monkeypatch):
    monkeypatch.setattr(cache, "TEXT_BYTES", 0)


@pytest.fixture
def study(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("id;q\n1;Ja\n2;\n3;Nej\n4;Ja\n", encoding="utf-8")
    return tmp_path


class Reader:
    """Counts how often the export is really read."""

    def __init__(self, path):
        self.path, self.times = path, 0

    def __call__(self):
        self.times += 1
        return read_export(self.path, OPTIONS)


def use(study, options=OPTIONS, name="a.csv"):
    """Return the result and whether the export had to be read."""
    path = study / "data" / name
    reader = Reader(path)
    result = cached(path, options, reader, folder=study)
    return result, bool(reader.times)


def assert_same(a, b):
    assert a.problems == b.problems
    assert a.value.source == b.value.source
    np.testing.assert_array_equal(a.value.file_row, b.value.file_row)
    assert a.value.file_row.dtype == b.value.file_row.dtype
    for x, y in zip(a.value.columns, b.value.columns, strict=True):
        assert (x.header, x.position, x.values) == (y.header, y.position, y.values)
        assert x.hints == y.hints
        np.testing.assert_array_equal(x.index, y.index)
        assert x.index.dtype == y.index.dtype == np.int32


def entries(study):
    return sorted((study / FOLDER).glob("*.arrow"))


def test_the_second_time_nothing_is_read(study):
    first, was_read = use(study)
    assert was_read
    second, was_read = use(study)
    assert not was_read
    assert_same(first, second)
    assert len(entries(study)) == 1


def test_what_the_result_depends_on(study, monkeypatch):
    def changed():
        _, was_read = use(study)
        again = use(study)[1]
        return was_read and not again

    assert changed()
    data = study / "data"
    (data / "a.csv").write_text("id;q\n1;Ja\n2;Nej\n", encoding="utf-8")
    assert changed()
    (data / "form.lss").write_text("<document/>", encoding="utf-8")  # perhaps its questionnaire
    assert changed()
    (study / "tools").mkdir()
    (study / "tools" / "own.yaml").write_text("title: Own\n", encoding="utf-8")
    assert changed()
    monkeypatch.setattr(cache, "_program", lambda: "another")
    assert changed()
    assert len(entries(study)) == 1  # older entries are gone
    assert use(study, ReadOptions(separator=";"))[1]
    assert len(entries(study)) == 2  # other options, another entry
    assert not use(study)[1]


@pytest.mark.parametrize("damage", ["empty", "cut", "flip", "text", "magic"])
def test_a_damaged_entry_is_no_entry(study, damage):
    first, _ = use(study)
    (entry,) = entries(study)
    content = bytearray(entry.read_bytes())
    if damage == "flip":
        content[-20] ^= 1
    elif damage == "magic":
        content[0] ^= 1
    entry.write_bytes(
        {"empty": b"", "cut": content[:-9], "text": b"what?"}.get(damage, bytes(content))
    )
    second, was_read = use(study)
    assert was_read
    assert_same(first, second)
    assert not use(study)[1]  # mended


def test_a_folder_that_cannot_be_written(study):
    (study / FOLDER).write_text("in the way", encoding="utf-8")
    for _ in range(2):
        result, was_read = use(study)
        assert was_read
        assert result.value is not None
    assert (study / FOLDER).read_text(encoding="utf-8") == "in the way"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="rights do not bind the user")
def test_a_study_that_may_only_be_read(study):
    study.chmod(0o500)
    try:
        assert use(study)[0].value is not None
    finally:
        study.chmod(0o700)


def test_a_missing_file(study):
    result, was_read = use(study, name="b.csv")
    assert was_read
    assert [p.code for p in result.problems] == ["missing-file"]


def test_what_could_not_be_read_is_not_kept(study):
    (study / "data" / "a.csv").write_bytes(b"")
    for _ in range(2):
        result, was_read = use(study)
        assert was_read
        assert result.value is None
    assert not (study / FOLDER).exists()


def test_answers_stay_private(study):
    use(study)
    assert (study / FOLDER / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert stat.S_IMODE((study / FOLDER).stat().st_mode) == 0o700
    assert all(stat.S_IMODE(entry.stat().st_mode) == 0o600 for entry in entries(study))


def test_an_entry_says_nothing_without_the_export(study, monkeypatch):
    """Names in the clear would be found if the mask were left out, which is tried too."""
    path = study / "data" / "a.csv"
    names = [f"Förnamn{i} Efternamn{i * 7}" for i in range(3)]
    path.write_text("namn;q\n" + "".join(f"{name};Ja\n" for name in names), encoding="utf-8")
    use(study)
    (entry,) = entries(study)
    content = entry.read_bytes()
    digest = hashlib.sha256(path.read_bytes())
    assert digest.digest() not in content
    assert digest.hexdigest().encode() not in content
    payload = memoryview(content)[len(cache.MAGIC) + cache.DIGEST_BYTES :]
    with pytest.raises((ValueError, OSError)):
        cache._unpack(payload)
    with pytest.raises((ValueError, OSError)):  # the published hash does not open it
        cache._unpack(memoryview(cache._masked(payload, digest.digest())))
    monkeypatch.setattr(cache, "_masked", lambda content, mask: bytes(content))
    entry.unlink()
    use(study)
    (entry,) = entries(study)
    payload = memoryview(entry.read_bytes())[len(cache.MAGIC) + cache.DIGEST_BYTES :]
    assert cache._unpack(payload).value.columns[0].values[0] == names[0]


def test_small_files_are_left_alone(study, monkeypatch):
    monkeypatch.setattr(cache, "TEXT_BYTES", 1000)
    assert use(study)[1]
    assert use(study)[1]
    assert not (study / FOLDER).exists()


def test_no_part_of_the_answers_is_forgotten():
    """Whoever gives these types another field must teach the cache to keep it."""
    assert [f.name for f in fields(RawResponses)] == ["source", "columns", "file_row"]
    assert [f.name for f in fields(RawColumn)] == ["header", "position", "values", "index", "hints"]


texts = st.text(st.characters(codec="utf-8"), max_size=6)


@given(st.lists(texts, unique=True, min_size=1, max_size=8), st.integers(0, 30), texts)
@settings(max_examples=40, deadline=None)
def test_every_column_comes_back_as_it_was(tmp_path_factory, values, n, text):
    """Also values that no row has, and in an order other than of appearance."""
    study = tmp_path_factory.mktemp("study")
    path = study / "a.csv"
    path.write_text(text, encoding="utf-8")
    index = np.random.default_rng(n).integers(0, len(values), n).astype(np.int32)
    hints = ColumnHints(text, text, {text: "x"}, {text: MissingKind.NOT_ASKED}, "single", role=text)
    columns = (RawColumn(text, 3, tuple(values), index, hints), RawColumn("b", 4, ("",), index * 0))
    source = Source("a.csv", "Blad 1", "0", "utf-8", "general")
    rows = np.arange(n, dtype=np.int32) + 2
    problem = Problem("unknown-tool", Severity.NOTE, value=text, row=3)
    made = Checked(RawResponses(source, columns, rows), (problem,))
    cached(path, OPTIONS, lambda: made, folder=study)
    again = cached(path, OPTIONS, lambda: pytest.fail("read again"), folder=study)
    assert_same(made, again)
