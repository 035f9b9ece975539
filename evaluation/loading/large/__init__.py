"""Exports that do not fit into memory, read part by part.

A file is parsed once; what it says waits in an unnamed temporary file. A tool
looks at a sketch of it: the rows at the top, and every row with an answer not
met before. The answers are then cut out of each part as they are of a whole
sheet, so that the result is that of ``read_export``.
"""
