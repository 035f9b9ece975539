"""Large exports, coded part by part: the same file and the same problems as in memory."""

from __future__ import annotations

import csv
import functools
import gc
import io
import shutil
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.cli import main
from evaluation.loading.large import encoding, size, text
from evaluation.loading.large.spool import Spool
from evaluation.pipeline.large import Room
from evaluation.pipeline.load import load_study
from evaluation.pipeline.stored import write_stored
from tests.paths import REPOSITORY
from tests.small_study import CODEBOOK, OPEN, UNSTATED, quoted, small_study

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

BOOK = (
    CODEBOOK
    + """\
  - {id: words, text: Egna ord, type: text}
  - {id: born, text: Född, type: date}
  - {id: w, text: Vikt, type: number, role: weight}
"""
)
STUDY = UNSTATED.replace(
    "    design: {population: 20}\n",
    '    design: {weight: w}\n    intake: {person: Vem, submitted: Tid, test_if: col:Vem == "prov"}\n',
)
HEADS = ["Vem", "Tid", "Kön", "Har du fått utbildning?", "Var utbildningen användbar?",
         "Vilka har du kontakt med?", "Antal år i yrket", "Egna ord", "Född", "Vikt"]  # fmt: skip
CELLS = [
    ["anna", "bo", "prov", "", "eva", "Åsa"],
    ["2026-01-02 10:00", "3/4/2026", "14/4/2026", ""],
    ["Kvinna", "man", "Annat", ""],
    ["Ja", "Nej", "Vet inte", "", "Kanske", "JA"],
    ["Mycket", "Ganska", "", "Vet ej"],
    ["Polisen", "Polisen;Vården", "Ingen", "", "Granne;Polisen", "Ingen;Vården"],
    ["3", "4,5", "6.5", "77", "tre", ""],
    ["", "Bra;\nverkligen", 'Sade "nej"', "Ring 070-123 45 67", "MÃ¥ bra", "mejla a.b@example.se"],
    ["1/2/2000", "13/2/2000", "2000-01-01", ""],
    ["1", "0,5", "1.25"],
]


@pytest.fixture
def everything_is_large(monkeypatch):
    monkeypatch.setattr(size, "LARGE", dict.fromkeys(size.LARGE, 0))


def coded(study: Path, folder: Path, room: Room | None = None):
    loaded, problems = load_study(study, room=room)
    assert loaded is not None
    files = write_stored(loaded, (), folder, room)
    counts = {name: dict(data.intake.counts) for name, data in loaded.coded.items()}
    return [f.read_bytes() for f in files], problems, counts


def assert_same(study: Path, cells: int) -> tuple:
    with tempfile.TemporaryDirectory() as a, tempfile.TemporaryDirectory() as b:
        shutil.rmtree(study / ".evaluation-cache", ignore_errors=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(size, "LARGE", {})
            whole = coded(study, Path(a))
            patch.setattr(
                size, "LARGE", dict.fromkeys((size.FileKind.TEXT, size.FileKind.PARQUET), 0)
            )
            parts = coded(study, Path(b), Room(Path(b), cells))
        assert parts[1] == whole[1]
        assert parts[2] == whole[2]
        assert parts[0] == whole[0]
        assert [f.suffix for f in Path(b).iterdir()] == [".parquet"] * len(whole[0])
    return whole


def as_text(rows: list[list[str]], separator: str) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return stream.getvalue()


ROWS = st.lists(st.tuples(*map(st.sampled_from, CELLS)), min_size=1, max_size=25)


@settings(max_examples=60, deadline=None)
@given(
    rows=ROWS,
    per_part=st.integers(1, 9),
    separator=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    odd=st.lists(
        st.tuples(st.integers(1, 25), st.sampled_from(["blank", "head", "long", "short"])),
        max_size=3,
    ),
    note=st.booleans(),
)
def test_any_text_file_in_any_parts(rows, per_part, separator, encoding, odd, note):
    lines = [HEADS, *map(list, rows)]
    for place, kind in odd:
        whole = lines[min(place, len(lines) - 1)]
        extra = {"blank": [], "head": HEADS, "long": [*whole, "mer"], "short": whole[:3]}[kind]
        lines.insert(min(place, len(lines)), extra)
    if note:
        lines += [[], ["Utskrivet ur systemet"]]
    with tempfile.TemporaryDirectory() as place:
        study = small_study(Path(place) / "s", study=STUDY + OPEN, codebook=BOOK)
        data = as_text(lines, separator).encode(encoding)
        (study / "data" / "staff.csv").write_bytes(data)
        assert_same(study, per_part * len(HEADS))


@settings(max_examples=15, deadline=None)
@given(rows=ROWS, per_part=st.integers(1, 9), file_rows=st.integers(1, 9))
def test_any_parquet_file_in_any_parts(rows, per_part, file_rows):
    with tempfile.TemporaryDirectory() as place:
        settings_text = (STUDY + OPEN).replace("staff.csv", "staff.parquet")
        study = small_study(Path(place) / "s", study=settings_text, codebook=BOOK)
        columns = {head: [row[i] or None for row in rows] for i, head in enumerate(HEADS)}
        columns["Vikt"] = [float(row[-1].replace(",", ".")) for row in rows]
        table = pa.table(columns, schema=pa.schema(
            [(h, pa.float64() if h == "Vikt" else pa.string()) for h in HEADS]))  # fmt: skip
        pq.write_table(table, study / "data" / "staff.parquet", row_group_size=file_rows)
        assert_same(study, per_part * len(HEADS))


@pytest.mark.parametrize(
    "name", ["samordningsforbund-2022", "mia-vidare-alis-2022", "okad-upptackt-2022"]
)
def test_bundled_studies(name):
    study = REPOSITORY / "surveys" / name
    assert_same(study, 3_000)


def test_a_file_of_weights(tmp_path):
    text = UNSTATED.replace("    design:", "    weights: w.csv\n    design:") + OPEN
    study = small_study(tmp_path / "s", study=text)
    lines = [f"data/staff.csv,{row},{row / 4}" for row in range(2, 11)]
    (study / "w.csv").write_text("file,row,weight\n" + "\n".join(lines) + "\n", encoding="utf-8")
    whole = assert_same(study, 20)
    assert [p.count for p in whole[1] if p.code == "weights-missing"] == [1]


@pytest.mark.usefixtures("everything_is_large")
def test_the_command_writes_all_or_nothing(tmp_path):
    study = small_study(tmp_path / "s")
    out = tmp_path / "out"
    done = CliRunner().invoke(main, ["code", str(study), "--out", str(out)])
    assert (done.exit_code, [f.name for f in out.iterdir()]) == (0, ["staff.parquet"])
    first = (out / "staff.parquet").read_bytes()
    wrong = quoted().replace("Antal år i yrket", "År i yrket, ungefär")
    (study / "data" / "staff.csv").write_text(wrong, encoding="utf-8")
    done = CliRunner().invoke(main, ["code", str(study), "--out", str(out)])
    assert done.exit_code == 1
    assert "Antal år i yrket" in done.stderr
    assert [f.name for f in out.iterdir()] == ["staff.parquet"]
    assert (out / "staff.parquet").read_bytes() == first


@pytest.mark.usefixtures("everything_is_large")
def test_a_tool_that_needs_the_whole_file_gets_it(tmp_path):
    answers = "_id,_uuid,_submission_time,q1\n" + "".join(
        f"{i},u{i},2026-01-01,a b\n" for i in range(9)
    )
    book = "title: P\nquestions:\n  - {id: q, text: q1, type: text}\n"
    study = small_study(tmp_path / "s", codebook=book, answers=answers, chapter="# A\n")
    whole = assert_same(study, 8)
    assert any(p.code == "tool-recognised" and "Kobo" in p.value for p in whole[1])


@pytest.mark.usefixtures("everything_is_large")
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, monkeypatch):
    def full(self, part):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Spool, "append", full)
    study, out = small_study(tmp_path / "s"), tmp_path / "out"
    done = CliRunner().invoke(main, ["code", str(study), "--out", str(out)])
    assert (done.exit_code, list(out.iterdir())) == (1, [])
    assert "No space left on device" in done.stderr


def peak(work) -> int:
    """Return the most bytes that Python and numpy held at once.

    What other tests have left is set aside: caches are emptied, and the more objects
    there are, the later Python looks for cycles among what is new.
    """
    gc.collect()
    for one in gc.get_objects():
        # By `type`: `isinstance` asks a weak proxy for the class of what is gone, which raises.
        if type(one) is functools._lru_cache_wrapper and one.__module__.startswith("evaluation"):
            one.cache_clear()
    gc.freeze()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.unfreeze()


@pytest.mark.slow
@pytest.mark.usefixtures("everything_is_large")
def test_memory_goes_by_the_part_and_not_by_the_export(tmp_path, monkeypatch):
    monkeypatch.setattr(encoding, "BLOCK_BYTES", 20_000)
    monkeypatch.setattr(text, "BLOCK_BYTES", 20_000)
    lines = quoted().splitlines()
    peaks = {}
    for n in (9_000, 15_000):  # from 9 000 on the caches of spellings are full
        # A text of its own in every row: what grows with the export if anything does.
        rows = [f"{lines[1 + i % 2]};Svar nummer {i}" for i in range(n)]
        answers = "\n".join([lines[0] + ";Ord", *rows]) + "\n"
        book = CODEBOOK + "  - {id: words, text: Ord, type: text}\n"
        study = small_study(tmp_path / str(n), answers=answers, codebook=book)
        room = Room(tmp_path / f"room{n}", 6_000)
        peaks[n] = peak(lambda s=study, r=room: load_study(s, room=r))
        room.clear()
    # 6 000 rows more, each with some 70 bytes of text (an object of twice that) and codes.
    assert (peaks[15_000] - peaks[9_000]) / 6_000 < 100


def test_a_spool_leaves_nothing_behind(tmp_path):
    spool: Spool[dict] = Spool(tmp_path)
    spool.append({"a": 1})
    spool.append({"b": "två"})
    assert list(spool) == list(spool) == [{"a": 1}, {"b": "två"}]
    spool.close()
    assert list(tmp_path.iterdir()) == []
