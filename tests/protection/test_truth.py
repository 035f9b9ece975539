"""Every equation that the audit writes down holds of the answers behind the release.

An equation that is false contradicts others: the audit then gives up what it takes
for granted of zeros, and the release hides more than it must.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import lil_matrix

from evaluation.protection import audit, audit_joint, audit_whole
from evaluation.protection.audit import AuditPolicy, audit_release
from evaluation.protection.audit_cells import read_cells
from evaluation.protection.audit_equations import write_equations
from evaluation.protection.audit_filters import name_filtered
from evaluation.protection.audit_whole import part_tables
from tests.protection.drawn import UNITS, World, draw, run, write_study
from tests.protection.reader import read_rows

if TYPE_CHECKING:
    from pathlib import Path

    from evaluation.protection.audit_cells import Key, Reading
    from evaluation.protection.audit_equations import Equations

Person = dict[str, Any]
ACROSS = World(
    tables=(
        '{{ table("s.q", by="gender") }}',
        '{{ table("s.gender", by="q", percents="row") }}',
        '{{ table("s.q", by="unit", percents="total", margin="everyone") }}',
        '{{ table("s.m", by="gender", where=\'"m1" in m\') }}',
        '{{ table("s.f", by="assoc", where=\'q in (1, 2)\') }}',
    )
)
OWN = World(
    tables=(
        '{{ table("s.unit", where=\'unit != "u1"\') }}',
        '{{ table("s.q", by="gender", where="q == 1") }}',
        '{{ table("s.q", by="assoc", where=\'gender != "w"\') }}',
        '{{ table("s.gender", by="county", where=\'county != "c1"\', percents="row") }}',
        '{{ table("s.f", where=\'f != "f2"\') }}',
        '{{ table("s.m", by="unit") }}',
    )
)


def _values(person: Person) -> dict[str, Any]:
    """Return what a respondent answered: a code, a set of codes, or a kind of missing."""
    lacks = "item_nonresponse"
    chosen = frozenset(filter(None, person["m"].split(";")))
    return {
        "unit": person["unit"],
        "assoc": UNITS[person["unit"]][0],
        "county": UNITS[person["unit"]][1],
        "gender": person["gender"] or lacks,
        "q": person["q"] or lacks,
        "f": (person["f"] or lacks) if person["q"] == "1" else "not_asked",
        "m": chosen or person.get("nothing", lacks),
    }


def _is_true(stated: str, person: dict[str, Any]) -> bool | None:
    """Tell whether a condition is true of a respondent, None where it is none of answers."""
    text = stated.removeprefix("not ")
    if text == '?"m1" in m':
        met = "m1" in person["m"]
    else:
        found = re.fullmatch(r"(\w+)(!?)=(.+)", text)
        if not found or found[1] not in person:
            return None
        value = person[found[1]]
        lacks = value in ("item_nonresponse", "not_asked")
        codes = set(found[3].removeprefix("net:").split("+"))
        given = set() if lacks else value if isinstance(value, frozenset) else {value}
        met = not lacks if codes == {"*"} else bool(codes & given) or value in codes
        met = met != bool(found[2]) and not (found[2] and lacks)
    return met if text == stated else not met


def _truth(key: Key, people: list[dict[str, Any]]) -> int | None:
    met = [[_is_true(stated, person) for stated in key[1]] for person in people]
    return None if any(None in one for one in met) else sum(map(all, met))


def _contradicted(equations: Equations, people: list[dict[str, Any]]) -> float:
    """Return by how much equations and bounds miss the truth, at best, of all they tell."""
    keys = dict.fromkeys(key for one in equations.equations for key in one)
    truth = {key: _truth(key, people) for key in (*keys, *equations.low, *equations.high)}
    free = {key: i for i, key in enumerate(key for key in keys if truth[key] is None)}
    n, m = len(free), len(equations.equations)
    matrix, right = lil_matrix((m, n + 2 * m)), np.zeros(m)
    for row, equation in enumerate(equations.equations):
        for key, value in equation.items():
            if key in free:
                matrix[row, free[key]] = value
            else:
                right[row] -= value * truth[key]
        matrix[row, n + row], matrix[row, n + m + row] = 1.0, -1.0
    bounds = [(equations.low.get(key, 0.0), equations.high.get(key)) for key in free]
    cost = np.r_[np.zeros(n), np.ones(2 * m)]
    found = linprog(cost, A_eq=matrix.tocsr(), b_eq=right, bounds=[*bounds, *[(0, None)] * 2 * m])
    assert found.status == 0, found.message
    outside = [
        *(low - (truth[key] or 0) for key, low in equations.low.items() if key not in free),
        *((truth[key] or 0) - high for key, high in equations.high.items() if key not in free),
        *(abs(n - truth[key]) for key, n in equations.values.items() if truth.get(key) is not None),
    ]
    return float(found.fun) + sum(miss for miss in outside if miss > 1e-6)


def _read(out: Path) -> tuple[Reading, dict[str, Any]]:
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    structure = manifest["protection"]["settings"]["structure"]
    reading = read_cells(read_rows(out), frozenset(structure["everyone"]))
    reading.n_own = len(reading.cells)
    name_filtered(reading, structure)
    return reading, structure


def _publish(folder: Path, people: list[Person], world: World, *, nothing: bool = False) -> Path:
    plain = [{k: v for k, v in person.items() if k != "nothing"} for person in people]
    study = write_study(folder / "study", plain, world)
    if nothing:  # one column per option, and to choose none of them is an answer
        codebook = (study / "s.yaml").read_text(encoding="utf-8")
        codebook = codebook.replace('separator: ";"', "none_chosen: answered")
        codebook = re.sub(r"\{code: (m\d|none), (.*?)\}", r"{code: \1, column: m_\1, \2}", codebook)
        (study / "s.yaml").write_text(codebook.replace(", exclusive: true", ""), encoding="utf-8")
        columns = ("m1", "m2", "none")
        lines = [f"unit,county,gender,q,f,{','.join(f'm_{c}' for c in columns)}"]
        for person in people:
            chosen = person["m"].split(";")
            cells = [str(int(c in chosen)) if "nothing" in person else "" for c in columns]
            own = [person["unit"], UNITS[person["unit"]][1], person["gender"], person["q"]]
            lines.append(",".join([*own, person["f"], *cells]))
        (study / "data" / "s.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    out = folder / "out"
    run("report", study, "--to", "csv", "--out", out, "--quiet")
    return out


def _all_hold(out: Path, people: list[Person]) -> None:
    reading, structure = _read(out)
    listed = [_values(person) for person in people]
    plain = write_equations(reading, structure)
    assert any(cell.n is None for cell in reading.cells)
    assert _contradicted(plain, listed) == pytest.approx(0, abs=1e-5)
    for joint in audit_joint.joint_tables(reading, plain, structure):
        assert _contradicted(joint, listed) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("world", [World(), ACROSS, OWN], ids=["plain", "across", "own"])
def test_every_equation_of_the_audit_holds_of_the_answers(
    tmp_path: Path, world: World, seed: int
) -> None:
    people = draw(seed, 40, missing=0.15)
    _all_hold(_publish(tmp_path, people, world), people)


def test_who_chose_nothing_may_have_answered(tmp_path: Path) -> None:
    people = draw(1, 40, missing=0.15)
    for number, person in enumerate(people):
        if person["m"]:
            person["nothing"] = frozenset()
        if number % 3 == 0:
            person["m"] = ""
    assert sum(not person["m"] and "nothing" in person for person in people) > 5
    _all_hold(_publish(tmp_path, people, World(), nothing=True), people)


# --- a margin of those who answered what everybody answered --------------------------


def _row(table: str, row: str, column: str, n: int | None, where: str = "") -> dict[str, str]:
    (name, code), (col_var, col_code) = row.split(":"), column.split(":")
    return {
        "table": table, "survey": "s", "question": name, "row_var": name, "row_code": code,
        "row_label": code, "col_var": col_var, "col_code": col_code, "col_label": col_code,
        "where": where, "weight": "", "n": "" if n is None else str(n), "wn": "", "percent": "",
        "base_n": "", "base_wn": "", "status": "shown" if n is not None else "secondary",
    }  # fmt: skip


def _crosstab_of_some(lacking: int | None, where: str) -> list[dict[str, str]]:
    """Return answers of all, and by unit of those who gave certain answers to another question."""
    kinds = ("item_nonresponse", "not_asked", "invalid")
    rows = [_row("u", f"unit:{code}", ":total", n) for code, n in (("a", 20), ("b", 26))]
    rows += [_row("u", "unit:total", ":total", 46)]
    rows += [_row("u", f"unit:{kind}", ":total", lacking) for kind in kinds]
    rows += [_row("f", f"f:{c}", ":total", n) for c, n in (("f1", 13), ("f2", 33), ("total", 46))]
    of = {"f1": 12, "f2": 28, "total": 40}
    for code, n in of.items():
        rows += [_row("x", f"f:{code}", f"unit:{u}", None, where) for u in ("a", "b")]
        rows.append(_row("x", f"f:{code}", "unit:total", n, where))
    return rows


@pytest.mark.parametrize("is_laid_out", [True, False])
def test_a_margin_of_what_nobody_lacks_is_a_count_of_all(
    monkeypatch: pytest.MonkeyPatch, *, is_laid_out: bool
) -> None:
    where = "q in (1, 3)" if is_laid_out else "q != 2"
    if not is_laid_out:
        monkeypatch.setattr(audit, "joint_tables", lambda *_: [])
    policy = AuditPolicy(structure={"known": ["s.unit"]})
    found = audit_release(_crosstab_of_some(0, where), policy)
    # 13 of all, 12 with these answers: exactly one gave another
    assert "f:f1" in {leak.row for leak in found if leak.low == 1}
    hidden = audit_release(_crosstab_of_some(None, where), policy)
    assert not [leak for leak in hidden if leak.low == 1 and leak.row == "f:f1"]


def test_questions_that_are_too_many_together_are_laid_out_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = draw(2, 40)
    reading, structure = _read(_publish(tmp_path, people, ACROSS))
    found = write_equations(reading, structure)
    sizes = []
    monkeypatch.setattr(audit_whole, "_laid_out", lambda known, *_: sizes.append(known.size))
    monkeypatch.setattr(audit_whole, "LARGEST", 40)
    list(part_tables(reading, found, structure, "s"))
    assert sizes
    assert max(sizes) <= 40
