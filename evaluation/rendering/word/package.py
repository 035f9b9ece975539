"""The package of a Word document: an empty one, an agency's template, and the finished file."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TEMPLATES = (
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
    "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
    "application/vnd.ms-word.document.macroEnabled.main+xml",
)
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_RELATIONSHIPS = "application/vnd.openxmlformats-package.relationships+xml"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PARTS = ("styles", "settings", "numbering")
_PACKED = (".png", ".jpg", ".jpeg")
"""What packing would not make smaller."""
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first date that a zip file can hold; every entry gets it."""


class NotAWordFileError(ValueError):
    """The reference document is no Word document or template."""


def open_package(reference: bytes | None) -> Any:
    """Return a python-docx document without content: an agency's own, or an empty one.

    A template (``.dotx``) is opened as the document that it is a template of;
    macros are left out.

    Raises
    ------
    NotAWordFileError
        If the reference is not a Word file.
    """
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError

    try:
        document = Document(BytesIO(_empty() if reference is None else _as_document(reference)))
    except (zipfile.BadZipFile, KeyError, ValueError, PackageNotFoundError) as error:
        raise NotAWordFileError(str(error)) from error
    _drop_old_styles(document.part)
    body = document.element.body
    for child in list(body)[:-1] if body.sectPr is not None else list(body):
        body.remove(child)
    return document


def _drop_old_styles(part: Any) -> None:
    """Leave out the copy of the styles that Word 2010 kept: it would contradict them."""
    for name, held in list(part.rels.items()):
        if held.reltype.endswith("/stylesWithEffects"):
            del part.rels[name]


def save_package(document: Any) -> bytes:
    """Return the document's bytes: entries in a fixed order, without dates."""
    from docx.opc.pkgwriter import PackageWriter

    # As Document.save does, but for the file: python-docx would pack the parts with the
    # time of day, and they would have to be unpacked and packed again.
    package, entries = document.part.package, _Entries()
    for part in package.parts:
        part.before_marshal()
    PackageWriter._write_content_types_stream(entries, package.parts)
    PackageWriter._write_pkg_rels(entries, package.rels)
    PackageWriter._write_parts(entries, package.parts)
    return _zip(entries.held)


class _Entries:
    """Takes the parts of a package in place of python-docx's writer of files."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def write(self, uri: Any, content: bytes) -> None:
        """Keep one part."""
        self.held[str(uri.membername)] = content


def _zip(entries: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
        # The list of content types comes first, as readers expect.
        for name in sorted(entries, key=lambda n: (n != "[Content_Types].xml", n)):
            info = zipfile.ZipInfo(name, _EARLIEST)
            packed = name.endswith(_PACKED)
            info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            info.create_system = 0
            target.writestr(info, entries[name])
    return out.getvalue()


def _as_document(reference: bytes) -> bytes:
    with zipfile.ZipFile(BytesIO(reference)) as source:
        entries = {name: source.read(name) for name in source.namelist()}
    types = entries["[Content_Types].xml"]
    for template in TEMPLATES:
        types = types.replace(template.encode(), DOCUMENT.encode())
    return _zip({**entries, "[Content_Types].xml": types})


def _empty() -> bytes:
    """Return the smallest package that Word opens."""
    overrides = "".join(
        f'<Override PartName="/word/{part}.xml" ContentType="{_WORD}.{part}+xml"/>'
        for part in _PARTS
    )
    types = (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{_RELATIONSHIPS}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{DOCUMENT}"/>{overrides}</Types>'
    )
    main = f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    parts = "".join(
        f'<Relationship Id="rId{i}" Type="{_OFFICE}/{part}" Target="{part}.xml"/>'
        for i, part in enumerate(_PARTS, start=1)
    )
    listed = f'Relationships xmlns="{_PACKAGE}/relationships"'
    texts = {
        "[Content_Types].xml": types,
        "_rels/.rels": f"<{listed}>{main}</Relationships>",
        "word/_rels/document.xml.rels": f"<{listed}>{parts}</Relationships>",
        "word/document.xml": f"<w:document {_W}><w:body><w:sectPr/></w:body></w:document>",
        "word/styles.xml": f"<w:styles {_W}/>",
        "word/settings.xml": f"<w:settings {_W}/>",
        "word/numbering.xml": f"<w:numbering {_W}/>",
    }
    return _zip({name: (_XML + text).encode() for name, text in texts.items()})
