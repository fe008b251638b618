"""Datasets of the tasks other than text classification, made of plain arrays: one file per task."""
