"""Bounds that keep a hostile or broken file from filling memory or hanging.

Each is far above what a survey tool writes; a file beyond one of them ends in
a problem that names the bound.
"""

from __future__ import annotations

MAX_FILE_BYTES = 2 * 1024**3
"""Largest text file or statistics file that is opened."""

MAX_WORKBOOK_BYTES = 512 * 1024**2
"""Largest packed workbook; a sheet of a million rows stays under 200 MB."""

MAX_UNPACKED_BYTES = 2 * 1024**3
"""Largest sum of the unpacked parts of a workbook."""

MAX_PACKING_RATIO = 100
"""Unpacked to packed size of a workbook; ordinary ones stay under 60, zip bombs reach 1 000."""

RATIO_FROM_BYTES = 64 * 1024**2
"""A small part may be packed any number of times: no memory is at risk."""

MAX_PARTS = 4096
"""Largest number of files in a workbook's zip archive."""

MAX_COLUMNS = 16_384
"""Largest number of columns, as in Excel (column XFD)."""

MAX_ROWS = 1_048_576
"""Largest number of rows of a workbook's sheet, as in Excel."""

MAX_CELLS = 50_000_000
"""Largest rectangle (rows × columns) that a workbook sheet may span."""

LARGE_TEXT_BYTES = 24 * 1024**2
"""Above this a text file is parsed by pyarrow, whose import then pays off."""
