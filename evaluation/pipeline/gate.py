"""What the gate needs beside the tables: links, hierarchy, earlier releases."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from evaluation.coding.data import Categorical
from evaluation.pipeline.filters import filtered
from evaluation.pipeline.record_keys import keyed_tables
from evaluation.pipeline.release_folder import releases_of
from evaluation.pipeline.weighings import weighed
from evaluation.problems import Problem, Severity
from evaluation.protection.links import links_from_codebooks
from evaluation.protection.protect import protect, raw

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from evaluation.pipeline.load import LoadedStudy
    from evaluation.protection.release import Release
    from evaluation.tables.spec import TableSpec
    from evaluation.tables.table import Table


def released(
    study: LoadedStudy,
    tables: Sequence[Table],
    rebuild: Callable[[TableSpec], Table],
    *,
    fine: Collection[TableSpec] = (),
    unprotected: bool = False,
) -> Release:
    """Pass tables through the gate together.

    Parameters
    ----------
    study
        For its policy, codebooks and hierarchy.
    tables
        Everything that is published at once.
    rebuild
        Makes the table of another specification, for merging.
    fine
        Specifications of tables that are not merged.
    unprotected
        Pass everything, marked as raw.
    """
    if unprotected:
        return raw(tables)
    policy = study.folder.study.protection
    links = links_from_codebooks(study.folder.codebooks, hierarchy_codes(study))
    links = replace(
        links,
        asked_else=links.asked_else | _lacking_in_files(study, links.asked_if),
        people={
            **{survey: data.n for survey, data in study.coded.items()},
            **{survey: int(inside.sum()) for survey, inside in filtered(study).items()},
        },
    )
    return protect(
        tables,
        policy,
        links=links,
        previous=earlier_releases(study),
        rebuild=rebuild,
        record_keys=lambda given: keyed_tables(study, given, policy.seed),
        fine=fine,
        weighings=lambda given: weighed(study, given, {*links.known, *policy.identifying}),
    )


def _lacking_in_files(study: LoadedStudy, names: Collection[str]) -> frozenset[str]:
    """Return questions that one of several files of their survey may lack: not asked there."""
    surveys = study.folder.study.surveys
    files = {name: surveys[name.partition(".")[0]].data for name in names}
    return frozenset(name for name, data in files.items() if not isinstance(data, str))


def leaks_problem(release: Release) -> tuple[Problem, ...]:
    """Return the problem that forbids publishing a release from which a count can be derived."""
    if not release.leaks:
        return ()
    first = release.leaks[0]
    place = f"{first.table}: {first.row}, {first.column}"
    return (Problem("release-leaks", Severity.STOP, value=place, count=len(release.leaks)),)


def unprotected_units(study: LoadedStudy) -> tuple[Problem, ...]:
    """Return the problem that forbids open figures of units for which no reason is given.

    Units are small: what is open of them tells what single persons answered. Whoever
    publishes them so has to say in ``protection.reason`` that no one can be recognised.
    """
    policy = study.folder.study.protection
    if policy.method != "none" or policy.reason:
        return ()
    return (
        Problem(
            "units-unprotected",
            Severity.STOP,
            file="study.yaml",
            column="protection.method",
            value=policy.method,
        ),
    )


def hierarchy_codes(study: LoadedStudy) -> dict[str, str]:
    """Return what each unit of the study's hierarchy file belongs to, survey by survey.

    Both sides are ``survey.variable=code``: surveys may have other codes for one
    name, and one code may stand for a unit and for a county. The file's columns
    are variables from the finest level up, its cells labels or codes. A level
    that a survey lacks is passed over.
    """
    links: dict[str, str] = {}
    for survey, data in study.coded.items():
        for row in study.folder.hierarchy or ():
            found = [
                f"{survey}.{level}={code}"
                for level, name in row.items()
                if (code := _code(data.variables.get(level), name)) is not None
            ]
            links |= dict(pairwise(found))
    return links


def _code(variable: object, name: str) -> str | None:
    """Return the code of a unit that a level calls by code or label; None where it has none."""
    if not isinstance(variable, Categorical):
        return None
    wanted = name.casefold()
    for category in variable.categories:
        if wanted in (category.code.casefold(), category.label.casefold()):
            return category.code
    return None


def earlier_releases(study: LoadedStudy) -> list[list[Mapping[str, object]]]:
    """Return the rows of every earlier release that the policy names, wherever in it they lie."""
    folders = [study.folder.path / name for name in study.folder.study.protection.previous]
    return [rows for folder in folders for rows in releases_of(folder)]


def missing_releases(study: LoadedStudy) -> tuple[Problem, ...]:
    """Return a problem for every earlier release that cannot be found."""
    policy = study.folder.study.protection
    return tuple(
        Problem("missing-release", Severity.STOP, file="study.yaml", value=name)
        for name in policy.previous
        if not releases_of(study.folder.path / name)
    )
