from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evaluation.loading.plain_table import read_plain_table
from evaluation.loading.study import load_study_folder
from evaluation.problems import Severity

if TYPE_CHECKING:
    from pathlib import Path

    from evaluation.loading.study import StudyFolder
    from evaluation.problems import Checked

FILES = {
    "study.yaml": """\
title: T
publisher: P
year: 2022
texts: {table.n: Antal}
surveys:
  a: {data: data/a.csv}
  b: {data: data/b.csv, codebook: common.yaml}
data_tables:
  budget: {file: data/budget.csv, title: Budget, note: Kronor}
hierarchy: data/units.csv
protection: {method: suppress}
report: {quotes: quotes.yaml}
""",
    "a.yaml": (
        "title: A\nquestions:\n  - {id: q, text: Q, type: text}\n"
        "  - {id: kommun, text: Kommun, type: single, options: {u: Umeå}}\n"
    ),
    "common.yaml": "title: B\nquestions:\n  - {id: r, text: R, type: number}\n",
    "data/budget.csv": "Post;2021\nLön; 1 000 \n",
    "data/units.csv": "kommun,län\nUmeå,Västerbotten\n",
    "quotes.yaml": "quotes:\n  - {id: q1, text: Det hjälpte., by: deltagare}\n",
    "published.yaml": "tables:\n  - {id: t1, n: 3}\n",
    "chapters/2-slut.md": "# Slut\n",
    "chapters/1-start.md": "\ufeff# Start\r\nText\r\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        file = tmp_path / "min-studie" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8"))
    return tmp_path / "min-studie"


def load(folder: Path) -> Checked[StudyFolder | None]:
    return load_study_folder(folder)


def brief(checked: Checked[StudyFolder | None]) -> list[tuple[str, int, str, str, str]]:
    return [(p.file, p.row, p.code, p.value, p.expected) for p in checked.problems]


def test_everything_is_read(folder: Path) -> None:
    checked = load(folder)
    assert checked.problems == ()
    study = checked.value
    assert study is not None
    assert study.name == "min-studie"
    assert {s: [q.id for q in b.questions] for s, b in study.codebooks.items()} == {
        "a": ["q", "kommun", "lan"],
        "b": ["r"],
    }
    assert study.texts.get("table.n") == "Antal"
    assert [(c.name, c.path, c.text) for c in study.chapters] == [
        ("1-start.md", "chapters/1-start.md", "# Start\nText\n"),
        ("2-slut.md", "chapters/2-slut.md", "# Slut\n"),
    ]
    budget = study.data_tables["budget"]
    assert (budget.title, budget.note, budget.header) == ("Budget", "Kronor", ("Post", "2021"))
    assert budget.rows == (("Lön", "1 000"),)
    assert study.hierarchy == ({"kommun": "Umeå", "lan": "Västerbottens län"},)
    assert study.quotes["q1"].by == "deltagare"
    assert study.published == {"tables": [{"id": "t1", "n": 3}]}


def test_the_study_file_itself_may_be_named(folder: Path) -> None:
    checked = load_study_folder(folder / "study.yaml")
    assert checked.value is not None
    assert checked.value.path == folder


def test_optional_parts_may_be_absent(folder: Path) -> None:
    (folder / "study.yaml").write_text("title: T\npublisher: P\nyear: 2022\n", encoding="utf-8")
    (folder / "published.yaml").unlink()
    study = load(folder).value
    assert study is not None
    assert (study.codebooks, study.hierarchy, study.published, study.quotes) == ({}, None, None, {})
    assert [c.name for c in study.chapters] == ["1-start.md", "2-slut.md"]


def test_chapters_in_the_declared_order(folder: Path) -> None:
    with (folder / "study.yaml").open("a", encoding="utf-8") as file:
        file.write("  chapters: [chapters/2-slut.md, 1-start.md, 3-saknas.md]\n")
    text = (
        (folder / "study.yaml")
        .read_text(encoding="utf-8")
        .replace("report: {quotes: quotes.yaml}", "report:")
    )
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    checked = load(folder)
    assert checked.value is not None
    assert [c.name for c in checked.value.chapters] == ["2-slut.md", "1-start.md"]
    assert [(p.row, p.code, p.value) for p in checked.problems] == [
        (13, "missing-study-file", "chapters/3-saknas.md")
    ]


def test_no_study_at_all(tmp_path: Path) -> None:
    checked = load(tmp_path / "finns-inte")
    assert checked.value is None
    assert [(p.code, p.value) for p in checked.problems] == [("missing-study-file", "study.yaml")]


def test_all_problems_of_all_files_together(folder: Path) -> None:
    (folder / "a.yaml").write_text(
        "title: A\nquestions:\n  - {id: q, text: Q, type: txt}\n", encoding="utf-8"
    )
    (folder / "common.yaml").rename(folder / "comon.yaml")
    (folder / "data/budget.csv").write_text("Post;2021\nLön\n", encoding="utf-8")
    (folder / "chapters/1-start.md").write_bytes("ett\ntvå\n".encode("latin-1"))
    (folder / "quotes.yaml").write_text("quotes:\n  - {id: q1, txt: X}\n", encoding="utf-8")
    (folder / "published.yaml").write_text("a: 1\na: 2\n", encoding="utf-8")
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    text = text.replace("table.n", "tabl.n").replace("data/a.csv", "data/a.csv, filter: q == 1")
    (folder / "study.yaml").write_text(text + "facs: {}\n", encoding="utf-8")
    assert brief(load(folder)) == [
        ("study.yaml", 4, "unknown-text-key", "tabl.n", "table.n"),
        ("study.yaml", 7, "missing-study-file", "common.yaml", "comon.yaml"),
        ("study.yaml", 13, "unknown-key", "facs", "facts"),
        ("a.yaml", 3, "yaml-unknown-word", "txt", "text"),
        ("data/budget.csv", 2, "data-table-ragged", "1", "2"),
        ("quotes.yaml", 2, "unknown-key", "txt", "text"),
        ("published.yaml", 2, "yaml-duplicate-key", "a", "1"),
        ("chapters/1-start.md", 2, "study-file-not-utf8", "", ""),
    ]


def test_files_outside_the_folder_are_not_read(folder: Path) -> None:
    (folder.parent / "secret.yaml").write_text(FILES["common.yaml"], encoding="utf-8")
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    (folder / "study.yaml").write_text(
        text.replace("common.yaml", "../secret.yaml"), encoding="utf-8"
    )
    checked = load(folder)
    assert [(p.row, p.code, p.value) for p in checked.problems] == [
        (7, "path-outside-study", "../secret.yaml")
    ]


def test_an_unknown_language_is_a_problem(folder: Path) -> None:
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    (folder / "study.yaml").write_text(text + "language: fi\n", encoding="utf-8")
    assert ("study.yaml", 13, "unknown-language", "fi", "en, sv") in brief(load(folder))


def test_every_problem_of_a_study_stops(folder: Path) -> None:
    (folder / "a.yaml").unlink()
    assert {p.severity for p in load(folder).problems} == {Severity.STOP}


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("A;B\n1;å\n".encode("cp1252"), "t.csv"),
        ('"A"\t"B"\n1\tå\n'.encode(), "t.tsv"),
        ("\ufeffA,B\r\n1,å\r\n\r\n".encode(), "t.csv"),
        ("- {A: 1, B: å}\n".encode(), "t.yaml"),
        ("header: [A, B]\nrows: [[1, å]]\n".encode(), "t.yaml"),
    ],
)
def test_tables_of_study_data(data: bytes, name: str) -> None:
    checked = read_plain_table(data, name)
    assert checked.problems == ()
    assert checked.value is not None
    assert (checked.value.header, checked.value.rows) == (("A", "B"), (("1", "å"),))


@pytest.mark.parametrize(
    ("data", "name", "code", "row"),
    [
        (b"", "t.csv", "data-table-empty", 0),
        (b"A,A\n1,2\n", "t.csv", "data-table-repeated-head", 1),
        (b"A,B\n\n1\n", "t.csv", "data-table-ragged", 3),
        (b"a: 1\n", "t.yaml", "data-table-form", 1),
        (b"a: [\n", "t.yaml", "yaml-unclosed-bracket", 1),
    ],
)
def test_faulty_tables(data: bytes, name: str, code: str, row: int) -> None:
    checked = read_plain_table(data, name)
    assert checked.value is None
    assert [(p.code, p.row) for p in checked.problems] == [(code, row)]
