"""Fonts embedded in a Word document, so that it looks the same where they are not installed.

Embedded fonts are obfuscated as the standard wants (ECMA-376 part 4, 14.2.1):
the first 32 bytes are combined with a key that stands beside them.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from evaluation.rendering.word.xml import el

if TYPE_CHECKING:
    from evaluation.rendering.theme import Theme

_FONT_TYPE = "application/vnd.openxmlformats-officedocument.obfuscatedFont"
_TABLE_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.fontTable+xml"
_RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_ROLES = ("embedRegular", "embedBold", "embedItalic", "embedBoldItalic")
"""In schema order."""


def obfuscate(font: bytes) -> tuple[str, bytes]:
    """Return the key (a GUID in braces, made from the font's digest) and the hidden font."""
    digest = hashlib.sha256(font).hexdigest().upper()[:32]
    parts = (digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:])
    key = bytes.fromhex(digest)[::-1]
    head = bytes(byte ^ key[i % 16] for i, byte in enumerate(font[:32]))
    return "{" + "-".join(parts) + "}", head + font[32:]


def embed_fonts(main: Any, theme: Theme) -> None:
    """Add the theme's fonts to a document that has no font table yet.

    Parameters
    ----------
    main
        The main part of the document.
    theme
        Family and font files. A semibold face serves as the bold one.
    """
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part, XmlPart
    from docx.oxml.ns import qn

    font = el("font", el("family", val="swiss"), el("pitch", val="variable"), name=theme.font)
    root = el("fonts", font)
    table = XmlPart(PackURI("/word/fontTable.xml"), _TABLE_TYPE, root, main.package)
    main.relate_to(table, f"{_RELATIONSHIP}fontTable")
    files = {font_role(name): name for name in theme.font_files}
    for number, role in enumerate((r for r in _ROLES if r in files), start=1):
        key, hidden = obfuscate(theme.file(files[role]).read_bytes())
        uri = PackURI(f"/word/fonts/font{number}.odttf")
        part = Part(uri, _FONT_TYPE, hidden, main.package)
        face = el(role, fontKey=key)
        face.set(qn("r:id"), table.relate_to(part, f"{_RELATIONSHIP}font"))
        font.append(face)


def font_role(file_name: str) -> str:
    """Return which face a font file holds, by the end of its name: ``-It``, ``-SemiboldIt`` …."""
    face = file_name.rsplit("/", 1)[-1].rsplit(".", 1)[0].lower().rsplit("-", 1)[-1]
    is_italic = face.endswith(("it", "italic", "oblique"))
    return _ROLES[int("bold" in face) + 2 * int(is_italic)]
