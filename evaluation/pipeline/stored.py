"""Surveys kept as coded Parquet files: written once, then counted where they lie."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from evaluation.problems import Checked, Problem, Severity
from evaluation.tables.request import local

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from evaluation.codebook.schema import Codebook, Survey
    from evaluation.coding.data import CodedData
    from evaluation.pipeline.large import Room
    from evaluation.pipeline.load import LoadedStudy

SUFFIX = ".parquet"
CODEBOOK = "codebook"


def write_stored(
    study: LoadedStudy, surveys: Sequence[str], folder: Path, room: Room | None = None
) -> list[Path]:
    """Write surveys as ``<survey>.parquet``: codes and numbers, no text and no identity.

    Parameters
    ----------
    study
        Loaded and sound.
    surveys
        Which; none: all.
    folder
        Where the files go; made if need be.
    room
        Where large surveys lie already, in this folder.
    """
    from evaluation.loading.engines.coded import write_coded

    written = []
    folder.mkdir(parents=True, exist_ok=True)
    for survey in surveys or study.coded:
        file = folder / f"{survey}{SUFFIX}"
        if room is not None and survey in room.made:
            room.made.pop(survey).replace(file)
        else:
            declared = study.folder.study.surveys[survey]
            note = note_for(study.folder.codebooks[survey], declared)
            write_coded(study.coded[survey], file, note)
        written.append(file)
    return written


def note_for(codebook: Codebook, survey: Survey) -> dict[str, str]:
    """Return what a coded file keeps of how it was coded."""
    return {CODEBOOK: fingerprint(codebook, survey)}


def is_stored(file: Path) -> bool:
    """Tell whether a file holds coded answers."""
    if file.suffix.lower() != SUFFIX or not file.is_file():
        return False
    from evaluation.loading.engines.coded import is_coded

    return is_coded(file)


def open_stored(
    file: Path, name: str, codebook: Codebook, survey: Survey, language: str
) -> Checked[CodedData | None]:
    """Return a survey that lies in a file, its answers unread.

    Parameters
    ----------
    file, name
        The file, and how the study calls it.
    codebook, survey
        As they are now: a file coded by others is refused.
    language
        Of the labels.
    """
    from evaluation.loading.engines.coded import note_of
    from evaluation.loading.engines.stored import open_coded

    if note_of(file).get(CODEBOOK) != fingerprint(codebook, survey):
        return Checked(None, (Problem("coded-by-another", Severity.STOP, file=name, value=name),))
    return Checked(open_coded(file, labels_of(codebook, language)))


def labels_of(codebook: Codebook, language: str) -> dict[str, dict[str, str]]:
    """Return variable -> code -> label."""
    labels = {}
    for question in codebook.questions:
        mine = {str(o.code): local(o.label, language) for o in question.options}
        for variable in [item.id for item in question.items] or [question.id]:
            labels[variable] = mine
    return labels


def fingerprint(codebook: Codebook, survey: Survey) -> str:
    """Return a hash of what decides how answers are coded, whatever file they are in."""
    parts = (codebook.model_dump_json(), survey.intake.model_dump_json())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
