"""Data of sequence classification: series of frames, each with a class, out of packages and files."""
