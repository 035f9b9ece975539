"""Charts as pictures of dots, for formats that hold no SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

PPI = 220.0
"""Dots per inch: sharp in print, small in the file."""
WIDTH = 154.0
"""Width of a chart on paper, in mm."""


def svg_to_png(svg: str, fonts: Iterable[Path], ppi: float = PPI, *, width: float = WIDTH) -> bytes:
    """Draw an SVG as PNG; the same input gives the same bytes.

    Parameters
    ----------
    svg
        The picture.
    fonts
        Folders with the font files that it names; no other fonts are used.
    ppi
        Dots per inch at the width on paper.
    width
        On paper, in mm.
    """
    return svgs_to_png([svg], fonts, ppi, width=width)[0]


def svgs_to_png(
    svgs: Sequence[str], fonts: Iterable[Path], ppi: float = PPI, *, width: float = WIDTH
) -> list[bytes]:
    """Draw several SVGs at once, see `svg_to_png`."""
    if not svgs:
        return []
    import typst

    # The pictures travel as inputs, so that nothing is written to disk.
    pages = "#pagebreak()".join(
        f'#image(bytes(sys.inputs.at("{i}")), format: "svg", width: {width}mm)'
        for i in range(len(svgs))
    )
    source = f"#set page(width: auto, height: auto, margin: 0pt, fill: white)\n{pages}"
    drawn = typst.compile(
        source.encode(),
        format="png",
        ppi=ppi,
        font_paths=typst.Fonts(
            include_system_fonts=False, font_paths=[str(folder) for folder in fonts]
        ),
        sys_inputs={str(i): svg for i, svg in enumerate(svgs)},
    )
    return list(drawn) if isinstance(drawn, list) else [drawn]
