"""Generator of survey data, and the timings that docs/performance.md shows."""
