"""The figures of units' reports and comparisons as data, for readers and for the audit.

Whoever publishes units' pages publishes a release: its protected tables lie
beside the pages, all of them, with the policy that they are protected by. A
reader can go on from them, and anyone can attack them as `audit-release` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evaluation.pipeline.release_folder import CSV, JSON
from evaluation.pipeline.unchanged import package_versions, product_hash
from evaluation.problems import findings_by_code
from evaluation.rendering.manifest import manifest_json
from evaluation.report.assemble import report_meta

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.pipeline.load import LoadedStudy
    from evaluation.protection.release import Release


def table_files(study: LoadedStudy, release: Release, formats: Sequence[str]) -> dict[str, bytes]:
    """Return the tables of a whole release: always as CSV, as JSON where asked for.

    Parameters
    ----------
    study
        For its texts and its title.
    release
        After the gate.
    formats
        As asked for; others than ``json`` change nothing.
    """
    from evaluation.pipeline.build import study_facts
    from evaluation.rendering.tidy import tables_csv

    facts = study_facts(study)
    files = {CSV: tables_csv(release.tables, facts.texts)}
    if "json" in formats:
        from evaluation.rendering.jsonstat import tables_json

        title = report_meta(facts, study.folder.name).title
        files[JSON] = tables_json(release.tables, facts.texts, title)
    return files


def piece_manifest(
    study: LoadedStudy,
    release: Release,
    outputs: Mapping[str, bytes | str],
    settings: Mapping[str, Any],
) -> bytes:
    """Return the manifest of units' reports or of a comparison.

    Parameters
    ----------
    study, release
        What it is made of.
    outputs
        File, seen from the manifest -> content, or SHA-256 where it is known.
    settings
        What was asked for.
    """
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
        problems=[(s.value, code, n) for (s, code), n in findings_by_code(study.problems).items()],
    )
