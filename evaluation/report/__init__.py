"""Chapters and protected tables become one report model."""
