"""Pieces that models make up, and the files that they are written to."""
