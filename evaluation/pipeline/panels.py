"""Analyses of the same persons at several occasions, held against each other and the tables.

No linked system knows what a person answered at two occasions, so that the
gate of tables cannot protect what changed. Three rules stand in its place:
what several analyses of one kind tell together of any group must be safe by
itself; answers of those who came once must not follow by subtraction; and
where a table about both occasions hides something of a group, what all changed
between them is not told.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evaluation.expressions import ExpressionError, parse
from evaluation.expressions import names as names_in
from evaluation.pipeline.analyses import analysis_view
from evaluation.pipeline.filters import filter_text, respondents
from evaluation.protection.analyses import has_small, withheld
from evaluation.tables.analyses.make import ACROSS_OCCASIONS, ACROSS_WAVES, analyse
from evaluation.tables.analyses.repeated import ALL
from evaluation.tables.analyses.spec import AnalysisError
from evaluation.tables.analyses.waves import waves_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.pipeline.load import LoadedStudy
    from evaluation.protection.analyses import ProtectedAnalysis
    from evaluation.protection.release import Release
    from evaluation.tables.analyses import AnalysisSpec
    from evaluation.tables.analyses.common import View
    from evaluation.tables.spec import TableSpec

    Bools = NDArray[np.bool_]

UNLINKED = (*ACROSS_OCCASIONS, *ACROSS_WAVES, "index", "model")
"""Analyses that tell more than the tables they rest on."""
OF_PAIRS = ("transitions", "ever", *ACROSS_WAVES)
"""Analyses that tell what the same persons answered at two occasions."""


def panel_gate(
    study: LoadedStudy, analyses: Mapping[AnalysisSpec, ProtectedAnalysis], release: Release
) -> dict[AnalysisSpec, ProtectedAnalysis]:
    """Withhold the analyses that tell too much beside each other or beside the tables."""
    found = dict(analyses)
    for family in _families(found):
        for spec in _too_many(study, family):
            found[spec] = withheld(found[spec])
    for spec, analysis in found.items():
        if not analysis.is_shown or spec.kind not in OF_PAIRS:
            continue
        if analysis.told_by & _told(study, spec, found, release):
            found[spec] = withheld(analysis)
        elif _follows_in_groups(study, spec, release):
            if spec.kind not in ACROSS_WAVES:
                found[spec] = withheld(analysis)
            elif analysis.plain is not None:
                found[spec] = analysis.plain
    return found


# --- groups that filters set apart ------------------------------------------------------


def _families(analyses: Mapping[AnalysisSpec, ProtectedAnalysis]) -> list[list[AnalysisSpec]]:
    """Group the analyses that differ in filters and groups alone."""
    families: dict[AnalysisSpec, list[AnalysisSpec]] = {}
    for spec, analysis in analyses.items():
        if analysis.is_shown and spec.kind in UNLINKED:
            families.setdefault(_about(spec), []).append(spec)
    return [family for family in families.values() if len(family) > 1]


def _about(spec: AnalysisSpec) -> AnalysisSpec:
    by = spec.by if spec.kind in ACROSS_WAVES else ""
    return replace(spec, where="", by=by)


class _Part(NamedTuple):
    """Respondents that an analysis sets apart, per survey."""

    spec: AnalysisSpec
    inside: dict[str, Bools]


def _too_many(study: LoadedStudy, family: Sequence[AnalysisSpec]) -> set[AnalysisSpec]:
    """Return analyses that must go so that no difference between the others is of few persons."""
    views = {spec: analysis_view(study, spec) for spec in family}
    view = analysis_view(study, _about(family[0]))
    parts = [part for spec in family for part in _parts(spec, views[spec])]
    safe: dict[bytes, bool] = {}
    gone: set[AnalysisSpec] = set()
    while True:
        left = [part for part in parts if part.spec not in gone]
        atoms = _atoms(left)
        unsafe = next((a for a in atoms if not _is_safe(study, view, a.inside, safe)), None)
        if unsafe is None:
            return gone
        persons = {spec: int(found.inside.sum()) for spec, found in views.items()}
        gone.add(min(_joining(unsafe, atoms), key=lambda s: (persons[s], s.where, s.by)))


def _parts(spec: AnalysisSpec, view: View) -> Iterable[_Part]:
    """Yield whom an analysis is about, and its groups."""
    whole = {name: part.inside for name, part in view.surveys.items()}
    yield _Part(spec, whole)
    if spec.by and spec.kind not in ACROSS_WAVES:
        labels, codes = view.groups(spec.by, spec.option("period"))
        for place in range(len(labels)):
            yield _Part(spec, {**whole, spec.survey: view.inside & (codes == place)})


class _Atom(NamedTuple):
    """A group that the parts set apart: the analyses that each part is of, and who is in it."""

    owners: tuple[AnalysisSpec, ...]
    holds: tuple[bool, ...]
    inside: dict[str, Bools]


def _atoms(parts: Sequence[_Part]) -> list[_Atom]:
    """Cut everybody into the groups that the parts set apart."""
    owners = tuple(part.spec for part in parts)
    matrices = {s: np.array([part.inside[s] for part in parts]) for s in parts[0].inside}
    patterns = {
        tuple(pattern)
        for matrix in matrices.values()
        for pattern in np.unique(matrix, axis=1).T.tolist()
        if any(pattern)
    }
    return [
        _Atom(
            owners,
            pattern,
            {s: (m == np.array(pattern)[:, None]).all(axis=0) for s, m in matrices.items()},
        )
        for pattern in sorted(patterns)
    ]


def _joining(atom: _Atom, atoms: Sequence[_Atom]) -> set[AnalysisSpec]:
    """Return the analyses without which a group is one with another, or in none."""
    holding = {s for s, holds in zip(atom.owners, atom.holds, strict=True) if holds}
    found = holding if len(holding) == 1 else set()
    for other in atoms:
        pairs = zip(atom.owners, atom.holds, other.holds, strict=True)
        between = {spec for spec, one, two in pairs if one != two}
        found |= between if len(between) == 1 else set()
    return found or holding


def _is_safe(
    study: LoadedStudy, view: View, inside: Mapping[str, Bools], known: dict[bytes, bool]
) -> bool:
    key = b"".join(np.packbits(mask).tobytes() for mask in inside.values())
    if key not in known:
        surveys = {s: replace(part, inside=inside[s]) for s, part in view.surveys.items()}
        own = surveys[view.spec.survey]
        try:
            made = analyse(replace(view, inside=own.inside, surveys=surveys))
        except AnalysisError:
            known[key] = not any(mask.any() for mask in inside.values())
        else:
            known[key] = not has_small(made.counts, study.folder.study.protection)
    return known[key]


# --- beside the tables ---------------------------------------------------------------------


def _told(
    study: LoadedStudy,
    spec: AnalysisSpec,
    analyses: Mapping[AnalysisSpec, ProtectedAnalysis],
    release: Release,
) -> set[int]:
    """Return the occasions whose answers to a question are told by tables or other analyses."""
    if not study.folder.study.surveys[spec.survey].occasion:
        return set()
    when = analysis_view(study, spec).occasions()
    each = set(np.unique(when).tolist())
    found: set[int] = set()
    for table in _tables_about(study, spec, (table.spec for table in release.tables)):
        found |= _occasions_of(study, table, when)
    for other, analysis in analyses.items():
        is_other = other != spec and analysis.is_shown and other.survey == spec.survey
        if is_other and set(other.questions) & set(spec.questions):
            found |= {1} if other.kind == "ever" else set()
            found |= each if other.kind in ACROSS_WAVES else set()
    return found


def _occasions_of(study: LoadedStudy, table: TableSpec, when: NDArray[np.int64]) -> set[int]:
    """Return the occasions that a table tells apart; all of them together are `ALL`."""
    occasion = study.folder.study.surveys[table.survey].occasion or ""
    seen = set(np.unique(when[_inside(study, table)]).tolist())
    is_apart = occasion in table.by or len(seen) < len(np.unique(when))
    return seen if is_apart else {ALL}


def _follows_in_groups(study: LoadedStudy, spec: AnalysisSpec, release: Release) -> bool:
    """Tell whether tables by groups, of both occasions, give what all changed another meaning.

    Where such a table hides something, what changed could bring it nearer. Where
    none does, the answers of a group before and after say how its members
    changed, but for those whose changes cancel out.
    """
    view = analysis_view(study, spec)
    shown = {table.spec: table.n_hidden for table in release.tables}
    if spec.option("since"):
        return len(set(_waves_by_group(study, view, shown))) > 1
    declared = study.folder.study.surveys[spec.survey].occasion or ""
    occasion = spec.by if spec.kind in ACROSS_WAVES else declared
    if not occasion or study.coded[spec.survey].person is None:
        return False
    when = view.occasions() if occasion == declared else view.categorical(occasion).codes + 1
    seen: dict[str, set[int]] = {}
    n_hidden: dict[str, int] = {}
    for table in _tables_about(study, spec, shown):
        for group in {*table.by, *_named(table.where)} - {occasion, *spec.questions}:
            own = set(np.unique(when[_inside(study, table)]).tolist())
            seen[group] = seen.get(group, set()) | {n for n in own if n > 0}
            n_hidden[group] = n_hidden.get(group, 0) + shown[table]
    return any(
        n_hidden[group] or occasion != declared or not _cancels_out(study, view, group)
        for group, own in seen.items()
        if len(own) > 1
    )


def _cancels_out(study: LoadedStudy, view: View, group: str) -> bool:
    """Tell whether changes within groups are many, or cancel out enough not to be told."""
    policy = study.folder.study.protection
    names = [(name, view.spec.option(name)) for name in ("first", "option", "second")]
    spec = replace(view.spec, kind="transitions", by="", options=tuple(n for n in names if n[1]))
    try:
        labels, codes = view.groups(group)
    except AnalysisError:
        return False
    for item in view.items():
        both = [
            analyse(
                replace(
                    view,
                    spec=replace(spec, questions=(item,)),
                    inside=view.inside & (codes == place),
                )
            ).counts
            for place in range(len(labels))
        ]
        is_small = any(has_small(counts, policy) for counts in both)
        slack = sum(min(lost, gained) for _, lost, gained, _ in both)
        if is_small and slack < policy.interval_width:
            return False
    return True


def _waves_by_group(study: LoadedStudy, view: View, tables: Iterable[TableSpec]) -> Iterator[str]:
    """Yield the surveys, as waves, of which a table has the answers of groups."""
    surveys = [*view.spec.option("since").split("|"), view.spec.survey]
    if any(study.coded[survey].person is None for survey in surveys):
        return
    for item in view.items():
        for survey, wave in zip(surveys, waves_of(view, item), strict=True):
            asked = replace(view.spec, survey=survey, questions=(wave.name,))
            for table in _tables_about(study, asked, tables):
                if table.by or table.where:
                    yield survey


def _tables_about(
    study: LoadedStudy, spec: AnalysisSpec, tables: Iterable[TableSpec]
) -> list[TableSpec]:
    """Return the tables about some question of an analysis, or what is recoded from it."""
    data = study.coded[spec.survey]
    asked = {*spec.questions}
    asked |= {item for name in spec.questions for item in data.grids.get(name, ())}
    asked |= {grid for grid, items in data.grids.items() if asked & set(items)}
    questions = study.folder.codebooks[spec.survey].questions
    asked |= {question.id for question in questions if question.recode in asked}
    return [
        table
        for table in tables
        if table.survey == spec.survey
        and ({table.question, *table.by} | _named(table.where)) & asked
    ]


def _inside(study: LoadedStudy, table: TableSpec) -> Bools:
    return respondents(study, table.survey, filter_text(study, table.survey, table.where))


def _named(where: str) -> set[str]:
    try:
        return set(names_in(parse(where))) if where.strip() else set()
    except ExpressionError:
        return set()
