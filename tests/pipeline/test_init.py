"""From an export to a study that builds: whole, never over another one, the same each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evaluation.pipeline import init as init_module
from evaluation.pipeline.init import init_study
from evaluation.pipeline.load import load_study
from evaluation.problems import stops
from tests.loading.files import write_csv, write_xlsx
from tests.loading.samples import SAMPLES
from tests.loading.test_tools import LSS, MSFORMS
from tests.paths import needs_shared

if TYPE_CHECKING:
    from pathlib import Path


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_study_that_loads_without_a_problem(tmp_path: Path) -> None:
    export = write_csv(tmp_path / "Min enkät (1-3).csv", MSFORMS, encoding="cp1252")
    assert not stops(init_study([export], tmp_path / "study"))
    found = contents(tmp_path / "study")
    assert list(found) == [
        "chapters/01-min_enkat.md",
        "chapters/02-metod.md",
        "data/Min enkät (1-3).csv",
        "min_enkat.yaml",
        "study.yaml",
    ]
    assert found["data/Min enkät (1-3).csv"] == export.read_bytes()
    loaded, problems = load_study(tmp_path / "study")
    assert loaded is not None
    # What is left to write over is told until somebody has written it.
    assert [(p.code, p.file, p.row) for p in problems if p.severity.value != "note"] == [
        ("draft-publisher-left", "study.yaml", 0),
        ("draft-text-left", "chapters/01-min_enkat.md", 3),
        ("draft-text-left", "chapters/02-metod.md", 3),
    ]
    assert loaded.folder.study.year == 2024
    assert loaded.folder.study.language == "sv"
    chapter = found["chapters/01-min_enkat.md"].decode()
    assert '{{ table("min_enkat.vilka_stod_har_du_fatt") }}' in chapter or "{{ table(" in chapter
    assert chapter.count("{{ table(") == 2
    assert chapter.count("{{ chart(") == 2
    assert "{{ method() }}" in found["chapters/02-metod.md"].decode()
    assert "complete_share: 0.5" in found["study.yaml"].decode()


def test_the_same_export_gives_the_same_files(tmp_path: Path) -> None:
    export = write_csv(tmp_path / "a.csv", MSFORMS, encoding="cp1252")
    init_study([export], tmp_path / "one")
    init_study([export], tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    export = write_csv(tmp_path / "a.csv", MSFORMS, encoding="cp1252")
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "keep.txt").write_text("mine", encoding="utf-8")
    assert [p.code for p in init_study([export], folder)] == ["study-exists"]
    assert contents(folder) == {"keep.txt": b"mine"}


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    export = write_csv(tmp_path / "a.csv", MSFORMS, encoding="cp1252")
    (tmp_path / "study").mkdir()
    assert not stops(init_study([export], tmp_path / "study"))
    assert (tmp_path / "study/study.yaml").is_file()


def test_a_bad_export_writes_nothing(tmp_path: Path) -> None:
    good = write_csv(tmp_path / "a.csv", MSFORMS, encoding="cp1252")
    bad = tmp_path / "b.csv"
    bad.write_bytes(b"")
    problems = init_study([good, bad, tmp_path / "none.csv"], tmp_path / "study")
    assert {p.code for p in problems} >= {"empty-file", "missing-file"}
    assert not (tmp_path / "study").exists()


def test_a_failure_while_writing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = write_csv(tmp_path / "a.csv", MSFORMS, encoding="cp1252")

    def fail(*_: object, **__: object) -> str:
        raise OSError("disk full")

    monkeypatch.setattr(init_module, "study_yaml", fail)
    with pytest.raises(OSError, match="disk full"):
        init_study([export], tmp_path / "out" / "study")
    assert list((tmp_path / "out").iterdir()) == []


def test_two_exports_and_a_form_from_elsewhere(tmp_path: Path) -> None:
    rows = [["id", "har", "vad[SQ001]"], ["1", "A1", "Y"], ["2", "A2", ""]]
    one = write_csv(tmp_path / "svar.csv", rows)
    two = write_xlsx(tmp_path / "svar.xlsx", {"S": [["Kön"], ["Man"], ["Kvinna"], ["Man"]]})
    (tmp_path / "form").mkdir()
    form = tmp_path / "form" / "enkat.lss"
    form.write_text(LSS, encoding="utf-8")
    problems = init_study([one, two, form], tmp_path / "study")
    assert not stops(problems)
    found = contents(tmp_path / "study")
    assert {"svar.yaml", "svar_2.yaml", "data/enkat.lss"} <= set(found)
    assert "Har du fått stöd?" in found["svar.yaml"].decode()
    loaded, _ = load_study(tmp_path / "study")
    assert loaded is not None
    assert set(loaded.coded) == {"svar", "svar_2"}


def test_only_a_form(tmp_path: Path) -> None:
    form = tmp_path / "enkat.lss"
    form.write_text(LSS, encoding="utf-8")
    assert [p.code for p in init_study([form], tmp_path / "study")] == ["form-not-answers"]


def test_next_year_against_this_year(tmp_path: Path) -> None:
    first = write_csv(tmp_path / "a 2024.csv", MSFORMS, encoding="cp1252")
    init_study([first], tmp_path / "y2024")
    codebook = tmp_path / "y2024" / "a_2024.yaml"
    edited = codebook.read_text(encoding="utf-8").replace("code: samtal", "code: talk")
    codebook.write_text(edited, encoding="utf-8")
    rows = [[*MSFORMS[0], "Kön"], *([*row, "Kvinna"] for row in MSFORMS[1:])]
    rows[1][5] = "Samtal;Pengar;"
    second = write_csv(tmp_path / "a 2025.csv", rows, encoding="cp1252")
    problems = init_study([second], tmp_path / "y2025", tmp_path / "y2024")
    found = {(p.code, p.value) for p in problems if p.code.startswith("against-")}
    assert found == {
        ("against-new-question", "Kön"),
        ("against-new-option", "Pengar"),
        ("against-gone-option", "Praktik"),
    }
    text = (tmp_path / "y2025" / "a_2024.yaml").read_text(encoding="utf-8")
    assert "code: talk" in text
    assert "code: praktik" in text  # still an option, although nobody chose it
    assert "Nytt svarsalternativ" in text
    _, after = load_study(tmp_path / "y2025")
    assert not stops(after)


def test_against_something_that_is_no_study(tmp_path: Path) -> None:
    export = write_csv(tmp_path / "a.csv", MSFORMS, encoding="cp1252")
    (tmp_path / "empty").mkdir()
    assert stops(init_study([export], tmp_path / "study", tmp_path / "empty"))
    assert not (tmp_path / "study").exists()


WORDINGS = [
    "{{ table('x') }} {% raw %}",
    "# Rubrik? | a *b* _c_ <b>d</b> [e](f)",
    "`kod` ~~x~~ $y$ ^z^ !&amp;",
    "- punkt: 'citat' \"dubbelt\" \\ snedstreck",
    "Ja? : nej # kommentar",
    "yes",
]


@pytest.mark.parametrize("wording", WORDINGS)
def test_odd_wordings_survive(tmp_path: Path, wording: str) -> None:
    rows = [[wording, "Nr"], *[[f"{wording} {n % 2}", str(n)] for n in range(1, 21)]]
    export = write_csv(tmp_path / "a.csv", rows)
    assert not stops(init_study([export], tmp_path / "study"))
    loaded, problems = load_study(tmp_path / "study")
    assert loaded is not None
    assert not stops(problems)
    question = loaded.folder.codebooks["a"].questions[0]
    assert str(question.text) == " ".join(wording.split())
    labels = {str(option.label) for option in question.options}
    assert labels == {f"{wording} {n}" for n in (0, 1)}


@needs_shared
@pytest.mark.slow
def test_every_sample_gives_a_study_without_a_problem_that_stops(tmp_path: Path) -> None:
    for path in sorted(SAMPLES.glob("*/*")):
        if path.suffix not in {".csv", ".xlsx", ".sav", ".dta", ".sas7bdat", ".xpt"}:
            continue
        folder = tmp_path / f"{path.parent.name}-{path.stem}-{path.suffix[1:]}"
        problems = init_study([path], folder)
        if stops(problems):
            assert {p.code for p in problems} & {"form-not-answers", "not-answers"}, path.name
            continue
        loaded, found = load_study(folder)
        assert loaded is not None
        assert not [p for p in found if p.severity.value == "stop"], path.name
