"""Surveys with large exports: read, coded and written part by part, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from evaluation.codebook.free_text import scan_free_text
from evaluation.coding.code import code_parts
from evaluation.coding.coder import Manner
from evaluation.coding.columns import part_of, stack
from evaluation.loading.engines.coded import unfinished_of, write_parts
from evaluation.loading.engines.stored import open_coded
from evaluation.loading.large.read import PART_CELLS, read_large
from evaluation.loading.large.spool import Spool
from evaluation.pipeline.stored import SUFFIX, note_for
from evaluation.pipeline.weights import parse_weights, weights_missing
from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from evaluation.codebook.schema import Codebook, Survey
    from evaluation.coding.columns import Stacked
    from evaluation.coding.data import CodedData, Variable
    from evaluation.loading.large.read import ExportParts
    from evaluation.pipeline.weights import RowWeights


@dataclass(frozen=True, slots=True)
class SurveyParts:
    """All exports of a survey, part by part."""

    exports: tuple[ExportParts, ...]

    def __iter__(self) -> Iterator[Stacked]:
        """Yield the parts, in the order of the files; as often as need be."""
        frame = stack([export.outline for export in self.exports])
        for number, export in enumerate(self.exports):
            for rows in export:
                yield part_of(frame, number, rows)


@dataclass(slots=True)
class Room:
    """A folder where large surveys are coded, each as a file that has not got its name yet.

    Attributes
    ----------
    folder
        With room for the temporary files too: about twice the size of the export.
    cells
        Most cells of a part.
    made
        Survey -> its file.
    """

    folder: Path
    cells: int = PART_CELLS
    made: dict[str, Path] = field(default_factory=dict)

    def code(
        self,
        survey_id: str,
        study: Path,
        survey: Survey,
        codebook: Codebook,
        language: str,
        unnamed: str,
    ) -> Checked[CodedData | None]:
        """Code a survey with the problems and the result of coding it in memory.

        Parameters
        ----------
        survey_id, survey, codebook
            The survey.
        study
            Folder of the study.
        language, unnamed
            As of ``code_survey``.

        Returns
        -------
        Checked
            The survey as it lies in its file; None where an export cannot be read.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        read = self._read(study, survey, codebook)
        if read.value is None:
            return Checked(None, read.problems)
        manner = Manner(codebook, survey, language, unnamed)
        store: Spool[dict[str, Variable]] = Spool(self.folder)
        coded = code_parts(survey_id, manner, SurveyParts(read.value), store)
        for export in read.value:
            export.close()
        weights = _Weights.of(study, survey.weights)
        file = unfinished_of(self.folder / f"{survey_id}{SUFFIX}")
        self.made[survey_id] = file
        write_parts(weights.added_to(coded.value), file, note_for(codebook, survey))
        store.close()
        data = replace(open_coded(file), intake=coded.value.intake)
        return Checked(data, (*read.problems, *coded.problems, *weights.problems()))

    def clear(self) -> None:
        """Remove the files that did not get their names."""
        for file in self.made.values():
            file.unlink(missing_ok=True)

    def _read(
        self, study: Path, survey: Survey, codebook: Codebook
    ) -> Checked[tuple[ExportParts, ...] | None]:
        names = [survey.data] if isinstance(survey.data, str) else list(survey.data)
        exports: list[ExportParts] = []
        problems: list[Problem] = []
        for name in names:
            if not (study / name).is_file():
                problems.append(Problem("missing-file", Severity.STOP, file=name, value=name))
                continue
            read = read_large(
                study / name,
                survey.read,
                self.folder,
                display=name,
                tool_folders=(study / "tools",),
                cells=self.cells,
            )
            problems += read.problems
            if read.value is not None:
                problems += scan_free_text(read.value, codebook)
                exports.append(read.value)
        is_whole = len(exports) == len(names)
        return Checked(tuple(exports) if is_whole else None, tuple(problems))


@dataclass(slots=True)
class _Weights:
    """The file of weights of a survey, where it has one."""

    file: str = ""
    table: RowWeights | None = None
    found: tuple[Problem, ...] = ()
    n_missing: int = 0

    @classmethod
    def of(cls, study: Path, file: str | None) -> _Weights:
        if not file:
            return cls()
        if not (study / file).is_file():
            return cls(file, None, (Problem("missing-file", Severity.STOP, file=file, value=file),))
        read = parse_weights((study / file).read_text(encoding="utf-8-sig"), file)
        return cls(file, read.value, read.problems)

    def added_to(self, parts: Iterable[CodedData]) -> Iterator[CodedData]:
        """Yield the parts with the variable ``weight``."""
        for part in parts:
            if self.table is None:
                yield part
                continue
            weight = self.table.weight_of(part.file_row)
            self.n_missing += int((weight.state < 0).sum())
            yield replace(part, variables={**part.variables, "weight": weight})

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong, once the parts are through."""
        return (*self.found, *weights_missing(self.n_missing, self.file))
