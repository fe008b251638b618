"""A run on disk and what it says: written, read back, summarised and compared."""
