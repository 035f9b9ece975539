"""Ordinary features in combination, attacked: grids, recodes, routing, maps, filters at once.

The seeds are studies of which the program once told a small count, each by
features that are attacked one by one elsewhere. More are drawn by
``python -m tests.protection.combined``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evaluation.protection import audit_joint, audit_whole
from tests.protection.combined import QUIET, TELLS_HIDDEN, examine, scan_by_command
from tests.protection.test_filters import forget_in_method

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def forget_conditions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away, of method and audit, what a condition on several questions says of counts."""
    forget_in_method(monkeypatch)
    monkeypatch.setattr(audit_whole, "clause", lambda _: None)


def forget_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away that the audit lays out kinds of respondents."""
    monkeypatch.setattr(audit_joint, "whole_table", lambda *_: None)
    monkeypatch.setattr(audit_joint, "part_tables", lambda *_: iter(()))


def lay_out_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the audit lay out no more kinds than it once did."""
    monkeypatch.setattr(audit_whole, "LARGEST", 2000)


LEAKED = {12: forget_conditions, 20: forget_conditions, 21: forget_kinds, 25: forget_kinds,
          1018: forget_kinds, 2107: lay_out_few}  # fmt: skip
"""Seed -> without what the study tells a count still."""


@pytest.mark.parametrize("seed", LEAKED)
def test_features_together_tell_no_small_count(tmp_path: Path, seed: int) -> None:
    found = examine(seed, tmp_path)
    assert found.status == QUIET, found
    assert found.targets
    assert not found.given_up
    assert found.withheld < found.rows


@pytest.mark.parametrize(("seed", "forget"), LEAKED.items())
def test_the_attack_tells_what_the_guard_hides(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    forget: Callable[[pytest.MonkeyPatch], None],
) -> None:
    forget(monkeypatch)
    found = examine(seed, tmp_path)
    assert found.status == TELLS_HIDDEN, found
    assert all(0 < one.truth < 5 for one in found.hidden)
    assert all(one.low <= one.truth <= one.high for one in found.hidden)


def test_a_scan_says_what_each_seed_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scan_by_command(["25", "26"]) == 0
    forget_kinds(monkeypatch)
    assert scan_by_command(["25", "26"]) == 1
    quiet, total, told, *_ = capsys.readouterr().out.splitlines()
    assert quiet.startswith(f"25: {QUIET}")
    assert total == f"1 studies: {{'{QUIET}': 1}}"
    assert told.startswith(f"25: {TELLS_HIDDEN}")
