"""Whether a theme can be used: there, readable, its keys known, its files in place."""

from __future__ import annotations

from dataclasses import fields
from string import Formatter
from typing import TYPE_CHECKING, Any

import yaml

from evaluation.kept import packaged
from evaluation.places import templates_root
from evaluation.problems import Problem, Severity, nearest
from evaluation.rendering.theme import HEAD_PARTS, Theme, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

FILE = "theme.yaml"
_EXTRA_KEYS = ("base", "dark", "web_fonts")
_LISTS = ("categorical", "scale", "font_files", "web_fonts", "uppercase_headings")


def check_theme_files(name: str, extra_roots: tuple[Path, ...] = ()) -> tuple[Problem, ...]:
    """Check a theme and those that it is based on, before anything is drawn with them.

    Parameters
    ----------
    name
        As in ``study.yaml``.
    extra_roots
        Searched before the product's own (a study's ``themes/``).

    Returns
    -------
    Problems with their place: ``theme-missing``, ``theme-unreadable``,
    ``theme-form`` and ``theme-file`` stop, ``theme-key`` warns.
    """
    roots = (*extra_roots, templates_root())
    problems: list[Problem] = []
    folders: list[Path] = []
    named: list[tuple[str, str, str]] = []
    wanted, asked_by = name, "study.yaml"
    while wanted:
        folder = next((r / wanted for r in roots if (r / wanted / FILE).is_file()), None)
        if folder is None:
            problems.append(_missing(wanted, asked_by, roots))
            break
        if folder in folders:
            break
        folders.append(folder)
        asked_by = f"{wanted}/{FILE}"
        settings, found = _settings(folder / FILE, asked_by)
        problems += found
        named += _files(settings, asked_by)
        wanted = str(settings.get("base") or "")
    problems += [
        Problem("theme-file", Severity.STOP, file=file, column=key, value=path)
        for file, key, path in named
        if path and not any((folder / path).is_file() for folder in folders)
    ]
    return tuple(problems)


def _missing(name: str, file: str, roots: tuple[Path, ...]) -> Problem:
    known = sorted({p.parent.name for root in roots for p in root.glob(f"*/{FILE}")})
    return Problem("theme-missing", Severity.STOP, file=file, value=name, expected=", ".join(known))


def _settings(path: Path, file: str) -> tuple[dict[str, Any], list[Problem]]:
    """Read one file; a value of the wrong form is a problem and left out."""
    try:
        read = packaged(path, read_yaml) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        row = mark.line + 1 if mark else 0
        return {}, [Problem("theme-unreadable", Severity.STOP, file=file, row=row)]
    if not isinstance(read, dict):
        return {}, [Problem("theme-unreadable", Severity.STOP, file=file)]
    known = [f.name for f in fields(Theme) if f.name not in ("name", "folders", "extra")]
    known += _EXTRA_KEYS
    problems = []
    for key, value in read.items():
        if key not in known:
            problems.append(
                Problem(
                    "theme-key", Severity.WARN, file=file, column=str(key),
                    value=str(key), expected=nearest(str(key), known) or ", ".join(known),
                )
            )  # fmt: skip
        elif not isinstance(value, _form(key)) or not _is_usable(key, value):
            problems.append(Problem("theme-form", Severity.STOP, file=file, column=str(key)))
    return {k: v for k, v in read.items() if isinstance(v, _form(k))}, problems


def _is_usable(key: str, value: Any) -> bool:
    """Whether a value of the right form says something that can be followed."""
    if key == "running_head":
        return _names(value) <= set(HEAD_PARTS)
    if key == "uppercase_headings":
        return all(isinstance(level, int) and 1 <= level <= 6 for level in value)
    return bool(value) or key not in _LISTS


def _names(pattern: str) -> set[str]:
    """Return what a pattern leaves open; one that cannot be read leaves open what nobody knows."""
    try:
        return {name for _, name, _, _ in Formatter().parse(pattern) if name is not None}
    except ValueError:
        return {pattern}


def _form(key: str) -> type:
    if key == "dark":
        return dict
    if key == "number_tables":
        return bool
    return list if key in _LISTS else str


def _files(settings: dict[str, Any], file: str) -> list[tuple[str, str, str]]:
    """Return the files that a theme names: (theme file, key, path)."""
    named = [(file, "logo", settings.get("logo", ""))]
    named += [(file, "font_files", str(path)) for path in settings.get("font_files", ())]
    named += [
        (file, "web_fonts", str(face.get("file", "")) if isinstance(face, dict) else str(face))
        for face in settings.get("web_fonts", ())
    ]
    return named
