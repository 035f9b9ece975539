"""Reading exports, codebooks and study folders from disk."""
