"""What is kept beside the bytecode: the same things as made anew, and never out of date."""

from __future__ import annotations

import dataclasses
import marshal
import os
import subprocess
import sys
from xml.sax import saxutils

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation import kept as module
from evaluation.kept import Kept, packaged, stamp_of
from evaluation.places import templates_root
from evaluation.rendering.markup import escape, quoteattr
from tests.paths import REPOSITORY


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_place", lambda name: tmp_path / f"{name}.kept")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path


def test_what_is_kept_is_there_in_the_next_run_as_a_new_object(place):
    first = Kept("things")
    assert first.get("a", "1", lambda: {"words": ["ja", "nej"]}) == {"words": ["ja", "nej"]}
    first.write()
    second = Kept("things")
    found = second.get("a", "1", lambda: pytest.fail("made again"))
    assert found == {"words": ["ja", "nej"]}
    found["words"].append("kanske")
    assert second.held("a", "1") == {"words": ["ja", "nej"]}


def test_another_stamp_makes_it_anew(place):
    things = Kept("things")
    things.keep("a", "1", "old")
    assert things.get("a", "2", lambda: "new") == "new"
    assert things.held("a", "1") is None


def test_two_processes_keep_what_both_have_made(place):
    one, other = Kept("things"), Kept("things")
    one.keep("a", "", 1)
    other.keep("b", "", 2)
    one.write()
    other.write()
    both = Kept("things")
    assert (both.held("a", ""), both.held("b", "")) == (1, 2)


@pytest.mark.parametrize("content", [b"", b"broken", marshal.dumps([1, 2])])
def test_a_damaged_file_is_as_good_as_none(place, content):
    (place / "things.kept").write_bytes(content)
    assert Kept("things").get("a", "", lambda: "made") == "made"


def test_what_cannot_be_written_or_is_not_plain_is_made_each_time(place, monkeypatch):
    things = Kept("things")
    assert things.get("a", "", lambda: object) is object
    things.keep("b", "", 1)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    things.write()
    assert list(place.iterdir()) == []


def test_a_changed_file_is_read_again(place, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "templates_root", lambda: tmp_path)
    held = Kept("yaml")
    monkeypatch.setattr(module, "kept", lambda name: held)
    file = tmp_path / "words.txt"
    file.write_text("ja", encoding="utf-8")
    assert packaged(file, _text) == "ja"
    file.write_text("nej", encoding="utf-8")
    assert packaged(file, _text) == "nej"
    old = stamp_of(file)
    os.utime(file, ns=(0, 0))
    assert stamp_of(file) != old


def test_nothing_of_a_study_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "kept", lambda name: pytest.fail("kept"))
    file = tmp_path / "theme.yaml"
    file.write_text("primary: red", encoding="utf-8")
    assert packaged(file, _text) == "primary: red"
    assert not file.is_relative_to(templates_root())


def _text(path):
    return path.read_text(encoding="utf-8")


RUN = """
import sys
from evaluation.cli import main
main(["table", sys.argv[1], "personal.befattning", "--format", "html"], standalone_mode=False)
"""


def test_a_run_with_everything_kept_says_the_same_and_what_is_kept_names_no_study(tmp_path):
    study = str(REPOSITORY / "surveys" / "samordningsforbund-2022")
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(tmp_path)
    first, second = (
        subprocess.run(
            [sys.executable, "-c", RUN, study],
            capture_output=True, text=True, check=True, cwd=REPOSITORY, env=environment,
        ).stdout
        for _ in range(2)
    )  # fmt: skip
    assert first == second != ""
    files = {file.name.partition(".")[0]: file for file in tmp_path.rglob("*.kept")}
    assert set(files) == {"methods", "templates", "yaml"}
    assert "Förbundschef" in first
    assert all("Förbundschef".encode() not in file.read_bytes() for file in files.values())


def test_kept_methods_make_the_same_dataclasses(place):
    code = """
import dataclasses, sys
from evaluation.cli._methods import keep_methods
if sys.argv[1] == "kept":
    keep_methods()
@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Point:
    x: int
    y: float = 2.0
    tags: tuple = dataclasses.field(default=(), compare=False)
one = Point(1)
print(one, one == Point(1), one < Point(2), hash(one) == hash(Point(1, tags=("a",))))
print(dataclasses.replace(one, y=3.0), dataclasses.asdict(one))
try:
    one.x = 3
except dataclasses.FrozenInstanceError as error:
    print(error)
"""
    plain, with_kept, again = (
        subprocess.run(
            [sys.executable, "-c", code, how],
            capture_output=True, text=True, check=True, cwd=REPOSITORY,
            env={**os.environ, "PYTHONPYCACHEPREFIX": str(place), "PYTHONDONTWRITEBYTECODE": ""},
        ).stdout
        for how in ("plain", "kept", "kept")
    )  # fmt: skip
    assert plain == with_kept == again
    assert "cannot assign" in plain


def test_dataclasses_still_run_their_methods_by_exec():
    """Should this fail with a new Python, `evaluation.cli._methods` has become needless."""
    made = dataclasses.make_dataclass("Made", ["x"])
    assert made.__init__.__code__.co_filename == "<string>"


@given(st.text())
def test_markup_is_written_as_the_standard_library_writes_it(text):
    assert escape(text) == saxutils.escape(text)
    assert quoteattr(text) == saxutils.quoteattr(text)
