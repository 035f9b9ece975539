"""A folder whose files tell different things is not passed: data files, percents beside counts."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from evaluation.cli import main
from tests.protection.drawn import World, draw, release

WORLD = World(
    tables=('{{ table("s.q", by="unit") }}', '{{ table("s.m", by="gender", percents="row") }}')
)


def audited(out):
    result = CliRunner().invoke(main, ["audit-release", str(out)])
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return release(tmp_path_factory.mktemp("told"), draw(9, 80), WORLD)


@pytest.fixture
def out(published, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    for name in ("tables.csv", "tables.json", "manifest.json"):
        (folder / name).write_bytes((published / name).read_bytes())
    return folder


def test_files_of_one_run_agree(out):
    code, said = audited(out)
    assert code == 0, said


def test_a_number_in_json_that_is_hidden_in_csv_is_told(out):
    file = out / "tables.json"
    told = json.loads(file.read_text("utf-8"))
    values = told["link"]["item"][-1]["value"]
    hidden = values.index(None)
    values[hidden] = 3
    file.write_text(json.dumps(told), "utf-8")
    code, said = audited(out)
    assert code == 1
    assert "tables.json" in said
    assert "s.m" in said


def test_another_number_of_cells_or_no_json_at_all_is_told(out):
    file = out / "tables.json"
    whole = json.loads(file.read_text("utf-8"))
    for broken in ({**whole, "link": {"item": whole["link"]["item"][1:]}}, {}, []):
        file.write_text(json.dumps(broken), "utf-8")
        assert audited(out)[0] == 1


def test_a_percent_that_is_not_that_of_its_count_is_told(out):
    file = out / "tables.csv"
    lines = file.read_text("utf-8").splitlines()
    place = lines[0].split(",").index("percent")
    for at, line in enumerate(lines[1:], 1):
        cells = line.split(",")
        if len(cells) == len(lines[0].split(",")) and cells[place] not in ("", "0.0", "100.0"):
            cells[place] = "50.5"
            lines[at] = ",".join(cells)
            break
    file.write_text("\n".join(lines) + "\n", "utf-8")
    (out / "tables.json").unlink()
    code, said = audited(out)
    assert code == 1
    assert "tables.csv" in said
