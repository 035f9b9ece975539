"""Codebooks and study files: what they may say, and reading them with every problem found."""
