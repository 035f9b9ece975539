"""What the bundled report would cost if this product cost nothing.

A real run is recorded: which modules of others it has loaded at its end, and what
it hands to the libraries that write the files. The floor is a process of its own
that imports those modules and makes those calls again, with none of our code:

- Typst compiles the same folder to the same PDF, and the same charts to PNG;
- pikepdf opens that PDF and saves it with the same options;
- Jinja compiles the chapters and has the page's templates compiled already, as
  bytecode from an earlier run (it does not fill them in);
- XlsxWriter writes the same cells, without their formats;
- python-docx opens the finished Word file and saves it (its parts are not built);
- the texts of CSV, JSON and HTML are encoded and written.

What is in brackets would make the floor higher: it is rather too low than too high.

    python -m benchmarks.floor FOLDER     makes the calls that FOLDER holds
"""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from pathlib import Path

SCRIPT = "floor.json"


def record(study: Path, out: Path, folder: Path) -> None:
    """Keep what a run over ``study`` hands to the libraries; the report itself goes to ``out``.

    Run in a process of its own: it puts recorders in the place of Typst's compiler.
    """
    import typst

    from evaluation.pipeline.load import load_study
    from evaluation.pipeline.report import write_report
    from evaluation.rendering.pdf import font_folders
    from evaluation.rendering.theme import load_theme

    compile_it, calls = typst.compile, []

    def keep(source, **options):  # type: ignore[no-untyped-def]
        number = len(calls)
        said = {**options, "font_paths": fonts}
        if isinstance(source, bytes):
            said |= {"source": source.decode()}
        else:
            shutil.copytree(Path(source).parent, folder / f"typst-{number}")
            said |= {"source": None, "root": str(folder / f"typst-{number}")}
        calls.append(said)
        made = compile_it(source, **options)
        if isinstance(made, bytes) and options.get("format") == "pdf":
            (folder / "plain.pdf").write_bytes(made)
        return made

    loaded, _ = load_study(study)
    if loaded is None:
        raise SystemExit("the study cannot be read")
    theme = load_theme(loaded.folder.study.report.theme, (study / "themes",))
    fonts = font_folders(theme)
    typst.compile = keep
    if write_report(loaded, out).value is None:
        raise SystemExit("the study has a problem that stops")
    cells = _cells(out / "tables.xlsx")
    said = {
        "modules": theirs(),
        "typst": calls,
        "templates": [str(part / "html") for part in theme.folders],
        "chapters": [chapter.text for chapter in loaded.folder.chapters],
        "cells": cells,
        "out": str(out),
    }
    (folder / SCRIPT).write_text(json.dumps(said), encoding="utf-8")


def theirs() -> list[str]:
    """Return the names of the loaded modules that are not ours, in order of loading."""
    ours = {"evaluation", "benchmarks", "__main__"}
    return [n for n, m in sys.modules.items() if n.partition(".")[0] not in ours and m is not None]


def _cells(workbook: Path) -> list[tuple[str, list[list[object]]]]:
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(str(workbook))
    sheets = [(name, book.get_sheet_by_name(name).to_python()) for name in book.sheet_names]
    return [(name, [[_plain(cell) for cell in row] for row in rows]) for name, rows in sheets]


def _plain(cell: object) -> object:
    return cell if isinstance(cell, (int, float, str)) else str(cell)


def bare(folder: Path) -> None:
    """Make the calls, and write the files under ``folder``."""
    said = json.loads((folder / SCRIPT).read_text(encoding="utf-8"))
    for name in said["modules"]:
        try:
            importlib.import_module(name)
        except Exception:  # noqa: S112 (a part that is only there inside another)
            continue
    done = folder / "floor"
    done.mkdir(exist_ok=True)
    out = Path(said["out"])
    for call in said["typst"]:
        _typst(call)
    (done / "report.pdf").write_bytes(_pikepdf(folder / "plain.pdf"))
    _jinja(said["templates"], said["chapters"], done)
    _docx(out / "report.docx", done / "report.docx")
    _xlsx(said["cells"], done / "tables.xlsx")
    for name in ("report.html", "tables.csv", "tables.json", "problems.csv"):
        (done / name).write_bytes((out / name).read_bytes().decode().encode())


def _typst(call: dict[str, object]) -> None:
    import typst

    options = dict(call)
    source, fonts = options.pop("source"), options.pop("font_paths")
    options["font_paths"] = typst.Fonts(include_system_fonts=False, font_paths=fonts)
    if source is None:
        typst.compile(str(Path(str(call["root"])) / "report.typ"), **options)
    else:
        typst.compile(str(source).encode(), **options)


def _pikepdf(plain: Path) -> bytes:
    from io import BytesIO

    import pikepdf

    out = BytesIO()
    with pikepdf.open(plain) as document:
        document.save(
            out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate
        )
    return out.getvalue()


def _jinja(folders: list[str], chapters: list[str], kept: Path) -> None:
    from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader
    from jinja2.sandbox import SandboxedEnvironment

    page = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        bytecode_cache=FileSystemBytecodeCache(str(kept)),
    )
    page.tests["kind"] = page.filters["css_string"] = lambda *_: True
    for name in page.list_templates(extensions=["j2"]):
        page.get_template(name)
    sandbox = SandboxedEnvironment(autoescape=True)
    for chapter in chapters:
        sandbox.from_string(chapter)


def _docx(source: Path, target: Path) -> None:
    import docx

    docx.Document(str(source)).save(str(target))


def _xlsx(sheets: list[tuple[str, list[list[object]]]], target: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(target) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for y, row in enumerate(rows):
                for x, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(y, x, cell)
                    else:
                        sheet.write_number(y, x, cell)


if __name__ == "__main__":
    if sys.argv[1] == "--record":
        record(*map(Path, sys.argv[2:5]))
    else:
        bare(Path(sys.argv[1]))
