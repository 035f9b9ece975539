"""What lies in a folder already is brought in line with a release made anew.

A comparison asked for after the report may hide another count in it, to keep
a reader of both from subtracting. Then what was written before is written anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evaluation.pipeline.release_folder import read_manifest
from evaluation.problems import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from evaluation.pipeline.joint import Joint
    from evaluation.pipeline.load import LoadedStudy
    from evaluation.pipeline.pieces import Compared, Pieces
    from evaluation.rendering.theme import Theme

    Progress = Callable[[str], None]


def bring_in_line(
    study: LoadedStudy,
    folder: Path,
    joint: Joint,
    pieces: Pieces,
    theme: Theme,
    progress: Progress,
    *,
    written: str | Compared,
) -> tuple[Problem, ...]:
    """Write anew what the folder holds beside the piece that was just written.

    Parameters
    ----------
    study, folder, joint, pieces, theme, progress
        The study, its outputs, and what they come from.
    written
        ``report``, ``units`` or the comparison that is up to date already.
    """
    # Imported here: each of them calls this.
    from evaluation.pipeline.compare import write_comparison
    from evaluation.pipeline.units import refresh_units

    problems: tuple[Problem, ...] = ()
    if written != "report":
        problems += _refresh_report(study, folder, joint, theme, progress)
    if written != "units" and pieces.units:
        refresh_units(study, folder, joint, theme, progress)
    for compared in pieces.comparisons:
        if compared != written:
            write_comparison(study, folder, joint, compared, theme)
    return problems


def _refresh_report(
    study: LoadedStudy, folder: Path, joint: Joint, theme: Theme, progress: Progress
) -> tuple[Problem, ...]:
    """Write a report that lies there anew.

    One that was asked for in another language, unprotected or on a Word
    template cannot be made anew from here: that is told.
    """
    from evaluation.pipeline.report import report_files

    settings = _settings(folder)
    if settings is None:
        return ()
    if any(settings.get(key) for key in ("language", "reference_doc", "unprotected")):
        return (Problem("report-not-refreshed", Severity.WARN, value=str(folder)),)
    from evaluation.pipeline.leftovers import write_release

    formats = tuple(settings["formats"])
    files = report_files(study, joint.main, theme, formats, progress)
    return write_release(folder, files)[1]


def _settings(folder: Path) -> dict[str, Any] | None:
    settings = read_manifest(folder).get("settings")
    return dict(settings) if isinstance(settings, dict) and "formats" in settings else None
