"""Themes: colours, fonts and measures of a report, in one YAML each.

``templates/<theme>/theme.yaml``; ``base: neutral`` inherits whatever it does
not say, files (templates, logos) included.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import yaml

from evaluation.kept import packaged
from evaluation.places import templates_root

if TYPE_CHECKING:
    from pathlib import Path

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

HEAD_PARTS = ("publisher", "series", "title")
"""What the pattern of a running head may name."""


@dataclass(frozen=True, slots=True)
class Theme:
    """The look of a report.

    Attributes
    ----------
    name
        Folder name.
    folders
        Where to look for a file of the theme, nearest first (the theme, its base …).
    primary, accent, ink, muted, rule, surface, background, link
        Colours as ``#rrggbb``: headings and bars; highlights; text; secondary
        text; table rules; boxes; page; links.
    categorical, scale, missing
        Chart colours: unordered series; an ordered scale from positive to
        negative, interpolated by the chart code for 2 to 7 steps; "vet inte".
    font, font_files
        Family name, and its font files relative to the theme folders.
    logo, logo_alt
        Picture for the cover, "" for none.
    running_head
        Pattern of the text at the head of each page, with ``{publisher}``,
        ``{series}`` and ``{title}``; "" for the product's own.
    number_tables, uppercase_headings
        Whether tables and charts are numbered; levels of headings in capitals.
        These three a study may decide otherwise.
    """

    name: str
    folders: tuple[Path, ...]
    primary: str = "#0b3c5d"
    accent: str = "#b45f06"
    ink: str = "#1a1a1a"
    muted: str = "#4d4d4d"
    rule: str = "#8a8a8a"
    surface: str = "#f2f5f8"
    background: str = "#ffffff"
    link: str = "#0b4f7d"
    categorical: tuple[str, ...] = (
        "#0b3c5d",
        "#c77f1e",
        "#3d7ea6",
        "#a94d28",
        "#6f8f36",
        "#6a4c7d",
    )
    scale: tuple[str, ...] = ("#0b3c5d", "#3d7ea6", "#a9cce3", "#f3d9a4", "#e3a857", "#a8620d")
    missing: str = "#b9b9b9"
    font: str = "Source Sans 3"
    font_files: tuple[str, ...] = ()
    logo: str = ""
    logo_alt: str = ""
    running_head: str = ""
    number_tables: bool = True
    uppercase_headings: tuple[int, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    def file(self, name: str) -> Path:
        """Return the nearest file of that name in the theme or its bases.

        Raises
        ------
        FileNotFoundError
            If no folder of the theme holds it.
        """
        for folder in self.folders:
            if (folder / name).is_file():
                return folder / name
        raise FileNotFoundError(name)


def load_theme(name: str, extra_roots: tuple[Path, ...] = ()) -> Theme:
    """Read a theme and the themes that it is based on.

    Parameters
    ----------
    name
        Folder name under one of the roots.
    extra_roots
        Searched before the product's own (a study's ``themes/``).

    Raises
    ------
    FileNotFoundError
        If there is no such theme.
    """
    settings: dict[str, Any] = {}
    folders: list[Path] = []
    wanted = name
    while wanted:
        folder = _find(wanted, (*extra_roots, templates_root()))
        if folder in folders:
            break
        folders.append(folder)
        own = packaged(folder / "theme.yaml", read_yaml) or {}
        wanted = own.pop("base", "")
        settings = {**own, **settings}
    known = {f.name for f in fields(Theme)} - {"name", "folders", "extra"}
    values: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v for k, v in settings.items() if k in known
    }
    extra = {k: v for k, v in settings.items() if k not in known}
    return Theme(name=name, folders=tuple(folders), extra=extra, **values)


def read_yaml(path: Path) -> Any:
    """Read a YAML file of a theme."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 (a safe one)


def _find(name: str, roots: tuple[Path, ...]) -> Path:
    for root in roots:
        if (root / name / "theme.yaml").is_file():
            return root / name
    raise FileNotFoundError(f"{name}/theme.yaml")
