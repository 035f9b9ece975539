"""Small studies of units for the tests of unit reports and comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.unit_study import write_unit_study
from evaluation.pipeline.load import load_study

if TYPE_CHECKING:
    from pathlib import Path

    from evaluation.pipeline.load import LoadedStudy


def unit_study(folder: Path, *, units: int = 5, protected: bool = True) -> LoadedStudy:
    """Write and load a study of few units, the smallest with four respondents."""
    if not folder.exists():
        write_unit_study(folder, units, smallest=4, largest=60, counties=3)
        if not protected:
            replace_in(
                folder / "study.yaml",
                "method: suppress",
                "method: none\n  reason: Svaren är påhittade.",
            )
    return loaded(folder)


def loaded(folder: Path) -> LoadedStudy:
    """Load a study that must be sound."""
    study, problems = load_study(folder)
    assert study is not None
    assert study.is_sound, problems
    return study


def replace_in(file: Path, old: str, new: str) -> None:
    """Change a text in a file; it must be there."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
