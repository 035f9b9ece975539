"""Surveys as coded Parquet files: the same tables, of which only the columns needed are read."""

from __future__ import annotations

import importlib.util
import shutil

import pytest
from click.testing import CliRunner

from evaluation.cli import main
from evaluation.pipeline.build import release_tables
from evaluation.pipeline.load import load_study
from evaluation.rendering.tidy import tables_csv
from evaluation.tables.request import make_spec
from tests.paths import REPOSITORY
from tests.small_study import small_study

pq = pytest.importorskip("pyarrow.parquet")
BUNDLED = REPOSITORY / "surveys" / "samordningsforbund-2022"
ENGINES = [
    "memory",
    pytest.param(
        "duckdb",
        marks=pytest.mark.skipif(
            importlib.util.find_spec("duckdb") is None, reason="duckdb is not installed"
        ),
    ),
    pytest.param(
        "spark",
        marks=[
            pytest.mark.slow,
            pytest.mark.filterwarnings("ignore::ResourceWarning"),
            pytest.mark.skipif(
                importlib.util.find_spec("pyspark") is None or shutil.which("java") is None,
                reason="pyspark or Java is not installed",
            ),
        ],
    ),
]
TABLES = (
    ("gender", {}),
    ("contacts", {"by": ("gender", "trained", "useful")}),
    ("useful", {"by": ("contacts",), "where": "trained == 1 and not missing(contacts)"}),
    ("years", {"by": ("gender",), "where": "years >= 3"}),
)


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


def stored(study, folder):
    """Return the same study, its answers coded in Parquet files."""
    shutil.copytree(study, folder)
    assert run("code", study, "--out", folder / "coded").exit_code == 0
    settings = folder / "study.yaml"
    lines = settings.read_text(encoding="utf-8").splitlines()
    for i, line in enumerate(lines):
        if line.strip().startswith("data: data/"):
            name = line.rpartition("/")[2].partition(".")[0]
            lines[i] = line.replace(line.strip(), f"data: coded/{name}.parquet")
            (folder / "data" / line.rpartition("/")[2]).unlink()
    settings.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def small(tmp_path):
    return small_study(tmp_path / "small")


def content(study, engine):
    loaded, problems = load_study(study)
    assert problems == () or not any(p.severity.value == "stop" for p in problems)
    object.__setattr__(loaded, "engine", engine)
    settings = {"spark.master": "local[2]", "spark.sql.shuffle.partitions": "2"}
    object.__setattr__(loaded, "engine_settings", settings if engine == "spark" else {})
    specs = [
        make_spec(
            f"staff.{question}",
            study=loaded.folder.study,
            codebooks=loaded.folder.codebooks,
            **more,
        )
        for question, more in TABLES
    ]
    release = release_tables(loaded, specs, unprotected=True)
    return loaded, tables_csv(release.tables, loaded.folder.texts).decode()


@pytest.mark.parametrize("engine", ENGINES)
def test_tables_are_the_same_whatever_counts_them(small, tmp_path, engine):
    _, expected = content(small, "memory")
    assert "Polisen" in expected
    loaded, found = content(stored(small, tmp_path / "stored"), engine)
    assert found == expected
    if engine != "spark":  # once is enough there
        assert content(small, engine)[1] == expected
    read = loaded.coded["staff"].variables.loaded
    # An engine reads the file itself; only numbers, which have no categories yet, come in.
    assert read == ({"years", "gender"} if engine != "memory" else
                    {"years", "gender", "trained", "useful", "contacts"})  # fmt: skip


def test_one_table_reads_its_columns_only(small, tmp_path):
    loaded, _ = load_study(stored(small, tmp_path / "stored"))
    variables = loaded.coded["staff"].variables
    assert variables.loaded == frozenset()
    spec = make_spec("staff.trained", study=loaded.folder.study, codebooks=loaded.folder.codebooks)
    release_tables(loaded, [spec])
    assert variables.loaded == {"trained"}
    assert len(variables) == 5
    assert "gender" in variables


def test_the_file_holds_codes_and_no_words(tmp_path):
    folder = stored(BUNDLED, tmp_path / "stored")
    for file in (folder / "coded").iterdir():
        types = {str(field.type) for field in pq.read_schema(file)}
        assert types <= {"int8", "int16", "int64", "double"}


@pytest.mark.parametrize("engine", ENGINES[:2])
def test_the_bundled_report_is_the_same_to_the_last_byte(tmp_path, engine):
    folder = stored(BUNDLED, tmp_path / BUNDLED.name)
    for study, options, out in ((BUNDLED, (), "a"), (folder, ("--engine", engine), "b")):
        done = run(
            "-q", "report", study, "--to", "html,csv,json", "--out", tmp_path / out, *options
        )
        assert done.exit_code == 0
    for name in ("report.html", "tables.csv", "tables.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_another_language(tmp_path):
    study = small_study(tmp_path / "small")
    codebook = study / "staff.yaml"
    text = codebook.read_text(encoding="utf-8").replace("w: Kvinna", "w: {sv: Kvinna, en: Woman}")
    codebook.write_text(text, encoding="utf-8")
    folder = stored(study, tmp_path / "stored")
    for language, label in (("sv", "Kvinna"), ("en", "Woman")):
        out = tmp_path / language
        assert run("report", folder, "--to", "csv", "--lang", language, "--out", out).exit_code == 0
        assert label in (out / "tables.csv").read_text(encoding="utf-8")


def test_another_codebook_is_refused(small, tmp_path):
    folder = stored(small, tmp_path / "stored")
    codebook = folder / "staff.yaml"
    text = codebook.read_text(encoding="utf-8")
    codebook.write_text(text.replace("m: Man", "m: Karl"), encoding="utf-8")
    done = run("table", folder, "staff.gender")
    assert done.exit_code == 1
    assert "annan kodbok" in done.stderr
    assert done.stdout == ""


def test_an_unknown_survey(small, tmp_path):
    done = CliRunner().invoke(main, ["code", str(small), "nobody", "--out", str(tmp_path / "o")])
    assert done.exit_code == 2
    assert "staff" in done.output
