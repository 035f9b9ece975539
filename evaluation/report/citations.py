"""How works are cited in running text and written in the list of references.

Author and year as Swedish public bodies write them ("(Socialstyrelsen 2014)",
"Andersson och Berg (2019)"), or numbers in square brackets.
"""

from __future__ import annotations

from collections import Counter
from string import ascii_lowercase
from typing import TYPE_CHECKING

from evaluation.report.model import Emphasis, Link, Text
from evaluation.tables.request import local
from evaluation.texts import alphabetical

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evaluation.codebook.apparatus import Source
    from evaluation.report.model import Inline
    from evaluation.texts import Texts

ENDS = (".", "?", "!", "\u2026")


def author_names(source: Source, texts: Texts) -> str:
    """Return who wrote a work, as in running text; the title where nobody is named."""
    language = texts.language
    if source.short is not None:
        return local(source.short, language)
    names = [author.partition(",")[0].strip() for author in source.author]
    if not names:
        return local(source.title, language)
    if len(names) > 2:
        return texts.get("apparatus.more", first=names[0])
    return f" {texts.get('and')} ".join(names)


def years(sources: Iterable[Source], texts: Texts) -> dict[str, str]:
    """Return the year of each work by key; "2014a" and "2014b" where they would be alike."""
    ordered = in_order(sources, texts)
    unknown = texts.get("apparatus.no_year")
    # A law or a form has neither author nor year, and needs none.
    plain = {s.id: s.year or (unknown if s.author else "") for s in ordered}
    alike = Counter((author_names(s, texts), plain[s.id]) for s in ordered)
    used: Counter[tuple[str, str]] = Counter()
    found = {}
    for source in ordered:
        key = (author_names(source, texts), plain[source.id])
        letter = ascii_lowercase[used[key] % 26] if alike[key] > 1 else ""
        used[key] += 1
        found[source.id] = plain[source.id] + letter
    return found


def in_order(sources: Iterable[Source], texts: Texts) -> list[Source]:
    """Return works as an alphabetical list has them: by authors, then year, then title."""
    language = texts.language

    def key(source: Source) -> tuple[str, str, str]:
        title = local(source.title, language)
        return (
            alphabetical("; ".join(source.author) or title),
            source.year or "",
            alphabetical(title),
        )

    return sorted(sources, key=key)


def entry(source: Source, year: str, texts: Texts) -> tuple[Inline, ...]:
    """Write a work for the list of references; ``year`` is "" in a numbered list."""
    parts = [*_head(source, year, texts), *_container(source, texts), *_imprint(source, texts)]
    if not year and source.year:
        parts.append([Text(source.year)])
    parts += _address(source, texts)
    if source.note is not None:
        parts.append([Text(local(source.note, texts.language))])
    return _sentences(parts)


def _head(source: Source, year: str, texts: Texts) -> list[list[Inline]]:
    title = local(source.title, texts.language)
    shown: list[Inline] = [Text(title)] if source.container is not None else _stressed(title)
    dated = f" ({year})" if year else ""
    if not source.author:
        return [[*shown, *([Text(dated)] if dated else [])]]
    return [[Text(_listed(source.author, texts) + dated)], shown]


def _container(source: Source, texts: Texts) -> list[list[Inline]]:
    """Journal with volume and issue, or book with its editors; and pages."""
    pages = _pages(source, texts)
    if source.container is None:
        return [[Text(pages)]] if pages else []
    parts: list[Inline] = []
    if source.editor:
        editors = texts.get("apparatus.editors", names=_listed(source.editor, texts))
        parts.append(Text(f"{texts.get('apparatus.in')} {editors}, "))
    parts += _stressed(local(source.container, texts.language))
    issue = f"({source.issue})" if source.issue else ""
    if source.volume or issue:
        parts.append(Text(f", {source.volume or ''}{issue}"))
    if pages:
        parts.append(Text(f", {pages}"))
    return [parts]


def _imprint(source: Source, texts: Texts) -> list[list[Inline]]:
    language = texts.language
    place, publisher = local(source.place, language), local(source.publisher, language)
    held = [
        local(source.edition, language),
        local(source.series, language),
        ": ".join(part for part in (place, publisher) if part),
        f"ISBN {source.isbn}" if source.isbn else "",
    ]
    return [[Text(part)] for part in held if part]


def _address(source: Source, texts: Texts) -> list[list[Inline]]:
    address = f"https://doi.org/{source.doi}" if source.doi else source.url
    if not address:
        return []
    # An address is longer than a column; it may be broken after a solidus.
    parts: list[Inline] = [Link(address, (Text(address),))]
    if source.accessed:
        parts.append(Text(f" ({texts.get('apparatus.accessed', date=source.accessed)})"))
    return [parts]


def _pages(source: Source, texts: Texts) -> str:
    if not source.pages:
        return ""
    return texts.get("apparatus.pages", pages=source.pages.replace("-", "\u2013"))


def _listed(names: Sequence[str], texts: Texts) -> str:
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} {texts.get('and')} {names[-1]}"


def _stressed(text: str) -> list[Inline]:
    return [Emphasis((Text(text),))]


def _sentences(parts: Sequence[Sequence[Inline]]) -> tuple[Inline, ...]:
    """Join parts, each closed by a full stop unless it ends like a sentence."""
    joined: list[Inline] = []
    for i, part in enumerate(parts):
        joined += part
        last = part[-1]
        is_address = isinstance(last, Link)
        ended = _plain(last).endswith(ENDS) and not is_address
        is_end = i == len(parts) - 1
        # A full stop after an address would be read as a part of it.
        stop = "" if ended or (is_address and is_end) else "."
        joined.append(Text(stop + ("" if is_end else " ")))
    return tuple(item for item in joined if not isinstance(item, Text) or item.text)


def _plain(item: Inline) -> str:
    if isinstance(item, Text):
        return item.text
    return "".join(_plain(child) for child in getattr(item, "children", ()))


def labels(sources: Mapping[str, Source], texts: Texts) -> dict[str, str]:
    """Return what stands for each work in running text: "Socialstyrelsen 2014"."""
    dated = years(sources.values(), texts)
    return {
        key: f"{author_names(source, texts)} {dated[key]}".strip()
        for key, source in sources.items()
    }
