"""The only place that wires the rooms together and writes files."""
