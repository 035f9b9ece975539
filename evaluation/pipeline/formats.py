"""The formats that a report can be written in."""

from __future__ import annotations

DEFAULT_FORMATS = ("html", "pdf", "docx", "xlsx", "csv", "json")
FORMATS = (*DEFAULT_FORMATS, "px", "ddi", "csvw")
"""Everything that ``--to`` takes; the last three are made when asked for."""
PAGE_FORMATS = ("html", "pdf", "docx")
"""What units' reports and comparisons are laid out in."""
PIECE_FORMATS = (*PAGE_FORMATS, "csv", "json")
"""Everything that ``--to`` takes for units' reports and comparisons."""
