"""The same study gives the same bytes: on another day, elsewhere, under another locale."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.paths import REPOSITORY
from tests.small_study import STUDY, small_study

FORMATS = "html,pdf,docx,xlsx,csv,json,px,ddi,csvw"

RUN = """\
import datetime, sys, time
shift = float(sys.argv.pop(1))
real_time, real_local, real_gm, Real = time.time, time.localtime, time.gmtime, datetime.datetime
time.time = lambda: real_time() + shift
time.localtime = lambda seconds=None: real_local(time.time() if seconds is None else seconds)
time.gmtime = lambda seconds=None: real_gm(time.time() if seconds is None else seconds)

class AnyReal(type):
    def __instancecheck__(cls, value):
        return isinstance(value, Real)

class Shifted(Real, metaclass=AnyReal):
    @classmethod
    def now(cls, tz=None):
        return Real.now(tz) + datetime.timedelta(seconds=shift)

    @classmethod
    def utcnow(cls):
        return cls.now(datetime.UTC).replace(tzinfo=None)

datetime.datetime = Shifted
from evaluation.cli import main
main()
"""
"""The command line with its clock moved by so many seconds."""


def build(study, out, cwd, shift, **environment):
    """Build in a process of its own."""
    held = {k: v for k, v in os.environ.items() if k not in ("SOURCE_DATE_EPOCH", "TZ")}
    command = [sys.executable, "-c", RUN, str(shift), "--quiet", "report", str(study)]
    subprocess.run(
        [*command, "--out", str(out), "--to", FORMATS],
        cwd=cwd,
        env={**held, "PYTHONPATH": str(REPOSITORY), **environment},
        check=True,
        timeout=300,
    )
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


@pytest.mark.parametrize(
    "study", [STUDY, STUDY.replace("date: 2026-03-01\n", "")], ids=["dated", "undated"]
)
def test_day_zone_locale_folder_and_hashing_leave_no_trace(tmp_path, study):
    folder = small_study(tmp_path / "study", study=study)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    first = build(
        folder,
        tmp_path / "a",
        REPOSITORY,
        0,
        TZ="Europe/Stockholm",
        LC_ALL="C.UTF-8",
        PYTHONHASHSEED="1",
    )
    second = build(
        os.path.relpath(folder, elsewhere),
        elsewhere / "b",
        elsewhere,
        400 * 86_400 + 40_000,
        TZ="Pacific/Auckland",
        LC_ALL="C",
        LANG="de_DE.UTF-8",
        PYTHONHASHSEED="7",
        PYTHONUTF8="1",
    )
    assert len(first) > 12
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
