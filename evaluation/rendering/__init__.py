"""Files out of the report model: HTML, PDF, Word, spreadsheets, data."""
