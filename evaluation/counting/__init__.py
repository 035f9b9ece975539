"""Counts of coded answers: all tables of a run in one call."""
