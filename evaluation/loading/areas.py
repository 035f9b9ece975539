"""The areas that are shipped: Sweden's 21 counties with number, letters and names."""

from __future__ import annotations

import csv
from functools import cache

from evaluation.codebook.hierarchy import Area
from evaluation.loading.templates import template_folder

_NAMES = ("code", "number", "name", "county", "region")


@cache
def known_areas() -> tuple[Area, ...]:
    """Return the counties; their code is the official number, ``01`` to ``25``."""
    file = template_folder("neutral") / "charts" / "counties.csv"
    with file.open(encoding="utf-8", newline="") as content:
        return tuple(
            Area(
                row["number"],
                row["county"],
                # Spreadsheets drop the nought of 01.
                frozenset({row[name].casefold() for name in _NAMES} | {row["number"].lstrip("0")}),
            )
            for row in csv.DictReader(content)
        )
