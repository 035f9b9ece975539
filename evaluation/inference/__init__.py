"""Intervals, tests, weights and models; pure functions on arrays."""
