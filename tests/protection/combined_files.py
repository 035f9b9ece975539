"""A combined study on disk: settings, codebook, data, map and one chapter."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import yaml

from tests.protection.combined_kinds import INVALID, LACKING
from tests.protection.reader import MISSING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.protection.combined_kinds import Respondent
    from tests.protection.combined_study import Questions, Study

NUMBER_OUT_OF_RANGE, WILL_NOT_ANSWER = "99", "8"
ROUTED_OPTIONS = {
    "f": ("Sökte du hjälp?", {"f1": "Sökte", "f2": "Sökte inte"}),
    "h": ("Fick du hjälp?", {"h1": "Fick", "h2": "Fick inte"}),
}
CUTS = {
    "nk": ([0, 2], {"low": "Under två", "high": "Två eller fler"}),
    "nl": ([0, 1], {"zero": "Ingen", "some": "Någon"}),
}
"""How a number is cut: the bins, and the options that they are."""


def write_combined(folder: Path, study: Study) -> Path:
    """Write a study; return its folder."""
    known = study.questions
    (folder / "data").mkdir(parents=True)
    (folder / "chapters").mkdir()
    _dump(folder / "study.yaml", _settings(study))
    _dump(folder / "s.yaml", {"title": "Enkät", "questions": _listed(known, study.hidden)})
    if known.has_map_file:
        rows = [[u, known.association_of[u], known.county_of[u]] for u in known.units]
        _write(folder / "data" / "units.csv", [["unit", "assoc", "county"], *rows])
    lines = [[c for name in known.columns for c in _cells(known, name, p)] for p in study.people]
    heads = [head for name in known.columns for head in _heads(known, name)]
    _write(folder / "data" / "s.csv", [heads, *lines])
    chapter = "# Resultat\n\n" + "\n\n".join(study.tables) + "\n"
    (folder / "chapters" / "1.md").write_text(chapter, encoding="utf-8")
    return folder


def _settings(study: Study) -> dict[str, Any]:
    survey = {
        "title": "Enkät",
        "data": "data/s.csv",
        "unit": "unit",
        "intake": {"minimum_answered": 1, "complete_share": 0},
    }
    if study.similar in study.questions.derived:
        survey["similar"] = study.similar
    settings: dict[str, Any] = {"title": "Prov", "publisher": "P", "year": 2026, "language": "sv"}
    if study.questions.has_map_file:
        settings["hierarchy"] = "data/units.csv"
    protection = {"method": "suppress", **study.policy}
    return settings | {"surveys": {"s": survey}, "protection": protection}


def _listed(known: Questions, hidden: frozenset[str]) -> list[dict[str, Any]]:
    """Return the questions of the codebook, each with what is derived of it below."""
    asked = {"unit": _unit, "gender": _gender, "g": _grid, "q": _net, "m": _several, "num": _number}
    listed: list[dict[str, Any]] = []
    for name in (*asked, *ROUTED_OPTIONS):
        if name not in known.base:
            continue
        listed.append(asked[name](known) if name in asked else _routed(known, name))
        columns = known.columns_of(name)
        derived = [made for made, (source, _) in known.derived.items() if source in columns]
        listed += [_derived(known, made) for made in derived if not _is_in_map_file(known, made)]
    return [q | {"hidden": True} if q["id"] in hidden else q for q in listed]


def _unit(known: Questions) -> dict[str, Any]:
    options = {unit: f"Enhet {unit}" for unit in known.units}
    return {"id": "unit", "text": "Enhet", "type": "single", "role": "unit", "options": options}


def _gender(_: Questions) -> dict[str, Any]:
    options = {"w": "Kvinna", "m": "Man"}
    text, role = "Kön", "background"
    return {"id": "gender", "text": text, "type": "single", "role": role, "options": options}


def _grid(known: Questions) -> dict[str, Any]:
    return {
        "id": "g",
        "text": "Hur nöjd med",
        "type": "grid",
        "ordered": True,
        "options": {"1": "Nöjd", "2": "Delvis", "3": "Inte"},
        "items": {item: f"sak {item}" for item in known.items},
        "nets": {"Nöjda": ["1", "2"]},
    }


def _net(known: Questions) -> dict[str, Any]:
    labels = {"1": "Ofta", "2": "Sällan", "3": "Aldrig"}
    options = [{"code": code, "label": label} for code, label in labels.items()]
    if known.q_has_missing_option:
        lacking = {"code": WILL_NOT_ANSWER, "label": "Vill inte svara", "missing": LACKING}
        options.append(lacking)
    nets = {"Utsatt": ["1", "2"]}
    said = {"id": "q", "text": "Utsatt?", "type": "single", "ordered": True}
    return said | {"options": options, "nets": nets}


def _several(known: Questions) -> dict[str, Any]:
    """Several answers: in one column, or one column each where none chosen is an answer."""
    apart = known.none_chosen_is_answer
    said = {"none_chosen": "answered"} if apart else {"separator": ";"}
    options = [
        {"code": code, "label": f"Val {code}"}
        | ({"exclusive": True} if code == "none" else {})
        | ({"column": f"m_{code}"} if apart else {})
        for code in known.m_codes
    ]
    return {"id": "m", "text": "Av vem?", "type": "multiple", **said, "options": options}


def _number(_: Questions) -> dict[str, Any]:
    said = {"id": "num", "text": "Antal gånger?", "type": "number"}
    return said | {"minimum": 0, "maximum": 50}


def _routed(known: Questions, name: str) -> dict[str, Any]:
    text, options = ROUTED_OPTIONS[name]
    said = {"id": name, "text": text, "type": "single", "asked_if": known.asked[name]}
    return said | {"options": options}


def _derived(known: Questions, name: str) -> dict[str, Any]:
    source, codes = known.derived[name]
    kind = "multiple" if source == "m" else "single"
    said = {"id": name, "text": f"Härledd {name}", "type": kind, "recode": source}
    if name in CUTS:
        bins, labels = CUTS[name]
        return said | {"bins": bins, "options": labels}
    groups: dict[str, list[str]] = {}
    for code, group in codes.items():
        groups.setdefault(group, []).append(code)
    options = [
        {"code": group, "label": f"Grupp {name} {group}", "values": values}
        | ({"exclusive": True} if group == "none" else {})
        for group, values in groups.items()
    ]
    return said | {"options": options}


def _is_in_map_file(known: Questions, name: str) -> bool:
    return known.has_map_file and name in ("assoc", "county")


def _heads(known: Questions, name: str) -> list[str]:
    if name == "m" and known.none_chosen_is_answer:
        return [f"m_{code}" for code in known.m_codes]
    return [name]


def _cells(known: Questions, name: str, person: Respondent) -> list[str]:
    """Return what stands in the data file for one answer."""
    value = person[name]
    if name == "m" and known.none_chosen_is_answer:
        return ["" if value in MISSING else str(int(code in value)) for code in known.m_codes]
    if isinstance(value, frozenset):
        return [";".join(sorted(value))]
    if value == INVALID:
        return [NUMBER_OUT_OF_RANGE]
    if value == LACKING and name == "q" and known.q_has_missing_option:
        return [WILL_NOT_ANSWER]
    return ["" if value in MISSING else value]


def _dump(path: Path, said: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(said, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _write(path: Path, lines: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)
