"""Write the synthetic answers of this study as the exports that its survey tools would give.

Run ``python surveys/samordningsforbund-2022/synthesize.py [folder]``; without a folder the files
go to ``data/`` beside this one. The same seed writes the same files. Beside the answers that
count, an export holds what real ones hold: tests, a double submission (the later one counts),
answers begun but not finished, empty ones, stray blanks and texts to "Annat, nämligen". What
must become of each row stands in ``data/README.md``.
"""

from __future__ import annotations

import csv
import io
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from draw import (  # noqa: E402 (the study folder is no package)
    Answers,
    Dice,
    Participant,
    draw_forms,
    draw_participants,
    draw_staff,
    read_margins,
)

SEED = 20220331

BLANK_SHARE = 0.02
"""Share of the answered cells that end in a stray blank, as padded exports have them."""

FREE_TEXT = {
    "saknas_utsatta": (
        "Kortare väntetid till samtalskontakt.",
        "Samtalsgrupper på kvällstid.",
        "Fler platser i skyddat boende.",
        "Stöd på fler språk än svenska och engelska.",
        "Någon att ringa när det är bråttom.",
        "Inget, det mesta finns här.",
    ),
    "saknas_barn": (
        "Stödgrupper för barn i vår kommun.",
        "En tydlig väg in till stöd för tonåringar.",
        "Vet för lite om vad som finns.",
    ),
    "barn_anmalan_varfor": (
        "Ärendet var redan känt.",
        "Barnet är vuxet i dag.",
        "Socialtjänsten var redan med på mötet.",
    ),
    "barn_utovat_stod": ("Kommunens familjestöd.", "Elevhälsan."),
    "ovrigt": (
        "Bra att någon frågar.",
        "Frågorna kom lite plötsligt men det gick bra.",
        "Jag hade velat ha frågorna hem i förväg.",
        "Tack för ett bra samtal.",
    ),
}
"""Invented answers in free text."""

ANSWERED_FREE_TEXT = {"saknas_utsatta": 0.3, "saknas_barn": 0.15, "ovrigt": 0.25}
"""Share who wrote something; the other texts have a filter, and all whom it lets through wrote."""

OTHER_TEXT = {
    "befattning": ("Case manager", "Enhetschef", "Coach", "Samverkanskoordinator", "HR"),
    "": ("Familjerådgivningen", "Företagshälsovården", "Elevhälsan", "Hjälp med blanketter"),
}
"""Texts to "Annat, nämligen"."""

Row = dict[str, Any]


# --- answers as cells ----------------------------------------------------------------


def read_codebook(survey: str) -> list[dict[str, Any]]:
    """Read the questions of a codebook, heads of columns filled in."""
    book = yaml.safe_load((HERE / f"{survey}.yaml").read_text(encoding="utf-8"))
    return [{"column": q["text"], **q} for q in book["questions"]]


def question_heads(questions: list[dict[str, Any]]) -> list[str]:
    """List the heads of the answer columns in the order asked."""
    heads = []
    for question in questions:
        options = question.get("options", [])
        per_option = [o["column"] for o in options if "column" in o]
        if not per_option:
            heads.append(question["column"])
        for option in options:
            heads += [option[key] for key in ("column", "other_text") if key in option]
    return heads


def answer_cells(dice: Dice, questions: list[dict[str, Any]], answers: Answers, person: int) -> Row:
    """Write one person's answers as the cells of a row."""
    cells: Row = {}
    for question in questions:
        drawn = answers.get(question["id"], [None] * (person + 1))[person]
        if question["type"] == "text":
            cells[question["column"]] = free_text(dice, question, cells, questions)
        elif drawn is None:
            continue
        else:
            write_choice(dice, question, drawn, cells)
    return cells


def write_choice(dice: Dice, question: dict[str, Any], drawn: Any, cells: Row) -> None:
    """Write a single or multiple answer, with the text to "Annat, nämligen"."""
    options = question["options"]
    chosen = sorted(drawn) if isinstance(drawn, set) else [drawn]
    if "selected" in question:
        for position, option in enumerate(options):
            cells[option["column"]] = "Ja" if position in chosen else "Nej"
    else:
        stray = " " * (dice.share() < BLANK_SHARE)
        cells[question["column"]] = (
            question.get("separator", "").join(options[c]["label"] for c in chosen) + stray
        )
    for position in chosen:
        if "other_text" in options[position]:
            texts = OTHER_TEXT.get(question["id"], OTHER_TEXT[""])
            cells[options[position]["other_text"]] = dice.pick(texts)


def free_text(
    dice: Dice, question: dict[str, Any], cells: Row, questions: list[dict[str, Any]]
) -> str:
    """Return an invented text, or "" for those who wrote none or were not asked."""
    if "asked_if" in question:
        asked, value = (part.strip(' "') for part in question["asked_if"].split("=="))
        head = next(q["column"] for q in questions if q["id"] == asked)
        return dice.pick(FREE_TEXT[question["id"]]) if cells[head].strip() == value else ""
    wrote = dice.share() < ANSWERED_FREE_TEXT[question["id"]]
    return dice.pick(FREE_TEXT[question["id"]]) if wrote else ""


def only_first(row: Row, heads: list[str], answered: int) -> Row:
    """Blank all but the first answers of a row: an answer that was begun."""
    return {head: cell for head, cell in row.items() if head not in heads[answered:]}


def office_hours(moment: datetime) -> datetime:
    """Move an evening or a weekend to the next working morning."""
    if moment.hour >= 17 or moment.hour < 8:
        moment += timedelta(days=moment.hour >= 17, hours=8 - moment.hour)
    return moment + timedelta(days=max(0, 7 - moment.weekday()) if moment.weekday() > 4 else 0)


# --- the three exports -----------------------------------------------------------------


def staff_rows(dice: Dice) -> tuple[list[str], list[Row]]:
    """Return heads and rows of the staff survey, in order of submission."""
    questions = read_codebook("personal")
    heads = question_heads(questions)
    answers = draw_staff(dice, read_margins(HERE / "published.yaml"))
    rows = [answer_cells(dice, questions, answers, p) for p in range(len(answers["kon"]))]
    codes = dice.shuffled([f"P{number:03d}" for number in range(101, 101 + 146)])
    complete = [
        {"Status": "Besvarad", "Svarskod": c, **r} for c, r in zip(codes, rows, strict=False)
    ]
    spare = iter(codes[len(complete) :])
    begun = [
        {**only_first(complete[p], heads, 4), "Status": "Påbörjad", "Svarskod": next(spare)}
        for p in (11, 35, 62)
    ]
    empty = [{"Status": "Påbörjad", "Svarskod": next(spare)} for _ in range(2)]
    tests = [{**complete[p], "Status": "Test", "Svarskod": f"TEST{p}"} for p in (0, 1)]
    safe = next(q["column"] for q in questions if q["id"] == "trygg_miljo")
    double = {**complete[40], safe: "Vet inte"}
    middle = [*complete[:20], begun[0], *complete[20:33], double, *complete[33:58], empty[0]]
    late = [*complete[58:71], begun[1], *complete[71:], empty[1], begun[2]]
    ordered = [*tests, *middle, *late]
    clock = datetime(2021, 10, 11, 8, 5, 0)  # noqa: DTZ001 (a tool's local time)
    for number, row in enumerate(ordered, start=1):
        clock = office_hours(
            clock + timedelta(minutes=dice.whole(7, 280), seconds=dice.whole(0, 59))
        )
        done = clock + timedelta(minutes=dice.whole(6, 31), seconds=dice.whole(0, 59))
        finished = row["Status"] != "Påbörjad"
        row.update({"Svars-ID": number, "Påbörjad": clock, "Språk": "sv"})
        row["Inskickad"] = done if finished else ""
    meta = ["Svars-ID", "Status", "Påbörjad", "Inskickad", "Språk", "Svarskod"]
    return meta + heads, ordered


def participant_rows(dice: Dice) -> tuple[list[str], list[Row]]:
    """Return heads and rows of the participants' survey, in order of registration."""
    questions = read_codebook("deltagare")
    heads = question_heads(questions)
    answers = draw_participants(dice, read_margins(HERE / "published.yaml"))
    rows = [answer_cells(dice, questions, answers, p) for p in range(len(answers["kon"]))]
    paper = dice.shuffled([str(number) for number in range(2001, 2061)])
    complete = [
        {"Status": "Besvarad", "Enkätnummer": n, **r} for n, r in zip(paper, rows, strict=False)
    ]
    spare = iter(paper[len(complete) :])
    begun = [
        {**only_first(complete[p], heads, 2), "Status": "Ofullständig", "Enkätnummer": next(spare)}
        for p in (8, 21)
    ]
    empty = {"Status": "Ofullständig", "Enkätnummer": next(spare)}
    test = {**complete[3], "Status": "Test", "Enkätnummer": "0000"}
    explained = next(q["column"] for q in questions if q["id"] == "forklarat")
    double = {**complete[30], explained: "Vet ej"}
    ordered = [test, *complete[:12], begun[0], *complete[12:25], double, *complete[25:38], empty]
    ordered += [begun[1], *complete[38:]]
    day = datetime(2021, 11, 8, 9, 0, 0)  # noqa: DTZ001 (a tool's local time)
    for number, row in enumerate(ordered, start=1):
        day = office_hours(day + timedelta(hours=dice.whole(1, 12), minutes=dice.whole(0, 59)))
        row.update({"Löpnummer": number, "Registrerad": f"{day:%Y-%m-%d %H:%M}"})
    return ["Löpnummer", "Registrerad", "Status", "Enkätnummer", *heads], ordered


def form_rows(dice: Dice) -> tuple[list[str], list[Row]]:
    """Return heads and rows of the FOV forms, in order of registration."""
    questions = {q["id"]: q for q in read_codebook("fov")}
    people = draw_forms(dice, read_margins(HERE / "published.yaml"))
    items = [item["column"] for item in questions["fragor"]["items"]]
    forms: list[Row] = []
    for number, person in enumerate(people, start=1):
        forms += person_forms(dice, questions, person, f"D{number:04d}")
    forms += stray_forms(dice, forms, items)
    for form in forms:
        form["Registrerat"] = form["Datum"] + timedelta(days=form.pop("delay"))
    forms.sort(key=lambda f: (f["Registrerat"], f["Deltagarkod"], f["Anmärkning"]))
    for number, form in enumerate(forms, start=10001):
        form["Formulär-ID"] = number
        for head in ("Datum", "Registrerat"):
            form[head] = f"{form[head]:%Y-%m-%d}"
    meta = ["Formulär-ID", "Registrerat", "Deltagarkod", "Samordningsförbund", "Frågetillfälle"]
    return [*meta, "Datum", "Kön", *items, "Anmärkning"], forms


def person_forms(
    dice: Dice, questions: dict[str, dict[str, Any]], person: Participant, code: str
) -> list[Row]:
    """Return one row per occasion, some three months apart."""
    names = [o["label"] for o in questions["forbund"]["options"]]
    gender = {o["code"]: o["label"] for o in questions["kon"]["options"]}
    label = {o["code"]: o["label"] for o in questions["fragor"]["options"]}
    items = questions["fragor"]["items"]
    day = datetime(2019, 10, 1) + timedelta(days=dice.whole(0, 620))  # noqa: DTZ001 (a date)
    forms = []
    for occasion, answers in enumerate(person.occasions, start=1):
        stray = " " * (dice.share() < BLANK_SHARE)
        form = {
            "Deltagarkod": code,
            "Samordningsförbund": names[person.association] + stray,
            "Frågetillfälle": occasion,
            "Datum": day,
            "Kön": gender[person.gender],
            "Anmärkning": "Tolk" if dice.share() < 0.03 else "",
            "delay": dice.whole(1, 20),
        }
        for item, answer in zip(items, answers, strict=True):
            form[item["column"]] = label[answer] + " " * (dice.share() < BLANK_SHARE / 2)
        forms.append(form)
        day += timedelta(days=dice.whole(80, 104))
    return forms


def stray_forms(dice: Dice, forms: list[Row], items: list[str]) -> list[Row]:
    """Return the forms that must not count: two doubles, four begun, three tests."""
    first = [f for f in forms if f["Frågetillfälle"] == 1]
    second = [f for f in forms if f["Frågetillfälle"] == 2]
    turned = {"Ja": "Nej", "Nej": "Ja"}
    doubles = []
    for form in (first[417], second[58]):
        form["delay"] += 25  # registered again later, with the mistake mended
        wrong = {items[2]: turned[form[items[2]].strip()], "delay": 1, "Anmärkning": ""}
        doubles.append({**form, **wrong})
    begun = [
        {**{k: v for k, v in first[n].items() if k not in items[2:]}, "Deltagarkod": f"D{9000 + n}"}
        for n in (77, 260, 391, 604)
    ]
    tests = [
        {**form, "Deltagarkod": "TEST", "Anmärkning": "Test"} for form in dice.shuffled(first)[:3]
    ]
    return doubles + begun + tests


# --- files -------------------------------------------------------------------------------


def write_workbook(file: Path, heads: list[str], rows: list[Row]) -> None:
    """Write one sheet as a survey tool does: texts as texts, times as times."""
    import xlsxwriter  # noqa: PLC0415 (only this export needs it)

    with xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as workbook:
        workbook.set_properties({"title": "Svar", "created": datetime(2021, 11, 30)})  # noqa: DTZ001
        sheet = workbook.add_worksheet("Svar")
        sheet.write_row(0, 0, heads, workbook.add_format({"bold": True}))
        for number, row in enumerate(rows, start=1):
            for column, head in enumerate(heads):
                cell = row.get(head, "")
                if cell != "":
                    sheet.write(number, column, cell)


def write_csv(file: Path, heads: list[str], rows: list[Row], encoding: str, separator: str) -> None:
    """Write a CSV with line ends as Windows programs write them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([row.get(head, "") for head in heads] for row in rows)
    file.write_bytes(text.getvalue().encode(encoding))


def main(folder: Path) -> None:
    """Draw the answers and write the three exports."""
    folder.mkdir(parents=True, exist_ok=True)
    write_workbook(folder / "personal.xlsx", *staff_rows(Dice(SEED)))
    write_csv(folder / "deltagare.csv", *participant_rows(Dice(SEED + 1)), "cp1252", ";")
    write_csv(folder / "fov.csv", *form_rows(Dice(SEED + 2)), "utf-8-sig", ",")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "data")
