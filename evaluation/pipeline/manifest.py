"""The manifest of anything that is published of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evaluation.pipeline.unchanged import package_versions, product_hash
from evaluation.problems import findings_by_code
from evaluation.rendering.manifest import manifest_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.pipeline.load import LoadedStudy
    from evaluation.problems import Problem
    from evaluation.protection.release import Release


def study_manifest(
    study: LoadedStudy,
    release: Release,
    outputs: Mapping[str, bytes | str],
    settings: Mapping[str, Any],
    problems: Sequence[Problem] | None = None,
) -> bytes:
    """Return the manifest of a report, of units' reports or of a comparison.

    Parameters
    ----------
    study, release
        What it is made of.
    outputs
        File, seen from the manifest -> content, or SHA-256 where it is known.
    settings
        What was asked for.
    problems
        Findings to be counted; those of the study where none are given.
    """
    found = findings_by_code(study.problems if problems is None else problems)
    return manifest_json(
        study=study.folder.name,
        inputs=study.inputs,
        outputs=outputs,
        versions=package_versions(),
        product=product_hash(),
        settings=settings,
        intake={
            survey: {status.value: n for status, n in data.intake.counts.items()}
            for survey, data in study.coded.items()
        },
        release=release,
        problems=[(severity.value, code, n) for (severity, code), n in found.items()],
    )
