"""Everything that a folder is going to hold, built out of one release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.pipeline.build import (
    Built,
    Document,
    build_documents,
    build_report,
    study_facts,
)
from evaluation.pipeline.comparisons import comparison_specs
from evaluation.pipeline.documents import study_units, unit_documents
from evaluation.pipeline.pieces import Pieces
from evaluation.problems import Checked, Problem, Severity
from evaluation.tables.request import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from evaluation.pipeline.load import LoadedStudy
    from evaluation.report.model import Report


@dataclass(frozen=True, slots=True)
class Joint:
    """The study's report, the units' reports by name, and the release of all of them."""

    main: Built
    units: Mapping[str, Report]


def build_joint(
    study: LoadedStudy,
    pieces: Pieces,
    *,
    unprotected: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Checked[Joint | None]:
    """Build the report together with the pieces that are published beside it.

    Parameters
    ----------
    study
        Loaded and sound.
    pieces
        What else the folder holds or is going to hold.
    unprotected
        Pass every figure; every output then says that it may not be published.
    progress
        Told what is being done.
    """
    if pieces == Pieces():
        alone = build_report(study, unprotected=unprotected, progress=progress)
        return Checked(Joint(alone.value, {}) if alone.value else None, alone.problems)
    try:
        extra = [spec for one in pieces.comparisons for spec in comparison_specs(study, one)]
    except RequestError as error:
        problem = Problem(error.code, Severity.STOP, value=error.value, expected=error.expected)
        return Checked(None, (problem,))
    units = study_units(study) if pieces.units else []
    main = Document(study.folder.name, study_facts(study), study.folder.chapters)
    documents = [main, *unit_documents(study, units)]
    built = build_documents(study, documents, extra=extra, progress=progress)
    if built.value is None:
        return Checked(None, built.problems)
    reports, release = built.value
    named = dict(zip([unit.label for unit in units], reports[1:], strict=True))
    return Checked(Joint(Built(reports[0], release), named), built.problems)
