"""The pieces of a Word document: styles, fields, notes, tables, the package."""
