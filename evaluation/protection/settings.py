"""What a release says of itself: the policy, and the structure that an audit needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evaluation.tables.spec import Margin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.protection.catalogue import Catalogue
    from evaluation.protection.rules import Rules
    from evaluation.protection.weighted import Weighing
    from evaluation.tables.table import Table


def release_settings(
    rules: Rules,
    catalogue: Catalogue,
    tables: Sequence[Table],
    weighings: Sequence[Weighing] = (),
) -> dict[str, Any]:
    """Return plain data for the manifest: no count, nothing that tells which cells are small.

    Nor the seed, from which changes could be computed and taken back.

    ``structure`` holds what a table does not say: which questions take several
    answers, whose margin is everyone, how units belong together, by what weights go.
    """
    multiple = [
        f"{survey}.{name}"
        for survey, space in catalogue.spaces.items()
        for name, domain in space.domains.items()
        if domain.is_multiple
    ]
    links = rules.links
    return {
        **rules.policy.model_dump(mode="json", exclude={"seed"}),
        "structure": {
            "multiple": sorted(multiple),
            "everyone": [t.id for t in tables if t.spec.margin is Margin.EVERYONE],
            "percents": {t.id: t.spec.percents.value for t in tables},
            "decimals": {t.id: t.spec.decimals for t in tables},
            "hierarchy": dict(sorted(links.hierarchy.items())),
            "recodes": {
                name: [source, {code: list(codes) for code, codes in groups.items()}]
                for name, (source, groups) in sorted(links.recodes.items())
            },
            "cuts": {
                name: [number, {code: list(bounds) for code, bounds in groups.items()}]
                for name, (number, groups) in sorted(links.cuts.items())
            },
            "grids": {
                survey: found for survey in catalogue.spaces if (found := links.grids(survey))
            },
            "asked_if": dict(sorted(links.asked_if.items())),
            "asked_else": sorted(links.asked_else),
            "exclusive": {name: list(codes) for name, codes in sorted(links.exclusive.items())},
            "choose_none": sorted(links.choose_none),
            "known": sorted(links.known),
            "waves": {
                survey: list(names) for survey, names in sorted(links.waves.items()) if names
            },
            "sensitive": dict(sorted(links.sensitive.items())),
            "weights": {
                f"{classes.survey}.{classes.weight}": list(classes.variables)
                for classes in (weighing.classes for weighing in weighings)
                if classes.is_decided
            },
        },
    }
