"""What every protection method takes, and what those that change counts give."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from evaluation.protection.links import Links

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evaluation.codebook.schema import Protection
    from evaluation.protection.perturbed import Changed
    from evaluation.protection.weighted import Weighing
    from evaluation.tables.table import Table

TidyRow = dict[str, object]
"""A row of ``tables.csv``: one cell, keys as in the contract."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a reader holds beside the release.

    Attributes
    ----------
    links
        Relations between variables.
    previous
        Earlier releases, each as the rows of its ``tables.csv``.
    keyed
        Beside each table one whose weighted counts are sums of respondents' keys.
    weighings
        What a reader knows of the weights by which tables are weighted.
    """

    links: Links = field(default_factory=Links)
    previous: Sequence[Sequence[Mapping[str, object]]] = ()
    keyed: Sequence[Table] = ()
    weighings: Sequence[Weighing] = ()


class ChangingMethod(Protocol):
    """A way to change the counts of one release."""

    def __call__(
        self, tables: Sequence[Table], policy: Protection, surroundings: Surroundings
    ) -> Changed:
        """Return all counts changed; what of them is then hidden, an audit says."""
        ...  # pragma: no cover
