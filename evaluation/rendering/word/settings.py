"""Settings of a Word document: hyphenation, language, present-day layout, footnotes."""

from __future__ import annotations

from evaluation.rendering.word.xml import Element, el, insert_ordered, put, twips

_ORDER = (
    "writeProtection", "view", "zoom", "removePersonalInformation", "removeDateAndTime",
    "embedTrueTypeFonts", "embedSystemFonts", "saveSubsetFonts", "mirrorMargins",
    "attachedTemplate", "linkStyles", "stylePaneFormatFilter", "documentType", "trackRevisions",
    "documentProtection", "defaultTabStop", "autoHyphenation", "consecutiveHyphenLimit",
    "hyphenationZone", "doNotHyphenateCaps", "evenAndOddHeaders", "characterSpacingControl",
    "footnotePr", "endnotePr", "compat", "docVars", "rsids", "mathPr", "themeFontLang",
    "clrSchemeMapping", "decimalSymbol", "listSeparator",
)  # fmt: skip
"""The order that the schema wants, of the settings that matter here."""


def complete_settings(settings: Element, language: str, *, embeds_fonts: bool) -> None:
    """Add what the report needs and the document lacks; ``settings`` is changed in place.

    Parameters
    ----------
    settings
        Root of the settings part.
    language
        Such as ``sv-SE``.
    embeds_fonts
        Whether the document carries its fonts.
    """
    for name in ("updateFields", "proofState", "savePreviewPicture"):
        for held in settings.findall(el(name).tag):
            settings.remove(held)
    is_english = language.startswith("en")
    wanted = [
        el("autoHyphenation"),
        el("consecutiveHyphenLimit", val=1),
        el("hyphenationZone", val=twips(10)),
        el("doNotHyphenateCaps"),
        el("footnotePr", el("footnote", id=-1), el("footnote", id=0)),
        el("compat", _layout_version()),
        el("themeFontLang", val=language),
        el("decimalSymbol", val="." if is_english else ","),
        el("listSeparator", val="," if is_english else ";"),
    ]
    if embeds_fonts:
        wanted += [el("embedTrueTypeFonts"), el("saveSubsetFonts")]
    for element in wanted:
        held = settings.find(element.tag)
        if held is None:
            insert_ordered(settings, element, _ORDER)
        elif element.tag == el("themeFontLang").tag:
            put(held, "val", language)


def _layout_version() -> Element:
    """Return the setting without which Word shows "compatibility mode"."""
    uri = "http://schemas.microsoft.com/office/word"
    return el("compatSetting", name="compatibilityMode", uri=uri, val=15)
