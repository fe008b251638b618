"""Text, escapes, paths and atomic files: helpers that import nothing else of bench."""
