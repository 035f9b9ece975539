"""The figures of units' reports and comparisons as data, for readers and for the audit.

Whoever publishes units' pages publishes a release: its protected tables lie
beside the pages, all of them, with the policy that they are protected by. A
reader can go on from them, and anyone can attack them as `audit-release` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.pipeline.release_folder import CSV, JSON
from evaluation.report.assemble import report_meta

if TYPE_CHECKING:
    from collections.abc import Sequence

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
