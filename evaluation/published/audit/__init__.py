"""What cannot be right in printed tables, found by rule and with no answers at hand."""
