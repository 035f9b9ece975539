"""A study folder with its answers: read, coded, every problem kept."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from evaluation.codebook.free_text import scan_free_text
from evaluation.loading.cache import cached
from evaluation.loading.draft_left import draft_problems
from evaluation.loading.large.size import is_large
from evaluation.loading.read import read_export
from evaluation.loading.study import load_study_folder
from evaluation.loading.texts import languages, load_texts
from evaluation.pipeline.dress import dressed
from evaluation.pipeline.edition import in_language
from evaluation.pipeline.stored import is_stored, open_stored
from evaluation.pipeline.unchanged import input_hashes, named_outside
from evaluation.problems import Checked, Problem, Severity, stops
from evaluation.rendering.theme import load_theme
from evaluation.rendering.theme_check import check_theme_files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from evaluation.codebook.schema import Codebook, Design, Survey
    from evaluation.coding.data import CodedData
    from evaluation.loading.study import StudyFolder
    from evaluation.model import RawResponses
    from evaluation.pipeline.large import Room

Progress = "Callable[[str], None]"


@dataclass(frozen=True, slots=True)
class LoadedStudy:
    """A study ready to be counted.

    Attributes
    ----------
    folder
        ``study.yaml``, codebooks, texts, chapters.
    coded
        Survey -> coded answers; a survey that could not be read is absent.
    problems
        Of all files, in file order.
    inputs
        Path within the study folder -> sha256.
    """

    folder: StudyFolder
    coded: Mapping[str, CodedData]
    problems: tuple[Problem, ...]
    inputs: Mapping[str, str]

    engine: str = "memory"
    """What counts: see ``evaluation.loading.engines``."""
    engine_settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_sound(self) -> bool:
        """Whether nothing forbids publishing."""
        return not stops(self.problems)


def load_study(
    path: Path,
    progress: Callable[[str], None] = lambda _: None,
    language: str | None = None,
    room: Room | None = None,
) -> tuple[LoadedStudy | None, tuple[Problem, ...]]:
    """Read a study folder and code its answers.

    Parameters
    ----------
    path
        The folder.
    progress
        Told what is being read.
    language
        Language of labels and of the product's words; None: the study's own.
    room
        Where surveys with large exports are coded part by part; None: in memory.

    Returns
    -------
    study
        None where ``study.yaml`` itself cannot be read.
    problems
        The same as ``study.problems`` where there is a study.
    """
    progress("study.yaml")
    checked = load_study_folder(path)
    folder = checked.value
    problems = list(checked.problems)
    if folder is None:
        return None, tuple(problems)
    problems += draft_problems(folder)
    coded: dict[str, CodedData] = {}
    spoken = language or folder.study.language
    known = load_texts(spoken) if spoken in languages() else folder.texts
    unnamed = known.get("table.unnamed_answers")
    for survey_id, survey in folder.study.surveys.items():
        codebook = folder.codebooks.get(survey_id)
        if codebook is None:
            continue
        progress(survey_id)
        names = [survey.data] if isinstance(survey.data, str) else list(survey.data)
        if room is not None and any(is_large(path / name) for name in names):
            found = room.code(survey_id, path, survey, codebook, spoken, unnamed)
        elif len(names) == 1 and is_stored(path / names[0]):
            opened = open_stored(path / names[0], names[0], codebook, survey, spoken)
            problems += opened.problems
            if opened.value is not None:
                coded[survey_id] = opened.value
            continue
        else:
            found = _coded(survey_id, path, survey, codebook, spoken, unnamed)
        problems += found.problems
        if found.value is not None:
            coded[survey_id] = found.value
            problems += _remarkable(survey_id, found.value, survey.design)
    if language and language != folder.study.language:
        folder, untranslated = in_language(folder, language)
        problems += untranslated
    wrong = check_theme_files(folder.study.report.theme, (path / "themes",))
    problems += wrong
    if not stops(wrong):
        folder = dressed(folder, load_theme(folder.study.report.theme, (path / "themes",)))
    inputs = input_hashes(path, named_outside(path, folder.study.model_dump()))
    study = LoadedStudy(folder, coded, tuple(problems), inputs)
    return study, study.problems


def _coded(
    survey_id: str, path: Path, survey: Survey, codebook: Codebook, language: str, unnamed: str
) -> Checked[CodedData | None]:
    """Read and code a survey in memory; None where an export cannot be read."""
    from evaluation.coding.code import code_survey

    names = [survey.data] if isinstance(survey.data, str) else list(survey.data)
    problems: list[Problem] = []
    exports: list[RawResponses] = []
    for name in names:
        file = path / name
        if not file.is_file():
            problems.append(Problem("missing-file", Severity.STOP, file=name, value=name))
            continue
        read_it = partial(
            read_export, file, survey.read, display=name, tool_folders=(path / "tools",)
        )
        read = cached(file, survey.read, read_it, folder=path, display=name)
        problems += read.problems
        if read.value is not None:
            problems += scan_free_text([read.value], codebook)
            exports.append(read.value)
    if len(exports) < len(names):
        return Checked(None, tuple(problems))
    result = code_survey(survey_id, codebook, survey, exports, language, unnamed)
    data, found = _weighted(result.value, path, survey.weights)
    return Checked(data, (*problems, *result.problems, *found))


def _weighted(
    data: CodedData, path: Path, weights: str | None
) -> tuple[CodedData, tuple[Problem, ...]]:
    """Add the variable ``weight`` where the survey has a file of weights."""
    if not weights:
        return data, ()
    from evaluation.pipeline.weights import read_weights

    file = path / weights
    if not file.is_file():
        return data, (Problem("missing-file", Severity.STOP, file=weights, value=weights),)
    read = read_weights(data, file.read_text(encoding="utf-8-sig"), weights)
    if read.value is None:
        return data, read.problems
    return replace(data, variables={**data.variables, "weight": read.value}), read.problems


def _remarkable(survey: str, data: CodedData, design: Design) -> list[Problem]:
    """Return what the design warns of; a simple sample imports no statistics."""
    if not (design.weight or design.strata or design.cluster):
        return []
    from evaluation.pipeline.sampling import design_problems

    return design_problems(survey, data, design)
