"""The gate: all tables of a release go in together, protected tables come out.

Everything that is published at once must pass here at once, because linked
tables give each other away.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from evaluation.protection.links import Links
from evaluation.protection.methods.interface import Surroundings
from evaluation.protection.methods.none import pass_all

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from evaluation.codebook.schema import Protection
    from evaluation.protection.methods.interface import ChangingMethod
    from evaluation.protection.release import Leak, Release
    from evaluation.protection.weighted import Weighing
    from evaluation.tables.spec import TableSpec
    from evaluation.tables.table import Table


def protect(
    tables: Sequence[Table],
    policy: Protection,
    *,
    links: Links | None = None,
    previous: Sequence[Sequence[Mapping[str, object]]] = (),
    rebuild: Callable[[TableSpec], Table] | None = None,
    record_keys: Callable[[Sequence[Table]], Sequence[Table]] | None = None,
    fine: Collection[TableSpec] = (),
    weighings: Callable[[Sequence[Table]], Sequence[Weighing]] | None = None,
) -> Release:
    """Protect the tables of one release together.

    Parameters
    ----------
    tables
        Everything that is going to be published at once.
    policy
        From ``study.yaml``.
    links
        What a reader knows of the variables: hierarchy of units, recodes, who
        was asked what; see `links_from_codebooks`.
    previous
        Earlier releases that a reader may hold beside this one, each as the
        rows of its ``tables.csv``.
    rebuild
        Makes the table of another specification; needed where the policy
        declares coarser variables to ``merge`` into.
    record_keys
        Makes tables with sums of respondents' keys as weighted counts, for
        noise that is the same for the same persons.
    fine
        Specifications of tables that are not merged; see `merged`.
    weighings
        Finds by what the weights of weighted tables go, and how cells are
        composed of such classes. Without it that is read from the tables as far as may be.

    Returns
    -------
    Release
        Tables in the order given. Where ``leaks`` is not empty the release
        must not be published.
    """
    if policy.method == "none":
        return pass_all(tables, policy, Surroundings())
    surroundings = Surroundings(links or Links(), previous)
    listed = list(tables)
    if rebuild and policy.merge:
        from evaluation.protection.merge import merged

        listed = merged(tables, policy, surroundings.links, rebuild, fine)
    if weighings and any(table.spec.weight for table in listed):
        surroundings = replace(surroundings, weighings=weighings(listed))
    if policy.method == "suppress":
        from evaluation.protection.rounds import suppress_until_safe

        return suppress_until_safe(listed, policy, surroundings)
    if record_keys:
        surroundings = replace(surroundings, keyed=record_keys(listed))
    from evaluation.protection.rounds import hide_until_safe

    return hide_until_safe(_changing(policy.method)(listed, policy, surroundings), surroundings)


def raw(tables: Sequence[Table]) -> Release:
    """Let everything through for the evaluator's own eyes, marked as raw."""
    return pass_all(tables, None, Surroundings())


def _changing(key: str) -> ChangingMethod:
    """Return a method that changes counts by its key in the policy; imported when asked for."""
    if key == "round":
        from evaluation.protection.methods.rounding import round_counts

        return round_counts
    from evaluation.protection.methods.cell_key import cell_key

    return cell_key


def audit(release: Release, previous: Sequence[Sequence[Mapping[str, object]]] = ()) -> list[Leak]:
    """Attack a release as it is going to be published, together with earlier ones."""
    from evaluation.protection.rounds import audit_gate

    return audit_gate(release, Surroundings(previous=previous)).leaks
