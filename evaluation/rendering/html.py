"""The report as one HTML file that needs no network and no script.

Templates and style sheet come from the theme's ``html/`` folder. A static
picture, its figures as a table and all text are in the page; the script only
adds to it (interactive charts, copying a table, the place in the contents).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from evaluation.places import templates_root
from evaluation.rendering import html_views as views
from evaluation.rendering.charts.plotly_figure import chart_plotly
from evaluation.rendering.charts.svg import chart_svg, number_format
from evaluation.rendering.clean import clean, safe_address
from evaluation.rendering.palette import dark_colours, page_colours
from evaluation.report.model import ChartBlock, Emphasis, Report, ReportMeta

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from jinja2 import Environment

    from evaluation.rendering.theme import Theme
    from evaluation.report.model import Picker, TableBlock
    from evaluation.texts import NumberFormat

WIDE, NARROW = 660, 340
"""Widths of the two pictures of each chart: for a page, and for a telephone."""
PLOTLY = "vendor/plotly/plotly-basic.min.js"
"""Under the folder of templates; npm ``plotly.js-basic-dist-min``, unmodified."""

_ITALIC = "italic"
_SCRIPT_WORDS = (
    "copied",
    "not_copied",
    "copy_by_hand",
    "not_drawn",
    "decimal_sign",
    "thousands_sign",
)
"""Words that the script needs."""


@dataclass(frozen=True, slots=True)
class FontFace:
    """A font file set into the page."""

    family: str
    weight: int
    style: str
    data: str
    """WOFF2, base64."""


def render_html(report: Report, theme: Theme) -> bytes:
    """Write a report as one self-contained HTML file.

    Parameters
    ----------
    report
        Its ``words`` must hold the keys of ``templates/texts/*/html.yaml``.
    theme
        Its folders' ``html/page.html.j2`` is the page.

    Returns
    -------
    bytes
        UTF-8. The same report and theme give the same bytes.

    Raises
    ------
    jinja2.UndefinedError
        If a template names something that does not exist.
    KeyError
        If ``report.words`` lacks a word.
    """
    environment = _environment(theme)
    charts = tuple(b for b in views.walk(report.blocks) if isinstance(b, ChartBlock))
    script = _file(theme.file("html/page.js"))
    picking = _file(theme.file("html/picker.js")) if report.picker else ""
    plotly = _file(templates_root() / PLOTLY) if charts else ""
    page = environment.get_template("page.html.j2").render(
        **_context(report, theme),
        style=_file(theme.file("html/style.css")),
        script=script,
        plotly=plotly,
        picking=picking,
        script_hashes=[_hash(text) for text in (script, plotly, picking) if text],
        fonts=_fonts(report, theme),
    )
    return (page.strip() + "\n").encode()


FRAGMENT = (
    "{% from 'table.html.j2' import table, table_notes with context %}"
    "{{ table(block, block.id) }}{{ table_notes(block, block.id) }}"
)


def render_table(block: TableBlock, words: Mapping[str, str], theme: Theme) -> str:
    """Write one table with its notes as a piece of HTML, for a page or a notebook.

    Parameters
    ----------
    block
        The table.
    words
        The product's own words, as in `Report.words`.
    theme
        Whose templates are used; no style is included.
    """
    shown = replace(block, id=block.id or "table")
    meta = ReportMeta(title=block.caption, publisher="", language="", year=0)
    context = _context(Report(meta, (shown,), words=dict(words)), theme)
    template = _environment(theme).from_string(FRAGMENT)
    return template.render({**context, "block": shown}).strip() + "\n"


def date_in_words(date: str, words: Mapping[str, str]) -> str:
    """Write an ISO date out, such as "29 april 2022"; other texts stay as they are."""
    match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", date)
    if not match:
        return date
    year, month, day = (int(part) for part in match.groups())
    months = words["months"].split()
    return words["date"].format(day=day, month=months[month - 1], year=year)


def _environment(theme: Theme) -> Environment:
    """Return the environment of a theme; compiled templates serve every report of a run."""
    return _environment_of(tuple(folder / "html" for folder in theme.folders))


@lru_cache(maxsize=8)
def _environment_of(folders: tuple[Path, ...]) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from evaluation.rendering.bytecode import TemplateBytecode

    environment = Environment(
        loader=FileSystemLoader(folders),
        bytecode_cache=TemplateBytecode(),
        # Always: select_autoescape does not recognise the ending .html.j2.
        autoescape=True,
        undefined=StrictUndefined,
        # What is no character of HTML is dropped wherever it comes from.
        finalize=lambda value: clean(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["kind"] = lambda thing, name: type(thing).__name__ == name
    environment.filters["css_string"] = _css_string
    return environment


def _context(report: Report, theme: Theme) -> dict[str, Any]:
    """Return the names that templates may use."""
    words = report.words
    numbers = number_format(words)
    withheld = frozenset({words["withheld_sign"]})
    depth = views.contents_depth(report.blocks)
    return {
        "report": report,
        "script_words": _json({name: words[name] for name in _SCRIPT_WORDS}),
        "page_counter": _page_counter(words["page_of"]),
        "meta": report.meta,
        "words": words,
        "theme": theme,
        "light": page_colours(theme),
        "dark": dark_colours(theme),
        "logo": _logo(theme),
        "date": date_in_words(report.meta.date, words),
        "chapters": views.chapters(report.blocks),
        "contents": views.contents(report.blocks, depth),
        "notes": views.NoteMarks({note.number: note for note in report.footnotes}),
        "anchors": views.anchors(report.blocks),
        "safe_address": safe_address,
        "table_view": lambda block: _table_view(block, withheld),
        "picture": _picture(theme, numbers),
        "figure_json": _figure(theme, numbers),
        "picker_json": lambda picker: _json(_picker_data(picker, words)),
    }


def _table_view(block: TableBlock, withheld: frozenset[str]) -> views.TableView:
    return views.table_view(block, withheld)


def _picture(theme: Theme, numbers: NumberFormat) -> Callable[[ChartBlock, bool], Any]:
    """Return the function by which templates draw a chart, wide or narrow."""
    from markupsafe import Markup

    def draw(chart: ChartBlock, narrow: bool) -> Any:
        width, ids = (NARROW, "narrow-") if narrow else (WIDE, "wide-")
        # The SVG writer escapes every text itself.
        return Markup(chart_svg(chart, theme, width=width, ids=ids, numbers=numbers))  # noqa: S704

    return draw


def _figure(theme: Theme, numbers: NumberFormat) -> Callable[[ChartBlock], Any]:
    """Return the function by which templates write a chart's plotly figure as JSON."""

    def write(chart: ChartBlock) -> Any:
        return _json(chart_plotly(chart, theme, numbers=numbers))

    return write


def _picker_data(picker: Picker, words: Mapping[str, str]) -> dict[str, Any]:
    """Return what the script that shows a unit has to know: names and places, no figures."""
    return {
        "units": picker.units,
        "rows": [asdict(row) for row in picker.rows],
        "charts": picker.charts,
        "decimal": words["decimal_sign"],
        "withheld": [words["withheld_sign"], words["withheld"]],
        **{key: picker.words[key] for key in ("caption", "said", "nothing", "note")},
    }


def _json(data: object) -> Any:
    """Write data for a script element; nothing in it can close the element."""
    from markupsafe import Markup

    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S704


def _file(path: Path) -> Any:
    from markupsafe import Markup

    # Files of the product and its themes, not of a study.
    return Markup(path.read_text(encoding="utf-8"))  # noqa: S704


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _fonts(report: Report, theme: Theme) -> tuple[FontFace, ...]:
    """Return the theme's web fonts; the italic only if the report stresses anything."""
    faces = theme.extra.get("web_fonts", ())
    needs_italic = any(_has_emphasis(block) for block in views.walk(report.blocks))
    return tuple(
        FontFace(
            theme.font,
            face["weight"],
            face["style"],
            base64.b64encode(theme.file(face["file"]).read_bytes()).decode(),
        )
        for face in faces
        if needs_italic or face["style"] != _ITALIC
    )


def _has_emphasis(thing: object) -> bool:
    if isinstance(thing, Emphasis):
        return True
    parts = [
        part
        for name in ("children", "paragraphs", "attribution", "entries")
        for part in getattr(thing, name, ())
    ]
    return any(_has_emphasis(part) for part in parts)


def _logo(theme: Theme) -> str:
    """Return the logo as a data address, "" for none."""
    if not theme.logo:
        return ""
    path = theme.file(theme.logo)
    kind = {".svg": "svg+xml", ".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg"}[path.suffix.lower()]
    return f"data:image/{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _page_counter(pattern: str) -> Any:
    """Write "{page} ({pages})" as a CSS content value."""
    from markupsafe import Markup

    parts = re.split(r"\{(pages?)\}", pattern)
    written = [
        f"counter({part})" if place % 2 else _css_string(part)
        for place, part in enumerate(parts)
        if part
    ]
    return Markup(" ".join(written))  # noqa: S704


def _css_string(text: str) -> Any:
    """Write a text as a CSS string that can close neither itself nor the style element."""
    from markupsafe import Markup

    safe = "".join(c if c.isalnum() or c in " .,:|()" else f"\\{ord(c):x} " for c in text)
    return Markup(f'"{safe}"')  # noqa: S704
